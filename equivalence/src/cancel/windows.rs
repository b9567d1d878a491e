//! Windows that were written anew as a whole: groups of rotations on a few virtual qubits, multiplied out on both sides.
//!
//! From a front the strings that stand in its way are added one by one, a few choices at a time, as long as they span few
//! qubits. For each such span all operations within it that can come to the front are multiplied to a matrix on each
//! side. What one side has beyond the other is taken apart ([`factors`]); when that is a Clifford operation the window
//! has cancelled. Otherwise the span that leaves most behind it is taken, and a rest that is no rotation stays as a
//! matrix in B until what belongs to it comes to the front.

use ardea_circuit::C64;
use nalgebra::DMatrix;
use rustc_hash::{FxHashSet, FxHasher};
use smallvec::SmallVec;
use std::cmp::Reverse;
use std::hash::{Hash, Hasher};

use crate::cancel::Seam;
use crate::cancel::element::{Block, Element, positive};
use crate::cancel::one_qubit::Group;
use crate::cancel::side::Side;
use crate::factors::{Factors, Rest, embedded, factors, rotate};
use crate::pauli::Pauli;
use crate::rotations::Rotation;
use crate::stabilisers::Stabilisers;
use crate::virtual_qubits::{Exchange, VirtualQubits, echelon};

/// Windows on more virtual qubits than this are not multiplied out.
const WIDEST: [usize; 2] = [3, 4];
/// Spans that are followed further from one front.
const BREADTH: usize = 4;
/// Operations in the way of a span that are tried as part of it, on each side.
const CHOICES: usize = 3;
/// How far beyond the front a window may reach.
const REACH: usize = 2_048;
/// Spans tried since the last one that was of use; a hard pair ends there.
const MOST_IN_VAIN: usize = 10_000;

/// What multiplying out a window would do.
struct Trial {
    taken: [Vec<usize>; 2],
    exchange: Exchange,
    word: Vec<Rotation>,
    block: Option<Block>,
    /// How many rotations remain of it.
    cost: usize,
    /// How many rotations it makes fewer.
    gain: usize,
    off: f64,
}

/// What a side has within a span.
struct Within {
    taken: Vec<usize>,
    /// The first operations that are in the way.
    blocking: Vec<usize>,
}

/// Virtual qubits, and what is known that none of their operators touches: strings that differ by it count as the same.
struct Span {
    qubits: VirtualQubits,
    known: Stabilisers,
}

impl Span {
    fn new(strings: &[Pauli], known: &Stabilisers) -> Self {
        let known = known.commuting_with(strings);
        let reduced: Vec<Pauli> = strings
            .iter()
            .map(|string| {
                let mut string = string.clone();
                known.reduce(&mut string);
                string
            })
            .collect();
        Self {
            qubits: VirtualQubits::spanned_by(&reduced),
            known,
        }
    }

    /// What a string does not commute with, and the string as an operator of the span, if it acts as one.
    fn operator(&self, string: &Pauli) -> (u32, Option<Pauli>) {
        let mut reduced = string.clone();
        self.known.reduce(&mut reduced);
        let crossings = self.qubits.crossings(&reduced);
        let operator = self.qubits.operator(&reduced, crossings);
        (crossings, operator.filter(|_| self.known.survive(string)))
    }
}

impl Side {
    /// What can come to the front and lies within the span, and what stands in the way.
    fn within(&self, span: &Span) -> Within {
        let qubits = &span.qubits;
        let count = qubits.len();
        let mut out = Within {
            taken: Vec::new(),
            blocking: Vec::new(),
        };
        // What stays, by what it does not commute with, in reduced form.
        let mut closed: Vec<u32> = Vec::new();
        let crosses = |operator: &Pauli, closed: &[u32]| {
            let own = (operator.x_words()[0] | operator.z_words()[0] << count) as u32;
            closed.iter().any(|bits| (own & bits).count_ones() % 2 == 1)
        };
        let columns = qubits.columns();
        for (index, element) in self.elements.iter().enumerate().take(REACH) {
            let Some(element) = element else { continue };
            if element.strings().all(|string| !string.touches(&columns)) {
                continue;
            }
            let operators: SmallVec<[_; 2]> = element
                .strings()
                .map(|string| span.operator(string))
                .collect();
            if operators.iter().all(|(bits, _)| *bits == 0) {
                continue;
            }
            let fits = operators
                .iter()
                .all(|(_, operator)| operator.as_ref().is_some_and(|own| !crosses(own, &closed)));
            if fits {
                out.taken.push(index);
                continue;
            }
            let before = closed.len();
            operators
                .iter()
                .for_each(|(bits, _)| add_to(&mut closed, *bits));
            if closed.len() > before && out.blocking.len() < CHOICES {
                out.blocking.push(index);
            }
            if closed.len() == 2 * count {
                break;
            }
        }
        out
    }

