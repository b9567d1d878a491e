//! A matrix on a few qubits as a Clifford operation after what acts on fewer qubits.
//!
//! Conjugation by the matrix takes each Pauli string to a sum of strings. Where all operators of one virtual qubit stay
//! within those of another, the matrix is a gate on that qubit, then a Clifford operation that exchanges the two, and
//! something on the rest. What is left in the end is either diagonal about strings that commute, and then a product of
//! rotations, or stays a matrix.

use ardea_circuit::C64;
use ardea_circuit::matrix::cis;
use nalgebra::{DMatrix, DVector, Matrix2};

use crate::pauli::Pauli;
use crate::split::factor;

/// How many times as far as a coefficient that counts as nothing the product of the factors may be.
const FARTHEST: f64 = 10.0;

/// The matrix is `exchange . (ones, rest)`: first a gate on each of the first qubits of `before` and the rest on the
/// others, then the Clifford operation from the pairs of `before` to those of `after`.
pub(crate) struct Factors {
    pub(crate) before: Vec<[Pauli; 2]>,
    pub(crate) after: Vec<[Pauli; 2]>,
    pub(crate) ones: Vec<Matrix2<C64>>,
    pub(crate) rest: Rest,
    /// How far the product is from the matrix, up to a phase.
    pub(crate) off: f64,
}

/// What acts on the qubits after the first.
pub(crate) enum Rest {
    /// `exp(-i angle/2 Z...Z)` on the qubits whose bits are set, counted from the first of the rest.
    Phases(Vec<(usize, f64)>),
    Matrix(DMatrix<C64>),
}

/// Strings by number: the bits of x, then those of z.
#[derive(Clone, Copy)]
struct Strings {
    qubits: usize,
}

impl Strings {
    fn all(self) -> std::ops::Range<usize> {
        1..1 << (2 * self.qubits)
    }

    fn commute(self, a: usize, b: usize) -> bool {
        let low = (1 << self.qubits) - 1;
        let crossed = (a & low & (b >> self.qubits)).count_ones()
            + (b & low & (a >> self.qubits)).count_ones();
        crossed.is_multiple_of(2)
    }

    fn pauli(self, number: usize) -> Pauli {
        let mut out = Pauli::identity(self.qubits);
        for bit in 0..self.qubits {
            if number >> bit & 1 == 1 {
                out.multiply(&Pauli::x(self.qubits, bit), 0);
            }
        }
        for bit in 0..self.qubits {
            if number >> (self.qubits + bit) & 1 == 1 {
                out.multiply(&Pauli::z(self.qubits, bit), 0);
            }
        }
        let ys = (number & (number >> self.qubits) & ((1 << self.qubits) - 1)).count_ones();
        out.turn((ys % 4) as u8);
        out
    }

    /// Pairs that together with `known` make all qubits.
    fn pairs_beside(self, known: &[[usize; 2]]) -> Vec<[usize; 2]> {
        let mut pairs = known.to_vec();
        let mut free: Vec<usize> = self
            .all()
            .filter(|&own| {
                known
                    .iter()
                    .flatten()
                    .all(|&other| self.commute(own, other))
            })
            .collect();
        while let Some(&first) = free.first() {
            let Some(&second) = free.iter().find(|&&other| !self.commute(first, other)) else {
                break;
            };
            pairs.push([first, second]);
            free.retain(|&own| self.commute(own, first) && self.commute(own, second));
        }
        pairs.split_off(known.len())
    }

    /// For strings that commute one each that crosses just that one, and all of `pairs` not at all.
    fn partners(self, strings: &[usize], pairs: &[[usize; 2]]) -> Option<Vec<usize>> {
        let mut out: Vec<usize> = Vec::new();
        for &string in strings {
            let partner = self.all().find(|&own| {
                strings
                    .iter()
                    .all(|&other| self.commute(own, other) == (other != string))
                    && pairs
                        .iter()
                        .flatten()
                        .chain(&out)
                        .all(|&other| self.commute(own, other))
            })?;
            out.push(partner);
        }
        Some(out)
    }
}

