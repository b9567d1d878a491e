//! Executions against what is known of their circuits.

use ardea_circuit::{Clbit, Expr, Qubit, SparsePauliSum};
use ardea_compiler::{CompileError, CompileOptions, Decoupling, Preserve, ScheduleMode, compile};
use ardea_device::TargetBuilder;
use ardea_simulator::{Counts, Outcome, SimOptions, simulate};

use super::*;
use crate::readout::Quasi;
use crate::zne::{Extrapolation, Folding};

fn ghz(qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(qubits, qubits);
    circuit.h(0).unwrap();
    for q in 1..qubits {
        circuit.cx(q - 1, q).unwrap();
    }
    (0..qubits).for_each(|q| {
        circuit.measure(q, q).unwrap();
    });
    circuit
}

fn ends(distribution: &Quasi, bits: usize) -> f64 {
    let mut ones = Outcome::zero(bits);
    (0..bits).for_each(|bit| ones.set(Clbit::new(bit), true));
    distribution.get(&Outcome::zero(bits)) + distribution.get(&ones)
}

fn options(shots: u64, suppress: Suppress) -> ExecuteOptions {
    ExecuteOptions {
        suppress,
        ..ExecuteOptions::with_shots(shots)
    }
}

/// A line whose readout is its worst part.
fn badly_read(qubits: usize) -> Target {
    TargetBuilder::line(qubits)
        .readout(0.04, 2e-6)
        .build()
        .unwrap()
}

#[test]
fn the_whole_chain_makes_a_distribution_better_than_none() {
    let target = badly_read(5);
    let circuit = [ghz(5)];
    let fidelity = |suppress| {
        let execution = execute(&circuit, &target, &options(4000, suppress)).unwrap();
        let counted = execution.results[0].counted.clone().unwrap();
        assert_eq!(counted.counts.shots(), 4000);
        ends(&counted.distribution, 5)
    };
    let (plain, whole) = (fidelity(Suppress::none()), fidelity(Suppress::auto()));
    assert!(plain < 0.85 && whole > 0.95, "{plain} {whole}");
}

#[test]
fn results_depend_on_the_seed_and_not_on_the_threads() {
    let target = Target::line(4).unwrap();
    let circuits = [ghz(3), ghz(4)];
    let run = |threads: usize, seed| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let options = ExecuteOptions {
                seed,
                ..options(500, Suppress::auto())
            };
            let execution = execute(&circuits, &target, &options).unwrap();
            let counted = execution.results.into_iter().map(|r| r.counted.unwrap());
            counted
                .map(|c| (c.counts, c.quasi, c.distribution))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(run(1, 7), run(3, 7));
    assert_ne!(run(1, 7), run(1, 8));
}

#[test]
fn observables_in_any_basis_have_their_exact_values_without_noise() {
    let target = TargetBuilder::line(3).ideal().build().unwrap();
    let mut circuit = Circuit::new(3, 0);
    circuit
        .ry(0.7, 0)
        .unwrap()
        .cx(0, 1)
        .unwrap()
        .rx(0.4, 2)
        .unwrap();
    circuit.cp(0.9, 1, 2).unwrap().h(1).unwrap();
    let labels = [
        ("ZZI", 0.5),
        ("IXX", 1.0),
        ("YIY", -0.7),
        ("III", 0.2),
        ("XYZ", 1.0),
    ];
    let sum = SparsePauliSum::from_labels(&labels).unwrap();
    let exact = ardea_simulator::expectation::<f64>(&circuit, &sum, &SimOptions::default());
    let exact = exact.unwrap().re;
    let options = ExecuteOptions {
        observables: vec![sum],
        ..options(20_000, Suppress::auto())
    };
    let execution = execute(&[circuit], &target, &options).unwrap();
    let found = &execution.results[0].expectations[0];
    assert!(
        (found.value.mean - exact).abs() < 4.0 * found.value.error,
        "{found:?} {exact}"
    );
    assert!(found.value.error < 0.03);
    assert!(execution.results[0].counted.is_none());
}

