"""Table "Layout": Ardea's ordinary output beside Qiskit's level 3, by calibrated errors and under simulated noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import compilers
import devices
from scoring import log_success

# Wider density matrices, and those of more instructions, take too long for a table.
DENSITY_QUBITS = 10
DENSITY_INSTRUCTIONS = 2500
# A success below this is nothing that a layout could save: both errors are 1 to within rounding.
HOPELESS = 1e-3


@dataclass(frozen=True)
class Score:
    """The estimated chance of success, and the closeness of the noisy distribution where it was simulated."""

    success: float
    fidelity: float | None


@dataclass(frozen=True)
class Row:
    """A circuit on a device."""

    circuit: str
    device: str
    ardea: Score
    qiskit: Score


def table(
    folder: str, chosen: Sequence[str], names: Sequence[str] | None, widest: int, preserve: str, aim: str,
) -> list[Row]:
    """Prints a line for each circuit on each device, and what they say together."""
    print("Chance of success by calibrated errors and waits ('success'), and Hellinger fidelity of the simulated noisy")
    print("distribution with the exact one ('fidelity', up to 10 qubits, without misreading).\n")
    print("| circuit | device | success Ardea | Qiskit | error ratio | fidelity Ardea | Qiskit |")
    print("|" + " --- |" * 7)
    circuits = compilers.load(folder, widest)
    rows = []
    for name, circuit in circuits.items():
        if names is not None and name not in names:
            continue
        if compilers.final_measurements(circuit) is None:
            print(f"| {name} | | measures in its middle: left out |")
            continue
        exact = compilers.distribution(circuit)
        for device in chosen:
            outputs = [compilers.by_ardea(circuit, device, preserve, aim), compilers.by_qiskit(circuit, device)]
            for output in outputs:
                check(output, exact, f"{name} on {device}")
            simulated = all(is_small(output) for output in outputs)
            ours, theirs = (score(output, device, exact if simulated else None) for output in outputs)
            rows.append(Row(name, device, ours, theirs))
            print(line(rows[-1]), flush=True)
    summary(rows)
    return rows


def check(output: Any, exact: Any, where: str) -> None:
    """Both compilers must implement the circuit."""
    found = compilers.closeness(compilers.distribution(output), exact)
    if found < 1 - 1e-6:
        raise RuntimeError(f"{where}: the compiled circuit computes something else (closeness {found})")


def is_small(output: Any) -> bool:
    return compilers.active_qubits(output) <= DENSITY_QUBITS and len(output.data) <= DENSITY_INSTRUCTIONS


def score(output: Any, device: str, exact: Any) -> Score:
    success = math.exp(log_success(output, devices.backend(device)))
    if exact is None:
        return Score(success, None)
    noisy = compilers.distribution(output, devices.memoryless(device))
    return Score(success, compilers.closeness(noisy, exact))


def line(row: Row) -> str:
    def fidelity(score: Score) -> str:
        return "" if score.fidelity is None else f"{score.fidelity:.4f}"

    ratio = error_ratio(row.ardea.success, row.qiskit.success)
    cells = [row.circuit, row.device, f"{row.ardea.success:.4f}", f"{row.qiskit.success:.4f}", f"{ratio:.3f}",
             fidelity(row.ardea), fidelity(row.qiskit)]
    return "| " + " | ".join(cells) + " |"


def error_ratio(ours: float, theirs: float) -> float:
    """Ardea's error over Qiskit's; errors below 1e-6 count as 1e-6, since some circuits compile to nothing."""
    return max(1 - ours, 1e-6) / max(1 - theirs, 1e-6)


def summary(rows: Sequence[Row]) -> None:
    """Counts and geometric means."""
    if not rows:
        return
    pairs = [(row.ardea.success, row.qiskit.success) for row in rows]
    report("all, by success", pairs)
    report(f"one success at least {HOPELESS:g}", [pair for pair in pairs if max(pair) >= HOPELESS])
    fidelities = [
        (row.ardea.fidelity, row.qiskit.fidelity) for row in rows
        if row.ardea.fidelity is not None and row.qiskit.fidelity is not None
    ]
    report("by simulated fidelity", fidelities)


def report(name: str, pairs: Sequence[tuple[float, float]]) -> None:
    if not pairs:
        return
    # Two figures that agree to rounding are equal.
    least = sum(ours >= theirs * (1 - 1e-9) for ours, theirs in pairs)
    ratio = math.exp(sum(math.log(error_ratio(*pair)) for pair in pairs) / len(pairs))
    print(f"\n{name}: {len(pairs)} cases, at least Qiskit's in {100 * least / len(pairs):.1f} %, "
          f"geometric mean of the error ratios {ratio:.3f}")
