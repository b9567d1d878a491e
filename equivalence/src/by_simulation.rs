//! The verdict of simulation, where amplitudes fit: exact for a state from |0...0> and for the distribution of classical
//! bits, exact for operators of few qubits (one half of Bell pairs goes through the circuit), and random inputs for
//! wider ones.
//!
//! For random inputs: if the operators differ by D and |D| is at least delta, some state v has |D v| = delta, and a state
//! psi drawn evenly from all states of d dimensions has |<v|psi>|^2 <= t with probability at most (d - 1) t. So
//! `|D psi| <= tau` happens with probability at most `d (tau/delta)^2`, independently for each input.

use std::sync::Arc;

use ardea_circuit::{C64, Circuit, Gate, Operation, Qubit};
use ardea_simulator::{SimOptions, SimulatorError, StateVector, statevector};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;

use crate::Meaning;
use crate::compare::{Decision, Pair};
use crate::program::{Program, Role, Start, Step};
use crate::report::{Method, Witness};

/// Operators of at most this many inputs are compared entirely.
const WHOLE_OPERATOR: usize = 11;
/// Differences of operators that random inputs are asked about.
const DELTA: f64 = 0.01;
/// Tables of probabilities over more bits than this are not formed.
const MOST_BITS: usize = 28;
/// Witnesses are looked for up to this many qubits.
const WITNESS_QUBITS: usize = 20;

/// Compares by simulation.
pub(crate) fn decide(pair: &Pair<'_>) -> Decision {
    let outcome = match pair.meaning {
        Meaning::Counts => compare_distributions(pair),
        Meaning::State => compare_states(pair),
        Meaning::Unitary => compare_operators(pair),
    };
    outcome.unwrap_or_else(Decision::Undecided)
}

/// Where the wires of both circuits are in the index of an amplitude, the same roles in the same places.
struct Places {
    of: [Vec<usize>; 2],
    /// How many positions both share; spare wires come after them.
    shared: usize,
    /// How many positions there are in all.
    total: usize,
    /// Shared positions of which only the basis state is compared.
    dephased: Vec<usize>,
}

impl Places {
    fn new(pair: &Pair<'_>) -> Result<Self, String> {
        let programs = [&pair.before, &pair.after];
        let outputs = pair.inputs.len();
        let copies = programs.map(|program| {
            let bit = |role: &Role| match role {
                Role::Bit(bit) => Some(*bit),
                _ => None,
            };
            let mut bits: Vec<usize> = program.roles.iter().filter_map(bit).collect();
            bits.sort_unstable();
            bits
        });
        let measured = programs.map(|program| {
            let bit_of = |wire: usize| program.bits.iter().position(|&at| at == Some(wire));
            let output = |(wire, role): (usize, &Role)| match role {
                Role::Measured(output) => Some((*output, bit_of(wire))),
                _ => None,
            };
            let mut list: Vec<_> = program
                .roles
                .iter()
                .enumerate()
                .filter_map(output)
                .collect();
            list.sort_unstable();
            list
        });
        if copies[0] != copies[1] || measured[0] != measured[1] {
            return Err("the circuits keep their measured values in different places".to_owned());
        }
        if programs
            .iter()
            .any(|program| program.roles.contains(&Role::Lost))
        {
            return Err(
                "a qubit is reset or a measured value overwritten, so the final state is mixed"
                    .to_owned(),
            );
        }
        let shared = outputs + copies[0].len();
        let of = programs.map(|program| {
            let mut spare = shared;
            let place = |role: &Role| match role {
                Role::Output(output) | Role::Measured(output) => *output,
                Role::Bit(bit) => {
                    outputs + copies[0].iter().position(|own| own == bit).unwrap_or(0)
                }
                Role::Spare | Role::Lost => {
                    spare += 1;
                    spare - 1
                }
            };
            program.roles.iter().map(place).collect::<Vec<usize>>()
        });
        let dephased = measured[0]
            .iter()
            .map(|&(output, _)| output)
            .chain(outputs..shared)
            .collect();
        let total = programs
            .iter()
            .map(|program| program.wires.len())
            .max()
            .unwrap_or(0)
            .max(shared);
        Ok(Self {
            of,
            shared,
            total,
            dephased,
        })
    }
}

