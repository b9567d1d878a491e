//! `ardea convert`: the same circuit in the other language.

use anyhow::Result;
use ardea::qasm::QubitNames;

use crate::arguments::ConvertCommand;
use crate::files::{circuit_text, read_circuit, write_text};

pub(crate) fn run(command: &ConvertCommand) -> Result<()> {
    let circuit = read_circuit(&command.input, &command.reading)?;
    let text = circuit_text(&circuit, command.writing.format, QubitNames::Registers)?;
    write_text(&command.writing.output, &text)
}
