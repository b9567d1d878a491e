//! What a caller can choose about an execution.

use ardea_circuit::SparsePauliSum;
use ardea_compiler::{Aim, CompileOptions, Decoupling, GateSet, Level, ScheduleMode, Verification};
use ardea_simulator::MAX_SHOTS;

use crate::error::{SuppressionError, bad_option};
use crate::readout::{InversionOptions, Pattern};
use crate::twirl::{GateTwirl, MeasurementTwirl};
use crate::zne::{Extrapolation, Folding};

/// Most versions of one circuit.
pub const MOST_VERSIONS: u64 = 1 << 16;

/// Versions when nobody says how many.
const DEFAULT_VERSIONS: u64 = 32;

/// Fewest shots of a calibration: one of each qubit in 0 and one in 1.
const LEAST_CALIBRATION: u64 = 2;

/// Options of an execution.
#[derive(Clone, Debug)]
pub struct ExecuteOptions {
    /// Shots of each circuit; with observables, of each basis that is measured in and each strength of the noise.
    pub shots: u64,
    /// Seed of everything that is random: layout search, twirls, calibration, simulated shots.
    pub seed: u64,
    /// How circuits come onto the device.
    pub compilation: Compilation,
    /// The stages.
    pub suppress: Suppress,
    /// What is estimated; without any, counts are returned. Each is on the qubits of the circuit.
    pub observables: Vec<SparsePauliSum>,
}

impl ExecuteOptions {
    /// The default options with this many shots: everything automatic, no observables.
    pub fn with_shots(shots: u64) -> Self {
        Self {
            shots,
            seed: 0,
            compilation: Compilation::default(),
            suppress: Suppress::auto(),
            observables: vec![],
        }
    }
}

/// How circuits come onto the device.
#[derive(Clone, Debug, PartialEq)]
pub enum Compilation {
    /// They are compiled with these options. The seed is that of the execution; decoupling and schedule, which are stages
    /// ([`Suppress`]), must be left out; with observables [`Preserve::Counts`](ardea_compiler::Preserve::Counts) means
    /// [`Preserve::State`](ardea_compiler::Preserve::State), for what they measure is not in the circuit yet.
    With(Box<CompileOptions>),
    /// They are on the device's qubits and in its gates already.
    Done,
}

impl Compilation {
    /// They are compiled at this level, and chosen by their estimated success where the level chooses.
    pub fn at(level: Level, gate_set: GateSet) -> Self {
        Self::With(Box::new(CompileOptions {
            level,
            gate_set,
            aim: if level < Level::O2 {
                Aim::Gates
            } else {
                Aim::Success
            },
            // Each pass was tested; checking it again in every debug build would take longer than the execution.
            verification: Verification::Off,
            ..CompileOptions::default()
        }))
    }
}

impl Default for Compilation {
    fn default() -> Self {
        Self::at(Level::O2, GateSet::Standard)
    }
}

/// Whether a stage runs, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice<T> {
    /// As the target and the circuit suggest.
    #[default]
    Auto,
    /// It does not.
    Off,
    /// It does, like this.
    On(T),
}

/// The stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Suppress {
    /// Idle time as delays. Automatically where it costs least, in long circuits as late as possible.
    pub schedule: Choice<ScheduleMode>,
    /// Pulses in idle windows. Automatically staggered, where that is predicted to gain.
    pub decoupling: Choice<Decoupling>,
    /// Random Paulis. Automatically for observables, and for counts where they add hardly any pulses.
    pub twirling: Choice<Twirling>,
    /// Versions of each circuit where anything is twirled, 1 to [`MOST_VERSIONS`]; the shots are shared among them, at
    /// least 8 to a version. TREX needs 16 or more, an even number, and is chosen automatically only then.
    pub versions: u64,
    /// Readout errors taken out. Automatically by inversion for counts, by TREX for observables.
    pub readout: Choice<Readout>,
    /// Extrapolation to no noise, for observables. Automatically off.
    pub zero_noise: Choice<ZeroNoise>,
}

