//! Idle time written into the circuit.
//!
//! Every gap of a timeline becomes a delay, the wait before a qubit's first instruction included; what follows a
//! qubit's last instruction stays open. Scheduling the result as soon as possible then gives back the timeline, so
//! the circuit alone says when everything happens. Bodies of control flow get their own delays. While a choice that may
//! leave a loop runs, all other qubits of its body wait too, without a delay: it would itself be held up.
//!
//! ```text
//! before: x q0;  cz q0, q1;           after: x q0;  delay[8dt] q1;  cz q0, q1;
//! ```

use ardea_circuit::{Circuit, Instruction, Qubit};
use ardea_device::Target;

use super::clock::{Clock, Wires};
use super::timeline::{Timeline, place};
use crate::{CompileError, ScheduleMode};

/// The circuit with every gap of its timeline, which [`schedule`](super::schedule()) made, as a delay.
///
/// # Errors
/// When a body cannot be scheduled, and when the timeline is of another circuit.
pub fn insert_delays(
    circuit: &Circuit,
    target: &Target,
    timeline: &Timeline,
    mode: ScheduleMode,
) -> Result<Circuit, CompileError> {
    if timeline.starts().len() != circuit.len() {
        return Err(CompileError::Internal {
            place: "insert_delays",
            detail: format!(
                "a timeline of {} instructions for {}",
                timeline.starts().len(),
                circuit.len()
            ),
        });
    }
    fill(
        circuit,
        timeline,
        &Wires::of_device(),
        &Clock::new(target, mode),
        0,
    )
}

fn fill(
    circuit: &Circuit,
    timeline: &Timeline,
    wires: &Wires,
    clock: &Clock<'_>,
    depth: usize,
) -> Result<Circuit, CompileError> {
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    out.reserve(circuit.len());
    let mut free = vec![0; circuit.num_qubits()];
    let times = timeline.starts().iter().zip(timeline.durations());
    for (instruction, (&start, &duration)) in circuit.instructions().iter().zip(times) {
        for &qubit in circuit.fenced_qubits(instruction).iter() {
            let idle = start - free[qubit.index()];
            if idle > 0 {
                out.push_valid(delay(clock, idle, qubit));
            }
            free[qubit.index()] = start + duration;
        }
        if !instruction.operation.is_control_flow() {
            out.push_valid(instruction.clone());
            continue;
        }
        let inner = wires.inside(&instruction.qubits);
        let operation = instruction.operation.try_map_bodies(|body| {
            let timeline = place(body, &inner, clock, depth + 1)?;
            fill(body, &timeline, &inner, clock, depth + 1)
        })?;
        out.push_valid(Instruction {
            operation,
            qubits: instruction.qubits.clone(),
        });
    }
    Ok(out)
}

fn delay(clock: &Clock<'_>, ticks: u64, qubit: Qubit) -> Instruction {
    Instruction {
        operation: clock.delay(ticks),
        qubits: [qubit].into(),
    }
}

#[cfg(test)]
mod tests;
