//! Gradients against finite differences and the parameter-shift rule, on random circuits with shared symbols.

use std::sync::Arc;

use ardea_circuit::{
    Angle, Bindings, Circuit, Function, Gate, GateDefinition, Operation, PauliString, Qubit,
    SparsePauliSum, Symbol,
};
use num_complex::Complex64;

use super::{Family, gradient};
use crate::engine::statevector;
use crate::kernels::Width;
use crate::options::SimOptions;
use crate::plan::Fusion;
use crate::random::Random;

/// Draws one number after the other.
struct Draws {
    random: Random,
    next: u64,
}

impl Draws {
    fn new(seed: u64) -> Self {
        Self {
            random: Random::new(seed),
            next: 0,
        }
    }

    fn uniform(&mut self) -> f64 {
        self.next += 1;
        self.random.uniform(self.next, 0)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.uniform() * bound as f64) as usize
    }

    fn qubits(&mut self, count: usize, of: usize) -> Vec<Qubit> {
        let mut all: Vec<usize> = (0..of).collect();
        (0..count)
            .map(|_| Qubit::new(all.remove(self.below(all.len()))))
            .collect()
    }
}

fn random_sum(draws: &mut Draws, qubits: usize, terms: usize) -> SparsePauliSum {
    let mut sum = SparsePauliSum::zero(qubits);
    for _ in 0..terms {
        let label: String = (0..qubits)
            .map(|_| ['I', 'X', 'Y', 'Z'][draws.below(4)])
            .collect();
        let coefficient = Complex64::from(draws.uniform() - 0.5);
        sum.push(PauliString::from_label(&label).unwrap(), coefficient)
            .unwrap();
    }
    sum
}

/// An angle over two of the symbols, sometimes with a product or sine of them.
fn random_angle(draws: &mut Draws, symbols: usize) -> Angle {
    let (a, b) = (draws.below(symbols), draws.below(symbols));
    let (a, b) = (
        Angle::symbol(&format!("s{a}")),
        Angle::symbol(&format!("s{b}")),
    );
    match draws.below(6) {
        0 => Angle::from(draws.uniform()),
        1 => Angle::apply(Function::Product, &[a, b]).unwrap() * 0.7,
        2 => Angle::apply(Function::Sin, &[a + b]).unwrap(),
        _ => a * (draws.uniform() - 0.5) * 3.0 + b + Angle::from(draws.uniform()),
    }
}

/// A gate of the user's own, with a phase of its own.
fn own_gate() -> Arc<GateDefinition> {
    let t = Angle::symbol("t");
    let mut body = Circuit::new(2, 0);
    body.rx(t.clone() * 0.5, 0).unwrap();
    body.cx(0, 1).unwrap();
    body.rz(t.clone(), 1).unwrap();
    body.add_global_phase(t * 0.25);
    Arc::new(GateDefinition {
        name: "own".into(),
        num_qubits: 2,
        params: vec![Symbol::new("t")],
        body: Some(body),
    })
}

fn random_circuit(draws: &mut Draws, qubits: usize, gates: usize, symbols: usize) -> Circuit {
    let mut circuit = Circuit::new(qubits, 0);
    let own = own_gate();
    while circuit.len() < gates {
        let gate = Gate::ALL[draws.below(Gate::ALL.len())];
        let angles: Vec<Angle> = (0..gate.num_angles())
            .map(|_| random_angle(draws, symbols))
            .collect();
        let operation = match draws.below(8) {
            0 if gate.num_qubits() > 0 && gate.num_qubits() < 3 => {
                let state: Vec<bool> = (0..1 + draws.below(2))
                    .map(|_| draws.below(2) == 1)
                    .collect();
                Operation::gate(gate, &angles).unwrap().controlled(&state)
            }
            1 => {
                let call = Operation::call(&own, vec![random_angle(draws, symbols)]).unwrap();
                call.controlled(&[draws.below(2) == 1])
            }
            2 => Operation::call(&own, vec![random_angle(draws, symbols)]),
            _ => Operation::gate(gate, &angles),
        };
        let operation = operation.unwrap();
        let count = operation.num_qubits().unwrap();
        if count <= qubits {
            let on = draws.qubits(count, qubits);
            circuit.push(operation, &on).unwrap();
        }
    }
    circuit
}

