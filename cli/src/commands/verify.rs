//! `ardea verify`: whether two circuits mean the same.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use ardea::equivalence::Report;
use ardea::{CheckOptions, Circuit, Compiled, Layout, Meaning, Preserve, Qubit, Verdict, check};
use serde::Deserialize;

use crate::arguments::{Checking, VerifyCommand};
use crate::files::{read_circuit, write_text};
use crate::progress::Progress;

pub(crate) fn run(command: &VerifyCommand) -> Result<()> {
    let before = read_circuit(&command.before, &command.reading)?;
    let after = read_circuit(&command.after, &command.reading)?;
    let placement = command.layout.as_deref().map(read_placement).transpose()?;
    let (layout, compiled_for) = placement.unzip();
    let options = CheckOptions {
        meaning: command
            .preserve
            .or(compiled_for.flatten())
            .unwrap_or(Meaning::Unitary),
        layout_after: layout,
        ..options(&command.checking)
    };
    let report = {
        let _progress = Progress::start("verifying");
        check(&before, &after, &options)?
    };
    println!("{}", in_words(&report));
    if let Some(path) = &command.report {
        let text = serde_json::to_string_pretty(&report)
            .context("the report cannot be written as JSON")?;
        write_text(path, &format!("{text}\n"))?;
    }
    match report.verdict {
        Verdict::Equal | Verdict::ProbablyEqual => Ok(()),
        Verdict::Different if command.layout.is_none() && command.preserve.is_none() => {
            Err(anyhow!(
                "the circuits are different as operators; one that was compiled to keep only what is measured is compared with \
                 --layout and its report, or with --preserve counts"
            ))
        }
        Verdict::Different => Err(anyhow!("the circuits are different")),
        Verdict::Unknown => Err(anyhow!("whether the circuits are equal is unknown")),
    }
}

/// Checks a compilation's result against its input.
pub(crate) fn check_compiled(
    input: &Circuit,
    compiled: &Compiled,
    approximation: f64,
) -> Result<Report> {
    let options = CheckOptions {
        meaning: meaning_of(compiled.report.preserve),
        layout_before: Some(Layout::trivial(input.num_qubits())),
        layout_after: Some(compiled.layout.clone()),
        negligible: CheckOptions::negligible_at(approximation),
        ..CheckOptions::default()
    };
    let _progress = Progress::start("verifying");
    Ok(check(input, &compiled.circuit, &options)?)
}

fn options(checking: &Checking) -> CheckOptions {
    CheckOptions {
        tolerance: checking.tolerance,
        negligible: checking.negligible,
        stimuli: checking.stimuli,
        memory: checking.memory,
        seed: checking.check_seed,
        ..CheckOptions::default()
    }
}

/// What a compilation had to preserve, as the checker calls it.
fn meaning_of(preserve: Preserve) -> Meaning {
    match preserve {
        Preserve::Counts => Meaning::Counts,
        Preserve::State => Meaning::State,
        Preserve::Unitary => Meaning::Unitary,
    }
}

/// The verdict in a few lines.
pub(crate) fn in_words(report: &Report) -> String {
    let mut out = format!(
        "{} ({}, by {} in {:.2} s): {}",
        report.verdict, report.meaning, report.method, report.seconds, report.detail
    );
    if let Some(distance) = report.distance.filter(|_| report.verdict == Verdict::Equal) {
        out += &format!("\nproven up to a distance of {distance:.1e} and a global phase");
    }
    if let Some(phase) = report.global_phase.filter(|phase| phase.abs() > 1e-6) {
        out += &format!("\nthe second circuit's global phase is ahead by {phase:.6}");
    }
    if let Some(witness) = &report.witness {
        out += &format!(
            "\nwitness: for {} {} is {:.9} before and {:.9} after",
            witness.input, witness.observed, witness.before, witness.after
        );
    }
    out
}

/// The part of a compilation's report that says where qubits are.
#[derive(Deserialize)]
struct Placement {
    initial_layout: Vec<u32>,
    final_layout: Vec<u32>,
    preserve: Option<Meaning>,
}

fn read_placement(path: &Path) -> Result<(Layout, Option<Meaning>)> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let placement: Placement = serde_json::from_str(&text)
        .with_context(|| format!("{} is no report of 'ardea compile'", path.display()))?;
    if placement.initial_layout.len() != placement.final_layout.len() {
        bail!(
            "{}: initial_layout and final_layout are not equally long",
            path.display()
        );
    }
    let qubits = |list: Vec<u32>| list.into_iter().map(Qubit::from).collect();
    let layout = Layout {
        initial: qubits(placement.initial_layout),
        last: qubits(placement.final_layout),
    };
    Ok((layout, placement.preserve))
}
