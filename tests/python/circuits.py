"""Circuits for the tests: every standard gate, and random circuits from a seed."""

import random

import ardea

# Name: number of angles, number of qubits.
GATES = {
    "id": (0, 1), "x": (0, 1), "y": (0, 1), "z": (0, 1), "h": (0, 1), "s": (0, 1), "sdg": (0, 1), "t": (0, 1),
    "tdg": (0, 1), "sx": (0, 1), "sxdg": (0, 1), "p": (1, 1), "rx": (1, 1), "ry": (1, 1), "rz": (1, 1), "r": (2, 1),
    "u": (3, 1), "u1": (1, 1), "u2": (2, 1), "u3": (3, 1), "cx": (0, 2), "cy": (0, 2), "cz": (0, 2), "ch": (0, 2),
    "cs": (0, 2), "csdg": (0, 2), "csx": (0, 2), "cp": (1, 2), "crx": (1, 2), "cry": (1, 2), "crz": (1, 2),
    "cu": (4, 2), "cu1": (1, 2), "cu3": (3, 2), "swap": (0, 2), "iswap": (0, 2), "dcx": (0, 2), "ecr": (0, 2),
    "rxx": (1, 2), "ryy": (1, 2), "rzz": (1, 2), "rzx": (1, 2), "xx_minus_yy": (2, 2), "xx_plus_yy": (2, 2),
    "ccx": (0, 3), "ccz": (0, 3), "cswap": (0, 3), "rccx": (0, 3), "c3x": (0, 4), "c3sx": (0, 4), "rcccx": (0, 4),
    "c4x": (0, 5),
}

# Where Qiskit's methods of QuantumCircuit go by another name: the class in its library.
QISKIT_CLASSES = {
    "u1": "U1Gate", "u2": "U2Gate", "u3": "U3Gate", "cu1": "CU1Gate", "cu3": "CU3Gate", "c3x": "C3XGate",
    "c3sx": "C3SXGate", "rcccx": "RC3XGate", "c4x": "C4XGate", "xx_minus_yy": "XXMinusYYGate",
    "xx_plus_yy": "XXPlusYYGate",
}


def qiskit_gate(name, angles):
    """Qiskit's own object for a standard gate."""
    from qiskit.circuit import library
    from qiskit.circuit.library import get_standard_gate_name_mapping

    if name in QISKIT_CLASSES:
        return getattr(library, QISKIT_CLASSES[name])(*angles)
    return type(get_standard_gate_name_mapping()[name])(*angles)


def random_circuit(seed, num_qubits, num_gates, names=None):
    """A random circuit of standard gates with a global phase."""
    rng = random.Random(seed)
    fitting = [name for name in names or GATES if GATES[name][1] <= num_qubits]
    circuit = ardea.Circuit(num_qubits)
    circuit.add_global_phase(rng.uniform(-3, 3))
    for _ in range(num_gates):
        name = rng.choice(fitting)
        num_angles, width = GATES[name]
        angles = [rng.uniform(-6.3, 6.3) for _ in range(num_angles)]
        circuit.gate(name, angles, rng.sample(range(num_qubits), width))
    return circuit


def to_qiskit_by_hand(circuit):
    """The same circuit built with Qiskit's gate objects, independently of `to_qiskit`."""
    from qiskit import QuantumCircuit

    out = QuantumCircuit(circuit.num_qubits, circuit.num_clbits, global_phase=circuit.global_phase)
    for instruction in circuit.instructions:
        name = {"mcx": "c3x" if len(instruction.qubits) == 4 else "c4x"}.get(instruction.name, instruction.name)
        if name == "measure":
            out.measure(instruction.qubits[0], instruction.clbits[0])
        else:
            out.append(qiskit_gate(name, instruction.angles), instruction.qubits)
    return out
