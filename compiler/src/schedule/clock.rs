//! How long each instruction takes, in ticks of the device's clock.

use ardea_circuit::{Gate, Instruction, Operation, Qubit, TimeUnit};
use ardea_device::{InstructionProperties, Target};

use crate::{CompileError, ScheduleMode};

/// The clock of devices that give none: a nanosecond.
const DEFAULT_TICK: f64 = 1e-9;
/// Times beyond this (a year at 4 ns) are refused: up to here a tick count is exact as an `f64`.
pub(super) const MAX_TICKS: u64 = 1 << 53;
/// Bodies within bodies are timed by recursion; more than this is refused.
const MAX_NESTING: usize = 64;

/// A target's durations and alignments in ticks.
#[derive(Clone, Copy)]
pub(super) struct Clock<'t> {
    pub(super) target: &'t Target,
    /// Seconds of one tick.
    pub(super) tick: f64,
    mode: ScheduleMode,
}

impl<'t> Clock<'t> {
    pub(super) fn new(target: &'t Target, mode: ScheduleMode) -> Self {
        Clock {
            target,
            tick: target.timing().dt.unwrap_or(DEFAULT_TICK),
            mode,
        }
    }

    pub(super) fn mode(&self) -> ScheduleMode {
        self.mode
    }

    /// Ticks that hold `seconds`. A calibrated duration is a whole number of ticks but for rounding.
    pub(super) fn ticks(&self, seconds: f64) -> Result<u64, CompileError> {
        whole_ticks(seconds / self.tick)
    }

    /// A delay of this many ticks, in `dt` where the device has one and in seconds where not.
    pub(super) fn delay(&self, ticks: u64) -> Operation {
        match self.target.timing().dt {
            Some(_) => Operation::Delay(TimeUnit::Dt, ticks as f64),
            None => Operation::Delay(TimeUnit::Seconds, ticks as f64 * self.tick),
        }
    }

    /// The ticks of a delay, rounded up.
    pub(super) fn delay_ticks(&self, unit: TimeUnit, duration: f64) -> Result<u64, CompileError> {
        match unit {
            TimeUnit::Dt => whole_ticks(duration),
            TimeUnit::Seconds => self.ticks(duration),
        }
    }

    /// What an instruction's start must be a multiple of; 1 for what takes no time.
    pub(super) fn alignment(&self, operation: &Operation, ticks: u64) -> u64 {
        let timing = self.target.timing();
        match operation {
            _ if ticks == 0 => 1,
            Operation::Measure(_) => u64::from(timing.acquire_alignment),
            Operation::Delay(..) => 1,
            _ if operation.is_control_flow() => self.common_alignment(),
            _ => u64::from(timing.pulse_alignment),
        }
    }

    /// A multiple of every alignment.
    pub(super) fn common_alignment(&self) -> u64 {
        let timing = self.target.timing();
        let (a, b) = (
            u64::from(timing.pulse_alignment),
            u64::from(timing.acquire_alignment),
        );
        a / gcd(a, b) * b
    }

    /// What the start of a decoupling pulse must be a multiple of, so that the delays beside it are made of whole samples.
    pub(super) fn pulse_grid(&self) -> u64 {
        let timing = self.target.timing();
        let (a, b) = (
            u64::from(timing.pulse_alignment).max(1),
            u64::from(timing.granularity).max(1),
        );
        a / gcd(a, b) * b
    }

    /// The ticks of an instruction on the device's qubits `wires[q]`.
    pub(super) fn duration(
        &self,
        instruction: &Instruction,
        wires: &Wires,
        depth: usize,
    ) -> Result<u64, CompileError> {
        let qubits = &instruction.qubits;
        match &instruction.operation {
            Operation::Barrier | Operation::Break | Operation::Continue => Ok(0),
            Operation::Delay(unit, duration) => self.delay_ticks(*unit, *duration),
            Operation::Measure(_) => self.ticks(self.target.measure(wires.of(qubits[0])).duration),
            Operation::Reset => match self.target.reset(wires.of(qubits[0])) {
                Some(reset) => self.ticks(reset.duration),
                None => Err(CompileError::UnsupportedOperation {
                    operation: "reset".to_owned(),
                    reason: format!(
                        "target '{}' cannot reset qubit {}; measure it and flip it under a condition instead",
                        self.target.name(),
                        wires.of(qubits[0]).index(),
                    ),
                }),
            },
            operation if operation.is_control_flow() => self.body_ticks(instruction, wires, depth),
            operation => match operation.as_gate() {
                Some(gate) => self.gate_ticks(gate, instruction, wires),
                None => Err(self.unsupported(instruction, wires)),
            },
        }
    }

