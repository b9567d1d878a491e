"""Conversions from and to Qiskit, and agreement with its matrices and Aer's amplitudes."""

import math
import random

import numpy as np
import pytest

import ardea
from circuits import GATES, qiskit_gate, random_circuit, to_qiskit_by_hand

qiskit = pytest.importorskip("qiskit")

from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister  # noqa: E402
from qiskit.circuit import Clbit, Gate, Parameter, ParameterVector, Qubit, library  # noqa: E402
from qiskit.circuit.classical import expr, types  # noqa: E402
from qiskit.quantum_info import Operator, SparsePauliOp, Statevector, random_unitary  # noqa: E402


def same(circuit, other, tolerance=1e-10):
    """Whether two matrices are equal, the global phase included."""
    return np.allclose(np.asarray(circuit), np.asarray(other), atol=tolerance, rtol=0)


@pytest.mark.parametrize("name", sorted(GATES))
def test_every_standard_gate(name):
    num_angles, width = GATES[name]
    rng = random.Random(name)
    angles = [rng.uniform(-6, 6) for _ in range(num_angles)]
    theirs = QuantumCircuit(width)
    theirs.append(qiskit_gate(name, angles), range(width))
    ours = ardea.Circuit(width).gate(name, angles, range(width))
    matrix = Operator(theirs).data
    assert same(ours.to_matrix(), matrix)
    assert same(ardea.Gate(name, angles).to_matrix(), matrix)
    assert ardea.Circuit.from_qiskit(theirs) == ours
    back = ours.to_qiskit()
    assert back.data[0].operation == theirs.data[0].operation and same(Operator(back), matrix)
    assert same(ours.inverse().to_matrix(), matrix.conj().T)


@pytest.mark.parametrize("name", sorted(name for name, (_, width) in GATES.items() if width <= 3))
def test_every_gate_under_open_and_closed_control(name):
    num_angles, width = GATES[name]
    angles = [0.3, -1.1, 2.0, 0.7][:num_angles]
    for state in ("10", "01"):
        theirs = QuantumCircuit(width + 2)
        theirs.append(qiskit_gate(name, angles).control(2, ctrl_state=state, annotated=False), range(width + 2))
        ours = ardea.Circuit(width + 2)
        ours.append(ardea.Gate(name, angles).control(2, state=[c == "1" for c in reversed(state)]))
        matrix = Operator(theirs).data
        assert same(ours.to_matrix(), matrix), state
        assert same(ardea.Circuit.from_qiskit(theirs).to_matrix(), matrix), state
        assert same(Operator(ours.to_qiskit()), matrix), state


def test_random_circuits_both_ways():
    for seed in range(60):
        circuit = random_circuit(seed, 1 + seed % 5, 25)
        theirs = to_qiskit_by_hand(circuit)
        matrix = circuit.to_matrix()
        assert same(Operator(theirs), matrix), seed
        assert same(Operator(circuit.to_qiskit()), matrix), seed
        for converted in (theirs, circuit.to_qiskit()):
            again = ardea.Circuit.from_qiskit(converted)
            assert same(again.to_matrix(), matrix), seed
            again.global_phase = circuit.global_phase  # Qiskit keeps it between 0 and 2 pi
            assert again == circuit, seed


def test_registers_names_and_loose_bits_survive():
    circuit = QuantumCircuit(QuantumRegister(2, "a"), QuantumRegister(1, "b"), ClassicalRegister(2, "m"), name="mine")
    circuit.add_bits([Qubit(), Clbit()])
    circuit.h(3)
    circuit.measure(3, 2)
    ours = ardea.Circuit.from_qiskit(circuit)
    assert [(n, s) for n, _, s in ours.qregs] == [("a", 2), ("b", 1), ("loose_q0", 1)] and ours.name == "mine"
    assert [(n, s) for n, _, s in ours.cregs] == [("m", 2), ("loose_c0", 1)]
    back = ours.to_qiskit()
    assert [r.name for r in back.qregs] == ["a", "b", "loose_q0"] and back.name == "mine"


