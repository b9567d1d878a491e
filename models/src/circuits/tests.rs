use ardea_circuit::{C64, Gate, Qubit};
use nalgebra::DMatrix;

use super::*;
use crate::testing::assert_digits;
use crate::{
    Correlations, FermiHubbard, FermionOperator, Formula, Ladder, Mode, Order, SectorState, Term,
    TimeGrid, jordan_wigner, observables,
};

const ORDERS: [Order; 3] = [Order::Blocked, Order::Interleaved, Order::ZigZag];
const FORMULAS: [Formula; 3] = [Formula::FirstOrder, Formula::SecondOrder, Formula::Mirrored];

fn chain(sites: usize, u: f64) -> FermiHubbard {
    FermiHubbard::chain(sites, 1.0, u).unwrap()
}

fn matrix(operator: &FermionOperator, map: &ModeMap) -> DMatrix<C64> {
    jordan_wigner(operator, map).unwrap().to_matrix().unwrap()
}

fn exponential(hamiltonian: DMatrix<C64>, time: f64) -> DMatrix<C64> {
    let eigen = hamiltonian.symmetric_eigen();
    let phases = eigen
        .eigenvalues
        .map(|energy| C64::from_polar(1.0, -energy * time));
    &eigen.eigenvectors * DMatrix::from_diagonal(&phases) * eigen.eigenvectors.adjoint()
}

fn term_operator(model: &FermiHubbard, term: Term) -> FermionOperator {
    let [a, b] = term.modes();
    let mut operator = FermionOperator::new();
    match term {
        Term::Hop { .. } => {
            operator.add(
                -model.hopping(),
                &[Ladder::create(a), Ladder::annihilate(b)],
            );
            operator.add(
                -model.hopping(),
                &[Ladder::create(b), Ladder::annihilate(a)],
            )
        }
        Term::OnSite { .. } => operator.add_product(model.interaction(), &[a, b]),
    };
    operator
}

/// The product formula, multiplied out with dense matrices.
fn dense_formula(
    model: &FermiHubbard,
    formula: Formula,
    grid: TimeGrid,
    map: &ModeMap,
) -> DMatrix<C64> {
    let mut product = DMatrix::identity(1 << map.num_qubits(), 1 << map.num_qubits());
    for layer in formula.layers(model, grid).unwrap() {
        for term in layer.terms {
            product =
                exponential(matrix(&term_operator(model, term), map), layer.duration) * product;
        }
    }
    product
}

/// The state that a circuit of gates makes of |0...0>.
fn state_of(circuit: &Circuit) -> Vec<C64> {
    let phase = circuit.global_phase().value().unwrap();
    let mut state = vec![C64::ZERO; 1 << circuit.num_qubits()];
    state[0] = C64::from_polar(1.0, phase);
    for instruction in circuit.instructions() {
        let gate = instruction.operation.matrix().unwrap();
        let bits: Vec<usize> = instruction
            .qubits
            .iter()
            .map(|qubit| 1 << qubit.index())
            .collect();
        let all: usize = bits.iter().sum();
        let offset = |k: usize| {
            bits.iter()
                .enumerate()
                .filter(|(i, _)| k >> i & 1 == 1)
                .map(|(_, bit)| bit)
                .sum::<usize>()
        };
        let offsets: Vec<usize> = (0..gate.nrows()).map(offset).collect();
        for base in (0..state.len()).filter(|base| base & all == 0) {
            let old: Vec<C64> = offsets.iter().map(|offset| state[base + offset]).collect();
            for (row, offset) in offsets.iter().enumerate() {
                state[base + offset] = old
                    .iter()
                    .enumerate()
                    .map(|(column, x)| gate[(row, column)] * x)
                    .sum();
            }
        }
    }
    state
}

fn overlap(a: &[C64], b: &[C64]) -> C64 {
    a.iter().zip(b).map(|(a, b)| a.conj() * b).sum()
}