#[test]
fn trex_and_extrapolation_bring_an_observable_nearer() {
    let target = TargetBuilder::line(4)
        .readout(0.03, 2e-6)
        .two_qubit_gates(8e-3, 68e-9)
        .build()
        .unwrap();
    let mut circuit = ghz(4);
    circuit.cx(0, 1).unwrap().cx(0, 1).unwrap();
    let parity = SparsePauliSum::from_labels(&[("ZZZZ", 1.0)]).unwrap();
    let value = |suppress| {
        let options = ExecuteOptions {
            observables: vec![parity.clone()],
            ..options(20_000, suppress)
        };
        let execution = execute(std::slice::from_ref(&circuit), &target, &options).unwrap();
        execution.results[0].expectations[0].clone()
    };
    let raw = value(Suppress::none());
    assert_eq!((raw.value.mean, raw.by_scale.len()), (raw.raw.mean, 1));
    let full = value(Suppress {
        zero_noise: Choice::On(ZeroNoise {
            folding: Folding::TwoQubit,
            scales: vec![1.0, 2.0, 3.0],
            extrapolation: Extrapolation::Exponential { asymptote: 0.0 },
        }),
        ..Suppress::auto()
    });
    assert!(raw.value.mean < 0.8, "{raw:?}");
    let by_scale: Vec<f64> = full.by_scale.iter().map(|(_, v)| v.mean).collect();
    assert!(
        by_scale[0] > raw.value.mean + 0.05 && by_scale[2] < by_scale[0],
        "{full:?}"
    );
    assert!(
        (full.value.mean - 1.0).abs() < 4.0 * full.value.error.max(0.01),
        "{full:?}"
    );
}

#[test]
fn strengths_that_one_gate_cannot_tell_apart_are_one() {
    let target = Target::line(3).unwrap();
    let mut circuit = Circuit::new(2, 0);
    circuit.ry(0.8, 0).unwrap().cx(0, 1).unwrap();
    let zz = SparsePauliSum::from_labels(&[("ZZ", 1.0)]).unwrap();
    let run = |stages: &str| {
        let options = ExecuteOptions {
            observables: vec![zz.clone()],
            ..options(4000, Suppress::from_text(stages).unwrap())
        };
        execute(std::slice::from_ref(&circuit), &target, &options)
    };
    let execution = run("auto,zne=linear,scales=1:2:3").unwrap();
    let found = &execution.results[0].expectations[0];
    assert_eq!(
        found.by_scale.iter().map(|(s, _)| *s).collect::<Vec<_>>(),
        [1.0, 3.0]
    );
    assert!((found.value.mean - 1.0).abs() < 0.01 + 4.0 * found.value.error);
    assert!(run("auto,zne=quadratic,scales=1:2:3").is_err());
}

#[test]
fn counts_from_elsewhere_are_collected() {
    let target = Target::line(3).unwrap();
    let all = Suppress::from_text("auto,twirl=all,versions=5").unwrap();
    let experiment = prepare(&[ghz(3)], &target, &options(1000, all)).unwrap();
    assert!(
        experiment
            .jobs()
            .iter()
            .any(|job| !job.flips.bits().is_empty())
    );
    let read = |number: usize| -> Counts {
        let job = &experiment.jobs()[number];
        let options = SimOptions {
            seed: number as u64,
            ..SimOptions::with_shots(job.shots)
        };
        simulate::<f64>(&job.circuit, &options).unwrap().counts
    };
    let counts: Vec<Counts> = (0..experiment.jobs().len()).map(read).collect();
    let execution = experiment.collect(&counts).unwrap();
    let counted = execution.results[0].counted.as_ref().unwrap();
    assert_eq!(counted.counts.get("000") + counted.counts.get("111"), 1000);
    assert!((ends(&counted.distribution, 3) - 1.0).abs() < 1e-9);
    assert!(experiment.collect(&counts[1..]).is_err());
    let note = |execution: &Execution| execution.report.notes.join(" ");
    assert!(!note(&execution).contains("shots"));
    let mut fewer = counts.clone();
    fewer[0] = Counts::from_texts(&experiment.jobs()[0].circuit, [("000", 3)]).unwrap();
    assert!(note(&experiment.collect(&fewer).unwrap()).contains("numbers of shots"));
    let again = prepare(
        &[ghz(3)],
        &target,
        &options(
            1000,
            Suppress::from_text("auto,twirl=all,versions=5").unwrap(),
        ),
    );
    assert_eq!(again.unwrap().jobs(), experiment.jobs());
}

