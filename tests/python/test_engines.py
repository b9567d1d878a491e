"""The engines by name and automatically, against Qiskit's and Aer's stabilizer simulators and the state vector."""

from __future__ import annotations

import ardea
import numpy as np
import pytest

METHODS = ["automatic", "statevector", "stabilizer", "sector", "free_fermion"]


def random_clifford(rng: np.random.Generator, qubits: int, gates: int) -> ardea.Circuit:
    circuit = ardea.Circuit(qubits, qubits)
    for _ in range(gates):
        a, b = (int(q) for q in rng.choice(qubits, 2, replace=False))
        kind = int(rng.integers(7))
        if kind == 0:
            circuit.h(a)
        elif kind == 1:
            circuit.rz(np.pi / 2 * int(rng.integers(-5, 6)), a)
        elif kind == 2:
            circuit.cx(a, b)
        elif kind == 3:
            circuit.cp(np.pi, a, b)
        elif kind == 4:
            circuit.rxx(np.pi / 2 * int(rng.integers(-3, 4)), a, b)
        elif kind == 5:
            circuit.sx(a)
        else:
            circuit.iswap(a, b)
    return circuit


def test_expectations_agree_with_qiskits_stabilizer_state() -> None:
    info = pytest.importorskip("qiskit.quantum_info")
    rng = np.random.default_rng(3)
    for _ in range(20):
        circuit = random_clifford(rng, 5, 40)
        clifford = info.StabilizerState(info.Clifford.from_operator(info.Operator(circuit.to_qiskit())))
        for _ in range(30):
            label = "".join(rng.choice(list("IXYZ"), 5))
            operator = ardea.PauliSum.from_list([(label, 1.0)])
            expected = clifford.expectation_value(info.Pauli(label))
            for method in ["stabilizer", "statevector", "automatic"]:
                assert ardea.expectation(circuit, operator, method=method) == pytest.approx(expected.real, abs=1e-12)


def test_counts_agree_with_aers_stabilizer_method() -> None:
    aer = pytest.importorskip("qiskit_aer")
    info = pytest.importorskip("qiskit.quantum_info")
    rng = np.random.default_rng(4)
    shots = 20_000
    for _ in range(5):
        circuit = random_clifford(rng, 5, 40)
        plain = info.Clifford.from_operator(info.Operator(circuit.to_qiskit())).to_circuit()
        plain.measure_all()
        simulator = aer.AerSimulator(method="stabilizer", seed_simulator=1)
        theirs = simulator.run(plain, shots=shots).result().get_counts()
        circuit.measure(list(range(5)), list(range(5)))
        ours = ardea.run(circuit, shots, seed=5, method="stabilizer")
        assert ours.method == "stabilizer"
        assert set(ours) == set(theirs)
        expected = shots / len(ours)  # outcomes of a stabilizer state are equally likely
        spread = sum((times - expected) ** 2 / expected for times in ours.values())
        assert spread < len(ours) + 6 * np.sqrt(2 * len(ours)) + 10


def test_a_thousand_qubits_run_automatically() -> None:
    n = 1000
    circuit = ardea.Circuit(n, n).h(0)
    for q in range(1, n):
        circuit.cx(q - 1, q)
    circuit.measure(list(range(n)), list(range(n)))
    counts = ardea.run(circuit, 100, seed=1)
    assert counts.method == "stabilizer"
    assert counts.reason is not None and "Clifford" in counts.reason
    assert set(counts) == {"0" * n, "1" * n}


def hops(qubits: int, layers: int, *, coupled: bool) -> ardea.Circuit:
    circuit = ardea.Circuit(qubits, qubits)
    for q in range(0, qubits, 2):
        circuit.x(q)
    for layer in range(layers):
        for q in range(layer % 2, qubits - 1, 2):
            circuit.rxx(0.4, q, q + 1).ryy(0.4, q, q + 1)
        if coupled:
            for q in range(qubits - 1):
                circuit.cp(0.3, q, q + 1)
    return circuit


@pytest.mark.parametrize(("method", "coupled"), [("sector", True), ("sector", False), ("free_fermion", False)])
def test_engines_agree_with_the_state_vector(method: str, coupled: bool) -> None:
    circuit = hops(6, 6, coupled=coupled)
    rng = np.random.default_rng(5)
    for _ in range(40):
        label = "".join(rng.choice(list("IXYZ"), 6))
        operator = ardea.PauliSum.from_list([(label, 0.7)])
        expected = ardea.statevector(circuit).expectation(operator)
        assert ardea.expectation(circuit, operator, method=method) == pytest.approx(expected, abs=1e-11)
    measured = circuit.copy().measure(list(range(6)), list(range(6)))
    counts = ardea.run(measured, 20_000, seed=2, method=method)
    assert counts.method == method
    exact = np.abs(np.asarray(ardea.statevector(circuit))) ** 2
    found = np.zeros(64)
    for text, times in counts.items():
        found[int(text, 2)] = times
    likely = exact > 1e-9
    assert found[~likely].sum() == 0
    spread = ((found - 20_000 * exact)[likely] ** 2 / (20_000 * exact[likely])).sum()
    assert spread < likely.sum() + 6 * np.sqrt(2 * likely.sum())


def test_refusals_name_the_instruction() -> None:
    circuit = ardea.Circuit(3, 3).h(0).t(0).cx(0, 1).ccx(0, 1, 2).measure(0, 0)
    for method, place in [("stabilizer", "instruction 1 (t)"), ("sector", "instruction 0 (h)"),
                          ("free_fermion", "instruction 0 (h)")]:
        with pytest.raises(ardea.SimulationError, match=place.replace("(", r"\(").replace(")", r"\)")):
            ardea.run(circuit, 10, method=method)
    with pytest.raises(ValueError, match="no method 'best'.*'stabilizer'"):
        ardea.run(circuit, 10, method="best")


def test_counts_keep_method_and_reason_when_pickled() -> None:
    import pickle

    counts = ardea.run(ardea.Circuit(1, 1).h(0).measure(0, 0), 10, seed=1)
    assert counts.method == "statevector" and counts.reason is None
    assert pickle.loads(pickle.dumps(counts)).method == "statevector"
