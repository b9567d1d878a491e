//! A few virtual qubits: pairs of Pauli strings that multiply as X and Z of as many qubits do.
//!
//! The strings of the gates on some wires span such qubits, whatever Clifford gates came before, and also when the
//! circuit is written about other wires. So a window of a circuit is multiplied out as a small matrix without knowing
//! which wires it was on.

use crate::pauli::Pauli;

/// Pairs `[X, Z]`: strings that are Hermitian, commute between the pairs and do not within one.
#[derive(Clone, Debug)]
pub(crate) struct VirtualQubits {
    pairs: Vec<[Pauli; 2]>,
}

impl VirtualQubits {
    /// The fewest qubits that have all these strings among their operators.
    pub(crate) fn spanned_by<'p>(strings: impl IntoIterator<Item = &'p Pauli>) -> Self {
        let mut out = Self { pairs: Vec::new() };
        let mut centre: Vec<Pauli> = Vec::new();
        for string in strings {
            let mut rest = string.clone();
            out.remove_part(&mut rest);
            match centre.iter().position(|own| !own.commutes(&rest)) {
                None => {
                    centre.push(rest);
                    echelon(&mut centre);
                }
                Some(place) => {
                    let partner = centre.swap_remove(place);
                    for other in centre.iter_mut().filter(|own| !own.commutes(&rest)) {
                        other.multiply(&partner, 0);
                    }
                    out.pairs.push([hermitian(partner), hermitian(rest)]);
                }
            }
        }
        // A string that commutes with all others is the Z of a qubit whose X is free to choose.
        let pivots = echelon(&mut centre);
        for (string, pivot) in centre.into_iter().zip(pivots) {
            let mut partner = string.dual_of_bit(pivot);
            out.remove_part(&mut partner);
            out.pairs.push([hermitian(partner), hermitian(string)]);
        }
        out
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// The columns in which any of their operators has a letter, as bits.
    pub(crate) fn columns(&self) -> Vec<u64> {
        let mut out = Vec::new();
        for string in self.pairs.iter().flatten() {
            out.resize(string.x_words().len(), 0);
            let words = string.x_words().iter().zip(string.z_words());
            out.iter_mut()
                .zip(words)
                .for_each(|(own, (x, z))| *own |= x | z);
        }
        out
    }

    /// With which of X_0, X_1, ..., Z_0, Z_1, ... the string does not commute, as bits.
    pub(crate) fn crossings(&self, string: &Pauli) -> u32 {
        let bit = |of: usize, j: usize| u32::from(!self.pairs[j][of].commutes(string));
        (0..self.len()).fold(0, |bits, j| {
            bits | bit(0, j) << j | bit(1, j) << (self.len() + j)
        })
    }

    /// The string as an operator of these qubits, if it is one; `crossings` are its own.
    pub(crate) fn operator(&self, string: &Pauli, crossings: u32) -> Option<Pauli> {
        let mut small = self.part(crossings);
        let full = self.string(&small, string);
        (full.letters() == string.letters()).then(|| {
            small.turn((string.power() + 4 - full.power()) % 4);
            small
        })
    }

    /// The operator of these qubits that does not commute with just what `crossings` tells.
    fn part(&self, crossings: u32) -> Pauli {
        let count = self.len();
        let mut small = Pauli::identity(count);
        for j in 0..count {
            if crossings >> (count + j) & 1 == 1 {
                small.multiply(&Pauli::x(count, j), 0);
            }
        }
        for j in 0..count {
            if crossings >> j & 1 == 1 {
                small.multiply(&Pauli::z(count, j), 0);
            }
        }
        small
    }

    /// An operator of these qubits as a string over as many columns as `like` has.
    pub(crate) fn string(&self, small: &Pauli, like: &Pauli) -> Pauli {
        let mut full = Pauli::identity(like.columns());
        for (of, words) in [small.x_words(), small.z_words()].into_iter().enumerate() {
            for (j, pair) in self.pairs.iter().enumerate() {
                if words[0] >> j & 1 == 1 {
                    full.multiply(&pair[of], 0);
                }
            }
        }
        full.turn(small.power());
        full
    }

    fn remove_part(&self, string: &mut Pauli) {
        for [x, z] in &self.pairs {
            let crosses = [!string.commutes(x), !string.commutes(z)];
            if crosses[0] {
                string.multiply(z, 0);
            }
            if crosses[1] {
                string.multiply(x, 0);
            }
        }
    }
}

/// A Clifford operation that takes the strings of some pairs to those of others and leaves alone what commutes with both.
pub(crate) struct Exchange {
    from: VirtualQubits,
    to: VirtualQubits,
}

