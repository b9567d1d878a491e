"""Noisy runs: the chance of missing an outcome, batch by batch, so that two circuits can be compared on the same draws."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import ardea

BATCHES = 16
# Up to here the density matrix gives P(outcome) of a draw exactly.
EXACT_QUBITS = 8
# Beyond this a trajectory takes long enough for one draw of the slow parameters in each batch to be all there is time for.
WIDE_QUBITS = 14
# Shots are divided by this for circuits of up to so many qubits.
DIVISORS = ((14, 1), (18, 8), (math.inf, 32))


@dataclass(frozen=True)
class Infidelity:
    """1 - P(outcome) in each batch. Batches with the same number have the same draws of the slow parameters."""

    batches: tuple[float, ...]

    @property
    def mean(self) -> float:
        return sum(self.batches) / len(self.batches)

    @property
    def error(self) -> float:
        """Standard error of the mean."""
        return standard_error(self.batches)

    def above(self, other: Infidelity) -> tuple[float, float]:
        """How much more is lost than in `other`, and the standard error of that, draw by draw."""
        differences = [ours - theirs for ours, theirs in zip(self.batches, other.batches, strict=True)]
        return self.mean - other.mean, standard_error(differences)


def standard_error(values: Sequence[float]) -> float:
    mean = sum(values) / len(values)
    return math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values))


def infidelity(circuit: ardea.Circuit, noise: ardea.NoiseModel, outcome: str, shots: int, seed: int) -> Infidelity:
    """Runs the circuit: exactly where it is small, by trajectories where not.

    The shots are divided as `DIVISORS` say.
    """
    width = len({qubit for item in circuit.instructions if is_act(item) for qubit in item.qubits})
    missed = []
    for batch in range(BATCHES):
        if width <= EXACT_QUBITS:
            chance = exact_chance(circuit, noise, outcome, seed + batch)
        else:
            draws = 8 if width <= WIDE_QUBITS else 1
            share = divided(shots // BATCHES, width, DIVISORS)
            counts = ardea.run(
                circuit, shots=share, noise=noise, seed=seed + batch, draws=draws, method="trajectories",
            )
            chance = counts.get(outcome, 0) / counts.shots
        missed.append(1 - chance)
    return Infidelity(tuple(missed))


def divided(shots: int, qubits: int, divisors: Sequence[tuple[float, int]]) -> int:
    """The shots of a circuit: wide ones take long, so they get fewer, but one at least."""
    divisor = next(divisor for widest, divisor in divisors if qubits <= widest)
    return max(shots // divisor, 1)


def is_act(item: ardea.Instruction) -> bool:
    return item.name not in ("barrier", "delay")


def exact_chance(circuit: ardea.Circuit, noise: ardea.NoiseModel, outcome: str, seed: int) -> float:
    """P(outcome) of the final measurements, averaged over the draws of a seed."""
    measured = {item.clbits[0]: item.qubits[0] for item in circuit.instructions if item.name == "measure"}
    places = [measured[bit] for bit in sorted(measured)]
    matrix = ardea.density_matrix(circuit, noise=noise, qubits=places, seed=seed, draws=8)
    return float(matrix[int(outcome, 2), int(outcome, 2)].real)