#[test]
fn every_stage_is_in_the_report_and_can_be_switched_off() {
    let target = Target::bundled("boston").unwrap();
    let report = |suppress| {
        let experiment = prepare(&[ghz(4)], &target, &options(100, suppress)).unwrap();
        experiment.report().clone()
    };
    let names = [
        "compilation",
        "twirling",
        "schedule",
        "decoupling",
        "readout",
        "zero-noise",
    ];
    for (suppress, on) in [
        (Suppress::none(), vec!["compilation"]),
        (
            Suppress::from_text("dd=xy4").unwrap(),
            vec!["compilation", "schedule", "decoupling"],
        ),
        (
            Suppress::from_text("readout").unwrap(),
            vec!["compilation", "readout"],
        ),
        (
            Suppress::from_text("twirl").unwrap(),
            vec!["compilation", "twirling"],
        ),
    ] {
        let report = report(suppress);
        let stages = &report.programs[0].stages;
        let found: Vec<&str> = stages.iter().map(|s| s.stage).collect();
        assert_eq!(found, names);
        let running: Vec<&str> = stages.iter().filter(|s| s.is_on).map(|s| s.stage).collect();
        assert_eq!(running, on);
        assert!(stages.iter().all(|s| !s.detail.is_empty()));
        let text = report.to_string();
        assert!(names.iter().all(|name| text.contains(name)), "{text}");
        let json: serde_json::Value = serde_json::to_value(&report).unwrap();
        assert_eq!(json["programs"][0]["stages"][4]["stage"], "readout");
    }
    let auto = report(Suppress::auto());
    let readout = &auto.programs[0].stages[4];
    assert!(readout.success_after > readout.success_before);
}

#[test]
fn programs_with_feedback_keep_their_meaning() {
    let target = TargetBuilder::line(3).ideal().build().unwrap();
    let mut circuit = Circuit::new(2, 2);
    circuit.h(0).unwrap().measure(0, 0).unwrap();
    let mut body = Circuit::new(1, 2);
    body.x(0).unwrap();
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body, None, &[1])
        .unwrap();
    circuit.cx(1, 0).unwrap().measure(1, 1).unwrap();
    let suppress = Suppress::from_text("dd,twirl=all,readout=inversion").unwrap();
    let execution = execute(&[circuit], &target, &options(400, suppress)).unwrap();
    let counts = &execution.results[0].counted.as_ref().unwrap().counts;
    assert_eq!(counts.get("00") + counts.get("11"), 400);
    assert!(counts.get("00") > 100 && counts.get("11") > 100);
}

#[test]
fn nothing_is_calibrated_where_conditions_read_every_bit() {
    let target = badly_read(2);
    let mut body = Circuit::new(1, 1);
    body.x(0).unwrap();
    let mut circuit = Circuit::new(2, 1);
    circuit.h(0).unwrap().measure(0, 0).unwrap();
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body, None, &[1])
        .unwrap();
    let done = ExecuteOptions {
        compilation: Compilation::Done,
        ..options(100, Suppress::from_text("readout=inversion").unwrap())
    };
    let compiled = compile(
        &circuit,
        &target,
        &CompileOptions {
            preserve: Preserve::Unitary,
            ..CompileOptions::default()
        },
    );
    let execution = execute(&[compiled.unwrap().circuit], &target, &done).unwrap();
    let report = &execution.report;
    assert_eq!(report.calibration_circuits, 0);
    assert!(report.notes[0].contains("conditions"), "{:?}", report.notes);
    let counted = execution.results[0].counted.as_ref().unwrap();
    assert!(counted.quasi.is_none() && counted.counts.shots() == 100);
}

#[test]
fn circuits_that_were_compiled_already_are_taken_as_they_are() {
    let target = Target::line(5).unwrap();
    let compiled = compile(&ghz(3), &target, &CompileOptions::default())
        .unwrap()
        .circuit;
    let done = ExecuteOptions {
        compilation: Compilation::Done,
        ..options(300, Suppress::none())
    };
    let experiment = prepare(std::slice::from_ref(&compiled), &target, &done).unwrap();
    assert_eq!(experiment.jobs()[0].circuit, compiled);
    assert!(prepare(&[ghz(3)], &target, &done).is_err());
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let target = Target::line(3).unwrap();
    let refused = |circuit: Circuit, options: ExecuteOptions| {
        prepare(&[circuit], &target, &options)
            .unwrap_err()
            .to_string()
    };
    let trex = options(10, Suppress::from_text("readout=trex").unwrap());
    assert!(refused(ghz(2), trex).contains("observables"));
    let zne = options(10, Suppress::from_text("zne").unwrap());
    assert!(refused(ghz(2), zne).contains("observables"));
    assert!(
        refused(Circuit::new(2, 0), options(10, Suppress::none())).contains("measures nothing")
    );
    assert!(refused(ghz(2), options(0, Suppress::none())).contains("shot"));
    let unscheduled = Suppress {
        decoupling: Choice::On(Decoupling::Xx),
        ..Suppress::none()
    };
    assert!(refused(ghz(2), options(10, unscheduled)).contains("waits"));
    let many = Suppress {
        versions: 0,
        ..Suppress::auto()
    };
    assert!(refused(ghz(2), options(10, many)).contains("1 to"));
    let few = Suppress::from_text("readout=inversion,calibration=5").unwrap();
    let message = refused(ghz(3), options(10, few));
    assert!(
        message.contains("6 circuits") && message.contains("12 shots"),
        "{message}"
    );
}

