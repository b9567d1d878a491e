//! The way of a shot through a program: its jumps and loops.

use ardea_circuit::{Clbit, Expr};

use crate::engine::{Code, Program};
use crate::error::SimulatorError;
use crate::options::SimOptions;

/// How far a shot has come.
#[derive(Clone, Default)]
pub(super) struct Course {
    at: usize,
    loops: Vec<u64>,
}

/// What has to be done next.
pub(super) enum Event<'p> {
    /// Apply the run of gates of this number.
    Gates(usize),
    /// Apply the run of this number where the condition holds.
    Conditional(&'p Expr, usize),
    /// Measure a qubit, called `wire` in the circuit; one without a number is |0>.
    Measure {
        qubit: Option<u32>,
        wire: usize,
        bit: Clbit,
    },
    /// Return a qubit to |0>.
    Reset { qubit: u32 },
    /// Nothing: the program is at its end.
    End,
}

impl Course {
    /// Goes on to the next event. `conditional` marks the instructions that are conditions of a single run of gates, to be
    /// decided shot by shot; an empty list marks none.
    pub(super) fn next<'p, P>(
        &mut self,
        program: &'p Program<P>,
        conditional: &[bool],
        options: &SimOptions,
        read: &impl Fn(Clbit) -> bool,
    ) -> Result<Event<'p>, SimulatorError> {
        let limit = options.max_iterations;
        while let Some(code) = program.code.get(self.at) {
            let here = self.at;
            self.at += 1;
            match code {
                Code::Gates(run) => return Ok(Event::Gates(*run)),
                Code::Measure { qubit, wire, bit } => {
                    return Ok(Event::Measure {
                        qubit: *qubit,
                        wire: *wire,
                        bit: *bit,
                    });
                }
                Code::Reset { qubit } => return Ok(Event::Reset { qubit: *qubit }),
                Code::JumpUnless(condition, target) if conditional.get(here) == Some(&true) => {
                    self.at = *target;
                    if let Some(Code::Gates(run)) = program.code.get(here + 1) {
                        return Ok(Event::Conditional(condition, *run));
                    }
                }
                Code::Jump(target) => self.at = *target,
                Code::JumpUnless(condition, target) => {
                    if !condition.is_true(read) {
                        self.at = *target;
                    }
                }
                Code::Select(switch, targets) => {
                    let value = switch.subject.evaluate(read);
                    let chosen = switch.select(&value);
                    let case = switch.cases.iter().position(|case| {
                        chosen.is_some_and(|chosen| std::ptr::eq(chosen, &case.body))
                    });
                    self.at = targets[case.unwrap_or(switch.cases.len())];
                }
                Code::EnterLoop => self.loops.push(0),
                Code::NextRound { rounds, exit } => {
                    let count = self.round();
                    if count > *rounds {
                        self.at = *exit;
                    }
                }
                Code::CountRound => {
                    if self.round() > limit {
                        return Err(SimulatorError::TooManyIterations { limit });
                    }
                }
                Code::LeaveLoop => drop(self.loops.pop()),
            }
            if options.is_interrupted() {
                return Err(SimulatorError::Interrupted);
            }
        }
        Ok(Event::End)
    }

    /// Counts one more round of the innermost loop.
    fn round(&mut self) -> u64 {
        match self.loops.last_mut() {
            Some(count) => {
                *count += 1;
                *count
            }
            None => 0,
        }
    }
}
