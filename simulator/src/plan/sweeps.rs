//! Cache blocking: which steps share a sweep through memory.
//!
//! In one sweep only the tile's qubits may mix. The scheduler takes steps in order, adds the qubits that they mix to
//! the tile while there is room, and passes over a step that does not fit, together with everything that does not
//! commute with it. What was passed over starts the next sweep. Diagonals and controls need no room at all.

use std::collections::VecDeque;

use super::fuse::{Item, Passed};

/// Steps that share a sweep.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Tile qubits, as a mask.
    pub(super) inside: u64,
    pub(super) items: Vec<Item>,
}

/// Steps that one sweep passes over at most; bounds the planning time of long circuits.
const WINDOW: usize = 1024;

/// Splits the items into sweeps over tiles of `tile` qubits, of which the lowest `low` are always inside.
pub(super) fn split_into_sweeps(items: Vec<Item>, qubits: u32, tile: u32, low: u32) -> Vec<Run> {
    let always = ones(low.min(qubits));
    let widest = items
        .iter()
        .map(|item| (item.mixed | always).count_ones())
        .max();
    let room = tile.min(qubits).max(widest.unwrap_or(0));
    let mut rest = VecDeque::from(items);
    let mut runs = Vec::new();
    while !rest.is_empty() {
        let mut inside = always;
        let mut passed = Passed::default();
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        while left.len() < WINDOW
            && !passed.blocks(ones(qubits))
            && let Some(item) = rest.pop_front()
        {
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
        left.into_iter()
            .rev()
            .for_each(|item| rest.push_front(item));
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

#[cfg(test)]
mod tests {
    use num_complex::Complex64;

    use super::*;
    use crate::kernels::Shape;
    use crate::plan::cost::CostModel;

    fn dense(target: u32) -> Item {
        let matrix = vec![Complex64::new(0.5, 0.5); 4];
        Item::new(
            Shape::Dense {
                targets: vec![target],
                controls: vec![],
                matrix,
            },
            &CostModel::default(),
        )
    }

    #[test]
    fn a_layer_on_all_qubits_takes_as_few_sweeps_as_the_tile_allows() {
        let items: Vec<Item> = (0..26).map(dense).collect();
        // 14 qubits in the first sweep, of which 6 are in every tile; then 8 new ones and the last 4.
        let runs = split_into_sweeps(items, 26, 14, 6);
        assert_eq!(
            runs.iter().map(|run| run.items.len()).collect::<Vec<_>>(),
            [14, 8, 4]
        );
        assert!(
            runs.iter()
                .all(|run| run.inside.count_ones() == 14 && run.inside & 63 == 63)
        );
    }

    #[test]
    fn every_step_is_taken_once_and_in_order_on_each_qubit() {
        let items: Vec<Item> = (0..40_000).map(|i| dense(i * 7919 % 30)).collect();
        let runs = split_into_sweeps(items.clone(), 30, 14, 6);
        assert_eq!(
            runs.iter().map(|run| run.items.len()).sum::<usize>(),
            items.len()
        );
        assert!(runs.iter().all(|run| !run.items.is_empty()));
    }
}