/// What goes in.
enum Input {
    /// |0...0>.
    Zero,
    /// An even draw from all states of the inputs.
    Random(u64),
    /// Half of a Bell pair for each input, the other halves after all other positions.
    Bell,
    /// `u(theta, phi, lambda)` on |0> for each input.
    Product(Vec<[f64; 3]>),
}

/// The program as a circuit of `total` qubits, and the position of each wire at the start. Swaps only rename.
fn circuit_of(
    program: &Program,
    places: &[usize],
    total: usize,
) -> Result<(Circuit, Vec<usize>), String> {
    let mut at = places.to_vec();
    let mut backwards: Vec<(Operation, Vec<Qubit>)> = Vec::with_capacity(program.steps.len());
    for step in program.steps.iter().rev() {
        if let Step::Swap(a, b) = *step {
            at.swap(a, b);
        } else {
            let qubits = step
                .wires()
                .iter()
                .map(|&wire| Qubit::new(at[wire]))
                .collect();
            backwards.push((step.operation(), qubits));
        }
    }
    let mut circuit = Circuit::new(total, 0);
    for (operation, qubits) in backwards.into_iter().rev() {
        circuit
            .push(operation, &qubits)
            .map_err(|error| error.to_string())?;
    }
    circuit.add_global_phase(program.phase);
    Ok((circuit, at))
}

struct Simulation<'p> {
    pair: &'p Pair<'p>,
    total: usize,
}

impl Simulation<'_> {
    /// The final state of one side; `read` is put after it on each position.
    fn run(
        &self,
        side: usize,
        places: &[usize],
        input: &Input,
        read: Option<(Gate, usize)>,
    ) -> Result<StateVector<f64>, String> {
        let program = if side == 0 {
            &self.pair.before
        } else {
            &self.pair.after
        };
        let inputs = self.pair.inputs.len();
        let total = self.total
            + if matches!(input, Input::Bell) {
                inputs
            } else {
                0
            };
        let (body, at) = circuit_of(program, places, total)?;
        let mut circuit = Circuit::new(total, 0);
        let problem = |error: ardea_circuit::CircuitError| error.to_string();
        let mut options = SimOptions {
            memory_cap: self.pair.options.memory,
            ..SimOptions::default()
        };
        match input {
            Input::Zero => {}
            Input::Bell => {
                for (input, &position) in at.iter().enumerate().take(inputs) {
                    circuit.h(self.total + input).map_err(problem)?;
                    circuit.cx(self.total + input, position).map_err(problem)?;
                }
            }
            Input::Product(angles) => {
                for (angles, &position) in angles.iter().zip(&at) {
                    let gate = Operation::with_values(Gate::U, angles).map_err(problem)?;
                    circuit
                        .push(gate, &[Qubit::new(position)])
                        .map_err(problem)?;
                }
            }
            Input::Random(seed) => {
                self.fits(total, 2)?;
                options.initial_state = Some(random_state(*seed, &at[..inputs], total));
            }
        }
        circuit.extend(&body);
        if let Some((gate, count)) = read {
            for position in 0..count {
                circuit
                    .push(Operation::Gate(gate), &[Qubit::new(position)])
                    .map_err(problem)?;
            }
        }
        let state = statevector::<f64>(&circuit, &options).map_err(in_words)?;
        state.into_full().map_err(in_words)
    }

    /// Whether that many states fit, beside the simulator's own check.
    fn fits(&self, qubits: usize, states: u32) -> Result<(), String> {
        let bytes = 1u128
            .checked_shl(qubits as u32 + 4)
            .unwrap_or(u128::MAX)
            .saturating_mul(u128::from(states));
        let available = ardea_simulator::available_memory(self.pair.options.memory);
        if qubits >= 60 || bytes > available.bytes {
            return Err(format!(
                "states of {qubits} qubits do not fit in memory ({})",
                available.limit
            ));
        }
        Ok(())
    }
}

fn in_words(error: SimulatorError) -> String {
    error.to_string()
}

/// Whether the work stays within the limit.
fn affordable(pair: &Pair<'_>, qubits: usize, runs: usize) -> Result<(), String> {
    let steps = |program: &Program| {
        program
            .steps
            .iter()
            .filter(|step| !matches!(step, Step::One(..) | Step::Swap(..)))
            .count()
            + 1
    };
    let work = (steps(&pair.before) + steps(&pair.after)) as f64
        * runs as f64
        * 2f64.powi(qubits.min(1000) as i32);
    if work > pair.options.work {
        return Err(format!(
            "simulating {qubits} qubits would touch {work:.0e} amplitudes, more than the limit of {:.0e}",
            pair.options.work
        ));
    }
    Ok(())
}

