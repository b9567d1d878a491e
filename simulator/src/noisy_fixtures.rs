//! Random noisy circuits for tests.

use ardea_circuit::random::{random_circuit, random_qubits};
use ardea_circuit::{
    C64, Circuit, Clbit, Expr, Gate, Operation, PauliString, Qubit, SparsePauliSum,
};
use nalgebra::DMatrix;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::{Channel, Channels, Confusion, NoisyCircuit};

/// What stands between the gates of a random circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    /// Gates and channels only, and measurements at the end.
    Straight,
    /// Also measurements, resets and conditions.
    Steered,
}

/// A random circuit of 2 to 5 qubits with strong noise of every kind.
pub(crate) fn random_noisy(seed: u64, flow: Flow) -> NoisyCircuit {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let qubits = rng.random_range(2..=5);
    let mut channels = Channels::new();
    let palette: Vec<Operation> = (0..6)
        .map(|i| channels.add(&format!("noise{i}"), random_channel(&mut rng)))
        .collect();
    let gates = [
        Gate::H,
        Gate::RX,
        Gate::U,
        Gate::T,
        Gate::CX,
        Gate::CZ,
        Gate::RZZ,
        Gate::CCX,
    ];
    let mut circuit = Circuit::new(qubits, qubits + 2);
    let length = rng.random_range(10..40);
    let mut measurements = 0;
    for instruction in random_circuit(&mut rng, qubits, length, &gates).into_instructions() {
        circuit.push_valid(instruction);
        if rng.random_bool(0.5) {
            let channel = &palette[rng.random_range(0..palette.len())];
            let on = random_qubits(&mut rng, qubits, channel.num_qubits().unwrap());
            circuit.push(channel.clone(), &on).unwrap();
        }
        if flow == Flow::Steered && measurements < 3 && rng.random_bool(0.15) {
            let qubit = rng.random_range(0..qubits);
            let bit = qubits + rng.random_range(0..2);
            if rng.random_bool(0.3) {
                circuit.reset(qubit).unwrap();
            } else {
                measurements += 1; // each doubles the courses of a density matrix, and misreading doubles them again
                circuit.measure(qubit, bit).unwrap();
                let mut body = Circuit::new(1, qubits + 2);
                body.rx(1.1, 0).unwrap();
                let one: Vec<&Operation> = palette
                    .iter()
                    .filter(|o| o.num_qubits() == Some(1))
                    .collect();
                if let Some(&channel) = one.first() {
                    body.push(channel.clone(), &[Qubit::new(0)]).unwrap();
                }
                let condition = Expr::Bit(Clbit::new(bit));
                let on = rng.random_range(0..qubits);
                circuit.if_else(condition, body, None, &[on]).unwrap();
            }
        }
    }
    for qubit in 0..qubits {
        circuit.measure(qubit, qubit).unwrap();
    }
    let mut noisy = NoisyCircuit::new(circuit, channels).unwrap();
    for qubit in (0..qubits).step_by(2) {
        let confusion = Confusion::new(0.02, 0.1).unwrap();
        noisy = noisy.with_readout(Qubit::new(qubit), confusion).unwrap();
    }
    noisy
}

/// A Pauli operator with three random terms.
pub(crate) fn random_observable(seed: u64, qubits: usize) -> SparsePauliSum {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut sum = SparsePauliSum::zero(qubits);
    for _ in 0..3 {
        let label: String = (0..qubits)
            .map(|_| ['I', 'X', 'Y', 'Z'][rng.random_range(0..4)])
            .collect();
        let coefficient = C64::from(rng.random_range(-1.0..1.0));
        sum.push(PauliString::from_label(&label).unwrap(), coefficient)
            .unwrap();
    }
    sum
}

fn random_channel(rng: &mut Pcg64Mcg) -> Channel {
    let p = rng.random_range(0.0..0.3);
    match rng.random_range(0..7) {
        0 => Channel::depolarizing(p, 1),
        1 => Channel::depolarizing(p, 2),
        2 => Channel::amplitude_damping(p),
        3 => Channel::thermal_relaxation(1.0, 1.3, p, 0.2),
        4 => Channel::bit_flip(1.0 - p),
        5 => Ok(random_kraus(rng, 1)),
        _ => Ok(random_kraus(rng, 2)),
    }
    .unwrap()
}

/// A channel without any structure: three blocks of the columns of a random isometry.
fn random_kraus(rng: &mut Pcg64Mcg, qubits: usize) -> Channel {
    let side = 1 << qubits;
    let mut entry = || C64::new(rng.random_range(-1.0..1.0), rng.random_range(-1.0..1.0));
    let random = DMatrix::from_fn(3 * side, side, |row, column| {
        // A strong first block, so that not every shot jumps.
        entry() * 0.3
            + if row == column {
                C64::from(2.0)
            } else {
                C64::ZERO
            }
    });
    let isometry = random.qr().q();
    let blocks = (0..3).map(|i| isometry.rows(i * side, side).into_owned());
    Channel::from_kraus(blocks.collect()).unwrap()
}
