"""What crosses the boundary: types, values, errors."""

import copy
import math
import pickle

import numpy as np
import pytest

import ardea


def bell():
    return ardea.Circuit(2, 2).h(0).cx(0, 1).measure([0, 1], [0, 1])


def test_methods_chain_and_broadcast():
    circuit = ardea.Circuit(4).h(range(4)).cx([0, 2], [1, 3]).rz(0.5, np.int64(2))
    assert circuit.count_ops() == {"h": 4, "cx": 2, "rz": 1}
    assert [i.qubits for i in circuit.instructions][4:6] == [[0, 1], [2, 3]]
    assert (len(circuit), circuit.depth(), circuit.two_qubit_depth(), circuit.two_qubit_count()) == (7, 3, 1, 2)


def test_a_broadcast_that_fails_changes_nothing():
    circuit = ardea.Circuit(2)
    with pytest.raises(ardea.CircuitError, match="out of range"):
        circuit.h([0, 1, 2])
    with pytest.raises(ardea.CircuitError):
        circuit.cx([0, 1], [1])
    assert len(circuit) == 0


@pytest.mark.parametrize("call, error", [
    (lambda c: c.h(2), ardea.CircuitError),
    (lambda c: c.h(-1), ValueError),
    (lambda c: c.h("0"), (TypeError, ValueError)),
    (lambda c: c.h(0.5), TypeError),
    (lambda c: c.cx(0, 0), ardea.CircuitError),
    (lambda c: c.rx(math.nan, 0), ardea.CircuitError),
    (lambda c: c.rx(math.inf, 0), ardea.CircuitError),
    (lambda c: c.rx("1", 0), TypeError),
    (lambda c: c.rx(1j, 0), TypeError),
    (lambda c: c.measure(0, 0), ardea.CircuitError),
    (lambda c: c.delay(-1.0, 0), ardea.CircuitError),
    (lambda c: c.delay(1.0, 0, "weeks"), ValueError),
    (lambda c: c.gate("nogate", [], [0]), ValueError),
    (lambda c: c.append("h", [0]), TypeError),
    (lambda c: c.control(2, state=[True]), ardea.CircuitError),
    (lambda c: c.mcx([0], 1, state=[True, False]), ardea.CircuitError),
    (lambda c: c.compose(ardea.Circuit(3)), ardea.CircuitError),
    (lambda c: c.repeat(10**15) and c.h(0).repeat(10**15), ardea.CircuitError),
    (lambda c: c.if_test((0, 1), ardea.Circuit(1), [0]), ardea.CircuitError),
    (lambda c: c.if_test(("c", 1), ardea.Circuit(1), [0]), ValueError),
    (lambda c: c.switch(0, [], [0]), ValueError),
])
def test_bad_arguments_are_refused(call, error):
    with pytest.raises(error):
        call(ardea.Circuit(2))


@pytest.mark.parametrize("matrix, error", [
    (np.eye(3), ardea.CircuitError),
    (np.ones((2, 2)), ardea.CircuitError),
    (np.array([[1, np.nan], [0, 1]]), ValueError),
    (np.eye(2)[0], ValueError),
    (np.array([["a", "b"], ["c", "d"]]), TypeError),
    (np.eye(2, dtype=object), TypeError),
    (np.eye(2) * (1 + 1e-6), ardea.CircuitError),
])
def test_matrices_are_validated(matrix, error):
    with pytest.raises(error):
        ardea.Circuit(2).unitary(matrix, [0])


def test_matrices_of_any_order_and_type_are_accepted():
    rng = np.random.default_rng(1)
    unitary, _ = np.linalg.qr(rng.normal(size=(8, 8)) + 1j * rng.normal(size=(8, 8)))
    wide = np.zeros((16, 16), complex)
    wide[::2, ::2] = unitary
    for array in (unitary, np.asfortranarray(unitary), wide[::2, ::2], unitary.tolist()):
        assert np.allclose(ardea.Circuit(3).unitary(array, [0, 1, 2]).to_matrix(), unitary, atol=1e-14)
    assert np.allclose(ardea.Circuit(1).unitary(np.array([[0, 1], [1, 0]], np.int8), 0).to_matrix(), [[0, 1], [1, 0]])


