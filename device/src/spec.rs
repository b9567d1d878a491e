//! Devices by short name: what `--target` on the command line and `Target(...)` in Python read.

use std::fs;
use std::path::Path;

use crate::{Target, TargetBuilder, TargetError};

impl Target {
    /// The device that `spec` names:
    ///
    /// - a bundled calibration: `boston`, `fez`, `marrakesh`;
    /// - a shape with typical figures: `line:20`, `ring:12`, `grid:3x4`, `heavy_hex:5`,
    ///   `all_to_all:8`;
    /// - IBM's two files, in either order, with a comma between: `conf_fez.json,props_fez.json`;
    /// - a device file that [`to_json`](Self::to_json) wrote: `device.json`.
    pub fn from_spec(spec: &str) -> Result<Target, TargetError> {
        let spec = spec.trim();
        if let Some((first, second)) = spec.split_once(',') {
            return from_two_files(spec, first.trim(), second.trim());
        }
        if spec.ends_with(".json") || Path::new(spec).is_file() {
            return Target::from_json(&read(spec)?);
        }
        match spec.split_once(':') {
            Some((shape, size)) => from_shape(shape, size)
                .ok_or_else(|| unknown(spec, "that is no shape followed by its size"))?,
            None => Target::bundled(spec),
        }
    }
}

/// IBM's two files. Which is which is told by their content, so the order does not matter.
fn from_two_files(spec: &str, first: &str, second: &str) -> Result<Target, TargetError> {
    if first.is_empty() || second.is_empty() || second.contains(',') {
        return Err(unknown(
            spec,
            "there must be one file name on each side of one comma",
        ));
    }
    let (first, second) = (read(first)?, read(second)?);
    let is_properties = |text: &str| text.contains("\"last_update_date\"");
    if is_properties(&first) && !is_properties(&second) {
        return Target::from_ibm(&second, &first);
    }
    Target::from_ibm(&first, &second)
}

fn from_shape(shape: &str, size: &str) -> Option<Result<Target, TargetError>> {
    let builder = match shape {
        "line" => TargetBuilder::line(size.parse().ok()?),
        "ring" => TargetBuilder::ring(size.parse().ok()?),
        "heavy_hex" => TargetBuilder::heavy_hex(size.parse().ok()?),
        "all_to_all" => TargetBuilder::all_to_all(size.parse().ok()?),
        "grid" => {
            let (rows, columns) = size.split_once('x')?;
            TargetBuilder::grid(rows.parse().ok()?, columns.parse().ok()?)
        }
        _ => return None,
    };
    Some(builder.build())
}

fn read(path: &str) -> Result<String, TargetError> {
    fs::read_to_string(path).map_err(|source| TargetError::File {
        path: path.into(),
        source,
    })
}

fn unknown(spec: &str, reason: &str) -> TargetError {
    TargetError::UnknownTarget {
        spec: spec.to_owned(),
        reason: reason.to_owned(),
        bundled: Target::bundled_list(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_read_with_their_size() {
        for (spec, qubits, edges) in [
            ("line:20", 20, 19),
            ("ring:12", 12, 12),
            ("grid:3x4", 12, 17),
            ("heavy_hex:5", 57, 64),
            ("all_to_all:8", 8, 28),
            ("boston", 156, 173),
            ("IBM_Fez", 156, 169),
        ] {
            let target = Target::from_spec(spec).unwrap();
            assert_eq!(
                (target.num_qubits(), target.edges().len()),
                (qubits, edges),
                "{spec}"
            );
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_right_ones() {
        for spec in [
            "nowhere", "line:", "line:-1", "grid:3", "torus:5", "a,b,c", "a,",
        ] {
            let message = Target::from_spec(spec).unwrap_err().to_string();
            assert!(message.contains("boston, fez, marrakesh"), "{message}");
            assert!(message.contains(spec), "{message}");
        }
        let message = Target::from_spec("missing.json").unwrap_err().to_string();
        assert!(message.contains("cannot read missing.json"), "{message}");
    }
}
