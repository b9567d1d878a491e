//! The verdict of simulation, where amplitudes fit: exact for a state from |0...0> and for the distribution of classical
//! bits, exact for operators of few qubits (one half of Bell pairs goes through the circuit), and random inputs for
//! wider ones.
//!
//! For random inputs: if the operators differ by D and |D| is at least delta, some state v has |D v| = delta, and a state
//! psi drawn evenly from all states of d dimensions has |<v|psi>|^2 <= t with probability at most (d - 1) t. So
//! `|D psi| <= tau` happens with probability at most `d (tau/delta)^2`, independently for each input.

mod distance;
mod places;
mod run;
mod witness;

use ardea_circuit::Qubit;
use ardea_simulator::{SimOptions, statevector};

use crate::Meaning;
use crate::compare::{Decision, Pair};
use crate::report::{Method, Witness};
use distance::distance;
use places::Places;
use run::{Input, Simulation, affordable, circuit_of, in_words};
pub(crate) use witness::find_witness;
use witness::witness;

/// Operators of at most this many inputs are compared entirely.
const WHOLE_OPERATOR: usize = 11;
/// Differences of operators that random inputs are asked about.
const DELTA: f64 = 0.01;
/// Tables of probabilities over more bits than this are not formed.
const MOST_BITS: usize = 28;

/// Compares by simulation.
pub(crate) fn decide(pair: &Pair<'_>) -> Decision {
    let outcome = match pair.meaning {
        Meaning::Counts => compare_distributions(pair),
        Meaning::State => compare_states(pair),
        Meaning::Unitary => compare_operators(pair),
    };
    outcome.unwrap_or_else(Decision::Undecided)
}

fn compare_states(pair: &Pair<'_>) -> Result<Decision, String> {
    let places = Places::new(pair)?;
    affordable(pair, places.total, 1)?;
    let simulation = Simulation {
        pair,
        total: places.total,
    };
    let (distance, phase) = run_both(&simulation, &places, &Input::Zero)?;
    if distance <= pair.tolerance {
        return Ok(Decision::Equal {
            method: Method::State,
            detail: format!("both prepare the same state of {} qubits", places.total),
            distance,
            phase: Some(phase),
        });
    }
    Ok(Decision::Different {
        method: Method::State,
        detail: format!("the states prepared are {distance:.3e} apart"),
        distance: Some(distance),
        witness: witness(pair, &places),
    })
}

/// How far apart both sides come out of an input, and the phase between them.
fn run_both(
    simulation: &Simulation<'_>,
    places: &Places,
    input: &Input,
) -> Result<(f64, f64), String> {
    let run = |side: usize| simulation.run(side, &places.of[side], input, None);
    let (a, b) = (run(0)?, run(1)?);
    Ok(distance(a.amplitudes(), b.amplitudes(), places))
}

fn compare_operators(pair: &Pair<'_>) -> Result<Decision, String> {
    let places = Places::new(pair)?;
    let inputs = pair.inputs.len();
    if inputs <= WHOLE_OPERATOR && affordable(pair, places.total + inputs, 1).is_ok() {
        return whole_operator(pair, &places);
    }
    let runs = pair.options.stimuli.max(1);
    affordable(pair, places.total, runs)?;
    let simulation = Simulation {
        pair,
        total: places.total,
    };
    let (mut farthest, mut missed) = (0.0f64, 1.0f64);
    for run in 0..runs {
        let seed = pair
            .options
            .seed
            .wrapping_mul(0x9E37_79B9_7F4A_7C15)
            .wrapping_add(run as u64);
        let (distance, _) = run_both(&simulation, &places, &Input::Random(seed))?;
        if distance > pair.tolerance {
            return Ok(Decision::Different {
                method: Method::RandomInputs,
                detail: format!("the outputs of random input {run} are {distance:.3e} apart"),
                distance: Some(distance),
                witness: witness(pair, &places),
            });
        }
        farthest = farthest.max(distance);
        missed *= (2f64.powi(inputs as i32) * (distance / DELTA).powi(2)).min(1.0);
    }
    Ok(Decision::ProbablyEqual {
        method: Method::RandomInputs,
        detail: format!(
            "{runs} random inputs of {inputs} qubits came out within {farthest:.1e}; operators more than {DELTA} apart \
             would have passed with probability at most {missed:.1e}"
        ),
        distance: farthest,
        confidence: 1.0 - missed,
    })
}

