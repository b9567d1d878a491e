//! A noisy circuit whose noise is random Paulis: what twirling would make of it.
//!
//! Channels become the Pauli channels of their twirl ([`Channel::twirled`]). The coherent terms of the model, which stand in
//! the circuit as phases of one qubit and of pairs, become flips with the probabilities that their twirl has. That is an
//! approximation: Paulis of one place know nothing of those of another, so phases neither add up to more than the sum of
//! their probabilities nor cancel in an echo. Of a circuit with decoupling pulses it is a lower bound.

use std::collections::BTreeMap;

use ardea_circuit::clifford::CliffordForm;
use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};
use ardea_simulator::{Channel, Channels, NoisyCircuit};

use crate::error::NoiseError;
use crate::timeline::MAX_NESTING;

/// Refuses a circuit with a gate that is no Clifford gate.
pub(crate) fn check_clifford(circuit: &Circuit) -> Result<(), NoiseError> {
    for (position, instruction) in circuit.instructions().iter().enumerate() {
        let operation = &instruction.operation;
        if operation.is_unitary() && CliffordForm::of(operation).is_none() {
            let what = format!(
                "instruction {position}: {} is no Clifford gate, and random Paulis on a stabilizer state need those; run \
                 trajectories instead",
                operation.name()
            );
            return Err(NoiseError::BadParameter { what });
        }
        for body in operation.bodies() {
            check_clifford(body)?;
        }
    }
    Ok(())
}

/// The same circuit with all its noise as random Paulis; its own gates are Clifford gates.
pub(crate) fn twirled(noisy: &NoisyCircuit) -> Result<NoisyCircuit, NoiseError> {
    let mut twirler = Twirler {
        noisy,
        channels: Channels::new(),
        known: BTreeMap::new(),
        phases: BTreeMap::new(),
    };
    let circuit = twirler.body(noisy.circuit(), 0)?;
    let mut out = NoisyCircuit::new(circuit, twirler.channels)?;
    for qubit in (0..noisy.num_qubits()).map(Qubit::new) {
        if let Some(confusion) = noisy.readout(qubit) {
            out = out.with_readout(qubit, confusion)?;
        }
    }
    Ok(out)
}

struct Twirler<'a> {
    noisy: &'a NoisyCircuit,
    channels: Channels,
    /// The twirl of each channel, by the address of its operation's definition.
    known: BTreeMap<usize, Operation>,
    /// The flips that stand for a phase, by gate and angle.
    phases: BTreeMap<(Gate, u64), Operation>,
}

