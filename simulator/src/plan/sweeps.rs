//! Cache blocking: which steps share a sweep through memory.
//!
//! In one sweep only the tile's qubits may mix. The scheduler takes steps in order, adds the qubits that they mix to
//! the tile while there is room, and passes over a step that does not fit, together with everything that does not
//! commute with it. What was passed over starts the next sweep. Diagonals and controls need no room at all.

use super::fuse::{Item, Passed};

/// Steps that share a sweep.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Tile qubits, as a mask.
    pub(super) inside: u64,
    pub(super) items: Vec<Item>,
}

/// Splits the items into sweeps over tiles of `tile` qubits, of which the lowest `low` are always inside.
pub(super) fn split_into_sweeps(items: Vec<Item>, qubits: u32, tile: u32, low: u32) -> Vec<Run> {
    let always = ones(low.min(qubits));
    let room = tile.min(qubits).max(
        items
            .iter()
            .map(|item| (item.mixed | always).count_ones())
            .max()
            .unwrap_or(0),
    );
    let mut rest = items;
    let mut runs = Vec::new();
    while !rest.is_empty() {
        let mut inside = always;
        let mut passed = Passed::default();
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        for item in rest {
            let fits = (inside | item.mixed).count_ones() <= room;
            if fits && passed.commutes(item.support, item.mixed) {
                inside |= item.mixed;
                taken.push(item);
            } else {
                passed.add(item.support, item.mixed);
                left.push(item);
            }
        }
        runs.push(Run {
            inside: fill(inside, qubits, room),
            items: taken,
        });
        rest = left;
    }
    runs
}

/// Fills the tile with the lowest free qubits, which lengthens the chunks that it is gathered from.
fn fill(mut inside: u64, qubits: u32, room: u32) -> u64 {
    for qubit in 0..qubits {
        if inside.count_ones() >= room {
            break;
        }
        inside |= 1 << qubit;
    }
    inside
}

fn ones(count: u32) -> u64 {
    if count >= 64 {
        u64::MAX
    } else {
        (1 << count) - 1
    }
}
