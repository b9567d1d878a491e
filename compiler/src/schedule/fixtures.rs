//! Targets and circuits that the tests of this module share.

use ardea_circuit::{Circuit, Gate, Operation, Qubit, random};
use ardea_device::{Target, TargetBuilder, Timing};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// A line on a 1 ns clock with x and sx of 10, cz of 30, measurement of 100 and reset of 200 ticks.
pub(super) fn line(num_qubits: usize) -> Target {
    line_aligned(num_qubits, 1, 1)
}

/// The same with starts at multiples of `pulse` and, for measurements, `acquire` ticks.
pub(super) fn line_aligned(num_qubits: usize, pulse: u32, acquire: u32) -> Target {
    builder(num_qubits)
        .timing(Timing {
            dt: Some(1e-9),
            pulse_alignment: pulse,
            acquire_alignment: acquire,
            ..Timing::default()
        })
        .build()
        .unwrap()
}

pub(super) fn builder(num_qubits: usize) -> TargetBuilder {
    TargetBuilder::line(num_qubits)
        .one_qubit_gates(1e-4, 10e-9)
        .two_qubit_gates(1e-3, 30e-9)
        .readout(1e-2, 100e-9)
        .reset(0.0, 200e-9)
        .coherence(200e-6, 100e-6)
        .timing(Timing {
            dt: Some(1e-9),
            ..Timing::default()
        })
}

/// A random circuit in the gates of a line, with delays, barriers and a global phase.
pub(super) fn random_native(num_qubits: usize, len: usize, seed: u64) -> Circuit {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut circuit = Circuit::new(num_qubits, num_qubits);
    circuit.add_global_phase(random::random_angle(&mut rng));
    for _ in 0..len {
        let a = rng.random_range(0..num_qubits);
        match rng.random_range(0..10) {
            0 => circuit.x(a).map(drop),
            1 | 2 => circuit.sx(a).map(drop),
            3 | 4 => circuit.rz(random::random_angle(&mut rng), a).map(drop),
            5 => circuit
                .delay(rng.random_range(0..500) as f64 * 1e-9, a)
                .map(drop),
            6 => circuit.barrier(&[a, (a + 2) % num_qubits]).map(drop),
            _ => {
                let b = if a + 1 < num_qubits { a + 1 } else { a - 1 };
                circuit.cz(a, b).map(drop)
            }
        }
        .unwrap();
    }
    circuit
}

/// Measurements on all qubits, each into its own bit.
pub(super) fn measured(mut circuit: Circuit) -> Circuit {
    for q in 0..circuit.num_qubits() {
        circuit.measure(q, q).unwrap();
    }
    circuit
}

/// Name (delays with their ticks) and qubits of each instruction, to compare with.
pub(super) fn listing(circuit: &Circuit) -> Vec<String> {
    let line = |instruction: &ardea_circuit::Instruction| {
        let qubits: Vec<String> = instruction
            .qubits
            .iter()
            .map(|q| q.index().to_string())
            .collect();
        let name = match &instruction.operation {
            Operation::Delay(_, ticks) => format!("delay[{ticks}]"),
            operation => operation.name(),
        };
        format!("{name} {}", qubits.join(","))
    };
    circuit.instructions().iter().map(line).collect()
}

pub(super) fn q(index: usize) -> Qubit {
    Qubit::new(index)
}

/// The number of instructions that are this gate.
pub(super) fn count(circuit: &Circuit, gate: Gate) -> usize {
    circuit
        .instructions()
        .iter()
        .filter(|i| i.operation.as_gate() == Some(gate))
        .count()
}
