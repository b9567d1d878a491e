//! The order in which methods are tried, and what they share.

use std::time::Instant;

use ardea_circuit::{Angle, Bindings, Circuit, Layout, Operation};

use crate::program::{Columns, Placed, Program, lower, touched};
use crate::report::{Attempt, Method, Report, Verdict, Witness};
use crate::{
    CheckOptions, EquivalenceError, Meaning, by_clusters, by_fermions, by_rotations, by_simulation,
};

/// Both circuits, ready to be compared.
pub(crate) struct Pair<'o> {
    pub(crate) before: Program,
    pub(crate) after: Program,
    /// How many columns their Pauli strings have.
    pub(crate) columns: usize,
    /// The inputs that take part, by their numbers in the first circuit.
    pub(crate) inputs: Vec<usize>,
    pub(crate) meaning: Meaning,
    pub(crate) tolerance: f64,
    pub(crate) options: &'o CheckOptions,
}

/// What one method found.
pub(crate) enum Decision {
    Equal {
        method: Method,
        detail: String,
        distance: f64,
        phase: Option<f64>,
    },
    ProbablyEqual {
        method: Method,
        detail: String,
        distance: f64,
        confidence: f64,
    },
    Different {
        method: Method,
        detail: String,
        distance: Option<f64>,
        witness: Option<Witness>,
    },
    Undecided(String),
}

/// A method: a verdict, or why it has none.
pub(crate) type Decide = fn(&Pair<'_>) -> Decision;

/// All methods, the cheap and exact ones first.
const METHODS: &[(Method, Decide)] = &[
    (Method::PauliRotations, by_rotations::decide),
    (Method::FreeFermions, by_fermions::decide),
    (Method::Clusters, by_clusters::decide),
    (Method::Windows, by_rotations::decide_by_windows),
    (Method::State, by_simulation::decide),
];

/// Whether `before` and `after` mean the same in the sense of `options`.
///
/// # Errors
/// When they cannot be compared at all: different numbers of inputs, a layout that does not fit, angles that overflow.
/// A circuit that is too hard is no error; its verdict is [`Verdict::Unknown`].
pub fn check(
    before: &Circuit,
    after: &Circuit,
    options: &CheckOptions,
) -> Result<Report, EquivalenceError> {
    check_with(METHODS, before, after, options)
}

/// As [`check`], by these methods only.
pub(crate) fn check_with(
    methods: &[(Method, Decide)],
    before: &Circuit,
    after: &Circuit,
    options: &CheckOptions,
) -> Result<Report, EquivalenceError> {
    let start = Instant::now();
    let (prepared, meaning) = prepare([before, after], options)?;
    let mut report = Report {
        verdict: Verdict::Unknown,
        meaning,
        method: Method::None,
        detail: String::new(),
        confidence: 0.0,
        distance: None,
        global_phase: None,
        witness: None,
        attempts: Vec::new(),
        seconds: 0.0,
    };
    match prepared {
        Ok(pair) => decide(&pair, methods, &mut report),
        Err(reason) => report.detail = reason,
    }
    let symbolic = before.is_symbolic() || after.is_symbolic();
    if symbolic && report.verdict == Verdict::Equal {
        report.verdict = Verdict::ProbablyEqual;
        report.confidence = 1.0 - 1e-9;
        report.detail +=
            "; the symbols had random numbers, on which different circuits agree by accident only";
    }
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

fn decide(pair: &Pair<'_>, methods: &[(Method, Decide)], report: &mut Report) {
    let mut reasons = Vec::new();
    for &(tried, method) in methods {
        let start = Instant::now();
        let decision = method(pair);
        let mut attempt = |method: Method, outcome: &str| {
            report.attempts.push(Attempt {
                method,
                outcome: outcome.to_owned(),
                seconds: start.elapsed().as_secs_f64(),
            });
        };
        match decision {
            Decision::Undecided(reason) => {
                attempt(tried, &reason);
                reasons.push(format!("{tried}: {reason}"));
                continue;
            }
            Decision::Equal {
                method,
                detail,
                distance,
                phase,
            } => {
                attempt(method, &detail);
                (report.verdict, report.method, report.detail) = (Verdict::Equal, method, detail);
                (report.confidence, report.distance, report.global_phase) =
                    (1.0, Some(distance), phase);
            }
            Decision::ProbablyEqual {
                method,
                detail,
                distance,
                confidence,
            } => {
                attempt(method, &detail);
                (report.verdict, report.method, report.detail) =
                    (Verdict::ProbablyEqual, method, detail);
                (report.confidence, report.distance) = (confidence, Some(distance));
            }
            Decision::Different {
                method,
                detail,
                distance,
                witness,
            } => {
                attempt(method, &detail);
                (report.verdict, report.method, report.detail) =
                    (Verdict::Different, method, detail);
                (report.confidence, report.distance) = (1.0, distance);
                report.witness = witness.or_else(|| by_simulation::find_witness(pair));
            }
        }
        return;
    }
    report.detail = reasons.join("; ");
}

/// Where the inputs are in both circuits.
fn layouts(
    before: &Circuit,
    after: &Circuit,
    options: &CheckOptions,
) -> Result<[Layout; 2], EquivalenceError> {
    let given = |circuit: &Circuit, option: &Option<Layout>| {
        option.clone().or_else(|| circuit.layout().cloned())
    };
    let first = given(before, &options.layout_before)
        .unwrap_or_else(|| Layout::trivial(before.num_qubits()));
    let second = given(after, &options.layout_after);
    let second = match second {
        Some(layout) => layout,
        None if after.num_qubits() >= first.initial.len() => Layout::trivial(first.initial.len()),
        None => {
            return Err(EquivalenceError::Mismatch(format!(
                "the first circuit has {} inputs, but the second only {} qubits and no layout that says where they are",
                first.initial.len(),
                after.num_qubits()
            )));
        }
    };
    check_layout(&first, before, "first")?;
    check_layout(&second, after, "second")?;
    if first.initial.len() != second.initial.len() {
        return Err(EquivalenceError::Mismatch(format!(
            "the first circuit has {} inputs, the second {}",
            first.initial.len(),
            second.initial.len()
        )));
    }
    Ok([first, second])
}

fn check_layout(layout: &Layout, circuit: &Circuit, which: &str) -> Result<(), EquivalenceError> {
    if layout.initial.len() != layout.last.len() {
        return Err(EquivalenceError::Mismatch(format!(
            "the layout of the {which} circuit places {} inputs before it and {} after it",
            layout.initial.len(),
            layout.last.len()
        )));
    }
    for list in [&layout.initial, &layout.last] {
        let mut taken = vec![false; circuit.num_qubits()];
        for qubit in list {
            match taken.get_mut(qubit.index()) {
                None => {
                    return Err(EquivalenceError::Mismatch(format!(
                        "the layout of the {which} circuit names qubit {}, but it has only {}",
                        qubit.index(),
                        circuit.num_qubits()
                    )));
                }
                Some(true) => {
                    return Err(EquivalenceError::Mismatch(format!(
                        "the layout of the {which} circuit puts two inputs on qubit {}",
                        qubit.index()
                    )));
                }
                Some(free) => *free = true,
            }
        }
    }
    Ok(())
}

/// Both circuits with numbers for their symbols and lowered, or why they cannot be; and what the meaning comes to.
fn prepare<'o>(
    circuits: [&Circuit; 2],
    options: &'o CheckOptions,
) -> Result<(Result<Pair<'o>, String>, Meaning), EquivalenceError> {
    if !(options.tolerance > 0.0 && options.tolerance < 1.0) {
        return Err(EquivalenceError::BadOption(format!(
            "a tolerance of {} makes no sense; choose one between 0 and 1, such as 1e-6",
            options.tolerance
        )));
    }
    if !(0.0..1e-2).contains(&options.negligible) {
        return Err(EquivalenceError::BadOption(format!(
            "rotations by {} radians are not negligible; choose 0 or an angle below 0.01, such as 2.6e-6",
            options.negligible
        )));
    }
    let layouts = layouts(circuits[0], circuits[1], options)?;
    let (before, after) = (with_numbers(circuits[0])?, with_numbers(circuits[1])?);
    let meaning = match options.meaning {
        Meaning::Counts if !measures(&before) && !measures(&after) => Meaning::State,
        meaning => meaning,
    };
    Ok((
        lower_both([&before, &after], &layouts, meaning, options),
        meaning,
    ))
}

/// The pair that [`check`] hands to its methods.
#[cfg(test)]
pub(crate) fn pair_of<'o>(
    a: &Circuit,
    b: &Circuit,
    options: &'o CheckOptions,
) -> Result<Pair<'o>, String> {
    prepare([a, b], options)
        .map_err(|error| error.to_string())?
        .0
}

