//! Cancelling the rotations of one circuit against those of another, from the start of both.
//!
//! Write the circuits as `A = C a_m ... a_1` and `B = D b_k ... b_1`. A rotation that commutes with everything before it
//! on its side can be taken to the front; when both fronts hold the same string it goes on both sides, a difference of
//! angles staying behind in B. Strings that differ by a known product of Z ([`Stabilisers`]) count as the same, and a
//! known product itself is only a phase. Where the fronts do not match, all rotations about the strings of one virtual
//! qubit are multiplied out on both sides (`one_qubit`), and then those of a few (`windows`): what was written anew as a
//! whole is the same as a whole. Where only |0...0> has to agree, B may also be changed by a Clifford operation that
//! those states do not notice (`regauge`). When nothing is left, the Clifford parts decide.

mod element;
mod one_qubit;
mod regauge;
mod side;
mod windows;

use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;

use crate::cancel::element::{Element, positive};
use crate::cancel::one_qubit::{Axes, axes};
use crate::cancel::side::Side;
use crate::pauli::Pauli;
use crate::rotations::{Observable, Rotation, RotationForm, Rounding, quarters_of};
use crate::stabilisers::Stabilisers;

/// Distances up to this are rounding.
const ROUNDING: f64 = 1e-7;
/// How many rotations of each side are looked at first.
const WINDOW: usize = 256;
/// Of circuits with more rotations than this only so many are looked at.
const MANY: usize = 20_000;
/// The widest look at long circuits.
const WIDEST: usize = 4_096;
/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Single rotations and chains on one virtual qubit.
    Chains,
    /// Windows on a few virtual qubits too.
    Windows,
}

/// What became of the rotations.
pub(crate) struct Cancelled {
    /// Rotations left on each side.
    pub(crate) left: [Vec<Rotation>; 2],
    /// Matrices on a few virtual qubits that are left.
    pub(crate) blocks: usize,
    /// What is looked at on each side, seen from the seam.
    pub(crate) observables: [Vec<Observable>; 2],
    /// What is known at the seam.
    pub(crate) known: Stabilisers,
    /// How far the cancelled parts may be apart by rounding.
    pub(crate) error: f64,
    /// How far they may be apart by what was left out on purpose.
    pub(crate) forgiven: f64,
}

/// Cancels what cancels.
pub(crate) fn cancel(
    mut a: RotationForm,
    mut b: RotationForm,
    known: Stabilisers,
    rounding: Rounding,
    effort: Effort,
) -> Cancelled {
    let error = a.error + b.error;
    let forgiven = drop_small(&mut a, rounding.angle) + drop_small(&mut b, rounding.angle);
    let mut seam = Seam {
        sides: [Side::new(a), Side::new(b)],
        known,
        rounding,
        error,
        forgiven,
        axes: axes(),
        effort,
        in_vain: 0,
        gains: FxHashMap::default(),
    };
    for side in &mut seam.sides {
        side.drop_unseen();
    }
    seam.run();
    let Seam {
        sides: [a, b],
        known,
        error,
        forgiven,
        ..
    } = seam;
    let left = [a.elements, b.elements].map(|list| list.into_iter().flatten().collect::<Vec<_>>());
    let rotations =
        |list: &Vec<Element>| list.iter().filter_map(Element::rotation).cloned().collect();
    let left_rotations: [Vec<Rotation>; 2] = left.each_ref().map(rotations);
    let all: usize = left.iter().map(Vec::len).sum();
    Cancelled {
        blocks: all - left_rotations.iter().map(Vec::len).sum::<usize>(),
        left: left_rotations,
        observables: [a.observables, b.observables],
        known,
        error,
        forgiven,
    }
}

/// Drops rotations by at most this angle; returns how far the form may now be from what it was.
fn drop_small(form: &mut RotationForm, most: f64) -> f64 {
    let mut distance = 0.0;
    form.rotations.retain(|rotation| {
        let small = rotation.angle.abs() <= most;
        distance += if small {
            rotation.angle.abs() / 2.0
        } else {
            0.0
        };
        !small
    });
    distance
}

