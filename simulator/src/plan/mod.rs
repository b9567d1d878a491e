//! The plan: what will be done to the state, in which order, in how many sweeps through memory.
//!
//! Operations become shapes ([`lower`]), shapes are fused where the cost model says so ([`fuse`], [`diagonals`]), and
//! the result is split into sweeps ([`sweeps`]). A plan does not depend on precision, threads or vector width, so
//! neither does the order of the arithmetic. Printing a plan shows its steps, sweeps and estimated time.

mod classify;
mod cost;
mod diagonals;
mod extent;
mod fuse;
mod lower;
mod stages;
mod structure;
mod sweeps;
#[cfg(test)]
mod tests;

use std::fmt;

use crate::error::SimulatorError;
use crate::kernels::{MAX_DENSE, Real, Shape, Stage, TileLayout, Width};
use crate::pool;
pub(crate) use classify::classify;
use cost::CostModel;
use diagonals::{Step, merge_diagonals};
use extent::Extent;
use fuse::{Item, fuse_at};
pub(crate) use lower::{Lowered, MAX_DEPTH, phase_of};

/// Qubits of a tile: 2^15 amplitudes in double precision are 512 KiB.
const TILE: u32 = 15;

/// Lowest qubits of every tile: chunks of 64 amplitudes are 1 KiB in double precision.
const LOW: u32 = 6;

/// How gates are combined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fusion {
    /// As wide as pays at the number of qubits: planning must not take longer than what it saves.
    #[default]
    Automatic,
    /// Every gate by itself.
    Off,
    /// Into matrices of at most this many qubits (1 to 5) where the cost model finds that cheaper.
    UpTo(usize),
}

impl Fusion {
    /// The choice for a state of `qubits` qubits.
    fn resolved(self, qubits: usize) -> Self {
        match (self, qubits) {
            (Self::Automatic, 0..=13) => Self::Off,
            (Self::Automatic, 14..=18) => Self::UpTo(2),
            (Self::Automatic, 19..=23) => Self::UpTo(3),
            (Self::Automatic, _) => Self::UpTo(MAX_DENSE),
            (chosen, _) => chosen,
        }
    }
}

/// A sequence of sweeps, each a run of steps on tiles.
#[derive(Debug, Clone)]
pub struct Plan {
    qubits: u32,
    sweeps: Vec<Sweep>,
    nanoseconds: f64,
}

/// One pass through memory.
#[derive(Debug, Clone)]
struct Sweep {
    inside: u64,
    shapes: Vec<Shape>,
}

impl Plan {
    /// Plans `lowered` for a state of `qubits` qubits.
    pub(crate) fn new(
        lowered: Lowered,
        qubits: usize,
        fusion: Fusion,
    ) -> Result<Self, SimulatorError> {
        let costs = CostModel::default();
        let Lowered { mut shapes, phase } = lowered;
        if phase != 0.0 {
            apply_phase(&mut shapes, phase);
        }
        let items: Vec<Item> = shapes
            .into_iter()
            .map(|shape| Item::new(shape, &costs))
            .collect();
        let fusion = fusion.resolved(qubits);
        let qubits = qubits as u32;
        let chosen = match fusion {
            Fusion::Off | Fusion::Automatic => {
                let steps = items.into_iter().map(Step::from).collect();
                Candidate::new(steps, qubits, &costs)
            }
            Fusion::UpTo(widest @ 1..=MAX_DENSE) => cheapest(items, widest, qubits, &costs),
            Fusion::UpTo(other) => {
                return Err(SimulatorError::BadArgument {
                    what: format!(
                        "fusion into {other} qubits is not possible; choose 1 to {MAX_DENSE}, or turn fusion off"
                    ),
                });
            }
        };
        let thousands = 2f64.powi(qubits as i32 - 10);
        Ok(Self {
            qubits,
            nanoseconds: chosen.cost * thousands,
            sweeps: chosen.sweeps(),
        })
    }

    /// Number of sweeps through memory.
    pub fn num_sweeps(&self) -> usize {
        self.sweeps.len()
    }

    /// Number of steps (matrices applied).
    pub fn num_steps(&self) -> usize {
        self.sweeps.iter().map(|sweep| sweep.shapes.len()).sum()
    }

    /// Qubits of the state that the plan acts on; idle qubits of the circuit do not count.
    pub fn num_qubits(&self) -> usize {
        self.qubits as usize
    }

