"""Table "Chain": `ardea.execute(..., suppress="auto")` beside Qiskit's level 3, both with all noise of the device."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ardea
import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.transpiler import generate_preset_pass_manager

import compilers
import devices
from noisy import divided
from showcase import showcase

SEED = 0
# Shots are divided by this for circuits of up to so many qubits.
DIVISORS = ((8, 1), (16, 4), (20, 16))
# A circuit of at most so many ideal outcomes succeeds by reading one of them; others are compared as distributions.
FEW_OUTCOMES = 2


@dataclass(frozen=True)
class Row:
    """A circuit on a device: its success by each way of running it."""

    circuit: str
    device: str
    noiseless: float
    qiskit: float
    ardea: float
    faithful: float
    shots: int

    @property
    def ratio(self) -> float:
        return self.over_qiskit(self.ardea)

    @property
    def faithful_ratio(self) -> float:
        return self.over_qiskit(self.faithful)

    def over_qiskit(self, ours: float) -> float:
        """Successes below one shot count as one shot."""
        least = 1 / self.shots
        return max(ours, least) / max(self.qiskit, least)


def table(names: Sequence[str] | None, chosen: Sequence[str], shots: int, widest: int) -> list[Row]:
    """Prints a line for each circuit on each device, and the geometric means."""
    print("Success: the share of the shots on the ideal outcomes, or the Hellinger fidelity with the ideal")
    print("distribution where there are more than two. 'unitary': Ardea told to preserve the whole operator.\n")
    print("| circuit | device | noiseless | Qiskit | Ardea unitary | Ardea | ratio unitary | ratio |")
    print("|" + " --- |" * 8)
    rows = []
    for name, circuit in showcase().items():
        if circuit.num_qubits > widest or (names is not None and name not in names):
            continue
        share = divided(shots, circuit.num_qubits, DIVISORS)
        ideal = compilers.distribution(circuit)
        for device in chosen:
            rows.append(compare(name, circuit, ideal, device, share))
            print(line(rows[-1]), flush=True)
    summary(rows)
    return rows


def compare(name: str, circuit: QuantumCircuit, ideal: NDArray[np.float64], device: str, shots: int) -> Row:
    source, noise = ardea.Circuit.from_qiskit(circuit), ardea.NoiseModel.from_target(device)
    exact = ardea.run(source, shots=shots, seed=SEED)
    plain = ardea.run(by_qiskit(circuit, device), shots=shots, noise=noise, seed=SEED)
    suppressed = ardea.execute(source, device, shots=shots, suppress="auto", noise=noise, seed=SEED)
    # Nothing is known of the state that the circuit starts from, nor of how it is read.
    compiled = ardea.compile(source, device, seed=SEED, preserve="unitary", aim="success").circuit
    faithful = ardea.execute(compiled, device, shots=shots, suppress="auto", noise=noise, seed=SEED, compiled=True)
    return Row(
        name, device, success(exact.probabilities(), ideal), success(plain.probabilities(), ideal),
        success(suppressed.probabilities, ideal), success(faithful.probabilities, ideal), shots,
    )


def by_qiskit(circuit: QuantumCircuit, device: str) -> ardea.Circuit:
    """Qiskit's level 3 with one seed and nothing else."""
    manager = generate_preset_pass_manager(3, backend=devices.backend(device), seed_transpiler=SEED)
    return ardea.Circuit.from_qiskit(manager.run(circuit))


def success(probabilities: Mapping[str, float], ideal: NDArray[np.float64]) -> float:
    """Weight on the ideal outcomes where they are few, Hellinger fidelity where they are many."""
    few = np.count_nonzero(ideal > 1e-6) <= FEW_OUTCOMES
    found = ((ideal[int(outcome, 2)], weight) for outcome, weight in probabilities.items())
    if few:
        return float(sum(weight for expected, weight in found if expected > 1e-6))
    return float(sum(math.sqrt(expected * weight) for expected, weight in found) ** 2)


def line(row: Row) -> str:
    figures = (row.noiseless, row.qiskit, row.faithful, row.ardea)
    cells = [row.circuit, row.device, *(f"{figure:.3f}" for figure in figures),
             f"{row.faithful_ratio:.2f}", f"{row.ratio:.2f}"]
    return "| " + " | ".join(cells) + " |"


def summary(rows: Sequence[Row]) -> None:
    """Geometric means of the ratios, by kind of circuit and over all."""
    if not rows:
        return
    print("\n| kind | rows | Qiskit | Ardea unitary | Ardea | ratio unitary | ratio | at least Qiskit's |")
    print("|" + " --- |" * 8)
    kinds = list(dict.fromkeys(kind(row) for row in rows))
    for name in kinds:
        print(means(name, [row for row in rows if kind(row) == name]))
    print(means("all", rows))


def kind(row: Row) -> str:
    return re.sub(r"\d+$", "", row.circuit)


def means(name: str, rows: Sequence[Row]) -> str:
    def mean(values: Sequence[float]) -> str:
        return f"{math.exp(sum(map(math.log, values)) / len(values)):.3f}"

    columns = [[max(value, 1 / row.shots) for value in (row.qiskit, row.faithful, row.ardea)] for row in rows]
    cells = [name, str(len(rows)), *(mean([column[place] for column in columns]) for place in range(3)),
             mean([row.faithful_ratio for row in rows]), mean([row.ratio for row in rows]),
             f"{sum(row.ratio >= 1 for row in rows)} of {len(rows)}"]
    return "| " + " | ".join(cells) + " |"
