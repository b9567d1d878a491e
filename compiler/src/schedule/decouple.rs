//! Dynamical decoupling: pulses in idle windows that turn slow dephasing against itself.
//!
//! A qubit that waits picks up phase from fields that hardly change meanwhile. Flip it halfway and the second half
//! takes back what the first one gave (Viola and Lloyd 1998, arXiv:quant-ph/9803057); alternating the axis also
//! cancels errors of the pulses (XY4: Maudsley 1986; Viola, Knill and Lloyd 1999, arXiv:quant-ph/9809071).
//!
//! A window is a run of delays on one qubit. It is filled where the qubit is awake (after a gate; not in its ground
//! state, not after a measurement), something other than a reset follows, and it is at least [`WINDOW_PER_PULSES`] times as long as its
//! pulses. The pulses of a sequence of n sit at (2k + 1)/2n of the window, each start rounded to the target's
//! alignment, and the rests stay delays, so nothing around the window moves:
//!
//! ```text
//! XX:   |--- T/4 ---X------- T/2 -------X--- T/4 ---|
//! XY4:  |- T/8 -X-- T/4 --Y-- T/4 --X-- T/4 --Y- T/8 -|
//! ```
//!
//! The pulses multiply to the identity, with the sign kept in the circuit's global phase.

use std::f64::consts::PI;

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};
use ardea_device::Target;

use super::awake::Awake;
use super::clock::{Clock, Wires};
use super::timeline::{Timeline, place};
use crate::{CompileError, ScheduleMode};

/// A window must last this many times as long as the pulses in it: in a shorter one the qubit spends more time in
/// pulses than at rest, and their errors outweigh what they undo.
pub const WINDOW_PER_PULSES: u64 = 2;

/// Which pulses fill a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sequence {
    /// X, X.
    XX,
    /// X, Y, X, Y.
    XY4,
}

/// What one pulse does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Axis {
    X,
    Y,
}

impl Sequence {
    fn axes(self) -> &'static [Axis] {
        match self {
            Sequence::XX => &[Axis::X; 2],
            Sequence::XY4 => &[Axis::X, Axis::Y, Axis::X, Axis::Y],
        }
    }
}

/// Fills the idle windows of a circuit whose idle time is explicit as delays; returns how many were filled.
///
/// Delays that were in the circuit before it was scheduled are windows like all others.
///
/// # Errors
/// When the circuit cannot be scheduled on the target, or the target has no gates to make the pulses of.
pub fn decouple(
    circuit: &mut Circuit,
    target: &Target,
    sequence: Sequence,
) -> Result<usize, CompileError> {
    let clock = Clock::new(target, ScheduleMode::Asap);
    let filler = Filler {
        clock,
        sequence,
        pulses: Pulses::of(target)?,
    };
    let awake = Awake::none(circuit.num_qubits());
    let (filled, windows) = filler.fill(circuit, &Wires::of_device(), awake, 0)?;
    *circuit = filled;
    Ok(windows)
}

/// How to make a flip about X and one about Y.
#[derive(Clone, Copy)]
enum Pulses {
    /// `x`, and `rz(pi) x`, which is -Y.
    XAndRz,
    /// One general gate: `(pi, 0, pi)` is X and `(pi, pi/2, pi/2)` is Y.
    General(Gate),
}

impl Pulses {
    fn of(target: &Target) -> Result<Self, CompileError> {
        let has = |gate: Gate| target.basis().contains(&gate);
        if has(Gate::X) && has(Gate::RZ) {
            return Ok(Pulses::XAndRz);
        }
        match [Gate::U, Gate::U3].into_iter().find(|&gate| has(gate)) {
            Some(gate) => Ok(Pulses::General(gate)),
            None => Err(CompileError::UnsupportedOperation {
                operation: "dynamical decoupling".to_owned(),
                reason: format!(
                    "its pulses need x and rz, or u, and target '{}' has neither; compile without it",
                    target.name()
                ),
            }),
        }
    }

    /// The gate that takes time.
    fn gate(self) -> Gate {
        match self {
            Pulses::XAndRz => Gate::X,
            Pulses::General(gate) => gate,
        }
    }

    /// The instructions of a pulse, the one that takes time last, and the sign by which they miss it.
    fn operations(self, axis: Axis) -> (Vec<Operation>, f64) {
        match (self, axis) {
            (Pulses::XAndRz, Axis::X) => (vec![Operation::Gate(Gate::X)], 1.0),
            (Pulses::XAndRz, Axis::Y) => (
                vec![Operation::Rotation(Gate::RZ, PI), Operation::Gate(Gate::X)],
                -1.0,
            ),
            (Pulses::General(gate), axis) => {
                let angles = if axis == Axis::X {
                    [PI, 0.0, PI]
                } else {
                    [PI, PI / 2.0, PI / 2.0]
                };
                let operation = Operation::with_values(gate, &angles).expect("three finite angles");
                (vec![operation], 1.0)
            }
        }
    }

    /// The phase of a whole sequence of these pulses, which is the identity but for it: 0 or pi.
    fn phase(self, sequence: Sequence) -> f64 {
        // X X = 1, and Y X Y X = (-iZ)^2 = -1.
        let ideal = if sequence == Sequence::XX { 1.0 } else { -1.0 };
        let sign = sequence
            .axes()
            .iter()
            .fold(ideal, |sign, &axis| sign * self.operations(axis).1);
        if sign < 0.0 { PI } else { 0.0 }
    }
}

