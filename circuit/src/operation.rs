//! What an instruction does: standard gates, the open set around them, and the non-unitary operations.

use std::sync::Arc;

use nalgebra::{DMatrix, Matrix2, Matrix4};
use smallvec::SmallVec;

use crate::control_flow::{ForLoop, IfElse, Switch, WhileLoop};
use crate::matrix::{C64, check_unitary, controlled_matrix};
use crate::{Angle, Bindings, Circuit, CircuitError, Clbit, Gate, Symbol};

/// The widest operation whose matrix is formed.
pub const MAX_OPERATION_MATRIX_QUBITS: usize = 10;

/// What an [`crate::Instruction`] does; 16 bytes, so that a standard gate with its qubits takes 32.
///
/// Standard gates come in three variants by how many angles they carry; build them with
/// [`Operation::gate`] and read them with [`Operation::standard`], which treat all alike.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum Operation {
    /// A standard gate without angles.
    Gate(Gate),
    /// A standard gate with one numeric angle in radians.
    Rotation(Gate, f64),
    /// A standard gate with several or symbolic angles. (A thin pointer: `Box<[Angle]>` is wider.)
    Parametric(Gate, Box<Vec<Angle>>),
    /// Another unitary operation under control; its qubits are the controls, then the base's.
    Controlled(Arc<ControlledOp>),
    /// A matrix used as a gate.
    Unitary(Arc<UnitaryGate>),
    /// A call of a user-defined gate.
    Call(Arc<GateCall>),
    /// Measurement in the computational basis into a classical bit.
    Measure(Clbit),
    /// Return to |0>.
    Reset,
    /// Nothing moves across it on its qubits.
    Barrier,
    /// Idle time, zero or more.
    Delay(TimeUnit, f64),
    /// One of two bodies by a condition.
    IfElse(Box<IfElse>),
    /// One of many bodies by a value.
    Switch(Box<Switch>),
    /// A body repeated over a range or list.
    For(Box<ForLoop>),
    /// A body repeated while a condition holds.
    While(Box<WhileLoop>),
    /// Leaves the innermost loop.
    Break,
    /// Starts the innermost loop's next round.
    Continue,
}

/// The unit of a delay.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum TimeUnit {
    /// Seconds.
    Seconds,
    /// Cycles of the target's clock (`dt`).
    Dt,
}

/// An operation under control.
#[derive(Clone, PartialEq, Debug)]
pub struct ControlledOp {
    /// What is controlled.
    pub base: Operation,
    /// What each control must read, in the order of the control qubits; at least one.
    pub state: Vec<bool>,
}

/// A matrix used as a gate.
#[derive(Clone, PartialEq, Debug)]
pub struct UnitaryGate {
    matrix: DMatrix<C64>,
    label: Option<String>,
}

/// A user-defined gate with its angles.
#[derive(Clone, PartialEq, Debug)]
pub struct GateCall {
    /// The gate's definition, shared by all its calls.
    pub definition: Arc<GateDefinition>,
    /// One angle per parameter of the definition.
    pub angles: Vec<Angle>,
}

/// A user-defined gate.
#[derive(Clone, PartialEq, Debug)]
pub struct GateDefinition {
    /// Its name.
    pub name: String,
    /// How many qubits it acts on.
    pub num_qubits: usize,
    /// Its formal parameters.
    pub params: Vec<Symbol>,
    /// What it does, in terms of its parameters; none when the gate is opaque.
    pub body: Option<Circuit>,
}

/// The angles of a standard gate, wherever they are stored.
#[derive(Clone, Copy, Debug)]
pub enum Angles<'a> {
    /// At most one numeric angle.
    Numeric(Option<f64>),
    /// Several or symbolic angles.
    Listed(&'a [Angle]),
}

impl<'a> Angles<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        match self {
            Self::Numeric(value) => usize::from(value.is_some()),
            Self::Listed(list) => list.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// All as numbers, unless one is symbolic.
    pub fn values(self) -> Option<SmallVec<[f64; 4]>> {
        match self {
            Self::Numeric(value) => Some(value.into_iter().collect()),
            Self::Listed(list) => list.iter().map(Angle::value).collect(),
        }
    }

    /// Owned copies, in order.
    pub fn to_vec(self) -> SmallVec<[Angle; 4]> {
        match self {
            Self::Numeric(value) => value.into_iter().map(Angle::Value).collect(),
            Self::Listed(list) => list.iter().cloned().collect(),
        }
    }
}

