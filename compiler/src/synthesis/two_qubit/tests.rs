use super::super::testing::{distance, random_source, random_unitary2, random_unitary4};
use super::*;

const BASES: [TwoQubitBasis; 8] = [
    TwoQubitBasis::CZ,
    TwoQubitBasis::CZ_RZZ,
    TwoQubitBasis {
        maximal: None,
        rzz: Some(1.0),
    },
    TwoQubitBasis {
        maximal: Some((Maximal::Cz, 1.0)),
        rzz: Some(0.5),
    },
    TwoQubitBasis {
        maximal: Some((Maximal::Cx { control: 0 }, 1.0)),
        rzz: None,
    },
    TwoQubitBasis {
        maximal: Some((Maximal::Cx { control: 1 }, 0.8)),
        rzz: Some(1.0),
    },
    TwoQubitBasis {
        maximal: Some((Maximal::Ecr { first: 0 }, 1.0)),
        rzz: None,
    },
    TwoQubitBasis {
        maximal: Some((Maximal::Ecr { first: 1 }, 0.99)),
        rzz: Some(1.0),
    },
];

fn check(matrix: &Matrix4<Complex64>, bound: f64) {
    let weyl = Weyl::of(matrix);
    for basis in BASES {
        let circuit = synthesise_weyl(&weyl, &basis).expect("a basis with an entangler");
        let error = distance(&circuit.matrix(), matrix);
        assert!(
            error < bound,
            "{basis:?} misses by {error:e}: {matrix} {:?}",
            weyl.coordinates
        );
        let least = if basis.rzz.is_some() {
            rzz_count(&weyl.coordinates)
        } else {
            cz_count(&weyl.coordinates)
        };
        assert_eq!(
            circuit.entangler_count(),
            least.min(cz_count(&weyl.coordinates)),
            "{basis:?} {:?}",
            weyl.coordinates
        );
        for step in &circuit.steps {
            if let Step::Entangle(Entangler::Rzz(angle)) = step {
                assert!(*angle > 0.0 && *angle <= FRAC_PI_2, "{angle}");
            }
        }
    }
}

fn dress(random: &mut impl rand::Rng, matrix: &Matrix4<Complex64>) -> Matrix4<Complex64> {
    let mut local = || random_unitary2(random).kronecker(&random_unitary2(random));
    local() * matrix * local()
}

#[test]
fn random_unitaries_take_three_gates_and_are_reproduced() {
    let mut random = random_source(20);
    for _ in 0..500 {
        let matrix = random_unitary4(&mut random);
        assert_eq!(cz_count(&Weyl::of(&matrix).coordinates), 3);
        check(&matrix, 1e-13);
    }
}

#[test]
fn each_class_takes_its_least_number_of_gates() {
    let mut random = random_source(21);
    let q = FRAC_PI_4;
    for (a, b, c, cz, rzz, mirrored) in [
        (0.0, 0.0, 0.0, 0, 0, 3),
        (q, 0.0, 0.0, 1, 1, 2),
        (0.3, 0.0, 0.0, 2, 1, 3),
        (-0.3, 0.0, 0.0, 2, 1, 3),
        (0.3, 0.2, 0.0, 2, 2, 3),
        (q, q, 0.0, 2, 2, 1),
        (q, 0.1, 0.0, 2, 2, 2),
        (0.3, 0.2, 0.1, 3, 3, 3),
        (0.3, 0.2, -0.1, 3, 3, 3),
        (q, q, q, 3, 3, 0),
        (q, q, 0.2, 3, 3, 2),
        (q, 0.2, 0.1, 3, 3, 2),
    ] {
        let matrix = Coordinates { a, b, c }.matrix();
        for matrix in [
            matrix,
            dress(&mut random, &matrix),
            dress(&mut random, &matrix),
        ] {
            let found = Weyl::of(&matrix).coordinates;
            assert_eq!(
                (cz_count(&found), rzz_count(&found)),
                (cz, rzz),
                "{a} {b} {c}"
            );
            assert_eq!(cz_count_mirrored(&found), mirrored, "{a} {b} {c}");
            check(&matrix, 1e-13);
        }
    }
}

#[test]
fn the_tolerance_decides_what_is_zero() {
    let count = |offset: f64| {
        cz_count(
            &Weyl::of(
                &Coordinates {
                    a: FRAC_PI_4,
                    b: 0.0,
                    c: offset,
                }
                .matrix(),
            )
            .coordinates,
        )
    };
    assert_eq!(
        [count(1e-13), count(1e-11), count(1e-9), count(1e-6)],
        [1, 1, 2, 2]
    );
    for offset in [1e-7, 1e-9, 1e-11, 1e-12, 1e-13] {
        for (a, b, c) in [
            (0.0, 0.0, 0.0),
            (FRAC_PI_4, 0.0, 0.0),
            (0.4, 0.4, 0.0),
            (FRAC_PI_4, FRAC_PI_4, FRAC_PI_4),
        ] {
            check(
                &Coordinates {
                    a: a - offset,
                    b: b - 0.3 * offset,
                    c: c - 0.7 * offset,
                }
                .matrix(),
                3e-11,
            );
        }
    }
}

#[test]
fn a_basis_without_entangler_only_serves_products() {
    let mut random = random_source(22);
    let none = TwoQubitBasis {
        maximal: None,
        rzz: None,
    };
    let product = dress(&mut random, &Matrix4::identity());
    let circuit = synthesise_two_qubit(&product, &none).expect("a product needs none");
    assert!(distance(&circuit.matrix(), &product) < 1e-13);
    assert!(synthesise_two_qubit(&Entangler::Cz.matrix(), &none).is_none());
}

#[test]
fn swap_needs_no_gates_before_it() {
    let mut random = random_source(23);
    let circuit = with_cz(&Weyl::of(&dress(
        &mut random,
        &Coordinates {
            a: FRAC_PI_4,
            b: FRAC_PI_4,
            c: FRAC_PI_4,
        }
        .matrix(),
    )));
    let before = circuit
        .steps
        .iter()
        .take_while(|step| !matches!(step, Step::Entangle(_)));
    for step in before {
        if let Step::Local { matrix, .. } = step {
            assert!(
                super::super::euler::pulse_count(matrix, super::super::euler::OneQubitBasis::RzSx)
                    <= 1
            );
        }
    }
}
