//! Exact execution of a small circuit: every measurement splits a run into one branch per outcome.

use ardea_circuit::{Angle, Bindings, C64, Circuit, Operation};

/// More outcomes than this are not followed.
const MAX_BRANCHES: usize = 512;
/// A while loop that goes round more often than this is given up.
const MAX_ROUNDS: usize = 64;
/// Outcomes less likely than this are dropped.
const NEGLIGIBLE: f64 = 1e-15;

/// One course of events.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// The classical bits.
    pub(super) bits: Vec<bool>,
    /// The state; its squared norm is the probability of this course.
    pub(super) amplitudes: Vec<C64>,
    flow: Flow,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Flow {
    Next,
    Break,
    Continue,
}

/// Whether an operation does nothing to the state.
pub(super) fn is_idle(operation: &Operation) -> bool {
    matches!(operation, Operation::Barrier | Operation::Delay(..))
}

/// Whether an operation writes a classical bit.
pub(super) fn is_measurement(operation: &Operation) -> bool {
    matches!(operation, Operation::Measure(_))
}

/// Whether an operation discards a qubit's state.
pub(super) fn is_reset(operation: &Operation) -> bool {
    matches!(operation, Operation::Reset)
}

/// Whether some instruction, in nested bodies too, satisfies `test`.
pub(super) fn any_operation(circuit: &Circuit, test: &impl Fn(&Operation) -> bool) -> bool {
    circuit.instructions().iter().any(|inner| {
        test(&inner.operation)
            || inner
                .operation
                .bodies()
                .iter()
                .any(|body| any_operation(body, test))
    })
}

/// Every course of events from `amplitudes`, all classical bits being 0; `position[q]` is the place of wire q in the
/// state. `None` when there are too many, or an operation has no matrix.
pub(super) fn run(
    circuit: &Circuit,
    position: &[usize],
    amplitudes: Vec<C64>,
) -> Option<Vec<Branch>> {
    let start = Branch {
        bits: vec![false; circuit.num_clbits()],
        amplitudes,
        flow: Flow::Next,
    };
    run_block(circuit, position, vec![start])
}

fn run_block(
    circuit: &Circuit,
    position: &[usize],
    mut branches: Vec<Branch>,
) -> Option<Vec<Branch>> {
    let phase = C64::from_polar(1.0, circuit.global_phase().value()?);
    for branch in &mut branches {
        branch
            .amplitudes
            .iter_mut()
            .for_each(|amplitude| *amplitude *= phase);
    }
    for instruction in circuit.instructions() {
        let places: Vec<usize> = instruction
            .qubits
            .iter()
            .map(|q| position[q.index()])
            .collect();
        branches = step(&instruction.operation, &places, branches)?;
        if branches.len() > MAX_BRANCHES {
            return None;
        }
    }
    Some(branches)
}

