"""The benchmark's circuits: Toffoli networks and arithmetic, as lists of gates, and as OpenQASM.

A gate is a list of its name and its qubits: `H`, `X`, `Z` and `tof` as in the files of Feynman, where the number of
qubits tells the number of controls.
"""

import os

#: Gate lists that follow no simple rule.
LISTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "circuits.txt")

#: The field's polynomial: x^degree = 1 + the sum of these powers of x.
POLYNOMIALS = {4: (1,), 5: (2,), 6: (1,), 7: (1,), 8: (4, 3, 2), 9: (4,), 10: (3,)}


def generated():
    """Name -> (qubits, gates) of every circuit."""
    circuits = dict(listed())
    for controls in (3, 4, 5, 10):
        circuits[f"tof_{controls}"] = clean_ladder(controls)
        circuits[f"barenco_tof_{controls}"] = borrowed_ladder(controls)
    for degree in POLYNOMIALS:
        circuits[f"gf2^{degree}_mult"] = field_multiplier(degree)
    return circuits


def listed():
    """The circuits of circuits.txt, one after the other."""
    with open(LISTED, encoding="utf-8") as file:
        text = "".join(line for line in file if not line.startswith("#"))
    for entry in text.split("circuit ")[1:]:
        head, body = entry.split(":", 1)
        name, *qubits = head.split()
        yield name, (qubits, [gate.split() for gate in body.replace("\n", " ").split(";") if gate.strip()])


def clean_ladder(controls):
    """X under several controls, the ands of ever more of them computed on clean qubits and taken back."""
    names = [f"q{index}" for index in range(2 * controls - 1)]
    ands = names[controls:-1]
    up = [["tof", a, b, c] for a, b, c in zip([names[0], *ands], names[1:controls], ands)]
    return names, [*up, ["tof", ands[-1], names[controls - 1], names[-1]], *reversed(up)]


def borrowed_ladder(controls):
    """X under several controls with borrowed qubits (Barenco et al., 1995, quant-ph/9503016, lemma 7.2)."""
    names = [f"q{index}" for index in range(2 * controls - 1)]
    targets = [names[-1], *reversed(names[controls:-1])]
    down = [
        ["tof", control, below, target]
        for control, below, target in zip(reversed(names[2:controls]), targets[1:], targets)
    ]
    core = ["tof", names[0], names[1], targets[-1]]
    inner = down[1:]
    return names, [*down, core, *reversed(down), *inner, core, *reversed(inner)]


def field_multiplier(degree):
    """c += a b in GF(2^degree): the high half of the product, reduced in place, then the low half."""
    a, b, c = ([f"{letter}{index}" for index in range(degree)] for letter in "abc")
    gates = []
    for k in range(degree - 1):
        gates += [["tof", a[i], b[degree + k - i], c[k]] for i in range(degree - 1, k, -1)]
    for k in range(degree - 2, -1, -1):
        gates += [["tof", c[k], c[(k + power) % degree]] for power in POLYNOMIALS[degree]]
    for k in range(degree - 1, -1, -1):
        gates += [["tof", a[i], b[k - i], c[k]] for i in range(k, -1, -1)]
    return a + b + c, gates


def openqasm(qubits, gates):
    """The circuit as OpenQASM 2; a `Z` under two controls becomes a `ccx` between `h`, which `qelib1.inc` has."""
    index = {name: f"q[{number}]" for number, name in enumerate(qubits)}
    lines = ["OPENQASM 2.0;", 'include "qelib1.inc";', f"qreg q[{len(qubits)}];"]
    for kind, *names in gates:
        on = [index[name] for name in names]
        plain = {"H": "h", "X": "x"}.get(kind) or ("x", "cx", "ccx")[len(on) - 1]
        around = [f"h {on[-1]};"] if kind == "Z" else []
        lines += [*around, f"{plain} {','.join(on)};", *around]
    return "\n".join(lines) + "\n"