/// Which fronts are joined across the seam.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Angles {
    /// Those that leave nothing, or that no choice of sign could make do so.
    Equal,
    /// All with the same string.
    Any,
}

struct Seam {
    /// A and B.
    sides: [Side; 2],
    known: Stabilisers,
    rounding: Rounding,
    error: f64,
    forgiven: f64,
    axes: Axes,
    effort: Effort,
    /// How many windows were looked at since the last one that was of use.
    in_vain: usize,
    /// What windows gained that were not taken, by a fingerprint of what is in them.
    gains: FxHashMap<u64, Option<usize>>,
}

impl Seam {
    fn run(&mut self) {
        let mut window = WINDOW;
        loop {
            for side in &mut self.sides {
                side.compact();
            }
            if self.sides.iter().all(|side| side.len() == 0) {
                return;
            }
            let all = self.sides.each_ref().map(|side| side.fronts(window));
            let fronts = [0, 1].map(|side| self.sides[side].rotations_among(&all[side]));
            if self.match_fronts(&fronts, Angles::Equal)
                || self.match_regauged(&fronts)
                || self.match_fronts(&fronts, Angles::Any)
                || self.match_groups(&fronts, window)
                || self.effort == Effort::Windows && self.match_windows(&all)
            {
                continue;
            }
            let most = self.sides[0].len().max(self.sides[1].len());
            if window < most && (most <= MANY || window < WIDEST) {
                window *= 4;
                continue;
            }
            // What hid a rotation from all that is looked at may have cancelled.
            let before = most;
            self.sides.iter_mut().for_each(Side::drop_unseen);
            if self.sides[0].len().max(self.sides[1].len()) == before {
                return;
            }
        }
    }

    /// Joins fronts that hold the same string, on each side and across; whether anything changed.
    fn match_fronts(&mut self, fronts: &[Vec<usize>; 2], angles: Angles) -> bool {
        let mut changed = false;
        // By reduced string, and whether reducing it crossed it: its place.
        let mut places: [FxHashMap<Key, usize>; 2] = Default::default();
        for side in [1, 0] {
            for &index in &fronts[side] {
                let mut pauli = self.sides[side].at(index).pauli.clone();
                self.known.reduce(&mut pauli);
                if pauli.is_identity() {
                    self.sides[side].remove(index);
                    changed = true;
                    continue;
                }
                match places[side].entry(key(&pauli)) {
                    Entry::Occupied(first) => {
                        let first = *first.get();
                        if self.sides[side].rotation(first).is_some() {
                            changed |= self.join((side, first), (side, index));
                        }
                    }
                    Entry::Vacant(free) => {
                        free.insert(index);
                    }
                }
            }
        }
        let [before, after] = places;
        let mut shared: Vec<(usize, usize)> = before
            .into_iter()
            .filter_map(|(key, index)| Some((index, *after.get(&key)?)))
            .collect();
        shared.sort_unstable();
        for (from, to) in shared {
            // A sign may still be turned round as long as the start does not fix it.
            if angles == Angles::Any || self.is_fixed(from) || self.cancels(from, to) {
                changed |= self.join((1, to), (0, from));
            }
        }
        changed
    }

    /// Whether the sign of a front of A cannot be changed without touching the states at the seam.
    fn is_fixed(&self, index: usize) -> bool {
        let rotation = self.sides[0].rotation(index);
        rotation.is_none_or(|rotation| self.known.survive(&rotation.pauli))
    }

