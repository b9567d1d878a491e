//! The list of qubits an instruction acts on: up to three stored in place, more on the heap, in 16 bytes.

use std::ops::Deref;

use crate::Qubit;

/// The ordered qubits of an [`crate::Instruction`]; dereferences to a slice.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Qubits(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    Zero,
    One([Qubit; 1]),
    Two([Qubit; 2]),
    Three([Qubit; 3]),
    #[allow(
        clippy::box_collection,
        reason = "a thin pointer: `Box<[Qubit]>` would make every instruction eight bytes larger"
    )]
    Many(Box<Vec<Qubit>>),
}

impl Qubits {
    /// The list with every qubit replaced by `map(qubit)`.
    pub fn map(&self, mut map: impl FnMut(Qubit) -> Qubit) -> Self {
        let mut out = self.clone();
        out.as_mut_slice().iter_mut().for_each(|q| *q = map(*q));
        out
    }

    /// The qubits as a mutable slice, for renaming in place.
    pub fn as_mut_slice(&mut self) -> &mut [Qubit] {
        match &mut self.0 {
            Repr::Zero => &mut [],
            Repr::One(list) => list,
            Repr::Two(list) => list,
            Repr::Three(list) => list,
            Repr::Many(list) => list,
        }
    }
}

impl From<&[Qubit]> for Qubits {
    fn from(list: &[Qubit]) -> Self {
        Self(match *list {
            [] => Repr::Zero,
            [a] => Repr::One([a]),
            [a, b] => Repr::Two([a, b]),
            [a, b, c] => Repr::Three([a, b, c]),
            _ => Repr::Many(Box::new(list.to_vec())),
        })
    }
}

impl<const N: usize> From<[Qubit; N]> for Qubits {
    fn from(list: [Qubit; N]) -> Self {
        Self::from(&list[..])
    }
}

impl FromIterator<Qubit> for Qubits {
    fn from_iter<I: IntoIterator<Item = Qubit>>(iter: I) -> Self {
        let list: smallvec::SmallVec<[Qubit; 8]> = iter.into_iter().collect();
        Self::from(&list[..])
    }
}

impl Deref for Qubits {
    type Target = [Qubit];

    #[inline]
    fn deref(&self) -> &[Qubit] {
        match &self.0 {
            Repr::Zero => &[],
            Repr::One(list) => list,
            Repr::Two(list) => list,
            Repr::Three(list) => list,
            Repr::Many(list) => list,
        }
    }
}

impl std::fmt::Debug for Qubits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_any_length_keep_their_order() {
        for n in 0..6 {
            let list: Vec<Qubit> = (0..n).rev().map(Qubit::new).collect();
            assert_eq!(&*Qubits::from(&list[..]), &list[..]);
        }
    }

    #[test]
    fn a_list_takes_sixteen_bytes() {
        assert_eq!(size_of::<Qubits>(), 16);
    }
}
