//! A circuit as a list of small actions, each with its generators.
//!
//! For a gate U(t) the adjoint method needs its generator (dU/dt) U†, once per symbolic angle, together with the
//! chain rule from the angle to the circuit's symbols. Definitions are opened and controls distributed until every
//! symbolic angle belongs to a standard gate; everything else goes the way of the simulator's own plans.
//!
//! A symbolic action keeps its gate and is made anew for other values, in the form that the structure was planned for.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ardea_circuit::{Angle, C64, Circuit, Gate, Operation, Symbol};
use nalgebra::DMatrix;

use super::form::{Form, Terms, Values};
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
    /// What it does at the values that the structure was planned with.
    pub(super) action: Action,
    /// Where it depends on symbols.
    source: Option<Source>,
    /// Qubits that take part, and those on which the action or a generator is not diagonal.
    pub(super) support: u64,
    pub(super) mixed: u64,
}

/// What an action does.
#[derive(Debug, Clone)]
pub(super) enum Action {
    /// Multiplies by a table.
    Diagonal(Vec<C64>),
    /// A matrix, row-major, on at most [`MAX_DENSE`] qubits.
    Matrix(Vec<C64>),
    /// Something wider, which is never merged with others; generators are on its targets, where its controls hold.
    Wide(Shape),
}

/// One symbolic angle of an action.
#[derive(Debug)]
pub(super) struct Slope {
    /// (dU/dt) U†, in the form of the action: a table or a matrix.
    pub(super) generator: Vec<C64>,
    /// dt/dsymbol.
    pub(super) terms: Terms,
}

/// The gate of a symbolic action.
#[derive(Debug)]
struct Source {
    kind: Kind,
    angles: Vec<Form>,
    /// The gate's own qubits, and the controls.
    targets: Vec<u32>,
    controls: Vec<(u32, bool)>,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Gate(Gate),
    /// A phase of the states in which the qubit has this value.
    Phase(bool),
}

/// The actions of a circuit, and the phase of everything.
#[derive(Debug, Default)]
pub(super) struct Leaves {
    pub(super) list: Vec<Leaf>,
    /// Radians, and what depends on symbols.
    pub(super) phase: f64,
    pub(super) phases: Vec<Form>,
}

/// The actions of `circuit`, without its measurements, in the form that they have at `values`.
pub(super) fn leaves(
    circuit: &Circuit,
    active: &Active,
    values: &Values<'_>,
    symbols: &BTreeMap<Symbol, usize>,
) -> Result<Leaves, SimulatorError> {
    let mut lowering = Lowering {
        values,
        symbols,
        leaves: Leaves::default(),
    };
    for (position, instruction) in circuit.instructions().iter().enumerate() {
        let numbers: Option<Vec<u32>> = instruction
            .qubits
            .iter()
            .map(|qubit| active.number(qubit.index()))
            .collect();
        let measures = matches!(instruction.operation, Operation::Measure(_));
        if let Some(numbers) = numbers.filter(|_| !measures) {
            lowering.push(&instruction.operation, &numbers, &[], position, 0)?;
        }
    }
    lowering.push_phase(circuit.global_phase(), &[])?;
    Ok(lowering.leaves)
}

struct Lowering<'a> {
    values: &'a Values<'a>,
    symbols: &'a BTreeMap<Symbol, usize>,
    leaves: Leaves,
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
                Some((gate, angles)) => {
                    self.push_gate(Kind::Gate(gate), &angles.to_vec(), qubits, controls)
                }
                None => Err(SimulatorError::NotUnitaryCircuit {
                    what: "a circuit with symbols",
                    name: operation.name(),
                    position,
                }),
            },
        }
    }

    /// An operation without symbols, as the planner lowers it.
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
        self.leaves.phase += lowered.phase;
        self.leaves
            .list
            .extend(lowered.shapes.into_iter().map(Leaf::of_shape));
        Ok(())
    }

    /// A phase: of everything without controls, else of the states in which all controls hold.
    fn push_phase(
        &mut self,
        angle: &Angle,
        controls: &[(u32, bool)],
    ) -> Result<(), SimulatorError> {
        match controls.split_last() {
            _ if angle.is_zero() => Ok(()),
            None => {
                match angle.value() {
                    Some(value) => self.leaves.phase += value,
                    None => self.leaves.phases.push(Form::of(angle, self.symbols)),
                }
                Ok(())
            }
            Some((&(qubit, value), others)) => {
                let angles = std::slice::from_ref(angle);
                self.push_gate(Kind::Phase(value), angles, &[qubit], others)
            }
        }
    }

    fn push_gate(
        &mut self,
        kind: Kind,
        angles: &[Angle],
        qubits: &[u32],
        controls: &[(u32, bool)],
    ) -> Result<(), SimulatorError> {
        let source = Source {
            kind,
            angles: angles
                .iter()
                .map(|angle| Form::of(angle, self.symbols))
                .collect(),
            targets: qubits.to_vec(),
            controls: controls.to_vec(),
        };
        self.leaves.list.push(Leaf::of_source(source, self.values)?);
        Ok(())
    }
}

