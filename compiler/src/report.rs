//! What a compilation did: one record per pass, and the figures of the result.

use ardea_circuit::Circuit;
use serde::{Deserialize, Serialize};

/// The circuit's figures right after one pass, and the time the pass took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassRecord {
    /// Name of the pass.
    pub name: String,
    /// Wall-clock seconds it took.
    pub seconds: f64,
    /// Two-qubit gates after it.
    pub two_qubit_gates: usize,
    /// Depth counting two-qubit gates only, after it.
    pub two_qubit_depth: usize,
    /// Depth after it.
    pub depth: usize,
}

/// The figures of a compiled circuit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Name of the device.
    pub target: String,
    /// Level, 0 to 3.
    pub level: crate::Level,
    /// Seed of the random choices.
    pub seed: u64,
    /// What was preserved.
    pub preserve: crate::Preserve,
    /// Which gates could be used.
    pub gate_set: crate::GateSet,
    /// For each input qubit, its physical qubit before the first instruction.
    pub initial_layout: Vec<usize>,
    /// For each input qubit, its physical qubit after the last instruction.
    pub final_layout: Vec<usize>,
    /// Number of two-qubit gates.
    pub two_qubit_gates: usize,
    /// Depth counting two-qubit gates only.
    pub two_qubit_depth: usize,
    /// Depth counting every gate and measurement.
    pub depth: usize,
    /// Number of instructions by name.
    pub operations: std::collections::BTreeMap<String, usize>,
    /// Seconds from the first to the end of the last instruction on the device.
    pub duration_s: f64,
    /// Probability that no gate, measurement or idle period goes wrong, by the device's calibration.
    pub estimated_success_probability: f64,
    /// Natural logarithm of the gates' and measurements' part of that probability; it does not underflow.
    pub log_success: f64,
    /// Wall-clock seconds the compilation took.
    pub seconds: f64,
    /// Every pass of the pipeline whose result was kept, in order.
    pub passes: Vec<PassRecord>,
    /// What a reader should know: options that had no effect, and why.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// The three figures that are followed through a compilation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) two_qubit_gates: usize,
    pub(crate) two_qubit_depth: usize,
    pub(crate) depth: usize,
}

impl Figures {
    pub(crate) fn of(circuit: &Circuit) -> Self {
        Self {
            two_qubit_gates: circuit.two_qubit_count(),
            two_qubit_depth: circuit.two_qubit_depth(),
            depth: circuit.depth(),
        }
    }
}