def test_parameters_both_ways():
    a, b = Parameter("a"), Parameter("b")
    vector = ParameterVector("v", 2)
    circuit = QuantumCircuit(2, global_phase=a / 2)
    circuit.rz(2 * a + b.sin() / 3 - 1, 0)
    circuit.u(a * b, -b, vector[0] ** 2, 1)
    circuit.cp(vector[1].exp() - (1 - a), 0, 1)
    circuit.rx(((a + b) * 0.5 - b / (a + 3)).cos(), 0)
    circuit.ry(2 / a + (b * 2).arctan() + abs(b), 1)
    ours = ardea.Circuit.from_qiskit(circuit)
    values = {"a": 0.3, "b": -1.2, "v[0]": 0.7, "v[1]": 0.2}
    assert [p.name for p in ours.parameters] == sorted(values)
    bound = circuit.assign_parameters({a: 0.3, b: -1.2, vector: [0.7, 0.2]})
    assert same(ours.bind(values).to_matrix(), Operator(bound))
    back = ours.to_qiskit(parameters=[a, b])
    assert {p.name for p in back.parameters} == set(values) and a in back.parameters
    assert same(Operator(back.assign_parameters(values)), Operator(bound))


def test_matrices_definitions_and_modifiers():
    rng = np.random.default_rng(5)
    circuit = QuantumCircuit(4)
    circuit.unitary(random_unitary(4, seed=1), [2, 0], label="blob")
    inner = QuantumCircuit(2, global_phase=0.4, name="inner")
    inner.h(0)
    inner.crx(0.3, 0, 1)
    circuit.append(inner.to_gate(), [3, 1])
    circuit.append(inner.to_gate(), [0, 1])
    circuit.append(inner.to_gate().control(1, ctrl_state=0, annotated=False), [1, 2, 3])
    circuit.append(library.CUGate(0.1, 0.2, 0.3, 0.4, ctrl_state=0), [0, 2])
    circuit.append(library.CUGate(0.1, 0.2, 0.3, 0.4).control(1), [0, 2, 1])
    circuit.append(library.GlobalPhaseGate(0.9).control(2, ctrl_state="01"), [0, 3])
    circuit.append(library.MCXGate(3, ctrl_state=2), [0, 1, 2, 3])
    circuit.append(library.PauliGate("XYZ"), [0, 1, 2])
    circuit.append(library.QFTGate(3), [0, 2, 3])
    circuit.append(library.PermutationGate([2, 0, 1]), [0, 1, 2])
    circuit.append(library.DiagonalGate([1, -1, 1j, -1j]), [0, 1])
    circuit.append(library.PauliEvolutionGate(SparsePauliOp(["ZZ", "XX"]), time=0.3), [0, 1])
    circuit.append(library.HGate().control(2, annotated=True), [0, 1, 2])
    circuit.append(library.SGate().inverse(annotated=True).power(3, annotated=True), [1])
    circuit.append(library.StatePreparation(rng.dirichlet(np.ones(4)) ** 0.5), [0, 1])
    circuit.append(inner.to_instruction(), [2, 3])
    ours = ardea.Circuit.from_qiskit(circuit)
    assert same(ours.to_matrix(), Operator(circuit), 1e-9)
    assert ours.count_ops()["inner"] >= 2 and "blob" in ours.count_ops()
    assert same(Operator(ours.to_qiskit()), Operator(circuit), 1e-9)


def test_custom_gates_keep_their_names_and_share_definitions():
    definition = QuantumCircuit(1)
    definition.rx(0.3, 0)
    gate = Gate("h", 1, [])  # the name of a standard gate for something else
    gate.definition = definition
    circuit = QuantumCircuit(1)
    circuit.append(gate, [0])
    assert same(ardea.Circuit.from_qiskit(circuit).to_matrix(), Operator(definition))
    opaque = QuantumCircuit(2)
    opaque.append(Gate("box2", 2, [0.5]), [0, 1])
    ours = ardea.Circuit.from_qiskit(opaque)
    assert ours.instructions[0].angles == [0.5] and ours.to_qiskit().data[0].operation.name == "box2"
    with pytest.raises(ardea.CircuitError, match="box2"):
        ours.to_matrix()


