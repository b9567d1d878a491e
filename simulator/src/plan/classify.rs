//! From a matrix to the cheapest shape that holds it, and back.
//!
//! Structure is read from the numbers, never from a gate's name: exact zeros and ones decide, so a gate added tomorrow
//! is recognised the day it is added, and a matrix with rounding dust is simply dense.

use num_complex::Complex64;

use crate::kernels::{MAX_PERMUTATION, Shape};

/// The shape of the `matrix` (row-major, side `2^qubits.len()`) on `qubits`, with controls split off.
pub(crate) fn classify(qubits: &[u32], matrix: &[Complex64]) -> Shape {
    let side = 1usize << qubits.len();
    debug_assert_eq!(matrix.len(), side * side);
    if (0..side * side).all(|i| i / side == i % side || matrix[i] == Complex64::ZERO) {
        let table = (0..side).map(|i| matrix[i * side + i]).collect();
        return smaller_diagonal(qubits, table);
    }
    let controls: Vec<(usize, bool)> = (0..qubits.len())
        .filter_map(|bit| control_value(matrix, side, bit).map(|value| (bit, value)))
        .collect();
    let targets: Vec<usize> = (0..qubits.len())
        .filter(|bit| controls.iter().all(|(control, _)| control != bit))
        .collect();
    let fixed: usize = controls
        .iter()
        .map(|&(bit, value)| usize::from(value) << bit)
        .sum();
    let spread = |index: usize| {
        targets
            .iter()
            .enumerate()
            .fold(fixed, |out, (i, &bit)| out | (index >> i & 1) << bit)
    };
    let small = 1usize << targets.len();
    let block: Vec<Complex64> = (0..small * small)
        .map(|i| matrix[spread(i / small) * side + spread(i % small)])
        .collect();
    let controls = controls
        .iter()
        .map(|&(bit, value)| (qubits[bit], value))
        .collect();
    let targets: Vec<u32> = targets.iter().map(|&bit| qubits[bit]).collect();
    match image(&block, small) {
        Some(image) if targets.len() <= MAX_PERMUTATION => Shape::Permutation {
            targets,
            controls,
            image,
        },
        _ => Shape::Dense {
            targets,
            controls,
            matrix: block,
        },
    }
}

/// A diagonal without the qubits on which it does not depend.
pub(super) fn smaller_diagonal(qubits: &[u32], table: Vec<Complex64>) -> Shape {
    let mut qubits = qubits.to_vec();
    let mut table = table;
    let mut bit = 0;
    while bit < qubits.len() {
        if (0..table.len()).all(|i| table[i] == table[i ^ 1 << bit]) {
            let keep = |i: usize| (i >> bit) << (bit + 1) | i & ((1 << bit) - 1);
            table = (0..table.len() / 2).map(|i| table[keep(i)]).collect();
            qubits.remove(bit);
        } else {
            bit += 1;
        }
    }
    Shape::Diagonal { qubits, table }
}

/// Whether the shape does nothing at all.
pub(super) fn is_identity(shape: &Shape) -> bool {
    match shape {
        Shape::Diagonal { table, .. } => table.iter().all(|&entry| entry == Complex64::ONE),
        Shape::Permutation { image, .. } => {
            image.iter().enumerate().all(|(i, &to)| i == to as usize)
        }
        Shape::Dense { .. } => false,
    }
}

/// The value of `bit` at which the matrix acts, when it is the identity at the other value.
fn control_value(matrix: &[Complex64], side: usize, bit: usize) -> Option<bool> {
    let idle = |value: usize| {
        (0..side * side).all(|i| {
            let (row, column) = (i / side, i % side);
            let concerned = row >> bit & 1 == value || column >> bit & 1 == value;
            let identity = if row == column {
                Complex64::ONE
            } else {
                Complex64::ZERO
            };
            !concerned || matrix[i] == identity
        })
    };
    if idle(0) {
        Some(true)
    } else if idle(1) {
        Some(false)
    } else {
        None
    }
}

/// The image of each basis state when the matrix is a permutation.
fn image(matrix: &[Complex64], side: usize) -> Option<Vec<u32>> {
    let image: Option<Vec<u32>> = (0..side)
        .map(|column| {
            let mut found = None;
            for row in 0..side {
                let entry = matrix[row * side + column];
                if entry == Complex64::ONE && found.is_none() {
                    found = Some(row as u32);
                } else if entry != Complex64::ZERO {
                    return None;
                }
            }
            found
        })
        .collect();
    let image = image?;
    let mut hit = vec![false; side];
    image.iter().for_each(|&to| hit[to as usize] = true);
    hit.iter().all(|&hit| hit).then_some(image)
}

