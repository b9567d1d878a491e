//! Symbols in the angles of an operation.

use std::collections::BTreeSet;

use super::Operation;
use crate::{Angle, Bindings, CircuitError, Symbol};

impl Operation {
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
    pub fn collect_symbols(&self, symbols: &mut BTreeSet<Symbol>) {
        match self {
            Self::Parametric(_, angles) => angles.iter().for_each(|a| a.collect_symbols(symbols)),
            Self::Call(call) => call.angles.iter().for_each(|a| a.collect_symbols(symbols)),
            Self::Controlled(op) => op.base.collect_symbols(symbols),
            Self::For(op) => {
                // The loop's own variable is bound inside.
                let mut inner = BTreeSet::new();
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
        let mut symbols = BTreeSet::new();
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
