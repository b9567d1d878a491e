//! Control flow: bodies that run, repeat or are skipped by classical values.
//!
//! A body is a circuit whose **qubits are local positions** `0..k`, mapped by the qubit list of the
//! instruction that holds it, and whose **classical bits are those of the outer circuit**. Qubits
//! are moved by a compiler; classical bits never are.

use crate::{Circuit, Expr, Symbol};

/// One of two bodies by a condition.
#[derive(Clone, PartialEq, Debug)]
pub struct IfElse {
    /// True when any bit of its value is set.
    pub condition: Expr,
    /// What runs when the condition holds.
    pub then_body: Circuit,
    /// What runs otherwise.
    pub else_body: Option<Circuit>,
}

/// One of many bodies by the value of an expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Switch {
    /// What is compared.
    pub subject: Expr,
    /// The cases; the first that matches runs.
    pub cases: Vec<SwitchCase>,
}

/// One case of a [`Switch`].
#[derive(Clone, PartialEq, Debug)]
pub struct SwitchCase {
    /// The values that select it; empty for the default.
    pub values: Vec<u64>,
    /// What runs.
    pub body: Circuit,
}

impl Switch {
    /// The body that runs for a subject of this value (least significant bit first).
    pub fn select(&self, value: &[bool]) -> Option<&Circuit> {
        let matches = |candidate: u64| {
            (0..value.len().max(64)).all(|i| {
                let bit = i < 64 && candidate >> i & 1 == 1;
                value.get(i).copied().unwrap_or(false) == bit
            })
        };
        self.cases
            .iter()
            .find(|case| case.values.is_empty() || case.values.iter().any(|&v| matches(v)))
            .map(|case| &case.body)
    }
}

/// A body repeated over a range or list.
#[derive(Clone, PartialEq, Debug)]
pub struct ForLoop {
    /// The symbol that takes the values inside the body, if it is used there.
    pub variable: Option<Symbol>,
    /// What it runs over.
    pub values: ForValues,
    /// What is repeated.
    pub body: Circuit,
}

/// What a [`ForLoop`] runs over.
#[derive(Clone, PartialEq, Debug)]
pub enum ForValues {
    /// `start, start + step, ...` up to and including `stop`; `step` is not zero.
    Range {
        /// First value.
        start: i64,
        /// Last value, included when the steps reach it.
        stop: i64,
        /// Difference of successive values.
        step: i64,
    },
    /// These values in order.
    List(Vec<i64>),
}

impl ForValues {
    /// How many rounds the loop makes.
    pub fn count(&self) -> u128 {
        match *self {
            Self::Range { start, stop, step } => {
                let span = (i128::from(stop) - i128::from(start)) * i128::from(step.signum());
                if span < 0 || step == 0 {
                    0
                } else {
                    span as u128 / u128::from(step.unsigned_abs()) + 1
                }
            }
            Self::List(ref values) => values.len() as u128,
        }
    }

    /// The values in order.
    pub fn iter(&self) -> Box<dyn Iterator<Item = i64> + '_> {
        match *self {
            Self::Range { start, step, .. } => {
                Box::new((0..self.count()).map(move |round| {
                    (i128::from(start) + round as i128 * i128::from(step)) as i64
                }))
            }
            Self::List(ref values) => Box::new(values.iter().copied()),
        }
    }
}

/// A body repeated while a condition holds.
#[derive(Clone, PartialEq, Debug)]
pub struct WhileLoop {
    /// Checked before each round.
    pub condition: Expr,
    /// What is repeated.
    pub body: Circuit,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_include_their_end_and_never_overflow() {
        let range = |start, stop, step| ForValues::Range { start, stop, step };
        assert_eq!(range(0, 4, 2).iter().collect::<Vec<_>>(), [0, 2, 4]);
        assert_eq!(range(3, 0, -2).iter().collect::<Vec<_>>(), [3, 1]);
        assert_eq!(range(1, 0, 1).count(), 0);
        assert_eq!(range(i64::MIN, i64::MAX, 1).count(), 1 << 64);
    }

    #[test]
    fn a_switch_takes_the_first_case_that_matches() {
        let case = |values: &[u64], n| SwitchCase {
            values: values.to_vec(),
            body: Circuit::new(n, 0),
        };
        let switch = Switch {
            subject: Expr::number(0),
            cases: vec![case(&[1, 2], 1), case(&[], 2)],
        };
        assert_eq!(switch.select(&[false, true]).unwrap().num_qubits(), 1);
        assert_eq!(switch.select(&[true, true]).unwrap().num_qubits(), 2);
    }
}
