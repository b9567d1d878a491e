//! Runs groups of shots through a program with jumps.
//!
//! A group goes from node to node of a track. At each node its shots part into those that come through (the norm stays
//! above their threshold, their clock does not run out) and those that jump inside; the latter go on from a copy of
//! the state before the node, through ever smaller nodes, down to the channel that jumps. What a shot meets depends on
//! its own random numbers only, never on its company, so neither batches nor threads change a result.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ardea_circuit::SparsePauliSum;
use num_complex::{Complex, Complex64};

use super::group::{ANY_LEVEL, Group, Pool, Traveller};
use super::jump::{pick, reduced, weight};
use super::nodes::{Kitchen, Node, Nodes};
use super::track::{Place, Track};
use crate::channel::Unravelling;
use crate::counts::{Counts, Outcome};
use crate::engine::apply::{apply, apply_and_weigh};
use crate::engine::collapse::After;
use crate::engine::readout::Readout;
use crate::engine::{Code, Program};
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Real, Sweeper};
use crate::options::{Record, SimOptions};
use crate::plan::{Prepared, shape_of};
use crate::random::Random;
use crate::sample::Distribution;
use crate::state::StateVector;

/// Shots that start together at most: 24 bytes each.
const TOGETHER: u64 = 1 << 18;

/// What a run leaves behind.
pub(super) struct Leaves {
    pub(super) counts: Counts,
    /// Outcome of each shot, with the shot's number, unsorted; only when asked for.
    pub(super) each: Vec<(u64, Outcome)>,
    /// Expectation values with the shot's number, unsorted; as many values for each shot as there are observables.
    pub(super) values: Vec<(u64, Arc<[f64]>)>,
    pub(super) jumps: u64,
    /// Final states that differ.
    pub(super) ends: u64,
}

/// Everything that does not change from group to group.
pub(super) struct Machine<'a, T: Real> {
    pub(super) program: &'a Program<Track>,
    /// For each channel its jumps.
    pub(super) splits: &'a [Unravelling],
    pub(super) nodes: Vec<Nodes<'a, T>>,
    pub(super) kitchen: &'a Kitchen,
    pub(super) options: &'a SimOptions,
    pub(super) observables: &'a [SparsePauliSum],
    pub(super) readout: Readout,
    /// Qubits of the circuit that have amplitudes.
    pub(super) active: &'a [usize],
    pub(super) num_qubits: usize,
    pub(super) num_clbits: usize,
    pub(super) random: Random,
    /// States that may wait at the same time; a group beyond that starts again instead.
    pub(super) waiting: usize,
    pub(super) tile_bits: u32,
}

/// The working memory of one task.
pub(super) struct Workshop<T: Real> {
    sweeper: Sweeper<T>,
    pub(super) pool: Pool<T>,
    stack: Vec<Group<T>>,
}

