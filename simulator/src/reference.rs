//! The slow, obvious engine: the oracle of every other one.
//!
//! A matrix is applied index by index; measurements split a list of weighted states into both outcomes; control flow is
//! followed instruction by instruction. Nothing is fused, skipped, reordered or sampled.

use std::collections::BTreeMap;

use ardea_circuit::{Angle, Bindings, C64, Circuit, Clbit, Expr, Operation};
use nalgebra::DMatrix;

use crate::error::SimulatorError;
use crate::plan::MAX_DEPTH;

/// Most qubits of a reference run.
pub const MAX_QUBITS: usize = 20;

/// The state of all qubits that a circuit of gates makes of |0...0>.
///
/// # Errors
/// As [`distribution`], and [`SimulatorError::NotUnitaryCircuit`] when the circuit has several possible outcomes.
pub fn statevector(circuit: &Circuit) -> Result<Vec<C64>, SimulatorError> {
    let mut ends = run(circuit)?;
    match (ends.pop(), ends.is_empty()) {
        (Some(end), true) => Ok(end.state),
        _ => Err(SimulatorError::NotUnitaryCircuit {
            what: "a state vector",
            name: "measure".into(),
            position: 0,
        }),
    }
}

/// The exact probability of every outcome of the classical bits, listed by bit.
///
/// # Errors
/// [`SimulatorError::BadArgument`] beyond [`MAX_QUBITS`], [`SimulatorError::TooDeep`], and those of the circuit.
pub fn distribution(circuit: &Circuit) -> Result<BTreeMap<Vec<bool>, f64>, SimulatorError> {
    let mut out = BTreeMap::new();
    for end in run(circuit)? {
        *out.entry(end.bits).or_default() += end.probability;
    }
    Ok(out)
}

