//! What a measured outcome does to the amplitudes.

use num_complex::Complex;
use rayon::prelude::*;

use crate::kernels::Real;

/// What becomes of the qubit after the projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// It keeps the outcome.
    Keep,
    /// It returns to |0>.
    Clear,
}

/// Amplitudes that one task handles at a time.
const CHUNK: usize = 1 << 14;

/// Projects `qubit` on `outcome` and multiplies what is left by `factor`.
pub(crate) fn project<T: Real>(
    state: &mut [Complex<T>],
    qubit: u32,
    outcome: bool,
    factor: f64,
    after: After,
) {
    let half = 1usize << qubit;
    let factor = T::from_f64(factor);
    let (kept, moved) = (outcome, outcome && after == After::Clear);
    let one_pair = |low: &mut [Complex<T>], high: &mut [Complex<T>]| {
        if moved {
            low.iter_mut()
                .zip(high.iter())
                .for_each(|(low, high)| *low = *high * factor);
            high.fill(Complex::new(T::ZERO, T::ZERO));
        } else {
            let (stays, goes) = if kept { (high, low) } else { (low, high) };
            stays.iter_mut().for_each(|z| *z *= factor);
            goes.fill(Complex::new(T::ZERO, T::ZERO));
        }
    };
    let blocks = |state: &mut [Complex<T>]| {
        for block in state.chunks_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            one_pair(low, high);
        }
    };
    if state.len() <= CHUNK {
        blocks(state);
    } else if 2 * half <= CHUNK {
        state.par_chunks_mut(CHUNK).for_each(blocks);
    } else {
        for block in state.chunks_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            low.par_chunks_mut(CHUNK)
                .zip(high.par_chunks_mut(CHUNK))
                .for_each(|(low, high)| one_pair(low, high));
        }
    }
}

#[cfg(test)]
mod tests {
    use num_complex::Complex64;

    use super::*;

    #[test]
    fn projection_keeps_one_half_or_moves_it_down() {
        let n = 16;
        let state: Vec<Complex64> = (0..1usize << n)
            .map(|i| Complex64::new(i as f64, 1.0))
            .collect();
        for qubit in [0u32, 3, 13, 14, 15] {
            for (outcome, after) in [
                (false, After::Keep),
                (true, After::Keep),
                (false, After::Clear),
                (true, After::Clear),
            ] {
                let mut found = state.clone();
                project(&mut found, qubit, outcome, 2.0, after);
                for (i, z) in found.iter().enumerate() {
                    let bit = i >> qubit & 1 == 1;
                    let clear = after == After::Clear;
                    let source = if clear && outcome { i | 1 << qubit } else { i };
                    let alive = if clear { !bit } else { bit == outcome };
                    let expected = if alive {
                        state[source] * 2.0
                    } else {
                        Complex64::ZERO
                    };
                    assert_eq!(
                        *z, expected,
                        "qubit {qubit} outcome {outcome} {after:?} index {i}"
                    );
                }
            }
        }
    }
}
