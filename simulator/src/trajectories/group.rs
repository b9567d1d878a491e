//! Shots that share a state, and the buffers that states live in.

use ardea_circuit::C64;
use num_complex::Complex;

use crate::engine::apply::copy;
use crate::engine::registers::Registers;
use crate::error::SimulatorError;
use crate::kernels::{Buffer, Real};
use crate::random::Random;

/// One shot on its way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Traveller {
    pub(super) shot: u64,
    /// Hazard left until the next jump of the kind that does not depend on the state.
    pub(super) clock: f64,
    /// Squared norm at which the next jump of the other kind happens.
    pub(super) threshold: f64,
}

impl Traveller {
    /// Draws the hazard that a shot survives.
    pub(super) fn wind(&mut self, random: Random, site: u64) {
        self.clock = -(-random.uniform(self.shot, site)).ln_1p();
    }

    /// Draws the norm that a shot survives, for a state of norm 1.
    pub(super) fn aim(&mut self, random: Random, site: u64) {
        self.threshold = random.uniform(self.shot, site);
    }
}

/// Shots that have had the same outcomes and jumps so far.
pub(super) struct Group<T: Real> {
    pub(super) registers: Registers,
    /// Next cell of the track that `registers` points at.
    pub(super) cell: usize,
    /// Level of the node to run next at most: lower where a jump is known to be inside.
    pub(super) limit: u32,
    /// Random numbers that each shot has used.
    pub(super) site: u64,
    /// Squared norm of the state.
    pub(super) norm: f64,
    pub(super) travellers: Vec<Traveller>,
    /// `None` where the group starts from the beginning.
    pub(super) state: Option<Buffer<Complex<T>>>,
}

/// No limit on the level.
pub(super) const ANY_LEVEL: u32 = 63;

impl<T: Real> Group<T> {
    /// Shots at the beginning.
    pub(super) fn start(
        shots: impl Iterator<Item = u64>,
        num_clbits: usize,
        random: Random,
    ) -> Self {
        let travellers = shots
            .map(|shot| {
                let mut traveller = Traveller {
                    shot,
                    clock: 0.0,
                    threshold: 0.0,
                };
                traveller.wind(random, 0);
                traveller.aim(random, 1);
                traveller
            })
            .collect();
        Self {
            registers: Registers::new(num_clbits),
            cell: 0,
            limit: ANY_LEVEL,
            site: 2,
            norm: 1.0,
            travellers,
            state: None,
        }
    }

    /// The same place on the way, with other shots and another state.
    pub(super) fn beside(
        &self,
        travellers: Vec<Traveller>,
        state: Option<Buffer<Complex<T>>>,
    ) -> Self {
        Self {
            registers: self.registers.clone(),
            cell: self.cell,
            limit: self.limit,
            site: self.site,
            norm: self.norm,
            travellers,
            state,
        }
    }

    /// Goes on behind the cells of a node of that hazard.
    pub(super) fn advance(&mut self, to: usize, hazard: f64) {
        self.cell = to;
        self.limit = ANY_LEVEL;
        self.travellers
            .iter_mut()
            .for_each(|traveller| traveller.clock = (traveller.clock - hazard).max(0.0));
    }
}

/// States that are not in use at the moment, to be written over.
pub(super) struct Pool<T: Real> {
    qubits: usize,
    spare: Vec<Buffer<Complex<T>>>,
}

impl<T: Real> Pool<T> {
    pub(super) fn new(qubits: usize) -> Self {
        Self {
            qubits,
            spare: vec![],
        }
    }

    /// A state that starts as `given`, or as |0...0>.
    pub(super) fn initial(
        &mut self,
        given: Option<&[C64]>,
    ) -> Result<Buffer<Complex<T>>, SimulatorError> {
        let mut state = match self.spare.pop() {
            Some(mut state) => {
                state.fill(Complex::new(T::ZERO, T::ZERO));
                state
            }
            None => Buffer::zeroed(1 << self.qubits, "the state")?,
        };
        match given {
            Some(given) => {
                let narrow = |z: &C64| Complex::new(T::from_f64(z.re), T::from_f64(z.im));
                let pairs = state.iter_mut().zip(given);
                pairs.for_each(|(to, from)| *to = narrow(from));
            }
            None => state[0] = Complex::new(T::one(), T::ZERO),
        }
        Ok(state)
    }

    /// A copy of a state.
    pub(super) fn copy(
        &mut self,
        state: &Buffer<Complex<T>>,
    ) -> Result<Buffer<Complex<T>>, SimulatorError> {
        let mut out = match self.spare.pop() {
            Some(out) => out,
            None => Buffer::zeroed(1 << self.qubits, "a copy of the state")?,
        };
        copy(&mut out, state);
        Ok(out)
    }

    /// Takes back what is not needed any more.
    pub(super) fn give(&mut self, state: Buffer<Complex<T>>) {
        self.spare.push(state);
    }
}
