//! Shared material of the synthesis tests: seeded random unitaries, distances, awkward angles.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

use nalgebra::{DMatrix, Dim, Matrix, Matrix2, Matrix4, RawStorage};
use num_complex::Complex64;
use rand::{Rng, RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

pub(crate) fn random_source(seed: u64) -> Pcg64Mcg {
    Pcg64Mcg::seed_from_u64(seed)
}

/// The largest entry of the difference: a distance that sees the global phase.
pub(crate) fn distance<R: Dim, C: Dim, S, T>(
    a: &Matrix<Complex64, R, C, S>,
    b: &Matrix<Complex64, R, C, T>,
) -> f64
where
    S: RawStorage<Complex64, R, C>,
    T: RawStorage<Complex64, R, C>,
{
    a.iter()
        .zip(b.iter())
        .map(|(x, y)| (x - y).norm())
        .fold(0.0, f64::max)
}

/// A Haar-random unitary: the Q of a Gaussian matrix, with the phases of R's diagonal taken out.
pub(crate) fn random_unitary(random: &mut impl Rng, size: usize) -> DMatrix<Complex64> {
    let gaussian = DMatrix::from_fn(size, size, |_, _| {
        let (u, v): (f64, f64) = (random.random::<f64>().max(1e-300), random.random());
        Complex64::from_polar((-2.0 * u.ln()).sqrt(), TAU * v)
    });
    let (q, r) = gaussian.qr().unpack();
    let phases = DMatrix::from_diagonal(&r.diagonal().map(|x| x / x.norm()));
    q * phases
}

pub(crate) fn random_unitary2(random: &mut impl Rng) -> Matrix2<Complex64> {
    random_unitary(random, 2)
        .fixed_view::<2, 2>(0, 0)
        .into_owned()
}

pub(crate) fn random_unitary4(random: &mut impl Rng) -> Matrix4<Complex64> {
    random_unitary(random, 4)
        .fixed_view::<4, 4>(0, 0)
        .into_owned()
}

/// Multiples of pi/4 up to 4 pi and points at many distances around them.
pub(crate) fn special_angles() -> Vec<f64> {
    let mut angles = vec![0.3, -2.1, 1e-5];
    for center in [
        0.0,
        FRAC_PI_4,
        FRAC_PI_2,
        -FRAC_PI_2,
        PI,
        -PI,
        1.5 * PI,
        TAU,
        -TAU,
        2.0 * TAU,
    ] {
        for offset in [0.0, 1e-15, -1e-14, 1e-12, -1e-12] {
            angles.push(center + offset);
        }
    }
    angles
}
