//! Aligned memory whose allocation can fail, zeroed by all threads at once.
//!
//! A cache line holds one AVX-512 vector, so every buffer starts on a line. Large ones are [`Pages`] of the system, provided or
//! cleared by all threads, so that they land near their users and no single thread waits for gigabytes of page faults.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;

use num_complex::Complex;
use rayon::prelude::*;

#[cfg(all(target_os = "linux", not(miri)))]
use super::pages::{HUGE_PAGE, Pages};
use crate::error::SimulatorError;

const LINE: usize = 64;
/// Bytes that one thread copies at a time.
const PART: usize = 4 << 20;

/// Plain numbers for which all-zero bytes are the value zero.
pub trait Zero: Copy + Send + Sync {
    /// The value of all-zero bytes.
    const ZERO: Self;
}

impl Zero for f32 {
    const ZERO: Self = 0.0;
}
impl Zero for f64 {
    const ZERO: Self = 0.0;
}
impl<T: Zero> Zero for Complex<T> {
    const ZERO: Self = Complex {
        re: T::ZERO,
        im: T::ZERO,
    };
}

/// A fixed number of elements on the heap, aligned to cache lines.
#[derive(Debug)]
pub(crate) struct Buffer<E> {
    start: NonNull<E>,
    len: usize,
    memory: Memory,
}

/// Where the elements live.
#[derive(Debug)]
enum Memory {
    Heap(Layout),
    /// Pages, which their own `Drop` gives back.
    #[cfg(all(target_os = "linux", not(miri)))]
    #[expect(dead_code, reason = "held for its end")]
    Mapped(Pages),
}

// SAFETY: a Buffer owns its memory as a Vec does; access follows the borrow of the Buffer.
unsafe impl<E: Send> Send for Buffer<E> {}
// SAFETY: as above; a shared Buffer gives only shared slices.
unsafe impl<E: Sync> Sync for Buffer<E> {}

impl<E: Zero> Buffer<E> {
    /// `len` zeros; `what` names them should the system refuse.
    pub(crate) fn zeroed(len: usize, what: &'static str) -> Result<Self, SimulatorError> {
        let bytes = len.saturating_mul(size_of::<E>());
        let refused = || SimulatorError::AllocationFailed { what, bytes };
        #[cfg(all(target_os = "linux", not(miri)))]
        if bytes >= 2 * HUGE_PAGE {
            let pages = Pages::zeroed(bytes).ok_or_else(refused)?;
            return Ok(Self {
                start: pages.start().cast(),
                len,
                memory: Memory::Mapped(pages),
            });
        }
        let layout = Layout::from_size_align(bytes.max(LINE), LINE).map_err(|_| refused())?;
        // SAFETY: the layout has a size of at least one line, and all-zero bytes are valid elements (`Zero`).
        let start = unsafe { alloc_zeroed(layout) };
        Ok(Self {
            start: NonNull::new(start).ok_or_else(refused)?.cast(),
            len,
            memory: Memory::Heap(layout),
        })
    }

    /// A copy, or an error where the system refuses the memory.
    pub(crate) fn try_clone(&self, what: &'static str) -> Result<Self, SimulatorError> {
        let mut copy = Self::zeroed(self.len, what)?;
        let chunk = PART / size_of::<E>();
        if self.len <= chunk {
            copy.copy_from_slice(self);
        } else {
            copy.par_chunks_mut(chunk)
                .zip(self.par_chunks(chunk))
                .for_each(|(to, from)| to.copy_from_slice(from));
        }
        Ok(copy)
    }
}

/// A pointer that threads may share because each of them uses a part of its own.
pub(super) struct Shared<E>(pub(super) *mut E);
// SAFETY: the users of `Shared` write disjoint parts, as said where they do.
unsafe impl<E> Send for Shared<E> {}
// SAFETY: as above.
unsafe impl<E> Sync for Shared<E> {}

impl<E> Shared<E> {
    pub(super) fn get(&self) -> *mut E {
        self.0
    }
}

impl<E> Deref for Buffer<E> {
    type Target = [E];
    fn deref(&self) -> &[E] {
        // SAFETY: `zeroed` initialised `len` elements at `start`, and the borrow of self guards them.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<E> DerefMut for Buffer<E> {
    fn deref_mut(&mut self) -> &mut [E] {
        // SAFETY: as for `deref`, with an exclusive borrow.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<E> Drop for Buffer<E> {
    fn drop(&mut self) {
        // Elements need no drop (`Zero: Copy`).
        match self.memory {
            // SAFETY: `start` came from `alloc_zeroed` with this layout.
            Memory::Heap(layout) => unsafe { dealloc(self.start.as_ptr().cast(), layout) },
            #[cfg(all(target_os = "linux", not(miri)))]
            Memory::Mapped(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::under_miri::smaller;

    #[test]
    fn buffers_are_zero_and_start_on_a_cache_line() {
        for len in [0, 1, 7, 1 << 10, smaller(1 << 20, 1 << 12) + 3] {
            let buffer = Buffer::<Complex<f64>>::zeroed(len, "a test").unwrap();
            assert_eq!(buffer.len(), len);
            assert_eq!(buffer.as_ptr() as usize % LINE, 0);
            assert!(buffer.iter().all(|z| *z == Complex::ZERO));
        }
    }

    #[test]
    fn a_refused_allocation_is_an_error() {
        assert!(Buffer::<f64>::zeroed(usize::MAX / 16, "a test").is_err());
        assert!(Buffer::<f64>::zeroed(usize::MAX, "a test").is_err());
    }

    #[test]
    fn a_copy_is_equal_and_apart() {
        let len = smaller(1_000_000, 1000);
        let mut buffer = Buffer::<f64>::zeroed(len, "a test").unwrap();
        buffer
            .iter_mut()
            .enumerate()
            .for_each(|(i, x)| *x = i as f64);
        let copy = buffer.try_clone("a test").unwrap();
        buffer[5] = -1.0;
        assert_eq!(copy[5], 5.0);
        assert_eq!(copy[len - 1], (len - 1) as f64);
    }
}
