//! Translation: from any operation to the instructions of a target, exactly.
//!
//! The passes, in the order in which a pipeline uses them:
//!
//! * [`Unroll`] leaves only operations on one and two qubits.
//! * [`ConsolidateBlocks`] gathers runs on two qubits into single operations, for routing to see what they cost.
//! * [`TranslateToBasis`] writes every operation in the target's gates.
//! * [`ResynthesizeTwoQubit`] rewrites runs on two qubits with fewer gates where that is possible.
//! * [`ShortenWindows`] searches numerically for fewer gates on three qubits, where time is granted.
//! * [`MergeOneQubit`] fuses runs on one qubit into the fewest pulses, with `rz` moved through diagonal gates.
//! * [`TranslateAndMerge`] does the last two in one walk, for circuits whose gates would not fit in memory in between.
//!
//! Symbolic angles go through all of them by exact linear rules; nothing needs a value. Global phases are kept, inside
//! the bodies of control flow too, where a phase that is dropped would become a relative one.

mod basis;
mod blocks;
mod emitter;
mod merge;
mod resynthesise;
mod rules;
mod to_basis;
mod unroll;
mod windows;

pub use basis::{NativeBasis, Wiring};
pub(crate) use blocks::{Block, Item, count_after_merging, for_each_item};
pub use emitter::Emitter;
pub use merge::MergeOneQubit;
pub use resynthesise::{ConsolidateBlocks, ResynthesizeTwoQubit};
pub use to_basis::{TranslateAndMerge, TranslateToBasis};
pub use unroll::{MAX_UNROLLED_INSTRUCTIONS, Unroll};
pub use windows::ShortenWindows;

#[cfg(test)]
mod testing;
