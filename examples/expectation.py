"""A variational ground state: the transverse-field Ising chain, with gradients by the parameter-shift rule."""

import math

import numpy as np

import ardea

SITES, LAYERS = 6, 3

bonds = [("ZZ", [i, i + 1], -1.0) for i in range(SITES - 1)]
fields = [("X", [i], -1.0) for i in range(SITES)]
energy = ardea.PauliSum.from_sparse(bonds + fields, SITES)

# One parameter for each gate, so that the shift rule holds for each by itself; bound many times, built once.
ansatz = ardea.Circuit(SITES).h(range(SITES))
for layer in range(LAYERS):
    for i in range(SITES - 1):
        ansatz.rzz(ardea.Parameter(f"z{layer}_{i}"), i, i + 1)
    for i in range(SITES):
        ansatz.rx(ardea.Parameter(f"x{layer}_{i}"), i)


def value(angles):
    return ardea.statevector(ansatz.bind(angles)).expectation(energy)


def gradient(angles):
    shift = math.pi / 2 * np.eye(len(angles))
    return np.array([(value(angles + s) - value(angles - s)) / 2 for s in shift])


angles = np.full(len(ansatz.parameters), 0.3)
velocity = np.zeros_like(angles)
for step in range(30):
    velocity = 0.7 * velocity - 0.06 * gradient(angles)
    angles = angles + velocity
    if step % 10 == 9:
        print(f"step {step + 1:>3}: energy {value(angles):.5f}")

exact = np.linalg.eigvalsh(energy.to_matrix())[0]
print(f"exact ground state: {exact:.5f}")
