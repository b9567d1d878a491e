//! What blocks become where a qubit is certainly 0 or 1.
//!
//! A qubit that was in no block of the engine so far is *pristine*: its value is known, it can be flipped, and a block
//! that leaves it 0 or 1 is a block of the other qubit alone. Later a value may still be known (where a block moved it),
//! which restricts what a block has to do right: the rest is filled in so that the engine takes it.

use ardea_circuit::C64;
use nalgebra::{Matrix2, Matrix4, Vector2};

use super::{Sink, TOLERANCE};

/// What is known of a qubit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// This value, and no block of the engine has touched it.
    Pristine(bool),
    /// This value.
    Certain(bool),
    Unknown,
}

impl Value {
    fn bit(self) -> Option<bool> {
        match self {
            Self::Pristine(bit) | Self::Certain(bit) => Some(bit),
            Self::Unknown => None,
        }
    }

    fn is_pristine(self) -> bool {
        matches!(self, Self::Pristine(_))
    }
}

/// The engine, and what is known of its qubits.
pub(super) struct Known<S> {
    pub(super) sink: S,
    values: Vec<Value>,
}

impl<S: Sink> Known<S> {
    pub(super) fn new(qubits: usize, sink: S) -> Self {
        Self {
            sink,
            values: vec![Value::Pristine(false); qubits],
        }
    }

    pub(super) fn scale(&mut self, factor: C64) {
        self.sink.scale(factor);
    }

    pub(super) fn single(&mut self, qubit: u32, matrix: &Matrix2<C64>) -> bool {
        let q = qubit as usize;
        if let Value::Pristine(bit) = self.values[q] {
            let image = matrix.column(usize::from(bit));
            let Some(after) = [false, true]
                .into_iter()
                .find(|&to| image[usize::from(!to)].norm() < TOLERANCE)
            else {
                return false;
            };
            self.sink.scale(image[usize::from(after)]);
            self.set_pristine(q, after);
            return true;
        }
        if !self.sink.single(qubit, matrix) {
            return false;
        }
        let turns = matrix[(0, 0)].norm() < TOLERANCE;
        if let Value::Certain(bit) = self.values[q] {
            self.values[q] = Value::Certain(bit ^ turns);
        }
        true
    }

    pub(super) fn diagonal(&mut self, qubits: &[u32], table: &[C64]) -> bool {
        let bit = |qubit: u32| match self.values[qubit as usize] {
            Value::Pristine(bit) => Some(bit),
            _ => None,
        };
        let rest: Vec<u32> = qubits
            .iter()
            .copied()
            .filter(|&q| bit(q).is_none())
            .collect();
        let entry = |index: usize| {
            let mut free = 0;
            let mut full = 0;
            for (place, &qubit) in qubits.iter().enumerate() {
                let one = match bit(qubit) {
                    Some(bit) => bit,
                    None => {
                        free += 1;
                        index >> (free - 1) & 1 == 1
                    }
                };
                full |= usize::from(one) << place;
            }
            table[full]
        };
        let small: Vec<C64> = (0..1usize << rest.len()).map(entry).collect();
        match *rest {
            [] => {
                self.sink.scale(small[0]);
                true
            }
            [q] => self.sink.single(
                q,
                &Matrix2::from_diagonal(&Vector2::new(small[0], small[1])),
            ),
            [a, b] => {
                let mut matrix = Matrix4::zeros();
                (0..4).for_each(|i| matrix[(i, i)] = small[i]);
                self.sink.pair([a, b], &matrix)
            }
            _ => self.sink.diagonal(&rest, &small),
        }
    }

    pub(super) fn pair(&mut self, qubits: [u32; 2], matrix: &Matrix4<C64>) -> bool {
        let [a, b] = qubits.map(|qubit| qubit as usize);
        let values = [self.values[a], self.values[b]];
        let columns: Vec<usize> = (0..4)
            .filter(|column| {
                (0..2).all(|place| {
                    values[place]
                        .bit()
                        .is_none_or(|bit| bit == (column >> place & 1 == 1))
                })
            })
            .collect();
        let after = [0, 1].map(|place| certain_after(matrix, &columns, place));
        for place in 0..2 {
            if values[place].is_pristine()
                && let Some(to) = after[place]
                && self.without(qubits, place, to, matrix, &columns)
            {
                return true;
            }
        }
        let taken =
            self.sink.pair(qubits, matrix) || self.completed(qubits, values, matrix, &columns);
        if taken {
            for (place, q) in [a, b].into_iter().enumerate() {
                self.values[q] = after[place].map_or(Value::Unknown, Value::Certain);
            }
        }
        taken
    }