impl Suppress {
    /// Every stage decides for itself.
    pub fn auto() -> Self {
        Self {
            schedule: Choice::Auto,
            decoupling: Choice::Auto,
            twirling: Choice::Auto,
            versions: DEFAULT_VERSIONS,
            readout: Choice::Auto,
            zero_noise: Choice::Auto,
        }
    }

    /// No stage runs.
    pub fn none() -> Self {
        Self {
            schedule: Choice::Off,
            decoupling: Choice::Off,
            twirling: Choice::Off,
            versions: DEFAULT_VERSIONS,
            readout: Choice::Off,
            zero_noise: Choice::Off,
        }
    }

    /// Whether numbers lie where they mean something.
    pub(super) fn check(&self) -> Result<(), SuppressionError> {
        if !(1..=MOST_VERSIONS).contains(&self.versions) {
            return bad_option(format!("versions must be 1 to {MOST_VERSIONS}"));
        }
        match self.readout {
            Choice::On(Readout {
                calibration: Calibration::Circuits { shots, .. },
                ..
            }) if shots < LEAST_CALIBRATION => bad_option(format!(
                "a calibration needs at least {LEAST_CALIBRATION} shots, not {shots}; 'calibration=target' takes the device's \
                 own figures instead"
            )),
            Choice::On(Readout {
                calibration: Calibration::Circuits { shots, .. },
                ..
            }) if shots > MAX_SHOTS => bad_option(format!(
                "a calibration takes at most {MAX_SHOTS} shots, not {shots}"
            )),
            _ => Ok(()),
        }
    }
}

/// Twirling of compiled circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twirling {
    /// Which gates.
    pub gates: GateTwirl,
    /// Which measurements; TREX twirls them in any case.
    pub measurements: MeasurementTwirl,
}

impl Default for Twirling {
    fn default() -> Self {
        Self {
            gates: GateTwirl::TwoQubit,
            measurements: MeasurementTwirl::Off,
        }
    }
}

/// How errors of readout are taken out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readout {
    /// The method.
    pub method: ReadoutMethod,
    /// Where the errors are known from.
    pub calibration: Calibration,
    /// How the inversion is solved.
    pub inversion: InversionOptions,
}

/// The methods of readout mitigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadoutMethod {
    /// Inversion on the observed outcomes: distributions and expectation values.
    Inversion,
    /// Twirled measurements divided by those of |0...0>: expectation values only.
    Trex,
}

/// Where errors of readout are known from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Calibration {
    /// From circuits that run along, with this many shots in all.
    Circuits {
        /// What they prepare (TREX prepares |0...0> only).
        pattern: Pattern,
        /// Shots of all of them together, at least two for each circuit.
        shots: u64,
    },
    /// From the device's own calibration; not for TREX.
    Target,
}

impl Default for Calibration {
    fn default() -> Self {
        Self::Circuits {
            pattern: Pattern::Balanced,
            shots: 20_000,
        }
    }
}

impl Readout {
    /// A method with a calibration of its own.
    pub fn by(method: ReadoutMethod) -> Self {
        Self {
            method,
            calibration: Calibration::default(),
            inversion: InversionOptions::default(),
        }
    }
}

/// Extrapolation to no noise.
#[derive(Clone, Debug, PartialEq)]
pub struct ZeroNoise {
    /// How the noise is made stronger.
    pub folding: Folding,
    /// How strong; 1 is the device's own.
    pub scales: Vec<f64>,
    /// The curve.
    pub extrapolation: Extrapolation,
}

impl Default for ZeroNoise {
    fn default() -> Self {
        Self {
            folding: Folding::TwoQubit,
            scales: vec![1.0, 2.0, 3.0],
            extrapolation: Extrapolation::Exponential { asymptote: 0.0 },
        }
    }
}