fn random_state(seed: u64, at: &[usize], total: usize) -> Arc<[C64]> {
    let mut rng = Pcg64Mcg::seed_from_u64(seed);
    let mut gauss = || {
        let (u, v): (f64, f64) = (rng.random(), rng.random());
        C64::from_polar((-2.0 * (1.0 - u).ln()).sqrt(), std::f64::consts::TAU * v)
    };
    let mut state = vec![C64::default(); 1 << total];
    let mut norm = 0.0;
    for value in 0..1usize << at.len() {
        let index: usize = at
            .iter()
            .enumerate()
            .map(|(bit, &place)| (value >> bit & 1) << place)
            .sum();
        state[index] = gauss();
        norm += state[index].norm_sqr();
    }
    let scale = 1.0 / f64::sqrt(norm);
    state.iter_mut().for_each(|amplitude| *amplitude *= scale);
    state.into()
}

/// The distance of two states up to a phase for each value of the dephased positions, and the phase of the largest part.
fn distance(a: &[C64], b: &[C64], dephased: &[usize]) -> (f64, f64) {
    let block = |index: usize| -> usize {
        dephased
            .iter()
            .enumerate()
            .map(|(bit, &place)| (index >> place & 1) << bit)
            .sum()
    };
    let mut overlaps = vec![C64::default(); 1 << dephased.len()];
    for (index, (a, b)) in a.iter().zip(b).enumerate() {
        overlaps[block(index)] += a.conj() * b;
    }
    let largest = overlaps
        .iter()
        .copied()
        .max_by(|x, y| x.norm().total_cmp(&y.norm()))
        .unwrap_or_default();
    let phases: Vec<C64> = overlaps
        .iter()
        .map(|overlap| {
            if overlap.norm() > 0.0 {
                overlap / overlap.norm()
            } else {
                C64::from(1.0)
            }
        })
        .collect();
    let square: f64 = a
        .iter()
        .zip(b)
        .enumerate()
        .map(|(index, (a, b))| (b - a * phases[block(index)]).norm_sqr())
        .sum();
    (square.sqrt(), largest.arg())
}

/// Amplitudes with all spare positions in |0>, and the weight of the rest.
fn without_spares(state: &StateVector<f64>, shared: usize) -> (&[C64], f64) {
    let (kept, rest) = state.amplitudes().split_at(1 << shared);
    (kept, rest.iter().map(C64::norm_sqr).sum::<f64>())
}

