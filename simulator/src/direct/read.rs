//! Gates become steps as they are read.
//!
//! Gates on one qubit are multiplied and wait on their qubit until something else happens to it. A gate on two qubits
//! stays open for others on the same pair, and takes in what waits on its qubits, where the product is cheaper than its
//! parts. Until the first gate on two qubits, what waits on a qubit only decides in which state it starts.
//!
//! Everything happens once for each gate, so reading takes time proportional to the circuit.

use ardea_circuit::C64;
use nalgebra::{Matrix2, Matrix4};

use super::WIDEST;
use super::costs::Costs;
use super::gates::{Form, Order, entries, is_diagonal, take_in, take_phase};
use super::pool::Pool;
use super::sink::Sink;
use crate::kernels::{Real, Steps, Width};

/// How gates are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// To run once: what is done before counts as much as the run.
    Quick,
    /// To run many times: only the runs count.
    Thorough,
    /// As that, and diagonals are pooled.
    Pooled,
}

/// Gates on a pair of qubits that may still grow.
struct Open {
    low: usize,
    high: usize,
    matrix: Matrix4<C64>,
    form: Form,
    cost: f64,
}

/// Gates on their way to steps.
pub(super) struct Reader<T> {
    qubits: usize,
    costs: Costs,
    /// Whether nothing stays open: on the smallest states a product of matrices takes longer than what it saves.
    at_once: bool,
    /// For each qubit the product of gates that act after all that is open.
    waiting: [Option<Matrix2<C64>>; WIDEST],
    /// The open pairs, by their lower qubit.
    open: [Option<Open>; WIDEST],
    /// The lower qubit of the open pair of each qubit.
    pair: [Option<u8>; WIDEST],
    /// Whether nothing but what waits has happened to a qubit.
    fresh: [bool; WIDEST],
    start: [[C64; 2]; WIDEST],
    /// All amplitudes are still to be multiplied by it.
    factor: C64,
    sink: Sink<T>,
}

impl<T: Real> Reader<T> {
    pub(super) fn new(qubits: usize, width: Width, manner: Manner, gates: usize) -> Self {
        assert!(qubits <= WIDEST);
        let steps = Steps::new(qubits, width, gates);
        let vectors = 1 << (qubits as u32).saturating_sub(steps.lane_bits());
        let pool = (manner == Manner::Pooled).then(|| Pool::new(qubits));
        Self {
            qubits,
            costs: Costs::new(vectors, manner),
            at_once: manner == Manner::Quick && vectors <= 8,
            waiting: [None; WIDEST],
            open: [const { None }; WIDEST],
            pair: [None; WIDEST],
            fresh: [true; WIDEST],
            start: [[C64::ONE, C64::ZERO]; WIDEST],
            factor: C64::ONE,
            sink: Sink::new(steps, pool),
        }
    }

    /// A phase in radians of everything.
    pub(super) fn turn(&mut self, phase: f64) {
        self.factor *= C64::cis(phase);
    }

    /// A gate on one qubit.
    pub(super) fn one(&mut self, qubit: usize, matrix: &Matrix2<C64>) {
        let before = &mut self.waiting[qubit];
        *before = Some(match before {
            None => *matrix,
            Some(before) => matrix * *before,
        });
    }

    /// A gate on two qubits, the lower of which has index bit 0.
    pub(super) fn two(&mut self, low: usize, high: usize, mut gate: Matrix4<C64>) {
        self.factor *= take_phase(gate.as_mut_slice());
        let form = Form::of(&gate);
        if self.at_once {
            for (bit, qubit) in [low, high].into_iter().enumerate() {
                self.begin(qubit);
                if !self.stays(qubit, bit, &form) {
                    self.emit(qubit);
                }
            }
            return self.sink.two(low, high, &gate, &form);
        }
        let cost = self.costs.of_two(&form);
        let is_open = self.pair[low].is_some() && self.pair[low] == self.pair[high];
        if is_open && self.grow(low, high, &gate, cost) {
            return;
        }
        self.close(low);
        self.close(high);
        let mut before = 0.0;
        for (bit, qubit) in [low, high].into_iter().enumerate() {
            self.begin(qubit);
            if !self.stays(qubit, bit, &form) {
                before += self.cost_of(qubit);
            }
        }
        let cheaper = match form {
            Form::Dense => before > self.costs.half_product,
            _ => before + cost > self.costs.dense + 2.0 * self.costs.half_product,
        };
        let mut changed = false;
        for (bit, qubit) in [low, high].into_iter().enumerate() {
            if self.stays(qubit, bit, &form) {
                continue;
            }
            if !cheaper {
                self.emit(qubit);
            } else if let Some(waiting) = self.waiting[qubit].take() {
                take_in(&mut gate, bit, &waiting, Order::GateFirst);
                changed = true;
            }
        }
        let (form, cost) = match changed {
            true => self.settled(&mut gate),
            false => (form, cost),
        };
        self.pair[low] = Some(low as u8);
        self.pair[high] = Some(low as u8);
        self.open[low] = Some(Open {
            low,
            high,
            matrix: gate,
            form,
            cost,
        });
    }