def test_qubit_zero_is_the_least_significant_bit():
    assert ardea.Circuit(2).x(0).to_matrix()[1, 0] == 1
    assert ardea.run(ardea.Circuit(3, 3).x(0).measure(range(3), range(3)), 10) == {"001": 10}


def test_registers_are_separated_in_counts():
    circuit = ardea.Circuit()
    qubits = circuit.add_qreg("q", 3)
    first, second = circuit.add_creg("a", 1), circuit.add_creg("b", 2)
    circuit.x(0).x(2).measure(qubits, first + second)
    counts = ardea.run(circuit, 5)
    assert counts == {"10 1": 5}
    assert counts.marginal([2, 0]) == {"11": 5}
    assert circuit.cregs == [("a", 0, 1), ("b", 1, 2)]


def test_counts_know_their_shots():
    counts = ardea.run(bell(), 1000, seed=3, memory=True)
    assert set(counts) == {"00", "11"} and counts.shots == 1000 and counts.seed == 3
    assert len(counts.memory) == 1000 and counts.memory.count("00") == counts["00"]
    assert counts.expectation_z([0, 1]) == 1.0
    assert pickle.loads(pickle.dumps(counts)) == counts
    assert ardea.run(bell(), 1000).seed is not None


def test_parameters_have_arithmetic_and_are_bound_later():
    a, b = ardea.Parameter("a"), ardea.Parameter("b")
    angle = 2 * a + b.sin() / 3 - 0.1
    assert angle == a + a + b.sin() / 3 - 0.1 and hash(a) == hash(1 * a)
    assert a - a == 0 and isinstance(a - a, float)
    assert angle.bind({a: 0.5, "b": 1.0}) == pytest.approx(1 + math.sin(1.0) / 3 - 0.1)
    assert -(2 - a) / 4 == a / 4 - 0.5
    assert (a ** 2).bind({a: 3}) == 9 and abs(a).bind({a: -3}) == 3 and a.sqrt().bind({a: 4}) == 2
    circuit = ardea.Circuit(1).rz(angle, 0).rx(b, 0)
    assert circuit.parameters == [a, b]
    assert circuit.bind([0.5, 1.0]) == circuit.bind({"a": 0.5, b: 1.0})
    half = circuit.bind({a: b})
    assert half.parameters == [b]
    assert circuit.assign_parameters([1, 2], inplace=True) is None and not circuit.parameters
    with pytest.raises(ardea.CircuitError):
        half.bind({"c": 1.0})
    with pytest.raises(ardea.CircuitError):
        half.bind({b: math.nan})
    with pytest.raises(ValueError):
        half.bind([1.0, 2.0])
    with pytest.raises(ardea.SimulationError, match="unbound"):
        ardea.statevector(half)
    with pytest.raises(ValueError):
        ardea.Parameter("")
    assert pickle.loads(pickle.dumps(a)) == a


def test_circuits_are_values():
    circuit = bell()
    twin = copy.deepcopy(circuit)
    assert twin == circuit and twin is not circuit
    twin.x(0)
    assert twin != circuit and len(circuit) == 4
    assert circuit != 3
    assert "●" in str(circuit) and "2 qubits" in repr(circuit) and circuit._repr_html_().startswith("<pre")


def test_transformations_agree_with_matrices():
    circuit = ardea.Circuit(2).h(0).cp(0.3, 0, 1).add_global_phase(0.7)
    matrix = circuit.to_matrix()
    assert np.allclose(circuit.inverse().to_matrix(), matrix.conj().T)
    assert np.allclose(circuit.power(-2).to_matrix(), np.linalg.matrix_power(matrix.conj().T, 2))
    assert np.allclose(circuit.repeat(3).to_matrix(), np.linalg.matrix_power(matrix, 3))
    controlled = circuit.control().to_matrix()
    assert np.allclose(controlled[1::2, 1::2], matrix) and np.allclose(controlled[::2, ::2], np.eye(4))
    gate = circuit.to_gate("mine")
    assert gate.name == "mine" and np.allclose(gate.to_matrix(), matrix)
    assert np.allclose(ardea.Circuit(2).append(gate, [1, 0]).remap([1, 0], 2).to_matrix(), matrix)
    assert np.allclose(circuit.compose(circuit, [1, 0]).to_matrix(),
                       circuit.remap([1, 0], 2).to_matrix() @ matrix)
    opened = ardea.Gate("x").control(2, state=[False, True])
    assert np.allclose(opened.to_matrix(), ardea.Circuit(3).mcx([0, 1], 2, state=[False, True]).to_matrix())
    assert np.allclose(ardea.Gate("x").power(0.5).to_matrix(), ardea.Gate("sx").to_matrix())


