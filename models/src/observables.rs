//! What one measures on a Fermi-Hubbard model, as operators.
//!
//! Translate them with [`jordan_wigner`](crate::jordan_wigner) and the mode map of a circuit to get
//! Pauli sums for a simulator. All of them are diagonal, so one set of shots gives all of them at
//! once: [`Correlations`](crate::Correlations).

use crate::fermion::FermionOperator;
use crate::mode::Mode;

/// The occupation n of one mode.
pub fn number(mode: Mode) -> FermionOperator {
    FermionOperator::number_product(&[mode])
}

/// The product n_a n_b.
pub fn number_product(a: Mode, b: Mode) -> FermionOperator {
    FermionOperator::number_product(&[a, b])
}

/// n_up n_down of one site.
pub fn doublon(site: usize) -> FermionOperator {
    number_product(Mode::up(site), Mode::down(site))
}

/// n_up + n_down of one site.
pub fn charge(site: usize) -> FermionOperator {
    let mut operator = number(Mode::up(site));
    operator.add_product(1.0, &[Mode::down(site)]);
    operator
}

/// (n_up - n_down) / 2 of one site.
pub fn spin(site: usize) -> FermionOperator {
    let mut operator = FermionOperator::new();
    operator
        .add_product(0.5, &[Mode::up(site)])
        .add_product(-0.5, &[Mode::down(site)]);
    operator
}

/// n_up n_down averaged over the sites.
pub fn mean_doublon(sites: usize) -> FermionOperator {
    let mut operator = FermionOperator::new();
    for site in 0..sites {
        operator.add_product(1.0 / sites as f64, &[Mode::up(site), Mode::down(site)]);
    }
    operator
}