    /// A block that leaves the pristine qubit at `place` certain is one of the other qubit alone.
    fn without(
        &mut self,
        qubits: [u32; 2],
        place: usize,
        to: bool,
        matrix: &Matrix4<C64>,
        columns: &[usize],
    ) -> bool {
        let other = 1 - place;
        let mut inner = Matrix2::<C64>::zeros();
        let mut seen = [false; 2];
        for &column in columns {
            let from = column >> other & 1;
            seen[from] = true;
            for out in 0..2 {
                inner[(out, from)] = matrix[(out << other | usize::from(to) << place, column)];
            }
        }
        if let Some(missing) = seen.iter().position(|&seen| !seen) {
            // The other qubit's value is known as well; any unitary completion will do.
            let (given, rest) = (1 - missing, missing);
            inner[(0, rest)] = -inner[(1, given)].conj();
            inner[(1, rest)] = inner[(0, given)].conj();
        }
        if !self.single(qubits[other], &inner) {
            return false;
        }
        self.set_pristine(qubits[place] as usize, to);
        true
    }

    fn set_pristine(&mut self, qubit: usize, to: bool) {
        if self.values[qubit] != Value::Pristine(to) {
            self.sink.flip(qubit as u32);
        }
        self.values[qubit] = Value::Pristine(to);
    }

    /// Offers a block that conserves the number of ones and, after flips of pristine qubits, does the same to all states
    /// that are possible.
    fn completed(
        &mut self,
        qubits: [u32; 2],
        values: [Value; 2],
        matrix: &Matrix4<C64>,
        columns: &[usize],
    ) -> bool {
        if columns.len() == 4 {
            return false;
        }
        for flips in 0..4usize {
            if (0..2).any(|place| flips >> place & 1 == 1 && !values[place].is_pristine()) {
                continue;
            }
            let Some(block) = completion(matrix, columns, flips) else {
                continue;
            };
            // Flips come first; they are undone where the block is refused.
            let flip = |sink: &mut S| {
                for (place, &qubit) in qubits.iter().enumerate() {
                    if flips >> place & 1 == 1 {
                        sink.flip(qubit);
                    }
                }
            };
            flip(&mut self.sink);
            if self.sink.pair(qubits, &block) {
                return true;
            }
            flip(&mut self.sink);
        }
        false
    }
}

/// The value of the qubit at `place` after a block, if it is the same for all possible states.
fn certain_after(matrix: &Matrix4<C64>, columns: &[usize], place: usize) -> Option<bool> {
    [false, true].into_iter().find(|&to| {
        columns.iter().all(|&column| {
            (0..4).all(|row| {
                (row >> place & 1 == 1) == to || matrix[(row, column)].norm() < TOLERANCE
            })
        })
    })
}

/// A matrix that conserves the number of ones and takes each possible state, flipped, where `matrix` takes it; its other
/// columns are such that u00 u11 is the determinant of the rest, which free fermions need.
fn completion(matrix: &Matrix4<C64>, columns: &[usize], flips: usize) -> Option<Matrix4<C64>> {
    let mut out = Matrix4::<C64>::zeros();
    let mut given = [false; 4];
    for &column in columns {
        let to = column ^ flips;
        given[to] = true;
        for row in 0..4usize {
            let entry = matrix[(row, column)];
            if row.count_ones() == to.count_ones() {
                out[(row, to)] = entry;
            } else if entry.norm() > TOLERANCE {
                return None;
            }
        }
    }
    match (given[1], given[2]) {
        (true, true) => {}
        (false, false) => (out[(1, 1)], out[(2, 2)]) = (C64::ONE, C64::ONE),
        (true, false) => {
            (out[(1, 2)], out[(2, 2)]) = (-out[(2, 1)].conj(), out[(1, 1)].conj());
        }
        (false, true) => {
            (out[(1, 1)], out[(2, 1)]) = (out[(2, 2)].conj(), -out[(1, 2)].conj());
        }
    }
    let determinant = out[(1, 1)] * out[(2, 2)] - out[(1, 2)] * out[(2, 1)];
    match (given[0], given[3]) {
        (true, true) => {}
        (true, false) => out[(3, 3)] = determinant * out[(0, 0)].conj(),
        (false, true) => out[(0, 0)] = determinant * out[(3, 3)].conj(),
        (false, false) => (out[(0, 0)], out[(3, 3)]) = (C64::ONE, determinant),
    }
    if given[0] && given[3] && !(given[1] && given[2]) {
        // The middle's free column takes the phase instead.
        let wanted = out[(0, 0)] * out[(3, 3)] * determinant.conj();
        let free = if given[1] { 2 } else { 1 };
        (out[(1, free)], out[(2, free)]) = (out[(1, free)] * wanted, out[(2, free)] * wanted);
    }
    Some(out)
}
