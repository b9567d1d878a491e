use num_complex::Complex64;

use super::*;

fn c(re: f64, im: f64) -> Complex64 {
    Complex64::new(re, im)
}

/// An amplitude of the product of the qubits' states.
fn expected(qubits: &[[Complex64; 2]], index: usize) -> Complex64 {
    let factor = |(bit, state): (usize, &[Complex64; 2])| state[index >> bit & 1];
    qubits.iter().enumerate().map(factor).product()
}

fn check_product<T: Real>(tolerance: f64) {
    let all: Vec<[Complex64; 2]> = (0..7)
        .map(|q| match q {
            2 | 5 => [c(1.0, 0.0), c(0.0, 0.0)],
            3 => [c(0.0, 0.0), c(0.0, 1.0)],
            _ => [c(0.6, 0.0), Complex64::from_polar(0.8, q as f64)],
        })
        .collect();
    for width in Width::available() {
        for size in 0..=all.len() {
            let qubits = &all[..size];
            let state = Amplitudes::<T>::product(qubits, width).unwrap();
            let factor = Complex64::from_polar(1.0, 0.3);
            let (found, weight) = state.finish(factor).unwrap();
            assert_eq!(found.len(), 1 << size);
            assert!((weight - 1.0).abs() < tolerance, "{width}, {size} qubits");
            for (i, z) in found.iter().enumerate() {
                let z = c(z.re.as_f64(), z.im.as_f64());
                let apart = (z - factor * expected(qubits, i)).norm();
                assert!(apart < tolerance, "{width}, {size} qubits, amplitude {i}");
            }
        }
    }
}

#[test]
fn product_states_are_right_at_every_size_and_width() {
    check_product::<f64>(1e-14);
    check_product::<f32>(1e-6);
}

#[test]
#[should_panic(expected = "a step leaves the state")]
fn a_step_beyond_the_state_is_refused() {
    let mut steps = Steps::<f64>::new(5, Width::PORTABLE, 0);
    steps.scale(Where::zero(1 << 3), Complex64::I);
}

#[test]
#[should_panic(expected = "a vector would be its own partner")]
fn vectors_are_not_paired_with_themselves() {
    let mut steps = Steps::<f64>::new(5, Width::PORTABLE, 0);
    steps.exchange(Where::zero(1), 2);
}

#[test]
#[should_panic(expected = "the steps are for other states")]
fn steps_do_not_run_on_states_of_another_size() {
    let steps = Steps::<f64>::new(5, Width::PORTABLE, 0);
    let qubits = [[Complex64::ONE, Complex64::ZERO]; 6];
    Amplitudes::product(&qubits, Width::PORTABLE)
        .unwrap()
        .run(&steps);
}

#[test]
fn numbers_are_written_in_the_shortest_mode() {
    let (one, turn) = (c(1.0, 0.0), c(0.0, -0.5));
    let mode = |terms: &[[Complex64; 2]]| mode_of(terms.iter().copied());
    assert_eq!(mode(&[[one, one], [one, Complex64::ZERO]]), Mode::Real);
    assert_eq!(mode(&[[one, Complex64::ZERO], [one, turn]]), Mode::Turned);
    assert_eq!(mode(&[[one, one], [one, turn]]), Mode::Complex);
    assert_eq!(mode(&[[turn, Complex64::ZERO]]), Mode::Complex);
}
