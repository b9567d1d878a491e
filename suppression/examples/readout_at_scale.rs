//! How long the inversion takes at 120 qubits and ten thousand different outcomes.

#![allow(clippy::print_stdout, reason = "an example prints")]

use std::time::Instant;

use ardea_circuit::{Circuit, Clbit};
use ardea_simulator::{Counts, Outcome};
use ardea_suppression::readout::{BitErrors, DiagonalObservable, Inversion, InversionOptions};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bits = 120;
    let mut random = Pcg64::seed_from_u64(1);
    for (rate, label) in [(0.006, "0.6 %"), (0.02, "2 %")] {
        let errors = vec![
            BitErrors {
                one_of_zero: rate,
                zero_of_one: rate,
            };
            bits
        ];
        let mut counts = Counts::new(&Circuit::new(0, bits));
        while counts.len() < 10_000 {
            let one = random.random_bool(0.5);
            let mut read = Outcome::zero(bits);
            for bit in 0..bits {
                read.set(Clbit::new(bit), one ^ random.random_bool(rate));
            }
            counts.add(read, 1);
        }
        let start = Instant::now();
        let inversion = Inversion::new(&counts, &errors, &InversionOptions::default())?;
        let built = start.elapsed().as_secs_f64();
        let quasi = inversion.quasi()?;
        let nearest = quasi.nearest();
        let solved = start.elapsed().as_secs_f64();
        let parity = DiagonalObservable::new(vec![(1.0, vec![Clbit::new(0), Clbit::new(99)])]);
        let value = inversion.expectation(&parity)?;
        let all = start.elapsed().as_secs_f64();
        println!(
            "{bits} bits misread {label} of the time, {} outcomes of {} shots: {built:.2} s to prepare, {:.2} s to \
             invert, {:.2} s for an expectation value; negativity {:.3}, {} outcomes of the nearest distribution, \
             <Z0 Z99> = {:.4} +- {:.4} for 1",
            counts.len(),
            counts.shots(),
            solved - built,
            all - solved,
            quasi.negativity(),
            nearest.weights.len(),
            value.mean,
            value.error
        );
    }
    Ok(())
}