def test_matrices_beyond_the_limit_are_refused():
    with pytest.raises(ardea.CircuitError, match="13 qubits"):
        ardea.Circuit(13).to_matrix()


def test_openqasm_errors_say_where():
    text = 'OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncx q[0], q[5];\n'
    with pytest.raises(ardea.QasmError) as caught:
        ardea.Circuit.from_qasm(text)
    assert caught.value.line == 4 and caught.value.column > 0
    assert "cx q[0], q[5];" in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).line == 4
    with pytest.raises(ardea.QasmError):
        ardea.Circuit.from_qasm_file("/nonexistent.qasm")


def test_openqasm_files_may_include_from_their_folder(tmp_path):
    (tmp_path / "mine.inc").write_text("gate mine a, b { h a; cx a, b; }\n")
    (tmp_path / "main.qasm").write_text('OPENQASM 2.0;\ninclude "qelib1.inc";\ninclude "mine.inc";\nqreg q[2];\n'
                                        "mine q[0], q[1];\n")
    circuit = ardea.Circuit.from_qasm_file(tmp_path / "main.qasm")
    assert np.allclose(circuit.to_matrix(), ardea.Circuit(2).h(0).cx(0, 1).to_matrix())


def test_control_flow_runs():
    flip = ardea.Circuit(1, 2).x(0)
    circuit = ardea.Circuit(2, 2).x(0).measure(0, 0).if_test((0, 1), flip, [1]).measure(1, 1)
    assert ardea.run(circuit, 20) == {"11": 20}
    circuit = ardea.Circuit(2, 2).measure(0, 0).if_test((0, 1), flip, [1], false_body=ardea.Circuit(1, 2).id(0))
    assert ardea.run(circuit.measure(1, 1), 20) == {"00": 20}
    rounds = ardea.Circuit(1, 2).x(0).measure(0, 1)
    circuit = ardea.Circuit(1, 2).measure(0, 1).while_loop(ardea.Expr.bit(1).logic_not(), rounds)
    assert ardea.run(circuit, 20) == {"10": 20}
    k = ardea.Parameter("k")
    body = ardea.Circuit(1).rx(k * math.pi / 3, 0)
    circuit = ardea.Circuit(1, 1).for_loop(range(1, 3), k, body).measure(0, 0)
    assert ardea.run(circuit, 20) == {"1": 20}
    circuit = ardea.Circuit(2, 2).x(0).measure(0, 0).switch("c", [(0, ardea.Circuit(1, 2)), ([1, 2], flip)], [1])
    assert ardea.run(circuit.measure(1, 1), 20) == {"11": 20}
    with pytest.raises(ardea.SimulationError, match="iterations"):
        endless = ardea.Circuit(1, 1).while_loop(ardea.Expr.bit(0).logic_not(), ardea.Circuit(1, 1).x(0))
        ardea.run(endless.measure(0, 0), 1, max_iterations=100)


