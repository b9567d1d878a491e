//! OpenQASM 2 and 3: text to [`Circuit`] and back.
//!
//! [`parse`] reads either language, told apart by the header; [`read_file`] does so from a file, with
//! includes. [`to_qasm2`] and [`to_qasm3`] write. Angles survive a round trip bit by bit.
//!
//! # What is read
//! **OpenQASM 2**: all of it, strictly or with what programs in the wild need ([`OpenQasm2`]). Gates
//! that a program defines become calls that keep their definition; a definition that is exactly the
//! standard gate of its name becomes that gate.
//!
//! **OpenQASM 3**: declarations of qubits and bits, physical qubits `$n`, gates, all modifiers, global
//! phase, `input` angles (which become symbols), constants and variables whose value is known while
//! reading, aliases, delays, barriers, measurement, reset, `if`, `for`, `while`, `switch`, `box`
//! without a duration. Loops stay loops unless their variable is needed as a number. Refused by name:
//! subroutines, `extern`, calibrations, arrays, complex numbers, `durationof`, classical variables that
//! change while the circuit runs.
//!
//! `U(θ, φ, λ)` carries no phase of its own and `u3` equals it, in both languages, as in Qiskit; `rz` is
//! symmetric (`exp(-iλZ/2)`) and `p` and `u1` are not.
//!
//! # Errors
//! A [`ParseError`] lists what is wrong with line, column, source line and a hint. Nothing a program
//! says makes the reader panic, hang or take memory out of proportion: see [`Limits`].
//!
//! ```
//! let bell = ardea_qasm::parse(
//!     "OPENQASM 2.0; include \"qelib1.inc\"; qreg q[2]; h q[0]; cx q[0], q[1];",
//!     &Default::default(),
//! ).unwrap();
//! assert_eq!(bell.len(), 2);
//! ```

#![forbid(unsafe_code)]

mod ast;
mod diagnostics;
mod include;
mod layout;
mod lower;
mod options;
mod parse;
mod token;
mod write;

use std::path::Path;

use ardea_circuit::Circuit;

use diagnostics::Issue;
use include::Unreadable;

pub use diagnostics::{ParseError, Problem};
pub use include::{FolderResolver, IncludeResolver, Included};
pub use options::{
    Directives, GlobalPhase, Limit, Limits, OpenQasm2, QubitNames, ReadOptions, WriteOptions,
};
pub use write::{WriteError, to_qasm2, to_qasm3};

/// Reads OpenQASM 2 or 3, by the header.
///
/// Without a version line, the first word that only one of the languages has decides.
///
/// # Errors
/// Everything found wrong, up to [`Limits::errors`].
pub fn parse(source: &str, options: &ReadOptions) -> Result<Circuit, ParseError> {
    lower::read(source, options, lower::Depth::Full)
}

/// Checks the grammar only: names, types and sizes are not looked at, nothing is included.
///
/// # Errors
/// Every statement that does not follow the grammar, up to [`Limits::errors`].
pub fn check_syntax(source: &str, options: &ReadOptions) -> Result<(), ParseError> {
    lower::read(source, options, lower::Depth::Syntax).map(drop)
}

/// Reads the file at `path`; it may include files from its own folder and from
/// [`ReadOptions::include_folders`].
///
/// # Errors
/// As [`parse`], and when the file cannot be read, is not a regular file, is larger than
/// [`Limits::file_size`] or not UTF-8.
pub fn read_file(path: &Path, options: &ReadOptions) -> Result<Circuit, ParseError> {
    let name = path.display().to_string();
    let text = include::read_regular(path, options.limits.file_size)
        .map_err(|why| unreadable(&name, why))?;
    let parent = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new(".")).to_path_buf();
    let options = ReadOptions {
        file_name: Some(name),
        source_folder: Some(folder),
        ..options.clone()
    };
    parse(&text, &options)
}

/// The value of an OpenQASM 3 expression such as `-pi/2`: radians, where it is meant as an angle.
///
/// # Errors
/// What in it cannot be read, or has no value by itself.
pub fn parse_angle(expression: &str) -> Result<f64, ParseError> {
    lower::angle(expression)
}

fn unreadable(name: &str, why: Unreadable) -> ParseError {
    let problem = match why {
        Unreadable::File(why) => {
            Problem::without_place(name, Issue::new(format!("the file {why}")))
        }
        Unreadable::Text(text) => {
            let end = text.len() as u32;
            let bad = ast::Span {
                start: end - char::REPLACEMENT_CHARACTER.len_utf8() as u32,
                end,
            };
            Problem::at(
                name,
                &text,
                bad,
                Issue::new("the file is not UTF-8 text").hint("save it as UTF-8"),
            )
        }
    };
    ParseError::new(vec![problem], 0)
}
