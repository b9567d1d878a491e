//! A circuit as a list of small actions, each with its generators.
//!
//! For a gate U(t) the adjoint method needs its generator (dU/dt) U†, once per symbolic angle, together with the
//! chain rule from the angle to the circuit's symbols. Definitions are opened and controls distributed until every
//! symbolic angle belongs to a standard gate; everything else goes the way of the simulator's own plans.

use std::collections::BTreeMap;

use ardea_circuit::{Angle, Bindings, C64, Circuit, Gate, Operation, Symbol};
use nalgebra::DMatrix;

use super::chain::derivatives;
use super::slope::slope;
use crate::engine::Active;
use crate::error::SimulatorError;
use crate::kernels::{MAX_DENSE, Shape};
use crate::plan::{Lowered, MAX_DEPTH};

/// Most qubits of a table of diagonal entries.
pub(super) const MAX_TABLE: usize = 10;

/// One action on a few qubits.
#[derive(Debug)]
pub(super) struct Leaf {
    /// Qubits of the state: bit i of a matrix index belongs to `qubits[i]`.
    pub(super) qubits: Vec<u32>,
    pub(super) action: Action,
    pub(super) slopes: Vec<Slope>,
    /// Qubits that take part, and those on which the action or a generator is not diagonal.
    pub(super) support: u64,
    pub(super) mixed: u64,
}

/// What an action does.
#[derive(Debug)]
pub(super) enum Action {
    /// Multiplies by a table.
    Diagonal(Vec<C64>),
    /// A matrix, row-major, on at most [`MAX_DENSE`] qubits.
    Matrix(Vec<C64>),
    /// Something wider, which is never merged with others; generators are on its targets, where its controls hold.
    Wide(Shape),
}

/// Numbers of symbols with a derivative by each.
type Terms = Vec<(usize, f64)>;

/// One symbolic angle of an action.
#[derive(Debug)]
pub(super) struct Slope {
    /// (dU/dt) U†, in the form of the action: a table or a matrix.
    pub(super) generator: Vec<C64>,
    /// Numbers of symbols with dt/dsymbol.
    pub(super) terms: Terms,
}

/// The actions of `circuit`, a circuit of gates, at the values in `bindings`.
pub(super) fn leaves(
    circuit: &Circuit,
    active: &Active,
    bindings: &Bindings,
    symbols: &BTreeMap<Symbol, usize>,
) -> Result<Vec<Leaf>, SimulatorError> {
    let mut lowering = Lowering {
        bindings,
        symbols,
        leaves: vec![],
    };
    for (position, instruction) in circuit.instructions().iter().enumerate() {
        let numbers: Option<Vec<u32>> = instruction
            .qubits
            .iter()
            .map(|qubit| active.number(qubit.index()))
            .collect();
        if let Some(numbers) = numbers {
            lowering.push(&instruction.operation, &numbers, &[], position, 0)?;
        }
    }
    Ok(lowering.leaves)
}

struct Lowering<'a> {
    bindings: &'a Bindings,
    symbols: &'a BTreeMap<Symbol, usize>,
    leaves: Vec<Leaf>,
}

