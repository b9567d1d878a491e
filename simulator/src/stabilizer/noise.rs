//! Noise that is random Paulis: many noisy shots of Clifford circuits of any width.
//!
//! A channel that is a mixture of Paulis puts a Pauli into the frames of the shots that it hits, and nothing else: the
//! tableau of the reference never sees it. Hits are rare, so the shots between two hits are skipped with one number
//! drawn from the geometric distribution. Misread bits are flipped behind the measurement, with the probability that
//! their value has.

use ardea_circuit::{Operation, Qubit};

use super::gates::CliffordRun;
use super::{Compiled, Feedback, Gates};
use crate::channel::Channel;
use crate::counts::{Counts, Outcome};
use crate::engine::{Active, GateRun, Program};
use crate::error::SimulatorError;
use crate::noisy::{Confusion, NoisyCircuit};
use crate::options::{MAX_SHOTS, Record, SimOptions};
use crate::pool;

/// How far a unitary may lie from a Pauli.
const TOLERANCE: f64 = 1e-9;

/// The result of noisy shots on the stabilizer engine.
#[derive(Debug)]
pub struct PauliNoiseRun {
    /// How often each outcome of the classical bits occurred.
    pub counts: Counts,
    /// The outcome of each shot, where [`Record::EachShot`] asked for it.
    pub each_shot: Option<Vec<Outcome>>,
}

/// Runs a noisy Clifford circuit whose channels are mixtures of Paulis; [`Channel::twirled`] makes one of any channel.
///
/// Outcomes depend on the seed but not on threads.
///
/// # Errors
/// [`SimulatorError::Refused`] for a gate that is no Clifford gate, [`SimulatorError::BadChannel`] for a channel that is no
/// mixture of Paulis, [`SimulatorError::BadArgument`] for no shots or too many and where later gates depend on outcomes
/// (noise in bodies included), [`SimulatorError::TooLarge`] before anything is allocated.
pub fn pauli_noise(
    noisy: &NoisyCircuit,
    options: &SimOptions,
) -> Result<PauliNoiseRun, SimulatorError> {
    crate::checkpoint::refuse(options, "a run with Pauli noise")?;
    if options.shots == 0 || options.shots > MAX_SHOTS {
        let what = format!(
            "{} shots are not possible; choose 1 to {MAX_SHOTS}",
            options.shots
        );
        return Err(SimulatorError::BadArgument { what });
    }
    let circuit = noisy.circuit();
    let active = Active::of(circuit);
    let paulis = (0..noisy.channels().len())
        .map(|place| PauliChannel::of(noisy.channels().get(place)))
        .collect::<Result<_, _>>()?;
    let run = NoisyRun {
        noisy,
        gates: CliffordRun::default(),
    };
    let program = Program::compile_into(run, circuit, &active, options)?;
    let misreads = |wire: usize| {
        let confusion = noisy.readout(Qubit::new(wire));
        confusion.is_some_and(|confusion| confusion.of(false) > 0.0)
    };
    let compiled = Compiled {
        feedback: super::feedback(&program, circuit.num_clbits(), misreads),
        program,
        active,
        num_clbits: circuit.num_clbits(),
        noise: Noise {
            channels: paulis,
            readout: (0..circuit.num_qubits())
                .map(|qubit| noisy.readout(Qubit::new(qubit)))
                .collect(),
        },
    };
    let Feedback::Paulis(conditional) = &compiled.feedback else {
        let what = "noise as random Paulis does not follow gates that depend on outcomes; run trajectories instead";
        return Err(SimulatorError::BadArgument { what: what.into() });
    };
    compiled.check_memory(options)?;
    let (mut counts, mut all) = (Counts::new(circuit), vec![]);
    let keep = options.record == Record::EachShot;
    pool::on_threads(options.threads, || {
        super::frames::run(&compiled, conditional, options, &mut |outcomes: Vec<
            Outcome,
        >| {
            super::add(&mut counts, &outcomes);
            if keep {
                all.extend(outcomes);
            }
        })
    })??;
    Ok(PauliNoiseRun {
        counts,
        each_shot: keep.then_some(all),
    })
}

/// What noise does to the shots of a program.
#[derive(Debug, Default)]
pub(super) struct Noise {
    pub(super) channels: Vec<PauliChannel>,
    /// For each qubit of the circuit how its measurements are misread.
    pub(super) readout: Vec<Option<Confusion>>,
}

/// A mixture of Paulis.
#[derive(Debug)]
pub(super) struct PauliChannel {
    /// The probability of any Pauli but the identity.
    pub(super) total: f64,
    /// Paulis (base-4 digits I, X, Y, Z, the first qubit's lowest), each with the sum of probabilities up to and with it,
    /// as a share of the total.
    shares: Vec<(f64, usize)>,
}

