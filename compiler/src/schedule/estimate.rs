//! The chance that all goes well, by the device's own figures.
//!
//! Factors, all as logarithms because large circuits underflow:
//!
//! - gates: the sum of log(1 - error) over every gate, measurement and reset with a calibrated error;
//! - idling: an awake qubit that waits for t loses average fidelity at the rate 1/(6 T1) + 1/(3 T2), the slope at
//!   t = 0 of the average fidelity 1/2 + exp(-t/T1)/6 + exp(-t/T2)/3 of relaxation and dephasing. Being additive in
//!   t, the sum does not depend on how a wait is cut into delays.
//!
//! - with [`estimate_with()`], slow noise: what [`SlowNoise`] says is lost to drifting frequencies and to the ZZ of
//!   neighbours, given how every qubit's Z changes its sign. This is the factor that decoupling makes better, and the
//!   first the one it makes worse.
//!
//! Errors count as independent and none undoes another, so this ranks circuits; it does not predict a device.

use ardea_circuit::{Circuit, Instruction, Operation, Qubit};
use ardea_device::{InstructionProperties, Target};

use super::awake::Awake;
use super::clock::{Clock, Wires};
use super::slow_loss::Frames;
use super::slow_noise::SlowNoise;
use super::timeline::place;
use crate::{CompileError, ScheduleMode};

/// The chance that a circuit runs without an error, and how long it takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Natural logarithm of the chance that no gate, measurement or reset fails.
    pub log_success_gates: f64,
    /// Natural logarithm of the chance that no qubit decays while it waits.
    pub log_success_idle: f64,
    /// Natural logarithm of the fidelity that slow noise leaves; 0 where it was not asked for.
    pub log_success_slow: f64,
    /// The product of these; 0 where it underflows.
    pub success_probability: f64,
    /// Seconds from the beginning to the end of the last instruction.
    pub duration_s: f64,
}

impl Estimate {
    /// Natural logarithm of the success probability, which does not underflow.
    pub fn log_success(&self) -> f64 {
        self.log_success_gates + self.log_success_idle + self.log_success_slow
    }
}

/// Estimates a circuit on the target's own qubits and gates. With delays it runs as they say, every instruction as soon
/// as it can; without any, as late as possible.
///
/// Of control flow the most costly body counts, in a `for` loop as often as it runs, in a `while` loop once.
///
/// # Errors
/// As [`schedule`](super::schedule()).
pub fn estimate(circuit: &Circuit, target: &Target) -> Result<Estimate, CompileError> {
    estimate_all(circuit, target, None)
}

/// The same with slow noise, so that circuits with and without dynamical decoupling can be compared.
///
/// # Errors
/// As [`schedule`](super::schedule()).
pub fn estimate_with(
    circuit: &Circuit,
    target: &Target,
    noise: &SlowNoise,
) -> Result<Estimate, CompileError> {
    estimate_all(circuit, target, Some(noise))
}

/// The same of a circuit that runs as written, whether or not it has delays.
pub(super) fn estimate_as_written(
    circuit: &Circuit,
    target: &Target,
    noise: &SlowNoise,
) -> Result<Estimate, CompileError> {
    estimate_timed(circuit, target, Some(noise), ScheduleMode::Asap)
}

fn estimate_all(
    circuit: &Circuit,
    target: &Target,
    noise: Option<&SlowNoise>,
) -> Result<Estimate, CompileError> {
    estimate_timed(circuit, target, noise, mode_of(circuit))
}

fn mode_of(circuit: &Circuit) -> ScheduleMode {
    match has_delays(circuit) {
        true => ScheduleMode::Asap,
        false => ScheduleMode::Alap,
    }
}

fn estimate_timed(
    circuit: &Circuit,
    target: &Target,
    noise: Option<&SlowNoise>,
    mode: ScheduleMode,
) -> Result<Estimate, CompileError> {
    if circuit.num_qubits() > target.num_qubits() {
        return Err(CompileError::TooManyQubits {
            needed: circuit.num_qubits(),
            available: target.num_qubits(),
            target: target.name().to_owned(),
        });
    }
    let clock = Clock::new(target, mode);
    let cost = cost(
        circuit,
        &Wires::of_device(),
        &Rules {
            clock: &clock,
            noise,
        },
        Awake::none(circuit.num_qubits()),
        0,
    )?;
    Ok(Estimate {
        log_success_gates: cost.gates,
        log_success_idle: cost.idle,
        log_success_slow: cost.slow,
        success_probability: cost.sum().exp(),
        duration_s: cost.ticks as f64 * clock.tick,
    })
}

fn has_delays(circuit: &Circuit) -> bool {
    let is_delay =
        |instruction: &Instruction| matches!(instruction.operation, Operation::Delay(..));
    circuit.instructions().iter().any(is_delay)
}

/// What costs are counted by.
struct Rules<'a> {
    clock: &'a Clock<'a>,
    noise: Option<&'a SlowNoise>,
}

/// Logarithms of the factors, and the time taken.
struct Cost {
    gates: f64,
    idle: f64,
    slow: f64,
    ticks: u64,
}

impl Cost {
    fn sum(&self) -> f64 {
        self.gates + self.idle + self.slow
    }
}

