//! What a check found, and how.

use serde::{Deserialize, Serialize};

/// Whether two circuits mean the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// They do: this was proven, up to the stated distance of rounding.
    Equal,
    /// They agreed on random inputs, or with random numbers for symbols; `confidence` says how sure that is.
    ProbablyEqual,
    /// They do not: the witness shows it.
    Different,
    /// No method that applies could decide within the limits.
    Unknown,
}

impl Verdict {
    /// The verdict in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::ProbablyEqual => "probably equal",
            Self::Different => "different",
            Self::Unknown => "unknown",
        }
    }
}

impl std::fmt::Display for Verdict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// How a verdict was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Clifford frame and Pauli rotations, cancelled against each other: any width.
    PauliRotations,
    /// Matchgates on neighbours of a line, as orthogonal matrices: any width.
    FreeFermions,
    /// Small groups of wires, multiplied to matrices until they split again: any width.
    Clusters,
    /// Pauli rotations again, those on a few virtual qubits multiplied to matrices: any width.
    Windows,
    /// The whole operator, as a state of twice the width.
    Operator,
    /// The final state from |0...0>.
    State,
    /// The probabilities of the classical bits from |0...0>.
    Distribution,
    /// Random inputs.
    RandomInputs,
    /// None applied.
    None,
}

impl Method {
    /// The method in words.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PauliRotations => "pauli-rotations",
            Self::FreeFermions => "free-fermions",
            Self::Clusters => "clusters",
            Self::Windows => "windows",
            Self::Operator => "operator",
            Self::State => "state",
            Self::Distribution => "distribution",
            Self::RandomInputs => "random-inputs",
            Self::None => "none",
        }
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that a user can try on both circuits and that comes out differently.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Witness {
    /// What to put in, on the inputs of the first circuit.
    pub input: String,
    /// What to look at afterwards.
    pub observed: String,
    /// What the first circuit gives.
    pub before: f64,
    /// What the second gives.
    pub after: f64,
}

/// What one method that was tried had to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// The method.
    pub method: Method,
    /// Why it decided, or why it could not.
    pub outcome: String,
    /// Wall-clock seconds.
    pub seconds: f64,
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Whether the circuits mean the same.
    pub verdict: Verdict,
    /// In which sense.
    pub meaning: crate::Meaning,
    /// What decided.
    pub method: Method,
    /// Why, in a sentence.
    pub detail: String,
    /// How sure the verdict is: 1 where it was proven.
    pub confidence: f64,
    /// A bound on how far apart equal circuits may be (rounding of angles), or the distance found.
    pub distance: Option<f64>,
    /// By how many radians the second circuit's phase is ahead, where it was determined; equality never depends on it.
    pub global_phase: Option<f64>,
    /// What shows the difference.
    pub witness: Option<Witness>,
    /// Every method that was tried, in order.
    pub attempts: Vec<Attempt>,
    /// Wall-clock seconds in all.
    pub seconds: f64,
}
