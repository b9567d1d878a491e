//! One sweep: every tile of the state is gathered, worked on, and scattered back.

use std::sync::atomic::{AtomicBool, Ordering};

use num_complex::{Complex, Complex64};
use rayon::prelude::*;

use super::buffer::Shared;
use super::dense::{Dense, MAX_DENSE};
use super::diagonal::Diagonal;
use super::dispatch::Width;
use super::groups::Groups;
use super::per_thread::PerThread;
use super::permutation::Permutation;
use super::real::Real;
use super::shape::Shape;
use super::tile::{Gather, Scatter, Tile, TileLayout, TileView, Weigh};
use super::wide::Wide;
use crate::error::SimulatorError;

/// A shape made ready for one layout, precision and vector width.
#[derive(Debug)]
pub(crate) struct TileOperation<T>(Prepared<T>);

#[derive(Debug)]
enum Prepared<T> {
    Dense(Dense<T>),
    Diagonal(Diagonal<T>),
    Permutation(Permutation),
    Wide(Wide<T>),
}

/// Makes `shape` ready for tiles of `layout`. Its mixed qubits must lie inside.
pub(crate) fn prepare<T: Real>(
    shape: &Shape,
    layout: &TileLayout,
    width: Width,
) -> Result<TileOperation<T>, SimulatorError> {
    let lanes = width.lanes::<T>();
    Ok(TileOperation(match shape {
        Shape::Dense {
            targets,
            controls,
            matrix,
        } if targets.len() > MAX_DENSE => {
            Prepared::Wide(Wide::prepare(targets, controls, matrix, layout)?)
        }
        Shape::Dense {
            targets,
            controls,
            matrix,
        } => Prepared::Dense(Dense::prepare(targets, controls, matrix, layout, lanes)?),
        Shape::Diagonal { qubits, table } => {
            Prepared::Diagonal(Diagonal::prepare(qubits, table, layout, lanes)?)
        }
        Shape::Permutation {
            targets,
            controls,
            image,
        } => match Permutation::prepare(targets, controls, image, layout, lanes) {
            Some(permutation) => Prepared::Permutation(permutation),
            None => {
                let side = image.len();
                let mut matrix = vec![Complex64::ZERO; side * side];
                for (from, &to) in image.iter().enumerate() {
                    matrix[to as usize * side + from] = Complex64::ONE;
                }
                Prepared::Dense(Dense::prepare(targets, controls, &matrix, layout, lanes)?)
            }
        },
    }))
}

impl<T: Real> TileOperation<T> {
    pub(super) fn apply(&self, width: Width, tile: &mut TileView<'_, T>, base: usize) {
        match &self.0 {
            Prepared::Dense(dense) if dense.outside.holds(base) => dense.apply(width, tile),
            Prepared::Permutation(permutation) if permutation.outside.holds(base) => {
                permutation.apply(width, tile)
            }
            Prepared::Diagonal(diagonal) => diagonal.apply(width, tile, base),
            Prepared::Wide(wide) if wide.outside.holds(base) => wide.apply(tile),
            Prepared::Dense(_) | Prepared::Permutation(_) | Prepared::Wide(_) => {}
        }
    }
}

/// Operations that share a way of cutting a tile: into parts that fit the first-level cache, or not at all.
pub(crate) struct Stage<T> {
    layout: TileLayout,
    /// Where each part starts: index in the tile, and in the state relative to the tile's base.
    starts: Vec<(usize, usize)>,
    operations: Vec<TileOperation<T>>,
}

impl<T: Real> Stage<T> {
    /// Makes `shapes` ready for tiles of `layout`, worked on in parts of their `bits` lowest index bits.
    pub(crate) fn prepare<'a>(
        shapes: impl IntoIterator<Item = &'a Shape>,
        layout: &TileLayout,
        bits: u32,
        width: Width,
    ) -> Result<Self, SimulatorError> {
        let (layout, starts) = layout.lowest(bits, width.lanes::<T>());
        let operations = shapes
            .into_iter()
            .map(|shape| prepare(shape, &layout, width))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            layout,
            starts,
            operations,
        })
    }

    fn apply(&self, width: Width, tile: &mut Tile<T>, base: usize) {
        for &(start, place) in &self.starts {
            let mut part = tile.part(start, self.layout.bits);
            for operation in &self.operations {
                operation.apply(width, &mut part, base | place);
            }
        }
    }
}

