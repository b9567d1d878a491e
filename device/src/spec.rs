//! Devices by short name: what `--target` on the command line and `Target(...)` in Python read.

use std::fs;
use std::path::Path;

use crate::{Target, TargetBuilder, TargetError};

impl Target {
    /// The device that `spec` names:
    ///
    /// - a bundled calibration: `boston`, `fez`, `marrakesh`, `kingston`, `pittsburgh`, `aachen`;
    /// - a shape with typical figures: `line:20`, `ring:12`, `grid:3x4`, `heavy_hex:5`,
    ///   `all_to_all:8`, also written with hyphens and in capitals;
    /// - IBM's two files, in either order, with a comma between: `conf_fez.json,props_fez.json`;
    /// - a device file that [`to_json`](Self::to_json) wrote: `device.json`.
    ///
    /// # Errors
    /// [`TargetError::UnknownTarget`] when the text is none of these, or names a shape of a size
    /// that it cannot have; what [`from_ibm`](Self::from_ibm) and [`from_json`](Self::from_json)
    /// say of the files; [`TargetError::File`] when one cannot be read.
    pub fn from_spec(spec: &str) -> Result<Target, TargetError> {
        let spec = spec.trim();
        if let Some((first, second)) = spec.split_once(',') {
            return from_two_files(spec, first.trim(), second.trim());
        }
        if spec.ends_with(".json") || Path::new(spec).is_file() {
            let text = read(spec)?;
            return Target::from_json(&text).map_err(|error| match is_ibm(&text) {
                true => unknown(
                    spec,
                    "it is one of IBM's two files; name both, with a comma between",
                ),
                false => error,
            });
        }
        match spec.split_once(':') {
            Some((shape, size)) => from_shape(shape, size).map_err(|reason| unknown(spec, &reason)),
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
    if is_properties(&first) && !is_properties(&second) {
        return Target::from_ibm(&second, &first);
    }
    Target::from_ibm(&first, &second)
}

fn is_properties(text: &str) -> bool {
    text.contains("\"last_update_date\"")
}

/// Whether a text is one of IBM's two files.
fn is_ibm(text: &str) -> bool {
    is_properties(text) || text.contains("\"backend_name\"")
}

/// A shape with typical figures, or what is wrong with it.
fn from_shape(shape: &str, size: &str) -> Result<Target, String> {
    let number = |text: &str| {
        let parsed = text.parse::<usize>();
        parsed.map_err(|_| format!("its size '{text}' is not a whole number"))
    };
    let builder = match shape.to_ascii_lowercase().replace('-', "_").as_str() {
        "line" => TargetBuilder::line(number(size)?),
        "ring" => TargetBuilder::ring(number(size)?),
        "heavy_hex" => TargetBuilder::heavy_hex(number(size)?),
        "all_to_all" => TargetBuilder::all_to_all(number(size)?),
        "grid" => {
            let (rows, columns) = size
                .split_once('x')
                .ok_or("the size of a grid is its rows and columns, as in 3x4")?;
            TargetBuilder::grid(number(rows)?, number(columns)?)
        }
        _ => return Err(format!("there is no shape '{shape}'")),
    };
    builder.build().map_err(|error| error.to_string())
}

fn read(path: &str) -> Result<String, TargetError> {
    fs::read_to_string(path).map_err(|cause| TargetError::File {
        path: path.into(),
        cause,
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
            ("heavy-hex:5", 57, 64),
            ("all_to_all:8", 8, 28),
            ("All-To-All:8", 8, 28),
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
        for (spec, reason) in [
            ("nowhere", "no calibration of that name"),
            ("line:", "its size '' is not a whole number"),
            ("line:-1", "its size '-1' is not a whole number"),
            ("line:0", "a device has 1 to"),
            ("heavy-hex:4", "is an odd number"),
            ("grid:3", "as in 3x4"),
            ("grid:3xy", "its size 'y' is not a whole number"),
            ("torus:5", "there is no shape 'torus'"),
            ("a,b,c", "one comma"),
            ("a,", "one comma"),
        ] {
            let error = Target::from_spec(spec).unwrap_err();
            let message = error.to_string();
            assert!(
                matches!(error, TargetError::UnknownTarget { .. }),
                "{message}"
            );
            assert!(message.contains(reason), "{message}");
            assert!(message.contains("boston, fez, marrakesh"), "{message}");
            assert!(message.contains(spec), "{message}");
        }
        let message = Target::from_spec("missing.json").unwrap_err().to_string();
        assert!(message.contains("cannot read missing.json"), "{message}");
    }
}
