//! The vector widths of this machine, and the jump to one of them.

use std::fmt;
use std::sync::OnceLock;

use super::portable::Portable;
use super::real::Real;
use super::simd::{Kernel, Simd};
#[cfg(target_arch = "x86_64")]
use super::x86::{Avx2, Avx512};

/// A vector unit that this processor has. Only detected ones can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Width(Unit);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(Avx2),
    #[cfg(target_arch = "x86_64")]
    Avx512(Avx512),
}

impl Width {
    /// Plain Rust, without any special unit.
    pub const PORTABLE: Self = Self(Unit::Portable);

    /// The widest unit of this processor.
    pub fn detect() -> Self {
        // Small circuits run in less time than a list of units is made in.
        static WIDEST: OnceLock<Width> = OnceLock::new();
        *WIDEST.get_or_init(|| Self::available().last().copied().unwrap_or(Self::PORTABLE))
    }

    /// All units of this processor, narrowest first.
    pub fn available() -> Vec<Self> {
        #[allow(
            unused_mut,
            reason = "grows only on processors with units of their own"
        )]
        let mut widths = vec![Self::PORTABLE];
        #[cfg(target_arch = "x86_64")]
        {
            widths.extend(Avx2::detect().map(|token| Self(Unit::Avx2(token))));
            widths.extend(Avx512::detect().map(|token| Self(Unit::Avx512(token))));
        }
        widths
    }

    /// Numbers of type `T` in one vector.
    pub fn lanes<T: Real>(self) -> usize {
        struct CountLanes;
        impl<T: Real> Kernel<T> for CountLanes {
            type Output = usize;
            #[inline(always)]
            fn run<S: Simd<T>>(self, _: S) -> usize {
                S::LANES
            }
        }
        T::dispatch(self, CountLanes)
    }
}

impl fmt::Display for Width {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Unit::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Unit::Avx2(_) => "AVX2",
            #[cfg(target_arch = "x86_64")]
            Unit::Avx512(_) => "AVX-512",
        })
    }
}

macro_rules! implement_real {
    ($real:ty, $name:literal) => {
        impl Real for $real {
            const NAME: &'static str = $name;

            #[inline(always)]
            fn from_f64(value: f64) -> Self {
                value as $real
            }

            #[inline(always)]
            fn as_f64(self) -> f64 {
                f64::from(self)
            }

            #[inline]
            fn dispatch<K: Kernel<Self>>(width: Width, kernel: K) -> K::Output {
                match width.0 {
                    Unit::Portable => Portable.vectorize(kernel),
                    #[cfg(target_arch = "x86_64")]
                    Unit::Avx2(token) => token.vectorize(kernel),
                    #[cfg(target_arch = "x86_64")]
                    Unit::Avx512(token) => token.vectorize(kernel),
                }
            }
        }
    };
}

implement_real!(f32, "f32");
implement_real!(f64, "f64");
