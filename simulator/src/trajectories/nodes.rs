//! Plans of ranges of cells, made when first needed.
//!
//! A track is cut into blocks of 2^k cells, each block is halved down to single cells. Most trajectories run whole
//! blocks; one that jumps inside a block goes down to its cell and up again.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::track::Track;
use crate::error::SimulatorError;
use crate::kernels::{Real, Shape, Width};
use crate::plan::{Fusion, Lowered, Plan, Prepared};

/// Matrices that are kept ready, all plans together; beyond that a plan is made anew each time, so that tables never
/// take memory worth counting.
const KEPT: usize = 8192;

/// A track is cut into about this many blocks: few enough that fusion has gates to work on, many enough that a jump
/// wastes little.
const BLOCKS: usize = 12;

/// Cells of a block at least.
const SMALLEST: usize = 8;

/// What plans are made with, and how many are kept.
pub(super) struct Kitchen {
    pub(super) qubits: usize,
    pub(super) fusion: Fusion,
    pub(super) width: Width,
    kept: AtomicUsize,
}

impl Kitchen {
    pub(super) fn new(qubits: usize, fusion: Fusion, width: Width) -> Self {
        Self {
            qubits,
            fusion,
            width,
            kept: AtomicUsize::new(0),
        }
    }

    /// The plan of some shapes.
    pub(super) fn plan(&self, shapes: &[Shape]) -> Result<Plan, SimulatorError> {
        let lowered = Lowered {
            shapes: shapes.to_vec(),
            phase: 0.0,
        };
        Plan::new(lowered, self.qubits, self.fusion)
    }

    fn keeps(&self, steps: usize) -> bool {
        self.kept.fetch_add(steps, Ordering::Relaxed) + steps <= KEPT
    }
}

/// The plans of one track; they do not depend on precision and outlive what is made of them.
pub(super) struct Plans(Vec<OnceLock<Plan>>);

impl Plans {
    pub(super) fn of(track: &Track) -> Self {
        let count = Layout::of(track).count();
        Self((0..count).map(|_| OnceLock::new()).collect())
    }
}

/// A range of cells that has a plan, or the gates of a cell without its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Node {
    /// 2^level cells from the first one, cut off at the end of the track.
    Cells { level: u32, first: usize },
    /// The gates of a cell.
    Gates(usize),
}

/// Where nodes are kept.
#[derive(Debug, Clone, Copy)]
struct Layout {
    cells: usize,
    /// Level of the blocks.
    top: u32,
}

impl Layout {
    fn of(track: &Track) -> Self {
        let cells = track.cells.len();
        let block = cells.div_ceil(BLOCKS).max(SMALLEST).next_power_of_two();
        Self {
            cells,
            top: block.trailing_zeros(),
        }
    }

    fn at(self, level: u32) -> usize {
        (0..level)
            .map(|level| self.cells.div_ceil(1 << level))
            .sum()
    }

    fn place(self, node: Node) -> usize {
        match node {
            Node::Cells { level, first } => self.at(level) + (first >> level),
            Node::Gates(cell) => self.at(self.top + 1) + cell,
        }
    }

    fn count(self) -> usize {
        self.at(self.top + 1) + self.cells
    }
}

/// The nodes of a track, ready in one precision.
pub(super) struct Nodes<'a, T: Real> {
    pub(super) track: &'a Track,
    plans: &'a Plans,
    kitchen: &'a Kitchen,
    layout: Layout,
    ready: Vec<OnceLock<Prepared<'a, T>>>,
}

impl<'a, T: Real> Nodes<'a, T> {
    pub(super) fn new(track: &'a Track, plans: &'a Plans, kitchen: &'a Kitchen) -> Self {
        Self {
            track,
            plans,
            kitchen,
            layout: Layout::of(track),
            ready: (0..plans.0.len()).map(|_| OnceLock::new()).collect(),
        }
    }

    /// The largest node that starts at `cell`, of at most `limit`.
    pub(super) fn level_at(&self, cell: usize, limit: u32) -> u32 {
        cell.trailing_zeros().min(self.layout.top).min(limit)
    }

    /// The cells of a node.
    pub(super) fn cells(&self, level: u32, first: usize) -> Range<usize> {
        first..(first + (1 << level)).min(self.layout.cells)
    }

    /// Calls `run` with the node's plan.
    pub(super) fn with(
        &self,
        node: Node,
        run: impl FnOnce(&Prepared<'_, T>) -> Result<(), SimulatorError>,
    ) -> Result<(), SimulatorError> {
        let place = self.layout.place(node);
        if let Some(ready) = self.ready[place].get() {
            return run(ready);
        }
        let width = self.kitchen.width;
        let plan = match self.plans.0[place].get() {
            Some(plan) => plan,
            None => {
                let plan = self.kitchen.plan(self.shapes(node))?;
                if !self.kitchen.keeps(plan.num_steps()) {
                    return run(&Prepared::new(&plan, width)?);
                }
                self.plans.0[place].get_or_init(|| plan)
            }
        };
        let ready = Prepared::new(plan, width)?;
        run(self.ready[place].get_or_init(|| ready))
    }

    fn shapes(&self, node: Node) -> &'a [Shape] {
        match node {
            Node::Cells { level, first } => self.track.shapes(self.cells(level, first)),
            Node::Gates(cell) => self.track.gates(cell),
        }
    }
}
