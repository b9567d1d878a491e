//! `ardea info`: what is in a circuit.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use ardea::Circuit;
use ardea::circuit::{DrawOptions, Register, Symbol};
use serde_json::json;

use crate::arguments::InfoCommand;
use crate::files::{read_circuit, write_text};

pub(crate) fn run(command: &InfoCommand) -> Result<()> {
    let circuit = read_circuit(&command.input, &command.reading)?;
    let mut text = if command.json {
        format!("{:#}\n", as_json(&circuit))
    } else {
        describe(&circuit)
    };
    if command.draw {
        text.push_str(&circuit.draw_with(&DrawOptions {
            width: command.width,
            ..DrawOptions::default()
        }));
    }
    write_text(Path::new("-"), &text)
}

fn as_json(circuit: &Circuit) -> serde_json::Value {
    let registers = |list: &[Register]| -> serde_json::Value {
        list.iter()
            .map(|r| json!({"name": r.name, "size": r.size}))
            .collect()
    };
    json!({
        "num_qubits": circuit.num_qubits(),
        "num_clbits": circuit.num_clbits(),
        "qregs": registers(circuit.qregs()),
        "cregs": registers(circuit.cregs()),
        "active_qubits": circuit.active_qubits().len(),
        "operations": circuit.count_ops(),
        "size": circuit.len(),
        "depth": circuit.depth(),
        "two_qubit_gates": circuit.two_qubit_count(),
        "two_qubit_depth": circuit.two_qubit_depth(),
        "symbols": circuit.symbols().iter().map(Symbol::name).collect::<Vec<_>>(),
    })
}

fn describe(circuit: &Circuit) -> String {
    let mut text = String::new();
    let registers = |list: &[Register]| {
        list.iter()
            .map(|r| format!("{}[{}]", r.name, r.size))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let mut line = |label: &str, value: String| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{label:<18}{value}");
    };
    line(
        "qubits",
        format!(
            "{} ({} active): {}",
            circuit.num_qubits(),
            circuit.active_qubits().len(),
            registers(circuit.qregs())
        ),
    );
    line(
        "classical bits",
        format!("{}: {}", circuit.num_clbits(), registers(circuit.cregs())),
    );
    line("operations", circuit.len().to_string());
    line("depth", circuit.depth().to_string());
    line("two-qubit gates", circuit.two_qubit_count().to_string());
    line("two-qubit depth", circuit.two_qubit_depth().to_string());
    if circuit.is_symbolic() {
        line(
            "symbols",
            circuit
                .symbols()
                .iter()
                .map(Symbol::to_string)
                .collect::<Vec<_>>()
                .join(", "),
        );
    }
    for (name, count) in circuit.count_ops() {
        line(&format!("  {name}"), count.to_string());
    }
    text
}
