//! Memory straight from the system: huge pages where it grants them, and spare ones for the next state of the same size.
//!
//! New pages cost more than many a circuit on the 20 qubits that they hold: the system clears them in faults, one by one,
//! and under a virtual machine they may have to be found first. So the last pages that were given back are kept, up to
//! [`MOST_SPARE`] bytes in all, and whoever asks for as many bytes again gets them, cleared by all threads.

use std::ptr::NonNull;
use std::sync::Mutex;

use rayon::prelude::*;

use super::buffer::Shared;

pub(super) const HUGE_PAGE: usize = 2 << 20;

/// Bytes of the smallest page.
const PAGE: usize = 4 << 10;

/// Bytes that one thread touches or clears at a time.
const PART: usize = 1 << 20;

/// Bytes that are kept at most: a state of 22 qubits in double precision.
const MOST_SPARE: usize = 64 << 20;

/// Pages that nobody uses, the last given back at the end. Whoever does not get the lock at once goes without, since it
/// may have been held when the process forked.
static SPARE: Mutex<Vec<Mapping>> = Mutex::new(Vec::new());

/// Bytes of our own, from the start of a huge page.
#[derive(Debug)]
pub(super) struct Pages(Mapping);

impl Pages {
    /// So many zero bytes, provided by the system from all threads; `None` where it refuses.
    pub(super) fn zeroed(bytes: usize) -> Option<Self> {
        if let Some(spare) = take_spare(bytes) {
            // SAFETY: the parts are disjoint, and nobody else uses the mapping.
            spare.for_each_part(|part, len| unsafe { part.write_bytes(0, len) });
            return Some(Self(spare));
        }
        let mapping = Mapping::new(bytes)?;
        mapping.for_each_part(|part, len| {
            for at in (0..len).step_by(PAGE) {
                // SAFETY: as above; the byte is zero before and after.
                unsafe { part.add(at).write_volatile(0) };
            }
        });
        Some(Self(mapping))
    }

    /// The first of the bytes.
    pub(super) fn start(&self) -> NonNull<u8> {
        self.0.start
    }
}

impl Drop for Pages {
    fn drop(&mut self) {
        match SPARE.try_lock() {
            Ok(mut spare) if self.0.bytes <= MOST_SPARE => {
                spare.push(self.0);
                let mut kept: usize = spare.iter().map(|mapping| mapping.bytes).sum();
                while kept > MOST_SPARE {
                    let oldest = spare.remove(0);
                    kept -= oldest.bytes;
                    oldest.unmap();
                }
            }
            _ => self.0.unmap(),
        }
    }
}

fn take_spare(bytes: usize) -> Option<Mapping> {
    let mut spare = SPARE.try_lock().ok()?;
    let place = spare.iter().rposition(|mapping| mapping.bytes == bytes)?;
    Some(spare.remove(place))
}

/// A private mapping: where it begins and how long it is, and the part of it that is used.
#[derive(Debug, Clone, Copy)]
struct Mapping {
    first: NonNull<u8>,
    mapped: usize,
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: a Mapping is the address of memory that belongs to the process, not to a thread; access is its owner's.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(bytes: usize) -> Option<Self> {
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
        // SAFETY: the mapping has room for `bytes` bytes after at most one huge page; the advice changes no contents,
        // and a refusal only means small pages.
        let start = unsafe {
            let start = first.add(skip);
            libc::madvise(start.as_ptr().cast(), bytes, libc::MADV_HUGEPAGE);
            start
        };
        Some(Self {
            first,
            mapped,
            start,
            bytes,
        })
    }

    /// Calls `work` with the first byte and the length of each part, on all threads.
    fn for_each_part(self, work: impl Fn(*mut u8, usize) + Sync + Send) {
        let start = Shared(self.start.as_ptr());
        let parts = 0..self.bytes.div_ceil(PART);
        parts.into_par_iter().for_each(|i| {
            let len = PART.min(self.bytes - i * PART);
            work(start.get().wrapping_add(i * PART), len);
        });
    }

    fn unmap(self) {
        // SAFETY: the pages came from `new`, and their owner gives them up.
        unsafe { libc::munmap(self.first.as_ptr().cast(), self.mapped) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_were_written_are_zero_when_they_come_back() {
        // Of a size that no other test asks for.
        let bytes = 3 * HUGE_PAGE + 4096;
        let read = |pages: &Pages, at: usize| {
            // SAFETY: `at` lies in the mapping, which is initialised and only read here.
            unsafe { pages.start().add(at).read() }
        };
        for _ in 0..3 {
            let pages = Pages::zeroed(bytes).unwrap();
            assert_eq!(pages.start().as_ptr() as usize % HUGE_PAGE, 0);
            for at in [0, 5 << 20, bytes - 1] {
                assert_eq!(read(&pages, at), 0);
                // SAFETY: `at` lies in the mapping, which nobody else uses.
                unsafe { pages.start().add(at).write(7) };
            }
        }
    }

    #[test]
    fn no_more_is_kept_than_said() {
        for bytes in [20 << 20, 30 << 20, MOST_SPARE, MOST_SPARE + PAGE] {
            drop(Pages::zeroed(bytes).unwrap());
            if let Ok(spare) = SPARE.try_lock() {
                let kept: usize = spare.iter().map(|mapping| mapping.bytes).sum();
                assert!(kept <= MOST_SPARE);
            }
        }
    }
}
