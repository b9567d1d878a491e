//! What decoupling acts on: noise that is slow beside a window, and ZZ between neighbours.
//!
//! The model has two parts, both of which calibrated T1, T2 and gate errors leave out (T2 is measured with an echo):
//!
//! - detuning: each qubit's frequency is off by a Gaussian amount that forgets itself with a correlation time (an
//!   Ornstein-Uhlenbeck process). With s(t) the sign of the qubit's Z, the phase of a stretch has the variance
//!   V = sigma^2 int int s(t) s(t') exp(-|t - t'| / tau), and the average fidelity lost is (1 - exp(-V/2)) / 3.
//!   What balances s makes V small; more pulses make it smaller as long as they come faster than tau.
//! - ZZ: coupled qubits turn each other at the calibrated rate f: |11> gains the phase -2 pi f t, as in the noise model,
//!   which is H = 2 pi f / 4 (ZZ - ZI - IZ) since frequencies are calibrated with the neighbours in |0>. While both are
//!   within a stretch the angle is that of the signed common time J, and the average fidelity lost is
//!   4/5 sin^2(pi f J / 2). What makes the two signs orthogonal removes it, as far as the qubits keep their Z:
//!   relaxation and the errors of gates flip one at random, and what was turned before is not turned back after. With
//!   p(t) the product of the two signs and g the rate at which that of the two Z is forgotten, J^2 is
//!   int int p(t) p(t') exp(-g |t - t'|), and pulses must come faster than 1/g. This is what neighbours that run gates
//!   for a long time do to one that waits. The other terms shift each qubit's frequency by f/2 for every neighbour that
//!   is awake: with the angle theta of all of them, a stretch loses (1 - exp(-V/2) cos theta) / 3. What balances the
//!   qubit's own sign removes that.
//!
//! Different stretches count as independent. ZZ beyond neighbours, leakage, and noise as fast as the pulses are not in
//! the model.

use ardea_circuit::Qubit;
use ardea_device::Target;

use super::estimate::log_of_success;
use super::fading::Fading;
use super::frames::Segment;

/// The strength of slow noise where the target does not say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowNoise {
    /// Standard deviation of each qubit's frequency in hertz.
    pub detuning_hz: f64,
    /// Seconds after which a qubit's frequency is another; infinite where it never changes.
    pub correlation_s: f64,
    /// Rate in hertz of the ZZ of coupled qubits for which the target gives none.
    pub zz_hz: f64,
}

impl Default for SlowNoise {
    /// Typical of fixed-frequency transmons with tunable couplers: 2 kHz, which alone would make a Ramsey time of about
    /// 110 microseconds, over half a millisecond; ZZ of 2 kHz where none is given.
    fn default() -> Self {
        SlowNoise {
            detuning_hz: 2e3,
            correlation_s: 500e-6,
            zz_hz: 2e3,
        }
    }
}

impl SlowNoise {
    /// The rate of the ZZ of a coupled pair.
    pub(super) fn zz_rate(&self, target: &Target, a: Qubit, b: Qubit) -> f64 {
        target.zz_rate(a, b).unwrap_or(self.zz_hz)
    }

    /// The negative logarithm of the fidelity that detuning leaves over the idle segments of a stretch, which known
    /// shifts turn by `angle` besides.
    pub(super) fn phase_loss(&self, segments: &[Segment], angle: f64, tick: f64) -> f64 {
        let sigma = 2.0 * std::f64::consts::PI * self.detuning_hz;
        let mut memory = Fading::new(tick / self.correlation_s);
        for segment in segments.iter().filter(|segment| segment.is_idle) {
            memory.add(segment.start, segment.end, segment.sign);
        }
        let variance = memory.total() * (sigma * tick).powi(2);
        // 1 - exp(-V/2) cos(angle), without the loss of digits where both are small.
        let half = (angle / 2.0).abs().min(std::f64::consts::FRAC_PI_2).sin();
        let lost = -(-variance / 2.0).exp_m1() + (-variance / 2.0).exp() * 2.0 * half * half;
        -log_of_success(lost / 3.0)
    }

    /// The negative logarithm of the fidelity that ZZ of this rate leaves after this much signed common time. Beyond
    /// half a turn it counts as lost: that it comes back is nothing to build on.
    pub(super) fn zz_loss(rate: f64, seconds: f64) -> f64 {
        let half_angle = (std::f64::consts::FRAC_PI_2 * rate * seconds).abs();
        let sine = half_angle.min(std::f64::consts::FRAC_PI_2).sin();
        -log_of_success(0.8 * sine * sine)
    }
}
