//! Circuits in which nearly every pair of wires interacts, routed along a line.
//!
//! On a line of n wires, n(n-1)/2 blocks with a swap absorbed into each bring every pair together
//! once, and no network on any sparse device does better by much. A router that may leave the line loses
//! the regular pattern and pays for it, so such circuits are also routed on a long path through
//! the device alone, the wires in the order in which they are used (Maslov 2007,
//! quant-ph/0703211, for the Fourier transform; Kivlichan et al. 2018, arXiv:1711.04789, for
//! all-to-all interactions).

use super::embed::Interactions;
use super::frontier::long_path;
use super::graph::{DeviceGraph, NONE, QubitCost};
use super::program::{Kind, Program};

/// Fewer wires than this are left to the general search, which finds such patterns itself.
const FEWEST: usize = 10;
/// Part of all pairs that must interact.
const DENSE: f64 = 0.4;
/// Partial paths kept in the search for a long one.
const BEAM: usize = 600;

/// A path through the device, and the wires along it.
pub(crate) struct Line {
    /// The device with no other couplings than the path's.
    pub(crate) graph: DeviceGraph,
    /// Qubit of each wire; `NONE` for wires that do nothing.
    pub(crate) start: Vec<u32>,
}

/// A line for a program of densely interacting wires; `None` where it is not dense or no path is
/// long enough.
pub(crate) fn line_for(
    graph: &DeviceGraph,
    program: &Program,
    pattern: &Interactions,
) -> Option<Line> {
    let wires: Vec<u32> = (0..pattern.num_wires() as u32)
        .filter(|&wire| pattern.active[wire as usize])
        .collect();
    let all = wires.len() * wires.len().saturating_sub(1) / 2;
    let paired = pattern.pairs().count();
    if wires.len() < FEWEST || (paired as f64) < DENSE * all as f64 {
        return None;
    }
    let weight = pattern.pairs().map(|pair| pair.2).sum::<f64>() / wires.len() as f64;
    let qubit_cost = |_| 0.0;
    let mut path = long_path(graph, 0, wires.len(), weight, qubit_cost, BEAM)?;
    path.truncate(wires.len());
    let mut start = vec![NONE; pattern.num_wires()];
    for (wire, &qubit) in in_order_of_use(program, wires).into_iter().zip(&path) {
        start[wire as usize] = qubit;
    }
    let graph = along(graph, &path)?;
    Some(Line { graph, start })
}

/// A perfect line for the program's wires, on no device: to see what a line is worth before one is looked for.
pub(crate) fn ideal_line(program: &Program) -> Line {
    let wires = program.num_wires() as u32;
    let mut start = vec![NONE; wires as usize];
    for (qubit, wire) in in_order_of_use(program, (0..wires).collect())
        .into_iter()
        .enumerate()
    {
        start[wire as usize] = qubit as u32;
    }
    let qubits = vec![Some(QubitCost::default()); wires as usize];
    let edges: Vec<(u32, u32, f64)> = (1..wires).map(|q| (q - 1, q, 1.0)).collect();
    Line {
        graph: DeviceGraph::new(&qubits, &edges),
        start,
    }
}

/// Wires by the mean place of their blocks in the program.
fn in_order_of_use(program: &Program, mut wires: Vec<u32>) -> Vec<u32> {
    let mut sum = vec![0.0; program.num_wires()];
    let mut count = vec![0.0f64; program.num_wires()];
    for node in 0..program.len() as u32 {
        if let Kind::Pair(a, b) = program.kind(node) {
            for wire in [a, b] {
                sum[wire as usize] += f64::from(node);
                count[wire as usize] += 1.0;
            }
        }
    }
    let mean = |wire: u32| sum[wire as usize] / count[wire as usize].max(1.0);
    wires.sort_by(|&x, &y| mean(x).total_cmp(&mean(y)).then(x.cmp(&y)));
    wires
}

fn along(graph: &DeviceGraph, path: &[u32]) -> Option<DeviceGraph> {
    let edges: Option<Vec<(u32, u32, f64)>> = path
        .windows(2)
        .map(|pair| {
            let edge = graph.edge_between(pair[0], pair[1])?;
            Some((pair[0], pair[1], graph.edge_cost(edge)))
        })
        .collect();
    let qubits: Vec<Option<QubitCost>> = (0..graph.num_qubits() as u32)
        .map(|qubit| {
            graph.is_live(qubit).then(|| QubitCost {
                gate: graph.gate_cost(qubit),
                readout: graph.readout_cost(qubit),
                decay: graph.decay(qubit),
            })
        })
        .collect();
    Some(DeviceGraph::new(&qubits, &edges?).judged(graph.judge()))
}

#[cfg(test)]
mod tests {
    use super::super::graph::samples::heron;
    use super::super::program::samples::from_pairs;
    use super::*;

    #[test]
    fn dense_programs_get_a_path_with_their_wires_in_order_of_use() {
        let n = 20u32;
        let pairs: Vec<(u32, u32)> = (0..n)
            .flat_map(|a| (a + 1..n).map(move |b| (a, b)))
            .collect();
        let program = from_pairs(n as usize, &pairs);
        let mut pattern = Interactions::new(n as usize);
        pattern.add_pairs(pairs.iter().map(|&(a, b)| (a, b, 1.0)));
        let line = line_for(&heron(), &program, &pattern).unwrap();
        assert_eq!(line.graph.edges().len(), n as usize - 1);
        for pair in line.start.windows(2) {
            assert_eq!(line.graph.distance(pair[0], pair[1]), 1);
        }
    }

    #[test]
    fn sparse_programs_get_none() {
        let pairs: Vec<(u32, u32)> = (1..20).map(|a| (a - 1, a)).collect();
        let program = from_pairs(20, &pairs);
        let mut pattern = Interactions::new(20);
        pattern.add_pairs(pairs.iter().map(|&(a, b)| (a, b, 1.0)));
        assert!(line_for(&heron(), &program, &pattern).is_none());
    }
}
