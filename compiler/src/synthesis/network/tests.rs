use rand::{RngExt, SeedableRng};

use super::*;

fn random_gate(random: &mut Pcg64Mcg) -> Matrix2<Complex64> {
    let mut angle = || random.random_range(-3.0..3.0);
    Euler {
        theta: angle(),
        phi: angle(),
        lambda: angle(),
        phase: angle(),
    }
    .matrix()
}

fn random_network(pairs: &[[usize; 2]], random: &mut Pcg64Mcg) -> Network {
    let mut out = Network::new();
    for wire in 0..WIRES {
        out.push_local(wire, &random_gate(random));
    }
    for &pair in pairs {
        out.push_cz(pair);
        for wire in pair {
            out.push_local(wire, &random_gate(random));
        }
    }
    out.add_phase(0.3);
    out
}

fn distance(a: &Network, b: &Network) -> f64 {
    let (a, b) = (a.template().operator(), b.template().operator());
    let places = (0..64).map(|place| (place / 8, place % 8));
    places
        .map(|(row, column)| (a.entry(row, column) - b.entry(row, column)).norm())
        .fold(0.0, f64::max)
}

#[test]
fn the_gradient_is_the_slope_of_the_distance() {
    let random = &mut Pcg64Mcg::seed_from_u64(1);
    let goal = random_network(&[[0, 1], [1, 2], [0, 2]], random)
        .template()
        .operator();
    let template = random_network(&[[1, 0], [2, 1]], random).template();
    let mut scratch = fit::Scratch::new(&template);
    let mut slope = vec![0.0; template.angles.len()];
    let mut value =
        |angles: &[f64], slope: &mut [f64]| scratch.distance(&template.pairs, angles, &goal, slope);
    value(&template.angles, &mut slope);
    for index in 0..slope.len() {
        let (mut up, mut down) = (template.angles.clone(), template.angles.clone());
        up[index] += 1e-5;
        down[index] -= 1e-5;
        let unused = &mut vec![0.0; slope.len()];
        let measured = (value(&up, unused) - value(&down, unused)) / 2e-5;
        assert!(
            (measured - slope[index]).abs() < 1e-8,
            "{index}: {measured} {}",
            slope[index]
        );
    }
}

#[test]
fn leaving_out_a_gate_only_leaves_out_that_gate() {
    let random = &mut Pcg64Mcg::seed_from_u64(2);
    let long = random_network(&[[0, 1], [1, 2], [0, 1], [0, 2]], random);
    let shorter = long.without(1);
    assert_eq!(shorter.pairs(), [[0, 1], [0, 1], [0, 2]]);
    assert_eq!(shorter.locals.len(), WIRES + 6);
    // Putting it back where it was, between the same gates, gives the old operator.
    let mut rebuilt = Network::new();
    for (wire, gate) in long.first().iter().enumerate() {
        rebuilt.push_local(wire, gate);
    }
    for (index, &pair) in long.pairs().iter().enumerate() {
        if index != 1 {
            rebuilt.push_cz(pair);
        }
        for (side, &wire) in pair.iter().enumerate() {
            rebuilt.push_local(wire, &long.after(index)[side]);
        }
    }
    rebuilt.add_phase(long.phase());
    assert!(distance(&rebuilt, &shorter) < 1e-12);
}

#[test]
fn an_operator_written_with_too_many_gates_is_written_with_fewer() {
    for seed in 0..12 {
        let random = &mut Pcg64Mcg::seed_from_u64(seed);
        // Four gates on one pair are never needed, and hidden among others they still are not.
        let network = random_network(&[[1, 2], [0, 1], [0, 1], [1, 0], [0, 1], [1, 2]], random);
        let shorter = network
            .shortened(60, random)
            .expect("three on a pair are enough");
        assert!(shorter.len() <= 5, "{}", shorter.len());
        assert!(
            distance(&network, &shorter) < 1e-10,
            "{}",
            distance(&network, &shorter)
        );
    }
}

#[test]
fn a_network_that_is_as_short_as_can_be_stays() {
    let random = &mut Pcg64Mcg::seed_from_u64(9);
    let network = random_network(&[[0, 1], [1, 2]], random);
    assert_eq!(network.shortened(20, random), None);
}
