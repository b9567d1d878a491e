//! `ardea targets`: the devices at hand.

use std::fmt::Write;
use std::path::Path;

use anyhow::Result;
use ardea::Target;
use ardea::device::Summary;
use serde_json::json;

use crate::arguments::TargetsCommand;
use crate::files::write_text;
use crate::target;

pub(crate) fn run(command: &TargetsCommand) -> Result<()> {
    let text = match &command.target {
        Some(name) => {
            let summary = target::resolve(name)?.summary();
            if command.json {
                format!("{:#}\n", as_json(&summary))
            } else {
                describe(&summary)
            }
        }
        None => {
            let summaries: Vec<Summary> = Target::bundled_names()
                .map(|name| Ok(Target::bundled(name)?.summary()))
                .collect::<Result<_>>()?;
            if command.json {
                format!(
                    "{:#}\n",
                    summaries.iter().map(as_json).collect::<serde_json::Value>()
                )
            } else {
                list(&summaries)
            }
        }
    };
    write_text(Path::new("-"), &text)
}

fn list(summaries: &[Summary]) -> String {
    let mut text = format!(
        "{:<12}{:>7}{:>7}{:>12}  {}\n",
        "target", "qubits", "edges", "2q error", "source"
    );
    for s in summaries {
        let error = two_qubit_error(s).map_or("-".into(), |e| format!("{e:.2e}"));
        let _ = writeln!(
            text,
            "{:<12}{:>7}{:>7}{error:>12}  {}",
            s.name, s.num_qubits, s.num_edges, s.source
        );
    }
    text.push_str("\nAlso: IBM's files as CONF.json,PROPS.json, and line:N, ring:N, grid:RxC, heavy-hex:D, all-to-all:N.\n");
    text
}

fn two_qubit_error(summary: &Summary) -> Option<f64> {
    summary
        .gates
        .iter()
        .find(|g| g.gate.num_qubits() == 2 && !g.fractional)
        .map(|g| g.error)
}

fn microseconds(seconds: Option<f64>) -> String {
    seconds.map_or("unknown".into(), |s| format!("{:.1} us", s * 1e6))
}

fn describe(s: &Summary) -> String {
    let mut text = String::new();
    let mut line = |label: &str, value: String| {
        let _ = writeln!(text, "{label:<18}{value}");
    };
    line("name", s.name.clone());
    line("source", s.source.clone());
    if let Some(date) = &s.calibrated {
        line("calibrated", date.clone());
    }
    line(
        "qubits",
        format!(
            "{}, {} out of order{}",
            s.num_qubits,
            s.dead_qubits.len(),
            listed(&s.dead_qubits)
        ),
    );
    let dead: Vec<String> = s
        .dead_edges
        .iter()
        .map(|(a, b)| format!("{}-{}", a.index(), b.index()))
        .collect();
    line(
        "edges",
        format!(
            "{}, {} out of order{}",
            s.num_edges,
            dead.len(),
            if dead.is_empty() {
                String::new()
            } else {
                format!(": {}", dead.join(", "))
            }
        ),
    );
    if s.components.len() > 1 {
        line("parts", format!("{:?} qubits", s.components));
    }
    line(
        "median T1, T2",
        format!("{}, {}", microseconds(s.t1), microseconds(s.t2)),
    );
    line(
        "median readout",
        format!(
            "error {:.2e}, {:.0} ns",
            s.readout_error,
            s.readout_duration * 1e9
        ),
    );
    for gate in &s.gates {
        let kind = if gate.fractional { " (fractional)" } else { "" };
        line(
            &format!("  {}{kind}", gate.gate),
            format!(
                "median error {:.2e}, {:.0} ns; {} places, {} out of order",
                gate.error,
                gate.duration * 1e9,
                gate.working,
                gate.broken
            ),
        );
    }
    if let Some(rate) = s.zz_rate {
        line("median ZZ rate", format!("{:.1} kHz", rate / 1e3));
    }
    if let Some(dt) = s.dt {
        line("dt", format!("{:.2} ns", dt * 1e9));
    }
    if !s.unsupported.is_empty() {
        line("not used", s.unsupported.join(", "));
    }
    text
}

fn listed(qubits: &[ardea::Qubit]) -> String {
    if qubits.is_empty() {
        return String::new();
    }
    format!(
        ": {}",
        qubits
            .iter()
            .map(|q| q.index().to_string())
            .collect::<Vec<_>>()
            .join(", ")
    )
}

fn as_json(s: &Summary) -> serde_json::Value {
    json!({
        "name": s.name,
        "source": s.source,
        "calibrated": s.calibrated,
        "num_qubits": s.num_qubits,
        "num_edges": s.num_edges,
        "dead_qubits": s.dead_qubits.iter().map(|q| q.index()).collect::<Vec<_>>(),
        "dead_edges": s.dead_edges.iter().map(|(a, b)| [a.index(), b.index()]).collect::<Vec<_>>(),
        "components": s.components,
        "readout_error": s.readout_error,
        "readout_duration_s": s.readout_duration,
        "t1_s": s.t1,
        "t2_s": s.t2,
        "zz_rate_hz": s.zz_rate,
        "dt_s": s.dt,
        "unsupported": s.unsupported,
        "gates": s.gates.iter().map(|g| json!({
            "gate": g.gate.name(), "fractional": g.fractional, "working": g.working, "broken": g.broken,
            "error": g.error, "duration_s": g.duration,
        })).collect::<Vec<_>>(),
    })
}
