//! The first circuit: two qubits that agree. Run with `cargo run --release --example bell`.

#![allow(clippy::print_stdout, reason = "an example shows its results")]

use std::error::Error;

use ardea::{Circuit, Qubit, SimOptions, StateVector, simulate};

fn main() -> Result<(), Box<dyn Error>> {
    let mut bell = Circuit::new(2, 0);
    bell.h(0)?.cx(0, 1)?;
    println!("{}\n", bell.draw());

    // The state before any measurement: qubit 0 is the least significant bit of the index.
    let state = StateVector::<f64>::from_circuit(&bell)?;
    for (index, amplitude) in state.amplitudes().iter().enumerate() {
        println!("|{index:02b}>  {amplitude:.4}");
    }
    let alone = state.probability_of_one(Qubit::new(0))?;
    println!("qubit 0 alone is 1 with probability {alone:.2}\n");

    // A thousand shots; the same seed gives the same shots on any machine.
    bell.measure_all()?;
    let run = simulate::<f64>(
        &bell,
        &SimOptions {
            seed: 7,
            ..SimOptions::with_shots(1000)
        },
    )?;
    for (outcome, times) in run.counts.to_map() {
        println!("{outcome}  {times}");
    }
    Ok(())
}
