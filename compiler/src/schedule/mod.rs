//! When things happen: start times, idle time, pulses against dephasing, and the chance that all goes well.
//!
//! Everything here works on circuits that are already in the target's gates and on its qubits, and reads the
//! target's durations, clock and calibration; no device is known by name.
//!
//! - [`schedule()`] gives every instruction a start time ([`Timeline`]), as soon as possible, as late as possible or where
//!   waits cost least;
//! - [`insert_delays()`] writes the idle time of a timeline into the circuit as delays, so that the circuit alone
//!   says when things happen;
//! - [`decouple()`] fills those delays with pulses that cancel slow dephasing, and [`stagger()`] chooses the pulses so
//!   that neighbours do not turn each other either;
//! - [`estimate()`] multiplies up the calibrated errors and the decay while idle; [`estimate_with()`] adds the
//!   [`SlowNoise`] that decoupling removes.
//!
//! [`Timeline::to_text()`] and [`Timeline::to_svg()`] draw it.
//!
//! Time is counted in whole ticks of the device's clock (`dt`; a nanosecond where a device gives none), so that
//! nothing drifts and every start time can be aligned exactly.

mod awake;
mod clock;
mod decouple;
mod delays;
mod estimate;
mod fading;
mod frames;
mod least_loss;
mod passes;
mod picture;
mod slow_loss;
mod slow_noise;
mod timeline;

pub use decouple::{CPMG, STAGGERED, Sequence, UDD, WALSH, WINDOW_PER_PULSES, decouple, stagger};
pub use delays::insert_delays;
pub use estimate::{Estimate, estimate, estimate_with};
pub(crate) use estimate::{decay_rate, waits};
pub use passes::{Decouple, Schedule};
pub use slow_noise::SlowNoise;
pub use timeline::{Timeline, schedule};

#[cfg(test)]
mod fixtures;
