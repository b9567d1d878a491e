//! Calibrations of real devices that are part of the program.
//!
//! They are compacted copies of the files that IBM publishes in `qiskit-ibm-runtime` 0.51.0
//! (Apache License 2.0); `data/README.md` says how they were made.

use crate::{Target, TargetError};

/// The first one is the default device.
const BUNDLED: [(&str, &str); 6] = [
    ("boston", include_str!("../data/boston.json")),
    ("fez", include_str!("../data/fez.json")),
    ("marrakesh", include_str!("../data/marrakesh.json")),
    ("kingston", include_str!("../data/kingston.json")),
    ("pittsburgh", include_str!("../data/pittsburgh.json")),
    ("aachen", include_str!("../data/aachen.json")),
];

impl Target {
    /// A bundled calibration by its name, in upper or lower case, with or without `ibm_`.
    pub fn bundled(name: &str) -> Result<Target, TargetError> {
        let lower = name.to_ascii_lowercase();
        let short = lower.strip_prefix("ibm_").unwrap_or(&lower);
        match BUNDLED.iter().find(|(known, _)| *known == short) {
            Some((_, text)) => Target::from_json(text),
            None => Err(TargetError::UnknownTarget {
                spec: name.to_owned(),
                reason: match name.contains(':') {
                    true => {
                        "shapes are not bundled but made, by from_spec, or line, ring and so on"
                    }
                    false => "no calibration of that name is bundled",
                }
                .to_owned(),
                bundled: Self::bundled_list(),
            }),
        }
    }

    /// The names that [`bundled`](Self::bundled) knows; the first is the default device.
    pub fn bundled_names() -> impl ExactSizeIterator<Item = &'static str> {
        BUNDLED.iter().map(|(name, _)| *name)
    }

    pub(crate) fn bundled_list() -> String {
        Self::bundled_names().collect::<Vec<_>>().join(", ")
    }
}
