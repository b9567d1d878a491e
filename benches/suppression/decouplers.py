"""One compiled circuit, its idle time filled in several ways. Layout and gates are the same; only pulses differ."""

from __future__ import annotations

import copy
import math
from typing import Any

import ardea
from qiskit import QuantumCircuit
from qiskit.circuit.library import XGate, YGate
from qiskit.transpiler import InstructionProperties, PassManager
from qiskit.transpiler.passes import (
    ALAPScheduleAnalysis,
    ContextAwareDynamicalDecoupling,
    PadDelay,
    PadDynamicalDecoupling,
)

import devices

METHODS = ("none", "XY4", "context-aware", "staggered")
# The same pulses, but instructions start where waits cost least; the others all start as late as possible.
SCHEDULED = "least loss"


def fill(device: str, circuit: Any) -> dict[str, ardea.Circuit]:
    """The compiled circuit with its idle time filled by each method."""
    source = ardea.Circuit.from_qiskit(circuit)
    # With `counts` the compiler would see through circuits whose outcome is certain.
    options: dict[str, Any] = {"seed": 0, "preserve": "unitary"}
    bare = ardea.compile(source, device, **options).circuit.to_qiskit()
    staggered = ardea.compile(source, device, dd="staggered", **options).circuit
    filled = {
        "none": by_qiskit(bare, none(device)),
        "XY4": by_qiskit(bare, xy4(device)),
        "context-aware": by_qiskit(bare, context_aware(device)),
        "staggered": staggered,
        SCHEDULED: ardea.compile(source, device, dd="staggered", schedule="least-loss", **options).circuit,
    }
    expected = two_qubit_gates(filled["none"])
    for method, other in filled.items():
        if two_qubit_gates(other) != expected:
            raise RuntimeError(f"{method} changed the gates of the circuit on {device}")
    return filled


def none(device: str) -> PassManager:
    target = devices.backend(device).target
    return PassManager([ALAPScheduleAnalysis(target=target), PadDelay(target=target)])


def xy4(device: str) -> PassManager:
    target = with_y(device)
    sequence = [XGate(), YGate(), XGate(), YGate()]
    return PassManager([
        ALAPScheduleAnalysis(target=target), PadDynamicalDecoupling(target=target, dd_sequence=sequence),
    ])


def context_aware(device: str) -> PassManager:
    target = devices.backend(device).target
    return PassManager([ALAPScheduleAnalysis(target=target), ContextAwareDynamicalDecoupling(target=target)])


def with_y(device: str) -> Any:
    """The target with a y gate as long as its x, which is what IBM's guide to decoupling does."""
    target = copy.deepcopy(devices.backend(device).target)
    target.add_instruction(YGate(), {
        place: InstructionProperties(duration=found.duration, error=found.error)
        for place, found in target["x"].items()
    })
    return target


def by_qiskit(circuit: QuantumCircuit, passes: PassManager) -> ardea.Circuit:
    """Fills the circuit by Qiskit's passes and writes y as the device's x and rz."""
    filled = passes.run(single_register(circuit))
    out = QuantumCircuit(*filled.qregs, *filled.cregs)
    for item in filled.data:
        if item.operation.name == "y":
            out.rz(math.pi, item.qubits)
            out.x(item.qubits)
        else:
            out.append(item.operation, item.qubits, item.clbits)
    return ardea.Circuit.from_qiskit(out)


def single_register(circuit: QuantumCircuit) -> QuantumCircuit:
    """The circuit on one register called q, as Qiskit's passes want it."""
    out = QuantumCircuit(circuit.num_qubits, circuit.num_clbits)
    for item in circuit.data:
        qubits = [circuit.find_bit(bit).index for bit in item.qubits]
        clbits = [circuit.find_bit(bit).index for bit in item.clbits]
        out.append(item.operation, qubits, clbits)
    return out


def two_qubit_gates(circuit: ardea.Circuit) -> list[tuple[str, tuple[int, ...]]]:
    """The gates on two qubits, ordered so that those that could stand in either order compare equal."""
    return sorted(
        (item.name, tuple(sorted(item.qubits))) for item in circuit.instructions
        if len(item.qubits) == 2 and item.name != "barrier"
    )
