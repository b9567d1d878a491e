"""What Qiskit and TKET leave of a circuit when any two qubits are coupled."""

SEEDS = 3


def load(path):
    from qiskit import qasm2

    return qasm2.load(path, custom_instructions=qasm2.LEGACY_CUSTOM_INSTRUCTIONS)


def width(path):
    """Number of qubits."""
    return load(path).num_qubits


def before(path):
    """Two-qubit gates when every gate is written on its own."""
    from qiskit import transpile

    return two_qubit_gates(transpile(load(path), basis_gates=["cx", "u"], optimization_level=0))


def two_qubit_gates(circuit):
    return sum(instruction.operation.num_qubits == 2 for instruction in circuit.data)


def qiskit(path):
    """Levels 2 and 3 for {cz, u}; the fewest gates of several seeds."""
    from qiskit.transpiler import generate_preset_pass_manager

    circuit, counts = load(path), []
    for level in (2, 3):
        for seed in range(SEEDS):
            manager = generate_preset_pass_manager(level, basis_gates=["cz", "u"], seed_transpiler=seed)
            counts.append(two_qubit_gates(manager.run(circuit)))
    return min(counts)


def tket(path):
    """Its full peephole optimisation for {cx, u}, with permutations that cost nothing."""
    from pytket import OpType
    from pytket.extensions.qiskit import qiskit_to_tk
    from pytket.passes import AutoRebase, FullPeepholeOptimise
    from qiskit import transpile

    circuit = qiskit_to_tk(transpile(load(path), basis_gates=["cx", "u"], optimization_level=0))
    FullPeepholeOptimise(allow_swaps=True).apply(circuit)
    AutoRebase({OpType.CX, OpType.U3}).apply(circuit)
    return circuit.n_2qb_gates()


RUN = {"qiskit": qiskit, "tket": tket}
