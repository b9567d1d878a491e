"""Table "Decoupling": infidelity of idle-heavy circuits by the way their idle time is filled."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import ardea

import decouplers
import devices
from cases import CASES, Case
from noisy import Infidelity, infidelity

COLUMNS = (*decouplers.METHODS, decouplers.SCHEDULED)


@dataclass(frozen=True)
class Row:
    """A case on a device: the infidelity by method, and without anything that decoupling acts on."""

    case: str
    device: str
    floor: Infidelity
    by_method: dict[str, Infidelity]


def table(names: Sequence[str], chosen: Sequence[str], shots: int, detuning: float) -> list[Row]:
    """Prints a line for each case on each device, and what they say together."""
    print(f"Quasi-static detuning of {detuning:g} Hz; ZZ as calibrated, or 4 kHz where it was not.")
    print("Infidelity 1 - P(right outcome) in percent, with its standard error in brackets.")
    print("'floor' is the circuit without decoupling and without slow or coherent noise: no decoupling can go below.")
    print("'least loss' is staggered with --schedule least-loss: the only column in which gates start at other times.")
    print("'gain' is none / staggered; 'above floor' is the same with the floor taken from both.\n")
    head = ["case", "device", "floor", *COLUMNS, "gain", "above floor"]
    print("| " + " | ".join(head) + " |")
    print("|" + " --- |" * len(head))
    rows = []
    for name in names:
        case = CASES[name]()
        for device in chosen:
            rows.append(measure(case, device, shots, detuning))
            print(line(rows[-1]), flush=True)
    summary(rows)
    return rows


def measure(case: Case, device: str, shots: int, detuning: float) -> Row:
    """Fills the circuit in every way and runs each."""
    filled = decouplers.fill(device, case.circuit)
    for method, circuit in filled.items():
        check(circuit, case, f"{method} on {device}")
    noise = devices.with_memory(device, detuning)
    # Of this row alone, so that chance does not push all rows the same way.
    seed = zlib.crc32(f"{case.name} on {device}".encode())
    by_method = {method: infidelity(circuit, noise, case.outcome, shots, seed) for method, circuit in filled.items()}
    floor = infidelity(filled["none"], devices.floor(device), case.outcome, shots, seed)
    return Row(case.name, device, floor, by_method)


def check(circuit: ardea.Circuit, case: Case, where: str) -> None:
    """Without noise the outcome is certain, or the circuit was not compiled right."""
    counts = ardea.run(circuit, shots=256, seed=0)
    if set(counts) != {case.outcome}:
        raise RuntimeError(f"{case.name}, {where}: outcomes {dict(counts)} instead of {case.outcome}")


def line(row: Row) -> str:
    cells = [row.case, row.device, percent(row.floor)]
    cells += [percent(row.by_method[method]) for method in COLUMNS]
    cells += [f"{gain(row):.2f}", times(gain_above_floor(row))]
    return "| " + " | ".join(cells) + " |"


def percent(value: Infidelity) -> str:
    return f"{100 * value.mean:.3f}({100 * value.error:.3f})"


def times(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


def gain(row: Row) -> float:
    """How many times more is lost without decoupling."""
    return row.by_method["none"].mean / row.by_method["staggered"].mean


def gain_above_floor(row: Row) -> float | None:
    """The same of what lies above the floor; `None` where what none loses is not three standard errors above it.

    Where staggered is not above the floor by its error, the error stands in its place.
    """
    lost, error = row.by_method["none"].above(row.floor)
    if lost < 3 * error or lost <= 0:
        return None
    left, error = row.by_method["staggered"].above(row.floor)
    return lost / max(left, error, 1e-6)


def summary(rows: Sequence[Row]) -> None:
    """Counts in how many cases each target is met."""
    if not rows:
        return
    mean = math.exp(sum(math.log(gain(row)) for row in rows) / len(rows))
    print(f"\n{len(rows)} cases; gain {mean:.2f} (geometric mean), at least 2 in {sum(gain(row) >= 2 for row in rows)}")
    above = [found for row in rows if (found := gain_above_floor(row)) is not None]
    if above:
        mean = math.exp(sum(math.log(found) for found in above) / len(above))
        print(f"above the floor, in the {len(above)} cases that lose anything there: gain {mean:.1f} (geometric mean), "
              f"at least 2 in {sum(found >= 2 for found in above)}")
    for method in ("none", "XY4", "context-aware"):
        verdicts = [verdict(row, method) for row in rows]
        counted = ", ".join(f"{word} {verdicts.count(word)}" for word in ("better", "equal", "worse"))
        print(f"staggered against {method}: {counted} (equal: within two standard errors of the difference)")


def verdict(row: Row, method: str) -> str:
    difference, error = row.by_method[method].above(row.by_method["staggered"])
    if abs(difference) <= max(2 * error, 1e-6):
        return "equal"
    return "better" if difference > 0 else "worse"
