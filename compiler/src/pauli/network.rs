//! Pauli networks: a list of rotations and a final Clifford as two-qubit gates, greedily.
//!
//! A two-qubit Clifford gate conjugates every operator that is still to come. The search goes on until each rotation
//! is about a Pauli on one qubit (or on one pair), where it is written down. A rotation may be written as soon as it
//! commutes with all that come before it, so the order is that of the graph of anticommuting pairs and nothing else.
//! Each step looks at the gates that bring one of the nearest rotations nearer, and takes the one that brings most of
//! what follows nearer, what comes later counting less. What is left in the end is a Clifford ([`clifford`]).
//!
//! Follows: Li et al., 2022 (Paulihedral, arXiv:2109.03371); Schmitz et al., 2023 (PCOAST, arXiv:2305.10966);
//! de Brugiere, Martiel, 2024 (arXiv:2404.03280). New here: distances on the device's graph in place of weights.
//! (Tried and dropped: a lower price for gates that continue a run on one pair, which changed no result.)

mod clifford;

use ardea_circuit::{Angle, Pauli};

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use rustc_hash::FxHashSet;

use super::metric::Metric;
use super::narrow::{Entangle, Narrow, ones};
use super::program::Rotation;

/// How many rotations ahead the search looks.
const WINDOW: usize = 128;

/// What counts less than this is not looked at.
const LEAST_WEIGHT: f64 = 1e-3;

/// What distinguishes one way of searching from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taste {
    /// How much a rotation counts for each step that it comes later.
    pub(super) discount: f64,
    /// How much the final Clifford counts.
    pub(super) clifford: f64,
    /// Whether a rotation on a pair may be written at once, for two gates.
    pub(super) pairs_at_once: bool,
    /// Whether every rotation that may come next is aimed at, or only the nearest.
    pub(super) all_in_front: bool,
    /// By how much chance may raise what a gate gains; a rotation that comes one gate nearer counts one.
    pub(super) noise: f64,
    /// Seed of that chance.
    pub(super) seed: u64,
}

/// One step of a network.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Entangle(Entangle),
    /// `exp(-i angle/2 P)` for an operator on one or two qubits.
    Rotate {
        axis: Narrow,
        angle: Angle,
    },
    /// `exp(-i quarters pi/4 P)` on one qubit.
    Quarter {
        qubit: usize,
        pauli: Pauli,
        quarters: u8,
    },
}

/// The steps, and where each qubit's content is at the end.
pub(super) struct Network {
    pub(super) steps: Vec<Step>,
    pub(super) place: Vec<usize>,
}

/// Writes rotations and the Clifford with these rows as a network.
pub(super) fn synthesise(
    rotations: &[Rotation],
    rows: &[Narrow],
    metric: &Metric,
    taste: Taste,
) -> Option<Network> {
    let num_qubits = rows.len() / 2;
    let identity =
        (0..num_qubits).flat_map(|q| [Narrow::single(q, Pauli::X), Narrow::single(q, Pauli::Z)]);
    let mut search = Search {
        metric,
        taste,
        waiting: rotations,
        next: 0,
        forward: identity.collect(),
        rows: rows.to_vec(),
        window: Vec::with_capacity(WINDOW),
        rng: Pcg64Mcg::seed_from_u64(taste.seed),
        steps: Vec::new(),
        stale: true,
        clifford_weight: 0.0,
    };
    search.rotations()?;
    search.clifford()
}

/// Completes steps after which only the Clifford with these rows is left.
pub(super) fn finish(rows: Vec<Narrow>, steps: Vec<Step>, metric: &Metric) -> Option<Network> {
    let search = Search {
        metric,
        taste: Taste {
            discount: 0.0,
            clifford: 0.0,
            pairs_at_once: false,
            all_in_front: false,
            noise: 0.0,
            seed: 0,
        },
        waiting: &[],
        next: 0,
        forward: Vec::new(),
        rows,
        window: Vec::new(),
        rng: Pcg64Mcg::seed_from_u64(0),
        steps,
        stale: false,
        clifford_weight: 0.0,
    };
    search.clifford()
}

