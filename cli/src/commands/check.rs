//! `ardea check`: every problem of every file, with its place.

use anyhow::Result;

use crate::arguments::CheckCommand;
use crate::files::read_circuit;

pub(crate) fn run(command: &CheckCommand) -> Result<()> {
    let mut broken = 0;
    for path in &command.inputs {
        match read_circuit(path, &command.reading) {
            Ok(circuit) => println!(
                "{}: ok, {} qubits, {} classical bits, {} operations",
                path.display(),
                circuit.num_qubits(),
                circuit.num_clbits(),
                circuit.len()
            ),
            Err(error) => {
                broken += 1;
                eprintln!("{error:#}");
            }
        }
    }
    match broken {
        0 => Ok(()),
        _ => anyhow::bail!("{broken} of {} files have problems", command.inputs.len()),
    }
}
