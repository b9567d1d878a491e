//! Unitaries on any number of qubits as two-qubit gates: the quantum Shannon decomposition.
//!
//! A unitary is cut into block-diagonal factors around a multiplexed `ry` (cosine-sine decomposition), and each
//! block-diagonal factor into two unitaries on one qubit less around a multiplexed `rz` (its eigendecomposition), down
//! to two qubits (Shende, Bullock, Markov, 2006, quant-ph/0406176). With that paper's two savings, the last `cz` of each
//! multiplexed `ry` goes into the neighbouring factor (appendix A.1), and all but one two-qubit factor are written up to
//! a diagonal which moves on to the next (A.2), `n` qubits take at most `(23/48) 4^n - (3/2) 2^n + 4/3` two-qubit gates:
//! 20 for three qubits, 100 for four.
//!
//! Structure is looked for before each cut: diagonal matrices, qubits that factor out, and qubits that only select
//! (controlled gates) take much less.

use ardea_circuit::{Angle, C64, Circuit, Gate, Instruction, Operation, Qubit};
use nalgebra::{DMatrix, Matrix2, Matrix4};

use super::euler::{Euler, ry, rz};
use super::spectral::{cosine_sine, diagonalise};
use super::two_qubit::cz_count;
use super::weyl::{Weyl, to_magic};
use super::{ROUNDING, TOLERANCE};
use crate::CompileError;

/// The widest matrix that is synthesised: 4^10 entries, half a million gates.
pub const MAX_UNITARY_QUBITS: usize = 10;

/// A circuit for `matrix` made of one-qubit gates, `cx`, `cz` and two-qubit matrices, exact including the phase.
///
/// # Errors
/// [`CompileError::Limit`] beyond [`MAX_UNITARY_QUBITS`]; the matrix must be square with a power of two rows.
pub fn synthesise_unitary(matrix: &DMatrix<C64>) -> Result<Circuit, CompileError> {
    let size = matrix.nrows();
    if size != matrix.ncols() || !size.is_power_of_two() {
        return Err(CompileError::UnsupportedOperation {
            operation: "unitary".into(),
            reason: format!(
                "a {}x{} matrix acts on no whole number of qubits",
                size,
                matrix.ncols()
            ),
        });
    }
    let num_qubits = size.trailing_zeros() as usize;
    if num_qubits > MAX_UNITARY_QUBITS {
        return Err(CompileError::Limit {
            what: "qubits of a matrix to synthesise",
            value: num_qubits,
            limit: MAX_UNITARY_QUBITS,
        });
    }
    let mut out = Circuit::new(num_qubits, 0);
    if num_qubits == 0 {
        out.add_global_phase(matrix[(0, 0)].arg());
        return Ok(out);
    }
    let mut pieces = Vec::new();
    cut(
        matrix.clone(),
        &(0..num_qubits).collect::<Vec<_>>(),
        &mut pieces,
    );
    pass_diagonals_on(&mut pieces);
    pieces.iter().try_for_each(|piece| write(piece, &mut out))?;
    Ok(out)
}

/// A gate of the decomposition.
#[derive(Clone, Debug)]
enum Piece {
    One(usize, Matrix2<C64>),
    Two([usize; 2], Matrix4<C64>),
    Cx(usize, usize),
    Cz(usize, usize),
}

fn write(piece: &Piece, out: &mut Circuit) -> Result<(), CompileError> {
    let pair = |a: usize, b: usize| [Qubit::new(a), Qubit::new(b)];
    match piece {
        Piece::One(qubit, matrix) => {
            let Euler {
                theta,
                phi,
                lambda,
                phase,
            } = Euler::of(matrix);
            out.add_global_phase(phase);
            if theta.abs() > ROUNDING || (phi + lambda).abs() > ROUNDING {
                let operation = Operation::gate(Gate::U, &[theta, phi, lambda].map(Angle::Value))?;
                out.push_valid(Instruction {
                    operation,
                    qubits: [Qubit::new(*qubit)].into(),
                });
            }
        }
        Piece::Two([low, high], matrix) => {
            let matrix = DMatrix::from_iterator(4, 4, matrix.iter().copied());
            out.push_valid(Instruction {
                operation: Operation::unitary(matrix)?,
                qubits: pair(*low, *high).into(),
            });
        }
        Piece::Cx(control, target) => {
            out.push_valid(Instruction {
                operation: Operation::Gate(Gate::CX),
                qubits: pair(*control, *target).into(),
            });
        }
        Piece::Cz(a, b) => {
            out.push_valid(Instruction {
                operation: Operation::Gate(Gate::CZ),
                qubits: pair(*a, *b).into(),
            });
        }
    }
    Ok(())
}

