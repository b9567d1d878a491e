//! Outcomes, expectation values and full states from a sector's amplitudes.

use ardea_circuit::{C64, Circuit, PauliString};
use num_complex::Complex;
use rayon::prelude::*;

use super::State;
use super::layout::Place;
use crate::blocks::Frame;
use crate::counts::{Counts, Outcome};
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Real};
use crate::options::{Record, SimOptions};
use crate::random::Random;
use crate::sample::{BATCH, Distribution};

/// Draws the shots: counts, outcomes in order when asked for, and the norm.
pub(super) fn sample(
    state: &State,
    frame: &Frame,
    circuit: &Circuit,
    options: &SimOptions,
) -> Result<(Counts, Vec<Outcome>, f64), SimulatorError> {
    let distribution = Distribution::new(&state.amplitudes[..]);
    let norm = distribution.total().sqrt();
    if !norm.is_finite() || norm == 0.0 {
        return Err(SimulatorError::NotFinite { norm });
    }
    let mut counts = Counts::new(circuit);
    let mut each: Vec<(u64, Outcome)> = Vec::new();
    let mut start = 0;
    while start < options.shots {
        if options.is_interrupted() {
            return Err(SimulatorError::Interrupted);
        }
        let end = options.shots.min(start + BATCH as u64);
        let batch: Vec<u64> = (start..end).collect();
        let draws = distribution.draw(Random::new(options.seed), &batch, 0);
        for same in draws.chunk_by(|a, b| a.1 == b.1) {
            let outcome = state.outcome(same[0].1 as usize, frame, circuit.num_clbits());
            if options.record == Record::EachShot {
                let shots = same.iter().map(|&(i, _)| batch[i as usize]);
                each.extend(shots.map(|shot| (shot, outcome.clone())));
            }
            counts.add(outcome, same.len() as u64);
        }
        start = end;
    }
    each.sort_unstable_by_key(|&(shot, _)| shot);
    let each = each.into_iter().map(|(_, outcome)| outcome).collect();
    Ok((counts, each, norm))
}

/// The expectation value of a string.
///
/// A string that flips bits takes a row to another row, or out of the sector, and there each combination to another one.
pub(super) fn expectation(state: &State, frame: &Frame, string: &PauliString) -> f64 {
    let layout = &state.layout;
    let (mut flip, mut sign) = (Masks::default(), Masks::default());
    let (mut negative, mut ys) = (false, 0);
    for (qubit, _) in string.support() {
        let x = string.x_bits().contains(qubit.index());
        let z = string.z_bits().contains(qubit.index());
        let place = match frame.active.number(qubit.index()) {
            Some(number) => layout.places[number as usize],
            None => Place::Fixed(false),
        };
        match place {
            Place::Fixed(_) if x => return 0.0,
            Place::Fixed(bit) => negative ^= bit,
            _ => {
                ys += u32::from(x && z);
                flip.add(place, x);
                sign.add(place, z);
            }
        }
    }
    // The factor i for each Y leaves the real or the imaginary part, which is the same for the string as a whole.
    let factor = [C64::ONE, C64::I, -C64::ONE, -C64::I][ys as usize % 4];
    let sums: Vec<C64> = layout
        .rows
        .par_iter()
        .map(|row| {
            let Some(other) = layout.row_of(row.outer ^ flip.outer) else {
                return C64::ZERO;
            };
            let other = &layout.rows[other];
            let partners = &state.amplitudes[other.offset..other.offset + other.len];
            let own = &state.amplitudes[row.offset..row.offset + row.len];
            let outer_odd = (row.outer & sign.outer).count_ones() % 2 == 1;
            let mut sum = C64::ZERO;
            for (amplitude, &set) in own.iter().zip(&layout.combinations[row.ones]) {
                let image = set ^ flip.inner;
                if image.count_ones() as usize != other.ones {
                    continue;
                }
                let term = partners[layout.ranks.rank(image) as usize].conj() * amplitude;
                let odd = (set & sign.inner).count_ones() % 2 == 1;
                sum += if odd != outer_odd { -term } else { term };
            }
            sum
        })
        .collect();
    let sum: C64 = sums.into_iter().sum();
    let value = (factor * sum).re;
    if negative { -value } else { value }
}

/// Bits of a string.
#[derive(Clone, Copy, Default)]
struct Masks {
    inner: u128,
    outer: u128,
}

impl Masks {
    fn add(&mut self, place: Place, bit: bool) {
        match place {
            Place::Inner(at) => self.inner |= u128::from(bit) << at,
            Place::Outer(at) => self.outer |= u128::from(bit) << at,
            Place::Fixed(_) => {}
        }
    }
}

impl State {
    /// The classical bits of the basis state at an index.
    fn outcome(&self, index: usize, frame: &Frame, num_clbits: usize) -> Outcome {
        let rows = &self.layout.rows;
        let row = rows[rows.partition_point(|row| row.offset <= index) - 1];
        let set = self.layout.combinations[row.ones][index - row.offset];
        let mut outcome = Outcome::zero(num_clbits);
        for &(qubit, bit) in &frame.terminal {
            let value = qubit.is_some_and(|q| self.layout.bit(q as usize, set, row.outer));
            outcome.set(bit, value);
        }
        outcome
    }

    /// The amplitudes of all states of the active qubits.
    pub(super) fn expanded<T: Real>(
        &self,
        qubits: usize,
    ) -> Result<Buffer<Complex<T>>, SimulatorError> {
        let mut out = Buffer::zeroed(1 << qubits, "the state")?;
        let index = |inner: u128, outer: u128| -> usize {
            (0..qubits)
                .map(|qubit| usize::from(self.layout.bit(qubit, inner, outer)) << qubit)
                .sum()
        };
        let inner: Vec<Vec<usize>> = self
            .layout
            .combinations
            .iter()
            .map(|sets| {
                sets.iter()
                    .map(|&set| index(set, 0) ^ index(0, 0))
                    .collect()
            })
            .collect();
        for row in &self.layout.rows {
            let base = index(0, row.outer);
            let own = &self.amplitudes[row.offset..row.offset + row.len];
            for (amplitude, place) in own.iter().zip(&inner[row.ones]) {
                out[base | place] =
                    Complex::new(T::from_f64(amplitude.re), T::from_f64(amplitude.im));
            }
        }
        Ok(out)
    }
}
