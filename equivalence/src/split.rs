//! A matrix on several qubits as a product of one on a single qubit and the rest.

use ardea_circuit::C64;
use nalgebra::DMatrix;

/// A qubit splits off when the rest of the matrix is closer to a product than this, where nothing else is said.
pub(crate) const SPLIT: f64 = 1e-7;

/// The matrix as a product of a small one, from bit `a` of the columns (or nothing) to bit `b` of the rows, and the rest;
/// and how far it is from that, if that is at most `limit`.
pub(crate) fn factor(
    matrix: &DMatrix<C64>,
    a: Option<usize>,
    b: usize,
    limit: f64,
) -> Option<(DMatrix<C64>, DMatrix<C64>, f64)> {
    let inputs = if a.is_some() { 2 } else { 1 };
    let (rows, columns) = (matrix.nrows() / 2, matrix.ncols() / inputs);
    let with = |index: usize, place: usize, bit: usize| {
        (index >> place << (place + 1)) | (bit << place) | (index & ((1 << place) - 1))
    };
    // Entry k of the small matrix is at row k & 1, column k >> 1.
    let entry = |row: usize, column: usize, k: usize| {
        matrix[(
            with(row, b, k & 1),
            a.map_or(column, |a| with(column, a, k >> 1)),
        )]
    };
    let entries = 2 * inputs;
    let places = || (0..columns).flat_map(|column| (0..rows).map(move |row| (row, column)));
    let weight = |(row, column): (usize, usize)| {
        (0..entries)
            .map(|k| entry(row, column, k).norm_sqr())
            .sum::<f64>()
    };
    // The place where the rest is largest shows the small matrix.
    let (row, column) = places().max_by(|&x, &y| weight(x).total_cmp(&weight(y)))?;
    let scale = (inputs as f64 / weight((row, column))).sqrt();
    if !scale.is_finite() {
        return None;
    }
    let small: Vec<C64> = (0..entries)
        .map(|k| entry(row, column, k) * scale)
        .collect();
    let mut rest = DMatrix::zeros(rows, columns);
    let mut residual = 0.0;
    for (row, column) in places() {
        let value = (0..entries)
            .map(|k| small[k].conj() * entry(row, column, k))
            .sum::<C64>()
            / inputs as f64;
        rest[(row, column)] = value;
        residual += (0..entries)
            .map(|k| (entry(row, column, k) - small[k] * value).norm_sqr())
            .sum::<f64>();
        if residual > limit * limit {
            return None;
        }
    }
    Some((DMatrix::from_vec(2, inputs, small), rest, residual.sqrt()))
}
