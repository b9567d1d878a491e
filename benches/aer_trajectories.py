"""Aer's time for the circuit and noise of `noise/examples/trajectories.rs`, and Ardea's from Python.

    python benches/aer_trajectories.py [SHOTS] [THREADS] [QUBITS] [METHOD]

Needs qiskit and qiskit-aer. METHOD is Aer's "statevector" (trajectories) or "density_matrix", or "ardea", which
runs the same circuit by Ardea's trajectories.
"""

import sys
import time

import numpy as np
import qiskit_aer.noise as noise
from qiskit import QuantumCircuit
from qiskit.quantum_info import average_gate_fidelity
from qiskit_aer import AerSimulator

# The figures of ardea_device's shapes, `Target::line`.
T1, T2 = 292e-6, 353e-6
GATES = {"sx": (1, 1.45e-4, 32e-9), "cz": (2, 1.27e-3, 68e-9)}
READOUT = 5.1e-3


def brickwork(qubits: int, gates: int) -> QuantumCircuit:
    circuit = QuantumCircuit(qubits, qubits)
    layer = 0
    while circuit.size() < gates:
        for qubit in range(qubits):
            circuit.rz(0.1 * (qubit + 1) + 0.01 * layer, qubit)
            circuit.sx(qubit)
        for qubit in range(layer % 2, qubits - 1, 2):
            circuit.cz(qubit, qubit + 1)
        layer += 1
    circuit.measure(range(qubits), range(qubits))
    return circuit


def model() -> noise.NoiseModel:
    out = noise.NoiseModel()
    for name, (width, error, duration) in GATES.items():
        relaxation = noise.thermal_relaxation_error(T1, T2, duration)
        if width == 2:
            relaxation = relaxation.expand(relaxation)
        fidelity, dimension = average_gate_fidelity(relaxation), 2**width
        strength = dimension * (error - (1 - fidelity)) / (dimension * fidelity - 1)
        depolarizing = noise.depolarizing_error(max(strength, 0.0), width)
        out.add_all_qubit_quantum_error(depolarizing.compose(relaxation), name)
    confusion = np.array([[1 - READOUT, READOUT], [READOUT, 1 - READOUT]])
    out.add_all_qubit_readout_error(noise.ReadoutError(confusion))
    return out


def by_ardea(circuit: QuantumCircuit, shots: int, threads: int) -> None:
    import ardea

    # Gate errors and misreading only, as in `model`.
    model = ardea.NoiseModel.from_target(
        f"line:{circuit.num_qubits}", idle_relaxation=False, zz=None, quasi_static=None, flicker=None,
        charge_parity=None,
    )
    source = ardea.Circuit.from_qiskit(circuit)
    start = time.perf_counter()
    ardea.run(source, shots=shots, noise=model, seed=0, method="trajectories", threads=threads)
    seconds = time.perf_counter() - start
    qubits = circuit.num_qubits
    print(f"Ardea trajectories: {circuit.size() - qubits} gates, {qubits} qubits, {shots} shots on {threads} threads: "
          f"{seconds:.2f} s")


def main() -> None:
    numbers = [int(text) for text in sys.argv[1:4]]
    shots, threads, qubits = (numbers + [1000, 2, 20][len(numbers):])[:3]
    method = sys.argv[4] if len(sys.argv) > 4 else "statevector"
    circuit = brickwork(qubits, 1000)
    if method == "ardea":
        return by_ardea(circuit, shots, threads)
    simulator = AerSimulator(
        method=method, noise_model=model(), max_parallel_threads=threads, seed_simulator=0,
    )
    start = time.perf_counter()
    result = simulator.run(circuit, shots=shots).result()
    seconds = time.perf_counter() - start
    gates = circuit.size() - qubits
    print(f"Aer {method}: {gates} gates, {qubits} qubits, {shots} shots on {threads} threads: {seconds:.2f} s")
    if not result.success:
        raise SystemExit(result.status)


if __name__ == "__main__":
    main()
