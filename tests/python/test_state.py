"""States: views, questions, memory."""

import gc
import pickle

import numpy as np
import pytest

import ardea
from circuits import random_circuit


def test_the_view_shares_memory_and_keeps_it_alive():
    state = ardea.statevector(random_circuit(1, 6, 30))
    view = state.numpy()
    assert view.dtype == np.complex128 and view.shape == (64,) and view.base is state
    assert np.shares_memory(view, state.numpy()) and np.shares_memory(view, np.asarray(state))
    assert not view.flags.writeable
    with pytest.raises(ValueError):
        view[0] = 1
    with pytest.raises(ValueError):
        view.flags.writeable = True
    copied = view.copy()
    del state
    gc.collect()
    junk = [np.ones(64, complex) for _ in range(100)]
    assert np.array_equal(view, copied) and junk


def test_copies_are_writeable():
    state = ardea.statevector(ardea.Circuit(1))
    array = state.numpy(copy=True)
    array[0] = 5
    assert state.numpy()[0] == 1
    assert np.array(state, dtype=np.complex64).dtype == np.complex64


def test_single_precision_is_complex64():
    state = ardea.StateVector(ardea.Circuit(2).h(0), precision="single")
    assert state.numpy().dtype == np.complex64 and state.precision == "single"
    with pytest.raises(ValueError):
        ardea.statevector(ardea.Circuit(2), precision="half")


def test_idle_qubits_take_no_memory_until_asked():
    circuit = ardea.Circuit(100).h(7).cx(7, 93)
    state = ardea.statevector(circuit)
    assert state.num_qubits == 100 and state.active_qubits == [7, 93]
    assert np.allclose(state.active_amplitudes(), [2**-0.5, 0, 0, 2**-0.5])
    assert state.probabilities([93, 0, 7]) == pytest.approx([0.5, 0, 0, 0, 0, 0.5, 0, 0])
    with pytest.raises(ardea.OutOfMemoryError):
        state.numpy()
    small = ardea.statevector(ardea.Circuit(3).h(1))
    assert np.allclose(small.numpy(), ardea.Circuit(3).h(1).to_matrix()[:, 0])


def test_questions_agree_with_numpy():
    circuit = random_circuit(5, 5, 40)
    state = ardea.statevector(circuit)
    vector = circuit.to_matrix()[:, 0]
    assert np.allclose(state.numpy(), vector, atol=1e-12)
    assert state.norm() == pytest.approx(1, abs=1e-12)
    assert np.allclose(state.probabilities(), abs(vector) ** 2)
    full = (abs(vector) ** 2).reshape([2] * 5)  # axis 0 is qubit 4
    assert np.allclose(state.probabilities([0, 3]), np.einsum("abcde->be", full).reshape(4))
    operator = ardea.PauliSum.from_list([("ZZIII", 1.0), ("IXYZI", -0.5), ("IIIII", 0.25)])
    value = state.expectation(operator)
    assert isinstance(value, float) and value == pytest.approx((vector.conj() @ operator.to_matrix() @ vector).real)
    assert isinstance(state.expectation(1j * operator), complex)
    assert state.amplitude("00011") == state.numpy()[3] == state.amplitude(3)
    assert state.fidelity(state) == pytest.approx(1)
    assert len(state) == 32
    for bad in ("001", 32, -1, "0001x", 1.5):
        with pytest.raises(ValueError):
            state.amplitude(bad)


def test_states_are_made_from_arrays():
    array = np.array([0.6, 0, 0, 0.8j])
    assert np.allclose(ardea.StateVector.from_numpy(array), array)
    for bad in (np.ones(4), np.ones(3) / 3**0.5, [np.nan, 0], [[1, 0]], ["1", "0"]):
        with pytest.raises((ValueError, TypeError, ardea.SimulationError)):
            ardea.StateVector.from_numpy(bad)
    state = ardea.statevector(ardea.Circuit(2).x(0), initial_state=array)
    assert np.allclose(state, [0, 0.6, 0.8j, 0])
    again = pickle.loads(pickle.dumps(state))
    assert np.array_equal(again, state)


def test_samples_follow_the_state_and_the_seed():
    state = ardea.statevector(ardea.Circuit(40).h(3).cx(3, 39))
    counts = state.sample(1000, seed=2)
    assert counts == state.sample(1000, seed=2) and counts.shots == 1000 and counts.seed == 2
    assert set(counts) == {"0" * 40, "1" + "0" * 35 + "1000"}
    assert 400 < counts["0" * 40] < 600


