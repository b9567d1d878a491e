//! `ardea run`: simulate a circuit.

use std::fmt::Write;
use std::path::Path;
use std::slice;
use std::sync::Arc;

use anyhow::{Result, bail};
use ardea::simulator::{self, Checkpoint, Progress as Hook, Real, Report};
use ardea::{C64, Circuit, Method, Run, SimOptions, SparsePauliSum, StateVector, simulate};
use serde_json::{Map, Value, json};

use super::{Usage, noisy, observable, symbols};
use crate::arguments::{Precision, RunCommand};
use crate::files::{read_circuit, write_text};
use crate::progress::Progress;

/// Shots of a circuit that measures, when none were asked for.
pub(super) const DEFAULT_SHOTS: u64 = 1024;

pub(crate) fn run(command: &RunCommand) -> Result<()> {
    let observables: Vec<SparsePauliSum> = command
        .expect
        .iter()
        .map(|text| observable::parse(text))
        .collect::<Result<_>>()?;
    let bindings = symbols::parse(&command.set)?;
    let mut circuit = read_circuit(&command.input, &command.reading)?;
    symbols::bind(slice::from_mut(&mut circuit), &bindings)?;
    if let Some((text, _)) = command
        .expect
        .iter()
        .zip(&observables)
        .find(|(_, o)| o.num_qubits() != circuit.num_qubits())
    {
        return Err(Usage(format!(
            "observable '{text}' needs one letter for each of the circuit's {} qubits",
            circuit.num_qubits()
        ))
        .into());
    }
    if let Some(device) = &command.noise {
        let text = noisy::output(command, &circuit, &observables, device)?;
        return write_text(&command.output, &text);
    }
    let text = match command.precision {
        Precision::F32 => output::<f32>(command, &circuit, &observables)?,
        Precision::F64 => output::<f64>(command, &circuit, &observables)?,
    };
    write_text(&command.output, &text)
}

fn output<T: Real>(
    command: &RunCommand,
    circuit: &Circuit,
    observables: &[SparsePauliSum],
) -> Result<String> {
    let measures = circuit.writes_clbits();
    let shots = command
        .shots
        .unwrap_or(if measures && observables.is_empty() {
            DEFAULT_SHOTS
        } else {
            0
        });
    if shots > 0 && !measures {
        return Err(Usage("the circuit measures nothing, so there is nothing to count; leave --shots out or add measurements".into()).into());
    }
    let progress = Progress::start("simulating");
    let options = SimOptions {
        // A state that is to be saved must be computed.
        method: match command.method {
            Method::Automatic if command.save_state.is_some() => Method::StateVector,
            method => method,
        },
        shots,
        seed: command.seed,
        threads: command.resources.threads,
        memory_cap: command.resources.memory,
        initial_state: command
            .initial_state
            .as_ref()
            .map(|path| initial_state(path))
            .transpose()?,
        checkpoint: command.checkpoint.as_ref().map(|path| Checkpoint {
            path: path.clone(),
            every: command.every,
        }),
        progress: Some(Hook::new(progress.reporter())),
        ..SimOptions::default()
    };
    if command.plan {
        return Ok(format!("{}\n", simulator::plan(circuit, &options)?));
    }
    if shots == 0 && !observables.is_empty() && command.save_state.is_none() {
        let values = expectations::<T>(command, circuit, observables, &options)?;
        drop(progress);
        return Ok(written(command, None::<&Run<T>>, &values, &[]));
    }
    let result: Run<T> = simulate(circuit, &options)?;
    drop(progress);
    for warning in &result.report.warnings {
        eprintln!("warning: {warning}");
    }
    if shots == 0 && result.state.is_none() {
        bail!(
            "the circuit resets qubits or measures in its middle, or runs on an engine without amplitudes, so it has no \
             single final state to print; measure at its end and count with --shots"
        );
    }
    match (&command.save_state, &result.state) {
        (None, _) => {}
        (Some(path), Some(state)) => state.save_npy(path)?,
        (Some(_), None) => bail!(
            "there is no single final state to save: the circuit resets qubits or measures in its middle, or an engine \
             without amplitudes ran (--method statevector keeps them)"
        ),
    }
    let values = match &result.state {
        Some(state) => {
            let value = |o| Ok(state.expectation(o)?.re);
            let values: Vec<f64> = observables.iter().map(value).collect::<Result<_>>()?;
            command.expect.iter().cloned().zip(values).collect()
        }
        None if observables.is_empty() => vec![],
        None => expectations::<T>(command, circuit, observables, &options)?,
    };
    let amplitudes = match &result.state {
        Some(state) if shots == 0 => largest(state, command.amplitudes),
        _ => vec![],
    };
    let text = written(command, Some(&result), &values, &amplitudes);
    if command.profile {
        // Memory is measured when the state is gone.
        let report = result.report.clone();
        drop(result);
        eprintln!("{}", profile::<T>(&report));
    }
    Ok(text)
}

fn written<T: Real>(
    command: &RunCommand,
    result: Option<&Run<T>>,
    values: &[(String, f64)],
    amplitudes: &[(String, f64, f64)],
) -> String {
    if command.json {
        as_json(result, values, amplitudes)
    } else {
        as_text(result, values, amplitudes)
    }
}

/// The amplitudes in a file, in double precision whatever the file's is.
fn initial_state(path: &Path) -> Result<Arc<[C64]>> {
    Ok(StateVector::<f64>::load_npy(path)?.amplitudes().into())
}