impl Lowering<'_> {
    fn push(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        controls: &[(u32, bool)],
        position: usize,
        depth: usize,
    ) -> Result<(), SimulatorError> {
        if depth > MAX_DEPTH {
            let name = operation.name();
            return Err(SimulatorError::TooDeep {
                name,
                limit: MAX_DEPTH,
            });
        }
        if operation.is_directive() {
            return Ok(());
        }
        if !operation.is_symbolic() {
            return self.push_fixed(operation, qubits, controls, position);
        }
        match operation {
            Operation::Controlled(controlled) => {
                let (own, rest) = qubits.split_at(controlled.state.len());
                let more = own.iter().copied().zip(controlled.state.iter().copied());
                let controls: Vec<(u32, bool)> = controls.iter().copied().chain(more).collect();
                self.push(&controlled.base, rest, &controls, position, depth + 1)
            }
            Operation::Call(_) => {
                let body = operation.definition()?;
                for instruction in body.instructions() {
                    let inner: Vec<u32> = instruction
                        .qubits
                        .iter()
                        .map(|qubit| qubits[qubit.index()])
                        .collect();
                    self.push(
                        &instruction.operation,
                        &inner,
                        controls,
                        position,
                        depth + 1,
                    )?;
                }
                self.push_phase(body.global_phase(), controls)
            }
            _ => match operation.standard() {
                Some((Gate::GlobalPhase, angles)) => self.push_phase(&angles.to_vec()[0], controls),
                Some((gate, angles)) => self.push_gate(gate, &angles.to_vec(), qubits, controls),
                None => Err(SimulatorError::NotUnitaryCircuit {
                    what: "a gradient",
                    name: operation.name(),
                    position,
                }),
            },
        }
    }

    /// An operation without symbols, as the planner lowers it. Global phases change no expectation value.
    fn push_fixed(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        controls: &[(u32, bool)],
        position: usize,
    ) -> Result<(), SimulatorError> {
        let mut lowered = Lowered::default();
        if controls.is_empty() {
            lowered.push(operation, qubits, position)?;
        } else {
            let state: Vec<bool> = controls.iter().map(|&(_, value)| value).collect();
            let all: Vec<u32> = controls
                .iter()
                .map(|&(qubit, _)| qubit)
                .chain(qubits.iter().copied())
                .collect();
            lowered.push(&operation.controlled(&state)?, &all, position)?;
        }
        self.leaves
            .extend(lowered.shapes.into_iter().map(Leaf::of_shape));
        Ok(())
    }

    /// A phase: of everything without controls, where nobody sees it, else of the states in which all controls hold.
    fn push_phase(
        &mut self,
        angle: &Angle,
        controls: &[(u32, bool)],
    ) -> Result<(), SimulatorError> {
        let Some((&(qubit, value), others)) = controls.split_last() else {
            return Ok(());
        };
        if angle.is_zero() {
            return Ok(());
        }
        let phase = C64::cis(self.value(angle)?);
        let at = |on: bool, entry: C64, off: C64| if on { entry } else { off };
        let matrix = DMatrix::from_fn(2, 2, |row, column| match (row == column, row == 1) {
            (true, bit) => at(bit == value, phase, C64::ONE),
            _ => C64::ZERO,
        });
        let derivative = DMatrix::from_fn(2, 2, |row, column| match (row == column, row == 1) {
            (true, bit) => at(bit == value, C64::I * phase, C64::ZERO),
            _ => C64::ZERO,
        });
        let slopes = vec![(derivative, self.terms(angle)?)];
        self.leaves
            .push(Leaf::of_gate(&[qubit], others, &matrix, slopes));
        Ok(())
    }

    fn push_gate(
        &mut self,
        gate: Gate,
        angles: &[Angle],
        qubits: &[u32],
        controls: &[(u32, bool)],
    ) -> Result<(), SimulatorError> {
        let values: Vec<f64> = angles
            .iter()
            .map(|angle| self.value(angle))
            .collect::<Result<_, _>>()?;
        let slopes = angles
            .iter()
            .enumerate()
            .filter(|(_, angle)| angle.is_symbolic())
            .map(|(which, angle)| Ok((slope(gate, &values, which), self.terms(angle)?)))
            .collect::<Result<Vec<_>, SimulatorError>>()?;
        let matrix = gate.matrix(&values);
        self.leaves
            .push(Leaf::of_gate(qubits, controls, &matrix, slopes));
        Ok(())
    }

    fn value(&self, angle: &Angle) -> Result<f64, SimulatorError> {
        let bound = angle.bind(self.bindings)?;
        bound.value().ok_or_else(|| SimulatorError::BadArgument {
            what: format!("the angle {bound} has symbols without a value; bind all of them"),
        })
    }

    fn terms(&self, angle: &Angle) -> Result<Terms, SimulatorError> {
        Ok(derivatives(angle, self.bindings)?
            .into_iter()
            .filter_map(|(symbol, slope)| Some((*self.symbols.get(&symbol)?, slope)))
            .collect())
    }
}

impl Leaf {
    /// A gate with the derivatives of its matrix.
    fn of_gate(
        qubits: &[u32],
        controls: &[(u32, bool)],
        matrix: &DMatrix<C64>,
        derivatives: Vec<(DMatrix<C64>, Terms)>,
    ) -> Self {
        let adjoint = matrix.adjoint();
        let mut slopes: Vec<Slope> = derivatives
            .into_iter()
            .map(|(derivative, terms)| Slope {
                generator: rows(&(derivative * &adjoint)),
                terms,
            })
            .collect();
        let mut matrix = rows(matrix);
        if qubits.len() + controls.len() > MAX_DENSE {
            let shape = Shape::Dense {
                targets: qubits.to_vec(),
                controls: controls.to_vec(),
                matrix,
            };
            let (support, mixed) = (shape.support(), shape.mixed());
            return Self {
                qubits: qubits.to_vec(),
                action: Action::Wide(shape),
                slopes,
                support,
                mixed,
            };
        }
        let state: Vec<bool> = controls.iter().map(|&(_, value)| value).collect();
        matrix = under_control(&matrix, &state, C64::ONE);
        for slope in &mut slopes {
            slope.generator = under_control(&slope.generator, &state, C64::ZERO);
        }
        let qubits = qubits
            .iter()
            .copied()
            .chain(controls.iter().map(|&(qubit, _)| qubit))
            .collect();
        Self::of_matrix(qubits, matrix, slopes)
    }