/// One course that a run can take.
#[derive(Debug, Clone)]
struct Course {
    probability: f64,
    state: Vec<C64>,
    bits: Vec<bool>,
    leaving: Leaving,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leaving {
    Not,
    Loop,
    Round,
}

fn run(circuit: &Circuit) -> Result<Vec<Course>, SimulatorError> {
    if circuit.num_qubits() > MAX_QUBITS {
        let what = format!(
            "the reference engine takes at most {MAX_QUBITS} qubits, not {}",
            circuit.num_qubits()
        );
        return Err(SimulatorError::BadArgument { what });
    }
    let mut state = vec![C64::ZERO; 1 << circuit.num_qubits()];
    state[0] = C64::ONE;
    let bits = vec![false; circuit.num_clbits()];
    let start = Course {
        probability: 1.0,
        state,
        bits,
        leaving: Leaving::Not,
    };
    let qubits: Vec<usize> = (0..circuit.num_qubits()).collect();
    run_body(circuit, &qubits, vec![start], 0)
}

fn run_body(
    body: &Circuit,
    qubits: &[usize],
    mut courses: Vec<Course>,
    depth: usize,
) -> Result<Vec<Course>, SimulatorError> {
    if depth > MAX_DEPTH {
        return Err(SimulatorError::TooDeep {
            name: "a body".into(),
            limit: MAX_DEPTH,
        });
    }
    let phase = body
        .global_phase()
        .value()
        .ok_or_else(|| SimulatorError::UnboundSymbols {
            names: body
                .symbols()
                .iter()
                .map(|symbol| symbol.name().to_owned())
                .collect(),
        })?;
    let phase = C64::cis(phase);
    courses
        .iter_mut()
        .for_each(|course| course.state.iter_mut().for_each(|z| *z *= phase));
    for instruction in body.instructions() {
        let on: Vec<usize> = instruction
            .qubits
            .iter()
            .map(|qubit| qubits[qubit.index()])
            .collect();
        let mut next = Vec::new();
        for course in courses {
            if course.leaving == Leaving::Not {
                next.extend(step(&instruction.operation, &on, course, depth)?);
            } else {
                next.push(course);
            }
        }
        courses = next;
    }
    Ok(courses)
}

fn step(
    operation: &Operation,
    on: &[usize],
    mut course: Course,
    depth: usize,
) -> Result<Vec<Course>, SimulatorError> {
    let truth = |condition: &Expr, course: &Course| {
        condition.is_true(&|bit: Clbit| course.bits[bit.index()])
    };
    match operation {
        Operation::Barrier | Operation::Delay(..) => Ok(vec![course]),
        Operation::Measure(bit) => Ok(outcomes(on[0], course)
            .into_iter()
            .map(|(outcome, mut course)| {
                course.bits[bit.index()] = outcome;
                course
            })
            .collect()),
        Operation::Reset => Ok(outcomes(on[0], course)
            .into_iter()
            .map(|(outcome, mut course)| {
                if outcome {
                    let flipped = (0..course.state.len())
                        .map(|i| course.state[i ^ 1 << on[0]])
                        .collect();
                    course.state = flipped;
                }
                course
            })
            .collect()),
        Operation::IfElse(inner) => match (truth(&inner.condition, &course), &inner.else_body) {
            (true, _) => run_body(&inner.then_body, on, vec![course], depth + 1),
            (false, Some(otherwise)) => run_body(otherwise, on, vec![course], depth + 1),
            (false, None) => Ok(vec![course]),
        },
        Operation::Switch(inner) => {
            let value = inner
                .subject
                .evaluate(&|bit: Clbit| course.bits[bit.index()]);
            match inner.select(&value) {
                Some(body) => run_body(body, on, vec![course], depth + 1),
                None => Ok(vec![course]),
            }
        }
        Operation::For(inner) => {
            let mut courses = vec![course];
            for value in inner.values.iter() {
                let body = match &inner.variable {
                    Some(variable) => inner.body.substitute(&Bindings::from([(
                        variable.clone(),
                        Angle::Value(value as f64),
                    )]))?,
                    None => inner.body.clone(),
                };
                courses = one_round(&body, on, courses, depth)?;
            }
            courses
                .iter_mut()
                .for_each(|course| course.leaving = Leaving::Not);
            Ok(courses)
        }
        Operation::While(inner) => {
            let mut done = Vec::new();
            let mut courses = vec![course];
            while !courses.is_empty() {
                let (go_on, stop): (Vec<_>, Vec<_>) = courses.into_iter().partition(|course| {
                    course.leaving == Leaving::Not && truth(&inner.condition, course)
                });
                done.extend(stop);
                // Courses too unlikely to matter end here, else a loop that ends almost surely would never end.
                courses = one_round(&inner.body, on, go_on, depth)?;
                courses.retain(|course| course.probability > 1e-12);
            }
            done.iter_mut()
                .for_each(|course: &mut Course| course.leaving = Leaving::Not);
            Ok(done)
        }
        Operation::Break | Operation::Continue => {
            course.leaving = if matches!(operation, Operation::Break) {
                Leaving::Loop
            } else {
                Leaving::Round
            };
            Ok(vec![course])
        }
        gate => {
            apply_gate(gate, on, &mut course.state, depth)?;
            Ok(vec![course])
        }
    }
}

fn one_round(
    body: &Circuit,
    on: &[usize],
    courses: Vec<Course>,
    depth: usize,
) -> Result<Vec<Course>, SimulatorError> {
    let (left, inside): (Vec<_>, Vec<_>) = courses
        .into_iter()
        .partition(|course| course.leaving == Leaving::Loop);
    let mut courses = run_body(body, on, inside, depth + 1)?;
    courses
        .iter_mut()
        .filter(|course| course.leaving == Leaving::Round)
        .for_each(|course| course.leaving = Leaving::Not);
    courses.extend(left);
    Ok(courses)
}

/// Both outcomes of a measurement, where possible, projected and normalised.
fn outcomes(qubit: usize, course: Course) -> Vec<(bool, Course)> {
    let mut out = Vec::new();
    for outcome in [false, true] {
        let keep = |i: usize| (i >> qubit & 1 == 1) == outcome;
        let weight: f64 = course
            .state
            .iter()
            .enumerate()
            .filter(|(i, _)| keep(*i))
            .map(|(_, z)| z.norm_sqr())
            .sum();
        if weight > 1e-14 {
            let project = |(i, z): (usize, &C64)| {
                if keep(i) {
                    z / weight.sqrt()
                } else {
                    C64::ZERO
                }
            };
            let state = course.state.iter().enumerate().map(project).collect();
            out.push((
                outcome,
                Course {
                    probability: course.probability * weight,
                    state,
                    bits: course.bits.clone(),
                    ..course
                },
            ));
        }
    }
    out
}

fn apply_gate(
    gate: &Operation,
    on: &[usize],
    state: &mut Vec<C64>,
    depth: usize,
) -> Result<(), SimulatorError> {
    if let Ok(matrix) = gate.matrix() {
        *state = apply_matrix(&matrix, on, state);
        return Ok(());
    }
    let body = gate.definition()?;
    let start = Course {
        probability: 1.0,
        state: std::mem::take(state),
        bits: vec![],
        leaving: Leaving::Not,
    };
    let mut end = run_body(&body, on, vec![start], depth + 1)?;
    *state = end.pop().map(|course| course.state).unwrap_or_default();
    Ok(())
}

/// The matrix applied to `qubits`, the first of which is its least significant index bit.
pub fn apply_matrix(matrix: &DMatrix<C64>, qubits: &[usize], state: &[C64]) -> Vec<C64> {
    let row = |index: usize| -> usize {
        qubits
            .iter()
            .enumerate()
            .map(|(i, &q)| (index >> q & 1) << i)
            .sum()
    };
    let with = |index: usize, value: usize| {
        qubits.iter().enumerate().fold(index, |index, (i, &q)| {
            index & !(1 << q) | (value >> i & 1) << q
        })
    };
    (0..state.len())
        .map(|index| {
            (0..matrix.ncols())
                .map(|column| matrix[(row(index), column)] * state[with(index, column)])
                .sum()
        })
        .collect()
}
