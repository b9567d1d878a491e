//! The small matrices of a block: its own, and what its cross matrix says about each angle.

use std::borrow::Cow;

use ardea_circuit::C64;

use super::blocks::{Block, Kind};
use super::leaves::{Action, Leaf, Slope};
use crate::kernels::{MAX_DENSE, Shape};
use crate::plan::classify;

/// What the actions of a circuit are at one setting of its symbols.
pub(super) struct Dressed<'a> {
    pub(super) leaves: &'a [Leaf],
    pub(super) actions: Vec<Cow<'a, Action>>,
    /// Generators, where they were asked for.
    pub(super) slopes: Vec<Vec<Slope>>,
}

/// The block as one shape.
pub(super) fn matrix_of(block: &Block, dressed: &Dressed<'_>) -> Shape {
    let qubits = block.qubits();
    match block.kind {
        Kind::Wide => match &*dressed.actions[block.members[0]] {
            Action::Wide(shape) => shape.clone(),
            _ => unreachable!("a wide block holds a wide action"),
        },
        Kind::Diagonal => {
            let mut table = vec![C64::ONE; 1 << qubits.len()];
            for &member in &block.members {
                let bits = bits_of(&dressed.leaves[member], &qubits);
                multiply(&mut table, &bits, entries(&dressed.actions[member]));
            }
            Shape::Diagonal { qubits, table }
        }
        Kind::Matrix => {
            let width = qubits.len();
            let side = 1usize << width;
            let mut matrix = vec![C64::ZERO; side * side];
            (0..side).for_each(|i| matrix[i * side + i] = C64::ONE);
            for &member in &block.members {
                // The rows of a row-major matrix are its high index bits.
                let bits: Vec<usize> = bits_of(&dressed.leaves[member], &qubits)
                    .iter()
                    .map(|bit| bit + width)
                    .collect();
                match &*dressed.actions[member] {
                    Action::Diagonal(table) => multiply(&mut matrix, &bits, table),
                    action => apply(&mut matrix, &bits, entries(action)),
                }
            }
            classify(&qubits, &matrix)
        }
    }
}

/// What the block's angles contribute to the derivatives, by numbers of symbols, given its cross matrix (or its
/// diagonal) behind the block.
///
/// For an action with generator G, followed in its block by V, the contribution is twice the real part of
/// tr(V G V† R) = tr(G (V† R V)): the cross matrix is carried back through the block.
pub(super) fn contributions(
    block: &Block,
    dressed: &Dressed<'_>,
    sums: &[C64],
) -> Vec<(usize, f64)> {
    let mut shares = Vec::new();
    let qubits = match block.kind {
        Kind::Wide => dressed.leaves[block.members[0]].qubits.clone(),
        _ => block.qubits(),
    };
    let width = qubits.len();
    let first = block
        .members
        .iter()
        .position(|&member| !dressed.slopes[member].is_empty())
        .unwrap_or(0);
    let mut cross = sums.to_vec();
    for &member in block.members[first..].iter().rev() {
        let action = &*dressed.actions[member];
        let bits = bits_of(&dressed.leaves[member], &qubits);
        for slope in &dressed.slopes[member] {
            let value = match (block.kind, action) {
                (Kind::Diagonal, _) => trace_of_tables(&slope.generator, &bits, &cross),
                (_, Action::Diagonal(_)) => {
                    let diagonal: Vec<C64> =
                        (0..1 << width).map(|i| cross[i << width | i]).collect();
                    trace_of_tables(&slope.generator, &bits, &diagonal)
                }
                _ => trace(&slope.generator, &bits, &cross, width),
            };
            for &(symbol, factor) in &slope.terms {
                shares.push((symbol, 2.0 * value.re * factor));
            }
        }
        if block.kind == Kind::Matrix {
            carry_back(&mut cross, action, &bits, width);
        }
    }
    shares
}

/// R becomes U† R U.
fn carry_back(cross: &mut [C64], action: &Action, bits: &[usize], width: usize) {
    let rows: Vec<usize> = bits.iter().map(|bit| bit + width).collect();
    match action {
        Action::Diagonal(table) => {
            let conjugate: Vec<C64> = table.iter().map(|entry| entry.conj()).collect();
            multiply(cross, &rows, &conjugate);
            multiply(cross, bits, table);
        }
        _ => {
            let matrix = entries(action);
            apply(cross, &rows, &conjugate_transpose(matrix));
            apply(cross, bits, &transpose(matrix));
        }
    }
}

