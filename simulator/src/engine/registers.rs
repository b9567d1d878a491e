//! The classical side of a run: where it is, what its bits are, how often its loops have run.
//!
//! Every engine executes the same code ([`super::program`]); what it does with gates and measurements differs, jumps
//! and conditions do not.

use super::program::Code;
use crate::counts::Outcome;
use crate::error::SimulatorError;

/// The registers of one course of a run.
#[derive(Debug, Clone)]
pub(crate) struct Registers {
    /// Index of the next instruction.
    pub(crate) at: usize,
    loops: Vec<u64>,
    /// The classical bits.
    pub(crate) bits: Outcome,
}

impl Registers {
    /// At the beginning, with all bits 0.
    pub(crate) fn new(num_clbits: usize) -> Self {
        Self {
            at: 0,
            loops: vec![],
            bits: Outcome::zero(num_clbits),
        }
    }

    /// Executes an instruction of control flow; `at` points behind it already. Any loop may run `max_iterations`
    /// times.
    pub(crate) fn follow(
        &mut self,
        code: &Code,
        max_iterations: u64,
    ) -> Result<(), SimulatorError> {
        match code {
            Code::Jump(target) => self.at = *target,
            Code::JumpUnless(condition, target) => {
                if !condition.is_true(&|bit| self.bits.get(bit)) {
                    self.at = *target;
                }
            }
            Code::Select(switch, targets) => {
                let value = switch.subject.evaluate(&|bit| self.bits.get(bit));
                let case = switch.cases.iter().position(|case| {
                    switch
                        .select(&value)
                        .is_some_and(|chosen| std::ptr::eq(chosen, &case.body))
                });
                self.at = targets[case.unwrap_or(switch.cases.len())];
            }
            Code::EnterLoop => self.loops.push(0),
            Code::NextRound { rounds, exit } => {
                let count = self.loops.last_mut().expect("a loop was entered");
                if *count >= *rounds {
                    self.at = *exit;
                }
                *count += 1;
            }
            Code::CountRound => {
                let count = self.loops.last_mut().expect("a loop was entered");
                *count += 1;
                if *count > max_iterations {
                    return Err(SimulatorError::TooManyIterations {
                        limit: max_iterations,
                    });
                }
            }
            Code::LeaveLoop => drop(self.loops.pop()),
            Code::Gates(_) | Code::Measure { .. } | Code::Reset { .. } => {
                unreachable!("an engine handles gates and measurements itself")
            }
        }
        Ok(())
    }
}