fn random_bindings(draws: &mut Draws, circuit: &Circuit) -> Bindings {
    circuit
        .symbols()
        .into_iter()
        .map(|symbol| (symbol, Angle::Value(draws.uniform() * 2.0 - 1.0)))
        .collect()
}

fn value(
    circuit: &Circuit,
    sum: &SparsePauliSum,
    bindings: &Bindings,
    options: &SimOptions,
) -> f64 {
    let bound = circuit.bind(bindings).unwrap();
    let state = statevector::<f64>(&bound, options).unwrap();
    state.expectation(sum).unwrap().re
}

fn shifted(bindings: &Bindings, symbol: &Symbol, by: f64) -> Bindings {
    let mut moved = bindings.clone();
    let value = moved[symbol].value().unwrap();
    moved.insert(symbol.clone(), Angle::Value(value + by));
    moved
}

/// Central differences of fourth order.
fn finite_difference(
    circuit: &Circuit,
    sum: &SparsePauliSum,
    bindings: &Bindings,
    symbol: &Symbol,
    options: &SimOptions,
) -> f64 {
    let step = 1e-3;
    let at = |by: f64| value(circuit, sum, &shifted(bindings, symbol, by), options);
    (8.0 * (at(step) - at(-step)) - (at(2.0 * step) - at(-2.0 * step))) / (12.0 * step)
}

fn check(circuit: &Circuit, sum: &SparsePauliSum, bindings: &Bindings, options: &SimOptions) {
    let found = gradient::<f64>(circuit, sum, bindings, options).unwrap();
    assert!((found.value - value(circuit, sum, bindings, options)).abs() < 1e-12);
    let names: Vec<Symbol> = circuit.symbols().into_iter().collect();
    let order: Vec<Symbol> = found.derivatives.iter().map(|d| d.0.clone()).collect();
    assert_eq!(order, names);
    for (symbol, slope) in &found.derivatives {
        let expected = finite_difference(circuit, sum, bindings, symbol, options);
        assert!(
            (slope - expected).abs() < 1e-8,
            "by {symbol}: {slope} instead of {expected}\n{}",
            circuit.draw()
        );
    }
}

#[test]
fn gradients_of_random_circuits_are_those_of_finite_differences() {
    for seed in 0..40 {
        let mut draws = Draws::new(seed);
        let qubits = 2 + draws.below(6);
        let circuit = random_circuit(&mut draws, qubits, 25, 4);
        let sum = random_sum(&mut draws, qubits, 10);
        let bindings = random_bindings(&mut draws, &circuit);
        check(&circuit, &sum, &bindings, &SimOptions::default());
    }
}

#[test]
fn every_fusion_and_every_vector_unit_gives_the_gradient() {
    let mut draws = Draws::new(77);
    let circuit = random_circuit(&mut draws, 6, 40, 3);
    let sum = random_sum(&mut draws, 6, 8);
    let bindings = random_bindings(&mut draws, &circuit);
    for fusion in [
        Fusion::Off,
        Fusion::UpTo(2),
        Fusion::UpTo(3),
        Fusion::UpTo(4),
    ] {
        let options = SimOptions {
            fusion,
            ..SimOptions::default()
        };
        check(&circuit, &sum, &bindings, &options);
    }
    for width in Width::available() {
        let options = SimOptions {
            width: Some(width),
            ..SimOptions::default()
        };
        check(&circuit, &sum, &bindings, &options);
    }
}

#[test]
fn every_gate_with_angles_has_its_gradient_also_at_zero() {
    let mut draws = Draws::new(3);
    for &gate in Gate::ALL
        .iter()
        .filter(|gate| gate.num_angles() > 0 && gate.num_qubits() > 0)
    {
        for zero in [false, true] {
            let mut circuit = Circuit::new(4, 0);
            let fixed = |draws: &mut Draws, circuit: &mut Circuit| {
                for qubit in 0..4 {
                    circuit.ry(draws.uniform() * 3.0, qubit).unwrap();
                    circuit.rz(draws.uniform() * 3.0, qubit).unwrap();
                }
                circuit.cx(0, 2).unwrap().cz(1, 3).unwrap();
            };
            fixed(&mut draws, &mut circuit);
            let angles: Vec<Angle> = (0..gate.num_angles())
                .map(|i| Angle::symbol(&format!("a{i}")))
                .collect();
            let on = draws.qubits(gate.num_qubits(), 4);
            circuit
                .push(Operation::gate(gate, &angles).unwrap(), &on)
                .unwrap();
            fixed(&mut draws, &mut circuit);
            let sum = random_sum(&mut draws, 4, 6);
            let mut bindings = random_bindings(&mut draws, &circuit);
            if zero {
                bindings.values_mut().for_each(|value| *value = Angle::ZERO);
            }
            check(&circuit, &sum, &bindings, &SimOptions::default());
        }
    }
}

