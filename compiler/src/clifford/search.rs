//! Many tries at one operator, the best kept.

use std::ops::Range;

use ardea_circuit::clifford::Tableau;
use rayon::prelude::*;

use super::all_to_all;
use super::on_graph::{self, Couplings, Start};
use super::reduction::Synthesised;
use super::symplectic::Symplectic;

/// The cheapest of `tries` syntheses of the operator, its inverse's included, where any two qubits may have a gate.
pub(crate) fn anywhere(tableau: &Tableau, tries: usize, seed: u64) -> Option<Synthesised> {
    let inverse = tableau.inverse();
    let (matrix, inverse_matrix) = (Symplectic::of(tableau), Symplectic::of(&inverse));
    let attempt = |index: usize| {
        let (seed, noise) = chance(seed, index / 2);
        if index.is_multiple_of(2) {
            Synthesised::forwards(tableau, &all_to_all::reduce(&matrix, seed, noise)?)
        } else {
            let reduction = all_to_all::reduce(&inverse_matrix, seed, noise)?;
            Synthesised::backwards(&inverse, &reduction)
        }
    };
    let best = if tableau.num_qubits() > SMALL {
        best
    } else {
        best_in_turn
    };
    best(0..2 * tries, &attempt)
}

/// What may be renamed around a block on a coupling graph.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub(crate) struct Freedom {
    /// The inputs may enter on any wires.
    pub(crate) first: bool,
    /// The outputs may leave on any wires.
    pub(crate) last: bool,
}

/// The cheapest of `tries` syntheses of the operator with gates on coupled qubits only.
///
/// When the two greedy ones need more than `limit` gates by a tenth, the others are not made.
pub(crate) fn on_couplings(
    tableau: &Tableau,
    couplings: &Couplings,
    freedom: Freedom,
    tries: usize,
    seed: u64,
    limit: usize,
) -> Option<Synthesised> {
    let inverse = tableau.inverse();
    let (matrix, inverse_matrix) = (Symplectic::of(tableau), Symplectic::of(&inverse));
    let most = limit.saturating_add(limit / 10);
    let start = |free: bool| if free { Start::Anywhere } else { Start::Fixed };
    let attempt = |index: usize| {
        let (seed, noise) = chance(seed, index / 2);
        if index.is_multiple_of(2) {
            let start = start(freedom.first);
            let reduction = on_graph::reduce(&matrix, couplings, start, seed, noise, most)?;
            Synthesised::forwards(tableau, &reduction)
        } else {
            let start = start(freedom.last);
            let reduction = on_graph::reduce(&inverse_matrix, couplings, start, seed, noise, most)?;
            Synthesised::backwards(&inverse, &reduction)
        }
    };
    // Threads cost more than they bring for a few qubits.
    let best = if tableau.num_qubits() > SMALL {
        best
    } else {
        best_in_turn
    };
    let greedy = best(0..2, &attempt)?;
    if greedy.cost().0 > most {
        return None;
    }
    let misled = best(2..2 * tries.max(1), &attempt);
    [Some(greedy), misled]
        .into_iter()
        .flatten()
        .min_by_key(Synthesised::cost)
}

/// The first try is greedy, the others are misled now and then.
fn chance(seed: u64, index: usize) -> (u64, u32) {
    let noise = [0, 8, 16, 24][index.min(1 + index % 3)];
    (seed.wrapping_add(index as u64), noise)
}

/// Operators on more qubits are tried in parallel.
const SMALL: usize = 8;

type Attempt<'a> = &'a (dyn Fn(usize) -> Option<Synthesised> + Sync);

/// Fewest gates, then least depth, then the first.
type Rating = ((usize, usize), usize);

/// The best of these tries.
fn best(tries: Range<usize>, attempt: Attempt<'_>) -> Option<Synthesised> {
    let found = tries
        .into_par_iter()
        .filter_map(|index| rated(index, attempt));
    found
        .min_by_key(|(rating, _)| *rating)
        .map(|(_, found)| found)
}

/// As [`best`], on this thread.
fn best_in_turn(tries: Range<usize>, attempt: Attempt<'_>) -> Option<Synthesised> {
    let found = tries.filter_map(|index| rated(index, attempt));
    found
        .min_by_key(|(rating, _)| *rating)
        .map(|(_, found)| found)
}

fn rated(index: usize, attempt: Attempt<'_>) -> Option<(Rating, Synthesised)> {
    let found = attempt(index)?;
    Some(((found.cost(), index), found))
}
