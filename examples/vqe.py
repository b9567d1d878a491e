"""The ground state of an Ising chain by a variational circuit: gradients and Adam, nothing else.

Run with:  python examples/vqe.py

Each step costs a few runs of the circuit, however many parameters it has (the adjoint method). The circuit is planned
once, as a Family, and run at new values in every step. Adam is the method of Kingma and Ba (2014, arXiv:1412.6980).
"""

import numpy as np

import ardea

QUBITS, LAYERS, STEPS, RATE = 8, 4, 250, 0.05
FIELD = 1.0


def ising_chain(qubits: int, field: float) -> ardea.PauliSum:
    """-sum Z Z - field * sum X, on an open chain."""
    bonds = [("ZZ", [i, i + 1], -1.0) for i in range(qubits - 1)]
    return ardea.PauliSum.from_sparse(bonds + [("X", [i], -field) for i in range(qubits)], qubits)


def ansatz(qubits: int, layers: int) -> ardea.Circuit:
    """Layers of the model's own terms, with an angle for each bond and site."""
    circuit = ardea.Circuit(qubits)
    for qubit in range(qubits):
        circuit.h(qubit)
    for layer in range(layers):
        for i in range(qubits - 1):
            circuit.rzz(ardea.Parameter(f"bond{layer}_{i}"), i, i + 1)
        for i in range(qubits):
            circuit.rx(ardea.Parameter(f"site{layer}_{i}"), i)
    return circuit


def exact_energy(qubits: int, field: float) -> float:
    """The chain is one of free fermions (Pfeuty 1970): minus half the sum of the singular values of A below."""
    matrix = 2 * field * np.eye(qubits) + 2 * np.eye(qubits, k=1)
    return -0.5 * float(np.linalg.svd(matrix, compute_uv=False).sum())


def main() -> None:
    energy = ising_chain(QUBITS, FIELD)
    family = ardea.Family(ansatz(QUBITS, LAYERS))
    # Every layer starts as a short time of evolution under the chain itself: random angles end in local minima.
    values = np.full(len(family.parameters), -0.5)
    mean, square = np.zeros_like(values), np.zeros_like(values)
    found = 0.0
    for step in range(1, STEPS + 1):
        energies, slopes = family.gradients(energy, values[np.newaxis])
        found, slope = energies[0], slopes[0]
        mean = 0.9 * mean + 0.1 * slope
        square = 0.999 * square + 0.001 * slope**2
        values -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        if step % 50 == 0:
            print(f"step {step:3d}: energy {found:.6f}")
    exact = exact_energy(QUBITS, FIELD)
    print(f"found {found:.6f}, exact {exact:.6f}, {len(values)} parameters")
    assert found >= exact - 1e-9, "no state has less energy than the ground state"
    assert found - exact < 0.01


if __name__ == "__main__":
    main()
