//! Shots that part where their outcomes differ, each part with its own tableau.
//!
//! This serves circuits whose later gates depend on outcomes. As in the state-vector engine, every shot draws its own
//! numbers, so a part for which there is no memory starts again from the beginning and arrives where it parted.

use ardea_circuit::Clbit;
use ardea_circuit::clifford::CliffordGate;

use super::Compiled;
use super::course::{Course, Event};
use super::tableau::{Chance, InverseTableau, bytes};
use crate::counts::Outcome;
use crate::error::SimulatorError;
use crate::memory;
use crate::options::SimOptions;
use crate::random::Random;
use rayon::prelude::*;

/// Tableaus that wait at a time, at most.
const MOST_WAITING: usize = 64;
/// Shots of one task.
const TASK: u64 = 256;

/// A group of shots and how far it has come.
struct Branch {
    course: Course,
    bits: Outcome,
    site: u64,
    shots: Vec<u64>,
    /// `None` where the branch has to start again.
    state: Option<InverseTableau>,
}

/// Runs the shots; outcomes come with the shots' numbers, unsorted.
pub(super) fn run(
    compiled: &Compiled,
    options: &SimOptions,
) -> Result<Vec<(u64, Outcome)>, SimulatorError> {
    let tasks: Vec<Vec<(u64, Outcome)>> = (0..options.shots.div_ceil(TASK))
        .into_par_iter()
        .map(|task| {
            let end = options.shots.min((task + 1) * TASK);
            let mut runner = Runner {
                compiled,
                options,
                random: Random::new(options.seed),
                waiting: vec![],
                out: vec![],
            };
            runner.run((task * TASK..end).collect())?;
            Ok(runner.out)
        })
        .collect::<Result<_, SimulatorError>>()?;
    Ok(tasks.into_iter().flatten().collect())
}

struct Runner<'a> {
    compiled: &'a Compiled,
    options: &'a SimOptions,
    random: Random,
    waiting: Vec<Branch>,
    out: Vec<(u64, Outcome)>,
}

impl Runner<'_> {
    fn run(&mut self, shots: Vec<u64>) -> Result<(), SimulatorError> {
        let first = self.start(shots);
        self.waiting.push(first);
        while let Some(branch) = self.waiting.pop() {
            self.run_branch(branch)?;
        }
        Ok(())
    }

    fn start(&self, shots: Vec<u64>) -> Branch {
        Branch {
            course: Course::default(),
            bits: Outcome::zero(self.compiled.num_clbits),
            site: 0,
            shots,
            state: None,
        }
    }

    fn run_branch(&mut self, mut branch: Branch) -> Result<(), SimulatorError> {
        let program = &self.compiled.program;
        let mut state = branch
            .state
            .take()
            .unwrap_or_else(|| InverseTableau::new(self.compiled.active.qubits.len()));
        loop {
            let bits = &branch.bits;
            let event = branch
                .course
                .next(program, &[], self.options, &|bit| bits.get(bit))?;
            match event {
                Event::Gates(run) | Event::Conditional(_, run) => {
                    state.apply_all(&program.plans[run]);
                }
                Event::Measure {
                    qubit: None, bit, ..
                } => branch.bits.set(bit, false),
                Event::Measure {
                    qubit: Some(qubit),
                    bit,
                    ..
                } => self.measure(qubit as usize, Some(bit), &mut branch, &mut state),
                Event::Reset { qubit } => {
                    self.measure(qubit as usize, None, &mut branch, &mut state);
                }
                Event::End => break,
            }
            if self.options.is_interrupted() {
                return Err(SimulatorError::Interrupted);
            }
        }
        self.finish(branch, state);
        Ok(())
    }

    /// Measures into a bit, or resets where there is none, for all shots; those with another outcome than the first are
    /// left to wait.
    fn measure(
        &mut self,
        qubit: usize,
        bit: Option<Clbit>,
        branch: &mut Branch,
        state: &mut InverseTableau,
    ) {
        let site = branch.site;
        branch.site += 1;
        let conclude = |outcome: bool, state: &mut InverseTableau, bits: &mut Outcome| match bit {
            Some(bit) => bits.set(bit, outcome),
            None if outcome => state.apply(CliffordGate::X(qubit)),
            None => {}
        };
        let outcome = match state.chance(qubit) {
            Chance::Certain(outcome) => outcome,
            Chance::Even => {
                let coin = |shot: u64| self.random.bits(shot, site) >> 63 == 1;
                let first = branch.shots.first().is_some_and(|&shot| coin(shot));
                let (same, other): (Vec<u64>, Vec<u64>) =
                    branch.shots.iter().partition(|&&shot| coin(shot) == first);
                branch.shots = same;
                if !other.is_empty() {
                    let part = if self.has_room() {
                        let mut part = Branch {
                            course: branch.course.clone(),
                            bits: branch.bits.clone(),
                            site: branch.site,
                            shots: other,
                            state: None,
                        };
                        let mut copy = state.clone();
                        copy.project(qubit, !first);
                        conclude(!first, &mut copy, &mut part.bits);
                        part.state = Some(copy);
                        part
                    } else {
                        self.start(other)
                    };
                    self.waiting.push(part);
                }
                state.project(qubit, first);
                first
            }
        };
        conclude(outcome, state, &mut branch.bits);
    }

    fn has_room(&self) -> bool {
        let held = self
            .waiting
            .iter()
            .filter(|branch| branch.state.is_some())
            .count();
        let n = self.compiled.active.qubits.len();
        held < MOST_WAITING
            && memory::check_bytes(String::new, Some(4 * bytes(n)), self.options.memory_cap).is_ok()
    }

    /// Draws the measurements at the end. Outcomes of a tableau are those of one shot, plus, for random signs of the
    /// Zs that |0...0> does not notice, which of these signs each outcome sees: the Xs in the row of its qubit.
    fn finish(&mut self, branch: Branch, mut state: InverseTableau) {
        let terminal = &self.compiled.program.terminal;
        let rows: Vec<Option<Vec<u64>>> = terminal
            .iter()
            .map(|reading| {
                reading
                    .qubit
                    .map(|q| state.row_of_z(q as usize).x_words().to_vec())
            })
            .collect();
        let reference: Vec<bool> = terminal
            .iter()
            .map(|reading| {
                reading
                    .qubit
                    .is_some_and(|q| state.measure(q as usize, || false))
            })
            .collect();
        let words = self.compiled.active.qubits.len().div_ceil(64);
        for &shot in &branch.shots {
            let signs: Vec<u64> = (0..words)
                .map(|word| self.random.bits(shot, branch.site + word as u64))
                .collect();
            let mut outcome = branch.bits.clone();
            for ((row, reference), reading) in rows.iter().zip(&reference).zip(terminal) {
                let flips = row.as_ref().is_some_and(|row| {
                    let parity = row.iter().zip(&signs).fold(0, |p, (a, b)| p ^ (a & b));
                    parity.count_ones() % 2 == 1
                });
                outcome.set(reading.bit, reference ^ flips);
            }
            self.out.push((shot, outcome));
        }
    }
}
