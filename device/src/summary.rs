//! A device at a glance: what `ardea targets NAME` prints.

use std::fmt;

use ardea_circuit::{Gate, Qubit};

use crate::description::{Places, Role};
use crate::{BROKEN_ERROR, Target};

/// Counts, medians and what is out of order.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The device's name.
    pub name: String,
    /// Where the figures come from.
    pub source: String,
    /// When it was calibrated, as its file says.
    pub calibrated: Option<String>,
    /// Number of qubits, dead ones included.
    pub num_qubits: usize,
    /// Qubits that are out of order.
    pub dead_qubits: Vec<Qubit>,
    /// Number of live edges.
    pub num_edges: usize,
    /// Edges that are out of order.
    pub dead_edges: Vec<(Qubit, Qubit)>,
    /// Sizes of the sets of live qubits that live edges hold together, the largest first.
    pub components: Vec<usize>,
    /// One entry per gate of the device.
    pub gates: Vec<GateSummary>,
    /// Median readout error of live qubits.
    pub readout_error: f64,
    /// Median readout duration in seconds of live qubits.
    pub readout_duration: f64,
    /// Median T1 in seconds of live qubits.
    pub t1: Option<f64>,
    /// Median T2 in seconds of live qubits, as reported.
    pub t2: Option<f64>,
    /// Median absolute ZZ rate in hertz of the edges that report one.
    pub zz_rate: Option<f64>,
    /// Seconds of one tick of the clock.
    pub dt: Option<f64>,
    /// Instructions of the device that this program does not use.
    pub unsupported: Vec<String>,
}

/// One gate of a device.
#[derive(Clone, Debug, PartialEq)]
pub struct GateSummary {
    /// Which gate.
    pub gate: Gate,
    /// True for gates that are used only where the caller asks for fractional gates.
    pub fractional: bool,
    /// Number of qubits or unordered pairs where it works.
    pub working: usize,
    /// Number of qubits or unordered pairs where it is listed but out of order.
    pub broken: usize,
    /// Median error where it works.
    pub error: f64,
    /// Median duration in seconds where it works.
    pub duration: f64,
}

impl Target {
    /// Counts, medians and what is out of order.
    pub fn summary(&self) -> Summary {
        let live: Vec<_> = self
            .qubits()
            .filter(|&q| self.is_live(q))
            .map(|q| self.qubit(q))
            .collect();
        let zz = self
            .edges()
            .filter_map(|(a, b)| self.zz_rate(a, b))
            .map(f64::abs);
        Summary {
            name: self.name().to_owned(),
            source: self.source().to_owned(),
            calibrated: self.calibrated().map(str::to_owned),
            num_qubits: self.num_qubits(),
            dead_qubits: self.dead_qubits().collect(),
            num_edges: self.edges().len(),
            dead_edges: self.dead_edges().collect(),
            components: self.components().iter().map(Vec::len).collect(),
            gates: self.gate_summaries(),
            readout_error: median(live.iter().map(|q| q.readout.error)).unwrap_or(0.0),
            readout_duration: median(live.iter().map(|q| q.readout.duration)).unwrap_or(0.0),
            t1: median(live.iter().filter_map(|q| q.t1)),
            t2: median(live.iter().filter_map(|q| q.t2)),
            zz_rate: median(zz),
            dt: self.timing().dt,
            unsupported: self.unsupported().to_vec(),
        }
    }

    fn gate_summaries(&self) -> Vec<GateSummary> {
        let tables = self.description().gates.iter();
        let summary = |table: &crate::description::GateTable| {
            // A pair counts once, with the worse of its two directions.
            let mut found: Vec<((u32, u32), f64, f64)> = match &table.on {
                Places::One(by_qubit) => {
                    let entries = (0u32..).zip(by_qubit);
                    entries
                        .filter_map(|(q, found)| found.map(|p| ((q, q), p.error, p.duration)))
                        .collect()
                }
                Places::Two(by_pair) => by_pair
                    .iter()
                    .map(|(&(a, b), p)| ((a.min(b), a.max(b)), p.error, p.duration))
                    .collect(),
            };
            found.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
            found.dedup_by_key(|entry| entry.0);
            let (working, broken): (Vec<_>, Vec<_>) = found
                .into_iter()
                .partition(|&(_, error, _)| error < BROKEN_ERROR);
            GateSummary {
                gate: table.gate,
                fractional: table.role == Role::Fractional,
                working: working.len(),
                broken: broken.len(),
                error: median(working.iter().map(|entry| entry.1)).unwrap_or(0.0),
                duration: median(working.iter().map(|entry| entry.2)).unwrap_or(0.0),
            }
        };
        tables.map(summary).collect()
    }
}

