//! Which sequence each window gets, so that neighbours' flips do not coincide.
//!
//! All windows start empty. The longest takes the sequence that costs least while the others are as they are, then the
//! next, and so on; rounds are repeated until none changes. Every change lowers the total, so this ends. Phases of
//! windows with nothing but diagonal gates and flips between them add up, so what counts is the whole stretch that a
//! window is part of.
//!
//! ```text
//! q0:  + + + + - - - - - - - - + + + +      2 sign changes
//! q1:  + + + + + + + + - - - - - - - -      1, and a flip at the end: orthogonal to q0's
//! q2:  + + + + - - - - - - - - + + + +      coupled to q1 only: the same as q0
//! ```

use super::super::clock::Wires;
use super::super::frames::{Segment, Stretch};
use super::super::slow_loss::{Frames, Pairs};
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

/// Evenly spaced pulses: 2, 4, 6, 8, 12 or 16.
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
    /// With the pulses chosen so far.
    frames: Frames<'a>,
    /// The same without any.
    bare: Vec<Vec<Stretch>>,
    /// Of each qubit and stretch, the open windows in order of time.
    inside: Vec<Vec<Vec<usize>>>,
    chosen: Vec<Option<Train>>,
}

impl<'a> Scene<'a> {
    pub(super) fn new(
        frames: Frames<'a>,
        wires: &'a Wires,
        windows: &'a [Window],
        trains: &'a Trains<'a>,
    ) -> Self {
        let lists = |own: &Vec<Stretch>| vec![Vec::new(); own.len()];
        Scene {
            wires,
            windows,
            trains,
            bare: frames.stretches.clone(),
            inside: frames.stretches.iter().map(lists).collect(),
            frames,
            chosen: windows.iter().map(|_| None).collect(),
        }
    }

    /// The pulses of each window.
    pub(super) fn choose(
        mut self,
        palette: &[Sequence],
    ) -> Result<Vec<Option<Train>>, CompileError> {
        let mut open: Vec<(usize, usize)> = Vec::new();
        for (index, window) in self.windows.iter().enumerate() {
            let own = &self.bare[window.qubit.index()];
            let stretch = own.partition_point(|stretch| stretch.end() <= window.start);
            let holds =
                |found: &Stretch| found.start() <= window.start && window.end() <= found.end();
            if window.is_open && own.get(stretch).is_some_and(holds) {
                self.inside[window.qubit.index()][stretch].push(index);
                open.push((index, stretch));
            }
        }
        open.sort_by_key(|&(index, _)| {
            let window = &self.windows[index];
            (std::cmp::Reverse(window.ticks), window.start, window.qubit)
        });
        for _ in 0..MAX_ROUNDS {
            let mut has_changed = false;
            for &(index, stretch) in &open {
                has_changed |= self.improve(index, stretch, palette)?;
            }
            if !has_changed {
                break;
            }
        }
        Ok(self.chosen)
    }

    /// Gives a window what costs least while all others stay as they are; says whether that is a change.
    fn improve(
        &mut self,
        index: usize,
        stretch: usize,
        palette: &[Sequence],
    ) -> Result<bool, CompileError> {
        let window = &self.windows[index];
        let qubit = window.qubit.index();
        let own = &self.frames.stretches[qubit][stretch];
        let slow = |segments: &[Segment]| self.frames.loss_of(qubit, own, segments, Pairs::All);
        let pulses = |train: Option<&Train>| {
            train.map_or(0.0, |train| self.trains.cost(train, window, self.wires))
        };
        let now = self.chosen[index].as_ref();
        let mut least = slow(&own.segments) + pulses(now);
        let mut best = None;
        // Emptying a window comes first; only a filled one can be emptied.
        let empty = now.is_some().then_some(None).into_iter().map(Ok);
        for train in empty.chain(self.candidates(window, palette)) {
            let train: Option<Train> = train?;
            let cost = pulses(train.as_ref());
            // The slow part cannot be negative.
            if cost >= least - LEAST_GAIN {
                continue;
            }
            let segments = self.segments(qubit, stretch, (index, train.as_ref()));
            let cost = cost + slow(&segments);
            if cost < least - LEAST_GAIN {
                least = cost;
                best = Some((train, segments));
            }
        }
        let Some((train, segments)) = best else {
            return Ok(false);
        };
        self.chosen[index] = train;
        self.frames.stretches[qubit][stretch].segments = segments;
        Ok(true)
    }

    /// What fits, the fewest pulses first within each number of repetitions.
    fn candidates(
        &self,
        window: &'a Window,
        palette: &[Sequence],
    ) -> impl Iterator<Item = Result<Option<Train>, CompileError>> {
        let repeated = CYCLES.iter().flat_map(move |&cycles| {
            palette
                .iter()
                .map(move |sequence| sequence.repeated(cycles))
        });
        repeated
            .filter(|steps| steps.len() <= MAX_PULSES)
            .map(move |steps| self.trains.fit(window, &steps, self.wires))
            .filter(|train| !matches!(train, Ok(None)))
    }

    /// A stretch with the pulses chosen so far, but these in one of its windows.
    fn segments(
        &self,
        qubit: usize,
        stretch: usize,
        (changed, train): (usize, Option<&Train>),
    ) -> Vec<Segment> {
        let mut out = Joined::default();
        let mut windows = self.inside[qubit][stretch].iter().peekable();
        for segment in &self.bare[qubit][stretch].segments {
            let mut rest = *segment;
            while let Some(&&index) = windows.peek()
                && segment.is_idle
                && self.windows[index].start < segment.end
            {
                windows.next();
                let window = &self.windows[index];
                out.push(Segment {
                    end: window.start,
                    ..rest
                });
                let train = match index == changed {
                    true => train,
                    false => self.chosen[index].as_ref(),
                };
                for part in signs(window, train) {
                    out.push(Segment {
                        sign: segment.sign * part.sign,
                        ..part
                    });
                }
                rest.start = window.end();
            }
            out.push(rest);
        }
        out.0
    }
}

/// Segments in a row, equal neighbours as one.
#[derive(Default)]
struct Joined(Vec<Segment>);

impl Joined {
    fn push(&mut self, segment: Segment) {
        if segment.end <= segment.start {
            return;
        }
        match self.0.last_mut() {
            Some(last) if last.is_idle == segment.is_idle && last.sign == segment.sign => {
                last.end = segment.end;
            }
            _ => self.0.push(segment),
        }
    }
}

#[cfg(test)]
mod tests;
