//! Free fermions (U = 0): every mode evolves by one unitary matrix of the size of the lattice, at
//! any size.
//!
//! A product state stays a Slater determinant, so with V the one-particle propagator and the start
//! occupation as a projector P, the matrix G = V P V+ of `<c+_b c_a>` holds everything: densities
//! are its diagonal, and Wick's theorem gives the products, `<n_a n_b>` = `<n_a>` `<n_b>` -
//! |G_ab|^2 within one spin.

use nalgebra::DMatrix;
use num_complex::Complex64;

use super::hop_rotation;
use crate::correlations::Correlations;
use crate::error::{ModelError, finite};
use crate::hubbard::FermiHubbard;
use crate::mode::{Mode, Spin};
use crate::occupation::Occupation;
use crate::trotter::{Formula, Term, TimeGrid};

/// A Slater determinant of both spins, evolving without interaction.
#[derive(Debug, Clone)]
pub struct FreeFermions {
    model: FermiHubbard,
    /// For each spin, the orbitals in which its particles sit, as columns.
    orbitals: [DMatrix<Complex64>; 2],
}

impl FreeFermions {
    /// The given product state of a model without interaction.
    pub fn new(model: &FermiHubbard, start: &Occupation) -> Result<Self, ModelError> {
        if model.interaction() != 0.0 {
            return Err(ModelError::NeedsFreeFermions {
                interaction: model.interaction(),
            });
        }
        start.check_sites(model.num_sites())?;
        let orbitals = Spin::BOTH.map(|spin| full_orbitals(start.modes(spin)));
        Ok(Self {
            model: model.clone(),
            orbitals,
        })
    }

    /// Evolves by the exact dynamics.
    pub fn evolve(&mut self, time: f64) -> Result<&mut Self, ModelError> {
        let propagator = self.propagator(finite("the time", time)?);
        for orbitals in &mut self.orbitals {
            *orbitals = &propagator * &*orbitals;
        }
        Ok(self)
    }

    /// Evolves by a product formula.
    pub fn evolve_trotterised(
        &mut self,
        formula: Formula,
        grid: TimeGrid,
    ) -> Result<&mut Self, ModelError> {
        for layer in formula.layers(&self.model, grid)? {
            let (cosine, sine) = hop_rotation(-self.model.hopping() * layer.duration);
            for term in layer.terms {
                if let Term::Hop { bond, spin } = term {
                    rotate_rows(
                        &mut self.orbitals[spin as usize],
                        bond.a,
                        bond.b,
                        cosine,
                        sine,
                    );
                }
            }
        }
        Ok(self)
    }

    /// All densities and their products.
    pub fn correlations(&self) -> Correlations {
        let sites = self.model.num_sites();
        let matrices = self
            .orbitals
            .each_ref()
            .map(|orbitals| orbitals * orbitals.adjoint());
        let density = |mode: Mode| matrices[mode.spin as usize][(mode.site, mode.site)].re;
        let product = |a: Mode, b: Mode| match (a == b, a.spin == b.spin) {
            (true, _) => density(a),
            (false, true) => {
                density(a) * density(b) - matrices[a.spin as usize][(a.site, b.site)].norm_sqr()
            }
            (false, false) => density(a) * density(b),
        };
        let mut products = DMatrix::zeros(2 * sites, 2 * sites);
        for a in Mode::all(sites) {
            for b in Mode::all(sites) {
                products[(a.index(sites), b.index(sites))] = product(a, b);
            }
        }
        Correlations::from_products(sites, products)
    }

    /// exp(-i h t) of the one-particle Hamiltonian h.
    fn propagator(&self, time: f64) -> DMatrix<Complex64> {
        let eigen = one_particle_hamiltonian(&self.model).symmetric_eigen();
        let vectors = eigen.eigenvectors.map(Complex64::from);
        let phases = eigen
            .eigenvalues
            .map(|energy| Complex64::from_polar(1.0, -energy * time));
        &vectors * DMatrix::from_diagonal(&phases) * vectors.transpose()
    }
}

/// The hopping matrix between sites.
pub(super) fn one_particle_hamiltonian(model: &FermiHubbard) -> DMatrix<f64> {
    let mut matrix = DMatrix::zeros(model.num_sites(), model.num_sites());
    for bond in model.lattice().bonds() {
        matrix[(bond.a, bond.b)] = -model.hopping();
        matrix[(bond.b, bond.a)] = -model.hopping();
    }
    matrix
}

fn full_orbitals(full: &[bool]) -> DMatrix<Complex64> {
    let sites: Vec<usize> = (0..full.len()).filter(|&site| full[site]).collect();
    DMatrix::from_fn(full.len(), sites.len(), |row, column| {
        Complex64::from(f64::from(row == sites[column]))
    })
}

fn rotate_rows(matrix: &mut DMatrix<Complex64>, a: usize, b: usize, cosine: f64, sine: Complex64) {
    for column in 0..matrix.ncols() {
        let (x, y) = (matrix[(a, column)], matrix[(b, column)]);
        matrix[(a, column)] = x * cosine + y * sine;
        matrix[(b, column)] = y * cosine + x * sine;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::assert_digits;

    fn neel(sites: usize) -> FreeFermions {
        let model = FermiHubbard::chain(sites, 1.0, 0.0).unwrap();
        FreeFermions::new(&model, &Occupation::neel(sites)).unwrap()
    }

    #[test]
    fn sixty_sites_follow_the_reference_table() {
        let table = [
            (1.0, 5, 0.69857490, 0.69362450),
            (2.0, 10, 0.41417460, 0.41570998),
            (3.0, 15, 0.47615534, 0.47731971),
            (4.0, 20, 0.58744954, 0.58490459),
            (6.0, 30, 0.52811514, 0.52752377),
        ];
        for (time, steps, exact, trotterised) in table {
            let up = Mode::up(30);
            assert_digits(
                neel(60).evolve(time).unwrap().correlations().density(up),
                exact,
                8,
            );
            let grid = TimeGrid { dt: 0.2, steps };
            let mut state = neel(60);
            state.evolve_trotterised(Formula::Mirrored, grid).unwrap();
            assert_digits(state.correlations().density(up), trotterised, 8);
        }
    }

    #[test]
    fn correlations_conserve_the_particle_number() {
        let mut state = neel(7);
        let correlations = state.evolve(1.3).unwrap().correlations();
        // The number of ups is sharp, so sum_b <n_a n_b> = N <n_a>.
        for a in 0..7 {
            let sum: f64 = (0..7)
                .map(|b| correlations.product(Mode::up(a), Mode::up(b)))
                .sum();
            assert!((sum - 3.0 * correlations.density(Mode::up(a))).abs() < 1e-12);
        }
    }

    #[test]
    fn interacting_models_are_refused() {
        let model = FermiHubbard::chain(4, 1.0, 0.5).unwrap();
        assert!(matches!(
            FreeFermions::new(&model, &Occupation::neel(4)),
            Err(ModelError::NeedsFreeFermions { .. })
        ));
    }
}
