//! Runs a program on density matrices.
//!
//! Shots travel together until a measurement gives them different outcomes; or, where the average over outcomes is
//! asked for, every course is followed with its probability as the trace of its matrix.

use std::sync::atomic::Ordering;

use ardea_circuit::Clbit;
use num_complex::{Complex, Complex64};

use super::state::{diagonal, weights};
use crate::counts::{Counts, Outcome};
use crate::engine::apply::{apply, copy};
use crate::engine::collapse::{After, project};
use crate::engine::readout::Readout;
use crate::engine::registers::Registers;
use crate::engine::{Code, Program};
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Real, Sweeper, Width};
use crate::memory;
use crate::options::{Record, SimOptions};
use crate::plan::{Prepared, tile_bits};
use crate::random::Random;
use crate::sample::{BATCH, Distribution};

/// Courses of an average that are followed at most.
const MAX_COURSES: usize = 4096;

/// Courses less probable than this are rounding.
const IMPOSSIBLE: f64 = 1e-15;

/// What drawn shots leave behind.
pub(super) struct Leaves<T: Real> {
    pub(super) counts: Counts,
    pub(super) each: Vec<(u64, Outcome)>,
    /// The final state, where all shots share it.
    pub(super) state: Option<Buffer<Complex<T>>>,
}

/// Everything that does not change from course to course.
pub(super) struct Machine<'a, T: Real> {
    program: &'a Program,
    plans: Vec<Prepared<'a, T>>,
    readout: Readout,
    options: &'a SimOptions,
    qubits: usize,
    num_clbits: usize,
    random: Random,
    sweeper: Sweeper<T>,
}

/// One course that a run takes.
struct Course<T: Real> {
    registers: Registers,
    site: u64,
    shots: Vec<u64>,
    state: Buffer<Complex<T>>,
}

/// What a measurement does to a course.
type Measure<'m, T> = dyn FnMut(&mut Course<T>, Measurement) -> Result<(), SimulatorError> + 'm;

impl<'a, T: Real> Machine<'a, T> {
    pub(super) fn new(
        program: &'a Program,
        readout: Readout,
        options: &'a SimOptions,
        (qubits, num_clbits): (usize, usize),
        (random, width): (Random, Width),
    ) -> Result<Self, SimulatorError> {
        let plans: Vec<Prepared<'a, T>> = program
            .plans
            .iter()
            .map(|plan| Prepared::new(plan, width))
            .collect::<Result<_, _>>()?;
        let largest = plans.iter().map(Prepared::largest_tile).max();
        let bits = largest.unwrap_or_else(|| tile_bits(2 * qubits));
        let tiles = 1 << (2 * qubits).saturating_sub(bits as usize).min(20);
        Ok(Self {
            program,
            plans,
            readout,
            options,
            qubits,
            num_clbits,
            random,
            sweeper: Sweeper::new(bits, width, tiles)?,
        })
    }

    /// Draws `shots` shots; with none, runs the gates once.
    pub(super) fn shots(&self, shots: u64, counts: Counts) -> Result<Leaves<T>, SimulatorError> {
        let mut leaves = Leaves {
            counts,
            each: vec![],
            state: None,
        };
        let batch = |start: u64| (start..shots.min(start + BATCH as u64)).collect::<Vec<u64>>();
        let batches = (0..shots).step_by(BATCH);
        if self.measures() {
            for start in batches {
                let mut stack = vec![self.start(batch(start))?];
                while let Some(mut course) = stack.pop() {
                    self.follow(&mut course, &mut |course, measurement| {
                        self.draw(course, measurement, &mut stack)
                    })?;
                    self.sample(&course, &course.shots, &mut leaves);
                }
            }
        } else {
            let mut course = self.start(vec![])?;
            self.follow(&mut course, &mut |_, _| Ok(()))?;
            batches.for_each(|start| self.sample(&course, &batch(start), &mut leaves));
            leaves.state = Some(course.state);
        }
        Ok(leaves)
    }

