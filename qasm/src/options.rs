//! What callers may choose when reading and writing, and the limits that keep hostile input harmless.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use crate::include::IncludeResolver;

/// How to read OpenQASM text.
#[derive(Clone, Default)]
pub struct ReadOptions {
    /// How strictly OpenQASM 2 is taken.
    pub openqasm2: OpenQasm2,
    /// What to do with annotations and pragmas nobody here understands.
    pub directives: Directives,
    /// Name of the source in messages; `<input>` when not given.
    pub file_name: Option<String>,
    /// Folder of the source: its files may be included. [`crate::read_file`] sets it.
    pub source_folder: Option<PathBuf>,
    /// Further folders to include files from (`-I`).
    pub include_folders: Vec<PathBuf>,
    /// Where included files come from instead of the folders above.
    pub resolver: Option<Arc<dyn IncludeResolver>>,
    /// Sizes beyond which reading stops with an error.
    pub limits: Limits,
}

impl fmt::Debug for ReadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadOptions")
            .field("openqasm2", &self.openqasm2)
            .field("directives", &self.directives)
            .field("file_name", &self.file_name)
            .field("source_folder", &self.source_folder)
            .field("include_folders", &self.include_folders)
            .field("resolver", &self.resolver.as_ref().map(|_| "custom"))
            .field("limits", &self.limits)
            .finish()
    }
}

/// How OpenQASM 2 is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OpenQasm2 {
    /// As programs in the wild need it: `qelib1.inc` has every gate of Qiskit's library, and the gates
    /// that Qiskit adds to it exist even without the include; the inverse trigonometric functions,
    /// empty statements, a missing version line, trailing commas and block comments are accepted.
    #[default]
    Legacy,
    /// As the paper of Cross, Bishop, Smolin, Gambetta (2017, arXiv:1707.03429) defines it.
    Strict,
}

/// What to do with annotations (`@...`) and pragmas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Directives {
    /// Refuse them, because they may change what the program means.
    #[default]
    Refuse,
    /// Skip them, as the language allows a reader that does not know them.
    Ignore,
}

/// Sizes beyond which reading stops. Every one is named in the error it causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Depth of brackets and blocks; values above [`Limits::MAX_NESTING`] count as that.
    pub nesting: usize,
    /// Depth of gates defined by gates; values above [`Limits::MAX_NESTING`] count as that.
    pub definition_depth: usize,
    /// Operations in the circuit, counting what called gates expand to.
    pub instructions: u64,
    /// Qubits in the circuit.
    pub qubits: usize,
    /// Classical bits in the circuit.
    pub clbits: usize,
    /// Depth of files including files.
    pub include_depth: usize,
    /// Included files in all.
    pub include_count: usize,
    /// Bytes in one file.
    pub file_size: usize,
    /// Errors kept in one [`crate::ParseError`].
    pub errors: usize,
}

impl Limits {
    /// Deepest nesting that any setting allows: deeper trees would need a larger stack.
    pub const MAX_NESTING: usize = 256;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nesting: Self::MAX_NESTING,
            definition_depth: Self::MAX_NESTING,
            instructions: 1 << 24,
            qubits: 1 << 20,
            clbits: 1 << 20,
            include_depth: 32,
            include_count: 256,
            file_size: 1 << 28,
            errors: 20,
        }
    }
}

/// The name of a limit in [`Limits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::nesting`]
    Nesting,
    /// [`Limits::definition_depth`]
    DefinitionDepth,
    /// [`Limits::instructions`]
    Instructions,
    /// [`Limits::qubits`]
    Qubits,
    /// [`Limits::clbits`]
    Clbits,
    /// [`Limits::include_depth`]
    IncludeDepth,
    /// [`Limits::include_count`]
    IncludeCount,
    /// [`Limits::file_size`]
    FileSize,
}

impl Limit {
    /// The field of [`Limits`].
    pub fn name(self) -> &'static str {
        match self {
            Self::Nesting => "nesting",
            Self::DefinitionDepth => "definition_depth",
            Self::Instructions => "instructions",
            Self::Qubits => "qubits",
            Self::Clbits => "clbits",
            Self::IncludeDepth => "include_depth",
            Self::IncludeCount => "include_count",
            Self::FileSize => "file_size",
        }
    }

    pub(crate) fn describe(self) -> &'static str {
        match self {
            Self::Nesting => "the depth of brackets, operators and blocks",
            Self::DefinitionDepth => "the depth of gates defined by other gates",
            Self::Instructions => "the number of operations, with called gates expanded,",
            Self::Qubits => "the number of qubits",
            Self::Clbits => "the number of classical bits",
            Self::IncludeDepth => "the depth of files including files",
            Self::IncludeCount => "the number of included files",
            Self::FileSize => "the size of the file in bytes",
        }
    }
}

/// How to write OpenQASM text.
#[derive(Clone, Debug, Default)]
pub struct WriteOptions {
    /// How qubits are named.
    pub qubit_names: QubitNames,
    /// What becomes of the global phase.
    pub global_phase: GlobalPhase,
    /// Which `qelib1.inc` written OpenQASM 2 relies on: [`OpenQasm2::Legacy`] the one that Qiskit ships,
    /// [`OpenQasm2::Strict`] the paper's, so that more gates carry their definition.
    pub openqasm2: OpenQasm2,
}

/// How qubits are named in written OpenQASM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum QubitNames {
    /// By the circuit's registers.
    #[default]
    Registers,
    /// As physical qubits `$n` in OpenQASM 3; one register `q` in OpenQASM 2, which has none. The
    /// width of the circuit is kept: a last barrier names the highest qubit if nothing else does.
    Hardware,
}

/// What becomes of the global phase in written OpenQASM 3. OpenQASM 2 has none: the phase is left out
/// there, where no control can make it visible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GlobalPhase {
    /// Written as `gphase`.
    #[default]
    Keep,
    /// Left out outside of gate definitions: IBM's service does not take `gphase`.
    Omit,
}