impl<T: Real> Machine<'_, T> {
    /// Runs the shots in `range`.
    pub(super) fn run(&self, range: Range<u64>, counts: Counts) -> Result<Leaves, SimulatorError> {
        let qubits = self.active.len();
        let tiles = 1 << qubits.saturating_sub(self.tile_bits as usize).min(20);
        let mut shop = Workshop {
            sweeper: Sweeper::new(self.tile_bits, self.kitchen.width, tiles)?,
            pool: Pool::new(qubits),
            stack: vec![],
        };
        let mut leaves = Leaves {
            counts,
            each: vec![],
            values: vec![],
            jumps: 0,
            ends: 0,
        };
        let (mut done, total) = (0u64, range.end - range.start);
        // Shots are taken in batches, so that a run of very many needs no memory for all of them at once.
        let batches = (range.start..range.end).step_by(TOGETHER as usize);
        for start in batches {
            let end = range.end.min(start + TOGETHER);
            shop.stack
                .push(Group::start(start..end, self.num_clbits, self.random));
            while let Some(mut group) = shop.stack.pop() {
                self.run_group(&mut group, &mut shop, &mut leaves)?;
                done += group.travellers.len() as u64;
                self.finish(group, &mut shop, &mut leaves)?;
                if let Some(progress) = &self.options.progress {
                    progress.report(done as f64 / total as f64);
                }
            }
        }
        Ok(leaves)
    }

    fn run_group(
        &self,
        group: &mut Group<T>,
        shop: &mut Workshop<T>,
        leaves: &mut Leaves,
    ) -> Result<(), SimulatorError> {
        let mut state = match group.state.take() {
            Some(state) => state,
            None => shop.pool.initial(self.options.initial_state.as_deref())?,
        };
        while let Some(code) = self.program.code.get(group.registers.at) {
            if let Code::Gates(track) = code {
                while group.cell < self.nodes[*track].track.cells.len() {
                    self.check_interrupt()?;
                    state = self.step(&self.nodes[*track], group, state, shop, leaves)?;
                }
                group.cell = 0;
            }
            group.registers.at += 1;
            match code {
                Code::Gates(_) => {}
                Code::Measure { qubit, wire, bit } => {
                    self.measure((*qubit, *wire, *bit), group, &mut state, shop)?;
                }
                Code::Reset { qubit } => {
                    self.collapse(*qubit, After::Clear, group, &mut state, shop)?;
                }
                flow => group.registers.follow(flow, self.options.max_iterations)?,
            }
            self.check_interrupt()?;
        }
        group.state = Some(state);
        Ok(())
    }

    /// Runs the next node; shots that do not jump in it are left waiting behind it where others do.
    fn step(
        &self,
        nodes: &Nodes<'_, T>,
        group: &mut Group<T>,
        mut state: Buffer<Complex<T>>,
        shop: &mut Workshop<T>,
        leaves: &mut Leaves,
    ) -> Result<Buffer<Complex<T>>, SimulatorError> {
        let level = nodes.level_at(group.cell, group.limit);
        let cells = nodes.cells(level, group.cell);
        let hazard = nodes.track.hazard(cells.clone());
        let decays = nodes.track.decays(cells.clone());
        let node = Node::Cells {
            level,
            first: group.cell,
        };
        let due = |traveller: &Traveller| traveller.clock < hazard;
        let some_due = group.travellers.iter().any(due);
        if !some_due && !decays {
            self.apply(nodes, node, &mut state, shop)?;
            group.advance(cells.end, hazard);
            return Ok(state);
        }
        if group.travellers.iter().all(due) {
            return self.descend(nodes, level, group, state, shop, leaves);
        }
        let before = shop.pool.copy(&state)?;
        let norm = if decays {
            self.apply_and_weigh(nodes, node, &mut state, shop)?
        } else {
            self.apply(nodes, node, &mut state, shop)?;
            group.norm
        };
        if !norm.is_finite() {
            return Err(SimulatorError::NotFinite { norm: norm.sqrt() });
        }
        let through = |traveller: &Traveller| !due(traveller) && traveller.threshold < norm;
        let (through, jumping): (Vec<_>, Vec<_>) =
            group.travellers.iter().copied().partition(through);
        if jumping.is_empty() {
            shop.pool.give(before);
            group.norm = norm;
            group.advance(cells.end, hazard);
            return Ok(state);
        }
        if through.is_empty() {
            shop.pool.give(state);
        } else {
            let mut rest = group.beside(through, None);
            rest.norm = norm;
            rest.advance(cells.end, hazard);
            self.wait(rest, state, shop);
        }
        group.travellers = jumping;
        self.descend(nodes, level, group, before, shop, leaves)
    }

    /// All shots of the group jump inside the node: goes to its halves, or lets the channel of its one cell jump.
    fn descend(
        &self,
        nodes: &Nodes<'_, T>,
        level: u32,
        group: &mut Group<T>,
        mut state: Buffer<Complex<T>>,
        shop: &mut Workshop<T>,
        leaves: &mut Leaves,
    ) -> Result<Buffer<Complex<T>>, SimulatorError> {
        if level > 0 {
            group.limit = level - 1;
            return Ok(state);
        }
        let cell = group.cell;
        if !nodes.track.gates(cell).is_empty() {
            self.apply(nodes, Node::Gates(cell), &mut state, shop)?;
        }
        group.cell += 1;
        group.limit = ANY_LEVEL;
        let Some(place) = &nodes.track.cells[cell].channel else {
            return Ok(state);
        };
        leaves.jumps += group.travellers.len() as u64;
        self.jump(place, group, state, shop)
    }

    /// Applies to each shot the jump that it draws; shots that draw different ones part.
    fn jump(
        &self,
        place: &Place,
        group: &mut Group<T>,
        mut state: Buffer<Complex<T>>,
        shop: &mut Workshop<T>,
    ) -> Result<Buffer<Complex<T>>, SimulatorError> {
        let split = &self.splits[place.split];
        let weights = self.jump_weights(split, place, &state);
        let site = group.site;
        group.site += 2;
        let mut parts: Vec<Vec<Traveller>> = vec![vec![]; split.jumps.len() + 1];
        for mut traveller in std::mem::take(&mut group.travellers) {
            // Where rounding leaves no jump with any weight, the shot does not jump after all.
            let choice = pick(&weights, self.random.uniform(traveller.shot, site));
            if split.hazard.is_some() {
                traveller.wind(self.random, site + 1);
            } else {
                traveller.aim(self.random, site + 1);
            }
            parts[choice.unwrap_or(split.jumps.len())].push(traveller);
        }
        let mut parts: Vec<(usize, Vec<Traveller>)> = parts
            .into_iter()
            .enumerate()
            .filter(|(_, travellers)| !travellers.is_empty())
            .collect();
        let (last, stay) = parts.pop().expect("a group has shots");
        for (choice, travellers) in parts {
            let mut part = group.beside(travellers, None);
            let mut copy = shop.pool.copy(&state)?;
            part.norm =
                self.apply_jump(split, place, choice, &weights, &mut copy, group.norm, shop)?;
            self.wait(part, copy, shop);
        }
        group.travellers = stay;
        group.norm = self.apply_jump(split, place, last, &weights, &mut state, group.norm, shop)?;
        Ok(state)
    }

    fn jump_weights(
        &self,
        split: &Unravelling,
        place: &Place,
        state: &Buffer<Complex<T>>,
    ) -> Vec<f64> {
        if split.hazard.is_some() {
            return split.jumps.iter().map(|(p, _)| *p).collect();
        }
        let density = reduced(state, &place.qubits);
        let jumps = split.jumps.iter();
        jumps
            .map(|(_, operator)| weight(operator, &density))
            .collect()
    }

    /// Applies a jump and returns the squared norm behind it: 1 where the norm measures survival.
    #[allow(
        clippy::too_many_arguments,
        reason = "what a jump is, where, and on what"
    )]
    fn apply_jump(
        &self,
        split: &Unravelling,
        place: &Place,
        choice: usize,
        weights: &[f64],
        state: &mut Buffer<Complex<T>>,
        norm: f64,
        shop: &Workshop<T>,
    ) -> Result<f64, SimulatorError> {
        let (operator, scale, norm) = match split.jumps.get(choice) {
            Some((_, unitary)) if split.hazard.is_some() => (unitary, 1.0, norm),
            Some((_, operator)) => (operator, 1.0 / weights[choice].sqrt(), 1.0),
            None => (&split.no_jump, 1.0 / norm.sqrt(), 1.0),
        };
        let rows: Vec<Complex64> = operator.transpose().iter().map(|z| z * scale).collect();
        let shapes: Vec<_> = shape_of(&place.qubits, &rows).into_iter().collect();
        let plan = self.kitchen.plan(&shapes)?;
        let ready = Prepared::new(&plan, self.kitchen.width)?;
        let interrupt = self.options.interrupt.as_deref();
        apply(&ready, state, &shop.sweeper, interrupt)?;
        Ok(norm)
    }

    /// Leaves a group for later: with its state where there is room, else it starts again from the beginning, where its
    /// shots draw the same numbers.
    pub(super) fn wait(
        &self,
        mut group: Group<T>,
        state: Buffer<Complex<T>>,
        shop: &mut Workshop<T>,
    ) {
        let held = shop.stack.iter().filter(|group| group.state.is_some());
        if held.count() < self.waiting {
            group.state = Some(state);
        } else {
            shop.pool.give(state);
            let shots = group.travellers.iter().map(|traveller| traveller.shot);
            group = Group::start(shots, self.num_clbits, self.random);
        }
        shop.stack.push(group);
    }

    /// Draws the terminal measurements and adds the shots to the leaves.
    fn finish(
        &self,
        group: Group<T>,
        shop: &mut Workshop<T>,
        leaves: &mut Leaves,
    ) -> Result<(), SimulatorError> {
        let mut state = group.state.expect("a finished group has a state");
        let distribution = Distribution::new(&state);
        let total = distribution.total();
        if !total.is_finite() || total <= 0.0 {
            return Err(SimulatorError::NotFinite { norm: total.sqrt() });
        }
        leaves.ends += 1;
        let shots: Vec<u64> = group.travellers.iter().map(|t| t.shot).collect();
        for (i, basis) in distribution.draw(self.random, &shots, group.site) {
            let shot = shots[i as usize];
            let bits = &group.registers.bits;
            let outcome = self
                .readout
                .outcome(bits, basis, self.random, shot, group.site + 1);
            if self.options.record == Record::EachShot {
                leaves.each.push((shot, outcome.clone()));
            }
            leaves.counts.add(outcome, 1);
        }
        if !self.observables.is_empty() {
            let whole = StateVector::new(state, self.active, self.num_qubits);
            let values: Arc<[f64]> = self
                .observables
                .iter()
                .map(|operator| Ok(whole.expectation(operator)?.re / total))
                .collect::<Result<_, SimulatorError>>()?;
            leaves
                .values
                .extend(shots.iter().map(|&shot| (shot, Arc::clone(&values))));
            state = whole.into_amplitudes();
        }
        shop.pool.give(state);
        Ok(())
    }

    fn check_interrupt(&self) -> Result<(), SimulatorError> {
        match &self.options.interrupt {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(SimulatorError::Interrupted),
            _ => Ok(()),
        }
    }

    fn apply(
        &self,
        nodes: &Nodes<'_, T>,
        node: Node,
        state: &mut Buffer<Complex<T>>,
        shop: &Workshop<T>,
    ) -> Result<(), SimulatorError> {
        let interrupt = self.options.interrupt.as_deref();
        nodes.with(node, |plan| apply(plan, state, &shop.sweeper, interrupt))
    }

    fn apply_and_weigh(
        &self,
        nodes: &Nodes<'_, T>,
        node: Node,
        state: &mut Buffer<Complex<T>>,
        shop: &Workshop<T>,
    ) -> Result<f64, SimulatorError> {
        let interrupt = self.options.interrupt.as_deref();
        let mut norm = 0.0;
        nodes.with(node, |plan| {
            norm = apply_and_weigh(plan, state, &shop.sweeper, interrupt)?;
            Ok(())
        })?;
        Ok(norm)
    }
}