    /// The sum over all courses, each with its probability.
    pub(super) fn average(&self) -> Result<Buffer<Complex<T>>, SimulatorError> {
        let mut stack = vec![self.start(vec![])?];
        let mut sum: Option<Buffer<Complex<T>>> = None;
        let mut courses = 0;
        while let Some(mut course) = stack.pop() {
            courses += 1;
            if courses + stack.len() > MAX_COURSES {
                let what = format!(
                    "measurements steer the circuit into more than {MAX_COURSES} courses; run it with shots instead"
                );
                return Err(SimulatorError::BadArgument { what });
            }
            self.follow(&mut course, &mut |course, measurement| {
                self.both(course, measurement, &mut stack)
            })?;
            match &mut sum {
                None => sum = Some(course.state),
                Some(sum) => sum
                    .iter_mut()
                    .zip(course.state.iter())
                    .for_each(|(a, b)| *a += b),
            }
        }
        sum.ok_or(SimulatorError::NotFinite { norm: 0.0 })
    }

    fn measures(&self) -> bool {
        let measures = |code: &Code| matches!(code, Code::Measure { .. });
        self.program.code.iter().any(measures)
    }

    fn start(&self, shots: Vec<u64>) -> Result<Course<T>, SimulatorError> {
        let mut state = Buffer::zeroed(1 << (2 * self.qubits), "the density matrix")?;
        state[0] = Complex::new(T::one(), T::ZERO);
        Ok(Course {
            registers: Registers::new(self.num_clbits),
            site: 0,
            shots,
            state,
        })
    }

