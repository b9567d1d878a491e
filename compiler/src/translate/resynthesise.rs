//! Runs on two qubits rewritten with fewer two-qubit gates.
//!
//! ```text
//! before:  cx q[0], q[1];  rz(a) q[1];  cx q[0], q[1];  cx q[1], q[0];  h q[0];  cx q[0], q[1];
//! after:   three cz at most, and local gates between them
//! ```
//!
//! A run (see [`super::blocks`]) is replaced when its Weyl decomposition needs less: first by the summed cost of the
//! two-qubit gates (their number, weighed by calibrated errors), then by the number of one-qubit pulses. Otherwise its
//! instructions stay as they are, so nothing gets worse.

use ardea_circuit::{C64, Circuit, Gate, Instruction, Operation, Qubit};
use nalgebra::{DMatrix, Matrix2};

use super::blocks::{Block, Item, for_each_item};
use super::emitter::body_wires;
use super::{Emitter, NativeBasis};
use crate::settled::{Mark, Marker, Settled};
use crate::synthesis::TOLERANCE;
use crate::synthesis::euler::{OneQubitBasis, pulse_count};
use crate::synthesis::two_qubit::{
    Entangler, Maximal, Step, TwoQubitBasis, TwoQubitCircuit, cz_count, rzz_count, synthesise_weyl,
};
use crate::synthesis::weyl::{Coordinates, Weyl};
use crate::{Change, CompileError, Context, Pass, Properties};

/// Replaces runs on two qubits by the least number of the target's two-qubit gates, where that is less.
#[derive(Clone, Copy, Debug, Default)]
pub struct ResynthesizeTwoQubit;

impl Pass for ResynthesizeTwoQubit {
    fn name(&self) -> &'static str {
        "resynthesize-two-qubit"
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let basis = NativeBasis::of(context)?;
        let settled = &mut context.settled;
        rewrite(circuit, &basis, None, &mut |block, out| {
            replace(block, out, settled)
        })
    }
}

/// Gathers each run of two and more two-qubit gates on a pair into one matrix operation, before routing.
#[derive(Clone, Copy, Debug, Default)]
pub struct ConsolidateBlocks;

impl Pass for ConsolidateBlocks {
    fn name(&self) -> &'static str {
        "consolidate-blocks"
    }

    fn invalidates(&self) -> Properties {
        Properties::BASIS
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let basis = NativeBasis::of(context)?;
        rewrite(circuit, &basis, None, &mut gather)
    }
}

/// Writes a block in a new way, or not at all; says whether it did.
type Rewrite<'r> = dyn FnMut(&Block<'_>, &mut Emitter<'_, '_>) -> Result<Change, CompileError> + 'r;

fn rewrite(
    circuit: &mut Circuit,
    basis: &NativeBasis<'_>,
    wires: Option<&[Qubit]>,
    by: &mut Rewrite<'_>,
) -> Result<Change, CompileError> {
    let mut start = circuit.same_shape();
    start.add_global_phase(circuit.global_phase().clone());
    start.reserve(circuit.len());
    let mut out = Emitter::new(basis, start, wires);
    let mut change = Change::Unchanged;
    for_each_item(circuit, |item| {
        match item {
            Item::Block(block) => {
                let rewritten = by(block, &mut out)?;
                if !rewritten.is_changed() {
                    block.members().for_each(|member| out.keep(member.clone()));
                }
                change = change.or(rewritten);
            }
            Item::Single(instruction) if instruction.operation.is_control_flow() => {
                let inner = body_wires(wires, &instruction.qubits);
                let operation = instruction.operation.try_map_bodies(|body| {
                    let mut body = body.clone();
                    change = change.or(rewrite(&mut body, basis, Some(&inner), by)?);
                    Ok::<_, CompileError>(body)
                })?;
                out.keep(Instruction {
                    operation,
                    qubits: instruction.qubits.clone(),
                });
            }
            Item::Single(instruction) => out.keep(instruction.clone()),
        }
        Ok::<_, CompileError>(())
    })?;
    if change.is_changed() {
        *circuit = out.finish();
    }
    Ok(change)
}

