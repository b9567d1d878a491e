//! The project's own device files: one compact JSON text that holds all that a [`Target`] holds.
//!
//! The bundled calibrations are such files, made from IBM's by `examples/compact_ibm.rs`. Figures
//! are kept to the last digit; they take little room because columns replace records, a column of
//! equal numbers is written once, and a pair whose two directions agree is listed once.

use std::io::{self, Write};

use ardea_circuit::Gate;
use serde::{Deserialize, Serialize};
use serde_json::ser::Formatter;

use crate::description::{Description, GateTable, Places, Role};
use crate::{InstructionProperties, QubitProperties, Readout, Target, TargetError, Timing};

const FORMAT: &str = "ardea-device-1";

impl Target {
    /// Reads the compact format that [`to_json`](Self::to_json) writes.
    pub fn from_json(text: &str) -> Result<Target, TargetError> {
        let file: DeviceFile = serde_json::from_str(text).map_err(|source| TargetError::Json {
            what: "the device file",
            source,
            expected: "a device file written by Ardea (with \"format\": \"ardea-device-1\")",
        })?;
        Target::new(file.into_description()?)
    }

    /// The device as compact JSON text. Reading it back gives an equal target.
    pub fn to_json(&self) -> String {
        let file = DeviceFile::of(self.description());
        let mut text = Vec::new();
        let mut writer = serde_json::Serializer::with_formatter(&mut text, LinePerField::default());
        file.serialize(&mut writer)
            .expect("a device has only finite numbers and string keys");
        text.push(b'\n');
        String::from_utf8(text).expect("JSON is written as UTF-8")
    }

    /// The same device with a note on where its figures come from.
    pub fn with_source(mut self, source: impl Into<String>) -> Target {
        self.set_source(source.into());
        self
    }
}

#[derive(Serialize, Deserialize)]
struct DeviceFile {
    format: String,
    name: String,
    source: String,
    calibrated: Option<String>,
    num_qubits: usize,
    dt: Option<f64>,
    granularity: u32,
    min_length: u32,
    pulse_alignment: u32,
    acquire_alignment: u32,
    coordinates: Option<Vec<(f64, f64)>>,
    t1: Column<Option<f64>>,
    t2: Column<Option<f64>>,
    frequency: Column<Option<f64>>,
    anharmonicity: Column<Option<f64>>,
    readout_error: Column<f64>,
    prob_meas1_prep0: Column<Option<f64>>,
    prob_meas0_prep1: Column<Option<f64>>,
    readout_duration: Column<f64>,
    operational: Column<bool>,
    /// Seconds; `null` where a qubit cannot be reset.
    reset_duration: Column<Option<f64>>,
    reset_error: Column<f64>,
    gates: Vec<GateFile>,
    unsupported: Vec<String>,
    /// Pairs and rates in hertz.
    zz: Vec<(u32, u32, f64)>,
}

#[derive(Serialize, Deserialize)]
struct GateFile {
    name: String,
    fractional: bool,
    /// The qubits or pairs that have the gate; for pairs, the order is the gate's.
    on: Vec<Vec<usize>>,
    /// True where every pair stands for both of its orders.
    both_ways: bool,
    error: Column<f64>,
    duration: Column<f64>,
}

/// One value for all, or one for each.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Column<T> {
    Each(Vec<T>),
    All(T),
}

impl<T: Copy + PartialEq> Column<T> {
    fn of(values: impl Iterator<Item = T>) -> Self {
        let values: Vec<T> = values.collect();
        match values.first() {
            Some(&first) if values.iter().all(|value| *value == first) => Column::All(first),
            _ => Column::Each(values),
        }
    }

    fn into_vec(self, name: &str, len: usize) -> Result<Vec<T>, TargetError> {
        match self {
            Column::All(value) => Ok(vec![value; len]),
            Column::Each(values) if values.len() == len => Ok(values),
            Column::Each(values) => Err(TargetError::BadSize {
                what: format!("{} values of '{name}'", values.len()),
                reason: format!("there must be {len}, or one number that holds for all"),
            }),
        }
    }
}

