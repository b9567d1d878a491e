//! One bit copied to many qubits, along the device's own couplings.
//!
//! ```text
//! a chain:  cx 0,1; cx 1,2; cx 2,3; ...     depth n, and a path of n qubits is needed
//! a tree:   cx r,a; cx r,b; cx a,c; ...     depth about log n, and any connected place will do
//! ```
//!
//! A `cx` onto a qubit in |0> copies its control, and the next copy may be taken from any copy made before. GHZ and cat
//! states are such copies and nothing else, and how they are written, as a chain or as a star, says nothing about how
//! they are best made. So where all gates on two qubits copy, the copies are written along a tree that grows on the
//! device itself, from the best root: few and good couplings, good readout, and little waiting. No swaps are needed at
//! any width. (Mooney, White, Hill, Hollenberg 2021, arXiv:2101.08946, prepared GHZ states this way.)

mod copies;
#[cfg(test)]
mod tests;
mod tree;

use ardea_circuit::{Circuit, Gate, Operation, Qubit};

use self::copies::{FanOut, fan_outs};
use self::tree::{Garden, Tree};
use crate::{Change, CompileError, Context, Pass, Preserve, Properties};

/// Writes the copies of a circuit that only copies along trees of the device; see the [module](self).
///
/// Leaves circuits alone whose operator must be kept, that have other gates on two qubits, or that were given a layout.
#[derive(Clone, Copy, Debug, Default)]
pub struct GrowFanOuts;

impl Pass for GrowFanOuts {
    fn name(&self) -> &'static str {
        "grow-fan-outs"
    }

    fn requires(&self) -> Properties {
        Properties::MAX_TWO_QUBIT
    }

    fn invalidates(&self) -> Properties {
        Properties::BASIS | Properties::ROUTED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let options = context.options;
        if options.preserve == Preserve::Unitary || options.initial_layout.is_some() {
            return Ok(Change::Unchanged);
        }
        let Some(fan_outs) = fan_outs(circuit) else {
            return Ok(Change::Unchanged);
        };
        let mut garden = Garden::new(context.target);
        let mut trees: Vec<Option<Tree>> = vec![None; fan_outs.len()];
        // The widest first, while there is most room.
        let mut order: Vec<usize> = (0..fan_outs.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(fan_outs[index].width()));
        for index in order {
            let Some(tree) = garden.grow(fan_outs[index].width()) else {
                return Ok(Change::Unchanged);
            };
            trees[index] = Some(tree);
        }
        let grown: Vec<(FanOut, Tree)> = fan_outs
            .into_iter()
            .zip(trees)
            .filter_map(|(fan_out, tree)| Some((fan_out, tree?)))
            .collect();
        context.place_hint = Some(places(&grown, circuit.num_qubits()));
        *circuit = written(circuit, &grown)?;
        Ok(Change::Changed)
    }
}

/// The device's qubit for each wire that is part of a tree.
fn places(grown: &[(FanOut, Tree)], num_wires: usize) -> Vec<Option<Qubit>> {
    let mut places = vec![None; num_wires];
    for (fan_out, tree) in grown {
        for (wire, &node) in fan_out.wires().zip(&tree.nodes) {
            places[wire.index()] = Some(Qubit::from(node));
        }
    }
    places
}

/// The circuit with every copy where the first of its kind was, in the order of the tree.
fn written(circuit: &Circuit, grown: &[(FanOut, Tree)]) -> Result<Circuit, CompileError> {
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    let mut role: Vec<Option<usize>> = vec![None; circuit.len()];
    for (index, (fan_out, _)) in grown.iter().enumerate() {
        for &at in &fan_out.gates {
            role[at] = Some(index);
        }
    }
    for (at, instruction) in circuit.instructions().iter().enumerate() {
        let Some((fan_out, tree)) = role[at].map(|index| &grown[index]) else {
            out.push_instruction(instruction.clone())?;
            continue;
        };
        if fan_out.gates[0] != at {
            continue;
        }
        let wires: Vec<Qubit> = fan_out.wires().collect();
        for (&parent, &wire) in tree.parents.iter().zip(&wires[1..]) {
            out.push(Operation::Gate(Gate::CX), &[wires[parent], wire])?;
        }
    }
    Ok(out)
}
