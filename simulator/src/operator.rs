//! Sums of Pauli strings applied to a state.
//!
//! A string is i^|x & z| X^x Z^z for two masks x and z of qubits. All strings that flip the same x act together as one
//! pass out\[k\] += d(k) psi\[k xor x\], where d is a sum of sign patterns; the passes of all x are made block by block,
//! so that the result is written once, and a Walsh-Hadamard transform gives the d of a block. Expectation values and
//! variances come out of the same blocks without storing the result.
//!
//! A qubit without amplitudes is |0>: strings that flip such qubits lead to states orthogonal to this one, and to
//! those of other such flips. Each set of flipped idle qubits is a sector of its own.

use std::collections::BTreeMap;

use ardea_circuit::{Qubit, SparsePauliSum};
use num_complex::{Complex, Complex64};
use rayon::prelude::*;

use crate::kernels::{Factor, Real, Width, add_flipped, walsh_hadamard};
use crate::reduce::wide;

/// Amplitudes of a block, in bits: block, source and tables fit the first-level cache.
const BLOCK: u32 = 11;

/// An operator in terms of the bits of a state's index.
#[derive(Debug)]
pub(crate) struct Operator {
    /// The first is that of the strings that flip no idle qubit (it may be empty).
    sectors: Vec<Vec<Flip>>,
    width: Width,
}

/// All strings of one sector that flip the same bits.
#[derive(Debug)]
struct Flip {
    x: usize,
    /// Sign masks with their coefficients.
    terms: Terms,
}

type Terms = Vec<(usize, Complex64)>;

/// Working memory for one block.
struct Scratch<T> {
    out: Vec<Complex<T>>,
    re: Vec<T>,
    im: Vec<T>,
}

impl<T: Real> Scratch<T> {
    fn new(len: usize) -> Self {
        Self {
            out: vec![Complex::new(T::ZERO, T::ZERO); len],
            re: vec![T::ZERO; len],
            im: vec![T::ZERO; len],
        }
    }
}

impl Operator {
    /// `sum` on a state's qubits; `bit` gives the bit of a qubit in the state's index, `None` for one that is |0>.
    pub(crate) fn new(
        sum: &SparsePauliSum,
        bit: impl Fn(Qubit) -> Option<u32>,
        width: Width,
    ) -> Self {
        let mut sectors: BTreeMap<Vec<usize>, BTreeMap<usize, Terms>> =
            BTreeMap::from([(vec![], BTreeMap::new())]);
        for (string, coefficient) in sum.terms() {
            let (mut x, mut z, mut idle) = (0usize, 0usize, vec![]);
            // Y is i X Z, and X Z written as Z after X changes the sign: a factor -i for each.
            let mut factor = *coefficient;
            for (qubit, _) in string.support() {
                let flips = string.x_bits().contains(qubit.index());
                let signs = string.z_bits().contains(qubit.index());
                match bit(qubit) {
                    Some(bit) => {
                        x |= usize::from(flips) << bit;
                        z |= usize::from(signs) << bit;
                        if flips && signs {
                            factor *= -Complex64::I;
                        }
                    }
                    // Y|0> = i|1>, Z|0> = |0>
                    None if flips => {
                        idle.push(qubit.index());
                        if signs {
                            factor *= Complex64::I;
                        }
                    }
                    None => {}
                }
            }
            let terms = sectors.entry(idle).or_default().entry(x).or_default();
            terms.push((z, factor));
        }
        let sectors = sectors
            .into_values()
            .map(|flips| {
                flips
                    .into_iter()
                    .map(|(x, terms)| Flip { x, terms })
                    .collect()
            })
            .collect();
        Self { sectors, width }
    }

