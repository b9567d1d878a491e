//! What a version of a twirled 100-qubit circuit costs: seconds to write, pulses and depth.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::time::Instant;

use ardea_circuit::{Circuit, Gate};
use ardea_compiler::{CompileOptions, Level, Verification, compile};
use ardea_device::Target;
use ardea_suppression::twirl::{GateTwirl, MeasurementTwirl, Twirler};

/// A Trotter circuit of a transverse-field Ising chain.
fn ising(qubits: usize, steps: usize) -> Result<Circuit, ardea_circuit::CircuitError> {
    let mut circuit = Circuit::new(qubits, qubits);
    for _ in 0..steps {
        for first in [0, 1] {
            for q in (first..qubits - 1).step_by(2) {
                circuit.rzz(0.3, q, q + 1)?;
            }
        }
        for q in 0..qubits {
            circuit.rx(0.7, q)?;
        }
    }
    for q in 0..qubits {
        circuit.measure(q, q)?;
    }
    Ok(circuit)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let target = Target::bundled("boston")?;
    let options = CompileOptions {
        verification: Verification::Off,
        ..CompileOptions::at_level(Level::O1)
    };
    let circuit = compile(&ising(100, 20)?, &target, &options)?.circuit;
    let pulses = |circuit: &Circuit| {
        circuit
            .instructions()
            .iter()
            .filter(|i| matches!(i.operation.as_gate(), Some(Gate::SX | Gate::X)))
            .count()
    };
    let start = Instant::now();
    let twirler = Twirler::new(
        &circuit,
        &target,
        GateTwirl::TwoQubit,
        MeasurementTwirl::Final,
    )?;
    let prepared = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let versions: Vec<_> = (0..32).map(|k| twirler.randomise(1, k)).collect();
    let each = start.elapsed().as_secs_f64() / 32.0;
    let mean = |of: &dyn Fn(&Circuit) -> usize| {
        versions.iter().map(|v| of(&v.circuit)).sum::<usize>() as f64 / 32.0
    };
    println!(
        "100 qubits, {} instructions, {} two-qubit gates: {:.2} ms to prepare, {:.2} ms for a version",
        circuit.len(),
        circuit.two_qubit_count(),
        1e3 * prepared,
        1e3 * each
    );
    println!(
        "pulses {} -> {:.1}, depth {} -> {:.1}",
        pulses(&circuit),
        mean(&pulses),
        circuit.depth(),
        mean(&Circuit::depth)
    );
    Ok(())
}
