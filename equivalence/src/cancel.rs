//! Cancelling the rotations of one circuit against those of another, from the start of both.
//!
//! Write the circuits as `A = C a_m ... a_1` and `B = D b_k ... b_1`. A rotation that commutes with everything before it
//! on its side can be taken to the front; when both fronts hold the same string it goes on both sides, a difference of
//! angles staying behind in B. Strings that differ by a known product of Z ([`Stabilisers`]) count as the same, and a
//! known product itself is only a phase. Where the fronts do not match, two strings that do not commute span a copy of
//! one qubit's operators: all rotations of that kind that can come to the front are multiplied as 2 x 2 matrices on both
//! sides and what is left of B is written with as few rotations as possible. So a chain of gates on one qubit may be
//! written about any axes. Where only |0...0> has to agree, B may also be changed by a Clifford operation that those states
//! do not notice. When nothing is left, the Clifford parts decide.

use ardea_circuit::{C64, matrix::cis};
use nalgebra::Matrix2;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::VecDeque;
use std::collections::hash_map::Entry;

use crate::pauli::Pauli;
use crate::rotations::{Observable, Rotation, RotationForm, Rounding, euler, quarters_of};
use crate::stabilisers::Stabilisers;

/// How many rotations of each side are looked at first.
const WINDOW: usize = 256;
/// Of circuits with more rotations than this only so many are looked at.
const MANY: usize = 20_000;
/// The widest look at long circuits.
const WIDEST: usize = 4_096;
/// Pairs of strings that are tried as a one-qubit group before the window grows.
const MOST_PAIRS: usize = 400;

/// Fronts of each side that are tried when only the states at the seam have to agree.
const MOST_REGAUGED: usize = 10;

/// What became of the rotations.
pub(crate) struct Cancelled {
    /// Rotations left on each side.
    pub(crate) left: [Vec<Rotation>; 2],
    /// What is looked at on each side, seen from the seam.
    pub(crate) observables: [Vec<Observable>; 2],
    /// What is known at the seam.
    pub(crate) known: Stabilisers,
    /// How far the cancelled parts may be apart.
    pub(crate) error: f64,
}

/// Cancels what cancels.
pub(crate) fn cancel(
    a: RotationForm,
    b: RotationForm,
    known: Stabilisers,
    rounding: Rounding,
) -> Cancelled {
    let error = a.error + b.error;
    let mut seam = Seam {
        sides: [Side::new(a), Side::new(b)],
        known,
        rounding,
        error,
        axes: axes(),
    };
    for side in &mut seam.sides {
        side.drop_unseen();
    }
    seam.run();
    let Seam {
        sides: [a, b],
        known,
        error,
        ..
    } = seam;
    Cancelled {
        left: [a.rotations, b.rotations].map(|list| list.into_iter().flatten().collect()),
        observables: [a.observables, b.observables],
        known,
        error,
    }
}

struct Side {
    rotations: VecDeque<Option<Rotation>>,
    observables: Vec<Observable>,
    holes: usize,
}

impl Side {
    fn new(form: RotationForm) -> Self {
        Self {
            rotations: form.rotations.into_iter().map(Some).collect(),
            observables: form.observables,
            holes: 0,
        }
    }

    fn len(&self) -> usize {
        self.rotations.len() - self.holes
    }

    /// Removes rotations that can go to the end and commute with all that is looked at.
    fn drop_unseen(&mut self) {
        let mut later: Vec<usize> = Vec::new();
        for index in (0..self.rotations.len()).rev() {
            let Some(rotation) = &self.rotations[index] else {
                continue;
            };
            let seen = self
                .observables
                .iter()
                .any(|seen| !seen.pauli.commutes(&rotation.pauli))
                || later.iter().rev().any(|&other| {
                    self.rotations[other]
                        .as_ref()
                        .is_some_and(|other| !other.pauli.commutes(&rotation.pauli))
                });
            if seen {
                later.push(index);
            } else {
                self.rotations[index] = None;
                self.holes += 1;
            }
        }
        self.compact();
    }

