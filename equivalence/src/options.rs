//! What a caller can ask of a check.

use std::fmt;
use std::str::FromStr;

use ardea_circuit::Layout;
use serde::{Deserialize, Serialize};

use crate::EquivalenceError;

/// In which sense two circuits are to be the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Meaning {
    /// The joint distribution of the classical bits from |0...0>; the same as [`Meaning::State`] where neither circuit
    /// measures.
    Counts,
    /// The final state from |0...0>, with what the classical bits say about it.
    State,
    /// The operator: any input state, placed at the initial layout and read at the final one; spare qubits start and
    /// end in |0>.
    #[default]
    Unitary,
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Counts => "counts",
            Self::State => "state",
            Self::Unitary => "unitary",
        })
    }
}

impl FromStr for Meaning {
    type Err = EquivalenceError;

    fn from_str(text: &str) -> Result<Self, EquivalenceError> {
        match text.to_ascii_lowercase().as_str() {
            "counts" => Ok(Self::Counts),
            "state" => Ok(Self::State),
            "unitary" => Ok(Self::Unitary),
            _ => Err(EquivalenceError::BadOption(format!(
                "the meaning to compare cannot be '{text}'; choose one of: counts, state, unitary"
            ))),
        }
    }
}

/// Everything a caller can choose about a check.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// In which sense the circuits are to be the same.
    pub meaning: Meaning,
    /// Where the inputs are in the first circuit; its own layout, or else each in its place, when not given.
    pub layout_before: Option<Layout>,
    /// Where the same inputs are in the second circuit; likewise.
    pub layout_after: Option<Layout>,
    /// Operators (or states, or distributions) closer than this count as equal.
    pub tolerance: f64,
    /// Rotations by at most this angle may be missing from either circuit, as compilers drop them on purpose. What they
    /// come to in all is stated as part of the distance, beside the tolerance.
    pub negligible: f64,
    /// Seed of random inputs.
    pub seed: u64,
    /// How many random inputs are simulated where only that is left.
    pub stimuli: usize,
    /// Bytes that simulated states may take, beside what the machine allows.
    pub memory: Option<u64>,
    /// How many amplitudes a simulation may touch in all; wider or longer circuits are not simulated.
    pub work: f64,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self {
            meaning: Meaning::Unitary,
            layout_before: None,
            layout_after: None,
            tolerance: 1e-5,
            negligible: 0.0,
            seed: 0,
            stimuli: 4,
            memory: None,
            work: 3e10,
        }
    }
}

impl CheckOptions {
    /// The largest angle in radians of a rotation that a compiler drops which drops those with an average gate
    /// infidelity below `approximation`: that of a controlled phase, at most 1e-3.
    #[must_use]
    pub fn negligible_at(approximation: f64) -> f64 {
        (approximation / 0.15).sqrt().min(1e-3)
    }
}
