//! Runs a program for many shots at once.
//!
//! Shots travel together as long as their outcomes agree. At a measurement each shot draws its own number, keyed by
//! seed, shot and the count of random events on its way; where the outcomes differ the group parts and each part
//! goes on with its own copy of the state. Where memory allows no copy, the second part starts again from the
//! beginning: its draws are the same, so it meets no other parting until it arrives here.

use std::ops::Range;
use std::sync::atomic::Ordering;

use ardea_circuit::Clbit;
use num_complex::{Complex, Complex64};

use super::collapse::{After, project};
use super::program::{Code, Program};
use super::registers::Registers;
use crate::checkpoint::Keeper;
use crate::counts::{Counts, Outcome};
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Pass, Real, Sweeper, Width};
use crate::memory;
use crate::options::{Record, SimOptions};
use crate::plan::{Prepared, tile_bits};
use crate::random::Random;
use crate::reduce::qubit_weights;
use crate::sample::{BATCH, Distribution};

/// What a run leaves behind.
pub(super) struct Leaves<T: Real> {
    pub(super) counts: Counts,
    /// Outcome of each shot, with the shot's number, unsorted; only when asked for.
    pub(super) each: Vec<(u64, Outcome)>,
    /// The state at the end of the last branch.
    pub(super) state: Option<Buffer<Complex<T>>>,
    /// Largest deviation of a final norm from 1, and that norm.
    pub(super) norm: f64,
}

/// The program with everything that does not change from branch to branch.
pub(super) struct Machine<'a, T: Real> {
    program: &'a Program,
    options: &'a SimOptions,
    plans: Vec<Prepared<'a, T>>,
    qubits: usize,
    num_clbits: usize,
    random: Random,
    width: Width,
    keeper: Option<&'a Keeper>,
}

/// A group of shots and how far it has come.
struct Branch<T: Real> {
    registers: Registers,
    site: u64,
    shots: Shots,
    /// `None` where the branch has to start again.
    state: Option<Buffer<Complex<T>>>,
    /// Qubits that are not known to be |0>: all other amplitudes are zero.
    touched: u64,
    /// The squared norm, where the last sweep found it on its way.
    weight: Option<f64>,
}

#[derive(Clone)]
enum Shots {
    All(Range<u64>),
    Some(Vec<u64>),
}

impl Shots {
    fn len(&self) -> u64 {
        match self {
            Self::All(range) => range.end - range.start,
            Self::Some(list) => list.len() as u64,
        }
    }

    fn get(&self, i: u64) -> u64 {
        match self {
            Self::All(range) => range.start + i,
            Self::Some(list) => list[i as usize],
        }
    }

    fn iter(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.len()).map(|i| self.get(i))
    }
}