/// Two costs closer than this are the same, so that rounding never decides.
const SAME_COST: f64 = 1e-9;

fn replace(
    block: &Block<'_>,
    out: &mut Emitter<'_, '_>,
    settled: &mut Settled,
) -> Result<Change, CompileError> {
    let [first, second] = block.qubits;
    let Ok(offer) = out.pair(first, second) else {
        return Ok(Change::Unchanged);
    };
    // A single native gate cannot be had for less.
    if block.num_two_qubit == 1
        && block
            .members()
            .any(|member| native_cost(member, block, &offer).is_some())
    {
        return Ok(Change::Unchanged);
    }
    if offer.rzz.is_none() && needs_both(block) {
        return Ok(Change::Unchanged);
    }
    let mark = mark(block, &offer);
    if mark.is_some_and(|mark| settled.contains(mark)) {
        return Ok(Change::Unchanged);
    }
    match better(block, &offer, out.basis().one_qubit()) {
        Some(circuit) => {
            out.steps(first, second, &circuit);
            Ok(Change::Changed)
        }
        None => {
            mark.into_iter().for_each(|mark| settled.insert(mark));
            Ok(Change::Unchanged)
        }
    }
}

/// All that decides whether a block can be written better.
fn mark(block: &Block<'_>, offer: &TwoQubitBasis) -> Option<Mark> {
    let mut marker = Marker::default();
    marker.add(offer.maximal.map(|(gate, cost)| (gate, cost.to_bits())));
    marker.add(offer.rzz.map(f64::to_bits));
    for member in block.members() {
        marker.add((member.qubits.len(), block.place(member)));
        marker.add_operation(&member.operation)?;
    }
    Some(marker.mark())
}

/// The block with fewer two-qubit gates, or as many and fewer pulses.
fn better(
    block: &Block<'_>,
    offer: &TwoQubitBasis,
    basis: OneQubitBasis,
) -> Option<TwoQubitCircuit> {
    let circuit = synthesise_weyl(&Weyl::of(&block.matrix()?), offer)?;
    let (before, after) = (
        cost_of_members(block, offer),
        cost_of_circuit(&circuit, offer),
    );
    let is_better = after < before - SAME_COST
        || (after < before + SAME_COST
            && pulses_of_circuit(&circuit, basis) < pulses_of_members(block, basis));
    is_better.then_some(circuit)
}

/// Whether the block has two `cz` and needs both, seen without a decomposition.
///
/// `cz (u x v) cz` with polar angles s and t of u and v has the Weyl coordinates (s/2, t/2, 0), so one `cz` or none will
/// do only where one angle is 0 or pi and the other a multiple of pi/2. Most blocks of a translated circuit end here.
fn needs_both(block: &Block<'_>) -> bool {
    let mut between: [Matrix2<C64>; 2] = [Matrix2::identity(); 2];
    let mut seen = 0;
    for member in block.members() {
        if member.operation == Operation::Gate(Gate::CZ) {
            seen += 1;
        } else if member.qubits.len() == 2 {
            return false;
        } else if seen == 1 {
            let place = block.place(member);
            match member.operation.matrix1() {
                Some(matrix) => between[place] = matrix * between[place],
                None => return false,
            }
        }
    }
    // Generous on both sides: what is only nearly reducible is left to the decomposition.
    let half_turn = |u: &Matrix2<C64>| (u[(0, 0)].norm() * u[(1, 0)].norm()) < 2.0 * TOLERANCE;
    let quarter_turn =
        |u: &Matrix2<C64>| (u[(0, 0)].norm() - u[(1, 0)].norm()).abs() < 2.0 * TOLERANCE;
    let [u, v] = between;
    let reducible =
        |u: &Matrix2<C64>, v: &Matrix2<C64>| half_turn(u) && (half_turn(v) || quarter_turn(v));
    seen == 2 && !reducible(&u, &v) && !reducible(&v, &u)
}