    /// Runs a course to its end; `measure` says what a measurement does to it.
    fn follow(
        &self,
        course: &mut Course<T>,
        measure: &mut Measure<'_, T>,
    ) -> Result<(), SimulatorError> {
        let interrupt = self.options.interrupt.as_deref();
        while let Some(code) = self.program.code.get(course.registers.at) {
            if interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                return Err(SimulatorError::Interrupted);
            }
            course.registers.at += 1;
            match code {
                Code::Gates(run) => {
                    apply(
                        &self.plans[*run],
                        &mut course.state,
                        &self.sweeper,
                        interrupt,
                    )?;
                }
                Code::Measure { qubit, wire, bit } => measure(
                    course,
                    Measurement {
                        qubit: *qubit,
                        wire: *wire,
                        bit: *bit,
                    },
                )?,
                Code::Reset { .. } => unreachable!("a reset is a channel here"),
                flow => course.registers.follow(flow, self.options.max_iterations)?,
            }
        }
        Ok(())
    }

    /// The weights of 0 and of 1; a qubit that nothing ever touched gives 0.
    fn weights(&self, course: &Course<T>, measurement: &Measurement) -> (f64, f64) {
        match measurement.qubit {
            Some(qubit) => weights(&course.state, self.qubits, qubit),
            None => (1.0, 0.0),
        }
    }

    /// Lets each shot draw its outcome and what is read; shots that differ from the first wait before the same
    /// instruction, where they will agree.
    fn draw(
        &self,
        course: &mut Course<T>,
        measurement: Measurement,
        stack: &mut Vec<Course<T>>,
    ) -> Result<(), SimulatorError> {
        let (zero, one) = self.weights(course, &measurement);
        let confusion = self.readout.confusion(measurement.wire);
        let site = course.site;
        let result = |&shot: &u64| {
            let outcome = self.random.uniform(shot, site) * (zero + one) >= zero;
            let uniform = self.random.uniform(shot, site + 1);
            let read = confusion.map_or(outcome, |confusion| confusion.read(outcome, uniform));
            (outcome, read)
        };
        let first = result(&course.shots[0]);
        let shots = std::mem::take(&mut course.shots);
        let (same, other): (Vec<u64>, Vec<u64>) =
            shots.into_iter().partition(|shot| result(shot) == first);
        if !other.is_empty() {
            let mut part = self.beside(course, stack.len())?;
            part.registers.at -= 1;
            part.shots = other;
            stack.push(part);
        }
        course.shots = same;
        course.site += 2;
        course.registers.bits.set(measurement.bit, first.1);
        if let Some(qubit) = measurement.qubit {
            let weight = if first.0 { one } else { zero };
            self.project(&mut course.state, qubit, first.0, (zero + one) / weight);
        }
        Ok(())
    }

    /// Splits a course into all outcomes and readings, with their probabilities as traces.
    fn both(
        &self,
        course: &mut Course<T>,
        measurement: Measurement,
        stack: &mut Vec<Course<T>>,
    ) -> Result<(), SimulatorError> {
        let (zero, one) = self.weights(course, &measurement);
        let confusion = self.readout.confusion(measurement.wire);
        let misread = |outcome| confusion.map_or(0.0, |confusion| confusion.of(outcome));
        let mut ways: Vec<(bool, bool, f64)> = vec![];
        for (outcome, weight) in [(false, zero), (true, one)] {
            let wrong = misread(outcome);
            for (read, share) in [(outcome, 1.0 - wrong), (!outcome, wrong)] {
                if weight * share > IMPOSSIBLE {
                    ways.push((outcome, read, share));
                }
            }
        }
        let take = |course: &mut Course<T>, (outcome, read, share): (bool, bool, f64)| {
            course.registers.bits.set(measurement.bit, read);
            match measurement.qubit {
                Some(qubit) => self.project(&mut course.state, qubit, outcome, share),
                None => scale(&mut course.state, share),
            }
        };
        let last = ways.pop().unwrap_or((false, false, 1.0));
        for way in ways {
            let mut part = self.beside(course, stack.len())?;
            take(&mut part, way);
            stack.push(part);
        }
        take(course, last);
        Ok(())
    }

    /// A copy of a course, without its shots, where memory allows.
    fn beside(&self, course: &Course<T>, waiting: usize) -> Result<Course<T>, SimulatorError> {
        if 2 * self.qubits > 12 {
            // What waits is in use already and no longer part of free memory, but part of the user's cap.
            let held = memory::state_bytes::<T>(2 * self.qubits, waiting as u32 + 1);
            let held = held
                .and_then(|held| u64::try_from(held).ok())
                .unwrap_or(u64::MAX);
            let cap = self.options.memory_cap.map(|cap| cap.saturating_sub(held));
            memory::check::<T>(2 * self.qubits, 1, 0, cap)?;
        }
        let mut state = Buffer::zeroed(course.state.len(), "a course of the shots")?;
        copy(&mut state, &course.state);
        Ok(Course {
            registers: course.registers.clone(),
            site: course.site,
            shots: vec![],
            state,
        })
    }

    /// Keeps the part of one outcome, multiplied by `factor`.
    fn project(&self, state: &mut Buffer<Complex<T>>, qubit: u32, outcome: bool, factor: f64) {
        project(state, qubit, outcome, factor, After::Keep);
        project(state, qubit + self.qubits as u32, outcome, 1.0, After::Keep);
    }

    /// Draws the terminal measurements of some shots and adds them to the leaves.
    fn sample(&self, course: &Course<T>, shots: &[u64], leaves: &mut Leaves<T>) {
        // Roots of the probabilities sample like amplitudes; rounding can leave a tiny negative one.
        let roots: Vec<Complex64> = diagonal(&course.state, self.qubits)
            .map(|p| Complex64::from(p.max(0.0).sqrt()))
            .collect();
        let distribution = Distribution::new(&roots);
        for (i, basis) in distribution.draw(self.random, shots, course.site) {
            let shot = shots[i as usize];
            let bits = &course.registers.bits;
            let outcome = self
                .readout
                .outcome(bits, basis, self.random, shot, course.site + 1);
            if self.options.record == Record::EachShot {
                leaves.each.push((shot, outcome.clone()));
            }
            leaves.counts.add(outcome, 1);
        }
    }
}

/// A measurement in the middle of a circuit.
#[derive(Debug, Clone, Copy)]
struct Measurement {
    qubit: Option<u32>,
    wire: usize,
    bit: Clbit,
}

fn scale<T: Real>(state: &mut [Complex<T>], factor: f64) {
    let factor = T::from_f64(factor);
    state.iter_mut().for_each(|z| *z *= factor);
}