#[test]
fn plain_circuits_are_the_product_formula_in_every_order_and_style() {
    let model = chain(3, -1.7);
    let grid = TimeGrid { dt: 0.3, steps: 2 };
    for order in ORDERS {
        for formula in FORMULAS {
            let expected = dense_formula(&model, formula, grid, &ModeMap::new(order, 3));
            for style in [GateStyle::Terms, GateStyle::Paulis] {
                let options = CircuitOptions {
                    style,
                    ..CircuitOptions::default()
                };
                let plain = trotter_circuit(&model, formula, grid, order, &options).unwrap();
                assert_eq!(plain.initial, plain.last);
                let difference = (plain.circuit.to_matrix().unwrap() - &expected).norm();
                assert!(
                    difference < 1e-11,
                    "{order:?} {formula:?} {style:?}: {difference}"
                );
            }
        }
    }
}

#[test]
fn strings_follow_the_bonds_of_any_lattice() {
    let ring = crate::Lattice::from_bonds(3, &[(0, 1), (1, 2), (0, 2)]).unwrap();
    let model = FermiHubbard::on(ring, 0.9, 1.3).unwrap();
    let grid = TimeGrid { dt: 0.4, steps: 1 };
    for order in ORDERS {
        let expected = dense_formula(&model, Formula::FirstOrder, grid, &ModeMap::new(order, 3));
        let plain = trotter_circuit(
            &model,
            Formula::FirstOrder,
            grid,
            order,
            &CircuitOptions::default(),
        )
        .unwrap();
        assert!(
            (plain.circuit.to_matrix().unwrap() - expected).norm() < 1e-11,
            "{order:?}"
        );
    }
}

#[test]
fn an_even_number_of_mirrored_steps_on_the_line_is_the_product_formula() {
    for style in [GateStyle::Terms, GateStyle::Paulis] {
        let model = chain(3, -1.7);
        let grid = TimeGrid { dt: 0.3, steps: 2 };
        let options = CircuitOptions {
            style,
            ..CircuitOptions::default()
        };
        let line = mirrored_line_circuit(&model, grid, &options).unwrap();
        assert_eq!(line.initial, line.last);
        let expected = dense_formula(&model, Formula::Mirrored, grid, &line.initial);
        assert!(
            (line.circuit.to_matrix().unwrap() - expected).norm() < 1e-11,
            "{style:?}"
        );
    }
}

#[test]
fn an_odd_number_of_mirrored_steps_moves_every_operator_with_its_mode() {
    let model = chain(3, 2.2);
    let grid = TimeGrid { dt: 0.3, steps: 3 };
    let line = mirrored_line_circuit(&model, grid, &CircuitOptions::default()).unwrap();
    let circuit = line.circuit.to_matrix().unwrap();
    let expected = dense_formula(&model, Formula::Mirrored, grid, &line.initial);
    for a in Mode::all(3) {
        for b in Mode::all(3) {
            let mut operator = FermionOperator::new();
            operator.add(1.0, &[Ladder::create(a), Ladder::annihilate(b)]);
            let on_line = circuit.adjoint() * matrix(&operator, &line.last) * &circuit;
            let in_place = expected.adjoint() * matrix(&operator, &line.initial) * &expected;
            assert!((on_line - in_place).norm() < 1e-11, "{a:?} {b:?}");
        }
    }
}

