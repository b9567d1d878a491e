"""Table "Decoupling": infidelity of idle-heavy circuits by the way their idle time is filled."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import ardea

import decouplers
import devices
from cases import CASES, Case
from noisy import Estimate, infidelity


@dataclass(frozen=True)
class Row:
    """A case on a device: the infidelity by method, and without anything that decoupling acts on."""

    case: str
    device: str
    floor: Estimate
    by_method: dict[str, Estimate]


def measure(case: Case, device: str, shots: int, batches: int) -> Row:
    """Fills the circuit in every way and runs each."""
    filled = decouplers.fill(device, case.circuit)
    for method, circuit in filled.items():
        check(circuit, case, f"{method} on {device}")
    noise = devices.with_memory(device)
    by_method = {
        method: infidelity(circuit, noise, case.outcome, shots, batches) for method, circuit in filled.items()
    }
    floor = infidelity(filled["none"], devices.floor(device), case.outcome, shots, batches)
    return Row(case.name, device, floor, by_method)


def check(circuit: ardea.Circuit, case: Case, where: str) -> None:
    """Without noise the outcome is certain, or the circuit was not compiled right."""
    counts = ardea.run(circuit, shots=256, seed=0)
    if set(counts) != {case.outcome}:
        raise RuntimeError(f"{case.name}, {where}: outcomes {dict(counts)} instead of {case.outcome}")


def table(names: Sequence[str], chosen: Sequence[str], shots: int) -> list[Row]:
    """Prints a line for each case on each device, and what they say together."""
    methods = decouplers.METHODS
    print("Infidelity 1 - P(right outcome), in percent, with the standard error of its last digits in brackets.")
    print("'floor' is the circuit without decoupling and without slow or coherent noise: no decoupling can go below.")
    print("'least loss' is staggered with --schedule least-loss: the only column in which gates start at other times.")
    print("'gain' is none / staggered; 'above floor' is the same with the floor taken from both.\n")
    head = ["case", "device", "floor", *methods, decouplers.SCHEDULED, "gain", "above floor"]
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    rows = []
    for name in names:
        case = CASES[name]()
        wide = case.circuit.num_qubits > 16
        for device in chosen:
            row = measure(case, device, shots // 8 if wide else shots, 16)
            rows.append(row)
            print(line(row), flush=True)
    summary(rows)
    return rows


def line(row: Row) -> str:
    cells = [row.case, row.device, percent(row.floor)]
    cells += [percent(row.by_method[method]) for method in (*decouplers.METHODS, decouplers.SCHEDULED)]
    cells += [f"{gain(row, 0):.2f}", f"{gain(row, row.floor.mean):.2f}"]
    return "| " + " | ".join(cells) + " |"


def percent(value: Estimate) -> str:
    return f"{100 * value.mean:.2f}({100 * value.error:.2f})"


def gain(row: Row, floor: float) -> float:
    """How many times more is lost without decoupling, above a floor."""
    lost = {method: max(value.mean - floor, 1e-6) for method, value in row.by_method.items()}
    return lost["none"] / lost["staggered"]


def summary(rows: Sequence[Row]) -> None:
    """Counts in how many cases each target is met."""
    if not rows:
        return

    def mean(floor: float) -> float:
        return math.exp(sum(math.log(gain(row, floor * row.floor.mean)) for row in rows) / len(rows))

    print(f"\n{len(rows)} cases; gain {mean(0):.2f}, above the floor {mean(1):.2f} (geometric means)")
    twice = sum(gain(row, 0) >= 2 for row in rows)
    print(f"staggered at most half of none: {twice}; of what is above the floor: "
          f"{sum(gain(row, row.floor.mean) >= 2 for row in rows)}")
    for method in ("none", "XY4", "context-aware"):
        verdicts = [verdict(row, method) for row in rows]
        counted = ", ".join(f"{word} {verdicts.count(word)}" for word in ("better", "equal", "worse"))
        print(f"staggered against {method}: {counted} (equal: within two standard errors)")


def verdict(row: Row, method: str) -> str:
    ours, other = row.by_method["staggered"], row.by_method[method]
    difference, bar = other.mean - ours.mean, 2 * math.hypot(ours.error, other.error)
    if abs(difference) <= bar:
        return "equal"
    return "better" if difference > 0 else "worse"