/// Cuts a unitary on `qubits` (least significant first) into pieces. The depth is at most the number of qubits.
fn cut(matrix: DMatrix<C64>, qubits: &[usize], out: &mut Vec<Piece>) {
    match *qubits {
        [qubit] => {
            return out.push(Piece::One(
                qubit,
                matrix.fixed_view::<2, 2>(0, 0).into_owned(),
            ));
        }
        [low, high] => {
            return out.push(Piece::Two(
                [low, high],
                matrix.fixed_view::<4, 4>(0, 0).into_owned(),
            ));
        }
        _ => {}
    }
    let negligible = TOLERANCE / matrix.nrows() as f64;
    if is_diagonal(&matrix, negligible) {
        let phases: Vec<f64> = matrix.diagonal().iter().map(|value| value.arg()).collect();
        return cut_diagonal(phases, qubits, out);
    }
    for place in 0..qubits.len() {
        if let Some((factor, rest)) = factor_out(&matrix, place, negligible) {
            out.push(Piece::One(qubits[place], factor));
            return cut(rest, &without(qubits, place), out);
        }
    }
    for place in 0..qubits.len() {
        if let Some([first, second]) = selected_by(&matrix, place, negligible) {
            return cut_selected(&first, &second, qubits[place], &without(qubits, place), out);
        }
    }
    let [rest @ .., top] = qubits else { return };
    let parts = cosine_sine(&matrix);
    cut_selected(&parts.right[0], &parts.right[1], *top, rest, out);
    let doubled: Vec<f64> = parts.angles.iter().map(|angle| 2.0 * angle).collect();
    let left_over = multiplex(&doubled, rest, *top, Multiplexed::Ry, out);
    let [first, mut second] = parts.left;
    for (column, mut entries) in second.column_iter_mut().enumerate() {
        if (column & left_over).count_ones() % 2 == 1 {
            entries.neg_mut();
        }
    }
    cut_selected(&first, &second, *top, rest, out);
}

fn without(qubits: &[usize], place: usize) -> Vec<usize> {
    qubits
        .iter()
        .enumerate()
        .filter(|(k, _)| *k != place)
        .map(|(_, &qubit)| qubit)
        .collect()
}

/// `first` where `top` is 0 and `second` where it is 1: `V D W` and `V D^-1 W` with `first second^-1 = V D^2 V^-1`.
fn cut_selected(
    first: &DMatrix<C64>,
    second: &DMatrix<C64>,
    top: usize,
    rest: &[usize],
    out: &mut Vec<Piece>,
) {
    let (phases, left) = diagonalise(&(first * second.adjoint()));
    let mut right = left.adjoint() * second;
    for (row, phase) in phases.iter().enumerate() {
        let turn = C64::cis(phase / 2.0);
        right
            .row_mut(row)
            .iter_mut()
            .for_each(|value| *value *= turn);
    }
    cut(right, rest, out);
    // D on 0 and its inverse on 1 is rz(-2 d) on the top qubit.
    let angles: Vec<f64> = phases.iter().map(|phase| -phase).collect();
    multiplex(&angles, rest, top, Multiplexed::Rz, out);
    cut(left, rest, out);
}

