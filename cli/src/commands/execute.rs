//! `ardea execute`: compile, suppress, run with noise or hand over, mitigate.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};
use ardea::qasm::QubitNames;
use ardea::simulator::{Counts, Estimate, on_threads};
use ardea::suppression::execute::{Compilation, Counted, Expectation, Job};
use ardea::suppression::{ExecuteOptions, Execution, Experiment, prepare};
use ardea::{GateSet, SimOptions};
use serde_json::{Value, json};

use super::{Usage, noisy, observable, symbols};
use crate::arguments::{ExecuteCommand, Format};
use crate::files::{circuit_text, read_circuit, write_text};
use crate::progress::Progress;
use crate::target;

/// The file of counts in a folder that was handed over.
const COUNTS: &str = "counts.json";

/// The file that describes the circuits of such a folder.
const EXPERIMENT: &str = "experiment.json";

pub(crate) fn run(command: &ExecuteCommand) -> Result<()> {
    on_threads(command.resources.threads, || execute(command))?
}

fn execute(command: &ExecuteCommand) -> Result<()> {
    let device = target::resolve(&command.target)?;
    let bindings = symbols::parse(&command.set)?;
    let mut circuits = command
        .inputs
        .iter()
        .map(|path| read_circuit(path, &command.reading))
        .collect::<Result<Vec<_>>>()?;
    symbols::bind(&mut circuits, &bindings)?;
    let progress = Progress::start("preparing");
    let experiment = prepare(&circuits, &device, &options(command)?)?;
    drop(progress);
    if let Some(folder) = &command.figures {
        make_folder(folder)?;
        for (name, svg) in experiment.figures(&device)? {
            write_text(&folder.join(format!("{name}.svg")), &svg)?;
        }
    }
    if let Some(folder) = &command.hand_over {
        hand_over(&experiment, folder)?;
        write_report(command, experiment.report())?;
        let files = experiment.jobs().len();
        let text = format!(
            "{}\n{files} circuits are in {}; put their counts into {} and give --collect\n",
            experiment.report(),
            folder.display(),
            folder.join(COUNTS).display()
        );
        return write_text(&command.output, &text);
    }
    let execution = if let Some(folder) = &command.collect {
        experiment.collect(&counts_in(folder, &experiment)?)?
    } else {
        let model = noisy::model(&command.noisy, &device)?;
        let options = noisy::options(&command.noisy, &command.resources, SimOptions::default());
        let _progress = Progress::start("simulating");
        experiment.run(&model, &options)?
    };
    write_report(command, &execution.report)?;
    let text = if command.json {
        format!("{:#}\n", as_json(command, &execution)?)
    } else {
        as_text(command, &execution)
    };
    write_text(&command.output, &text)
}

fn options(command: &ExecuteCommand) -> Result<ExecuteOptions> {
    let gate_set = if command.fractional {
        GateSet::Fractional
    } else {
        GateSet::Standard
    };
    Ok(ExecuteOptions {
        shots: command.shots,
        seed: command.seed,
        compilation: if command.compiled {
            Compilation::Done
        } else {
            Compilation::at(command.level, gate_set)
        },
        suppress: command.suppress.clone(),
        observables: command
            .expect
            .iter()
            .map(|text| observable::parse(text))
            .collect::<Result<_>>()?,
    })
}

fn write_report(
    command: &ExecuteCommand,
    report: &ardea::suppression::execute::ExecutionReport,
) -> Result<()> {
    let Some(path) = &command.report else {
        return Ok(());
    };
    let report = serde_json::to_value(report).context("the report cannot be written as JSON")?;
    write_text(path, &format!("{report:#}\n"))
}

fn hand_over(experiment: &Experiment, folder: &Path) -> Result<()> {
    make_folder(folder)?;
    if folder.join(COUNTS).exists() {
        return Err(Usage(format!(
            "{} holds the counts of circuits handed over before; choose another folder, or remove {COUNTS}",
            folder.display()
        ))
        .into());
    }
    remove_earlier(folder)?;
    let mut listed = Vec::new();
    for (number, job) in experiment.jobs().iter().enumerate() {
        let name = file_name(number);
        write_text(&folder.join(&name), &text_of(job)?)?;
        let flips: Vec<usize> = job.flips.bits().iter().map(|bit| bit.index()).collect();
        listed.push(json!({"file": name, "shots": job.shots, "inverted_bits": flips}));
    }
    let how = "Run each circuit as often as 'shots' says, without any further compilation, and write counts.json: a list \
               with one object of bit strings and counts for each circuit, in this order, as the device reported them. Then \
               run the same command with --collect instead of --hand-over; it puts inverted bits right itself.";
    let experiment = json!({"how": how, "circuits": listed, "report": experiment.report()});
    write_text(&folder.join(EXPERIMENT), &format!("{experiment:#}\n"))
}