struct Filler<'t> {
    clock: Clock<'t>,
    sequence: Sequence,
    pulses: Pulses,
}

/// A run of delays on one qubit that have not been written out yet.
#[derive(Clone, Default)]
struct Window {
    start: u64,
    ticks: u64,
    delays: Vec<Instruction>,
}

impl Filler<'_> {
    /// The circuit (or body) with its windows filled, and how many were.
    fn fill(
        &self,
        circuit: &Circuit,
        wires: &Wires,
        mut awake: Awake,
        depth: usize,
    ) -> Result<(Circuit, usize), CompileError> {
        let timeline: Timeline = place(circuit, wires, &self.clock, depth)?;
        let mut out = circuit.same_shape();
        out.add_global_phase(circuit.global_phase().clone());
        out.reserve(circuit.len());
        let mut windows = vec![Window::default(); circuit.num_qubits()];
        let (mut filled, mut filled_here) = (0, 0u64);
        let times = timeline.starts().iter().zip(timeline.durations());
        for (instruction, (&start, &ticks)) in circuit.instructions().iter().zip(times) {
            if matches!(instruction.operation, Operation::Delay(..)) {
                let window = &mut windows[instruction.qubits[0].index()];
                if window.delays.is_empty() {
                    window.start = start;
                }
                window.ticks += ticks;
                window.delays.push(instruction.clone());
                continue;
            }
            // What is about to be reset needs no protection.
            let is_forgotten = matches!(instruction.operation, Operation::Reset);
            for &qubit in circuit.fenced_qubits(instruction).iter() {
                let window = std::mem::take(&mut windows[qubit.index()]);
                let worth_it = awake.is(qubit) && !is_forgotten;
                filled_here += u64::from(self.write(window, qubit, wires, worth_it, &mut out)?);
            }
            if instruction.operation.is_control_flow() {
                let inner = wires.inside(&instruction.qubits);
                let operation = instruction.operation.try_map_bodies(|body| {
                    let (body, windows) =
                        self.fill(body, &inner, awake.inside(instruction), depth + 1)?;
                    filled += windows;
                    Ok::<_, CompileError>(body)
                })?;
                out.push_valid(Instruction {
                    operation,
                    qubits: instruction.qubits.clone(),
                });
            } else {
                out.push_valid(instruction.clone());
            }
            awake.follow(instruction, ticks);
        }
        for window in windows {
            window
                .delays
                .into_iter()
                .for_each(|delay| out.push_valid(delay));
        }
        if filled_here % 2 == 1 {
            out.add_global_phase(self.pulses.phase(self.sequence));
        }
        Ok((out, filled + filled_here as usize))
    }

    /// Writes a window out, with pulses where they help; true when it was filled.
    fn write(
        &self,
        window: Window,
        qubit: Qubit,
        wires: &Wires,
        worth_it: bool,
        out: &mut Circuit,
    ) -> Result<bool, CompileError> {
        let starts = if worth_it {
            self.pulse_starts(&window, wires.of(qubit))?
        } else {
            None
        };
        let Some((starts, length)) = starts else {
            window
                .delays
                .into_iter()
                .for_each(|delay| out.push_valid(delay));
            return Ok(false);
        };
        let mut push = |operation| {
            out.push_valid(Instruction {
                operation,
                qubits: [qubit].into(),
            })
        };
        let mut now = window.start;
        for (&axis, start) in self.sequence.axes().iter().zip(starts) {
            if start > now {
                push(self.clock.delay(start - now));
            }
            self.pulses
                .operations(axis)
                .0
                .into_iter()
                .for_each(&mut push);
            now = start + length;
        }
        let end = window.start + window.ticks;
        if end > now {
            push(self.clock.delay(end - now));
        }
        Ok(true)
    }

    /// Start of each pulse and the length of one; `None` when the window cannot hold them.
    fn pulse_starts(
        &self,
        window: &Window,
        qubit: Qubit,
    ) -> Result<Option<(Vec<u64>, u64)>, CompileError> {
        let Some(properties) = self
            .clock
            .target
            .instruction(self.pulses.gate(), &[qubit])
            .filter(|found| !found.is_broken())
        else {
            return Ok(None);
        };
        let length = self.clock.ticks(properties.duration)?;
        let count = self.sequence.axes().len() as u64;
        if window.ticks < (WINDOW_PER_PULSES * count * length).max(1) {
            return Ok(None);
        }
        let alignment = u64::from(self.clock.target.timing().pulse_alignment);
        let (mut starts, mut free) = (Vec::with_capacity(count as usize), window.start);
        for k in 0..count {
            // The middle of pulse k belongs at (2k + 1)/2n of the window; all in u128 to be safe from overflow.
            let middle = u128::from(window.ticks) * u128::from(2 * k + 1) / u128::from(2 * count);
            let ideal = window.start + (middle as u64).saturating_sub(length / 2);
            let start = ((ideal + alignment / 2) / alignment * alignment)
                .max(free.next_multiple_of(alignment));
            free = start + length;
            starts.push(start);
        }
        Ok((free <= window.start + window.ticks).then_some((starts, length)))
    }
}

#[cfg(test)]
mod tests;