#[test]
fn rotations_obey_the_parameter_shift_rule_on_a_state_of_many_tiles() {
    let qubits = 16;
    let mut circuit = Circuit::new(qubits, 0);
    for layer in 0..2 {
        for qubit in 0..qubits {
            circuit
                .ry(Angle::symbol(&format!("y{layer}_{qubit:02}")), qubit)
                .unwrap();
            circuit
                .rz(Angle::symbol(&format!("z{layer}_{qubit:02}")), qubit)
                .unwrap();
        }
        for qubit in 0..qubits {
            circuit
                .rzz(
                    Angle::symbol(&format!("g{layer}")),
                    qubit,
                    (qubit + 5) % qubits,
                )
                .unwrap();
        }
        for qubit in 0..qubits - 1 {
            circuit.cx(qubit, qubit + 1).unwrap();
        }
    }
    let mut draws = Draws::new(5);
    let sum = random_sum(&mut draws, qubits, 12);
    let bindings = random_bindings(&mut draws, &circuit);
    let options = SimOptions::default();
    let found = gradient::<f64>(&circuit, &sum, &bindings, &options).unwrap();
    for (symbol, slope) in found.derivatives.iter().step_by(7) {
        if symbol.name().starts_with('g') {
            continue; // shared by many gates: no simple shift
        }
        let quarter = std::f64::consts::FRAC_PI_2;
        let at = |by: f64| value(&circuit, &sum, &shifted(&bindings, symbol, by), &options);
        let expected = (at(quarter) - at(-quarter)) / 2.0;
        assert!((slope - expected).abs() < 1e-11, "{symbol}");
    }
    for name in ["g0", "g1"] {
        let symbol = Symbol::new(name);
        let expected = finite_difference(&circuit, &sum, &bindings, &symbol, &options);
        let slope = found.derivatives.iter().find(|d| d.0 == symbol).unwrap().1;
        assert!((slope - expected).abs() < 1e-8, "{symbol}");
    }
    let single = gradient::<f32>(&circuit, &sum, &bindings, &options).unwrap();
    for (a, b) in single.derivatives.iter().zip(&found.derivatives) {
        assert!((a.1 - b.1).abs() < 1e-5, "{} in single precision", a.0);
    }
    for threads in [1, 3] {
        let options = SimOptions {
            threads: Some(threads),
            ..SimOptions::default()
        };
        let again = gradient::<f64>(&circuit, &sum, &bindings, &options).unwrap();
        assert_eq!(again, found, "{threads} threads");
    }
}

#[test]
fn angles_under_many_controls_have_gradients() {
    let mut circuit = Circuit::new(9, 0);
    for qubit in 0..9 {
        circuit.ry(2.2, qubit).unwrap();
    }
    let state = [true, false, true, true, true, true];
    let on: Vec<Qubit> = [3, 1, 8, 0, 5, 4, 2].map(Qubit::new).to_vec();
    let rotation = Operation::gate(Gate::RX, &[Angle::symbol("a")]).unwrap();
    circuit
        .push(rotation.controlled(&state).unwrap(), &on)
        .unwrap();
    let phase = Operation::gate(Gate::P, &[Angle::symbol("b") * 2.0]).unwrap();
    circuit
        .push(phase.controlled(&state).unwrap(), &on)
        .unwrap();
    let call = Operation::call(&own_gate(), vec![Angle::symbol("c")]).unwrap();
    let on: Vec<Qubit> = (0..8).map(Qubit::new).collect();
    circuit.push(call.controlled(&state).unwrap(), &on).unwrap();
    for qubit in 0..9 {
        circuit.rx(0.9, qubit).unwrap();
    }
    let mut draws = Draws::new(1);
    let sum = random_sum(&mut draws, 9, 20);
    let bindings = random_bindings(&mut draws, &circuit);
    check(&circuit, &sum, &bindings, &SimOptions::default());
}

