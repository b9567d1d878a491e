//! The second level of cache blocking: which steps of a sweep work on parts of a tile that fit the first-level cache.
//!
//! Steps that mix only the lowest index bits of a tile act on each part of it by itself, so a run of them is applied
//! part by part. Runs are made longer by moving steps past others with which they commute.

use super::extent::Extent;
use crate::error::SimulatorError;
use crate::kernels::{Real, Shape, Stage, TileLayout, Width};

/// Bytes of a part: half of a first-level cache of 32 KiB.
const PART: usize = 16 << 10;

/// Makes the steps of a sweep ready, in stages.
pub(super) fn prepare<T: Real>(
    shapes: &[Shape],
    layout: &TileLayout,
    width: Width,
) -> Result<Vec<Stage<T>>, SimulatorError> {
    let part = (PART / (2 * size_of::<T>())).ilog2();
    let (lowest, _) = layout.lowest(part, width.lanes::<T>());
    let small = lowest.inside();
    split(shapes, small)
        .into_iter()
        .map(|(in_parts, run)| {
            let bits = if in_parts { part } else { layout.bits() };
            Stage::prepare(run, layout, bits, width)
        })
        .collect()
}

/// The steps in runs: those that mix only qubits of `small` (true), and those that mix others.
fn split(shapes: &[Shape], small: u64) -> Vec<(bool, Vec<&Shape>)> {
    let mut rest: Vec<&Shape> = shapes.iter().collect();
    let mut runs = Vec::new();
    let mut in_parts = true;
    while !rest.is_empty() {
        let mut passed = Extent::default();
        let (mut run, mut left) = (Vec::new(), Vec::new());
        for shape in rest {
            let extent = Extent::of(shape);
            if (extent.mixed & !small == 0) == in_parts && passed.commutes(extent) {
                run.push(shape);
            } else {
                passed.add(extent);
                left.push(shape);
            }
        }
        if !run.is_empty() {
            runs.push((in_parts, run));
        }
        rest = left;
        in_parts = !in_parts;
    }
    runs
}

#[cfg(test)]
mod tests {
    use num_complex::Complex64;

    use super::*;

    fn dense(target: u32) -> Shape {
        Shape::Dense {
            targets: vec![target],
            controls: vec![],
            matrix: vec![Complex64::new(0.5, 0.5); 4],
        }
    }

    #[test]
    fn low_and_high_steps_are_collected_in_two_runs_where_they_commute() {
        let shapes: Vec<Shape> = [0, 9, 1, 8, 2, 9].into_iter().map(dense).collect();
        let lengths: Vec<(bool, usize)> = split(&shapes, 0b111)
            .into_iter()
            .map(|(in_parts, run)| (in_parts, run.len()))
            .collect();
        assert_eq!(lengths, [(true, 3), (false, 3)]);
    }

    #[test]
    fn steps_that_do_not_commute_keep_their_order() {
        let both = Shape::Dense {
            targets: vec![0, 9],
            controls: vec![],
            matrix: vec![Complex64::new(0.25, 0.25); 16],
        };
        let shapes = [dense(0), both, dense(0)];
        let lengths: Vec<(bool, usize)> = split(&shapes, 0b111)
            .into_iter()
            .map(|(in_parts, run)| (in_parts, run.len()))
            .collect();
        assert_eq!(lengths, [(true, 1), (false, 1), (true, 1)]);
    }
}