/// What a sweep may take for granted, and what it should report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pass {
    /// The qubits that are not known to be |0>, before and after.
    pub(crate) touched: (u64, u64),
    /// Whether the norm of the state is wanted.
    pub(crate) weigh: bool,
}

/// Runs sweeps with a tile for each thread.
pub(crate) struct Sweeper<T: Real> {
    width: Width,
    tiles: PerThread<Tile<T>>,
}

impl<T: Real> Sweeper<T> {
    /// Working memory for tiles of up to `2^bits` amplitudes on the current pool's threads.
    pub(crate) fn new(
        bits: u32,
        width: Width,
        tiles_at_once: usize,
    ) -> Result<Self, SimulatorError> {
        let bits = bits.max(width.lanes::<T>().trailing_zeros());
        let tiles = PerThread::new(tiles_at_once, || Tile::new(bits))?;
        Ok(Self { width, tiles })
    }

    /// Applies `stages` in order to every tile of `state`; stops between tiles when `interrupt` is set. Amplitudes
    /// beyond the touched qubits are taken to be zero, and not visited. Returns the squared norm of the state where
    /// `pass` asks for it.
    pub(crate) fn sweep(
        &self,
        state: &mut [Complex<T>],
        layout: &TileLayout,
        stages: &[Stage<T>],
        pass: Pass,
        interrupt: Option<&AtomicBool>,
    ) -> Result<f64, SimulatorError> {
        assert!(
            state.len() == 1 << layout.state_qubits,
            "the layout is of another state"
        );
        let state = Shared(state.as_mut_ptr());
        let (before, after) = pass.touched;
        let one_tile = |i: usize, tile: &mut Tile<T>| {
            if interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                return Err(SimulatorError::Interrupted);
            }
            let base = layout.base(i, before);
            // SAFETY: `state` has 2^state_qubits amplitudes, as asserted, and is borrowed exclusively until the
            // sweep ends; tiles are disjoint (different values of the outside qubits) and each is visited once.
            let gather = unsafe { Gather::new(layout, state.get(), base, before, tile) };
            T::dispatch(self.width, gather);
            for stage in stages {
                stage.apply(self.width, tile, base);
            }
            // SAFETY: as above.
            let scatter = unsafe { Scatter::new(layout, state.get(), base, after, tile) };
            T::dispatch(self.width, scatter);
            let bits = layout.bits;
            Ok(if pass.weigh {
                T::dispatch(self.width, Weigh { tile, bits })
            } else {
                0.0
            })
        };
        let tiles = layout.tiles(before);
        if tiles == 1 || self.tiles.is_single() {
            let mut tile = self.tiles.own();
            return (0..tiles).map(|i| one_tile(i, &mut tile)).sum();
        }
        let weights: Vec<f64> = (0..tiles)
            .into_par_iter()
            .map(|i| one_tile(i, &mut self.tiles.own()))
            .collect::<Result<_, _>>()?;
        Ok(weights.iter().sum())
    }
}

/// A condition on the qubits outside the tile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Outside {
    mask: usize,
    value: usize,
}

impl Outside {
    /// Adds the condition that `qubit` has this value.
    pub(super) fn require(&mut self, qubit: u32, value: bool) {
        self.mask |= 1 << qubit;
        self.value |= usize::from(value) << qubit;
    }

    pub(super) fn holds(self, base: usize) -> bool {
        base & self.mask == self.value
    }
}

/// Where the targets and controls of a matrix lie: in the lanes, above them in the tile, or outside.
#[derive(Debug)]
pub(super) struct Bits {
    /// Targets above the lanes: matrix bit and vector-index bit, by the latter.
    pub(super) high: Vec<(usize, u32)>,
    /// Targets in the lanes: matrix bit and lane-index bit, by the latter.
    pub(super) lane: Vec<(usize, u32)>,
    /// Controls in the lanes: lane-index bit and value.
    pub(super) lane_controls: Vec<(u32, bool)>,
    high_controls: Vec<(u32, bool)>,
    pub(super) outside: Outside,
}

