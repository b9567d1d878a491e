//! Which sequence each window gets, so that neighbours' flips do not coincide.
//!
//! All windows start empty. The longest takes the sequence that costs least while the others are as they are, then the
//! next, and so on; rounds are repeated until none changes. Every change lowers the total, so this ends.
//!
//! ```text
//! q0:  + + + + - - - - - - - - + + + +      2 sign changes
//! q1:  + + + + + + + + - - - - - - - -      1, and a flip at the end: orthogonal to q0's
//! q2:  + + + + - - - - - - - - + + + +      coupled to q1 only: the same as q0
//! ```

use ardea_circuit::{Circuit, Qubit};
use rustc_hash::FxHashMap;

use super::super::awake::Awake;
use super::super::clock::Wires;
use super::super::frames::{Idle, Segment, Stretch, overlap, stretches};
use super::super::slow_noise::SlowNoise;
use super::super::timeline::Timeline;
use super::train::{Train, Trains, signs};
use super::{Sequence, Window};
use crate::CompileError;

/// Orthogonal sequences of few pulses; the fewest first.
pub const STAGGERED: &[Sequence] = &[
    Sequence::Walsh(2),
    Sequence::Walsh(1),
    Sequence::Walsh(4),
    Sequence::Walsh(3),
    Sequence::Walsh(6),
    Sequence::Walsh(5),
    Sequence::Walsh(7),
];

/// Evenly spaced pulses, any even number up to 16.
pub const CPMG: &[Sequence] = &[
    Sequence::Cpmg(2),
    Sequence::Cpmg(4),
    Sequence::Cpmg(6),
    Sequence::Cpmg(8),
    Sequence::Cpmg(12),
    Sequence::Cpmg(16),
];

/// Uhrig's sequences of up to ten pulses.
pub const UDD: &[Sequence] = &[
    Sequence::Udd(2),
    Sequence::Udd(4),
    Sequence::Udd(6),
    Sequence::Udd(8),
    Sequence::Udd(10),
];

/// The Walsh functions of up to 15 sign changes.
pub const WALSH: &[Sequence] = &[
    Sequence::Walsh(2),
    Sequence::Walsh(1),
    Sequence::Walsh(4),
    Sequence::Walsh(3),
    Sequence::Walsh(6),
    Sequence::Walsh(5),
    Sequence::Walsh(8),
    Sequence::Walsh(7),
    Sequence::Walsh(10),
    Sequence::Walsh(9),
    Sequence::Walsh(12),
    Sequence::Walsh(11),
    Sequence::Walsh(14),
    Sequence::Walsh(13),
    Sequence::Walsh(15),
];

/// How often a sequence may be repeated in a window.
const CYCLES: [usize; 4] = [1, 2, 4, 8];
/// More pulses than this in one window are not tried.
const MAX_PULSES: usize = 64;
/// Rounds over all windows; nearly all settle in the second.
const MAX_ROUNDS: usize = 4;
/// A choice must be better than the present one by this much, or rounding would go round in circles.
const LEAST_GAIN: f64 = 1e-12;