/// A rotation in the window.
struct Slot {
    axis: Narrow,
    index: usize,
    /// The anticommuting slots before it, by number of `Slot::id`.
    waits_for: u128,
    id: u8,
    /// How much it counts: less for each round of others that must be written first.
    weight: f64,
    cost: i32,
}

struct Search<'a> {
    metric: &'a Metric,
    taste: Taste,
    waiting: &'a [Rotation],
    next: usize,
    /// `D X D^-1` and `D Z D^-1` for the Clifford D of the steps so far.
    forward: Vec<Narrow>,
    /// The rows of what is left of the final Clifford.
    rows: Vec<Narrow>,
    /// In the order of the program.
    window: Vec<Slot>,
    rng: Pcg64Mcg,
    steps: Vec<Step>,
    /// Whether rotations came or went since they were last weighed.
    stale: bool,
    /// How much the final Clifford counts now.
    clifford_weight: f64,
}

/// What to do next.
enum Choice {
    Gate(Entangle),
    Write(usize),
}

impl Search<'_> {
    fn rotations(&mut self) -> Option<()> {
        // Each gate brings a nearest rotation nearer, so between two that are written there are few.
        let mut patience = 64 * self.rows.len().max(8);
        loop {
            self.fill();
            if self.write_single() {
                patience = 64 * self.rows.len().max(8);
                continue;
            }
            if self.window.is_empty() {
                return Some(());
            }
            patience = patience.checked_sub(1)?;
            if self.stale {
                self.weigh();
            }
            match self.choose()? {
                Choice::Gate(gate) => self.apply(gate),
                Choice::Write(place) => self.write(place),
            }
        }
    }

    /// Takes rotations into the window, seen from where the steps so far have led.
    fn fill(&mut self) {
        while self.window.len() < WINDOW && self.next < self.waiting.len() {
            let axis = self.moved(&self.waiting[self.next].axis);
            let used = self
                .window
                .iter()
                .fold(0u128, |ids, slot| ids | 1 << slot.id);
            let waits_for = self
                .window
                .iter()
                .filter(|slot| slot.axis.anticommutes(&axis))
                .fold(0u128, |ids, slot| ids | 1 << slot.id);
            self.window.push(Slot {
                axis,
                index: self.next,
                waits_for,
                id: used.trailing_ones() as u8,
                weight: 0.0,
                cost: self.metric.cost(axis.support()),
            });
            self.next += 1;
            self.stale = true;
        }
    }

    /// `D P D^-1` for the steps so far.
    fn moved(&self, axis: &Narrow) -> Narrow {
        let mut out = Narrow::IDENTITY;
        let mut ys = 0;
        for q in ones(axis.support()) {
            let pauli = axis.at(q);
            if pauli != Pauli::Z {
                out.multiply(&self.forward[2 * q]);
            }
            if pauli != Pauli::X {
                out.multiply(&self.forward[2 * q + 1]);
            }
            ys += u8::from(pauli == Pauli::Y);
        }
        // Y = i X Z
        out.turn_phase(ys + if axis.is_negative() { 2 } else { 0 });
        out
    }

    /// Writes every rotation about a Pauli on one qubit that may come next.
    fn write_single(&mut self) -> bool {
        let mut any = false;
        let mut place = 0;
        while place < self.window.len() {
            let slot = &self.window[place];
            if slot.waits_for == 0 && slot.axis.support().count_ones() == 1 {
                self.write(place);
                any = true;
                // Those that waited for it stand later.
            } else {
                place += 1;
            }
        }
        any
    }

    fn write(&mut self, place: usize) {
        let slot = self.window.remove(place);
        self.stale = true;
        for other in &mut self.window {
            other.waits_for &= !(1 << slot.id);
        }
        self.steps.push(Step::Rotate {
            axis: slot.axis,
            angle: self.waiting[slot.index].angle.clone(),
        });
    }

    fn apply(&mut self, gate: Entangle) {
        for slot in &mut self.window {
            if slot.axis.conjugate_by(&gate) {
                slot.cost = self.metric.cost(slot.axis.support());
            }
        }
        for row in self.forward.iter_mut().chain(&mut self.rows) {
            row.conjugate_by(&gate);
        }
        self.steps.push(Step::Entangle(gate));
    }

    /// Works out how many rounds each rotation comes later, and what that makes it count.
    fn weigh(&mut self) {
        let mut depths = [0i32; WINDOW];
        let mut deepest = 0;
        let powers: Vec<f64> = (0..=WINDOW)
            .map(|depth| self.taste.discount.powi(depth as i32))
            .collect();
        for slot in &mut self.window {
            let mut depth = 0;
            let mut left = slot.waits_for;
            while left != 0 {
                depth = depth.max(depths[left.trailing_zeros() as usize] + 1);
                left &= left - 1;
            }
            slot.weight = powers[depth as usize];
            depths[slot.id as usize] = depth;
            deepest = deepest.max(depth);
        }
        self.clifford_weight = self.taste.clifford * powers[deepest as usize];
        self.stale = false;
    }

    fn choose(&mut self) -> Option<Choice> {
        let mut rng = self.rng.clone();
        let choice = self.choose_by(&mut rng);
        self.rng = rng;
        choice
    }

    fn choose_by(&self, rng: &mut Pcg64Mcg) -> Option<Choice> {
        let front = || {
            self.window
                .iter()
                .enumerate()
                .filter(|(_, s)| s.waits_for == 0)
        };
        let nearest = front().map(|(_, slot)| slot.cost).min()?;
        let mut best: Option<(f64, Choice)> = None;
        let mut tried: FxHashSet<Entangle> = FxHashSet::default();
        for (place, slot) in front() {
            if slot.cost > nearest && !self.taste.all_in_front {
                continue;
            }
            if self.taste.pairs_at_once && slot.axis.support().count_ones() == 2 && slot.cost == 1 {
                // It is gone, for two gates.
                let score = 0.5;
                if best.as_ref().is_none_or(|(most, _)| score > *most) {
                    best = Some((score, Choice::Write(place)));
                }
            }
            for gate in self.nearer(&slot.axis, slot.cost) {
                if !tried.insert(gate) {
                    continue;
                }
                let mut gain = self.gain(&gate);
                if self.clifford_weight > LEAST_WEIGHT {
                    gain += self.clifford_weight * self.clifford_gain(&gate);
                }
                let score = gain + self.taste.noise * rng.random::<f64>();
                if best.as_ref().is_none_or(|(most, _)| score > *most) {
                    best = Some((score, Choice::Gate(gate)));
                }
            }
        }
        best.map(|(_, choice)| choice)
    }

    /// The gates that bring an operator one step nearer to a single qubit.
    fn nearer(&self, axis: &Narrow, cost: i32) -> Vec<Entangle> {
        const PAULIS: [Pauli; 3] = [Pauli::X, Pauli::Y, Pauli::Z];
        let support = axis.support();
        let mut out = Vec::new();
        for a in ones(support) {
            let others = self.metric.neighbours(a)
                & match self.metric {
                    Metric::Free => support,
                    Metric::Coupled { .. } => u64::MAX,
                };
            for b in ones(others) {
                let both = support >> b & 1 == 1;
                if both && b < a {
                    continue;
                }
                for first in PAULIS {
                    for second in PAULIS {
                        let gate = Entangle::new([a, b], [first, second]);
                        if gate
                            .moved_support(axis)
                            .is_some_and(|support| self.metric.cost(support) < cost)
                        {
                            out.push(gate);
                        }
                    }
                }
            }
        }
        out
    }

    /// By how much the rotations in the window come nearer.
    fn gain(&self, gate: &Entangle) -> f64 {
        let mut gain = 0.0;
        for slot in &self.window {
            if slot.weight > LEAST_WEIGHT
                && let Some(support) = gate.moved_support(&slot.axis)
            {
                gain += f64::from(slot.cost - self.metric.cost(support)) * slot.weight;
            }
        }
        gain
    }
}
