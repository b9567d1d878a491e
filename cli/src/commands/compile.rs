//! `ardea compile`: a circuit for a device.

use anyhow::{Context, Result, bail};
use ardea::qasm::QubitNames;
use ardea::{Circuit, CompileOptions, Compiled, GateSet, Qubit, Verdict, compile};
use serde_json::{Map, Value};

use super::verify;

use crate::arguments::{CompileCommand, Compiling};
use crate::files::{circuit_text, read_circuit, write_text};
use crate::progress::Progress;
use crate::target;

pub(crate) fn run(command: &CompileCommand) -> Result<()> {
    let circuit = read_circuit(&command.input, &command.reading)?;
    let compiled = compile_with(&circuit, &command.compiling)?;
    let mut extra = Map::new();
    if command.verify {
        let report = verify::check_compiled(&circuit, &compiled, command.compiling.approximation)?;
        eprintln!("verified: {}", verify::in_words(&report));
        if report.verdict == Verdict::Different {
            bail!(
                "the compiled circuit differs from its input; nothing was written. Please report this as a bug"
            );
        }
        let entry =
            serde_json::to_value(&report).context("the verdict cannot be written as JSON")?;
        extra.insert("verification".to_owned(), entry);
    }
    let text = circuit_text(
        &compiled.circuit,
        command.writing.format,
        QubitNames::Hardware,
    )?;
    write_text(&command.writing.output, &text)?;
    write_report(&compiled, &command.compiling, extra)
}

/// Compiles as the arguments say.
pub(crate) fn compile_with(circuit: &Circuit, arguments: &Compiling) -> Result<Compiled> {
    let target = target::resolve(&arguments.target)?;
    let options = CompileOptions {
        level: arguments.level,
        effort: arguments.effort,
        aim: arguments.aim,
        approximation: arguments.approximation,
        seed: arguments.seed,
        preserve: arguments.preserve,
        gate_set: if arguments.fractional {
            GateSet::Fractional
        } else {
            GateSet::Standard
        },
        decoupling: arguments.dd,
        schedule: arguments.schedule,
        initial_layout: arguments
            .initial_layout
            .as_ref()
            .map(|list| list.iter().map(|&q| Qubit::from(q)).collect()),
        trials: arguments.trials,
        ..CompileOptions::default()
    };
    let _progress = Progress::start("compiling");
    Ok(compile(circuit, &target, &options)?)
}

/// Writes the report, with `extra` entries, where it was asked for.
pub(crate) fn write_report(
    compiled: &Compiled,
    arguments: &Compiling,
    extra: Map<String, Value>,
) -> Result<()> {
    let Some(path) = &arguments.report else {
        return Ok(());
    };
    let mut report =
        serde_json::to_value(&compiled.report).context("the report cannot be written as JSON")?;
    if let Value::Object(entries) = &mut report {
        entries.extend(extra);
    }
    write_text(path, &format!("{report:#}\n"))
}
