"""Ardea: a quantum circuit compiler and state-vector simulator.

>>> import ardea
>>> bell = ardea.Circuit(2, 2).h(0).cx(0, 1).measure([0, 1], [0, 1])
>>> compiled = ardea.compile(bell, "boston")
>>> compiled.report["two_qubit_gates"]
1
>>> sorted(ardea.run(compiled.circuit, shots=1000))
['00', '11']

Conventions, said once: gate names and the signs of angles are Qiskit's; qubit 0 is the least significant bit of a basis
state and the rightmost character of a bit string; angles are radians, times seconds.
"""

from ardea._ardea import (
    Circuit,
    CompileResult,
    Correlations,
    Expr,
    Family,
    FermiHubbard,
    Gate,
    Instruction,
    NoiseModel,
    Parameter,
    ParameterExpression,
    PauliSum,
    StateVector,
    Target,
    TrotterCircuit,
    VerifyResult,
    __version__,
    compile,
    density_matrix,
    expectation,
    extrapolate,
    fold,
    mitigate_readout,
    statevector,
    twirl,
    verify,
)
from ardea.counts import Counts, noisy_expectation, run
from ardea.errors import (
    ArdeaError,
    CircuitError,
    CompileError,
    ConversionError,
    EquivalenceError,
    InternalError,
    ModelError,
    OutOfMemoryError,
    QasmError,
    SimulationError,
    TargetError,
)
from ardea.execution import ExecutionResult, Experiment, Expectation, execute, prepare
from ardea.models import hubbard
from ardea.sweeps import gradient, sweep

__all__ = [
    "ArdeaError",
    "Circuit",
    "CircuitError",
    "CompileError",
    "CompileResult",
    "ConversionError",
    "Correlations",
    "Counts",
    "EquivalenceError",
    "ExecutionResult",
    "Expectation",
    "Experiment",
    "Expr",
    "Family",
    "FermiHubbard",
    "Gate",
    "Instruction",
    "InternalError",
    "ModelError",
    "NoiseModel",
    "OutOfMemoryError",
    "Parameter",
    "ParameterExpression",
    "PauliSum",
    "QasmError",
    "SimulationError",
    "StateVector",
    "Target",
    "TargetError",
    "TrotterCircuit",
    "VerifyResult",
    "__version__",
    "compile",
    "density_matrix",
    "execute",
    "expectation",
    "extrapolate",
    "fold",
    "gradient",
    "hubbard",
    "mitigate_readout",
    "noisy_expectation",
    "prepare",
    "run",
    "statevector",
    "sweep",
    "twirl",
    "verify",
]
