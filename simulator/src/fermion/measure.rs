//! Outcomes, drawn one qubit after the other.
//!
//! Of a Gaussian state the next qubit's probability is an entry of the covariances, and what remains after its
//! measurement is Gaussian again: `M_kl` gains `z (M_kp M_lq - M_kq M_lp) / 2P` for the outcome `Z = z` of the operators
//! p and q with probability P. The qubits that are measured are all that is kept, so a shot costs a third of the cube of
//! twice their number.

use ardea_circuit::Circuit;
use rayon::prelude::*;

use super::state::State;
use crate::blocks::Frame;
use crate::counts::{Counts, Outcome};
use crate::error::SimulatorError;
use crate::options::{Record, SimOptions};
use crate::random::Random;

/// Shots whose outcomes are held at a time.
const HELD: u64 = 1 << 14;
/// Shots that follow each other as long as their outcomes agree, at most.
const GROUP: usize = 64;
/// Covariances that wait on one thread.
const WAITING: usize = 1 << 23;

/// Bytes of the covariances that wait on one thread.
pub(super) const WAITING_BYTES: u128 = 8 * WAITING as u128;

/// Draws the shots: counts, and outcomes in order when asked for.
pub(super) fn sample(
    state: &State,
    frame: &Frame,
    circuit: &Circuit,
    options: &SimOptions,
) -> Result<(Counts, Vec<Outcome>), SimulatorError> {
    let mut measured: Vec<u32> = frame.terminal.iter().filter_map(|&(q, _)| q).collect();
    measured.sort_unstable_by_key(|&qubit| state.first_of(qubit));
    measured.dedup();
    let start = Covariances::of(state, &measured);
    // For each measurement the place of its qubit among the measured ones.
    let places: Vec<Option<usize>> = frame
        .terminal
        .iter()
        .map(|&(qubit, _)| measured.iter().position(|&own| Some(own) == qubit))
        .collect();
    let group_size = (WAITING / start.rows.len().max(1)).clamp(1, GROUP) as u64;
    let random = Random::new(options.seed);
    let mut counts = Counts::new(circuit);
    let mut each = Vec::new();
    for first in (0..options.shots).step_by(HELD as usize) {
        let end = options.shots.min(first + HELD);
        let groups = (end - first).div_ceil(group_size);
        let found: Vec<Vec<(u64, Outcome)>> = (0..groups)
            .into_par_iter()
            .map(|group| {
                let low = first + group * group_size;
                let shots = (low..end.min(low + group_size)).collect();
                let mut out = Vec::new();
                draw(
                    &start,
                    shots,
                    random,
                    options,
                    &mut |shots, bits: &[bool]| {
                        let mut outcome = Outcome::zero(circuit.num_clbits());
                        for (place, &(_, bit)) in places.iter().zip(&frame.terminal) {
                            outcome.set(bit, place.is_some_and(|place| bits[place]));
                        }
                        out.extend(shots.iter().map(|&shot| (shot, outcome.clone())));
                    },
                )?;
                out.sort_unstable_by_key(|&(shot, _)| shot);
                Ok(out)
            })
            .collect::<Result<_, SimulatorError>>()?;
        for (_, outcome) in found.into_iter().flatten() {
            if options.record == Record::EachShot {
                each.push(outcome.clone());
            }
            counts.add(outcome, 1);
        }
        if let Some(progress) = &options.progress {
            progress.report(end as f64 / options.shots as f64);
        }
    }
    Ok((counts, each))
}

/// Covariances of what is still to be measured.
#[derive(Clone)]
struct Covariances {
    /// Number of Majorana operators in the beginning: rows are this long.
    size: usize,
    /// Row by row; only what lies above the diagonal is kept up to date.
    rows: Vec<f64>,
}

impl Covariances {
    fn of(state: &State, measured: &[u32]) -> Self {
        let operators: Vec<usize> = measured
            .iter()
            .flat_map(|&qubit| [state.first_of(qubit), state.first_of(qubit) + 1])
            .collect();
        let size = operators.len();
        let mut rows = Vec::with_capacity(size * size);
        for &a in &operators {
            rows.extend(operators.iter().map(|&b| state.covariance(a, b)));
        }
        Self { size, rows }
    }

    /// The probability that the qubit at `place` is 1, those before being measured.
    fn probability_of_one(&self, place: usize) -> f64 {
        // <Z> is minus the covariance of its two operators.
        let covariance = self.rows[2 * place * self.size + 2 * place + 1];
        ((1.0 + covariance) / 2.0).clamp(0.0, 1.0)
    }

    /// What remains when the qubit at `place` gave `outcome`, which has this probability.
    fn project(&mut self, place: usize, outcome: bool, probability: f64) {
        let size = self.size;
        let behind = 2 * place + 2;
        let factor = if outcome { -0.5 } else { 0.5 } / probability;
        let (done, rest) = self.rows.split_at_mut(behind * size);
        let p = &done[2 * place * size..][..size];
        let q = &done[(2 * place + 1) * size..][..size];
        for (k, row) in (behind..size).zip(rest.chunks_mut(size)) {
            // M_kp M_lq - M_kq M_lp, with M_kp = -M_pk.
            let (u, v) = (factor * p[k], factor * q[k]);
            if u == 0.0 && v == 0.0 {
                continue;
            }
            for ((entry, p), q) in row[k + 1..].iter_mut().zip(&p[k + 1..]).zip(&q[k + 1..]) {
                *entry += u * q - v * p;
            }
        }
    }
}

/// Shots whose outcomes agreed so far.
struct Branch {
    state: Covariances,
    bits: Vec<bool>,
    shots: Vec<u64>,
}

/// Draws the outcomes of some shots and hands them over, those of equal outcomes together.
fn draw(
    start: &Covariances,
    shots: Vec<u64>,
    random: Random,
    options: &SimOptions,
    take: &mut impl FnMut(&[u64], &[bool]),
) -> Result<(), SimulatorError> {
    let qubits = start.size / 2;
    let mut waiting = vec![Branch {
        state: start.clone(),
        bits: vec![],
        shots,
    }];
    while let Some(mut branch) = waiting.pop() {
        if options.is_interrupted() {
            return Err(SimulatorError::Interrupted);
        }
        for place in branch.bits.len()..qubits {
            let one = branch.state.probability_of_one(place);
            let (ones, zeros): (Vec<u64>, Vec<u64>) = branch
                .shots
                .iter()
                .partition(|&&shot| random.uniform(shot, place as u64) < one);
            let probability = |outcome: bool| if outcome { one } else { 1.0 - one };
            let (outcome, same, other) = if zeros.is_empty() {
                (true, ones, zeros)
            } else {
                (false, zeros, ones)
            };
            if !other.is_empty() {
                let mut part = Branch {
                    state: branch.state.clone(),
                    bits: branch.bits.clone(),
                    shots: other,
                };
                part.state.project(place, !outcome, probability(!outcome));
                part.bits.push(!outcome);
                waiting.push(part);
            }
            branch.shots = same;
            branch.state.project(place, outcome, probability(outcome));
            branch.bits.push(outcome);
        }
        take(&branch.shots, &branch.bits);
    }
    Ok(())
}