impl PauliChannel {
    fn of(channel: &Channel) -> Result<Self, SimulatorError> {
        let side = (1u64 << channel.num_qubits()) as f64;
        let is_pauli = |unitary: &nalgebra::DMatrix<ardea_circuit::C64>| {
            let mut paulis = 0..1usize << (2 * channel.num_qubits());
            paulis.any(|index| {
                let pauli = crate::channel::pauli_matrix(index, channel.num_qubits());
                ((pauli * unitary).trace().norm() / side - 1.0).abs() < TOLERANCE
            })
        };
        let terms = channel.as_mixed_unitary();
        if !terms.is_some_and(|terms| terms.iter().all(|(_, unitary)| is_pauli(unitary))) {
            return Err(SimulatorError::BadChannel {
                problem: "the stabilizer engine needs mixtures of Paulis; twirl the channel first"
                    .into(),
            });
        }
        let probabilities = channel.pauli_probabilities();
        let total: f64 = probabilities[1..].iter().sum();
        let mut sum = 0.0;
        let mut shares = Vec::new();
        for (index, p) in probabilities
            .iter()
            .enumerate()
            .skip(1)
            .filter(|(_, p)| **p > 0.0)
        {
            sum += p;
            shares.push((sum / total, index));
        }
        Ok(Self { total, shares })
    }

    /// The Pauli of a hit, given a uniform number.
    pub(super) fn choose(&self, uniform: f64) -> usize {
        let found = self.shares.iter().find(|(share, _)| uniform < *share);
        found.or(self.shares.last()).map_or(0, |&(_, index)| index)
    }
}

/// Collects Clifford gates with the channels between them.
struct NoisyRun<'a> {
    noisy: &'a NoisyCircuit,
    gates: CliffordRun,
}

impl GateRun for NoisyRun<'_> {
    type Done = Gates;

    fn push(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        position: usize,
    ) -> Result<(), SimulatorError> {
        match self.noisy.channels().place(operation) {
            Some(place) => {
                self.gates.add_channel(place, qubits);
                Ok(())
            }
            None => self.gates.push(operation, qubits, position),
        }
    }

    fn add_phase(&mut self, _: f64) {}

    fn len(&self) -> usize {
        self.gates.len()
    }

    fn finish(
        &mut self,
        qubits: usize,
        options: &SimOptions,
    ) -> Result<Option<Gates>, SimulatorError> {
        self.gates.finish(qubits, options)
    }
}