impl Bits {
    pub(super) fn of(
        targets: &[u32],
        controls: &[(u32, bool)],
        layout: &TileLayout,
        lanes: usize,
    ) -> Self {
        let lane_bits = lanes.trailing_zeros();
        let mut bits = Self {
            high: vec![],
            lane: vec![],
            lane_controls: vec![],
            high_controls: vec![],
            outside: Outside::default(),
        };
        for (bit, &target) in targets.iter().enumerate() {
            match layout.position(target) {
                Some(position) if position < lane_bits => bits.lane.push((bit, position)),
                Some(position) => bits.high.push((bit, position - lane_bits)),
                None => unreachable!("qubit {target} of a matrix lies outside the tile"),
            }
        }
        bits.high.sort_unstable_by_key(|&(_, position)| position);
        bits.lane.sort_unstable_by_key(|&(_, position)| position);
        for &(control, value) in controls {
            match layout.position(control) {
                Some(position) if position < lane_bits => {
                    bits.lane_controls.push((position, value))
                }
                Some(position) => bits.high_controls.push((position - lane_bits, value)),
                None => bits.outside.require(control, value),
            }
        }
        bits
    }

    /// The vectors to visit: targets at 0, controls at their values.
    pub(super) fn groups(&self, layout: &TileLayout, lanes: usize) -> Groups {
        let at = |value| {
            self.high_controls
                .iter()
                .filter(move |control| control.1 == value)
                .map(|&(bit, _)| bit)
        };
        let zeros: Vec<u32> = self
            .high
            .iter()
            .map(|&(_, bit)| bit)
            .chain(at(false))
            .collect();
        let ones: Vec<u32> = at(true).collect();
        Groups::new(layout.bits - lanes.trailing_zeros(), &zeros, &ones)
    }

    /// The vectors that mix, relative to the first: all settings of the high targets.
    pub(super) fn offsets(&self) -> Vec<usize> {
        let place = |row: usize| {
            self.high
                .iter()
                .enumerate()
                .map(|(i, &(_, bit))| (row >> i & 1) << bit)
                .sum()
        };
        (0..1usize << self.high.len()).map(place).collect()
    }

    /// For each lane, the lane whose index differs by `mask` in the lane targets.
    pub(super) fn xor_lanes(&self, mask: usize) -> [u8; 16] {
        let flip: usize = self
            .lane
            .iter()
            .enumerate()
            .map(|(i, &(_, bit))| (mask >> i & 1) << bit)
            .sum();
        std::array::from_fn(|lane| (lane ^ flip) as u8)
    }

    /// The matrix entry that `lane` of output vector `row` needs for input vector `column` permuted by `mask`.
    pub(super) fn entry(
        &self,
        matrix: &[Complex64],
        targets: usize,
        row: usize,
        column: usize,
        mask: usize,
        lane: usize,
    ) -> Complex64 {
        if !self.controlled(lane) {
            return if row == column && mask == 0 {
                Complex64::ONE
            } else {
                Complex64::ZERO
            };
        }
        let flipped = usize::from(self.xor_lanes(mask)[lane]);
        matrix[self.index(row, lane) << targets | self.index(column, flipped)]
    }

    /// The vector and lane from which `lane` of output vector `row` comes, given the source of each basis state.
    pub(super) fn source(&self, source_of: &[usize], row: usize, lane: usize) -> (usize, usize) {
        if !self.controlled(lane) {
            return (row, lane);
        }
        let index = source_of[self.index(row, lane)];
        let from_row = self
            .high
            .iter()
            .enumerate()
            .map(|(i, &(bit, _))| (index >> bit & 1) << i)
            .sum();
        let from_lane = self.lane.iter().fold(lane, |lane, &(bit, at)| {
            lane & !(1 << at) | (index >> bit & 1) << at
        });
        (from_row, from_lane)
    }

    pub(super) fn controlled(&self, lane: usize) -> bool {
        self.lane_controls
            .iter()
            .all(|&(bit, value)| (lane >> bit & 1 == 1) == value)
    }

    /// The matrix index of `lane` in vector `row`.
    pub(super) fn index(&self, row: usize, lane: usize) -> usize {
        let high: usize = self
            .high
            .iter()
            .enumerate()
            .map(|(i, &(bit, _))| (row >> i & 1) << bit)
            .sum();
        self.lane
            .iter()
            .fold(high, |index, &(bit, at)| index | (lane >> at & 1) << bit)
    }
}
