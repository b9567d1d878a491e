//! One-qubit unitaries as gates, exactly and with the fewest pulses.
//!
//! Convention: `U(theta, phi, lambda) = [[cos(theta/2), -e^{i lambda} sin(theta/2)],
//! [e^{i phi} sin(theta/2), e^{i (phi + lambda)} cos(theta/2)]]` and every 2x2 unitary is `e^{i phase} U(...)` with
//! `theta` in `[0, pi]`. On hardware `rz` is a change of frame and costs nothing, so what counts is `theta`:
//!
//! | theta | gates (in circuit order) | pulses |
//! | --- | --- | --- |
//! | 0 | `rz` | 0 |
//! | pi/2 | `rz sx rz` | 1 |
//! | pi | `rz x` | 1 |
//! | other | `rz sx rz sx rz` (or `rz rx rz` with fractional gates) | 2 (1) |
//!
//! (McKay, Wood, Sheldon, Chow, Gambetta, "Efficient Z gates for quantum computing", 2017, arXiv:1612.00858.)

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI, TAU};

use nalgebra::Matrix2;
use num_complex::Complex64;
use smallvec::SmallVec;

use super::{ROUNDING, TOLERANCE};

/// `e^{i phase} U(theta, phi, lambda)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Euler {
    /// Polar angle, in `[0, pi]` when it comes from [`Euler::of`].
    pub theta: f64,
    /// Phase of the second row.
    pub phi: f64,
    /// Phase of the second column.
    pub lambda: f64,
    /// Global phase.
    pub phase: f64,
}

/// Which gates a one-qubit unitary is written with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OneQubitBasis {
    /// `rz`, `sx`, `x`.
    RzSx,
    /// `rz`, `sx`, `x` and `rx` of any angle.
    RzRx,
    /// `u` alone.
    U,
}

/// One gate of a one-qubit sequence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Pulse {
    /// `diag(e^{-i a/2}, e^{i a/2})`; a frame change.
    Rz(f64),
    /// The square root of X.
    Sx,
    /// X.
    X,
    /// `exp(-i a X / 2)`.
    Rx(f64),
    /// `U(theta, phi, lambda)`.
    U(f64, f64, f64),
}

/// Gates in circuit order (first acts first) and the global phase beside them.
#[derive(Clone, Debug, PartialEq)]
pub struct OneQubitSequence {
    /// The gates, first to act first.
    pub pulses: SmallVec<[Pulse; 5]>,
    /// Global phase of the whole.
    pub phase: f64,
}

/// The gates of any one-qubit unitary in `basis`, exactly, with the fewest pulses.
#[must_use]
pub fn synthesise_one_qubit(matrix: &Matrix2<Complex64>, basis: OneQubitBasis) -> OneQubitSequence {
    Euler::of(matrix).sequence(basis)
}

/// The number of physical pulses (gates other than `rz`) that `matrix` needs in `basis`.
#[must_use]
pub fn pulse_count(matrix: &Matrix2<Complex64>, basis: OneQubitBasis) -> usize {
    let theta = 2.0 * matrix[(1, 0)].norm().atan2(matrix[(0, 0)].norm());
    match Polar::of(theta) {
        Polar::Zero => 0,
        Polar::Quarter | Polar::Half => 1,
        Polar::General if basis == OneQubitBasis::RzSx => 2,
        Polar::General => 1,
    }
}

/// The classes of `theta` that differ in what they cost.
#[derive(Clone, Copy, PartialEq)]
enum Polar {
    Zero,
    Quarter,
    Half,
    General,
}

impl Polar {
    /// A deviation `d` of theta moves the matrix by `d / 2`, hence the factor two.
    fn of(theta: f64) -> Self {
        let near = |value: f64| (theta - value).abs() < 2.0 * TOLERANCE;
        if near(0.0) {
            Self::Zero
        } else if near(FRAC_PI_2) {
            Self::Quarter
        } else if near(PI) {
            Self::Half
        } else {
            Self::General
        }
    }
}

impl Euler {
    /// The angles of a 2x2 unitary.
    ///
    /// Where one of the two phases means nothing (a diagonal or anti-diagonal matrix), `phi` (or `lambda`) is zero.
    #[must_use]
    pub fn of(matrix: &Matrix2<Complex64>) -> Self {
        let (u00, u01, u10, u11) = (
            matrix[(0, 0)],
            matrix[(0, 1)],
            matrix[(1, 0)],
            matrix[(1, 1)],
        );
        let (cosine, sine) = (u00.norm(), u10.norm());
        let theta = 2.0 * sine.atan2(cosine);
        // Entry arguments: u00: phase, u01: phase + lambda + pi, u10: phase + phi, u11: phase + phi + lambda.
        // The larger pair of entries fixes the result, the smaller one only splits it.
        if sine <= cosine {
            let phase = u00.arg();
            let sum = u11.arg() - phase;
            let phi = if sine < TOLERANCE {
                0.0
            } else {
                u10.arg() - phase
            };
            Self {
                theta,
                phi,
                lambda: sum - phi,
                phase,
            }
        } else {
            let (row, column) = (u10.arg(), (-u01).arg());
            let phase = if cosine < TOLERANCE {
                column
            } else {
                u00.arg()
            };
            Self {
                theta,
                phi: row - phase,
                lambda: column - phase,
                phase,
            }
        }
    }

