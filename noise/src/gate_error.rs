//! From a calibrated error to channels.
//!
//! A gate relaxes its qubits while it lasts; what the calibrated error has beyond that is put down to depolarising,
//! with the strength that makes the average gate error of both together equal to the calibrated one. This is how
//! Qiskit Aer's `NoiseModel.from_backend` divides it, in the same order: depolarising, then relaxation.

use ardea_device::QubitProperties;
use ardea_simulator::Channel;

use crate::error::NoiseError;
use crate::options::NoiseOptions;

/// The channels behind a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct GateNoise {
    /// On all qubits of the gate; the first channel to act.
    pub depolarizing: Option<Channel>,
    /// One for each qubit of the gate, in its order.
    pub relaxation: Vec<Option<Channel>>,
}

impl GateNoise {
    /// The average gate error (infidelity) of the channels together, 0 to 1.
    ///
    /// # Errors
    /// Only for gates of more than two qubits, which have no such noise.
    pub fn average_error(&self) -> Result<f64, NoiseError> {
        let depolarizing = match &self.depolarizing {
            Some(channel) => channel.clone(),
            None => Channel::identity(self.relaxation.len())?,
        };
        Ok(match whole(&self.relaxation)? {
            Some(relaxation) => 1.0 - depolarizing.then(&relaxation)?.average_gate_fidelity(),
            None => 1.0 - depolarizing.average_gate_fidelity(),
        })
    }
}

/// The noise of a gate of average error `error` and length `duration` (seconds) on qubits with these properties.
pub(crate) fn gate_noise(
    error: f64,
    duration: f64,
    qubits: &[&QubitProperties],
    options: &NoiseOptions,
) -> Result<GateNoise, NoiseError> {
    let relaxation = qubits
        .iter()
        .map(|qubit| {
            if options.gate_relaxation {
                relaxation(qubit, duration, options.excited_population)
            } else {
                Ok(None)
            }
        })
        .collect::<Result<Vec<_>, _>>()?;
    let depolarizing = if options.depolarizing {
        depolarizing(error, &relaxation)?
    } else {
        None
    };
    Ok(GateNoise {
        depolarizing,
        relaxation,
    })
}

/// Relaxation of a qubit for `duration` seconds; `None` where nothing decays. T2 is limited to 2 T1.
pub(crate) fn relaxation(
    qubit: &QubitProperties,
    duration: f64,
    excited: f64,
) -> Result<Option<Channel>, NoiseError> {
    let t1 = qubit.t1.unwrap_or(f64::INFINITY);
    let t2 = qubit.coherence_time().unwrap_or(2.0 * t1);
    if duration <= 0.0 || (t1.is_infinite() && t2.is_infinite()) {
        return Ok(None);
    }
    let channel = Channel::thermal_relaxation(t1, t2, duration, excited)?;
    Ok(Some(channel))
}

/// Depolarising that lifts the average error to `error`; `None` when relaxation alone exceeds it.
fn depolarizing(error: f64, relaxation: &[Option<Channel>]) -> Result<Option<Channel>, NoiseError> {
    let num_qubits = relaxation.len();
    let dimension = (1u32 << num_qubits) as f64;
    let fidelity = whole(relaxation)?.map_or(1.0, |channel| channel.average_gate_fidelity());
    let rest = error.min(dimension / (dimension + 1.0)) - (1.0 - fidelity);
    if rest <= 0.0 {
        return Ok(None);
    }
    // F = (1 - p) F(relaxation) + p / d, solved for p.
    let most = dimension.powi(2) / (dimension.powi(2) - 1.0);
    let p = (dimension * rest / (dimension * fidelity - 1.0)).min(most);
    Ok(Some(Channel::depolarizing(p, num_qubits)?))
}

/// The relaxations of all qubits as one channel.
fn whole(relaxation: &[Option<Channel>]) -> Result<Option<Channel>, NoiseError> {
    if relaxation.iter().all(Option::is_none) {
        return Ok(None);
    }
    let mut out: Option<Channel> = None;
    for channel in relaxation {
        let channel = match channel {
            Some(channel) => channel.clone(),
            None => Channel::identity(1)?,
        };
        out = Some(match out {
            Some(low) => low.beside(&channel)?,
            None => channel,
        });
    }
    Ok(out)
}