    /// Estimated time of one thread in seconds, from the built-in cost model: an orientation.
    pub fn estimated_seconds(&self) -> f64 {
        self.nanoseconds * 1e-9
    }

    /// Real multiplications that the matrices of all steps ask for: the arithmetic bound of the run is the time that they
    /// take at the processor's full rate ([`multiplication_rate`](crate::multiplication_rate)).
    pub fn multiplications(&self) -> f64 {
        let shapes = self.sweeps.iter().flat_map(|sweep| &sweep.shapes);
        let for_each: f64 = shapes.map(structure::multiplications).sum();
        for_each * 2f64.powi(self.qubits as i32)
    }

    /// Makes sweep `i` ready to run in precision `T`.
    fn prepare_sweep<T: Real>(&self, i: usize, width: Width) -> Result<Ready<T>, SimulatorError> {
        let sweep = &self.sweeps[i];
        let layout = TileLayout::new(self.qubits, sweep.inside, width.lanes::<T>());
        let stages = stages::prepare(&sweep.shapes, &layout, width)?;
        let mixed = sweep
            .shapes
            .iter()
            .fold(0, |mask, shape| mask | shape.mixed());
        Ok(Ready {
            layout,
            stages,
            mixed,
        })
    }
}

/// A sweep made ready for one precision and vector width.
pub(crate) struct Ready<T: Real> {
    pub(crate) layout: TileLayout,
    pub(crate) stages: Vec<Stage<T>>,
    /// Qubits along which amplitudes mix.
    pub(crate) mixed: u64,
}

/// Steps of a plan that are kept ready between its runs. Longer plans are made ready sweep by sweep, so that their
/// tables never take memory worth counting.
const MAX_KEPT: usize = 4096;

/// A plan that runs in one precision and on one vector unit.
pub(crate) struct Prepared<'a, T: Real> {
    plan: &'a Plan,
    width: Width,
    kept: Vec<Ready<T>>,
}

impl<'a, T: Real> Prepared<'a, T> {
    /// Makes `plan` ready.
    pub(crate) fn new(plan: &'a Plan, width: Width) -> Result<Self, SimulatorError> {
        let keep = if plan.num_steps() <= MAX_KEPT {
            plan.num_sweeps()
        } else {
            0
        };
        let kept = (0..keep)
            .map(|i| plan.prepare_sweep(i, width))
            .collect::<Result<_, _>>()?;
        Ok(Self { plan, width, kept })
    }

    /// Calls `run` with each sweep in order.
    pub(crate) fn for_each_sweep(
        &self,
        mut run: impl FnMut(&Ready<T>) -> Result<(), SimulatorError>,
    ) -> Result<(), SimulatorError> {
        (0..self.plan.num_sweeps()).try_for_each(|i| match self.kept.get(i) {
            Some(ready) => run(ready),
            None => run(&self.plan.prepare_sweep(i, self.width)?),
        })
    }

    /// Number of sweeps.
    pub(crate) fn num_sweeps(&self) -> usize {
        self.plan.num_sweeps()
    }

    /// Index bits of the largest tile.
    pub(crate) fn largest_tile(&self) -> u32 {
        self.plan
            .sweeps
            .iter()
            .map(|sweep| sweep.inside.count_ones())
            .max()
            .unwrap_or(0)
    }
}

/// Working memory that tiles of the plan need at most: the index bits of the largest.
pub(crate) fn tile_bits(qubits: usize) -> u32 {
    TILE.min(qubits as u32)
}

/// One way to do the work, and what it costs per 1024 amplitudes.
struct Candidate {
    steps: Vec<Step>,
    runs: Vec<sweeps::Run>,
    cost: f64,
}

impl Candidate {
    fn new(steps: Vec<Step>, qubits: u32, costs: &CostModel) -> Self {
        let work: f64 = steps.iter().map(|step| step.cost).sum();
        let extents: Vec<Extent> = steps.iter().map(|step| step.extent).collect();
        let runs = sweeps::split_into_sweeps(&extents, qubits, TILE, LOW);
        let cost = work + costs.sweep * runs.len() as f64;
        Self { steps, runs, cost }
    }

    fn sweeps(&self) -> Vec<Sweep> {
        let sweep = |run: &sweeps::Run| Sweep {
            inside: run.inside,
            shapes: run.steps.iter().map(|&i| self.steps[i].shape()).collect(),
        };
        self.runs.iter().map(sweep).collect()
    }
}