/// `exp(i phase_j)` on each basis state: a multiplexed `rz` for each qubit, `2^n - 2` two-qubit gates.
fn cut_diagonal(mut phases: Vec<f64>, qubits: &[usize], out: &mut Vec<Piece>) {
    let mut qubits = qubits;
    while let [rest @ .., top] = qubits {
        let half = phases.len() / 2;
        let angles: Vec<f64> = (0..half).map(|j| phases[half + j] - phases[j]).collect();
        multiplex(&angles, rest, *top, Multiplexed::Rz, out);
        phases = (0..half)
            .map(|j| (phases[half + j] + phases[j]) / 2.0)
            .collect();
        if let ([qubit], [phase]) = (qubits, phases.as_slice()) {
            out.push(Piece::One(*qubit, Matrix2::identity() * C64::cis(*phase)));
        }
        qubits = rest;
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Multiplexed {
    Ry,
    Rz,
}

/// A rotation of `target` whose angle depends on the state of `select`, in Gray-code order.
///
/// `rz` is closed by `cx`. For `ry` the `cz` still to be applied at the end are not written but returned, as the mask of
/// select qubits on which, where `target` is 1, a Z must follow.
fn multiplex(
    angles: &[f64],
    select: &[usize],
    target: usize,
    kind: Multiplexed,
    out: &mut Vec<Piece>,
) -> usize {
    let transformed = walsh(angles);
    let mut pending = 0usize;
    for (step, gray) in (0..angles.len()).map(|step| (step, step ^ (step >> 1))) {
        let angle = transformed[gray];
        if angle.abs() > ROUNDING {
            entangle(pending, select, target, kind, out);
            pending = 0;
            out.push(Piece::One(
                target,
                if kind == Multiplexed::Ry {
                    ry(angle)
                } else {
                    rz(angle)
                },
            ));
        }
        let bit = ((step + 1).trailing_zeros() as usize).min(select.len().saturating_sub(1));
        if !select.is_empty() {
            pending ^= 1 << bit;
        }
    }
    if kind == Multiplexed::Rz {
        entangle(pending, select, target, kind, out);
        pending = 0;
    }
    pending
}

fn entangle(mask: usize, select: &[usize], target: usize, kind: Multiplexed, out: &mut Vec<Piece>) {
    for (_, &control) in select
        .iter()
        .enumerate()
        .filter(|(bit, _)| mask >> bit & 1 == 1)
    {
        out.push(if kind == Multiplexed::Ry {
            Piece::Cz(control, target)
        } else {
            Piece::Cx(control, target)
        });
    }
}

/// `out_g = 2^-k sum_j (-1)^{j . g} in_j`.
fn walsh(values: &[f64]) -> Vec<f64> {
    let mut out = values.to_vec();
    let mut stride = 1;
    while stride < out.len() {
        for low in (0..out.len()).filter(|index| index & stride == 0) {
            let (a, b) = (out[low], out[low + stride]);
            (out[low], out[low + stride]) = ((a + b) / 2.0, (a - b) / 2.0);
        }
        stride *= 2;
    }
    out
}

fn is_diagonal(matrix: &DMatrix<C64>, negligible: f64) -> bool {
    let size = matrix.nrows();
    (0..size).all(|column| {
        (0..size).all(|row| row == column || matrix[(row, column)].norm() < negligible)
    })
}

/// An index with a bit put in at `place`.
fn insert_bit(index: usize, place: usize, bit: usize) -> usize {
    let low = index & ((1 << place) - 1);
    (index >> place << (place + 1)) | bit << place | low
}

/// The 2x2 block of the qubit at `place`, between states of the other qubits.
fn block_of(matrix: &DMatrix<C64>, place: usize, row: usize, column: usize) -> Matrix2<C64> {
    Matrix2::from_fn(|r, c| matrix[(insert_bit(row, place, r), insert_bit(column, place, c))])
}

/// `matrix` as a one-qubit unitary at `place` times one on the others, if it is such a product.
fn factor_out(
    matrix: &DMatrix<C64>,
    place: usize,
    negligible: f64,
) -> Option<(Matrix2<C64>, DMatrix<C64>)> {
    let half = matrix.nrows() / 2;
    let column = (0..half).fold((0, 0.0), |best, row| {
        let size = block_of(matrix, place, row, 0).norm_squared();
        if size > best.1 { (row, size) } else { best }
    });
    let block = block_of(matrix, place, column.0, 0);
    let factor = block / C64::from(block.norm() / std::f64::consts::SQRT_2);
    let back = factor.adjoint();
    let mut rest = DMatrix::zeros(half, half);
    for r in 0..half {
        for c in 0..half {
            let block = block_of(matrix, place, r, c);
            let value = (back * block).trace() / 2.0;
            if (block - factor * value)
                .iter()
                .any(|entry| entry.norm() >= negligible)
            {
                return None;
            }
            rest[(r, c)] = value;
        }
    }
    Some((factor, rest))
}

/// The unitaries on the other qubits for the values 0 and 1 of the qubit at `place`, if it never changes.
fn selected_by(matrix: &DMatrix<C64>, place: usize, negligible: f64) -> Option<[DMatrix<C64>; 2]> {
    let size = matrix.nrows();
    for column in 0..size {
        for row in (0..size).filter(|row| (row ^ column) >> place & 1 == 1) {
            if matrix[(row, column)].norm() >= negligible {
                return None;
            }
        }
    }
    let of = |bit: usize| {
        DMatrix::from_fn(size / 2, size / 2, |r, c| {
            matrix[(insert_bit(r, place, bit), insert_bit(c, place, bit))]
        })
    };
    Some([of(0), of(1)])
}

/// Writes two-qubit pieces up to `exp(-i psi ZZ)`, which moves through what is diagonal on the pair into the next.
fn pass_diagonals_on(pieces: &mut [Piece]) {
    for place in 0..pieces.len() {
        let Piece::Two(pair, matrix) = &pieces[place] else {
            continue;
        };
        let (pair, matrix) = (*pair, *matrix);
        if cz_count(&Weyl::of(&matrix).coordinates) < 3 {
            continue;
        }
        let Some(next) = next_on_pair(pieces, place, pair) else {
            continue;
        };
        let angle = diagonal_angle(&matrix);
        let rest = zz(angle) * matrix;
        if cz_count(&Weyl::of(&rest).coordinates) > 2 {
            continue;
        }
        pieces[place] = Piece::Two(pair, rest);
        if let Piece::Two(_, following) = &mut pieces[next] {
            *following *= zz(-angle);
        }
    }
}

fn next_on_pair(pieces: &[Piece], from: usize, pair: [usize; 2]) -> Option<usize> {
    for (offset, piece) in pieces[from + 1..].iter().enumerate() {
        let blocked = match piece {
            Piece::Two(other, _) if *other == pair || *other == [pair[1], pair[0]] => {
                return Some(from + 1 + offset);
            }
            Piece::Two(other, _) => other.iter().any(|qubit| pair.contains(qubit)),
            Piece::Cz(..) => false,
            Piece::Cx(_, target) => pair.contains(target),
            Piece::One(qubit, matrix) => pair.contains(qubit) && matrix[(1, 0)].norm() > ROUNDING,
        };
        if blocked {
            return None;
        }
    }
    None
}

/// `exp(i angle ZZ)`.
fn zz(angle: f64) -> Matrix4<C64> {
    let (same, other) = (C64::cis(angle), C64::cis(-angle));
    Matrix4::from_diagonal(&[same, other, other, same].into())
}

/// The angle for which `exp(i angle ZZ) matrix` needs two `cz`: the trace of `m^T m` in the magic basis is then real
/// (Shende, Bullock, Markov, 2004, quant-ph/0308045, theorem 14).
fn diagonal_angle(matrix: &Matrix4<C64>) -> f64 {
    let phase = matrix.determinant().arg() / 4.0;
    let magic = to_magic(&(matrix * C64::cis(-phase)));
    let square = magic * magic.transpose();
    // ZZ is diag(1, -1, -1, 1) in the magic basis.
    let (even, odd) = (
        square[(0, 0)] + square[(3, 3)],
        square[(1, 1)] + square[(2, 2)],
    );
    let (sum, difference) = (even.im + odd.im, even.re - odd.re);
    if sum == 0.0 && difference == 0.0 {
        return 0.0;
    }
    (-sum).atan2(difference) / 2.0
}

#[cfg(test)]
mod tests;