#[test]
fn no_draws_are_refused_and_not_made_one() {
    let target = Target::line(3).unwrap();
    let experiment = prepare(&[ghz(2)], &target, &options(10, Suppress::none())).unwrap();
    for noise in [NoiseOptions::default(), NoiseOptions::markovian()] {
        let model = NoiseModel::from_target(&target, &noise).unwrap();
        let none = RunOptions {
            draws: Some(0),
            ..RunOptions::default()
        };
        let refused = experiment.run(&model, &none).unwrap_err();
        assert!(refused.to_string().contains("0 draws"), "{refused}");
    }
}

#[test]
fn stages_among_the_options_of_the_compilation_are_refused() {
    let target = Target::line(3).unwrap();
    let with = |given: CompileOptions| ExecuteOptions {
        compilation: Compilation::With(Box::new(given)),
        ..options(10, Suppress::auto())
    };
    for given in [
        CompileOptions {
            decoupling: Decoupling::Xy4,
            ..CompileOptions::default()
        },
        CompileOptions {
            schedule: Some(ScheduleMode::Alap),
            ..CompileOptions::default()
        },
    ] {
        let error = prepare(&[ghz(2)], &target, &with(given)).unwrap_err();
        assert!(error.to_string().contains("suppress="), "{error}");
    }
    let mut circuit = Circuit::new(2, 0);
    circuit.h(0).unwrap().cx(0, 1).unwrap();
    let observed = ExecuteOptions {
        observables: vec![SparsePauliSum::from_labels(&[("ZZ", 1.0)]).unwrap()],
        ..options(10, Suppress::none())
    };
    let experiment = prepare(&[circuit], &target, &observed).unwrap();
    let detail = &experiment.report().programs[0].stages[0].detail;
    assert!(detail.contains("the state is kept"), "{detail}");
}

#[test]
fn the_number_of_versions_holds_for_automatic_twirling() {
    let target = Target::line(3).unwrap();
    let mut circuit = Circuit::new(2, 0);
    circuit.h(0).unwrap().cx(0, 1).unwrap();
    let versions = |stages: &str| {
        let options = ExecuteOptions {
            observables: vec![SparsePauliSum::from_labels(&[("ZZ", 1.0)]).unwrap()],
            ..options(1000, Suppress::from_text(stages).unwrap())
        };
        let experiment = prepare(std::slice::from_ref(&circuit), &target, &options).unwrap();
        experiment.report().programs[0].circuits
    };
    assert_eq!(versions("auto,versions=5,readout=none"), 5);
    assert_eq!(versions("auto,readout=none"), 32);
    // TREX makes them too.
    assert_eq!(versions("versions=17,readout=trex"), 18);
    let few = Suppress::from_text("versions=7,readout=trex").unwrap();
    let observed = ExecuteOptions {
        observables: vec![SparsePauliSum::from_labels(&[("ZZ", 1.0)]).unwrap()],
        ..options(1000, few)
    };
    let refused = prepare(std::slice::from_ref(&circuit), &target, &observed);
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("at least 16 versions")
    );
    // A number of versions switches nothing on for counts.
    let options = options(1000, Suppress::from_text("auto,versions=5").unwrap());
    let experiment = prepare(&[ghz(3)], &target, &options).unwrap();
    let twirling = &experiment.report().programs[0].stages[1];
    assert!(twirling.is_automatic, "{twirling:?}");
}

