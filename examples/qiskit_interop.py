"""Compiles a Qiskit circuit with Ardea and gives it back to Qiskit, ready for a sampler."""

try:
    from qiskit import QuantumCircuit
    from qiskit.quantum_info import SparsePauliOp
except ImportError:
    raise SystemExit("this example needs Qiskit: pip install './python[qiskit]'")

import ardea

circuit = QuantumCircuit(5)
circuit.h(0)
for qubit in range(4):
    circuit.cx(0, qubit + 1)  # a star: it needs routing
circuit.rz(0.3, 4)

result = ardea.compile(ardea.Circuit.from_qiskit(circuit), "boston", level=3, preserve="state")
compiled = result.circuit.to_qiskit()
print("for the device:", dict(compiled.count_ops()), "at depth", compiled.depth())
print("layout, as Qiskit sees it:", compiled.layout.final_index_layout(filter_ancillas=True))

# Qiskit's way of measuring on a compiled circuit: the operator follows the layout.
operator = SparsePauliOp(["ZZIII", "XXXXX"]).apply_layout(compiled.layout)
ours = ardea.PauliSum.from_qiskit(operator)
print("expectation on the device's qubits:", ardea.statevector(result.circuit).expectation(ours))