    /// Whether a front of A and one of B with the same string leave nothing.
    fn cancels(&self, a: usize, b: usize) -> bool {
        let at = |side: usize, index: usize| self.sides[side].rotation(index);
        let (Some(own), Some(other)) = (at(0, a), at(1, b)) else {
            return false;
        };
        let mut product = own.pauli.clone();
        product.multiply(&other.pauli, 0);
        let Some(power) = self.known.value(&product) else {
            return false;
        };
        let sign = if power == 2 { -1.0 } else { 1.0 };
        quarters_of(other.angle - sign * own.angle).1.abs() <= 10.0 * self.rounding.angle
    }

    /// Moves the angle of a rotation into another with the same string; from A into B it counts backwards.
    fn join(&mut self, to: (usize, usize), from: (usize, usize)) -> bool {
        let at = |(side, index): (usize, usize)| self.sides[side].rotation(index).cloned();
        let (Some(target), Some(moved)) = (at(to), at(from)) else {
            return false;
        };
        // What is known may have shrunk since the strings were compared; and a product of strings that do not commute
        // is no sign.
        if !target.pauli.commutes(&moved.pauli) {
            return false;
        }
        let mut product = target.pauli.clone();
        product.multiply(&moved.pauli, 0);
        let Some(power) = self.known.value(&product) else {
            return false;
        };
        let across = to.0 != from.0;
        let sign = if (power == 2) != across { -1.0 } else { 1.0 };
        self.sides[from.0].remove(from.1);
        if across {
            // Only now has the rotation been performed on both sides.
            self.known.keep(&moved.pauli);
            self.known.keep(&target.pauli);
        }
        let (quarters, rest) = self.split(target.angle + sign * moved.angle);
        self.turn_rest(to.0, &target.pauli, quarters);
        if rest == 0.0 {
            self.sides[to.0].remove(to.1);
        } else {
            self.sides[to.0].elements[to.1] = Some(Element::Rotation(Rotation {
                pauli: target.pauli,
                angle: rest,
            }));
        }
        true
    }

    fn split(&mut self, angle: f64) -> (i64, f64) {
        let (quarters, rest) = quarters_of(angle);
        if rest.abs() > self.rounding.angle {
            return (quarters, rest);
        }
        self.count_as_nothing(rest.abs() / 2.0);
        (quarters, 0.0)
    }

    /// Adds a distance to the rounding, or to what was left out on purpose when it is too large for that.
    fn count_as_nothing(&mut self, distance: f64) {
        if distance <= ROUNDING {
            self.error += distance;
        } else {
            self.forgiven += distance;
        }
    }

    fn is_clifford(&self, angle: f64) -> bool {
        quarters_of(angle).1.abs() <= self.rounding.angle
    }

    /// Moves a Clifford operation from the seam past everything of one side.
    fn turn_rest(&mut self, side: usize, pauli: &Pauli, quarters: i64) {
        if quarters.rem_euclid(4) == 0 {
            return;
        }
        self.sides[side].conjugate(|own| own.rotate(pauli, quarters));
    }

    /// Puts rotations, in order of time, before everything in B.
    fn prepend(&mut self, word: Vec<Rotation>) {
        let mut word = word;
        let mut kept = Vec::new();
        for index in 0..word.len() {
            let Rotation { pauli, angle } = word[index].clone();
            let (quarters, rest) = self.split(angle);
            for later in &mut word[index + 1..] {
                later.pauli.rotate(&pauli, quarters);
                *later = positive(later.pauli.clone(), later.angle);
            }
            self.turn_rest(1, &pauli, quarters);
            if rest != 0.0 {
                kept.push(Rotation { pauli, angle: rest });
            }
        }
        for rotation in kept.into_iter().rev() {
            self.sides[1]
                .elements
                .push_front(Some(Element::Rotation(rotation)));
        }
    }
}

/// A reduced string without its phase, and whether it is Hermitian.
type Key = (Box<[u64]>, bool);

/// Rotations about strings with the same key act alike at the seam, up to the sign of the angle.
fn key(reduced: &Pauli) -> Key {
    (reduced.letters().into(), reduced.is_hermitian())
}
