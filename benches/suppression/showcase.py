"""The circuits on which products that suppress errors are usually shown, from 5 to 20 qubits."""

from __future__ import annotations

import math
from collections.abc import Callable

from qiskit import QuantumCircuit

from cases import bernstein_vazirani, fourier

# Of a layer of QAOA: the best for cuts of graphs without triangles where each vertex has three edges (Wang, Hadfield,
# Jiang and Rieffel 2018, arXiv:1706.02998).
QAOA_COST = math.atan(1 / math.sqrt(2))
QAOA_MIXER = math.pi / 8
# Of the Ising model: Trotter steps, the angle of each coupling and of each field in a step.
ISING_STEPS = 3
ISING_COUPLING = 0.3
ISING_FIELD = 0.2


def ghz(qubits: int) -> QuantumCircuit:
    """Half of the shots all zeros, half all ones."""
    circuit = QuantumCircuit(qubits, qubits)
    circuit.h(0)
    for qubit in range(qubits - 1):
        circuit.cx(qubit, qubit + 1)
    return read(circuit, qubits)


def phase_estimation(qubits: int) -> QuantumCircuit:
    """The phase of a gate on the last qubit, which the others can write down exactly: a single outcome."""
    digits, eigenstate = qubits - 1, qubits - 1
    # An odd number needs all digits.
    number = (0b1011_0110_1101_1011_0101 >> (20 - digits)) | 1
    circuit = QuantumCircuit(qubits, digits)
    circuit.x(eigenstate)
    circuit.h(range(digits))
    for digit in range(digits):
        circuit.cp(math.tau * number * (1 << digit) / (1 << digits), digit, eigenstate)
    for digit in reversed(range(digits)):
        for higher in range(digits - 1, digit, -1):
            circuit.cp(-math.pi / (1 << (higher - digit)), higher, digit)
        circuit.h(digit)
    return read(circuit, digits)


def qaoa(qubits: int) -> QuantumCircuit:
    """One layer for the largest cut of a ring with chords between opposite vertices."""
    circuit = QuantumCircuit(qubits, qubits)
    circuit.h(range(qubits))
    for vertex in range(qubits):
        circuit.rzz(-QAOA_COST, vertex, (vertex + 1) % qubits)
    for vertex in range(qubits // 2):
        circuit.rzz(-QAOA_COST, vertex, vertex + qubits // 2)
    circuit.rx(2 * QAOA_MIXER, range(qubits))
    return read(circuit, qubits)


def ising(qubits: int) -> QuantumCircuit:
    """Steps of a chain in a transverse field, begun with all spins up."""
    circuit = QuantumCircuit(qubits, qubits)
    for _ in range(ISING_STEPS):
        circuit.rx(ISING_FIELD, range(qubits))
        for start in (0, 1):
            for qubit in range(start, qubits - 1, 2):
                circuit.rzz(ISING_COUPLING, qubit, qubit + 1)
    circuit.rx(ISING_FIELD, range(qubits))
    return read(circuit, qubits)


def read(circuit: QuantumCircuit, bits: int) -> QuantumCircuit:
    circuit.measure(range(bits), range(bits))
    return circuit


KINDS: dict[str, Callable[[int], QuantumCircuit]] = {
    "bv": lambda qubits: bernstein_vazirani(qubits).circuit,
    "qft": lambda qubits: fourier(qubits).circuit,
    "qpe": phase_estimation,
    "qaoa": qaoa,
    "ising": ising,
    "ghz": ghz,
}
# QAOA needs an even number of vertices; its graph has no triangles from 6 on. Beyond 12 qubits the outcomes of QAOA
# and of the Ising model are more than a run has shots, and a histogram of them says little.
SIZES: dict[str, tuple[int, ...]] = {
    "bv": (5, 8, 12, 16, 20),
    "qft": (5, 8, 12, 16, 20),
    "qpe": (5, 8, 12, 16, 20),
    "qaoa": (6, 8, 12),
    "ising": (5, 8, 12),
    "ghz": (5, 8, 12, 16, 20),
}


def showcase() -> dict[str, QuantumCircuit]:
    """All of them by name, narrow ones first."""
    cases = [(qubits, kind) for kind, sizes in SIZES.items() for qubits in sizes]
    return {f"{kind}{qubits}": KINDS[kind](qubits) for qubits, kind in sorted(cases, key=lambda case: case[0])}
