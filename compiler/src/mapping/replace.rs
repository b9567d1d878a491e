//! The best-calibrated place for a pattern of interactions.
//!
//! Used twice: for a circuit that embeds without swaps, and after routing, when the routed circuit
//! as a whole may sit elsewhere on the device with the same couplings (Nation and Treinish 2023,
//! arXiv:2209.15512). Several searches run in parallel, each with its own seed; the cheapest place
//! wins, the first of equals.

use ardea_circuit::Qubit;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use super::chain::Chain;
use super::embed::{Interactions, embed};
use super::graph::{DeviceGraph, NONE};

/// Fewer steps than this are not worth a search for the best long line, which takes a good part of a second.
const LONG_LINE_STEPS: usize = 50_000;

/// The cheapest place found within `steps` steps of search, no worse than `current`.
pub(crate) fn best_place(
    pattern: &Interactions,
    graph: &DeviceGraph,
    current: Option<Vec<u32>>,
    steps: usize,
    seed: u64,
) -> Option<Vec<u32>> {
    const SEARCHES: u64 = 4;
    let chain = Chain::recognise(pattern);
    let line = chain
        .as_ref()
        .filter(|_| steps >= LONG_LINE_STEPS)
        .and_then(|chain| chain.long_line(pattern, graph));
    let found: Vec<Option<Vec<u32>>> = (0..SEARCHES)
        .into_par_iter()
        .map(|index| {
            let mut random =
                Pcg64Mcg::seed_from_u64(seed ^ (index + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
            let steps = steps / SEARCHES as usize + 1;
            let mut place = match &chain {
                Some(chain) => chain.place(pattern, graph, line.as_deref(), steps, &mut random),
                None => embed(pattern, graph, steps, &mut random),
            }?;
            place_lone(pattern, graph, &mut place).then_some(place)
        })
        .collect();
    let mut best: Option<(f64, Vec<u32>)> = None;
    for place in current.into_iter().chain(found.into_iter().flatten()) {
        let cost = pattern.cost(graph, &place);
        if best.as_ref().is_none_or(|b| cost < b.0) {
            best = Some((cost, place));
        }
    }
    best.map(|b| b.1)
}

/// Puts active wires without partners on the best free qubits, most measured first; false where
/// live qubits run out.
pub(crate) fn place_lone(pattern: &Interactions, graph: &DeviceGraph, place: &mut [u32]) -> bool {
    let mut free: Vec<bool> = (0..graph.num_qubits() as u32)
        .map(|q| graph.is_live(q))
        .collect();
    place
        .iter()
        .filter(|&&q| q != NONE)
        .for_each(|&q| free[q as usize] = false);
    let mut lone: Vec<u32> = (0..pattern.num_wires() as u32)
        .filter(|&w| pattern.active[w as usize] && place[w as usize] == NONE)
        .collect();
    let use_of = |w: u32| pattern.readouts[w as usize] * 100.0 + pattern.gates[w as usize];
    lone.sort_by(|&x, &y| use_of(y).total_cmp(&use_of(x)).then(x.cmp(&y)));
    for wire in lone {
        let cost = |q: u32| pattern.wire_cost(graph, wire, q);
        let choice = (0..graph.num_qubits() as u32)
            .filter(|&q| free[q as usize])
            .min_by(|&x, &y| cost(x).total_cmp(&cost(y)).then(x.cmp(&y)));
        let Some(qubit) = choice else { return false };
        free[qubit as usize] = false;
        place[wire as usize] = qubit;
    }
    true
}

/// Makes a place for some of the device's qubits one for all: the others stay where they are if
/// they can and take what is left otherwise.
pub(crate) fn permutation(place: &[u32]) -> Vec<Qubit> {
    let mut taken = vec![false; place.len()];
    place
        .iter()
        .filter(|&&q| q != NONE)
        .for_each(|&q| taken[q as usize] = true);
    let mut to = place.to_vec();
    for (qubit, slot) in to.iter_mut().enumerate() {
        if *slot == NONE && !taken[qubit] {
            taken[qubit] = true;
            *slot = qubit as u32;
        }
    }
    let mut free = (0..place.len() as u32).filter(|&q| !taken[q as usize]);
    let filled = to.into_iter().map(|q| {
        if q == NONE {
            free.next().unwrap_or(NONE)
        } else {
            q
        }
    });
    filled.map(Qubit::from).collect()
}
