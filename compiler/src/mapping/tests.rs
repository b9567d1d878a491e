use ardea_circuit::{Clbit, Expr, Gate, Operation};
use ardea_device::TargetBuilder;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::*;
use crate::verify::{Placed, Verdict, compare};
use crate::{CompileOptions, Context, Pass, Preserve, Properties};

/// Small devices of every shape, one with dead edges and a dead qubit.
fn small_targets() -> Vec<Target> {
    let builders = [
        TargetBuilder::line(6),
        TargetBuilder::ring(7),
        TargetBuilder::grid(2, 4),
        TargetBuilder::all_to_all(6),
        TargetBuilder::grid(3, 3)
            .dead_edges(&[(0, 1), (4, 5)])
            .dead_qubits(&[8]),
        TargetBuilder::heavy_hex(3),
    ];
    builders
        .into_iter()
        .map(|b| b.build().expect("a valid device"))
        .collect()
}

fn random_circuit(qubits: usize, gates: usize, random: &mut Pcg64Mcg) -> Circuit {
    let narrow: Vec<Gate> = Gate::ALL
        .iter()
        .copied()
        .filter(|g| (1..=qubits.min(2)).contains(&g.num_qubits()))
        .collect();
    let mut circuit = Circuit::new(qubits, 0);
    circuit.add_global_phase(0.4);
    for _ in 0..gates {
        let gate = narrow[random.random_range(0..narrow.len())];
        let angles: Vec<f64> = (0..gate.num_angles())
            .map(|_| random.random_range(-3.0..3.0))
            .collect();
        let operation = Operation::with_values(gate, &angles).expect("finite angles");
        circuit
            .push(operation, &random_qubits(qubits, gate.num_qubits(), random))
            .expect("valid");
    }
    circuit
}

fn random_qubits(qubits: usize, count: usize, random: &mut Pcg64Mcg) -> Vec<Qubit> {
    let mut all: Vec<Qubit> = (0..qubits).map(Qubit::new).collect();
    for i in 0..count {
        let j = random.random_range(i..qubits);
        all.swap(i, j);
    }
    all.truncate(count);
    all
}

fn quick(seed: u64) -> MappingOptions {
    MappingOptions {
        seed,
        trials: 2,
        rounds: 1,
        search: 5,
        ..MappingOptions::default()
    }
}

fn check(circuit: &Circuit, target: &Target, options: &MappingOptions) -> Mapped {
    let mapped = map(circuit, target, options).expect("the circuit fits");
    check_routed(&mapped.circuit, target).expect("legal");
    let trivial = Layout::trivial(circuit.num_qubits());
    let verdict = compare(
        Placed {
            circuit,
            layout: &trivial,
        },
        Placed {
            circuit: &mapped.circuit,
            layout: &mapped.layout,
        },
        Preserve::Unitary,
    );
    assert_eq!(
        verdict,
        Verdict::Equal,
        "on {} with {options:?}:\n{:?}",
        target.name(),
        circuit.instructions()
    );
    mapped
}

#[test]
fn random_circuits_keep_their_operator_on_every_coupling_map() {
    let mut random = Pcg64Mcg::seed_from_u64(20);
    for target in &small_targets() {
        for round in 0..16 {
            let qubits = 1 + round % 5;
            let circuit = random_circuit(qubits, 24, &mut random);
            check(&circuit, target, &quick(round as u64));
            let in_order = MappingOptions {
                placement: Placement::InOrder,
                input_swaps: InputSwaps::Keep,
                ..quick(1)
            };
            check(&circuit, target, &in_order);
        }
    }
}

