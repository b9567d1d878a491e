//! Compile once, bind many times: a circuit with symbols for angles, swept over a grid of values.
//! Run with `cargo run --release --example parameter_sweep`.

#![allow(clippy::print_stdout, reason = "an example shows its results")]

use std::error::Error;
use std::time::Instant;

use ardea::{
    Angle, Bindings, Circuit, CompileOptions, Preserve, SparsePauliSum, StateVector, Symbol,
    Target, compile,
};

/// One layer of QAOA for the largest cut of a ring of four.
fn ansatz() -> Result<Circuit, Box<dyn Error>> {
    let (gamma, beta) = (Angle::symbol("gamma"), Angle::symbol("beta"));
    let mut circuit = Circuit::new(4, 0);
    for qubit in 0..4 {
        circuit.h(qubit)?;
    }
    for qubit in 0..4 {
        circuit.rzz(gamma.clone(), qubit, (qubit + 1) % 4)?;
    }
    for qubit in 0..4 {
        circuit.rx(beta.clone() * 2.0, qubit)?;
    }
    Ok(circuit)
}

fn main() -> Result<(), Box<dyn Error>> {
    let ring =
        SparsePauliSum::from_labels(&[("IIZZ", 0.5), ("IZZI", 0.5), ("ZZII", 0.5), ("ZIIZ", 0.5)])?;
    let target = Target::bundled("boston")?;
    let options = CompileOptions {
        preserve: Preserve::State,
        ..CompileOptions::default()
    };

    let start = Instant::now();
    let compiled = compile(&ansatz()?, &target, &options)?;
    println!(
        "compiled once in {:.1} ms: {:?}",
        start.elapsed().as_secs_f64() * 1e3,
        compiled.circuit.count_ops()
    );

    // The observable moves to where the compiler left the qubits.
    let on_device = ring.remapped(target.num_qubits(), |qubit| {
        compiled.layout.last[qubit.index()]
    })?;
    let start = Instant::now();
    let (mut best, mut runs) = ((f64::INFINITY, 0.0, 0.0), 0);
    for step in 0..20 {
        for other in 0..20 {
            let (gamma, beta) = (f64::from(step) * 0.16, f64::from(other) * 0.08);
            let values = Bindings::from([
                (Symbol::new("gamma"), gamma.into()),
                (Symbol::new("beta"), beta.into()),
            ]);
            let state = StateVector::<f64>::from_circuit(&compiled.circuit.bind(&values)?)?;
            let energy = state.expectation(&on_device)?.re;
            runs += 1;
            if energy < best.0 {
                best = (energy, gamma, beta);
            }
        }
    }
    let (energy, gamma, beta) = best;
    println!(
        "{runs} bindings simulated in {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    println!(
        "expected cut {:.3} of 4 at gamma = {gamma:.2}, beta = {beta:.2}",
        2.0 - energy
    );
    Ok(())
}
