//! The nouns that all of Ardea shares: gates, angles, circuits, Pauli operators, and their drawing.
//!
//! Conventions, said once: qubit 0 is the least significant bit of a basis state; the first qubit
//! of an operation is the least significant index bit of its matrix; gate names and the signs of
//! angles are Qiskit's; angles are radians, times are seconds. The crate does no input or output.

#![forbid(unsafe_code)]

mod angle;
mod builder;
mod circuit;
pub mod clifford;
mod compose;
mod control;
pub mod control_flow;
mod dag;
mod draw;
mod error;
mod expr;
mod fence;
mod gate;
mod index;
mod inverse;
mod layout;
pub mod matrix;
mod metrics;
mod operation;
pub mod pauli;
mod qubits;
pub mod random;
mod unitary;

pub use angle::{Angle, Atom, Bindings, Function, LinearForm, MAX_ANGLE_SIZE, Opaque, Symbol};
pub use circuit::{Circuit, Instruction, MAX_BITS, Register};
pub use control::MAX_REPEATED_INSTRUCTIONS;
pub use control_flow::{ForLoop, ForValues, IfElse, Switch, SwitchCase, WhileLoop};
pub use dag::{Dag, NodeIndex, Wire};
pub use draw::{DrawOptions, IdleWires};
pub use error::CircuitError;
pub use expr::{BinaryOp, Expr, MAX_EXPR_DEPTH};
pub use gate::Gate;
pub use index::{Clbit, Qubit};
pub use layout::Layout;
pub use matrix::C64;
pub use operation::{
    Angles, ControlledOp, GateCall, GateDefinition, MAX_OPERATION_MATRIX_QUBITS, Operation,
    TimeUnit, UnitaryGate,
};
pub use pauli::{Pauli, PauliString, SparsePauliSum};
pub use qubits::Qubits;
pub use unitary::MAX_MATRIX_QUBITS;
