use super::super::testing::{distance, random_source, random_unitary2, random_unitary4};
use super::*;
use rand::RngExt;

fn check(matrix: &Matrix4<Complex64>, bound: f64) -> Coordinates {
    let weyl = Weyl::of(matrix);
    let error = distance(&weyl.matrix(), matrix);
    assert!(error < bound, "misses by {error:e}: {matrix} {weyl:?}");
    let Coordinates { a, b, c } = weyl.coordinates;
    let slack = 2.0 * TOLERANCE;
    assert!(
        a <= FRAC_PI_4 + slack && b <= a + slack && c.abs() <= b + slack,
        "{weyl:?}"
    );
    assert!(c >= -slack || a < FRAC_PI_4 - slack);
    weyl.coordinates
}

fn near(left: Coordinates, right: Coordinates) -> bool {
    (left.a - right.a).abs() + (left.b - right.b).abs() + (left.c - right.c).abs() < 1e-9
}

fn dress(random: &mut impl rand::Rng, matrix: &Matrix4<Complex64>) -> Matrix4<Complex64> {
    let mut local = || random_unitary2(random).kronecker(&random_unitary2(random));
    local() * matrix * local()
}

fn swap() -> Matrix4<Complex64> {
    Matrix4::new(
        ONE, ZERO, ZERO, ZERO, ZERO, ZERO, ONE, ZERO, ZERO, ONE, ZERO, ZERO, ZERO, ZERO, ZERO, ONE,
    )
}

#[test]
fn random_unitaries_are_reproduced() {
    let mut random = random_source(7);
    for _ in 0..3000 {
        check(&random_unitary4(&mut random), 1e-13);
    }
}

#[test]
fn every_class_and_its_surroundings_are_reproduced() {
    let mut random = random_source(8);
    let values = [
        0.0,
        0.3,
        FRAC_PI_4 / 2.0,
        FRAC_PI_4,
        FRAC_PI_2,
        -FRAC_PI_4,
        0.3 + 1e-7,
    ];
    for a in values {
        for b in values {
            for c in values {
                for offset in [0.0, 1e-7, 1e-9, 1e-11, 1e-12, 1e-13, 1e-15] {
                    let shift = |scale: f64| offset * scale;
                    let point = Coordinates {
                        a: a + shift(1.0),
                        b: b + shift(-0.7),
                        c: c + shift(0.4),
                    };
                    let exact = check(&point.matrix(), 1e-13);
                    assert!(
                        near(exact, check(&dress(&mut random, &point.matrix()), 1e-13)),
                        "{point:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn products_of_local_gates_are_at_the_origin() {
    let mut random = random_source(9);
    for _ in 0..300 {
        let point = check(&dress(&mut random, &Matrix4::identity()), 1e-13);
        assert!(near(
            point,
            Coordinates {
                a: 0.0,
                b: 0.0,
                c: 0.0
            }
        ));
    }
}

#[test]
fn real_orthogonal_and_permutation_matrices_are_reproduced() {
    let mut random = random_source(10);
    for code in 0..24 * 256 {
        let mut order = vec![0, 1, 2, 3];
        let mut rest = code / 256;
        let picked: Vec<usize> = (1..=4)
            .rev()
            .map(|n| {
                let k = rest % n;
                rest /= n;
                order.remove(k)
            })
            .collect();
        let phases: Vec<i32> = (0..4)
            .map(|k| (code % 256) >> (2 * k) & 3)
            .map(|x| x as i32)
            .collect();
        let matrix = Matrix4::from_fn(|r, c| {
            if picked[c] == r {
                I.powi(phases[c])
            } else {
                ZERO
            }
        });
        check(&matrix, 1e-13);
    }
    for _ in 0..300 {
        let gaussian = Matrix4::from_fn(|_, _| random.random::<f64>() - 0.5);
        check(&gaussian.qr().q().map(|x| Complex64::new(x, 0.0)), 1e-13);
    }
}

#[test]
fn mirrored_coordinates_are_those_of_the_gate_times_swap() {
    let mut random = random_source(11);
    for _ in 0..300 {
        let matrix = random_unitary4(&mut random);
        assert!(near(
            coordinates(&matrix).mirrored(),
            coordinates(&(swap() * matrix))
        ));
        assert!(near(
            coordinates(&matrix).mirrored(),
            coordinates(&(matrix * swap()))
        ));
    }
    for a in [0.0, 0.2, FRAC_PI_4] {
        for b in [0.0, 0.2, FRAC_PI_4] {
            for c in [0.0, 0.2, -0.2, FRAC_PI_4] {
                let matrix = Coordinates { a, b, c }.matrix();
                assert!(
                    near(
                        coordinates(&matrix).mirrored(),
                        coordinates(&(swap() * matrix))
                    ),
                    "{a} {b} {c}"
                );
            }
        }
    }
}

#[test]
fn slightly_non_unitary_input_is_decomposed_to_its_own_precision() {
    let mut random = random_source(12);
    for _ in 0..300 {
        let noise = Matrix4::from_fn(|_, _| {
            Complex64::new(random.random::<f64>(), random.random::<f64>()) * 1e-10
        });
        check(&(dress(&mut random, &swap()) + noise), 1e-9);
    }
}