fn step(operation: &Operation, places: &[usize], branches: Vec<Branch>) -> Option<Vec<Branch>> {
    let (mut live, mut out): (Vec<Branch>, Vec<Branch>) = branches
        .into_iter()
        .partition(|branch| branch.flow == Flow::Next);
    match operation {
        Operation::Barrier | Operation::Delay(..) => out.append(&mut live),
        Operation::Measure(bit) => {
            for branch in live {
                for value in [false, true] {
                    let mut half = project(&branch, places[0], value);
                    half.bits[bit.index()] = value;
                    out.push(half);
                }
            }
        }
        Operation::Reset => {
            for branch in live {
                out.push(project(&branch, places[0], false));
                let mut one = project(&branch, places[0], true);
                flip(&mut one.amplitudes, places[0]);
                out.push(one);
            }
        }
        Operation::IfElse(op) => {
            for branch in live {
                let taken = op.condition.is_true(&|bit| branch.bits[bit.index()]);
                match if taken {
                    Some(&op.then_body)
                } else {
                    op.else_body.as_ref()
                } {
                    Some(body) => out.append(&mut run_block(body, places, vec![branch])?),
                    None => out.push(branch),
                }
            }
        }
        Operation::Switch(op) => {
            for branch in live {
                match op.select(&op.subject.evaluate(&|bit| branch.bits[bit.index()])) {
                    Some(body) => out.append(&mut run_block(body, places, vec![branch])?),
                    None => out.push(branch),
                }
            }
        }
        Operation::For(op) => {
            if op.values.count() > MAX_ROUNDS as u128 {
                return None;
            }
            for value in op.values.iter() {
                let body = match &op.variable {
                    Some(variable) => {
                        let value =
                            Bindings::from([(variable.clone(), Angle::Value(value as f64))]);
                        op.body.substitute(&value).ok()?
                    }
                    None => op.body.clone(),
                };
                live = round(&body, places, live, &mut out)?;
            }
            out.append(&mut live);
        }
        Operation::While(op) => {
            for _ in 0..MAX_ROUNDS {
                let (going, done): (Vec<Branch>, Vec<Branch>) = live
                    .into_iter()
                    .partition(|branch| op.condition.is_true(&|bit| branch.bits[bit.index()]));
                out.extend(done);
                live = round(&op.body, places, going, &mut out)?;
                if live.is_empty() {
                    break;
                }
            }
            if !live.is_empty() {
                return None;
            }
        }
        Operation::Break => out.extend(live.into_iter().map(|branch| Branch {
            flow: Flow::Break,
            ..branch
        })),
        Operation::Continue => out.extend(live.into_iter().map(|branch| Branch {
            flow: Flow::Continue,
            ..branch
        })),
        gate => {
            let matrix = gate.matrix().ok()?;
            for branch in &mut live {
                apply(&mut branch.amplitudes, matrix.as_slice(), places);
            }
            out.append(&mut live);
        }
    }
    out.retain(|branch| branch.amplitudes.iter().map(C64::norm_sqr).sum::<f64>() > NEGLIGIBLE);
    Some(out)
}

/// One round of a loop: what breaks goes to `out`, the rest is returned.
fn round(
    body: &Circuit,
    places: &[usize],
    live: Vec<Branch>,
    out: &mut Vec<Branch>,
) -> Option<Vec<Branch>> {
    let (broken, mut on): (Vec<Branch>, Vec<Branch>) = run_block(body, places, live)?
        .into_iter()
        .partition(|branch| branch.flow == Flow::Break);
    out.extend(broken.into_iter().map(|branch| Branch {
        flow: Flow::Next,
        ..branch
    }));
    on.iter_mut().for_each(|branch| branch.flow = Flow::Next);
    Some(on)
}

fn project(branch: &Branch, place: usize, value: bool) -> Branch {
    let mut out = branch.clone();
    for (index, amplitude) in out.amplitudes.iter_mut().enumerate() {
        if (index >> place & 1 == 1) != value {
            *amplitude = C64::default();
        }
    }
    out
}

fn flip(amplitudes: &mut [C64], place: usize) {
    for index in (0..amplitudes.len()).filter(|index| index >> place & 1 == 0) {
        amplitudes.swap(index, index | 1 << place);
    }
}

/// Applies a matrix (column by column, as nalgebra stores it) to the bits at `places`, the first the least significant.
fn apply(amplitudes: &mut [C64], columns: &[C64], places: &[usize]) {
    let size = 1 << places.len();
    let offsets: Vec<usize> = (0..size)
        .map(|index| {
            places
                .iter()
                .enumerate()
                .map(|(bit, &place)| (index >> bit & 1) << place)
                .sum()
        })
        .collect();
    let mask: usize = offsets[size - 1];
    let mut gathered = vec![C64::default(); size];
    for base in (0..amplitudes.len()).filter(|index| index & mask == 0) {
        for (slot, offset) in gathered.iter_mut().zip(&offsets) {
            *slot = amplitudes[base | offset];
        }
        for (row, offset) in offsets.iter().enumerate() {
            amplitudes[base | offset] = gathered
                .iter()
                .enumerate()
                .map(|(k, value)| columns[k * size + row] * value)
                .sum();
        }
    }
}
