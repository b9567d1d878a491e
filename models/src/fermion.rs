//! Sums of products of fermionic ladder operators: the language in which Hamiltonians are written
//! down.
//!
//! Nothing is simplified here; the Jordan-Wigner translation collects equal terms.

use num_complex::Complex64;

use crate::mode::Mode;

/// A creation or annihilation operator of one mode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Ladder {
    /// The mode on which it acts.
    pub mode: Mode,
    /// What it does there.
    pub action: LadderAction,
}

/// What a ladder operator does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LadderAction {
    /// Adds a particle.
    Create,
    /// Removes a particle.
    Annihilate,
}

impl Ladder {
    /// The operator that adds a particle.
    pub fn create(mode: Mode) -> Self {
        Self {
            mode,
            action: LadderAction::Create,
        }
    }

    /// The operator that removes a particle.
    pub fn annihilate(mode: Mode) -> Self {
        Self {
            mode,
            action: LadderAction::Annihilate,
        }
    }
}

/// A weighted product of ladder operators, the leftmost factor first.
#[derive(Debug, Clone, PartialEq)]
pub struct FermionTerm {
    /// The weight.
    pub weight: Complex64,
    /// The factors; none for the identity.
    pub factors: Vec<Ladder>,
}

/// A sum of weighted products of ladder operators.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FermionOperator {
    terms: Vec<FermionTerm>,
}

impl FermionOperator {
    /// The zero operator.
    pub fn new() -> Self {
        Self::default()
    }

    /// The product of the occupation numbers of some modes.
    pub fn number_product(modes: &[Mode]) -> Self {
        let mut operator = Self::new();
        operator.add_product(1.0, modes);
        operator
    }

    /// Adds a weighted product of ladder operators, the leftmost factor first.
    pub fn add(&mut self, weight: impl Into<Complex64>, factors: &[Ladder]) -> &mut Self {
        self.terms.push(FermionTerm {
            weight: weight.into(),
            factors: factors.to_vec(),
        });
        self
    }

    /// Adds a weighted product of occupation numbers.
    pub fn add_product(&mut self, weight: impl Into<Complex64>, modes: &[Mode]) -> &mut Self {
        let factors: Vec<Ladder> = modes
            .iter()
            .flat_map(|&mode| [Ladder::create(mode), Ladder::annihilate(mode)])
            .collect();
        self.add(weight, &factors)
    }

    /// The terms in the order in which they were added.
    pub fn terms(&self) -> &[FermionTerm] {
        &self.terms
    }
}
