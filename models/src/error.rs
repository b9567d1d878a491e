//! What can go wrong when a model is described, turned into a circuit or solved exactly.

use ardea_circuit::CircuitError;

/// An error of this crate. Each message names the offending value and the remedy.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The lattice has no sites, or more than the crate can index.
    #[error("a lattice of {sites} sites is not supported: give between 1 and {most}")]
    LatticeSize {
        /// The number of sites asked for.
        sites: usize,
        /// The largest number of sites supported.
        most: usize,
    },
    /// A site index is not on the lattice.
    #[error("site {site} is not on the lattice of {sites} sites: sites are numbered from 0")]
    SiteOutOfRange {
        /// The index given.
        site: usize,
        /// The number of sites.
        sites: usize,
    },
    /// A bond joins a site to itself or appears twice.
    #[error(
        "bond ({a}, {b}) is {problem}: every bond joins two different sites and is listed once"
    )]
    InvalidBond {
        /// One end.
        a: usize,
        /// The other end.
        b: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A coupling, time or angle is infinite or not a number.
    #[error("{name} is {value}: give a finite number")]
    NotFinite {
        /// Which quantity.
        name: &'static str,
        /// Its value.
        value: f64,
    },
    /// Two parts of the input describe different numbers of sites.
    #[error("{what} has {given} sites but the model has {expected}")]
    SiteCountMismatch {
        /// The part that does not fit.
        what: &'static str,
        /// Its number of sites.
        given: usize,
        /// The model's number of sites.
        expected: usize,
    },
    /// An occupation string that is not made of `0`, `u`, `d` and `2`.
    #[error(
        "character {character:?} at site {site} is not an occupation: use 0 (empty), u (up), d (down) or 2 (both)"
    )]
    OccupationCharacter {
        /// The character found.
        character: char,
        /// The site at which it stands.
        site: usize,
    },
    /// A formula or circuit that exists on an open chain only.
    #[error(
        "{what} needs an open chain (bonds 0-1, 1-2, ...): use the plain Trotter circuit on other lattices"
    )]
    NeedsChain {
        /// What was asked for.
        what: &'static str,
    },
    /// Closed-form references without interaction were asked for an interacting model.
    #[error(
        "free fermions need interaction u = 0, but the model has u = {interaction}: use the exact sector for interacting chains"
    )]
    NeedsFreeFermions {
        /// The interaction of the model.
        interaction: f64,
    },
    /// A mode map lists a mode twice or leaves one out.
    #[error("the mode map does not hold every (site, spin) of {sites} sites exactly once")]
    InvalidModeMap {
        /// The number of sites.
        sites: usize,
    },
    /// A measured bit string or probability vector has the wrong length.
    #[error("{what} has length {given}, but {expected} is needed")]
    WrongLength {
        /// What was given.
        what: &'static str,
        /// Its length.
        given: usize,
        /// The length needed.
        expected: usize,
    },
    /// A measured bit string holds something else than 0 and 1.
    #[error(
        "outcome {outcome:?} is not a bit string: only 0, 1 and spaces between registers are allowed"
    )]
    OutcomeCharacter {
        /// The outcome as given.
        outcome: String,
    },
    /// Counts or probabilities sum to zero, so no average exists.
    #[error("there is no data to average: the weights of the outcomes sum to {total}")]
    NoData {
        /// The sum of the weights.
        total: f64,
    },
    /// The exact reference does not fit into memory.
    #[error(
        "the exact sector needs {needed} bytes but {available} are available: use fewer sites or particles"
    )]
    Memory {
        /// Bytes needed.
        needed: u64,
        /// Bytes available.
        available: u64,
    },
    /// The number of basis states of a sector, or a ladder of gates, overflows the machine's
    /// integers.
    #[error("{what} is too large to be counted on this machine: use fewer sites or steps")]
    TooLarge {
        /// What was being counted.
        what: &'static str,
    },
    /// The circuit could not be built.
    #[error(transparent)]
    Circuit(#[from] CircuitError),
}

/// Accepts finite numbers only.
pub(crate) fn finite(name: &'static str, value: f64) -> Result<f64, ModelError> {
    if value.is_finite() {
        Ok(value)
    } else {
        Err(ModelError::NotFinite { name, value })
    }
}