#[test]
fn an_initial_state_and_idle_qubits_are_respected() {
    let mut circuit = Circuit::new(5, 0);
    circuit.ry(Angle::symbol("a"), 1).unwrap();
    circuit.crx(Angle::symbol("b"), 1, 3).unwrap();
    let mut draws = Draws::new(2);
    let sum = random_sum(&mut draws, 5, 30);
    let bindings = random_bindings(&mut draws, &circuit);
    check(&circuit, &sum, &bindings, &SimOptions::default());
    let numbers: Vec<Complex64> = (0..32)
        .map(|_| Complex64::new(draws.uniform(), draws.uniform()))
        .collect();
    let norm = numbers.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
    let options = SimOptions {
        initial_state: Some(numbers.into_iter().map(|z| z / norm).collect()),
        ..SimOptions::default()
    };
    check(&circuit, &sum, &bindings, &options);
}

#[test]
fn what_has_no_gradient_is_refused() {
    let mut circuit = Circuit::new(2, 1);
    circuit.rx(Angle::symbol("a"), 0).unwrap();
    let z = SparsePauliSum::from_labels(&[("IZ", 1.0)]).unwrap();
    let options = SimOptions::default();
    let at = Bindings::from([(Symbol::new("a"), Angle::from(0.3))]);
    assert!(gradient::<f64>(&circuit, &z, &Bindings::new(), &options).is_err());
    let other = Bindings::from([(Symbol::new("a"), Angle::symbol("b"))]);
    assert!(gradient::<f64>(&circuit, &z, &other, &options).is_err());
    let wide = SparsePauliSum::from_labels(&[("IIZ", 1.0)]).unwrap();
    assert!(gradient::<f64>(&circuit, &wide, &at, &options).is_err());
    let string = PauliString::from_label("IZ").unwrap();
    let tilted = SparsePauliSum::from_terms(2, vec![(string, Complex64::I)]).unwrap();
    assert!(gradient::<f64>(&circuit, &tilted, &at, &options).is_err());
    circuit.measure(0, 0).unwrap();
    let error = gradient::<f64>(&circuit, &z, &at, &options).unwrap_err();
    assert!(error.to_string().contains("a gradient"), "{error}");
}

/// A circuit of rotations and entanglers with measurements at its end.
fn measured(draws: &mut Draws, qubits: usize) -> Circuit {
    let mut circuit = random_circuit(draws, qubits, 30, 4);
    circuit.add_creg("c", qubits).unwrap();
    for qubit in 0..qubits {
        circuit.measure(qubit, qubit).unwrap();
    }
    circuit
}

fn random_rows(draws: &mut Draws, count: usize, symbols: usize) -> Vec<Vec<f64>> {
    let mut rows: Vec<Vec<f64>> = (0..count)
        .map(|_| (0..symbols).map(|_| draws.uniform() * 2.0 - 1.0).collect())
        .collect();
    rows[0].fill(0.0); // where rotations are the identity
    rows
}

#[test]
fn members_of_a_family_are_the_circuits_run_one_by_one() {
    for seed in 0..12 {
        let mut draws = Draws::new(100 + seed);
        let qubits = 1 + draws.below(9);
        let circuit = random_circuit(&mut draws, qubits, 40, 4);
        let options = SimOptions::default();
        let family = Family::new(&circuit, &options).unwrap();
        let rows = random_rows(&mut draws, 5, family.symbols().len());
        let sum = random_sum(&mut draws, qubits, 6);
        let states = family.states::<f64>(&rows).unwrap();
        let sums = [sum.clone(), random_sum(&mut draws, qubits, 2)];
        let values = family.expectations::<f64>(&sums, &rows).unwrap();
        for ((row, state), values) in rows.iter().zip(&states).zip(&values) {
            let bindings: Bindings = family
                .symbols()
                .iter()
                .cloned()
                .zip(row.iter().map(|&value| Angle::Value(value)))
                .collect();
            let expected = statevector::<f64>(&circuit.bind(&bindings).unwrap(), &options).unwrap();
            assert_eq!(state.active_qubits(), expected.active_qubits());
            for (found, expected) in state.amplitudes().iter().zip(expected.amplitudes()) {
                assert!((found - expected).norm() < 1e-12, "seed {seed}");
            }
            for (sum, value) in sums.iter().zip(values) {
                assert!((value - expected.expectation(sum).unwrap()).norm() < 1e-12);
            }
        }
    }
}

