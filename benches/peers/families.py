"""The circuits: lists of (gate name, qubits, angles) from fixed seeds, and the amplitudes that are compared.

Gate names and angles are Qiskit's; `su4`, `fsim`, `sy` and `sw` are matrices (`matrix`), whose first qubit is the low bit.
"""

import cmath
import math
import random

import numpy as np

PI = math.pi


def rotations(n, seed):
    source = random.Random(seed)
    return [("ry", [q], [source.uniform(0.3, PI - 0.3)]) for q in range(n)]


def qft(n):
    gates = rotations(n, 1000 + n)
    for i in reversed(range(n)):
        gates.append(("h", [i], []))
        gates += [("cp", [j, i], [PI / 2 ** (i - j)]) for j in reversed(range(i))]
    return gates + [("swap", [i, n - 1 - i], []) for i in range(n // 2)]


def qv(n):
    source, gates = random.Random(2000 + n), []
    for _ in range(n):
        order = list(range(n))
        source.shuffle(order)
        for a, b in zip(order[::2], order[1::2]):
            gates.append(("su4", [a, b], [source.uniform(-PI, PI) for _ in range(15)]))
    return gates


def rqc(n, depth=14):
    """Random gates on a grid, in the manner of Google's experiments."""
    source, gates, last = random.Random(3000 + n), [], [None] * n
    width = math.ceil(math.sqrt(n))
    patterns = [[], [], [], []]
    for q in range(n):
        y, x = divmod(q, width)
        if x + 1 < width and q + 1 < n:
            patterns[(x + y) % 2].append((q, q + 1))
        if q + width < n:
            patterns[2 + (x + y) % 2].append((q, q + width))

    def roots():
        for q in range(n):
            last[q] = source.choice([name for name in ("sx", "sy", "sw") if name != last[q]])
            gates.append((last[q], [q], []))

    for layer in range(depth):
        roots()
        for a, b in patterns[(0, 1, 2, 3, 2, 3, 0, 1)[layer % 8]]:
            gates.append(("fsim", [a, b], [PI / 2, PI / 6]))
    roots()
    return gates


def hubbard(n, steps=10, hopping=1.0, repulsion=4.0, mu=0.7, dt=0.1):
    """Trotter steps of a chain, both spins one after the other, from an antiferromagnet."""
    sites = n // 2
    gates = [("x", [i], []) for i in range(0, sites, 2)] + [("x", [sites + i], []) for i in range(1, sites, 2)]
    for _ in range(steps):
        for parity in (0, 1):
            for spin in (0, sites):
                for i in range(parity, sites - 1, 2):
                    pair = [spin + i, spin + i + 1]
                    gates += [("rxx", pair, [-hopping * dt]), ("ryy", pair, [-hopping * dt])]
        for i in range(sites):
            gates.append(("rzz", [i, sites + i], [repulsion * dt / 2]))
            gates.append(("rz", [i], [(-repulsion / 2 + mu) * dt + 0.01 * i]))
            gates.append(("rz", [sites + i], [(-repulsion / 2 + mu) * dt]))
    return gates


def hea(n, layers=10):
    """A hardware-efficient ansatz."""
    source, gates = random.Random(5000 + n), []
    for _ in range(layers):
        gates += [("ry", [q], [source.uniform(-PI, PI)]) for q in range(n)]
        gates += [("rz", [q], [source.uniform(-PI, PI)]) for q in range(n)]
        gates += [("cx", [q, q + 1], []) for q in range(n - 1)]
    return gates + [("ry", [q], [source.uniform(-PI, PI)]) for q in range(n)]


def clifft(n, per_qubit=50):
    """Clifford and T gates at random."""
    source, gates = random.Random(6000 + n), [("h", [q], []) for q in range(n)]
    for _ in range(per_qubit * n):
        kind = source.random()
        if kind < 0.2:
            gates.append(("h", [source.randrange(n)], []))
        elif kind < 0.35:
            gates.append((source.choice(["s", "sdg"]), [source.randrange(n)], []))
        elif kind < 0.6:
            gates.append((source.choice(["t", "tdg"]), [source.randrange(n)], []))
        else:
            gates.append(("cx", source.sample(range(n), 2), []))
    return gates


def qaoa(n, layers=4):
    """Maximum cut on a random 3-regular graph."""
    source = random.Random(7000 + n)
    while True:
        ends = [q for q in range(n) for _ in range(3)]
        source.shuffle(ends)
        edges = [tuple(sorted(ends[i : i + 2])) for i in range(0, 3 * n, 2)]
        if len(set(edges)) == len(edges) and all(a != b for a, b in edges):
            break
    gates = [("h", [q], []) for q in range(n)]
    for _ in range(layers):
        gamma, beta = source.uniform(0, PI), source.uniform(0, PI)
        gates += [("rzz", list(edge), [gamma]) for edge in edges]
        gates += [("rx", [q], [2 * beta]) for q in range(n)]
    return gates


def sweep(kind):
    """The same gate on every qubit, or on every neighbouring pair."""

    def family(n):
        source, gates = random.Random(8000 + n), rotations(n, 8000 + n)
        if kind == "h":
            return gates + [("h", [q], []) for q in range(n)]
        if kind == "rz":
            return gates + [("rz", [q], [source.uniform(0, PI)]) for q in range(n)]
        if kind == "cx":
            return gates + [("cx", [q, q + 1], []) for q in range(n - 1)]
        return gates + [
            ("su4", [q, q + 1], [source.uniform(-PI, PI) for _ in range(15)]) for q in range(n - 1)
        ]

    return family


FAMILIES = {
    "qft": qft,
    "qv": qv,
    "rqc": rqc,
    "hubbard": hubbard,
    "hea": hea,
    "clifft": clifft,
    "qaoa": qaoa,
    **{f"sweep_{kind}": sweep(kind) for kind in ("h", "rz", "cx", "su4")},
}


def probes(name, n):
    """Indices of 64 amplitudes; for the Hubbard chain near the first state, where they are not zero."""
    source = random.Random(9000 + n)
    if name != "hubbard":
        return [source.randrange(1 << n) for _ in range(64)]
    sites, found = n // 2, []
    for _ in range(64):
        spins = [set(range(0, sites, 2)), set(range(1, sites, 2))]
        for occupied in spins:
            for _ in range(source.randint(0, 2)):
                site = source.choice(sorted(occupied))
                free = [s for s in (site - 1, site + 1) if 0 <= s < sites and s not in occupied]
                if free:
                    occupied.remove(site)
                    occupied.add(source.choice(free))
        found.append(sum(1 << s for s in spins[0]) + sum(1 << (sites + s) for s in spins[1]))
    return found


def rotation(pauli, angle):
    return math.cos(angle / 2) * np.eye(len(pauli)) - 1j * math.sin(angle / 2) * pauli


def u3(theta, phi, lam):
    cos, sin = math.cos(theta / 2), math.sin(theta / 2)
    return np.array([[cos, -cmath.exp(1j * lam) * sin], [cmath.exp(1j * phi) * sin, cmath.exp(1j * (phi + lam)) * cos]])


X = np.array([[0, 1], [1, 0]], complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1, -1]).astype(complex)


def matrix(name, angles):
    """The matrix of a gate that not every simulator has; None for those that all have."""
    if name == "sx":
        return rotation(X, PI / 2)
    if name == "sy":
        return rotation(Y, PI / 2)
    if name == "sw":
        return u3(PI / 2, -PI / 4, PI / 4)
    if name == "fsim":
        theta, phi = angles
        phase = np.diag([1, 1, 1, cmath.exp(-1j * phi)])
        return phase @ rotation(np.kron(Y, Y), theta) @ rotation(np.kron(X, X), theta)
    if name == "su4":
        middle = np.eye(4)
        for pauli, angle in zip((X, Y, Z), angles[6:9]):
            middle = rotation(np.kron(pauli, pauli), angle) @ middle
        before = np.kron(u3(*angles[3:6]), u3(*angles[0:3]))
        return np.kron(u3(*angles[12:15]), u3(*angles[9:12])) @ middle @ before
    return None
