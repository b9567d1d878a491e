//! Readout mitigation: how bits are misread, measured and taken out of counts and expectation values.
//!
//! Qubits are taken to be misread independently of each other: [`ReadoutErrors`] has two probabilities for each, from the
//! device's calibration or from circuits of one's own ([`calibration_circuits`]). Two ways use them:
//!
//! - [`Inversion`] solves for the distribution that would have been read without errors, on the outcomes that were
//!   observed (the equations of M3, in code of our own: Nation, Kang, Sundaresan, Gambetta 2021, arXiv:2108.12518); its
//!   size is the number of different outcomes, not 2^n. The result is a quasi-distribution; [`Quasi::nearest`] is the closest one without negative
//!   entries (Smolin, Gambetta, Smith 2012, arXiv:1106.5458).
//! - [`Trex`] divides expectation values of twirled measurements by those of |0...0> (van den Berg, Minev, Temme 2022,
//!   arXiv:2012.09738). It needs no model of the errors at all, correlated ones included, but gives no distribution.

mod assignment;
mod batches;
mod bits;
mod calibration;
mod errors;
mod gmres;
mod inversion;
mod observable;
mod quasi;
mod trex;

pub use batches::Batches;
pub use bits::measured_qubits;
pub(crate) use bits::unread_qubits;
pub use calibration::{CalibrationCircuit, Pattern, calibration_circuits, estimate_errors};
pub use errors::{BitErrors, QubitReadout, ReadoutErrors};
pub use inversion::{Inversion, InversionOptions, Solver};
pub use observable::DiagonalObservable;
pub use quasi::Quasi;
pub use trex::Trex;
