//! What a pass is: one rewrite of a circuit, with what it needs and what it leaves written down.
//!
//! State goes in through [`Pass::run`], never through a constructor, so that a pass is a plain value which can be
//! listed, printed and shared between threads.

use ardea_circuit::Circuit;

use crate::{CompileError, Context, Properties};

/// Whether a pass altered the circuit; loops run until every pass inside says [`Change::Unchanged`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// The circuit is as it was.
    Unchanged,
    /// Something was rewritten.
    Changed,
}

impl Change {
    /// [`Change::Changed`] exactly when `condition` holds.
    #[must_use]
    pub fn when(condition: bool) -> Self {
        if condition {
            Self::Changed
        } else {
            Self::Unchanged
        }
    }

    /// Whether the circuit was altered.
    #[must_use]
    pub fn is_changed(self) -> bool {
        self == Self::Changed
    }

    /// The change made by two passes one after the other.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        if self.is_changed() { self } else { other }
    }
}

/// One step of a compilation.
///
/// A pass keeps the meaning of the circuit in the sense of [`Preserve`](crate::Preserve), the global phase included,
/// and keeps [`Context::layout`] in step when it relabels or permutes qubits.
pub trait Pass: Send + Sync {
    /// The name under which the pass is timed and reported, in kebab case.
    fn name(&self) -> &'static str;

    /// What must hold before the pass runs.
    fn requires(&self) -> Properties {
        Properties::NONE
    }

    /// What holds after it, whatever held before.
    fn establishes(&self) -> Properties {
        Properties::NONE
    }

    /// What may no longer hold after it.
    fn invalidates(&self) -> Properties {
        Properties::NONE
    }

    /// Rewrites `circuit` in place.
    ///
    /// # Errors
    /// When the circuit holds something the pass must handle and cannot; the circuit is then unspecified.
    fn run(&self, circuit: &mut Circuit, context: &mut Context<'_>)
    -> Result<Change, CompileError>;
}
