"""The two compilers of the table of layouts, at their ordinary settings, and what their outputs compute."""

from __future__ import annotations

import glob
import os
from typing import Any

import ardea
import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit, qasm2, qasm3
from qiskit.transpiler import generate_preset_pass_manager

import devices
from scoring import log_success

SEEDS = (0, 1, 2)


def load(folder: str, widest: int) -> dict[str, QuantumCircuit]:
    """The circuits of a folder on at most so many qubits, measured at their end; by name."""
    found = {}
    paths = sorted(glob.glob(os.path.join(folder, "*.qasm")))
    if not paths:
        raise SystemExit(f"there are no circuits (*.qasm) in {folder}; name a folder of them with --circuits")
    for path in paths:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if "OPENQASM 3" in text[:4000]:
            circuit = qasm3.loads(text)
        else:
            circuit = qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
        if circuit.num_qubits > widest:
            continue
        if not circuit.count_ops().get("measure"):
            circuit.measure_all()
        found[os.path.basename(path).removesuffix(".qasm")] = circuit
    return found


def by_ardea(circuit: QuantumCircuit, device: str, preserve: str, aim: str) -> QuantumCircuit:
    """What Ardea makes of it, told the device, what must survive and what to choose by."""
    source = ardea.Circuit.from_qiskit(circuit)
    return ardea.compile(source, device, seed=0, preserve=preserve, aim=aim).circuit.to_qiskit()


def by_qiskit(circuit: QuantumCircuit, device: str) -> QuantumCircuit:
    """Qiskit's level 3: of three seeds the one of the best chance."""
    backend = devices.backend(device)
    managers = (generate_preset_pass_manager(3, backend=backend, seed_transpiler=seed) for seed in SEEDS)
    return max((manager.run(circuit) for manager in managers), key=lambda found: log_success(found, backend))


def final_measurements(circuit: QuantumCircuit) -> list[int] | None:
    """The qubit measured into each classical bit; `None` where anything follows a measurement or steers by one."""
    measured: dict[int, int] = {}
    for item in circuit.data:
        qubits = [circuit.find_bit(qubit).index for qubit in item.qubits]
        name = item.operation.name
        if name == "measure":
            measured[circuit.find_bit(item.clbits[0]).index] = qubits[0]
        elif name != "barrier" and (item.clbits or name == "reset" or set(qubits) & set(measured.values())):
            return None
    return [measured[bit] for bit in sorted(measured)]


def distribution(circuit: QuantumCircuit, noise: ardea.NoiseModel | None = None) -> NDArray[np.float64]:
    """The exact distribution of the measured bits, the first least significant, without misreading."""
    places = final_measurements(circuit)
    if noise is None:
        bare = circuit.remove_final_measurements(inplace=False)
        return ardea.statevector(ardea.Circuit.from_qiskit(bare)).probabilities(places)
    matrix = ardea.density_matrix(ardea.Circuit.from_qiskit(circuit), noise=noise, qubits=places, draws=1)
    return np.real(np.diag(matrix)).clip(min=0.0)


def closeness(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Hellinger fidelity of two distributions: 1 for equal ones."""
    return float(np.sqrt(one * other).sum() ** 2)


def active_qubits(circuit: QuantumCircuit) -> int:
    """Number of qubits with a gate."""
    used = {qubit for item in circuit.data if item.operation.name != "barrier" for qubit in item.qubits}
    return len(used)
