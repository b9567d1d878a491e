//! From syntax tree to [`Circuit`]: names, types, broadcasting, definitions, control flow.
//!
//! Statements are lowered as they are parsed. After a syntax error the rest of the file is only
//! parsed, so that one missing word does not show as a hundred unknown names; after an error of
//! meaning, lowering goes on, and names whose declaration failed are quiet from then on.

mod angle2;
mod classical;
mod control;
mod functions;
mod gates;
mod library;
mod modifiers;
mod operands;
mod scope;
mod statements;
#[cfg(test)]
mod tests;
mod value;

use std::cell::RefCell;
use std::sync::Arc;

use ardea_circuit::{Angle, Circuit, CircuitError, Operation, Qubit};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::ast::{Span, Stmt};
use crate::diagnostics::{Fault, Issue, ParseError, Problem, fault};
use crate::include::{FolderResolver, IncludeResolver};
use crate::layout::read_layout;
use crate::options::{Limit, OpenQasm2, ReadOptions};
use crate::parse::{Dialect, Parser, shorten};
use crate::token::Token;
pub(crate) use library::{QELIB1, QELIB1_ADDED, STDGATES};
use scope::Scopes;

pub(crate) type Lowered<T> = Result<T, Fault>;

/// How a file is gone through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Depth {
    /// Only the grammar.
    Syntax,
    /// To a circuit.
    Full,
}

/// Reads `text` to a circuit.
pub(crate) fn read(text: &str, options: &ReadOptions, depth: Depth) -> Result<Circuit, ParseError> {
    let mut lowering = Lowering::new(options, depth);
    let name = options
        .file_name
        .clone()
        .unwrap_or_else(|| "<input>".into());
    lowering.file(&name, text);
    let mut circuit = lowering.circuit;
    if !lowering.problems.is_empty() {
        return Err(ParseError::new(lowering.problems, lowering.omitted));
    }
    circuit.set_layout(read_layout(text, circuit.num_qubits()));
    Ok(circuit)
}

/// Reads an expression of OpenQASM 3 that has a value by itself.
pub(crate) fn angle(text: &str) -> Result<f64, ParseError> {
    const NAME: &str = "<expression>";
    let refused = |problem| ParseError::new(vec![problem], 0);
    let options = ReadOptions::default();
    if text.len() > options.limits.file_size {
        let issue = Issue::over(Limit::FileSize, options.limits.file_size as u64);
        return Err(refused(Problem::without_place(NAME, issue)));
    }
    let mut lowering = Lowering::new(&options, Depth::Full);
    lowering.dialect = Dialect::Three;
    let expression = Parser::new(text, Dialect::Three, &options.limits).only_expression();
    let value = expression.and_then(|expression| match lowering.angle(&expression)? {
        Angle::Value(value) if value.is_finite() => Ok(value),
        _ => Err(fault(expression.span, "it has no finite value")),
    });
    value.map_err(|fault| refused(Problem::at(NAME, text, fault.span, *fault.issue)))
}

/// Whether a program has declared qubits; one that has may not use `$n` beside them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum QubitKind {
    Undecided,
    Declared,
}

/// What encloses a `break` or `continue`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Loop {
    /// A loop of the circuit.
    Kept,
    /// A loop that is written out.
    Unrolled,
}

/// The use of a variable whose value was computed from a bit.
#[derive(Clone, Copy, Debug)]
struct RememberedUse {
    bit: u32,
    /// How often the bit had been written.
    count: u32,
    /// Depth of run-time control flow at which the variable was declared.
    level: usize,
    span: Span,
}

struct Lowering<'o> {
    options: &'o ReadOptions,
    resolver: Arc<dyn IncludeResolver>,
    dialect: Dialect,
    depth: Depth,
    /// The circuit or body being filled. Bodies are as wide as the circuit until they are closed.
    circuit: Circuit,
    scopes: Scopes,
    problems: Vec<Problem>,
    omitted: usize,
    /// Nothing more is read: a limit was hit or the list of problems is full.
    stopped: bool,
    /// Names of the files being read, outermost first.
    open_files: Vec<String>,
    included: usize,
    /// Whether a standard header was included.
    header_included: bool,
    qubits: QubitKind,
    /// Operations so far with called gates expanded, and statements written out by loops.
    work: u64,
    /// Depth of run-time control flow.
    level: usize,
    loops: Vec<Loop>,
    /// How often each classical bit was written, to know when a remembered expression is out of date.
    clbit_writes: FxHashMap<u32, u32>,
    /// Inverses of defined gates, by address of the definition, which the value keeps alive.
    inverses: FxHashMap<
        usize,
        (
            Arc<ardea_circuit::GateDefinition>,
            Arc<ardea_circuit::GateDefinition>,
        ),
    >,
    /// Names of inputs and loop variables in use.
    symbols: FxHashSet<String>,
    /// An `end` statement was met.
    ended: bool,
    /// Rounds of loops written out, and operations appended.
    steps: u64,
    /// How deep the gates called by the gate being defined nest.
    body_depth: usize,
    /// Where values remembered from bits were used.
    remembered_uses: RefCell<Vec<RememberedUse>>,
}

