"""Execution in one call: twirled circuits are Qiskit's same operators, inversion undoes known errors, results improve."""

from __future__ import annotations

import json

import ardea
import numpy as np
import pytest


def ghz(qubits: int) -> ardea.Circuit:
    out = ardea.Circuit(qubits, qubits).h(0)
    for qubit in range(1, qubits):
        out.cx(qubit - 1, qubit)
    return out.measure(list(range(qubits)), list(range(qubits)))


def random_native(seed: int, qubits: int) -> ardea.Circuit:
    rng = np.random.default_rng(seed)
    out = ardea.Circuit(qubits)
    for _ in range(25):
        kind, qubit = rng.integers(4), int(rng.integers(qubits))
        if kind == 0:
            out.sx(qubit)
        elif kind == 1:
            out.rz(float(rng.uniform(-3, 3)), qubit)
        elif kind == 2:
            out.x(qubit)
        else:
            low = int(rng.integers(qubits - 1))
            out.cz(low, low + 1)
    return out


def test_twirled_and_folded_circuits_are_the_same_operator_in_qiskit():
    info = pytest.importorskip("qiskit.quantum_info")
    for seed in range(5):
        circuit = random_native(seed, 4)
        expected = info.Operator(circuit.to_qiskit())
        versions = ardea.twirl(circuit, "line:4", 4, seed=seed)
        assert len({version.to_qasm2() for version, _ in versions}) == 4
        for version, inverted in versions:
            assert inverted == []
            found = info.Operator(version.to_qiskit())
            assert np.abs(found.data - expected.data).max() < 1e-10
        for method in ["gates", "global"]:
            folded, scale = ardea.fold(circuit, "line:4", 2.5, method=method)
            assert folded.two_qubit_count() == pytest.approx(scale * circuit.two_qubit_count())
            assert np.abs(info.Operator(folded.to_qiskit()).data - expected.data).max() < 1e-9


def test_inversion_undoes_a_known_product_of_confusion_matrices():
    rng = np.random.default_rng(3)
    bits = 4
    errors = [(float(a), float(b)) for a, b in rng.uniform(0.0, 0.15, size=(bits, 2))]
    matrix = np.eye(1)
    for a, b in errors:  # bit 0 is the least significant
        matrix = np.kron(np.array([[1 - a, b], [a, 1 - b]]), matrix)
    truth = rng.dirichlet(np.ones(1 << bits))
    observed = matrix @ truth
    counts = {format(k, f"0{bits}b"): round(p * 1e14) for k, p in enumerate(observed)}
    quasi = ardea.mitigate_readout(counts, errors)
    for k, p in enumerate(truth):
        assert quasi[format(k, f"0{bits}b")] == pytest.approx(p, abs=1e-7)
    few = ardea.mitigate_readout({"00": 90, "01": 6, "11": 4}, [(0.1, 0.1), (0.02, 0.02)])
    assert min(few.values()) < 0 and sum(few.values()) == pytest.approx(1)
    nearest = ardea.mitigate_readout({"00": 90, "01": 6, "11": 4}, [(0.1, 0.1), (0.02, 0.02)], nearest=True)
    assert min(nearest.values()) > 0 and sum(nearest.values()) == pytest.approx(1)
    with pytest.raises(ValueError, match="half of the time"):
        ardea.mitigate_readout({"0": 1}, [(0.6, 0.1)])


def test_extrapolation_agrees_with_numpy():
    points = [(1.0, 0.8, 0.01), (2.0, 0.65, 0.01), (3.0, 0.52, 0.02), (5.0, 0.3, 0.02)]
    scales, values, errors = np.array(points).T
    for method, degree in [("linear", 1), ("quadratic", 2)]:
        fit, covariance = np.polyfit(scales, values, degree, w=1 / errors, cov="unscaled")
        value, error = ardea.extrapolate(points, method)
        assert value == pytest.approx(fit[-1]) and error == pytest.approx(np.sqrt(covariance[-1, -1]))
    with pytest.raises(ValueError):
        ardea.extrapolate(points[:1], "linear")
    with pytest.raises(ValueError, match="curve"):
        ardea.extrapolate(points, "cubic")


def test_the_automatic_chain_beats_none_and_is_reproducible():
    target = "boston"
    ends = {}
    for suppress in ["none", "auto"]:
        result = ardea.execute(ghz(6), target, shots=2000, suppress=suppress, seed=5)
        ends[suppress] = result.probabilities.get("000000", 0) + result.probabilities.get("111111", 0)
        assert result.counts.shots == 2000
    assert ends["auto"] > ends["none"]
    first, second = (ardea.execute(ghz(4), target, shots=500, seed=2, threads=n) for n in [1, 2])
    assert first.counts == second.counts and first.quasi == second.quasi
    stages = first.report["programs"][0]["stages"]
    assert [stage["stage"] for stage in stages][-2:] == ["readout", "zero-noise"]


