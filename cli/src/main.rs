//! The `ardea` command: reads arguments, calls the crates, prints.
//!
//! Exit codes: 0 when all went well, 1 for a problem in the input, 2 for wrong usage.

#![forbid(unsafe_code)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line prints"
)]

mod arguments;
mod commands;
mod files;
mod progress;
mod target;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match &arguments.command {
        Command::Compile(options) => commands::compile::run(options),
        Command::Run(options) => commands::run::run(options),
        Command::Execute(options) => commands::execute::run(options),
        Command::Convert(options) => commands::convert::run(options),
        Command::Check(options) => commands::check::run(options),
        Command::Info(options) => commands::info::run(options),
        Command::Targets(options) => commands::targets::run(options),
        Command::Hubbard(options) => commands::hubbard::run(options),
        Command::Verify(options) => commands::verify::run(options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report(&error),
    }
}

/// Prints an error and returns its exit code. A closed pipe (`ardea ... | head`) is not an error.
fn report(error: &anyhow::Error) -> ExitCode {
    let broken_pipe = |e: &std::io::Error| e.kind() == std::io::ErrorKind::BrokenPipe;
    if error
        .chain()
        .any(|cause| cause.downcast_ref().is_some_and(broken_pipe))
    {
        return ExitCode::SUCCESS;
    }
    match error.downcast_ref::<commands::Usage>() {
        Some(usage) => {
            eprintln!("error: {usage}\n\nFor more information, try '--help'.");
            ExitCode::from(2)
        }
        None => {
            // The reader's messages begin with their own "error: ", above the place.
            let text = format!("{error:#}");
            let text = text.strip_prefix("error: ").unwrap_or(&text);
            eprintln!("error: {text}");
            ExitCode::from(1)
        }
    }
}
