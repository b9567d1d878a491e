//! The stabilizer engine: Clifford circuits of thousands of qubits, with measurements, resets and feedback.
//!
//! A circuit of Clifford gates is a tableau ([`tableau`]). Its measurements have outcomes that are certain or fair coins,
//! and the outcomes of two shots differ by what a Pauli operator does on its way through the circuit. So one shot is
//! run on the tableau, and all shots follow it as Pauli frames, 64 to a word ([`frames`]; Gidney 2021,
//! arXiv:2103.02202). Where later gates depend on outcomes by more than Pauli gates, shots part as they do in the
//! state-vector engine, each part with its own tableau ([`branches`]).

mod branches;
mod course;
mod frames;
mod gates;
mod noise;
mod tableau;
#[cfg(test)]
mod tests;

use ardea_circuit::{Circuit, Clbit, Qubit, SparsePauliSum};
use num_complex::Complex64;

use crate::counts::{Counts, Outcome};
use crate::engine::{Active, Code, Program, no_single_state};
use crate::error::SimulatorError;
use crate::memory;
use crate::method::Method;
use crate::options::{Record, SimOptions};
use crate::pool;
pub use noise::{PauliNoiseRun, pauli_noise};

use course::{Course, Event};
use gates::{CliffordRun, Gates};
use tableau::InverseTableau;

/// A circuit that the engine can run.
pub(crate) struct Compiled {
    program: Program<Gates>,
    active: Active,
    num_clbits: usize,
    feedback: Feedback,
    noise: noise::Noise,
}

/// How later instructions depend on outcomes.
enum Feedback {
    /// At most by Pauli gates under a condition: for each instruction whether it is such a condition.
    Paulis(Vec<bool>),
    /// In other ways.
    Any,
}

impl Compiled {
    /// Reads `circuit`.
    ///
    /// # Errors
    /// [`SimulatorError::Refused`] for a gate that is no Clifford gate; [`SimulatorError::BadArgument`] for an initial
    /// state.
    pub(crate) fn new(circuit: &Circuit, options: &SimOptions) -> Result<Self, SimulatorError> {
        if options.initial_state.is_some() {
            let what = "the stabilizer engine starts from |0...0>; leave the initial state out or choose the method \
                        `statevector`";
            return Err(SimulatorError::BadArgument { what: what.into() });
        }
        let active = Active::of(circuit);
        let program = Program::compile::<CliffordRun>(circuit, &active, options)?;
        Ok(Self {
            feedback: feedback(&program, circuit.num_clbits(), |_| false),
            program,
            active,
            num_clbits: circuit.num_clbits(),
            noise: noise::Noise::default(),
        })
    }

    /// Qubits with a gate.
    pub(crate) fn active_qubits(&self) -> usize {
        self.active.qubits.len()
    }

    /// Elementary gates of the program; loops may repeat some.
    pub(crate) fn num_gates(&self) -> usize {
        self.program.plans.iter().map(Gates::len).sum()
    }

    /// Runs the shots: counts and, when asked for, the outcome of each shot in order.
    ///
    /// # Errors
    /// [`SimulatorError::TooLarge`] before anything is allocated, [`SimulatorError::TooManyIterations`],
    /// [`SimulatorError::Interrupted`].
    pub(crate) fn run(
        &self,
        circuit: &Circuit,
        options: &SimOptions,
    ) -> Result<(Counts, Vec<Outcome>), SimulatorError> {
        self.check_memory(options)?;
        let (mut counts, mut all) = (Counts::new(circuit), vec![]);
        if options.shots == 0 {
            return Ok((counts, all));
        }
        let keep = options.record == Record::EachShot;
        pool::on_threads(options.threads, || match &self.feedback {
            Feedback::Paulis(conditional) => {
                frames::run(self, conditional, options, &mut |outcomes: Vec<Outcome>| {
                    add(&mut counts, &outcomes);
                    if keep {
                        all.extend(outcomes);
                    }
                })
            }
            Feedback::Any => {
                let mut each = branches::run(self, options)?;
                each.sort_unstable_by_key(|&(shot, _)| shot);
                let outcomes: Vec<Outcome> = each.into_iter().map(|(_, outcome)| outcome).collect();
                add(&mut counts, &outcomes);
                if keep {
                    all = outcomes;
                }
                Ok(())
            }
        })??;
        Ok((counts, all))
    }