/// Where conjugation takes each string: the strings whose coefficient is not small, by the number of the string.
struct Images {
    strings: Strings,
    of: Vec<Vec<(usize, f64)>>,
}

impl Images {
    fn new(matrix: &DMatrix<C64>, rounding: f64) -> Self {
        let strings = Strings {
            qubits: matrix.nrows().trailing_zeros() as usize,
        };
        let paulis: Vec<Pauli> = (0..=strings.all().end - 1)
            .map(|number| strings.pauli(number))
            .collect();
        let adjoint = matrix.adjoint();
        let of = paulis.iter().map(|pauli| {
            let image = matrix * times(pauli, &adjoint);
            let coefficient = |other: &Pauli| trace_with(other, &image) / matrix.nrows() as f64;
            let list = paulis.iter().map(coefficient).enumerate();
            list.filter(|(_, value)| value.abs() > rounding).collect()
        });
        Self {
            strings,
            of: of.collect(),
        }
    }

    /// Two strings whose products hold all of the image, or the string and nothing.
    fn span(&self, string: usize) -> Option<(usize, Option<usize>)> {
        let list = &self.of[string];
        let first = list.first()?.0;
        let Some(&(second, _)) = list.get(1) else {
            return Some((first, None));
        };
        let inside = list.len() == 2 || list.len() == 3 && list[2].0 == first ^ second;
        (inside && !self.strings.commute(first, second)).then_some((first, Some(second)))
    }

    /// A virtual qubit of the operators in `free` that stays one, before and after.
    fn lasting_qubit(&self, free: &[usize]) -> Option<[[usize; 2]; 2]> {
        let mut fixed: Vec<(usize, usize)> = Vec::new();
        for &string in free {
            let Some((first, second)) = self.span(string) else {
                continue;
            };
            let Some(second) = second else {
                let partner = fixed
                    .iter()
                    .find(|(other, _)| !self.strings.commute(string, *other));
                if let Some(&(other, image)) = partner {
                    return Some([[string, other], [first, image]]);
                }
                fixed.push((string, first));
                continue;
            };
            let within = |other: usize| {
                let list = &self.of[other];
                list.iter()
                    .all(|(image, _)| [first, second, first ^ second].contains(image))
            };
            let mut own = free.iter().copied().filter(|&other| within(other));
            if let (Some(x), Some(z), Some(_)) = (own.next(), own.next(), own.next()) {
                return Some([[x, z], [first, second]]);
            }
        }
        None
    }
}

/// Takes a matrix apart, coefficients up to `rounding` counting as nothing, if it then comes close.
pub(crate) fn factors(matrix: &DMatrix<C64>, rounding: f64) -> Option<Factors> {
    let images = Images::new(matrix, rounding);
    let strings = images.strings;
    let (mut before, mut after): (Vec<[usize; 2]>, Vec<[usize; 2]>) = (Vec::new(), Vec::new());
    let mut free: Vec<usize> = strings.all().collect();
    while let Some([own, image]) = images.lasting_qubit(&free) {
        before.push(own);
        after.push(image);
        free.retain(|&string| own.iter().all(|&other| strings.commute(string, other)));
    }
    let single = before.len();
    let signed = |pairs: &[[usize; 2]]| -> Vec<[Pauli; 2]> {
        pairs
            .iter()
            .map(|pair| pair.map(|number| strings.pauli(number)))
            .collect()
    };
    if let Some([own, image]) = diagonal_qubits(&images, &free, &before, &after) {
        let minus: Vec<bool> = own.iter().map(|[_, z]| images.of[*z][0].1 < 0.0).collect();
        before.extend(own);
        after.extend(image);
        let (before, mut after) = (signed(&before), signed(&after));
        for (pair, minus) in after[single..].iter_mut().zip(minus) {
            pair[1].turn(2 * u8::from(minus));
        }
        return assemble(matrix, before, after, single, true, FARTHEST * rounding);
    }
    before.extend(strings.pairs_beside(&before));
    after.extend(strings.pairs_beside(&after));
    assemble(
        matrix,
        signed(&before),
        signed(&after),
        single,
        false,
        FARTHEST * rounding,
    )
}

