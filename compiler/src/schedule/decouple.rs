//! Dynamical decoupling: pulses in idle windows that turn slow dephasing against itself.
//!
//! A qubit that waits picks up phase from fields that hardly change meanwhile. Flip it halfway and the second half
//! takes back what the first one gave (Viola and Lloyd 1998, arXiv:quant-ph/9803057); alternating the axis also
//! cancels errors of the pulses. Neighbours that wait together also turn each other, and flips at the same times leave
//! that as it is; see [`stagger()`].
//!
//! A window is a run of delays on one qubit. It may be filled where the qubit is awake (after a gate; not in its ground
//! state, not after a measurement), something other than a reset follows, and it is at least [`WINDOW_PER_PULSES`]
//! times as long as its pulses. Each pulse starts at a multiple of the target's alignment and granularity, and the
//! rests stay delays, so nothing around the window moves:
//!
//! ```text
//! XX:   |--- T/4 ---X------- T/2 -------X--- T/4 ---|
//! XY4:  |- T/8 -X-- T/4 --Y-- T/4 --X-- T/4 --Y- T/8 -|
//! ```
//!
//! The pulses multiply to the identity, with the sign kept in the circuit's global phase.

mod exit;
mod pulses;
mod sequence;
mod stagger;
mod train;

use std::f64::consts::PI;

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};
use ardea_device::Target;
use rustc_hash::FxHashMap;

use super::awake::Awake;
use super::clock::{Clock, Wires};
use super::slow_loss::Frames;
use super::slow_noise::SlowNoise;
use super::timeline::{Timeline, place};
use crate::{CompileError, ScheduleMode};
use exit::Exit;
use pulses::Pulses;
pub use sequence::Sequence;
pub use stagger::{CPMG, STAGGERED, UDD, WALSH};
use train::{Train, Trains};

/// A window must last this many times as long as the pulses in it: in a shorter one the qubit spends more time in
/// pulses than at rest, and their errors outweigh what they undo.
pub const WINDOW_PER_PULSES: u64 = 2;

/// Fills every idle window that is long enough with one sequence; returns how many were filled.
///
/// The idle time must be explicit as delays. Delays that were in the circuit before it was scheduled are windows like
/// all others.
///
/// # Errors
/// When the circuit cannot be scheduled on the target, or the target has no gates to make the pulses of.
pub fn decouple(
    circuit: &mut Circuit,
    target: &Target,
    sequence: Sequence,
) -> Result<usize, CompileError> {
    fill_all(circuit, target, Choice::Always(sequence))
}

/// Fills each idle window with the sequence of `palette`, repeated once or more often, that costs least, so that
/// neighbours that wait together flip at different times; returns how many windows were filled.
///
/// The cost of a choice is what [`SlowNoise`] says is left of detuning and of ZZ with every neighbour, whether it waits
/// or runs a gate, plus the calibrated error of the pulses. Leaving the window empty is among the choices, so windows
/// stay empty where pulses cost more than they save. The windows are the vertices of a graph whose edges are overlaps
/// in time of coupled qubits, weighted with the rate of their ZZ; sequences are its colours, and colouring is greedy,
/// longest window first, in rounds that end when nothing improves. With [`STAGGERED`], whose sequences are orthogonal
/// Walsh functions, this is context-aware decoupling (Seif et al. 2024, arXiv:2403.06852) with `cz` and with overlaps
/// of any shape.
///
/// # Errors
/// As [`decouple()`].
pub fn stagger(
    circuit: &mut Circuit,
    target: &Target,
    palette: &[Sequence],
    noise: &SlowNoise,
) -> Result<usize, CompileError> {
    fill_all(circuit, target, Choice::Best { palette, noise })
}

/// How the pulses of a window are chosen.
#[derive(Clone, Copy)]
enum Choice<'a> {
    Always(Sequence),
    Best {
        palette: &'a [Sequence],
        noise: &'a SlowNoise,
    },
}

fn fill_all(
    circuit: &mut Circuit,
    target: &Target,
    choice: Choice<'_>,
) -> Result<usize, CompileError> {
    let filler = Filler {
        trains: Trains {
            clock: Clock::new(target, ScheduleMode::Asap),
            pulses: Pulses::of(target)?,
        },
        choice,
    };
    let awake = Awake::none(circuit.num_qubits());
    let (filled, windows) = filler.fill(circuit, &Wires::of_device(), awake, 0)?;
    *circuit = filled;
    Ok(windows)
}

/// The gate that a target's pulses are made with.
pub(super) fn pulse_gate(target: &Target) -> Result<Gate, CompileError> {
    Ok(Pulses::of(target)?.gate())
}

struct Filler<'a> {
    trains: Trains<'a>,
    choice: Choice<'a>,
}

/// A run of delays on one qubit.
#[derive(Clone)]
struct Window {
    qubit: Qubit,
    start: u64,
    ticks: u64,
    /// Whether pulses could do good here.
    is_open: bool,
    /// What behind it can take up a flip at its end.
    exit: Option<Exit>,
}

