//! A sequence fitted into a window: start times on the device's clock, and what they make of the qubit's Z.

use ardea_circuit::{Gate, Qubit};

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
    pub(super) lengths: Lengths,
    /// Axis of one more at the window's end, which what follows takes up.
    pub(super) absorbed: Option<Axis>,
}

/// How long the parts of a pulse take on one qubit.
#[derive(Clone, Copy)]
pub(super) struct Lengths {
    /// Ticks of the flip.
    pub(super) flip: u64,
    /// Ticks of each turn beside it: none on most devices.
    pub(super) turn: u64,
    /// What takes time starts at a multiple of this.
    pub(super) grid: u64,
}

impl Lengths {
    /// Ticks from the start of a pulse to that of its flip.
    fn before_flip(&self, axis: Axis) -> u64 {
        match axis {
            Axis::X => 0,
            Axis::MinusX | Axis::Y => self.turn.next_multiple_of(self.grid),
        }
    }

    /// Ticks of a whole pulse.
    pub(super) fn of(&self, axis: Axis) -> u64 {
        let flipped = self.before_flip(axis) + self.flip;
        match axis {
            Axis::MinusX if self.turn > 0 => flipped.next_multiple_of(self.grid) + self.turn,
            _ => flipped,
        }
    }

    /// Ticks from the start of a pulse to where Z changes its sign.
    fn middle(&self, axis: Axis) -> u64 {
        self.before_flip(axis) + self.flip / 2
    }
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
        let grid = self.clock.pulse_grid();
        let lengths = Lengths {
            flip: self.clock.ticks(properties.duration)?,
            turn: self.turn_ticks(qubit)?,
            grid,
        };
        let (steps, absorbed) = match steps.split_last() {
            Some((last, rest)) if last.at >= 1.0 && self.can_absorb(window, lengths) => {
                (rest, Some(last.axis))
            }
            _ => (steps, None),
        };
        // Ticks of the pulses that are still to come.
        let mut left = steps
            .iter()
            .fold(0u64, |sum, step| sum.saturating_add(lengths.of(step.axis)));
        let all = left.saturating_mul(WINDOW_PER_PULSES);
        if steps.is_empty() || window.ticks < all.max(1) {
            return Ok(None);
        }
        let (mut pulses, mut free) = (Vec::with_capacity(steps.len()), window.start);
        for step in steps {
            // A little is added so that a fraction that is exact on paper is not rounded down.
            let middle = (window.ticks as f64 * step.at + 1e-6) as u64;
            let ideal = window.start + middle.saturating_sub(lengths.middle(step.axis));
            let latest = (window.end() - left) / grid * grid;
            let start = ((ideal + grid / 2) / grid * grid)
                .min(latest)
                .max(free.next_multiple_of(grid));
            free = start + lengths.of(step.axis);
            left -= lengths.of(step.axis);
            pulses.push((start, step.axis));
        }
        Ok((free <= window.end()).then_some(Train {
            pulses,
            lengths,
            absorbed,
        }))
    }

    /// Ticks of a turn about Z beside a flip.
    fn turn_ticks(&self, qubit: Qubit) -> Result<u64, CompileError> {
        match self.clock.target.instruction(Gate::RZ, &[qubit]) {
            Some(found) if self.pulses.gate() == Gate::X => self.clock.ticks(found.duration),
            _ => Ok(0),
        }
    }

    /// A flip that is taken up adds a turn behind the window, which moves nothing where turns take no time.
    fn can_absorb(&self, window: &Window, lengths: Lengths) -> bool {
        self.pulses.gate() == Gate::X && window.exit.is_some() && lengths.turn == 0
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
        let error = |gate: Gate| {
            let found = target.instruction(gate, &[qubit]);
            found.map_or(0.0, |found| -log_of_success(found.error))
        };
        let (flip, turn) = (error(self.pulses.gate()), error(Gate::RZ));
        let decay = self.clock.tick * decay_rate(target, qubit);
        let of_axis = |axis: Axis| {
            let turns = self.pulses.turns(axis) as f64;
            let waiting = train.lengths.of(axis) as f64 * decay;
            (flip + turns * turn - waiting).max(0.0)
        };
        train.pulses.iter().map(|&(_, axis)| of_axis(axis)).sum()
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
        for &(start, axis) in &train.pulses {
            until(start + train.lengths.middle(axis), sign);
            sign = -sign;
        }
    }
    until(window.end(), sign);
    segments
}
