//! Steps on the amplitudes, whole rows at a time.
//!
//! Steps that act on each row by itself are done together while the row is in the cache. A hop between outer qubits mixes
//! two rows element by element, one between an outer and an inner qubit mixes two rows along a list of partners.

use ardea_circuit::C64;
use nalgebra::Matrix2;
use rayon::prelude::*;

use super::Step;
use super::diagonal::Diagonals;
use super::layout::{Layout, Place, Row, is_local};
use crate::error::SimulatorError;
use crate::options::SimOptions;

/// Steps whose lists are held at a time.
const TOGETHER: usize = 16;

/// Amplitudes that are worth a task of their own.
const TASK: usize = 1 << 12;

/// Applies all steps.
pub(super) fn apply_all(
    steps: &[Step],
    layout: &Layout,
    amplitudes: &mut [C64],
    options: &SimOptions,
) -> Result<(), SimulatorError> {
    let mut done = 0;
    while done < steps.len() {
        if options.is_interrupted() {
            return Err(SimulatorError::Interrupted);
        }
        let local = steps[done..]
            .iter()
            .take_while(|step| is_local(step, layout))
            .count();
        if local > 0 {
            let ready = prepare(&steps[done..done + local], layout);
            for run in ready.chunks(TOGETHER) {
                apply_local(run, layout, amplitudes);
            }
        } else if let Step::Mix { qubits, matrix } = &steps[done] {
            apply_between(*qubits, matrix, layout, amplitudes);
        }
        done += local.max(1);
        if let Some(progress) = &options.progress {
            progress.report(done as f64 / steps.len() as f64);
        }
    }
    Ok(())
}

/// A step on single rows with all that it needs.
enum Ready {
    Mix {
        /// For each number of ones the ranks of partners.
        partners: Vec<Vec<(u32, u32)>>,
        matrix: Matrix2<C64>,
    },
    Diagonal(Diagonals),
}

fn prepare(steps: &[Step], layout: &Layout) -> Vec<Ready> {
    let mut out: Vec<Ready> = Vec::new();
    for step in steps {
        match step {
            Step::Mix { qubits, matrix } => {
                // Qubits of a group that is full or empty never differ.
                if let [Place::Inner(a), Place::Inner(b)] =
                    qubits.map(|qubit| layout.places[qubit as usize])
                {
                    out.push(Ready::Mix {
                        partners: partners(layout, |set| {
                            let moved = set ^ (1 << a | 1 << b);
                            (set >> a & 1 == 1 && set >> b & 1 == 0).then_some(moved)
                        }),
                        matrix: *matrix,
                    });
                }
            }
            Step::Diagonal { qubits, table } => {
                if !matches!(out.last(), Some(Ready::Diagonal(_))) {
                    out.push(Ready::Diagonal(Diagonals::new(layout)));
                }
                if let Some(Ready::Diagonal(diagonals)) = out.last_mut() {
                    diagonals.push(qubits, table, layout);
                }
            }
        }
    }
    out
}

/// For each number of ones, which inner combinations have a partner, and the ranks of both.
fn partners(layout: &Layout, partner: impl Fn(u128) -> Option<u128>) -> Vec<Vec<(u32, u32)>> {
    let of = |all: &Vec<u128>| {
        let pairs = all.iter().enumerate().filter_map(|(rank, &set)| {
            partner(set).map(|other| (rank as u32, layout.ranks.rank(other)))
        });
        pairs.collect()
    };
    layout.combinations.iter().map(of).collect()
}

fn apply_local(steps: &[Ready], layout: &Layout, amplitudes: &mut [C64]) {
    let rows = layout.split(amplitudes);
    let few = rows_of_a_task(layout);
    rows.into_par_iter()
        .zip(&layout.rows)
        .with_min_len(few)
        .for_each(|(amplitudes, row)| {
            for step in steps {
                match step {
                    Ready::Mix { partners, matrix } => {
                        mix_in(amplitudes, &partners[row.ones], matrix);
                    }
                    Ready::Diagonal(diagonals) => diagonals.apply(amplitudes, row, layout),
                }
            }
        });
}

