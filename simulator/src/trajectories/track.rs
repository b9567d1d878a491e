//! A straight run of gates and channels, cut into cells.
//!
//! A cell is some gates and one channel behind them. The path on which no channel jumps is a product of matrices like
//! any circuit, so any range of cells has a plan; [`super::nodes`] keeps plans for ranges that halve and halve again.

use std::ops::Range;

use ardea_circuit::Operation;

use crate::channel::Unravelling;
use crate::engine::GateRun;
use crate::error::SimulatorError;
use crate::kernels::Shape;
use crate::noisy::NoisyCircuit;
use crate::options::SimOptions;
use crate::plan::{Lowered, shape_of};

/// One straight run.
#[derive(Debug, Default)]
pub(super) struct Track {
    shapes: Vec<Shape>,
    pub(super) cells: Vec<Cell>,
    /// Before each cell and at the end: the sum of hazards of channels that jump whatever the state is.
    pub(super) hazards: Vec<f64>,
    /// Before each cell and at the end: the number of channels whose jumps depend on the state.
    decays: Vec<u32>,
}

/// Some gates and the channel behind them.
#[derive(Debug)]
pub(super) struct Cell {
    /// First shape, first shape of the channel's no-jump operator, first shape of the next cell.
    starts: [usize; 3],
    /// The last cell of a track may have none.
    pub(super) channel: Option<Place>,
}

/// A channel on qubits of the state.
#[derive(Debug)]
pub(super) struct Place {
    /// Number of the channel.
    pub(super) split: usize,
    pub(super) qubits: Vec<u32>,
}

impl Track {
    /// Whether the norm can fall between these cells.
    pub(super) fn decays(&self, cells: Range<usize>) -> bool {
        self.decays[cells.end] > self.decays[cells.start]
    }

    /// The hazard of jumps that do not depend on the state.
    pub(super) fn hazard(&self, cells: Range<usize>) -> f64 {
        self.hazards[cells.end] - self.hazards[cells.start]
    }

    /// Gates and no-jump operators of some cells.
    pub(super) fn shapes(&self, cells: Range<usize>) -> &[Shape] {
        &self.shapes[self.cells[cells.start].starts[0]..self.cells[cells.end - 1].starts[2]]
    }

    /// The gates of a cell.
    pub(super) fn gates(&self, cell: usize) -> &[Shape] {
        let [start, end, _] = self.cells[cell].starts;
        &self.shapes[start..end]
    }

    /// Most index bits that a shape mixes.
    pub(super) fn widest(&self) -> u32 {
        let mixed = self.shapes.iter().map(|shape| shape.mixed().count_ones());
        mixed.max().unwrap_or(0)
    }
}

/// Collects tracks.
pub(super) struct TrackRun<'a> {
    noisy: &'a NoisyCircuit,
    /// For each channel of the circuit its jumps.
    splits: &'a [Unravelling],
    gates: Lowered,
    track: Track,
    cell_start: usize,
}

impl<'a> TrackRun<'a> {
    pub(super) fn new(noisy: &'a NoisyCircuit, splits: &'a [Unravelling]) -> Self {
        Self {
            noisy,
            splits,
            gates: Lowered::default(),
            track: Track::default(),
            cell_start: 0,
        }
    }

    fn end_cell(&mut self, channel: Option<Place>) {
        let track = &mut self.track;
        track.shapes.append(&mut self.gates.shapes);
        let middle = track.shapes.len();
        let (hazard, decay) = match &channel {
            Some(place) => {
                let split = &self.splits[place.split];
                let rows: Vec<_> = split.no_jump.transpose().iter().copied().collect();
                track.shapes.extend(shape_of(&place.qubits, &rows));
                (split.hazard.unwrap_or(0.0), split.hazard.is_none())
            }
            None => (0.0, false),
        };
        if track.hazards.is_empty() {
            track.hazards.push(0.0);
            track.decays.push(0);
        }
        let cells = track.cells.len();
        track.hazards.push(track.hazards[cells] + hazard);
        track.decays.push(track.decays[cells] + u32::from(decay));
        let end = track.shapes.len();
        track.cells.push(Cell {
            starts: [self.cell_start, middle, end],
            channel,
        });
        self.cell_start = end;
    }
}

impl GateRun for TrackRun<'_> {
    type Done = Track;

    fn add_phase(&mut self, _radians: f64) {} // nothing that trajectories report depends on it

    fn push(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        position: usize,
    ) -> Result<(), SimulatorError> {
        let Some(split) = self.noisy.channels().place(operation) else {
            return self.gates.push(operation, qubits, position);
        };
        if !self.noisy.channels().get(split).is_identity() {
            self.end_cell(Some(Place {
                split,
                qubits: qubits.to_vec(),
            }));
        }
        Ok(())
    }

    fn len(&self) -> usize {
        self.track.shapes.len() + self.gates.shapes.len()
    }

    fn finish(
        &mut self,
        _qubits: usize,
        _options: &SimOptions,
    ) -> Result<Option<Track>, SimulatorError> {
        if !self.gates.shapes.is_empty() {
            self.end_cell(None);
        }
        self.cell_start = 0;
        let track = std::mem::take(&mut self.track);
        Ok((!track.cells.is_empty()).then_some(track))
    }
}