    /// Places of the rotations among the first `window` that can come to the front.
    fn fronts(&self, window: usize) -> Vec<usize> {
        let mut fronts = Vec::new();
        let mut blocked: Vec<usize> = Vec::new();
        for (index, rotation) in self.rotations.iter().enumerate() {
            let Some(rotation) = rotation else { continue };
            if fronts.len() + blocked.len() >= window {
                break;
            }
            let crosses = |&other: &usize| {
                self.rotations[other]
                    .as_ref()
                    .is_some_and(|other| !other.pauli.commutes(&rotation.pauli))
            };
            if fronts.iter().any(crosses) || blocked.iter().any(crosses) {
                blocked.push(index);
            } else {
                fronts.push(index);
            }
        }
        fronts
    }

    /// The first rotation after a front that does not commute with it.
    fn first_blocked_by(&self, front: usize, window: usize) -> Option<usize> {
        let own = &self.at(front).pauli;
        let later = self.rotations.iter().enumerate().skip(front + 1);
        later
            .filter_map(|(index, rotation)| Some((index, rotation.as_ref()?)))
            .take(window)
            .find(|(_, rotation)| !rotation.pauli.commutes(own))
            .map(|(index, _)| index)
    }

    fn at(&self, index: usize) -> &Rotation {
        self.rotations[index]
            .as_ref()
            .expect("a front is a rotation")
    }

    fn remove(&mut self, index: usize) -> Option<Rotation> {
        let taken = self.rotations[index].take();
        self.holes += usize::from(taken.is_some());
        taken
    }

    fn compact(&mut self) {
        if self.holes > 64 + self.rotations.len() / 8 || self.holes == self.rotations.len() {
            self.rotations.retain(Option::is_some);
            self.holes = 0;
        }
        while let Some(None) = self.rotations.front() {
            self.rotations.pop_front();
            self.holes -= 1;
        }
    }

    /// Takes all rotations of the group spanned by `a` and `b` that can come to the front, in order of time.
    fn take_group(&mut self, group: &Group, window: usize) -> Vec<(Letter, f64, usize)> {
        let mut out = Vec::new();
        let mut stay: Vec<usize> = Vec::new();
        let mut open = [true; 3];
        for (count, (index, rotation)) in self
            .rotations
            .iter()
            .enumerate()
            .filter(|(_, r)| r.is_some())
            .enumerate()
        {
            let Some(rotation) = rotation else { continue };
            if count >= 2 * window || open == [false; 3] {
                break;
            }
            let letter = group.letter(&rotation.pauli);
            let blocked = |other: &usize| !self.at(*other).pauli.commutes(&rotation.pauli);
            match letter {
                Some((letter, sign)) if open[letter] && !stay.iter().any(blocked) => {
                    out.push((letter, sign * rotation.angle, index));
                }
                _ => {
                    stay.push(index);
                    for (letter, open) in open.iter_mut().enumerate() {
                        *open &= group.strings[letter].commutes(&rotation.pauli);
                    }
                }
            }
        }
        out
    }
}

/// Which fronts are joined across the seam.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Angles {
    /// Those that leave nothing, or that no choice of sign could make do so.
    Equal,
    /// All with the same string.
    Any,
}

/// Quarter turns of B that make one of its fronts equal to one of A.
struct Gauge {
    turns: Vec<(Pauli, i64)>,
    a: usize,
    b: usize,
}

/// Position in `[Z, X, Y]`.
type Letter = usize;

/// Two strings that do not commute and their product: Z, X and Y of one qubit.
struct Group {
    strings: [Pauli; 3],
}

impl Group {
    fn new(z: &Pauli, x: &Pauli) -> Self {
        let mut y = z.clone();
        y.multiply(x, 3); // Y = -i Z X
        Self {
            strings: [z.clone(), x.clone(), y],
        }
    }

    /// Which string of the group this is, and with which sign.
    fn letter(&self, pauli: &Pauli) -> Option<(Letter, f64)> {
        let letter = self
            .strings
            .iter()
            .position(|own| own.letters() == pauli.letters())?;
        let minus = self.strings[letter].is_negative() != pauli.is_negative();
        Some((letter, if minus { -1.0 } else { 1.0 }))
    }
}

/// `exp(-i angle/2 P)` for the letter P.
fn turn(letter: Letter, angle: f64) -> Matrix2<C64> {
    let (sin, cos) = (angle / 2.0).sin_cos();
    let c = |re, im| C64::new(re, im);
    match letter {
        0 => Matrix2::new(
            cis(-angle / 2.0),
            c(0.0, 0.0),
            c(0.0, 0.0),
            cis(angle / 2.0),
        ),
        1 => Matrix2::new(c(cos, 0.0), c(0.0, -sin), c(0.0, -sin), c(cos, 0.0)),
        _ => Matrix2::new(c(cos, 0.0), c(-sin, 0.0), c(sin, 0.0), c(cos, 0.0)),
    }
}

