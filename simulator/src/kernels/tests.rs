//! Every kernel, at every qubit position, on every vector unit of this machine, in both precisions, against an
//! index-by-index scalar twin.

use num_complex::{Complex, Complex64};

use super::{MAX_DENSE, Pass, Real, Shape, Stage, Sweeper, TileLayout, Width};
use crate::random::Random;
use crate::under_miri::{sampled, smaller};

fn random_numbers(count: usize, seed: u64) -> Vec<Complex64> {
    let random = Random::new(seed);
    let number = |i| Complex64::new(random.uniform(i, 0) - 0.5, random.uniform(i, 1) - 0.5);
    (0..count as u64).map(number).collect()
}

/// The scalar twin: one amplitude at a time.
fn expected(shape: &Shape, state: &[Complex64]) -> Vec<Complex64> {
    let pick = |index: usize, qubits: &[u32]| -> usize {
        qubits
            .iter()
            .enumerate()
            .map(|(i, &q)| (index >> q & 1) << i)
            .sum()
    };
    let put = |index: usize, qubits: &[u32], value: usize| -> usize {
        qubits.iter().enumerate().fold(index, |index, (i, &q)| {
            index & !(1 << q) | (value >> i & 1) << q
        })
    };
    let holds = |index: usize, controls: &[(u32, bool)]| {
        controls.iter().all(|&(q, v)| (index >> q & 1 == 1) == v)
    };
    let mut out = state.to_vec();
    for index in 0..state.len() {
        match shape {
            Shape::Dense {
                targets,
                controls,
                matrix,
            } if holds(index, controls) => {
                let side = 1 << targets.len();
                let row = pick(index, targets);
                out[index] = (0..side)
                    .map(|c| matrix[row * side + c] * state[put(index, targets, c)])
                    .sum();
            }
            Shape::Diagonal { qubits, table } => {
                out[index] = table[pick(index, qubits)] * state[index]
            }
            Shape::Permutation {
                targets,
                controls,
                image,
            } if holds(index, controls) => {
                out[put(index, targets, image[pick(index, targets)] as usize)] = state[index];
            }
            Shape::Dense { .. } | Shape::Permutation { .. } => {}
        }
    }
    out
}

fn check_on<T: Real>(shape: &Shape, qubits: u32, inside: u64, width: Width) {
    let state = random_numbers(1 << qubits, 11);
    let layout = TileLayout::new(qubits, inside, width.lanes::<T>());
    // In parts of the tile where the shape allows it, else on the whole tile.
    let part = (0..=layout.bits).find(|&bits| {
        1 << bits >= width.lanes::<T>() && shape.mixed() & !layout.lowest(bits, 1).0.inside() == 0
    });
    let stage = Stage::<T>::prepare([shape], &layout, part.unwrap_or(layout.bits), width).unwrap();
    let narrow = |z: &Complex64| Complex::new(T::from_f64(z.re), T::from_f64(z.im));
    let mut found: Vec<Complex<T>> = state.iter().map(narrow).collect();
    let sweeper = Sweeper::new(layout.bits, width, layout.tiles(!0)).unwrap();
    let pass = Pass {
        touched: (!0, !0),
        weigh: true,
    };
    sweeper
        .sweep(&mut found, &layout, &[stage], pass, None)
        .unwrap();
    let tolerance = T::epsilon().as_f64() * 32.0;
    for (i, (found, expected)) in found.iter().zip(expected(shape, &state)).enumerate() {
        let difference =
            (found.re.as_f64() - expected.re).abs() + (found.im.as_f64() - expected.im).abs();
        assert!(
            difference < tolerance,
            "{shape:?}\n{width} {} tile {inside:b} amplitude {i}: {difference:.1e}",
            T::NAME
        );
    }
}

/// Checks a shape on all widths and precisions (one under Miri, which sees the same code in both), with the whole state
/// as a tile and with the least possible tile.
fn check(shape: &Shape, qubits: u32) {
    for width in Width::available() {
        let all = (1 << qubits) - 1;
        let least = (qubits >= 4).then(|| 0b1111 | shape.mixed());
        for inside in [Some(all), least].into_iter().flatten() {
            check_on::<f64>(shape, qubits, inside, width);
            if !cfg!(miri) {
                check_on::<f32>(shape, qubits, inside, width);
            }
        }
    }
}

