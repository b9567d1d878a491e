//! Start times: as soon as possible, as late as possible, or from there where waits cost least ([`least_loss`]).
//!
//! One walk over the instructions. Each starts when its qubits are free and the classical bits it reads are written,
//! at the next multiple of its alignment; walking backwards from the end gives the latest start times by the same
//! rule. Barriers take no time and hold their qubits together. Control flow takes as long as its longest body, and
//! nothing on its qubits moves across it; nothing at all moves across what may leave a loop. Linear in the number of instructions.
//!
//! ```text
//! as soon as possible            as late as possible
//! q0: x . . m m m                q0: . . x m m m
//! q1: x x x m m m                q1: x x x m m m
//! ```

use ardea_circuit::{Circuit, Instruction, Operation};
use ardea_device::Target;

use super::clock::{Clock, MAX_TICKS, Wires, check_depth, too_long};
use super::least_loss;
use crate::{CompileError, ScheduleMode};

/// When each instruction of a circuit starts and how long it takes, in ticks.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    starts: Vec<u64>,
    durations: Vec<u64>,
    total: u64,
    tick: f64,
}

impl Timeline {
    /// Start of each instruction in ticks, in the circuit's order.
    pub fn starts(&self) -> &[u64] {
        &self.starts
    }

    /// Duration of each instruction in ticks, in the circuit's order.
    pub fn durations(&self) -> &[u64] {
        &self.durations
    }

    /// Ticks from the beginning to the end of the last instruction.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The same instructions at other times.
    pub(super) fn with_starts(&self, starts: Vec<u64>) -> Self {
        Timeline {
            starts,
            ..self.clone()
        }
    }

    /// Seconds of one tick.
    pub fn tick_s(&self) -> f64 {
        self.tick
    }

    /// Start of instruction `index` in seconds.
    ///
    /// # Panics
    /// When there is no such instruction.
    pub fn start_s(&self, index: usize) -> f64 {
        self.starts[index] as f64 * self.tick
    }

    /// Seconds from the beginning to the end of the last instruction.
    pub fn total_duration_s(&self) -> f64 {
        self.total as f64 * self.tick
    }
}

/// Gives every instruction of a circuit on the target's own qubits and gates a start time.
///
/// # Errors
/// When the target does not say how long an instruction takes, when the circuit has more qubits than the target, or
/// when delays or loops add up to more time than can be counted.
pub fn schedule(
    circuit: &Circuit,
    target: &Target,
    mode: ScheduleMode,
) -> Result<Timeline, CompileError> {
    if circuit.num_qubits() > target.num_qubits() {
        return Err(CompileError::TooManyQubits {
            needed: circuit.num_qubits(),
            available: target.num_qubits(),
            target: target.name().to_owned(),
        });
    }
    let timeline = place(circuit, &Wires::of_device(), &Clock::new(target, mode), 0)?;
    match mode {
        ScheduleMode::LeastLoss => least_loss::better(circuit, target, timeline),
        ScheduleMode::Asap | ScheduleMode::Alap => Ok(timeline),
    }
}

/// The timeline of a circuit or, with `wires`, of a body inside one.
pub(super) fn place(
    circuit: &Circuit,
    wires: &Wires,
    clock: &Clock<'_>,
    depth: usize,
) -> Result<Timeline, CompileError> {
    check_depth(depth)?;
    let instructions = circuit.instructions();
    let durations = instructions
        .iter()
        .map(|instruction| clock.duration(instruction, wires, depth))
        .collect::<Result<Vec<_>, _>>()?;
    let mut starts = vec![0; instructions.len()];
    let mut walk = Walk::new(circuit, clock);
    let mut total = 0;
    match clock.mode() {
        ScheduleMode::Asap => {
            for (index, instruction) in instructions.iter().enumerate() {
                let (start, end) = walk.forward(instruction, durations[index])?;
                starts[index] = start;
                total = total.max(end);
            }
        }
        // What is inside a body begins and ends with it; there is nothing to gain.
        ScheduleMode::Alap | ScheduleMode::LeastLoss => {
            for (index, instruction) in instructions.iter().enumerate().rev() {
                starts[index] = walk.backward(instruction, durations[index])?;
                total = total.max(starts[index]);
            }
            // So far a start is a distance from the end; the end goes where it keeps all aligned.
            total = total.next_multiple_of(clock.common_alignment());
            starts.iter_mut().for_each(|start| *start = total - *start);
        }
    }
    Ok(Timeline {
        starts,
        durations,
        total,
        tick: clock.tick,
    })
}

/// Until when each qubit and classical bit is taken, in the direction of the walk.
struct Walk<'c> {
    circuit: &'c Circuit,
    clock: &'c Clock<'c>,
    qubits: Vec<u64>,
    /// The last write of each classical bit, and the last use of any kind.
    written: Vec<u64>,
    used: Vec<u64>,
}

impl<'c> Walk<'c> {
    fn new(circuit: &'c Circuit, clock: &'c Clock<'c>) -> Self {
        Walk {
            circuit,
            clock,
            qubits: vec![0; circuit.num_qubits()],
            written: vec![0; circuit.num_clbits()],
            used: vec![0; circuit.num_clbits()],
        }
    }

    /// Start and end of the next instruction.
    fn forward(
        &mut self,
        instruction: &Instruction,
        ticks: u64,
    ) -> Result<(u64, u64), CompileError> {
        let alignment = self.clock.alignment(&instruction.operation, ticks);
        let start = self.free(instruction).next_multiple_of(alignment);
        let end = start + ticks;
        self.take(instruction, end)?;
        Ok((start, end))
    }

    /// How long before the end the instruction starts.
    fn backward(&mut self, instruction: &Instruction, ticks: u64) -> Result<u64, CompileError> {
        let alignment = self.clock.alignment(&instruction.operation, ticks);
        let start = (self.free(instruction) + ticks).next_multiple_of(alignment);
        self.take(instruction, start)?;
        Ok(start)
    }

    /// The first time at which all that the instruction needs is free.
    fn free(&self, instruction: &Instruction) -> u64 {
        let qubits = self
            .circuit
            .fenced_qubits(instruction)
            .iter()
            .map(|q| self.qubits[q.index()])
            .max()
            .unwrap_or(0);
        match &instruction.operation {
            // A bit is written after every earlier use of it, and read after it was last written.
            Operation::Measure(bit) => qubits.max(self.used[bit.index()]),
            operation if operation.is_control_flow() => {
                let read = operation
                    .clbits_read()
                    .into_iter()
                    .map(|bit| self.written[bit.index()]);
                let written = operation
                    .clbits_written()
                    .into_iter()
                    .map(|bit| self.used[bit.index()]);
                read.chain(written).fold(qubits, u64::max)
            }
            _ => qubits,
        }
    }

    fn take(&mut self, instruction: &Instruction, until: u64) -> Result<(), CompileError> {
        if until > MAX_TICKS {
            return Err(too_long(&instruction.operation.name()));
        }
        for qubit in self.circuit.fenced_qubits(instruction).iter() {
            self.qubits[qubit.index()] = until;
        }
        let mut write = |bit: usize| {
            self.written[bit] = until;
            self.used[bit] = until;
        };
        match &instruction.operation {
            Operation::Measure(bit) => write(bit.index()),
            operation if operation.is_control_flow() => {
                operation
                    .clbits_written()
                    .into_iter()
                    .for_each(|bit| write(bit.index()));
                for bit in operation.clbits_read() {
                    let used = &mut self.used[bit.index()];
                    *used = until.max(*used);
                }
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
