"""OpenQASM against Qiskit's readers and writers."""

import numpy as np
import pytest

import ardea
from circuits import random_circuit, to_qiskit_by_hand

qiskit = pytest.importorskip("qiskit")

from qiskit import qasm2, qasm3  # noqa: E402
from qiskit.quantum_info import Operator  # noqa: E402


def equal_up_to_phase(a, b):
    a, b = np.asarray(a), np.asarray(b)
    return abs(abs(np.vdot(a, b)) / len(a) - 1) < 1e-9


def test_qiskit_reads_our_openqasm_2():
    for seed in range(30):
        circuit = random_circuit(seed, 1 + seed % 5, 15)
        for strict in (False, True):
            text = circuit.to_qasm2(strict=strict)
            theirs = qasm2.loads(text, custom_instructions=() if strict else qasm2.LEGACY_CUSTOM_INSTRUCTIONS)
            assert equal_up_to_phase(Operator(theirs), circuit.to_matrix()), (seed, strict)


def test_we_read_qiskits_openqasm_2():
    for seed in range(30):
        circuit = random_circuit(seed, 1 + seed % 5, 15)
        ours = ardea.Circuit.from_qasm(qasm2.dumps(to_qiskit_by_hand(circuit)))
        assert equal_up_to_phase(ours.to_matrix(), circuit.to_matrix()), seed


def test_qiskit_reads_our_openqasm_3():
    pytest.importorskip("qiskit_qasm3_import")
    for seed in range(12):
        circuit = random_circuit(seed, 1 + seed % 5, 12)
        theirs = qasm3.loads(circuit.to_qasm3())
        assert np.allclose(Operator(theirs), circuit.to_matrix(), atol=1e-9), seed


def test_we_read_qiskits_openqasm_3():
    for seed in range(30):
        circuit = random_circuit(seed, 1 + seed % 5, 15)
        theirs = to_qiskit_by_hand(circuit)
        ours = ardea.Circuit.from_qasm(qasm3.dumps(theirs))
        # Qiskit writes neither the global phase of the circuit nor those of its gates' definitions.
        assert equal_up_to_phase(ours.to_matrix(), circuit.to_matrix()), seed


def test_our_own_round_trips_are_exact():
    for seed in range(30):
        circuit = random_circuit(seed, 1 + seed % 5, 15)
        assert ardea.Circuit.from_qasm(circuit.to_qasm3()) == circuit, seed
        again = ardea.Circuit.from_qasm(circuit.to_qasm2())
        again.global_phase = circuit.global_phase
        assert again == circuit, seed


def test_control_flow_reaches_qiskit_through_openqasm_3():
    pytest.importorskip("qiskit_qasm3_import")
    flip = ardea.Circuit(1, 1).x(0)
    circuit = ardea.Circuit(2, 1).h(0).measure(0, 0).if_test((0, 1), flip, [1], false_body=ardea.Circuit(1, 1).h(0))
    theirs = qasm3.loads(circuit.to_qasm3())
    assert theirs.count_ops() == {"h": 1, "measure": 1, "if_else": 1}
    assert ardea.Circuit.from_qasm(qasm3.dumps(theirs)).count_ops() == circuit.count_ops()


def test_compiled_circuits_are_read_by_qiskit_with_hardware_qubits():
    pytest.importorskip("qiskit_qasm3_import")
    circuit = ardea.Circuit(3, 3).h(0).cx(0, 1).cx(1, 2).measure(range(3), range(3))
    compiled = ardea.compile(circuit, "boston", level=1).circuit
    theirs = qasm3.loads(compiled.to_qasm3(hardware_qubits=True, global_phase=False))
    assert theirs.num_qubits == 156
    assert {k: v for k, v in theirs.count_ops().items() if k != "barrier"} == compiled.count_ops()
