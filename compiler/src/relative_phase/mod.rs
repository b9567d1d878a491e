//! Pairs of Toffoli gates written up to phases that cancel between the two.
//!
//! ```text
//! before (18 cx)              after (12 cx)
//! ccx q[0], q[1], q[3];       three cx and rotations: ccx times a phase
//! ccx q[2], q[3], q[4];       ccx q[2], q[3], q[4];
//! ccx q[0], q[1], q[3];       three cx and rotations: ccx times the same phase
//! ```
//!
//! A Toffoli gate takes six `cx`; one that may turn the phases of basis states takes three or four. Where a circuit
//! computes a bit, uses it and takes it back, the two phases cancel (Maslov, 2016, arXiv:1508.03273; Selinger, 2013,
//! arXiv:1210.0974). Which gates are such a pair is read off the Boolean functions on the wires (`values`): a phase
//! that depends on certain functions may stand at any place where wires hold them, whatever is between.
//!
//! * **Three `cx`:** two gates whose controls hold the same functions, and whose targets do, before or after. The phase
//!   is -1 where a certain one of the controls is the only 1 of the two and the target is 1.
//! * **Four `cx`:** two gates that have the same functions on two of their qubits, where the target of a `ccx` counts as
//!   a qubit in the Hadamard basis: it holds the same there as long as only controlled `X` and the like act on it. The
//!   phases are i and -i where both are 1.

use ardea_circuit::{Circuit, Gate, Instruction, Qubit};
use rustc_hash::FxHashMap;

use crate::optimise::{Kind, in_every_body, kinds};
use crate::{Change, CompileError, Context, Pass, Properties};

mod values;
mod write;

use values::{Bit, Values};
use write::{Phase, hadamard, margolus, selinger};

/// Writes Toffoli gates in pairs with fewer `cx`; see the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct PairToffolis;

impl Pass for PairToffolis {
    fn name(&self) -> &'static str {
        "pair-toffolis"
    }

    fn invalidates(&self) -> Properties {
        Properties::BASIS
    }

    fn run(&self, circuit: &mut Circuit, _: &mut Context<'_>) -> Result<Change, CompileError> {
        in_every_body(circuit, &pair)
    }
}

fn pair(circuit: &mut Circuit) -> Result<Change, CompileError> {
    let is_toffoli = |i: &Instruction| matches!(i.operation.as_gate(), Some(Gate::CCX | Gate::CCZ));
    if circuit
        .instructions()
        .iter()
        .filter(|i| is_toffoli(i))
        .count()
        < 2
    {
        return Ok(Change::Unchanged);
    }
    let mut forms: FxHashMap<usize, Form> = FxHashMap::default();
    let toffolis = toffolis(circuit);
    pair_computations(&toffolis, &mut forms);
    pair_by_two_qubits(circuit, &toffolis, &mut forms);
    if forms.is_empty() {
        return Ok(Change::Unchanged);
    }
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    for (place, instruction) in circuit.instructions().iter().enumerate() {
        match forms.get(&place) {
            Some(form) => form.write(instruction, &mut out)?,
            None => {
                out.push_valid(instruction.clone());
            }
        }
    }
    *circuit = out;
    Ok(Change::Changed)
}

/// A `ccx` or `ccz`.
struct Toffoli {
    place: usize,
    gate: Gate,
    qubits: [Qubit; 3],
    /// What the qubits hold before it.
    before: [Bit; 3],
    /// What the last one holds after it.
    after: Bit,
}

/// How one of them is written.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// With three `cx`; the control that is the only 1 where the phase is -1.
    Margolus { alone: usize },
    /// With four `cx`; the two qubits that get a phase.
    Selinger { pair: [usize; 2], phase: Phase },
}

impl Form {
    fn write(self, instruction: &Instruction, out: &mut Circuit) -> Result<(), CompileError> {
        let q = &instruction.qubits;
        match self {
            Self::Margolus { alone } => margolus(out, q[alone], q[1 - alone], q[2]),
            Self::Selinger { pair, phase } => {
                let is_x = instruction.operation.as_gate() == Some(Gate::CCX);
                let third = 3 - pair[0] - pair[1];
                if is_x {
                    hadamard(out, q[2]);
                }
                selinger(out, pair.map(|p| q[p]), q[third], phase)?;
                if is_x {
                    hadamard(out, q[2]);
                }
                Ok(())
            }
        }
    }
}

