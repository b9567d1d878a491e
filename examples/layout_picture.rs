//! Draws where a compiled circuit sits on its device, as SVG on standard output.
//!
//! `cargo run --release --example layout_picture > docs/hubbard_on_boston.svg` makes the picture of the README: the
//! 120-qubit Fermi-Hubbard chain on ibm_boston. Discs are qubits, darker where readout is worse; lines are couplings,
//! darker where the cz error is larger, dashed red where they are out of order; the blue line is the chain.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::collections::BTreeSet;
use std::fmt::Write;

use ardea::models::{CircuitOptions, Occupation, Start, TimeGrid, mirrored_line_circuit};
use ardea::{Circuit, CompileOptions, FermiHubbard, Qubit, Target, compile};

/// Distance of neighbouring qubits in the picture.
const PITCH: f64 = 36.0;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = FermiHubbard::chain(60, 1.0, -2.0)?;
    let options = CircuitOptions {
        start: Start::Prepared(Occupation::neel(60)),
        ..CircuitOptions::default()
    };
    let chain = mirrored_line_circuit(&model, TimeGrid { dt: 0.2, steps: 2 }, &options)?;
    let target = Target::bundled("boston")?;
    let compiled = compile(&chain.circuit, &target, &CompileOptions::default())?;
    println!("{}", picture(&target, &compiled.circuit)?);
    Ok(())
}

fn picture(target: &Target, circuit: &Circuit) -> Result<String, Box<dyn std::error::Error>> {
    let coordinates = target
        .coordinates()
        .ok_or("the device has no coordinates")?;
    let place = |q: Qubit| {
        let (column, row) = coordinates[q.index()];
        (PITCH * (column + 1.0), PITCH * (row + 1.0))
    };
    let extent = |axis: fn((f64, f64)) -> f64| {
        target.qubits().map(|q| axis(place(q))).fold(0.0, f64::max) + PITCH
    };
    let (width, height) = (extent(|p| p.0), extent(|p| p.1));
    let used = used_pairs(circuit);
    let active: BTreeSet<Qubit> = used.iter().flat_map(|&(a, b)| [a, b]).collect();

    let mut out = String::new();
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="sans-serif" font-size="9">"#
    )?;
    writeln!(out, r#"<rect width="100%" height="100%" fill="white"/>"#)?;
    let mut line = |(a, b): (Qubit, Qubit), style: &str| -> std::fmt::Result {
        let ((x1, y1), (x2, y2)) = (place(a), place(b));
        writeln!(
            out,
            r#"<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" {style}/>"#
        )
    };
    for (a, b) in target.dead_edges() {
        line(
            (a, b),
            r##"stroke="#cc3311" stroke-width="2" stroke-dasharray="4 3""##,
        )?;
    }
    for (a, b) in target.edges() {
        let shade = grey(target.two_qubit_error(a, b).unwrap_or(0.0), 5e-3);
        line((a, b), &format!(r#"stroke="{shade}" stroke-width="4""#))?;
    }
    for &pair in &used {
        line(
            pair,
            r##"stroke="#0077bb" stroke-width="7" stroke-linecap="round" stroke-opacity="0.75""##,
        )?;
    }
    for qubit in target.qubits() {
        let (x, y) = place(qubit);
        let fill = if target.is_live(qubit) {
            grey(target.qubit(qubit).readout.error, 3e-2)
        } else {
            "#cc3311".into()
        };
        let ring = if active.contains(&qubit) {
            "#0077bb"
        } else {
            "#888888"
        };
        writeln!(
            out,
            r#"<circle cx="{x}" cy="{y}" r="11" fill="{fill}" stroke="{ring}" stroke-width="2"/>"#
        )?;
        writeln!(
            out,
            r#"<text x="{x}" y="{}" text-anchor="middle">{}</text>"#,
            y + 3.0,
            qubit.index()
        )?;
    }
    out.push_str("</svg>");
    Ok(out)
}

/// The pairs of qubits that two-qubit gates act on.
fn used_pairs(circuit: &Circuit) -> BTreeSet<(Qubit, Qubit)> {
    circuit
        .instructions()
        .iter()
        .filter(|instruction| instruction.operation.is_unitary())
        .filter_map(|instruction| match *instruction.qubits {
            [a, b] => Some((a.min(b), a.max(b))),
            _ => None,
        })
        .collect()
}

/// Light grey for no error, darker up to `worst`.
fn grey(error: f64, worst: f64) -> String {
    let level = 240.0 - 150.0 * (error / worst).min(1.0);
    format!("rgb({level:.0},{level:.0},{level:.0})")
}