impl<'a, T: Real> Machine<'a, T> {
    pub(super) fn new(
        program: &'a Program,
        options: &'a SimOptions,
        qubits: usize,
        num_clbits: usize,
        keeper: Option<&'a Keeper>,
    ) -> Result<Self, SimulatorError> {
        let width = options.width.unwrap_or_else(Width::detect);
        let plans = program
            .plans
            .iter()
            .map(|plan| Prepared::new(plan, width))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            program,
            options,
            plans,
            qubits,
            num_clbits,
            random: Random::new(options.seed),
            width,
            keeper,
        })
    }

    /// Runs the shots in `range`; an empty range runs the gates once.
    pub(super) fn run(
        &self,
        range: Range<u64>,
        counts: Counts,
    ) -> Result<Leaves<T>, SimulatorError> {
        let bits = self
            .plans
            .iter()
            .map(Prepared::largest_tile)
            .max()
            .unwrap_or_else(|| tile_bits(self.qubits));
        let sweeper = Sweeper::<T>::new(
            bits,
            self.width,
            1 << self.qubits.saturating_sub(bits as usize).min(20),
        )?;
        let mut leaves = Leaves {
            counts,
            each: vec![],
            state: None,
            norm: 1.0,
        };
        let mut stack = vec![self.start(Shots::All(range))];
        while let Some(mut branch) = stack.pop() {
            drop(leaves.state.take()); // at most one finished state is kept
            self.run_branch(&mut branch, &sweeper, &mut stack)?;
            self.finish(branch, &mut leaves)?;
        }
        Ok(leaves)
    }

    /// Draws the shots in `range` from a state that is there already.
    pub(super) fn read(
        &self,
        state: Buffer<Complex<T>>,
        range: Range<u64>,
        counts: Counts,
    ) -> Result<Leaves<T>, SimulatorError> {
        let mut leaves = Leaves {
            counts,
            each: vec![],
            state: None,
            norm: 1.0,
        };
        let branch = Branch {
            state: Some(state),
            ..self.start(Shots::All(range))
        };
        self.finish(branch, &mut leaves)?;
        Ok(leaves)
    }

    fn start(&self, shots: Shots) -> Branch<T> {
        Branch {
            registers: Registers::new(self.num_clbits),
            site: 0,
            shots,
            state: None,
            touched: 0,
            weight: None,
        }
    }

    fn run_branch(
        &self,
        branch: &mut Branch<T>,
        sweeper: &Sweeper<T>,
        stack: &mut Vec<Branch<T>>,
    ) -> Result<(), SimulatorError> {
        let mut state = match branch.state.take() {
            Some(state) => state,
            None => {
                branch.touched = self.options.initial_state.as_ref().map_or(0, |_| u64::MAX);
                let mut state = self.initial_state()?;
                if let Some(keeper) = self.keeper
                    && let Some(touched) = keeper.resume(&mut state)?
                {
                    branch.touched = touched;
                }
                state
            }
        };
        while let Some(code) = self.program.code.get(branch.registers.at) {
            if self.interrupted() {
                return Err(SimulatorError::Interrupted);
            }
            branch.registers.at += 1;
            match code {
                Code::Gates(plan) => self.apply(*plan, branch, &mut state, sweeper)?,
                Code::Measure { qubit, bit, .. } => {
                    let outcome = match qubit {
                        Some(qubit) => self.measure(
                            *qubit,
                            After::Keep,
                            Some(*bit),
                            branch,
                            &mut state,
                            stack,
                        )?,
                        None => false,
                    };
                    branch.registers.bits.set(*bit, outcome);
                }
                Code::Reset { qubit } => {
                    self.measure(*qubit, After::Clear, None, branch, &mut state, stack)?;
                }
                flow => branch.registers.follow(flow, self.options.max_iterations)?,
            }
        }
        branch.state = Some(state);
        Ok(())
    }

    /// Measures for all shots of the branch; goes on with the shots of one outcome and leaves the others on the stack.
    fn measure(
        &self,
        qubit: u32,
        after: After,
        bit: Option<Clbit>,
        branch: &mut Branch<T>,
        state: &mut Buffer<Complex<T>>,
        stack: &mut Vec<Branch<T>>,
    ) -> Result<bool, SimulatorError> {
        let (zero, one) = qubit_weights(state, qubit);
        let total = zero + one;
        let site = branch.site;
        branch.site += 1;
        let outcome = |shot: u64| self.random.uniform(shot, site) * total >= zero;
        let first = outcome(branch.shots.get(0));
        let factor = |outcome: bool| (total / if outcome { one } else { zero }).sqrt();
        if branch.shots.len() > 1 {
            let (same, other): (Vec<u64>, Vec<u64>) = branch
                .shots
                .iter()
                .partition(|&shot| outcome(shot) == first);
            if !other.is_empty() {
                branch.shots = Shots::Some(same);
                stack.push(self.part(branch, Shots::Some(other), state, |copy, bits| {
                    project(copy, qubit, !first, factor(!first), after);
                    if let Some(bit) = bit {
                        bits.set(bit, !first);
                    }
                })?);
            }
        }
        project(state, qubit, first, factor(first), after);
        Ok(first)
    }

    /// The branch of the other shots: a copy of the state where there is memory for one, else from the start.
    fn part(
        &self,
        branch: &Branch<T>,
        shots: Shots,
        state: &Buffer<Complex<T>>,
        project: impl FnOnce(&mut [Complex<T>], &mut Outcome),
    ) -> Result<Branch<T>, SimulatorError> {
        let held = memory::state_bytes::<T>(self.qubits, 1).unwrap_or(u128::MAX);
        // The user's cap counts what is already held; free memory does not contain it any more.
        let cap = self
            .options
            .memory_cap
            .map(|cap| u64::try_from(u128::from(cap).saturating_sub(held)).unwrap_or(0));
        let small = self.qubits <= 12;
        if !small && memory::check::<T>(self.qubits, 1, 0, cap).is_err() {
            return Ok(self.start(shots));
        }
        let Ok(mut copy) = state.try_clone("a branch of the shots") else {
            return Ok(self.start(shots));
        };
        let mut registers = branch.registers.clone();
        project(&mut copy, &mut registers.bits);
        Ok(Branch {
            registers,
            site: branch.site,
            shots,
            state: Some(copy),
            touched: branch.touched,
            weight: None,
        })
    }

    fn apply(
        &self,
        plan: usize,
        branch: &mut Branch<T>,
        state: &mut Buffer<Complex<T>>,
        sweeper: &Sweeper<T>,
    ) -> Result<(), SimulatorError> {
        let plan = &self.plans[plan];
        let last = branch.registers.at == self.program.code.len();
        let total = plan.num_sweeps();
        let mut done = 0;
        plan.for_each_sweep(|ready| {
            done += 1;
            if self.keeper.is_some_and(Keeper::skips) {
                return Ok(());
            }
            let weigh = last && done == total && !self.samples(branch);
            let touched = branch.touched | ready.mixed;
            let pass = Pass {
                touched: (branch.touched, touched),
                weigh,
            };
            let weight = sweeper.sweep(
                state,
                &ready.layout,
                &ready.stages,
                pass,
                self.options.interrupt.as_deref(),
            )?;
            branch.touched = touched;
            branch.weight = weigh.then_some(weight);
            if let Some(keeper) = self.keeper
                && !(last && done == total)
            {
                keeper.keep(state, touched)?;
            }
            if let Some(progress) = &self.options.progress
                && !self.program.branches()
            {
                progress.report(done as f64 / total as f64);
            }
            Ok(())
        })
    }

    /// Whether outcomes are drawn from the branch's final state.
    fn samples(&self, branch: &Branch<T>) -> bool {
        branch.shots.len() > 0
            && self
                .program
                .terminal
                .iter()
                .any(|reading| reading.qubit.is_some())
    }

    /// Draws the terminal measurements and adds the shots to the leaves.
    fn finish(&self, branch: Branch<T>, leaves: &mut Leaves<T>) -> Result<(), SimulatorError> {
        let samples = self.samples(&branch);
        let Branch {
            registers: Registers { bits, .. },
            site,
            shots,
            state,
            weight,
            ..
        } = branch;
        let state = state.expect("a finished branch has a state");
        let distribution = weight.is_none().then(|| Distribution::new(&state));
        let total = distribution.as_ref().map(Distribution::total);
        let norm = weight.or(total).unwrap_or(0.0).sqrt();
        if !norm.is_finite() || norm == 0.0 {
            return Err(SimulatorError::NotFinite { norm });
        }
        if (norm - 1.0).abs() > (leaves.norm - 1.0).abs() {
            leaves.norm = norm;
        }
        let mut add = |outcome: &Outcome, shots: &mut dyn Iterator<Item = u64>, count: u64| {
            leaves.counts.add(outcome.clone(), count);
            if self.options.record == Record::EachShot {
                leaves
                    .each
                    .extend(shots.map(|shot| (shot, outcome.clone())));
            }
        };
        if !samples {
            let mut outcome = bits.clone();
            self.program
                .terminal
                .iter()
                .for_each(|reading| outcome.set(reading.bit, false));
            if shots.len() > 0 {
                add(&outcome, &mut shots.iter(), shots.len());
            }
        } else if let Some(distribution) = distribution {
            let mut start = 0;
            while start < shots.len() {
                if self.interrupted() {
                    return Err(SimulatorError::Interrupted);
                }
                let end = shots.len().min(start + BATCH as u64);
                let batch: Vec<u64> = (start..end).map(|i| shots.get(i)).collect();
                let draws = distribution.draw(self.random, &batch, site);
                for same in draws.chunk_by(|a, b| a.1 == b.1) {
                    let mut outcome = bits.clone();
                    for reading in &self.program.terminal {
                        outcome.set(reading.bit, reading.of(same[0].1));
                    }
                    add(
                        &outcome,
                        &mut same.iter().map(|&(i, _)| batch[i as usize]),
                        same.len() as u64,
                    );
                }
                start = end;
            }
        }
        leaves.state = Some(state);
        Ok(())
    }

    fn initial_state(&self) -> Result<Buffer<Complex<T>>, SimulatorError> {
        let mut state = Buffer::zeroed(1 << self.qubits, "the state")?;
        match &self.options.initial_state {
            Some(given) => {
                let narrow = |z: &Complex64| Complex::new(T::from_f64(z.re), T::from_f64(z.im));
                state
                    .iter_mut()
                    .zip(given.iter())
                    .for_each(|(to, from)| *to = narrow(from));
            }
            None => state[0] = Complex::new(T::one(), T::ZERO),
        }
        Ok(state)
    }

    fn interrupted(&self) -> bool {
        self.options
            .interrupt
            .as_ref()
            .is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}
