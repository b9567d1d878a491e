//! Names for written programs: valid, not reserved, and used once.

use rustc_hash::FxHashSet;

use super::Dialect;
use crate::lower::{QELIB1, QELIB1_ADDED, STDGATES};
use crate::token::is_reserved;

/// Names that mean something in either language without being keywords.
const TAKEN: [&str; 24] = [
    "U", "CX", "sin", "cos", "tan", "exp", "ln", "sqrt", "log", "abs", "mod", "popcount", "floor",
    "ceiling", "tau", "euler", "arcsin", "arccos", "arctan", "asin", "acos", "atan", "rotl",
    "rotr",
];

/// The names in use in a program.
#[derive(Clone, Debug)]
pub(super) struct Names {
    dialect: Dialect,
    taken: FxHashSet<String>,
}

impl Names {
    pub(super) fn new(dialect: Dialect) -> Self {
        let header: &[&[&str]] = match dialect {
            // Readers differ in which gates they know without a definition: all are avoided.
            Dialect::Two => &[&QELIB1, &QELIB1_ADDED],
            Dialect::Three => &[&STDGATES],
        };
        let words = header.iter().flat_map(|list| list.iter()).chain(&TAKEN);
        Self {
            dialect,
            taken: words.map(|word| (*word).to_owned()).collect(),
        }
    }

    /// A name like `wanted` that nothing else has; it is taken from then on.
    pub(super) fn take(&mut self, wanted: &str) -> String {
        let base = self.valid(wanted);
        let mut name = base.clone();
        let mut number = 0;
        while is_reserved(&name) || self.taken.contains(&name) {
            number += 1;
            name = format!("{base}_{number}");
        }
        self.taken.insert(name.clone());
        name
    }

    /// Takes exactly this name, which the caller knows to be free to use.
    pub(super) fn reserve(&mut self, name: &str) {
        self.taken.insert(name.to_owned());
    }

    fn valid(&self, wanted: &str) -> String {
        let unicode = self.dialect == Dialect::Three;
        let allowed = |c: char| {
            c.is_ascii_alphanumeric()
                || c == '_'
                || (unicode && matches!(c, '\u{370}'..='\u{3ff}') && c.is_alphabetic())
        };
        let name: String = wanted
            .chars()
            .map(|c| if allowed(c) { c } else { '_' })
            .collect();
        let starts_well = |c: char| match self.dialect {
            Dialect::Two => c.is_ascii_lowercase(),
            Dialect::Three => c.is_alphabetic() || c == '_',
        };
        if name.starts_with(starts_well) {
            name
        } else {
            format!("n{name}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_valid_and_used_once() {
        let mut names = Names::new(Dialect::Two);
        assert_eq!(names.take("q"), "q");
        assert_eq!(names.take("q"), "q_1");
        assert_eq!(names.take("gate"), "gate_1");
        assert_eq!(names.take("cx"), "cx_1");
        assert_eq!(names.take("My gate!"), "nMy_gate_");
        assert_eq!(names.take("θ"), "n_");
        assert_eq!(names.take(""), "n");
        let mut names = Names::new(Dialect::Three);
        assert_eq!(names.take("θ"), "θ");
        assert_eq!(names.take("box"), "box_1");
        assert_eq!(names.take("0q"), "n0q");
    }
}
