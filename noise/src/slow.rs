//! Detunings that change slowly: constant in a shot, or with a 1/f spectrum.
//!
//! One draw gives every qubit of the device a detuning as a function of time. 1/f noise is a sum of modes at
//! logarithmically spaced frequencies, each with the same variance, so that the spectrum falls as 1/f between the lowest
//! and the highest; phases between two times are integrals in closed form.

use std::f64::consts::TAU;

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::options::NoiseOptions;

/// Modes of the 1/f spectrum.
const MODES: usize = 24;

/// One draw of all slow parameters.
#[derive(Debug, Clone, Default)]
pub(crate) struct SlowDraw {
    qubits: Vec<Detuning>,
}

/// The detuning of one qubit in a draw.
#[derive(Debug, Clone, Default)]
struct Detuning {
    /// Hertz.
    constant: f64,
    modes: Vec<Mode>,
}

/// `cos cos(2 pi f t) + sin sin(2 pi f t)`, in hertz.
#[derive(Debug, Clone)]
struct Mode {
    frequency: f64,
    cos: f64,
    sin: f64,
}

impl SlowDraw {
    /// Draw number `draw` for a device of `qubits` qubits; the same seed and number give the same draw.
    pub(crate) fn new(options: &NoiseOptions, qubits: usize, seed: u64, draw: u64) -> Self {
        if !options.is_slow() {
            return Self::default();
        }
        let mixed = seed ^ draw.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut rng = Pcg64Mcg::seed_from_u64(mixed);
        let qubits = (0..qubits).map(|_| Detuning::new(options, &mut rng));
        Self {
            qubits: qubits.collect(),
        }
    }

    /// The phase in radians that |1> of a qubit gains between two times in seconds: `-2 pi` times the integral of the
    /// detuning.
    pub(crate) fn phase(&self, qubit: usize, from: f64, to: f64) -> f64 {
        self.qubits
            .get(qubit)
            .map_or(0.0, |detuning| -TAU * detuning.integral(from, to))
    }
}

impl Detuning {
    fn new(options: &NoiseOptions, rng: &mut Pcg64Mcg) -> Self {
        let mut constant = options.quasi_static.unwrap_or(0.0) * gaussian(rng);
        if let Some(splitting) = options.charge_parity {
            constant += if rng.random_bool(0.5) {
                splitting
            } else {
                -splitting
            };
        }
        let modes = options.flicker.map_or(vec![], |flicker| {
            let each = flicker.sigma / (MODES as f64).sqrt();
            let ratio = (flicker.highest / flicker.lowest).ln();
            (0..MODES)
                .map(|mode| {
                    // A random place in each interval, so that draws do not beat in step.
                    let place = (mode as f64 + rng.random_range(0.0..1.0)) / MODES as f64;
                    Mode {
                        frequency: flicker.lowest * (ratio * place).exp(),
                        cos: each * gaussian(rng),
                        sin: each * gaussian(rng),
                    }
                })
                .collect()
        });
        Self { constant, modes }
    }

    /// Cycles between two times.
    fn integral(&self, from: f64, to: f64) -> f64 {
        let modes: f64 = self
            .modes
            .iter()
            .map(|mode| {
                let rate = TAU * mode.frequency;
                let (sin_to, cos_to) = (rate * to).sin_cos();
                let (sin_from, cos_from) = (rate * from).sin_cos();
                (mode.cos * (sin_to - sin_from) - mode.sin * (cos_to - cos_from)) / rate
            })
            .sum();
        self.constant * (to - from) + modes
    }
}

/// A standard normal number (Box and Muller 1958).
fn gaussian(rng: &mut Pcg64Mcg) -> f64 {
    let radius = (-2.0 * (1.0 - rng.random_range(0.0..1.0f64)).ln()).sqrt();
    radius * (TAU * rng.random_range(0.0..1.0f64)).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Flicker;

    #[test]
    fn the_variance_of_a_short_average_is_that_of_the_options() {
        let options = NoiseOptions {
            quasi_static: Some(300.0),
            charge_parity: Some(100.0),
            flicker: Some(Flicker {
                sigma: 400.0,
                lowest: 1e3,
                highest: 1e5,
            }),
            ..NoiseOptions::none()
        };
        let time = 1e-8;
        let draws = 4000;
        let variance: f64 = (0..draws)
            .map(|draw| {
                let phase = SlowDraw::new(&options, 1, 7, draw).phase(0, 3e-5, 3e-5 + time);
                (phase / (TAU * time)).powi(2)
            })
            .sum::<f64>()
            / draws as f64;
        let expected = 300.0f64.powi(2) + 100.0f64.powi(2) + 400.0f64.powi(2);
        assert!((variance / expected - 1.0).abs() < 0.1, "{variance}");
    }

    #[test]
    fn phases_add_up_over_time() {
        let draw = SlowDraw::new(&NoiseOptions::default(), 3, 1, 2);
        let whole = draw.phase(2, 1e-6, 9e-6);
        let parts = draw.phase(2, 1e-6, 4e-6) + draw.phase(2, 4e-6, 9e-6);
        assert!((whole - parts).abs() < 1e-12 && whole != 0.0);
    }
}