#[test]
fn twirling_and_extrapolation_have_their_predictions() {
    let target = TargetBuilder::line(4)
        .two_qubit_gates(0.02, 70e-9)
        .build()
        .unwrap();
    let mut circuit = Circuit::new(4, 0);
    circuit.h(0).unwrap().cx(0, 1).unwrap().cx(1, 2).unwrap();
    let stages = |text: &str| {
        let options = ExecuteOptions {
            observables: vec![SparsePauliSum::from_labels(&[("IZZZ", 1.0)]).unwrap()],
            ..options(800, Suppress::from_text(text).unwrap())
        };
        let experiment = prepare(std::slice::from_ref(&circuit), &target, &options).unwrap();
        experiment.report().programs[0].stages.clone()
    };
    let pair = |stage: &StageReport| (stage.success_before.unwrap(), stage.success_after.unwrap());
    let by = |text: &str| pair(&stages(text)[5]);
    let (before, exponential) = by("twirl,zne,scales=1:3:5");
    // Two gates of 2 % and little else.
    assert!((before - 0.96).abs() < 0.02, "{before}");
    assert!((exponential - 1.0).abs() < 1e-9);
    let (_, linear) = by("twirl,zne=linear,scales=1:3:5");
    assert!(before < linear && linear < 1.0, "{linear}");
    let twirling = &stages("twirl")[1];
    let (before, after) = pair(twirling);
    assert!(after <= before && after > 0.9 * before, "{twirling:?}");
    assert!(twirling.detail.contains("coherent"), "{twirling:?}");
}

#[test]
fn a_preparation_stops_when_it_is_asked_to() {
    let target = Target::line(3).unwrap();
    let stop = Arc::new(AtomicBool::new(true));
    for compilation in [Compilation::default(), Compilation::Done] {
        let given = [compile(&ghz(3), &target, &CompileOptions::default())
            .unwrap()
            .circuit];
        let options = ExecuteOptions {
            compilation,
            ..options(100, Suppress::auto())
        };
        let stopped = prepare_until(&given, &target, &options, &stop).unwrap_err();
        assert!(matches!(
            stopped,
            SuppressionError::Compile(CompileError::Stopped)
        ));
        assert!(prepare_until(&given, &target, &options, &Arc::default()).is_ok());
    }
}

#[test]
fn each_circuit_has_its_three_pictures() {
    let target = Target::line(5).unwrap();
    let names = |circuits: &[Circuit]| -> Vec<String> {
        let experiment = prepare(circuits, &target, &options(100, Suppress::auto())).unwrap();
        let figures = experiment.figures(&target).unwrap();
        assert!(figures.iter().all(|(_, svg)| svg.ends_with("</svg>\n")));
        let ringed = figures[0].1.matches("class=\"chosen\"").count();
        assert_eq!(ringed, experiment.jobs()[0].circuit.active_qubits().len());
        figures.into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&[ghz(3)]), ["error_map", "timeline", "stages"]);
    let both = names(&[ghz(3), ghz(2)]);
    assert_eq!(both.len(), 6);
    assert_eq!((&*both[0], &*both[5]), ("error_map_0", "stages_1"));
}

/// What `observable` is found to be on a circuit that is compiled already or not.
fn found(circuit: &Circuit, target: &Target, observable: &str, compilation: Compilation) -> f64 {
    let options = ExecuteOptions {
        observables: vec![SparsePauliSum::from_labels(&[(observable, 1.0)]).unwrap()],
        compilation,
        ..options(2000, Suppress::none())
    };
    let execution = execute(std::slice::from_ref(circuit), target, &options).unwrap();
    execution.results[0].expectations[0].value.mean
}

#[test]
fn observables_of_a_compiled_circuit_are_on_the_program_s_qubits() {
    let target = TargetBuilder::line(5).ideal().build().unwrap();
    let mut circuit = Circuit::new(2, 0);
    circuit.x(1).unwrap();
    let given = CompileOptions {
        initial_layout: Some([3, 4].map(Qubit::new).to_vec()),
        ..CompileOptions::default()
    };
    let compiled = compile(&circuit, &target, &given).unwrap().circuit;
    assert_eq!(found(&compiled, &target, "ZI", Compilation::Done), -1.0);
    assert_eq!(found(&compiled, &target, "IZ", Compilation::Done), 1.0);
}

#[test]
fn an_observable_that_is_a_number_needs_no_run_and_gets_none() {
    let target = TargetBuilder::line(3).build().unwrap();
    let options = ExecuteOptions {
        observables: vec![SparsePauliSum::from_labels(&[("II", 1.0)]).unwrap()],
        ..options(2000, Suppress::none())
    };
    let refused = execute(&[ghz(2)], &target, &options).unwrap_err();
    assert!(
        refused.to_string().contains("no observable asks"),
        "{refused}"
    );
    // Where bits are measured on the way there is a run, and the number is its value.
    let mut circuit = Circuit::new(2, 1);
    circuit.h(0).unwrap().measure(0, 0).unwrap();
    circuit.h(0).unwrap();
    let execution = execute(&[circuit], &target, &options).unwrap();
    assert_eq!(execution.results[0].expectations[0].value.mean, 1.0);
}