    /// The matrix that these angles stand for.
    #[must_use]
    pub fn matrix(&self) -> Matrix2<Complex64> {
        let (sine, cosine) = (self.theta / 2.0).sin_cos();
        let unit = Complex64::cis;
        Matrix2::new(
            unit(self.phase) * cosine,
            -unit(self.phase + self.lambda) * sine,
            unit(self.phase + self.phi) * sine,
            unit(self.phase + self.phi + self.lambda) * cosine,
        )
    }

    /// The gates in `basis`.
    #[must_use]
    pub fn sequence(&self, basis: OneQubitBasis) -> OneQubitSequence {
        match basis {
            OneQubitBasis::U => self.as_u(),
            OneQubitBasis::RzSx => self.as_pulses(Self::two_sx),
            OneQubitBasis::RzRx => self.as_pulses(Self::one_rx),
        }
    }

    fn as_u(&self) -> OneQubitSequence {
        let mut sequence = OneQubitSequence {
            pulses: SmallVec::new(),
            phase: wrap_phase(self.phase),
        };
        let (theta, phi, lambda) = (
            clean(self.theta),
            wrap_phase(self.phi),
            wrap_phase(self.lambda),
        );
        let diagonal = Polar::of(theta) == Polar::Zero;
        if !(diagonal && wrap_phase(phi + lambda).abs() < TOLERANCE) {
            sequence.pulses.push(Pulse::U(theta, phi, lambda));
        }
        sequence
    }

    fn as_pulses(&self, general: fn(&Self, &mut OneQubitSequence)) -> OneQubitSequence {
        let mut out = OneQubitSequence {
            pulses: SmallVec::new(),
            phase: self.phase,
        };
        let half_sum = (self.phi + self.lambda) / 2.0;
        match Polar::of(self.theta) {
            Polar::Zero => {
                out.phase += half_sum;
                out.push_rz(self.phi + self.lambda);
            }
            Polar::Quarter => {
                // U(pi/2, phi, lambda) = e^{i half_sum} Rz(phi + pi/2) Rx(pi/2) Rz(lambda - pi/2)
                out.phase += half_sum - FRAC_PI_4;
                out.push_rz(self.lambda - FRAC_PI_2);
                out.pulses.push(Pulse::Sx);
                out.push_rz(self.phi + FRAC_PI_2);
            }
            Polar::Half => {
                // U(pi, phi, lambda) = e^{i (half_sum + pi/2)} X Rz(lambda - phi + pi)
                out.phase += half_sum + FRAC_PI_2;
                out.push_rz(self.lambda - self.phi + PI);
                out.pulses.push(Pulse::X);
            }
            Polar::General => general(self, &mut out),
        }
        out.phase = wrap_phase(out.phase);
        out
    }

    /// `U = -e^{i half_sum} Rz(phi + pi) Rx(pi/2) Rz(theta + pi) Rx(pi/2) Rz(lambda)`, or its mirror image
    /// with `theta -> -theta`, `phi + pi`, `lambda + pi`: whichever has fewer `rz`.
    fn two_sx(&self, out: &mut OneQubitSequence) {
        let trivial = |angle: f64| usize::from(wrap_phase(angle).abs() < TOLERANCE);
        let direct = trivial(self.phi + PI) + trivial(self.lambda);
        let mirrored = trivial(self.phi) + trivial(self.lambda + PI);
        let half_sum = (self.phi + self.lambda) / 2.0;
        if direct >= mirrored {
            out.phase += half_sum + PI;
            out.push_rz(self.lambda);
            out.push_sx_rz_sx(self.theta + PI);
            out.push_rz(self.phi + PI);
        } else {
            out.phase += half_sum + PI;
            out.push_rz(self.lambda + PI);
            out.push_sx_rz_sx(PI - self.theta);
            out.push_rz(self.phi);
        }
    }