/// Changes of basis: for an outer and a middle letter, what takes them to Z and Y.
type Axes = Vec<(Letter, Letter, Matrix2<C64>)>;

fn axes() -> Axes {
    let quarter = std::f64::consts::FRAC_PI_2;
    let mut out: Axes = Vec::new();
    let letters = |matrix: &Matrix2<C64>, letter: Letter| {
        // Where conjugation takes a letter, if with a plus sign.
        let image = matrix * pauli_matrix(letter) * matrix.adjoint();
        (0..3).find(|&to| (image - pauli_matrix(to)).norm() < 1e-9)
    };
    for word in 0..4usize.pow(3) {
        let turns = [(0, word % 4), (1, word / 4 % 4), (0, word / 16)];
        let matrix = turns
            .iter()
            .fold(Matrix2::identity(), |product, &(letter, times)| {
                turn(letter, quarter * times as f64) * product
            });
        for outer in 0..3 {
            for middle in (0..3).filter(|&middle| middle != outer) {
                let fits =
                    letters(&matrix, outer) == Some(0) && letters(&matrix, middle) == Some(2);
                if fits
                    && !out
                        .iter()
                        .any(|entry| (entry.0, entry.1) == (outer, middle))
                {
                    out.push((outer, middle, matrix));
                }
            }
        }
    }
    out
}

fn pauli_matrix(letter: Letter) -> Matrix2<C64> {
    let c = |re, im| C64::new(re, im);
    let (o, l, i) = (c(0.0, 0.0), c(1.0, 0.0), c(0.0, 1.0));
    match letter {
        0 => Matrix2::new(l, o, o, -l),
        1 => Matrix2::new(o, l, l, o),
        _ => Matrix2::new(o, -i, i, o),
    }
}

struct Seam {
    /// A and B.
    sides: [Side; 2],
    known: Stabilisers,
    rounding: Rounding,
    error: f64,
    axes: Axes,
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
            let fronts = [self.sides[0].fronts(window), self.sides[1].fronts(window)];
            if self.match_fronts(&fronts, Angles::Equal)
                || self.match_regauged(&fronts)
                || self.match_fronts(&fronts, Angles::Any)
                || self.match_groups(&fronts, window)
            {
                continue;
            }
            let most = self.sides[0].len().max(self.sides[1].len());
            if window >= most || most > MANY && window >= WIDEST {
                return;
            }
            window *= 4;
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
                        if self.sides[side].rotations[first].is_some() {
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
        let rotation = self.sides[0].rotations[index].as_ref();
        rotation.is_none_or(|rotation| self.known.survive(&rotation.pauli))
    }