    /// Takes a gate into the open pair of the same qubits, where that is cheaper.
    fn grow(&mut self, low: usize, high: usize, gate: &Matrix4<C64>, cost: f64) -> bool {
        let between: f64 = [low, high].map(|qubit| self.cost_of(qubit)).iter().sum();
        let apart = cost + between;
        let Some(open) = &self.open[low] else {
            return false;
        };
        if apart <= self.costs.product {
            return false;
        }
        let mut product = open.matrix;
        let before = open.cost;
        for (bit, qubit) in [low, high].into_iter().enumerate() {
            if let Some(waiting) = &self.waiting[qubit] {
                take_in(&mut product, bit, waiting, Order::GateLast);
            }
        }
        product = gate * product;
        let phase = take_phase(product.as_mut_slice());
        let form = Form::of(&product);
        let together = self.costs.of_two(&form);
        if together + self.costs.product >= before + apart {
            return false;
        }
        self.factor *= phase;
        self.waiting[low] = None;
        self.waiting[high] = None;
        if let Some(open) = &mut self.open[low] {
            (open.matrix, open.form, open.cost) = (product, form, together);
        }
        true
    }

    /// Ends the open pair of a qubit, if there is one.
    fn close(&mut self, qubit: usize) {
        let Some(low) = self.pair[qubit] else { return };
        let Some(mut open) = self.open[usize::from(low)].take() else {
            return;
        };
        (self.pair[open.low], self.pair[open.high]) = (None, None);
        let after: f64 = [open.low, open.high]
            .map(|qubit| self.cost_of(qubit))
            .iter()
            .sum();
        let is_dense = open.cost >= self.costs.dense;
        let price = 2.0 * self.costs.half_product;
        let takes_in = match is_dense {
            true => after > price,
            false => open.cost + after > self.costs.dense + price,
        };
        if takes_in {
            for (bit, qubit) in [open.low, open.high].into_iter().enumerate() {
                if let Some(waiting) = self.waiting[qubit].take() {
                    take_in(&mut open.matrix, bit, &waiting, Order::GateLast);
                }
            }
            open.form = self.settled(&mut open.matrix).0;
        }
        self.sink.two(open.low, open.high, &open.matrix, &open.form);
    }

    /// A qubit on which nothing but single gates acted until now starts in the state that they make.
    fn begin(&mut self, qubit: usize) {
        if !self.fresh[qubit] {
            return;
        }
        self.fresh[qubit] = false;
        if let Some(waiting) = self.waiting[qubit].take() {
            self.start[qubit] = [waiting[(0, 0)], waiting[(1, 0)]];
        }
    }

    /// What waits on a qubit becomes a step.
    fn emit(&mut self, qubit: usize) {
        if let Some(mut waiting) = self.waiting[qubit].take() {
            self.factor *= take_phase(waiting.as_mut_slice());
            self.sink.one(qubit, &waiting);
        }
    }

    fn cost_of(&mut self, qubit: usize) -> f64 {
        let Some(waiting) = &mut self.waiting[qubit] else {
            return 0.0;
        };
        self.factor *= take_phase(waiting.as_mut_slice());
        self.costs.of_one(&entries(waiting))
    }

    /// Whether what waits on a qubit, that of an index bit of a gate, may as well act after the gate.
    fn stays(&self, qubit: usize, bit: usize, gate: &Form) -> bool {
        gate.is_diagonal_on(bit) && self.waiting[qubit].as_ref().is_none_or(is_diagonal)
    }

    fn settled(&mut self, matrix: &mut Matrix4<C64>) -> (Form, f64) {
        self.factor *= take_phase(matrix.as_mut_slice());
        let form = Form::of(matrix);
        (form, self.costs.of_two(&form))
    }

    /// The states in which the qubits start. From now on they have started.
    pub(super) fn started(&mut self) -> &[[C64; 2]] {
        (0..self.qubits).for_each(|qubit| self.begin(qubit));
        &self.start[..self.qubits]
    }

    /// The steps until now.
    pub(super) fn steps(&mut self) -> &mut Steps<T> {
        &mut self.sink.steps
    }

    /// The steps, the states in which the qubits start, and what to multiply all amplitudes by in the end.
    pub(super) fn finish(mut self) -> (Steps<T>, Vec<[C64; 2]>, C64) {
        for qubit in 0..self.qubits {
            self.close(qubit);
        }
        for qubit in 0..self.qubits {
            self.begin(qubit);
            self.emit(qubit);
        }
        let (steps, pooled) = self.sink.finish();
        let factor = self.factor * pooled;
        let factor = factor / factor.norm();
        (steps, self.start[..self.qubits].to_vec(), factor)
    }
}