/// Pairs for what is left such that it keeps all their Z, up to the exchange.
fn diagonal_qubits(
    images: &Images,
    free: &[usize],
    before: &[[usize; 2]],
    after: &[[usize; 2]],
) -> Option<[Vec<[usize; 2]>; 2]> {
    let strings = images.strings;
    let count = strings.qubits - before.len();
    let mut kept: Vec<usize> = Vec::new();
    let mut products = vec![0];
    for &string in free {
        let fits = images.of[string].len() == 1
            && !products.contains(&string)
            && kept.iter().all(|&other| strings.commute(string, other));
        if fits {
            products.extend(products.clone().into_iter().map(|other| other ^ string));
            kept.push(string);
        }
    }
    if kept.len() < count {
        return None;
    }
    let images: Vec<usize> = kept.iter().map(|&string| images.of[string][0].0).collect();
    let join = |x: Vec<usize>, z: Vec<usize>| x.into_iter().zip(z).map(|(x, z)| [x, z]).collect();
    let own = strings.partners(&kept, before)?;
    let image = strings.partners(&images, after)?;
    Some([join(own, kept), join(image, images)])
}

fn assemble(
    matrix: &DMatrix<C64>,
    before: Vec<[Pauli; 2]>,
    after: Vec<[Pauli; 2]>,
    single: usize,
    diagonal: bool,
    limit: f64,
) -> Option<Factors> {
    let (from, to) = (frame(&before), frame(&after));
    let mut rest = to.adjoint() * matrix * from;
    let (mut ones, mut off) = (Vec::with_capacity(single), 0.0);
    for _ in 0..single {
        let (one, others, residual) = factor(&rest, Some(0), 0, limit)?;
        ones.push(Matrix2::from_iterator(one.iter().copied()));
        rest = others;
        off += residual;
    }
    let rest = if diagonal {
        let diagonal = DMatrix::from_diagonal(&rest.diagonal().map(|entry| cis(entry.arg())));
        off += (&rest - &diagonal).norm();
        Rest::Phases(rotations_of(&diagonal.diagonal()))
    } else {
        Rest::Matrix(rest)
    };
    (off <= limit).then_some(Factors {
        before,
        after,
        ones,
        rest,
        off,
    })
}

/// A diagonal of phases as rotations about products of Z, those by nothing left out.
fn rotations_of(diagonal: &DVector<C64>) -> Vec<(usize, f64)> {
    let size = diagonal.len();
    let phases: Vec<f64> = diagonal
        .iter()
        .map(|entry| (entry * diagonal[0].conj()).arg())
        .collect();
    let angle = |string: usize| {
        let sum: f64 = (0..size)
            .map(|row| {
                let minus = (row & string).count_ones() % 2 == 1;
                if minus { -phases[row] } else { phases[row] }
            })
            .sum();
        -2.0 * sum / size as f64
    };
    (1..size).map(|string| (string, angle(string))).collect()
}

/// The unitary that takes X and Z of each qubit to the strings of its pair.
fn frame(pairs: &[[Pauli; 2]]) -> DMatrix<C64> {
    let size = 1 << pairs.len();
    let half = C64::from(0.5);
    let stabilised = |start: usize| {
        let mut column = DMatrix::zeros(size, 1);
        column[start] = C64::from(1.0);
        for [_, z] in pairs {
            column = (&column + times(z, &column)) * half;
        }
        column
    };
    // Some basis state has at least the average overlap with the state that all Z of the pairs keep.
    let first = (0..size)
        .map(stabilised)
        .max_by(|a, b| a.norm().total_cmp(&b.norm()))
        .unwrap_or_else(|| DMatrix::zeros(size, 1));
    let norm = first.norm();
    let first = first.unscale(norm);
    let mut out = DMatrix::zeros(size, size);
    for value in 0..size {
        let mut column = first.clone();
        for (bit, [x, _]) in pairs.iter().enumerate() {
            if value >> bit & 1 == 1 {
                column = times(x, &column);
            }
        }
        out.set_column(value, &column.column(0));
    }
    out
}

