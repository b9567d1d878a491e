//! Inversions of counts that were misread on purpose.

use ardea_circuit::{Circuit, Clbit};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

use super::*;

fn errors(bits: usize, random: &mut Pcg64) -> Vec<BitErrors> {
    (0..bits)
        .map(|_| BitErrors {
            one_of_zero: random.random_range(0.0..0.04),
            zero_of_one: random.random_range(0.01..0.08),
        })
        .collect()
}

fn outcome(bits: usize, number: usize) -> Outcome {
    let mut outcome = Outcome::zero(bits);
    (0..bits).for_each(|bit| outcome.set(Clbit::new(bit), number >> bit & 1 == 1));
    outcome
}

/// Counts of all 2^n outcomes that are exactly those of a distribution misread by the whole product matrix.
fn misread(bits: usize, truth: &[f64], errors: &[BitErrors]) -> Counts {
    let mut counts = Counts::new(&Circuit::new(0, bits));
    for read in 0..1usize << bits {
        let of = |actual: usize| -> f64 {
            (0..bits)
                .map(|bit| {
                    let p = if actual >> bit & 1 == 1 {
                        errors[bit].zero_of_one
                    } else {
                        errors[bit].one_of_zero
                    };
                    if (read ^ actual) >> bit & 1 == 1 {
                        p
                    } else {
                        1.0 - p
                    }
                })
                .product()
        };
        let probability: f64 = truth.iter().enumerate().map(|(t, p)| p * of(t)).sum();
        counts.add(outcome(bits, read), (probability * 1e15).round() as u64);
    }
    counts
}

#[test]
fn with_all_outcomes_observed_the_truth_comes_back_by_either_solver() {
    let mut random = Pcg64::seed_from_u64(4);
    let bits = 5;
    let errors = errors(bits, &mut random);
    let mut truth: Vec<f64> = (0..1 << bits)
        .map(|_| random.random_range(0.0..1.0))
        .collect();
    let total: f64 = truth.iter().sum();
    truth.iter_mut().for_each(|p| *p /= total);
    let counts = misread(bits, &truth, &errors);
    let observable = DiagonalObservable::new(vec![
        (1.0, vec![Clbit::new(0), Clbit::new(3)]),
        (-0.5, vec![Clbit::new(4)]),
    ]);
    let exact: f64 = (0..1usize << bits)
        .map(|k| truth[k] * observable.value(&outcome(bits, k)))
        .sum();
    for solver in [Solver::Direct, Solver::Iterative] {
        let options = InversionOptions {
            solver,
            tolerance: 1e-12,
        };
        let inversion = Inversion::new(&counts, &errors, &options).unwrap();
        let quasi = inversion.quasi().unwrap();
        for (k, p) in truth.iter().enumerate() {
            assert!(
                (quasi.get(&outcome(bits, k)) - p).abs() < 1e-7,
                "{solver:?}"
            );
        }
        let found = inversion.expectation(&observable).unwrap();
        assert!((found.mean - exact).abs() < 1e-7);
        let by_quasi: f64 = quasi
            .weights
            .iter()
            .map(|(o, w)| w * observable.value(o))
            .sum();
        assert!((found.mean - by_quasi).abs() < 1e-9);
    }
}

#[test]
fn error_bars_are_those_of_repeated_experiments() {
    let mut random = Pcg64::seed_from_u64(9);
    let errors = vec![
        BitErrors {
            one_of_zero: 0.05,
            zero_of_one: 0.15
        };
        3
    ];
    let observable = DiagonalObservable::new(vec![(1.0, (0..3).map(Clbit::new).collect())]);
    let shots = 500;
    let mut values = Vec::new();
    let mut bars = Vec::new();
    for _ in 0..300 {
        let mut counts = Counts::new(&Circuit::new(0, 3));
        for _ in 0..shots {
            let actual = if random.random_bool(0.7) { 0 } else { 0b111 };
            let read = (0..3).fold(0, |read, bit| {
                let p = if actual == 0 { 0.05 } else { 0.15 };
                read | (usize::from(random.random_bool(p)) ^ (actual >> bit & 1)) << bit
            });
            counts.add(outcome(3, read), 1);
        }
        let inversion = Inversion::new(&counts, &errors, &InversionOptions::default()).unwrap();
        let found = inversion.expectation(&observable).unwrap();
        values.push(found.mean);
        bars.push(found.error);
    }
    let mean: f64 = values.iter().sum::<f64>() / 300.0;
    let spread = (values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 299.0).sqrt();
    let bar: f64 = bars.iter().sum::<f64>() / 300.0;
    assert!((mean - 0.4).abs() < 4.0 * spread / 300f64.sqrt(), "{mean}");
    assert!((bar / spread - 1.0).abs() < 0.15, "{bar} {spread}");
}

