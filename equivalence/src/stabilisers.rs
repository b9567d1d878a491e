//! The signs that are known at the seam between two circuits: products of Z that the common start state keeps.
//!
//! Wires that start in |0> give one `Z = 1` each. A rotation that both circuits have performed keeps those products that
//! commute with it; the others are forgotten. Strings that differ by a known product act alike.

use crate::pauli::Pauli;

/// Products of Z that are known to be +1, as a basis in reduced form.
#[derive(Clone, Debug)]
pub(crate) struct Stabilisers {
    /// Columns of each product and the column by which it is found: no other product holds that one.
    basis: Vec<(Vec<u64>, usize)>,
    words: usize,
}

impl Stabilisers {
    /// `Z = 1` in each of these columns.
    pub(crate) fn new(columns: usize, zero: impl IntoIterator<Item = usize>) -> Self {
        let words = columns.div_ceil(64);
        let mut zero: Vec<usize> = zero.into_iter().collect();
        zero.sort_unstable();
        zero.dedup();
        let unit = |column: usize| {
            let mut bits = vec![0; words];
            bits[column / 64] |= 1 << (column % 64);
            (bits, column)
        };
        Self {
            basis: zero.into_iter().map(unit).collect(),
            words,
        }
    }

    /// Whether nothing is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.basis.is_empty()
    }

    /// The product of known strings that brings `pauli` to its reduced form; multiplying by it changes nothing.
    pub(crate) fn reduce(&self, pauli: &mut Pauli) {
        for (product, pivot) in &self.basis {
            if pauli.z_words()[pivot / 64] >> (pivot % 64) & 1 == 1 {
                pauli.multiply_z(product);
            }
        }
    }

    /// The power of `i` that a product of strings is known to be, if it is.
    pub(crate) fn value(&self, pauli: &Pauli) -> Option<u8> {
        if !pauli.is_diagonal() {
            return None;
        }
        let mut rest = pauli.clone();
        self.reduce(&mut rest);
        rest.is_identity().then(|| rest.power())
    }

    /// Whether every known product commutes with the string.
    pub(crate) fn survive(&self, pauli: &Pauli) -> bool {
        self.basis
            .iter()
            .all(|(product, _)| !odd(product, pauli.x_words()))
    }

    /// Which of the known products the string does not commute with, as bits.
    pub(crate) fn syndrome(&self, pauli: &Pauli) -> Vec<u64> {
        let mut out = vec![0; self.basis.len().div_ceil(64)];
        for (place, (product, _)) in self.basis.iter().enumerate() {
            out[place / 64] |= u64::from(odd(product, pauli.x_words())) << (place % 64);
        }
        out
    }

    /// A known product that commutes with neither string, if there is one.
    pub(crate) fn crossing_both(&self, a: &Pauli, b: &Pauli) -> Option<Pauli> {
        let crosses = |product: &[u64]| (odd(product, a.x_words()), odd(product, b.x_words()));
        let find = |wanted: (bool, bool)| {
            self.basis
                .iter()
                .find(|(product, _)| crosses(product) == wanted)
        };
        let string = |products: &[&(Vec<u64>, usize)]| {
            let mut out = Pauli::identity(64 * self.words);
            products
                .iter()
                .for_each(|(product, _)| out.multiply_z(product));
            out
        };
        match find((true, true)) {
            Some(both) => Some(string(&[both])),
            None => Some(string(&[find((true, false))?, find((false, true))?])),
        }
    }

    /// Those known products, and products of them, that commute with all of these strings.
    pub(crate) fn commuting_with(&self, strings: &[Pauli]) -> Self {
        let mut out = self.clone();
        strings.iter().for_each(|string| out.keep(string));
        out
    }

    /// Forgets what a rotation about `pauli` does not keep.
    pub(crate) fn keep(&mut self, pauli: &Pauli) {
        let x = pauli.x_words();
        let Some(lost) = self.basis.iter().position(|(product, _)| odd(product, x)) else {
            return;
        };
        // The others keep their pivots: the one that goes holds none of them.
        let (removed, _) = self.basis.swap_remove(lost);
        for (product, _) in &mut self.basis {
            if odd(product, x) {
                product
                    .iter_mut()
                    .zip(&removed)
                    .for_each(|(word, with)| *word ^= with);
            }
        }
    }
}

fn odd(product: &[u64], x: &[u64]) -> bool {
    let parity = product
        .iter()
        .zip(x)
        .fold(0, |parity, (a, b)| parity ^ (a & b));
    parity.count_ones() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rotation_keeps_the_products_that_commute_with_it() {
        let mut known = Stabilisers::new(3, [0, 1, 2]);
        let mut xx = Pauli::x(3, 0);
        xx.multiply(&Pauli::x(3, 1), 0);
        known.keep(&xx);
        let mut zz = Pauli::z(3, 0);
        zz.multiply(&Pauli::z(3, 1), 0);
        assert_eq!(known.value(&zz), Some(0));
        assert_eq!(known.value(&Pauli::z(3, 0)), None);
        assert_eq!(known.value(&Pauli::z(3, 2)), Some(0));
        zz.turn(2);
        assert_eq!(known.value(&zz), Some(2));
    }
}
