//! What noise does to each instruction of a device.

use std::collections::BTreeMap;

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit, TimeUnit};
use ardea_device::Target;
use ardea_simulator::{Channel, Confusion, NoisyCircuit};

use crate::dress::dress;
use crate::error::NoiseError;
use crate::gate_error::{GateNoise, gate_noise, relaxation};
use crate::options::NoiseOptions;
use crate::slow::SlowDraw;

/// The noise of a device: calibrated, of the user's making, or both.
#[derive(Debug, Clone)]
pub struct NoiseModel {
    target: Option<Target>,
    options: NoiseOptions,
    custom: BTreeMap<String, Vec<Custom>>,
    readout: BTreeMap<usize, Confusion>,
}

/// A channel of the user's behind a gate.
#[derive(Debug, Clone)]
struct Custom {
    /// The qubits that the gate must act on; `None` for any.
    qubits: Option<Vec<Qubit>>,
    channel: Channel,
}

impl NoiseModel {
    /// The noise that a device's calibration tells of, and the components of `options` that it does not.
    ///
    /// Gates get relaxation by T1, T2 and their duration, and as much depolarising as lifts their average error to the
    /// calibrated one; waiting qubits relax; measurements are misread, asymmetrically where the calibration says so.
    ///
    /// # Errors
    /// [`NoiseError::BadParameter`] for options out of range.
    pub fn from_target(target: &Target, options: &NoiseOptions) -> Result<Self, NoiseError> {
        options.check()?;
        let mut readout = BTreeMap::new();
        for qubit in target.qubits().filter(|_| options.readout) {
            let properties = target.qubit(qubit).readout;
            // Where only one direction is known the other follows from their average.
            let known = (properties.prob_meas1_prep0, properties.prob_meas0_prep1);
            let (of_zero, of_one) = match known {
                (Some(a), Some(b)) => (a, b),
                (Some(a), None) => (a, 2.0 * properties.error - a),
                (None, Some(b)) => (2.0 * properties.error - b, b),
                (None, None) => (properties.error, properties.error),
            };
            let confusion = Confusion::new(of_zero.clamp(0.0, 1.0), of_one.clamp(0.0, 1.0))?;
            if of_zero > 0.0 || of_one > 0.0 {
                readout.insert(qubit.index(), confusion);
            }
        }
        Ok(Self {
            target: Some(target.clone()),
            options: options.clone(),
            custom: BTreeMap::new(),
            readout,
        })
    }

    /// No device and no noise: add channels to gates, for any circuit.
    pub fn ideal() -> Self {
        Self {
            target: None,
            options: NoiseOptions::none(),
            custom: BTreeMap::new(),
            readout: BTreeMap::new(),
        }
    }

    /// Puts `channel` behind every gate of this name, or behind those on exactly these qubits. Standard gates go by Qiskit's
    /// names or their aliases (`cnot` is `cx`); other names are those of the circuit's own gates. A channel on one qubit
    /// acts on each qubit of a wider gate. Several channels act in the order in which they were added, after what the
    /// calibration says.
    ///
    /// # Errors
    /// [`NoiseError::BadParameter`] when the numbers of qubits do not fit.
    pub fn with_channel(
        mut self,
        gate: &str,
        qubits: Option<&[Qubit]>,
        channel: Channel,
    ) -> Result<Self, NoiseError> {
        let standard = Gate::from_name(gate);
        let widths = [standard.map(Gate::num_qubits), qubits.map(<[Qubit]>::len)];
        let width = channel.num_qubits();
        let fits = |&wanted: &usize| width == 1 || width == wanted;
        if let Some(wanted) = widths.into_iter().flatten().find(|wanted| !fits(wanted)) {
            let what = format!(
                "a channel on {width} qubits cannot stand behind {gate} on {wanted} qubits"
            );
            return Err(NoiseError::BadParameter { what });
        }
        self.custom
            .entry(standard.map_or_else(|| gate.to_owned(), |gate| gate.name().to_owned()))
            .or_default()
            .push(Custom {
                qubits: qubits.map(<[Qubit]>::to_vec),
                channel,
            });
        Ok(self)
    }

    /// Replaces the misreading of a qubit: probabilities of reading 1 after 0, and 0 after 1.
    ///
    /// # Errors
    /// [`NoiseError::Simulator`] for numbers outside 0 to 1.
    pub fn with_readout(
        mut self,
        qubit: Qubit,
        read_one_of_zero: f64,
        read_zero_of_one: f64,
    ) -> Result<Self, NoiseError> {
        let confusion = Confusion::new(read_one_of_zero, read_zero_of_one)?;
        self.readout.insert(qubit.index(), confusion);
        Ok(self)
    }

    /// The device, where the model has one.
    pub fn target(&self) -> Option<&Target> {
        self.target.as_ref()
    }

