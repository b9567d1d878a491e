//! Fewer and smaller cases for Miri, which takes some thousand times as long for each.

/// All cases, or, under Miri, three or four of them, evenly spread.
pub(crate) fn sampled<T>(cases: Vec<T>) -> Vec<T> {
    let step = smaller(1, (cases.len() / 3) | 1);
    cases.into_iter().step_by(step).collect()
}

/// A size of a test: the usual one, or the one for Miri.
pub(crate) const fn smaller(usual: usize, under_miri: usize) -> usize {
    if cfg!(miri) { under_miri } else { usual }
}
