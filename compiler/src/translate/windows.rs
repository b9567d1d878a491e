//! Windows of three qubits rewritten with fewer two-qubit gates, by numerical search.
//!
//! Routing brings the same three qubits together for a while: a gate, a swap beside it, the next gate. Two-qubit
//! resynthesis sees only pairs; this pass gathers runs on three qubits and lets
//! [`synthesis::network`](crate::synthesis) leave out gates. It is slow (milliseconds for every gate tried) and only
//! worth it where time was granted, so the number of fits is bounded; the longest windows come first, equal ones are
//! searched once, those that were searched in vain not again, and where one after the other was in vain (random
//! operators have no gate too many) the rest are left as they are.

use std::hash::{Hash, Hasher};

use ardea_circuit::{C64, Circuit, Gate, Instruction, Operation, Qubit};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};

use crate::synthesis::euler::Euler;
use crate::synthesis::network::Network;
use crate::synthesis::two_qubit::{Step, with_cz};
use crate::synthesis::weyl::Weyl;
use crate::{Change, CompileError, Context, GateSet, Pass, Properties};

mod gather;

use gather::{Window, gather};

/// Fewest two-qubit gates in a window worth a search: fewer on three qubits are rarely too many.
const FEWEST: usize = 4;
/// Fits tried for each two-qubit gate of a window: the least, and what much time is spent on at most.
const FITS_PER_GATE: [usize; 2] = [4, 64];

/// Windows searched at a time.
const BATCH: usize = 8;
/// The part of all fits after which, if all of them were in vain, the search ends: one in so many.
const IN_VAIN: usize = 3;
/// Entries of the operators of equal windows differ by less.
const SAME: f64 = 1e-10;

/// Leaves out two-qubit gates of three-qubit windows where numerical search finds the same operator with fewer.
///
/// Only for targets whose two-qubit gate is equivalent to `cz`, and only with the standard gate set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortenWindows {
    /// Fits over all windows; each takes some milliseconds.
    pub fits: usize,
}

impl Pass for ShortenWindows {
    fn name(&self) -> &'static str {
        "shorten-windows"
    }

    fn invalidates(&self) -> Properties {
        Properties::BASIS | Properties::SCHEDULED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        if context.options.gate_set == GateSet::Fractional {
            return Ok(Change::Unchanged);
        }
        let windows = gather(circuit);
        let kinds = Kinds::of(circuit, &windows);
        let jobs = self.jobs(&windows, &kinds, context);
        let (found, searched) = self.shorten(circuit, &windows, &jobs, context);
        let in_vain = jobs[..searched]
            .iter()
            .filter(|(index, _)| found[*index].is_none());
        let in_vain = in_vain.map(|(index, _)| kinds.prints[*index]);
        context.hopeless_windows.extend(in_vain);
        let shorter = kinds.share(circuit, &windows, found);
        if shorter.iter().all(Option::is_none) {
            return Ok(Change::Unchanged);
        }
        *circuit = rewrite(circuit, &windows, &shorter)?;
        Ok(Change::Changed)
    }
}

impl ShortenWindows {
    /// Which windows to search, and with how many fits.
    fn jobs(
        &self,
        windows: &[Window],
        kinds: &Kinds,
        context: &Context<'_>,
    ) -> Vec<(usize, usize)> {
        let mut order: Vec<usize> = (0..windows.len())
            .filter(|&index| windows[index].num_two_qubit >= FEWEST)
            .filter(|&index| kinds.first[index] == index)
            .filter(|&index| !context.hopeless_windows.contains(&kinds.prints[index]))
            .collect();
        order.sort_by_key(|&index| (usize::MAX - windows[index].num_two_qubit, index));
        let gates: usize = order.iter().map(|&i| windows[i].num_two_qubit).sum();
        let [least, most] = FITS_PER_GATE;
        let per_gate = (self.fits / gates.max(1)).clamp(least, most);
        let mut left = self.fits;
        order
            .into_iter()
            .map_while(|index| {
                let fits = left.min(per_gate * windows[index].num_two_qubit);
                left -= fits;
                (fits > 0).then_some((index, fits))
            })
            .collect()
    }

    /// A shorter network for each window that has one, and the number of jobs done.
    fn shorten(
        &self,
        circuit: &Circuit,
        windows: &[Window],
        jobs: &[(usize, usize)],
        context: &Context<'_>,
    ) -> (Vec<Option<Network>>, usize) {
        let mut shorter: Vec<Option<Network>> = windows.iter().map(|_| None).collect();
        let (mut searched, mut in_vain) = (0, 0);
        for batch in jobs.chunks(BATCH) {
            let found: Vec<Option<Network>> = batch
                .par_iter()
                .map(|&(index, fits)| {
                    search(circuit, &windows[index], fits, context.trial_seed(index))
                })
                .collect();
            searched += batch.len();
            for (&(index, fits), network) in batch.iter().zip(found) {
                in_vain = if network.is_some() { 0 } else { in_vain + fits };
                shorter[index] = network;
            }
            if in_vain > self.fits / IN_VAIN {
                break;
            }
        }
        (shorter, searched)
    }
}

/// A shorter network for a window.
fn search(circuit: &Circuit, window: &Window, fits: usize, seed: u64) -> Option<Network> {
    let random = &mut Pcg64Mcg::seed_from_u64(seed);
    let shorter = network(circuit, window)?.shortened(fits, random)?;
    (shorter.len() < window.num_two_qubit).then_some(shorter)
}