/// The middle value, or the mean of the two in the middle.
fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        n if n % 2 == 1 => Some(values[middle]),
        _ => Some((values[middle - 1] + values[middle]) / 2.0),
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = |value: f64| match value {
            0.0 => "-".to_owned(),
            v if v >= 1e-6 => format!("{} us", (v * 1e8).round() / 1e2),
            v => format!("{} ns", (v * 1e11).round() / 1e2),
        };
        let rate = |error: f64| {
            if error == 0.0 {
                "-".to_owned()
            } else {
                format!("{error:.3e}")
            }
        };
        let seconds_or = |value: Option<f64>| value.map_or("unlimited".to_owned(), seconds);
        write!(
            f,
            "{}: {} qubits, {} edges",
            self.name, self.num_qubits, self.num_edges
        )?;
        if let Some(date) = &self.calibrated {
            write!(f, ", calibrated {date}")?;
        }
        writeln!(f, "\nsource: {}", self.source)?;
        writeln!(
            f,
            "{:<8} {:>8} {:>8} {:>12} {:>14}",
            "gate", "working", "broken", "error", "time"
        )?;
        for gate in &self.gates {
            let GateSummary {
                working, broken, ..
            } = gate;
            let (error, time) = (rate(gate.error), seconds(gate.duration));
            let note = if gate.fractional { "  fractional" } else { "" };
            let name = gate.gate.name();
            writeln!(
                f,
                "{name:<8} {working:>8} {broken:>8} {error:>12} {time:>14}{note}"
            )?;
        }
        let live = self.num_qubits - self.dead_qubits.len();
        let (error, time) = (rate(self.readout_error), seconds(self.readout_duration));
        let dead = self.dead_qubits.len();
        writeln!(
            f,
            "{:<8} {live:>8} {dead:>8} {error:>12} {time:>14}",
            "measure"
        )?;
        writeln!(f, "(errors and times are medians over what works)")?;
        writeln!(f, "T1 {}, T2 {}", seconds_or(self.t1), seconds_or(self.t2))?;
        if let Some(rate) = self.zz_rate {
            writeln!(f, "ZZ coupling {:.2} kHz", rate / 1e3)?;
        }
        if let Some(dt) = self.dt {
            writeln!(f, "clock {}", seconds(dt))?;
        }
        let join = |list: Vec<String>| {
            if list.is_empty() {
                "none".to_owned()
            } else {
                list.join(" ")
            }
        };
        let qubits = self
            .dead_qubits
            .iter()
            .map(|q| q.index().to_string())
            .collect();
        let edges = self
            .dead_edges
            .iter()
            .map(|(a, b)| format!("{}-{}", a.index(), b.index()))
            .collect();
        writeln!(f, "dead qubits: {}", join(qubits))?;
        writeln!(f, "dead edges: {}", join(edges))?;
        if self.components.len() > 1 {
            let sizes = self.components.iter().map(usize::to_string).collect();
            writeln!(
                f,
                "live parts that are not connected, by size: {}",
                join(sizes)
            )?;
        }
        if !self.unsupported.is_empty() {
            writeln!(f, "not used: {}", self.unsupported.join(" "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_of_boston_are_the_published_ones() {
        let summary = Target::bundled("boston").unwrap().summary();
        let gate = |gate| {
            summary
                .gates
                .iter()
                .find(|entry| entry.gate == gate)
                .unwrap()
        };
        assert!(
            (gate(Gate::CZ).error - 1.27e-3).abs() < 1e-5,
            "{}",
            gate(Gate::CZ).error
        );
        assert!(
            (gate(Gate::SX).error - 1.45e-4).abs() < 1e-6,
            "{}",
            gate(Gate::SX).error
        );
        assert_eq!(gate(Gate::SX).duration, 32e-9);
        assert!(
            (summary.readout_error - 5.1e-3).abs() < 1e-4,
            "{}",
            summary.readout_error
        );
        assert!((summary.t1.unwrap() - 292e-6).abs() < 1e-6);
        assert!((summary.t2.unwrap() - 353e-6).abs() < 1e-6);
        assert_eq!((gate(Gate::CZ).working, gate(Gate::CZ).broken), (175, 1));
        let text = summary.to_string();
        assert!(
            text.contains("dead qubits: 146") && text.contains("84-85"),
            "{text}"
        );
    }

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_the_middle_two() {
        assert_eq!(median([4.0, 1.0, 3.0, 2.0].into_iter()), Some(2.5));
        assert_eq!(median(std::iter::empty()), None);
    }
}
