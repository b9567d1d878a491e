//! The raw figures of a device, before anything is derived from them.
//!
//! Every reader and builder fills in a [`Description`]; [`Target::new`] checks it and derives the
//! rest, so that no two sources of targets can disagree about what "dead" or "coupled" means.
//!
//! [`Target::new`]: crate::Target::new

use ardea_circuit::Gate;
use rustc_hash::FxHashMap;

use crate::{InstructionProperties, QubitProperties, TargetError, Timing};

/// More qubits than this would need a distance table beyond 200 MB.
pub(crate) const MAX_QUBITS: usize = 10_000;
/// More edges than this are refused when a shape is generated.
pub(crate) const MAX_EDGES: usize = 2_000_000;

/// All that is known about a device.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Description {
    pub(crate) name: String,
    /// Where the figures come from, for people to read.
    pub(crate) source: String,
    /// When the device was calibrated, as its file says.
    pub(crate) calibrated: Option<String>,
    pub(crate) coordinates: Option<Vec<(f64, f64)>>,
    pub(crate) timing: Timing,
    pub(crate) qubits: Vec<QubitProperties>,
    /// Gates of the standard basis, then those of the fractional extension.
    pub(crate) gates: Vec<GateTable>,
    /// Instructions of the device that have no counterpart here.
    pub(crate) unsupported: Vec<String>,
    /// Reset of each qubit that can be reset.
    pub(crate) resets: Vec<Option<InstructionProperties>>,
    /// Always-on ZZ coupling in hertz of pairs `a < b`, where it was reported.
    pub(crate) zz: Vec<(u32, u32, f64)>,
}

/// Whether a gate belongs to the basis that every compilation may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Part of the basis.
    Standard,
    /// Used only where the caller asks for fractional gates.
    Fractional,
}

/// One gate of the device and its figures wherever it exists.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct GateTable {
    pub(crate) gate: Gate,
    pub(crate) role: Role,
    pub(crate) on: Places,
}

/// Where a gate exists, by its number of qubits.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Places {
    /// By qubit.
    One(Vec<Option<InstructionProperties>>),
    /// By ordered pair.
    Two(FxHashMap<(u32, u32), InstructionProperties>),
}

impl GateTable {
    /// A table without entries for a gate of one or two qubits.
    pub(crate) fn empty(gate: Gate, role: Role, num_qubits: usize) -> Result<Self, TargetError> {
        let on = match gate.num_qubits() {
            1 => Places::One(vec![None; num_qubits]),
            2 => Places::Two(FxHashMap::default()),
            n => {
                return Err(TargetError::BadGate {
                    name: gate.name().to_owned(),
                    reason: format!("it acts on {n} qubits; a basis holds gates of one or two"),
                });
            }
        };
        Ok(GateTable { gate, role, on })
    }

    /// Enters the gate's figures on `qubits`, after checking both.
    pub(crate) fn insert(
        &mut self,
        qubits: &[usize],
        num_qubits: usize,
        properties: InstructionProperties,
    ) -> Result<(), TargetError> {
        let what = || format!("{} on {qubits:?}", self.gate.name());
        if let Some(&qubit) = qubits.iter().find(|&&q| q >= num_qubits) {
            return Err(TargetError::NoSuchQubit {
                what: what(),
                qubit,
                num_qubits,
            });
        }
        let properties = checked(what, properties)?;
        match (&mut self.on, qubits) {
            (Places::One(by_qubit), &[q]) => by_qubit[q] = Some(properties),
            (Places::Two(by_pair), &[a, b]) if a != b => {
                by_pair.insert((a as u32, b as u32), properties);
            }
            _ => {
                return Err(TargetError::BadValue {
                    what: format!("the list of qubits of {}", self.gate.name()),
                    value: format!("{qubits:?}"),
                    expected: "one qubit, or two different ones, as the gate needs",
                });
            }
        }
        Ok(())
    }

    /// Takes out the gate's figures on `qubits`, if there are any.
    pub(crate) fn remove(&mut self, qubits: &[usize]) {
        match (&mut self.on, qubits) {
            (Places::One(by_qubit), &[q]) if q < by_qubit.len() => by_qubit[q] = None,
            (Places::Two(by_pair), &[a, b]) => {
                by_pair.remove(&(a as u32, b as u32));
            }
            _ => {}
        }
    }
}

/// Refuses figures that cannot be; an error above 1 is a failed fit and counts as 1.
fn checked(
    what: impl Fn() -> String,
    properties: InstructionProperties,
) -> Result<InstructionProperties, TargetError> {
    Ok(InstructionProperties {
        error: non_negative(|| format!("the error of {}", what()), properties.error)?.min(1.0),
        duration: non_negative(
            || format!("the duration of {}", what()),
            properties.duration,
        )?,
    })
}

/// `value`, unless it is negative or not finite.
pub(crate) fn non_negative(what: impl Fn() -> String, value: f64) -> Result<f64, TargetError> {
    if value.is_finite() && value >= 0.0 {
        return Ok(value);
    }
    Err(TargetError::BadValue {
        what: what(),
        value: value.to_string(),
        expected: "a number from 0 up",
    })
}