def test_targets_have_figures():
    boston = ardea.Target.bundled("boston")
    assert boston.num_qubits == 156 and boston.dead_qubits == [146] and (84, 85) in boston.dead_edges
    error, duration = boston.instruction("cz", [0, 1])
    assert 0 < error < 0.1 and 1e-8 < duration < 1e-6
    assert boston.instruction("cx", [0, 1]) is None and boston.instruction("measure", [3])[0] > 0
    assert boston.qubit(0)["live"] and not boston.qubit(146)["live"]
    assert 1 in boston.neighbors(0) and set(boston.basis) >= {"cz", "rz", "sx", "x"}
    assert ardea.Target.from_json(boston.to_json()).to_json() == boston.to_json()
    assert ardea.Target("grid:2x3").edges == ardea.Target.grid(2, 3).edges
    assert ardea.Target.line(5).edges == [(0, 1), (1, 2), (2, 3), (3, 4)]
    assert len(ardea.Target.ring(5).edges) == 5 and len(ardea.Target.all_to_all(5).edges) == 10
    assert ardea.Target.heavy_hex(3).num_qubits == 19
    for call in (lambda: ardea.Target("nowhere"), lambda: ardea.Target.line(0), lambda: ardea.Target.heavy_hex(2)):
        with pytest.raises(ardea.TargetError):
            call()
    with pytest.raises(ValueError):
        boston.qubit(156)


def test_half_of_ibms_files_and_a_shape_that_is_not_bundled_are_told(tmp_path):
    half = tmp_path / "conf_some.json"
    half.write_text('{"backend_name": "ibm_some", "n_qubits": 3}')
    with pytest.raises(ardea.TargetError, match="one of IBM's two files; name both"):
        ardea.Target(str(half))
    with pytest.raises(ardea.TargetError, match="shapes are not bundled but made"):
        ardea.Target.bundled("line:5")


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="conf_nowhere.json"):
        ardea.Target.from_ibm(tmp_path / "conf_nowhere.json", tmp_path / "props_nowhere.json")


def test_ibm_files_are_read():
    runtime = pytest.importorskip("qiskit_ibm_runtime")
    import pathlib

    folder = pathlib.Path(runtime.__file__).parent / "fake_provider" / "backends" / "fez"
    target = ardea.Target.from_ibm(folder / "conf_fez.json", folder / "props_fez.json")
    assert target.num_qubits == 156 and "fez" in target.name


def test_compile_reports():
    result = ardea.compile(bell(), "boston")
    report = result.report
    assert report["two_qubit_gates"] == 1 and report["initial_layout"] == result.initial_layout
    assert {"final_layout", "two_qubit_depth", "depth", "duration_s", "estimated_success_probability", "seconds",
            "passes"} <= set(report)
    assert result.circuit.layout == (result.initial_layout, result.final_layout)
    assert set(ardea.run(result.circuit, 100)) == {"00", "11"}
    several = ardea.compile([bell(), bell()], ardea.Target.line(3), level=0)
    assert len(several) == 2 and several[0].circuit == several[1].circuit


@pytest.mark.parametrize("options, error", [
    ({"level": 4}, ardea.CompileError), ({"preserve": "all"}, ardea.CompileError), ({"dd": "yx"}, ardea.CompileError),
    ({"schedule": "later"}, ardea.CompileError), ({"initial_layout": [0]}, ardea.CompileError),
    ({"initial_layout": [0, 999]}, ardea.CompileError), ({"initial_layout": [146, 147]}, ardea.CompileError),
    ({"seed": -1}, (OverflowError, ValueError)), ({"target": 3}, TypeError), ({"target": "nowhere"}, ardea.TargetError),
    ({"target": "line:1"}, ardea.CompileError),
])
def test_bad_compile_options_are_refused(options, error):
    with pytest.raises(error):
        ardea.compile(bell(), **{"target": "boston", **options})


def test_compile_takes_circuits_only():
    with pytest.raises(TypeError, match="from_qiskit"):
        ardea.compile("OPENQASM 2.0;")


def test_compiled_parameters_stay_symbolic():
    a = ardea.Parameter("a")
    circuit = ardea.Circuit(2).h(0).rzz(a, 0, 1).rx(2 * a, 1)
    compiled = ardea.compile(circuit, "line:2", preserve="state", level=1).circuit
    assert compiled.parameters == [a]
    for value in (0.0, 0.3, -2.0):
        ideal, real = ardea.statevector(circuit.bind([value])), ardea.statevector(compiled.bind([value]))
        order = compiled.layout[1]
        assert np.allclose(ideal.probabilities(), real.probabilities(order), atol=1e-12)


