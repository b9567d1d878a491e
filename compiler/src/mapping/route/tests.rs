use super::super::graph::samples::{grid, heron, line};
use super::super::program::Kind;
use super::super::program::samples::from_pairs;
use super::*;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

fn replay(graph: &DeviceGraph, program: &Program, start: &[u32], routed: &Routed) {
    let mut at = start.to_vec();
    let mut done = vec![false; program.len()];
    for step in &routed.steps {
        match *step {
            Step::Swap(p, q) => {
                assert_eq!(graph.distance(p, q), 1);
                for qubit in &mut at {
                    *qubit = if *qubit == p {
                        q
                    } else if *qubit == q {
                        p
                    } else {
                        *qubit
                    };
                }
            }
            Step::Node(node) => {
                assert!(program.predecessors(node).iter().all(|&p| done[p as usize]));
                done[node as usize] = true;
                if let Kind::Pair(a, b) = program.kind(node) {
                    assert_eq!(graph.distance(at[a as usize], at[b as usize]), 1);
                }
            }
        }
    }
    assert!(done.iter().all(|&d| d));
    assert_eq!(at, routed.last);
}

fn random_pairs(wires: u32, count: usize, random: &mut Pcg64Mcg) -> Vec<(u32, u32)> {
    (0..count)
        .map(|_| {
            let a = random.random_range(0..wires);
            (a, (a + random.random_range(1..wires)) % wires)
        })
        .collect()
}

#[test]
fn random_programs_route_on_lines_grids_and_heavy_hex() {
    let mut random = Pcg64Mcg::seed_from_u64(1);
    for (graph, wires) in [(line(9), 9), (grid(4, 4), 12), (heron(), 100), (line(2), 2)] {
        let program = from_pairs(wires as usize, &random_pairs(wires, 400, &mut random));
        let start: Vec<u32> = (0..wires).collect();
        for weights in [
            Weights::default(),
            Weights {
                absorb: 3.0,
                ..Weights::default()
            },
            // No sense of direction at all: only the release valve makes progress.
            Weights {
                lookahead: 0,
                far: 0.0,
                fade: 1.0,
                bend: 1.0,
                absorb: 0.0,
                noise: 0.0,
                decay: 1e6,
                jitter: 1.0,
            },
        ] {
            let routed = route(&graph, &program, &start, weights, &mut random);
            replay(&graph, &program, &start, &routed);
        }
    }
}

#[test]
fn the_gate_estimate_counts_absorbed_swaps() {
    // Three wires on a line: 0-1, 1-2, then 0-2 needs one swap, which a neighbour absorbs.
    let program = from_pairs(3, &[(0, 1), (1, 2), (0, 2)]);
    let routed = route(
        &line(3),
        &program,
        &[0, 1, 2],
        Weights::default(),
        &mut Pcg64Mcg::seed_from_u64(3),
    );
    let swaps = routed
        .steps
        .iter()
        .filter(|s| matches!(s, Step::Swap(..)))
        .count();
    assert_eq!((swaps, routed.gates), (1, 4));
}