impl Window {
    fn end(&self) -> u64 {
        self.start + self.ticks
    }
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
        let timeline: Timeline = place(circuit, wires, &self.trains.clock, depth)?;
        let windows = windows(circuit, &timeline, awake.clone());
        let trains = match self.choice {
            Choice::Always(sequence) => windows
                .iter()
                .map(|window| match window.is_open {
                    true => self.trains.fit(window, &sequence.steps(), wires),
                    false => Ok(None),
                })
                .collect::<Result<Vec<_>, _>>()?,
            Choice::Best { palette, noise } => {
                let clock = &self.trains.clock;
                let frames = Frames::new(circuit, wires, &timeline, awake.clone(), clock, noise);
                let scene = stagger::Scene::new(frames, wires, &windows, &self.trains);
                scene.choose(palette)?
            }
        };
        let mut filled = trains.iter().flatten().count();
        let negative = trains.iter().flatten();
        let negative = negative.filter(|train| self.trains.is_negative(train));
        let mut out = circuit.same_shape();
        out.add_global_phase(circuit.global_phase().clone());
        if negative.count() % 2 == 1 {
            out.add_global_phase(PI);
        }
        out.reserve(circuit.len());
        let mut chosen = windows.iter().zip(&trains);
        let mut rewritten: FxHashMap<usize, Vec<Operation>> = FxHashMap::default();
        let mut waiting: Vec<Vec<&Instruction>> = vec![Vec::new(); circuit.num_qubits()];
        let durations = timeline.durations().iter();
        for (index, (instruction, &ticks)) in
            circuit.instructions().iter().zip(durations).enumerate()
        {
            if matches!(instruction.operation, Operation::Delay(..)) {
                waiting[instruction.qubits[0].index()].push(instruction);
                continue;
            }
            for &qubit in circuit.fenced_qubits(instruction).iter() {
                let delays = std::mem::take(&mut waiting[qubit.index()]);
                if delays.is_empty() {
                    continue;
                }
                match chosen.next() {
                    Some((window, Some(train))) => {
                        self.write(window, train, &mut out);
                        self.close(circuit, window, train, &mut out, &mut rewritten)?;
                    }
                    _ => delays
                        .into_iter()
                        .for_each(|delay| out.push_valid(delay.clone())),
                }
            }
            if let Some(operations) = rewritten.remove(&index) {
                for operation in operations {
                    out.push_valid(Instruction {
                        operation,
                        qubits: instruction.qubits.clone(),
                    });
                }
            } else if instruction.operation.is_control_flow() {
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
        for delay in waiting.into_iter().flatten() {
            out.push_valid(delay.clone());
        }
        Ok((out, filled))
    }

    /// Writes a window out with its pulses.
    fn write(&self, window: &Window, train: &Train, out: &mut Circuit) {
        let mut push = |operation| {
            out.push_valid(Instruction {
                operation,
                qubits: [window.qubit].into(),
            })
        };
        let clock = &self.trains.clock;
        let mut now = window.start;
        let lengths = train.lengths;
        for &(start, axis) in &train.pulses {
            if start > now {
                push(clock.delay(start - now));
                now = start;
            }
            for operation in self.trains.pulses.operations(axis) {
                let ticks = match operation.as_gate() {
                    Some(Gate::RZ) => lengths.turn,
                    _ => lengths.flip,
                };
                // Only beside turns that take time is there anything to wait for.
                let begin = match ticks {
                    0 => now,
                    _ => now.next_multiple_of(lengths.grid),
                };
                if begin > now {
                    push(clock.delay(begin - now));
                }
                push(operation);
                now = begin + ticks;
            }
        }
        if window.end() > now {
            push(clock.delay(window.end() - now));
        }
    }

    /// Lets the gates behind a window take up its last pulse, where they are to.
    fn close(
        &self,
        circuit: &Circuit,
        window: &Window,
        train: &Train,
        out: &mut Circuit,
        rewritten: &mut FxHashMap<usize, Vec<Operation>>,
    ) -> Result<(), CompileError> {
        let (Some(exit), Some(axis)) = (&window.exit, train.absorbed) else {
            return Ok(());
        };
        let pulse = self.trains.pulses.operations(axis);
        let Some(new) = exit.absorb(circuit, &pulse) else {
            return Err(CompileError::Internal {
                place: "decoupling",
                detail: "a gate did not take up the pulse that was meant for it".to_owned(),
            });
        };
        out.add_global_phase(new.phase);
        rewritten.extend(exit.turns.iter().map(|&turn| (turn, Vec::new())));
        rewritten.insert(exit.gate, new.operations.into());
        Ok(())
    }
}

/// The instructions on each qubit but for barriers elsewhere, by their positions.
fn rows(circuit: &Circuit) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); circuit.num_qubits()];
    for (index, instruction) in circuit.instructions().iter().enumerate() {
        for qubit in circuit.fenced_qubits(instruction).iter() {
            rows[qubit.index()].push(index);
        }
    }
    rows
}

/// Every run of delays that something follows, in the order in which they end in the circuit's list.
fn windows(circuit: &Circuit, timeline: &Timeline, mut awake: Awake) -> Vec<Window> {
    let mut found = Vec::new();
    let rows = rows(circuit);
    let mut running: Vec<Option<Window>> = vec![None; circuit.num_qubits()];
    let times = timeline.starts().iter().zip(timeline.durations());
    for (index, (instruction, (&start, &ticks))) in
        circuit.instructions().iter().zip(times).enumerate()
    {
        if matches!(instruction.operation, Operation::Delay(..)) {
            let qubit = instruction.qubits[0];
            let window = running[qubit.index()].get_or_insert(Window {
                qubit,
                start,
                ticks: 0,
                is_open: false,
                exit: None,
            });
            window.ticks += ticks;
            continue;
        }
        // What is about to be reset needs no protection.
        let is_forgotten = matches!(instruction.operation, Operation::Reset);
        for &qubit in circuit.fenced_qubits(instruction).iter() {
            if let Some(window) = running[qubit.index()].take() {
                let row = &rows[qubit.index()];
                let following = row.partition_point(|&other| other < index);
                found.push(Window {
                    is_open: awake.is(qubit) && !is_forgotten,
                    exit: Exit::of(circuit, &row[following..]),
                    ..window
                });
            }
        }
        awake.follow(instruction, ticks);
    }
    found
}

#[cfg(test)]
mod tests;
