//! Phases between far qubits, carried along a line as parities instead of with swaps.
//!
//! ```text
//! swaps:     each pair that meets costs a phase and a swap, three cx
//! parities:  the line holds y1, y1^y2, y2^y3, ...; the next qubit x walks through it:
//!            x^y1, x^y2, x^y3, ... each appear with one cx, and one more restores the pattern behind it
//! ```
//!
//! A phase between two qubits is a rotation about the parity of the two. On a line that holds, apart from one qubit as
//! it is, only the parities of neighbours, a qubit that walks along shows its parity with each qubit it passes, for
//! two `cx` each, and leaves the line behind it as it found it, one place further on. So all pairs of n qubits cost
//! about n^2 `cx` in a depth linear in n, where swaps cost 3 n^2 / 2, and the order on the line is reversed, which the
//! layout takes up. That is what makes a Fourier transform, phase estimation, and layers of commuting phases between
//! nearly all pairs cheap on devices of low degree. (Park, Ahn, 2023, Sci. Rep. 13, 8638, for the Fourier transform
//! with a qubit that walks and returns; Klaver et al., 2024, arXiv:2408.10907, for following parities through a
//! circuit.)
//!
//! `stars` finds the phases that can happen at one time, `line` knows what each place on the line holds, and the
//! pass tries several orders and manners and keeps the cheapest.

mod line;
mod stars;
#[cfg(test)]
mod tests;

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};

use self::line::{Line, Manner, Walk};
use self::stars::Stars;
use crate::{Change, CompileError, Context, Pass, Properties};

/// Writes circuits of phases between many pairs for a line of qubits; see the [module](self).
///
/// Leaves circuits alone in which few pairs interact, or where a line would cost more than swaps could.
#[derive(Clone, Copy, Debug, Default)]
pub struct PhasesAlongLine;

/// Narrower circuits are left to the searches over two- and three-qubit windows.
const FEWEST_QUBITS: usize = 4;

/// The most `cx` per pair that a line may need: what a phase and two swaps take.
const MOST_PER_PAIR: usize = 8;

/// More pairs than this are left alone: a line as deep runs into other limits first.
const MOST_PAIRS: usize = 50_000;

/// How much deeper a walk back and forth may be than a walk through, if it takes fewer gates.
const DEEPER: f64 = 1.5;

impl Pass for PhasesAlongLine {
    fn name(&self) -> &'static str {
        "phases-along-line"
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
        let (renamed, values) = without_swaps(circuit);
        let Some(stars) = Stars::of(&renamed) else {
            return Ok(Change::Unchanged);
        };
        let wires = stars.wires_in_pairs();
        let pairs = wires.len()..MOST_PAIRS;
        if wires.len() < FEWEST_QUBITS || !pairs.contains(&stars.num_pairs) {
            return Ok(Change::Unchanged);
        }
        let Some((written, places)) = best(&stars, &renamed) else {
            return Ok(Change::Unchanged);
        };
        *circuit = written;
        let ends: Vec<Qubit> = values.iter().map(|value| places[value.index()]).collect();
        context.permute_last(&ends);
        Ok(Change::Changed)
    }
}

/// The circuit with other wires in place of its swaps, and the wire on which each ends.
fn without_swaps(circuit: &Circuit) -> (Circuit, Vec<Qubit>) {
    let mut wires: Vec<Qubit> = (0..circuit.num_qubits()).map(Qubit::new).collect();
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    for instruction in circuit.instructions() {
        match (&instruction.operation, &*instruction.qubits) {
            (Operation::Gate(Gate::Swap), &[a, b]) => wires.swap(a.index(), b.index()),
            _ => out.push_valid(Instruction {
                operation: instruction.operation.clone(),
                qubits: instruction.qubits.map(|q| wires[q.index()]),
            }),
        }
    }
    (out, wires)
}

/// The cheapest way of writing it, and where each wire's qubit ends.
fn best(stars: &Stars, circuit: &Circuit) -> Option<(Circuit, Vec<Qubit>)> {
    let mut onward: Option<(usize, Circuit, Vec<Qubit>)> = None;
    let mut back = None;
    let most = stars.num_pairs * MOST_PER_PAIR;
    for order in stars.orders() {
        for whole in [true, false] {
            for walk in [Walk::Through, Walk::ToTheEnd, Walk::Back] {
                let best = match walk {
                    Walk::Through | Walk::ToTheEnd => &mut onward,
                    Walk::Back => &mut back,
                };
                let limit = best.as_ref().map_or(most, |(cost, ..)| cost - 1);
                let manner = Manner { walk, whole };
                let line = Line::new(circuit, &order, manner, limit);
                if let Some(found) = line.write(stars) {
                    *best = Some(found);
                }
            }
        }
    }
    let depth = |(_, circuit, _): &(usize, Circuit, Vec<Qubit>)| circuit.two_qubit_depth() as f64;
    let onward = onward?;
    let back = back.filter(|back| back.0 < onward.0 && depth(back) <= DEEPER * depth(&onward));
    let (_, written, ends) = back.unwrap_or(onward);
    Some((written, ends))
}
