//! Majorana operators: the strings in which free fermions are free.
//!
//! In an order of the columns (Jordan and Wigner's) they are `g_2j = Z...Z X_j` and `g_2j+1 = Z...Z Y_j`, with a Z on
//! every column before. Every Pauli string is a product of them, up to its phase, in one way.

use super::PhasedPauli;

/// The Majorana operators of an order of columns.
#[derive(Clone, Debug)]
pub struct Majoranas {
    /// The column in each place.
    order: Vec<usize>,
    strings: Vec<PhasedPauli>,
}

impl Majoranas {
    /// For strings over so many columns.
    #[must_use]
    pub fn new(order: Vec<usize>, columns: usize) -> Self {
        let mut strings = Vec::with_capacity(2 * order.len());
        let mut before = PhasedPauli::identity(columns);
        for &column in &order {
            let z = PhasedPauli::z(columns, column);
            let mut x = before.clone();
            x.multiply(&PhasedPauli::x(columns, column), 0);
            let mut y = x.clone();
            y.multiply(&z, 1); // Y = i X Z
            strings.extend([x, y]);
            before.multiply(&z, 0);
        }
        Self { order, strings }
    }

    /// The column in each place of the order.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// The number of them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.strings.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.strings.is_empty()
    }

    /// The operators whose product, in ascending order, the string is up to a phase; and the power of `i` of that phase.
    #[must_use]
    pub fn factors(&self, string: &PhasedPauli) -> (Vec<usize>, u8) {
        let mut list = Vec::new();
        let mut tail = false;
        for (place, &column) in self.order.iter().enumerate().rev() {
            // Every operator of a later place has a Z here.
            let (x, z) = string.bits_of(column);
            let z = z ^ tail;
            match (x, z) {
                (false, false) => {}
                (true, false) => list.push(2 * place),
                (true, true) => list.push(2 * place + 1),
                (false, true) => list.extend([2 * place + 1, 2 * place]),
            }
            tail ^= x;
        }
        list.reverse();
        let mut product = PhasedPauli::identity(string.columns());
        list.iter()
            .for_each(|&own| product.multiply(&self.strings[own], 0));
        (list, (string.power() + 4 - product.power()) % 4)
    }

    /// The string with each operator replaced by another one, with this sign.
    #[must_use]
    pub fn permuted(&self, string: &PhasedPauli, images: &[(usize, bool)]) -> PhasedPauli {
        let (list, power) = self.factors(string);
        let mut out = PhasedPauli::identity(string.columns());
        for own in list {
            let (image, minus) = images[own];
            out.multiply(&self.strings[image], 2 * u8::from(minus));
        }
        out.turn(power);
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_products_of_majorana_operators() {
        let majoranas = Majoranas::new(vec![2, 0, 1], 3);
        for number in 1..64usize {
            let mut string = PhasedPauli::identity(3);
            for column in 0..3 {
                if number >> column & 1 == 1 {
                    string.multiply(&PhasedPauli::x(3, column), 0);
                }
            }
            for column in 0..3 {
                if number >> (3 + column) & 1 == 1 {
                    string.multiply(&PhasedPauli::z(3, column), 1);
                }
            }
            let (list, power) = majoranas.factors(&string);
            let mut product = PhasedPauli::identity(3);
            list.iter()
                .for_each(|&own| product.multiply(&majoranas.strings[own], 0));
            product.turn(power);
            assert_eq!(product, string);
            assert!(list.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}
