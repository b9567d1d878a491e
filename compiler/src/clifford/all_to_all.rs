//! Clifford synthesis where any two qubits may have a gate: one input after another, the cheapest first (Bravyi,
//! Shaydulin, Hu and Maslov 2021, arXiv:2105.02291, section 3).
//!
//! The images of an input's X and Z anticommute on an odd number of qubits. One of these qubits keeps the pair; two more
//! of them are cleared with three gates, and a qubit on which the images are not independent with one.

use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::pair::{Axis, PairType};
use super::reduction::Reduction;
use super::symplectic::{Step, Symplectic};

/// Reduces `matrix` to one-qubit gates and a permutation. `noise` is how much, in sixteenths of a gate, a choice may seem
/// cheaper than it is.
pub(crate) fn reduce(matrix: &Symplectic, seed: u64, noise: u32) -> Option<Reduction> {
    let n = matrix.num_qubits();
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut matrix = matrix.clone();
    let mut outputs: Vec<usize> = (0..n).collect();
    let mut inputs: Vec<usize> = (0..n).collect();
    let mut steps = Vec::new();
    let mut wires = vec![0; n];
    while !inputs.is_empty() {
        let mut best: Option<(u32, usize)> = None;
        let costs = costs(&matrix, &outputs);
        for &input in &inputs {
            let cost = 8 * costs[input]
                + if noise > 0 {
                    rng.random_range(0..noise)
                } else {
                    0
                };
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, input));
            }
        }
        let (_, input) = best?;
        let both = |q: usize| matrix.pair_type(input, q) == PairType::BOTH;
        let candidates: Vec<usize> = outputs.iter().copied().filter(|&q| both(q)).collect();
        // The qubit that most other inputs leave alone has the least to lose.
        let keeper = candidates
            .iter()
            .copied()
            .max_by_key(|&q| (matrix.load(q), std::cmp::Reverse(q)))?;
        clear(&mut matrix, input, keeper, &outputs, &mut steps)?;
        wires[input] = keeper;
        inputs.retain(|&other| other != input);
        outputs.retain(|&other| other != keeper);
    }
    Some(Reduction::new(&matrix, steps, wires))
}

/// Twice the number of gates that each input takes, and more by a constant.
fn costs(matrix: &Symplectic, outputs: &[usize]) -> Vec<u32> {
    let mut costs = vec![0; matrix.num_qubits()];
    for &q in outputs {
        for word in 0..matrix.words() {
            let column = matrix.column(q, word);
            let both = column[0] & column[3] ^ column[1] & column[2];
            let mut held = column[0] | column[1] | column[2] | column[3];
            while held != 0 {
                let bit = held.trailing_zeros();
                costs[word * 64 + bit as usize] += 2 + (both >> bit & 1) as u32;
                held &= held - 1;
            }
        }
    }
    costs
}

fn clear(
    matrix: &mut Symplectic,
    input: usize,
    keeper: usize,
    outputs: &[usize],
    steps: &mut Vec<Step>,
) -> Option<()> {
    let both: Vec<usize> = outputs
        .iter()
        .copied()
        .filter(|&q| q != keeper && matrix.pair_type(input, q) == PairType::BOTH)
        .collect();
    for pair in both.chunks(2) {
        let &[a, b] = pair else {
            return None;
        };
        // Both keep one Pauli each.
        step_to(matrix, input, a, b, steps, |a, b| {
            a != PairType::BOTH && b != PairType::BOTH
        })?;
    }
    for &q in outputs {
        if q != keeper && matrix.pair_type(input, q) != PairType::NONE {
            step_to(matrix, input, q, keeper, steps, |q, keeper| {
                q == PairType::NONE && keeper == PairType::BOTH
            })?;
        }
    }
    Some(())
}

/// Of the gates with the wanted effect, the one after which the two qubits hold the least of all inputs.
fn step_to(
    matrix: &mut Symplectic,
    input: usize,
    a: usize,
    b: usize,
    steps: &mut Vec<Step>,
    wanted: impl Fn(PairType, PairType) -> bool,
) -> Option<()> {
    let (at_a, at_b) = (matrix.pair(input, a), matrix.pair(input, b));
    let mut best: Option<(u32, Step)> = None;
    for s in Axis::ALL {
        for t in Axis::ALL {
            let (next_a, next_b) = s.turn(at_a, t, at_b);
            if !wanted(
                PairType::of(next_a.0, next_a.1),
                PairType::of(next_b.0, next_b.1),
            ) {
                continue;
            }
            let step = Step { a, s, b, t };
            let load = matrix.load_after(step);
            if best.is_none_or(|(least, _)| load < least) {
                best = Some((load, step));
            }
        }
    }
    let (_, step) = best?;
    matrix.apply(step);
    steps.push(step);
    Some(())
}