fn whole_operator(pair: &Pair<'_>, places: &Places) -> Result<Decision, String> {
    let inputs = pair.inputs.len();
    let simulation = Simulation {
        pair,
        total: places.total,
    };
    let (average, phase) = run_both(&simulation, places, &Input::Bell)?;
    let bound = average * 2f64.powi(inputs as i32).sqrt();
    if bound <= pair.tolerance {
        return Ok(Decision::Equal {
            method: Method::Operator,
            detail: format!("the operators on {inputs} qubits agree"),
            distance: bound,
            phase: Some(phase),
        });
    }
    if average <= pair.tolerance {
        return Err(format!(
            "the operators are {average:.1e} apart on average and at most {bound:.1e}, on both sides of the tolerance"
        ));
    }
    Ok(Decision::Different {
        method: Method::Operator,
        detail: format!("the operators are {average:.3e} apart on average over all inputs"),
        distance: Some(average),
        witness: witness(pair, places),
    })
}

fn compare_distributions(pair: &Pair<'_>) -> Result<Decision, String> {
    let programs = [&pair.before, &pair.after];
    let wires = programs
        .iter()
        .map(|program| program.wires.len())
        .max()
        .unwrap_or(0);
    affordable(pair, wires, 1)?;
    let width = programs
        .iter()
        .map(|program| program.bits.len())
        .max()
        .unwrap_or(0);
    let written = |bit: usize| programs.map(|program| program.bits.get(bit).copied().flatten());
    let bits: Vec<usize> = (0..width)
        .filter(|&bit| written(bit).iter().any(Option::is_some))
        .collect();
    if bits.len() > MOST_BITS {
        return Err(format!(
            "a table of {} classical bits is too large",
            bits.len()
        ));
    }
    // One state at a time, and two tables.
    let simulation = Simulation { pair, total: wires };
    simulation.fits(wires.max(bits.len()), 2)?;
    let mut tables = Vec::with_capacity(2);
    for (side, program) in programs.into_iter().enumerate() {
        let unwritten = bits
            .iter()
            .filter(|&&bit| written(bit)[side].is_none())
            .count();
        // Bits that this circuit never writes read a qubit that nothing touches.
        let total = wires + unwritten;
        let places: Vec<usize> = (0..program.wires.len()).collect();
        let (circuit, _) = circuit_of(program, &places, total)?;
        let options = SimOptions {
            memory_cap: pair.options.memory,
            ..SimOptions::default()
        };
        let state = statevector::<f64>(&circuit, &options).map_err(in_words)?;
        let mut idle = wires..total;
        let qubits: Option<Vec<Qubit>> = bits
            .iter()
            .map(|&bit| written(bit)[side].or_else(|| idle.next()).map(Qubit::new))
            .collect();
        let qubits = qubits.ok_or("a classical bit has no qubit")?;
        tables.push(state.probabilities(&qubits).map_err(in_words)?);
    }
    let (p, q) = (&tables[0], &tables[1]);
    let distance = p.iter().zip(q).map(|(p, q)| (p - q).abs()).sum::<f64>() / 2.0;
    if distance <= pair.tolerance {
        return Ok(Decision::Equal {
            method: Method::Distribution,
            detail: format!("the distributions of {} classical bits agree", bits.len()),
            distance,
            phase: None,
        });
    }
    let differs = |value: &usize| (p[*value] - q[*value]).abs();
    let value = (0..p.len())
        .max_by(|x, y| differs(x).total_cmp(&differs(y)))
        .unwrap_or(0);
    let reading: Vec<String> = bits
        .iter()
        .enumerate()
        .filter(|(place, _)| value >> place & 1 == 1)
        .map(|(_, bit)| format!("c[{bit}]"))
        .collect();
    Ok(Decision::Different {
        method: Method::Distribution,
        detail: format!(
            "the distributions of the classical bits are {distance:.3e} apart in total variation"
        ),
        distance: Some(distance),
        witness: Some(Witness {
            input: "all qubits in |0>".to_owned(),
            observed: if reading.is_empty() {
                "the probability of reading 0 in every classical bit".to_owned()
            } else {
                format!(
                    "the probability of reading 1 in exactly the classical bits {}",
                    reading.join(", ")
                )
            },
            before: p[value],
            after: q[value],
        }),
    })
}
