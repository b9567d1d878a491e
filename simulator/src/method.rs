//! The engines by name.

use std::fmt;

/// How a circuit is simulated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// The state vector, or another engine where the circuit allows it and it clearly wins.
    #[default]
    Automatic,
    /// 2^n amplitudes: any circuit of few qubits.
    StateVector,
    /// A stabilizer tableau: Clifford circuits of thousands of qubits, with measurements and feedback.
    Stabilizer,
    /// The amplitudes of one particle-number sector: circuits of hops, phases and exchanges.
    Sector,
    /// The covariance matrix of free fermions: circuits of matchgates on neighbours of a line.
    FreeFermion,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Automatic,
        Self::StateVector,
        Self::Stabilizer,
        Self::Sector,
        Self::FreeFermion,
    ];

    /// The name in Python, on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Automatic => "automatic",
            Self::StateVector => "statevector",
            Self::Stabilizer => "stabilizer",
            Self::Sector => "sector",
            Self::FreeFermion => "free_fermion",
        }
    }

    /// The method of this name, if there is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
