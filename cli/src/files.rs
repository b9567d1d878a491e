//! Reading circuits and writing files; '-' is standard input or output.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use ardea::qasm::{GlobalPhase, Limits, OpenQasm2, QubitNames};
use ardea::{Circuit, Operation, ReadOptions, WriteOptions};

use crate::arguments::{Format, Reading};
use crate::commands::Usage;

/// Reads a circuit.
pub(crate) fn read_circuit(path: &Path, reading: &Reading) -> Result<Circuit> {
    let options = ReadOptions {
        openqasm2: if reading.strict {
            OpenQasm2::Strict
        } else {
            OpenQasm2::Legacy
        },
        include_folders: reading.include.clone(),
        ..ReadOptions::default()
    };
    if path != Path::new("-") {
        return Ok(ardea::read_file(path, &options)?);
    }
    let text = read_standard_input(options.limits)?;
    let options = ReadOptions {
        file_name: Some("<standard input>".into()),
        source_folder: Some(PathBuf::from(".")),
        ..options
    };
    Ok(ardea::parse(&text, &options)?)
}

fn read_standard_input(limits: Limits) -> Result<String> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(limits.file_size as u64 + 1)
        .read_to_end(&mut bytes)
        .context("cannot read standard input")?;
    if bytes.len() > limits.file_size {
        anyhow::bail!(
            "standard input holds more than the limit of {} bytes",
            limits.file_size
        );
    }
    String::from_utf8(bytes).context("standard input is not text in UTF-8")
}

/// A circuit as OpenQASM.
pub(crate) fn circuit_text(
    circuit: &Circuit,
    format: Format,
    qubit_names: QubitNames,
) -> Result<String> {
    // Hardware knows no global phase, and IBM's service takes no statement for it.
    let global_phase = match qubit_names {
        QubitNames::Hardware => GlobalPhase::Omit,
        QubitNames::Registers => GlobalPhase::Keep,
    };
    let options = WriteOptions {
        qubit_names,
        global_phase,
        ..WriteOptions::default()
    };
    match format {
        Format::Qasm2 => Ok(ardea::to_qasm2(circuit, &options)?),
        Format::Qasm3 => Ok(ardea::to_qasm3(circuit, &options)?),
        Format::Auto if has_delays(circuit) => Ok(ardea::to_qasm3(circuit, &options)?),
        Format::Auto => match ardea::to_qasm2(circuit, &options) {
            Ok(text) => Ok(text),
            Err(_) => Ok(ardea::to_qasm3(circuit, &options)?),
        },
    }
}

/// OpenQASM 2 knows delays only as an opaque gate of our own, without a unit.
fn has_delays(circuit: &Circuit) -> bool {
    circuit
        .instructions()
        .iter()
        .any(|instruction| matches!(instruction.operation, Operation::Delay(..)))
}

/// Writes `text`: to a temporary file in the same folder first, so that nobody ever sees half a file.
pub(crate) fn write_text(path: &Path, text: &str) -> Result<()> {
    if path == Path::new("-") {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())?;
        return Ok(out.flush()?);
    }
    let place = || format!("cannot write {}", path.display());
    if path.exists() && !path.is_file() {
        // A device such as /dev/null: nothing to rename over.
        return std::fs::write(path, text).with_context(place);
    }
    let folder = folder_of(path);
    if !folder.is_dir() {
        anyhow::bail!("{}: there is no folder {}", place(), folder.display());
    }
    let mut file = tempfile::Builder::new()
        .prefix(".ardea-")
        .tempfile_in(folder)
        .map_err(|error| error.kind())
        .map_err(std::io::Error::from)
        .with_context(place)?;
    file.write_all(text.as_bytes()).with_context(place)?;
    restore_usual_permissions(file.as_file()).with_context(place)?;
    file.as_file().sync_all().with_context(place)?;
    file.persist(path).with_context(place)?;
    Ok(())
}

/// The folder that a file is in, or is to be in.
fn folder_of(path: &Path) -> &Path {
    let folder = path.parent();
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

/// Refuses to write the circuit and its report to one place.
pub(crate) fn check_places(output: &Path, report: Option<&Path>) -> Result<()> {
    let Some(report) = report else {
        return Ok(());
    };
    let standard = |path: &Path| path == Path::new("-") || path == Path::new("/dev/stdout");
    let place = if standard(output) && standard(report) {
        "standard output".to_owned()
    } else if resolved(output) == resolved(report) && output != Path::new("/dev/null") {
        output.display().to_string()
    } else {
        return Ok(());
    };
    let what = format!("the circuit and the report would both go to {place}; name two places");
    Err(Usage(what).into())
}

/// A path by which two names of one file can be told: the file need not be there yet.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(full) = path.canonicalize() {
        return full;
    }
    match (folder_of(path).canonicalize(), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Temporary files are private; results are not.
#[cfg(unix)]
fn restore_usual_permissions(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn restore_usual_permissions(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circuit_and_its_report_go_to_two_places() {
        let check =
            |output: &str, report: &str| check_places(output.as_ref(), Some(report.as_ref()));
        for (output, report) in [("new.qasm", "./new.qasm"), ("-", "-"), ("-", "/dev/stdout")] {
            let error = check(output, report).unwrap_err().to_string();
            assert!(error.contains("both go to"), "{error}");
        }
        check("new.qasm", "new.json").unwrap();
        check("/dev/null", "/dev/null").unwrap();
        check_places("new.qasm".as_ref(), None).unwrap();
    }
}