fn lower_both<'o>(
    circuits: [&Circuit; 2],
    layouts: &[Layout; 2],
    meaning: Meaning,
    options: &'o CheckOptions,
) -> Result<Pair<'o>, String> {
    let active = circuits.map(touched);
    let takes_part = |input: usize| {
        (0..2).any(|side| {
            let (first, last) = (layouts[side].initial[input], layouts[side].last[input]);
            first != last || active[side][first.index()]
        })
    };
    let inputs: Vec<usize> = (0..layouts[0].initial.len())
        .filter(|&input| takes_part(input))
        .collect();
    let mut columns = Columns::default();
    let mut lowered = Vec::with_capacity(2);
    for side in 0..2 {
        let placed = Placed {
            circuit: circuits[side],
            layout: &layouts[side],
            inputs: &inputs,
            meaning,
        };
        lowered.push(lower(&placed, &mut columns)?);
    }
    let after = lowered.pop().ok_or("nothing to compare")?;
    let before = lowered.pop().ok_or("nothing to compare")?;
    Ok(Pair {
        before,
        after,
        columns: columns.len(),
        inputs,
        meaning,
        tolerance: options.tolerance,
        options,
    })
}

/// Whether the circuit measures, in nested bodies too.
fn measures(circuit: &Circuit) -> bool {
    circuit.instructions().iter().any(|instruction| {
        matches!(instruction.operation, Operation::Measure(_))
            || instruction.operation.is_control_flow()
                && !instruction.operation.clbits_written().is_empty()
    })
}

/// The circuit with an arbitrary number for each symbol, the same for the same name.
fn with_numbers(circuit: &Circuit) -> Result<Circuit, EquivalenceError> {
    let symbols = circuit.symbols();
    if symbols.is_empty() {
        return Ok(circuit.clone());
    }
    let mut bindings = Bindings::new();
    for symbol in symbols {
        let hash = symbol
            .name()
            .bytes()
            .fold(0xCBF2_9CE4_8422_2325u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01B3)
            });
        let fraction = (hash >> 11) as f64 / (1u64 << 53) as f64;
        bindings.insert(symbol, Angle::Value(0.1 + 2.9 * fraction));
    }
    Ok(circuit.bind(&bindings)?)
}