    /// The product of some operations within a span.
    fn product(&self, span: &Span, taken: &[usize]) -> DMatrix<C64> {
        let size = 1 << span.qubits.len();
        let operator = |string: &Pauli| {
            let (_, operator) = span.operator(string);
            operator.expect("only operators within the span are taken")
        };
        taken
            .iter()
            .filter_map(|&index| self.elements[index].as_ref())
            .fold(
                DMatrix::identity(size, size),
                |product, element| match element {
                    Element::Rotation(rotation) => {
                        rotate(&operator(&rotation.pauli), rotation.angle, &product)
                    }
                    Element::Block(block) => {
                        let pairs: Vec<[Pauli; 2]> = block
                            .pairs
                            .iter()
                            .map(|pair| pair.each_ref().map(operator))
                            .collect();
                        embedded(&block.matrix, &pairs, span.qubits.len()) * product
                    }
                },
            )
    }

    fn weight(&self, taken: &[usize]) -> usize {
        let elements = taken
            .iter()
            .filter_map(|&index| self.elements[index].as_ref());
        elements.map(Element::weight).sum()
    }
}

fn letters(strings: &[Pauli]) -> Vec<u64> {
    strings
        .iter()
        .flat_map(|own| own.letters().to_vec())
        .collect()
}

/// Adds a vector of bits to a basis in which each has its highest bit alone.
fn add_to(basis: &mut Vec<u32>, mut bits: u32) {
    for own in basis.iter() {
        bits = bits.min(bits ^ own);
    }
    if bits != 0 {
        for own in basis.iter_mut() {
            *own = (*own).min(*own ^ bits);
        }
        basis.push(bits);
        basis.sort_unstable_by(|a, b| b.cmp(a));
    }
}

impl Seam {
    /// Multiplies out all windows that cancel, or else the one that leaves most behind; whether there was one.
    pub(super) fn match_windows(&mut self, fronts: &[Vec<usize>; 2]) -> bool {
        for widest in WIDEST {
            let mut best: Option<Trial> = None;
            let mut cancelled = false;
            let mut seen: FxHashSet<Vec<u64>> = FxHashSet::default();
            for side in [1, 0] {
                for &front in &fronts[side] {
                    let least = best.as_ref().map_or(0, |best| best.gain);
                    let Some(trial) = self.search((side, front), widest, least, &mut seen) else {
                        continue;
                    };
                    if trial.cost == 0 {
                        self.apply(trial);
                        cancelled = true;
                    } else {
                        best = Some(trial);
                    }
                }
            }
            if cancelled {
                return true;
            }
            if let Some(trial) = best {
                self.apply(trial);
                return true;
            }
        }
        false
    }

    /// The best window that begins with a front, if it cancels or gains more than `least`.
    fn search(
        &mut self,
        (side, front): (usize, usize),
        widest: usize,
        least: usize,
        seen: &mut FxHashSet<Vec<u64>>,
    ) -> Option<Trial> {
        let first = self.sides[side].elements[front].as_ref()?;
        let mut spans: Vec<Vec<Pauli>> = vec![first.strings().cloned().collect()];
        let mut best: Option<Trial> = None;
        while !spans.is_empty() {
            let mut next: Vec<(usize, Vec<Pauli>)> = Vec::new();
            for strings in spans {
                let span = Span::new(&strings, &self.known);
                let within = self.sides.each_ref().map(|side| side.within(&span));
                let least = best.as_ref().map_or(least, |best| best.gain);
                if let Some(trial) = self.remembered_trial(&span, &within, least) {
                    if trial.cost == 0 {
                        return Some(trial);
                    }
                    best = Some(trial);
                }
                for (side, within) in within.iter().enumerate() {
                    for &blocking in &within.blocking {
                        if let Some(wider) = self.widened(&strings, side, blocking, widest)
                            && self.in_vain < MOST_IN_VAIN
                            && seen.insert(letters(&wider))
                        {
                            self.in_vain += 1;
                            next.push((within.taken.len(), wider));
                        }
                    }
                }
            }
            next.sort_by_key(|(count, _)| Reverse(*count));
            next.truncate(BREADTH);
            spans = next.into_iter().map(|(_, span)| span).collect();
        }
        best
    }

    /// As [`Self::trial`], if it cancels or gains more than `least`; what was found not to is not tried again.
    fn remembered_trial(
        &mut self,
        span: &Span,
        within: &[Within; 2],
        least: usize,
    ) -> Option<Trial> {
        let key = self.fingerprint(within);
        match self.gains.get(&key) {
            Some(Some(gain)) if *gain <= least => return None,
            Some(None) => return None,
            _ => {}
        }
        let trial = self.trial(span, within);
        self.gains
            .insert(key, trial.as_ref().map(|trial| trial.gain));
        trial.filter(|trial| trial.cost == 0 || trial.gain > least)
    }