    /// Writes the part of O psi that lies in the space of `psi`'s own qubits, and returns `<psi|O|psi>`.
    pub(crate) fn apply<T: Real>(&self, psi: &[Complex<T>], out: &mut [Complex<T>]) -> Complex64 {
        assert!(psi.len() == out.len());
        let len = psi.len().min(1 << BLOCK);
        let one = |(block, out): (usize, &mut [Complex<T>]), scratch: &mut Scratch<T>| {
            out.fill(Complex::new(T::ZERO, T::ZERO));
            self.block(&self.sectors[0], psi, block, out, scratch);
            product(&psi[block * len..(block + 1) * len], out)
        };
        let parts: Vec<Complex64> = if psi.len() <= 4 * len {
            let mut scratch = Scratch::new(len);
            out.chunks_mut(len)
                .enumerate()
                .map(|item| one(item, &mut scratch))
                .collect()
        } else {
            out.par_chunks_mut(len)
                .enumerate()
                .map_init(|| Scratch::new(len), |scratch, item| one(item, scratch))
                .collect()
        };
        parts.into_iter().sum()
    }

    /// `<psi|O|psi>` and the squared norm of O psi.
    pub(crate) fn moments<T: Real>(&self, psi: &[Complex<T>]) -> (Complex64, f64) {
        let len = psi.len().min(1 << BLOCK);
        let (mut value, mut square) = (Complex64::ZERO, 0.0);
        for (number, sector) in self.sectors.iter().enumerate() {
            let one = |block: usize, scratch: &mut Scratch<T>| {
                let mut out = std::mem::take(&mut scratch.out);
                out.fill(Complex::new(T::ZERO, T::ZERO));
                self.block(sector, psi, block, &mut out, scratch);
                let value = product(&psi[block * len..(block + 1) * len], &out);
                let square: f64 = out.iter().map(|z| wide(z).norm_sqr()).sum();
                scratch.out = out;
                (value, square)
            };
            let blocks = psi.len() / len;
            let parts: Vec<(Complex64, f64)> = if blocks <= 4 {
                let mut scratch = Scratch::new(len);
                (0..blocks).map(|i| one(i, &mut scratch)).collect()
            } else {
                (0..blocks)
                    .into_par_iter()
                    .map_init(|| Scratch::new(len), |scratch, i| one(i, scratch))
                    .collect()
            };
            for (in_block, square_in_block) in parts {
                if number == 0 {
                    value += in_block;
                }
                square += square_in_block;
            }
        }
        (value, square)
    }

    /// Adds the sector's part of O psi in one block to `out`.
    fn block<T: Real>(
        &self,
        sector: &[Flip],
        psi: &[Complex<T>],
        block: usize,
        out: &mut [Complex<T>],
        scratch: &mut Scratch<T>,
    ) {
        let len = out.len();
        let (bits, low) = (len.trailing_zeros(), len - 1);
        let narrow = |z: Complex64| Complex::new(T::from_f64(z.re), T::from_f64(z.im));
        for Flip { x, terms } in sector {
            let from = block ^ x >> bits;
            let source = &psi[from * len..(from + 1) * len];
            let signed = |&(z, c): &(usize, Complex64)| {
                let odd = (block & z >> bits).count_ones() % 2 == 1;
                (z & low, if odd { -c } else { c })
            };
            if terms.iter().all(|(z, _)| z & low == 0) {
                let constant: Complex64 = terms.iter().map(|term| signed(term).1).sum();
                let factor = Factor::Constant(narrow(constant));
                add_flipped(self.width, out, source, x & low, factor);
                continue;
            }
            let complex = terms.iter().any(|(_, c)| c.im != 0.0);
            let (re, im) = (&mut scratch.re[..len], &mut scratch.im[..len]);
            re.fill(T::ZERO);
            im.fill(T::ZERO);
            for term in terms {
                let (z, c) = signed(term);
                re[z] += T::from_f64(c.re);
                im[z] += T::from_f64(c.im);
            }
            walsh_hadamard(self.width, re);
            let factor = if complex {
                walsh_hadamard(self.width, im);
                Factor::Complex(re, im)
            } else {
                Factor::Real(re)
            };
            add_flipped(self.width, out, source, x & low, factor);
        }
    }
}

fn product<T: Real>(a: &[Complex<T>], b: &[Complex<T>]) -> Complex64 {
    let mut chains = [Complex64::ZERO; 4];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<4>(), b.as_chunks::<4>());
    for (a, b) in a.iter().zip(b) {
        for ((chain, a), b) in chains.iter_mut().zip(a).zip(b) {
            *chain += wide(a).conj() * wide(b);
        }
    }
    let rest: Complex64 = a_rest
        .iter()
        .zip(b_rest)
        .map(|(a, b)| wide(a).conj() * wide(b))
        .sum();
    (chains[0] + chains[2]) + (chains[1] + chains[3]) + rest
}

