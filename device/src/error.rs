//! What can go wrong when a device is described, and what the user can do about it.

use std::path::PathBuf;

/// Why a device description was refused.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The text is not JSON, or lacks a field that is needed.
    #[error("cannot read {what}: {source}. Expected {expected}")]
    Json {
        /// Which text it was.
        what: &'static str,
        /// Line, column and reason.
        source: serde_json::Error,
        /// What a good file looks like.
        expected: &'static str,
    },
    /// The configuration and the properties are not of the same device.
    #[error(
        "the configuration is of {configuration} and the properties are of {properties}: \
         pass the conf_*.json and props_*.json of one device"
    )]
    DifferentDevices {
        /// Name and size in the configuration.
        configuration: String,
        /// Name and size in the properties.
        properties: String,
    },
    /// A number that cannot be what the field says.
    #[error("{what} is {value}, which is not {expected}")]
    BadValue {
        /// Which number.
        what: String,
        /// Its value.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// An instruction on a qubit that the device does not have.
    #[error(
        "{what} names qubit {qubit}, but the device has {num_qubits} qubits (0 to {})",
        num_qubits.saturating_sub(1)
    )]
    NoSuchQubit {
        /// Where the index stood.
        what: String,
        /// The index.
        qubit: usize,
        /// Size of the device.
        num_qubits: usize,
    },
    /// A gate of the basis acts on more than two qubits, or is no gate that this program knows.
    #[error("the gate '{name}' cannot be part of a device's basis: {reason}")]
    BadGate {
        /// Name as given.
        name: String,
        /// Why not.
        reason: String,
    },
    /// A device without qubits, or with more than the distance table can hold.
    #[error("{what}: {reason}")]
    BadSize {
        /// Which size.
        what: String,
        /// What is allowed.
        reason: String,
    },
    /// Neither a bundled device, nor a generated shape, nor a file.
    #[error(
        "'{spec}' is not a device: {reason}. Use a bundled calibration ({bundled}), a shape \
         (line:20, ring:12, grid:3x4, heavy_hex:5, all_to_all:8), IBM's two files \
         (CONF.json,PROPS.json), or a device file written by Ardea (DEVICE.json)"
    )]
    UnknownTarget {
        /// What was asked for.
        spec: String,
        /// What was wrong with it.
        reason: String,
        /// Names that are bundled.
        bundled: String,
    },
    /// A file could not be read.
    #[error("cannot read {}: {cause}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
}