#[test]
fn a_row_does_not_depend_on_its_company_or_on_the_threads() {
    for qubits in [6, 15] {
        let mut draws = Draws::new(qubits as u64);
        let circuit = random_circuit(&mut draws, qubits, 40, 4);
        let sum = random_sum(&mut draws, qubits, 6);
        let rows = random_rows(&mut draws, 7, circuit.symbols().len());
        let family = |threads| {
            let options = SimOptions {
                threads: Some(threads),
                ..SimOptions::default()
            };
            Family::new(&circuit, &options).unwrap()
        };
        let sums = [sum.clone()];
        let together = family(1).expectations::<f64>(&sums, &rows).unwrap();
        let slopes = family(1).gradients::<f64>(&sum, &rows).unwrap();
        assert_eq!(
            family(3).expectations::<f64>(&sums, &rows).unwrap(),
            together
        );
        assert_eq!(family(3).gradients::<f64>(&sum, &rows).unwrap(), slopes);
        for (i, row) in rows.iter().enumerate() {
            let alone = std::slice::from_ref(row);
            let found = family(2).expectations::<f64>(&sums, alone).unwrap();
            assert_eq!(found[0], together[i], "bit for bit");
            assert_eq!(
                family(2).gradients::<f64>(&sum, alone).unwrap()[0],
                slopes[i]
            );
            let bindings: Bindings = family(1)
                .symbols()
                .iter()
                .cloned()
                .zip(row.iter().map(|&value| Angle::Value(value)))
                .collect();
            let single = gradient::<f64>(&circuit, &sum, &bindings, &SimOptions::default());
            assert_eq!(single.unwrap(), slopes[i]);
        }
    }
}

#[test]
fn a_family_counts_what_each_circuit_counts() {
    let mut draws = Draws::new(8);
    let mut circuits = vec![measured(&mut draws, 5)];
    let mut branching = Circuit::new(2, 2);
    branching.ry(Angle::symbol("a"), 0).unwrap();
    branching.measure(0, 0).unwrap();
    branching.rx(Angle::symbol("b"), 0).unwrap();
    branching.cx(0, 1).unwrap().measure(1, 1).unwrap();
    circuits.push(branching);
    for circuit in circuits {
        let options = SimOptions {
            seed: 5,
            ..SimOptions::with_shots(3000)
        };
        let family = Family::new(&circuit, &options).unwrap();
        let rows = random_rows(&mut draws, 4, family.symbols().len());
        let counts = family.counts::<f64>(&rows, 3000, 5).unwrap();
        for (i, (row, counts)) in rows.iter().zip(counts).enumerate() {
            let bindings: Bindings = family
                .symbols()
                .iter()
                .cloned()
                .zip(row.iter().map(|&value| Angle::Value(value)))
                .collect();
            let own = SimOptions {
                seed: 5 + i as u64,
                ..options.clone()
            };
            let bound = circuit.bind(&bindings).unwrap();
            let expected = crate::engine::simulate::<f64>(&bound, &own).unwrap().counts;
            assert_eq!(counts, expected);
        }
    }
}

#[test]
fn functions_outside_their_domain_at_generic_values_still_run() {
    let mut circuit = Circuit::new(1, 0);
    let large = Angle::symbol("a") + Angle::from(-5.0);
    circuit
        .rx(Angle::apply(Function::Sqrt, &[large]).unwrap(), 0)
        .unwrap();
    let z = SparsePauliSum::from_labels(&[("Z", 1.0)]).unwrap();
    let at = |a: f64| Bindings::from([(Symbol::new("a"), Angle::from(a))]);
    let options = SimOptions::default();
    let found = gradient::<f64>(&circuit, &z, &at(9.0), &options).unwrap();
    assert!((found.value - 2f64.cos()).abs() < 1e-13);
    assert!((found.derivatives[0].1 + 2f64.sin() / 4.0).abs() < 1e-13);
    assert!(gradient::<f64>(&circuit, &z, &at(1.0), &options).is_err());
    assert!(gradient::<f64>(&circuit, &z, &at(5.0), &options).is_err());
}

#[test]
fn rows_that_do_not_fit_are_refused() {
    let mut circuit = Circuit::new(1, 0);
    circuit.rx(Angle::symbol("a"), 0).unwrap();
    let family = Family::new(&circuit, &SimOptions::default()).unwrap();
    assert!(family.states::<f64>(&[vec![0.1, 0.2]]).is_err());
    assert!(family.states::<f64>(&[vec![f64::NAN]]).is_err());
    assert!(family.states::<f64>(&[]).unwrap().is_empty());
}