/// Which of so many shots are hit, each with probability `p`: calls `hit` with their numbers, in order. `uniform` draws
/// numbers in [0, 1).
pub(super) fn hits(
    p: f64,
    shots: usize,
    mut uniform: impl FnMut() -> f64,
    mut hit: impl FnMut(usize),
) {
    if p <= 0.0 {
        return;
    }
    let log_of_miss = (-p).ln_1p();
    let mut next = 0usize;
    loop {
        // The number of misses before the next hit; 1 - u is never 0.
        let misses = if p >= 1.0 {
            0.0
        } else {
            ((-uniform()).ln_1p() / log_of_miss).floor()
        };
        if misses >= (shots - next) as f64 {
            return;
        }
        next += misses as usize;
        hit(next);
        next += 1;
        if next >= shots {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::density::simulate_density;
    use crate::noisy::Channels;
    use crate::random::Random;
    use ardea_circuit::{Circuit, Clbit, Expr};

    #[test]
    fn hits_are_as_frequent_as_they_should_be() {
        let random = Random::new(3);
        for p in [0.0, 0.003, 0.2, 0.9, 1.0] {
            let (mut site, mut count) = (0, 0u32);
            for _ in 0..200 {
                let uniform = || {
                    site += 1;
                    random.uniform(0, site)
                };
                hits(p, 1000, uniform, |_| count += 1);
            }
            let expected = 200_000.0 * p;
            let spread = (expected * (1.0 - p)).sqrt();
            assert!(
                (f64::from(count) - expected).abs() <= 4.0 * spread,
                "{p}: {count}"
            );
        }
    }

    /// A GHZ state with Pauli noise behind every gate, measurements in the middle, a reset and misread bits.
    fn noisy() -> NoisyCircuit {
        let mut channels = Channels::new();
        let damping = Channel::amplitude_damping(0.1).unwrap().twirled().unwrap();
        let one = channels.add("one", damping);
        let two = channels.add("two", Channel::depolarizing(0.2, 2).unwrap());
        let mut circuit = Circuit::new(3, 5);
        circuit.h(0).unwrap();
        circuit.push(one.clone(), &[Qubit::new(0)]).unwrap();
        for q in 0..2 {
            circuit.cx(q, q + 1).unwrap();
            circuit
                .push(two.clone(), &[Qubit::new(q + 1), Qubit::new(q)])
                .unwrap();
        }
        circuit
            .measure(1, 3)
            .unwrap()
            .reset(1)
            .unwrap()
            .s(0)
            .unwrap();
        circuit.push(one.clone(), &[Qubit::new(1)]).unwrap();
        circuit
            .sx(1)
            .unwrap()
            .measure(2, 4)
            .unwrap()
            .cz(1, 2)
            .unwrap();
        circuit.push(two, &[Qubit::new(1), Qubit::new(2)]).unwrap();
        circuit.sx(1).unwrap();
        circuit.push(one, &[Qubit::new(0)]).unwrap();
        (0..3).for_each(|q| {
            circuit.measure(q, q).unwrap();
        });
        NoisyCircuit::new(circuit, channels)
            .unwrap()
            .with_readout(Qubit::new(0), Confusion::new(0.02, 0.2).unwrap())
            .unwrap()
            .with_readout(Qubit::new(2), Confusion::new(0.1, 0.0).unwrap())
            .unwrap()
    }

    #[test]
    fn counts_are_those_of_the_density_matrix() {
        let noisy = noisy();
        let shots = 100_000;
        let options = |seed| SimOptions {
            seed,
            ..SimOptions::with_shots(shots)
        };
        let found = pauli_noise(&noisy, &options(1)).unwrap().counts;
        let expected = simulate_density::<f64>(&noisy, &options(2))
            .unwrap()
            .counts
            .to_map();
        let mut chi = 0.0;
        let mut cells = 0;
        for (text, &times) in &expected {
            if times < 20 {
                continue;
            }
            let (a, b) = (times as f64, found.get(text) as f64);
            chi += (a - b).powi(2) / (a + b);
            cells += 1;
        }
        let limit = f64::from(cells) + 4.5 * (2.0 * f64::from(cells)).sqrt();
        assert!(cells > 15 && chi < limit, "{chi} of {cells}");
    }

    #[test]
    fn an_idle_qubit_that_is_misread_triggers_conditions() {
        let mut flip = Circuit::new(1, 2);
        flip.x(0).unwrap();
        let mut circuit = Circuit::new(2, 2);
        circuit.measure(1, 0).unwrap();
        circuit
            .if_else(Expr::Bit(Clbit::new(0)), flip, None, &[0])
            .unwrap();
        circuit.measure(0, 1).unwrap();
        let noisy = NoisyCircuit::new(circuit, Channels::new())
            .unwrap()
            .with_readout(Qubit::new(1), Confusion::new(0.3, 0.0).unwrap())
            .unwrap();
        let options = SimOptions::with_shots(10_000);
        let found = pauli_noise(&noisy, &options).unwrap().counts;
        let exact = simulate_density::<f64>(&noisy, &options).unwrap().counts;
        let trajectories = crate::trajectories::<f64>(&noisy, &[], &options).unwrap();
        for counts in [found, exact, trajectories.counts] {
            // Both bits are those of the misreading.
            assert_eq!(counts.get("00") + counts.get("11"), 10_000);
            assert!((2700..3300).contains(&counts.get("11")), "{counts:?}");
        }
    }

    #[test]
    fn outcomes_depend_on_the_seed_and_not_on_threads() {
        let noisy = noisy();
        let run = |threads, seed| {
            let options = SimOptions {
                seed,
                threads: Some(threads),
                record: Record::EachShot,
                ..SimOptions::with_shots(3000)
            };
            pauli_noise(&noisy, &options).unwrap().each_shot.unwrap()
        };
        assert_eq!(run(1, 5), run(3, 5));
        assert_ne!(run(1, 5), run(1, 6));
    }

    #[test]
    fn what_is_no_pauli_or_no_clifford_is_refused() {
        let mut channels = Channels::new();
        let damping = channels.add("damping", Channel::amplitude_damping(0.1).unwrap());
        let mut circuit = Circuit::new(1, 1);
        circuit
            .push(damping, &[Qubit::new(0)])
            .unwrap()
            .measure(0, 0)
            .unwrap();
        let noisy = NoisyCircuit::new(circuit, channels).unwrap();
        let options = SimOptions::with_shots(10);
        assert!(matches!(
            pauli_noise(&noisy, &options),
            Err(SimulatorError::BadChannel { .. })
        ));
        let mut circuit = Circuit::new(1, 1);
        circuit.t(0).unwrap().measure(0, 0).unwrap();
        let noisy = NoisyCircuit::new(circuit, Channels::new()).unwrap();
        assert!(matches!(
            pauli_noise(&noisy, &options),
            Err(SimulatorError::Refused { .. })
        ));
    }
}
