//! Circuits as OpenQASM text.
//!
//! One writer serves both languages: statements go to the body while the gates they need are defined,
//! innermost first, in front of it ([`definitions`]). Numbers are written so that they read back to the
//! same bits ([`number`]), names so that they clash with nothing ([`names`]).

mod conditions;
mod definitions;
mod error;
mod matrix;
mod names;
mod number;
mod plain;
mod statements;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use ardea_circuit::{Circuit, Expr, Qubit, Symbol};

pub use error::WriteError;

use crate::layout::write_layout;
use crate::options::{GlobalPhase, OpenQasm2, QubitNames, WriteOptions};
use definitions::Definitions;
use names::Names;
use plain::Plain;

/// Writes OpenQASM 2.
///
/// Gates outside of `qelib1.inc`, matrices and gates under control are written with a definition. The
/// global phase is left out: nothing in OpenQASM 2 can make it visible. Delays in clock cycles become
/// calls of the opaque gate `delay`, as Qiskit writes them.
///
/// # Errors
/// For what the language cannot say: symbols, loops, `switch`, conditions other than on the value of
/// one register, delays in seconds.
pub fn to_qasm2(circuit: &Circuit, options: &WriteOptions) -> Result<String, WriteError> {
    write(circuit, options, Dialect::Two)
}

/// Writes OpenQASM 3.
///
/// Symbols become `input` angles; gates outside of `stdgates.inc` and matrices are written with a
/// definition, gates under control with modifiers.
///
/// # Errors
/// For opaque gates and gates defined too deeply.
pub fn to_qasm3(circuit: &Circuit, options: &WriteOptions) -> Result<String, WriteError> {
    write(circuit, options, Dialect::Three)
}

/// The language written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Two,
    Three,
}

/// What stays the same while a program is written.
struct Writer<'o> {
    dialect: Dialect,
    options: &'o WriteOptions,
    names: Names,
    definitions: Definitions,
    /// How classical bits are addressed.
    bits: BitNames,
    /// Calls and angles as they are written, for the lines that a long circuit is made of.
    plain: Plain,
    /// Aliases declared for registers of scattered bits.
    aliases: BTreeMap<Vec<u32>, String>,
}

/// Classical registers as they are written.
struct BitNames {
    /// Name, first bit, size.
    registers: Vec<(String, usize, usize)>,
    /// Each bit as an operand.
    bits: Vec<String>,
}

/// Where a statement stands: what its local qubits and symbols are called.
#[derive(Clone)]
struct Place<'a> {
    qubits: &'a [String],
    symbols: &'a BTreeMap<Symbol, String>,
    /// Before every statement: blanks, or a condition.
    prefix: String,
    in_gate: bool,
    depth: usize,
}