impl<'o> Lowering<'o> {
    fn new(options: &'o ReadOptions, depth: Depth) -> Self {
        let resolver = options.resolver.clone().unwrap_or_else(|| {
            let folders = options
                .source_folder
                .iter()
                .chain(&options.include_folders)
                .cloned()
                .collect();
            Arc::new(FolderResolver::new(folders))
        });
        Self {
            options,
            resolver,
            dialect: Dialect::Two(options.openqasm2),
            depth,
            circuit: Circuit::new(0, 0),
            scopes: Scopes::new(),
            problems: Vec::new(),
            omitted: 0,
            stopped: false,
            open_files: Vec::new(),
            included: 0,
            header_included: false,
            qubits: QubitKind::Undecided,
            work: 0,
            level: 0,
            loops: Vec::new(),
            clbit_writes: FxHashMap::default(),
            inverses: FxHashMap::default(),
            symbols: FxHashSet::default(),
            ended: false,
            steps: 0,
            body_depth: 0,
            remembered_uses: RefCell::new(Vec::new()),
        }
    }
}

impl Lowering<'_> {
    fn file(&mut self, name: &str, text: &str) {
        if text.len() > self.options.limits.file_size || text.len() >= u32::MAX as usize {
            let issue = Issue::over(Limit::FileSize, self.options.limits.file_size as u64);
            self.problems.push(Problem::without_place(name, issue));
            self.stopped = true;
            return;
        }
        let root = self.open_files.is_empty();
        self.open_files.push(name.to_owned());
        // A byte-order mark is not part of the program.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut parser = Parser::new(text, Dialect::Three, &self.options.limits);
        let mut syntax_only = self.depth == Depth::Syntax;
        let start = if root {
            parser.header(self.options.openqasm2)
        } else {
            parser.header_included(self.dialect)
        };
        match start {
            Ok(dialect) => {
                self.dialect = dialect;
                if root {
                    self.declare_builtin_gates();
                }
            }
            Err(fault) => {
                self.report(name, text, fault);
                parser.recover();
                syntax_only = true;
            }
        }
        if !syntax_only && let Err(fault) = self.declare_hardware(text) {
            self.report(name, text, fault);
        }
        while !self.stopped {
            match parser.statement() {
                Ok(None) => break,
                Ok(Some(_)) if syntax_only || self.ended => {}
                Ok(Some(statement)) => {
                    if let Err(fault) = self.statement(&statement) {
                        self.report(name, text, fault);
                    }
                }
                Err(fault) => {
                    syntax_only = true;
                    self.report(name, text, fault);
                    parser.recover();
                }
            }
        }
        self.open_files.pop();
    }

    fn report(&mut self, file: &str, text: &str, fault: Fault) {
        if fault.issue.message.is_empty() {
            return;
        }
        self.stopped |= fault.issue.limit.is_some();
        if self.problems.len() >= self.options.limits.errors.max(1) {
            self.omitted += 1;
            self.stopped = true;
            return;
        }
        self.problems
            .push(Problem::at(file, text, fault.span, *fault.issue));
    }

    fn include(&mut self, path: &str, span: Span) -> Lowered<()> {
        if !self.scopes.is_global() {
            return Err(fault(span, "files can only be included at the top level"));
        }
        match (path, self.dialect) {
            ("qelib1.inc", _) => {
                self.header_included = true;
                return self.declare_header(&QELIB1, span);
            }
            ("stdgates.inc", Dialect::Three) => {
                self.header_included = true;
                return self.declare_header(&STDGATES, span);
            }
            _ => {}
        }
        let limits = self.options.limits;
        self.included += 1;
        if self.included > limits.include_count {
            return Err(Issue::over(Limit::IncludeCount, limits.include_count as u64).at(span));
        }
        if self.open_files.len() > limits.include_depth {
            return Err(Issue::over(Limit::IncludeDepth, limits.include_depth as u64).at(span));
        }
        let cannot = |why: &str| {
            let why = format!("`{}` cannot be included: {why}", shorten(path));
            Issue::new(why)
                .hint("included files are looked for in the source's folder and the `-I` folders")
                .at(span)
        };
        let found = self
            .resolver
            .resolve(path, limits.file_size)
            .map_err(|why| cannot(&why))?;
        if self.open_files.contains(&found.name) || self.is_root(&found.name) {
            return Err(cannot(
                "it is being read already, so it would include itself",
            ));
        }
        self.file(&found.name, &found.text);
        Ok(())
    }

    /// Whether `name` is the file that reading began with, whose name need not be in the resolver's form.
    fn is_root(&self, name: &str) -> bool {
        let (Some(folder), Some(file)) = (&self.options.source_folder, &self.options.file_name)
        else {
            return false;
        };
        let full = |path: &std::path::Path| std::fs::canonicalize(path).ok();
        let as_given = full(std::path::Path::new(file)).or_else(|| full(&folder.join(file)));
        as_given.is_some_and(|path| path.display().to_string() == name)
    }

    /// Makes room for the largest `$n` of a file before its statements are lowered.
    fn declare_hardware(&mut self, text: &str) -> Lowered<()> {
        if self.dialect != Dialect::Three || !text.contains('$') {
            return Ok(());
        }
        let mut needed = 0;
        let mut lexer = <Token as logos::Logos>::lexer(text);
        while let Some(token) = lexer.next() {
            if token != Ok(Token::Hardware) {
                continue;
            }
            let limit = self.options.limits.qubits;
            match lexer.slice()[1..].parse::<usize>() {
                Ok(index) if index < limit => needed = needed.max(index + 1),
                _ => {
                    let range = lexer.span();
                    let span = Span {
                        start: range.start as u32,
                        end: range.end as u32,
                    };
                    return Err(Issue::over(Limit::Qubits, limit as u64).at(span));
                }
            }
        }
        let present = self.circuit.num_qubits();
        if needed > present && self.qubits != QubitKind::Declared {
            let name = if present == 0 {
                "q".to_owned()
            } else {
                format!("q{present}")
            };
            self.circuit
                .add_qreg(&name, needed - present)
                .map_err(|e| fault(Span::default(), e.to_string()))?;
        }
        Ok(())
    }

    /// Appends an operation, counting `cost` against the limit of instructions.
    fn emit(
        &mut self,
        operation: Operation,
        qubits: &[Qubit],
        cost: u64,
        span: Span,
    ) -> Lowered<()> {
        self.count(cost, span)?;
        match self.circuit.push(operation, qubits) {
            Ok(_) => Ok(()),
            Err(CircuitError::DuplicateQubit { operation, .. }) => Err(Issue::new(format!(
                "`{operation}` is given the same qubit twice"
            ))
            .hint("its qubits must be distinct")
            .at(span)),
            Err(error) => Err(circuit_fault(span, error)),
        }
    }

    fn count(&mut self, cost: u64, span: Span) -> Lowered<()> {
        self.work = self.work.saturating_add(cost);
        self.steps += 1;
        // What a gate expands to counts when it is called.
        let expanded = if self.scopes.in_gate() { 0 } else { self.work };
        if expanded.max(self.steps) > self.options.limits.instructions {
            return Err(
                Issue::over(Limit::Instructions, self.options.limits.instructions).at(span),
            );
        }
        Ok(())
    }

    fn is_legacy(&self) -> bool {
        self.dialect == Dialect::Two(OpenQasm2::Legacy)
    }

    fn block(&mut self, body: &[Stmt<'_>]) -> Lowered<()> {
        self.scopes.open();
        let outcome = body
            .iter()
            .try_for_each(|statement| self.statement(statement));
        self.scopes.close();
        outcome
    }
}

fn circuit_fault(span: Span, error: CircuitError) -> Fault {
    fault(span, error.to_string())
}

/// The fault that names what a circuit cannot hold.
fn unsupported(span: Span, what: &str) -> Fault {
    Issue::new(format!("{what} is not supported"))
        .hint("a circuit cannot hold it; see the documentation of `parse` for what is read")
        .at(span)
}

/// A fault that has been reported already, at the declaration of the name.
fn silent(span: Span) -> Fault {
    fault(span, "")
}
