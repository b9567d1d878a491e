//! Whole programs, with measurements in the middle, resets, conditions and loops, through every level; and what the
//! levels promise besides: order, determinism, symbols.

use ardea::circuit::random::{ProgramSize, random_circuit, random_program};
use ardea::compiler::verify::{Placed, Verdict, compare};
use ardea::compiler::{CompileError, Pipeline, Properties, list_of};
use ardea::device::Target;
use ardea::{
    Angle, Circuit, CompileOptions, Gate, GateSet, Layout, Level, Preserve, Symbol, compile,
};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

#[test]
fn programs_with_control_flow_keep_their_meaning() {
    let targets = [
        Target::line(5).unwrap(),
        Target::all_to_all(4).unwrap(),
        Target::grid(2, 3).unwrap(),
    ];
    let size = ProgramSize {
        num_qubits: 3,
        num_clbits: 3,
        length: 10,
        nesting: 2,
    };
    let mut checked = 0;
    for seed in 0..240u64 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let circuit = random_program(&mut rng, size);
        let options = CompileOptions {
            level: Level::ALL[(seed % 4) as usize],
            preserve: Preserve::ALL[(seed / 4 % 3) as usize],
            gate_set: GateSet::ALL[(seed / 12 % 2) as usize],
            seed,
            ..CompileOptions::default()
        };
        let target = &targets[rng.random_range(0..targets.len())];
        let out = compile(&circuit, target, &options)
            .unwrap_or_else(|error| panic!("seed {seed}, {options:?}: {error}\n{circuit:?}"));
        let trivial = Layout::trivial(3);
        let verdict = compare(
            Placed {
                circuit: &circuit,
                layout: &trivial,
            },
            Placed {
                circuit: &out.circuit,
                layout: &out.layout,
            },
            options.preserve,
        );
        checked += usize::from(verdict == Verdict::Equal);
        assert!(
            !matches!(verdict, Verdict::Different(_)),
            "seed {seed}, {options:?}: {verdict:?}\n{circuit:?}\nbecame\n{:?}",
            out.circuit
        );
    }
    assert!(checked > 200, "only {checked} programs could be compared");
}

#[test]
fn a_higher_level_is_never_worse_than_the_default() {
    let target = Target::bundled("fez").unwrap();
    for seed in 0..12u64 {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let circuit = random_circuit(
            &mut rng,
            7,
            40,
            &[Gate::CX, Gate::RZ, Gate::H, Gate::CCX, Gate::Swap, Gate::CP],
        );
        let count = |level| {
            let options = CompileOptions {
                seed,
                preserve: Preserve::Unitary,
                ..CompileOptions::at_level(level)
            };
            compile(&circuit, &target, &options)
                .unwrap()
                .report
                .two_qubit_gates
        };
        assert!(count(Level::O3) <= count(Level::O2), "seed {seed}");
    }
}

#[test]
fn the_same_seed_gives_the_same_circuit() {
    let target = Target::bundled("boston").unwrap();
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let circuit = random_circuit(
        &mut rng,
        9,
        60,
        &[Gate::CX, Gate::RZ, Gate::H, Gate::Swap, Gate::CP],
    );
    for &level in Level::ALL {
        let options = CompileOptions {
            seed: 7,
            ..CompileOptions::at_level(level)
        };
        let (a, b) = (
            compile(&circuit, &target, &options).unwrap(),
            compile(&circuit, &target, &options).unwrap(),
        );
        assert_eq!(a.circuit, b.circuit, "{level}");
    }
}

#[test]
fn symbolic_circuits_compile_once_and_bind_afterwards() {
    let target = Target::line(4).unwrap();
    let (a, b) = (Angle::symbol("a"), Angle::symbol("b"));
    let mut circuit = Circuit::new(4, 0);
    circuit
        .h(0)
        .unwrap()
        .rzz(a.clone(), 0, 2)
        .unwrap()
        .rx(b.clone(), 2)
        .unwrap()
        .cp(a.clone() + b.clone(), 1, 3)
        .unwrap();
    circuit
        .ry(b.clone() * 0.5, 3)
        .unwrap()
        .crx(a.clone(), 3, 0)
        .unwrap()
        .rz(a.clone(), 1)
        .unwrap()
        .rz(-a, 1)
        .unwrap();
    circuit.u(b, 0.3, 0.1, 1).unwrap().cx(1, 2).unwrap();
    let values = [
        (Symbol::new("a"), 0.7.into()),
        (Symbol::new("b"), (-1.3).into()),
    ]
    .into();
    let bound = circuit.bind(&values).unwrap();
    for &level in Level::ALL {
        for &gate_set in GateSet::ALL {
            let options = CompileOptions {
                preserve: Preserve::Unitary,
                gate_set,
                ..CompileOptions::at_level(level)
            };
            let out = compile(&circuit, &target, &options).unwrap();
            assert!(out.circuit.is_symbolic());
            let after = out.circuit.bind(&values).unwrap();
            let verdict = compare(
                Placed {
                    circuit: &bound,
                    layout: &Layout::trivial(4),
                },
                Placed {
                    circuit: &after,
                    layout: &out.layout,
                },
                Preserve::Unitary,
            );
            assert_eq!(verdict, Verdict::Equal, "{level} {gate_set}");
        }
    }
}

#[test]
fn every_level_is_in_an_order_that_works() {
    for &level in Level::ALL {
        let held = list_of(level).check(Properties::NONE).unwrap();
        assert!(
            held.contains(Properties::MAPPED | Properties::ROUTED | Properties::BASIS),
            "{level}: {held}"
        );
    }
}

#[test]
fn an_order_that_cannot_work_is_refused() {
    let list = Pipeline::new("upside down")
        .then_all(list_of(Level::O2))
        .then(ardea::compiler::mapping::ImproveLayout { search: 1 });
    assert!(list.check(Properties::NONE).is_ok());
    let list =
        Pipeline::new("upside down").then(ardea::compiler::mapping::ImproveLayout { search: 1 });
    let refused = list.check(Properties::NONE);
    assert!(
        matches!(
            &refused,
            Err(CompileError::PassOrder {
                pass: "improve-layout",
                ..
            })
        ),
        "{refused:?}"
    );
}

#[test]
fn circuits_that_do_not_fit_are_refused_with_the_numbers() {
    let error = compile(
        &Circuit::new(6, 0),
        &Target::line(5).unwrap(),
        &CompileOptions::default(),
    );
    let message = error.map(|_| ()).unwrap_err().to_string();
    assert!(message.contains('6') && message.contains('5'), "{message}");
}