fn rows_of_a_task(layout: &Layout) -> usize {
    let mean = layout.dimension() / layout.rows.len().max(1);
    TASK / mean.max(1) + 1
}

/// A hop with at least one outer qubit.
fn apply_between(qubits: [u32; 2], matrix: &Matrix2<C64>, layout: &Layout, amplitudes: &mut [C64]) {
    let flipped = Matrix2::new(
        matrix[(1, 1)],
        matrix[(1, 0)],
        matrix[(0, 1)],
        matrix[(0, 0)],
    );
    match qubits.map(|qubit| layout.places[qubit as usize]) {
        [Place::Outer(a), Place::Outer(b)] => {
            let both = 1u128 << a | 1 << b;
            let pairs = pairs_of_rows(layout, amplitudes, |row| {
                (row.outer & both == 1 << a).then_some(row.outer ^ both)
            });
            let few = rows_of_a_task(layout);
            pairs
                .into_par_iter()
                .with_min_len(few)
                .for_each(|(_, first, second)| mix_rows(first, second, matrix));
        }
        [Place::Outer(a), Place::Inner(b)] => cross(a, b, matrix, layout, amplitudes),
        [Place::Inner(b), Place::Outer(a)] => cross(a, b, &flipped, layout, amplitudes),
        _ => {} // a group that is full or empty
    }
}

/// A hop between an outer qubit, which the matrix counts first, and an inner one.
fn cross(outer: u32, inner: u32, matrix: &Matrix2<C64>, layout: &Layout, amplitudes: &mut [C64]) {
    let lists = partners(layout, |set| {
        (set >> inner & 1 == 0).then_some(set | 1 << inner)
    });
    let pairs = pairs_of_rows(layout, amplitudes, |row| {
        (row.outer >> outer & 1 == 1).then_some(row.outer ^ 1 << outer)
    });
    let few = rows_of_a_task(layout);
    pairs
        .into_par_iter()
        .with_min_len(few)
        .for_each(|(row, first, second)| mix_between(first, second, &lists[row.ones], matrix));
}

type RowPair<'r, 'a> = (&'r Row, &'a mut [C64], &'a mut [C64]);

/// Rows that have a partner, each with its own.
fn pairs_of_rows<'r, 'a>(
    layout: &'r Layout,
    amplitudes: &'a mut [C64],
    partner: impl Fn(&Row) -> Option<u128>,
) -> Vec<RowPair<'r, 'a>> {
    let mut parts: Vec<Option<&mut [C64]>> =
        layout.split(amplitudes).into_iter().map(Some).collect();
    let mut out = Vec::with_capacity(parts.len() / 2);
    for (own, row) in layout.rows.iter().enumerate() {
        let Some(other) = partner(row).and_then(|outer| layout.row_of(outer)) else {
            continue;
        };
        if let (Some(first), Some(second)) = (parts[own].take(), parts[other].take()) {
            out.push((row, first, second));
        }
    }
    out
}

#[inline]
fn mixed(matrix: &Matrix2<C64>, x: C64, y: C64) -> (C64, C64) {
    (
        matrix[(0, 0)] * x + matrix[(0, 1)] * y,
        matrix[(1, 0)] * x + matrix[(1, 1)] * y,
    )
}

fn mix_rows(first: &mut [C64], second: &mut [C64], matrix: &Matrix2<C64>) {
    for (x, y) in first.iter_mut().zip(second) {
        (*x, *y) = mixed(matrix, *x, *y);
    }
}

fn mix_between(
    first: &mut [C64],
    second: &mut [C64],
    partners: &[(u32, u32)],
    matrix: &Matrix2<C64>,
) {
    for &(a, b) in partners {
        let (x, y) = (&mut first[a as usize], &mut second[b as usize]);
        (*x, *y) = mixed(matrix, *x, *y);
    }
}

fn mix_in(row: &mut [C64], partners: &[(u32, u32)], matrix: &Matrix2<C64>) {
    for &(a, b) in partners {
        let (a, b) = (a as usize, b as usize);
        (row[a], row[b]) = mixed(matrix, row[a], row[b]);
    }
}
