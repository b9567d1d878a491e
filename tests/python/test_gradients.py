"""Gradients, sweeps, subsets of qubits, states in files and checkpoints."""

import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import ardea

RNG = np.random.default_rng(7)


def ansatz(qubits: int, layers: int, shared: bool = False) -> ardea.Circuit:
    circuit = ardea.Circuit(qubits)
    for layer in range(layers):
        for qubit in range(qubits):
            name = f"{layer}" if shared else f"{layer}_{qubit}"
            circuit.ry(ardea.Parameter(f"y{name}") * (1 + 0.5 * qubit), qubit)
            circuit.crx(2 * ardea.Parameter(f"x{name}") + 0.1, qubit, (qubit + 1) % qubits)
            circuit.u(ardea.Parameter(f"a{name}"), ardea.Parameter(f"b{name}"), 0.3, qubit)
    return circuit


def ising(qubits: int) -> ardea.PauliSum:
    bonds = [("ZZ", [i, i + 1], 1.0) for i in range(qubits - 1)]
    return ardea.PauliSum.from_sparse(bonds + [("Y", [i], 0.7) for i in range(qubits)], qubits)


@pytest.mark.parametrize("shared", [False, True])
def test_gradients_are_those_of_finite_differences(shared: bool) -> None:
    circuit, operator = ansatz(4, 2, shared), ising(4)
    values = RNG.uniform(-2, 2, len(circuit.parameters))
    value, slopes = ardea.gradient(circuit, operator, values)

    def at(shifted: np.ndarray) -> float:
        return ardea.statevector(circuit.bind(shifted)).expectation(operator)

    assert math.isclose(value, at(values), abs_tol=1e-12)
    for i in range(len(values)):
        step = np.zeros(len(values))
        step[i] = 1e-5
        assert math.isclose(slopes[i], (at(values + step) - at(values - step)) / 2e-5, abs_tol=1e-8)
    named = dict(zip(circuit.parameters, values))
    again, same = ardea.gradient(circuit, operator, named)
    assert (again, list(same)) == (value, list(slopes))
    single, near = ardea.gradient(circuit, operator, values, precision="single")
    assert np.allclose(near, slopes, atol=1e-4)


def test_gradients_refuse_what_has_none() -> None:
    circuit = ansatz(2, 1)
    count = len(circuit.parameters)
    with pytest.raises(ardea.SimulationError, match="Hermitian"):
        ardea.gradient(circuit, ardea.PauliSum.from_list([("ZZ", 1j)]), [0.1] * count)
    with pytest.raises(ValueError, match="column"):
        ardea.gradient(circuit, ising(2), [0.1])
    with pytest.raises(ValueError, match="nobody"):
        ardea.gradient(circuit, ising(2), {**{p.name: 0.1 for p in circuit.parameters}, "nobody": 1.0})


def test_sweeps_agree_with_single_runs() -> None:
    circuit, operator = ansatz(5, 1), ising(5)
    rows = RNG.uniform(-2, 2, (6, len(circuit.parameters)))
    rows[0] = 0.0
    values = ardea.sweep(circuit, rows, operator=operator)
    states = ardea.sweep(circuit, rows)
    both = ardea.sweep(circuit, rows, operator=[operator, ising(4)])
    assert values.shape == (6,) and states.shape == (6, 32) and both.shape == (6, 2)
    assert list(both[:, 0]) == list(values)
    for row, value, state in zip(rows, values, states):
        bound = ardea.statevector(circuit.bind(row))
        assert np.allclose(state, bound, atol=1e-12)
        assert math.isclose(value, bound.expectation(operator), abs_tol=1e-12)
        assert ardea.sweep(circuit, [row], operator=operator)[0] == value
        assert ardea.sweep(circuit, [row], operator=operator, threads=1)[0] == value