    /// The components.
    pub fn options(&self) -> &NoiseOptions {
        &self.options
    }

    /// How the measurement of a qubit is misread; `None` where it is exact.
    pub fn readout(&self, qubit: Qubit) -> Option<Confusion> {
        self.readout.get(&qubit.index()).copied()
    }

    /// The calibrated noise of a gate on these qubits of the device; `None` where the device does not have it.
    ///
    /// # Errors
    /// Only for calibrations that make no channel, which no target has.
    pub fn gate_noise(
        &self,
        gate: ardea_circuit::Gate,
        qubits: &[Qubit],
    ) -> Result<Option<GateNoise>, NoiseError> {
        let Some(target) = &self.target else {
            return Ok(None);
        };
        let Some(found) = target.instruction(gate, qubits) else {
            return Ok(None);
        };
        let properties: Vec<_> = qubits.iter().map(|&qubit| target.qubit(qubit)).collect();
        gate_noise(found.error, found.duration, &properties, &self.options).map(Some)
    }

    /// The circuit with its noise, for draw number `draw` of the slow parameters (which depends on `seed` alone).
    ///
    /// # Errors
    /// [`NoiseError::NotOnTarget`] for gates that the device does not have, [`NoiseError::NoClock`],
    /// [`NoiseError::TooManyQubits`].
    pub fn apply(
        &self,
        circuit: &Circuit,
        seed: u64,
        draw: u64,
    ) -> Result<NoisyCircuit, NoiseError> {
        let qubits = self.target.as_ref().map_or(0, Target::num_qubits);
        let slow = SlowDraw::new(&self.options, qubits, seed, draw);
        dress(self, circuit, &slow)
    }

    /// The user's channels behind a gate, each with the places of the gate's qubits that it acts on.
    pub(crate) fn custom(&self, gate: &str, qubits: &[Qubit]) -> Vec<(Channel, Vec<usize>)> {
        let mut out = vec![];
        for custom in self.custom.get(gate).into_iter().flatten() {
            if custom.qubits.as_ref().is_some_and(|on| on != qubits) {
                continue;
            }
            let width = custom.channel.num_qubits();
            if width == qubits.len() {
                out.push((custom.channel.clone(), (0..width).collect()));
            } else if width == 1 {
                out.extend((0..qubits.len()).map(|place| (custom.channel.clone(), vec![place])));
            }
        }
        out
    }

    /// Relaxation of a waiting qubit.
    pub(crate) fn idle(&self, qubit: usize, seconds: f64) -> Result<Option<Channel>, NoiseError> {
        match &self.target {
            Some(target) if self.options.idle_relaxation => {
                let properties = target.qubit(Qubit::new(qubit));
                relaxation(properties, seconds, self.options.excited_population)
            }
            _ => Ok(None),
        }
    }

    /// The ZZ rate of a coupled pair in hertz, 0 where there is none.
    pub(crate) fn zz(&self, a: usize, b: usize) -> f64 {
        let (a, b) = (Qubit::new(a), Qubit::new(b));
        match (&self.target, self.options.zz) {
            (Some(target), Some(default)) if target.are_coupled(a, b) => {
                target.zz_rate(a, b).unwrap_or(default)
            }
            _ => 0.0,
        }
    }

    /// Seconds of an instruction that is no control flow, on these qubits of the device.
    pub(crate) fn duration(
        &self,
        instruction: &Instruction,
        qubits: &[Qubit],
        position: usize,
    ) -> Result<f64, NoiseError> {
        if let Operation::Delay(unit, length) = instruction.operation {
            let dt = self.target.as_ref().and_then(|target| target.timing().dt);
            return match (unit, dt) {
                (TimeUnit::Seconds, _) => Ok(length),
                (TimeUnit::Dt, Some(dt)) => Ok(length * dt),
                (TimeUnit::Dt, None) => Err(NoiseError::NoClock {
                    position,
                    cycles: length,
                }),
            };
        }
        let Some(target) = &self.target else {
            return Ok(0.0);
        };
        match &instruction.operation {
            Operation::Measure(_) => Ok(target.measure(qubits[0]).duration),
            Operation::Reset => Ok(target.reset(qubits[0]).map_or(0.0, |reset| reset.duration)),
            operation if operation.is_directive() || qubits.is_empty() => Ok(0.0),
            operation => {
                let found = operation
                    .as_gate()
                    .and_then(|gate| target.instruction(gate, qubits));
                match found {
                    Some(found) => Ok(found.duration),
                    None if !self.custom(&operation.name(), qubits).is_empty() => Ok(0.0),
                    None => Err(NoiseError::NotOnTarget {
                        position,
                        operation: operation.name(),
                        qubits: qubits.iter().map(|qubit| qubit.index()).collect(),
                        target: target.name().to_owned(),
                    }),
                }
            }
        }
    }
}