def dynamic_circuit():
    qreg, first, second = QuantumRegister(3, "q"), ClassicalRegister(2, "a"), ClassicalRegister(2, "b")
    circuit = QuantumCircuit(qreg, first, second)
    circuit.ry(1.1, 0)
    circuit.ry(0.7, 1)
    circuit.measure([0, 1], first)
    with circuit.if_test((first, 2)) as otherwise:
        circuit.x(2)
        with circuit.if_test((first[0], 0)):
            circuit.ry(0.4, 2)
    with otherwise:
        circuit.ry(0.3, 2)
    circuit.measure(2, second[0])
    with circuit.if_test(expr.logic_and(expr.less(first, 3), expr.logic_not(second[0]))):
        circuit.ry(1.9, 1)
    with circuit.switch(first) as case:
        with case(0):
            circuit.ry(0.2, 0)
        with case(1, 3):
            circuit.x(0)
        with case(case.DEFAULT):
            circuit.ry(2.0, 0)
    angle = Parameter("k")
    with circuit.for_loop(range(0, 4, 2), angle):
        circuit.rx(angle * 0.4, 1)
    with circuit.for_loop((1, 2, 5)):
        circuit.ry(0.1, 1)
        with circuit.if_test((first[1], 1)):
            circuit.break_loop()
    circuit.reset(2)
    with circuit.if_test(expr.bit_xor(first[0], second[0])):
        circuit.x(2)
    with circuit.if_test(expr.equal(expr.bit_and(first, expr.bit_not(second)), 1)):
        circuit.ry(0.9, 2)
    circuit.measure(1, second[1])
    circuit.measure(2, second[0])
    return circuit


def distance(a, b):
    """Total variation distance of two counts."""
    total_a, total_b = sum(a.values()), sum(b.values())
    return sum(abs(a.get(k, 0) / total_a - b.get(k, 0) / total_b) for k in {*a, *b}) / 2


def test_control_flow_both_ways():
    aer = pytest.importorskip("qiskit_aer")
    circuit = dynamic_circuit()
    shots = 20000
    expected = aer.AerSimulator(seed_simulator=7).run(circuit, shots=shots).result().get_counts()
    ours = ardea.Circuit.from_qiskit(circuit)
    assert distance(ardea.run(ours, shots, seed=4), expected) < 0.025
    back = ours.to_qiskit()
    assert {"if_else", "switch_case", "for_loop"} <= set(back.count_ops())
    again = ardea.Circuit.from_qiskit(back)
    assert ardea.run(again, shots, seed=4) == ardea.run(ours, shots, seed=4)
    simulated = aer.AerSimulator(seed_simulator=8).run(back, shots=shots).result().get_counts()
    assert distance(simulated, expected) < 0.025


def test_while_loops_both_ways():
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.while_loop((circuit.clbits[0], 1)):
        circuit.h(0)
        circuit.measure(0, 0)
    ours = ardea.Circuit.from_qiskit(circuit)
    assert ardea.run(ours, 100) == {"0": 100}
    assert ardea.Circuit.from_qiskit(ours.to_qiskit()) == ours


def test_what_has_no_counterpart_is_refused_by_name():
    circuit = QuantumCircuit(1)
    circuit.add_var("x", expr.lift(1, types.Uint(4)))
    with pytest.raises(ardea.ConversionError, match="variables"):
        ardea.Circuit.from_qiskit(circuit)
    with pytest.raises(TypeError, match="QuantumCircuit"):
        ardea.Circuit.from_qiskit("circuit")
    with pytest.raises(ardea.ConversionError, match="register"):
        inner = ardea.Circuit(1, 3).x(0)
        ardea.Circuit(1, 3).if_test(ardea.Expr.register([2, 0]).equal(1), inner).to_qiskit()


def test_measure_reset_barrier_delay():
    circuit = QuantumCircuit(2, 2)
    circuit.h(0)
    circuit.barrier()
    circuit.delay(100, 0, "ns")
    circuit.delay(16, 1, "dt")
    circuit.reset(1)
    circuit.measure([0, 1], [1, 0])
    ours = ardea.Circuit.from_qiskit(circuit)
    assert [i.name for i in ours.instructions] == ["h", "barrier", "delay", "delay", "reset", "measure", "measure"]
    assert ours.instructions[2].angles == [pytest.approx(1e-7)]
    assert ardea.Circuit.from_qiskit(ours.to_qiskit()) == ours


def test_pauli_sums_both_ways():
    operator = SparsePauliOp(["XIZ", "IYY"], [0.5, 1 - 2j])
    ours = ardea.PauliSum.from_qiskit(operator)
    assert np.allclose(ours.to_matrix(), operator.to_matrix()) and ours.to_qiskit() == operator


TARGETS = ["line:6", "ring:6", "grid:2x3", "all_to_all:5", "line:5"]


