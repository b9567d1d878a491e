//! Zero-noise extrapolation: expectation values at several strengths of the noise, continued to none.
//!
//! The noise is made stronger by writing gates several times, G -> G G† G, which changes nothing but the noise ([`fold`]);
//! a curve through the values is followed to strength 0 ([`extrapolate`]). (Temme, Bravyi, Gambetta 2017,
//! arXiv:1612.02058; Giurgica-Tiron, Hindy, LaRose, Mari, Zeng 2020, arXiv:2005.10921.) It costs statistics: the error
//! bar of the result is that of a measured value times a factor that [`extrapolate`] reports, and whether the curve is
//! the right one no error bar says.

mod extrapolate;
mod fold;

pub use extrapolate::{Extrapolated, Extrapolation, extrapolate};
pub use fold::{Folded, Folding, fold};
