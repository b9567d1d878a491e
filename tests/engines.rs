//! The engines beside the state vector on Fermi-Hubbard circuits, against the exact dynamics of the models crate.

use ardea_circuit::{C64, Circuit, Pauli, PauliString, Qubit, SparsePauliSum};
use ardea_models::{
    CircuitOptions, FermiHubbard, Formula, FreeFermions, GateStyle, Mode, Occupation, Order,
    Readout, SectorState, Start, TimeGrid, TrotterCircuit, mirrored_line_circuit, trotter_circuit,
};
use ardea_simulator::{Method, SimOptions, expectation, expectations, simulate};

const GRID: TimeGrid = TimeGrid { dt: 0.2, steps: 5 };

fn options(start: Start, style: GateStyle) -> CircuitOptions {
    CircuitOptions {
        start,
        readout: Readout::Measured,
        style,
    }
}

fn prepared(sites: usize) -> Start {
    Start::Prepared(Occupation::neel(sites))
}

/// `1 - 2 <Z>` of the qubits of some modes, the density twice.
fn densities(trotter: &TrotterCircuit, modes: &[Mode], method: Method) -> Vec<f64> {
    let n = trotter.circuit.num_qubits();
    let operators: Vec<SparsePauliSum> = modes
        .iter()
        .map(|&mode| {
            let qubit = Qubit::new(trotter.last.position(mode));
            let string = PauliString::from_sparse(n, &[(qubit, Pauli::Z)]).unwrap();
            SparsePauliSum::from_terms(n, vec![(string, C64::ONE)]).unwrap()
        })
        .collect();
    let all: Vec<&SparsePauliSum> = operators.iter().collect();
    let found = expectations::<f64>(&trotter.circuit, &all, &SimOptions::default()).unwrap();
    assert_eq!(found.method, method);
    found.values.iter().map(|z| (1.0 - z.re) / 2.0).collect()
}

#[test]
fn free_chains_of_120_qubits_follow_the_exact_trotterised_dynamics() {
    let model = FermiHubbard::chain(60, 1.0, 0.0).unwrap();
    let mut exact = FreeFermions::new(&model, &Occupation::neel(60)).unwrap();
    exact.evolve_trotterised(Formula::Mirrored, GRID).unwrap();
    let exact = exact.correlations();
    let modes: Vec<Mode> = [0, 1, 29, 30, 59]
        .into_iter()
        .flat_map(|s| [Mode::up(s), Mode::down(s)])
        .collect();
    for style in [GateStyle::Terms, GateStyle::Paulis] {
        let options = options(prepared(60), style);
        let line = mirrored_line_circuit(&model, GRID, &options).unwrap();
        let plain =
            trotter_circuit(&model, Formula::Mirrored, GRID, Order::Blocked, &options).unwrap();
        for circuit in [line, plain] {
            let found = densities(&circuit, &modes, Method::FreeFermion);
            for (mode, found) in modes.iter().zip(found) {
                assert!(
                    (found - exact.density(*mode)).abs() < 1e-10,
                    "{mode:?}: {found}"
                );
            }
            let run = simulate::<f64>(&circuit.circuit, &SimOptions::with_shots(20)).unwrap();
            assert_eq!(run.report.method, Method::FreeFermion);
            for (outcome, _) in run.counts.iter() {
                let ones = run.counts.text(outcome).matches('1').count();
                assert_eq!(ones, 60);
            }
        }
    }
}

#[test]
fn interacting_chains_are_found_to_conserve_both_spins() {
    let sites = 10;
    let model = FermiHubbard::chain(sites, 1.0, 4.0).unwrap();
    let mut exact = SectorState::new(&model, &Occupation::neel(sites)).unwrap();
    exact.evolve_trotterised(Formula::Mirrored, GRID).unwrap();
    let modes: Vec<Mode> = (0..sites)
        .flat_map(|s| [Mode::up(s), Mode::down(s)])
        .collect();
    for style in [GateStyle::Terms, GateStyle::Paulis] {
        let options = options(prepared(sites), style);
        let plain =
            trotter_circuit(&model, Formula::Mirrored, GRID, Order::Blocked, &options).unwrap();
        let found = densities(&plain, &modes, Method::Sector);
        for (&mode, found) in modes.iter().zip(found) {
            assert!((found - exact.density(mode).unwrap()).abs() < 1e-10);
        }
        let run = simulate::<f64>(&plain.circuit, &SimOptions::with_shots(10)).unwrap();
        // C(10, 5)^2
        assert!(run.report.reason.unwrap().contains("63504 basis states"));
    }
}

#[test]
fn engines_agree_on_the_energy_of_a_free_chain() {
    let model = FermiHubbard::chain(3, 1.0, 0.0).unwrap();
    let options = options(prepared(3), GateStyle::Terms);
    let plain = trotter_circuit(&model, Formula::Mirrored, GRID, Order::Blocked, &options).unwrap();
    let energy = SparsePauliSum::from_labels(&[
        ("IIIIXX", -0.5),
        ("IIIIYY", -0.5),
        ("IIIXXI", -0.5),
        ("XXIIII", -0.5),
        ("IYYIII", -0.5),
        ("XZXIII", 0.25),
    ])
    .unwrap();
    let value = |circuit: &Circuit, method| {
        let options = SimOptions {
            method,
            ..SimOptions::default()
        };
        expectation::<f64>(circuit, &energy, &options).unwrap()
    };
    let expected = value(&plain.circuit, Method::StateVector);
    for method in [Method::Automatic, Method::Sector, Method::FreeFermion] {
        assert!(
            (value(&plain.circuit, method) - expected).norm() < 1e-12,
            "{method}"
        );
    }
}
