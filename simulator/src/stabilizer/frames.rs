//! Many shots at once as Pauli frames.
//!
//! One shot runs on the tableau, every chance falling on 0: the reference. Any other shot is the reference with a Pauli
//! operator put in somewhere that the state does not notice: Z on a qubit in |0>, at the start, after a reset and after
//! a measurement. Carried through the gates it becomes an operator that flips some of the reference's outcomes
//! (Gidney 2021, arXiv:2103.02202, section 2). All gates act on 64 shots in a word.

use ardea_circuit::Clbit;
use ardea_circuit::clifford::CliffordGate;
use rayon::prelude::*;

use super::course::{Course, Event};
use super::gates::Placed;
use super::noise::{Noise, hits};
use super::tableau::InverseTableau;
use super::{Compiled, Gates};
use crate::counts::Outcome;
use crate::engine::{Program, Reading};
use crate::error::SimulatorError;
use crate::options::SimOptions;
use crate::random::Random;

/// Words of shots that travel together.
const WORDS: usize = 16;
/// Shots that travel together.
const SHOTS: u64 = 64 * WORDS as u64;
/// Batches whose outcomes are held at a time.
const HELD: u64 = 64;

/// Bytes of the frames of one batch.
pub(super) fn bytes(qubits: usize, clbits: usize) -> u128 {
    let outcomes = clbits as u128 / 8 * u128::from(SHOTS * HELD);
    (2 * qubits as u128 + clbits as u128) * 8 * WORDS as u128 + outcomes
}

/// Runs the shots and hands their outcomes over in order.
pub(super) fn run(
    compiled: &Compiled,
    conditional: &[bool],
    options: &SimOptions,
    take: &mut (dyn FnMut(Vec<Outcome>) + Send),
) -> Result<(), SimulatorError> {
    let reference = Reference::new(compiled, conditional, options)?;
    let batches = options.shots.div_ceil(SHOTS);
    for start in (0..batches).step_by(HELD as usize) {
        let end = batches.min(start + HELD);
        let outcomes: Vec<Vec<Outcome>> = (start..end)
            .into_par_iter()
            .map(|batch| {
                let count = (options.shots - batch * SHOTS).min(SHOTS);
                Batch::new(compiled, options, batch).run(conditional, options, &reference, count)
            })
            .collect::<Result<_, _>>()?;
        outcomes.into_iter().for_each(&mut *take);
        if let Some(progress) = &options.progress {
            progress.report(end as f64 / batches as f64);
        }
    }
    Ok(())
}

/// What the reference met, in order: outcomes of measurements and of resets, and decisions of conditions.
struct Reference {
    events: Vec<bool>,
}

impl Reference {
    fn new(
        compiled: &Compiled,
        conditional: &[bool],
        options: &SimOptions,
    ) -> Result<Self, SimulatorError> {
        let program = &compiled.program;
        let mut state = InverseTableau::new(compiled.active.qubits.len());
        let mut bits = vec![false; compiled.num_clbits];
        let mut events = Vec::new();
        let mut course = Course::default();
        loop {
            let read = |bit: Clbit| bits[bit.index()];
            match course.next(program, conditional, options, &read)? {
                Event::Gates(run) => state.apply_all(&program.plans[run]),
                Event::Conditional(condition, run) => {
                    let holds = condition.is_true(&read);
                    events.push(holds);
                    if holds {
                        state.apply_all(&program.plans[run]);
                    }
                }
                Event::Measure { qubit, bit, .. } => {
                    let outcome = qubit.is_some_and(|q| state.measure(q as usize, || false));
                    bits[bit.index()] = outcome;
                    events.push(outcome);
                }
                Event::Reset { qubit } => {
                    if state.measure(qubit as usize, || false) {
                        state.apply(CliffordGate::X(qubit as usize));
                    }
                }
                Event::End => break,
            }
            if options.is_interrupted() {
                return Err(SimulatorError::Interrupted);
            }
        }
        for Reading { qubit, .. } in &program.terminal {
            events.push(qubit.is_some_and(|q| state.measure(q as usize, || false)));
        }
        Ok(Self { events })
    }
}

/// The frames of some shots.
struct Batch<'a> {
    program: &'a Program<Gates>,
    noise: &'a Noise,
    random: Random,
    /// The number of the first word of shots, and how many random events each has met.
    first: u64,
    site: u64,
    /// For each qubit its words.
    x: Vec<u64>,
    z: Vec<u64>,
    /// For each classical bit its words.
    bits: Vec<u64>,
}

