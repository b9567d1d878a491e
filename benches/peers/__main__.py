"""Ardea beside other state-vector simulators on the same circuits: see README.md in this folder."""

import argparse
import json
import math
import os
import statistics
import subprocess
import sys

import families
import simulators

HERE = os.path.dirname(os.path.abspath(__file__))


def arguments():
    def listed(kind):
        return lambda text: [kind(part) for part in text.split(",")]

    parser = argparse.ArgumentParser(prog="peers", description=__doc__)
    parser.add_argument("--simulators", type=listed(str), default=list(simulators.SIMULATORS))
    parser.add_argument("--families", type=listed(str), default=list(families.FAMILIES))
    parser.add_argument("-n", "--qubits", type=listed(int), default=[20, 22])
    parser.add_argument("--threads", type=listed(int), default=[1, 2])
    parser.add_argument("--precision", type=listed(str), default=["f32", "f64"])
    parser.add_argument("--rounds", type=int, default=2, help="how often the simulators take turns")
    parser.add_argument("--default-settings", action="store_true", help="do not look for each peer's best setting")
    parser.add_argument("--once", action="store_true", help="give Ardea a new copy of the circuit for every run")
    parser.add_argument("--limit", type=float, default=600, help="seconds that one configuration may take")
    parser.add_argument("--json", help="keep every figure in this file")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    return parser.parse_args()


def configuration(job, limit):
    """The figures of one configuration, or {'error': ...}."""
    command = [sys.executable, HERE, "--worker", json.dumps(job)]
    if job["threads"] == 1 and sys.platform == "linux":
        command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
    try:
        run = subprocess.run(
            command, capture_output=True, text=True, timeout=limit, env=simulators.environment(job["threads"])
        )
    except subprocess.TimeoutExpired:
        return {"error": f"took longer than {limit:g} s"}
    lines = [line for line in run.stdout.splitlines() if line.startswith("{")]
    if run.returncode or not lines:
        return {"error": (run.stderr.strip().splitlines() or ["no answer"])[-1]}
    return json.loads(lines[-1])


def in_turns(options, family, n, threads, precision):
    """Each simulator's best median, its setting and amplitudes; the simulators take turns."""
    found = {}
    for turn in range(options.rounds):
        for name in options.simulators:
            kind = simulators.SIMULATORS[name]
            if precision not in kind.precisions or "error" in found.get(name, {}):
                continue
            if turn > 0:
                settings = [found[name]["setting"]]
            else:
                settings = kind.settings[:1] if options.default_settings else kind.settings
            if options.once and name == "ardea":
                settings = [{"once": True}]
            for setting in settings:
                job = {
                    "simulator": name, "family": family, "n": n, "threads": threads, "precision": precision,
                    "setting": setting, "least": 3 if n < 24 else 1, "most": 200 if n < 16 else 9,
                }
                figures = configuration(job, options.limit)
                if "error" in figures:
                    found.setdefault(name, figures)
                    continue
                median = statistics.median(figures["times"])
                best = found.get(name)
                if best is None or "error" in best or median < best["seconds"]:
                    found[name] = {"seconds": median, "setting": setting, "amplitudes": figures["amplitudes"]}
    return found


def difference(a, b, precision):
    """How far two lists of amplitudes are apart, as 1 - |overlap|; None where they agree."""
    a, b = ([complex(*z) for z in list_] for list_ in (a, b))
    size = math.sqrt(sum(abs(z) ** 2 for z in a) * sum(abs(z) ** 2 for z in b))
    if size == 0:
        return None if a == b else 1.0
    distance = abs(1 - abs(sum(x.conjugate() * y for x, y in zip(a, b))) / size)
    norms = abs(1 - math.sqrt(sum(abs(z) ** 2 for z in a) / sum(abs(z) ** 2 for z in b)))
    worst = max(distance, norms)
    return worst if worst > (1e-9 if precision == "f64" else 1e-3) else None


def report(family, n, threads, precision, found):
    own, line = found["ardea"], f"{family:10s} n={n:2d} threads={threads} {precision}"
    if "error" in own:
        print(f"{line}  ardea: {own['error']}", flush=True)
        return {}
    line += f"  ardea {own['seconds']:.5f} s"
    ratios = {}
    for name, figures in found.items():
        if name == "ardea":
            continue
        if "error" in figures:
            line += f"  {name}: {figures['error'][:60]}"
            continue
        ratios[name] = figures["seconds"] / own["seconds"]
        line += f"  {name} {figures['seconds']:.5f} s ({ratios[name]:.2f}x)"
        apart = difference(own["amplitudes"], figures["amplitudes"], precision)
        if apart is not None:
            line += f" DIFFERENT STATE by {apart:.1e}"
    print(line, flush=True)
    return ratios


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def summary(rows):
    print("\ngeometric means of peer / ardea (above 1: ardea is faster), and the least of the families")
    for key in sorted({(row["precision"], row["threads"], row["n"]) for row in rows}):
        chosen = [row for row in rows if (row["precision"], row["threads"], row["n"]) == key]
        names = sorted({name for row in chosen for name in row["ratios"]})
        text = [f"{key[0]} threads={key[1]} n={key[2]:2d}"]
        for name in names:
            ratios = {row["family"]: row["ratios"][name] for row in chosen if name in row["ratios"]}
            worst = min(ratios, key=ratios.get)
            text.append(f"{name} {geometric_mean(ratios.values()):.2f} (least {ratios[worst]:.2f}, {worst})")
        fastest = [min(row["ratios"].values()) for row in chosen if row["ratios"]]
        if fastest:
            text.append(f"fastest peer {geometric_mean(fastest):.2f}")
        print("  ".join(text))


def main():
    options = arguments()
    if options.worker:
        print(json.dumps(simulators.measure(json.loads(options.worker))))
        return
    rows = []
    for precision in options.precision:
        for n in options.qubits:
            for threads in options.threads:
                for family in options.families:
                    found = in_turns(options, family, n, threads, precision)
                    ratios = report(family, n, threads, precision, found)
                    rows.append({"family": family, "n": n, "threads": threads, "precision": precision,
                                 "ratios": ratios, "found": found})
    if options.json:
        with open(options.json, "w") as file:
            json.dump(rows, file, indent=1)
    summary(rows)


if __name__ == "__main__":
    main()
