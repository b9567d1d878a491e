//! From operations to shapes on numbered qubits.
//!
//! An operation of a few qubits becomes its matrix, and the matrix its shape. A wider one is taken apart: a control is
//! added to the shapes of what it controls (so a hundred controls cost no more than one), a call is replaced by its
//! body. Every global phase is kept, and under control it becomes a phase of the controls.

use ardea_circuit::{Circuit, Operation, Qubit};
use num_complex::Complex64;

use super::classify::{classify, is_identity};
use crate::error::SimulatorError;
use crate::kernels::{MAX_DENSE, MAX_WIDE, Shape};

/// Deepest nesting of gate definitions.
pub(crate) const MAX_DEPTH: usize = 64;

/// Shapes collected in program order, and the phase in front of them all.
#[derive(Debug, Default)]
pub(crate) struct Lowered {
    pub(crate) shapes: Vec<Shape>,
    /// Radians.
    pub(crate) phase: f64,
}

impl Lowered {
    /// Adds `operation` on `qubits` (numbers of the state). `position` names the instruction in errors.
    pub(crate) fn push(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        position: usize,
    ) -> Result<(), SimulatorError> {
        self.push_nested(operation, qubits, position, 0)
    }

    fn push_nested(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        position: usize,
        depth: usize,
    ) -> Result<(), SimulatorError> {
        if depth > MAX_DEPTH {
            return Err(SimulatorError::TooDeep {
                name: operation.name(),
                limit: MAX_DEPTH,
            });
        }
        match operation {
            Operation::Barrier | Operation::Delay(..) => Ok(()),
            Operation::Controlled(controlled)
                if qubits.len() > 3 || operation.matrix().is_err() =>
            {
                let (controls, rest) = qubits.split_at(controlled.state.len());
                let mut inner = Self::default();
                inner.push_nested(&controlled.base, rest, position, depth + 1)?;
                let controls: Vec<(u32, bool)> = controls
                    .iter()
                    .copied()
                    .zip(controlled.state.iter().copied())
                    .collect();
                if inner.phase != 0.0 {
                    inner.shapes.push(scale(inner.phase));
                }
                self.shapes.extend(
                    inner
                        .shapes
                        .into_iter()
                        .map(|shape| add_controls(shape, &controls)),
                );
                Ok(())
            }
            Operation::Call(call) if call.definition.body.is_some() => {
                self.push_body(&operation.definition()?, qubits, position, depth)
            }
            _ if operation.is_unitary() => self.push_matrix(operation, qubits, position, depth),
            _ => Err(SimulatorError::NotUnitaryCircuit {
                what: "a gate's definition",
                name: operation.name(),
                position,
            }),
        }
    }

    fn push_body(
        &mut self,
        body: &Circuit,
        qubits: &[u32],
        position: usize,
        depth: usize,
    ) -> Result<(), SimulatorError> {
        self.phase += phase_of(body)?;
        for instruction in body.instructions() {
            let inner: Vec<u32> = instruction
                .qubits
                .iter()
                .map(|qubit: &Qubit| qubits[qubit.index()])
                .collect();
            self.push_nested(&instruction.operation, &inner, position, depth + 1)?;
        }
        Ok(())
    }

    fn push_matrix(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        position: usize,
        depth: usize,
    ) -> Result<(), SimulatorError> {
        let widest = if matches!(operation, Operation::Unitary(_)) {
            MAX_WIDE
        } else {
            MAX_DENSE
        };
        if qubits.len() <= widest
            && let Ok(matrix) = operation.matrix()
        {
            // nalgebra stores columns; the kernels read rows.
            let rows: Vec<Complex64> = matrix.transpose().iter().copied().collect();
            let shape = classify(qubits, &rows);
            if !is_identity(&shape) {
                self.shapes.push(shape);
            }
            return Ok(());
        }
        match operation.definition() {
            Ok(body) => self.push_body(&body, qubits, position, depth),
            Err(_) => Err(SimulatorError::NoDefinition {
                name: operation.name(),
                position,
            }),
        }
    }
}

/// The global phase of a circuit in radians.
pub(crate) fn phase_of(circuit: &Circuit) -> Result<f64, SimulatorError> {
    circuit
        .global_phase()
        .value()
        .ok_or_else(|| SimulatorError::UnboundSymbols {
            names: circuit
                .symbols()
                .iter()
                .map(|symbol| symbol.name().to_owned())
                .collect(),
        })
}

/// Multiplication of everything by exp(i phase).
pub(super) fn scale(phase: f64) -> Shape {
    Shape::Diagonal {
        qubits: vec![],
        table: vec![Complex64::cis(phase)],
    }
}

fn add_controls(shape: Shape, more: &[(u32, bool)]) -> Shape {
    match shape {
        Shape::Dense {
            targets,
            mut controls,
            matrix,
        } => {
            controls.extend_from_slice(more);
            Shape::Dense {
                targets,
                controls,
                matrix,
            }
        }
        Shape::Permutation {
            targets,
            mut controls,
            image,
        } => {
            controls.extend_from_slice(more);
            Shape::Permutation {
                targets,
                controls,
                image,
            }
        }
        Shape::Diagonal { qubits, table } if qubits.len() + more.len() <= MAX_DENSE => {
            let on: usize = more
                .iter()
                .enumerate()
                .map(|(i, &(_, value))| usize::from(value) << i)
                .sum();
            let controls = 1usize << more.len();
            let entry = |i: usize| {
                if i % controls == on {
                    table[i / controls]
                } else {
                    Complex64::ONE
                }
            };
            let table = (0..table.len() * controls).map(entry).collect();
            let qubits = more.iter().map(|&(qubit, _)| qubit).chain(qubits).collect();
            Shape::Diagonal { qubits, table }
        }
        Shape::Diagonal { qubits, table } => {
            let side = table.len();
            let mut matrix = vec![Complex64::ZERO; side * side];
            table
                .iter()
                .enumerate()
                .for_each(|(i, &entry)| matrix[i * side + i] = entry);
            Shape::Dense {
                targets: qubits,
                controls: more.to_vec(),
                matrix,
            }
        }
    }
}