    /// The expectation values of `operators` in the state before the final measurements.
    ///
    /// # Errors
    /// As [`Compiled::run`]; [`SimulatorError::BadArgument`] when the circuit has no single final state.
    pub(crate) fn expectations(
        &self,
        operators: &[&SparsePauliSum],
        options: &SimOptions,
    ) -> Result<Vec<Complex64>, SimulatorError> {
        self.check_memory(options)?;
        let mut state = InverseTableau::new(self.active.qubits.len());
        let mut course = Course::default();
        loop {
            match course.next(&self.program, &[], options, &|_| false)? {
                Event::Gates(run) => state.apply_all(&self.program.plans[run]),
                Event::End => break,
                // An idle qubit's outcome is 0 in every shot.
                Event::Measure { qubit: None, .. } => {}
                _ => return Err(no_single_state()),
            }
        }
        let number = |qubit: Qubit| self.active.number(qubit.index());
        let value = |operator: &&SparsePauliSum| {
            let terms = operator.terms().iter();
            terms
                .map(|(string, coefficient)| coefficient * state.expectation(string, &number))
                .sum()
        };
        Ok(operators.iter().map(value).collect())
    }

    fn check_memory(&self, options: &SimOptions) -> Result<(), SimulatorError> {
        let n = self.active.qubits.len();
        let what = || format!("a tableau of {n} qubits");
        // A tableau, what a measurement keeps of it, and the frames of each thread.
        let frames =
            frames::bytes(n, self.num_clbits).checked_mul(pool::resolve(options.threads) as u128);
        let needed = tableau::bytes(n)
            .checked_mul(2)
            .zip(frames)
            .and_then(|(a, b)| a.checked_add(b));
        memory::check_bytes(what, needed, options.memory_cap)
    }
}

/// The method's refusal of a gate.
pub(crate) fn refusal(name: String, position: usize) -> SimulatorError {
    SimulatorError::Refused {
        method: Method::Stabilizer,
        position,
        name,
        reason: "it is not a Clifford gate".to_owned(),
    }
}

/// Counts outcomes, equal neighbours together.
fn add(counts: &mut Counts, outcomes: &[Outcome]) {
    let mut sorted: Vec<&Outcome> = outcomes.iter().collect();
    sorted.sort_unstable();
    for same in sorted.chunk_by(|a, b| a == b) {
        counts.add(same[0].clone(), same.len() as u64);
    }
}

/// How the program depends on outcomes. Bits that no measurement before the end writes are 0 in every shot, and so are those
/// of idle qubits, unless `misreads` says of their wire that 0 may be read as 1.
fn feedback(
    program: &Program<Gates>,
    num_clbits: usize,
    misreads: impl Fn(usize) -> bool,
) -> Feedback {
    let mut written = vec![false; num_clbits];
    for code in &program.code {
        if let Code::Measure { qubit, wire, bit } = code
            && (qubit.is_some() || misreads(*wire))
        {
            written[bit.index()] = true;
        }
    }
    let depends = |bits: Vec<Clbit>| bits.iter().any(|bit| written[bit.index()]);
    let mut conditional = vec![false; program.code.len()];
    for (at, code) in program.code.iter().enumerate() {
        match code {
            Code::JumpUnless(condition, target) if depends(condition.bits()) => {
                let paulis = match program.code.get(at + 1) {
                    Some(Code::Gates(run)) if *target == at + 2 => program.plans[*run].are_paulis(),
                    _ => false,
                };
                if !paulis {
                    return Feedback::Any;
                }
                conditional[at] = true;
            }
            Code::Select(switch, _) if depends(switch.subject.bits()) => return Feedback::Any,
            _ => {}
        }
    }
    Feedback::Paulis(conditional)
}
