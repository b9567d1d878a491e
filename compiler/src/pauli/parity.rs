//! Rotations about parities, by a beam search over `cx`.
//!
//! When every qubit sees one Pauli only, in all rotations, then all of them commute and each is a rotation about a
//! parity of the qubits, in some basis for each: multipliers and other sums of products into Hadamard-transformed
//! registers, one layer of QAOA, diagonal operators. A `cx` toggles a qubit in every parity that has another one. The
//! search keeps the most promising of the sequences of equal length; each step brings one of the nearest parities
//! nearer to a single qubit. Promising is a sequence after which the parities that are left are near, the output
//! parities of the Clifford that follows counted among them (jointly: Chen et al., 2025, arXiv:2506.20624; the order of
//! parities after Amy, Azimzadeh, Mosca, 2018, arXiv:1712.01859). A parity that is far counts little more than a near
//! one, since others will bring it nearer.

use std::cmp::Ordering;

use ardea_circuit::Pauli;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rustc_hash::FxHashSet;

use super::metric::Metric;
use super::narrow::{Entangle, Narrow, ones};
use super::network::{Network, Step, finish};
use super::program::Rotation;

/// With fewer parities of two qubits and more there is nothing to arrange.
const FEWEST: usize = 4;
/// By how much less each further qubit of a parity counts than the one before.
const DISCOUNT: f64 = 0.4;
/// By how much chance may change what a step counts.
const NOISE: f64 = 0.3;
/// How many of the sequences found are completed by the Clifford and compared.
const COMPLETED: usize = 8;

/// How to search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Beam {
    /// About how many operations the search may take; it decides how many sequences are kept.
    pub(super) budget: usize,
    /// The most sequences that are kept.
    pub(super) most: usize,
    /// How much an output parity counts beside one that is rotated about.
    pub(super) outputs: f64,
    /// Seed of what is left to chance.
    pub(super) seed: u64,
}

/// Writes rotations about parities and the Clifford with these rows; `None` when they are no parities.
pub(super) fn synthesise(rotations: &[Rotation], rows: &[Narrow], beam: Beam) -> Option<Network> {
    let basis = basis(rotations, rows.len() / 2)?;
    let is_wide = |support: &u64| support.count_ones() > 1;
    let supports = rotations.iter().map(|rotation| rotation.axis.support());
    let start = Sequence {
        parities: supports.filter(is_wide).collect(),
        outputs: outputs(rows, &basis),
        last: None,
        far: 0.0,
    };
    if start.parities.len() < FEWEST {
        return None;
    }
    let num_qubits = basis.len();
    let found = Search::new(num_qubits, start.parities.len(), beam).run(start);
    let networks = found.iter().filter_map(|gates| {
        let network = replay(rotations, rows, &basis, gates)?;
        let is_gate = |step: &&Step| matches!(step, Step::Entangle(_));
        Some((network.steps.iter().filter(is_gate).count(), network))
    });
    let best = networks.min_by_key(|&(gates, _)| gates)?;
    Some(best.1)
}

/// The Pauli of each qubit, `None` when one sees several.
fn basis(rotations: &[Rotation], num_qubits: usize) -> Option<Vec<Pauli>> {
    let mut basis = vec![Pauli::I; num_qubits];
    for rotation in rotations {
        for q in ones(rotation.axis.support()) {
            let pauli = rotation.axis.at(q);
            if basis[q] != Pauli::I && basis[q] != pauli {
                return None;
            }
            basis[q] = pauli;
        }
    }
    for pauli in &mut basis {
        if *pauli == Pauli::I {
            *pauli = Pauli::Z;
        }
    }
    Some(basis)
}

/// For each output the parity that one of its Paulis is, if any is.
fn outputs(rows: &[Narrow], basis: &[Pauli]) -> Vec<u64> {
    let is_parity = |row: &Narrow| ones(row.support()).all(|q| row.at(q) == basis[q]);
    let parity = |pair: &[Narrow]| {
        let mut product = pair[0];
        product.multiply(&pair[1]);
        let candidates = [pair[0], pair[1], product];
        candidates
            .iter()
            .find(|row| is_parity(row))
            .map(Narrow::support)
    };
    rows.chunks_exact(2).filter_map(parity).collect()
}