impl Operation {
    /// The standard gate `gate` with `angles` in radians.
    ///
    /// # Errors
    /// [`CircuitError::WrongAngleCount`] or [`CircuitError::NotFinite`].
    pub fn gate(gate: Gate, angles: &[Angle]) -> Result<Self, CircuitError> {
        if angles.len() != gate.num_angles() {
            let expected = gate.num_angles();
            return Err(CircuitError::WrongAngleCount {
                operation: gate.name().into(),
                expected,
                given: angles.len(),
            });
        }
        for angle in angles {
            check_finite(gate.name(), angle)?;
        }
        Ok(match angles {
            [] => Self::Gate(gate),
            [Angle::Value(value)] => Self::Rotation(gate, *value),
            _ => Self::Parametric(gate, Box::new(angles.to_vec())),
        })
    }

    /// The standard gate `gate` with numeric `angles` in radians.
    ///
    /// # Errors
    /// As [`Operation::gate`].
    pub fn with_values(gate: Gate, angles: &[f64]) -> Result<Self, CircuitError> {
        match *angles {
            [] if gate.num_angles() == 0 => Ok(Self::Gate(gate)),
            [value] if gate.num_angles() == 1 && value.is_finite() => {
                Ok(Self::Rotation(gate, value))
            }
            _ => Self::gate(
                gate,
                &angles
                    .iter()
                    .map(|&a| Angle::Value(a))
                    .collect::<SmallVec<[Angle; 4]>>(),
            ),
        }
    }

    /// A matrix used as a gate on `log2(size)` qubits, the first the least significant.
    ///
    /// # Errors
    /// [`CircuitError::WrongShape`] or [`CircuitError::NotUnitary`] (tolerance 1e-10).
    pub fn unitary(matrix: DMatrix<C64>) -> Result<Self, CircuitError> {
        Ok(Self::Unitary(Arc::new(UnitaryGate::new(matrix, None)?)))
    }

    /// A call of a user-defined gate.
    ///
    /// # Errors
    /// [`CircuitError::WrongAngleCount`] or [`CircuitError::NotFinite`].
    pub fn call(
        definition: &Arc<GateDefinition>,
        angles: Vec<Angle>,
    ) -> Result<Self, CircuitError> {
        if angles.len() != definition.params.len() {
            let (operation, expected) = (definition.name.clone(), definition.params.len());
            return Err(CircuitError::WrongAngleCount {
                operation,
                expected,
                given: angles.len(),
            });
        }
        for angle in &angles {
            check_finite(&definition.name, angle)?;
        }
        Ok(Self::Call(Arc::new(GateCall {
            definition: Arc::clone(definition),
            angles,
        })))
    }

    /// The standard gate and its angles, when the operation is one.
    #[inline]
    pub fn standard(&self) -> Option<(Gate, Angles<'_>)> {
        match self {
            Self::Gate(gate) => Some((*gate, Angles::Numeric(None))),
            Self::Rotation(gate, angle) => Some((*gate, Angles::Numeric(Some(*angle)))),
            Self::Parametric(gate, angles) => Some((*gate, Angles::Listed(angles))),
            _ => None,
        }
    }

    /// The standard gate, when the operation is one, without its angles.
    #[inline]
    pub fn as_gate(&self) -> Option<Gate> {
        match self {
            Self::Gate(gate) | Self::Rotation(gate, _) | Self::Parametric(gate, _) => Some(*gate),
            _ => None,
        }
    }

    /// The name shown in counts, drawings and errors.
    pub fn name(&self) -> String {
        match self {
            Self::Gate(gate) | Self::Rotation(gate, _) | Self::Parametric(gate, _) => {
                gate.name().into()
            }
            Self::Controlled(op) => {
                let prefix = if op.state.len() == 1 {
                    "c".into()
                } else {
                    format!("c{}", op.state.len())
                };
                let open = if op.state.contains(&false) {
                    format!(
                        "_o{}",
                        op.state
                            .iter()
                            .map(|&on| if on { '1' } else { '0' })
                            .rev()
                            .collect::<String>()
                    )
                } else {
                    String::new()
                };
                format!("{prefix}{}{open}", op.base.name())
            }
            Self::Unitary(gate) => gate.label.clone().unwrap_or_else(|| "unitary".into()),
            Self::Call(call) => call.definition.name.clone(),
            Self::Measure(_) => "measure".into(),
            Self::Reset => "reset".into(),
            Self::Barrier => "barrier".into(),
            Self::Delay(..) => "delay".into(),
            Self::IfElse(_) => "if_else".into(),
            Self::Switch(_) => "switch_case".into(),
            Self::For(_) => "for_loop".into(),
            Self::While(_) => "while_loop".into(),
            Self::Break => "break_loop".into(),
            Self::Continue => "continue_loop".into(),
        }
    }

