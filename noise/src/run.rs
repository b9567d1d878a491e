//! Noisy runs: the slow parameters drawn batch by batch, each batch on the engine that fits.

use std::time::Instant;

use ardea_circuit::{Circuit, SparsePauliSum};
use ardea_simulator::{
    Counts, DensityMatrix, Estimate, MAX_DENSITY_QUBITS, Method, NoisyCircuit, Outcome, SimOptions,
    SimulatorError, density_matrix as exact, pauli_noise, simulate_density, trajectories,
};

use crate::division::{divided, share};
use crate::error::NoiseError;
use crate::model::NoiseModel;
use crate::pauli::{check_clifford, twirled};

/// Draws of the slow parameters when the user does not say how many.
const DEFAULT_DRAWS: u64 = 32;

/// Most draws of one run.
const MAX_DRAWS: u64 = 1 << 20;

/// Widest density matrix that is chosen without being asked for.
pub(crate) const DENSITY: usize = 10;

/// How a noisy circuit is simulated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Engine {
    /// The density matrix where it costs less than the shots would, else trajectories.
    #[default]
    Automatic,
    /// The density matrix: exact, up to 14 qubits.
    Density,
    /// Quantum trajectories: one state vector for each shot that differs.
    Trajectories,
    /// Random Paulis on a stabilizer state: Clifford circuits of hundreds of qubits, counts only. An approximation that is
    /// never chosen automatically: noise is twirled where it acts, so coherent errors neither add up nor are undone by an
    /// echo.
    Stabilizer,
}

/// Options of a noisy run.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// Shots, seed, threads, memory and the rest.
    pub simulation: SimOptions,
    /// The engine.
    pub engine: Engine,
    /// How often the slow parameters are drawn; shots are divided among the draws, and as many draws as shots means one
    /// draw per shot. `None` draws 32 times (or once per shot, if those are fewer). A model without slow noise needs
    /// one.
    pub draws: Option<u64>,
}

impl RunOptions {
    /// The default options with this many shots.
    pub fn with_shots(shots: u64) -> Self {
        Self {
            simulation: SimOptions::with_shots(shots),
            ..Self::default()
        }
    }

    /// Whether numbers lie where they mean something; [`run`] asks first of all.
    ///
    /// # Errors
    /// [`NoiseError::BadParameter`] for no draws, or too many.
    pub fn check(&self) -> Result<(), NoiseError> {
        match self.draws {
            Some(draws) if !(1..=MAX_DRAWS).contains(&draws) => {
                let what = format!(
                    "{draws} draws of the slow parameters are not possible; choose 1 to {MAX_DRAWS}"
                );
                Err(NoiseError::BadParameter { what })
            }
            _ => Ok(()),
        }
    }
}

/// The result of a noisy run.
#[derive(Debug)]
pub struct NoisyRun {
    /// How often each outcome of the classical bits occurred.
    pub counts: Counts,
    /// The outcome of each shot, where asked for, draw by draw.
    pub each_shot: Option<Vec<Outcome>>,
    /// Expectation values before the final measurements, in the order of the observables.
    pub expectations: Vec<Estimate>,
    /// The engine that ran; never [`Engine::Automatic`].
    pub engine: Engine,
    /// Draws of the slow parameters.
    pub draws: u64,
    /// Jumps of all trajectories; 0 on a density matrix.
    pub jumps: u64,
    /// Wall time in seconds.
    pub seconds: f64,
}

impl NoisyRun {
    /// The probability of an outcome written as text, with the standard error of so many shots.
    pub fn probability(&self, text: &str) -> Estimate {
        let shots = self.counts.shots().max(1) as f64;
        let mean = self.counts.get(text) as f64 / shots;
        let error = (mean * (1.0 - mean) / shots).sqrt();
        Estimate { mean, error }
    }
}

