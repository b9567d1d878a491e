//! Removes what no measurement can notice.
//!
//! ```text
//! before                        after (preserve: counts)
//! h q[0];                       h q[0];
//! cx q[0], q[1];                cx q[0], q[1];
//! cp(0.3) q[0], q[1];
//! cx q[1], q[2];
//! measure q[0] -> c[0];         measure q[0] -> c[0];
//! measure q[1] -> c[1];         measure q[1] -> c[1];
//! ```
//!
//! Looking back from the end, a qubit is *dead* when nothing that matters acts on it any more (or a reset comes next),
//! *dephased* when only its basis state matters (a measurement comes next), and *live* otherwise. A gate goes when each
//! of its qubits is dead, or is dephased and the gate is block diagonal in its basis states: gates of the second kind
//! multiply each outcome by a phase that nobody sees, or act on the dead only. A gate that stays keeps a qubit
//! dephased where it is block diagonal, or when it permutes the basis states of dephased qubits.
//!
//! A block that was gathered into one matrix and stands before measurements becomes the cheapest one with the same
//! outcomes ([`Blocks`]).
//!
//! At the end of the circuit every qubit is dead if only the classical bits count and there are any measurements;
//! otherwise every qubit is live, and measurements do not dephase, because the state itself is asked for.

use ardea_circuit::{Circuit, Gate, Instruction, Operation};
use nalgebra::DMatrix;

use super::NEGLIGIBLE;
use super::commutation::{Kind, kinds};
use super::edge_block::{self, Blocks};
use crate::{Change, CompileError, Context, GateSet, Pass, Preserve, Properties};

/// Removes operations that change nothing observable; see the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct RemoveUnobserved {
    /// What may become a cheaper block.
    pub blocks: Blocks,
}

impl Pass for RemoveUnobserved {
    fn name(&self) -> &'static str {
        "remove-unobserved"
    }

    /// A block made cheaper is a matrix.
    fn invalidates(&self) -> Properties {
        Properties::BASIS
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let measures = circuit
            .instructions()
            .iter()
            .any(|instruction| !instruction.operation.clbits_written().is_empty());
        let counts_only = context.options.preserve == Preserve::Counts && measures;
        let (end, measured) = if counts_only {
            (Need::Dead, Need::Dephased)
        } else {
            (Need::Live, Need::Live)
        };
        let mut needs = vec![end; circuit.num_qubits()];
        let rules = Rules {
            measured,
            blocks: self.blocks,
            gates: context.options.gate_set,
        };
        remove(circuit, &mut needs, rules)
    }
}

/// What of a qubit matters to what comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    Dead,
    Dephased,
    Live,
}

/// What the sweep goes by.
#[derive(Clone, Copy)]
struct Rules {
    /// What a measurement makes of its qubit: dephased when only classical bits are asked for, live when the final state
    /// is asked for, phases included.
    measured: Need,
    blocks: Blocks,
    /// What the cost of a block is counted in.
    gates: GateSet,
}

/// Removes unneeded instructions; `needs` goes in as it is after the circuit and comes out as it is before.
fn remove(circuit: &mut Circuit, needs: &mut [Need], rules: Rules) -> Result<Change, CompileError> {
    let mut change = Change::Unchanged;
    let mut kept: Vec<Instruction> = Vec::with_capacity(circuit.len());
    for instruction in circuit.instructions().iter().rev() {
        let qubits: Vec<usize> = instruction.qubits.iter().map(|q| q.index()).collect();
        let before: Vec<Need> = qubits.iter().map(|&q| needs[q]).collect();
        match &instruction.operation {
            operation if is_pointless(operation, &before) => {
                change = Change::Changed;
                continue;
            }
            Operation::Measure(_) => {
                needs[qubits[0]] = rules.measured;
            }
            Operation::Reset => needs[qubits[0]] = Need::Dead,
            Operation::Barrier | Operation::Delay(..) => {}
            Operation::Break | Operation::Continue => needs.fill(Need::Live),
            operation if operation.is_control_flow() => {
                let (operation, inner) = remove_in_bodies(operation, &qubits, needs, rules)?;
                if operation.leaves_loop() {
                    needs.fill(Need::Live);
                }
                change = change.or(inner);
                kept.push(Instruction {
                    operation,
                    qubits: instruction.qubits.clone(),
                });
                continue;
            }
            operation => {
                let cheaper = cheaper_block(operation, &before, rules)?;
                change = change.or(Change::when(cheaper.is_some()));
                let operation = cheaper.unwrap_or_else(|| operation.clone());
                for (&qubit, need) in qubits.iter().zip(needs_before(&operation, &before)) {
                    needs[qubit] = need;
                }
                kept.push(Instruction {
                    operation,
                    qubits: instruction.qubits.clone(),
                });
                continue;
            }
        }
        kept.push(instruction.clone());
    }
    if change.is_changed() {
        let mut out = circuit.same_shape();
        out.add_global_phase(circuit.global_phase().clone());
        out.reserve(kept.len());
        for instruction in kept.into_iter().rev() {
            out.push_instruction(instruction)?;
        }
        *circuit = out;
    }
    Ok(change)
}