/// All of them with the functions on their qubits.
fn toffolis(circuit: &Circuit) -> Vec<Toffoli> {
    let mut values = Values::new(circuit.num_qubits());
    let mut out = Vec::new();
    for (place, instruction) in circuit.instructions().iter().enumerate() {
        match (instruction.operation.as_gate(), &instruction.qubits[..]) {
            (Some(gate @ (Gate::CCX | Gate::CCZ)), &[a, b, c]) => {
                let qubits = [a, b, c];
                let before = qubits.map(|q| values.on(q));
                values.pass(instruction);
                out.push(Toffoli {
                    place,
                    gate,
                    qubits,
                    before,
                    after: values.on(c),
                });
            }
            _ => values.pass(instruction),
        }
    }
    out
}

/// Pairs with three `cx` each.
fn pair_computations(toffolis: &[Toffoli], forms: &mut FxHashMap<usize, Form>) {
    let mut waiting: FxHashMap<[Bit; 4], (usize, Form)> = FxHashMap::default();
    for toffoli in toffolis.iter().filter(|t| t.gate == Gate::CCX) {
        let [a, b, before] = toffoli.before;
        let after = toffoli.after;
        let key = [a.min(b), a.max(b), before.min(after), before.max(after)];
        let form = Form::Margolus {
            alone: usize::from(a > b),
        };
        match waiting.remove(&key) {
            Some(earlier) => forms.extend([earlier, (toffoli.place, form)]),
            None => {
                waiting.insert(key, (toffoli.place, form));
            }
        }
    }
}

/// What a qubit holds, in one of two bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Held {
    /// A Boolean function, in the computational basis.
    Bit(Bit),
    /// Whatever it is in the Hadamard basis since an operation that changed it: the qubit and the number of changes.
    Sign(Qubit, usize),
}

/// Pairs with four `cx` each, of those that have no form yet.
fn pair_by_two_qubits(circuit: &Circuit, toffolis: &[Toffoli], forms: &mut FxHashMap<usize, Form>) {
    let mut changes = vec![0; circuit.num_qubits()];
    let mut waiting: FxHashMap<[Held; 2], (usize, [usize; 2])> = FxHashMap::default();
    let mut next = toffolis.iter().peekable();
    for (place, instruction) in circuit.instructions().iter().enumerate() {
        let toffoli = next.next_if(|t| t.place == place);
        if let Some(toffoli) = toffoli
            && !forms.contains_key(&place)
        {
            let held = [0, 1, 2].map(|p| match (toffoli.gate, p) {
                (Gate::CCX, 2) => Held::Sign(toffoli.qubits[2], changes[toffoli.qubits[2].index()]),
                _ => Held::Bit(toffoli.before[p]),
            });
            let pairs = [[0, 1], [0, 2], [1, 2]];
            let keys = pairs.map(|[p, r]| [held[p].min(held[r]), held[p].max(held[r])]);
            let partner = keys.iter().enumerate().find_map(|(index, key)| {
                let &(place, pair) = waiting.get(key)?;
                (!forms.contains_key(&place)).then_some((index, place, pair))
            });
            if let Some((index, earlier, pair)) = partner {
                let form = |pair, phase| Form::Selinger { pair, phase };
                forms.insert(earlier, form(pair, Phase::Plus));
                forms.insert(place, form(pairs[index], Phase::Minus));
            } else {
                for (key, pair) in keys.into_iter().zip(pairs) {
                    waiting.insert(key, (place, pair));
                }
            }
        }
        let margolus = matches!(forms.get(&place), Some(Form::Margolus { .. }));
        let kinds = kinds(&instruction.operation, instruction.qubits.len());
        for (&qubit, kind) in instruction.qubits.iter().zip(kinds) {
            if margolus || !matches!(kind, Kind::X | Kind::Any) {
                changes[qubit.index()] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests;