    fn of_matrix(qubits: Vec<u32>, matrix: Vec<C64>, mut slopes: Vec<Slope>) -> Self {
        let side = 1usize << qubits.len();
        let all = || std::iter::once(&matrix).chain(slopes.iter().map(|slope| &slope.generator));
        let mixes = |bit: usize| {
            all().any(|entries| {
                (0..side * side)
                    .any(|i| ((i / side) ^ (i % side)) >> bit & 1 == 1 && entries[i] != C64::ZERO)
            })
        };
        let mixed = qubits
            .iter()
            .enumerate()
            .filter(|&(bit, _)| mixes(bit))
            .fold(0, |mask, (_, &qubit)| mask | 1 << qubit);
        let support = mask(&qubits);
        let action = if mixed == 0 {
            for slope in &mut slopes {
                slope.generator = diagonal(&slope.generator, side);
            }
            Action::Diagonal(diagonal(&matrix, side))
        } else {
            Action::Matrix(matrix)
        };
        Self {
            qubits,
            action,
            slopes,
            support,
            mixed,
        }
    }

    fn of_shape(shape: Shape) -> Self {
        let (support, mixed) = (shape.support(), shape.mixed());
        match shape {
            Shape::Diagonal { qubits, table } if qubits.len() <= MAX_TABLE => Self {
                qubits,
                action: Action::Diagonal(table),
                slopes: vec![],
                support,
                mixed,
            },
            Shape::Dense {
                targets,
                controls,
                matrix,
            } if targets.len() + controls.len() <= MAX_DENSE => {
                Self::of_controlled(&targets, &controls, &matrix)
            }
            Shape::Permutation {
                targets,
                controls,
                image,
            } if targets.len() + controls.len() <= MAX_DENSE => {
                let side = image.len();
                let mut matrix = vec![C64::ZERO; side * side];
                for (from, &to) in image.iter().enumerate() {
                    matrix[to as usize * side + from] = C64::ONE;
                }
                Self::of_controlled(&targets, &controls, &matrix)
            }
            shape => Self {
                qubits: vec![],
                action: Action::Wide(shape),
                slopes: vec![],
                support,
                mixed,
            },
        }
    }

    fn of_controlled(targets: &[u32], controls: &[(u32, bool)], matrix: &[C64]) -> Self {
        let state: Vec<bool> = controls.iter().map(|&(_, value)| value).collect();
        let qubits = targets
            .iter()
            .copied()
            .chain(controls.iter().map(|&(qubit, _)| qubit))
            .collect();
        Self::of_matrix(qubits, under_control(matrix, &state, C64::ONE), vec![])
    }
}

/// The matrix where the controls, which become the highest bits of the index, have the values in `state`; elsewhere
/// `idle` times the identity.
fn under_control(matrix: &[C64], state: &[bool], idle: C64) -> Vec<C64> {
    let inner = matrix.len().isqrt();
    let side = inner << state.len();
    let on: usize = state
        .iter()
        .enumerate()
        .map(|(i, &value)| usize::from(value) << i)
        .sum();
    let mut out = vec![C64::ZERO; side * side];
    for row in 0..side {
        if row / inner == on {
            for column in 0..inner {
                out[row * side + on * inner + column] = matrix[row % inner * inner + column];
            }
        } else {
            out[row * side + row] = idle;
        }
    }
    out
}

fn diagonal(matrix: &[C64], side: usize) -> Vec<C64> {
    (0..side).map(|i| matrix[i * side + i]).collect()
}

/// nalgebra stores columns; matrices here are row-major.
fn rows(matrix: &DMatrix<C64>) -> Vec<C64> {
    matrix.transpose().iter().copied().collect()
}

fn mask(qubits: &[u32]) -> u64 {
    qubits.iter().fold(0, |mask, &qubit| mask | 1 << qubit)
}
