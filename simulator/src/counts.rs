//! How often each outcome occurred.
//!
//! An outcome is the value of all classical bits. Written as text it follows Qiskit: registers from last to first,
//! separated by spaces, and in each register the highest bit first.

use std::collections::BTreeMap;

use ardea_circuit::{Circuit, Clbit, Register};

use crate::error::SimulatorError;

/// The values of all classical bits after one shot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Outcome {
    // Most significant word first, so that the derived order is that of the numbers.
    words: Box<[u64]>,
}

impl Outcome {
    /// All of so many bits 0.
    pub fn zero(bits: usize) -> Self {
        Self {
            words: vec![0; bits.div_ceil(64)].into(),
        }
    }

    /// The outcome with these words, least significant first.
    pub(crate) fn from_words(words: impl DoubleEndedIterator<Item = u64>) -> Self {
        Self {
            words: words.rev().collect(),
        }
    }

    /// The value of a bit; bits that the circuit does not have are 0.
    pub fn get(&self, bit: Clbit) -> bool {
        let word = bit.index() / 64;
        word < self.words.len()
            && self.words[self.words.len() - 1 - word] >> (bit.index() % 64) & 1 == 1
    }

    /// Gives a bit a value.
    ///
    /// # Panics
    /// For a bit beyond those that the outcome was made with.
    pub fn set(&mut self, bit: Clbit, value: bool) {
        let at = self.words.len() - 1 - bit.index() / 64;
        let mask = 1 << (bit.index() % 64);
        if value {
            self.words[at] |= mask;
        } else {
            self.words[at] &= !mask;
        }
    }
}

/// Outcomes and how often each occurred.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counts {
    num_clbits: usize,
    registers: Vec<Register>,
    counts: BTreeMap<Outcome, u64>,
}

impl Counts {
    /// No outcomes yet, of the classical bits of `circuit`.
    pub fn new(circuit: &Circuit) -> Self {
        Self {
            num_clbits: circuit.num_clbits(),
            registers: circuit.cregs().to_vec(),
            counts: BTreeMap::new(),
        }
    }

    /// Counts an outcome of these bits so many more times; 2^64 - 1 are not exceeded.
    pub fn add(&mut self, outcome: Outcome, times: u64) {
        let own = self.counts.entry(outcome).or_default();
        *own = own.saturating_add(times);
    }

    /// Counts of `circuit` from texts as [`Counts::text`] writes them and Qiskit does; spaces are ignored.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] for a text of another length, or of other characters than 0 and 1.
    pub fn from_texts<'a>(
        circuit: &Circuit,
        texts: impl IntoIterator<Item = (&'a str, u64)>,
    ) -> Result<Self, SimulatorError> {
        let mut counts = Self::new(circuit);
        for (text, times) in texts {
            let bits: Vec<char> = text.chars().rev().filter(|c| !c.is_whitespace()).collect();
            if bits.len() != counts.num_clbits || bits.iter().any(|bit| !matches!(bit, '0' | '1')) {
                let what = format!(
                    "'{text}' is no outcome of {} classical bits; write one 0 or 1 for each",
                    counts.num_clbits
                );
                return Err(SimulatorError::BadArgument { what });
            }
            let mut outcome = Outcome::zero(bits.len());
            bits.iter()
                .enumerate()
                .for_each(|(i, &bit)| outcome.set(Clbit::new(i), bit == '1'));
            counts.add(outcome, times);
        }
        Ok(counts)
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (outcome, times) in other.counts {
            self.add(outcome, times);
        }
    }

    /// Adds the counts of another run of the same circuit.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] when the numbers of classical bits differ.
    pub fn try_merge(&mut self, other: Self) -> Result<(), SimulatorError> {
        if self.num_clbits != other.num_clbits {
            let what = format!(
                "counts of {} and {} classical bits cannot be added",
                self.num_clbits, other.num_clbits
            );
            return Err(SimulatorError::BadArgument { what });
        }
        self.merge(other);
        Ok(())
    }

    /// Number of classical bits.
    pub fn num_clbits(&self) -> usize {
        self.num_clbits
    }

    /// Number of different outcomes.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether there were no shots.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// Number of shots.
    pub fn shots(&self) -> u64 {
        let sum = |sum: u64, &times: &u64| sum.saturating_add(times);
        self.counts.values().fold(0, sum)
    }

    /// Outcomes in the order of their numbers, with how often each occurred.
    pub fn iter(&self) -> impl Iterator<Item = (&Outcome, u64)> {
        self.counts.iter().map(|(outcome, &times)| (outcome, times))
    }

    /// How often the outcome written `text` occurred; spaces are ignored.
    pub fn get(&self, text: &str) -> u64 {
        let plain = |text: &str| {
            text.chars()
                .filter(|c| !c.is_whitespace())
                .collect::<String>()
        };
        let wanted = plain(text);
        self.iter()
            .find(|(outcome, _)| plain(&self.text(outcome)) == wanted)
            .map_or(0, |(_, times)| times)
    }

