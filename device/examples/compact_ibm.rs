//! Turns IBM's two files of a device into the compact file that this crate bundles.
//!
//! ```text
//! cargo run -p ardea-device --example compact_ibm -- CONF.json PROPS.json "where from" OUT.json
//! ```
//!
//! `data/README.md` has the commands for the bundled devices.

use std::error::Error;
use std::fs;

use ardea_device::Target;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [configuration, properties, source, output] = &arguments[..] else {
        return Err("usage: compact_ibm CONF.json PROPS.json SOURCE OUT.json".into());
    };
    let target = Target::from_ibm(
        &fs::read_to_string(configuration)?,
        &fs::read_to_string(properties)?,
    )?;
    fs::write(output, target.with_source(source).to_json())?;
    Ok(())
}
