//! A state vector on the qubits that matter, and comparisons up to layout.

use std::collections::{BTreeMap, BTreeSet};

use ardea::circuit::matrix::apply_to_rows;
use ardea::{C64, Circuit, Compiled, Operation, Preserve};
use nalgebra::DMatrix;

const TOLERANCE: f64 = 1e-8;

/// Whether the compiled circuit does to its input qubits what `input` does, the global phase included: from |0...0>,
/// or from one arbitrary state where the operator is kept.
pub(crate) fn compare_states(
    input: &Circuit,
    compiled: &Compiled,
    preserve: Preserve,
) -> Result<(), String> {
    let n = input.num_qubits();
    let start = if preserve == Preserve::Unitary {
        arbitrary_state(n)
    } else {
        basis_state(n)
    };
    let expected = evolve(input, &(0..n).collect::<Vec<_>>(), n, start.clone());
    let layout = &compiled.layout;
    let first: Vec<usize> = layout.initial.iter().map(|q| q.index()).collect();
    let last: Vec<usize> = layout.last.iter().map(|q| q.index()).collect();
    let (position, width) = active(&compiled.circuit, first.iter().chain(&last));
    let place = |qubits: &[usize]| qubits.iter().map(|&q| position[q]).collect::<Vec<_>>();
    let (first, last) = (place(&first), place(&last));
    let mut wide = DMatrix::zeros(1 << width, 1);
    for (index, amplitude) in start.iter().enumerate() {
        wide[(spread(index, &first), 0)] = *amplitude;
    }
    let found = evolve(&compiled.circuit, &position, width, wide);
    let worst = (0..1usize << n)
        .map(|index| (found[(spread(index, &last), 0)] - expected[(index, 0)]).norm())
        .fold(0.0, f64::max);
    if worst < TOLERANCE {
        Ok(())
    } else {
        Err(format!("amplitudes differ by up to {worst:.3e}"))
    }
}

/// Whether two circuits that measure at their end give every value of the classical bits with the same probability.
pub(crate) fn compare_outcomes(input: &Circuit, compiled: &Circuit) -> Result<(), String> {
    let (expected, found) = (outcomes(input), outcomes(compiled));
    for bits in expected.keys().chain(found.keys()) {
        let (p, q) = (
            expected.get(bits).unwrap_or(&0.0),
            found.get(bits).unwrap_or(&0.0),
        );
        if (p - q).abs() > TOLERANCE {
            return Err(format!(
                "bits {bits:b} have probability {p} before and {q} after"
            ));
        }
    }
    Ok(())
}

fn outcomes(circuit: &Circuit) -> BTreeMap<usize, f64> {
    let (position, width) = active(circuit, [].iter());
    let mut unitary = circuit.same_shape();
    let mut measured = Vec::new();
    for instruction in circuit.instructions() {
        match instruction.operation {
            Operation::Measure(bit) => {
                measured.push((position[instruction.qubits[0].index()], bit.index()))
            }
            _ => drop(unitary.push_instruction(instruction.clone()).unwrap()),
        }
    }
    let state = evolve(&unitary, &position, width, basis_state(width));
    let mut sums = BTreeMap::new();
    for (index, amplitude) in state.iter().enumerate() {
        let bits: usize = measured
            .iter()
            .map(|&(place, bit)| (index >> place & 1) << bit)
            .sum();
        *sums.entry(bits).or_insert(0.0) += amplitude.norm_sqr();
    }
    sums
}

/// Positions of the qubits that something acts on, and of `more`, in a smaller state; and how many there are.
fn active<'a>(circuit: &Circuit, more: impl Iterator<Item = &'a usize>) -> (Vec<usize>, usize) {
    let acting = circuit
        .instructions()
        .iter()
        .filter(|instruction| !instruction.operation.is_directive());
    let mut qubits: BTreeSet<usize> = acting
        .flat_map(|instruction| instruction.qubits.iter().map(|q| q.index()))
        .collect();
    qubits.extend(more);
    let mut position = vec![usize::MAX; circuit.num_qubits()];
    for (place, &qubit) in qubits.iter().enumerate() {
        position[qubit] = place;
    }
    (position, qubits.len())
}

fn evolve(
    circuit: &Circuit,
    position: &[usize],
    width: usize,
    mut state: DMatrix<C64>,
) -> DMatrix<C64> {
    assert!(width <= 16, "{width} active qubits");
    for instruction in circuit
        .instructions()
        .iter()
        .filter(|instruction| !instruction.operation.is_directive())
    {
        let places: Vec<usize> = instruction
            .qubits
            .iter()
            .map(|q| position[q.index()])
            .collect();
        apply_to_rows(
            &mut state,
            &instruction.operation.matrix().unwrap(),
            &places,
        );
    }
    state * C64::from_polar(1.0, circuit.global_phase().value().unwrap())
}

fn spread(index: usize, places: &[usize]) -> usize {
    places
        .iter()
        .enumerate()
        .map(|(bit, &place)| (index >> bit & 1) << place)
        .sum()
}

fn basis_state(n: usize) -> DMatrix<C64> {
    let mut state = DMatrix::zeros(1 << n, 1);
    state[(0, 0)] = C64::new(1.0, 0.0);
    state
}

/// A normalised state without structure: two different operators agree on it with probability zero.
fn arbitrary_state(n: usize) -> DMatrix<C64> {
    let state = DMatrix::from_fn(1 << n, 1, |row, _| {
        let x = row as f64;
        C64::new((1.7 * x + 0.3).sin() + 0.2, (2.9 * x * x + 1.1).cos())
    });
    let norm = state.norm();
    state / C64::from(norm)
}
