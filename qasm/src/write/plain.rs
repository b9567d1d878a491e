//! Calls of standard gates with at most one number: nearly every line of a compiled circuit.
//!
//! Names and the few angles that come again and again are turned into text once.

use ardea_circuit::{Gate, Qubit};
use rustc_hash::FxHashMap;

use super::{Place, WriteError, Writer, number};

/// Angles remembered at most.
const MOST_ANGLES: usize = 4096;

/// What such lines are put together from.
#[derive(Default)]
pub(super) struct Plain {
    names: FxHashMap<Gate, String>,
    /// By the bits of the number.
    angles: FxHashMap<u64, String>,
}

impl Writer<'_> {
    pub(super) fn plain_gate(
        &mut self,
        out: &mut String,
        gate: Gate,
        angle: Option<f64>,
        qubits: &[Qubit],
        place: &Place<'_>,
    ) -> Result<(), WriteError> {
        if !self.plain.names.contains_key(&gate) {
            let name = self.standard_name(gate)?;
            self.plain.names.insert(gate, name);
        }
        out.push_str(&place.prefix);
        out.push_str(&self.plain.names[&gate]);
        if let Some(angle) = angle {
            out.push('(');
            self.plain.push_angle(out, angle);
            out.push(')');
        }
        for (i, qubit) in qubits.iter().enumerate() {
            out.push_str(if i == 0 { " " } else { ", " });
            out.push_str(&place.qubits[qubit.index()]);
        }
        out.push_str(";\n");
        Ok(())
    }
}

impl Plain {
    fn push_angle(&mut self, out: &mut String, angle: f64) {
        if let Some(text) = self.angles.get(&angle.to_bits()) {
            return out.push_str(text);
        }
        let text = number::angle_value(angle);
        out.push_str(&text);
        if self.angles.len() < MOST_ANGLES {
            self.angles.insert(angle.to_bits(), text);
        }
    }
}