#[test]
fn a_given_layout_is_where_the_qubits_start() {
    let target = TargetBuilder::grid(2, 4).build().expect("a valid device");
    let mut random = Pcg64Mcg::seed_from_u64(8);
    let circuit = random_circuit(4, 20, &mut random);
    let qubits = [6, 1, 3, 4].map(Qubit::new).to_vec();
    let options = MappingOptions {
        placement: Placement::Given(qubits.clone()),
        ..quick(0)
    };
    assert_eq!(check(&circuit, &target, &options).layout.initial, qubits);
    for (bad, word) in [
        (vec![0, 1, 2], "names 3"),
        (vec![0, 1, 2, 2], "two qubits"),
        (vec![0, 1, 2, 8], "has 8 qubits"),
    ] {
        let qubits = bad.into_iter().map(Qubit::new).collect();
        let options = MappingOptions {
            placement: Placement::Given(qubits),
            ..quick(0)
        };
        let error = map(&circuit, &target, &options)
            .map(|_| ())
            .expect_err("refused")
            .to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn bodies_come_back_to_the_layout_they_started_from() {
    let target = TargetBuilder::line(5).build().expect("a valid device");
    let mut random = Pcg64Mcg::seed_from_u64(4);
    for seed in 0..12 {
        let mut circuit = Circuit::new(4, 2);
        circuit.extend(&random_circuit(4, 6, &mut random));
        circuit.measure(0, 0).expect("valid");
        let bodies = [
            random_circuit(4, 5, &mut random),
            random_circuit(4, 5, &mut random),
        ];
        let [yes, no] = bodies.map(|body| {
            let mut with_bits = Circuit::new(4, 2);
            with_bits.extend(&body);
            with_bits
        });
        let mut nested = Circuit::new(4, 2);
        nested.measure(1, 1).expect("valid");
        nested
            .if_else(Expr::Bit(Clbit::new(1)), no, None, &[3, 0, 2, 1])
            .expect("valid");
        circuit
            .if_else(Expr::Bit(Clbit::new(0)), yes, Some(nested), &[2, 0, 1, 3])
            .expect("valid");
        circuit.extend(&random_circuit(4, 6, &mut random));
        check(&circuit, &target, &quick(seed));
    }
}

#[test]
fn jumps_out_of_loops_leave_the_loops_layout() {
    let target = TargetBuilder::line(5).build().expect("a valid device");
    let mut random = Pcg64Mcg::seed_from_u64(6);
    for seed in 0..8 {
        let mut leave = Circuit::new(4, 2);
        leave.extend(&random_circuit(4, 3, &mut random));
        let all: Vec<Qubit> = (0..4).map(Qubit::new).collect();
        leave.push(Operation::Break, &all).expect("valid");
        let mut round = Circuit::new(4, 2);
        round.extend(&random_circuit(4, 4, &mut random));
        round.measure(0, 0).expect("valid");
        round
            .if_else(Expr::Bit(Clbit::new(0)), leave, None, &[1, 3, 2, 0])
            .expect("valid");
        round.extend(&random_circuit(4, 4, &mut random));
        let values = ardea_circuit::ForValues::List(vec![0, 1]);
        let looped = ardea_circuit::ForLoop {
            variable: None,
            values,
            body: round,
        };
        let mut circuit = Circuit::new(4, 2);
        circuit.extend(&random_circuit(4, 5, &mut random));
        circuit
            .push(Operation::For(Box::new(looped)), &all)
            .expect("valid");
        circuit.extend(&random_circuit(4, 5, &mut random));
        check(&circuit, &target, &quick(seed));
    }
}

#[test]
fn measurement_reset_and_barriers_stay_in_order() {
    let target = TargetBuilder::ring(6).build().expect("a valid device");
    let mut random = Pcg64Mcg::seed_from_u64(5);
    for seed in 0..12 {
        let mut circuit = Circuit::new(4, 3);
        for bit in 0..3 {
            circuit.extend(&random_circuit(4, 5, &mut random));
            circuit.barrier(&[0, 2, 3]).expect("valid");
            circuit
                .measure(random.random_range(0..4), bit)
                .expect("valid");
            circuit
                .swap(0, 3)
                .expect("valid")
                .delay(1e-7, 1)
                .expect("valid");
            if bit == 1 {
                circuit.reset(2).expect("valid");
            }
        }
        circuit.measure(1, 0).expect("valid");
        check(&circuit, &target, &quick(seed));
    }
}

#[test]
fn the_result_does_not_depend_on_the_number_of_threads() {
    let target = TargetBuilder::heavy_hex(5).build().expect("a valid device");
    let circuit = random_circuit(12, 150, &mut Pcg64Mcg::seed_from_u64(2));
    let options = MappingOptions {
        trials: 6,
        ..quick(3)
    };
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .expect("a pool");
        pool.install(|| map(&circuit, &target, &options))
            .expect("the circuit fits")
    };
    let (one, four) = (on(1), on(4));
    assert_eq!(one.circuit, four.circuit);
    assert_eq!(one.layout, four.layout);
    check_routed(&one.circuit, &target).expect("legal");
}

#[test]
fn circuits_that_fit_need_no_swap() {
    let target = Target::bundled("boston").expect("a bundled device");
    let mut ghz = Circuit::new(120, 0);
    ghz.h(0).expect("valid");
    (1..120).for_each(|q| {
        ghz.cx(q - 1, q).expect("valid");
    });
    let mut ring = Circuit::new(12, 0);
    (0..12).for_each(|q| {
        ring.rzz(0.3, q, (q + 1) % 12).expect("valid");
    });
    let mut tree = Circuit::new(13, 0);
    for (a, b) in [
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 4),
        (2, 5),
        (3, 6),
        (4, 7),
        (4, 8),
        (5, 9),
        (5, 10),
    ] {
        tree.cz(a, b).expect("valid");
    }
    for circuit in [ghz, ring, tree] {
        let mapped = map(&circuit, &target, &MappingOptions::default()).expect("it fits");
        check_routed(&mapped.circuit, &target).expect("legal");
        assert_eq!(mapped.swaps, 0);
    }
}