/// The cost of a native two-qubit gate; none when it is another gate.
fn native_cost(member: &Instruction, block: &Block<'_>, offer: &TwoQubitBasis) -> Option<f64> {
    let gate = member.operation.as_gate()?;
    if gate == Gate::RZZ {
        return offer.rzz;
    }
    let (maximal, cost) = offer.maximal?;
    let place = block.place(member);
    let same = match maximal {
        Maximal::Cz => gate == Gate::CZ,
        Maximal::Cx { control } => gate == Gate::CX && control == place,
        Maximal::Ecr { first } => gate == Gate::ECR && first == place,
    };
    same.then_some(cost)
}

/// The summed cost of the two-qubit gates; those that are not native count as their decomposition.
fn cost_of_members(block: &Block<'_>, offer: &TwoQubitBasis) -> f64 {
    let of = |member: &Instruction| {
        native_cost(member, block, offer).or_else(|| {
            let coordinates = Weyl::of(&member.operation.matrix2()?).coordinates;
            Some(cost_of_class(&coordinates, offer))
        })
    };
    block
        .members()
        .filter(|member| member.qubits.len() == 2)
        .filter_map(of)
        .sum()
}

fn cost_of_class(coordinates: &Coordinates, offer: &TwoQubitBasis) -> f64 {
    let by_maximal = offer.maximal.map_or(f64::INFINITY, |(_, cost)| {
        cost * cz_count(coordinates) as f64
    });
    let by_rzz = offer
        .rzz
        .map_or(f64::INFINITY, |cost| cost * rzz_count(coordinates) as f64);
    by_maximal.min(by_rzz)
}

fn cost_of_circuit(circuit: &TwoQubitCircuit, offer: &TwoQubitBasis) -> f64 {
    let of = |step: &Step| match step {
        Step::Local { .. } => None,
        Step::Entangle(Entangler::Rzz(_)) => offer.rzz,
        Step::Entangle(_) => offer.maximal.map(|(_, cost)| cost),
    };
    circuit.steps.iter().filter_map(of).sum()
}

fn pulses_of_circuit(circuit: &TwoQubitCircuit, basis: OneQubitBasis) -> usize {
    let of = |step: &Step| match step {
        Step::Local { matrix, .. } => pulse_count(matrix, basis),
        Step::Entangle(_) => 0,
    };
    circuit.steps.iter().map(of).sum()
}

/// The pulses that are left when runs of one-qubit gates are fused.
fn pulses_of_members(block: &Block<'_>, basis: OneQubitBasis) -> usize {
    let mut fused: [Matrix2<C64>; 2] = [Matrix2::identity(); 2];
    let mut total = 0;
    for member in block.members() {
        match member.operation.matrix1() {
            Some(matrix) => {
                let place = block.place(member);
                fused[place] = matrix * fused[place];
            }
            None => {
                total += fused
                    .iter()
                    .map(|matrix| pulse_count(matrix, basis))
                    .sum::<usize>();
                fused = [Matrix2::identity(); 2];
            }
        }
    }
    total
        + fused
            .iter()
            .map(|matrix| pulse_count(matrix, basis))
            .sum::<usize>()
}

fn gather(block: &Block<'_>, out: &mut Emitter<'_, '_>) -> Result<Change, CompileError> {
    if block.num_two_qubit < 2 {
        return Ok(Change::Unchanged);
    }
    let Some(product) = block.matrix() else {
        return Ok(Change::Unchanged);
    };
    let weyl = Weyl::of(&product);
    if cz_count(&weyl.coordinates) == 0 {
        out.weyl(block.qubits[0], block.qubits[1], &weyl)?;
        return Ok(Change::Changed);
    }
    let matrix = DMatrix::from_iterator(4, 4, product.iter().copied());
    out.keep(Instruction {
        operation: Operation::unitary(matrix)?,
        qubits: block.qubits.into(),
    });
    Ok(Change::Changed)
}

#[cfg(test)]
mod tests;