def test_sweeps_count_like_single_runs() -> None:
    circuit = ansatz(3, 1)
    circuit.add_creg("c", 3)
    circuit.measure([0, 1, 2], [0, 1, 2])
    rows = RNG.uniform(-2, 2, (3, len(circuit.parameters)))
    for i, counts in enumerate(ardea.sweep(circuit, rows, shots=2000, seed=11)):
        assert counts == ardea.run(circuit.bind(rows[i]), shots=2000, seed=11 + i)
        assert counts.marginal_of_register(circuit, "c") == dict(counts)


def test_subsets_agree_with_qiskit() -> None:
    information = pytest.importorskip("qiskit.quantum_info")
    circuit = ansatz(5, 2)
    state = ardea.statevector(circuit.bind(RNG.uniform(-2, 2, len(circuit.parameters))))
    theirs = information.Statevector(np.asarray(state))
    for qubits in [[0], [3, 1], [2, 4, 0], [1, 2, 3, 4]]:
        others = [q for q in range(5) if q not in qubits]
        expected = information.partial_trace(theirs, others)  # its qubits are the kept ones in ascending order
        order = [qubits.index(qubit) for qubit in sorted(qubits)]
        moved = [sum((i >> k & 1) << place for k, place in enumerate(order)) for i in range(2 ** len(qubits))]
        found = state.reduced_density_matrix(qubits)
        assert np.allclose(found[np.ix_(moved, moved)], expected.data, atol=1e-12)
        assert math.isclose(state.purity(qubits), expected.purity().real, abs_tol=1e-12)
        assert math.isclose(state.entropy(qubits), information.entropy(expected, 2), abs_tol=1e-9)
    operator = ising(5)
    values = theirs.expectation_value(operator.to_qiskit())
    squares = theirs.expectation_value((operator.to_qiskit() @ operator.to_qiskit()).simplify())
    assert math.isclose(state.variance(operator), (squares - values**2).real, abs_tol=1e-10)


@pytest.mark.parametrize(("precision", "dtype"), [("double", np.complex128), ("single", np.complex64)])
def test_states_go_to_numpy_files_and_back(tmp_path: Path, precision: str, dtype: type) -> None:
    circuit = ardea.Circuit(5).h(0).ry(0.3, 1).cx(0, 4)  # qubits 2 and 3 stay idle
    state = ardea.statevector(circuit, precision=precision)
    path = tmp_path / "state.npy"
    state.save(path)
    array = np.load(path)
    assert array.dtype == dtype and np.array_equal(array, np.asarray(state))
    np.save(path, array)
    again = ardea.StateVector.load(path, precision=precision)
    assert np.array_equal(np.asarray(again), array)
    run = ardea.statevector(ardea.Circuit(5).cx(0, 4).h(0), initial_state=ardea.StateVector.load(path))
    assert np.allclose(run.probabilities([0, 4]), [1, 0, 0, 0], atol=1e-6)
    np.save(path, np.eye(4))
    with pytest.raises(ardea.SimulationError, match="'<f8'"):
        ardea.StateVector.load(path)
    with pytest.raises(ardea.SimulationError, match="could not read"):
        ardea.StateVector.load(tmp_path / "nothing.npy")


LONG_RUN = """
import sys, ardea
circuit = ardea.Circuit(20, 20)
for layer in range(40):
    for qubit in range(20):
        circuit.ry(0.3 + 0.1 * layer * qubit, qubit).rz(0.2 * qubit, qubit)
    for qubit in range(20):
        circuit.cx(qubit, (qubit + 7) % 20)
circuit.measure(range(20), range(20))
counts = ardea.run(circuit, shots=1000, seed=1, checkpoint=sys.argv[1] or None, checkpoint_every=0.0)
print(sorted(counts.items()))
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed")
def test_a_killed_run_goes_on_to_the_same_counts(tmp_path: Path) -> None:
    path = tmp_path / "run.state"
    command = [sys.executable, "-c", LONG_RUN]
    expected = subprocess.run([*command, ""], capture_output=True, text=True, check=True).stdout
    first = subprocess.Popen([*command, str(path)], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not path.exists() and first.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    assert path.exists()
    found = subprocess.run([*command, str(path)], capture_output=True, text=True, check=True).stdout
    assert found == expected
    assert not path.exists()
