//! From OpenQASM to a real device's gates and back to OpenQASM, with everything the compiler reports.
//! Run with `cargo run --release --example compile_for_heron`.

#![allow(clippy::print_stdout, reason = "an example shows its results")]

use std::error::Error;

use ardea::qasm::QubitNames;
use ardea::{
    CompileOptions, Decoupling, Level, ReadOptions, SimOptions, Target, WriteOptions, compile,
    parse, simulate, to_qasm3,
};

/// A Bernstein-Vazirani circuit for the secret 1011.
const SOURCE: &str = r#"
OPENQASM 2.0;
include "qelib1.inc";
qreg q[5];
creg c[4];
x q[4];
h q;
cx q[0], q[4];
cx q[1], q[4];
cx q[3], q[4];
h q[0]; h q[1]; h q[2]; h q[3];
measure q[0] -> c[0];
measure q[1] -> c[1];
measure q[2] -> c[2];
measure q[3] -> c[3];
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
    println!("\n{}", to_qasm3(&compiled.circuit, &hardware)?);

    // Simulated without noise, the compiled circuit still tells the secret in every shot.
    let counts = simulate::<f64>(&compiled.circuit, &SimOptions::with_shots(1000))?.counts;
    println!("{:?}", counts.to_map());
    Ok(())
}
