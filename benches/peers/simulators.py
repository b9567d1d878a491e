"""The simulators behind one face: `build` translates (not timed), `run` simulates (timed, with the allocation of the state
and, where there is one, the planning), `amplitudes` reads what is compared."""

import gc
import importlib
import math
import os
import time

import families

PI = math.pi


class Simulator:
    precisions = ("f64", "f32")
    #: Settings to choose from; the fastest on each circuit is reported.
    settings = [{}]
    #: What a run imports, loaded beforehand.
    modules = ()

    @classmethod
    def load(cls):
        for module in cls.modules:
            importlib.import_module(module)

    def __init__(self, threads, precision, setting):
        self.threads, self.precision, self.setting = threads, precision, setting


class Ardea(Simulator):
    modules = ("ardea",)

    def build(self, n, gates, probes):
        import ardea

        circuit = ardea.Circuit(n)
        for name, qubits, angles in gates:
            matrix = families.matrix(name, angles)
            if matrix is not None:
                circuit.unitary(matrix, qubits)
            else:
                getattr(circuit, name)(*angles, *qubits)
        self.word = "double" if self.precision == "f64" else "single"
        self.simulate = ardea.statevector
        return circuit

    def run(self, circuit):
        if self.setting:  # a copy has nothing that was kept of earlier runs
            circuit = circuit.copy()
        return self.simulate(circuit, precision=self.word, threads=self.threads)

    def amplitudes(self, state, probes):
        return [state.amplitude(index) for index in probes]


class Aer(Simulator):
    modules = ("qiskit", "qiskit_aer.library")
    settings = [{}, {"fusion_max_qubit": 4}, {"fusion_max_qubit": 6}, {"blocking_enable": True, "blocking_qubits": 16}]

    def build(self, n, gates, probes):
        import qiskit_aer.library  # noqa: F401 - adds save_amplitudes
        from qiskit import QuantumCircuit
        from qiskit_aer import AerSimulator

        precision = "double" if self.precision == "f64" else "single"
        self.simulator = AerSimulator(
            method="statevector", precision=precision, max_parallel_threads=self.threads,
            max_parallel_experiments=1, max_parallel_shots=1, enable_truncation=False, **self.setting,
        )
        circuit = QuantumCircuit(n)
        for name, qubits, angles in gates:
            matrix = families.matrix(name, angles)
            if matrix is not None:
                circuit.unitary(matrix, qubits)
            else:
                getattr(circuit, name)(*angles, *qubits)
        circuit.save_amplitudes(probes)
        return circuit

    def run(self, circuit):
        result = self.simulator.run(circuit, shots=1).result()
        if not result.success:
            raise RuntimeError(result.status)
        return result.results[0].data.amplitudes

    def amplitudes(self, state, probes):
        return list(state)


class Qsim(Simulator):
    modules = ("cirq", "qsimcirq.qsim_circuit")
    precisions = ("f32",)
    settings = [{"f": 2}, {"f": 3}, {"f": 4}, {"f": 5}]

    def build(self, n, gates, probes):
        import cirq
        import qsimcirq
        import qsimcirq.qsim_circuit

        options = qsimcirq.QSimOptions(max_fused_gate_size=self.setting["f"], cpu_threads=self.threads)
        self.simulator = qsimcirq.QSimSimulator(options)
        line = cirq.LineQubit.range(n)
        named = {"h": cirq.H, "x": cirq.X, "s": cirq.S, "sdg": cirq.S**-1, "t": cirq.T, "tdg": cirq.T**-1,
                 "cx": cirq.CNOT, "swap": cirq.SWAP}
        operations = []
        for name, qubits, angles in gates:
            matrix = families.matrix(name, angles)
            if name in named:
                gate = named[name]
            elif name in ("rx", "ry", "rz"):
                gate = getattr(cirq, name)(angles[0])
            elif name == "cp":
                gate = cirq.CZPowGate(exponent=angles[0] / PI)
            elif name in ("rxx", "ryy", "rzz"):
                power = {"rxx": cirq.XXPowGate, "ryy": cirq.YYPowGate, "rzz": cirq.ZZPowGate}[name]
                gate = power(exponent=angles[0] / PI, global_shift=-0.5)
            elif len(qubits) == 1:
                gate = cirq.MatrixGate(matrix)
            else:  # cirq's first qubit is the high bit
                gate = cirq.MatrixGate(matrix.reshape(2, 2, 2, 2).transpose(1, 0, 3, 2).reshape(4, 4))
            operations.append(gate(*[line[n - 1 - q] for q in qubits]))
        circuit = cirq.Circuit(operations)
        idle = set(line) - set(circuit.all_qubits())
        circuit.append(cirq.I(qubit) for qubit in idle)
        arguments = {"i": "\n".join(format(index, "b").zfill(n)[::-1] for index in probes)}
        arguments.update(self.simulator.qsim_options)
        arguments["c"], _ = self.simulator._translate_circuit(
            qsimcirq.qsim_circuit.QSimCircuit(circuit), "translate_cirq_to_qsim", line
        )
        arguments["s"] = 1
        return arguments

    def run(self, arguments):
        # The compiled part alone: fusion and simulation, without Cirq's translation.
        return self.simulator._sim_module.qsim_simulate(arguments)

    def amplitudes(self, state, probes):
        return list(state)