fn compare_states(pair: &Pair<'_>) -> Result<Decision, String> {
    let places = Places::new(pair)?;
    affordable(pair, places.total, 1)?;
    let simulation = Simulation {
        pair,
        total: places.total,
    };
    let (distance, phase) = run_both(&simulation, &places, &Input::Zero, None)?;
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

fn run_both(
    simulation: &Simulation<'_>,
    places: &Places,
    input: &Input,
    read: Option<(Gate, usize)>,
) -> Result<(f64, f64), String> {
    let a = simulation.run(0, &places.of[0], input, read)?;
    let b = simulation.run(1, &places.of[1], input, read)?;
    let ((a, lost_a), (b, lost_b)) = (
        without_spares(&a, places.shared),
        without_spares(&b, places.shared),
    );
    let (near, phase) = distance(a, b, &places.dephased);
    Ok(((near * near + lost_a + lost_b).sqrt(), phase))
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
        let (distance, _) = run_both(&simulation, &places, &Input::Random(seed), None)?;
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
    let run = |side: usize| simulation.run(side, &places.of[side], &Input::Bell, None);
    let (a, b) = (run(0)?, run(1)?);
    // Spare positions lie between the shared ones and the other halves of the pairs.
    let spare = places.total - places.shared;
    let (mut square, mut overlaps) = (0.0, std::collections::BTreeMap::<usize, C64>::new());
    let part = |index: usize| index >> places.shared & ((1 << spare) - 1);
    let block = |index: usize| -> usize {
        places
            .dephased
            .iter()
            .enumerate()
            .map(|(bit, &place)| (index >> place & 1) << bit)
            .sum()
    };
    let both = || a.amplitudes().iter().zip(b.amplitudes()).enumerate();
    for (index, (a, b)) in both().filter(|(index, _)| part(*index) == 0) {
        *overlaps.entry(block(index)).or_default() += a.conj() * b;
    }
    for (index, (a, b)) in both() {
        if part(index) != 0 {
            square += a.norm_sqr() + b.norm_sqr();
            continue;
        }
        let overlap = overlaps[&block(index)];
        let phase = if overlap.norm() > 0.0 {
            overlap / overlap.norm()
        } else {
            C64::from(1.0)
        };
        square += (b - a * phase).norm_sqr();
    }
    let average = square.sqrt();
    let bound = average * 2f64.powi(inputs as i32).sqrt();
    let phase = overlaps
        .values()
        .max_by(|x, y| x.norm().total_cmp(&y.norm()))
        .map(|overlap| overlap.arg());
    if bound <= pair.tolerance {
        return Ok(Decision::Equal {
            method: Method::Operator,
            detail: format!("the operators on {inputs} qubits agree"),
            distance: bound,
            phase,
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

/// An input and an outcome that show a difference found by other means, where amplitudes fit.
pub(crate) fn find_witness(pair: &Pair<'_>) -> Option<Witness> {
    let places = Places::new(pair).ok()?;
    affordable(pair, places.total, 24).ok()?;
    witness(pair, &places)
}

/// An input and an outcome whose probabilities differ, the most of some that are tried.
fn witness(pair: &Pair<'_>, places: &Places) -> Option<Witness> {
    if places.total > WITNESS_QUBITS {
        return None;
    }
    let simulation = Simulation {
        pair,
        total: places.total,
    };
    let mut rng = Pcg64Mcg::seed_from_u64(pair.options.seed ^ 0x57_49_54);
    let mut best: Option<(f64, Witness)> = None;
    let free = pair
        .before
        .wires
        .iter()
        .any(|wire| wire.start == Start::Free);
    for attempt in 0..if free { 4 } else { 1 } {
        let mut angle = || (rng.random::<f64>() * 6_283.0).round() / 1_000.0;
        let angles: Vec<[f64; 3]> = pair
            .inputs
            .iter()
            .map(|_| [angle(), angle(), angle()])
            .collect();
        // The first attempt is the simplest to repeat.
        let (input, text) = if attempt == 0 {
            (Input::Zero, "all qubits in |0>".to_owned())
        } else {
            let one =
                |(input, [a, b, c]): (&usize, &[f64; 3])| format!("u({a},{b},{c}) q[{input}]");
            let list: Vec<String> = pair.inputs.iter().zip(&angles).map(one).collect();
            (
                Input::Product(angles),
                format!("{} on |0...0>", list.join("; ")),
            )
        };
        for read in [Gate::I, Gate::H, Gate::SX] {
            let probabilities = |side: usize| -> Option<Vec<f64>> {
                let state = simulation
                    .run(side, &places.of[side], &input, Some((read, places.shared)))
                    .ok()?;
                let mut out = vec![0.0; 1 << places.shared];
                for (index, amplitude) in state.amplitudes().iter().enumerate() {
                    out[index & ((1 << places.shared) - 1)] += amplitude.norm_sqr();
                }
                Some(out)
            };
            let (a, b) = (probabilities(0)?, probabilities(1)?);
            let differs = |index: &usize| (a[*index] - b[*index]).abs();
            let index = (0..a.len()).max_by(|x, y| differs(x).total_cmp(&differs(y)))?;
            let after = match read {
                Gate::I => String::new(),
                gate => format!(" after {gate} on every output"),
            };
            let found = Witness {
                input: text.clone(),
                observed: format!("the probability of {}{after}", outcome(pair, index)),
                before: a[index],
                after: b[index],
            };
            if best
                .as_ref()
                .is_none_or(|(most, _)| differs(&index) > 2.0 * most)
            {
                best = Some((differs(&index), found));
            }
        }
    }
    best.filter(|(most, _)| *most > 1e-10)
        .map(|(_, witness)| witness)
}

/// A basis state of the outputs in words.
fn outcome(pair: &Pair<'_>, index: usize) -> String {
    let ones: Vec<String> = pair
        .inputs
        .iter()
        .enumerate()
        .filter(|(position, _)| index >> position & 1 == 1)
        .map(|(_, input)| input.to_string())
        .collect();
    if ones.is_empty() {
        "reading 0 on every output".to_owned()
    } else {
        format!("reading 1 on exactly the outputs {}", ones.join(", "))
    }
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
