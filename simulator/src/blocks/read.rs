//! From operations to matrices on one or two qubits, and diagonals on more.

use ardea_circuit::{Operation, Qubit};

use super::gather::Gather;
use super::{Origin, Sink, TOLERANCE};
use crate::error::SimulatorError;
use crate::plan::{MAX_DEPTH, phase_of};
use ardea_circuit::C64;

/// Widest diagonal matrix that is looked at as a whole.
const WIDEST: usize = 6;

/// Adds `operation` to `gather`, taken apart where it is wide.
pub(super) fn push<S: Sink>(
    gather: &mut Gather<S>,
    operation: &Operation,
    qubits: &[u32],
    origin: &Origin,
    depth: usize,
) -> Result<(), SimulatorError> {
    if depth > MAX_DEPTH {
        return Err(SimulatorError::TooDeep {
            name: operation.name(),
            limit: MAX_DEPTH,
        });
    }
    if operation.is_directive() {
        return Ok(());
    }
    match *qubits {
        [] => {
            if let Ok(matrix) = operation.matrix() {
                gather.scale(matrix[(0, 0)]);
            }
            return Ok(());
        }
        [qubit] => {
            if let Some(matrix) = operation.matrix1() {
                gather.single(qubit, matrix, origin);
                return Ok(());
            }
        }
        [a, b] => {
            if let Some(matrix) = operation.matrix2() {
                return gather.pair([a, b], &matrix, origin);
            }
        }
        _ => {}
    }
    if (3..=WIDEST).contains(&qubits.len())
        && let Ok(matrix) = operation.matrix()
    {
        let size = matrix.nrows();
        let is_zero = |row: usize, column: usize| matrix[(row, column)].norm() < TOLERANCE;
        if (0..size).all(|row| (0..size).all(|column| row == column || is_zero(row, column))) {
            let table: Vec<C64> = matrix.diagonal().iter().copied().collect();
            return gather.diagonal(qubits, &table, origin);
        }
    }
    let Ok(body) = operation.definition() else {
        return Err(gather.refuse(origin));
    };
    gather.scale(C64::cis(phase_of(&body)?));
    for instruction in body.instructions() {
        let inner: Vec<u32> = instruction
            .qubits
            .iter()
            .map(|qubit: &Qubit| qubits[qubit.index()])
            .collect();
        push(gather, &instruction.operation, &inner, origin, depth + 1)?;
    }
    Ok(())
}
