//! A sequence fitted into a window: start times on the device's clock, and what they make of the qubit's Z.

use ardea_circuit::Gate;

use super::super::clock::{Clock, Wires};
use super::super::estimate::{decay_rate, log_of_success};
use super::super::frames::Segment;
use super::pulses::Pulses;
use super::sequence::{Axis, Step};
use super::{WINDOW_PER_PULSES, Window};
use crate::CompileError;

/// The pulses of one window.
pub(super) struct Train {
    /// Start and axis of each.
    pub(super) pulses: Vec<(u64, Axis)>,
    /// Ticks of one pulse.
    pub(super) length: u64,
    /// Axis of one more at the window's end, which what follows takes up.
    pub(super) absorbed: Option<Axis>,
}

/// Makes trains for a target.
pub(super) struct Trains<'t> {
    pub(super) clock: Clock<'t>,
    pub(super) pulses: Pulses,
}

impl Trains<'_> {
    /// The pulses of a sequence in a window; `None` when it cannot hold them.
    pub(super) fn fit(
        &self,
        window: &Window,
        steps: &[Step],
        wires: &Wires,
    ) -> Result<Option<Train>, CompileError> {
        let qubit = wires.of(window.qubit);
        let target = self.clock.target;
        let Some(properties) = target
            .instruction(self.pulses.gate(), &[qubit])
            .filter(|found| !found.is_broken())
        else {
            return Ok(None);
        };
        let length = self.clock.ticks(properties.duration)?;
        let (steps, absorbed) = match steps.split_last() {
            Some((last, rest)) if last.at >= 1.0 && self.can_absorb(window) => {
                (rest, Some(last.axis))
            }
            _ => (steps, None),
        };
        let count = steps.len() as u64;
        let all = length.saturating_mul(WINDOW_PER_PULSES * count);
        if count == 0 || window.ticks < all.max(1) {
            return Ok(None);
        }
        let grid = self.clock.pulse_grid();
        let (mut pulses, mut free) = (Vec::with_capacity(steps.len()), window.start);
        for (step, left) in steps.iter().zip((1..=count).rev()) {
            // A little is added so that a fraction that is exact on paper is not rounded down.
            let middle = (window.ticks as f64 * step.at + 1e-6) as u64;
            let ideal = window.start + middle.saturating_sub(length / 2);
            let latest = (window.end() - left * length) / grid * grid;
            let start = ((ideal + grid / 2) / grid * grid)
                .min(latest)
                .max(free.next_multiple_of(grid));
            free = start + length;
            pulses.push((start, step.axis));
        }
        Ok((free <= window.end()).then_some(Train {
            pulses,
            length,
            absorbed,
        }))
    }

    fn can_absorb(&self, window: &Window) -> bool {
        self.pulses.gate() == Gate::X && window.exit.is_some()
    }

    /// Whether the pulses multiply to -1.
    pub(super) fn is_negative(&self, train: &Train) -> bool {
        self.pulses.are_negative(
            train
                .pulses
                .iter()
                .map(|&(_, axis)| axis)
                .chain(train.absorbed),
        )
    }

    /// What the pulses cost: their calibrated error beyond the decay in the same time without them.
    pub(super) fn cost(&self, train: &Train, window: &Window, wires: &Wires) -> f64 {
        let qubit = wires.of(window.qubit);
        let target = self.clock.target;
        let error = target
            .instruction(self.pulses.gate(), &[qubit])
            .map_or(0.0, |found| -log_of_success(found.error));
        let waiting = train.length as f64 * self.clock.tick * decay_rate(target, qubit);
        train.pulses.len() as f64 * (error - waiting).max(0.0)
    }
}

/// The sign of the qubit's Z during a window; it changes in the middle of each pulse.
pub(super) fn signs(window: &Window, train: Option<&Train>) -> Vec<Segment> {
    let mut segments = Vec::new();
    let (mut now, mut sign) = (window.start, 1.0);
    let mut until = |end: u64, sign: f64| {
        if end > now {
            segments.push(Segment {
                start: now,
                end,
                sign,
                is_idle: true,
            });
        }
        now = end;
    };
    if let Some(train) = train {
        for &(start, _) in &train.pulses {
            until(start + train.length / 2, sign);
            sign = -sign;
        }
    }
    until(window.end(), sign);
    segments
}