    /// How many qubits the operation acts on; none where any number will do (barriers, control flow).
    pub fn num_qubits(&self) -> Option<usize> {
        match self {
            Self::Gate(gate) | Self::Rotation(gate, _) | Self::Parametric(gate, _) => {
                Some(gate.num_qubits())
            }
            Self::Controlled(op) => op.base.num_qubits().map(|base| base + op.state.len()),
            Self::Unitary(gate) => Some(gate.num_qubits()),
            Self::Call(call) => Some(call.definition.num_qubits),
            Self::Measure(_) | Self::Reset | Self::Delay(..) => Some(1),
            Self::IfElse(_) | Self::Switch(_) | Self::For(_) | Self::While(_) => {
                self.bodies().first().map(|body| body.num_qubits())
            }
            Self::Barrier | Self::Break | Self::Continue => None,
        }
    }

    /// Whether the operation is a unitary gate (with a matrix or a definition).
    pub fn is_unitary(&self) -> bool {
        match self {
            Self::Gate(_)
            | Self::Rotation(..)
            | Self::Parametric(..)
            | Self::Unitary(_)
            | Self::Call(_) => true,
            Self::Controlled(op) => op.base.is_unitary(),
            _ => false,
        }
    }

    /// Whether the operation holds bodies of its own (if/else, switch, loops).
    pub fn is_control_flow(&self) -> bool {
        matches!(
            self,
            Self::IfElse(_) | Self::Switch(_) | Self::For(_) | Self::While(_)
        )
    }

    /// Whether the operation may leave the loop it stands in, or its round: what follows it then
    /// does not happen, on whatever qubit, so nothing may move across it.
    pub fn leaves_loop(&self) -> bool {
        match self {
            Self::Break | Self::Continue => true,
            // A loop inside catches its own.
            Self::For(_) | Self::While(_) => false,
            _ => self.bodies().iter().any(|body| {
                let mut inner = body.instructions().iter();
                inner.any(|instruction| instruction.operation.leaves_loop())
            }),
        }
    }

    /// Whether barriers, delays and the identity only hold time or order, acting as the identity.
    pub fn is_directive(&self) -> bool {
        matches!(self, Self::Barrier | Self::Delay(..))
    }

    /// Whether an angle of the operation holds a symbol, in nested bodies too.
    pub fn is_symbolic(&self) -> bool {
        match self {
            Self::Parametric(_, angles) => angles.iter().any(Angle::is_symbolic),
            Self::Call(call) => call.angles.iter().any(Angle::is_symbolic),
            Self::Controlled(op) => op.base.is_symbolic(),
            _ => self.bodies().iter().any(|body| body.is_symbolic()),
        }
    }

    /// Adds every free symbol of the operation to `symbols`.
    pub fn collect_symbols(&self, symbols: &mut std::collections::BTreeSet<Symbol>) {
        match self {
            Self::Parametric(_, angles) => angles.iter().for_each(|a| a.collect_symbols(symbols)),
            Self::Call(call) => call.angles.iter().for_each(|a| a.collect_symbols(symbols)),
            Self::Controlled(op) => op.base.collect_symbols(symbols),
            Self::For(op) => {
                // The loop's own variable is bound inside.
                let mut inner = std::collections::BTreeSet::new();
                op.body.collect_symbols(&mut inner);
                symbols.extend(
                    inner
                        .into_iter()
                        .filter(|s| Some(s) != op.variable.as_ref()),
                );
            }
            _ => self
                .bodies()
                .iter()
                .for_each(|body| body.collect_symbols(symbols)),
        }
    }

    /// The bodies of control flow, in order; empty for everything else.
    pub fn bodies(&self) -> SmallVec<[&Circuit; 2]> {
        match self {
            Self::IfElse(op) => std::iter::once(&op.then_body)
                .chain(op.else_body.as_ref())
                .collect(),
            Self::Switch(op) => op.cases.iter().map(|case| &case.body).collect(),
            Self::For(op) => std::iter::once(&op.body).collect(),
            Self::While(op) => std::iter::once(&op.body).collect(),
            _ => SmallVec::new(),
        }
    }