/// A `cx`: `toggled` changes in every parity that has `control`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Toggle {
    toggled: u8,
    control: u8,
}

impl Toggle {
    fn apply(self, parity: &mut u64) {
        *parity ^= (*parity >> self.control & 1) << self.toggled;
    }
}

struct Sequence {
    /// Those of two qubits and more that were not on a single qubit yet.
    parities: Vec<u64>,
    outputs: Vec<u64>,
    /// Its last gate in the search's history.
    last: Option<u32>,
    /// How far everything is from single qubits.
    far: f64,
}

impl Sequence {
    fn followed_by(&self, toggle: Toggle, far: f64, last: u32) -> Self {
        let mut parities = self.parities.clone();
        let mut outputs = self.outputs.clone();
        for parity in parities.iter_mut().chain(&mut outputs) {
            toggle.apply(parity);
        }
        parities.retain(|parity| parity.count_ones() > 1);
        Self {
            parities,
            outputs,
            last: Some(last),
            far,
        }
    }

    /// The same for sequences that have the same left to do.
    fn fingerprint(&self) -> u64 {
        let mix = |value: u64, salt: u64| {
            let mixed = (value ^ salt.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ mixed >> 32
        };
        let left = self.parities.iter().map(|&parity| mix(parity, 0));
        let outputs = (1..).zip(&self.outputs).map(|(k, &output)| mix(output, k));
        left.chain(outputs).fold(0, u64::wrapping_add)
    }
}

struct Search {
    num_qubits: usize,
    beam: Beam,
    /// How many sequences are kept.
    width: usize,
    /// What a parity of so many qubits counts.
    counts: Vec<f64>,
    /// Every gate of every sequence, with the one before it.
    history: Vec<(Option<u32>, Toggle)>,
    rng: Pcg64Mcg,
}

/// A sequence with one more gate: how far everything is then, with and without chance.
struct Choice {
    rank: f64,
    far: f64,
    sequence: usize,
    toggle: Toggle,
}

impl Search {
    fn new(num_qubits: usize, num_parities: usize, beam: Beam) -> Self {
        let each = num_parities * (16 * num_parities + num_qubits.pow(2));
        let mut counts = vec![0.0, 0.0];
        let mut step = 1.0;
        for _ in 0..num_qubits {
            counts.push(counts[counts.len() - 1] + step);
            step *= DISCOUNT;
        }
        Self {
            num_qubits,
            beam,
            width: (beam.budget / each).clamp(1, beam.most),
            counts,
            history: Vec::new(),
            rng: Pcg64Mcg::seed_from_u64(beam.seed),
        }
    }

    /// Gates after which every parity was on a single qubit, in several ways.
    fn run(mut self, start: Sequence) -> Vec<Vec<Toggle>> {
        let mut done: Vec<(f64, Option<u32>)> = Vec::new();
        let mut kept = vec![start];
        let mut length = 0.0;
        while !kept.is_empty() {
            length += 1.0;
            let choices = self.choices(&kept);
            let mut next = Vec::with_capacity(self.width);
            let mut seen = FxHashSet::default();
            for choice in choices {
                let before = &kept[choice.sequence];
                let last = self.history.len() as u32;
                let sequence = before.followed_by(choice.toggle, choice.far, last);
                if !seen.insert(sequence.fingerprint()) {
                    continue;
                }
                self.history.push((before.last, choice.toggle));
                if sequence.parities.is_empty() {
                    done.push((length + sequence.far, sequence.last));
                } else {
                    next.push(sequence);
                }
                if next.len() == self.width {
                    break;
                }
            }
            kept = next;
        }
        done.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        done.truncate(COMPLETED);
        done.into_iter().map(|(_, last)| self.gates(last)).collect()
    }

