//! Typed positions of qubits and classical bits, so that one cannot be passed for the other.

use std::fmt;

macro_rules! define_index {
    ($(#[$doc:meta])* $name:ident, $letter:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
        pub struct $name(u32);

        impl $name {
            /// The index `position`; circuits hold at most [`u32::MAX`] bits of a kind, which
            /// [`crate::Circuit`] checks when bits are added.
            ///
            /// # Panics
            /// When `position` does not fit in 32 bits.
            #[inline]
            pub const fn new(position: usize) -> Self {
                assert!(position <= u32::MAX as usize, "bit index beyond 32 bits");
                Self(position as u32)
            }

            /// The position as a plain number.
            #[inline]
            pub const fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl From<u32> for $name {
            fn from(position: u32) -> Self {
                Self(position)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($letter, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

define_index!(
    /// A qubit's position in its circuit or device. Qubit 0 is the least significant bit of a
    /// basis state's index, as in Qiskit.
    Qubit,
    "q"
);
define_index!(
    /// A classical bit's position in its circuit.
    Clbit,
    "c"
);
