//! Gates that the header lacks, each defined once, before it is used.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use ardea_circuit::{
    Angle, Circuit, ControlledOp, Gate, GateDefinition, Operation, Qubit, Symbol, UnitaryGate,
};
use rustc_hash::FxHashMap;

use super::matrix::{MAX_QUBITS, circuit_of};
use super::{Dialect, Place, WriteError, Writer};
use crate::lower::{QELIB1, QELIB1_ADDED, STDGATES};

/// How deep definitions may nest.
const MAX_DEPTH: usize = 256;

/// What has been defined so far.
#[derive(Default)]
pub(super) struct Definitions {
    text: String,
    names: FxHashMap<Key, String>,
    /// Keeps what keys point to alive, so that no address is used twice.
    kept: Vec<Kept>,
    /// Shared definitions by name, to find equal ones at other addresses.
    by_name: FxHashMap<String, Vec<(Arc<GateDefinition>, String)>>,
    depth: usize,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Standard(Gate),
    /// A standard gate under so many controls.
    Controlled(Gate, usize),
    Shared(usize),
    Delay,
}

enum Kept {
    Definition(#[expect(dead_code, reason = "held, not read")] Arc<GateDefinition>),
    Matrix(#[expect(dead_code, reason = "held, not read")] Arc<UnitaryGate>),
    Controlled(#[expect(dead_code, reason = "held, not read")] Arc<ControlledOp>),
}

impl Definitions {
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl Writer<'_> {
    /// A unitary operation as one or more calls.
    pub(super) fn gate(
        &mut self,
        out: &mut String,
        operation: &Operation,
        qubits: &[Qubit],
        place: &Place<'_>,
    ) -> Result<(), WriteError> {
        if let Some((gate, angles)) = operation.standard() {
            let name = self.standard_name(gate)?;
            let params: Vec<String> = angles
                .to_vec()
                .iter()
                .map(|a| self.angle(a, place))
                .collect();
            Self::call_line(out, &name, &params, qubits, place);
            return Ok(());
        }
        match operation {
            Operation::Call(call) => {
                let name = self.definition_name(&call.definition)?;
                let params: Vec<String> =
                    call.angles.iter().map(|a| self.angle(a, place)).collect();
                Self::call_line(out, &name, &params, qubits, place);
                Ok(())
            }
            Operation::Unitary(gate) => {
                let name = self.matrix_name(gate)?;
                Self::call_line(out, &name, &[], qubits, place);
                Ok(())
            }
            Operation::Controlled(op) if self.dialect == Dialect::Three => {
                self.controlled3(out, op, qubits, place)
            }
            Operation::Controlled(op) => self.controlled2(out, op, qubits, place),
            other => Err(WriteError::NotInVersion2(format!(
                "`{}` among gates",
                other.name()
            ))),
        }
    }

    /// OpenQASM 3: controls are modifiers.
    fn controlled3(
        &mut self,
        out: &mut String,
        op: &ControlledOp,
        qubits: &[Qubit],
        place: &Place<'_>,
    ) -> Result<(), WriteError> {
        let (name, params): (String, Vec<Angle>) = match (&op.base, op.base.standard()) {
            (_, Some((Gate::GlobalPhase, angles))) => ("gphase".into(), angles.to_vec().into_vec()),
            (_, Some((gate, angles))) => (self.standard_name(gate)?, angles.to_vec().into_vec()),
            (Operation::Call(call), _) => {
                (self.definition_name(&call.definition)?, call.angles.clone())
            }
            (Operation::Unitary(gate), _) => (self.matrix_name(gate)?, Vec::new()),
            (other, _) => {
                return Err(WriteError::NotInVersion2(format!(
                    "`{}` under control",
                    other.name()
                )));
            }
        };
        let mut call = String::new();
        let mut at = 0;
        while at < op.state.len() {
            let run = op.state[at..]
                .iter()
                .take_while(|&&on| on == op.state[at])
                .count();
            call.push_str(if op.state[at] { "ctrl" } else { "negctrl" });
            if run > 1 {
                let _ = write!(call, "({run})");
            }
            call.push_str(" @ ");
            at += run;
        }
        call.push_str(&name);
        let params: Vec<String> = params.iter().map(|a| self.angle(a, place)).collect();
        Self::call_line(out, &call, &params, qubits, place);
        Ok(())
    }

    /// OpenQASM 2: open controls between X, the rest a gate with a definition.
    fn controlled2(
        &mut self,
        out: &mut String,
        op: &Arc<ControlledOp>,
        qubits: &[Qubit],
        place: &Place<'_>,
    ) -> Result<(), WriteError> {
        let open: Vec<Qubit> = op
            .state
            .iter()
            .zip(qubits)
            .filter(|(on, _)| !**on)
            .map(|(_, &q)| q)
            .collect();
        for &qubit in &open {
            Self::call_line(out, "x", &[], &[qubit], place);
        }
        let controls = op.state.len();
        match op.base.standard() {
            // A phase under control is a phase gate on the last control.
            Some((Gate::GlobalPhase, angles)) if controls > 0 => {
                let phase = Operation::gate(Gate::P, &angles.to_vec())?;
                let closed = if controls > 1 {
                    phase.controlled(&vec![true; controls - 1])?
                } else {
                    phase
                };
                self.gate(out, &closed, qubits, place)?;
            }
            Some((gate, angles)) => {
                let closed = op.base.controlled(&vec![true; controls])?;
                if closed.as_gate().is_some() {
                    self.gate(out, &closed, qubits, place)?;
                } else {
                    let name = self.controlled_name(gate, controls)?;
                    let params: Vec<String> = angles
                        .to_vec()
                        .iter()
                        .map(|a| self.angle(a, place))
                        .collect();
                    Self::call_line(out, &name, &params, qubits, place);
                }
            }
            None if op.base.is_symbolic() => {
                let definition = op.base.controlled(&vec![true; controls])?.definition()?;
                for instruction in definition.instructions() {
                    let actual: Vec<Qubit> = instruction
                        .qubits
                        .iter()
                        .map(|q| qubits[q.index()])
                        .collect();
                    self.gate(out, &instruction.operation, &actual, place)?;
                }
            }
            None => {
                let closed = op.base.controlled(&vec![true; controls])?;
                let name = self.block_name(op, &closed)?;
                Self::call_line(out, &name, &[], qubits, place);
            }
        }
        for &qubit in &open {
            Self::call_line(out, "x", &[], &[qubit], place);
        }
        Ok(())
    }

    /// The name of a standard gate, defined if the header lacks it.
    pub(super) fn standard_name(&mut self, gate: Gate) -> Result<String, WriteError> {
        if let Some(name) = self.header_name(gate) {
            return Ok(name.to_owned());
        }
        let key = Key::Standard(gate);
        if let Some(name) = self.definitions.names.get(&key) {
            return Ok(name.clone());
        }
        let symbols: Vec<Symbol> = (0..gate.num_angles())
            .map(|i| Symbol::new(&format!("p{i}")))
            .collect();
        let angles: Vec<Angle> = symbols.iter().cloned().map(Angle::from).collect();
        let body = Operation::gate(gate, &angles)?.definition()?;
        self.define(key, gate.name(), &symbols, &body)
    }

    /// What the header calls the gate.
    fn header_name(&self, gate: Gate) -> Option<&'static str> {
        if self.dialect == Dialect::Three {
            return match gate {
                Gate::U => Some("U"),
                _ => STDGATES.contains(&gate.name()).then(|| gate.name()),
            };
        }
        let added = if self.is_strict() {
            &[][..]
        } else {
            &QELIB1_ADDED[..]
        };
        let known = |name: &&str| QELIB1.contains(name) || added.contains(name);
        let own = gate.name();
        match gate {
            Gate::U if self.is_strict() => Some("u3"),
            Gate::P if self.is_strict() => Some("u1"),
            _ => std::iter::once(own)
                .chain(gate.aliases().iter().copied())
                .find(|name| known(name) && *name != "u0"),
        }
    }

    fn controlled_name(&mut self, gate: Gate, controls: usize) -> Result<String, WriteError> {
        let key = Key::Controlled(gate, controls);
        if let Some(name) = self.definitions.names.get(&key) {
            return Ok(name.clone());
        }
        let symbols: Vec<Symbol> = (0..gate.num_angles())
            .map(|i| Symbol::new(&format!("p{i}")))
            .collect();
        let angles: Vec<Angle> = symbols.iter().cloned().map(Angle::from).collect();
        let body = Operation::gate(gate, &angles)?
            .controlled(&vec![true; controls])?
            .definition()?;
        self.define(key, &format!("c{controls}{}", gate.name()), &symbols, &body)
    }

    fn block_name(
        &mut self,
        op: &Arc<ControlledOp>,
        closed: &Operation,
    ) -> Result<String, WriteError> {
        let key = Key::Shared(Arc::as_ptr(op) as usize);
        if let Some(name) = self.definitions.names.get(&key) {
            return Ok(name.clone());
        }
        let body = match &op.base {
            Operation::Unitary(gate) => {
                self.matrix_circuit(gate)?
                    .controlled(&vec![true; op.state.len()])?
            }
            _ => closed.definition()?,
        };
        self.definitions.kept.push(Kept::Controlled(Arc::clone(op)));
        self.define(
            key,
            &format!("c{}{}", op.state.len(), op.base.name()),
            &[],
            &body,
        )
    }

    fn matrix_name(&mut self, gate: &Arc<UnitaryGate>) -> Result<String, WriteError> {
        let key = Key::Shared(Arc::as_ptr(gate) as usize);
        if let Some(name) = self.definitions.names.get(&key) {
            return Ok(name.clone());
        }
        let body = self.matrix_circuit(gate)?;
        self.definitions.kept.push(Kept::Matrix(Arc::clone(gate)));
        self.define(key, gate.label().unwrap_or("unitary"), &[], &body)
    }

    fn matrix_circuit(&self, gate: &UnitaryGate) -> Result<Circuit, WriteError> {
        let num_qubits = gate.num_qubits();
        if num_qubits > MAX_QUBITS {
            return Err(WriteError::MatrixTooWide {
                num_qubits,
                limit: MAX_QUBITS,
            });
        }
        Ok(circuit_of(gate.matrix())?)
    }

    fn definition_name(&mut self, definition: &Arc<GateDefinition>) -> Result<String, WriteError> {
        let key = Key::Shared(Arc::as_ptr(definition) as usize);
        if let Some(name) = self.definitions.names.get(&key) {
            return Ok(name.clone());
        }
        let equal = self
            .definitions
            .by_name
            .get(&definition.name)
            .and_then(|known| known.iter().find(|(d, _)| same(d, definition)));
        if let Some((_, name)) = equal {
            return Ok(name.clone());
        }
        let name = match &definition.body {
            Some(body) => self.define(key, &definition.name, &definition.params, body)?,
            None if self.dialect == Dialect::Three => {
                return Err(WriteError::Opaque(definition.name.clone()));
            }
            None => {
                let name = self.names.take(&definition.name);
                let mut local = super::names::Names::new(self.dialect);
                let params: Vec<String> = definition
                    .params
                    .iter()
                    .map(|p| local.take(p.name()))
                    .collect();
                self.declare_opaque(&name, &params, definition.num_qubits, &mut local);
                self.definitions.names.insert(key, name.clone());
                name
            }
        };
        self.definitions
            .kept
            .push(Kept::Definition(Arc::clone(definition)));
        let known = self
            .definitions
            .by_name
            .entry(definition.name.clone())
            .or_default();
        known.push((Arc::clone(definition), name.clone()));
        Ok(name)
    }

    pub(super) fn delay_gate(&mut self) -> String {
        if let Some(name) = self.definitions.names.get(&Key::Delay) {
            return name.clone();
        }
        let name = self.names.take("delay");
        // Readers know the opaque gate by this very name; the writer of version 2 may use it.
        let name = if name == "delay_1" {
            self.names.reserve("delay");
            "delay".to_owned()
        } else {
            name
        };
        let mut local = super::names::Names::new(self.dialect);
        self.declare_opaque(&name, &[local.take("time")], 1, &mut local);
        self.definitions.names.insert(Key::Delay, name.clone());
        name
    }

    fn declare_opaque(
        &mut self,
        name: &str,
        params: &[String],
        num_qubits: usize,
        local: &mut super::names::Names,
    ) {
        let params = if params.is_empty() {
            String::new()
        } else {
            format!("({})", params.join(", "))
        };
        let qubits: Vec<String> = (0..num_qubits)
            .map(|i| local.take(&format!("q{i}")))
            .collect();
        let _ = writeln!(
            self.definitions.text,
            "opaque {name}{params} {};",
            qubits.join(", ")
        );
    }

    /// Writes `gate name(params) q0, q1 { ... }` after everything it needs.
    fn define(
        &mut self,
        key: Key,
        wanted: &str,
        params: &[Symbol],
        body: &Circuit,
    ) -> Result<String, WriteError> {
        if self.definitions.depth >= MAX_DEPTH {
            return Err(WriteError::TooDeep(MAX_DEPTH));
        }
        // The name is taken last: a gate of the body may deserve it more.
        let mut local = super::names::Names::new(self.dialect);
        let symbols: BTreeMap<Symbol, String> = params
            .iter()
            .map(|s| (s.clone(), local.take(s.name())))
            .collect();
        let qubits: Vec<String> = (0..body.num_qubits())
            .map(|i| local.take(&format!("q{i}")))
            .collect();
        let place = Place {
            qubits: &qubits,
            symbols: &symbols,
            prefix: "  ".into(),
            in_gate: true,
            depth: 0,
        };
        let mut text = String::new();
        self.definitions.depth += 1;
        let mut outcome = Ok(());
        self.phase_line(&mut text, body.global_phase(), &place);
        for instruction in body.instructions() {
            outcome = self.instruction(
                &mut text,
                &instruction.operation,
                &instruction.qubits,
                &place,
            );
            if outcome.is_err() {
                break;
            }
        }
        self.definitions.depth -= 1;
        outcome?;
        let name = self.names.take(wanted);
        let list: Vec<&str> = params.iter().map(|s| symbols[s].as_str()).collect();
        let head = if list.is_empty() {
            name.clone()
        } else {
            format!("{name}({})", list.join(", "))
        };
        let _ = writeln!(
            self.definitions.text,
            "gate {head} {} {{\n{text}}}",
            qubits.join(", ")
        );
        self.definitions.names.insert(key, name.clone());
        Ok(name)
    }
}

/// Whether two definitions say the same, without following shared definitions into the depth.
fn same(a: &Arc<GateDefinition>, b: &Arc<GateDefinition>) -> bool {
    let (Some(x), Some(y)) = (&a.body, &b.body) else {
        return false;
    };
    let alike = |p: &Operation, q: &Operation| match (p, q) {
        (Operation::Call(p), Operation::Call(q)) => {
            Arc::ptr_eq(&p.definition, &q.definition) && p.angles == q.angles
        }
        (Operation::Controlled(p), Operation::Controlled(q)) => Arc::ptr_eq(p, q),
        _ => p.standard().is_some() && p == q,
    };
    a.num_qubits == b.num_qubits
        && a.params == b.params
        && x.global_phase() == y.global_phase()
        && x.len() == y.len()
        && x.instructions()
            .iter()
            .zip(y.instructions())
            .all(|(i, j)| i.qubits == j.qubits && alike(&i.operation, &j.operation))
}
