//! The device a `--target` argument stands for.

use anyhow::{Error, Result};
use ardea::Target;
use ardea::device::TargetError;

use crate::commands::Usage;

/// What [`Target::from_spec`] reads. An argument that names no device is wrong usage; files that
/// cannot be read or do not describe one are a problem in the input.
pub(crate) fn resolve(text: &str) -> Result<Target> {
    Target::from_spec(text).map_err(|error| match error {
        TargetError::UnknownTarget { .. } => Usage(error.to_string()).into(),
        // The message names its cause already.
        _ => Error::msg(error.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_device_is_wrong_usage_and_a_missing_file_is_not() {
        for name in ["nowhere", "torus:3", "line:x", "grid:3", "heavy-hex:4"] {
            let error = resolve(name).map(|_| ()).unwrap_err();
            let usage = error.downcast_ref::<Usage>().map(ToString::to_string);
            let message = usage.expect("wrong usage");
            assert!(
                message.contains(name) && message.contains("heavy_hex:5"),
                "{message}"
            );
        }
        for name in ["missing.json", "a.json,b.json"] {
            let error = resolve(name).map(|_| ()).unwrap_err();
            assert!(error.downcast_ref::<Usage>().is_none(), "{error}");
            assert!(error.to_string().contains("cannot read"), "{error}");
        }
        assert_eq!(resolve("all-to-all:4").unwrap().num_qubits(), 4);
    }
}
