//! Cache blocking: which steps share a sweep through memory.
//!
//! In one sweep only the tile's qubits may mix. The scheduler takes steps in order, adds the qubits that they mix to
//! the tile while there is room, and passes over a step that does not fit, together with everything that does not
//! commute with it. What was passed over starts the next sweep. Diagonals and controls need no room at all.

use std::collections::VecDeque;

use super::extent::Extent;

/// Steps that share a sweep.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Tile qubits, as a mask.
    pub(super) inside: u64,
    /// Which steps, in the order in which they run.
    pub(super) steps: Vec<usize>,
}

/// Steps that one sweep passes over at most; bounds the planning time of long circuits.
const WINDOW: usize = 1024;

/// Splits steps of these extents into sweeps over tiles of `tile` qubits, of which the lowest `low` are always inside.
pub(super) fn split_into_sweeps(steps: &[Extent], qubits: u32, tile: u32, low: u32) -> Vec<Run> {
    let always = ones(low.min(qubits));
    let widest = steps
        .iter()
        .map(|step| (step.mixed | always).count_ones())
        .max();
    let room = tile.min(qubits).max(widest.unwrap_or(0));
    let mut rest = (0..steps.len()).collect::<VecDeque<usize>>();
    let mut runs = Vec::new();
    while !rest.is_empty() {
        let mut inside = always;
        let mut passed = Extent::default();
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        while left.len() < WINDOW
            && !passed.blocks(ones(qubits))
            && let Some(next) = rest.pop_front()
        {
            let step = steps[next];
            let fits = (inside | step.mixed).count_ones() <= room;
            if fits && passed.commutes(step) {
                inside |= step.mixed;
                taken.push(next);
            } else {
                passed.add(step);
                left.push(next);
            }
        }
        runs.push(Run {
            inside: fill(inside, qubits, room),
            steps: taken,
        });
        left.into_iter()
            .rev()
            .for_each(|step| rest.push_front(step));
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
    use super::*;

    fn mixing(qubit: u32) -> Extent {
        Extent {
            support: 1 << qubit,
            mixed: 1 << qubit,
        }
    }

    #[test]
    fn a_layer_on_all_qubits_takes_as_few_sweeps_as_the_tile_allows() {
        let steps: Vec<Extent> = (0..26).map(mixing).collect();
        // 14 qubits in the first sweep, of which 6 are in every tile; then 8 new ones and the last 4.
        let runs = split_into_sweeps(&steps, 26, 14, 6);
        assert_eq!(
            runs.iter().map(|run| run.steps.len()).collect::<Vec<_>>(),
            [14, 8, 4]
        );
        assert!(
            runs.iter()
                .all(|run| run.inside.count_ones() == 14 && run.inside & 63 == 63)
        );
    }

    #[test]
    fn every_step_is_taken_once_and_in_order_on_each_qubit() {
        let steps: Vec<Extent> = (0..40_000).map(|i| mixing(i * 7919 % 30)).collect();
        let runs = split_into_sweeps(&steps, 30, 14, 6);
        let taken: Vec<usize> = runs.iter().flat_map(|run| run.steps.clone()).collect();
        for qubit in 0..30 {
            let on_qubit = |order: &[usize]| -> Vec<usize> {
                let acts = |&&step: &&usize| steps[step] == mixing(qubit);
                order.iter().filter(acts).copied().collect()
            };
            let in_program: Vec<usize> = (0..steps.len()).collect();
            assert_eq!(on_qubit(&taken), on_qubit(&in_program));
        }
        assert!(runs.iter().all(|run| !run.steps.is_empty()));
    }
}