#[test]
fn derivatives_by_the_errors_are_differences() {
    let mut random = Pcg64::seed_from_u64(6);
    let bits = 4;
    let errors = errors(bits, &mut random);
    let counts = misread_ghz(bits, 400, &errors, 3);
    let observable = DiagonalObservable::new(vec![
        (1.0, vec![Clbit::new(0), Clbit::new(3)]),
        (-0.5, vec![Clbit::new(2)]),
    ]);
    let value = |errors: &[BitErrors]| {
        let inversion = Inversion::new(&counts, errors, &InversionOptions::default()).unwrap();
        inversion.expectation(&observable).unwrap().mean
    };
    let inversion = Inversion::new(&counts, &errors, &InversionOptions::default()).unwrap();
    let found = inversion.by_errors(&observable).unwrap();
    let step = 1e-5;
    for bit in 0..bits {
        for actual in 0..2 {
            let moved = |by: f64| {
                let mut errors = errors.clone();
                let of_bit = &mut errors[bit];
                let rate = if actual == 0 {
                    &mut of_bit.one_of_zero
                } else {
                    &mut of_bit.zero_of_one
                };
                *rate += by;
                value(&errors)
            };
            let difference = (moved(step) - moved(-step)) / (2.0 * step);
            assert!(
                (found[bit][actual] - difference).abs() < 1e-4,
                "{bit} {actual} {found:?} {difference}"
            );
        }
    }
}

/// Shots of a GHZ state of many bits, each misread.
pub(crate) fn misread_ghz(bits: usize, shots: usize, errors: &[BitErrors], seed: u64) -> Counts {
    let mut random = Pcg64::seed_from_u64(seed);
    let mut counts = Counts::new(&Circuit::new(0, bits));
    for _ in 0..shots {
        let one = random.random_bool(0.5);
        let mut read = Outcome::zero(bits);
        for (bit, errors) in errors.iter().enumerate() {
            let p = if one {
                errors.zero_of_one
            } else {
                errors.one_of_zero
            };
            read.set(Clbit::new(bit), one ^ random.random_bool(p));
        }
        counts.add(read, 1);
    }
    counts
}

#[test]
fn a_hundred_and_twenty_bits_are_mitigated() {
    let mut random = Pcg64::seed_from_u64(2);
    let bits = 120;
    // As on Heron processors: 0.6 % on average, so that half of the shots are read rightly.
    let mut draw = || BitErrors {
        one_of_zero: random.random_range(0.0..0.01),
        zero_of_one: random.random_range(0.002..0.014),
    };
    let errors: Vec<BitErrors> = (0..bits).map(|_| draw()).collect();
    let counts = misread_ghz(bits, 3000, &errors, 8);
    assert!(counts.len() > 700);
    let inversion = Inversion::new(&counts, &errors, &InversionOptions::default()).unwrap();
    let quasi = inversion.quasi().unwrap();
    let total: f64 = quasi.weights.iter().map(|(_, w)| w).sum();
    assert!((total - 1.0).abs() < 1e-6);
    let ends = |q: &Quasi| {
        let all_ones = &counts.iter().last().unwrap().0;
        q.get(&Outcome::zero(bits)) + q.get(all_ones)
    };
    let before = ends(&Quasi::of_counts(&counts));
    let after = ends(&quasi);
    assert!(before < 0.5 && after > 0.75, "{before} -> {after}");
}

#[test]
fn bits_that_are_a_coin_are_refused() {
    let counts = Counts::from_texts(&Circuit::new(0, 2), [("00", 5)]).unwrap();
    let bad = BitErrors {
        one_of_zero: 0.5,
        zero_of_one: 0.1,
    };
    let options = InversionOptions::default();
    assert!(Inversion::new(&counts, &[BitErrors::default(), bad], &options).is_err());
    assert!(Inversion::new(&counts, &[bad], &options).is_err());
    let none = Counts::new(&Circuit::new(0, 1));
    assert!(Inversion::new(&none, &[BitErrors::default()], &options).is_err());
}

#[test]
fn one_elimination_serves_all_observables() {
    let mut random = Pcg64::seed_from_u64(9);
    let errors = errors(4, &mut random);
    let counts = misread(4, &[1.0 / 16.0; 16], &errors);
    let options = InversionOptions {
        solver: Solver::Direct,
        ..InversionOptions::default()
    };
    let shared = Inversion::new(&counts, &errors, &options).unwrap();
    for bit in 0..4 {
        let observable = DiagonalObservable::new(vec![(1.0, vec![Clbit::new(bit)])]);
        let alone = Inversion::new(&counts, &errors, &options).unwrap();
        assert_eq!(
            shared.expectation(&observable).unwrap(),
            alone.expectation(&observable).unwrap()
        );
        assert_eq!(
            shared.by_errors(&observable).unwrap(),
            alone.by_errors(&observable).unwrap()
        );
    }
}