    /// `U = e^{i half_sum} Rz(phi + pi/2) Rx(theta) Rz(lambda - pi/2)`.
    fn one_rx(&self, out: &mut OneQubitSequence) {
        out.phase += (self.phi + self.lambda) / 2.0;
        out.push_rz(self.lambda - FRAC_PI_2);
        out.pulses.push(Pulse::Rx(clean(self.theta)));
        out.push_rz(self.phi + FRAC_PI_2);
    }
}

impl OneQubitSequence {
    /// The product of the gates, phase included.
    #[must_use]
    pub fn matrix(&self) -> Matrix2<Complex64> {
        let product = self
            .pulses
            .iter()
            .fold(Matrix2::identity(), |acc, pulse| pulse.matrix() * acc);
        product * Complex64::cis(self.phase)
    }

    /// The number of gates that are physical pulses, which is all but `rz`.
    #[must_use]
    pub fn pulse_count(&self) -> usize {
        self.pulses
            .iter()
            .filter(|pulse| !matches!(pulse, Pulse::Rz(_)))
            .count()
    }

    fn push_rz(&mut self, angle: f64) {
        let (angle, phase) = wrap_rotation(angle);
        self.phase += phase;
        if angle.abs() >= TOLERANCE {
            self.pulses.push(Pulse::Rz(angle));
        }
    }

    fn push_sx_rz_sx(&mut self, angle: f64) {
        self.phase -= FRAC_PI_2;
        self.pulses.push(Pulse::Sx);
        self.push_rz(angle);
        self.pulses.push(Pulse::Sx);
    }
}

impl Pulse {
    /// The matrix of this gate.
    #[must_use]
    pub fn matrix(&self) -> Matrix2<Complex64> {
        let real = |value: f64| Complex64::new(value, 0.0);
        match *self {
            Self::Rz(angle) => rz(angle),
            Self::Sx => {
                let (plus, minus) = (Complex64::new(0.5, 0.5), Complex64::new(0.5, -0.5));
                Matrix2::new(plus, minus, minus, plus)
            }
            Self::X => Matrix2::new(real(0.0), real(1.0), real(1.0), real(0.0)),
            Self::Rx(angle) => rx(angle),
            Self::U(theta, phi, lambda) => Euler {
                theta,
                phi,
                lambda,
                phase: 0.0,
            }
            .matrix(),
        }
    }
}

/// `diag(e^{-i angle/2}, e^{i angle/2})`.
#[must_use]
pub fn rz(angle: f64) -> Matrix2<Complex64> {
    let zero = Complex64::new(0.0, 0.0);
    Matrix2::new(
        Complex64::cis(-angle / 2.0),
        zero,
        zero,
        Complex64::cis(angle / 2.0),
    )
}

/// `exp(-i angle X / 2)`.
#[must_use]
pub fn rx(angle: f64) -> Matrix2<Complex64> {
    let (sine, cosine) = (angle / 2.0).sin_cos();
    let (diagonal, other) = (Complex64::new(cosine, 0.0), Complex64::new(0.0, -sine));
    Matrix2::new(diagonal, other, other, diagonal)
}

/// `exp(-i angle Y / 2)`.
#[must_use]
pub fn ry(angle: f64) -> Matrix2<Complex64> {
    let (sine, cosine) = (angle / 2.0).sin_cos();
    let real = |value: f64| Complex64::new(value, 0.0);
    Matrix2::new(real(cosine), real(-sine), real(sine), real(cosine))
}

/// The same rotation with its angle in `(-pi, pi]`, and the global phase that this takes (0 or pi): rotations have
/// period 4 pi, and half of it is a sign.
#[must_use]
pub fn wrap_rotation(angle: f64) -> (f64, f64) {
    let turns = ((angle - PI) / TAU).ceil();
    // Within a turn nothing is subtracted, so that an angle in range keeps all its bits.
    let wrapped = if turns == 0.0 {
        angle
    } else {
        angle - turns * TAU
    };
    // Values a rounding error above -pi and those at pi are the same rotation up to sign; prefer pi.
    let (wrapped, turns) = if wrapped <= -PI + ROUNDING {
        (PI, turns - 1.0)
    } else {
        (wrapped, turns)
    };
    (
        clean(wrapped),
        if turns.rem_euclid(2.0) == 0.0 {
            0.0
        } else {
            PI
        },
    )
}

/// A phase (period 2 pi) brought into `(-pi, pi]`.
#[must_use]
pub fn wrap_phase(angle: f64) -> f64 {
    wrap_rotation(angle).0
}

/// Removes rounding noise around multiples of pi/4.
fn clean(angle: f64) -> f64 {
    let nearest = (angle / FRAC_PI_4).round() * FRAC_PI_4;
    if (angle - nearest).abs() < ROUNDING {
        nearest
    } else {
        angle
    }
}

#[cfg(test)]
mod tests;
