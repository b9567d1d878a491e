//! `ardea hubbard`: the flagship benchmark, from the model to OpenQASM.
//!
//! The circuit and the peers' figures follow Hartnett et al., "Fast, accurate, high-resolution simulation of
//! large-scale Fermi-Hubbard models on a digital quantum processor", arXiv:2605.04025 (2026).

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use ardea::models::{CircuitOptions, Occupation, Readout, Start, TimeGrid, mirrored_line_circuit};
use ardea::qasm::QubitNames;
use ardea::{Compiled, FermiHubbard};
use serde_json::{Map, json};

use super::compile::{compile_with, write_report};
use crate::arguments::HubbardCommand;
use crate::files::{check_places, circuit_text, write_text};

pub(crate) fn run(command: &HubbardCommand) -> Result<()> {
    if let Some(output) = &command.output {
        check_places(output, command.compiling.report.as_deref())?;
    }
    let model = FermiHubbard::chain(command.sites, 1.0, command.u)?;
    let grid = TimeGrid {
        dt: command.dt,
        steps: command.steps,
    };
    let start = if command.unprepared {
        Start::Unprepared
    } else {
        Start::Simplified(Occupation::neel(command.sites))
    };
    let options = CircuitOptions {
        start,
        readout: if command.no_measure {
            Readout::None
        } else {
            Readout::Measured
        },
        ..CircuitOptions::default()
    };
    let line = mirrored_line_circuit(&model, grid, &options)?;
    let compiled = compile_with(&line.circuit, &command.compiling)?;
    let extra = Map::from_iter([
        ("trotter_steps".to_owned(), json!(command.steps)),
        ("sites".to_owned(), json!(command.sites)),
        ("u".to_owned(), json!(command.u)),
        ("dt".to_owned(), json!(command.dt)),
    ]);
    write_report(&compiled, &command.compiling, extra)?;
    let summary = summary(command, &compiled);
    match &command.output {
        None => write_text(Path::new("-"), &summary),
        Some(path) => {
            write_text(
                path,
                &circuit_text(&compiled.circuit, command.format, QubitNames::Hardware)?,
            )?;
            // Standard output may be the circuit itself.
            eprint!("{summary}");
            Ok(())
        }
    }
}

/// What others need for the benchmark of 60 sites and 30 steps: (who, two-qubit gates, two-qubit depth).
const PEERS: [(&str, u32, Option<u32>); 3] = [
    ("Hartnett et al. (arXiv:2605.04025)", 9_057, None),
    ("Qiskit 2.6.2 level 3, blocked order", 23_049, Some(1_776)),
    ("Qiskit 2.6.2 level 3, interleaved order", 28_350, None),
];

/// Whether the circuit is the one that the peers' figures are of.
fn is_benchmark(command: &HubbardCommand, target: &str) -> bool {
    let same_model =
        (command.sites, command.steps) == (60, 30) && (command.u, command.dt) == (-2.0, 0.2);
    let whole = !command.no_measure && !command.unprepared;
    same_model && whole && target == "ibm_boston" && !command.compiling.fractional
}

fn summary(command: &HubbardCommand, compiled: &Compiled) -> String {
    let report = &compiled.report;
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "Fermi-Hubbard chain, {} sites ({} qubits), U = {}, {} mirrored Trotter steps of {} on {}",
        command.sites,
        2 * command.sites,
        command.u,
        command.steps,
        command.dt,
        report.target
    );
    let _ = writeln!(
        text,
        "\n{:<44}{:>16}{:>16}",
        "", "two-qubit gates", "two-qubit depth"
    );
    let mut row = |who: &str, gates: String, depth: String| {
        let _ = writeln!(text, "{who:<44}{gates:>16}{depth:>16}");
    };
    row(
        &format!("Ardea, level {}", report.level),
        report.two_qubit_gates.to_string(),
        report.two_qubit_depth.to_string(),
    );
    if is_benchmark(command, &report.target) {
        for (who, gates, depth) in PEERS {
            row(
                who,
                gates.to_string(),
                depth.map_or("-".into(), |d| d.to_string()),
            );
        }
    }
    let _ = writeln!(
        text,
        "\n{:.1} us on the device; log success probability of gates and readout {:.2}; compiled in {:.2} s",
        report.duration_s * 1e6,
        report.log_success,
        report.seconds
    );
    if command.unprepared && report.two_qubit_gates == 0 {
        text.push_str(
            "No gates are left, since nothing hops where there are no fermions; --preserve unitary keeps the evolution.\n",
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::arguments::{Arguments, Command};

    #[test]
    fn the_peers_figures_stand_beside_their_benchmark_only() {
        let is = |words: &[&str], target: &str| {
            let words = ["ardea", "hubbard"].iter().chain(words);
            let Command::Hubbard(command) = Arguments::try_parse_from(words).unwrap().command
            else {
                unreachable!("the arguments say hubbard");
            };
            is_benchmark(&command, target)
        };
        assert!(is(&[], "ibm_boston"));
        assert!(is(&["--sites", "60", "-O3"], "ibm_boston"));
        for words in [
            &["--sites", "50"][..],
            &["--steps", "29"],
            &["--u", "1"],
            &["--dt", "0.1"],
            &["--no-measure"],
            &["--unprepared"],
            &["--fractional"],
        ] {
            assert!(!is(words, "ibm_boston"), "{words:?}");
        }
        assert!(!is(&[], "ibm_fez"));
    }
}