/// All that the choice for a window depends on.
pub(super) struct Scene<'a> {
    wires: &'a Wires,
    windows: &'a [Window],
    trains: &'a Trains<'a>,
    noise: &'a SlowNoise,
    /// Diagonal gates of each qubit, in order of time.
    busy: Vec<Vec<Stretch>>,
    /// Windows of each qubit, in order of time.
    of_qubit: Vec<Vec<usize>>,
    /// The circuit's qubit for each of the device's.
    local: FxHashMap<Qubit, usize>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        circuit: &Circuit,
        wires: &'a Wires,
        timeline: &Timeline,
        awake: Awake,
        windows: &'a [Window],
        trains: &'a Trains<'a>,
        noise: &'a SlowNoise,
    ) -> Self {
        let mut of_qubit = vec![Vec::new(); circuit.num_qubits()];
        for (index, window) in windows.iter().enumerate() {
            if window.is_open {
                of_qubit[window.qubit.index()].push(index);
            }
        }
        Scene {
            wires,
            windows,
            trains,
            noise,
            busy: stretches(circuit, timeline, awake, Idle::LeftOut),
            of_qubit,
            local: (0..circuit.num_qubits())
                .map(|q| (wires.of(Qubit::new(q)), q))
                .collect(),
        }
    }

    /// The pulses of each window.
    pub(super) fn choose(&self, palette: &[Sequence]) -> Result<Vec<Option<Train>>, CompileError> {
        let mut chosen: Vec<Option<Train>> = self.windows.iter().map(|_| None).collect();
        let mut signs_of: Vec<Vec<Segment>> = self.windows.iter().map(|w| signs(w, None)).collect();
        let mut order: Vec<usize> = (0..self.windows.len())
            .filter(|&index| self.windows[index].is_open)
            .collect();
        order.sort_by_key(|&index| {
            let window = &self.windows[index];
            (std::cmp::Reverse(window.ticks), window.start, window.qubit)
        });
        for _ in 0..MAX_ROUNDS {
            let mut has_changed = false;
            for &index in &order {
                let window = &self.windows[index];
                let mut best: Option<(Option<Train>, Vec<Segment>)> = None;
                let mut least =
                    self.cost(window, chosen[index].as_ref(), &signs_of[index], &signs_of);
                for train in self.candidates(window, palette)? {
                    let segments = signs(window, train.as_ref());
                    let cost = self.cost(window, train.as_ref(), &segments, &signs_of);
                    if cost < least - LEAST_GAIN {
                        least = cost;
                        best = Some((train, segments));
                    }
                }
                if let Some((train, segments)) = best {
                    chosen[index] = train;
                    signs_of[index] = segments;
                    has_changed = true;
                }
            }
            if !has_changed {
                break;
            }
        }
        Ok(chosen)
    }

    /// Nothing, then what fits, the fewest pulses first within each number of repetitions.
    fn candidates(
        &self,
        window: &Window,
        palette: &[Sequence],
    ) -> Result<Vec<Option<Train>>, CompileError> {
        let mut found = vec![None];
        for cycles in CYCLES {
            for sequence in palette {
                let steps = sequence.repeated(cycles);
                if steps.len() <= MAX_PULSES
                    && let Some(train) = self.trains.fit(window, &steps, self.wires)?
                {
                    found.push(Some(train));
                }
            }
        }
        Ok(found)
    }

    /// What is lost in a window whose Z has these signs, when the others have theirs.
    fn cost(
        &self,
        window: &Window,
        train: Option<&Train>,
        segments: &[Segment],
        signs_of: &[Vec<Segment>],
    ) -> f64 {
        let clock = &self.trains.clock;
        let mut cost = self.noise.detuning_loss(segments, clock.tick);
        if let Some(train) = train {
            cost += self.trains.cost(train, window, self.wires);
        }
        let qubit = self.wires.of(window.qubit);
        for &neighbour in clock.target.neighbours(qubit) {
            let Some(&local) = self.local.get(&neighbour) else {
                continue;
            };
            let rate = self.noise.zz_rate(clock.target, qubit, neighbour);
            let mut add = |others: &[Segment]| {
                cost += SlowNoise::zz_loss(rate, overlap(segments, others) * clock.tick);
            };
            let list = &self.of_qubit[local];
            let first = list.partition_point(|&other| self.windows[other].end() <= window.start);
            list[first..]
                .iter()
                .take_while(|&&other| self.windows[other].start < window.end())
                .for_each(|&other| add(&signs_of[other]));
            let list = &self.busy[local];
            let first = list.partition_point(|other| other.end() <= window.start);
            list[first..]
                .iter()
                .take_while(|other| other.start() < window.end())
                .for_each(|other| add(&other.segments));
        }
        cost
    }
}

#[cfg(test)]
mod tests;