impl Twirler<'_> {
    fn body(&mut self, circuit: &Circuit, depth: usize) -> Result<Circuit, NoiseError> {
        if depth > MAX_NESTING {
            return Err(NoiseError::TooDeep { limit: MAX_NESTING });
        }
        let mut out = circuit.same_shape();
        for instruction in circuit.instructions() {
            let operation = match &instruction.operation {
                operation if operation.is_control_flow() => {
                    operation.try_map_bodies(|body| self.body(body, depth + 1))?
                }
                operation => self.operation(operation)?,
            };
            out.push_valid(Instruction {
                operation,
                qubits: instruction.qubits.clone(),
            });
        }
        Ok(out)
    }

    fn operation(&mut self, operation: &Operation) -> Result<Operation, NoiseError> {
        if let (Operation::Call(call), Some(channel)) =
            (operation, self.noisy.channels().of(operation))
        {
            let address = std::sync::Arc::as_ptr(&call.definition).addr();
            if let Some(known) = self.known.get(&address) {
                return Ok(known.clone());
            }
            let added = self.channels.add(&call.definition.name, channel.twirled()?);
            self.known.insert(address, added.clone());
            return Ok(added);
        }
        match operation {
            Operation::Rotation(gate @ (Gate::P | Gate::CP), angle)
                if CliffordForm::of(operation).is_none() =>
            {
                let key = (*gate, angle.to_bits());
                if let Some(known) = self.phases.get(&key) {
                    return Ok(known.clone());
                }
                let matrix = gate.matrix(&[*angle]);
                let channel = Channel::mixed_unitary(vec![(1.0, matrix)])?.twirled()?;
                let added = self.channels.add("phase", channel);
                self.phases.insert(key, added.clone());
                Ok(added)
            }
            other => Ok(other.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Engine, NoiseModel, NoiseOptions, RunOptions, run};
    use ardea_device::{Target, TargetBuilder};
    use ardea_simulator::{SimOptions, simulate_density};

    fn ladder(qubits: usize) -> Circuit {
        let mut circuit = Circuit::new(qubits, qubits);
        let h = |circuit: &mut Circuit, q: usize| {
            let quarter = std::f64::consts::FRAC_PI_2;
            circuit
                .rz(quarter, q)
                .unwrap()
                .sx(q)
                .unwrap()
                .rz(quarter, q)
                .unwrap();
        };
        h(&mut circuit, 0);
        for q in 1..qubits {
            h(&mut circuit, q);
            circuit.cz(q - 1, q).unwrap();
            h(&mut circuit, q);
        }
        (0..qubits).for_each(|q| {
            circuit.measure(q, q).unwrap();
        });
        circuit
    }

    fn options(shots: u64, engine: Engine) -> RunOptions {
        RunOptions {
            engine,
            ..RunOptions::with_shots(shots)
        }
    }

    #[test]
    fn counts_are_those_of_the_twirled_model_on_a_density_matrix() {
        let target = TargetBuilder::line(4)
            .readout(0.03, 2e-6)
            .two_qubit_gates(0.03, 300e-9)
            .zz_rate(6e4)
            .build()
            .unwrap();
        let model = NoiseModel::from_target(&target, &NoiseOptions::default()).unwrap();
        let circuit = ladder(4);
        let shots = 60_000;
        let mut once = options(shots, Engine::Stabilizer);
        once.draws = Some(1);
        let found = run(&circuit, &model, &[], &once).unwrap();
        assert_eq!(found.engine, Engine::Stabilizer);
        let noisy = twirled(&model.apply(&circuit, 0, 0).unwrap()).unwrap();
        let simulation = SimOptions {
            seed: 77,
            ..SimOptions::with_shots(shots)
        };
        let exact = simulate_density::<f64>(&noisy, &simulation).unwrap().counts;
        let mut worst = 0.0f64;
        for (text, times) in exact.to_map() {
            let (a, b) = (times as f64, found.counts.get(&text) as f64);
            worst = worst.max((a - b).abs() / (a + b).sqrt());
        }
        assert!(worst < 4.0, "{worst}");
        let right = (found.counts.get("0000") + found.counts.get("1111")) as f64 / shots as f64;
        assert!((0.5..0.9).contains(&right), "{right}");
    }

    #[test]
    fn without_coherent_noise_a_ladder_counts_as_by_trajectories() {
        let target = Target::line(5).unwrap();
        let model = NoiseModel::from_target(&target, &NoiseOptions::markovian()).unwrap();
        let right = |engine| {
            let found = run(&ladder(5), &model, &[], &options(40_000, engine)).unwrap();
            (found.counts.get("00000") + found.counts.get("11111")) as f64 / 40_000.0
        };
        let (a, b) = (right(Engine::Stabilizer), right(Engine::Density));
        assert!(
            (a - b).abs() < 5.0 * (2.0 * b * (1.0 - b) / 40_000.0f64).sqrt(),
            "{a} {b}"
        );
    }

    #[test]
    fn a_hundred_qubits_take_no_time() {
        let target = Target::line(110).unwrap();
        let model = NoiseModel::from_target(&target, &NoiseOptions::default()).unwrap();
        let mut few = options(4000, Engine::Stabilizer);
        few.draws = Some(4);
        let found = run(&ladder(110), &model, &[], &few).unwrap();
        assert_eq!((found.counts.shots(), found.draws), (4000, 4));
        assert!(found.counts.len() > 100 && found.seconds < 60.0);
        let again = run(&ladder(110), &model, &[], &few).unwrap();
        assert_eq!(again.counts, found.counts);
    }

    #[test]
    fn gates_that_are_not_clifford_and_observables_are_refused() {
        let target = Target::line(2).unwrap();
        let model = NoiseModel::from_target(&target, &NoiseOptions::default()).unwrap();
        let mut circuit = Circuit::new(2, 1);
        circuit.rz(0.3, 0).unwrap().measure(0, 0).unwrap();
        let refused = run(&circuit, &model, &[], &options(10, Engine::Stabilizer)).unwrap_err();
        assert!(refused.to_string().contains("rz"), "{refused}");
        let z = ardea_circuit::SparsePauliSum::from_labels(&[("IZ", 1.0)]).unwrap();
        let refused = run(&ladder(2), &model, &[z], &options(10, Engine::Stabilizer)).unwrap_err();
        assert!(refused.to_string().contains("counts"), "{refused}");
    }
}