/// Positions of an action's qubits in the block's.
fn bits_of(leaf: &Leaf, qubits: &[u32]) -> Vec<usize> {
    leaf.qubits
        .iter()
        .map(|qubit| {
            qubits
                .iter()
                .position(|q| q == qubit)
                .expect("a block holds its members' qubits")
        })
        .collect()
}

fn entries(action: &Action) -> &[C64] {
    match action {
        Action::Diagonal(entries) | Action::Matrix(entries) => entries,
        Action::Wide(_) => unreachable!("wide actions stand alone"),
    }
}

fn pick(index: usize, bits: &[usize]) -> usize {
    bits.iter()
        .enumerate()
        .map(|(i, bit)| (index >> bit & 1) << i)
        .sum()
}

fn spread(value: usize, bits: &[usize]) -> usize {
    bits.iter()
        .enumerate()
        .map(|(i, bit)| (value >> i & 1) << bit)
        .sum()
}

fn multiply(vector: &mut [C64], bits: &[usize], table: &[C64]) {
    for (i, entry) in vector.iter_mut().enumerate() {
        *entry *= table[pick(i, bits)];
    }
}

/// Applies the matrix (row-major) to `bits` of the vector's index.
fn apply(vector: &mut [C64], bits: &[usize], matrix: &[C64]) {
    const SIDE: usize = 1 << MAX_DENSE;
    let side = 1usize << bits.len();
    let places: Vec<usize> = (0..side).map(|value| spread(value, bits)).collect();
    let all = places[side - 1];
    let mut input = [C64::ZERO; SIDE];
    for base in (0..vector.len()).filter(|base| base & all == 0) {
        for (input, place) in input.iter_mut().zip(&places) {
            *input = vector[base | place];
        }
        for (row, place) in matrix.chunks_exact(side).zip(&places) {
            vector[base | place] = row.iter().zip(&input).map(|(m, x)| m * x).sum();
        }
    }
}

/// tr(G R) for a G on `bits` of R's `width`.
fn trace(generator: &[C64], bits: &[usize], cross: &[C64], width: usize) -> C64 {
    let side = 1usize << bits.len();
    let places: Vec<usize> = (0..side).map(|value| spread(value, bits)).collect();
    let all = places[side - 1];
    let mut sum = C64::ZERO;
    for rest in (0..1usize << width).filter(|rest| rest & all == 0) {
        for j in 0..side {
            for i in 0..side {
                let entry = cross[(rest | places[i]) << width | rest | places[j]];
                sum += generator[j * side + i] * entry;
            }
        }
    }
    sum
}

fn trace_of_tables(generator: &[C64], bits: &[usize], diagonal: &[C64]) -> C64 {
    diagonal
        .iter()
        .enumerate()
        .map(|(i, entry)| generator[pick(i, bits)] * entry)
        .sum()
}

fn transpose(matrix: &[C64]) -> Vec<C64> {
    let side = matrix.len().isqrt();
    (0..matrix.len())
        .map(|i| matrix[i % side * side + i / side])
        .collect()
}

fn conjugate_transpose(matrix: &[C64]) -> Vec<C64> {
    let mut out = transpose(matrix);
    out.iter_mut().for_each(|entry| *entry = entry.conj());
    out
}

/// The inverse of a shape.
pub(super) fn adjoint(shape: &Shape) -> Shape {
    match shape {
        Shape::Dense {
            targets,
            controls,
            matrix,
        } => Shape::Dense {
            targets: targets.clone(),
            controls: controls.clone(),
            matrix: conjugate_transpose(matrix),
        },
        Shape::Diagonal { qubits, table } => Shape::Diagonal {
            qubits: qubits.clone(),
            table: table.iter().map(|entry| entry.conj()).collect(),
        },
        Shape::Permutation {
            targets,
            controls,
            image,
        } => {
            let mut back = vec![0; image.len()];
            for (from, &to) in image.iter().enumerate() {
                back[to as usize] = from as u32;
            }
            Shape::Permutation {
                targets: targets.clone(),
                controls: controls.clone(),
                image: back,
            }
        }
    }
}