def test_observables_are_estimated_in_any_basis():
    circuit = ardea.Circuit(2).ry(0.8, 0).cx(0, 1)
    observables = [ardea.PauliSum.from_list([("ZZ", 1.0)]), ardea.PauliSum.from_list([("XX", 1.0), ("IZ", 2.0)])]
    result = ardea.execute(circuit, "line:2", shots=8000, seed=1, observables=observables,
                           suppress={"zne": "exponential", "scales": [1, 3, 5]})
    assert result.counts is None
    for found, exact in zip(result.expectations, [1.0, np.sin(0.8) + 2 * np.cos(0.8)]):
        assert abs(found.value - exact) < 0.02 + 4 * found.error
        assert [scale for scale, _, _ in found.by_scale] == [1.0, 3.0, 5.0]
        assert abs(found.raw[0] - exact) > abs(found.value - exact) - 4 * found.error


def test_circuits_go_to_hardware_and_counts_come_back():
    arguments = {"shots": 600, "suppress": "twirl=all,versions=3,readout", "seed": 4}
    experiment = ardea.prepare([ghz(2), ghz(3)], "line:3", **arguments)
    assert any(experiment.inverted_bits) and "twirling" in str(experiment)
    counts = [ardea.run(circuit, shots, seed=1) for circuit, shots in zip(experiment.circuits, experiment.shots)]
    again = ardea.prepare([ghz(2), ghz(3)], "line:3", **arguments)
    results = again.collect(json.loads(json.dumps(counts)))
    assert set(results[0].counts) == {"00", "11"} and set(results[1].counts) == {"000", "111"}
    assert results[1].most_probable() in {"000", "111"}
    with pytest.raises(ValueError, match="as many counts"):
        again.collect(counts[1:])


def test_stages_can_be_named_in_a_dictionary():
    experiment = ardea.prepare(ghz(3), "line:3", shots=100, seed=0,
                               suppress={"dd": None, "twirl": False, "calibration": "target", "readout": "inversion"})
    on = {stage["stage"]: stage["is_on"] for stage in experiment.report["programs"][0]["stages"]}
    assert not on["decoupling"] and not on["twirling"] and on["readout"]
    assert len(experiment.circuits) == 1
    with pytest.raises(ValueError, match="choose among"):
        ardea.prepare(ghz(2), "line:3", suppress={"magic": True})
    with pytest.raises(ValueError, match="observables"):
        ardea.prepare(ghz(2), "line:3", suppress={"zne": True})


def test_details_switch_no_stage_on_and_their_order_means_nothing():
    for suppress in [{"versions": 4, "twirl": "all"}, {"twirl": "all", "versions": 4}]:
        experiment = ardea.prepare(ghz(3), "line:3", shots=100, seed=0, suppress={**suppress, "readout": None})
        assert len(experiment.circuits) == 4
    untouched = ardea.prepare(ghz(3), "line:3", shots=100, seed=0, suppress={"versions": 4})
    stages = {stage["stage"]: stage for stage in untouched.report["programs"][0]["stages"]}
    assert stages["twirling"]["is_automatic"] and not stages["zero-noise"]["is_on"]
    for suppress, message in [
        ({"scales": [1, 2, 3]}, "zne=exponential"),
        ({"calibration": "target"}, "readout=inversion"),
        ({"twirl": False, "versions": 4}, "nothing is twirled"),
        ({"readout": "inversion", "calibration": 0}, "at least 2 shots"),
    ]:
        with pytest.raises(ValueError, match=message):
            ardea.prepare(ghz(2), "line:3", suppress=suppress)


def test_options_without_effect_are_refused():
    compiled = ardea.compile(ghz(2), "line:3").circuit
    for given in [{"level": 2}, {"fractional": True}]:
        with pytest.raises(ValueError, match="compiled=True"):
            ardea.execute(compiled, "line:3", compiled=True, shots=10, **given)
    assert ardea.execute(compiled, "line:3", compiled=True, shots=10, seed=0).counts.shots == 10
    with pytest.raises(ValueError, match="0 draws"):
        ardea.execute(ghz(2), "line:3", shots=10, draws=0)
    for given in [{"aim": "success"}, {"effort": "high"}]:
        with pytest.raises(ValueError, match="levels 2 and 3"):
            ardea.compile(ghz(2), "line:3", level=1, **given)
        assert ardea.compile(ghz(2), "line:3", level=2, **given).report["notes"] == []
