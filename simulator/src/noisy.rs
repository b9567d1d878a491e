//! A circuit with channels between its gates, and measurements that can be read wrongly.
//!
//! Channels stand in a [`Circuit`] as calls of gates that have no body; a [`NoisyCircuit`] says which channel each call
//! means. So control flow, registers, and everything that walks over circuits work unchanged, and coherent errors are
//! ordinary gates.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ardea_circuit::{Circuit, Qubit};
//! use ardea_simulator::{Channel, Channels, Confusion, NoisyCircuit};
//!
//! let mut channels = Channels::new();
//! let damping = channels.add("damping", Channel::amplitude_damping(0.1)?);
//! let mut circuit = Circuit::new(1, 1);
//! circuit.x(0)?.push(damping, &[Qubit::new(0)])?.measure(0, 0)?;
//! let noisy = NoisyCircuit::new(circuit, channels)?
//!     .with_readout(Qubit::new(0), Confusion::new(0.01, 0.03)?)?;
//! # Ok(()) }
//! ```

use std::collections::BTreeMap;
use std::sync::Arc;

use ardea_circuit::{Circuit, GateCall, GateDefinition, Operation, Qubit};

use crate::channel::Channel;
use crate::engine::Active;
use crate::error::SimulatorError;

/// The channels of a noisy circuit, each with the operation that stands for it.
#[derive(Debug, Clone, Default)]
pub struct Channels {
    entries: Vec<(Arc<GateDefinition>, Arc<Channel>)>,
    /// Places in `entries` by the address of the definition, which `entries` keeps alive.
    places: BTreeMap<usize, usize>,
}

impl Channels {
    /// No channels yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The operation that stands for `channel` in circuits; `name` is what drawings show.
    pub fn add(&mut self, name: &str, channel: Channel) -> Operation {
        let definition = Arc::new(GateDefinition {
            name: name.to_owned(),
            num_qubits: channel.num_qubits(),
            params: vec![],
            body: None,
        });
        self.places.insert(address(&definition), self.entries.len());
        self.entries
            .push((Arc::clone(&definition), Arc::new(channel)));
        Operation::Call(Arc::new(GateCall {
            definition,
            angles: vec![],
        }))
    }

    /// The channel that `operation` stands for, or `None` for any other operation.
    pub fn of(&self, operation: &Operation) -> Option<&Channel> {
        self.place(operation).map(|place| self.get(place))
    }

    pub(crate) fn place(&self, operation: &Operation) -> Option<usize> {
        match operation {
            Operation::Call(call) => self.places.get(&address(&call.definition)).copied(),
            _ => None,
        }
    }

    pub(crate) fn get(&self, place: usize) -> &Channel {
        &self.entries[place].1
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

fn address(definition: &Arc<GateDefinition>) -> usize {
    Arc::as_ptr(definition).addr()
}

/// How a measured bit is misread: the classical bit flips, the qubit keeps its true outcome.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Confusion {
    read_one_of_zero: f64,
    read_zero_of_one: f64,
}

impl Confusion {
    /// Probabilities of reading 1 when the outcome was 0, and 0 when it was 1.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] for numbers outside 0 to 1.
    pub fn new(read_one_of_zero: f64, read_zero_of_one: f64) -> Result<Self, SimulatorError> {
        for p in [read_one_of_zero, read_zero_of_one] {
            if !(0.0..=1.0).contains(&p) {
                let what = format!("a probability of misreading lies between 0 and 1, not at {p}");
                return Err(SimulatorError::BadArgument { what });
            }
        }
        Ok(Self {
            read_one_of_zero,
            read_zero_of_one,
        })
    }

    /// The probability that `outcome` is read as the opposite.
    pub fn of(self, outcome: bool) -> f64 {
        if outcome {
            self.read_zero_of_one
        } else {
            self.read_one_of_zero
        }
    }

    /// The bit that is read, given a uniform number in [0, 1).
    pub(crate) fn read(self, outcome: bool, uniform: f64) -> bool {
        outcome ^ (uniform < self.of(outcome))
    }
}

/// A circuit whose gates are interleaved with channels.
#[derive(Debug, Clone)]
pub struct NoisyCircuit {
    circuit: Circuit,
    channels: Channels,
    readout: BTreeMap<usize, Confusion>,
}

impl NoisyCircuit {
    /// A circuit in which calls of operations from `channels` are channels.
    ///
    /// # Errors
    /// [`SimulatorError::UnboundSymbols`].
    pub fn new(circuit: Circuit, channels: Channels) -> Result<Self, SimulatorError> {
        let symbols = circuit.symbols();
        if !symbols.is_empty() {
            let names = symbols.iter().map(|s| s.name().to_owned()).collect();
            return Err(SimulatorError::UnboundSymbols { names });
        }
        Ok(Self {
            circuit,
            channels,
            readout: BTreeMap::new(),
        })
    }

    /// The same circuit with measurements of `qubit` misread by `confusion`.
    ///
    /// # Errors
    /// [`SimulatorError::BadArgument`] for a qubit that the circuit does not have.
    pub fn with_readout(
        mut self,
        qubit: Qubit,
        confusion: Confusion,
    ) -> Result<Self, SimulatorError> {
        if qubit.index() >= self.circuit.num_qubits() {
            let what = format!(
                "there is no qubit {} to misread: the circuit has {}",
                qubit.index(),
                self.circuit.num_qubits()
            );
            return Err(SimulatorError::BadArgument { what });
        }
        self.readout.insert(qubit.index(), confusion);
        Ok(self)
    }

    /// The circuit, channels standing in it as opaque gates.
    pub fn circuit(&self) -> &Circuit {
        &self.circuit
    }

    /// The channels.
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// How measurements of a qubit are misread; `None` where they are exact.
    pub fn readout(&self, qubit: Qubit) -> Option<Confusion> {
        self.readout.get(&qubit.index()).copied()
    }

    /// Number of qubits that have a gate or a channel; the others stay |0>.
    pub fn num_active_qubits(&self) -> usize {
        Active::of(&self.circuit).qubits.len()
    }

    /// Number of qubits, idle ones included.
    pub fn num_qubits(&self) -> usize {
        self.circuit.num_qubits()
    }
}