    /// An outcome as text, in Qiskit's order.
    pub fn text(&self, outcome: &Outcome) -> String {
        let bit = |i: usize| if outcome.get(Clbit::new(i)) { '1' } else { '0' };
        let named = self
            .registers
            .iter()
            .map(|register| register.range().end)
            .max()
            .unwrap_or(0);
        let mut parts: Vec<String> = Vec::new();
        if named < self.num_clbits {
            parts.push((named..self.num_clbits).rev().map(bit).collect());
        }
        parts.extend(
            self.registers
                .iter()
                .rev()
                .map(|register| register.range().rev().map(bit).collect()),
        );
        parts.join(" ")
    }

    /// All outcomes as text.
    pub fn to_map(&self) -> BTreeMap<String, u64> {
        self.iter()
            .map(|(outcome, times)| (self.text(outcome), times))
            .collect()
    }

    /// The counts of some bits, whatever the others were; the first bit listed becomes bit 0 of a register `c`.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] for a bit that does not exist.
    pub fn marginal(&self, bits: &[Clbit]) -> Result<Self, SimulatorError> {
        if let Some(bit) = bits.iter().find(|bit| bit.index() >= self.num_clbits) {
            let what = format!(
                "there is no classical bit {}: the counts have {} bits",
                bit.index(),
                self.num_clbits
            );
            return Err(SimulatorError::BadArgument { what });
        }
        let mut marginal = Self::new(&Circuit::new(0, bits.len()));
        for (outcome, times) in self.iter() {
            let mut small = Outcome::zero(bits.len());
            bits.iter()
                .enumerate()
                .for_each(|(i, &bit)| small.set(Clbit::new(i), outcome.get(bit)));
            marginal.add(small, times);
        }
        Ok(marginal)
    }

    /// The counts of the classical register called `name`, whatever the others were.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] where there is none.
    pub fn marginal_of_register(&self, name: &str) -> Result<Self, SimulatorError> {
        match self.registers.iter().find(|register| register.name == name) {
            Some(register) => {
                let bits: Vec<Clbit> = register.range().map(Clbit::new).collect();
                self.marginal(&bits)
            }
            None => Err(SimulatorError::BadArgument {
                what: format!("there is no classical register '{name}'"),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(bits: usize, ones: &[usize]) -> Outcome {
        let mut outcome = Outcome::zero(bits);
        ones.iter()
            .for_each(|&bit| outcome.set(Clbit::new(bit), true));
        outcome
    }

    #[test]
    fn text_lists_registers_from_last_to_first_with_the_highest_bit_first() {
        let mut circuit = Circuit::new(0, 0);
        circuit.add_creg("a", 2).unwrap();
        circuit.add_creg("b", 3).unwrap();
        let mut counts = Counts::new(&circuit);
        counts.add(outcome(5, &[0, 4]), 3);
        assert_eq!(counts.to_map(), BTreeMap::from([("100 01".to_owned(), 3)]));
        let of_b = counts.marginal_of_register("b").unwrap();
        assert_eq!(of_b.to_map(), BTreeMap::from([("100".to_owned(), 3)]));
        assert!(counts.marginal_of_register("q").is_err());
        assert_eq!(counts.get("10001"), 3);
        assert_eq!(counts.get("10000"), 0);
    }

    #[test]
    fn outcomes_of_many_bits_are_ordered_as_numbers() {
        assert!(outcome(130, &[129]) > outcome(130, &[0, 1, 128]));
        assert!(outcome(130, &[64]) > outcome(130, &[63]));
    }

    #[test]
    fn counts_are_read_as_they_are_written() {
        let mut circuit = Circuit::new(0, 0);
        circuit.add_creg("a", 2).unwrap();
        circuit.add_creg("b", 3).unwrap();
        let counts = Counts::from_texts(&circuit, [("100 01", 3), ("00011", 1)]).unwrap();
        assert_eq!(counts.get("10001"), 3);
        let again = counts.to_map();
        let again = again.iter().map(|(text, &times)| (text.as_str(), times));
        assert_eq!(Counts::from_texts(&circuit, again).unwrap(), counts);
        for bad in ["100 0", "1000012", "0000x"] {
            assert!(Counts::from_texts(&circuit, [(bad, 1)]).is_err());
        }
    }

    #[test]
    fn marginals_forget_the_other_bits() {
        let mut counts = Counts::new(&Circuit::new(0, 3));
        counts.add(outcome(3, &[0]), 1);
        counts.add(outcome(3, &[0, 1]), 2);
        counts.add(outcome(3, &[2]), 4);
        let marginal = counts.marginal(&[Clbit::new(2), Clbit::new(0)]).unwrap();
        assert_eq!(
            marginal.to_map(),
            BTreeMap::from([("01".to_owned(), 4), ("10".to_owned(), 3)])
        );
        assert!(counts.marginal(&[Clbit::new(3)]).is_err());
    }
}