#[test]
fn known_qubits_shorten_the_circuit_and_keep_the_state() {
    for start in ["dudu", "du0d", "2u0d", "0000", "2222", "uddu0"] {
        let start: Occupation = start.parse().unwrap();
        let model = chain(start.num_sites(), -2.0);
        for steps in [0, 1, 2, 3] {
            let grid = TimeGrid { dt: 0.2, steps };
            for style in [GateStyle::Terms, GateStyle::Paulis] {
                let options = |start| CircuitOptions {
                    start,
                    style,
                    ..CircuitOptions::default()
                };
                let (full, short) = (
                    options(Start::Prepared(start.clone())),
                    options(Start::Simplified(start.clone())),
                );
                let line = |options| {
                    mirrored_line_circuit(&model, grid, options)
                        .unwrap()
                        .circuit
                };
                let plain = |options| {
                    trotter_circuit(
                        &model,
                        Formula::SecondOrder,
                        grid,
                        Order::Interleaved,
                        options,
                    )
                    .unwrap()
                    .circuit
                };
                for [full, short] in [[line(&full), line(&short)], [plain(&full), plain(&short)]] {
                    let difference = (overlap(&state_of(&full), &state_of(&short)) - 1.0).norm();
                    assert!(
                        difference < 1e-12,
                        "{start} {steps} {style:?}: {difference}"
                    );
                    assert!(short.two_qubit_count() <= full.two_qubit_count());
                }
            }
        }
    }
}

#[test]
fn the_line_of_eight_sites_follows_the_reference_table() {
    let table = [
        (1, 0.075823, 0.062019),
        (5, 0.619282, 0.165666),
        (10, 0.482445, 0.173801),
    ];
    let options = CircuitOptions {
        start: Start::Simplified(Occupation::neel(8)),
        ..CircuitOptions::default()
    };
    for (steps, density, doublon) in table {
        let line =
            mirrored_line_circuit(&chain(8, -2.0), TimeGrid { dt: 0.2, steps }, &options).unwrap();
        let correlations =
            Correlations::from_amplitudes(&line.last, &state_of(&line.circuit)).unwrap();
        assert_digits(correlations.density(Mode::up(4)), density, 6);
        assert_digits(correlations.mean_doublon(), doublon, 6);
    }
}

#[test]
fn odd_chains_with_a_vacancy_follow_the_sector() {
    let start = Occupation::neel_with_vacancy(5, 2).unwrap();
    let model = chain(5, 8.0);
    let grid = TimeGrid { dt: 0.1, steps: 7 };
    let options = CircuitOptions {
        start: Start::Simplified(start.clone()),
        ..CircuitOptions::default()
    };
    let line = mirrored_line_circuit(&model, grid, &options).unwrap();
    let state = state_of(&line.circuit);
    let found = Correlations::from_amplitudes(&line.last, &state).unwrap();
    let mut sector = SectorState::new(&model, &start).unwrap();
    let expected = sector
        .evolve_trotterised(Formula::Mirrored, grid)
        .unwrap()
        .correlations();
    for a in Mode::all(5) {
        for b in Mode::all(5) {
            assert!((found.product(a, b) - expected.product(a, b)).abs() < 1e-12);
        }
    }
    let operator = jordan_wigner(&observables::doublon(3), &line.last).unwrap();
    let value: C64 = operator
        .terms()
        .iter()
        .map(|(string, weight)| weight * diagonal_average(string, &state))
        .sum();
    assert!((value - expected.doublons()[3]).norm() < 1e-12);
}

/// The average of a string of Z.
fn diagonal_average(string: &ardea_circuit::PauliString, state: &[C64]) -> f64 {
    let signs: usize = string.support().map(|(qubit, _)| 1 << qubit.index()).sum();
    let sign = |index: usize| {
        if (index & signs).count_ones().is_multiple_of(2) {
            1.0
        } else {
            -1.0
        }
    };
    state
        .iter()
        .enumerate()
        .map(|(index, amplitude)| sign(index) * amplitude.norm_sqr())
        .sum()
}