fn expectations<T: Real>(
    command: &RunCommand,
    circuit: &Circuit,
    observables: &[SparsePauliSum],
    options: &SimOptions,
) -> Result<Vec<(String, f64)>> {
    let operators: Vec<&SparsePauliSum> = observables.iter().collect();
    let found = simulator::expectations::<T>(circuit, &operators, options)?;
    let values = found.values.iter().map(|value| value.re);
    Ok(command.expect.iter().cloned().zip(values).collect())
}

/// Amplitudes looked at together in the search for the largest.
const BLOCK: usize = 1 << 16;

/// The largest amplitudes as (basis state, real part, imaginary part), ties by the smaller index.
fn largest<T: Real>(state: &StateVector<T>, count: usize) -> Vec<(String, f64, f64)> {
    let active = state.active_qubits();
    let all = state.amplitudes().len();
    let weight = |index: &usize| -> f64 { state.amplitudes()[*index].norm_sqr().as_f64() };
    let by_weight = |a: &usize, b: &usize| weight(b).total_cmp(&weight(a)).then(a.cmp(b));
    let count = count.min(all);
    // Block by block: a list of all indices would take half as much memory as the state.
    let mut order: Vec<usize> = Vec::new();
    for start in (0..all).step_by(BLOCK) {
        order.extend(start..all.min(start + BLOCK));
        if count < order.len() {
            order.select_nth_unstable_by(count, by_weight);
            order.truncate(count);
        }
    }
    order.sort_by(by_weight);
    let label = |index: usize| -> String {
        let mut bits = vec![b'0'; state.num_qubits()];
        for (place, qubit) in active
            .iter()
            .enumerate()
            .filter(|(place, _)| index >> place & 1 == 1)
        {
            debug_assert!(place < usize::BITS as usize);
            bits[state.num_qubits() - 1 - qubit.index()] = b'1';
        }
        bits.into_iter().map(char::from).collect()
    };
    order
        .into_iter()
        .map(|index| {
            let amplitude = state.amplitudes()[index];
            (label(index), amplitude.re.as_f64(), amplitude.im.as_f64())
        })
        .filter(|(_, re, im)| re.hypot(*im) > 1e-12)
        .collect()
}

/// One line on how a run went.
fn profile<T: Real>(report: &Report) -> String {
    let mut line = format!(
        "{} engine, {} active qubits, {} steps in {} sweeps, {} threads, {}, {:.3} s",
        report.method.name(),
        report.active_qubits,
        report.steps,
        report.sweeps,
        report.threads,
        report.width,
        report.seconds
    );
    if let Some(rate) = report.bandwidth() {
        let _ = write!(line, ", {:.1} GB/s", rate / 1e9);
    }
    // A run is not lost because its memory cannot be measured.
    if let Ok(Some(share)) = report.bandwidth_share() {
        let _ = write!(line, ", {:.0} % of what memory gives", share * 100.0);
    }
    if let Ok(Some(share)) = report.multiplication_share::<T>() {
        let _ = write!(
            line,
            ", {:.0} % of what its vectors multiply",
            share * 100.0
        );
    }
    line
}

fn as_json<T: Real>(
    result: Option<&Run<T>>,
    values: &[(String, f64)],
    amplitudes: &[(String, f64, f64)],
) -> String {
    let mut out = Map::new();
    if let Some(result) = result.filter(|result| result.counts.shots() > 0) {
        out.insert("shots".into(), json!(result.counts.shots()));
        out.insert("counts".into(), json!(result.counts.to_map()));
    }
    if !values.is_empty() {
        let values: Map<String, Value> = values
            .iter()
            .map(|(text, value)| (text.clone(), json!(value)))
            .collect();
        out.insert("expectation".into(), Value::Object(values));
    }
    if !amplitudes.is_empty() {
        let entries: Vec<Value> = amplitudes
            .iter()
            .map(|(label, re, im)| json!({"state": label, "re": re, "im": im}))
            .collect();
        out.insert("amplitudes".into(), Value::Array(entries));
    }
    if let Some(report) = result.map(|result| &result.report) {
        out.insert("method".into(), json!(report.method.name()));
        if let Some(reason) = &report.reason {
            out.insert("reason".into(), json!(reason));
        }
        out.insert("seconds".into(), json!(report.seconds));
        out.insert("threads".into(), json!(report.threads));
        out.insert("active_qubits".into(), json!(report.active_qubits));
        out.insert("norm".into(), json!(report.norm));
    }
    format!("{:#}\n", Value::Object(out))
}

fn as_text<T: Real>(
    result: Option<&Run<T>>,
    values: &[(String, f64)],
    amplitudes: &[(String, f64, f64)],
) -> String {
    let mut text = String::new();
    if let Some(result) = result.filter(|result| result.counts.shots() > 0) {
        let mut entries: Vec<(String, u64)> = result.counts.to_map().into_iter().collect();
        entries.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        for (bits, count) in entries {
            let _ = writeln!(text, "{bits}  {count}");
        }
    }
    for (name, value) in values {
        let _ = writeln!(text, "<{name}> = {value:.12}");
    }
    for (label, re, im) in amplitudes {
        let _ = writeln!(
            text,
            "|{label}>  {re:+.12} {im:+.12}i  p = {:.6}",
            re * re + im * im
        );
    }
    text
}
