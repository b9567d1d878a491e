//! How much of a matrix there is to multiply: what the cost model and the kernels' pieces agree on.
//!
//! Basis states that never mix fall apart into components, and each component is worked on by itself; an identity
//! component costs nothing. Where all entries are real or imaginary in a consistent way, an
//! entry takes two products, else three and some additions.

use num_complex::Complex64;

use crate::kernels::Shape;

/// Products that a complex entry takes as long as: three, and additions beside them.
const COMPLEX: f64 = 3.4;

/// What a matrix does to each amplitude, on average over its basis states.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Work {
    /// Share of the amplitudes that are read and written.
    pub(super) touched: f64,
    /// Entries of the matrix for each amplitude of the state.
    entries: f64,
    /// Whether all of them are real or imaginary.
    pure: bool,
}

impl Work {
    /// Real multiplications for each amplitude of the state.
    fn multiplications(self) -> f64 {
        self.entries * if self.pure { 2.0 } else { 3.0 }
    }

    /// What they cost, with the additions beside them, in multiplications.
    pub(super) fn products(self) -> f64 {
        self.entries * if self.pure { 2.0 } else { COMPLEX }
    }
}

/// The work of a matrix (row-major, of `side` rows).
pub(super) fn of_matrix(matrix: &[Complex64], side: usize) -> Work {
    let mut parts = Components::new(side);
    let mut pure = true;
    for (i, entry) in matrix.iter().enumerate() {
        if *entry != Complex64::ZERO {
            parts.join(i / side, i % side);
            pure &= entry.re == 0.0 || entry.im == 0.0;
        }
    }
    let idle = |row: usize| matrix[row * side + row] == Complex64::ONE;
    parts.work(pure, idle)
}

/// Real multiplications that a shape makes for each amplitude of the state.
pub(super) fn multiplications(shape: &Shape) -> f64 {
    match shape {
        Shape::Dense {
            targets,
            controls,
            matrix,
        } => {
            let share = 0.5f64.powi(controls.len() as i32);
            of_matrix(matrix, 1 << targets.len()).multiplications() * share
        }
        Shape::Diagonal { table, .. } => {
            let turned = table.iter().filter(|&&entry| entry != Complex64::ONE);
            4.0 * turned.count() as f64 / table.len() as f64
        }
        Shape::Permutation { .. } => 0.0,
    }
}

/// The least work that the product of `shapes` on `qubits` may turn out to be, from where they have entries.
pub(super) fn at_least(shapes: &[&Shape], qubits: &[u32]) -> Work {
    let side = 1usize << qubits.len();
    let mut parts = Components::new(side);
    let mut pure = true;
    for shape in shapes {
        let (targets, controls): (&[u32], &[(u32, bool)]) = match shape {
            Shape::Diagonal { .. } => continue,
            Shape::Dense {
                targets, controls, ..
            }
            | Shape::Permutation {
                targets, controls, ..
            } => (targets, controls),
        };
        let bit = |qubit: u32| qubits.iter().position(|&q| q == qubit).unwrap_or(0);
        let bits: Vec<usize> = targets.iter().map(|&target| bit(target)).collect();
        let pick = |index: usize| {
            bits.iter()
                .enumerate()
                .map(|(i, &b)| (index >> b & 1) << i)
                .sum::<usize>()
        };
        let put = |index: usize, value: usize| {
            bits.iter().enumerate().fold(index, |index, (i, &b)| {
                index & !(1 << b) | (value >> i & 1) << b
            })
        };
        let acts = |index: usize| {
            controls
                .iter()
                .all(|&(qubit, value)| (index >> bit(qubit) & 1 == 1) == value)
        };
        let small = 1usize << targets.len();
        for index in (0..side).filter(|&index| acts(index)) {
            let column = pick(index);
            match shape {
                Shape::Dense { matrix, .. } => {
                    for row in 0..small {
                        if matrix[row * small + column] != Complex64::ZERO {
                            parts.join(index, put(index, row));
                        }
                    }
                }
                Shape::Permutation { image, .. } => {
                    parts.join(index, put(index, image[column] as usize));
                }
                Shape::Diagonal { .. } => {}
            }
        }
        if let Shape::Dense { matrix, .. } = shape {
            pure &= matrix
                .iter()
                .all(|entry| entry.re == 0.0 || entry.im == 0.0);
        }
    }
    parts.work(pure, |_| true)
}

/// Basis states in components.
struct Components(Vec<usize>);

impl Components {
    fn new(side: usize) -> Self {
        Self((0..side).collect())
    }

    fn root(&self, mut index: usize) -> usize {
        while self.0[index] != index {
            index = self.0[index];
        }
        index
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }

    /// The work where each component is dense, and one alone is free where it is `idle`.
    fn work(&self, pure: bool, idle: impl Fn(usize) -> bool) -> Work {
        let side = self.0.len();
        let mut sizes = vec![0usize; side];
        (0..side).for_each(|index| sizes[self.root(index)] += 1);
        let (mut touched, mut entries) = (0, 0);
        for (root, &size) in sizes.iter().enumerate() {
            if size > 1 || size == 1 && !idle(root) {
                touched += size;
                entries += size * size;
            }
        }
        let per_amplitude = |count: usize| count as f64 / side as f64;
        Work {
            touched: per_amplitude(touched),
            entries: per_amplitude(entries),
            pure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn c(re: f64, im: f64) -> Complex64 {
        Complex64::new(re, im)
    }

    #[test]
    fn a_hop_touches_half_and_multiplies_a_quarter_of_a_real_matrix() {
        let (one, cos, sin) = (Complex64::ONE, c(0.6, 0.0), c(0.0, -0.8));
        let mut hop = vec![Complex64::ZERO; 16];
        (hop[0], hop[15]) = (one, one);
        (hop[5], hop[6], hop[9], hop[10]) = (cos, sin, sin, cos);
        let half = Work {
            touched: 0.5,
            entries: 1.0,
            pure: true,
        };
        assert_eq!(half.multiplications(), 2.0);
        assert_eq!(of_matrix(&hop, 4), half);
        let shape = Shape::Dense {
            targets: vec![3, 7],
            controls: vec![],
            matrix: hop,
        };
        assert_eq!(at_least(&[&shape, &shape], &[3, 7]), half);
    }

    #[test]
    fn a_full_complex_matrix_has_no_part_to_save() {
        let matrix = vec![c(0.3, 0.4); 64];
        let work = Work {
            touched: 1.0,
            entries: 8.0,
            pure: false,
        };
        assert_eq!(work.multiplications(), 24.0);
        assert_eq!(of_matrix(&matrix, 8), work);
    }
}
