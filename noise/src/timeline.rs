//! When instructions run: each as soon as its qubits and classical bits are free, delays taking their time.
//!
//! A circuit whose waits are written as delays runs exactly as written. In one without delays a qubit waits where
//! another is late. Barriers and what leaves a loop hold qubits together; control flow lasts as long as its longest
//! body, a `for` loop as often as it runs, a `while` loop one round.

use ardea_circuit::{Circuit, Operation, Qubit};

use crate::error::NoiseError;
use crate::model::NoiseModel;

/// Bodies within bodies are timed by recursion; more than this is refused.
pub(crate) const MAX_NESTING: usize = 64;

/// Start and duration of each instruction, in seconds from the start of the circuit or body.
pub(crate) struct Timeline {
    pub(crate) starts: Vec<f64>,
    pub(crate) durations: Vec<f64>,
    pub(crate) total: f64,
}

/// Times a circuit, or a body, whose qubits are `wires` of the device.
pub(crate) fn timeline(
    model: &NoiseModel,
    circuit: &Circuit,
    wires: &[Qubit],
    depth: usize,
) -> Result<Timeline, NoiseError> {
    if depth > MAX_NESTING {
        return Err(NoiseError::TooDeep { limit: MAX_NESTING });
    }
    let mut qubits = vec![0.0f64; circuit.num_qubits()];
    let mut clbits = vec![0.0f64; circuit.num_clbits()];
    let mut out = Timeline {
        starts: Vec::with_capacity(circuit.len()),
        durations: Vec::with_capacity(circuit.len()),
        total: 0.0,
    };
    for (position, instruction) in circuit.instructions().iter().enumerate() {
        let operation = &instruction.operation;
        let on: Vec<Qubit> = instruction
            .qubits
            .iter()
            .map(|q| wires[q.index()])
            .collect();
        let duration = if operation.is_control_flow() {
            let mut longest = 0.0f64;
            for body in operation.bodies() {
                longest = longest.max(timeline(model, body, &on, depth + 1)?.total);
            }
            match operation {
                Operation::For(inner) => longest * inner.values.count() as f64,
                _ => longest,
            }
        } else {
            model.duration(instruction, &on, position)?
        };
        let fenced = circuit.fenced_qubits(instruction);
        let used = operation
            .clbits_read()
            .into_iter()
            .chain(operation.clbits_written());
        let used: Vec<usize> = used.map(|bit| bit.index()).collect();
        let free = fenced.iter().map(|q| qubits[q.index()]);
        let start = free
            .chain(used.iter().map(|&bit| clbits[bit]))
            .fold(0.0, f64::max);
        let end = start + duration;
        fenced.iter().for_each(|q| qubits[q.index()] = end);
        used.iter().for_each(|&bit| clbits[bit] = end);
        out.starts.push(start);
        out.durations.push(duration);
        out.total = out.total.max(end);
    }
    Ok(out)
}
