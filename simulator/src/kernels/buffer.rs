//! Aligned memory whose allocation can fail, zeroed by all threads at once.
//!
//! A cache line holds one AVX-512 vector, so every buffer starts on a line. Large ones are mapped straight from the
//! system, whose pages are zero already: they start on a huge page and ask for huge pages before the first touch. The
//! touch itself, one byte a page, is spread over the threads, so that pages land near their users and no single thread
//! waits for gigabytes of page faults.

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;
use std::slice;

use num_complex::Complex;
use rayon::prelude::*;

use crate::error::SimulatorError;

const LINE: usize = 64;
const HUGE_PAGE: usize = 2 << 20;
/// Bytes of the smallest page.
const PAGE: usize = 4 << 10;
/// Bytes that one thread touches or copies at a time.
const TOUCH: usize = 4 << 20;

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
    /// Pages of our own: first byte and number of bytes.
    #[cfg(all(target_os = "linux", not(miri)))]
    Mapped(NonNull<u8>, usize),
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
            let (first, mapped, start) = map(bytes).ok_or_else(refused)?;
            let buffer = Self {
                start: start.cast(),
                len,
                memory: Memory::Mapped(first, mapped),
            };
            buffer.touch();
            return Ok(buffer);
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
        let chunk = TOUCH / size_of::<E>();
        if self.len <= chunk {
            copy.copy_from_slice(self);
        } else {
            copy.par_chunks_mut(chunk)
                .zip(self.par_chunks(chunk))
                .for_each(|(to, from)| to.copy_from_slice(from));
        }
        Ok(copy)
    }

    /// Makes the system provide all pages, from all threads.
    #[cfg(all(target_os = "linux", not(miri)))]
    fn touch(&self) {
        let bytes = self.len * size_of::<E>();
        let start = Shared(self.start.as_ptr().cast::<u8>());
        (0..bytes.div_ceil(TOUCH)).into_par_iter().for_each(|i| {
            for at in (i * TOUCH..bytes.min((i + 1) * TOUCH)).step_by(PAGE) {
                // SAFETY: `at` lies in the mapping, each chunk is written by one thread only, and the byte is
                // zero before and after.
                unsafe { start.get().add(at).write_volatile(0) };
            }
        });
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
        match self.memory {
            // SAFETY: `start` came from `alloc_zeroed` with this layout, and elements need no drop (`Zero: Copy`).
            Memory::Heap(layout) => unsafe { dealloc(self.start.as_ptr().cast(), layout) },
            // SAFETY: the pages came from `map` and nothing refers to them any more.
            #[cfg(all(target_os = "linux", not(miri)))]
            Memory::Mapped(first, bytes) => unsafe {
                libc::munmap(first.as_ptr().cast(), bytes);
            },
        }
    }
}

/// Zero pages for `bytes` bytes from the start of a huge page: the first page, the bytes mapped, and that start.
#[cfg(all(target_os = "linux", not(miri)))]
fn map(bytes: usize) -> Option<(NonNull<u8>, usize, NonNull<u8>)> {
    let mapped = bytes
        .checked_add(HUGE_PAGE)?
        .checked_next_multiple_of(PAGE)?;
    // SAFETY: a new private mapping touches no memory in use.
    let first = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            mapped,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    if first == libc::MAP_FAILED {
        return None;
    }
    let first = NonNull::new(first.cast::<u8>())?;
    let skip = first.as_ptr().align_offset(HUGE_PAGE);
    // SAFETY: the mapping has room for `bytes` bytes after at most one huge page; the advice changes no contents, and
    // a refusal only means small pages.
    let start = unsafe {
        let start = first.add(skip);
        libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE);
        start
    };
    Some((first, mapped, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_zero_and_start_on_a_cache_line() {
        for len in [0usize, 1, 7, 1 << 10, (1 << 20) + 3] {
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
        let mut buffer = Buffer::<f64>::zeroed(1_000_000, "a test").unwrap();
        buffer
            .iter_mut()
            .enumerate()
            .for_each(|(i, x)| *x = i as f64);
        let copy = buffer.try_clone("a test").unwrap();
        buffer[5] = -1.0;
        assert_eq!(copy[5], 5.0);
        assert_eq!(copy[999_999], 999_999.0);
    }
}
