//! Whether two circuits of few qubits mean the same: the check behind [`Verification`](crate::Verification).
//!
//! Both circuits are run exactly, every measurement splitting the run into its outcomes, and compared up to their
//! layouts: states with their global phase where nothing is measured, otherwise the distribution of the classical bits
//! (and, if asked, the state that goes with each value of them). A jump out of a loop makes the phase of the gates behind
//! it one that nobody can see, so programs with jumps are compared without their global phase. For an operator the
//! input is one random state: two different operators agree on it with probability zero.

use std::collections::{BTreeMap, BTreeSet};

use ardea_circuit::{Angle, Bindings, C64, Circuit, Layout, Qubit};

use crate::{Context, Preserve};

mod legal;
mod run;

pub use legal::check_legal;

/// Circuits on more active qubits than this are not checked.
const MAX_QUBITS: usize = 6;
/// A routed circuit may use this many spare qubits more and is still checked.
const MAX_SPARE: usize = 3;
/// Circuits of more instructions than this are not checked.
const MAX_INSTRUCTIONS: usize = 4_000;
/// Amplitudes that agree within this are equal: block resynthesis is exact to about 1e-9.
const TOLERANCE: f64 = 1e-7;

/// A circuit and where its input qubits are.
#[derive(Clone, Copy)]
pub struct Placed<'a> {
    /// The circuit.
    pub circuit: &'a Circuit,
    /// Its layout; `initial` and `last` are as long as the input has qubits.
    pub layout: &'a Layout,
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The two mean the same.
    Equal,
    /// They do not; the text says where.
    Different(String),
    /// Too many qubits, outcomes or instructions, or an operation without a matrix.
    NotChecked,
}

/// Compares two circuits of few qubits in the sense of `preserve`.
#[must_use]
pub fn compare(before: Placed<'_>, after: Placed<'_>, preserve: Preserve) -> Verdict {
    let inputs = active_inputs(before, after);
    let (Some(before), Some(after)) = (
        Small::new(before, &inputs, 0),
        Small::new(after, &inputs, MAX_SPARE),
    ) else {
        return Verdict::NotChecked;
    };
    let (Some(mut a), Some(mut b)) = (before.run(preserve), after.run(preserve)) else {
        return Verdict::NotChecked;
    };
    // A circuit that cannot measure has no distribution to keep, so its state counts.
    let measures = before.measures() || after.measures();
    let verdict = match preserve {
        Preserve::Counts if measures => same_distribution(&a, &b),
        _ if measures || before.branches() || after.branches() => {
            same_states(&before.read(&mut a), &after.read(&mut b))
        }
        _ => same_amplitudes(&before.read(&mut a), &after.read(&mut b)),
    };
    verdict.map_or_else(Verdict::Different, |()| Verdict::Equal)
}

/// A circuit as it was before a pass.
pub(crate) struct Snapshot {
    circuit: Circuit,
    layout: Layout,
}

/// A copy to compare with later, or `None` where [`compare`] could not check it.
pub(crate) fn snapshot(circuit: &Circuit, context: &Context<'_>) -> Option<Snapshot> {
    let small = touched(circuit).len() <= MAX_QUBITS && circuit.len() <= MAX_INSTRUCTIONS;
    small.then(|| Snapshot {
        circuit: circuit.clone(),
        layout: context.current_layout(),
    })
}

impl Snapshot {
    /// Compares with the circuit after the pass.
    ///
    /// # Errors
    /// Where the two differ.
    pub(crate) fn compare(&self, circuit: &Circuit, context: &Context<'_>) -> Result<(), String> {
        let layout = context.current_layout();
        let before = Placed {
            circuit: &self.circuit,
            layout: &self.layout,
        };
        let after = Placed {
            circuit,
            layout: &layout,
        };
        match compare(before, after, context.options.preserve) {
            Verdict::Different(difference) => Err(difference),
            Verdict::Equal | Verdict::NotChecked => Ok(()),
        }
    }
}

/// Qubits that something other than a barrier or delay acts on.
fn touched(circuit: &Circuit) -> BTreeSet<Qubit> {
    let acting = circuit
        .instructions()
        .iter()
        .filter(|instruction| !run::is_idle(&instruction.operation));
    acting
        .flat_map(|instruction| instruction.qubits.iter().copied())
        .collect()
}

