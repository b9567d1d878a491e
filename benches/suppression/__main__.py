"""Tables of what error suppression buys, under the noise of six devices: see README.md in this folder."""

from __future__ import annotations

import argparse
import os

import devices


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="suppression", description=__doc__)
    parser.add_argument("--table", choices=("layout", "decoupling", "chain", "all"), default="all")
    parser.add_argument("--devices", default=",".join(devices.DEVICES), help="comma-separated")
    parser.add_argument("--circuits", default=os.environ.get("ARDEA_SHARED", "../shared") + "/circuits",
                        help="folder of OpenQASM files for the table of layouts")
    parser.add_argument("--cases", help="comma-separated cases of the table of decoupling or of the chain, or stems of the "
                                        "circuits")
    parser.add_argument("--preserve", choices=("counts", "state", "unitary"), default="counts",
                        help="what Ardea must preserve in the table of layouts; counts is its default")
    parser.add_argument("--aim", choices=("gates", "success"), default="success",
                        help="what Ardea chooses by in the table of layouts, which compares success")
    parser.add_argument("--shots", type=int,
                        help="of each run by trajectories; 16384, and 4096 in the table of the chain")
    parser.add_argument("--detuning", type=float, default=1000.0,
                        help="hertz of the quasi-static detuning in the table of decoupling; 1000 is the model's default")
    parser.add_argument("--quick", action="store_true", help="two devices, few shots, small circuits")
    return parser.parse_args()


def main() -> None:
    asked = arguments()
    chosen = asked.devices.split(",")
    if asked.quick:
        chosen, asked.shots = chosen[:2], asked.shots or 1024
    names = asked.cases.split(",") if asked.cases else None
    if asked.table in ("layout", "all"):
        import layout

        layout.table(asked.circuits, chosen, names, 8 if asked.quick else 18, asked.preserve, asked.aim)
    if asked.table in ("decoupling", "all"):
        import decoupling
        from cases import CASES

        small = [name for name in CASES if CASES[name]().circuit.num_qubits <= 8]
        decoupling.table(names or (small if asked.quick else list(CASES)), chosen, asked.shots or 16384, asked.detuning)
    if asked.table in ("chain", "all"):
        import chain

        chain.table(names, chosen, asked.shots or 4096, 8 if asked.quick else 20)


if __name__ == "__main__":
    main()