    /// The same operation with every body replaced by `map(body)`; other operations are cloned.
    ///
    /// # Errors
    /// Whatever `map` returns.
    pub fn try_map_bodies<E>(
        &self,
        mut map: impl FnMut(&Circuit) -> Result<Circuit, E>,
    ) -> Result<Self, E> {
        Ok(match self {
            Self::IfElse(op) => Self::IfElse(Box::new(IfElse {
                condition: op.condition.clone(),
                then_body: map(&op.then_body)?,
                else_body: op.else_body.as_ref().map(&mut map).transpose()?,
            })),
            Self::Switch(op) => {
                let mut op = op.clone();
                for case in &mut op.cases {
                    case.body = map(&case.body)?;
                }
                Self::Switch(op)
            }
            Self::For(op) => Self::For(Box::new(ForLoop {
                variable: op.variable.clone(),
                values: op.values.clone(),
                body: map(&op.body)?,
            })),
            Self::While(op) => Self::While(Box::new(WhileLoop {
                condition: op.condition.clone(),
                body: map(&op.body)?,
            })),
            other => other.clone(),
        })
    }

    /// Classical bits that the operation reads, in nested bodies too, sorted and distinct.
    pub fn clbits_read(&self) -> Vec<Clbit> {
        let mut bits = match self {
            Self::IfElse(op) => op.condition.bits(),
            Self::Switch(op) => op.subject.bits(),
            Self::While(op) => op.condition.bits(),
            _ => vec![],
        };
        for body in self.bodies() {
            bits.extend(
                body.instructions()
                    .iter()
                    .flat_map(|inner| inner.operation.clbits_read()),
            );
        }
        bits.sort_unstable();
        bits.dedup();
        bits
    }

    /// Classical bits that the operation writes, in nested bodies too, sorted and distinct.
    pub fn clbits_written(&self) -> Vec<Clbit> {
        let mut bits: Vec<Clbit> = match self {
            Self::Measure(bit) => vec![*bit],
            _ => vec![],
        };
        for body in self.bodies() {
            bits.extend(
                body.instructions()
                    .iter()
                    .flat_map(|inner| inner.operation.clbits_written()),
            );
        }
        bits.sort_unstable();
        bits.dedup();
        bits
    }

    /// The matrix of a unitary operation with numeric angles on at most ten qubits.
    ///
    /// # Errors
    /// [`CircuitError::Unbound`], [`CircuitError::Opaque`], [`CircuitError::TooWide`],
    /// [`CircuitError::NotInvertible`] for operations that are not unitary.
    pub fn matrix(&self) -> Result<DMatrix<C64>, CircuitError> {
        if let Some((gate, angles)) = self.standard() {
            return Ok(gate.matrix(&angles.values().ok_or_else(|| self.unbound())?));
        }
        let num_qubits = self.num_qubits().unwrap_or(0);
        if num_qubits > MAX_OPERATION_MATRIX_QUBITS {
            return Err(CircuitError::TooWide {
                num_qubits,
                limit: MAX_OPERATION_MATRIX_QUBITS,
            });
        }
        match self {
            Self::Unitary(gate) => Ok(gate.matrix.clone()),
            Self::Controlled(op) => Ok(controlled_matrix(&op.base.matrix()?, &op.state)),
            Self::Call(_) => self.definition()?.to_matrix(),
            _ => Err(CircuitError::NotInvertible(self.name())),
        }
    }

    /// The matrix of a one-qubit unitary operation with numeric angles.
    pub fn matrix1(&self) -> Option<Matrix2<C64>> {
        match self {
            Self::Unitary(gate) if gate.matrix.nrows() == 2 => {
                Some(Matrix2::from_iterator(gate.matrix.iter().copied()))
            }
            Self::Call(call) if call.definition.num_qubits == 1 => self
                .matrix()
                .ok()
                .map(|matrix| Matrix2::from_iterator(matrix.iter().copied())),
            _ => self.standard().and_then(|(gate, angles)| {
                (gate.num_qubits() == 1)
                    .then(|| angles.values().and_then(|values| gate.matrix1(&values)))?
            }),
        }
    }

    /// The matrix of a two-qubit unitary operation with numeric angles.
    pub fn matrix2(&self) -> Option<Matrix4<C64>> {
        match self {
            Self::Unitary(gate) if gate.matrix.nrows() == 4 => {
                Some(Matrix4::from_iterator(gate.matrix.iter().copied()))
            }
            Self::Controlled(_) | Self::Call(_) if self.num_qubits() == Some(2) => self
                .matrix()
                .ok()
                .map(|matrix| Matrix4::from_iterator(matrix.iter().copied())),
            _ => self.standard().and_then(|(gate, angles)| {
                (gate.num_qubits() == 2)
                    .then(|| angles.values().and_then(|values| gate.matrix2(&values)))?
            }),
        }
    }

