//! The Jordan-Wigner translation of fermions to Pauli operators.
//!
//! |1> is a full mode, and the annihilation operator of the mode on qubit j is Z_0 ... Z_{j-1} (X_j + i Y_j) / 2: the
//! string of Z counts the particles ahead of j and so makes the operators of different modes
//! anticommute.
//!
//! Jordan and Wigner 1928 (Z. Phys. 47, 631).

use ardea_circuit::{C64, Pauli, PauliString, Qubit, SparsePauliSum};

use crate::error::ModelError;
use crate::fermion::{FermionOperator, FermionTerm, Ladder, LadderAction};
use crate::mode::ModeMap;

/// Weights below this are rounding errors of cancelled terms.
const CUT: f64 = 1e-14;

/// Translates an operator to Pauli strings on the qubits of `map`, in ascending order and each
/// once.
///
/// ```
/// use ardea_models::{FermiHubbard, ModeMap, Order, jordan_wigner};
///
/// // Two sites without interaction: (XX + YY) / 2 for each spin.
/// let model = FermiHubbard::chain(2, 1.0, 0.0)?;
/// let paulis = jordan_wigner(&model.hamiltonian(), &ModeMap::new(Order::Blocked, 2))?;
/// let labels: Vec<String> = paulis.terms().iter().map(|(string, _)| string.to_string()).collect();
/// assert_eq!(paulis.terms().len(), 4);
/// assert!(labels.contains(&"IIXX".to_owned()) && labels.contains(&"YYII".to_owned()));
/// # Ok::<(), ardea_models::ModelError>(())
/// ```
pub fn jordan_wigner(
    operator: &FermionOperator,
    map: &ModeMap,
) -> Result<SparsePauliSum, ModelError> {
    let mut sum = SparsePauliSum::zero(map.num_qubits());
    for term in operator.terms() {
        sum = sum + expand(term, map)?;
    }
    Ok(sum.simplified(CUT))
}

/// Multiplies out the factors of a term.
fn expand(term: &FermionTerm, map: &ModeMap) -> Result<SparsePauliSum, ModelError> {
    let identity = PauliString::identity(map.num_qubits());
    let mut product = SparsePauliSum::from_terms(map.num_qubits(), vec![(identity, term.weight)])?;
    for &factor in &term.factors {
        product = product.product(&strings(factor, map)?)?;
    }
    Ok(product)
}

