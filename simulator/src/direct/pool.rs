//! Diagonal matrices that wait to be applied together.
//!
//! All diagonals commute, and what only moves basis states moves the factors of a diagonal with them. So the factors of
//! all basis states are gathered until a matrix mixes states that they tell apart: then one pass through the state
//! applies them, however many gates they came from. What is multiplied here is multiplied once, and the state as often as
//! the circuit runs; so this is for circuits that run often.

use ardea_circuit::C64;
use nalgebra::Matrix2;

use super::gates::{Block, FLIP, Form, IDENTITY, diagonal1, diagonal2};
use super::steps::{push_one, push_two};
use crate::kernels::{Real, Steps, Where};

/// Factors nearer than this are the same: they differ by rounding.
const SAME: f64 = 2e-15;

/// The factors of all basis states.
#[derive(Debug)]
pub(super) struct Pool {
    factors: Vec<C64>,
    /// Qubits on whose value they may depend.
    depends: usize,
}

impl Pool {
    /// No factors, for states of so many qubits.
    pub(super) fn new(qubits: usize) -> Self {
        Self {
            factors: vec![C64::ONE; 1 << qubits],
            depends: 0,
        }
    }

    /// Whether the factors tell apart states that a matrix on these qubits (a mask) mixes.
    pub(super) fn is_touched_by(&self, mixed: usize) -> bool {
        self.depends & mixed != 0
    }

    /// Multiplies by the factors of the values of two qubits; the same qubit twice stands for one.
    pub(super) fn multiply(&mut self, low: usize, high: usize, factors: &[C64; 4]) {
        self.depends |= 1 << low | 1 << high;
        for (index, factor) in self.factors.iter_mut().enumerate() {
            *factor *= factors[(index >> low & 1) + 2 * (index >> high & 1)];
        }
    }

    /// Moves the factors as X on a qubit moves basis states.
    pub(super) fn flip(&mut self, qubit: usize) {
        if self.depends >> qubit & 1 == 1 {
            let old = self.factors.clone();
            for (index, factor) in self.factors.iter_mut().enumerate() {
                *factor = old[index ^ 1 << qubit];
            }
        }
    }

    /// Moves the factors as a matrix on two qubits moves basis states; `None` where it does anything else.
    pub(super) fn moved(&mut self, low: usize, high: usize, form: &Form) -> Option<()> {
        let Form::Pairs { flip, blocks } = form else {
            return None;
        };
        let plain = |block: &Block| *block == IDENTITY || *block == FLIP;
        if !blocks.iter().all(plain) {
            return None;
        }
        let both = 1 << low | 1 << high;
        if self.depends & both == 0 {
            return Some(());
        }
        self.depends |= both;
        let across = (flip & 1) << low | (flip >> 1) << high;
        let old = self.factors.clone();
        for (index, factor) in self.factors.iter_mut().enumerate() {
            let (a, b) = (index >> low & 1, index >> high & 1);
            let which = match flip {
                1 => b,
                2 => a,
                _ => a ^ b,
            };
            if blocks[which] == FLIP {
                *factor = old[index ^ across];
            }
        }
        Some(())
    }

    /// Adds steps that multiply the state by the factors, and forgets them. Returns what all amplitudes are still to be
    /// multiplied by.
    pub(super) fn flush<T: Real>(&mut self, steps: &mut Steps<T>) -> C64 {
        let common = self.factors[0];
        let inverse = common.conj() / common.norm_sqr();
        self.factors
            .iter_mut()
            .for_each(|factor| *factor *= inverse);
        let same = |a: C64, b: C64| (a - b).norm() < SAME;
        let qubits: Vec<usize> = (0..self.factors.len().trailing_zeros() as usize)
            .filter(|&qubit| {
                let bit = 1 << qubit;
                let mut zeros = (0..self.factors.len()).filter(|index| index & bit == 0);
                self.depends & bit != 0
                    && zeros.any(|i| !same(self.factors[i], self.factors[i | bit]))
            })
            .collect();
        match *qubits {
            [] => {}
            [one] => push_one(steps, one, &diagonal1(C64::ONE, self.factors[1 << one])),
            [low, high] => {
                let factors = [0, 1 << low, 1 << high, 1 << low | 1 << high];
                let factors = factors.map(|i| self.factors[i]);
                push_two(
                    steps,
                    low,
                    high,
                    &diagonal2(factors),
                    &Form::Diagonal(factors),
                );
            }
            [.., last] => self.push_table(steps, &qubits, last),
        }
        self.factors.fill(C64::ONE);
        self.depends = 0;
        common
    }

    fn push_table<T: Real>(&self, steps: &mut Steps<T>, qubits: &[usize], last: usize) {
        let lane_bits = steps.lane_bits() as usize;
        let mut places = Where::EVERYWHERE;
        for &qubit in qubits.iter().filter(|&&qubit| qubit >= lane_bits) {
            let mut zeros = (0..self.factors.len()).filter(|index| index >> qubit & 1 == 0);
            if zeros.all(|index| (self.factors[index] - C64::ONE).norm() < SAME) {
                places = places.and(1 << (qubit - lane_bits), true);
            }
        }
        let vector_bits = (last + 1).saturating_sub(lane_bits);
        let last = self.factors.len() - 1;
        steps.table(places, (1 << vector_bits) - 1, |vector, lane| {
            self.factors[(vector << lane_bits | lane) & last]
        });
    }
}

/// A matrix as a diagonal, a real matrix and another diagonal, the first of them acting last.
pub(super) fn split(matrix: &Matrix2<C64>) -> Option<[Matrix2<C64>; 3]> {
    let phase = |z: C64| match z.im == 0.0 {
        true => C64::ONE,
        false => z / z.norm(),
    };
    let (a, b, c, d) = (
        matrix[(0, 0)],
        matrix[(0, 1)],
        matrix[(1, 0)],
        matrix[(1, 1)],
    );
    if a.im != 0.0 {
        return None;
    }
    let (before, after) = (phase(b), phase(c));
    let last = d * before.conj() * after.conj();
    if last.im.abs() > SAME {
        return None;
    }
    let real = Matrix2::new(
        a,
        C64::from((b * before.conj()).re),
        C64::from((c * after.conj()).re),
        C64::from(last.re),
    );
    Some([
        diagonal1(C64::ONE, after),
        real,
        diagonal1(C64::ONE, before),
    ])
}