/// Lists of `count` different qubits below `qubits`: every set of them once, in orders that vary.
fn placements(count: usize, qubits: u32) -> Vec<Vec<u32>> {
    let mut all = vec![];
    for mask in 0u32..1 << qubits {
        if mask.count_ones() as usize == count {
            let mut chosen: Vec<u32> = (0..qubits).filter(|q| mask >> q & 1 == 1).collect();
            if mask % 3 == 0 {
                chosen.reverse();
            } else if mask % 3 == 1 {
                chosen.rotate_left(count / 2);
            }
            all.push(chosen);
        }
    }
    sampled(all)
}

#[test]
fn dense_matrices_act_on_every_set_of_qubits() {
    for targets in 1..=smaller(MAX_DENSE, 3) {
        let qubits = if targets <= 2 { 8 } else { 7 };
        for placement in placements(targets, qubits) {
            let matrix = random_numbers(1 << (2 * targets), 5);
            check(
                &Shape::Dense {
                    targets: placement,
                    controls: vec![],
                    matrix,
                },
                qubits,
            );
        }
    }
}

/// Matrices of `targets` qubits in which some entries are zero, real or imaginary in the ways that kernels use.
fn structured(targets: usize) -> Vec<Vec<Complex64>> {
    let side = 1usize << targets;
    let numbers = random_numbers(side * side, 9);
    let with = |entry: &dyn Fn(usize, usize, Complex64) -> Complex64| -> Vec<Complex64> {
        (0..side * side)
            .map(|i| entry(i / side, i % side, numbers[i]))
            .collect()
    };
    let real = |z: Complex64| Complex64::new(z.re, 0.0);
    let turned = |row: usize, column: usize, z: Complex64| {
        real(z) * Complex64::I.powu((row ^ column).count_ones())
    };
    let identity = |row, column| Complex64::from(f64::from(u8::from(row == column)));
    let same_number = |row: usize, column: usize| row.count_ones() == column.count_ones();
    let same_parity = |row: usize, column: usize| (row ^ column).count_ones().is_multiple_of(2);
    vec![
        with(&|_, _, z| real(z)),
        with(&|row, column, z| turned(row, column, z)),
        with(&|row, column, z| match row.count_ones() as usize {
            ones if ones == 0 || ones == targets => identity(row, column),
            _ if same_number(row, column) => turned(row >> 1, column >> 1, z),
            _ => Complex64::ZERO,
        }),
        with(&|row, column, z| {
            if same_parity(row, column) {
                z
            } else {
                Complex64::ZERO
            }
        }),
        // Only five basis states mix.
        with(&|row, column, z| {
            if row.max(column) < 5 {
                z
            } else {
                identity(row, column)
            }
        }),
        with(&|row, column, z| {
            if row & 1 == 1 && column & 1 == 1 {
                real(z)
            } else {
                identity(row, column)
            }
        }),
    ]
}

#[test]
fn matrices_with_zero_real_and_imaginary_entries_act_on_every_set_of_qubits() {
    for targets in 1..=smaller(4, 2) {
        for placement in placements(targets, 7) {
            for matrix in structured(targets) {
                let targets = placement.clone();
                check(
                    &Shape::Dense {
                        targets,
                        controls: vec![],
                        matrix,
                    },
                    7,
                );
            }
        }
    }
}

#[test]
fn matrices_wider_than_the_vector_kernels_act_too() {
    for placement in placements(6, 8) {
        let matrix = random_numbers(1 << 12, 5);
        let free = (0..8).find(|qubit| !placement.contains(qubit)).unwrap();
        check(
            &Shape::Dense {
                targets: placement,
                controls: vec![(free, false)],
                matrix,
            },
            8,
        );
    }
}