    /// The best of the gates that may come next, best first; more than are kept, as some lead to the same.
    fn choices(&mut self, kept: &[Sequence]) -> Vec<Choice> {
        let mut choices = Vec::new();
        for (index, sequence) in kept.iter().enumerate() {
            self.add_choices(index, sequence, &mut choices);
        }
        let order = |a: &Choice, b: &Choice| -> Ordering {
            a.rank
                .total_cmp(&b.rank)
                .then_with(|| (a.sequence, a.toggle).cmp(&(b.sequence, b.toggle)))
        };
        let most = 4 * self.width;
        if choices.len() > most {
            choices.select_nth_unstable_by(most, order);
            choices.truncate(most);
        }
        choices.sort_by(order);
        choices
    }

    fn add_choices(&mut self, index: usize, sequence: &Sequence, choices: &mut Vec<Choice>) {
        let n = self.num_qubits;
        // What it counts that a qubit comes to all parities with a control, and by how much less with those it is in.
        let mut joins = vec![0.0; n];
        let mut differs = vec![0.0; n * n];
        let mut weigh = |parity: u64, factor: f64| {
            let size = parity.count_ones() as usize;
            let up = factor * (self.counts[size + 1] - self.counts[size]);
            let down = factor * (self.counts[size] - self.counts[size - 1]);
            for control in ones(parity) {
                joins[control] += up;
                for toggled in ones(parity) {
                    differs[toggled * n + control] += up + down;
                }
            }
        };
        sequence
            .parities
            .iter()
            .for_each(|&parity| weigh(parity, 1.0));
        sequence
            .outputs
            .iter()
            .for_each(|&parity| weigh(parity, self.beam.outputs));
        let nearest = sequence
            .parities
            .iter()
            .map(|parity| parity.count_ones())
            .min();
        let mut within = vec![0u64; n];
        for &parity in &sequence.parities {
            if Some(parity.count_ones()) == nearest {
                ones(parity).for_each(|q| within[q] |= parity);
            }
        }
        for control in 0..n {
            for toggled in ones(within[control] & !(1 << control)) {
                let far = sequence.far + joins[control] - differs[toggled * n + control];
                choices.push(Choice {
                    rank: far + NOISE * self.rng.random::<f64>(),
                    far,
                    sequence: index,
                    toggle: Toggle {
                        toggled: toggled as u8,
                        control: control as u8,
                    },
                });
            }
        }
    }

    fn gates(&self, mut last: Option<u32>) -> Vec<Toggle> {
        let mut gates = Vec::new();
        while let Some(place) = last {
            let (before, toggle) = self.history[place as usize];
            gates.push(toggle);
            last = before;
        }
        gates.reverse();
        gates
    }
}

/// The gates with the rotations between them, and the Clifford that is left.
fn replay(
    rotations: &[Rotation],
    rows: &[Narrow],
    basis: &[Pauli],
    gates: &[Toggle],
) -> Option<Network> {
    let mut rows = rows.to_vec();
    let mut waiting: Vec<Rotation> = rotations.to_vec();
    let mut steps = Vec::new();
    write_single(&mut waiting, &mut steps);
    for &Toggle { toggled, control } in gates {
        let (toggled, control) = (usize::from(toggled), usize::from(control));
        let other = if basis[control] == Pauli::X {
            Pauli::Z
        } else {
            Pauli::X
        };
        let gate = Entangle::new([toggled, control], [basis[toggled], other]);
        for rotation in &mut waiting {
            rotation.axis.conjugate_by(&gate);
        }
        for row in &mut rows {
            row.conjugate_by(&gate);
        }
        steps.push(Step::Entangle(gate));
        write_single(&mut waiting, &mut steps);
    }
    if !waiting.is_empty() {
        return None;
    }
    finish(rows, steps, &Metric::Free)
}

/// Writes the rotations that are about one qubit's Pauli; they all commute.
fn write_single(waiting: &mut Vec<Rotation>, steps: &mut Vec<Step>) {
    waiting.retain(|rotation| {
        let single = rotation.axis.support().count_ones() == 1;
        if single {
            steps.push(Step::Rotate {
                axis: rotation.axis,
                angle: rotation.angle.clone(),
            });
        }
        !single
    });
}
