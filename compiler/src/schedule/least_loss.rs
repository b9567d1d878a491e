//! Idle time where it hurts least.
//!
//! Most instructions could start at several times. As late as possible keeps qubits in their ground state at the
//! beginning, but lets those that are done early wait in superposition for the measurement at the end. Here each
//! instruction may be anywhere between its earliest and latest start, and the sum of what the waits cost is made small:
//!
//! ```text
//! as late as possible            where it hurts least
//! q0: . . x c . . . . m m        q0: . . x c m m . . . .     measured at once: it waits no longer
//! q1: . . . c x c x c m m        q1: . . . c x c x c m m
//! ```
//!
//! What a wait of one qubit costs is a function of its length: nothing before the first gate and after a measurement;
//! else the decay by T1 and T2, and what slow detuning and the ZZ of its neighbours do, or, where pulses will stand,
//! what these cost and leave. The latter grows less than the length, so that two waits in a row become one long enough
//! for pulses.
//!
//! The search begins with the latest starts and moves one instruction at a time, together with what stands in its way,
//! earlier or later from one contact to the next, as long as the sum shrinks. Orders on qubits and classical bits are
//! kept, and so are alignments: everything moves by multiples of all of them.

mod cost;
mod order;

use ardea_circuit::{Circuit, Operation};
use ardea_device::Target;

use super::awake::Awake;
use super::clock::Clock;
use super::delays::insert_delays;
use super::estimate::estimate_as_written;
use super::slow_noise::SlowNoise;
use super::timeline::Timeline;
use crate::{CompileError, ScheduleMode};
use cost::WaitCosts;
pub(super) use cost::Waits;
use order::Order;

/// Instructions that may move together; more are left where they are.
const MAX_GROUP: usize = 64;
/// Contacts that a move may pass before it must have gained.
const MAX_CONTACTS: usize = 6;
/// Rounds over all instructions; most circuits settle in the second.
const MAX_ROUNDS: usize = 4;
/// A move must gain more than this, or rounding would move things to and fro.
const LEAST_GAIN: f64 = 1e-12;

/// Moves the instructions of `latest`, the timeline with the latest starts, to where waits cost least.
pub(super) fn settle(
    circuit: &Circuit,
    target: &Target,
    latest: &Timeline,
    noise: &SlowNoise,
    waits: Waits,
) -> Result<Timeline, CompileError> {
    let clock = Clock::new(target, ScheduleMode::Alap);
    let mut plan = Plan {
        starts: latest.starts().to_vec(),
        durations: latest.durations(),
        total: latest.total(),
        step: clock.common_alignment(),
        order: Order::of(circuit),
        rows: Rows::of(circuit, latest.durations()),
        costs: WaitCosts::new(circuit, &clock, noise, waits)?,
    };
    for _ in 0..MAX_ROUNDS {
        let mut has_changed = false;
        for index in 0..circuit.len() {
            has_changed |= plan.shift(index, Direction::Earlier);
        }
        for index in (0..circuit.len()).rev() {
            has_changed |= plan.shift(index, Direction::Later);
        }
        if !has_changed {
            break;
        }
    }
    plan.join_virtual_gates(circuit);
    Ok(latest.with_starts(plan.starts))
}