/// Z ... Z (X + i Y) / 2 to annihilate, Z ... Z (X - i Y) / 2 to create.
fn strings(ladder: Ladder, map: &ModeMap) -> Result<SparsePauliSum, ModelError> {
    let (site, sites) = (ladder.mode.site, map.num_sites());
    if site >= sites {
        return Err(ModelError::SiteOutOfRange { site, sites });
    }
    let qubit = map.qubit(ladder.mode);
    let with_string = |pauli| {
        let mut operators: Vec<_> = (0..qubit.index())
            .map(|before| (Qubit::new(before), Pauli::Z))
            .collect();
        operators.push((qubit, pauli));
        PauliString::from_sparse(map.num_qubits(), &operators)
    };
    let half_i = match ladder.action {
        LadderAction::Annihilate => C64::new(0.0, 0.5),
        LadderAction::Create => C64::new(0.0, -0.5),
    };
    let terms = vec![
        (with_string(Pauli::X)?, C64::from(0.5)),
        (with_string(Pauli::Y)?, half_i),
    ];
    Ok(SparsePauliSum::from_terms(map.num_qubits(), terms)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FermiHubbard, Lattice, Mode, Occupation, Order, SectorState, observables};
    use nalgebra::DMatrix;

    fn matrix(operator: &FermionOperator, map: &ModeMap) -> DMatrix<C64> {
        jordan_wigner(operator, map).unwrap().to_matrix().unwrap()
    }

    fn ladder(ladder: Ladder, map: &ModeMap) -> DMatrix<C64> {
        let mut operator = FermionOperator::new();
        operator.add(1.0, &[ladder]);
        matrix(&operator, map)
    }

    #[test]
    fn ladder_operators_anticommute() {
        let map = ModeMap::new(Order::ZigZag, 2);
        for a in Mode::all(2) {
            for b in Mode::all(2) {
                let (create, annihilate) = (
                    ladder(Ladder::create(a), &map),
                    ladder(Ladder::annihilate(b), &map),
                );
                let anticommutator = &create * &annihilate + &annihilate * &create;
                let expected = DMatrix::identity(16, 16) * C64::from(f64::from(a == b));
                assert!((anticommutator - expected).norm() < 1e-14);
                let first = ladder(Ladder::annihilate(a), &map);
                assert!((&first * &annihilate + &annihilate * &first).norm() < 1e-14);
            }
        }
    }

    #[test]
    fn the_spectrum_does_not_depend_on_the_order_of_the_modes() {
        let ring = Lattice::from_bonds(3, &[(0, 1), (1, 2), (0, 2)]).unwrap();
        let model = FermiHubbard::on(ring, 1.0, 2.5).unwrap();
        let spectrum = |order| {
            let matrix = matrix(&model.hamiltonian(), &ModeMap::new(order, 3));
            let mut energies: Vec<f64> = matrix.symmetric_eigenvalues().iter().copied().collect();
            energies.sort_by(f64::total_cmp);
            energies
        };
        let blocked = spectrum(Order::Blocked);
        for order in [Order::Interleaved, Order::ZigZag] {
            let difference = blocked
                .iter()
                .zip(spectrum(order))
                .map(|(a, b)| (a - b).abs())
                .fold(0.0, f64::max);
            assert!(difference < 1e-12, "{order:?}");
        }
    }

    #[test]
    fn the_hamiltonian_generates_the_dynamics_of_the_sector() {
        let model = FermiHubbard::chain(3, 1.0, -2.0).unwrap();
        let map = ModeMap::new(Order::Interleaved, 3);
        let start = Occupation::neel(3);
        let eigen = matrix(&model.hamiltonian(), &map).symmetric_eigen();
        let phases = eigen
            .eigenvalues
            .map(|energy| C64::from_polar(1.0, -0.8 * energy));
        let mut state = nalgebra::DVector::zeros(64);
        let index = Mode::all(3)
            .filter(|&mode| start.is_full(mode))
            .map(|mode| 1 << map.position(mode))
            .sum::<usize>();
        state[index] = C64::ONE;
        let state =
            &eigen.eigenvectors * (phases.component_mul(&(eigen.eigenvectors.adjoint() * state)));

        let mut sector = SectorState::new(&model, &start).unwrap();
        let expected = sector.evolve(0.8).unwrap().correlations();
        for site in 0..3 {
            for (operator, expected) in [
                (
                    observables::number(Mode::down(site)),
                    expected.density(Mode::down(site)),
                ),
                (observables::doublon(site), expected.doublons()[site]),
                (observables::charge(site), expected.charge()[site]),
                (observables::spin(site), expected.spin()[site]),
            ] {
                let value = state.dotc(&(matrix(&operator, &map) * &state));
                assert!((value - expected).norm() < 1e-12);
            }
        }
        let mean = state.dotc(&(matrix(&observables::mean_doublon(3), &map) * &state));
        assert!((mean - expected.mean_doublon()).norm() < 1e-12);
    }

    #[test]
    fn sixty_sites_have_few_terms() {
        let model = FermiHubbard::chain(60, 1.0, -2.0).unwrap();
        let paulis = jordan_wigner(&model.hamiltonian(), &ModeMap::new(Order::ZigZag, 60)).unwrap();
        // Two strings a hop, one ZZ a site, one Z a mode and one constant.
        assert_eq!(paulis.terms().len(), 2 * 2 * 59 + 60 + 120 + 1);
        assert!(paulis.is_hermitian());
    }

    #[test]
    fn modes_off_the_lattice_are_refused() {
        let map = ModeMap::new(Order::Blocked, 2);
        let result = jordan_wigner(&observables::number(Mode::up(2)), &map);
        assert!(matches!(
            result,
            Err(ModelError::SiteOutOfRange { site: 2, sites: 2 })
        ));
    }
}
