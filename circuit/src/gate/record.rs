//! The record that describes one gate.

use nalgebra::{Matrix2, Matrix4};

use super::Gate;
use crate::{Angle, C64, Circuit};

pub(super) struct Record {
    /// The variant this record belongs to; a test checks the order of the tables with it.
    pub(super) gate: Gate,
    /// Qiskit's and OpenQASM's name.
    pub(super) name: &'static str,
    /// Other names that readers accept.
    pub(super) aliases: &'static [&'static str],
    pub(super) num_qubits: usize,
    /// Names of the angles, in order.
    pub(super) angles: &'static [&'static str],
    pub(super) form: Form,
    pub(super) inverse: Inverse,
    /// The gate in terms of simpler ones; none for the primitives.
    pub(super) definition: Option<fn(&[Angle]) -> Circuit>,
    pub(super) doc: &'static str,
}

/// Where the matrix comes from.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// A scalar: the global phase.
    Phase,
    One(fn(&[f64]) -> Matrix2<C64>),
    Two(fn(&[f64]) -> Matrix4<C64>),
    /// So many controls before this gate.
    Controlled(usize, Gate),
    /// The product of its definition.
    Defined,
}

/// How the inverse is found.
#[derive(Clone, Copy)]
pub(super) enum Inverse {
    /// That gate with the same angles.
    Gate(Gate),
    /// The same gate with every angle negated.
    NegatedAngles,
    /// A rule of its own.
    Of(fn(&[Angle]) -> (Gate, Vec<Angle>)),
    /// No standard gate on the same qubits is the inverse.
    Unnamed,
}