/// Runs a circuit with the noise of `model`: counts of its measurements, and expectation values of `observables`
/// before the final ones.
///
/// The circuit must be on the device's own qubits and gates, as the compiler leaves it. Where the slow parameters are
/// drawn several times, error bars contain how much the draws differ.
///
/// # Errors
/// Those of [`NoiseModel::apply`] and of the engines; [`NoiseError::BadParameter`] for trajectories without shots.
pub fn run(
    circuit: &Circuit,
    model: &NoiseModel,
    observables: &[SparsePauliSum],
    options: &RunOptions,
) -> Result<NoisyRun, NoiseError> {
    let start = Instant::now();
    let Draws {
        parts,
        engine,
        draws,
    } = Draws::run(circuit, model, observables, options)?;
    let expectations = (0..observables.len()).map(|i| combine(&parts, i)).collect();
    let jumps = parts.iter().map(|part| part.jumps).sum();
    let mut parts = parts.into_iter();
    let Some(mut whole) = parts.next() else {
        let what = "a run needs at least one draw".to_owned();
        return Err(NoiseError::BadParameter { what });
    };
    for part in parts {
        whole.counts.try_merge(part.counts)?;
        if let (Some(all), Some(more)) = (&mut whole.each_shot, part.each_shot) {
            all.extend(more);
        }
    }
    Ok(NoisyRun {
        counts: whole.counts,
        each_shot: whole.each_shot,
        expectations,
        engine,
        draws,
        jumps,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// The counts of [`run`], those of each draw of the slow parameters by themselves: how much they differ tells how alike
/// the shots of one draw are.
///
/// # Errors
/// As [`run`].
pub fn counts_by_draw(
    circuit: &Circuit,
    model: &NoiseModel,
    options: &RunOptions,
) -> Result<Vec<Counts>, NoiseError> {
    let draws = Draws::run(circuit, model, &[], options)?;
    Ok(draws.parts.into_iter().map(|part| part.counts).collect())
}

/// What all draws gave.
struct Draws {
    parts: Vec<Part>,
    engine: Engine,
    draws: u64,
}

impl Draws {
    fn run(
        circuit: &Circuit,
        model: &NoiseModel,
        observables: &[SparsePauliSum],
        options: &RunOptions,
    ) -> Result<Self, NoiseError> {
        let shots = options.simulation.shots;
        if !matches!(
            options.simulation.method,
            Method::Automatic | Method::StateVector
        ) {
            let what = format!(
                "noise does not run on the engine '{}'; choose among the noisy engines instead",
                options.simulation.method
            );
            return Err(NoiseError::BadParameter { what });
        }
        if options.engine == Engine::Stabilizer {
            check_clifford(circuit)?;
            if !observables.is_empty() {
                let what = "random Paulis on a stabilizer state give counts; measure the observables, or run trajectories";
                return Err(NoiseError::BadParameter { what: what.into() });
            }
        }
        let first = model.apply(circuit, options.simulation.seed, 0)?;
        let qubits = first.num_active_qubits();
        let draws = number_of_draws(model, options)?;
        let engine = match options.engine {
            Engine::Automatic => choose(qubits, shots, draws),
            chosen => chosen,
        };
        let one = |draw: u64| -> Result<Part, NoiseError> {
            let again;
            let noisy = if draw == 0 {
                &first
            } else {
                again = model.apply(circuit, options.simulation.seed, draw)?;
                &again
            };
            let simulation = SimOptions {
                shots: share(shots, draws, draw),
                seed: seed_of(options.simulation.seed, draw),
                progress: options.simulation.progress.clone().filter(|_| draws == 1),
                ..options.simulation.clone()
            };
            run_draw(noisy, observables, &simulation, engine)
        };
        let light = engine.is_light(qubits);
        let parts = divided(draws, light, options.simulation.threads, one)?;
        Ok(Self {
            parts,
            engine,
            draws,
        })
    }
}

/// The state of a circuit with the noise of `model` before its final measurements, averaged over the draws of the slow
/// parameters.
///
/// # Errors
/// As [`run`]; also [`SimulatorError::BadArgument`] beyond 14 qubits.
pub fn density_matrix(
    circuit: &Circuit,
    model: &NoiseModel,
    options: &RunOptions,
) -> Result<DensityMatrix<f64>, NoiseError> {
    let draws = number_of_draws(model, options)?;
    let one = |draw| -> Result<DensityMatrix<f64>, NoiseError> {
        let noisy = model.apply(circuit, options.simulation.seed, draw)?;
        Ok(exact::<f64>(&noisy, &options.simulation)?)
    };
    let mut average = one(0)?;
    for draw in 1..draws {
        average.mix(&one(draw)?, 1.0 / (draw + 1) as f64)?;
    }
    Ok(average)
}

/// What one draw gave.
struct Part {
    shots: u64,
    counts: Counts,
    each_shot: Option<Vec<Outcome>>,
    expectations: Vec<Estimate>,
    jumps: u64,
}

fn run_draw(
    noisy: &NoisyCircuit,
    observables: &[SparsePauliSum],
    simulation: &SimOptions,
    engine: Engine,
) -> Result<Part, NoiseError> {
    if engine == Engine::Stabilizer {
        let run = pauli_noise(&twirled(noisy)?, simulation)?;
        return Ok(Part {
            shots: simulation.shots,
            counts: run.counts,
            each_shot: run.each_shot,
            expectations: vec![],
            jumps: 0,
        });
    }
    if engine == Engine::Trajectories {
        let run = trajectories::<f64>(noisy, observables, simulation)?;
        return Ok(Part {
            shots: simulation.shots,
            counts: run.counts,
            each_shot: run.each_shot,
            expectations: run.expectations,
            jumps: run.report.jumps,
        });
    }
    let run = simulate_density::<f64>(noisy, simulation)?;
    let expectations = if observables.is_empty() {
        vec![]
    } else {
        let state = match run.state {
            Some(state) => state,
            None => exact::<f64>(noisy, simulation)?,
        };
        let value = |operator| -> Result<Estimate, SimulatorError> {
            let mean = state.expectation(operator)?.re;
            Ok(Estimate { mean, error: 0.0 })
        };
        observables.iter().map(value).collect::<Result<_, _>>()?
    };
    Ok(Part {
        shots: simulation.shots,
        counts: run.counts,
        each_shot: run.each_shot,
        expectations,
        jumps: 0,
    })
}

/// The mean over draws, weighted by their shots. With several draws the error is the spread of their means, which
/// contains that of the shots.
fn combine(parts: &[Part], i: usize) -> Estimate {
    let values: Vec<(f64, f64)> = parts
        .iter()
        .map(|part| (part.shots.max(1) as f64, part.expectations[i].mean))
        .collect();
    let total: f64 = values.iter().map(|(weight, _)| weight).sum();
    let mean = values
        .iter()
        .map(|(weight, mean)| weight * mean)
        .sum::<f64>()
        / total;
    if parts.len() == 1 {
        let error = parts[0].expectations[i].error;
        return Estimate { mean, error };
    }
    let square = |(weight, value): &(f64, f64)| weight * (value - mean).powi(2);
    let spread = values.iter().map(square).sum::<f64>() / total;
    let error = (spread / (parts.len() - 1) as f64).sqrt();
    Estimate { mean, error }
}

fn number_of_draws(model: &NoiseModel, options: &RunOptions) -> Result<u64, NoiseError> {
    options.check()?;
    if !model.options().is_slow() {
        return Ok(1);
    }
    let draws = options.draws.unwrap_or(DEFAULT_DRAWS);
    Ok(match options.simulation.shots {
        0 => draws,
        shots => draws.min(shots),
    })
}

/// A density matrix has 2^n times the entries of a state, and serves all shots of a draw.
fn choose(qubits: usize, shots: u64, draws: u64) -> Engine {
    let pays = qubits <= 5 || 1u64 << qubits.min(63) <= shots / draws;
    if shots == 0 && qubits <= MAX_DENSITY_QUBITS || qubits <= DENSITY && pays {
        Engine::Density
    } else {
        Engine::Trajectories
    }
}

/// Seeds of draws that have nothing to do with each other (the finaliser of splitmix64).
fn seed_of(seed: u64, draw: u64) -> u64 {
    if draw == 0 {
        return seed;
    }
    let mut mixed = seed.wrapping_add(draw.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ mixed >> 31
}