impl DeviceFile {
    fn of(from: &Description) -> Self {
        let qubits = || from.qubits.iter();
        let resets = || from.resets.iter();
        DeviceFile {
            format: FORMAT.to_owned(),
            name: from.name.clone(),
            source: from.source.clone(),
            calibrated: from.calibrated.clone(),
            num_qubits: from.qubits.len(),
            dt: from.timing.dt,
            granularity: from.timing.granularity,
            min_length: from.timing.min_length,
            pulse_alignment: from.timing.pulse_alignment,
            acquire_alignment: from.timing.acquire_alignment,
            coordinates: from.coordinates.clone(),
            t1: Column::of(qubits().map(|q| q.t1)),
            t2: Column::of(qubits().map(|q| q.t2)),
            frequency: Column::of(qubits().map(|q| q.frequency)),
            anharmonicity: Column::of(qubits().map(|q| q.anharmonicity)),
            readout_error: Column::of(qubits().map(|q| q.readout.error)),
            prob_meas1_prep0: Column::of(qubits().map(|q| q.readout.prob_meas1_prep0)),
            prob_meas0_prep1: Column::of(qubits().map(|q| q.readout.prob_meas0_prep1)),
            readout_duration: Column::of(qubits().map(|q| q.readout.duration)),
            operational: Column::of(qubits().map(|q| q.operational)),
            reset_duration: Column::of(resets().map(|reset| reset.map(|r| r.duration))),
            reset_error: Column::of(resets().map(|reset| reset.map_or(0.0, |r| r.error))),
            gates: from.gates.iter().map(GateFile::of).collect(),
            unsupported: from.unsupported.clone(),
            zz: from.zz.clone(),
        }
    }

    fn into_description(self) -> Result<Description, TargetError> {
        if self.format != FORMAT {
            return Err(TargetError::BadValue {
                what: "the device file's format".to_owned(),
                value: format!("'{}'", self.format),
                expected: "'ardea-device-1', the only one that this version reads",
            });
        }
        let n = self.num_qubits;
        if n > crate::description::MAX_QUBITS {
            return Err(TargetError::BadSize {
                what: format!("{n} qubits"),
                reason: format!("a device has at most {}", crate::description::MAX_QUBITS),
            });
        }
        let t1 = self.t1.into_vec("t1", n)?;
        let t2 = self.t2.into_vec("t2", n)?;
        let frequency = self.frequency.into_vec("frequency", n)?;
        let anharmonicity = self.anharmonicity.into_vec("anharmonicity", n)?;
        let readout_error = self.readout_error.into_vec("readout_error", n)?;
        let prob_meas1_prep0 = self.prob_meas1_prep0.into_vec("prob_meas1_prep0", n)?;
        let prob_meas0_prep1 = self.prob_meas0_prep1.into_vec("prob_meas0_prep1", n)?;
        let readout_duration = self.readout_duration.into_vec("readout_duration", n)?;
        let operational = self.operational.into_vec("operational", n)?;
        let reset_error = self.reset_error.into_vec("reset_error", n)?;
        let reset_duration = self.reset_duration.into_vec("reset_duration", n)?;
        if self
            .coordinates
            .as_ref()
            .is_some_and(|coordinates| coordinates.len() != n)
        {
            return Err(TargetError::BadSize {
                what: "'coordinates'".to_owned(),
                reason: format!("there must be {n} of them, one for each qubit"),
            });
        }
        Ok(Description {
            name: self.name,
            source: self.source,
            calibrated: self.calibrated,
            coordinates: self.coordinates,
            timing: Timing {
                dt: self.dt,
                granularity: self.granularity,
                min_length: self.min_length,
                pulse_alignment: self.pulse_alignment,
                acquire_alignment: self.acquire_alignment,
            },
            qubits: (0..n)
                .map(|q| QubitProperties {
                    t1: t1[q],
                    t2: t2[q],
                    frequency: frequency[q],
                    anharmonicity: anharmonicity[q],
                    readout: Readout {
                        error: readout_error[q],
                        prob_meas1_prep0: prob_meas1_prep0[q],
                        prob_meas0_prep1: prob_meas0_prep1[q],
                        duration: readout_duration[q],
                    },
                    operational: operational[q],
                })
                .collect(),
            gates: self
                .gates
                .into_iter()
                .map(|gate| gate.into_table(n))
                .collect::<Result<_, _>>()?,
            unsupported: self.unsupported,
            resets: reset_duration
                .into_iter()
                .zip(reset_error)
                .map(|(duration, error)| {
                    duration.map(|duration| InstructionProperties { error, duration })
                })
                .collect(),
            zz: self.zz,
        })
    }
}

impl GateFile {
    fn of(table: &GateTable) -> Self {
        let (entries, both_ways) = entries(&table.on);
        GateFile {
            name: table.gate.name().to_owned(),
            fractional: table.role == Role::Fractional,
            both_ways,
            error: Column::of(entries.iter().map(|(_, properties)| properties.error)),
            duration: Column::of(entries.iter().map(|(_, properties)| properties.duration)),
            on: entries.into_iter().map(|(qubits, _)| qubits).collect(),
        }
    }

