"""Noise: the same channels as Qiskit Aer, the same state; counts, expectation values and refusals."""

from __future__ import annotations

import ardea
import numpy as np
import pytest

MARKOVIAN = {"zz": None, "quasi_static": None, "flicker": None, "charge_parity": None, "idle_relaxation": False}


def circuit(seed: int, qubits: int = 4) -> ardea.Circuit:
    """Random sx, x, rz and cz along a line."""
    rng = np.random.default_rng(seed)
    out = ardea.Circuit(qubits, qubits)
    for _ in range(30):
        kind, qubit = rng.integers(4), int(rng.integers(qubits))
        if kind == 0:
            out.sx(qubit)
        elif kind == 1:
            out.x(qubit)
        elif kind == 2:
            out.rz(float(rng.uniform(-3, 3)), qubit)
        else:
            low = int(rng.integers(qubits - 1))
            out.cz(low, low + 1)
    return out


def aer_model(target: str, qubits: int, gate_error: bool = True):
    """Aer's noise model of a Qiskit target with the same figures, made by Aer itself."""
    noise = pytest.importorskip("qiskit_aer.noise")
    from qiskit.circuit.library import CZGate, RZGate, SXGate, XGate
    from qiskit.circuit import Parameter
    from qiskit.transpiler import InstructionProperties, QubitProperties, Target
    from qiskit_aer.noise.device import basic_device_gate_errors

    given = ardea.Target(target)
    figures = [given.qubit(q) for q in range(qubits)]
    out = Target(
        num_qubits=qubits,
        qubit_properties=[QubitProperties(t1=f["t1"], t2=f["t2"], frequency=5e9) for f in figures],
    )
    for gate, name in [(SXGate(), "sx"), (XGate(), "x"), (RZGate(Parameter("a")), "rz")]:
        found = {(q,): given.instruction(name, [q]) for q in range(qubits)}
        out.add_instruction(gate, {
            on: InstructionProperties(duration=duration, error=error) for on, (error, duration) in found.items()
        })
    pairs = [(q, q + 1) for q in range(qubits - 1)]
    found = {pair: given.instruction("cz", list(pair)) for pair in pairs}
    both = {}
    for (a, b), (error, duration) in found.items():
        properties = InstructionProperties(duration=duration, error=error)
        both[(a, b)] = both[(b, a)] = properties
    out.add_instruction(CZGate(), both)
    model = noise.NoiseModel(basis_gates=["sx", "x", "rz", "cz"])
    for name, on, error in basic_device_gate_errors(target=out, gate_error=gate_error):
        model.add_quantum_error(error, name, on)
    return model


@pytest.mark.parametrize("target", ["line:4", "boston"])
@pytest.mark.parametrize("depolarizing", [True, False])
def test_the_state_is_that_of_aers_device_noise(target, depolarizing):
    model = aer_model(target, 4, depolarizing)
    from qiskit_aer import AerSimulator

    noise = ardea.NoiseModel.from_target(target, depolarizing=depolarizing, **MARKOVIAN)
    simulator = AerSimulator(method="density_matrix", noise_model=model)
    for seed in range(8):
        ours = circuit(seed)
        theirs = ours.to_qiskit()
        theirs.save_density_matrix()
        expected = np.asarray(simulator.run(theirs).result().data()["density_matrix"])
        found = ardea.density_matrix(ours, noise=noise)
        assert np.abs(found - expected).max() < 1e-10
        clean = ardea.density_matrix(ours)
        assert np.abs(found - clean).max() > 1e-4  # there is something to compare


def test_counts_follow_the_density_matrix_on_both_engines():
    noise = ardea.NoiseModel.from_target("line:3", **MARKOVIAN).with_readout(0, 0.1, 0.2)
    ours = ardea.Circuit(3, 1).x(0).measure(0, 0)
    clean = np.real(np.diag(ardea.density_matrix(ours, noise=noise, qubits=[0])))
    expected = clean[1] * 0.8 + clean[0] * 0.1
    for method in ["density_matrix", "trajectories"]:
        counts = ardea.run(ours, 20_000, seed=3, noise=noise, method=method)
        assert counts.method == method
        assert abs(counts["1"] / 20_000 - expected) < 5 * (expected * (1 - expected) / 20_000) ** 0.5
        assert counts == ardea.run(ours, 20_000, seed=3, noise=noise, method=method, threads=1)


def test_expectation_values_have_error_bars():
    noise = ardea.NoiseModel.from_target("line:4")
    operator = ardea.PauliSum.from_list([("ZZII", 1.0), ("IXXI", 0.5)])
    exact, spread = ardea.noisy_expectation(circuit(1), operator, noise, shots=0, seed=1, draws=64)
    value, error = ardea.noisy_expectation(
        circuit(1), operator, noise, shots=4000, seed=1, draws=64, method="trajectories",
    )
    assert error > 0
    assert abs(value - exact) < 5 * (error**2 + spread**2) ** 0.5


def test_channels_of_ones_own_stand_behind_gates():
    kraus = [np.sqrt(0.9) * np.eye(2), np.sqrt(0.1) * np.array([[0, 1], [1, 0]])]
    noise = ardea.NoiseModel.ideal().with_channel("h", kraus)
    found = ardea.density_matrix(ardea.Circuit(1).h(0).h(0), noise=noise)
    assert np.allclose(np.diag(found), [0.9, 0.1])  # the flip after the first h commutes with |+>


def test_paulis_stand_behind_gates_with_their_probabilities():
    noise = ardea.NoiseModel.ideal().with_pauli_channel("cnot", {"IX": 0.1, "XI": 0.2})
    found = ardea.density_matrix(ardea.Circuit(2).cx(0, 1), noise=noise)
    # The rightmost letter is qubit 0's, as everywhere.
    assert np.allclose(np.diag(found), [0.7, 0.1, 0.2, 0.0])
    with pytest.raises(ValueError, match="2 qubits cannot stand behind h on 1"):
        noise.with_pauli_channel("h", {"XX": 0.1})


def test_a_draw_for_each_shot_takes_no_more_stack_than_a_few():
    noise = ardea.NoiseModel.from_target("line:11")
    circuit = ardea.Circuit(11, 11)
    for qubit in range(11):
        circuit.sx(qubit)
    for qubit in range(10):
        circuit.cz(qubit, qubit + 1)
    circuit.measure(range(11), range(11))
    counts = ardea.run(circuit, shots=3000, seed=1, noise=noise, draws=3000)
    assert sum(counts.values()) == 3000


def test_what_cannot_be_done_is_refused_by_name():
    noise = ardea.NoiseModel.from_target("line:2")
    with pytest.raises(ardea.SimulationError, match="no h on qubits"):
        ardea.run(ardea.Circuit(2, 1).h(0).measure(0, 0), noise=noise)
    with pytest.raises(ValueError, match="no noisy method"):
        ardea.run(ardea.Circuit(2, 1).x(0).measure(0, 0), noise=noise, method="statevector")
    with pytest.raises(ardea.SimulationError, match="preserve the trace"):
        noise.with_channel("x", [np.eye(2) * 0.5])
    with pytest.raises(ValueError, match="between 0 and 1"):
        ardea.NoiseModel.from_target("line:2", excited_population=2.0)
