"""Circuits that wait much and whose outcome is certain without noise, so that the infidelity is 1 - P(outcome)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qiskit import QuantumCircuit

# Seconds that the qubits of a ladder wait altogether.
LADDER_WAIT = 10e-6
# Seconds of a cz of the Ramsey experiment's neighbours, with what a device needs between two.
ABOUT_A_CZ = 70e-9


@dataclass(frozen=True)
class Case:
    """A circuit and the outcome that it has without noise."""

    name: str
    circuit: Any
    outcome: str


def measured(name: str, circuit: QuantumCircuit, outcome: str) -> Case:
    """The case of a circuit that is measured at its end on qubits 0 to `len(outcome) - 1`."""
    out = QuantumCircuit(circuit.num_qubits, len(outcome))
    out.compose(circuit, inplace=True)
    out.measure(range(len(outcome)), range(len(outcome)))
    return Case(name, out, outcome)


def ghz_ladder(qubits: int) -> Case:
    """A GHZ state built rung by rung, a wait on each rung for the qubits already in it, and the way back."""
    ladder = QuantumCircuit(qubits)
    ladder.h(0)
    for qubit in range(qubits - 1):
        ladder.cx(qubit, qubit + 1)
        for waiting in range(qubit + 2):
            ladder.delay(LADDER_WAIT / qubits, waiting, unit="s")
        ladder.barrier()
    back = QuantumCircuit(qubits)
    for qubit in reversed(range(qubits - 1)):
        back.cx(qubit, qubit + 1)
    back.h(0)
    return measured(f"GHZ ladder {qubits}", ladder.compose(back), "0" * qubits)


def fourier(qubits: int) -> Case:
    """The inverse Fourier transform of a state of phases: a number in binary."""
    number = 0b1011_0010_1101_0110 & ((1 << qubits) - 1)
    circuit = QuantumCircuit(qubits)
    for qubit in range(qubits):
        circuit.h(qubit)
        circuit.p(math.tau * number * (1 << qubit) / (1 << qubits), qubit)
    circuit.barrier()
    # Qubit k holds the phase of 2^k; the last qubit's phase is the number's lowest bit alone.
    for qubit in reversed(range(qubits)):
        for higher in range(qubits - 1, qubit, -1):
            circuit.cp(-math.pi / (1 << (higher - qubit)), higher, qubit)
        circuit.h(qubit)
    # Qubit k now holds bit (qubits - 1 - k).
    return measured(f"QFT {qubits}", circuit, format(number, f"0{qubits}b")[::-1])


def bernstein_vazirani(qubits: int) -> Case:
    """The hidden string of ones on all but the last qubit, which is the oracle's."""
    circuit = QuantumCircuit(qubits)
    oracle = qubits - 1
    circuit.x(oracle)
    circuit.h(range(qubits))
    circuit.barrier()
    for qubit in range(oracle):
        circuit.cx(qubit, oracle)
    circuit.barrier()
    circuit.h(range(oracle))
    return measured(f"BV {qubits}", circuit, "1" * oracle)


def ramsey_pair(wait: float) -> Case:
    """Two coupled qubits in superposition that wait beside a pair that runs cz all the time; only they are measured."""
    circuit = QuantumCircuit(4)
    rounds = 2 * round(wait / 2 / ABOUT_A_CZ)
    circuit.sx([0, 1, 2, 3])
    circuit.barrier()
    for qubit in (0, 1):
        circuit.delay(wait, qubit, unit="s")
    for _ in range(rounds):
        circuit.cz(2, 3)
        circuit.barrier(2, 3)
    circuit.barrier()
    circuit.sxdg([0, 1, 2, 3])
    return measured(f"Ramsey pair {1e6 * wait:g} us", circuit, "00")


CASES: dict[str, Callable[[], Case]] = {
    "ramsey10": lambda: ramsey_pair(10e-6),
    "ramsey40": lambda: ramsey_pair(40e-6),
    "ghz6": lambda: ghz_ladder(6),
    "ghz10": lambda: ghz_ladder(10),
    "qft12": lambda: fourier(12),
    "bv8": lambda: bernstein_vazirani(8),
    "bv12": lambda: bernstein_vazirani(12),
    "bv16": lambda: bernstein_vazirani(16),
    "bv20": lambda: bernstein_vazirani(20),
}
