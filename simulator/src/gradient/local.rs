//! The small matrices of a block: the one that undoes it, and what its cross matrix says about each angle.

use ardea_circuit::C64;

use super::blocks::{Block, Kind};
use super::leaves::{Action, Leaf};
use crate::kernels::{MAX_DENSE, Shape};
use crate::plan::classify;

/// The inverse of a block.
pub(super) fn undo(block: &Block, leaves: &[Leaf]) -> Shape {
    let qubits = block.qubits();
    match block.kind {
        Kind::Wide => match &leaves[block.members[0]].action {
            Action::Wide(shape) => adjoint(shape),
            _ => unreachable!("a wide block holds a wide action"),
        },
        Kind::Diagonal => {
            let mut table = vec![C64::ONE; 1 << qubits.len()];
            for &member in &block.members {
                let bits = bits_of(&leaves[member], &qubits);
                multiply(&mut table, &bits, entries(&leaves[member]));
            }
            table.iter_mut().for_each(|entry| *entry = entry.conj());
            Shape::Diagonal { qubits, table }
        }
        Kind::Matrix => {
            let width = qubits.len();
            let side = 1usize << width;
            let mut matrix = vec![C64::ZERO; side * side];
            (0..side).for_each(|i| matrix[i * side + i] = C64::ONE);
            for &member in &block.members {
                let leaf = &leaves[member];
                // The rows of a row-major matrix are its high index bits.
                let bits: Vec<usize> = bits_of(leaf, &qubits).iter().map(|b| b + width).collect();
                match &leaf.action {
                    Action::Diagonal(table) => multiply(&mut matrix, &bits, table),
                    _ => apply(&mut matrix, &bits, entries(leaf)),
                }
            }
            classify(&qubits, &conjugate_transpose(&matrix))
        }
    }
}

/// What the block's angles contribute to the derivatives, by numbers of symbols, given its cross matrix (or its
/// diagonal) behind the block.
///
/// For an action with generator G, followed in its block by V, the contribution is twice the real part of
/// tr(V G V† R) = tr(G (V† R V)): the cross matrix is carried back through the block.
pub(super) fn contributions(block: &Block, leaves: &[Leaf], sums: &[C64]) -> Vec<(usize, f64)> {
    let mut shares = Vec::new();
    let qubits = match block.kind {
        Kind::Wide => leaves[block.members[0]].qubits.clone(),
        _ => block.qubits(),
    };
    let width = qubits.len();
    let first = block
        .members
        .iter()
        .position(|&member| !leaves[member].slopes.is_empty())
        .unwrap_or(0);
    let mut cross = sums.to_vec();
    for &member in block.members[first..].iter().rev() {
        let leaf = &leaves[member];
        let bits = bits_of(leaf, &qubits);
        for slope in &leaf.slopes {
            let value = match (block.kind, &leaf.action) {
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
            carry_back(&mut cross, leaf, &bits, width);
        }
    }
    shares
}

/// R becomes U† R U.
fn carry_back(cross: &mut [C64], leaf: &Leaf, bits: &[usize], width: usize) {
    let rows: Vec<usize> = bits.iter().map(|bit| bit + width).collect();
    match &leaf.action {
        Action::Diagonal(table) => {
            let conjugate: Vec<C64> = table.iter().map(|entry| entry.conj()).collect();
            multiply(cross, &rows, &conjugate);
            multiply(cross, bits, table);
        }
        _ => {
            let matrix = entries(leaf);
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

fn entries(leaf: &Leaf) -> &[C64] {
    match &leaf.action {
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

fn adjoint(shape: &Shape) -> Shape {
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
