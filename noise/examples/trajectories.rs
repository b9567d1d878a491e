//! How long 1,000 trajectories of a 20-qubit circuit of 1,000 gates take, under the noise of a typical device.
//!
//! `cargo run --release -p ardea-noise --example trajectories -- [SHOTS] [THREADS] [QUBITS]`. The same circuit and
//! noise for Qiskit Aer are in `benches/aer_trajectories.py`.
#![allow(clippy::print_stdout, reason = "an example prints")]

use ardea_circuit::Circuit;
use ardea_device::Target;
use ardea_noise::{Engine, NoiseModel, NoiseOptions, RunOptions, run};
use ardea_simulator::SimOptions;

/// Layers of rz and sx on every qubit and cz on every other pair, until there are `gates`.
fn brickwork(qubits: usize, gates: usize) -> Result<Circuit, ardea_circuit::CircuitError> {
    let mut circuit = Circuit::new(qubits, qubits);
    for layer in 0.. {
        for qubit in 0..qubits {
            let angle = 0.1 * (qubit + 1) as f64 + 0.01 * layer as f64;
            circuit.rz(angle, qubit)?.sx(qubit)?;
        }
        for qubit in (layer % 2..qubits - 1).step_by(2) {
            circuit.cz(qubit, qubit + 1)?;
        }
        if circuit.len() >= gates {
            break;
        }
    }
    for qubit in 0..qubits {
        circuit.measure(qubit, qubit)?;
    }
    Ok(circuit)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(Ok(default), |text| text.parse());
    let (shots, threads, qubits) = (number(1000)?, number(2)?, number(20)?);
    let qubits = usize::try_from(qubits)?;
    let target = Target::line(qubits)?;
    let options = NoiseOptions {
        idle_relaxation: false, // Aer's model has gate errors and misreading only
        ..NoiseOptions::markovian()
    };
    let model = NoiseModel::from_target(&target, &options)?;
    let circuit = brickwork(qubits, 1000)?;
    let options = RunOptions {
        simulation: SimOptions {
            shots,
            threads: Some(usize::try_from(threads)?),
            ..SimOptions::default()
        },
        engine: Engine::Trajectories,
        draws: None,
    };
    let result = run(&circuit, &model, &[], &options)?;
    println!(
        "{} gates, {qubits} qubits, {shots} trajectories with {} jumps on {threads} threads: {:.2} s",
        circuit.len() - qubits,
        result.jumps,
        result.seconds
    );
    Ok(())
}