fn cost(
    circuit: &Circuit,
    wires: &Wires,
    rules: &Rules<'_>,
    mut awake: Awake,
    depth: usize,
) -> Result<Cost, CompileError> {
    let clock = rules.clock;
    let timeline = place(circuit, wires, clock, depth)?;
    let slow = rules.noise.map_or(0.0, |noise| {
        Frames::new(circuit, wires, &timeline, awake.clone(), clock, noise).loss()
    });
    let mut sum = Cost {
        gates: 0.0,
        idle: 0.0,
        slow: -slow,
        ticks: timeline.total(),
    };
    let mut waiting = Waiting::none(circuit.num_qubits());
    let times = timeline.starts().iter().zip(timeline.durations());
    for (instruction, (&start, &ticks)) in circuit.instructions().iter().zip(times) {
        waiting.follow(instruction, &awake, start, ticks);
        if instruction.operation.is_control_flow() {
            let worst = worst_body(instruction, wires, rules, &awake, depth)?;
            sum.gates += worst.gates;
            sum.idle += worst.idle;
            sum.slow += worst.slow;
        } else if let Some(properties) = calibrated(instruction, wires, clock.target) {
            sum.gates += log_of_success(properties.error);
        }
        awake.follow(instruction, ticks);
    }
    for (index, ticks) in waiting
        .ticks
        .into_iter()
        .enumerate()
        .filter(|&(_, ticks)| ticks > 0)
    {
        sum.idle -=
            ticks as f64 * clock.tick * decay_rate(clock.target, wires.of(Qubit::new(index)));
    }
    Ok(sum)
}

/// Seconds that each qubit waits awake between its gates, those inside of bodies left out. With delays the circuit runs
/// as they say, without any as late as possible.
pub(crate) fn waits(circuit: &Circuit, target: &Target) -> Result<Vec<f64>, CompileError> {
    let clock = Clock::new(target, mode_of(circuit));
    let timeline = place(circuit, &Wires::of_device(), &clock, 0)?;
    let mut waiting = Waiting::none(circuit.num_qubits());
    let mut awake = Awake::none(circuit.num_qubits());
    let times = timeline.starts().iter().zip(timeline.durations());
    for (instruction, (&start, &ticks)) in circuit.instructions().iter().zip(times) {
        waiting.follow(instruction, &awake, start, ticks);
        awake.follow(instruction, ticks);
    }
    let seconds = waiting.ticks.iter().map(|&ticks| ticks as f64 * clock.tick);
    Ok(seconds.collect())
}

/// How long each qubit has been awake without a gate.
struct Waiting {
    ticks: Vec<u64>,
    /// Until when that is known.
    known: Vec<u64>,
}

impl Waiting {
    fn none(num_qubits: usize) -> Self {
        Self {
            ticks: vec![0; num_qubits],
            known: vec![0; num_qubits],
        }
    }

    /// The next instruction, with its time; `awake` is as before it.
    fn follow(&mut self, instruction: &Instruction, awake: &Awake, start: u64, ticks: u64) {
        let is_delay = matches!(instruction.operation, Operation::Delay(..));
        for &qubit in instruction.qubits.iter() {
            let index = qubit.index();
            if awake.is(qubit) {
                self.ticks[index] += start - self.known[index] + if is_delay { ticks } else { 0 };
            }
            self.known[index] = start + ticks;
        }
    }
}

fn worst_body(
    instruction: &Instruction,
    wires: &Wires,
    rules: &Rules<'_>,
    awake: &Awake,
    depth: usize,
) -> Result<Cost, CompileError> {
    let inner = wires.inside(&instruction.qubits);
    let mut worst = Cost {
        gates: 0.0,
        idle: 0.0,
        slow: 0.0,
        ticks: 0,
    };
    for body in instruction.operation.bodies() {
        let cost = cost(body, &inner, rules, awake.inside(instruction), depth + 1)?;
        if cost.sum() < worst.sum() {
            worst = cost;
        }
    }
    if let Operation::For(op) = &instruction.operation {
        let rounds = op.values.count() as f64;
        worst.gates *= rounds;
        worst.idle *= rounds;
        worst.slow *= rounds;
    }
    Ok(worst)
}

/// What the target says of an instruction.
pub(super) fn calibrated(
    instruction: &Instruction,
    wires: &Wires,
    target: &Target,
) -> Option<InstructionProperties> {
    match &instruction.operation {
        Operation::Measure(_) => Some(target.measure(wires.of(instruction.qubits[0]))),
        Operation::Reset => target.reset(wires.of(instruction.qubits[0])),
        operation => wires
            .find(target, operation.as_gate()?, &instruction.qubits)
            .copied(),
    }
}

/// log(1 - error); a gate that always fails counts as 1e-300, to keep the sum finite.
pub(super) fn log_of_success(error: f64) -> f64 {
    if error == 0.0 {
        0.0
    } else {
        (1.0 - error).max(1e-300).ln()
    }
}

/// Average fidelity lost per second of waiting. What was not measured counts as unlimited, but T2 never exceeds 2 T1.
pub(crate) fn decay_rate(target: &Target, qubit: Qubit) -> f64 {
    let properties = target.qubit(qubit);
    let relaxation = properties.t1.map_or(0.0, |t1| 1.0 / t1);
    let dephasing = properties
        .coherence_time()
        .map_or(relaxation / 2.0, |t2| 1.0 / t2);
    relaxation / 6.0 + dephasing / 3.0
}

#[cfg(test)]
mod tests;