def test_hubbard_circuits_give_the_exact_answer():
    model = ardea.FermiHubbard(4, u=-2.0)
    trotter = model.circuit(3, 0.2)
    counts = ardea.run(trotter.circuit, 20000, seed=1)
    exact = model.trotterised(3, 0.2)
    assert np.abs(model.correlations(counts).up - exact.up).max() < 0.02
    assert ardea.hubbard(4, 3, dt=0.2) == trotter.circuit
    assert trotter.initial_modes[0] == (0, "down") and model.exact(0.6).up.shape == (4,)
    assert model.hamiltonian().is_hermitian and exact.products.shape == (8, 8)
    for call in (lambda: ardea.FermiHubbard(0), lambda: model.circuit(1, math.nan), lambda: model.exact(1.0, start="x"),
                 lambda: model.circuit(1, 0.1, method="best")):
        with pytest.raises(ValueError):
            call()


def test_reference_densities_of_eight_sites():
    model = ardea.FermiHubbard(8, u=-2.0)
    for steps, exact, trotter in [(1, 0.075861, 0.075823), (5, 0.612544, 0.619282), (10, 0.487353, 0.482445)]:
        assert model.exact(0.2 * steps).up[4] == pytest.approx(exact, abs=1e-6)
        assert model.trotterised(steps, 0.2).up[4] == pytest.approx(trotter, abs=1e-6)


def test_all_exceptions_have_one_base():
    for name in ("CircuitError", "QasmError", "TargetError", "CompileError", "SimulationError", "OutOfMemoryError",
                 "ModelError", "ConversionError", "InternalError"):
        assert issubclass(getattr(ardea, name), ardea.ArdeaError)
    assert issubclass(ardea.OutOfMemoryError, MemoryError)


@pytest.mark.parametrize("shots, kind, given", [
    (-1, ValueError, " and less than 2..64, not -1"), (2**64, ValueError, " and less than 2..64, not 18446744073709551616"),
    (1.5, TypeError, ", not float"), ("9", TypeError, ", not str"),
])
def test_a_number_of_shots_is_a_whole_number(shots, kind, given):
    circuit = ardea.Circuit(1, 1)
    circuit.measure(0, 0)
    with pytest.raises(kind, match=f"shots should be a whole number, 0 or more{given}"):
        ardea.run(circuit, shots)
    with pytest.raises(kind, match="shots should be"):
        ardea.StateVector(ardea.Circuit(1)).sample(shots)


def test_no_threads_are_refused():
    for call in (ardea.statevector, ardea.compile):
        with pytest.raises(ValueError, match="threads should be a whole number, 1 or more.*, not 0"):
            call(ardea.Circuit(1), threads=0)


def test_a_circuit_that_measures_nothing_has_no_counts():
    circuit = ardea.Circuit(1, 1)
    circuit.h(0)
    with pytest.raises(ValueError, match="measures nothing"):
        ardea.run(circuit)
    with pytest.raises(ValueError, match="measures nothing"):
        ardea.sweep(circuit, [[]], shots=10)
    assert ardea.run(circuit, shots=0) == {}


def test_names_where_objects_are_meant():
    circuit = ardea.Circuit(1, 1)
    circuit.measure(0, 0)
    with pytest.raises(TypeError, match="NoiseModel.from_target"):
        ardea.run(circuit, noise="boston")
    with pytest.raises(TypeError, match="PauliSum.from_list"):
        ardea.execute(circuit, observables="Z")


def test_a_verdict_is_true_where_circuits_are_equal():
    one, other = ardea.Circuit(1), ardea.Circuit(1)
    one.h(0)
    other.x(0)
    assert ardea.verify(one, one)
    assert not ardea.verify(one, other)


def test_unknown_parameters_are_named_beside_the_known_ones():
    circuit = ardea.Circuit(1)
    circuit.rx(ardea.Parameter("theta"), 0)
    with pytest.raises(ardea.ArdeaError, match="no symbol 'phi'; it has theta"):
        circuit.bind({"phi": 0.3})
