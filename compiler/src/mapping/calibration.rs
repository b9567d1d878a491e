//! What a target's calibration says of each edge and qubit, as the costs that placing and routing add up.
//!
//! With the fractional gate set a block of one axis takes one `rzz` where that works, and two of the basis gates where
//! it does not; half the couplings of a device may lack a working `rzz`. What an edge costs then depends on the
//! circuit, so the graph is made for the share of such blocks in it.

use ardea_circuit::{Circuit, Gate, Operation, Qubit};
use ardea_device::Target;

use super::graph::{DeviceGraph, Judge, QubitCost};
use crate::schedule::decay_rate;
use crate::synthesis::two_qubit::{cz_count, rzz_count};
use crate::synthesis::weyl::coordinates;
use crate::{Aim, GateSet};

/// The cost of an edge that lacks a gate which is already written there.
const IMPOSSIBLE: f64 = 10.0;

/// What a circuit asks of the edges it is put on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Demand {
    /// Share of the two-qubit gates that one `rzz` makes and one basis gate does not.
    turns: f64,
    /// Cost of such a gate where there is no `rzz`: of two basis gates unless it is written already.
    without: Option<f64>,
}

impl Demand {
    /// Of a circuit whose gates are still to be written in the device's.
    pub(crate) fn of_logical(circuit: &Circuit, gate_set: GateSet) -> Self {
        let turns = match gate_set {
            GateSet::Standard => 0.0,
            GateSet::Fractional => share(circuit, is_turn),
        };
        Demand {
            turns,
            without: None,
        }
    }

    /// Of a circuit in the device's gates.
    pub(crate) fn of_written(circuit: &Circuit) -> Self {
        let is_rzz = |operation: &Operation| {
            operation
                .standard()
                .is_some_and(|(gate, _)| gate == Gate::RZZ)
        };
        Demand {
            turns: share(circuit, is_rzz),
            without: Some(IMPOSSIBLE),
        }
    }
}

/// The share of two-qubit gates of this kind, those in bodies left out.
fn share(circuit: &Circuit, is_kind: impl Fn(&Operation) -> bool) -> f64 {
    let pairs = circuit
        .instructions()
        .iter()
        .filter(|instruction| instruction.qubits.len() == 2 && instruction.operation.is_unitary());
    let (mut all, mut found) = (0usize, 0usize);
    for instruction in pairs {
        all += 1;
        found += usize::from(is_kind(&instruction.operation));
    }
    found as f64 / all.max(1) as f64
}

/// Whether one `rzz` makes the gate, and one CZ does not. A symbol's gate is taken for one of its kind at some value.
fn is_turn(operation: &Operation) -> bool {
    match operation.matrix2() {
        Some(matrix) => {
            let class = coordinates(&matrix);
            rzz_count(&class) == 1 && cz_count(&class) > 1
        }
        None => operation.is_symbolic(),
    }
}

/// The target as the mapper sees it, for a circuit of this demand.
pub(crate) fn device_graph(target: &Target, demand: Demand) -> DeviceGraph {
    let one_qubit: Vec<_> = target
        .basis()
        .iter()
        .copied()
        .filter(|gate| gate.num_qubits() == 1)
        .collect();
    let qubits: Vec<Option<QubitCost>> = target
        .qubits()
        .map(|q| {
            let errors = one_qubit
                .iter()
                .filter_map(|&gate| target.instruction(gate, &[q]));
            let worst = errors.map(|found| found.error).fold(0.0, f64::max);
            target.is_live(q).then(|| QubitCost {
                gate: cost_of(worst),
                readout: cost_of(target.measure(q).error),
                decay: decay_rate(target, q),
            })
        })
        .collect();
    let edges: Vec<(u32, u32, f64)> = target
        .edges()
        .map(|(a, b)| {
            let cost = edge_cost(target, a, b, demand);
            (a.index() as u32, b.index() as u32, cost)
        })
        .collect();
    DeviceGraph::new(&qubits, &edges)
}

/// What makes one circuit better than another on this target.
pub(crate) fn judge(target: &Target, aim: Aim) -> Judge {
    let of_edges = target.edges().filter_map(|(a, b)| {
        let gate = target.two_qubit_gate()?;
        Some(target.instruction(gate, &[a, b])?.duration)
    });
    let pulses = target
        .qubits()
        .filter_map(|q| Some(target.instruction(Gate::SX, &[q])?.duration));
    Judge {
        aim,
        layer: mean(of_edges) + mean(pulses),
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0usize, 0.0), |(count, sum), x| (count + 1, sum + x));
    sum / count.max(1) as f64
}

/// The mean cost of a two-qubit gate on this edge.
fn edge_cost(target: &Target, a: Qubit, b: Qubit, demand: Demand) -> f64 {
    let basis = cost_of(target.two_qubit_error(a, b).unwrap_or(0.0));
    if demand.turns == 0.0 {
        return basis;
    }
    let without = demand.without.unwrap_or(2.0 * basis);
    let turn = target
        .instruction(Gate::RZZ, &[a, b])
        .filter(|found| !found.is_broken())
        .map_or(without, |found| cost_of(found.error).min(without));
    (1.0 - demand.turns) * basis + demand.turns * turn
}

/// Negative logarithm of the success probability; finite for every error.
pub(crate) fn cost_of(error: f64) -> f64 {
    -(1.0 - error.clamp(0.0, 0.999)).ln()
}