impl Exchange {
    /// From pairs to as many pairs of the same algebra.
    pub(crate) fn new(from: Vec<[Pauli; 2]>, to: Vec<[Pauli; 2]>) -> Self {
        Self {
            from: VirtualQubits { pairs: from },
            to: VirtualQubits { pairs: to },
        }
    }

    /// Performs it on a string.
    pub(crate) fn change(&self, string: &mut Pauli) {
        let crossings = self.from.crossings(string);
        if crossings == 0 {
            return;
        }
        let part = self.from.part(crossings);
        let (from, to) = (
            self.from.string(&part, string),
            self.to.string(&part, string),
        );
        string.multiply(&from.inverse(), 0);
        string.multiply(&to, 0);
    }
}

/// The string times `i` if that makes it Hermitian.
fn hermitian(mut string: Pauli) -> Pauli {
    if !string.is_hermitian() {
        string.turn(1);
    }
    string
}

/// Brings strings that commute to a form where each has a letter bit of its own, dropping what depends on others; returns
/// those bits.
pub(crate) fn echelon(strings: &mut Vec<Pauli>) -> Vec<usize> {
    let mut pivots: Vec<usize> = Vec::new();
    let mut done = 0;
    while done < strings.len() {
        let Some(pivot) = strings[done].lowest_bit() else {
            strings.swap_remove(done);
            continue;
        };
        let (before, rest) = strings.split_at_mut(done);
        if let Some((own, after)) = rest.split_first_mut() {
            for other in before.iter_mut().chain(after) {
                if other.has_bit(pivot) {
                    other.multiply(own, 0);
                }
            }
        }
        pivots.push(pivot);
        done += 1;
    }
    pivots
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(letters: &str) -> Pauli {
        let mut out = Pauli::identity(letters.len());
        for (column, letter) in letters.chars().enumerate() {
            if "XY".contains(letter) {
                out.multiply(&Pauli::x(letters.len(), column), 0);
            }
        }
        for (column, letter) in letters.chars().enumerate() {
            if "YZ".contains(letter) {
                out.multiply(&Pauli::z(letters.len(), column), 0);
            }
        }
        let ys = letters.matches('Y').count();
        out.turn((ys % 4) as u8);
        out
    }

    #[test]
    fn strings_span_as_few_qubits_as_their_algebra_needs() {
        let count = |list: &[&str]| {
            let strings: Vec<Pauli> = list.iter().map(|letters| string(letters)).collect();
            VirtualQubits::spanned_by(&strings).len()
        };
        assert_eq!(count(&["XXXX", "ZIII", "YXXX"]), 1);
        assert_eq!(count(&["XXXX", "ZZII", "IZZI"]), 3);
        assert_eq!(count(&["ZIII", "IZII", "ZZII", "XXII", "XIII"]), 2);
    }

    #[test]
    fn operators_multiply_as_their_strings_do() {
        let strings = ["XZIY", "ZZXI", "YIXY", "IIZZ"].map(string);
        let qubits = VirtualQubits::spanned_by(&strings);
        let small = |string: &Pauli| {
            qubits
                .operator(string, qubits.crossings(string))
                .expect("a product of what spans the qubits")
        };
        for a in &strings {
            for b in &strings {
                let mut full = a.clone();
                full.multiply(b, 0);
                let mut product = small(a);
                product.multiply(&small(b), 0);
                assert_eq!(small(&full), product);
                assert_eq!(qubits.string(&product, a), full);
            }
        }
        let other = string("XIII");
        assert!(qubits.operator(&other, qubits.crossings(&other)).is_none());
    }

    #[test]
    fn an_exchange_keeps_products_and_what_commutes() {
        let pairs = |list: [&str; 4]| {
            let [a, b, c, d] = list.map(string);
            vec![[a, b], [c, d]]
        };
        // A CX from the first to the second qubit.
        let exchange = Exchange::new(
            pairs(["XIII", "ZIII", "IXII", "IZII"]),
            pairs(["XXII", "ZIII", "IXII", "ZZII"]),
        );
        for (before, after) in [("XIYI", "XXYI"), ("IZXI", "ZZXI"), ("IIZZ", "IIZZ")] {
            let mut changed = string(before);
            exchange.change(&mut changed);
            assert_eq!(changed, string(after));
        }
        let mut y = string("YYII");
        exchange.change(&mut y);
        let mut expected = string("XZII");
        expected.turn(2);
        assert_eq!(y, expected);
    }
}
