//! How far apart two states are that need not agree in all respects.

use ardea_circuit::C64;

use super::places::Places;

/// The distance of two states up to a phase for each value of the dephased positions, and the phase of the largest part.
/// What has a spare position in |1> counts as lost on either side. Positions after all of `places`, the other halves of
/// Bell pairs, count like shared ones.
pub(super) fn distance(a: &[C64], b: &[C64], places: &Places) -> (f64, f64) {
    let spares = (1usize << places.total) - (1 << places.shared);
    let is_lost = |index: usize| index & spares != 0;
    let block = |index: usize| -> usize {
        let dephased = places.dephased.iter().enumerate();
        dephased
            .map(|(bit, &place)| (index >> place & 1) << bit)
            .sum()
    };
    let both = || a.iter().zip(b).enumerate();
    let mut overlaps = vec![C64::default(); 1 << places.dephased.len()];
    for (index, (a, b)) in both().filter(|(index, _)| !is_lost(*index)) {
        overlaps[block(index)] += a.conj() * b;
    }
    let largest = overlaps
        .iter()
        .copied()
        .max_by(|x, y| x.norm().total_cmp(&y.norm()))
        .unwrap_or_default();
    let phases: Vec<C64> = overlaps
        .iter()
        .map(|overlap| match overlap.norm() {
            norm if norm > 0.0 => overlap / norm,
            _ => C64::from(1.0),
        })
        .collect();
    let square: f64 = both()
        .map(|(index, (a, b))| match is_lost(index) {
            true => a.norm_sqr() + b.norm_sqr(),
            false => (b - a * phases[block(index)]).norm_sqr(),
        })
        .sum();
    (square.sqrt(), largest.arg())
}