/// The better of `latest` and what [`settle`] makes of it, by [`estimate_with`](super::estimate_with).
pub(super) fn better(
    circuit: &Circuit,
    target: &Target,
    latest: Timeline,
) -> Result<Timeline, CompileError> {
    let noise = SlowNoise::default();
    let settled = settle(circuit, target, &latest, &noise, Waits::Empty)?;
    let success = |timeline: &Timeline| -> Result<f64, CompileError> {
        let padded = insert_delays(circuit, target, timeline, ScheduleMode::LeastLoss)?;
        Ok(estimate_as_written(&padded, target, &noise)?.log_success())
    };
    Ok(match success(&settled)? > success(&latest)? {
        true => settled,
        false => latest,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Earlier,
    Later,
}

struct Plan<'a> {
    starts: Vec<u64>,
    durations: &'a [u64],
    total: u64,
    /// Everything moves by multiples of this.
    step: u64,
    order: Order,
    rows: Rows,
    costs: WaitCosts,
}

impl Plan<'_> {
    /// Moves an instruction as far as it gains; says whether it did.
    fn shift(&mut self, index: usize, direction: Direction) -> bool {
        if self.durations[index] == 0 {
            return false;
        }
        let (mut sum, mut best, mut kept) = (0.0, -LEAST_GAIN, 0);
        let mut moves: Vec<(Vec<usize>, u64)> = Vec::new();
        while moves.len() < kept + MAX_CONTACTS {
            let Some((group, distance)) = self.group(index, direction) else {
                break;
            };
            let windows = self.windows_beside(&group);
            let before = self.cost(&windows);
            self.apply(&group, distance, direction);
            sum += self.cost(&windows) - before;
            moves.push((group, distance));
            if sum < best {
                (best, kept) = (sum, moves.len());
            }
        }
        let back = match direction {
            Direction::Earlier => Direction::Later,
            Direction::Later => Direction::Earlier,
        };
        for (group, distance) in moves.drain(kept..).rev() {
            self.apply(&group, distance, back);
        }
        kept > 0
    }

    fn apply(&mut self, group: &[usize], distance: u64, direction: Direction) {
        for &member in group {
            match direction {
                Direction::Earlier => self.starts[member] -= distance,
                Direction::Later => self.starts[member] += distance,
            }
        }
    }

    /// An instruction with all that it pushes, and how far they can go until they touch something else.
    fn group(&self, index: usize, direction: Direction) -> Option<(Vec<usize>, u64)> {
        let mut group = vec![index];
        let mut next = 0;
        let mut distance = u64::MAX;
        while let Some(&member) = group.get(next) {
            next += 1;
            let room = match direction {
                Direction::Earlier => self.starts[member],
                Direction::Later => self.total - self.starts[member] - self.durations[member],
            };
            if room < self.step {
                return None;
            }
            distance = distance.min(room);
            for &other in self.order.beside(member, direction) {
                if self.gap(member, other, direction) < self.step && !group.contains(&other) {
                    group.push(other);
                }
            }
            if group.len() > MAX_GROUP {
                return None;
            }
        }
        for &member in &group {
            for &other in self.order.beside(member, direction) {
                if !group.contains(&other) {
                    distance = distance.min(self.gap(member, other, direction));
                }
            }
        }
        Some((group, distance / self.step * self.step)).filter(|&(_, distance)| distance > 0)
    }

    /// Ticks between an instruction and one that it would be pushed against.
    fn gap(&self, member: usize, other: usize, direction: Direction) -> u64 {
        let (first, second) = match direction {
            Direction::Earlier => (other, member),
            Direction::Later => (member, other),
        };
        self.starts[second] - self.starts[first] - self.durations[first]
    }

    /// The waits that a group's move changes: the one before and the one after each member on each qubit.
    fn windows_beside(&self, group: &[usize]) -> Vec<(usize, usize)> {
        let mut windows: Vec<(usize, usize)> = group
            .iter()
            .flat_map(|&member| &self.rows.places[member])
            .flat_map(|&(qubit, place)| {
                place
                    .checked_sub(1)
                    .into_iter()
                    .chain([place])
                    .map(move |at| (qubit, at))
            })
            .collect();
        windows.sort_unstable();
        windows.dedup();
        windows
    }

    fn cost(&self, windows: &[(usize, usize)]) -> f64 {
        windows
            .iter()
            .map(|&(qubit, place)| {
                let row = &self.rows.of_qubit[qubit];
                let (index, is_awake) = row[place];
                if !is_awake {
                    return 0.0;
                }
                let end = row
                    .get(place + 1)
                    .map_or(self.total, |&(next, _)| self.starts[next]);
                self.costs
                    .of(qubit, end - self.starts[index] - self.durations[index])
            })
            .sum()
    }

    /// Instructions without duration go to what follows them, so that they cut no wait in two.
    fn join_virtual_gates(&mut self, circuit: &Circuit) {
        for index in (0..circuit.len()).rev() {
            if self.durations[index] == 0 {
                let following = self.order.beside(index, Direction::Later).iter();
                if let Some(start) = following.map(|&next| self.starts[next]).min() {
                    self.starts[index] = start;
                }
            }
        }
    }
}

/// The instructions of each qubit that take time.
struct Rows {
    /// Each with whether the qubit is awake behind it.
    of_qubit: Vec<Vec<(usize, bool)>>,
    /// For each instruction, its qubits and its places in their rows.
    places: Vec<Vec<(usize, usize)>>,
}

impl Rows {
    fn of(circuit: &Circuit, durations: &[u64]) -> Self {
        let mut rows = Rows {
            of_qubit: vec![Vec::new(); circuit.num_qubits()],
            places: vec![Vec::new(); circuit.len()],
        };
        let mut awake = Awake::none(circuit.num_qubits());
        for (index, instruction) in circuit.instructions().iter().enumerate() {
            let ticks = durations[index];
            awake.follow(instruction, ticks);
            if ticks == 0 || matches!(instruction.operation, Operation::Barrier) {
                continue;
            }
            for &qubit in instruction.qubits.iter() {
                let row = &mut rows.of_qubit[qubit.index()];
                rows.places[index].push((qubit.index(), row.len()));
                row.push((index, awake.is(qubit)));
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests;
