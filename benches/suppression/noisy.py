"""Noisy runs: the chance of an outcome with its standard error, and how close two distributions are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import ardea


@dataclass(frozen=True)
class Estimate:
    """A mean and its standard error."""

    mean: float
    error: float


# Draws of the slow parameters in each batch.
DRAWS = 8
# Up to here the density matrix gives P(outcome) of a draw exactly.
EXACT_QUBITS = 8


def infidelity(circuit: ardea.Circuit, noise: ardea.NoiseModel, outcome: str, shots: int, batches: int) -> Estimate:
    """1 - P(outcome). Shots of a batch may share a draw of the slow parameters, batches share nothing.

    The same batch of another circuit has the same draws, so that differences between circuits are surer than each figure.
    """
    exact = len({qubit for item in circuit.instructions if gate_like(item) for qubit in item.qubits}) <= EXACT_QUBITS
    missed = []
    for batch in range(batches):
        seed = 1000 + batch
        if exact:
            chance = exact_chance(circuit, noise, outcome, seed)
        else:
            counts = ardea.run(circuit, shots=shots // batches, noise=noise, seed=seed, draws=DRAWS)
            chance = counts.get(outcome, 0) / counts.shots
        missed.append(1 - chance)
    mean = sum(missed) / batches
    variance = sum((value - mean) ** 2 for value in missed) / (batches - 1)
    return Estimate(mean, math.sqrt(variance / batches))


def gate_like(item: ardea.Instruction) -> bool:
    return item.name not in ("barrier", "delay")


def exact_chance(circuit: ardea.Circuit, noise: ardea.NoiseModel, outcome: str, seed: int) -> float:
    """P(outcome) of the final measurements, averaged over the draws of a seed."""
    measured = {item.clbits[0]: item.qubits[0] for item in circuit.instructions if item.name == "measure"}
    places = [measured[bit] for bit in sorted(measured)]
    matrix = ardea.density_matrix(circuit, noise=noise, qubits=places, seed=seed, draws=DRAWS)
    return float(matrix[int(outcome, 2), int(outcome, 2)].real)