fn write(
    circuit: &Circuit,
    options: &WriteOptions,
    dialect: Dialect,
) -> Result<String, WriteError> {
    let mut names = Names::new(dialect);
    let hardware = options.qubit_names == QubitNames::Hardware;
    let (quantum, qubits) = match (hardware, dialect) {
        (true, Dialect::Three) => (
            Vec::new(),
            (0..circuit.num_qubits()).map(|q| format!("${q}")).collect(),
        ),
        (true, Dialect::Two) => registers(&[], circuit.num_qubits(), "q", &mut names),
        (false, _) => registers(
            &spans(circuit.qregs()),
            circuit.num_qubits(),
            "q",
            &mut names,
        ),
    };
    let (classical, bits) = registers(
        &spans(circuit.cregs()),
        circuit.num_clbits(),
        "c",
        &mut names,
    );
    let symbols: BTreeMap<Symbol, String> = circuit
        .symbols()
        .into_iter()
        .map(|s| (s.clone(), names.take(s.name())))
        .collect();
    if dialect == Dialect::Two
        && let Some(symbol) = symbols.keys().next()
    {
        return Err(WriteError::Symbol(symbol.name().to_owned()));
    }
    let mut text = circuit.layout().map(write_layout).unwrap_or_default();
    text.push_str(match dialect {
        Dialect::Two => "OPENQASM 2.0;\ninclude \"qelib1.inc\";\n",
        Dialect::Three => "OPENQASM 3.0;\ninclude \"stdgates.inc\";\n",
    });
    let mut writer = Writer {
        dialect,
        options,
        names,
        definitions: Definitions::default(),
        bits: BitNames {
            registers: classical.clone(),
            bits,
        },
        plain: Plain::default(),
        aliases: BTreeMap::new(),
    };
    let place = Place {
        qubits: &qubits,
        symbols: &symbols,
        prefix: String::new(),
        in_gate: false,
        depth: 0,
    };
    // Most lines are longer than this: a first guess spares half of the copying.
    let mut body = String::with_capacity(12 * circuit.len());
    if dialect == Dialect::Three
        && options.global_phase == GlobalPhase::Keep
        && !circuit.global_phase().is_zero()
    {
        let _ = writeln!(
            body,
            "gphase({});",
            writer.angle(circuit.global_phase(), &place)
        );
    }
    for instruction in circuit.instructions() {
        writer.instruction(
            &mut body,
            &instruction.operation,
            &instruction.qubits,
            &place,
        )?;
    }
    if hardware && dialect == Dialect::Three {
        keep_width(circuit, &mut body);
    }
    for name in symbols.values() {
        let _ = writeln!(text, "input float[64] {name};");
    }
    text.push_str(writer.definitions.text());
    for (name, _, size) in &quantum {
        let _ = match dialect {
            Dialect::Two => writeln!(text, "qreg {name}[{size}];"),
            Dialect::Three => writeln!(text, "qubit[{size}] {name};"),
        };
    }
    for (name, _, size) in &classical {
        let _ = match dialect {
            Dialect::Two => writeln!(text, "creg {name}[{size}];"),
            Dialect::Three => writeln!(text, "bit[{size}] {name};"),
        };
    }
    text.push_str(&writer.alias_declarations());
    // In place: of a long circuit there must not be two texts.
    body.insert_str(0, &text);
    Ok(body)
}

/// Readers size a program on physical qubits by the highest one it names.
fn keep_width(circuit: &Circuit, body: &mut String) {
    let Some(last) = circuit.num_qubits().checked_sub(1).map(Qubit::new) else {
        return;
    };
    if !circuit
        .instructions()
        .iter()
        .any(|i| i.qubits.contains(&last))
    {
        let _ = writeln!(body, "barrier ${};", last.index());
    }
}

fn spans(registers: &[ardea_circuit::Register]) -> Vec<(String, usize, usize)> {
    registers
        .iter()
        .map(|r| (r.name.clone(), r.start, r.size))
        .collect()
}

/// Registers with valid names, one more for bits that are in none, and every bit as an operand.
fn registers(
    given: &[(String, usize, usize)],
    count: usize,
    rest: &str,
    names: &mut Names,
) -> (Vec<(String, usize, usize)>, Vec<String>) {
    let mut registers: Vec<(String, usize, usize)> = Vec::new();
    for (name, start, size) in given.iter().filter(|(_, _, size)| *size > 0) {
        registers.push((names.take(name), *start, *size));
    }
    let covered = registers
        .iter()
        .map(|(_, start, size)| start + size)
        .max()
        .unwrap_or(0);
    if covered < count {
        registers.push((names.take(rest), covered, count - covered));
    }
    let mut bits = vec![String::new(); count];
    for (name, start, size) in &registers {
        for index in 0..*size {
            bits[start + index] = format!("{name}[{index}]");
        }
    }
    (registers, bits)
}

impl Writer<'_> {
    fn angle(&self, angle: &ardea_circuit::Angle, place: &Place<'_>) -> String {
        let name = |symbol: &Symbol| {
            place
                .symbols
                .get(symbol)
                .cloned()
                .unwrap_or_else(|| symbol.name().to_owned())
        };
        number::angle(angle, self.dialect, &name)
    }

    fn is_strict(&self) -> bool {
        self.options.openqasm2 == OpenQasm2::Strict
    }

    fn alias_declarations(&self) -> String {
        let mut text = String::new();
        for (bits, name) in &self.aliases {
            let parts: Vec<String> = self.bits.runs(bits);
            let _ = writeln!(text, "let {name} = {};", parts.join(" ++ "));
        }
        text
    }

    /// A condition over one whole register, as OpenQASM 2 has it: the register and its value.
    fn register_condition(&self, condition: &Expr) -> Option<(String, usize, usize, u64)> {
        conditions::register_condition(&self.bits, condition)
    }
}

#[cfg(test)]
mod tests;
