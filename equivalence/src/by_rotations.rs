//! The verdict of Pauli rotations: cancel, then compare the Clifford parts.

use crate::Meaning;
use crate::cancel::{Effort, cancel};
use crate::compare::{Decision, Pair};
use crate::frames::{Agreement, compare, product_witness};
use crate::report::{Method, Witness};
use crate::rotations::{Rounding, rotation_form, starts_in_zero};
use crate::stabilisers::Stabilisers;

/// Circuits that differ by more than this are different, whatever their differences are made of.
const MOST_FORGIVEN: f64 = 1e-2;
/// More rotations than this are not kept.
const MOST_ROTATIONS: usize = 400_000;
/// Angles closer to a multiple of pi/2 than this are taken to be it, the difference being added to the error.
const ANGLE_ROUNDING: f64 = 1e-8;

/// Compares by Pauli rotations: exact for Clifford circuits, and for all others whose rotations cancel.
pub(crate) fn decide(pair: &Pair<'_>) -> Decision {
    decide_by(pair, Method::PauliRotations, Effort::Chains)
}

/// The same, also where rotations on a few virtual qubits only cancel as a whole.
pub(crate) fn decide_by_windows(pair: &Pair<'_>) -> Decision {
    decide_by(pair, Method::Windows, Effort::Windows)
}

fn decide_by(pair: &Pair<'_>, method: Method, effort: Effort) -> Decision {
    let rounding = Rounding {
        angle: ANGLE_ROUNDING,
        most: MOST_ROTATIONS,
    };
    let columns = pair.columns;
    let forms =
        [&pair.before, &pair.after].map(|program| rotation_form(program, columns, rounding));
    let [a, b] = match forms {
        [Ok(a), Ok(b)] => [a, b],
        [Err(reason), _] | [_, Err(reason)] => return Decision::Undecided(reason),
    };
    let zero: Vec<usize> = starts_in_zero(&pair.before)
        .chain(starts_in_zero(&pair.after))
        .collect();
    let known = Stabilisers::new(columns, zero);
    let nothing_known = known.is_empty();
    let counts = [a.rotations.len(), b.rotations.len()];
    let clifford = counts == [0, 0];
    let negligible = pair.options.negligible;
    let coarse = Rounding {
        angle: negligible.max(ANGLE_ROUNDING),
        ..rounding
    };
    let done = cancel(a, b, known, coarse, effort);
    if done.forgiven > MOST_FORGIVEN {
        return Decision::Undecided(format!(
            "what is smaller than {negligible:.1e} comes to {:.1e} in all",
            done.forgiven
        ));
    }
    let beside = if done.forgiven > 0.0 {
        format!(
            "; what is smaller than {negligible:.1e} was taken for nothing, {:.1e} in all",
            done.forgiven
        )
    } else {
        String::new()
    };
    let [left_a, left_b] = [&done.left[0], &done.left[1]];
    let left: f64 = left_a
        .iter()
        .chain(left_b)
        .map(|rotation| rotation.angle.abs() / 2.0)
        .sum();
    let error = done.error + left;
    if error > pair.tolerance && left > 0.0 || done.blocks > 0 {
        // One rotation by no multiple of pi/2 that is seen is no Clifford operation, so the operators differ.
        let alone = left_a.len() + left_b.len() == 1
            && done.blocks == 0
            && nothing_known
            && done.forgiven == 0.0;
        if let (true, Some(rotation)) = (alone, left_a.iter().chain(left_b).next()) {
            return Decision::Different {
                method,
                detail: format!(
                    "all Pauli rotations cancel but one, by {:.3e} radians",
                    rotation.angle
                ),
                distance: Some((rotation.angle / 4.0).sin().abs() * 2.0),
                witness: None,
            };
        }
        return Decision::Undecided(format!(
            "of {} and {} Pauli rotations {} and {} are left, and {} matrices on a few virtual qubits",
            counts[0],
            counts[1],
            left_a.len(),
            left_b.len(),
            done.blocks
        ));
    }
    let on_one_state = pair.meaning != Meaning::Unitary;
    let agreement = compare(&done.observables, &done.known, columns);
    match agreement {
        Agreement::Yes if error <= pair.tolerance => Decision::Equal {
            method,
            detail: if clifford {
                format!("both are Clifford circuits with the same frame{beside}")
            } else {
                format!(
                    "{} and {} Pauli rotations cancel and the Clifford parts agree{beside}",
                    counts[0], counts[1]
                )
            },
            distance: error + done.forgiven,
            phase: None,
        },
        Agreement::Yes => Decision::Undecided(format!(
            "the rotations cancel, but their angles differ by {:.1e} in all, more than the tolerance",
            error
        )),
        Agreement::Incomparable(reason) => Decision::Undecided(reason),
        Agreement::No(difference) if clifford || nothing_known => {
            let hermitian = difference.before.is_hermitian() && difference.after.is_hermitian();
            let witness: Option<Witness> = (clifford && hermitian)
                .then(|| product_witness(&difference, &pair.inputs, !on_one_state));
            Decision::Different {
                method,
                detail: "the rotations cancel, but the Clifford parts differ".to_owned(),
                distance: None,
                witness: witness.filter(|witness| witness.before != witness.after),
            }
        }
        Agreement::No(_) => Decision::Undecided(
            "the rotations cancel, but the Clifford parts were not seen to agree on this start"
                .to_owned(),
        ),
    }
}