impl Source {
    fn numbers(&self, values: &Values<'_>) -> Result<Vec<f64>, SimulatorError> {
        self.angles.iter().map(|form| form.value(values)).collect()
    }

    /// The gate's matrix, row-major, without its controls.
    fn matrix(&self, numbers: &[f64]) -> DMatrix<C64> {
        match self.kind {
            Kind::Gate(gate) => gate.matrix(numbers),
            Kind::Phase(on) => phase(on, C64::ONE, C64::cis(numbers[0])),
        }
    }

    fn slope(&self, numbers: &[f64], which: usize) -> DMatrix<C64> {
        match self.kind {
            Kind::Gate(gate) => slope(gate, numbers, which),
            Kind::Phase(on) => phase(on, C64::ZERO, C64::I * C64::cis(numbers[0])),
        }
    }

    /// The generators of the symbolic angles, without the controls, and the derivatives of these angles.
    fn generators(&self, values: &Values<'_>) -> Result<Vec<Slope>, SimulatorError> {
        let numbers = self.numbers(values)?;
        let adjoint = self.matrix(&numbers).adjoint();
        self.angles
            .iter()
            .enumerate()
            .filter(|(_, form)| form.is_symbolic())
            .map(|(which, form)| {
                Ok(Slope {
                    generator: rows(&(self.slope(&numbers, which) * &adjoint)),
                    terms: form.slopes(values)?,
                })
            })
            .collect()
    }

    fn is_wide(&self) -> bool {
        self.targets.len() + self.controls.len() > MAX_DENSE
    }

    fn state(&self) -> Vec<bool> {
        self.controls.iter().map(|&(_, value)| value).collect()
    }

    fn wide(&self, matrix: Vec<C64>) -> Shape {
        Shape::Dense {
            targets: self.targets.clone(),
            controls: self.controls.clone(),
            matrix,
        }
    }
}

fn phase(on: bool, idle: C64, entry: C64) -> DMatrix<C64> {
    let (zero, one) = if on { (idle, entry) } else { (entry, idle) };
    DMatrix::from_row_slice(2, 2, &[zero, C64::ZERO, C64::ZERO, one])
}

impl Leaf {
    /// Whether it depends on a symbol.
    pub(super) fn is_symbolic(&self) -> bool {
        self.source.is_some()
    }

    /// Whether it has an angle that is not linear in the symbols.
    pub(super) fn is_general(&self) -> bool {
        let angles = self.source.as_ref().map(|source| &source.angles);
        angles.is_some_and(|angles| angles.iter().any(Form::is_general))
    }

