//! The bit on each wire as a Boolean function, followed gate by gate.
//!
//! Read a circuit as a sum over paths: each gate that is no permutation of basis states draws a new bit for its wires,
//! all others give every bit as a function of those drawn so far. A function is a sum modulo 2 of *terms*: drawn bits
//! and products of two functions. Equal sums of terms are equal functions; functions may be equal without being found
//! so, which costs a chance and never a mistake.

use ardea_circuit::{Gate, Instruction, Operation, Qubit};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::optimise::{Kind, kinds};

/// Sums of more terms than this become a term of their own, so that long circuits of `cx` stay cheap.
const MAX_TERMS: usize = 24;

/// Terms in ascending order.
type Sum = SmallVec<[u32; 4]>;

/// A sum of terms by its number, and whether 1 is added to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Bit {
    sum: u32,
    negated: bool,
}

impl Bit {
    const ZERO: Self = Self {
        sum: 0,
        negated: false,
    };
}

/// What each wire holds.
pub(super) struct Values {
    wires: Vec<Bit>,
    /// By number; 0 is the empty sum.
    sums: Vec<Sum>,
    numbers: FxHashMap<Sum, u32>,
    products: FxHashMap<(u32, u32), u32>,
    terms: u32,
}

impl Values {
    /// A drawn bit on every wire.
    pub(super) fn new(num_qubits: usize) -> Self {
        let mut values = Self {
            wires: vec![Bit::ZERO; num_qubits],
            sums: vec![Sum::new()],
            numbers: std::iter::once((Sum::new(), 0)).collect(),
            products: FxHashMap::default(),
            terms: 0,
        };
        for wire in 0..num_qubits {
            values.wires[wire] = values.drawn();
        }
        values
    }

    /// What a wire holds now.
    pub(super) fn on(&self, qubit: Qubit) -> Bit {
        self.wires[qubit.index()]
    }

    /// Goes past an instruction.
    pub(super) fn pass(&mut self, instruction: &Instruction) {
        let q = &instruction.qubits;
        match instruction.operation.as_gate() {
            Some(Gate::X | Gate::Y) => self.wires[q[0].index()].negated ^= true,
            Some(Gate::CX | Gate::CY) => self.add(q[1], self.on(q[0])),
            Some(Gate::Swap | Gate::ISwap) => self.wires.swap(q[0].index(), q[1].index()),
            Some(Gate::DCX) => {
                self.add(q[1], self.on(q[0]));
                self.add(q[0], self.on(q[1]));
            }
            Some(Gate::CCX | Gate::RCCX | Gate::C3X | Gate::RC3X | Gate::C4X) => {
                self.add_product(q);
            }
            Some(Gate::CSwap) => {
                let difference = self.sum(self.on(q[1]), self.on(q[2]));
                let moved = self.product(self.on(q[0]), difference);
                self.add(q[1], moved);
                self.add(q[2], moved);
            }
            _ => self.draw_where_changed(instruction),
        }
    }

    /// Adds the product of the controls to the last qubit.
    fn add_product(&mut self, qubits: &[Qubit]) {
        let Some((&target, controls)) = qubits.split_last() else {
            return;
        };
        let mut product = self.on(controls[0]);
        for &control in &controls[1..] {
            product = self.product(product, self.on(control));
        }
        self.add(target, product);
    }

    /// New bits on all wires on which the operation does not leave basis states as they are.
    fn draw_where_changed(&mut self, instruction: &Instruction) {
        let kinds = match instruction.operation {
            Operation::Measure(_) => return,
            _ => kinds(&instruction.operation, instruction.qubits.len()),
        };
        for (&qubit, kind) in instruction.qubits.iter().zip(kinds) {
            if !matches!(kind, Kind::Z | Kind::Any) {
                self.wires[qubit.index()] = self.drawn();
            }
        }
    }

    fn add(&mut self, target: Qubit, bit: Bit) {
        self.wires[target.index()] = self.sum(self.on(target), bit);
    }

    fn sum(&mut self, a: Bit, b: Bit) -> Bit {
        let (left, right) = (&self.sums[a.sum as usize], &self.sums[b.sum as usize]);
        let mut terms: Sum = left
            .iter()
            .filter(|t| !right.contains(t))
            .copied()
            .collect();
        terms.extend(right.iter().filter(|t| !left.contains(t)).copied());
        terms.sort_unstable();
        Bit {
            sum: self.number(terms),
            negated: a.negated ^ b.negated,
        }
    }

    fn product(&mut self, a: Bit, b: Bit) -> Bit {
        let plain = |bit: Bit| Bit {
            negated: false,
            ..bit
        };
        let mut product = match (plain(a), plain(b)) {
            (Bit::ZERO, _) | (_, Bit::ZERO) => Bit::ZERO,
            (left, right) if left == right => left,
            (left, right) => {
                let key = (left.sum.min(right.sum), left.sum.max(right.sum));
                let term = match self.products.get(&key) {
                    Some(&term) => term,
                    None => {
                        let term = self.new_term();
                        self.products.insert(key, term);
                        term
                    }
                };
                Bit {
                    sum: self.number(SmallVec::from_slice(&[term])),
                    negated: false,
                }
            }
        };
        // (a + 1)(b + 1) = ab + a + b + 1
        if a.negated {
            product = self.sum(product, plain(b));
        }
        if b.negated {
            product = self.sum(product, plain(a));
        }
        product.negated ^= a.negated && b.negated;
        product
    }

    fn drawn(&mut self) -> Bit {
        let term = self.new_term();
        Bit {
            sum: self.number(SmallVec::from_slice(&[term])),
            negated: false,
        }
    }

    fn new_term(&mut self) -> u32 {
        self.terms += 1;
        self.terms - 1
    }

    fn number(&mut self, terms: Sum) -> u32 {
        if let Some(&number) = self.numbers.get(&terms) {
            return number;
        }
        let short = if terms.len() > MAX_TERMS {
            SmallVec::from_slice(&[self.new_term()])
        } else {
            terms.clone()
        };
        let number = self.sums.len() as u32;
        self.sums.push(short.clone());
        self.numbers.insert(terms, number);
        self.numbers.insert(short, number);
        number
    }
}

#[cfg(test)]
impl Values {
    /// The bit on a wire when the bits that were on the wires at the start are those of `start`.
    pub(super) fn evaluate(&self, qubit: Qubit, start: usize) -> bool {
        let bit = self.on(qubit);
        self.sum_value(bit.sum, start) ^ bit.negated
    }

    fn sum_value(&self, sum: u32, start: usize) -> bool {
        let terms = self.sums[sum as usize].iter();
        terms.fold(false, |value, &term| value ^ self.term_value(term, start))
    }

    fn term_value(&self, term: u32, start: usize) -> bool {
        let product = self.products.iter().find(|&(_, &t)| t == term);
        match product {
            Some((&(a, b), _)) => self.sum_value(a, start) && self.sum_value(b, start),
            None => start >> term & 1 == 1,
        }
    }
}
