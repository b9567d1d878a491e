//! Many diagonal gates in one pass.
//!
//! Within a row the outer bits are fixed. A gate on outer bits is then a factor of the row, and one between an outer and an
//! inner bit a factor of that inner bit; those of all inner bits together are looked up eight bits at a time. Gates
//! on inner bits only are the same in all rows with as many ones and are multiplied beforehand.

use ardea_circuit::C64;

use super::layout::{Layout, Place, Row};

/// Inner bits looked up together.
const BITS: usize = 8;

/// A product of diagonal gates.
pub(super) struct Diagonals {
    /// Factors of gates on inner bits only, for each number of ones and each combination; empty where there are none.
    inner: Vec<Vec<C64>>,
    terms: Vec<Term>,
}

/// A gate with at least one outer bit or none that varies.
struct Term {
    /// The part of the table's index that fixed qubits give.
    base: usize,
    /// Bits and what they add to the index.
    inner: Vec<(u32, usize)>,
    outer: Vec<(u32, usize)>,
    table: Vec<C64>,
}

impl Term {
    fn new(qubits: &[u32], table: &[C64], layout: &Layout) -> Self {
        let mut term = Self {
            base: 0,
            inner: vec![],
            outer: vec![],
            table: table.to_vec(),
        };
        for (place, &qubit) in qubits.iter().enumerate() {
            let weight = 1 << place;
            match layout.places[qubit as usize] {
                Place::Inner(at) => term.inner.push((at, weight)),
                Place::Outer(at) => term.outer.push((at, weight)),
                Place::Fixed(bit) => term.base += usize::from(bit) * weight,
            }
        }
        term
    }

    fn at_outer(&self, outer: u128) -> usize {
        self.base + index(&self.outer, outer)
    }
}

fn index(bits: &[(u32, usize)], set: u128) -> usize {
    bits.iter()
        .map(|&(at, weight)| (set >> at & 1) as usize * weight)
        .sum()
}

impl Diagonals {
    /// No gates yet.
    pub(super) fn new(layout: &Layout) -> Self {
        Self {
            inner: vec![vec![]; layout.combinations.len()],
            terms: vec![],
        }
    }

    /// Adds a gate.
    pub(super) fn push(&mut self, qubits: &[u32], table: &[C64], layout: &Layout) {
        let term = Term::new(qubits, table, layout);
        if term.inner.is_empty() || !term.outer.is_empty() {
            self.terms.push(term);
            return;
        }
        for (factors, combinations) in self.inner.iter_mut().zip(&layout.combinations) {
            factors.resize(combinations.len(), C64::ONE);
            for (factor, &set) in factors.iter_mut().zip(combinations) {
                *factor *= term.table[term.base + index(&term.inner, set)];
            }
        }
    }

    /// Multiplies a row.
    pub(super) fn apply(&self, amplitudes: &mut [C64], row: &Row, layout: &Layout) {
        let combinations = &layout.combinations[row.ones];
        for (amplitude, factor) in amplitudes.iter_mut().zip(&self.inner[row.ones]) {
            *amplitude *= factor;
        }
        if self.terms.is_empty() {
            return;
        }
        let mut scale = C64::ONE;
        let mut bits = vec![[C64::ONE; 2]; layout.inner_width];
        let mut varies = false;
        let mut wide = Vec::new();
        for term in &self.terms {
            let at = term.at_outer(row.outer);
            match *term.inner {
                [] => scale *= term.table[at],
                [(bit, weight)] => {
                    let factors = &mut bits[bit as usize];
                    factors[0] *= term.table[at];
                    factors[1] *= term.table[at + weight];
                    varies = true;
                }
                _ => wide.push((term, at)),
            }
        }
        if varies {
            let tables = tables(&bits, scale);
            let mask = (1u128 << BITS) - 1;
            for (amplitude, &set) in amplitudes.iter_mut().zip(combinations) {
                let mut rest = set;
                for table in &tables {
                    *amplitude *= table[(rest & mask) as usize];
                    rest >>= BITS;
                }
            }
        } else {
            amplitudes
                .iter_mut()
                .for_each(|amplitude| *amplitude *= scale);
        }
        for (term, at) in wide {
            for (amplitude, &set) in amplitudes.iter_mut().zip(combinations) {
                *amplitude *= term.table[at + index(&term.inner, set)];
            }
        }
    }
}

/// For each group of bits the products of their factors; the first also holds `scale`.
fn tables(bits: &[[C64; 2]], scale: C64) -> Vec<Vec<C64>> {
    bits.chunks(BITS)
        .enumerate()
        .map(|(group, bits)| {
            let mut table = vec![if group == 0 { scale } else { C64::ONE }];
            for [zero, one] in bits {
                let ones: Vec<C64> = table.iter().map(|entry| entry * one).collect();
                table.iter_mut().for_each(|entry| *entry *= zero);
                table.extend(ones);
            }
            table
        })
        .collect()
}
