//! What an instruction does: standard gates, the open set around them, and the non-unitary operations.

use std::sync::Arc;

use nalgebra::DMatrix;
use smallvec::SmallVec;

use crate::control_flow::{ForLoop, IfElse, Switch, WhileLoop};
use crate::matrix::{C64, check_unitary};
use crate::{Angle, Circuit, CircuitError, Clbit, Gate, Symbol};

mod bodies;
mod matrix;
mod symbols;

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

    /// Whether barriers, delays and the identity only hold time or order, acting as the identity.
    pub fn is_directive(&self) -> bool {
        matches!(self, Self::Barrier | Self::Delay(..))
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
