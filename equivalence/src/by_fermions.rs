//! The verdict of free fermions: circuits of matchgates on neighbours of a line, compared by their orthogonal matrices.
//!
//! Each circuit is a Clifford operation after rotations, and where those are about products of two Majorana operators
//! they are a matrix. The circuits are the same, up to a phase, exactly if what turns one matrix into the other is the
//! signed permutation by which their Clifford operations differ. Exact at any width and depth: also where nothing
//! cancels, as between a deep circuit and one of fixed depth that was made from its matrix.

use std::collections::BTreeSet;

use ardea_circuit::pauli::Majoranas;
use nalgebra::DMatrix;

use crate::Meaning;
use crate::compare::{Decision, Pair};
use crate::fermions::{Permutation, matrix, nearest_permutation};
use crate::frames::{Agreement, compare};
use crate::program::{Program, Role, Start};
use crate::report::Method;
use crate::rotations::{RotationForm, Rounding, rotation_form, starts_in_zero};
use crate::stabilisers::Stabilisers;

/// More rotations than this are not multiplied.
const MOST_ROTATIONS: usize = 2_000_000;
/// Angles closer to a multiple of pi/2 than this are taken to be it, the difference being added to the error.
const ANGLE_ROUNDING: f64 = 1e-12;
/// Lines of more columns than this are not tried.
const WIDEST: usize = 2_048;
/// Matrices farther apart than this are not so by rounding.
const CLEARLY: f64 = 1e-4;

/// Compares by orthogonal matrices.
pub(crate) fn decide(pair: &Pair<'_>) -> Decision {
    outcome(pair).unwrap_or_else(Decision::Undecided)
}

fn outcome(pair: &Pair<'_>) -> Result<Decision, String> {
    if pair.columns > WIDEST {
        return Err(format!("more than {WIDEST} qubits"));
    }
    let rounding = Rounding {
        angle: ANGLE_ROUNDING,
        most: MOST_ROTATIONS,
    };
    let a = rotation_form(&pair.before, pair.columns, rounding)?;
    let b = rotation_form(&pair.after, pair.columns, rounding)?;
    if a.rotations.is_empty() && b.rotations.is_empty() {
        return Err("there are no rotations".to_owned());
    }
    let lines = [
        Some((0..pair.columns).collect()),
        line_of(&pair.before, pair.columns),
    ];
    for order in lines.into_iter().flatten() {
        let majoranas = Majoranas::new(order, pair.columns);
        let matrices = [&a, &b].map(|form| matrix(&majoranas, &form.rotations));
        if let [Some(before), Some(after)] = matrices {
            return decide_by(pair, &majoranas, [&a, &b], &(before * after.transpose()));
        }
    }
    Err("the circuits are not both of matchgates on neighbours of a line".to_owned())
}

/// The columns in the order of a line along which all steps on two wires act, if there is one.
fn line_of(program: &Program, columns: usize) -> Option<Vec<usize>> {
    let mut near = vec![BTreeSet::new(); columns];
    for step in &program.steps {
        let places: Vec<usize> = step
            .wires()
            .iter()
            .map(|&wire| program.wires[wire].column)
            .collect();
        if let &[a, b] = &places[..] {
            near[a].insert(b);
            near[b].insert(a);
        }
    }
    if near.iter().any(|list| list.len() > 2) {
        return None;
    }
    let mut order = Vec::with_capacity(columns);
    let mut placed = vec![false; columns];
    for end in (0..columns).filter(|&column| near[column].len() < 2) {
        let mut next = (!placed[end]).then_some(end);
        while let Some(column) = next {
            placed[column] = true;
            order.push(column);
            next = near[column].iter().copied().find(|&other| !placed[other]);
        }
    }
    // Columns of a ring are never placed.
    (order.len() == columns).then_some(order)
}

/// Compares what `turned`, from the second circuit's rotations to the first's, does to what is looked at.
fn decide_by(
    pair: &Pair<'_>,
    majoranas: &Majoranas,
    forms: [&RotationForm; 2],
    turned: &DMatrix<f64>,
) -> Result<Decision, String> {
    let [a, b] = forms;
    let count = majoranas.len();
    let Permutation {
        images,
        off,
        column,
    } = nearest_permutation(turned);
    // Operators at a distance d up to a phase turn each Majorana operator into ones at most 2 d apart.
    let distance = column / 2.0 - a.error - b.error;
    if off > CLEARLY && distance > pair.tolerance {
        if sees_everything(pair) {
            return Ok(Decision::Different {
                method: Method::FreeFermions,
                detail: format!(
                    "the orthogonal matrices on {count} Majorana operators differ by more than a Clifford operation"
                ),
                distance: Some(distance),
                witness: None,
            });
        }
        return Err("the orthogonal matrices differ, but not all of it is looked at".to_owned());
    }
    // A matrix this close to a permutation is exp(h) times it with |h| <= (pi/2) off, and the operator of h has at most
    // half the sum of its angles for a norm. No two columns can have the same row for their largest entry.
    let error = a.error + b.error + (count as f64 / 2.0).sqrt() * off;
    if error > pair.tolerance || off > 0.5 {
        return Err(format!(
            "the orthogonal matrices agree only up to {error:.1e}, more than the tolerance"
        ));
    }
    let mut known = Stabilisers::new(
        pair.columns,
        starts_in_zero(&pair.before).chain(starts_in_zero(&pair.after)),
    );
    let nothing_known = known.is_empty();
    let rotations = a.rotations.iter().chain(&b.rotations);
    rotations.for_each(|rotation| known.keep(&rotation.pauli));
    let mut seen = [a.observables.clone(), b.observables.clone()];
    for observable in &mut seen[1] {
        observable.pauli = majoranas.permuted(&observable.pauli, &images);
    }
    match compare(&seen, &known, pair.columns) {
        Agreement::Yes => Ok(Decision::Equal {
            method: Method::FreeFermions,
            detail: format!(
                "both are free fermions with the same orthogonal matrix on {count} Majorana operators; their global \
                 phases are not compared"
            ),
            distance: error,
            phase: None,
        }),
        Agreement::No(_) if nothing_known => Ok(Decision::Different {
            method: Method::FreeFermions,
            detail: "the orthogonal matrices agree, but the Clifford parts differ".to_owned(),
            distance: None,
            witness: None,
        }),
        Agreement::No(_) => Err(
            "the orthogonal matrices agree, but the Clifford parts were not seen to do so on this start".to_owned(),
        ),
        Agreement::Incomparable(reason) => Err(reason),
    }
}

/// Whether every operator is looked at, for all states.
fn sees_everything(pair: &Pair<'_>) -> bool {
    let whole = |program: &Program| {
        let free = program.wires.iter().all(|wire| wire.start == Start::Free);
        free && program
            .roles
            .iter()
            .all(|role| matches!(role, Role::Output(_)))
    };
    pair.meaning == Meaning::Unitary && whole(&pair.before) && whole(&pair.after)
}
