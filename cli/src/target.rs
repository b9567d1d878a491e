//! The device a `--target` argument stands for.

use anyhow::{Context, Result};
use ardea::Target;

use crate::commands::Usage;

/// A bundled device, two IBM files, or a generic lattice.
pub(crate) fn resolve(text: &str) -> Result<Target> {
    if let Some((configuration, properties)) = text.split_once(',') {
        let read = |path: &str| {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {path}"))
        };
        return Target::from_ibm(&read(configuration)?, &read(properties)?)
            .with_context(|| format!("{configuration} and {properties} do not describe a device"));
    }
    if let Some((shape, size)) = text.split_once(':') {
        return lattice(shape, size);
    }
    if Target::bundled_names().any(|name| name == text) {
        return Ok(Target::bundled(text)?);
    }
    let names: Vec<&str> = Target::bundled_names().collect();
    Err(Usage(format!(
        "there is no target '{text}'; choose {}, IBM's files as CONF.json,PROPS.json, or line:N, ring:N, grid:RxC, \
         heavy-hex:D, all-to-all:N",
        names.join(", ")
    ))
    .into())
}

fn lattice(shape: &str, size: &str) -> Result<Target> {
    let number = |text: &str| {
        text.parse::<usize>().map_err(|_| {
            Usage(format!(
                "'{text}' in '{shape}:{size}' is not a whole number"
            ))
        })
    };
    let target = match shape {
        "line" => Target::line(number(size)?),
        "ring" => Target::ring(number(size)?),
        "heavy-hex" => Target::heavy_hex(number(size)?),
        "all-to-all" => Target::all_to_all(number(size)?),
        "grid" => {
            let (rows, columns) = size
                .split_once('x')
                .ok_or_else(|| Usage(format!("write a grid as grid:3x4, not '{shape}:{size}'")))?;
            Target::grid(number(rows)?, number(columns)?)
        }
        _ => {
            return Err(Usage(format!(
                "'{shape}' is no lattice; choose line, ring, grid, heavy-hex or all-to-all"
            ))
            .into());
        }
    };
    target.map_err(|error| Usage(error.to_string()).into())
}