    /// The operation in terms of simpler ones on qubits `0..n`, exact including the global phase.
    ///
    /// # Errors
    /// [`CircuitError::Opaque`] when there is none: the primitives `U`, `CX` and the global phase,
    /// opaque gates, matrices (which a compiler synthesises), and what is not unitary.
    pub fn definition(&self) -> Result<Circuit, CircuitError> {
        match self {
            Self::Call(call) => {
                let body = call
                    .definition
                    .body
                    .as_ref()
                    .ok_or_else(|| CircuitError::Opaque(self.name()))?;
                let bindings: Bindings = call
                    .definition
                    .params
                    .iter()
                    .cloned()
                    .zip(call.angles.iter().cloned())
                    .collect();
                body.substitute(&bindings)
            }
            Self::Controlled(op) => crate::control::controlled_definition(op),
            _ => self
                .standard()
                .and_then(|(gate, angles)| gate.definition(&angles.to_vec()))
                .ok_or_else(|| CircuitError::Opaque(self.name())),
        }
    }

    /// The same operation with symbols replaced; symbols without a value stay.
    ///
    /// # Errors
    /// [`CircuitError::Undefined`] when an angle has no finite value.
    pub fn bind(&self, bindings: &Bindings) -> Result<Self, CircuitError> {
        match self {
            Self::Parametric(gate, angles) if self.is_symbolic() => {
                let angles: Vec<Angle> = angles
                    .iter()
                    .map(|a| a.bind(bindings))
                    .collect::<Result<_, _>>()?;
                Self::gate(*gate, &angles)
            }
            Self::Call(call) if self.is_symbolic() => {
                let angles = call
                    .angles
                    .iter()
                    .map(|a| a.bind(bindings))
                    .collect::<Result<_, _>>()?;
                Self::call(&call.definition, angles)
            }
            Self::Controlled(op) if self.is_symbolic() => {
                op.base.bind(bindings)?.controlled(&op.state)
            }
            Self::For(op) => {
                let mut inner = bindings.clone();
                if let Some(variable) = &op.variable {
                    inner.remove(variable);
                }
                self.try_map_bodies(|body| body.substitute(&inner))
            }
            _ if self.is_control_flow() => self.try_map_bodies(|body| body.substitute(bindings)),
            _ => Ok(self.clone()),
        }
    }

    pub(crate) fn unbound(&self) -> CircuitError {
        let mut symbols = std::collections::BTreeSet::new();
        self.collect_symbols(&mut symbols);
        CircuitError::Unbound(
            symbols
                .iter()
                .next()
                .map(|s| s.name().to_owned())
                .unwrap_or_default(),
        )
    }
}

impl From<Gate> for Operation {
    /// The gate without angles.
    ///
    /// # Panics
    /// When the gate takes angles: use [`Operation::gate`].
    fn from(gate: Gate) -> Self {
        assert_eq!(gate.num_angles(), 0, "{gate} takes angles");
        Self::Gate(gate)
    }
}

impl UnitaryGate {
    /// A gate with this matrix and an optional label.
    ///
    /// # Errors
    /// [`CircuitError::WrongShape`] or [`CircuitError::NotUnitary`] (tolerance 1e-10).
    pub fn new(matrix: DMatrix<C64>, label: Option<String>) -> Result<Self, CircuitError> {
        check_unitary(&matrix)?;
        Ok(Self { matrix, label })
    }

    /// The matrix.
    pub fn matrix(&self) -> &DMatrix<C64> {
        &self.matrix
    }

    /// The label, if one was given.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// How many qubits it acts on.
    pub fn num_qubits(&self) -> usize {
        self.matrix.nrows().trailing_zeros() as usize
    }
}

fn check_finite(operation: &str, angle: &Angle) -> Result<(), CircuitError> {
    match angle {
        Angle::Value(value) if !value.is_finite() => Err(CircuitError::NotFinite {
            operation: operation.into(),
            value: *value,
        }),
        _ => angle.clone().checked().map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_takes_sixteen_bytes() {
        assert_eq!(size_of::<Operation>(), 16);
    }

    #[test]
    fn angles_that_are_not_finite_are_refused() {
        for bad in [f64::NAN, f64::INFINITY] {
            assert!(matches!(
                Operation::with_values(Gate::RX, &[bad]),
                Err(CircuitError::NotFinite { .. })
            ));
        }
    }
}
