"""What the figures say: a line for each circuit, and the means over the families."""

import math


def line(family, n, threads, precision, standing):
    """One circuit: seconds and ratios, and who is missing for what reason."""
    parts = [f"{family:10s} n={n:2d} threads={threads} {precision}"]
    ratios = standing.ratios()
    for name, run in standing.best.items():
        text = f"{name} {run['seconds']:.5f} s"
        if name in ratios:
            text += f" ({ratios[name]:.2f}x)"
        parts.append(text)
    parts += [f"{name}: {why}" for name, why in standing.missing.items()]
    return "  ".join(parts)


def geometric_mean(values):
    values = list(values)
    return math.exp(sum(map(math.log, values)) / len(values))


def summary(rows):
    print("\ngeometric means of peer / ardea (above 1: ardea is faster), the number of families, and the least of them")
    print("a peer has a ratio where it ran and gave the same state; 'fastest peer' has one on every circuit that any peer ran")
    for key in sorted({(row["precision"], row["threads"], row["n"]) for row in rows}):
        chosen = [row for row in rows if (row["precision"], row["threads"], row["n"]) == key]
        names = sorted({name for row in chosen for name in row["ratios"]})
        text = [f"{key[0]} threads={key[1]} n={key[2]:2d}"]
        for name in names:
            text.append(mean(name, {row["family"]: row["ratios"][name] for row in chosen if name in row["ratios"]}))
        fastest = {row["family"]: min(row["ratios"].values()) for row in chosen if row["ratios"]}
        if fastest:
            text.append(mean("fastest peer", fastest))
        print("  ".join(text))
    speed_ups(rows)


def mean(name, ratios):
    worst = min(ratios, key=ratios.get)
    return f"{name} {geometric_mean(ratios.values()):.2f} of {len(ratios)} (least {ratios[worst]:.2f}, {worst})"


def speed_ups(rows):
    """Seconds with one thread over seconds with more, of each simulator on the families that all of them ran."""
    seconds = {}
    for row in rows:
        for name, run in row["best"].items():
            seconds.setdefault((row["precision"], row["n"]), {}).setdefault(name, {})[row["family"], row["threads"]] = run["seconds"]
    print("\nspeed-up from one thread (geometric mean over the families that all who are named ran)")
    for (precision, n), by_name in sorted(seconds.items()):
        for threads in sorted({threads for runs in by_name.values() for _, threads in runs} - {1}):
            both = {name: {family for family, count in runs if count == threads and (family, 1) in runs}
                    for name, runs in by_name.items()}
            both = {name: families for name, families in both.items() if families}
            shared = set.intersection(*both.values()) if both else set()
            gains = {name: geometric_mean(by_name[name][family, 1] / by_name[name][family, threads] for family in shared)
                     for name in both if shared}
            text = "  ".join(f"{name} {gain:.2f}" for name, gain in gains.items())
            if text:
                print(f"{precision} threads={threads} n={n:2d} of {len(shared)}  {text}")