#[test]
fn controls_act_wherever_they_lie() {
    for placement in placements(3, 7) {
        for values in 0..4u32 {
            let controls = vec![
                (placement[0], values & 1 == 1),
                (placement[1], values & 2 == 2),
            ];
            let matrix = random_numbers(4, 6);
            check(
                &Shape::Dense {
                    targets: vec![placement[2]],
                    controls: controls.clone(),
                    matrix,
                },
                7,
            );
            let image = vec![1, 0];
            check(
                &Shape::Permutation {
                    targets: vec![placement[2]],
                    controls,
                    image,
                },
                7,
            );
        }
    }
}

#[test]
fn a_matrix_without_targets_scales_the_controlled_part() {
    let matrix = vec![Complex64::new(0.0, 1.0)];
    for control in 0..6 {
        check(
            &Shape::Dense {
                targets: vec![],
                controls: vec![(control, true)],
                matrix: matrix.clone(),
            },
            6,
        );
    }
    check(
        &Shape::Dense {
            targets: vec![],
            controls: vec![],
            matrix,
        },
        6,
    );
}

#[test]
fn diagonals_act_on_every_set_of_qubits() {
    for count in 0..=7 {
        for placement in placements(count, 8) {
            let table = random_numbers(1 << count, 9);
            check(
                &Shape::Diagonal {
                    qubits: placement.clone(),
                    table,
                },
                8,
            );
        }
    }
}

#[test]
fn diagonals_that_leave_half_alone_act_on_the_other_half() {
    for placement in placements(3, 8) {
        for idle in 0..8usize {
            let mut table = random_numbers(8, 9);
            for (i, entry) in table.iter_mut().enumerate() {
                if i & 1 == idle & 1 || (idle & 2 == 0 && i >> 2 & 1 == idle >> 2) {
                    *entry = Complex64::ONE;
                }
            }
            check(
                &Shape::Diagonal {
                    qubits: placement.clone(),
                    table,
                },
                8,
            );
        }
    }
}

#[test]
fn permutations_act_on_every_set_of_qubits() {
    for count in 1..=5 {
        for placement in placements(count, 7) {
            let side = 1u32 << count;
            // An affine map with odd factor is a permutation without a symmetry that would hide an error.
            let image: Vec<u32> = (0..side).map(|i| (5 * i + 3) % side).collect();
            check(
                &Shape::Permutation {
                    targets: placement.clone(),
                    controls: vec![],
                    image,
                },
                7,
            );
            let swap_last: Vec<u32> = (0..side)
                .map(|i| if i >= side - 2 { 2 * side - 3 - i } else { i })
                .collect();
            check(
                &Shape::Permutation {
                    targets: placement,
                    controls: vec![],
                    image: swap_last,
                },
                7,
            );
        }
    }
}

#[test]
fn states_shorter_than_a_vector_are_right_too() {
    for qubits in 1..=4 {
        for target in 0..qubits {
            check(
                &Shape::Dense {
                    targets: vec![target],
                    controls: vec![],
                    matrix: random_numbers(4, 2),
                },
                qubits,
            );
            check(
                &Shape::Diagonal {
                    qubits: vec![target],
                    table: random_numbers(2, 3),
                },
                qubits,
            );
            check(
                &Shape::Permutation {
                    targets: vec![target],
                    controls: vec![],
                    image: vec![1, 0],
                },
                qubits,
            );
        }
    }
}

#[test]
fn all_threads_together_give_the_same_bits_as_one() {
    let qubits = 12;
    let state = random_numbers(1 << qubits, 21);
    let width = Width::detect();
    let layout = TileLayout::new(qubits, 0b1001_0001_1111, 16);
    let shape = Shape::Dense {
        targets: vec![8, 1],
        controls: vec![(5, true)],
        matrix: random_numbers(16, 4),
    };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let stage = Stage::<f64>::prepare([&shape], &layout, layout.bits, width).unwrap();
            let pass = Pass {
                touched: (!0, !0),
                weigh: false,
            };
            let mut state = state.clone();
            Sweeper::new(layout.bits, width, 64)
                .unwrap()
                .sweep(&mut state, &layout, &[stage], pass, None)
                .unwrap();
            state
        })
    };
    assert_eq!(run(1), run(4));
}
