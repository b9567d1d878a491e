use ardea_circuit::random::{ProgramSize, random_circuit, random_program};
use ardea_circuit::{Layout, Symbol};
use ardea_device::Target;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::translate::Unroll;
use crate::verify::{Placed, Verdict, compare};
use crate::{CompileOptions, Preserve};

/// Unrolls and rewrites, and compares with the input.
fn check(before: &Circuit, target: &Target, reach: Reach, bind: &[(&str, f64)]) -> Circuit {
    let options = CompileOptions {
        preserve: Preserve::Unitary,
        ..CompileOptions::default()
    };
    let mut context = Context::new(target, &options, before.num_qubits());
    let mut after = before.clone();
    Unroll.run(&mut after, &mut context).unwrap();
    ResynthesizePaulis {
        reach,
        level: Level::O2,
    }
    .run(&mut after, &mut context)
    .unwrap();
    let bindings = bind
        .iter()
        .map(|(name, value)| (Symbol::new(name), (*value).into()))
        .collect();
    let bound = [before, &after].map(|circuit| circuit.substitute(&bindings).unwrap());
    let trivial = Layout::trivial(before.num_qubits());
    let verdict = compare(
        Placed {
            circuit: &bound[0],
            layout: &trivial,
        },
        Placed {
            circuit: &bound[1],
            layout: &context.current_layout(),
        },
        Preserve::Unitary,
    );
    assert_eq!(verdict, Verdict::Equal, "{before:?}\nbecame\n{after:?}");
    after
}

#[test]
fn every_gate_survives_in_random_circuits() {
    let target = Target::all_to_all(4).unwrap();
    for seed in 0..60 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let circuit = random_circuit(&mut rng, 4, 20, &Gate::ALL);
        check(&circuit, &target, Reach::Free, &[]);
        let line = Target::line(5).unwrap();
        check(&circuit, &line, Reach::Coupled, &[]);
    }
}

#[test]
fn clifford_and_t_circuits_survive() {
    let targets = [Target::line(5).unwrap(), Target::grid(2, 3).unwrap()];
    let gates = [Gate::H, Gate::CX, Gate::T, Gate::CZ, Gate::S, Gate::CX];
    for seed in 0..60 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let circuit = random_circuit(&mut rng, 5, 50, &gates);
        for target in &targets {
            check(&circuit, target, Reach::Free, &[]);
            check(&circuit, target, Reach::Coupled, &[]);
        }
    }
}

#[test]
fn programs_with_measurements_and_control_flow_survive() {
    let target = Target::all_to_all(4).unwrap();
    let size = ProgramSize {
        num_qubits: 4,
        num_clbits: 3,
        length: 14,
        nesting: 2,
    };
    for seed in 0..100 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let circuit = random_program(&mut rng, size);
        check(&circuit, &target, Reach::Free, &[]);
    }
}

#[test]
fn coupled_networks_use_edges_of_the_device_only() {
    let target = Target::line(5).unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(3);
    let circuit = random_circuit(&mut rng, 5, 60, &[Gate::CX, Gate::RZ, Gate::H, Gate::CX]);
    let after = check(&circuit, &target, Reach::Coupled, &[]);
    let pairs: BTreeSet<Vec<Qubit>> = after
        .instructions()
        .iter()
        .filter(|i| i.qubits.len() == 2)
        .map(|i| {
            let mut pair = i.qubits.to_vec();
            pair.sort_unstable();
            pair
        })
        .collect();
    // A line of five has four edges, under whatever names.
    assert_eq!(pairs.len(), 4);
}

#[test]
fn ladders_share_their_gates_and_symbols_stay() {
    let mut circuit = Circuit::new(4, 0);
    for (angle, axis) in [("a", Gate::H), ("b", Gate::SX)] {
        for q in 0..4 {
            circuit
                .push(Operation::Gate(axis), &[Qubit::new(q)])
                .unwrap();
        }
        circuit
            .cx(0, 1)
            .unwrap()
            .cx(1, 2)
            .unwrap()
            .cx(2, 3)
            .unwrap();
        circuit.rz(Angle::symbol(angle), 3).unwrap();
        circuit
            .cx(2, 3)
            .unwrap()
            .cx(1, 2)
            .unwrap()
            .cx(0, 1)
            .unwrap();
        for q in 0..4 {
            let inverse = Operation::Gate(axis).inverse().unwrap();
            circuit.push(inverse, &[Qubit::new(q)]).unwrap();
        }
    }
    let target = Target::all_to_all(4).unwrap();
    let after = check(&circuit, &target, Reach::Free, &[("a", 0.4), ("b", 1.9)]);
    assert!(after.is_symbolic());
    assert!(
        after.two_qubit_count() < circuit.two_qubit_count(),
        "{} of {}",
        after.two_qubit_count(),
        circuit.two_qubit_count()
    );
}

#[test]
fn the_number_of_threads_does_not_show() {
    let target = Target::grid(2, 3).unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(5);
    let gates = [Gate::H, Gate::CX, Gate::T, Gate::CZ, Gate::CX];
    let circuit = random_circuit(&mut rng, 6, 120, &gates);
    let on_threads = |threads: usize, reach: Reach| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build()
            .unwrap()
            .install(|| check(&circuit, &target, reach, &[]))
    };
    for reach in [Reach::Free, Reach::Coupled] {
        assert_eq!(on_threads(1, reach), on_threads(3, reach));
    }
}

#[test]
fn long_circuits_are_left_alone() {
    let mut rng = Pcg64Mcg::seed_from_u64(6);
    let gates = [Gate::H, Gate::CX, Gate::T, Gate::RZ];
    let mut circuit = random_circuit(&mut rng, 30, 60_000, &gates);
    let target = Target::all_to_all(30).unwrap();
    let options = CompileOptions::default();
    let mut context = Context::new(&target, &options, 30);
    let pass = ResynthesizePaulis {
        reach: Reach::Free,
        level: Level::O2,
    };
    assert_eq!(pass.run(&mut circuit, &mut context), Ok(Change::Unchanged));
}

#[test]
fn rotations_about_parities_survive_and_share_their_gates() {
    let target = Target::all_to_all(6).unwrap();
    for seed in 0..20 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let mut circuit = Circuit::new(6, 0);
        // Each qubit in a basis of its own.
        for q in 0..6 {
            match (seed + q) % 3 {
                0 => circuit.h(q as usize).unwrap(),
                1 => circuit.sx(q as usize).unwrap(),
                _ => &mut circuit,
            };
        }
        let gates = [Gate::CCZ, Gate::CX, Gate::T, Gate::CP, Gate::CCZ];
        let parities = random_circuit(&mut rng, 6, 24, &gates);
        check(
            &circuit.compose(&parities).unwrap(),
            &target,
            Reach::Free,
            &[],
        );
    }
    let mut products = Circuit::new(6, 0);
    for (a, b, c) in [(0, 2, 4), (0, 3, 5), (1, 2, 5), (1, 3, 4)] {
        products.ccx(a, b, c).unwrap();
    }
    let after = check(&products, &target, Reach::Free, &[]);
    assert!(after.two_qubit_count() < 24, "{}", after.two_qubit_count());
}
