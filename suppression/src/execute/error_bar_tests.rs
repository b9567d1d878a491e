//! Error bars against what repeated executions scatter by.

use ardea_circuit::{Circuit, Clbit, Expr, SparsePauliSum};
use ardea_compiler::{CompileOptions, Preserve};
use ardea_device::{Target, TargetBuilder};
use ardea_noise::{NoiseModel, NoiseOptions, RunOptions};

use super::*;

fn badly_read(qubits: usize) -> Target {
    TargetBuilder::line(qubits)
        .readout(0.06, 2e-6)
        .build()
        .unwrap()
}

/// Mean, scatter and mean error bar of one observable over executions that differ in their seed alone.
fn repeated(
    circuit: &Circuit,
    target: &Target,
    observable: &[(&str, f64)],
    stages: &str,
    noise: &NoiseOptions,
) -> (f64, f64, f64) {
    let model = NoiseModel::from_target(target, noise).unwrap();
    let repetitions = 60;
    let (mut values, mut bars) = (Vec::new(), 0.0);
    for seed in 0..repetitions {
        let options = ExecuteOptions {
            seed,
            suppress: Suppress::from_text(stages).unwrap(),
            observables: vec![SparsePauliSum::from_labels(observable).unwrap()],
            ..ExecuteOptions::with_shots(640)
        };
        let experiment = prepare(std::slice::from_ref(circuit), target, &options).unwrap();
        let execution = experiment.run(&model, &RunOptions::default()).unwrap();
        let found = &execution.results[0].expectations[0];
        values.push(found.value.mean);
        bars += found.value.error / repetitions as f64;
    }
    let mean = values.iter().sum::<f64>() / repetitions as f64;
    let square = values
        .iter()
        .map(|value| (value - mean).powi(2))
        .sum::<f64>();
    (mean, (square / (repetitions - 1) as f64).sqrt(), bars)
}

fn misreading() -> NoiseOptions {
    NoiseOptions {
        readout: true,
        ..NoiseOptions::none()
    }
}

fn pair() -> Circuit {
    let mut circuit = Circuit::new(2, 0);
    circuit.h(0).unwrap().cx(0, 1).unwrap();
    circuit
}

/// Both bases are divided by what the same few shots of |0...0> gave, so their errors add and do not average.
#[test]
fn a_short_calibration_that_bases_share_is_in_the_error_bar() {
    let observable = [("ZZ", 1.0), ("XX", 1.0)];
    for stages in [
        "readout=trex,calibration=200",
        "readout=inversion,calibration=200",
    ] {
        let (mean, scatter, bar) =
            repeated(&pair(), &badly_read(2), &observable, stages, &misreading());
        assert!((mean - 2.0).abs() < 0.1, "{stages} {mean}");
        assert!(
            (0.75..1.4).contains(&(bar / scatter)),
            "{stages} {bar} {scatter}"
        );
    }
}

#[test]
fn a_calibration_is_in_the_error_bar_of_an_extrapolation() {
    let (_, scatter, bar) = repeated(
        &pair(),
        &badly_read(2),
        &[("ZZ", 1.0), ("XX", 1.0)],
        "readout=trex,calibration=200,zne=linear,scales=1:3",
        &misreading(),
    );
    assert!((0.75..1.4).contains(&(bar / scatter)), "{bar} {scatter}");
}

/// All shots of a draw see the same detuning, and there is no twirl whose versions would tell.
#[test]
fn slow_noise_is_in_the_error_bar_without_a_twirl() {
    let target = TargetBuilder::line(1).ideal().build().unwrap();
    let mut circuit = Circuit::new(1, 0);
    circuit.h(0).unwrap();
    circuit
        .push(
            ardea_circuit::Operation::Delay(ardea_circuit::TimeUnit::Seconds, 2e-6),
            &[ardea_circuit::Qubit::new(0)],
        )
        .unwrap();
    let noise = NoiseOptions {
        quasi_static: Some(200e3),
        ..NoiseOptions::none()
    };
    let (_, scatter, bar) = repeated(&circuit, &target, &[("X", 1.0)], "schedule=alap", &noise);
    let of_shots = 1.0 / 640f64.sqrt();
    assert!(scatter > 2.0 * of_shots, "{scatter} {of_shots}");
    assert!((0.75..1.4).contains(&(bar / scatter)), "{bar} {scatter}");
}

#[test]
fn where_conditions_read_all_bits_nothing_is_calibrated_and_that_is_said() {
    let mut circuit = Circuit::new(2, 1);
    circuit.h(0).unwrap().measure(0, 0).unwrap();
    let mut body = Circuit::new(1, 1);
    body.x(0).unwrap();
    circuit
        .if_else(Expr::Bit(Clbit::new(0)), body, None, &[1])
        .unwrap();
    // Or nothing would be left of what no measurement shows.
    let compilation = Compilation::With(Box::new(CompileOptions {
        preserve: Preserve::Unitary,
        ..CompileOptions::default()
    }));
    let options = ExecuteOptions {
        compilation,
        ..ExecuteOptions::with_shots(100)
    };
    let execution = execute(&[circuit], &badly_read(2), &options).unwrap();
    assert_eq!(execution.report.calibration_circuits, 0);
    assert!(
        execution
            .report
            .notes
            .iter()
            .any(|note| note.contains("conditions"))
    );
    assert!(
        execution.results[0]
            .counted
            .as_ref()
            .unwrap()
            .quasi
            .is_none()
    );
}