/// Which windows hold the same gates.
struct Kinds {
    /// The same for windows with the same gates, up to rounding.
    prints: Vec<u64>,
    /// The first window with the same gates.
    first: Vec<usize>,
}

impl Kinds {
    fn of(circuit: &Circuit, windows: &[Window]) -> Self {
        let prints: Vec<u64> = windows.iter().map(|w| fingerprint(circuit, w)).collect();
        let mut seen: FxHashMap<u64, usize> = FxHashMap::default();
        let numbered = prints.iter().enumerate();
        let first = numbered
            .map(|(index, &print)| *seen.entry(print).or_insert(index))
            .collect();
        Self { prints, first }
    }

    /// Gives what was found for one window to all with the same gates. Those are the same up to rounding, and the
    /// network must be the window's own up to much less.
    fn share(
        &self,
        circuit: &Circuit,
        windows: &[Window],
        found: Vec<Option<Network>>,
    ) -> Vec<Option<Network>> {
        (0..windows.len())
            .map(|index| {
                let first = self.first[index];
                let shorter = found[first].as_ref()?;
                let is_same = || {
                    let own = network(circuit, &windows[index])?;
                    Some(own.distance(shorter) < SAME)
                };
                (index == first || is_same()?).then(|| shorter.clone())
            })
            .collect()
    }
}

/// A number that two windows with the same gates share, up to rounding, on whichever qubits.
fn fingerprint(circuit: &Circuit, window: &Window) -> u64 {
    const STEP: f64 = 1e-6;
    let mut hasher = FxHasher::default();
    for &place in &window.members {
        let instruction = &circuit.instructions()[place];
        for qubit in instruction.qubits.iter() {
            window
                .qubits
                .iter()
                .position(|q| q == qubit)
                .hash(&mut hasher);
        }
        let mut add = |entries: &[C64]| {
            for entry in entries {
                ((entry.re / STEP).round() as i64).hash(&mut hasher);
                ((entry.im / STEP).round() as i64).hash(&mut hasher);
            }
        };
        if let Some(matrix) = instruction.operation.matrix1() {
            add(matrix.as_slice());
        } else if let Some(matrix) = instruction.operation.matrix2() {
            add(matrix.as_slice());
        }
    }
    hasher.finish()
}

/// The window's instructions as a network; `None` where a matrix is missing.
fn network(circuit: &Circuit, window: &Window) -> Option<Network> {
    let mut out = Network::new();
    for &place in &window.members {
        let instruction = &circuit.instructions()[place];
        let wire = |qubit: Qubit| window.qubits.iter().position(|&q| q == qubit);
        match instruction.qubits[..] {
            [qubit] => out.push_local(wire(qubit)?, &instruction.operation.matrix1()?),
            [first, second] => {
                let pair = [wire(first)?, wire(second)?];
                let gate = with_cz(&Weyl::of(&instruction.operation.matrix2()?));
                out.add_phase(gate.phase);
                for step in &gate.steps {
                    match step {
                        Step::Local { qubit, matrix } => out.push_local(pair[*qubit], matrix),
                        Step::Entangle(_) => out.push_cz(pair),
                    }
                }
            }
            _ => return None,
        }
    }
    Some(out)
}

/// The circuit with the windows that have a shorter network replaced by it.
///
/// Every window, shortened or not, stands where its first instruction stood: between its members there is nothing that
/// one of them waits for, except for members of windows that stand before it.
fn rewrite(
    circuit: &Circuit,
    windows: &[Window],
    shorter: &[Option<Network>],
) -> Result<Circuit, CompileError> {
    let mut window_at: Vec<Option<usize>> = vec![None; circuit.len()];
    let mut is_member = vec![false; circuit.len()];
    for (index, window) in windows.iter().enumerate() {
        window_at[window.members[0]] = Some(index);
        for &place in &window.members {
            is_member[place] = true;
        }
    }
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    out.reserve(circuit.len());
    for (place, instruction) in circuit.instructions().iter().enumerate() {
        if let Some(index) = window_at[place] {
            let window = &windows[index];
            match &shorter[index] {
                Some(network) => write(network, &window.qubits, &mut out)?,
                None => keep(circuit, window, &mut out),
            }
        } else if !is_member[place] {
            out.push_valid(instruction.clone());
        }
    }
    Ok(out)
}

fn keep(circuit: &Circuit, window: &Window, out: &mut Circuit) {
    for &place in &window.members {
        out.push_valid(circuit.instructions()[place].clone());
    }
}

fn write(network: &Network, qubits: &[Qubit; 3], out: &mut Circuit) -> Result<(), CompileError> {
    let mut phase = network.phase();
    let mut local = |out: &mut Circuit, wire: usize, matrix| {
        let Euler {
            theta,
            phi,
            lambda,
            phase: extra,
        } = Euler::of(matrix);
        phase += extra;
        let operation = Operation::with_values(Gate::U, &[theta, phi, lambda])?;
        out.push_valid(Instruction {
            operation,
            qubits: [qubits[wire]].into_iter().collect(),
        });
        Ok::<_, CompileError>(())
    };
    for (wire, matrix) in network.first().iter().enumerate() {
        local(out, wire, matrix)?;
    }
    for (index, &pair) in network.pairs().iter().enumerate() {
        out.push_valid(Instruction {
            operation: Operation::Gate(Gate::CZ),
            qubits: pair.iter().map(|&wire| qubits[wire]).collect(),
        });
        for (&wire, matrix) in pair.iter().zip(network.after(index)) {
            local(out, wire, matrix)?;
        }
    }
    out.add_global_phase(phase);
    Ok(())
}

#[cfg(test)]
mod tests;
