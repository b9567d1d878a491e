"""A device's calibration, reading a circuit, and the figures of a compiled one: the same for every compiler."""

import glob
import math
import os


def backend(name):
    """IBM's snapshot of a device by its name, for instance 'boston', 'fez' or 'marrakesh'."""
    from qiskit_ibm_runtime import fake_provider

    return getattr(fake_provider, "Fake" + name.capitalize())()


def calibration_files(name):
    """The device's `conf_*.json` and `props_*.json`, which Ardea reads."""
    import qiskit_ibm_runtime

    folder = os.path.join(os.path.dirname(qiskit_ibm_runtime.__file__), "fake_provider", "backends", name)
    return [glob.glob(os.path.join(folder, kind + "_*.json"))[0] for kind in ("conf", "props")]


def load(path):
    """An OpenQASM 2 or 3 file through Qiskit's own readers."""
    from qiskit import qasm2, qasm3

    with open(path, encoding="utf-8") as file:
        text = file.read()
    if "OPENQASM 3" in text[:4000]:
        return qasm3.loads(text)
    return qasm2.loads(text, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)


def score(circuit, target):
    """Two-qubit gates and depth, log success probability, and the number of instructions that cannot work.

    The log success probability sums log(1 - error) over the gates and measurements that have a calibrated error.
    An error of one half or more marks an instruction that is out of order.
    """
    two_qubit_gates = unusable = 0
    log_success = 0.0
    for item in circuit.data:
        name = item.operation.name
        if name in ("barrier", "delay"):
            continue
        qubits = tuple(circuit.find_bit(qubit).index for qubit in item.qubits)
        two_qubit_gates += len(qubits) == 2
        if not target.instruction_supported(name, qubits):
            unusable += 1
            continue
        properties = target[name].get(qubits)
        error = properties.error if properties is not None and properties.error is not None else 0.0
        unusable += error >= 0.5
        log_success += math.log(max(1e-300, 1.0 - error))
    return {
        "two_qubit_gates": two_qubit_gates,
        "two_qubit_depth": circuit.depth(lambda item: len(item.qubits) == 2 and item.operation.name != "barrier"),
        "log_success": log_success,
        "unusable": unusable,
    }