    fn gate_ticks(
        &self,
        gate: Gate,
        instruction: &Instruction,
        wires: &Wires,
    ) -> Result<u64, CompileError> {
        if gate.num_qubits() == 0 {
            return Ok(0);
        }
        match wires.find(self.target, gate, &instruction.qubits) {
            Some(properties) => self.ticks(properties.duration),
            None => Err(self.unsupported(instruction, wires)),
        }
    }

    /// The longest body, as often as a `for` loop runs it. How often a `while` loop runs is not known before it
    /// does; one round is counted.
    fn body_ticks(
        &self,
        instruction: &Instruction,
        wires: &Wires,
        depth: usize,
    ) -> Result<u64, CompileError> {
        let inner = wires.inside(&instruction.qubits);
        let mut longest = 0;
        for body in instruction.operation.bodies() {
            longest = longest.max(super::timeline::place(body, &inner, self, depth + 1)?.total());
        }
        let rounds = match &instruction.operation {
            Operation::For(op) => op.values.count(),
            _ => 1,
        };
        match u128::from(longest).checked_mul(rounds) {
            Some(ticks) if ticks <= u128::from(MAX_TICKS) => Ok(ticks as u64),
            _ => Err(too_long(&instruction.operation.name())),
        }
    }

    fn unsupported(&self, instruction: &Instruction, wires: &Wires) -> CompileError {
        let places: Vec<String> = instruction
            .qubits
            .iter()
            .map(|&q| wires.of(q).index().to_string())
            .collect();
        CompileError::UnsupportedOperation {
            operation: instruction.operation.name(),
            reason: format!(
                "target '{}' gives no duration for it on qubits {}; map and translate the circuit to the target first",
                self.target.name(),
                places.join(", "),
            ),
        }
    }
}

/// How the qubits of a circuit, or of a body inside one, are called on the device.
pub(super) struct Wires(Option<Vec<Qubit>>);

impl Wires {
    /// The circuit's qubits are the device's.
    pub(super) fn of_device() -> Self {
        Wires(None)
    }

    /// The names of a body's qubits, when the instruction that holds the body acts on `qubits`.
    pub(super) fn inside(&self, qubits: &[Qubit]) -> Self {
        Wires(Some(qubits.iter().map(|&q| self.of(q)).collect()))
    }

    /// The device's name of a qubit.
    #[inline]
    pub(super) fn of(&self, qubit: Qubit) -> Qubit {
        self.0.as_ref().map_or(qubit, |names| names[qubit.index()])
    }

    /// What the device says of a gate on these qubits.
    #[inline]
    pub(super) fn find<'t>(
        &self,
        target: &'t Target,
        gate: Gate,
        qubits: &[Qubit],
    ) -> Option<&'t InstructionProperties> {
        match *qubits {
            [a] => target.instruction(gate, &[self.of(a)]),
            [a, b] => target.instruction(gate, &[self.of(a), self.of(b)]),
            _ => None,
        }
    }
}

/// The whole number of ticks that holds `ticks`, with a little grace for rounding in the calibration's units.
fn whole_ticks(ticks: f64) -> Result<u64, CompileError> {
    let whole = (ticks - 1e-6).ceil().max(0.0);
    if whole <= MAX_TICKS as f64 {
        Ok(whole as u64)
    } else {
        Err(too_long("delay"))
    }
}

/// The error for a circuit that outlasts the clock.
pub(super) fn too_long(operation: &str) -> CompileError {
    CompileError::UnsupportedOperation {
        operation: operation.to_owned(),
        reason: format!(
            "it would end after more than {MAX_TICKS} ticks of the device's clock; shorten the delays"
        ),
    }
}

/// Refuses bodies nested deeper than the recursion here should go.
pub(super) fn check_depth(depth: usize) -> Result<(), CompileError> {
    if depth <= MAX_NESTING {
        return Ok(());
    }
    Err(CompileError::Limit {
        what: "the depth of nested control flow",
        value: depth,
        limit: MAX_NESTING,
    })
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
