//! Expectation values: the energy of an Ising chain in states along a road from order to disorder.
//! Run with `cargo run --release --example expectation`.

#![allow(clippy::print_stdout, reason = "an example shows its results")]

use std::error::Error;
use std::f64::consts::FRAC_PI_2;

use ardea::{C64, Circuit, Pauli, PauliString, Qubit, SparsePauliSum, StateVector};

const QUBITS: usize = 10;

/// H = - sum Z Z - field sum X on an open chain.
fn ising_chain(field: f64) -> Result<SparsePauliSum, Box<dyn Error>> {
    let mut energy = SparsePauliSum::zero(QUBITS);
    for a in 0..QUBITS - 1 {
        let pair = [(Qubit::new(a), Pauli::Z), (Qubit::new(a + 1), Pauli::Z)];
        energy.push(PauliString::from_sparse(QUBITS, &pair)?, C64::from(-1.0))?;
    }
    for a in 0..QUBITS {
        let single = [(Qubit::new(a), Pauli::X)];
        energy.push(
            PauliString::from_sparse(QUBITS, &single)?,
            C64::from(-field),
        )?;
    }
    Ok(energy)
}

fn main() -> Result<(), Box<dyn Error>> {
    let energy = ising_chain(1.0)?;
    let order = SparsePauliSum::from_labels(&[("ZIIIIIIIIZ", 1.0)])?; // rightmost letter: qubit 0
    let (string, coefficient) = &energy.terms()[0];
    let terms = energy.terms().len();
    println!("{terms} terms, for instance {} {string}\n", coefficient.re);

    println!("   tilt    <H>      <Z Z> of the ends");
    for step in 0..=6 {
        // Every spin tilted by the same angle from z towards x, then neighbours entangled a little.
        let tilt = FRAC_PI_2 * f64::from(step) / 6.0;
        let mut circuit = Circuit::new(QUBITS, 0);
        for qubit in 0..QUBITS {
            circuit.ry(tilt, qubit)?;
        }
        for a in 0..QUBITS - 1 {
            circuit.rzz(-0.2, a, a + 1)?;
        }
        for qubit in 0..QUBITS {
            circuit.rx(-0.2, qubit)?;
        }
        let state = StateVector::<f64>::from_circuit(&circuit)?;
        let (energy, order) = (
            state.expectation(&energy)?.re,
            state.expectation(&order)?.re,
        );
        println!("{tilt:7.3} {energy:9.4} {order:9.4}");
    }
    Ok(())
}