/// The input qubits that either circuit acts on or moves.
fn active_inputs(before: Placed<'_>, after: Placed<'_>) -> Vec<usize> {
    let moved = |placed: Placed<'_>| {
        let touched = touched(placed.circuit);
        let layout = placed.layout;
        (0..layout.initial.len())
            .filter(|&i| {
                touched.contains(&layout.initial[i])
                    || touched.contains(&layout.last[i])
                    || layout.initial[i] != layout.last[i]
            })
            .collect::<BTreeSet<usize>>()
    };
    moved(before).union(&moved(after)).copied().collect()
}

/// A circuit restricted to the wires that matter, with numbers for its symbols.
struct Small {
    circuit: Circuit,
    /// Position in the state vector of each wire of the circuit.
    position: Vec<usize>,
    num_wires: usize,
    /// Positions of the active inputs before and after.
    first: Vec<usize>,
    last: Vec<usize>,
}

impl Small {
    fn new(placed: Placed<'_>, inputs: &[usize], spare: usize) -> Option<Self> {
        let layout = placed.layout;
        let mut wires = touched(placed.circuit);
        wires.extend(
            inputs
                .iter()
                .flat_map(|&i| [layout.initial[i], layout.last[i]]),
        );
        if wires.len() > MAX_QUBITS + spare || placed.circuit.len() > MAX_INSTRUCTIONS {
            return None;
        }
        let mut position = vec![usize::MAX; placed.circuit.num_qubits()];
        for (index, wire) in wires.iter().enumerate() {
            position[wire.index()] = index;
        }
        Some(Self {
            circuit: with_numbers(placed.circuit)?,
            num_wires: wires.len(),
            first: inputs
                .iter()
                .map(|&i| position[layout.initial[i].index()])
                .collect(),
            last: inputs
                .iter()
                .map(|&i| position[layout.last[i].index()])
                .collect(),
            position,
        })
    }

    fn run(&self, preserve: Preserve) -> Option<Vec<run::Branch>> {
        let mut amplitudes = vec![C64::default(); 1 << self.num_wires];
        match preserve {
            Preserve::Counts | Preserve::State => amplitudes[0] = C64::from(1.0),
            Preserve::Unitary => {
                for (index, amplitude) in random_state(self.first.len()).into_iter().enumerate() {
                    amplitudes[spread(index, &self.first)] = amplitude;
                }
            }
        }
        run::run(&self.circuit, &self.position, amplitudes)
    }

    fn measures(&self) -> bool {
        run::any_operation(&self.circuit, &run::is_measurement)
    }

    /// Whether the final state has a phase that nobody can see.
    fn branches(&self) -> bool {
        run::any_operation(&self.circuit, &|operation| {
            run::is_reset(operation) || operation.leaves_loop()
        })
    }

    /// The amplitudes of the input qubits where they end, spare wires being |0>.
    fn read(&self, branches: &mut Vec<run::Branch>) -> Vec<run::Branch> {
        for branch in branches.iter_mut() {
            branch.amplitudes = (0..1 << self.last.len())
                .map(|index| branch.amplitudes[spread(index, &self.last)])
                .collect();
        }
        std::mem::take(branches)
    }
}

/// Moves bit k of `index` to position `positions[k]`.
fn spread(index: usize, positions: &[usize]) -> usize {
    positions
        .iter()
        .enumerate()
        .map(|(bit, &position)| (index >> bit & 1) << position)
        .sum()
}

/// The circuit with an arbitrary number for each symbol, the same for the same name.
fn with_numbers(circuit: &Circuit) -> Option<Circuit> {
    let symbols = circuit.symbols();
    if symbols.is_empty() {
        return Some(circuit.clone());
    }
    let mut bindings = Bindings::new();
    for symbol in symbols {
        let hash = symbol.name().bytes().fold(7u64, |hash, byte| {
            hash.wrapping_mul(0x100_0000_01B3) ^ u64::from(byte)
        });
        bindings.insert(symbol, Angle::Value((hash % 6_007) as f64 / 1_000.0 + 0.1));
    }
    circuit.bind(&bindings).ok()
}

