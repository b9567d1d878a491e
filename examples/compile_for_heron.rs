//! From OpenQASM to a real device's gates and back to OpenQASM, with everything the compiler reports.
//! Run with `cargo run --release --example compile_for_heron`.

#![allow(clippy::print_stdout, reason = "an example shows its results")]

use std::error::Error;

use ardea::qasm::QubitNames;
use ardea::{
    CompileOptions, Decoupling, Level, ReadOptions, SimOptions, Target, WriteOptions, compile,
    parse, simulate, to_qasm3,
};

/// Grover's search for 101 among eight, two rounds.
const SOURCE: &str = r#"
OPENQASM 2.0;
include "qelib1.inc";
gate flip_all_ones a, b, c { h c; ccx a, b, c; h c; }
gate mark a, b, c { x b; flip_all_ones a, b, c; x b; }
gate mirror a, b, c {
  h a; h b; h c; x a; x b; x c;
  flip_all_ones a, b, c;
  x a; x b; x c; h a; h b; h c;
}
qreg q[3];
creg found[3];
h q;
mark q[0], q[1], q[2];
mirror q[0], q[1], q[2];
mark q[0], q[1], q[2];
mirror q[0], q[1], q[2];
measure q -> found;
"#;

fn main() -> Result<(), Box<dyn Error>> {
    let circuit = parse(SOURCE, &ReadOptions::default())?;
    let target = Target::bundled("boston")?;
    println!("{}\n", circuit.draw());

    for level in [Level::O0, Level::O1, Level::O2, Level::O3] {
        let options = CompileOptions {
            level,
            ..CompileOptions::default()
        };
        let report = compile(&circuit, &target, &options)?.report;
        println!(
            "{level:?}: {:2} two-qubit gates at depth {:2}, {:.2} us, estimated success {:.4}, {:.1} ms",
            report.two_qubit_gates,
            report.two_qubit_depth,
            report.duration_s * 1e6,
            report.estimated_success_probability,
            report.seconds * 1e3,
        );
    }

    // The best effort, with decoupling pulses wherever a qubit waits.
    let options = CompileOptions {
        level: Level::O3,
        decoupling: Decoupling::Xy4,
        ..CompileOptions::default()
    };
    let compiled = compile(&circuit, &target, &options)?;
    println!("\ninput qubits sit on {:?}", compiled.report.final_layout);
    let hardware = WriteOptions {
        qubit_names: QubitNames::Hardware,
        ..WriteOptions::default()
    };
    let text = to_qasm3(&compiled.circuit, &hardware)?;
    let head: Vec<&str> = text.lines().take(20).collect();
    println!(
        "\n{}\n... {} lines\n",
        head.join("\n"),
        text.lines().count()
    );

    // Simulated without noise, the compiled circuit still finds 101 in most shots.
    let counts = simulate::<f64>(&compiled.circuit, &SimOptions::with_shots(1000))?.counts;
    println!("{:?}", counts.to_map());
    Ok(())
}
