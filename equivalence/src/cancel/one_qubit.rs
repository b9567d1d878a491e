//! Chains of gates on one virtual qubit: two strings that do not commute span a copy of one qubit's operators.

use ardea_circuit::{C64, matrix::cis};
use nalgebra::Matrix2;

use crate::cancel::Seam;
use crate::cancel::element::{Element, positive};
use crate::cancel::side::Side;
use crate::pauli::Pauli;
use crate::rotations::{Rotation, euler, quarters_of};

/// Pairs of strings that are tried before the window grows.
const MOST_PAIRS: usize = 400;

/// Position in `[Z, X, Y]`.
pub(super) type Letter = usize;

/// Two strings that do not commute and their product: Z, X and Y of one qubit.
pub(super) struct Group {
    strings: [Pauli; 3],
}

impl Group {
    pub(super) fn new(z: &Pauli, x: &Pauli) -> Self {
        let mut y = z.clone();
        y.multiply(x, 3); // Y = -i Z X
        Self {
            strings: [z.clone(), x.clone(), y],
        }
    }

    /// A word in the letters, in order of time, as rotations.
    pub(super) fn rotations(&self, word: &[(Letter, f64)]) -> Vec<Rotation> {
        word.iter()
            .map(|&(letter, angle)| positive(self.strings[letter].clone(), angle))
            .collect()
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
pub(super) type Axes = Vec<(Letter, Letter, Matrix2<C64>)>;

pub(super) fn axes() -> Axes {
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

impl Side {
    /// All rotations of the group that can come to the front, in order of time.
    fn take_group(&self, group: &Group, window: usize) -> Vec<(Letter, f64, usize)> {
        let mut out = Vec::new();
        let mut open = [true; 3];
        let elements = self.elements.iter().enumerate();
        for (index, element) in elements
            .filter_map(|(index, element)| Some((index, element.as_ref()?)))
            .take(2 * window)
        {
            if open == [false; 3] {
                break;
            }
            let own = element
                .rotation()
                .and_then(|rotation| Some((group.letter(&rotation.pauli)?, rotation.angle)));
            match own {
                // A letter is open as long as it commutes with all that stays.
                Some(((letter, sign), angle)) if open[letter] => {
                    out.push((letter, sign * angle, index));
                }
                _ => {
                    for (letter, open) in open.iter_mut().enumerate() {
                        *open &= element.commutes(&group.strings[letter]);
                    }
                }
            }
        }
        out
    }
}

impl Seam {
    /// Multiplies out a one-qubit group of both sides where that leaves fewer rotations: spanned by a front of each side, or
    /// by a front and the first rotation of its own side that it stands before.
    pub(super) fn match_groups(&mut self, fronts: &[Vec<usize>; 2], window: usize) -> bool {
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
                if let Some(Element::Rotation(rotation)) = self.sides[side].remove(index) {
                    self.known.keep(&rotation.pauli);
                }
            }
        }
        self.prepend(group.rotations(&words));
        true
    }

    /// The angles about an outer, a middle and the outer letter again that need fewest rotations, if fewer than `limit`.
    pub(super) fn shortest(
        &self,
        matrix: &Matrix2<C64>,
        limit: usize,
    ) -> Option<[(Letter, f64); 3]> {
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
}
