"""Verdicts of `ardea.verify` against an independent checker, MQT QCEC, and against Qiskit's operators."""

import random

import pytest

import ardea
from circuits import random_circuit, to_qiskit_by_hand

FAMILIES = {
    "any": None,
    "clifford": ["h", "s", "cx", "cz", "swap", "sx", "ecr"],
    "clifford_t": ["h", "t", "cx", "s", "ccx", "tdg"],
    "matchgates": ["rz", "xx_plus_yy", "iswap"],
    "phases": ["cp", "rz", "p", "rzz", "ccz", "h"],
}


def rebuilt(circuit, instructions):
    """The gates given as (name, angles, qubits) on as many qubits as the circuit has."""
    out = ardea.Circuit(circuit.num_qubits)
    for name, angles, qubits in instructions:
        out.gate(name, angles, qubits)
    return out


def gates(circuit):
    return [(one.name, list(one.angles), list(one.qubits)) for one in circuit.instructions]


def mutated(circuit, rng):
    """The circuit with one mistake of the kinds that compilers make."""
    list_of_gates = gates(circuit)
    place = rng.randrange(len(list_of_gates))
    name, angles, qubits = list_of_gates[place]
    kind = rng.choice(["drop", "angle", "turn", "extra", "exchange"])
    if kind == "drop":
        del list_of_gates[place]
    elif kind == "angle" and angles:
        list_of_gates[place] = (name, [angles[0] + rng.choice([1e-3, 0.1])] + angles[1:], qubits)
    elif kind == "turn":
        list_of_gates[place] = (name, angles, qubits[::-1])
    elif kind == "exchange" and place + 1 < len(list_of_gates):
        list_of_gates[place : place + 2] = list_of_gates[place : place + 2][::-1]
    else:
        a, b = rng.sample(range(circuit.num_qubits), 2)
        list_of_gates.insert(place, rng.choice([("cz", [], [a, b]), ("rz", [1e-3], [a]), ("z", [], [a])]))
    return rebuilt(circuit, list_of_gates)


def pairs(family, seed):
    """A random circuit, the same one compiled to another gate set, and both with mistakes."""
    rng = random.Random(seed)
    num_qubits = rng.randint(2, 7)
    source = random_circuit(seed, num_qubits, rng.randint(5, 40), FAMILIES[family])
    source = rebuilt(source, gates(source))
    places = list(range(num_qubits))
    result = ardea.compile(source, f"all_to_all:{num_qubits}", preserve="unitary", initial_layout=places)
    compiled = rebuilt(source, gates(result.circuit))
    layout = {"initial_layout": places, "final_layout": result.final_layout}
    yield source, compiled, layout
    yield source, mutated(compiled, rng), layout
    yield mutated(source, rng), compiled, layout


def in_place(compiled, layout):
    """The compiled circuit as Qiskit's, with its outputs brought back to where its inputs were."""
    from qiskit.circuit.library import PermutationGate

    out = to_qiskit_by_hand(compiled)
    end = layout["final_layout"]
    out.append(PermutationGate([end[i] for i in range(len(end))]), range(len(end)))
    return out.decompose("permutation")


@pytest.mark.parametrize("family", FAMILIES)
def test_verdicts_agree_with_qcec_and_with_the_operators(family):
    qcec = pytest.importorskip("mqt.qcec", reason="needs MQT QCEC, an independent checker of equivalence")
    from qiskit.quantum_info import Operator

    verdicts = []
    for seed in range(12):
        for before, after, layout in pairs(family, 1000 + seed):
            ours = ardea.verify(before, after, **layout).verdict
            one, other = to_qiskit_by_hand(before), in_place(after, layout)
            overlap = abs((Operator(one).data.conj() * Operator(other).data).sum()) / 2**before.num_qubits
            same = overlap > 1 - 1e-10
            # Few qubits are always decided.
            assert ours == ("equal" if same else "different"), (family, seed, overlap)
            theirs = str(qcec.verify(one, other).equivalence)
            if ours == "equal":
                assert "not_equivalent" not in theirs, (family, seed, overlap)
            else:
                assert theirs.split(".")[-1] not in ("equivalent", "equivalent_up_to_global_phase"), (family, seed)
            verdicts.append(ours)
    assert verdicts.count("equal") >= 12 and verdicts.count("different") >= 12