/// Whether an operation changes nothing that matters, given the needs of its qubits after it.
fn is_pointless(operation: &Operation, after: &[Need]) -> bool {
    let all_dead = !after.is_empty() && after.iter().all(|&need| need == Need::Dead);
    match operation {
        Operation::Measure(_) | Operation::Break | Operation::Continue => false,
        Operation::Reset | Operation::Barrier | Operation::Delay(..) => all_dead,
        operation if operation.is_control_flow() => {
            all_dead
                && !operation.leaves_loop()
                && !may_not_end(operation)
                && operation.clbits_written().is_empty()
        }
        _ if after.contains(&Need::Live) => false,
        operation => {
            let block_diagonal = |kind: Kind| matches!(kind, Kind::Z | Kind::Any);
            all_dead
                || after
                    .iter()
                    .zip(kinds(operation, after.len()))
                    .all(|(&need, kind)| need == Need::Dead || block_diagonal(kind))
        }
    }
}

/// A gathered block before measurements, or before nothing, made cheaper.
fn cheaper_block(
    operation: &Operation,
    after: &[Need],
    rules: Rules,
) -> Result<Option<Operation>, CompileError> {
    if !rules.blocks.include(operation) || after.len() != 2 || after.contains(&Need::Live) {
        return Ok(None);
    }
    let cheaper = operation
        .matrix2()
        .and_then(|matrix| edge_block::before_measurement(&matrix, rules.gates));
    cheaper
        .map(|matrix| edge_block::operation(&matrix))
        .transpose()
}

/// A loop whose condition nothing in it changes runs not at all or for ever.
fn may_not_end(operation: &Operation) -> bool {
    matches!(operation, Operation::While(_))
        || operation.bodies().iter().any(|body| {
            body.instructions()
                .iter()
                .any(|inner| may_not_end(&inner.operation))
        })
}

/// The needs before a gate that stays.
fn needs_before(operation: &Operation, after: &[Need]) -> Vec<Need> {
    if operation.as_gate() == Some(Gate::Swap) {
        return vec![after[1], after[0]];
    }
    if !after.contains(&Need::Dephased) {
        return vec![Need::Live; after.len()];
    }
    if after.iter().all(|&need| need == Need::Dephased) && permutes_basis(operation) {
        return after.to_vec();
    }
    let kinds = kinds(operation, after.len());
    let keep = |(&need, kind): (&Need, Kind)| match kind {
        Kind::Any => need,
        Kind::Z if need == Need::Dephased => need,
        _ => Need::Live,
    };
    after.iter().zip(kinds).map(keep).collect()
}

/// Whether each column of the matrix has one entry: basis states go to basis states, up to phase.
fn permutes_basis(operation: &Operation) -> bool {
    let one_entry = |entries: &[ardea_circuit::C64], size: usize| {
        entries.chunks(size).all(|column| {
            column
                .iter()
                .filter(|entry| entry.norm() > NEGLIGIBLE)
                .count()
                == 1
        })
    };
    match operation.num_qubits() {
        Some(1) => operation
            .matrix1()
            .is_some_and(|matrix| one_entry(matrix.as_slice(), 2)),
        Some(2) => operation
            .matrix2()
            .is_some_and(|matrix| one_entry(matrix.as_slice(), 4)),
        Some(3..=4) => operation
            .matrix()
            .is_ok_and(|matrix: DMatrix<_>| one_entry(matrix.as_slice(), matrix.nrows())),
        _ => false,
    }
}

/// Cleans each body for what is needed after the whole, and finds what is needed before it.
fn remove_in_bodies(
    operation: &Operation,
    qubits: &[usize],
    needs: &mut [Need],
    rules: Rules,
) -> Result<(Operation, Change), CompileError> {
    let loops = matches!(operation, Operation::For(_) | Operation::While(_));
    let after: Vec<Need> = qubits
        .iter()
        .map(|&q| if loops { Need::Live } else { needs[q] })
        .collect();
    // Where no body runs, the needs pass through; that may be so for every kind of control flow.
    let mut before = after.clone();
    let mut change = Change::Unchanged;
    let operation = operation.try_map_bodies(|body| {
        let mut body = body.clone();
        let mut inner = after.clone();
        change = change.or(remove(&mut body, &mut inner, rules)?);
        for (need, inner) in before.iter_mut().zip(inner) {
            *need = (*need).max(inner);
        }
        Ok::<_, CompileError>(body)
    })?;
    for (&qubit, need) in qubits.iter().zip(before) {
        needs[qubit] = need;
    }
    Ok((operation, change))
}

#[cfg(test)]
mod tests;