/// The bits of x and z of a string on few qubits.
fn bits(pauli: &Pauli) -> (usize, usize) {
    let first = |words: &[u64]| words.first().map_or(0, |&word| word as usize);
    (first(pauli.x_words()), first(pauli.z_words()))
}

fn power_of_i(power: u8) -> C64 {
    [
        C64::new(1.0, 0.0),
        C64::new(0.0, 1.0),
        C64::new(-1.0, 0.0),
        C64::new(0.0, -1.0),
    ][usize::from(power % 4)]
}

/// The factor that a string gives a basis state.
fn sign(z: usize, row: usize) -> f64 {
    if (z & row).count_ones() % 2 == 1 {
        -1.0
    } else {
        1.0
    }
}

/// The string times the matrix.
pub(crate) fn times(pauli: &Pauli, matrix: &DMatrix<C64>) -> DMatrix<C64> {
    let (x, z) = bits(pauli);
    let phase = power_of_i(pauli.power());
    DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |row, column| {
        let from = row ^ x;
        matrix[(from, column)] * phase * sign(z, from)
    })
}

/// The real part of the trace of a Hermitian string times the matrix.
fn trace_with(pauli: &Pauli, matrix: &DMatrix<C64>) -> f64 {
    let (x, z) = bits(pauli);
    let phase = power_of_i(pauli.power());
    let sum: C64 = (0..matrix.nrows())
        .map(|row| matrix[(row ^ x, row)] * sign(z, row ^ x))
        .sum();
    (phase * sum).re
}

/// `exp(-i angle/2 pauli)` times the matrix.
pub(crate) fn rotate(pauli: &Pauli, angle: f64, matrix: &DMatrix<C64>) -> DMatrix<C64> {
    let (sin, cos) = (angle / 2.0).sin_cos();
    matrix * C64::from(cos) - times(pauli, matrix) * C64::new(0.0, sin)
}

/// The matrix of an operation whose qubits are these pairs of strings.
pub(crate) fn embedded(inner: &DMatrix<C64>, pairs: &[[Pauli; 2]], qubits: usize) -> DMatrix<C64> {
    let own = Strings {
        qubits: pairs.len(),
    };
    let one = DMatrix::<C64>::identity(1 << qubits, 1 << qubits);
    let mut out = DMatrix::zeros(1 << qubits, 1 << qubits);
    for number in 0..own.all().end {
        let string = own.pauli(number);
        let (x, z) = bits(&string);
        let coefficient: C64 = (0..inner.nrows())
            .map(|row| inner[(row ^ x, row)] * sign(z, row))
            .sum::<C64>()
            * power_of_i(string.power()).conj()
            / inner.nrows() as f64;
        if coefficient.norm() < 1e-15 {
            continue;
        }
        let mut image = Pauli::identity(qubits);
        for (of, bits) in [x, z].into_iter().enumerate() {
            for (place, pair) in pairs.iter().enumerate() {
                if bits >> place & 1 == 1 {
                    image.multiply(&pair[of], 0);
                }
            }
        }
        image.turn(string.power());
        out += times(&image, &one) * coefficient;
    }
    out
}

#[cfg(test)]
mod tests {
    use ardea_circuit::random::random_circuit;
    use ardea_circuit::{Circuit, Gate};
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    const CLIFFORD: &[Gate] = &[Gate::H, Gate::S, Gate::CX, Gate::Swap, Gate::ECR];

