//! Which engine runs a circuit.
//!
//! By name, an engine is taken or refuses the circuit. Automatically, the state vector is, except where it would not fit
//! or where another engine takes the circuit for a small part of the work; then the amplitudes that nobody may ask for
//! are not computed. A run of no shots is asked for its amplitudes, so it stays with the state vector.

use ardea_circuit::Circuit;

use super::Active;
use crate::checkpoint;
use crate::error::SimulatorError;
use crate::kernels::Real;
use crate::memory;
use crate::method::Method;
use crate::options::SimOptions;
use crate::{fermion, sector, stabilizer};

/// State vectors of fewer qubits take milliseconds: no other engine is looked for.
const QUICK: usize = 20;

/// A sector is chosen where it has at most one in so many basis states.
const SMALL_PART: u128 = 8;

/// What a run is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The final amplitudes.
    State,
    /// Outcomes.
    Shots,
    /// An expectation value.
    Expectation,
}

/// An engine with the circuit as it reads it.
pub(super) enum Engine {
    StateVector,
    Stabilizer(stabilizer::Compiled),
    Sector(sector::Compiled),
    FreeFermion(fermion::Compiled),
}

impl Engine {
    /// Its name.
    pub(super) fn method(&self) -> Method {
        match self {
            Self::StateVector => Method::StateVector,
            Self::Stabilizer(_) => Method::Stabilizer,
            Self::Sector(_) => Method::Sector,
            Self::FreeFermion(_) => Method::FreeFermion,
        }
    }
}

/// An engine and, where it was chosen automatically, why.
pub(super) struct Choice {
    pub(super) engine: Engine,
    pub(super) reason: Option<String>,
}

/// Chooses an engine for `circuit`.
pub(super) fn choose<T: Real>(
    circuit: &Circuit,
    options: &SimOptions,
    purpose: Purpose,
) -> Result<Choice, SimulatorError> {
    let named = |engine| Choice {
        engine,
        reason: None,
    };
    if !matches!(options.method, Method::Automatic | Method::StateVector) {
        checkpoint::refuse(options, &format!("the engine '{}'", options.method))?;
    }
    Ok(match options.method {
        Method::StateVector => named(Engine::StateVector),
        Method::Sector => named(Engine::Sector(sector::Compiled::new(circuit, options)?)),
        Method::Stabilizer => named(Engine::Stabilizer(stabilizer::Compiled::new(
            circuit, options,
        )?)),
        Method::FreeFermion => named(Engine::FreeFermion(fermion::Compiled::new(
            circuit, options,
        )?)),
        Method::Automatic => {
            automatic::<T>(circuit, options, purpose).unwrap_or_else(|| named(Engine::StateVector))
        }
    })
}

fn automatic<T: Real>(circuit: &Circuit, options: &SimOptions, purpose: Purpose) -> Option<Choice> {
    // Only states are started from, asked for, or kept on disk.
    if options.initial_state.is_some() || options.checkpoint.is_some() || purpose == Purpose::State
    {
        return None;
    }
    let qubits = Active::of(circuit).qubits.len();
    if qubits < QUICK {
        return None;
    }
    let fits = memory::check::<T>(qubits, 1, 0, options.memory_cap).is_ok();
    let why = |kind: &str| {
        Some(if fits {
            format!("{kind}: a small part of the work of a state vector of {qubits} qubits")
        } else {
            format!("{kind}; a state vector of {qubits} qubits would not fit")
        })
    };
    if let Ok(compiled) = stabilizer::Compiled::new(circuit, options) {
        return Some(Choice {
            engine: Engine::Stabilizer(compiled),
            reason: why("every gate is a Clifford gate"),
        });
    }
    if let Ok(compiled) = fermion::Compiled::new(circuit, options) {
        return Some(Choice {
            engine: Engine::FreeFermion(compiled),
            reason: why("the circuit is one of free fermions (matchgates on neighbours)"),
        });
    }
    if let Ok(compiled) = sector::Compiled::new(circuit, options)
        && let Some(dimension) = compiled.dimension()
        && compiled.check_memory(options).is_ok()
        && (!fits || dimension <= (1 << qubits) / SMALL_PART)
    {
        return Some(Choice {
            reason: why(&format!(
                "particle numbers are conserved, which leaves {dimension} basis states"
            )),
            engine: Engine::Sector(compiled),
        });
    }
    None
}