/// An arbitrary state of `n` qubits, the same on every call, with no structure that a gate could keep.
fn random_state(n: usize) -> Vec<C64> {
    let mut z = 0x2545_F491_4F6C_DD1Du64;
    let mut next = || {
        z ^= z << 13;
        z ^= z >> 7;
        z ^= z << 17;
        (z >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    let state: Vec<C64> = (0..1 << n).map(|_| C64::new(next(), next())).collect();
    let norm = state.iter().map(C64::norm_sqr).sum::<f64>().sqrt();
    state
        .into_iter()
        .map(|amplitude| amplitude / norm)
        .collect()
}

fn same_amplitudes(a: &[run::Branch], b: &[run::Branch]) -> Result<(), String> {
    let (Some(a), Some(b)) = (a.first(), b.first()) else {
        return Err("no state is left".to_owned());
    };
    let largest = a
        .amplitudes
        .iter()
        .zip(&b.amplitudes)
        .map(|(x, y)| (x - y).norm())
        .fold(0.0, f64::max);
    if largest < TOLERANCE {
        return Ok(());
    }
    let overlap: C64 = a
        .amplitudes
        .iter()
        .zip(&b.amplitudes)
        .map(|(x, y)| x.conj() * y)
        .sum();
    Err(format!(
        "amplitudes differ by up to {largest:.3e} (overlap {:.9}, phase {:.9})",
        overlap.norm(),
        overlap.arg()
    ))
}

fn same_distribution(a: &[run::Branch], b: &[run::Branch]) -> Result<(), String> {
    let probabilities = |branches: &[run::Branch]| {
        let mut sums: BTreeMap<Vec<bool>, f64> = BTreeMap::new();
        for branch in branches {
            *sums.entry(branch.bits.clone()).or_default() +=
                branch.amplitudes.iter().map(C64::norm_sqr).sum::<f64>();
        }
        sums
    };
    let (a, b) = (probabilities(a), probabilities(b));
    for bits in a.keys().chain(b.keys()) {
        let (p, q) = (
            a.get(bits).copied().unwrap_or(0.0),
            b.get(bits).copied().unwrap_or(0.0),
        );
        if (p - q).abs() > TOLERANCE {
            return Err(format!(
                "classical bits {} have probability {p:.9} before and {q:.9} after",
                label(bits)
            ));
        }
    }
    Ok(())
}

/// Compares the density matrices that go with each value of the classical bits.
fn same_states(a: &[run::Branch], b: &[run::Branch]) -> Result<(), String> {
    let densities = |branches: &[run::Branch]| {
        let mut sums: BTreeMap<Vec<bool>, Vec<C64>> = BTreeMap::new();
        for branch in branches {
            let size = branch.amplitudes.len();
            let sum = sums
                .entry(branch.bits.clone())
                .or_insert_with(|| vec![C64::default(); size * size]);
            for (row, x) in branch.amplitudes.iter().enumerate() {
                for (column, y) in branch.amplitudes.iter().enumerate() {
                    sum[row * size + column] += x * y.conj();
                }
            }
        }
        sums
    };
    let (a, b) = (densities(a), densities(b));
    for bits in a.keys().chain(b.keys()) {
        let entries = a
            .get(bits)
            .map_or(0, Vec::len)
            .max(b.get(bits).map_or(0, Vec::len));
        let entry = |side: &BTreeMap<Vec<bool>, Vec<C64>>, k: usize| {
            side.get(bits).map_or(C64::default(), |sum| sum[k])
        };
        let largest = (0..entries)
            .map(|k| (entry(&a, k) - entry(&b, k)).norm())
            .fold(0.0, f64::max);
        if largest > TOLERANCE {
            return Err(format!(
                "the state that goes with classical bits {} differs by up to {largest:.3e}",
                label(bits)
            ));
        }
    }
    Ok(())
}

fn label(bits: &[bool]) -> String {
    bits.iter()
        .rev()
        .map(|&bit| if bit { '1' } else { '0' })
        .collect()
}