#[cfg(test)]
mod tests {
    use ardea_circuit::{Circuit, PauliString};

    use super::*;
    use crate::random::Random;
    use crate::state::StateVector;

    fn random_state(qubits: u32) -> Vec<Complex64> {
        let random = Random::new(4);
        let numbers: Vec<Complex64> = (0..1u64 << qubits)
            .map(|i| Complex64::new(random.uniform(i, 0) - 0.5, random.uniform(i, 1) - 0.5))
            .collect();
        let norm = numbers.iter().map(|z| z.norm_sqr()).sum::<f64>().sqrt();
        numbers.into_iter().map(|z| z / norm).collect()
    }

    fn random_sum(qubits: usize, terms: u64, complex: f64) -> SparsePauliSum {
        let random = Random::new(9);
        let mut sum = SparsePauliSum::zero(qubits);
        for term in 0..terms {
            let label: String = (0..qubits as u64)
                .map(|q| ['I', 'X', 'Y', 'Z'][(random.bits(term, q) % 4) as usize])
                .collect();
            let coefficient = Complex64::new(
                random.uniform(term, 98) - 0.5,
                complex * random.uniform(term, 99),
            );
            sum.push(PauliString::from_label(&label).unwrap(), coefficient)
                .unwrap();
        }
        sum
    }

    #[test]
    fn an_operator_acts_as_its_matrix() {
        for (qubits, complex) in [(1, 0.0), (2, 1.0), (3, 0.0), (5, 1.0), (7, 0.5)] {
            let psi = random_state(qubits);
            let sum = random_sum(qubits as usize, 30, complex);
            let state = StateVector::from_amplitudes(&psi).unwrap();
            let matrix = sum.to_matrix().unwrap();
            let expected = &matrix * nalgebra::DVector::from_vec(psi.clone());
            for width in Width::available() {
                let operator = Operator::new(&sum, |qubit| state.bit(qubit), width);
                let mut out = vec![Complex64::ZERO; psi.len()];
                let value = operator.apply(&psi, &mut out);
                for (found, expected) in out.iter().zip(expected.iter()) {
                    assert!((found - expected).norm() < 1e-13);
                }
                let (again, square) = operator.moments(&psi);
                assert!((value - again).norm() < 1e-13);
                assert!((square - expected.norm_squared()).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn large_states_are_worked_on_block_by_block() {
        let psi = random_state(14);
        let sum = random_sum(14, 12, 0.0);
        let state = StateVector::from_amplitudes(&psi).unwrap();
        let operator = Operator::new(&sum, |qubit| state.bit(qubit), Width::detect());
        let expected: f64 = sum
            .terms()
            .iter()
            .map(|(string, c)| c.re * state.expectation_of(string).unwrap())
            .sum();
        let (value, square) = operator.moments(&psi);
        assert!((value - expected).norm() < 1e-13, "{value} {expected}");
        let squared = sum.product(&sum).unwrap();
        let mean_square: f64 = squared
            .terms()
            .iter()
            .map(|(string, c)| c.re * state.expectation_of(string).unwrap())
            .sum();
        assert!((square - mean_square).abs() < 1e-12);
    }

    #[test]
    fn strings_that_flip_idle_qubits_count_in_the_square_only() {
        let mut circuit = Circuit::new(4, 0);
        circuit.h(1).unwrap();
        let state = StateVector::<f64>::from_circuit(&circuit).unwrap();
        let sum = SparsePauliSum::from_labels(&[("XIIX", 0.5), ("YIIX", 2.0), ("IIXZ", 3.0)]);
        let operator = Operator::new(&sum.unwrap(), |qubit| state.bit(qubit), Width::detect());
        let (value, square) = operator.moments(state.amplitudes());
        assert!((value - 3.0).norm() < 1e-14);
        // (0.5 + 2 i)|1001> from the first two, which flip the same idle qubits, and 3 from the last.
        assert!((square - (0.25 + 4.0 + 9.0)).abs() < 1e-13, "{square}");
    }
}
