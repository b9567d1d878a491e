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
                summary.to_string()
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
    text.push_str("\nAlso: IBM's files as CONF.json,PROPS.json, and line:N, ring:N, grid:RxC, heavy_hex:D, all_to_all:N.\n");
    text
}

fn two_qubit_error(summary: &Summary) -> Option<f64> {
    summary
        .gates
        .iter()
        .find(|g| g.gate.num_qubits() == 2 && !g.fractional)
        .map(|g| g.error)
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