/// Multiplies the shapes, first to last, into one matrix (row-major) on `qubits`, which hold their support.
pub(super) fn product(shapes: &[&Shape], qubits: &[u32]) -> Vec<Complex64> {
    let side = 1usize << qubits.len();
    let mut matrix = vec![Complex64::ZERO; side * side];
    (0..side).for_each(|i| matrix[i * side + i] = Complex64::ONE);
    let mut inputs = Vec::new();
    for shape in shapes {
        apply(shape, qubits, &mut matrix, &mut inputs);
    }
    matrix
}

/// Multiplies a matrix on `qubits` by the shape from the left; `inputs` is scratch.
fn apply(shape: &Shape, qubits: &[u32], matrix: &mut [Complex64], inputs: &mut Vec<Complex64>) {
    let side = 1usize << qubits.len();
    let bit = |qubit: &u32| {
        let found = qubits.iter().position(|q| q == qubit);
        found.expect("the support lies in the qubits")
    };
    let bits = |list: &[u32]| list.iter().map(bit).collect::<Vec<_>>();
    let spread = |index: usize, bits: &[usize]| {
        let places = bits.iter().enumerate();
        places.fold(0, |out, (i, &bit)| out | (index >> i & 1) << bit)
    };
    let (targets, controls) = match shape {
        Shape::Diagonal { qubits, table } => {
            let bits = bits(qubits);
            let all: usize = bits.iter().map(|&bit| 1 << bit).sum();
            for (index, factor) in table.iter().enumerate() {
                let fixed = spread(index, &bits);
                for row in (0..side).filter(|row| row & all == fixed) {
                    matrix[row * side..][..side]
                        .iter_mut()
                        .for_each(|entry| *entry *= factor);
                }
            }
            return;
        }
        Shape::Permutation {
            targets, controls, ..
        }
        | Shape::Dense {
            targets, controls, ..
        } => (bits(targets), controls),
    };
    let (mut mask, mut value) = (targets.iter().map(|&bit| 1 << bit).sum::<usize>(), 0);
    for (control, is_one) in controls {
        mask |= 1 << bit(control);
        value |= usize::from(*is_one) << bit(control);
    }
    let small = 1usize << targets.len();
    // Rows that mix: those that agree outside of the targets, where the controls have their values.
    for base in (0..side).filter(|base| base & mask == value) {
        let row = |index: usize| (base | spread(index, &targets)) * side;
        inputs.clear();
        (0..small).for_each(|i| inputs.extend_from_slice(&matrix[row(i)..][..side]));
        match shape {
            Shape::Permutation { image, .. } => {
                for (from, &to) in inputs.chunks(side).zip(image) {
                    matrix[row(to as usize)..][..side].copy_from_slice(from);
                }
            }
            Shape::Dense {
                matrix: entries, ..
            } => {
                for (to, factors) in entries.chunks(small).enumerate() {
                    let out = &mut matrix[row(to)..][..side];
                    out.fill(Complex64::ZERO);
                    let terms = inputs.chunks(side).zip(factors);
                    for (input, factor) in terms.filter(|(_, factor)| **factor != Complex64::ZERO) {
                        out.iter_mut()
                            .zip(input)
                            .for_each(|(out, input)| *out += factor * input);
                    }
                }
            }
            Shape::Diagonal { .. } => unreachable!("diagonals are done above"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permutation_matrix(image: &[usize]) -> Vec<Complex64> {
        let side = image.len();
        let mut matrix = vec![Complex64::ZERO; side * side];
        image
            .iter()
            .enumerate()
            .for_each(|(from, &to)| matrix[to * side + from] = Complex64::ONE);
        matrix
    }

    #[test]
    fn controls_are_split_off() {
        // Qubit 7 (bit 0) open control, qubit 3 (bit 1) target.
        let shape = classify(&[7, 3], &permutation_matrix(&[2, 1, 0, 3]));
        assert_eq!(
            shape,
            Shape::Permutation {
                targets: vec![3],
                controls: vec![(7, false)],
                image: vec![1, 0]
            }
        );
    }

    #[test]
    fn a_diagonal_forgets_qubits_it_does_not_depend_on() {
        let (one, i) = (Complex64::ONE, Complex64::I);
        let shape = smaller_diagonal(&[4, 5, 6], vec![one, one, i, i, one, one, i, i]);
        assert_eq!(
            shape,
            Shape::Diagonal {
                qubits: vec![5],
                table: vec![one, i]
            }
        );
    }

    #[test]
    fn every_permutation_of_two_qubits_survives_the_round_trip() {
        for a in 0..4 {
            for b in (0..4).filter(|&b| b != a) {
                for c in (0..4).filter(|&c| c != a && c != b) {
                    let image = [a, b, c, 6 - a - b - c];
                    let matrix = permutation_matrix(&image);
                    let shape = classify(&[2, 9], &matrix);
                    assert!(!matches!(shape, Shape::Dense { .. }));
                    assert_eq!(product(&[&shape], &[2, 9]), matrix, "{image:?}");
                }
            }
        }
    }
}
