//! Ardea: a quantum circuit compiler and state-vector simulator.
//!
//! This crate re-exports what most users need; the parts are crates of their own, reachable as
//! modules: [`circuit`], [`qasm`], [`device`], [`compiler`], [`simulator`], [`noise`],
//! [`suppression`], [`models`], [`equivalence`].
//!
//! ```
//! use ardea::{Circuit, CompileOptions, SimOptions, Target, compile, simulate};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut bell = Circuit::new(2, 2);
//! bell.h(0)?.cx(0, 1)?.measure(0, 0)?.measure(1, 1)?;
//!
//! let target = Target::bundled("boston")?;
//! let compiled = compile(&bell, &target, &CompileOptions::default())?;
//! assert_eq!(compiled.report.two_qubit_gates, 1);
//!
//! let run = simulate::<f64>(&compiled.circuit, &SimOptions::with_shots(1000))?;
//! assert_eq!(run.counts.get("00") + run.counts.get("11"), 1000);
//! # Ok(()) }
//! ```
//!
//! Conventions, said once: gate names and the signs of angles are Qiskit's; qubit 0 is the least
//! significant bit, and the rightmost character of a bit string; angles are radians, times seconds.

#![forbid(unsafe_code)]

pub use ardea_circuit as circuit;
pub use ardea_compiler as compiler;
pub use ardea_device as device;
pub use ardea_equivalence as equivalence;
pub use ardea_models as models;
pub use ardea_noise as noise;
pub use ardea_qasm as qasm;
pub use ardea_simulator as simulator;
pub use ardea_suppression as suppression;

pub use ardea_circuit::{
    Angle, Bindings, C64, Circuit, CircuitError, Clbit, Expr, Gate, Layout, Operation, Pauli,
    PauliString, Qubit, SparsePauliSum, Symbol,
};
pub use ardea_compiler::{
    CompileError, CompileOptions, Compiled, Decoupling, Effort, GateSet, Level, Preserve, Report,
    ScheduleMode, compile,
};
pub use ardea_device::{Target, TargetBuilder, TargetError};
pub use ardea_equivalence::{CheckOptions, EquivalenceError, Meaning, Verdict, check};
pub use ardea_models::{FermiHubbard, ModelError};
pub use ardea_noise::{NoiseError, NoiseModel, NoiseOptions, NoisyRun, RunOptions};
pub use ardea_qasm::{
    ParseError, ReadOptions, WriteError, WriteOptions, parse, parse_angle, read_file, to_qasm2,
    to_qasm3,
};
pub use ardea_simulator::{
    Counts, Family, Gradient, Method, Run, SimOptions, SimulatorError, StateVector, expectation,
    gradient, simulate, statevector,
};
pub use ardea_suppression::{
    ExecuteOptions, Execution, Experiment, Suppress, SuppressionError, execute, prepare,
};
