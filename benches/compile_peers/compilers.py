"""The compilers: each takes a path and a device and returns the figures of its output and its seconds."""

import json
import os
import statistics
import subprocess
import tempfile
import time

import scoring

#: Largest circuit that BQSKit's numerical synthesis is given.
BQSKIT_QUBITS, BQSKIT_OPERATIONS = 10, 400


def ardea(job, *options):
    """The command line; its OpenQASM output is read and scored by Qiskit like everybody's."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out.qasm")
        target = ",".join(scoring.calibration_files(job["device"]))
        command = [job["ardea"], "compile", job["path"], "-o", out, "--target", target, "--preserve", job["preserve"]]
        start = time.perf_counter()
        subprocess.run([*command, *options], check=True, capture_output=True)
        seconds = time.perf_counter() - start
        return figures(scoring.load(out), job) | {"seconds": seconds}


def qiskit(job, level, seeds=3, budget=None):
    """The preset pass manager; the fewest two-qubit gates of several seeds, the median time of one."""
    from qiskit.transpiler import generate_preset_pass_manager

    device, circuit = scoring.backend(job["device"]), scoring.load(job["path"])
    runs, begun, seed = [], time.perf_counter(), 0
    while seed < seeds if budget is None else seed == 0 or time.perf_counter() - begun < budget:
        manager = generate_preset_pass_manager(level, backend=device, seed_transpiler=seed)
        start = time.perf_counter()
        out = manager.run(circuit)
        runs.append(figures(out, job) | {"seconds": time.perf_counter() - start})
        seed += 1
    best = min(runs, key=lambda run: run["two_qubit_gates"])
    times = [run["seconds"] for run in runs]
    best_success = max(run["log_success"] for run in runs)
    seconds = statistics.median(times) if budget is None else sum(times)
    return best | {"seconds": seconds, "log_success": best_success, "seeds": seed}


def tket(job, level):
    """The passes that pytket-qiskit runs for an IBM device of this coupling map."""
    from pytket import OpType
    from pytket.architecture import Architecture
    from pytket.backends.backendinfo import BackendInfo
    from pytket.extensions.qiskit import IBMQBackend, qiskit_to_tk, tk_to_qiskit
    from qiskit import transpile

    target = scoring.backend(job["device"]).target
    edges = sorted({tuple(sorted(pair)) for pair in target["cz"]})
    gates = {OpType.CZ, OpType.Rz, OpType.SX, OpType.X, OpType.Measure, OpType.Barrier, OpType.Reset}
    info = BackendInfo(
        name="snapshot", device_name=job["device"], version="0", architecture=Architecture(edges), gate_set=gates
    )
    circuit = qiskit_to_tk(transpile(scoring.load(job["path"]), basis_gates=["cx", "u"], optimization_level=0))
    start = time.perf_counter()
    IBMQBackend.pass_from_info(info, level, timeout=60).apply(circuit)
    seconds = time.perf_counter() - start
    return figures(tk_to_qiskit(circuit), job) | {"seconds": seconds}


def bqskit(job):
    """Level 2 on a piece of the device, small circuits only; None where it is not meant to run."""
    circuit = scoring.load(job["path"])
    if circuit.num_qubits > BQSKIT_QUBITS or circuit.size() > BQSKIT_OPERATIONS:
        return None
    from bqskit import MachineModel, compile as compile_with_bqskit
    from bqskit.ext import bqskit_to_qiskit, qiskit_to_bqskit
    from bqskit.ir.gates import CZGate, RZGate, SXGate, XGate
    from qiskit import transpile

    edges = sorted({tuple(sorted(pair)) for pair in scoring.backend(job["device"]).target["cz"]})
    model = MachineModel(1 + max(max(edge) for edge in edges), edges, {CZGate(), RZGate(), SXGate(), XGate()})
    unitary = circuit.remove_final_measurements(inplace=False)
    given = qiskit_to_bqskit(transpile(unitary, basis_gates=["cx", "u"], optimization_level=0))
    start = time.perf_counter()
    out = compile_with_bqskit(given, model=model, optimization_level=2, seed=0)
    return figures(bqskit_to_qiskit(out), job) | {"seconds": time.perf_counter() - start}


def figures(circuit, job):
    """The score on the device's own target."""
    return scoring.score(circuit, scoring.backend(job["device"]).target)


def run(name, job):
    """Runs the compiler called `name`; `job` holds path, device, preserve, ardea and, for equal time, budget."""
    if name == "ardea-max":
        return ardea(job, "-O3", "--effort", "max")
    if name.startswith("ardea"):
        return ardea(job, "-O" + name[-1])
    if name == "qiskit3-time":
        return qiskit(job, 3, budget=job["budget"])
    if name.startswith("qiskit"):
        return qiskit(job, int(name[-1]))
    if name.startswith("tket"):
        return tket(job, int(name[-1]))
    if name == "bqskit":
        return bqskit(job)
    raise ValueError(f"no compiler is called {name}; see --help")


def worker(queue, name, job):
    """One run in a process of its own, so that a limit can end it; an exception is a result too."""
    try:
        queue.put(run(name, job))
    except Exception as error:  # noqa: BLE001 - a peer's failure is its figure
        detail = error.stderr.decode() if isinstance(error, subprocess.CalledProcessError) else str(error)
        queue.put({"error": f"{type(error).__name__}: {detail}"[:300]})


def as_json(rows):
    """Every figure as indented text."""
    return json.dumps(rows, indent=1, sort_keys=True)
