//! The figures of a device: what one qubit, one instruction, and the clock are like.
//!
//! Times are in seconds and frequencies in hertz throughout. Errors are average gate
//! infidelities (for a measurement: the probability of the wrong bit), as IBM reports them.

/// From this error on an instruction counts as out of order. IBM reports 1.0 for a broken one;
/// half is what a coin would do.
pub const BROKEN_ERROR: f64 = 0.5;

/// Calibration of one qubit.
#[derive(Clone, Debug, PartialEq)]
pub struct QubitProperties {
    /// Relaxation time in seconds; `None` where it could not be measured.
    pub t1: Option<f64>,
    /// Coherence time (echo) in seconds, as reported: it can exceed `2 * t1`, see
    /// [`coherence_time`](Self::coherence_time).
    pub t2: Option<f64>,
    /// Transition frequency in hertz.
    pub frequency: Option<f64>,
    /// Anharmonicity in hertz (negative for transmons).
    pub anharmonicity: Option<f64>,
    /// The measurement of this qubit.
    pub readout: Readout,
    /// False where the device says that the qubit is out of order. [`Target::is_live`] also
    /// looks at the errors of its gates.
    ///
    /// [`Target::is_live`]: crate::Target::is_live
    pub operational: bool,
}

impl QubitProperties {
    /// The coherence time that physics allows: `t2`, but at most `2 * t1`.
    ///
    /// The two are fitted in separate experiments, so calibrations do report `t2 > 2 * t1`.
    pub fn coherence_time(&self) -> Option<f64> {
        match (self.t1, self.t2) {
            (Some(t1), Some(t2)) => Some(t2.min(2.0 * t1)),
            (_, t2) => t2,
        }
    }
}

/// Calibration of one qubit's measurement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readout {
    /// Probability of the wrong bit, averaged over 0 and 1; 0 where none is reported.
    pub error: f64,
    /// Probability of reading 1 after preparing 0.
    pub prob_meas1_prep0: Option<f64>,
    /// Probability of reading 0 after preparing 1.
    pub prob_meas0_prep1: Option<f64>,
    /// Seconds that it takes; 0 where none is reported.
    pub duration: f64,
}

/// Calibration of one instruction on its qubits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InstructionProperties {
    /// Error in `0.0..=1.0`; 0 where none is reported (a virtual `rz`, a reset).
    pub error: f64,
    /// Seconds that it takes; 0 where none is reported and for virtual gates.
    pub duration: f64,
}

impl InstructionProperties {
    /// True where the error says that the instruction is out of order.
    pub fn is_broken(&self) -> bool {
        self.error >= BROKEN_ERROR
    }
}

/// The device's clock. The last four are in units of `dt`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timing {
    /// Seconds of one tick; `None` where the device gives none (the oldest IBM files).
    pub dt: Option<f64>,
    /// Durations are multiples of this.
    pub granularity: u32,
    /// The shortest pulse.
    pub min_length: u32,
    /// Gates start at multiples of this.
    pub pulse_alignment: u32,
    /// Measurements start at multiples of this.
    pub acquire_alignment: u32,
}

impl Default for Timing {
    fn default() -> Self {
        Timing {
            dt: None,
            granularity: 1,
            min_length: 1,
            pulse_alignment: 1,
            acquire_alignment: 1,
        }
    }
}
