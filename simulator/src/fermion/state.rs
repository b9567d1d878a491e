//! A Gaussian state by its covariances.

use ardea_circuit::pauli::{Majoranas, PhasedPauli};
use ardea_circuit::{Pauli, PauliString};
use nalgebra::{Matrix4, SMatrix};

use super::gates::{FermionGate, PairGate};
use super::pfaffian::pfaffian;
use crate::engine::Active;

/// `M_ab = i <g_a g_b>` for different Majorana operators, 0 on the diagonal.
pub(super) struct State {
    /// The active qubit at each place.
    order: Vec<usize>,
    /// The place of each active qubit.
    places: Vec<usize>,
    /// Row by row.
    matrix: Vec<f64>,
}

impl State {
    /// |0...0>: `Z_j = -i g_2j g_2j+1` is 1.
    pub(super) fn zero(order: Vec<usize>) -> Self {
        let n = order.len();
        let mut places = vec![0; n];
        order
            .iter()
            .enumerate()
            .for_each(|(place, &qubit)| places[qubit] = place);
        let mut out = Self {
            order,
            places,
            matrix: vec![0.0; 4 * n * n],
        };
        for place in 0..n {
            let (p, q) = (2 * place, 2 * place + 1);
            out.matrix[p * 2 * n + q] = -1.0;
            out.matrix[q * 2 * n + p] = 1.0;
        }
        out
    }

    fn size(&self) -> usize {
        2 * self.order.len()
    }

    /// The covariance of two Majorana operators.
    pub(super) fn covariance(&self, a: usize, b: usize) -> f64 {
        self.matrix[a * self.size() + b]
    }

    /// The first Majorana operator of an active qubit.
    pub(super) fn first_of(&self, qubit: u32) -> usize {
        2 * self.places[qubit as usize]
    }

    /// The Majorana operators in the order of this state.
    pub(super) fn majoranas(&self) -> Majoranas {
        Majoranas::new(self.order.clone(), self.order.len())
    }

    pub(super) fn apply(&mut self, gate: &FermionGate) {
        match gate {
            FermionGate::Flip(qubit) => {
                // X goes past the X of its own qubit and past nothing that comes behind.
                let first = self.first_of(*qubit);
                self.negate_from(first + 1);
            }
            FermionGate::Turn(qubit, angle) => {
                let (sin, cos) = angle.sin_cos();
                // X becomes cos X - sin Y.
                let rotation = SMatrix::<f64, 2, 2>::new(cos, -sin, sin, cos);
                self.rotate(self.first_of(*qubit), &rotation);
            }
            FermionGate::Pair([a, b], gate) => self.pair(*a, *b, gate),
        }
    }

    fn pair(&mut self, a: u32, b: u32, gate: &PairGate) {
        let (first, second) = (self.first_of(a), self.first_of(b));
        let rotation: &Matrix4<f64> = if first < second {
            &gate.forward
        } else {
            &gate.backward
        };
        let low = first.min(second);
        self.rotate(low, rotation);
        if gate.is_odd {
            self.negate_from(low + 4);
        }
    }

    /// Replaces neighbouring operators by what the rotation makes of them.
    fn rotate<const K: usize>(&mut self, first: usize, rotation: &SMatrix<f64, K, K>) {
        let size = self.size();
        for column in 0..size {
            let old: [f64; K] = std::array::from_fn(|i| self.matrix[(first + i) * size + column]);
            for row in 0..K {
                self.matrix[(first + row) * size + column] =
                    (0..K).map(|i| rotation[(row, i)] * old[i]).sum();
            }
        }
        for row in self.matrix.chunks_mut(size) {
            let old: [f64; K] = std::array::from_fn(|i| row[first + i]);
            for column in 0..K {
                row[first + column] = (0..K).map(|i| rotation[(column, i)] * old[i]).sum();
            }
        }
    }

    /// Changes the sign of all operators from this one on.
    fn negate_from(&mut self, first: usize) {
        let size = self.size();
        for (index, row) in self.matrix.chunks_mut(size).enumerate() {
            let other = if index < first {
                &mut row[first..]
            } else {
                &mut row[..first]
            };
            other.iter_mut().for_each(|entry| *entry = -*entry);
        }
    }

    /// The expectation value of a string (Wick's theorem): the string is a power of i times a product of Majorana
    /// operators, and `<g_1 ... g_2k>` is `(-i)^k` times the Pfaffian of their covariances.
    pub(super) fn expectation(
        &self,
        string: &PauliString,
        majoranas: &Majoranas,
        active: &Active,
    ) -> f64 {
        let mut own = PhasedPauli::identity(self.order.len());
        for (qubit, letter) in string.support() {
            match (active.number(qubit.index()), letter) {
                (None, Pauli::X | Pauli::Y) => return 0.0,
                (None, _) => {}
                (Some(number), _) => {
                    let (x, z) = (
                        string.x_bits().contains(qubit.index()),
                        string.z_bits().contains(qubit.index()),
                    );
                    own.set(number as usize, x, z);
                    own.turn(u8::from(x && z)); // Y = i X Z
                }
            }
        }
        let (list, power) = majoranas.factors(&own);
        let pairs = list.len() / 2;
        if list.len() % 2 == 1 {
            return 0.0; // the state has a definite parity
        }
        let mut minor = vec![0.0; list.len() * list.len()];
        for (row, &a) in list.iter().enumerate() {
            for (column, &b) in list.iter().enumerate() {
                minor[row * list.len() + column] = self.covariance(a, b);
            }
        }
        let value = pfaffian(&mut minor, list.len());
        // i^power (-i)^pairs is real for a Hermitian string.
        match (usize::from(power) + 3 * pairs) % 4 {
            0 => value,
            2 => -value,
            _ => 0.0,
        }
    }
}
