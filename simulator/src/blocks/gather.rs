//! Gates on the same pair of qubits, gathered into one matrix.
//!
//! Gates on one qubit wait behind the pair that they follow: the next gate on that pair takes them in, the next gate
//! on another pair takes them to it. When a pair ends, it is offered to the engine without the gates that wait, and
//! with the first of them where that is refused: `h h cx rz cx h h` needs its last two, but not an `h` behind them.

use ardea_circuit::C64;
use ardea_circuit::matrix::kron2;
use nalgebra::{Matrix2, Matrix4};

use super::known::Known;
use super::{Engine, Origin, Sink, conserves_number};
use crate::error::SimulatorError;

/// Blocks in the making, and the engine behind them.
pub(super) struct Gather<S> {
    engine: Engine,
    known: Known<S>,
    /// For each qubit the gates that wait on it.
    waiting: Vec<Vec<Waiting>>,
    /// For each qubit the place of its open pair.
    open: Vec<Option<usize>>,
    pairs: Vec<Option<Pair>>,
    /// Places without a pair.
    free: Vec<usize>,
}

/// Gates that wait apart on a qubit; more are multiplied together.
const MOST_WAITING: usize = 8;

#[derive(Clone)]
struct Waiting {
    matrix: Matrix2<C64>,
    /// The first instruction that conserves nothing by itself, or else the first of all.
    origin: Origin,
    conserves: bool,
}

#[derive(Clone)]
struct Pair {
    qubits: [u32; 2],
    matrix: Matrix4<C64>,
    origin: Origin,
    conserves: bool,
}

impl<S: Sink> Gather<S> {
    pub(super) fn new(qubits: usize, engine: Engine, sink: S) -> Self {
        Self {
            engine,
            known: Known::new(qubits, sink),
            waiting: vec![vec![]; qubits],
            open: vec![None; qubits],
            pairs: vec![],
            free: vec![],
        }
    }

    pub(super) fn scale(&mut self, factor: C64) {
        self.known.scale(factor);
    }

    pub(super) fn refuse(&self, origin: &Origin) -> SimulatorError {
        self.engine.refusal(origin, self.engine.reason)
    }

    pub(super) fn single(&mut self, qubit: u32, matrix: Matrix2<C64>, origin: &Origin) {
        let conserves =
            matrix[(0, 1)].norm() < super::TOLERANCE && matrix[(1, 0)].norm() < super::TOLERANCE;
        let list = &mut self.waiting[qubit as usize];
        let full = list.len() >= MOST_WAITING;
        match list.last_mut() {
            Some(last) if full || last.conserves == conserves && conserves => {
                last.matrix = matrix * last.matrix;
                if last.conserves && !conserves {
                    (last.origin, last.conserves) = (origin.clone(), false);
                }
            }
            _ => list.push(Waiting {
                matrix,
                origin: origin.clone(),
                conserves,
            }),
        }
    }

    pub(super) fn pair(
        &mut self,
        qubits: [u32; 2],
        matrix: &Matrix4<C64>,
        origin: &Origin,
    ) -> Result<(), SimulatorError> {
        let [a, b] = qubits.map(|qubit| qubit as usize);
        let same = self.open[a].filter(|_| self.open[a] == self.open[b]);
        let place = match same {
            Some(place) => place,
            None => {
                self.close(a)?;
                self.close(b)?;
                let place = self.free.pop().unwrap_or(self.pairs.len());
                self.pairs.resize(self.pairs.len().max(place + 1), None);
                self.pairs[place] = Some(Pair {
                    qubits,
                    matrix: Matrix4::identity(),
                    origin: origin.clone(),
                    conserves: true,
                });
                (self.open[a], self.open[b]) = (Some(place), Some(place));
                place
            }
        };
        let Some(mut pair) = self.pairs[place].take() else {
            return Ok(()); // open pairs have an entry
        };
        let before = pair
            .qubits
            .map(|qubit| std::mem::take(&mut self.waiting[qubit as usize]));
        for waiting in before.iter().flatten() {
            if pair.conserves && !waiting.conserves {
                (pair.origin, pair.conserves) = (waiting.origin.clone(), false);
            }
        }
        let turned = if pair.qubits == qubits {
            *matrix
        } else {
            ardea_circuit::matrix::swap_qubits(matrix)
        };
        pair.matrix = turned * product(&before[0], &before[1]) * pair.matrix;
        if pair.conserves && !conserves_number(matrix) {
            (pair.origin, pair.conserves) = (origin.clone(), false);
        }
        self.pairs[place] = Some(pair);
        Ok(())
    }

    pub(super) fn diagonal(
        &mut self,
        qubits: &[u32],
        table: &[C64],
        origin: &Origin,
    ) -> Result<(), SimulatorError> {
        for &qubit in qubits {
            self.close(qubit as usize)?;
            self.release(qubit as usize)?;
        }
        self.known.sink.comes_from(origin);
        if self.known.diagonal(qubits, table) {
            Ok(())
        } else {
            Err(self.refuse(origin))
        }
    }

    /// Hands everything over.
    pub(super) fn finish(mut self) -> Result<S, SimulatorError> {
        for qubit in 0..self.open.len() {
            self.close(qubit)?;
        }
        for qubit in 0..self.open.len() {
            self.release(qubit)?;
        }
        Ok(self.known.sink)
    }

    /// Ends the pair of a qubit.
    fn close(&mut self, qubit: usize) -> Result<(), SimulatorError> {
        let Some(place) = self.open[qubit] else {
            return Ok(());
        };
        let Some(pair) = self.pairs[place].take() else {
            return Ok(());
        };
        self.free.push(place);
        let [a, b] = pair.qubits.map(|qubit| qubit as usize);
        (self.open[a], self.open[b]) = (None, None);
        self.known.sink.comes_from(&pair.origin);
        let (most_a, most_b) = (self.waiting[a].len(), self.waiting[b].len());
        for total in 0..=most_a + most_b {
            for with_a in total.saturating_sub(most_b)..=total.min(most_a) {
                let with_b = total - with_a;
                let tail = product(&self.waiting[a][..with_a], &self.waiting[b][..with_b]);
                if self.known.pair(pair.qubits, &(tail * pair.matrix)) {
                    self.waiting[a].drain(..with_a);
                    self.waiting[b].drain(..with_b);
                    return Ok(());
                }
            }
        }
        Err(self.refuse(&pair.origin))
    }

    /// Hands over what waits on a qubit without an open pair.
    fn release(&mut self, qubit: usize) -> Result<(), SimulatorError> {
        let waiting = std::mem::take(&mut self.waiting[qubit]);
        let Some(first) = waiting
            .iter()
            .find(|waiting| !waiting.conserves)
            .or(waiting.first())
        else {
            return Ok(());
        };
        self.known.sink.comes_from(&first.origin);
        if self.known.single(qubit as u32, &one(&waiting)) {
            Ok(())
        } else {
            Err(self.refuse(&first.origin))
        }
    }
}

/// Gates on both qubits of a pair as one matrix.
fn product(a: &[Waiting], b: &[Waiting]) -> Matrix4<C64> {
    kron2(&one(b), &one(a))
}

fn one(gates: &[Waiting]) -> Matrix2<C64> {
    gates
        .iter()
        .fold(Matrix2::identity(), |product, gate| gate.matrix * product)
}
