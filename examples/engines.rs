//! One circuit for each engine beside the state vector, with its time:
//! `cargo run --release --example engines`.

use std::time::Instant;

use ardea::circuit::random::{random_circuit, random_qubits};
use ardea::models::{
    CircuitOptions, Formula, GateStyle, Occupation, Order, Readout, Start, TimeGrid,
    mirrored_line_circuit, trotter_circuit,
};
use ardea::{Circuit, FermiHubbard, Gate, Method, Run, SimOptions, simulate};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

type Failure = Box<dyn std::error::Error>;

#[allow(clippy::print_stdout, reason = "an example speaks to its reader")]
fn timed(what: &str, circuit: &Circuit, options: &SimOptions) -> Result<Run<f64>, Failure> {
    let start = Instant::now();
    let run = simulate::<f64>(circuit, options)?;
    let seconds = start.elapsed().as_secs_f64();
    println!("{what}: {seconds:.3} s on the {} engine", run.report.method);
    if let Some(reason) = &run.report.reason {
        println!("    {reason}");
    }
    Ok(run)
}

fn main() -> Result<(), Failure> {
    let shots = SimOptions::with_shots(1000);

    let mut ghz = Circuit::new(5000, 5000);
    ghz.h(0)?;
    for qubit in 1..5000 {
        ghz.cx(qubit - 1, qubit)?;
    }
    for qubit in 0..5000 {
        ghz.measure(qubit, qubit)?;
    }
    timed("GHZ state of 5,000 qubits", &ghz, &shots)?;

    timed(
        "random Clifford circuit, 1,000 qubits x 20 layers",
        &clifford(1000, 20)?,
        &shots,
    )?;

    let hubbard = |sites: usize, interaction: f64, steps: usize| -> Result<Circuit, Failure> {
        let model = FermiHubbard::chain(sites, 1.0, interaction)?;
        let options = CircuitOptions {
            start: Start::Prepared(Occupation::neel(sites)),
            readout: Readout::Measured,
            style: GateStyle::Terms,
        };
        let grid = TimeGrid { dt: 0.2, steps };
        let circuit = trotter_circuit(&model, Formula::Mirrored, grid, Order::Blocked, &options)?;
        Ok(circuit.circuit)
    };
    timed(
        "U = 0 Hubbard chain of 60 sites, 120 qubits, 30 steps",
        &hubbard(60, 0.0, 30)?,
        &shots,
    )?;

    let model = FermiHubbard::chain(60, 1.0, 0.0)?;
    let options = CircuitOptions {
        start: Start::Prepared(Occupation::neel(60)),
        readout: Readout::Measured,
        ..CircuitOptions::default()
    };
    let line = mirrored_line_circuit(&model, TimeGrid { dt: 0.2, steps: 30 }, &options)?;
    timed(
        "the same on a line with fermionic exchanges",
        &line.circuit,
        &shots,
    )?;

    let chain = hubbard(12, 4.0, 10)?;
    timed(
        "U = 4 Hubbard chain of 12 sites, 24 qubits, 10 steps",
        &chain,
        &shots,
    )?;
    let by_state = SimOptions {
        method: Method::StateVector,
        ..shots
    };
    timed("the same on the state vector", &chain, &by_state)?;
    Ok(())
}

/// Layers of random gates on one qubit and `cx` on random pairs, all measured.
fn clifford(qubits: usize, layers: usize) -> Result<Circuit, Failure> {
    let mut rng = Pcg64Mcg::seed_from_u64(1);
    let mut circuit = Circuit::new(qubits, qubits);
    for _ in 0..layers {
        let single = [Gate::H, Gate::S, Gate::SX, Gate::X, Gate::Y];
        for instruction in random_circuit(&mut rng, qubits, qubits, &single).instructions() {
            circuit.push_instruction(instruction.clone())?;
        }
        for pair in random_qubits(&mut rng, qubits, qubits).chunks_exact(2) {
            circuit.cx(pair[0].index(), pair[1].index())?;
        }
    }
    for qubit in 0..qubits {
        circuit.measure(qubit, qubit)?;
    }
    Ok(circuit)
}
