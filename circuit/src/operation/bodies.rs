//! The bodies of control flow, and what they read, write and leave.

use smallvec::SmallVec;

use super::Operation;
use crate::{Circuit, Clbit, ForLoop, IfElse, WhileLoop};

impl Operation {
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

    /// Classical bits that the operation reads or writes, in nested bodies too, sorted and distinct.
    pub fn clbits(&self) -> Vec<Clbit> {
        match self {
            Self::Measure(bit) => vec![*bit],
            _ if self.is_control_flow() => {
                let mut bits = self.clbits_read();
                bits.extend(self.clbits_written());
                bits.sort_unstable();
                bits.dedup();
                bits
            }
            _ => Vec::new(),
        }
    }
}