/// Steps of a circuit for which more than the widest fusion is tried.
const MAX_TRIED: usize = 1 << 14;

/// Qubits of the widest state whose run may be one of many side by side, which had better not share out its planning.
const ALONE: u32 = 18;

/// The cheapest of several plans. Diagonals are collected after or before the fusion of matrices. And wide matrices
/// make few steps, but leave less choice to the tiles: so every width has its chance.
fn cheapest(items: Vec<Item>, widest: usize, qubits: u32, costs: &CostModel) -> Candidate {
    let try_all = qubits > TILE && items.len() <= MAX_TRIED;
    let fused = |mut items: Vec<Item>| {
        let mut best: Option<Candidate> = None;
        for width in 1..=widest {
            items = fuse_at(items, width as u32, costs);
            if width == widest || try_all && width > 1 {
                let candidate = Candidate::new(merge_diagonals(&items, costs), qubits, costs);
                if best.as_ref().is_none_or(|best| candidate.cost < best.cost) {
                    best = Some(candidate);
                }
            }
        }
        best.unwrap_or_else(|| Candidate::new(vec![], qubits, costs))
    };
    let collect = |items: &[Item]| {
        let steps = merge_diagonals(items, costs).into_iter();
        steps.map(|step| step.into_item(costs)).collect()
    };
    let (after, before) = pool::both(
        qubits > ALONE,
        || fused(items.clone()),
        || fused(collect(&items)),
    );
    if before.cost < after.cost {
        before
    } else {
        after
    }
}

/// Multiplies a shape that reaches every amplitude by the phase, or adds one that does.
fn apply_phase(shapes: &mut Vec<Shape>, phase: f64) {
    let factor = num_complex::Complex64::cis(phase);
    for shape in shapes.iter_mut() {
        match shape {
            Shape::Dense {
                controls,
                matrix: entries,
                ..
            } if controls.is_empty() => {
                return entries.iter_mut().for_each(|entry| *entry *= factor);
            }
            Shape::Diagonal { table: entries, .. } => {
                return entries.iter_mut().for_each(|entry| *entry *= factor);
            }
            _ => {}
        }
    }
    shapes.push(lower::scale(phase));
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} steps in {} sweeps over {} qubits, {:.1e} multiplications, about {:.1e} s on one thread",
            self.num_steps(),
            self.num_sweeps(),
            self.qubits,
            self.multiplications(),
            self.estimated_seconds()
        )?;
        for (i, sweep) in self.sweeps.iter().enumerate() {
            writeln!(
                f,
                "sweep {i}: tile of qubits {}",
                QubitList(&mask_qubits(sweep.inside))
            )?;
            for shape in &sweep.shapes {
                match shape {
                    Shape::Dense {
                        targets, controls, ..
                    } => {
                        writeln!(
                            f,
                            "  dense {} on {}{}",
                            targets.len(),
                            QubitList(targets),
                            Controls(controls)
                        )?;
                    }
                    Shape::Diagonal { qubits, .. } => {
                        writeln!(f, "  diagonal {} on {}", qubits.len(), QubitList(qubits))?
                    }
                    Shape::Permutation {
                        targets, controls, ..
                    } => {
                        writeln!(
                            f,
                            "  permutation {} on {}{}",
                            targets.len(),
                            QubitList(targets),
                            Controls(controls)
                        )?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The shape of any matrix (row-major, unitary or not) on `qubits`; `None` for the identity.
pub(crate) fn shape_of(qubits: &[u32], matrix: &[num_complex::Complex64]) -> Option<Shape> {
    let shape = classify::classify(qubits, matrix);
    (!classify::is_identity(&shape)).then_some(shape)
}

fn mask_qubits(mask: u64) -> Vec<u32> {
    (0..64).filter(|qubit| mask >> qubit & 1 == 1).collect()
}

struct QubitList<'a>(&'a [u32]);

impl fmt::Display for QubitList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, qubit) in self.0.iter().enumerate() {
            write!(f, "{}{qubit}", if i > 0 { " " } else { "" })?;
        }
        Ok(())
    }
}

struct Controls<'a>(&'a [(u32, bool)]);

impl fmt::Display for Controls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (qubit, value)) in self.0.iter().enumerate() {
            write!(
                f,
                "{}{qubit}={}",
                if i > 0 { " " } else { ", where " },
                u8::from(*value)
            )?;
        }
        Ok(())
    }
}