#[test]
fn groups_of_qubits_may_live_on_separate_parts_of_the_device() {
    let target = TargetBuilder::line(8)
        .dead_edges(&[(3, 4)])
        .build()
        .expect("a valid device");
    let mut circuit = Circuit::new(8, 0);
    for start in [0, 4] {
        for (a, b) in [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)] {
            circuit.rxx(0.3, start + a, start + b).expect("valid");
        }
    }
    let mapped = map(&circuit, &target, &quick(0)).expect("it fits");
    check_routed(&mapped.circuit, &target).expect("legal");
    circuit.cx(0, 4).expect("valid");
    let error = map(&circuit, &target, &quick(0))
        .map(|_| ())
        .expect_err("8 do not fit on 4 + 4");
    assert!(
        matches!(
            error,
            CompileError::Disconnected {
                needed: 8,
                largest: 4,
                ..
            }
        ),
        "{error}"
    );
}

#[test]
fn improving_a_layout_moves_the_circuit_to_better_couplings_and_the_layout_with_it() {
    let target = TargetBuilder::line(6)
        .edge_error(0, 1, 0.05)
        .edge_error(4, 5, 0.0001)
        .build()
        .expect("a valid device");
    let options = CompileOptions::default();
    let mut context = Context::new(&target, &options, 3);
    let mut circuit = Circuit::new(6, 0);
    circuit
        .h(0)
        .expect("valid")
        .cx(0, 1)
        .expect("valid")
        .cx(0, 1)
        .expect("valid");
    circuit
        .cx(1, 2)
        .expect("valid")
        .ry(0.3, 1)
        .expect("valid")
        .add_global_phase(0.1);
    let original = circuit.clone();
    let before = Layout::trivial(3);
    context.layout = Some(before.clone());
    let pass = ImproveLayout { search: 5 };
    assert!(
        pass.run(&mut circuit, &mut context)
            .expect("it runs")
            .is_changed()
    );
    check_routed(&circuit, &target).expect("legal");
    let after = context.current_layout();
    assert_eq!(after.initial[0], Qubit::new(5));
    let verdict = compare(
        Placed {
            circuit: &original,
            layout: &before,
        },
        Placed {
            circuit: &circuit,
            layout: &after,
        },
        Preserve::Unitary,
    );
    assert_eq!(verdict, Verdict::Equal);
    assert!(
        !pass
            .run(&mut circuit, &mut context)
            .expect("it runs")
            .is_changed()
    );
}

