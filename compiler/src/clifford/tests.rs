use ardea_circuit::Gate;
use ardea_circuit::clifford::{StabilizerState, Tableau};
use ardea_circuit::random::random_circuit;
use ardea_device::Target;
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::on_graph::{Couplings, Start};
use super::reduction::Synthesised;
use super::search::{Freedom, anywhere, on_couplings};
use super::symplectic::Symplectic;
use super::*;

const GATES: [Gate; 6] = [Gate::H, Gate::S, Gate::CX, Gate::CX, Gate::CZ, Gate::SX];

fn random_tableau(seed: u64, num_qubits: usize, per_qubit: usize) -> Tableau {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let circuit = random_circuit(&mut rng, num_qubits, per_qubit * num_qubits, &GATES);
    Tableau::of_circuit(&circuit).unwrap()
}

/// A piece of the heavy hexagons of a device, and its edges.
fn heavy_hex(n: usize) -> (Couplings, Vec<(usize, usize)>) {
    let target = Target::bundled("boston").unwrap();
    let mut order = vec![ardea_circuit::Qubit::new(60)];
    let mut next = 0;
    while order.len() < n {
        let fresh = target.neighbours(order[next]).iter();
        let fresh: Vec<_> = fresh.filter(|q| !order.contains(q)).copied().collect();
        order.extend(fresh.into_iter().take(n - order.len()));
        next += 1;
    }
    let place = |q| order.iter().position(|&v| v == q);
    let edges: Vec<(usize, usize)> = target
        .edges()
        .filter_map(|(a, b)| Some((place(a)?, place(b)?)))
        .collect();
    (Couplings::new(n, edges.iter().copied()), edges)
}

fn stays_on(found: &Synthesised, edges: &[(usize, usize)]) -> bool {
    let mut pairs = found.gates.iter().filter_map(|gate| gate.pair());
    pairs.all(|(a, b)| edges.contains(&(a, b)) || edges.contains(&(b, a)))
}

fn is_identity(wires: &[usize]) -> bool {
    wires.iter().enumerate().all(|(a, &b)| a == b)
}

#[test]
fn what_is_synthesised_anywhere_is_the_operator() {
    for n in [1, 2, 3, 5, 20, 60, 150] {
        let tableau = random_tableau(n as u64, n, 20);
        let found = anywhere(&tableau, 2, 7).unwrap();
        assert_eq!(found.tableau(), tableau, "{n}");
    }
}

#[test]
fn what_is_synthesised_on_couplings_is_the_operator_and_uses_no_other() {
    for n in [1, 2, 3, 5, 20, 40] {
        let tableau = random_tableau(n as u64, n, 20);
        let (couplings, edges) = heavy_hex(n);
        for (first, last) in [(false, false), (true, false), (false, true), (true, true)] {
            let freedom = Freedom { first, last };
            let found = on_couplings(&tableau, &couplings, freedom, 2, 7, usize::MAX / 2).unwrap();
            assert_eq!(found.tableau(), tableau, "{n}");
            assert!(stays_on(&found, &edges), "{n}");
            assert!(first || is_identity(&found.first));
            assert!(last || is_identity(&found.last));
        }
    }
}

#[test]
fn a_wide_operator_is_synthesised_on_couplings() {
    let tableau = random_tableau(3, 150, 2);
    let (couplings, edges) = heavy_hex(150);
    let reduction = on_graph::reduce(
        &Symplectic::of(&tableau),
        &couplings,
        Start::Fixed,
        0,
        0,
        usize::MAX,
    )
    .unwrap();
    let found = Synthesised::forwards(&tableau, &reduction).unwrap();
    assert_eq!(found.tableau(), tableau);
    assert!(stays_on(&found, &edges));
}

#[test]
fn random_operators_take_about_as_few_gates_as_known() {
    let tableau = random_tableau(1, 20, 40);
    // Bravyi and others report 208 for this size.
    assert!(anywhere(&tableau, 8, 0).unwrap().cost().0 <= 180);
    let (couplings, _) = heavy_hex(20);
    let freedom = Freedom {
        first: true,
        last: true,
    };
    let found = on_couplings(&tableau, &couplings, freedom, 4, 0, 400).unwrap();
    assert!(found.cost().0 <= 315, "{:?}", found.cost());
}

#[test]
fn a_full_layer_of_controlled_gates_is_a_chain() {
    let n = 12;
    let mut circuit = ardea_circuit::Circuit::new(n, 0);
    for a in 0..n {
        for b in a + 1..n {
            circuit.cx(a, b).unwrap();
        }
    }
    let found = anywhere(&Tableau::of_circuit(&circuit).unwrap(), 1, 0).unwrap();
    assert_eq!(found.cost().0, n - 1);
}

#[test]
fn a_prepared_state_has_the_stabilizers_and_uses_couplings_alone() {
    for n in [1, 2, 3, 5, 20, 60] {
        let tableau = random_tableau(n as u64, n, 20);
        let (couplings, edges) = heavy_hex(n);
        for couplings in [couplings, Couplings::complete(n)] {
            let gates = state::prepare(&tableau, &couplings).unwrap();
            let mut both = StabilizerState::new(n);
            gates.iter().for_each(|&gate| both.apply(gate));
            let undo = tableau.to_gates();
            undo.iter()
                .rev()
                .for_each(|gate| both.apply(gate.inverse()));
            assert!(matches!(both.zero_amplitude(), Some((_, 0))), "{n}");
        }
        let gates = state::prepare(&tableau, &heavy_hex(n).0).unwrap();
        assert!(stays_on(&Synthesised::in_place(n, gates), &edges));
    }
}

#[test]
fn a_product_state_takes_no_two_qubit_gate() {
    // Bernstein and Vazirani's circuit: a star of controlled gates onto a qubit in |->.
    let mut circuit = ardea_circuit::Circuit::new(10, 0);
    circuit.x(9).unwrap();
    for q in 0..10 {
        circuit.h(q).unwrap();
    }
    for q in [0, 2, 3, 7] {
        circuit.cx(q, 9).unwrap();
    }
    for q in 0..9 {
        circuit.h(q).unwrap();
    }
    let tableau = Tableau::of_circuit(&circuit).unwrap();
    let gates = state::prepare(&tableau, &Couplings::complete(10)).unwrap();
    assert!(gates.iter().all(|gate| gate.pair().is_none()));
}

#[test]
fn the_same_seed_gives_the_same_gates() {
    let tableau = random_tableau(5, 15, 20);
    let (couplings, _) = heavy_hex(15);
    let run = || {
        let found = on_couplings(
            &tableau,
            &couplings,
            Freedom::default(),
            4,
            3,
            usize::MAX / 2,
        );
        let found = found.unwrap();
        (found.gates, anywhere(&tableau, 4, 3).unwrap().gates)
    };
    let one_thread = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(run(), one_thread.install(run));
}