    /// Whether a front of A and one of B with the same string leave nothing.
    fn cancels(&self, a: usize, b: usize) -> bool {
        let at = |side: usize, index: usize| self.sides[side].rotations[index].as_ref();
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
        let at = |(side, index): (usize, usize)| self.sides[side].rotations[index].clone();
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
            self.sides[to.0].rotations[to.1] = Some(Rotation {
                pauli: target.pauli,
                angle: rest,
            });
        }
        true
    }

    fn split(&mut self, angle: f64) -> (i64, f64) {
        let (quarters, rest) = quarters_of(angle);
        if rest.abs() > self.rounding.angle {
            return (quarters, rest);
        }
        self.error += rest.abs() / 2.0;
        (quarters, 0.0)
    }

    /// Moves a Clifford operation from the seam past everything of one side.
    fn turn_rest(&mut self, side: usize, pauli: &Pauli, quarters: i64) {
        if quarters.rem_euclid(4) == 0 {
            return;
        }
        let side = &mut self.sides[side];
        for rotation in side.rotations.iter_mut().flatten() {
            turn_rotation(rotation, pauli, quarters);
        }
        for observable in &mut side.observables {
            observable.pauli.rotate(pauli, quarters);
        }
    }

    /// Makes a front of B equal to one of A by a Clifford operation that does nothing to the states that are possible at
    /// the seam: circuits that only agree on |0...0> differ by such operations, a CX controlled by |0> for instance.
    fn match_regauged(&mut self, fronts: &[Vec<usize>; 2]) -> bool {
        if self.known.is_empty() {
            return false;
        }
        let mut best: Option<((usize, Reverse<u32>), Gauge)> = None;
        let [before, after] = &self.sides;
        for &a in fronts[0]
            .iter()
            .filter(|&&a| !self.known.survive(&before.at(a).pauli))
            .take(MOST_REGAUGED)
        {
            let own = before.at(a);
            let mut later = self.known.clone();
            later.keep(&own.pauli);
            let reduced = |mut pauli: Pauli| {
                later.reduce(&mut pauli);
                key(&pauli)
            };
            let wanted: FxHashSet<_> = fronts[0]
                .iter()
                .map(|&other| reduced(before.at(other).pauli.clone()))
                .collect();
            let outcomes: FxHashMap<_, _> = before
                .observables
                .iter()
                .map(|seen| (seen.what, reduced(seen.pauli.clone())))
                .collect();
            let mut candidates: Vec<(u32, usize)> = fronts[1]
                .iter()
                .filter(|&&b| self.sign_between(own.angle, after.at(b).angle).is_some())
                .map(|&b| (after.at(b).pauli.letters_apart(&own.pauli), b))
                .collect();
            candidates.sort_unstable();
            for (apart, b) in candidates.into_iter().take(MOST_REGAUGED) {
                let Some(gauge) = self.gauge(a, b) else {
                    continue;
                };
                let turned = |pauli: &Pauli| {
                    let mut pauli = pauli.clone();
                    gauge
                        .turns
                        .iter()
                        .for_each(|(by, quarters)| pauli.rotate(by, *quarters));
                    reduced(pauli)
                };
                let met = fronts[1]
                    .iter()
                    .filter(|&&other| wanted.contains(&turned(&after.at(other).pauli)));
                // Circuits may be symmetric, but what is looked at tells their qubits apart.
                let seen = after
                    .observables
                    .iter()
                    .filter(|seen| outcomes.get(&seen.what) == Some(&turned(&seen.pauli)));
                let rank = (met.count() + seen.count(), Reverse(apart));
                if best.as_ref().is_none_or(|(most, _)| rank > *most) {
                    best = Some((rank, gauge));
                }
            }
        }
        let Some((_, gauge)) = best else { return false };
        for (by, quarters) in &gauge.turns {
            self.turn_rest(1, by, *quarters);
        }
        self.join((1, gauge.b), (0, gauge.a))
    }

    /// The sign that a string must get for its angle to be another one.
    fn sign_between(&self, angle: f64, other: f64) -> Option<f64> {
        let close = |x: f64| (x - angle).abs() < 10.0 * self.rounding.angle;
        if close(other) {
            Some(1.0)
        } else {
            close(quarters_of(-other).1).then_some(-1.0)
        }
    }

    /// What turns front `b` of B into front `a` of A, if that can be done without touching the states at the seam.
    ///
    /// With a known product Z that crosses both strings `r` and `s`, "apply `r s` where Z is -1" does nothing to those
    /// states and takes `s` to `r` on them. Such a controlled Pauli operation Q is a product of quarter turns about Z, Q
    /// and Z Q; where r and s do not commute, a phase of i where Z is -1 takes the first of them away.
    fn gauge(&self, a: usize, b: usize) -> Option<Gauge> {
        let (own, other) = (self.sides[0].at(a), self.sides[1].at(b));
        let sign = self.sign_between(own.angle, other.angle)?;
        let product = self.known.crossing_both(&own.pauli, &other.pauli)?;
        let commute = own.pauli.commutes(&other.pauli);
        let mut between = own.pauli.clone();
        between.multiply(&other.pauli, u8::from(!commute));
        let mut both = product.clone();
        both.multiply(&between, 0);
        let mut turns = vec![(between, -1), (both, 1)];
        if commute {
            turns.push((product.clone(), -1));
        }
        let mut turned = other.pauli.clone();
        turns
            .iter()
            .for_each(|(by, quarters)| turned.rotate(by, *quarters));
        turned.multiply(&own.pauli, 0);
        let minus = self.known.value(&turned)? == 2;
        if minus != (sign < 0.0) {
            turns.push((product, 2));
        }
        Some(Gauge { turns, a, b })
    }

    /// Multiplies out a one-qubit group of both sides where that leaves fewer rotations: spanned by a front of each side, or
    /// by a front and the first rotation of its own side that it stands before.
    fn match_groups(&mut self, fronts: &[Vec<usize>; 2], window: usize) -> bool {
        let across = fronts[0]
            .iter()
            .flat_map(|&a| fronts[1].iter().map(move |&b| ((0, a), (1, b))));
        let along = (0..2).flat_map(|side| {
            let own = &self.sides[side];
            fronts[side].iter().filter_map(move |&front| {
                Some(((side, front), (side, own.first_blocked_by(front, window)?)))
            })
        });
        let at = |(side, index): (usize, usize)| &self.sides[side].at(index).pauli;
        let groups: Vec<Group> = across
            .chain(along)
            .map(|(first, second)| (at(first), at(second)))
            .filter(|(first, second)| !first.commutes(second))
            .take(MOST_PAIRS)
            .map(|(first, second)| Group::new(first, second))
            .collect();
        groups.iter().any(|group| self.multiply_out(group, window))
    }

    fn multiply_out(&mut self, group: &Group, window: usize) -> bool {
        let taken = [
            self.sides[0].take_group(group, window),
            self.sides[1].take_group(group, window),
        ];
        let product = |list: &[(Letter, f64, usize)]| {
            list.iter()
                .fold(Matrix2::identity(), |product, &(letter, angle, _)| {
                    turn(letter, angle) * product
                })
        };
        let left = product(&taken[1]) * product(&taken[0]).adjoint();
        let Some(words) = self.shortest(&left, taken[0].len() + taken[1].len()) else {
            return false;
        };
        for (side, list) in taken.iter().enumerate() {
            for &(_, _, index) in list {
                if let Some(rotation) = self.sides[side].remove(index) {
                    self.known.keep(&rotation.pauli);
                }
            }
        }
        self.prepend(group, &words);
        true
    }

    /// The angles about an outer, a middle and the outer letter again that need fewest rotations, if fewer than `limit`.
    fn shortest(&self, matrix: &Matrix2<C64>, limit: usize) -> Option<[(Letter, f64); 3]> {
        let rotations = |angles: &[f64; 3]| {
            let rests = angles
                .iter()
                .filter(|&&angle| quarters_of(angle).1.abs() > self.rounding.angle);
            rests.count()
        };
        let words = self.axes.iter().map(|(outer, middle, basis)| {
            let angles = euler(&(basis * matrix * basis.adjoint()));
            let count = rotations(&angles);
            (
                count,
                [
                    (*outer, angles[0]),
                    (*middle, angles[1]),
                    (*outer, angles[2]),
                ],
            )
        });
        words
            .min_by_key(|(count, _)| *count)
            .filter(|(count, _)| *count < limit)
            .map(|(_, word)| word)
    }

    /// Puts a word, in order of time, before everything in B.
    fn prepend(&mut self, group: &Group, word: &[(Letter, f64); 3]) {
        let mut rotations: Vec<Rotation> = word
            .iter()
            .map(|&(letter, angle)| positive(group.strings[letter].clone(), angle))
            .collect();
        let mut kept = Vec::new();
        for index in 0..rotations.len() {
            let Rotation { pauli, angle } = rotations[index].clone();
            let (quarters, rest) = self.split(angle);
            for later in &mut rotations[index + 1..] {
                turn_rotation(later, &pauli, quarters);
            }
            self.turn_rest(1, &pauli, quarters);
            if rest != 0.0 {
                kept.push(Rotation { pauli, angle: rest });
            }
        }
        for rotation in kept.into_iter().rev() {
            self.sides[1].rotations.push_front(Some(rotation));
        }
    }
}

/// A reduced string without its phase, and whether it is Hermitian.
type Key = (Box<[u64]>, bool);

/// Rotations about strings with the same key act alike at the seam, up to the sign of the angle.
fn key(reduced: &Pauli) -> Key {
    (reduced.letters().into(), reduced.is_hermitian())
}

fn positive(mut pauli: Pauli, angle: f64) -> Rotation {
    if pauli.is_negative() {
        pauli.turn(2);
        return Rotation {
            pauli,
            angle: -angle,
        };
    }
    Rotation { pauli, angle }
}

fn turn_rotation(rotation: &mut Rotation, by: &Pauli, quarters: i64) {
    if quarters.rem_euclid(4) == 0 || rotation.pauli.commutes(by) {
        return;
    }
    rotation.pauli.rotate(by, quarters);
    if rotation.pauli.is_negative() {
        rotation.pauli.turn(2);
        rotation.angle = -rotation.angle;
    }
}
