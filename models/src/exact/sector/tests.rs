use super::*;
use crate::exact::FreeFermions;
use crate::score::root_mean_square_error;
use crate::testing::assert_digits;

fn neel(sites: usize, u: f64) -> SectorState {
    let model = FermiHubbard::chain(sites, 1.0, u).unwrap();
    SectorState::new(&model, &Occupation::neel(sites)).unwrap()
}

fn exact(sites: usize, u: f64, time: f64) -> Correlations {
    neel(sites, u).evolve(time).unwrap().correlations()
}

fn mirrored(sites: usize, u: f64, steps: usize) -> Correlations {
    let grid = TimeGrid { dt: 0.2, steps };
    neel(sites, u)
        .evolve_trotterised(Formula::Mirrored, grid)
        .unwrap()
        .correlations()
}

#[test]
fn eight_sites_follow_the_reference_table() {
    let table = [
        (1, 0.2, [0.075861, 0.075823], [0.061844, 0.062019]),
        (5, 1.0, [0.612544, 0.619282], [0.165629, 0.165666]),
        (10, 2.0, [0.487353, 0.482445], [0.176588, 0.173801]),
        (20, 4.0, [0.460462, 0.435306], [0.154194, 0.155990]),
        (30, 6.0, [0.513201, 0.511981], [0.151547, 0.144316]),
    ];
    for (steps, time, density, doublon) in table {
        for (k, correlations) in [exact(8, -2.0, time), mirrored(8, -2.0, steps)]
            .into_iter()
            .enumerate()
        {
            assert_digits(correlations.density(Mode::up(4)), density[k], 6);
            assert_digits(correlations.mean_doublon(), doublon[k], 6);
        }
    }
}

#[test]
fn ten_sites_follow_the_reference_table() {
    let table = [
        (5, 1.0, 0.388813, 0.381659),
        (10, 2.0, 0.532838, 0.542499),
        (30, 6.0, 0.487928, 0.483124),
    ];
    for (steps, time, exact_density, trotterised_density) in table {
        assert_digits(exact(10, -2.0, time).density(Mode::up(5)), exact_density, 6);
        assert_digits(
            mirrored(10, -2.0, steps).density(Mode::up(5)),
            trotterised_density,
            6,
        );
    }
}

#[test]
fn errors_of_ten_sites_follow_the_reference_table() {
    let table = [
        (10, 2.0, 0.0699, 0.0149),
        (20, 4.0, 0.0323, 0.0110),
        (26, 5.2, 0.0224, 0.0102),
        (30, 6.0, 0.0155, 0.0128),
    ];
    for (steps, time, flat, trotter) in table {
        let exact = exact(10, -2.0, time).densities();
        assert_digits(root_mean_square_error(&[0.5; 20], &exact).unwrap(), flat, 4);
        assert_digits(
            root_mean_square_error(&mirrored(10, -2.0, steps).densities(), &exact).unwrap(),
            trotter,
            4,
        );
    }
}

#[test]
fn without_interaction_the_sector_agrees_with_free_fermions_on_any_lattice() {
    let bonds = [(0, 1), (1, 2), (2, 3), (0, 3), (1, 3), (3, 4)];
    let model = FermiHubbard::on(crate::Lattice::from_bonds(5, &bonds).unwrap(), 0.8, 0.0).unwrap();
    let start: Occupation = "ud0u2".parse().unwrap();
    let mut sector = SectorState::new(&model, &start).unwrap();
    let mut free = FreeFermions::new(&model, &start).unwrap();
    let difference = |sector: &SectorState, free: &FreeFermions| {
        (sector
            .correlations()
            .densities()
            .iter()
            .zip(free.correlations().densities()))
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max)
        .max((sector.correlations().mean_doublon() - free.correlations().mean_doublon()).abs())
        .max(
            (sector.correlations().connected(Mode::up(0), Mode::up(3))
                - free.correlations().connected(Mode::up(0), Mode::up(3)))
            .abs(),
        )
    };
    sector.evolve(1.7).unwrap();
    free.evolve(1.7).unwrap();
    assert!(difference(&sector, &free) < 1e-12);
    let grid = TimeGrid { dt: 0.3, steps: 4 };
    sector
        .evolve_trotterised(Formula::SecondOrder, grid)
        .unwrap();
    free.evolve_trotterised(Formula::SecondOrder, grid).unwrap();
    assert!(difference(&sector, &free) < 1e-12);
}

#[test]
fn product_formulas_converge_at_their_order() {
    let exact = exact(6, 3.0, 1.2).densities();
    let error = |formula, steps: usize| {
        let grid = TimeGrid {
            dt: 1.2 / steps as f64,
            steps,
        };
        let state = neel(6, 3.0)
            .evolve_trotterised(formula, grid)
            .unwrap()
            .correlations();
        root_mean_square_error(&state.densities(), &exact).unwrap()
    };
    for formula in [Formula::SecondOrder, Formula::Mirrored] {
        let ratio = error(formula, 12) / error(formula, 24);
        assert!((3.5..4.5).contains(&ratio), "{formula:?}: {ratio}");
    }
    let ratio = error(Formula::FirstOrder, 40) / error(Formula::FirstOrder, 80);
    assert!((1.6..4.5).contains(&ratio), "{ratio}");
}

#[test]
fn exact_dynamics_conserves_energy_and_norm() {
    let mut state = neel(6, -2.0);
    let before = state.energy();
    state.evolve(3.0).unwrap();
    assert!((state.energy() - before).abs() < 1e-12);
    let norm: f64 = state.amplitudes.iter().map(Complex64::norm_sqr).sum();
    assert!((norm - 1.0).abs() < 1e-12);
    state.evolve(-3.0).unwrap();
    assert!((state.probability(&Occupation::neel(6)) - 1.0).abs() < 1e-12);
    assert_eq!(state.probability(&Occupation::empty(6)), 0.0);
}

#[test]
fn single_densities_equal_the_diagonal_of_the_correlations() {
    let mut state = neel(5, 1.0);
    state.evolve(0.9).unwrap();
    let correlations = state.correlations();
    for mode in Mode::all(5) {
        assert!((state.density(mode).unwrap() - correlations.density(mode)).abs() < 1e-14);
    }
    assert!(state.density(Mode::up(5)).is_err());
}

#[test]
fn sectors_that_do_not_fit_are_refused_before_they_are_built() {
    let model = FermiHubbard::chain(32, 1.0, 1.0).unwrap();
    assert!(matches!(
        Sector::new(&model, 16, 16),
        Err(ModelError::Memory { .. } | ModelError::TooLarge { .. })
    ));
    let model = FermiHubbard::chain(33, 1.0, 1.0).unwrap();
    assert!(matches!(
        Sector::new(&model, 1, 1),
        Err(ModelError::LatticeSize { .. })
    ));
}

#[test]
fn sectors_have_binomial_dimensions() {
    let model = FermiHubbard::chain(6, 1.0, 1.0).unwrap();
    for (up, down, dimension) in [(3, 3, 400), (0, 6, 1), (1, 5, 36), (0, 0, 1)] {
        assert_eq!(
            Sector::new(&model, up, down).unwrap().dimension(),
            dimension
        );
    }
}