    /// A number for what is within a span on both sides.
    fn fingerprint(&self, within: &[Within; 2]) -> u64 {
        let mut hasher = FxHasher::default();
        for (side, within) in self.sides.iter().zip(within) {
            within.taken.len().hash(&mut hasher);
            for element in within
                .taken
                .iter()
                .filter_map(|&at| side.elements[at].as_ref())
            {
                element
                    .strings()
                    .for_each(|string| string.hash(&mut hasher));
                match element {
                    Element::Rotation(rotation) => rotation.angle.to_bits().hash(&mut hasher),
                    Element::Block(block) => block.matrix.iter().for_each(|entry| {
                        (entry.re.to_bits(), entry.im.to_bits()).hash(&mut hasher);
                    }),
                }
            }
        }
        hasher.finish()
    }

    /// The span with one more operation, if it stays within so many qubits.
    fn widened(
        &self,
        strings: &[Pauli],
        side: usize,
        place: usize,
        widest: usize,
    ) -> Option<Vec<Pauli>> {
        let element = self.sides[side].elements[place].as_ref()?;
        let mut wider: Vec<Pauli> = strings.iter().chain(element.strings()).cloned().collect();
        echelon(&mut wider);
        wider.sort_by(|a, b| a.letters().cmp(b.letters()));
        (wider.len() > strings.len() && Span::new(&wider, &self.known).qubits.len() <= widest)
            .then_some(wider)
    }

    /// What multiplying out all of a span would do, if it makes less of it.
    fn trial(&self, span: &Span, within: &[Within; 2]) -> Option<Trial> {
        let weights = [0, 1].map(|side| self.sides[side].weight(&within[side].taken));
        let weight = weights[0] + weights[1];
        if weight < 2 {
            return None;
        }
        let products = [0, 1].map(|side| self.sides[side].product(span, &within[side].taken));
        let [a, b] = products;
        let Factors {
            before,
            after,
            ones,
            rest,
            off,
        } = factors(&(b * a.adjoint()), self.rounding.angle)?;
        let like = self.sides[usize::from(within[0].taken.is_empty())]
            .elements
            .iter()
            .flatten()
            .find_map(|element| element.strings().next())?;
        let strings = |pairs: &[[Pauli; 2]]| -> Vec<[Pauli; 2]> {
            pairs
                .iter()
                .map(|pair| pair.each_ref().map(|small| span.qubits.string(small, like)))
                .collect()
        };
        let (before, after) = (strings(&before), strings(&after));
        let mut word = Vec::new();
        for (matrix, [x, z]) in ones.iter().zip(&before) {
            let letters = self.shortest(matrix, 4)?;
            word.extend(Group::new(z, x).rotations(&letters));
        }
        let mut block = None;
        match rest {
            Rest::Phases(phases) => word.extend(phases.into_iter().map(|(string, angle)| {
                let mut pauli = Pauli::identity(like.columns());
                for (place, [_, z]) in before[ones.len()..].iter().enumerate() {
                    if string >> place & 1 == 1 {
                        pauli.multiply(z, 0);
                    }
                }
                positive(pauli, angle)
            })),
            Rest::Matrix(matrix) => {
                block = Some(Block {
                    pairs: before[ones.len()..].to_vec(),
                    matrix,
                });
            }
        }
        let rotations = word
            .iter()
            .filter(|own| !self.is_clifford(own.angle))
            .count();
        let cost = rotations + block.as_ref().map_or(0, |block| block.matrix.len() - 1);
        (cost < weight).then(|| Trial {
            taken: within.each_ref().map(|side| side.taken.clone()),
            exchange: Exchange::new(after, before),
            word,
            block,
            cost,
            gain: weight - cost,
            off,
        })
    }

    fn apply(&mut self, trial: Trial) {
        self.in_vain = 0;
        for (side, taken) in trial.taken.iter().enumerate() {
            for &place in taken {
                let element = self.sides[side].remove(place);
                // B is only written differently; it is A's part that the states at the seam go through.
                if let (0, Some(element)) = (side, element) {
                    element.strings().for_each(|string| self.known.keep(string));
                }
            }
        }
        self.count_as_nothing(trial.off);
        self.sides[1].conjugate(|string| trial.exchange.change(string));
        if let Some(block) = trial.block {
            self.sides[1]
                .elements
                .push_front(Some(Element::Block(block)));
        }
        self.prepend(trial.word);
    }
}
