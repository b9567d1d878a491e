//! An input and an outcome by which a person can see that two circuits differ.

use ardea_circuit::Gate;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use super::places::Places;
use super::run::{Input, Simulation, affordable};
use crate::compare::Pair;
use crate::program::Start;
use crate::report::Witness;

/// Witnesses are looked for up to this many qubits.
const WITNESS_QUBITS: usize = 20;

/// An input and an outcome that show a difference found by other means, where amplitudes fit.
pub(crate) fn find_witness(pair: &Pair<'_>) -> Option<Witness> {
    let places = Places::new(pair).ok()?;
    affordable(pair, places.total, 24).ok()?;
    witness(pair, &places)
}

/// An input and an outcome whose probabilities differ, the most of some that are tried.
pub(super) fn witness(pair: &Pair<'_>, places: &Places) -> Option<Witness> {
    if places.total > WITNESS_QUBITS {
        return None;
    }
    let simulation = Simulation {
        pair,
        total: places.total,
    };
    let mut rng = Pcg64Mcg::seed_from_u64(pair.options.seed ^ 0x57_49_54);
    let mut best: Option<(f64, Witness)> = None;
    let free = pair
        .before
        .wires
        .iter()
        .any(|wire| wire.start == Start::Free);
    for attempt in 0..if free { 4 } else { 1 } {
        let mut angle = || (rng.random::<f64>() * 6_283.0).round() / 1_000.0;
        let angles: Vec<[f64; 3]> = pair
            .inputs
            .iter()
            .map(|_| [angle(), angle(), angle()])
            .collect();
        // The first attempt is the simplest to repeat.
        let (input, text) = if attempt == 0 {
            (Input::Zero, "all qubits in |0>".to_owned())
        } else {
            let one =
                |(input, [a, b, c]): (&usize, &[f64; 3])| format!("u({a},{b},{c}) q[{input}]");
            let list: Vec<String> = pair.inputs.iter().zip(&angles).map(one).collect();
            (
                Input::Product(angles),
                format!("{} on |0...0>", list.join("; ")),
            )
        };
        for read in [Gate::I, Gate::H, Gate::SX] {
            let probabilities = |side: usize| -> Option<Vec<f64>> {
                let state = simulation
                    .run(side, &places.of[side], &input, Some((read, places.shared)))
                    .ok()?;
                let mut out = vec![0.0; 1 << places.shared];
                for (index, amplitude) in state.amplitudes().iter().enumerate() {
                    out[index & ((1 << places.shared) - 1)] += amplitude.norm_sqr();
                }
                Some(out)
            };
            let (a, b) = (probabilities(0)?, probabilities(1)?);
            let differs = |index: &usize| (a[*index] - b[*index]).abs();
            let index = (0..a.len()).max_by(|x, y| differs(x).total_cmp(&differs(y)))?;
            let after = match read {
                Gate::I => String::new(),
                gate => format!(" after {gate} on every output"),
            };
            let found = Witness {
                input: text.clone(),
                observed: format!("the probability of {}{after}", outcome(pair, index)),
                before: a[index],
                after: b[index],
            };
            if best
                .as_ref()
                .is_none_or(|(most, _)| differs(&index) > 2.0 * most)
            {
                best = Some((differs(&index), found));
            }
        }
    }
    best.filter(|(most, _)| *most > 1e-10)
        .map(|(_, witness)| witness)
}

/// A basis state of the outputs in words.
fn outcome(pair: &Pair<'_>, index: usize) -> String {
    let ones: Vec<String> = pair
        .inputs
        .iter()
        .enumerate()
        .filter(|(position, _)| index >> position & 1 == 1)
        .map(|(_, input)| input.to_string())
        .collect();
    if ones.is_empty() {
        "reading 0 on every output".to_owned()
    } else {
        format!("reading 1 on exactly the outputs {}", ones.join(", "))
    }
}
