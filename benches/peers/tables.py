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
    """Seconds with one thread over seconds with more: of each peer, and of Ardea on the families that the peer ran."""
    seconds = {(row["precision"], row["n"], row["family"], name, row["threads"]): run["seconds"]
               for row in rows for name, run in row["best"].items()}
    gains = {}
    for (precision, n, family, name, threads), taken in seconds.items():
        alone = seconds.get((precision, n, family, name, 1))
        if threads > 1 and alone:
            gains.setdefault((precision, threads, n), {}).setdefault(name, {})[family] = alone / taken
    print("\nspeed-up from one thread (geometric means), and Ardea's on the same families")
    for (precision, threads, n), by_name in sorted(gains.items()):
        own = by_name.pop("ardea", {})
        text = [f"{precision} threads={threads} n={n:2d}"]
        if not by_name:
            text.append(f"ardea {geometric_mean(own.values()):.2f} of {len(own)}")
        for name, gain in by_name.items():
            both = gain.keys() & own.keys()
            if both:
                peer, ardea = (geometric_mean(one[family] for family in both) for one in (gain, own))
                text.append(f"{name} {peer:.2f}, ardea {ardea:.2f} of {len(both)}")
        print("  ".join(text))
