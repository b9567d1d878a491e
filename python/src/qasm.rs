//! OpenQASM text to and from `ardea.Circuit`.

use std::path::PathBuf;

use ardea_qasm::{GlobalPhase, OpenQasm2, QubitNames, ReadOptions, WriteOptions};
use pyo3::prelude::*;

use crate::calls::run_long;
use crate::circuit::{PyCircuit, shared};
use crate::errors::Result;

#[pymethods]
impl PyCircuit {
    /// Reads OpenQASM 2 or 3, told apart by the header.
    ///
    /// Args:
    ///     text: The program.
    ///     strict: Takes OpenQASM 2 as its paper defines it, without what programs in the wild add.
    ///     include_path: Folders from which the program may include files.
    ///
    /// Raises:
    ///     QasmError: With the line, the column and a hint.
    #[staticmethod]
    #[pyo3(signature = (text, *, strict = false, include_path = vec![]))]
    fn from_qasm(
        py: Python<'_>,
        text: String,
        strict: bool,
        include_path: Vec<PathBuf>,
    ) -> Result<Self> {
        let options = read_options(strict, include_path);
        run_long(py, None, move || {
            Ok(Self::of(ardea_qasm::parse(&text, &options)?))
        })
    }

    /// Reads an OpenQASM file; it may include files from its own folder. See :meth:`from_qasm`.
    #[staticmethod]
    #[pyo3(signature = (path, *, strict = false, include_path = vec![]))]
    fn from_qasm_file(
        py: Python<'_>,
        path: PathBuf,
        strict: bool,
        include_path: Vec<PathBuf>,
    ) -> Result<Self> {
        let options = read_options(strict, include_path);
        run_long(py, None, move || {
            Ok(Self::of(ardea_qasm::read_file(&path, &options)?))
        })
    }

    /// The circuit as OpenQASM 2, without its global phase (which the language cannot express).
    ///
    /// Args:
    ///     strict: Relies on the paper's ``qelib1.inc`` only, so that more gates carry their definition.
    #[pyo3(signature = (*, strict = false))]
    fn to_qasm2(slf: &Bound<'_, Self>, strict: bool) -> Result<String> {
        let circuit = shared(slf)?;
        let options = WriteOptions {
            openqasm2: dialect(strict),
            ..WriteOptions::default()
        };
        run_long(slf.py(), None, move || {
            Ok(ardea_qasm::to_qasm2(&circuit, &options)?)
        })
    }

    /// The circuit as OpenQASM 3.
    ///
    /// Args:
    ///     hardware_qubits: Writes qubits as physical qubits ``$n``, as devices want it.
    ///     global_phase: Writes the global phase as ``gphase``, which IBM's service does not take.
    #[pyo3(signature = (*, hardware_qubits = false, global_phase = true))]
    fn to_qasm3(
        slf: &Bound<'_, Self>,
        hardware_qubits: bool,
        global_phase: bool,
    ) -> Result<String> {
        let circuit = shared(slf)?;
        let options = WriteOptions {
            qubit_names: if hardware_qubits {
                QubitNames::Hardware
            } else {
                QubitNames::Registers
            },
            global_phase: if global_phase {
                GlobalPhase::Keep
            } else {
                GlobalPhase::Omit
            },
            ..WriteOptions::default()
        };
        run_long(slf.py(), None, move || {
            Ok(ardea_qasm::to_qasm3(&circuit, &options)?)
        })
    }
}

fn dialect(strict: bool) -> OpenQasm2 {
    if strict {
        OpenQasm2::Strict
    } else {
        OpenQasm2::Legacy
    }
}

fn read_options(strict: bool, include_folders: Vec<PathBuf>) -> ReadOptions {
    ReadOptions {
        openqasm2: dialect(strict),
        include_folders,
        ..ReadOptions::default()
    }
}
