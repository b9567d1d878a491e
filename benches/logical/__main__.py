"""Two-qubit gates without routing, beside published and measured figures: see README.md in this folder."""

import argparse
import fnmatch
import glob
import json
import math
import os
import subprocess
import sys
import tempfile

import families
import peers

HERE = os.path.dirname(os.path.abspath(__file__))


def arguments():
    parser = argparse.ArgumentParser(prog="logical", description=__doc__)
    parser.add_argument("circuits", nargs="?", help="folder of OpenQASM files; the benchmark's own circuits otherwise")
    parser.add_argument("--only", default="*", help="glob of circuit names")
    parser.add_argument("--levels", default="2,3", help="comma-separated")
    parser.add_argument("--effort", default="normal", choices=("normal", "high", "max"))
    parser.add_argument("--peers", default="qiskit,tket", help="comma-separated; '' for none")
    parser.add_argument("--verify", action="store_true", help="have Ardea check every output")
    parser.add_argument("--json", help="keep every figure in this file")
    parser.add_argument("--ardea", default=default_binary(), help="the ardea binary")
    return parser.parse_args()


def default_binary():
    root = os.path.dirname(os.path.dirname(HERE))
    return os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(root, "target")), "release", "ardea")


def circuits(args, folder):
    """Name -> path, short circuits first; the benchmark's own are written into `folder`."""
    if args.circuits is None:
        for name, (qubits, gates) in families.generated().items():
            with open(os.path.join(folder, name + ".qasm"), "w", encoding="utf-8") as file:
                file.write(families.openqasm(qubits, gates))
    paths = sorted(glob.glob(os.path.join(args.circuits or folder, "*.qasm")), key=os.path.getsize)
    named = {os.path.basename(path)[: -len(".qasm")]: path for path in paths}
    return {name: path for name, path in named.items() if fnmatch.fnmatch(name, args.only)}


def ardea(args, path, level, folder):
    """Two-qubit gates and seconds of the command line on a device where all qubits are coupled."""
    report = os.path.join(folder, "report.json")
    command = [args.ardea, "compile", path, "-o", os.devnull, "--report", report, "--preserve", "unitary"]
    command += ["--target", f"all_to_all:{peers.width(path)}", "--level", level]
    # Levels 0 and 1 have no use for it, and refuse it.
    command += ["--effort", args.effort] if args.effort != "normal" else []
    command += ["--verify"] if args.verify else []
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{path}: {done.stderr.strip()}")
    with open(report, encoding="utf-8") as file:
        figures = json.load(file)
    return figures["two_qubit_gates"], figures["seconds"]


def table(args, folder):
    """One row of figures for each circuit, printed as it is made."""
    with open(os.path.join(HERE, "published.json"), encoding="utf-8") as file:
        published = json.load(file)["two_qubit_gates"]
    levels = args.levels.split(",")
    measured = [peer for peer in args.peers.split(",") if peer]
    columns = ["before", *(f"O{level}" for level in levels), "s", *measured, "published"]
    print(f"{'circuit':16s}" + "".join(f"{column:>10s}" for column in columns) + "   ratio to the best")
    rows = {}
    for name, path in circuits(args, folder).items():
        row = rows[name] = {"before": peers.before(path)}
        for level in levels:
            row[f"O{level}"], row["s"] = ardea(args, path, level, folder)
        row |= {peer: peers.RUN[peer](path) for peer in measured}
        known = published.get(name, {})
        row["published"] = min(known.values(), default=None)
        others = [row[peer] for peer in measured] + list(known.values())
        row["best"] = min(others, default=None)
        ours = min(row[f"O{level}"] for level in levels)
        row["ratio"] = ours / row["best"] if row["best"] else None
        cells = [f"{row[column]:10.1f}" if column == "s" else f"{row[column] or '-':>10}" for column in columns]
        who = min(known, key=known.get) if known else ""
        ratio = f"{row['ratio']:8.3f}" if row["ratio"] else "       -"
        print(f"{name:16s}" + "".join(cells) + ratio + f"  {who}", flush=True)
    return rows


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as folder:
        rows = table(args, folder)
    if args.json:
        with open(args.json, "w", encoding="utf-8") as file:
            json.dump(rows, file, indent=1, sort_keys=True)
    ratios = [row["ratio"] for row in rows.values() if row["ratio"]]
    if not ratios:
        sys.exit("nothing to compare with")
    level = sum(ratio <= 1 for ratio in ratios)
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(f"\nat or below the best of all on {level} of {len(ratios)} ({level / len(ratios):.0%}), geometric mean {mean:.3f}")


if __name__ == "__main__":
    main()
