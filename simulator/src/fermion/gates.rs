//! The blocks of a circuit as rotations of Majorana operators, and the line that they follow.

use std::collections::BTreeSet;

use ardea_circuit::C64;
use ardea_circuit::matrix::{kron2, swap_qubits};
use nalgebra::{Matrix2, Matrix4};

use crate::blocks::{Origin, Sink, TOLERANCE};

/// What is done to the Majorana operators.
#[derive(Clone, Debug)]
pub(super) enum FermionGate {
    /// X on a qubit.
    Flip(u32),
    /// The phase (in radians) of |1> on a qubit.
    Turn(u32, f64),
    /// A matchgate.
    Pair([u32; 2], Box<PairGate>),
}

/// A matchgate on two qubits, for both orders of them on the line.
#[derive(Clone, Debug)]
pub(super) struct PairGate {
    /// `U^-1 g_a U = sum_b R_ab g_b` for the four Majorana operators of the pair, the first qubit coming first.
    pub(super) forward: Matrix4<f64>,
    /// The same with the second qubit coming first.
    pub(super) backward: Matrix4<f64>,
    /// Whether the gate changes the parity, and with it the sign of all Majorana operators behind.
    pub(super) is_odd: bool,
}

/// A circuit's gates.
pub(super) struct Gates {
    pub(super) list: Vec<FermionGate>,
    /// The active qubit at each place of the line.
    pub(super) order: Vec<usize>,
}

/// Collects gates.
pub(super) struct Collector {
    qubits: usize,
    list: Vec<FermionGate>,
    /// For each pair gate, where it comes from.
    origins: Vec<([u32; 2], Origin)>,
    seen: BTreeSet<[u32; 2]>,
    origin: Option<Origin>,
}

impl Collector {
    pub(super) fn new(qubits: usize) -> Self {
        Self {
            qubits,
            list: vec![],
            origins: vec![],
            seen: BTreeSet::new(),
            origin: None,
        }
    }

    /// Finds the line: the qubits in their own order, or that of the gates' chains.
    ///
    /// # Errors
    /// The first instruction that fits on neither.
    pub(super) fn finish(self) -> Result<Gates, Origin> {
        let own = self
            .origins
            .iter()
            .find(|([a, b], _)| a.abs_diff(*b) != 1)
            .map(|(_, origin)| origin.clone());
        let order = match own {
            None => (0..self.qubits).collect(),
            Some(origin) => self.chains().ok_or(origin)?,
        };
        Ok(Gates {
            list: self.list,
            order,
        })
    }

    /// The qubits along the paths that the pairs form, if they form paths.
    fn chains(&self) -> Option<Vec<usize>> {
        let mut near = vec![BTreeSet::new(); self.qubits];
        for ([a, b], _) in &self.origins {
            near[*a as usize].insert(*b as usize);
            near[*b as usize].insert(*a as usize);
        }
        if near.iter().any(|list| list.len() > 2) {
            return None;
        }
        let mut order = Vec::with_capacity(self.qubits);
        let mut placed = vec![false; self.qubits];
        for end in (0..self.qubits).filter(|&qubit| near[qubit].len() < 2) {
            let mut next = (!placed[end]).then_some(end);
            while let Some(qubit) = next {
                placed[qubit] = true;
                order.push(qubit);
                next = near[qubit].iter().copied().find(|&other| !placed[other]);
            }
        }
        // Qubits of a ring are never placed.
        (order.len() == self.qubits).then_some(order)
    }

    fn turn(&mut self, qubit: u32, zero: C64, one: C64) {
        let angle = (one / zero).arg();
        if angle != 0.0 {
            self.list.push(FermionGate::Turn(qubit, angle));
        }
    }
}

impl Sink for Collector {
    fn comes_from(&mut self, origin: &Origin) {
        self.origin = Some(origin.clone());
    }

    fn flip(&mut self, qubit: u32) {
        self.list.push(FermionGate::Flip(qubit));
    }

    /// Global phases do not show in any outcome or expectation value.
    fn scale(&mut self, _: C64) {}

    fn single(&mut self, qubit: u32, matrix: &Matrix2<C64>) -> bool {
        let [a, b, c, d] = [(0, 0), (0, 1), (1, 0), (1, 1)].map(|at| matrix[at]);
        if b.norm() < TOLERANCE && c.norm() < TOLERANCE {
            self.turn(qubit, a, d);
        } else if a.norm() < TOLERANCE && d.norm() < TOLERANCE {
            // X, then the phases of where it leads.
            self.flip(qubit);
            self.turn(qubit, b, c);
        } else {
            return false;
        }
        true
    }

    fn pair(&mut self, qubits: [u32; 2], matrix: &Matrix4<C64>) -> bool {
        let is_diagonal = (0..4).all(|row| {
            (0..4).all(|column| row == column || matrix[(row, column)].norm() < TOLERANCE)
        });
        if is_diagonal {
            let [a, b, c, d] = [0, 1, 2, 3].map(|i| matrix[(i, i)]);
            let is_product = (a * d - b * c).norm() < 4.0 * TOLERANCE;
            if is_product {
                self.turn(qubits[0], a, b);
                self.turn(qubits[1], a, c);
            }
            return is_product;
        }
        let Some((forward, is_odd)) = rotation(matrix) else {
            return false;
        };
        let Some((backward, _)) = rotation(&swap_qubits(matrix)) else {
            return false;
        };
        self.list.push(FermionGate::Pair(
            qubits,
            Box::new(PairGate {
                forward,
                backward,
                is_odd,
            }),
        ));
        let key = [qubits[0].min(qubits[1]), qubits[0].max(qubits[1])];
        if self.seen.insert(key)
            && let Some(origin) = &self.origin
        {
            self.origins.push((key, origin.clone()));
        }
        true
    }

    fn diagonal(&mut self, _: &[u32], _: &[C64]) -> bool {
        false
    }
}

/// The rotation of the pair's Majorana operators, and whether the gate is odd; none for what is no matchgate.
fn rotation(matrix: &Matrix4<C64>) -> Option<(Matrix4<f64>, bool)> {
    let parity = |row: usize| row.count_ones() % 2;
    let is_odd = matrix[(0, 0)].norm() + matrix[(3, 0)].norm() < 2.0 * TOLERANCE;
    for row in 0..4usize {
        for column in 0..4usize {
            let changes = parity(row) != parity(column);
            if changes != is_odd && matrix[(row, column)].norm() > TOLERANCE {
                return None;
            }
        }
    }
    let operators = majoranas();
    let inverse = matrix.adjoint();
    let mut out = Matrix4::zeros();
    for (row, operator) in operators.iter().enumerate() {
        let image = inverse * operator * matrix;
        let mut square = 0.0;
        for (column, other) in operators.iter().enumerate() {
            let overlap = (other * image).trace() / 4.0;
            out[(row, column)] = overlap.re;
            square += overlap.re * overlap.re;
        }
        // What is missing to one is what the image has beyond single Majorana operators.
        if (square - 1.0).abs() > 16.0 * TOLERANCE {
            return None;
        }
    }
    Some((out, is_odd))
}

/// X, Y on the first qubit, and behind its Z on the second.
fn majoranas() -> [Matrix4<C64>; 4] {
    let (zero, one, i) = (C64::ZERO, C64::ONE, C64::I);
    let x = Matrix2::new(zero, one, one, zero);
    let y = Matrix2::new(zero, -i, i, zero);
    let z = Matrix2::new(one, zero, zero, -one);
    let id = Matrix2::identity();
    [kron2(&id, &x), kron2(&id, &y), kron2(&x, &z), kron2(&y, &z)]
}
