//! Comparison with printed tables, shared by the tests of this crate.

/// Asserts that a number rounds to the printed one at the printed number of decimals.
pub(crate) fn assert_digits(value: f64, printed: f64, decimals: usize) {
    assert_eq!(
        format!("{value:.decimals$}"),
        format!("{printed:.decimals$}")
    );
}