def test_200_compiled_circuits_equal_qiskits_operators():
    for seed in range(200):
        width = 1 + seed % 5
        circuit = random_circuit(1000 + seed, width, 14)
        expected = Operator(to_qiskit_by_hand(circuit)).data
        result = ardea.compile(circuit, TARGETS[seed // 4 % 5], level=seed % 4, seed=seed, preserve="unitary")
        # The compiled circuit is read by Qiskit, not by us.
        device = result.circuit.to_qiskit()
        device._layout = None
        full = Operator(device).data
        ends, starts = (
            [sum((value >> bit & 1) << place for bit, place in enumerate(layout)) for value in range(2**width)]
            for layout in (result.final_layout, result.initial_layout)
        )
        assert same(full[np.ix_(ends, starts)], expected, 1e-8), (seed, TARGETS[seed // 4 % 5])


def test_the_layout_reaches_qiskit_and_comes_back():
    circuit = random_circuit(3, 4, 20)
    for seed in range(4):
        result = ardea.compile(circuit, "grid:2x3", level=1, seed=seed, preserve="unitary")
        theirs = result.circuit.to_qiskit()
        assert theirs.layout.initial_index_layout(filter_ancillas=True) == result.initial_layout
        assert theirs.layout.final_index_layout(filter_ancillas=True) == result.final_layout
        assert ardea.Circuit.from_qiskit(theirs).layout == (result.initial_layout, result.final_layout)
    transpiled = qiskit.transpile(to_qiskit_by_hand(circuit), coupling_map=[[0, 1], [1, 2], [2, 3], [3, 4]],
                                  basis_gates=["cz", "rz", "sx", "x"], seed_transpiler=5)
    start, end = ardea.Circuit.from_qiskit(transpiled).layout
    assert start == transpiled.layout.initial_index_layout(filter_ancillas=True)
    assert end == transpiled.layout.final_index_layout(filter_ancillas=True)


@pytest.mark.parametrize("precision, tolerance", [("double", 1e-10), ("single", 1e-4)])
def test_amplitudes_agree_with_aer(precision, tolerance):
    aer = pytest.importorskip("qiskit_aer")
    simulator = aer.AerSimulator(method="statevector", precision=precision)
    for seed in range(6):
        circuit = random_circuit(50 + seed, 10, 150)
        assert set(circuit.count_ops()) or seed
        theirs = to_qiskit_by_hand(circuit)
        theirs = qiskit.transpile(theirs, simulator, optimization_level=0)
        theirs.save_statevector()
        expected = np.asarray(simulator.run(theirs).result().get_statevector())
        got = ardea.statevector(circuit, precision=precision).numpy()
        assert abs(got - expected).max() < tolerance, seed


def test_expectation_values_agree_with_qiskit():
    circuit = random_circuit(8, 6, 60)
    operator = SparsePauliOp(["XYZIXY", "ZZIIII", "IIIYYI", "IIIIII"], [0.4, -1.2, 0.7, 0.1])
    expected = Statevector(to_qiskit_by_hand(circuit)).expectation_value(operator).real
    got = ardea.statevector(circuit).expectation(ardea.PauliSum.from_qiskit(operator))
    assert got == pytest.approx(expected, abs=1e-10)


def test_reading_a_large_circuit_is_quick():
    import time

    circuit = QuantumCircuit(20)
    for i in range(25_000):
        circuit.h(i % 20)
        circuit.rz(0.1 * i, (i + 1) % 20)
        circuit.cx(i % 20, (i + 7) % 20)
        circuit.x((i + 3) % 20)
    start = time.perf_counter()
    ours = ardea.Circuit.from_qiskit(circuit)
    seconds = time.perf_counter() - start
    assert len(ours) == 100_000
    assert seconds < 5, f"{seconds:.2f} s"


def test_qcec_calls_compiled_circuits_equivalent():
    qcec = pytest.importorskip("mqt.qcec")
    for seed in range(4):
        circuit = random_circuit(80 + seed, 4, 15, ["h", "cx", "rz", "t", "cz", "sx", "u", "swap"])
        result = ardea.compile(circuit, "all_to_all:4", level=3, preserve="unitary", initial_layout=[0, 1, 2, 3])
        end = result.final_layout
        routed = result.circuit.compose(ardea.Circuit(4))
        theirs = routed.to_qiskit()
        theirs._layout = None
        theirs = theirs.compose(library.PermutationGate([end[i] for i in range(4)]), range(4)).decompose("permutation")
        verdict = qcec.verify(to_qiskit_by_hand(circuit), theirs).equivalence
        assert "not_equivalent" not in str(verdict), (seed, verdict)
        assert math.isfinite(len(theirs))
