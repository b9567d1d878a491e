//! `ardea compile`: a circuit for a device.

use anyhow::{Context, Result, bail};
use ardea::compiler::Level;
use ardea::qasm::QubitNames;
use ardea::{Circuit, CompileOptions, Compiled, GateSet, Qubit, Verdict, compile};
use serde_json::{Map, Value};

use super::{Usage, verify};
use crate::arguments::{CompileCommand, Compiling};
use crate::files::{check_places, circuit_text, read_circuit, write_text};
use crate::progress::Progress;
use crate::target;

pub(crate) fn run(command: &CompileCommand) -> Result<()> {
    check_places(&command.writing.output, command.compiling.report.as_deref())?;
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
    let usual = CompileOptions::default();
    let chosen = [
        ("--aim", arguments.aim.is_some()),
        ("--effort", arguments.effort.is_some()),
    ];
    if let Some((name, _)) = chosen.iter().find(|(_, is_given)| *is_given)
        && arguments.level < Level::O2
    {
        return Err(Usage(format!(
            "{name} is for levels 2 and 3, which choose among several results; level {} makes one: leave {name} out, or \
             raise the level",
            arguments.level
        ))
        .into());
    }
    let options = CompileOptions {
        level: arguments.level,
        effort: arguments.effort.unwrap_or(usual.effort),
        aim: arguments.aim.unwrap_or(usual.aim),
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
        ..usual
    };
    let progress = Progress::start("compiling");
    let compiled = compile(circuit, &target, &options)?;
    drop(progress);
    for note in &compiled.report.notes {
        eprintln!("note: {note}");
    }
    Ok(compiled)
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};

    fn compiling(words: &[&str]) -> Result<Compiled> {
        let all = ["ardea", "compile", "-", "--target", "line:2"].iter();
        let arguments = Arguments::try_parse_from(all.chain(words))?;
        let Command::Compile(command) = arguments.command else {
            unreachable!("the arguments say compile");
        };
        let mut circuit = Circuit::new(2, 0);
        circuit.cx(0, 1)?;
        compile_with(&circuit, &command.compiling)
    }

    #[test]
    fn what_a_level_does_not_choose_by_is_refused() {
        for (words, name) in [
            (["-O0", "--aim", "success"], "--aim"),
            (["-O1", "--aim", "gates"], "--aim"),
            (["-O1", "--effort", "high"], "--effort"),
        ] {
            let error = compiling(&words).unwrap_err();
            let usage = error.downcast_ref::<Usage>().expect("wrong usage");
            assert!(usage.0.contains(name), "{usage}");
        }
        assert!(compiling(&["-O2", "--aim", "success"]).is_ok());
        assert!(compiling(&["-O1"]).is_ok());
    }
}
