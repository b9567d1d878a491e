//! The two precisions.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use num_complex::Complex;
use num_traits::{Float, NumAssign};

use super::buffer::Zero;
use super::dispatch::Width;
use super::simd::Kernel;

/// A real number type of the amplitudes: `f32` or `f64`.
pub trait Real: Zero + Float + NumAssign + Sum + Default + Debug + Display + 'static {
    /// The type's name in messages.
    const NAME: &'static str;

    /// The nearest value of this type.
    fn from_f64(value: f64) -> Self;

    /// The same value in double precision.
    fn as_f64(self) -> f64;

    /// Runs `kernel` with the vectors of `width`.
    #[doc(hidden)]
    fn dispatch<K: Kernel<Self>>(width: Width, kernel: K) -> K::Output;
}

/// |z|^2 in double precision.
pub(crate) fn weight<T: Real>(z: Complex<T>) -> f64 {
    let (re, im) = (z.re.as_f64(), z.im.as_f64());
    re * re + im * im
}
