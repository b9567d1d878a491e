//! The Fermi-Hubbard model, H = -t sum (c+_a c_b + h.c.) + U sum n_up n_down.

use crate::error::{ModelError, finite};
use crate::fermion::{FermionOperator, Ladder};
use crate::lattice::Lattice;
use crate::mode::{Mode, Spin};

/// A Fermi-Hubbard model on a lattice.
#[derive(Debug, Clone, PartialEq)]
pub struct FermiHubbard {
    lattice: Lattice,
    hopping: f64,
    interaction: f64,
}

impl FermiHubbard {
    /// The model on an open chain, with hopping `t` and on-site interaction `u`.
    pub fn chain(sites: usize, t: f64, u: f64) -> Result<Self, ModelError> {
        Self::on(Lattice::chain(sites)?, t, u)
    }

    /// The model on any lattice.
    pub fn on(lattice: Lattice, t: f64, u: f64) -> Result<Self, ModelError> {
        let hopping = finite("the hopping t", t)?;
        let interaction = finite("the interaction u", u)?;
        Ok(Self {
            lattice,
            hopping,
            interaction,
        })
    }

    /// The lattice.
    pub fn lattice(&self) -> &Lattice {
        &self.lattice
    }

    /// The number of sites.
    pub fn num_sites(&self) -> usize {
        self.lattice.num_sites()
    }

    /// The hopping strength t.
    pub fn hopping(&self) -> f64 {
        self.hopping
    }

    /// The on-site interaction U.
    pub fn interaction(&self) -> f64 {
        self.interaction
    }

    /// The Hamiltonian as ladder operators.
    pub fn hamiltonian(&self) -> FermionOperator {
        let mut sum = FermionOperator::new();
        for spin in Spin::BOTH {
            for bond in self.lattice.bonds() {
                let (a, b) = (Mode { site: bond.a, spin }, Mode { site: bond.b, spin });
                sum.add(-self.hopping, &[Ladder::create(a), Ladder::annihilate(b)]);
                sum.add(-self.hopping, &[Ladder::create(b), Ladder::annihilate(a)]);
            }
        }
        for site in 0..self.num_sites() {
            sum.add_product(self.interaction, &[Mode::up(site), Mode::down(site)]);
        }
        sum
    }
}
