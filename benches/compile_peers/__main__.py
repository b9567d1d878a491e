"""Ardea beside its peers on a folder of circuits: see README.md in this folder."""

import argparse
import glob
import math
import multiprocessing
import os
import queue
import sys

import compilers

COMPILERS = ("ardea2", "ardea3", "qiskit2", "qiskit3", "qiskit3-time", "tket2", "tket3", "bqskit")


def arguments():
    parser = argparse.ArgumentParser(prog="compile_peers", description=__doc__)
    parser.add_argument("circuits", help="folder of OpenQASM files")
    parser.add_argument("--only", default="*", help="glob of file names without .qasm")
    parser.add_argument("--device", default="boston")
    parser.add_argument("--preserve", default="unitary", choices=("counts", "state", "unitary"))
    parser.add_argument("--compilers", default=",".join(COMPILERS), help="comma-separated; also ardea-max")
    parser.add_argument("--limit", type=float, default=120, help="seconds a compiler may take on a circuit")
    parser.add_argument("--json", help="keep every figure in this file")
    parser.add_argument("--ardea", default=default_binary(), help="the ardea binary")
    return parser.parse_args()


def default_binary():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    return os.path.join(os.environ.get("CARGO_TARGET_DIR", os.path.join(root, "target")), "release", "ardea")


def limited(name, job, limit):
    """The figures of one run, None where it is not meant to run, or {'error': ...}."""
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    process = context.Process(target=compilers.worker, args=(answer, name, job))
    process.start()
    try:
        return answer.get(timeout=limit)
    except queue.Empty:
        return {"error": f"took longer than {limit:g} s"}
    finally:
        process.kill()
        process.join()


def works(figures):
    return figures is not None and "error" not in figures


def print_circuit(name, row):
    print(name)
    for compiler, figures in row.items():
        if figures is None:
            continue
        if "error" in figures:
            print(f"  {compiler:13s} {figures['error']}")
            continue
        broken = f"   {figures['unusable']} instructions cannot work" if figures["unusable"] else ""
        print(
            f"  {compiler:13s} {figures['two_qubit_gates']:7d} two-qubit gates, depth {figures['two_qubit_depth']:6d}, "
            f"log success {figures['log_success']:10.3f}, {figures['seconds']:8.3f} s{broken}"
        )
    sys.stdout.flush()


def geometric_mean(values):
    return math.exp(sum(map(math.log, values)) / len(values))


def compare(ours, theirs, rows):
    """One line: `ours` divided by `theirs` over the circuits that both compiled."""
    pairs = [(row[ours], row[theirs]) for row in rows.values() if works(row.get(ours)) and works(row.get(theirs))]
    if not pairs:
        return
    means = [
        geometric_mean([max(a[key], 1e-9 if key == "seconds" else 1) / max(b[key], 1e-9 if key == "seconds" else 1) for a, b in pairs])
        for key in ("two_qubit_gates", "two_qubit_depth", "seconds")
    ]
    better = sum(a["log_success"] >= b["log_success"] for a, b in pairs)
    print(
        f"{ours:10s} / {theirs:13s} {means[0]:7.3f} {means[1]:7.3f} {means[2]:9.4f}   {better:3d} of {len(pairs):3d}"
    )


def compare_with_best(ours, peers, rows):
    """The same against the peer with the fewest two-qubit gates, circuit by circuit."""
    ratios = []
    for name, row in rows.items():
        counts = [row[peer]["two_qubit_gates"] for peer in peers if works(row.get(peer))]
        if counts and works(row.get(ours)):
            ratios.append((max(row[ours]["two_qubit_gates"], 1) / max(min(counts), 1), name))
    if not ratios:
        return
    worse = sorted((item for item in ratios if item[0] > 1), reverse=True)
    print(f"{ours:10s} / best peer     {geometric_mean([ratio for ratio, _ in ratios]):7.3f}   more gates on {len(worse)} of {len(ratios)}")
    for ratio, name in worse:
        print(f"    {ratio:6.3f}  {name}")


def main():
    args = arguments()
    names = args.compilers.split(",")
    unknown = sorted(set(names) - {*COMPILERS, "ardea-max"})
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; choose among {', '.join(COMPILERS)}, ardea-max")
    rows = {}
    for path in sorted(glob.glob(os.path.join(args.circuits, args.only + ".qasm"))):
        job = {"path": path, "device": args.device, "preserve": args.preserve, "ardea": args.ardea, "budget": 0.0}
        row = rows[os.path.basename(path)] = {}
        for name in names:
            row[name] = limited(name, job, args.limit)
            if name == "ardea3" and works(row[name]):
                job["budget"] = row[name]["seconds"]
        print_circuit(os.path.basename(path), row)
        if args.json:
            with open(args.json, "w", encoding="utf-8") as file:
                file.write(compilers.as_json(rows))
    if not rows:
        sys.exit(f"no circuit matches {args.only}.qasm in {args.circuits}")
    peers = [name for name in names if not name.startswith("ardea")]
    print("\ngeometric means             2q gates  2q depth  time      log success at least equal")
    for ours in (name for name in names if name.startswith("ardea")):
        for theirs in peers:
            compare(ours, theirs, rows)
        compare_with_best(ours, peers, rows)


if __name__ == "__main__":
    main()