class Qulacs(Simulator):
    modules = ("qulacs", "qulacs.gate", "qulacs.circuit")
    precisions = ("f64",)
    settings = [{"optimise": None}, {"optimise": "light"}, {"optimise": 2}, {"optimise": 3}, {"optimise": 4}]

    def build(self, n, gates, probes):
        import qulacs
        import qulacs.gate as library
        from qulacs.circuit import QuantumCircuitOptimizer

        self.n, circuit = n, qulacs.QuantumCircuit(n)
        axes = {"x": 1, "y": 2, "z": 3}
        for name, qubits, angles in gates:
            matrix = families.matrix(name, angles)
            if matrix is not None:
                gate = library.DenseMatrix(qubits if len(qubits) > 1 else qubits[0], matrix)
            elif name in ("h", "x", "s", "t"):
                gate = getattr(library, name.upper())(qubits[0])
            elif name in ("sdg", "tdg"):
                gate = getattr(library, name[0].upper() + "dag")(qubits[0])
            elif name in ("rx", "ry", "rz"):
                gate = getattr(library, name.upper())(qubits[0], -angles[0])
            elif name == "cx":
                gate = library.CNOT(*qubits)
            elif name == "swap":
                gate = library.SWAP(*qubits)
            elif name == "cp":
                gate = library.to_matrix_gate(library.U1(qubits[1], angles[0]))
                gate.add_control_qubit(qubits[0], 1)
            else:
                gate = library.PauliRotation(qubits, [axes[name[1]]] * 2, -angles[0])
            circuit.add_gate(gate)
        choice = self.setting["optimise"]
        if choice == "light":
            QuantumCircuitOptimizer().optimize_light(circuit)
        elif choice:
            QuantumCircuitOptimizer().optimize(circuit, choice)
        return circuit

    def run(self, circuit):
        import qulacs

        state = qulacs.QuantumState(self.n)
        circuit.update_quantum_state(state)
        return state

    def amplitudes(self, state, probes):
        return [state.get_amplitude(index) for index in probes]


class Lightning(Simulator):
    modules = ("pennylane", "pennylane_lightning.lightning_qubit")

    def build(self, n, gates, probes):
        import pennylane as qml

        self.n, operations = n, []
        phases = {"sdg": -PI / 2, "tdg": -PI / 4}
        named = {"h": qml.Hadamard, "x": qml.PauliX, "s": qml.S, "t": qml.T, "cx": qml.CNOT, "swap": qml.SWAP}
        turned = {"rx": qml.RX, "ry": qml.RY, "rz": qml.RZ, "cp": qml.ControlledPhaseShift,
                  "rxx": qml.IsingXX, "ryy": qml.IsingYY, "rzz": qml.IsingZZ}
        for name, qubits, angles in gates:
            wires = [n - 1 - q for q in qubits]
            matrix = families.matrix(name, angles)
            if matrix is not None:
                operations.append(qml.QubitUnitary(matrix, wires[::-1]))
            elif name in phases:
                operations.append(qml.PhaseShift(phases[name], wires))
            elif name in named:
                operations.append(named[name](wires))
            else:
                operations.append(turned[name](angles[0], wires))
        return operations

    def run(self, operations):
        import numpy as np
        from pennylane_lightning.lightning_qubit._state_vector import LightningStateVector

        state = LightningStateVector(self.n, np.complex128 if self.precision == "f64" else np.complex64)
        state.apply_operations(operations)
        return state

    def amplitudes(self, state, probes):
        return [complex(state.state[index]) for index in probes]


SIMULATORS = {"ardea": Ardea, "qsim": Qsim, "qulacs": Qulacs, "aer": Aer, "lightning": Lightning}


def measure(job):
    """Seconds of each repetition, and the amplitudes: one configuration."""
    gates = families.FAMILIES[job["family"]](job["n"])
    indices = families.probes(job["family"], job["n"])
    simulator = SIMULATORS[job["simulator"]](job["threads"], job["precision"], job["setting"])
    small = families.FAMILIES[job["family"]](6)
    simulator.run(simulator.build(6, small, [0]))  # wakes threads
    circuit = simulator.build(job["n"], gates, indices)
    times, state = [], None
    # A collection before each run would empty the caches, one within would be counted.
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    while len(times) < job["most"] and time.perf_counter() - started < (8.0 if len(times) < 3 else 1.0):
        del state
        begin = time.perf_counter()
        state = simulator.run(circuit)
        times.append(time.perf_counter() - begin)
    # The first run also pays for memory that the process never touched; it counts where there was time for no other.
    times = times[1:] or times
    gc.enable()
    amplitudes = [complex(z) for z in simulator.amplitudes(state, indices)]
    return {"times": times, "amplitudes": [[z.real, z.imag] for z in amplitudes]}


def environment(threads):
    """Every library's own word for the number of threads."""
    words = ("OMP_NUM_THREADS", "QULACS_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
    return {**os.environ, **{word: str(threads) for word in words}}
