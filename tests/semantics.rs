//! Compiled circuits mean what their inputs mean.
//!
//! A thousand random circuits over every gate, through every level, on devices of several shapes, are compared
//! amplitude by amplitude, the global phase included. The reference is a plain state vector written here, which shares
//! nothing with the compiler but the gates' matrices.

use ardea::device::Target;
use ardea::{Circuit, CompileOptions, Compiled, GateSet, Level, Preserve, Qubit, compile};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

mod semantics {
    pub(crate) mod oracle;
    pub(crate) mod source;
}

use semantics::oracle::{compare_outcomes, compare_states};
use semantics::source::random_mixture;

/// How many circuits are compiled where `ARDEA_RANDOM_CIRCUITS` does not say.
const CIRCUITS: u64 = 640;

fn circuits() -> u64 {
    match std::env::var("ARDEA_RANDOM_CIRCUITS") {
        Ok(text) => text.parse().expect("ARDEA_RANDOM_CIRCUITS is a number"),
        Err(_) => CIRCUITS,
    }
}

/// Devices of every shape that the tests use, all with at least eight qubits.
fn targets() -> Vec<Target> {
    vec![
        Target::line(9).unwrap(),
        Target::ring(8).unwrap(),
        Target::grid(3, 3).unwrap(),
        Target::all_to_all(8).unwrap(),
        Target::heavy_hex(3).unwrap(),
        Target::bundled("boston").unwrap(),
    ]
}

/// Runs `test` for every seed, on as many threads as there are processors.
fn for_each_seed(seeds: u64, test: impl Fn(u64) + Sync) {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    std::thread::scope(|scope| {
        for first in 0..threads {
            let test = &test;
            scope.spawn(move || (first..seeds).step_by(threads as usize).for_each(test));
        }
    });
}

fn compiled(circuit: &Circuit, target: &Target, options: &CompileOptions, seed: u64) -> Compiled {
    compile(circuit, target, options).unwrap_or_else(|error| {
        panic!(
            "seed {seed}, {options:?}, {}: {error}\n{circuit:?}",
            target.name()
        )
    })
}

#[test]
fn random_circuits_keep_their_meaning_at_every_level() {
    let targets = targets();
    for_each_seed(circuits(), |seed| {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let num_qubits = 1 + (seed % 8) as usize;
        let circuit = random_mixture(&mut rng, num_qubits, 14);
        let options = CompileOptions {
            level: Level::ALL[(seed / 8 % 4) as usize],
            preserve: Preserve::ALL[rng.random_range(0..3)],
            gate_set: GateSet::ALL[rng.random_range(0..2)],
            seed,
            ..CompileOptions::default()
        };
        let target = &targets[rng.random_range(0..targets.len())];
        let out = compiled(&circuit, target, &options, seed);
        if let Err(difference) = compare_states(&circuit, &out, options.preserve) {
            panic!(
                "seed {seed}, {options:?}, {}: {difference}\n{circuit:?}\nbecame\n{:?}",
                target.name(),
                out.circuit
            );
        }
    });
}

#[test]
fn measured_circuits_keep_their_outcomes_at_every_level() {
    let targets = targets();
    for_each_seed(400, |seed| {
        let mut rng = Pcg64Mcg::seed_from_u64(10_000 + seed);
        let num_qubits = 1 + (seed % 6) as usize;
        let mut circuit = random_mixture(&mut rng, num_qubits, 12);
        // Some qubits, in any order, into some bits.
        circuit.add_creg("c", num_qubits).unwrap();
        for (clbit, qubit) in
            ardea::circuit::random::random_qubits(&mut rng, num_qubits, num_qubits.div_ceil(2))
                .into_iter()
                .enumerate()
        {
            circuit
                .measure(qubit.index(), num_qubits - 1 - clbit)
                .unwrap();
        }
        let options = CompileOptions {
            level: Level::ALL[(seed / 6 % 4) as usize],
            gate_set: GateSet::ALL[rng.random_range(0..2)],
            seed,
            ..CompileOptions::default()
        };
        let target = &targets[rng.random_range(0..targets.len())];
        let out = compiled(&circuit, target, &options, seed);
        if let Err(difference) = compare_outcomes(&circuit, &out.circuit) {
            panic!(
                "seed {seed}, {options:?}, {}: {difference}\n{circuit:?}\nbecame\n{:?}",
                target.name(),
                out.circuit
            );
        }
    });
}

#[test]
fn a_chosen_initial_layout_is_kept() {
    let target = Target::line(6).unwrap();
    let mut circuit = Circuit::new(3, 0);
    circuit
        .h(0)
        .unwrap()
        .cx(0, 2)
        .unwrap()
        .cx(2, 1)
        .unwrap()
        .ccx(0, 1, 2)
        .unwrap();
    let chosen: Vec<Qubit> = [4, 1, 2].map(Qubit::new).to_vec();
    for &level in Level::ALL {
        for &preserve in Preserve::ALL {
            let options = CompileOptions {
                level,
                preserve,
                initial_layout: Some(chosen.clone()),
                ..CompileOptions::default()
            };
            let out = compiled(&circuit, &target, &options, 0);
            assert_eq!(out.layout.initial, chosen, "{level}");
            assert_eq!(
                compare_states(&circuit, &out, preserve),
                Ok(()),
                "{level} {preserve}"
            );
        }
    }
}

#[test]
fn the_oracle_sees_a_wrong_circuit() {
    let target = Target::line(3).unwrap();
    let mut circuit = Circuit::new(2, 2);
    circuit.h(0).unwrap().cx(0, 1).unwrap().rz(0.3, 1).unwrap();
    let mut other = circuit.clone();
    other.add_global_phase(0.01);
    let options = CompileOptions {
        preserve: Preserve::State,
        ..CompileOptions::default()
    };
    let out = compiled(&circuit, &target, &options, 0);
    assert_eq!(compare_states(&circuit, &out, Preserve::State), Ok(()));
    assert!(compare_states(&other, &out, Preserve::State).is_err());
    circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
    let out = compiled(&circuit, &target, &CompileOptions::default(), 0);
    assert_eq!(compare_outcomes(&circuit, &out.circuit), Ok(()));
    circuit.clear();
    circuit.measure(0, 0).unwrap().measure(1, 1).unwrap();
    assert!(compare_outcomes(&circuit, &out.circuit).is_err());
}
