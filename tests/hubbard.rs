//! The Fermi-Hubbard line circuit from the model to the device: compiled for a Heron processor and simulated as
//! compiled, it gives the printed numbers of the exact Trotterised dynamics.

use ardea_circuit::Qubit;
use ardea_compiler::{CompileOptions, Compiled, Level, Preserve, compile};
use ardea_device::Target;
use ardea_models::{
    CircuitOptions, Correlations, FermiHubbard, Formula, FreeFermions, Mode, ModeMap, Occupation,
    Order, Readout, SectorState, Start, TimeGrid, TrotterCircuit, jordan_wigner,
    mirrored_line_circuit, observables, trotter_circuit,
};
use ardea_simulator::{SimOptions, StateVector, simulate};

fn boston() -> Target {
    Target::bundled("boston").unwrap()
}

fn chain(sites: usize, u: f64) -> FermiHubbard {
    FermiHubbard::chain(sites, 1.0, u).unwrap()
}

fn grid(steps: usize) -> TimeGrid {
    TimeGrid { dt: 0.2, steps }
}

/// The measured line circuit from the Neel state.
fn line(sites: usize, u: f64, steps: usize) -> TrotterCircuit {
    let options = CircuitOptions {
        start: Start::Simplified(Occupation::neel(sites)),
        readout: Readout::Measured,
        ..CircuitOptions::default()
    };
    mirrored_line_circuit(&chain(sites, u), grid(steps), &options).unwrap()
}

fn at_level(level: Level) -> CompileOptions {
    CompileOptions {
        level,
        ..CompileOptions::default()
    }
}

/// Which physical qubit holds which mode in the end.
fn holder(trotter: &TrotterCircuit, compiled: &Compiled, mode: Mode) -> Qubit {
    compiled.layout.last[trotter.last.position(mode)]
}

/// The exact averages of the final state, read through both layouts.
fn read(trotter: &TrotterCircuit, compiled: &Compiled, state: &StateVector<f64>) -> Correlations {
    let sites = trotter.last.num_sites();
    let holders: Vec<Qubit> = Mode::all(sites)
        .map(|mode| holder(trotter, compiled, mode))
        .collect();
    let probabilities = state.probabilities(&holders).unwrap();
    Correlations::from_probabilities(&ModeMap::new(Order::Blocked, sites), &probabilities).unwrap()
}

fn run(compiled: &Compiled) -> StateVector<f64> {
    simulate::<f64>(&compiled.circuit, &SimOptions::default())
        .unwrap()
        .state
        .unwrap()
}

fn assert_digits(value: f64, printed: f64) {
    assert_eq!(format!("{value:.6}"), format!("{printed:.6}"));
}

#[test]
fn eight_compiled_sites_follow_the_reference_table() {
    let table = [
        (1, 0.075823, 0.062019),
        (5, 0.619282, 0.165666),
        (10, 0.482445, 0.173801),
        (20, 0.435306, 0.155990),
        (30, 0.511981, 0.144316),
    ];
    for (steps, density, doublon) in table {
        let trotter = line(8, -2.0, steps);
        for level in [Level::O1, Level::O3] {
            let compiled = compile(&trotter.circuit, &boston(), &at_level(level)).unwrap();
            let state = run(&compiled);
            let averages = read(&trotter, &compiled, &state);
            assert_digits(averages.density(Mode::up(4)), density);
            assert_digits(averages.mean_doublon(), doublon);

            // The same through Pauli sums on the device's qubits.
            let doublons = jordan_wigner(&observables::mean_doublon(8), &trotter.last).unwrap();
            let device = compiled.circuit.num_qubits();
            let on_device = doublons.remapped(device, |qubit| compiled.layout.last[qubit.index()]);
            assert_digits(state.expectation(&on_device.unwrap()).unwrap().re, doublon);
        }
    }
}

#[test]
fn ten_compiled_sites_follow_the_reference_table() {
    for (steps, density) in [(5, 0.381659), (10, 0.542499), (30, 0.483124)] {
        let trotter = line(10, -2.0, steps);
        let compiled = compile(&trotter.circuit, &boston(), &at_level(Level::O2)).unwrap();
        assert_digits(
            read(&trotter, &compiled, &run(&compiled)).density(Mode::up(5)),
            density,
        );
    }
}

#[test]
fn compiled_sites_without_interaction_follow_free_fermions() {
    for (sites, steps) in [(8, 10), (9, 7)] {
        let trotter = line(sites, 0.0, steps);
        let compiled = compile(&trotter.circuit, &boston(), &CompileOptions::default()).unwrap();
        let found = read(&trotter, &compiled, &run(&compiled));
        let mut free = FreeFermions::new(&chain(sites, 0.0), &Occupation::neel(sites)).unwrap();
        free.evolve_trotterised(Formula::Mirrored, grid(steps))
            .unwrap();
        let expected = free.correlations();
        for a in Mode::all(sites) {
            for b in Mode::all(sites) {
                assert!((found.product(a, b) - expected.product(a, b)).abs() < 1e-10);
            }
        }
    }
}

#[test]
fn shots_of_the_compiled_circuit_scatter_around_the_table() {
    let trotter = line(8, -2.0, 5);
    let compiled = compile(&trotter.circuit, &boston(), &CompileOptions::default()).unwrap();
    let counts = simulate::<f64>(&compiled.circuit, &SimOptions::with_shots(40_000))
        .unwrap()
        .counts;
    let averages = Correlations::from_counts(8, counts.to_map()).unwrap();
    // Five standard deviations of 40,000 shots are 0.0125 at most.
    assert!((averages.density(Mode::up(4)) - 0.619282).abs() < 0.0125);
    assert!((averages.mean_doublon() - 0.165666).abs() < 0.0125);
}

#[test]
fn plain_circuits_survive_routing_in_every_order() {
    let (model, start) = (chain(4, -2.0), Occupation::neel(4));
    let mut sector = SectorState::new(&model, &start).unwrap();
    let expected = sector
        .evolve_trotterised(Formula::SecondOrder, grid(2))
        .unwrap()
        .correlations();
    let options = CircuitOptions {
        start: Start::Prepared(start),
        ..CircuitOptions::default()
    };
    for order in [Order::Blocked, Order::Interleaved, Order::ZigZag] {
        for preserve in [Preserve::State, Preserve::Unitary] {
            let trotter =
                trotter_circuit(&model, Formula::SecondOrder, grid(2), order, &options).unwrap();
            let choices = CompileOptions {
                preserve,
                ..CompileOptions::default()
            };
            let compiled = compile(&trotter.circuit, &boston(), &choices).unwrap();
            let found = read(&trotter, &compiled, &run(&compiled));
            for a in Mode::all(4) {
                for b in Mode::all(4) {
                    let difference = (found.product(a, b) - expected.product(a, b)).abs();
                    assert!(difference < 1e-10, "{order:?} {preserve:?}: {difference}");
                }
            }
        }
    }
}

#[test]
fn sixty_compiled_sites_keep_the_counts_of_the_formula() {
    // 3 L n + 2 (L - 1) (n + 1) = 9058 cz at depth 3 n + 2 (n + 1) = 152, less what the start saves.
    let trotter = line(60, -2.0, 30);
    for level in [Level::O1, Level::O2] {
        let compiled = compile(&trotter.circuit, &boston(), &at_level(level)).unwrap();
        assert!(compiled.report.two_qubit_gates <= 8997, "{level:?}");
        assert!(compiled.report.two_qubit_depth <= 152, "{level:?}");
    }
}
