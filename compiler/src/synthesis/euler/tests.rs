use super::super::testing::{distance, random_source, random_unitary2, special_angles};
use super::*;

const BASES: [OneQubitBasis; 3] = [OneQubitBasis::RzSx, OneQubitBasis::RzRx, OneQubitBasis::U];

fn check(matrix: &Matrix2<Complex64>, bound: f64) {
    assert!(distance(&Euler::of(matrix).matrix(), matrix) < bound);
    for basis in BASES {
        let sequence = synthesise_one_qubit(matrix, basis);
        let error = distance(&sequence.matrix(), matrix);
        assert!(error < bound, "{basis:?} misses by {error:e}: {matrix}");
        if basis != OneQubitBasis::U {
            assert_eq!(sequence.pulse_count(), pulse_count(matrix, basis));
        }
    }
}

#[test]
fn random_unitaries_are_reproduced_with_their_phase() {
    let mut random = random_source(1);
    for _ in 0..3000 {
        check(&random_unitary2(&mut random), 1e-13);
    }
}

#[test]
fn special_angles_and_their_surroundings_are_reproduced() {
    for theta in special_angles() {
        for phi in special_angles() {
            for lambda in special_angles() {
                check(
                    &Euler {
                        theta,
                        phi,
                        lambda,
                        phase: 0.3,
                    }
                    .matrix(),
                    4e-12,
                );
            }
        }
    }
}

#[test]
fn pulse_counts_are_minimal() {
    let count = |theta: f64, basis| {
        synthesise_one_qubit(
            &Euler {
                theta,
                phi: 0.4,
                lambda: 1.1,
                phase: 2.0,
            }
            .matrix(),
            basis,
        )
        .pulse_count()
    };
    for (theta, sx, rx) in [
        (0.0, 0, 0),
        (1e-11, 0, 0),
        (FRAC_PI_2, 1, 1),
        (PI, 1, 1),
        (TAU, 0, 0),
        (0.7, 2, 1),
        (1e-9, 2, 1),
    ] {
        assert_eq!(count(theta, OneQubitBasis::RzSx), sx, "theta = {theta}");
        assert_eq!(count(theta, OneQubitBasis::RzRx), rx, "theta = {theta}");
    }
    let x = Pulse::X.matrix();
    assert_eq!(
        synthesise_one_qubit(&x, OneQubitBasis::RzSx)
            .pulses
            .as_slice(),
        [Pulse::X]
    );
    assert_eq!(
        synthesise_one_qubit(&Pulse::Sx.matrix(), OneQubitBasis::RzSx)
            .pulses
            .as_slice(),
        [Pulse::Sx]
    );
    assert!(
        synthesise_one_qubit(&Matrix2::identity(), OneQubitBasis::U)
            .pulses
            .is_empty()
    );
}

#[test]
fn wrapped_rotations_are_the_same_rotation() {
    for angle in special_angles()
        .into_iter()
        .chain((-40..40).map(|k| f64::from(k) * 0.7))
    {
        let (wrapped, phase) = wrap_rotation(angle);
        assert!(wrapped > -PI && wrapped <= PI);
        assert!(distance(&(rz(wrapped) * Complex64::cis(phase)), &rz(angle)) < 1e-12);
    }
}