    /// The action at other values, or `None` where it does not have the form that was planned for.
    pub(super) fn at(
        &self,
        values: &Values<'_>,
    ) -> Result<Option<Cow<'_, Action>>, SimulatorError> {
        let Some(source) = &self.source else {
            return Ok(Some(Cow::Borrowed(&self.action)));
        };
        let matrix = rows(&source.matrix(&source.numbers(values)?));
        if source.is_wide() {
            return Ok(Some(Cow::Owned(Action::Wide(source.wide(matrix)))));
        }
        let own = mixed(&source.targets, &[&matrix]);
        let matrix = under_control(&matrix, &source.state(), C64::ONE);
        Ok((own & !self.mixed == 0).then(|| {
            Cow::Owned(match self.action {
                Action::Diagonal(_) => Action::Diagonal(diagonal(&matrix)),
                _ => Action::Matrix(matrix),
            })
        }))
    }

    /// The generators at other values, in the form of the action, or `None` where they do not have it.
    pub(super) fn slopes(&self, values: &Values<'_>) -> Result<Option<Vec<Slope>>, SimulatorError> {
        let Some(source) = &self.source else {
            return Ok(Some(vec![]));
        };
        let mut slopes = source.generators(values)?;
        if source.is_wide() {
            return Ok(Some(slopes));
        }
        let own = slopes.iter().fold(0, |mask, slope| {
            mask | mixed(&source.targets, &[&slope.generator])
        });
        for slope in &mut slopes {
            slope.generator = under_control(&slope.generator, &source.state(), C64::ZERO);
            if matches!(self.action, Action::Diagonal(_)) {
                slope.generator = diagonal(&slope.generator);
            }
        }
        Ok((own & !self.mixed == 0).then_some(slopes))
    }

    fn of_source(source: Source, values: &Values<'_>) -> Result<Self, SimulatorError> {
        let matrix = rows(&source.matrix(&source.numbers(values)?));
        let slopes = source.generators(values)?;
        let leaf = if source.is_wide() {
            let shape = source.wide(matrix);
            Self {
                qubits: source.targets.clone(),
                support: shape.support(),
                mixed: shape.mixed(),
                action: Action::Wide(shape),
                source: None,
            }
        } else {
            let all: Vec<&Vec<C64>> = std::iter::once(&matrix)
                .chain(slopes.iter().map(|slope| &slope.generator))
                .collect();
            let mixed = mixed(&source.targets, &all);
            let qubits = with_controls(&source.targets, &source.controls);
            let matrix = under_control(&matrix, &source.state(), C64::ONE);
            Self::of_matrix(qubits, matrix, mixed)
        };
        Ok(Self {
            source: Some(source),
            ..leaf
        })
    }

    fn of_matrix(qubits: Vec<u32>, matrix: Vec<C64>, mixed: u64) -> Self {
        Self {
            support: mask(&qubits),
            qubits,
            action: if mixed == 0 {
                Action::Diagonal(diagonal(&matrix))
            } else {
                Action::Matrix(matrix)
            },
            source: None,
            mixed,
        }
    }

    fn of_shape(shape: Shape) -> Self {
        let (support, mixed) = (shape.support(), shape.mixed());
        match shape {
            Shape::Diagonal { qubits, table } if qubits.len() <= MAX_TABLE => Self {
                qubits,
                action: Action::Diagonal(table),
                source: None,
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
                source: None,
                support,
                mixed,
            },
        }
    }

    fn of_controlled(targets: &[u32], controls: &[(u32, bool)], matrix: &[C64]) -> Self {
        let state: Vec<bool> = controls.iter().map(|&(_, value)| value).collect();
        let qubits = with_controls(targets, controls);
        let matrix = under_control(matrix, &state, C64::ONE);
        let mixed = mixed(&qubits, &[&matrix]);
        Self::of_matrix(qubits, matrix, mixed)
    }
}

fn with_controls(targets: &[u32], controls: &[(u32, bool)]) -> Vec<u32> {
    let controls = controls.iter().map(|&(qubit, _)| qubit);
    targets.iter().copied().chain(controls).collect()
}

/// The qubits on which one of the matrices is not diagonal.
fn mixed(qubits: &[u32], matrices: &[&Vec<C64>]) -> u64 {
    let side = 1usize << qubits.len();
    let mut differ = 0;
    for entries in matrices {
        for (i, entry) in entries.iter().enumerate() {
            if *entry != C64::ZERO {
                differ |= (i / side) ^ (i % side);
            }
        }
    }
    qubits
        .iter()
        .enumerate()
        .filter(|(bit, _)| differ >> bit & 1 == 1)
        .fold(0, |mask, (_, &qubit)| mask | 1 << qubit)
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

fn diagonal(matrix: &[C64]) -> Vec<C64> {
    let side = matrix.len().isqrt();
    (0..side).map(|i| matrix[i * side + i]).collect()
}

/// nalgebra stores columns; matrices here are row-major.
fn rows(matrix: &DMatrix<C64>) -> Vec<C64> {
    matrix.transpose().iter().copied().collect()
}

fn mask(qubits: &[u32]) -> u64 {
    qubits.iter().fold(0, |mask, &qubit| mask | 1 << qubit)
}
