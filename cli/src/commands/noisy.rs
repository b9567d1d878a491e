//! `ardea run --noise`: counts and expectation values under a device's noise.

use std::fmt::Write;

use anyhow::Result;
use ardea::noise::{Engine, run};
use ardea::simulator::Progress as Hook;
use ardea::{
    Circuit, NoiseModel, NoiseOptions, NoisyRun, RunOptions, SimOptions, SparsePauliSum, Target,
};
use serde_json::{Map, Value, json};

use super::Usage;
use super::run::DEFAULT_SHOTS;
use crate::arguments::{NoiseKind, Noisy, NoisyEngine, Resources, RunCommand};
use crate::progress::Progress;
use crate::target;

/// Runs the circuit with the noise of `device` and writes the result as text or JSON.
pub(crate) fn output(
    command: &RunCommand,
    circuit: &Circuit,
    observables: &[SparsePauliSum],
    device: &str,
) -> Result<String> {
    if observables.is_empty() && !circuit.writes_clbits() {
        return Err(Usage(
            "the circuit measures nothing; add measurements or ask for an observable with --expect"
                .into(),
        )
        .into());
    }
    let model = model(&command.noisy, &target::resolve(device)?)?;
    let progress = Progress::start("simulating");
    let simulation = SimOptions {
        shots: command.shots.unwrap_or(DEFAULT_SHOTS),
        seed: command.seed,
        progress: Some(Hook::new(progress.reporter())),
        ..SimOptions::default()
    };
    let options = options(&command.noisy, &command.resources, simulation);
    let result = run(circuit, &model, observables, &options)?;
    drop(progress);
    let counted = result.counts.shots() > 0 && circuit.writes_clbits();
    Ok(if command.json {
        as_json(command, &result, counted)
    } else {
        as_text(command, &result, counted)
    })
}

fn as_json(command: &RunCommand, result: &NoisyRun, counted: bool) -> String {
    let mut out = Map::new();
    if counted {
        out.insert("shots".into(), json!(result.counts.shots()));
        out.insert("counts".into(), json!(result.counts.to_map()));
    }
    let named = command.expect.iter().zip(&result.expectations);
    let values: Map<String, Value> = named
        .map(|(text, value)| {
            (
                text.clone(),
                json!({"value": value.mean, "error": value.error}),
            )
        })
        .collect();
    if !values.is_empty() {
        out.insert("expectation".into(), Value::Object(values));
    }
    out.insert("engine".into(), json!(name(result.engine)));
    out.insert("draws".into(), json!(result.draws));
    out.insert("seconds".into(), json!(result.seconds));
    format!("{:#}\n", Value::Object(out))
}

fn as_text(command: &RunCommand, result: &NoisyRun, counted: bool) -> String {
    let mut text = String::new();
    if counted {
        let mut entries: Vec<(String, u64)> = result.counts.to_map().into_iter().collect();
        entries.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        for (bits, count) in entries {
            let _ = writeln!(text, "{bits}  {count}");
        }
    }
    for (name, value) in command.expect.iter().zip(&result.expectations) {
        let _ = writeln!(text, "<{name}> = {:.9} +- {:.1e}", value.mean, value.error);
    }
    text
}

/// The noise that the arguments choose.
pub(super) fn model(noisy: &Noisy, device: &Target) -> Result<NoiseModel> {
    let noise = match noisy.noise_kind {
        NoiseKind::Calibrated => NoiseOptions::markovian(),
        NoiseKind::Full => NoiseOptions::default(),
    };
    Ok(NoiseModel::from_target(device, &noise)?)
}

/// A noisy simulation as the arguments say, the rest as in `simulation`.
pub(super) fn options(noisy: &Noisy, resources: &Resources, simulation: SimOptions) -> RunOptions {
    RunOptions {
        simulation: SimOptions {
            threads: resources.threads,
            memory_cap: resources.memory,
            ..simulation
        },
        engine: match noisy.noise_engine {
            NoisyEngine::Automatic => Engine::Automatic,
            NoisyEngine::Density => Engine::Density,
            NoisyEngine::Trajectories => Engine::Trajectories,
            NoisyEngine::Stabilizer => Engine::Stabilizer,
        },
        draws: noisy.draws,
    }
}

fn name(engine: Engine) -> &'static str {
    match engine {
        Engine::Trajectories => "trajectories",
        Engine::Stabilizer => "stabilizer",
        Engine::Density | Engine::Automatic => "density_matrix",
    }
}