impl<'a> Batch<'a> {
    fn new(compiled: &'a Compiled, options: &SimOptions, number: u64) -> Self {
        let qubits = compiled.active.qubits.len();
        let mut out = Self {
            program: &compiled.program,
            noise: &compiled.noise,
            random: Random::new(options.seed),
            first: number * WORDS as u64,
            site: 0,
            x: vec![0; qubits * WORDS],
            z: vec![0; qubits * WORDS],
            bits: vec![0; compiled.num_clbits * WORDS],
        };
        (0..qubits).for_each(|qubit| out.forget_phase(qubit));
        out
    }

    fn run(
        mut self,
        conditional: &[bool],
        options: &SimOptions,
        reference: &Reference,
        count: u64,
    ) -> Result<Vec<Outcome>, SimulatorError> {
        let program = self.program;
        let mut events = reference.events.iter().copied();
        let mut course = Course::default();
        loop {
            // Other conditions depend on no outcome: the bits that they ask are 0.
            match course.next(program, conditional, options, &|_| false)? {
                Event::Gates(run) => self.apply_all(&program.plans[run]),
                Event::Conditional(condition, run) => {
                    let held = events.next().unwrap_or(false);
                    let differs: [u64; WORDS] = std::array::from_fn(|word| {
                        (0..64).fold(0, |mask, shot| {
                            let read =
                                |bit: Clbit| self.bits[bit.index() * WORDS + word] >> shot & 1 == 1;
                            mask | u64::from(condition.is_true(&read) != held) << shot
                        })
                    });
                    program.plans[run]
                        .iter()
                        .for_each(|gate| self.insert(gate, &differs));
                }
                Event::Measure { qubit, wire, bit } => {
                    let outcome = events.next().unwrap_or(false);
                    self.record(qubit, bit, outcome);
                    self.misread(wire, bit);
                    if let Some(qubit) = qubit {
                        self.forget_phase(qubit as usize);
                    }
                }
                Event::Reset { qubit } => {
                    let qubit = qubit as usize;
                    self.x[qubit * WORDS..(qubit + 1) * WORDS].fill(0);
                    self.z[qubit * WORDS..(qubit + 1) * WORDS].fill(0);
                    self.forget_phase(qubit);
                }
                Event::End => break,
            }
            if options.is_interrupted() {
                return Err(SimulatorError::Interrupted);
            }
        }
        for &Reading { qubit, wire, bit } in &program.terminal {
            let outcome = events.next().unwrap_or(false);
            self.record(qubit, bit, outcome);
            self.misread(wire, bit);
        }
        Ok(self.outcomes(count as usize))
    }

    /// Half of the shots get a Z on a qubit whose phase means nothing.
    fn forget_phase(&mut self, qubit: usize) {
        for word in 0..WORDS {
            self.z[qubit * WORDS + word] ^= self.random.bits(self.first + word as u64, self.site);
        }
        self.site += 1;
    }

    fn record(&mut self, qubit: Option<u32>, bit: Clbit, reference: bool) {
        let base = if reference { u64::MAX } else { 0 };
        for word in 0..WORDS {
            let flips = qubit.map_or(0, |qubit| self.x[qubit as usize * WORDS + word]);
            self.bits[bit.index() * WORDS + word] = base ^ flips;
        }
    }

    /// Gates, and the Paulis of the channels among them.
    fn apply_all(&mut self, gates: &Gates) {
        let mut channels = gates.channels().iter().peekable();
        for (number, gate) in gates.iter().enumerate() {
            while let Some(placed) = channels.next_if(|placed| placed.after <= number) {
                self.disturb(placed);
            }
            self.apply(gate);
        }
        channels.for_each(|placed| self.disturb(placed));
    }

    /// Puts the Paulis of a channel into the frames of the shots that it hits.
    fn disturb(&mut self, placed: &Placed) {
        let channel = &self.noise.channels[placed.channel];
        let (random, first, site) = (self.random, self.first, &mut self.site);
        let mut struck = Vec::new();
        let mut uniform = || {
            *site += 1;
            random.uniform(first, *site)
        };
        hits(channel.total, SHOTS as usize, &mut uniform, |shot| {
            struck.push(shot)
        });
        for shot in struck {
            let mut pauli = channel.choose(uniform());
            for qubit in placed.qubits {
                let at = qubit as usize * WORDS + shot / 64;
                let digit = pauli & 3;
                self.x[at] ^= u64::from(matches!(digit, 1 | 2)) << (shot % 64);
                self.z[at] ^= u64::from(matches!(digit, 2 | 3)) << (shot % 64);
                pauli >>= 2;
            }
        }
        self.site += 1;
    }