    fn matrix(circuit: &Circuit) -> DMatrix<C64> {
        circuit.to_matrix().expect("few qubits")
    }

    /// A Clifford operation before and after what `inner` does.
    fn hidden(inner: &Circuit, rng: &mut Pcg64Mcg) -> DMatrix<C64> {
        let n = inner.num_qubits();
        let [a, b] = [(); 2].map(|()| matrix(&random_circuit(rng, n, 20, CLIFFORD)));
        a * matrix(inner) * b
    }

    #[test]
    fn clifford_operations_leave_nothing() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        for n in [1, 2, 3] {
            let found = factors(&hidden(&Circuit::new(n, 0), &mut rng), 1e-8).expect("exact");
            assert_eq!(found.before.len(), n);
            assert_eq!(found.ones.len(), n);
            for one in found.ones {
                let angles = crate::rotations::euler(&one);
                assert!(
                    angles
                        .iter()
                        .all(|&angle| crate::rotations::quarters_of(angle).1.abs() < 1e-9)
                );
            }
        }
    }

    #[test]
    fn gates_on_fewer_qubits_are_found_behind_clifford_operations() {
        let mut rng = Pcg64Mcg::seed_from_u64(2);
        let mut inner = Circuit::new(3, 0);
        inner.u(0.3, 0.5, 0.7, 0).expect("a gate");
        inner
            .rzz(0.4, 1, 2)
            .expect("a gate")
            .rxx(0.3, 1, 2)
            .expect("a gate");
        inner
            .ryy(0.9, 1, 2)
            .expect("a gate")
            .u(0.3, 0.1, 0.4, 2)
            .expect("a gate");
        for _ in 0..10 {
            let found = factors(&hidden(&inner, &mut rng), 1e-8).expect("exact");
            assert_eq!(found.ones.len(), 1);
            let Rest::Matrix(rest) = found.rest else {
                panic!("the rest does not commute");
            };
            assert_eq!(rest.nrows(), 4);
            assert!(found.off < 1e-9);
        }
    }

    #[test]
    fn rotations_that_commute_are_found_behind_clifford_operations() {
        let mut rng = Pcg64Mcg::seed_from_u64(3);
        let mut inner = Circuit::new(3, 0);
        for (angle, a, b) in [(0.4, 0, 1), (0.3, 1, 2), (0.2, 0, 2)] {
            inner.rzz(angle, a, b).expect("a gate");
        }
        for _ in 0..10 {
            let found = factors(&hidden(&inner, &mut rng), 1e-8).expect("exact");
            let Rest::Phases(phases) = found.rest else {
                panic!("only rotations that commute");
            };
            let mut left: Vec<f64> = phases
                .iter()
                .map(|(_, angle)| crate::rotations::quarters_of(*angle).1.abs())
                .filter(|angle| *angle > 1e-9)
                .collect();
            left.sort_by(f64::total_cmp);
            // The product of all three strings is the identity: they are about two qubits.
            assert_eq!((left.len(), found.ones.len()), (3, 1), "{left:?}");
            for (angle, wanted) in left.iter().zip([0.2, 0.3, 0.4]) {
                assert!((angle - wanted).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn an_operation_on_strings_is_the_same_matrix() {
        let mut rng = Pcg64Mcg::seed_from_u64(4);
        let inner = random_circuit(&mut rng, 2, 10, &[Gate::U, Gate::CX]);
        let column = |of: fn(usize, usize) -> Pauli, place| of(3, place);
        let pairs = [
            [column(Pauli::x, 2), column(Pauli::z, 2)],
            [column(Pauli::x, 0), column(Pauli::z, 0)],
        ];
        let mut outer = Circuit::new(3, 0);
        let places = [2, 0].map(ardea_circuit::Qubit::new);
        outer.append(&inner, &places, &[]).expect("it fits");
        let found = embedded(&matrix(&inner), &pairs, 3);
        assert!((found - matrix(&outer)).norm() < 1e-9);
    }
}
