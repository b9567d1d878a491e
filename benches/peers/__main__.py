"""Ardea beside other state-vector simulators on the same circuits: see README.md in this folder."""

import argparse
import json

import families
import simulators
import tables
import workers
from contest import Contest


def arguments():
    parser = argparse.ArgumentParser(prog="peers", description=__doc__)

    def among(known):
        def read(text):
            unknown = [name for name in text.split(",") if name not in known]
            if unknown:
                raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(known)}")
            return text.split(",")

        return read

    def numbers(text):
        return sorted({int(part) for part in text.split(",")})

    parser.add_argument("--simulators", type=among(simulators.SIMULATORS), default=list(simulators.SIMULATORS))
    parser.add_argument("--families", type=among(families.FAMILIES), default=list(families.FAMILIES))
    parser.add_argument("-n", "--qubits", type=numbers, default=[20, 22, 24, 26])
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--precision", type=among(("f32", "f64")), default=["f32", "f64"])
    parser.add_argument("--rounds", type=int, default=2, help="how often the simulators take turns")
    parser.add_argument("--default-settings", action="store_true", help="do not look for each peer's best setting")
    parser.add_argument("--keep", type=float, default=1.6,
                        help="a setting goes on to the next size while it takes at most so many times as long as its "
                             "simulator's best")
    parser.add_argument("--drop", type=float, default=10,
                        help="a peer goes on to the next size while it takes at most so many times as long as the fastest")
    parser.add_argument("--once", action="store_true", help="give Ardea a new copy of the circuit for every run")
    parser.add_argument("--limit", type=float, default=100, help="seconds that one configuration may take")
    parser.add_argument("--json", help="keep every figure in this file")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if "ardea" not in asked.simulators:
        parser.error("--simulators: the ratios are to 'ardea', which is missing")
    return asked


def main():
    options = arguments()
    if options.worker:
        workers.serve(options.simulators[-1])
        return
    rows = []
    for precision in options.precision:
        for threads in options.threads:
            for family in options.families:
                contest = Contest(options, family, threads, precision)
                for n in options.qubits:
                    standing = contest.at(n)
                    print(tables.line(family, n, threads, precision, standing), flush=True)
                    rows.append({"family": family, "n": n, "threads": threads, "precision": precision,
                                 "ratios": standing.ratios(), "best": standing.best, "missing": standing.missing})
                    if options.json:  # after every circuit: a run of hours may be cut short
                        with open(options.json, "w") as file:
                            json.dump(rows, file, indent=1)
    tables.summary(rows)


if __name__ == "__main__":
    main()