    /// Flips a bit in the shots that misread it, by the value that it has.
    fn misread(&mut self, wire: usize, bit: Clbit) {
        let Some(confusion) = self.noise.readout.get(wire).copied().flatten() else {
            return;
        };
        let (random, first) = (self.random, self.first);
        let at = bit.index() * WORDS;
        let read: [u64; WORDS] = std::array::from_fn(|word| self.bits[at + word]);
        for value in [false, true] {
            let (bits, site) = (&mut self.bits, &mut self.site);
            let uniform = || {
                *site += 1;
                random.uniform(first, *site)
            };
            hits(confusion.of(value), SHOTS as usize, uniform, |shot| {
                let is_one = read[shot / 64] >> (shot % 64) & 1 == 1;
                bits[at + shot / 64] ^= u64::from(is_one == value) << (shot % 64);
            });
        }
        self.site += 1;
    }

    /// Puts a Pauli gate into the frames of some shots.
    fn insert(&mut self, gate: CliffordGate, shots: &[u64; WORDS]) {
        let (qubit, x, z) = match gate {
            CliffordGate::X(q) => (q, true, false),
            CliffordGate::Y(q) => (q, true, true),
            CliffordGate::Z(q) => (q, false, true),
            _ => return, // only Pauli gates are conditional here
        };
        for (word, mask) in shots.iter().enumerate() {
            self.x[qubit * WORDS + word] ^= if x { *mask } else { 0 };
            self.z[qubit * WORDS + word] ^= if z { *mask } else { 0 };
        }
    }

    fn apply(&mut self, gate: CliffordGate) {
        match gate {
            CliffordGate::X(_) | CliffordGate::Y(_) | CliffordGate::Z(_) => {}
            CliffordGate::H(q) => {
                for i in q * WORDS..(q + 1) * WORDS {
                    std::mem::swap(&mut self.x[i], &mut self.z[i]);
                }
            }
            CliffordGate::S(q) | CliffordGate::Sdg(q) => {
                for i in q * WORDS..(q + 1) * WORDS {
                    self.z[i] ^= self.x[i];
                }
            }
            CliffordGate::SX(q) | CliffordGate::SXdg(q) => {
                for i in q * WORDS..(q + 1) * WORDS {
                    self.x[i] ^= self.z[i];
                }
            }
            CliffordGate::CX(control, target) => {
                for word in 0..WORDS {
                    let (c, t) = (control * WORDS + word, target * WORDS + word);
                    self.x[t] ^= self.x[c];
                    self.z[c] ^= self.z[t];
                }
            }
            CliffordGate::CZ(first, second) => {
                for word in 0..WORDS {
                    let (a, b) = (first * WORDS + word, second * WORDS + word);
                    self.z[a] ^= self.x[b];
                    self.z[b] ^= self.x[a];
                }
            }
            CliffordGate::Swap(first, second) => {
                for word in 0..WORDS {
                    let (a, b) = (first * WORDS + word, second * WORDS + word);
                    self.x.swap(a, b);
                    self.z.swap(a, b);
                }
            }
        }
    }

    /// The classical bits of the first `count` shots, shot by shot.
    fn outcomes(&self, count: usize) -> Vec<Outcome> {
        let num_clbits = self.bits.len() / WORDS;
        let groups = num_clbits.div_ceil(64);
        let mut out = Vec::with_capacity(count);
        for word in 0..count.div_ceil(64) {
            let blocks: Vec<[u64; 64]> = (0..groups)
                .map(|group| {
                    let mut block: [u64; 64] = std::array::from_fn(|i| {
                        let bit = 64 * group + i;
                        if bit < num_clbits {
                            self.bits[bit * WORDS + word]
                        } else {
                            0
                        }
                    });
                    transpose(&mut block);
                    block
                })
                .collect();
            for shot in 0..64.min(count - 64 * word) {
                out.push(Outcome::from_words(blocks.iter().map(|block| block[shot])));
            }
        }
        out
    }
}

/// Exchanges rows and columns of a square of bits (Warren, Hacker's Delight, section 7-3).
fn transpose(block: &mut [u64; 64]) {
    let mut mask = 0x0000_0000_ffff_ffff_u64;
    let mut half = 32;
    while half > 0 {
        for start in (0..64).step_by(2 * half) {
            for i in start..start + half {
                let moved = (block[i] >> half ^ block[i + half]) & mask;
                block[i] ^= moved << half;
                block[i + half] ^= moved;
            }
        }
        half /= 2;
        mask ^= mask << half;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposing_exchanges_rows_and_columns() {
        let random = Random::new(1);
        let block: [u64; 64] = std::array::from_fn(|i| random.bits(i as u64, 0));
        let mut turned = block;
        transpose(&mut turned);
        for (row, word) in block.iter().enumerate() {
            for (column, turned) in turned.iter().enumerate() {
                assert_eq!(word >> column & 1, turned >> row & 1);
            }
        }
    }
}