/// Removes the circuits of an earlier hand-over, which would else stand beside those of this one: just the files that its
/// own list names.
fn remove_earlier(folder: &Path) -> Result<()> {
    let path = folder.join(EXPERIMENT);
    let text = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        text => text.with_context(|| format!("cannot read {}", path.display()))?,
    };
    let listed: Option<Vec<String>> = serde_json::from_str::<Value>(&text).ok().and_then(|found| {
        let circuits = found["circuits"].as_array()?.iter();
        circuits
            .map(|entry| Some(entry["file"].as_str()?.to_owned()))
            .collect()
    });
    let is_ours = |listed: &Vec<String>| {
        let named = listed.iter().enumerate();
        named
            .into_iter()
            .all(|(number, name)| *name == file_name(number))
    };
    let Some(listed) = listed.filter(is_ours) else {
        return Err(Usage(format!(
            "{} was not written by --hand-over and would be overwritten; choose another folder",
            path.display()
        ))
        .into());
    };
    for name in listed {
        let file = folder.join(name);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| format!("cannot remove {}", file.display()));
            }
            _ => {}
        }
    }
    Ok(())
}

fn make_folder(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
}

fn file_name(number: usize) -> String {
    format!("circuit_{number:04}.qasm")
}

fn text_of(job: &Job) -> Result<String> {
    circuit_text(&job.circuit, Format::Qasm3, QubitNames::Hardware)
}

/// The counts of the circuits in a folder, which must be those of the experiment.
fn counts_in(folder: &Path, experiment: &Experiment) -> Result<Vec<Counts>> {
    for (number, job) in experiment.jobs().iter().enumerate() {
        let path = folder.join(file_name(number));
        let found = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        if found != text_of(job)? {
            return Err(Usage(format!(
                "{} is not the circuit that these arguments make; give those that --hand-over was given",
                path.display()
            ))
            .into());
        }
    }
    let path = folder.join(COUNTS);
    let text = std::fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}", path.display()))?;
    let listed: Vec<BTreeMap<String, u64>> = serde_json::from_str(&text).with_context(|| {
        format!(
            "{} is not a list of objects of bit strings and counts",
            path.display()
        )
    })?;
    if listed.len() != experiment.jobs().len() {
        return Err(Usage(format!(
            "{} holds the counts of {} circuits, not of {}",
            path.display(),
            listed.len(),
            experiment.jobs().len()
        ))
        .into());
    }
    let read = |(job, counts): (&Job, &BTreeMap<String, u64>)| {
        let texts = counts.iter().map(|(text, &times)| (text.as_str(), times));
        Ok(Counts::from_texts(&job.circuit, texts)?)
    };
    experiment.jobs().iter().zip(&listed).map(read).collect()
}

fn as_text(command: &ExecuteCommand, execution: &Execution) -> String {
    let mut text = String::new();
    for (program, result) in execution.report.programs.iter().zip(&execution.results) {
        if execution.results.len() > 1 {
            let _ = writeln!(text, "{}:", program.name);
        }
        if let Some(counted) = &result.counted {
            distribution_as_text(counted, &mut text);
        }
        for (name, found) in command.expect.iter().zip(&result.expectations) {
            let _ = writeln!(
                text,
                "<{name}> = {} (as read {})",
                with_error(found.value),
                with_error(found.raw)
            );
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{}", execution.report);
    text
}

/// Outcomes with their mitigated probabilities, the most probable first, and how often each was read.
fn distribution_as_text(counted: &Counted, text: &mut String) {
    let mut entries = counted.distribution.to_texts(&counted.shape);
    entries.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let counts = counted.counts.to_map();
    for (bits, probability) in entries {
        let read = counts.get(&bits).copied().unwrap_or(0);
        let _ = writeln!(text, "{bits}  {probability:.6}  read {read} times");
    }
}

fn with_error(estimate: Estimate) -> String {
    format!("{:.6} +- {:.6}", estimate.mean, estimate.error)
}

fn as_json(command: &ExecuteCommand, execution: &Execution) -> Result<Value> {
    let results: Vec<Value> = execution
        .results
        .iter()
        .map(|result| {
            let expectations: Vec<Value> = command
                .expect
                .iter()
                .zip(&result.expectations)
                .map(|(name, found)| expectation_as_json(name, found))
                .collect();
            let mut entry = json!({"expectations": expectations});
            if let Some(counted) = &result.counted {
                let as_map = |quasi: &ardea::suppression::readout::Quasi| {
                    let texts = quasi.to_texts(&counted.shape);
                    texts.into_iter().collect::<BTreeMap<String, f64>>()
                };
                entry["counts"] = json!(counted.counts.to_map());
                entry["quasi"] = json!(counted.quasi.as_ref().map(as_map));
                entry["distribution"] = json!(as_map(&counted.distribution));
            }
            entry
        })
        .collect();
    let report =
        serde_json::to_value(&execution.report).context("the report cannot be written as JSON")?;
    Ok(json!({"results": results, "report": report}))
}

fn expectation_as_json(name: &str, found: &Expectation) -> Value {
    let pair = |estimate: Estimate| json!({"value": estimate.mean, "error": estimate.error});
    let by_scale = found.by_scale.iter();
    let by_scale: Vec<Value> = by_scale
        .map(|(scale, value)| json!({"scale": scale, "value": value.mean, "error": value.error}))
        .collect();
    json!({
        "observable": name,
        "value": found.value.mean,
        "error": found.value.error,
        "as_read": pair(found.raw),
        "by_scale": by_scale,
        "chi_squared": found.extrapolated.as_ref().map(|e| e.chi_squared),
    })
}

#[cfg(test)]
mod tests;
