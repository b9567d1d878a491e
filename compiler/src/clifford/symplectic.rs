//! The Clifford operator as synthesis sees it: a tableau without signs, bit-sliced so that the effect of a gate on the
//! images of all generators takes a few word operations.
//!
//! For a generator pair i (X and Z of input i) and an output q, what matters up to free one-qubit gates is the *type* of
//! the two Paulis that the images of the pair have on q; see [`Pair`](super::pair).

use ardea_circuit::clifford::Tableau;

use super::pair::{Axis, PairType};

/// The images of X and Z of every input on every output, without signs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Symplectic {
    num_qubits: usize,
    /// Words per slice: bit i belongs to generator pair i.
    words: usize,
    /// Four slices per output: the x and z bits of the images of X, then those of the images of Z.
    bits: Vec<u64>,
}

impl Symplectic {
    pub(crate) fn of(tableau: &Tableau) -> Self {
        let n = tableau.num_qubits();
        let words = n.div_ceil(64);
        let mut bits = vec![0; 4 * n * words];
        for q in 0..n {
            for i in 0..n {
                let ((xx, xz), (zx, zz)) = (tableau.bits(i, q), tableau.bits(n + i, q));
                for (slice, bit) in [xx, xz, zx, zz].into_iter().enumerate() {
                    bits[(4 * q + slice) * words + i / 64] |= u64::from(bit) << (i % 64);
                }
            }
        }
        Self {
            num_qubits: n,
            words,
            bits,
        }
    }

    pub(crate) fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// One word of each of the four slices of output `q`.
    #[inline]
    pub(crate) fn column(&self, q: usize, word: usize) -> [u64; 4] {
        let (at, step) = (4 * q * self.words + word, self.words);
        let bits = &self.bits[at..=at + 3 * step];
        [bits[0], bits[step], bits[2 * step], bits[3 * step]]
    }

    /// The Paulis that the images of X and of Z of input `i` have on output `q`, each as x + 2 z.
    #[inline]
    pub(crate) fn pair(&self, i: usize, q: usize) -> (u8, u8) {
        let (column, bit) = (self.column(q, i / 64), i % 64);
        let at = |word: u64| (word >> bit & 1) as u8;
        (
            at(column[0]) | at(column[1]) << 1,
            at(column[2]) | at(column[3]) << 1,
        )
    }

    #[inline]
    pub(crate) fn pair_type(&self, i: usize, q: usize) -> PairType {
        let (p, q) = self.pair(i, q);
        PairType::of(p, q)
    }

    /// How many outputs in `among` the images of each input act on.
    pub(crate) fn weights(&self, among: &[usize]) -> Vec<u32> {
        let mut weights = vec![0; self.num_qubits];
        for &q in among {
            for word in 0..self.words {
                let column = self.column(q, word);
                let mut held = held(&column);
                while held != 0 {
                    weights[word * 64 + held.trailing_zeros() as usize] += 1;
                    held &= held - 1;
                }
            }
        }
        weights
    }

    /// The types of the images of one input on every output.
    pub(crate) fn types(&self, input: usize) -> Vec<PairType> {
        (0..self.num_qubits)
            .map(|q| self.pair_type(input, q))
            .collect()
    }

    /// How many inputs have images that act on output `q`.
    pub(crate) fn load(&self, q: usize) -> u32 {
        (0..self.words)
            .map(|word| held(&self.column(q, word)).count_ones())
            .sum()
    }

    /// The load of the two outputs of a gate once it is appended.
    pub(crate) fn load_after(&self, Step { a, s, b, t }: Step) -> u32 {
        (0..self.words)
            .map(|word| {
                let (mut at_a, mut at_b) = (self.column(a, word), self.column(b, word));
                turn(&mut at_a, s, &mut at_b, t);
                held(&at_a).count_ones() + held(&at_b).count_ones()
            })
            .sum()
    }

    /// Appends the controlled Pauli gate `(1 + s + t - s t) / 2` for Paulis `s` on `a` and `t` on `b`.
    pub(crate) fn apply(&mut self, step: Step) {
        let Step { a, s, b, t } = step;
        for word in 0..self.words {
            let (mut at_a, mut at_b) = (self.column(a, word), self.column(b, word));
            turn(&mut at_a, s, &mut at_b, t);
            for slice in 0..4 {
                self.bits[(4 * a + slice) * self.words + word] = at_a[slice];
                self.bits[(4 * b + slice) * self.words + word] = at_b[slice];
            }
        }
    }
}

/// A controlled Pauli gate, the only two-qubit gate of the synthesis: one CZ up to one-qubit gates, its own inverse.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Step {
    pub(crate) a: usize,
    pub(crate) s: Axis,
    pub(crate) b: usize,
    pub(crate) t: Axis,
}

/// Which inputs have images that act on an output.
#[inline]
fn held(column: &[u64; 4]) -> u64 {
    column[0] | column[1] | column[2] | column[3]
}

/// The gate's effect on 64 pairs of images at once.
#[inline]
fn turn(at_a: &mut [u64; 4], s: Axis, at_b: &mut [u64; 4], t: Axis) {
    for part in [0, 2] {
        let clash_a = s.clash(at_a[part], at_a[part + 1]);
        let clash_b = t.clash(at_b[part], at_b[part + 1]);
        s.multiply(at_a, part, clash_b);
        t.multiply(at_b, part, clash_a);
    }
}