/// The cz and their depth after resynthesis of each run of gates on one pair, by the table of
/// costs.
fn cz_count_and_depth(circuit: &Circuit) -> (usize, usize) {
    let mut depth = vec![0; circuit.num_qubits()];
    let mut count = 0;
    let pairs = circuit
        .instructions()
        .iter()
        .filter(|instruction| instruction.qubits.len() == 2);
    let gates: Vec<(Gate, [usize; 2])> = pairs
        .map(|pair| {
            (
                pair.operation.as_gate().unwrap(),
                [pair.qubits[0].index(), pair.qubits[1].index()],
            )
        })
        .collect();
    let mut previous = None;
    for (gate, [a, b]) in gates {
        assert_eq!(a.abs_diff(b), 1, "gates act on neighbours");
        let cost = match (previous, gate) {
            (_, Gate::XXPlusYY) => 2,
            (_, Gate::CX) => 1, // two of them move a known qubit
            (_, Gate::CP) => 0, // counted with the exchange that follows
            (Some((Gate::CP, pair)), Gate::ISwap) if pair == [a, b] => 3,
            (_, Gate::ISwap) => 2,
            _ => panic!("{gate:?} after {previous:?}"),
        };
        count += cost;
        let end = depth[a].max(depth[b]) + cost;
        (depth[a], depth[b]) = (end, end);
        previous = Some((gate, [a, b]));
    }
    (count, depth.into_iter().max().unwrap_or(0))
}

#[test]
fn the_line_circuit_has_the_published_counts() {
    let cost = |sites, u, dt, steps, start| {
        let options = CircuitOptions {
            start,
            ..CircuitOptions::default()
        };
        let line =
            mirrored_line_circuit(&chain(sites, u), TimeGrid { dt, steps }, &options).unwrap();
        cz_count_and_depth(&line.circuit)
    };
    assert_eq!(cost(60, -2.0, 0.2, 30, Start::Unprepared), (9058, 152));
    assert_eq!(
        cost(60, -2.0, 0.2, 30, Start::Prepared(Occupation::neel(60))),
        (9058, 152)
    );
    assert_eq!(
        cost(60, -2.0, 0.2, 30, Start::Simplified(Occupation::neel(60))).0,
        8997
    );
    assert_eq!(cost(31, 8.0, 0.1, 90, Start::Unprepared), (13830, 452));
    // Without interaction the exchange alone costs two.
    assert_eq!(
        cost(60, 0.0, 0.2, 30, Start::Unprepared),
        (2 * 60 * 30 + 2 * 59 * 31, 122)
    );
}

#[test]
fn measured_circuits_read_every_mode_into_the_register_of_its_spin() {
    let options = CircuitOptions {
        readout: Readout::Measured,
        ..CircuitOptions::default()
    };
    let line =
        mirrored_line_circuit(&chain(4, 1.0), TimeGrid { dt: 0.2, steps: 1 }, &options).unwrap();
    let names: Vec<&str> = line
        .circuit
        .cregs()
        .iter()
        .map(|register| register.name.as_str())
        .collect();
    assert_eq!(names, ["up", "down"]);
    let mut read = vec![None; 8];
    for instruction in line.circuit.instructions() {
        for clbit in instruction.operation.clbits_written() {
            read[clbit.index()] = Some(instruction.qubits[0]);
        }
    }
    let expected: Vec<Option<Qubit>> = Mode::all(4)
        .map(|mode| Some(line.last.qubit(mode)))
        .collect();
    assert_eq!(read, expected);
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    let grid = TimeGrid { dt: 0.2, steps: 1 };
    let options = CircuitOptions {
        start: Start::Prepared(Occupation::neel(3)),
        ..CircuitOptions::default()
    };
    let result = mirrored_line_circuit(&chain(4, 1.0), grid, &options);
    assert!(matches!(
        result,
        Err(crate::ModelError::SiteCountMismatch {
            given: 3,
            expected: 4,
            ..
        })
    ));
    let bad_grid = TimeGrid {
        dt: f64::NAN,
        steps: 1,
    };
    let result = mirrored_line_circuit(&chain(4, 1.0), bad_grid, &CircuitOptions::default());
    assert!(matches!(result, Err(crate::ModelError::NotFinite { .. })));
    let endless = TimeGrid {
        dt: 0.2,
        steps: usize::MAX,
    };
    let result = mirrored_line_circuit(&chain(4, 1.0), endless, &CircuitOptions::default());
    assert!(matches!(result, Err(crate::ModelError::TooLarge { .. })));
}