    fn into_table(self, num_qubits: usize) -> Result<GateTable, TargetError> {
        let gate = Gate::from_name(&self.name).ok_or_else(|| TargetError::BadGate {
            name: self.name.clone(),
            reason: "no gate of that name is known".to_owned(),
        })?;
        let role = if self.fractional {
            Role::Fractional
        } else {
            Role::Standard
        };
        let mut table = GateTable::empty(gate, role, num_qubits)?;
        let error = self.error.into_vec("error", self.on.len())?;
        let duration = self.duration.into_vec("duration", self.on.len())?;
        for ((mut qubits, error), duration) in self.on.into_iter().zip(error).zip(duration) {
            let properties = InstructionProperties { error, duration };
            table.insert(&qubits, num_qubits, properties)?;
            if self.both_ways {
                qubits.reverse();
                table.insert(&qubits, num_qubits, properties)?;
            }
        }
        Ok(table)
    }
}

type Entries = Vec<(Vec<usize>, InstructionProperties)>;

/// The entries of a table in order, and whether each pair stands for both of its orders.
fn entries(on: &Places) -> (Entries, bool) {
    match on {
        Places::One(by_qubit) => {
            let entries = by_qubit.iter().enumerate();
            (
                entries
                    .filter_map(|(q, found)| found.map(|p| (vec![q], p)))
                    .collect(),
                false,
            )
        }
        Places::Two(by_pair) => {
            let both_ways = by_pair
                .iter()
                .all(|(&(a, b), found)| by_pair.get(&(b, a)) == Some(found));
            let mut pairs: Vec<_> = by_pair
                .iter()
                .filter(|((a, b), _)| !both_ways || a < b)
                .collect();
            pairs.sort_unstable_by_key(|(pair, _)| **pair);
            let entry = |(&(a, b), &found): (&(u32, u32), &InstructionProperties)| {
                (vec![a as usize, b as usize], found)
            };
            (pairs.into_iter().map(entry).collect(), both_ways)
        }
    }
}

/// Writes each field of the outermost object on a line of its own, so that two versions of a file
/// can be compared line by line; everything inside stays on that line.
#[derive(Default)]
struct LinePerField {
    depth: usize,
}

impl Formatter for LinePerField {
    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth += 1;
        writer.write_all(b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.depth -= 1;
        writer.write_all(if self.depth == 0 { b"\n}" } else { b"}" })
    }

    fn begin_object_key<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        first: bool,
    ) -> io::Result<()> {
        if !first {
            writer.write_all(b",")?;
        }
        if self.depth == 1 {
            writer.write_all(b"\n")
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TargetBuilder;

    #[test]
    fn a_device_is_the_same_after_writing_and_reading() {
        for name in Target::bundled_names() {
            let target = Target::bundled(name).unwrap();
            let again = Target::from_json(&target.to_json()).unwrap();
            assert_eq!(target.description(), again.description(), "{name}");
        }
    }

    #[test]
    fn both_directions_of_an_edge_come_back() {
        for builder in [
            TargetBuilder::grid(2, 2),
            TargetBuilder::line(3).edge_error(0, 1, 0.5),
        ] {
            let target = builder
                .basis(&[Gate::CX, Gate::U])
                .zz_rate(-4e3)
                .build()
                .unwrap();
            let again = Target::from_json(&target.to_json()).unwrap();
            assert_eq!(target.description(), again.description());
            let pair = [ardea_circuit::Qubit::new(1), ardea_circuit::Qubit::new(0)];
            assert!(again.instruction(Gate::CX, &pair).is_some());
        }
    }

    #[test]
    fn a_gate_that_is_listed_twice_is_refused() {
        let text = Target::line(2)
            .unwrap()
            .to_json()
            .replace("\"name\":\"sx\"", "\"name\":\"x\"");
        let message = Target::from_json(&text).unwrap_err().to_string();
        assert!(
            message.contains("'x'") && message.contains("twice"),
            "{message}"
        );
    }

    #[test]
    fn a_column_of_the_wrong_length_is_named() {
        let text = Target::line(3)
            .unwrap()
            .to_json()
            .replace("\"t1\":", "\"t1\":[1.0],\"was\":");
        let message = Target::from_json(&text).unwrap_err().to_string();
        assert!(
            message.contains("1 values of 't1'") && message.contains("must be 3"),
            "{message}"
        );
    }

    #[test]
    fn a_future_format_is_refused() {
        let text = Target::line(2)
            .unwrap()
            .to_json()
            .replace(FORMAT, "ardea-device-9");
        assert!(
            Target::from_json(&text)
                .unwrap_err()
                .to_string()
                .contains("ardea-device-1")
        );
    }
}