#[test]
fn a_mapping_follows_what_earlier_passes_did_to_the_layout() {
    let target = TargetBuilder::line(5).build().expect("a valid device");
    let given: Vec<Qubit> = [4, 2, 1].map(Qubit::new).to_vec();
    for initial_layout in [None, Some(given)] {
        let options = CompileOptions {
            initial_layout: initial_layout.clone(),
            ..CompileOptions::default()
        };
        let mut context = Context::new(&target, &options, 3);
        // Input qubit 0 is on wire 2, 1 on 0 and 2 on 1; at the end they stay.
        context.place(&[2, 0, 1].map(Qubit::new));
        let before = context.current_layout();
        let mut circuit = Circuit::new(3, 0);
        for (a, b) in [(0, 1), (1, 2), (2, 0), (0, 1)] {
            circuit
                .crx(0.4, a, b)
                .expect("valid")
                .swap(a, b)
                .expect("valid");
        }
        let original = circuit.clone();
        Map::at_level(crate::Level::O2)
            .run(&mut circuit, &mut context)
            .expect("it fits");
        let after = context.current_layout();
        if let Some(qubits) = initial_layout {
            assert_eq!(after.initial, qubits);
        }
        let verdict = compare(
            Placed {
                circuit: &original,
                layout: &before,
            },
            Placed {
                circuit: &circuit,
                layout: &after,
            },
            Preserve::Unitary,
        );
        assert_eq!(verdict, Verdict::Equal);
    }
}

#[test]
fn a_chain_of_rzz_is_laid_along_couplings_where_rzz_works() {
    // A quarter of this device's couplings lack a working rzz, which costs two CZ there.
    let target = Target::bundled("fez").expect("bundled");
    let mut circuit = Circuit::new(16, 0);
    for a in 0..15 {
        circuit.rzz(0.3, a, a + 1).expect("valid");
    }
    let lacking = |gate_set: GateSet| {
        let options = MappingOptions {
            gate_set,
            search: 50,
            ..quick(0)
        };
        let mapped = map(&circuit, &target, &options).expect("it fits");
        assert_eq!(mapped.swaps, 0);
        let without = mapped
            .circuit
            .instructions()
            .iter()
            .filter(|instruction| !target.supports(Gate::RZZ, &instruction.qubits));
        without.count()
    };
    assert!(lacking(GateSet::Fractional) <= 1);
    assert!(lacking(GateSet::Standard) >= 3);
}

#[test]
fn a_qubit_that_waits_goes_where_that_costs_least() {
    let target = Target::bundled("boston").expect("a snapshot");
    let options = CompileOptions::default();
    let on = |qubit: usize| {
        let mut circuit = Circuit::new(target.num_qubits(), 1);
        circuit.sx(qubit).expect("valid");
        let wait = Operation::Delay(ardea_circuit::TimeUnit::Seconds, 50e-6);
        circuit.push(wait, &[Qubit::new(qubit)]).expect("valid");
        circuit
            .sx(qubit)
            .expect("valid")
            .measure(qubit, 0)
            .expect("valid");
        circuit
    };
    let success = |circuit: &Circuit| {
        let estimate = crate::schedule::estimate(circuit, &target).expect("an estimate");
        estimate.log_success()
    };
    let live = target.qubits().filter(|&q| target.is_live(q));
    let best = live
        .map(|q| success(&on(q.index())))
        .fold(f64::NEG_INFINITY, f64::max);
    let mut circuit = on(7);
    let mut context = Context::new(&target, &options, circuit.num_qubits());
    context.properties = Properties::MAPPED | Properties::ROUTED | Properties::BASIS;
    ImproveLayout { search: 5 }
        .run(&mut circuit, &mut context)
        .expect("it runs");
    assert!(
        (success(&circuit) - best).abs() < 1e-6,
        "{} {best}",
        success(&circuit)
    );
}