def test_a_million_shots_of_twenty_qubits():
    circuit = ardea.Circuit(20, 20).h(range(20)).measure(range(20), range(20))
    counts = ardea.run(circuit, 1_000_000, seed=1)
    assert counts.shots == 1_000_000 and len(counts) > 500_000


@pytest.mark.parametrize("qubits", [34, 62, 64, 100, 200])
def test_states_that_do_not_fit_are_refused_by_name(qubits):
    # No Clifford circuit, which would run on another engine.
    circuit = ardea.Circuit(qubits, qubits).h(range(qubits)).t(range(qubits))
    for call in (lambda: ardea.statevector(circuit, memory_limit=1 << 34),
                 lambda: ardea.run(circuit.copy().measure(range(qubits), range(qubits)), 1, memory_limit=1 << 34)):
        with pytest.raises(MemoryError, match=f"{qubits} qubits") as caught:
            call()
        assert isinstance(caught.value, ardea.OutOfMemoryError) and "may be used" in str(caught.value)
    assert ardea.run(ardea.Circuit(1, 1).x(0).measure(0, 0), 1) == {"1": 1}


def test_a_memory_limit_is_kept():
    with pytest.raises(ardea.OutOfMemoryError, match="memory cap"):
        ardea.statevector(ardea.Circuit(20).h(range(20)), memory_limit=1 << 20)


def test_states_need_gates_only():
    with pytest.raises(ardea.SimulationError, match="measure"):
        ardea.statevector(ardea.Circuit(1, 1).measure(0, 0))


def test_results_do_not_depend_on_the_number_of_threads():
    circuit = random_circuit(3, 16, 60)
    one, two = (ardea.statevector(circuit, threads=threads).numpy() for threads in (1, 2))
    assert np.array_equal(one, two)
    measured = circuit.copy()
    measured.measure_all()
    assert ardea.run(measured, 5000, seed=9, threads=1) == ardea.run(measured, 5000, seed=9, threads=2)


def test_pauli_sums_have_arithmetic():
    z, x = ardea.PauliSum.from_dict({"IZ": 1.0}), ardea.PauliSum.from_sparse([("X", [0], 2.0)], 2)
    assert np.allclose((z + x).to_matrix(), z.to_matrix() + x.to_matrix())
    assert np.allclose((z @ x).to_matrix(), z.to_matrix() @ x.to_matrix())
    assert (z - z).simplify() == ardea.PauliSum.zero(2) and len(z + x) == 2
    assert (2 * z).terms == [("IZ", 2)] and (-z) == z * -1
    assert z.remap([1, 0], 2) == ardea.PauliSum.from_list([("ZI", 1)])
    for call in (lambda: ardea.PauliSum.from_list([]), lambda: ardea.PauliSum.from_list([("ZQ", 1.0)]),
                 lambda: ardea.PauliSum.from_list([("Z", 1.0), ("ZZ", 1.0)]),
                 lambda: ardea.PauliSum.from_list([("Z", float("nan"))]), lambda: z + ardea.PauliSum.zero(3),
                 lambda: ardea.PauliSum.from_sparse([("ZZ", [1, 1], 1.0)], 2)):
        with pytest.raises(ardea.CircuitError):
            call()


@pytest.mark.parametrize("precision", ["double", "single"])
def test_a_circuit_that_is_simulated_again_gives_the_same_state_until_it_is_edited(precision):
    def amplitudes():
        return ardea.statevector(circuit, precision=precision).numpy(copy=True)

    circuit = ardea.Circuit(5)
    for qubit in range(5):
        circuit.ry(0.3 + qubit, qubit).cp(0.7, qubit, (qubit + 2) % 5).rz(0.2, qubit)
    first = amplitudes()
    for _ in range(8):  # what is kept of the circuit changes on the way
        assert np.allclose(amplitudes(), first, atol=1e-6)
    copy = circuit.copy()
    circuit.x(4)
    assert np.allclose(amplitudes(), np.roll(first, 16), atol=1e-6)
    assert np.allclose(ardea.statevector(copy, precision=precision).numpy(), first, atol=1e-6)


def test_a_bound_circuit_does_not_keep_what_it_was():
    angle = ardea.Parameter("angle")
    circuit = ardea.Circuit(1).ry(angle, 0)
    circuit.assign_parameters({angle: 0.5}, inplace=True)
    for _ in range(6):
        assert abs(ardea.statevector(circuit).amplitude(1) - np.sin(0.25)) < 1e-15
