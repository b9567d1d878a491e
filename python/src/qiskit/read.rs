//! A Qiskit circuit to ours: registers, gates, definitions.

use std::sync::Arc;

use ardea_circuit::{Angle, Circuit, Clbit, Gate, GateDefinition, Operation, Qubit, Symbol};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

use super::angles::read_angle;
use super::import;
use super::layout::read_layout;
use crate::arguments::{complex_matrix, type_name};
use crate::builder::delay;
use crate::errors::{Error, Result};

/// Definitions may nest this deep; deeper ones are taken for a cycle.
const MAX_DEPTH: usize = 64;

/// Reads a `QuantumCircuit`.
pub(super) fn read(circuit: &Bound<'_, PyAny>) -> Result<Circuit> {
    let py = circuit.py();
    let mut reader = Reader::new(py)?;
    if !circuit.is_instance(&reader.classes.circuit)? {
        let message = format!(
            "from_qiskit takes a QuantumCircuit, not {}",
            type_name(circuit)
        );
        return Err(Error::Type(message));
    }
    let mut out = reader.circuit(circuit)?;
    out.set_layout(read_layout(circuit)?);
    let name: String = circuit.getattr("name")?.extract()?;
    if !name.starts_with("circuit-") {
        // Qiskit numbers unnamed circuits.
        out.set_name(name);
    }
    Ok(out)
}

/// What stays the same while a circuit is read.
pub(super) struct Reader<'py> {
    pub(super) py: Python<'py>,
    pub(super) classes: Classes<'py>,
    /// Custom gates met so far, with what became of them: equal gates share a definition.
    known: Vec<(String, Bound<'py, PyAny>, Option<Operation>)>,
    depth: usize,
}

/// Qiskit's classes that are told apart.
pub(super) struct Classes<'py> {
    circuit: Bound<'py, PyAny>,
    gate: Bound<'py, PyAny>,
    controlled: Bound<'py, PyAny>,
    annotated: Bound<'py, PyAny>,
    unitary: Bound<'py, PyAny>,
    pub(super) library: Bound<'py, PyModule>,
}

/// Which wire of the circuit being built a Qiskit bit is.
pub(super) struct Scope<'py> {
    pub(super) qubits: Bound<'py, PyDict>,
    pub(super) clbits: Bound<'py, PyDict>,
}

impl<'py> Scope<'py> {
    /// The bits of `circuit`, in order; its classical bits stand for the `clbits` of the circuit being built.
    pub(super) fn of(circuit: &Bound<'py, PyAny>, clbits: &[Clbit]) -> Result<Self> {
        let scope = Self {
            qubits: PyDict::new(circuit.py()),
            clbits: PyDict::new(circuit.py()),
        };
        for (index, bit) in circuit.getattr("qubits")?.try_iter()?.enumerate() {
            scope.qubits.set_item(bit?, index)?;
        }
        for (bit, clbit) in circuit.getattr("clbits")?.try_iter()?.zip(clbits) {
            scope.clbits.set_item(bit?, clbit.index())?;
        }
        Ok(scope)
    }

    /// The classical bit that `bit` is.
    pub(super) fn clbit(&self, bit: &Bound<'py, PyAny>) -> Result<Clbit> {
        Ok(Clbit::new(position(&self.clbits, bit)?))
    }

    pub(super) fn qubits_of(&self, item: &Bound<'py, PyAny>) -> Result<Vec<Qubit>> {
        let bits = item.getattr(intern!(item.py(), "qubits"))?;
        bits.try_iter()?
            .map(|bit| Ok(Qubit::new(position(&self.qubits, &bit?)?)))
            .collect()
    }

    pub(super) fn clbits_of(&self, item: &Bound<'py, PyAny>) -> Result<Vec<Clbit>> {
        let bits = item.getattr(intern!(item.py(), "clbits"))?;
        bits.try_iter()?.map(|bit| self.clbit(&bit?)).collect()
    }
}

fn position(positions: &Bound<'_, PyDict>, bit: &Bound<'_, PyAny>) -> Result<usize> {
    match positions.get_item(bit)? {
        Some(index) => Ok(index.extract()?),
        None => Err(Error::Conversion(format!(
            "{bit} is not a bit of the circuit that uses it"
        ))),
    }
}

impl<'py> Reader<'py> {
    fn new(py: Python<'py>) -> Result<Self> {
        let module = import(py, "qiskit.circuit")?;
        let library = import(py, "qiskit.circuit.library")?;
        Ok(Self {
            py,
            classes: Classes {
                circuit: module.getattr("QuantumCircuit")?,
                gate: module.getattr("Gate")?,
                controlled: module.getattr("ControlledGate")?,
                annotated: module.getattr("AnnotatedOperation")?,
                unitary: library.getattr("UnitaryGate")?,
                library,
            },
            known: Vec::new(),
            depth: 0,
        })
    }

    /// A whole circuit with registers of its own.
    fn circuit(&mut self, circuit: &Bound<'py, PyAny>) -> Result<Circuit> {
        let mut out = Circuit::new(0, 0);
        add_registers(circuit, "qubits", &mut |name, size| {
            out.add_qreg(name, size).map(|_| ()).map_err(Error::from)
        })?;
        add_registers(circuit, "clbits", &mut |name, size| {
            out.add_creg(name, size).map(|_| ()).map_err(Error::from)
        })?;
        let clbits: Vec<Clbit> = (0..out.num_clbits()).map(Clbit::new).collect();
        self.fill(&mut out, circuit, &Scope::of(circuit, &clbits)?)?;
        Ok(out)
    }

    /// Appends the instructions and the global phase of `circuit`.
    pub(super) fn fill(
        &mut self,
        out: &mut Circuit,
        circuit: &Bound<'py, PyAny>,
        scope: &Scope<'py>,
    ) -> Result<()> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::Conversion(format!(
                "definitions or bodies nest deeper than {MAX_DEPTH} levels"
            )));
        }
        let py = self.py;
        if circuit.hasattr("num_identifiers")? && circuit.getattr("num_identifiers")?.is_truthy()? {
            let message =
                "run-time variables (input, captured or declared with add_var) have no counterpart";
            return Err(Error::Conversion(message.to_owned()));
        }
        out.add_global_phase(read_angle(&circuit.getattr("global_phase")?)?);
        let data = circuit.getattr(intern!(py, "data"))?;
        out.reserve(data.len()?);
        for item in data.try_iter()? {
            self.append(out, &item?, scope)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn append(
        &mut self,
        out: &mut Circuit,
        item: &Bound<'py, PyAny>,
        scope: &Scope<'py>,
    ) -> Result<()> {
        let py = self.py;
        let qubits = scope.qubits_of(item)?;
        let name = item
            .getattr(intern!(py, "name"))?
            .cast_into::<PyString>()
            .map_err(PyErr::from)?;
        let name = name.to_cow()?;
        if item
            .call_method0(intern!(py, "is_standard_gate"))?
            .is_truthy()?
        {
            let params = item.getattr(intern!(py, "params"))?;
            if let Some(operation) = standard(&name, qubits.len(), &params)? {
                out.push(operation, &qubits)?;
                return Ok(());
            }
        }
        let op = item.getattr(intern!(py, "operation"))?;
        match &*name {
            "measure" if self.is(&op, "Measure")? => {
                let clbits = scope.clbits_of(item)?;
                let clbit = clbits
                    .first()
                    .ok_or_else(|| Error::Conversion("a measurement without a bit".to_owned()))?;
                out.push(Operation::Measure(*clbit), &qubits)?;
            }
            "reset" if self.is(&op, "Reset")? => {
                out.push(Operation::Reset, &qubits)?;
            }
            "barrier" if self.is(&op, "Barrier")? => {
                if !qubits.is_empty() {
                    out.push(Operation::Barrier, &qubits)?;
                }
            }
            "delay" => {
                out.push(read_delay(&op)?, &qubits)?;
            }
            _ if self.control_flow(out, item, &op, &name, &qubits, scope)? => {}
            _ => match self.gate(&op, &name)? {
                Some(operation) => {
                    out.push(operation, &qubits)?;
                }
                None => self.inline(out, &op, &qubits, &scope.clbits_of(item)?)?,
            },
        }
        Ok(())
    }

    fn is(&self, op: &Bound<'py, PyAny>, class: &str) -> Result<bool> {
        Ok(op.is_instance(&self.classes.library.getattr(class)?)?)
    }

    /// A unitary operation, or none when its definition must take its place.
    fn gate(&mut self, op: &Bound<'py, PyAny>, name: &str) -> Result<Option<Operation>> {
        if op.is_instance(&self.classes.annotated)? {
            return self.annotated(op).map(Some);
        }
        if let Some(operation) = self.standard_object(op, name)? {
            return Ok(Some(operation));
        }
        if op.is_instance(&self.classes.unitary)? {
            let matrix = complex_matrix(&op.call_method0("to_matrix")?)?;
            let label: Option<String> = op.getattr("label")?.extract()?;
            return Ok(Some(ardea_circuit::UnitaryGate::new(matrix, label)?.into()));
        }
        if op.is_instance(&self.classes.controlled)?
            && let Some(operation) = self.controlled(op)?
        {
            return Ok(Some(operation));
        }
        for (known, object, operation) in &self.known {
            if known == name && (object.is(op) || object.eq(op)?) {
                return Ok(operation.clone());
            }
        }
        let operation = self.defined(op, name)?;
        self.known
            .push((name.to_owned(), op.clone(), operation.clone()));
        Ok(operation)
    }

    /// A gate object of the standard library.
    fn standard_object(&self, op: &Bound<'py, PyAny>, name: &str) -> Result<Option<Operation>> {
        let standard = op
            .getattr_opt("_standard_gate")?
            .filter(|gate| !gate.is_none());
        if standard.is_none() || self.is_open(op)? {
            return Ok(None);
        }
        self::standard(
            name,
            op.getattr("num_qubits")?.extract()?,
            &op.getattr("params")?,
        )
    }

    /// Whether some control of the gate must read 0.
    fn is_open(&self, op: &Bound<'py, PyAny>) -> Result<bool> {
        Ok(op.is_instance(&self.classes.controlled)? && control_state(op)?.contains(&false))
    }

    /// A gate under control, when Qiskit's own description of it is complete.
    fn controlled(&mut self, op: &Bound<'py, PyAny>) -> Result<Option<Operation>> {
        let base = op.getattr("base_gate")?;
        let name: String = base.getattr("name")?.extract()?;
        // The base of a controlled u leaves out the fourth angle.
        if matches!(&*name, "u" | "cu") {
            return Ok(None);
        }
        let state = control_state(op)?;
        let (width, own): (usize, usize) = (
            op.getattr("num_qubits")?.extract()?,
            base.getattr("num_qubits")?.extract()?,
        );
        if width != own + state.len() {
            return Ok(None); // it has work qubits
        }
        self.nested(|reader| reader.gate(&base, &name))?
            .map(|base| Ok(base.controlled(&state)?))
            .transpose()
    }

    /// An operation with modifiers: controls, inverses and powers, applied in order.
    fn annotated(&mut self, op: &Bound<'py, PyAny>) -> Result<Operation> {
        let base = op.getattr("base_op")?;
        let name: String = base.getattr("name")?.extract()?;
        let Some(mut operation) = self.nested(|reader| reader.gate(&base, &name))? else {
            return Err(Error::Conversion(format!(
                "'{name}' is not unitary and cannot be modified"
            )));
        };
        for modifier in op.getattr("modifiers")?.try_iter()? {
            let modifier = modifier?;
            operation = match &*type_name(&modifier) {
                "ControlModifier" => operation.controlled(&control_state(&modifier)?)?,
                "InverseModifier" => operation.inverse()?,
                "PowerModifier" => operation.power(modifier.getattr("power")?.extract()?)?,
                other => {
                    return Err(Error::Conversion(format!(
                        "the modifier {other} has no counterpart"
                    )));
                }
            };
        }
        Ok(operation)
    }

    /// A gate by its definition or, failing that, its matrix; opaque when it has neither.
    fn defined(&mut self, op: &Bound<'py, PyAny>, name: &str) -> Result<Option<Operation>> {
        let definition = op
            .getattr_opt("definition")?
            .filter(|definition| !definition.is_none());
        if let Some(definition) = definition {
            let body = self.nested(|reader| reader.circuit(&definition))?;
            return Ok(if body.is_unitary() && body.num_clbits() == 0 {
                Some(body.to_gate(name)?)
            } else {
                None
            });
        }
        if op.hasattr("__array__")? {
            let matrix = self.py.import("numpy")?.call_method1("asarray", (op,))?;
            let gate =
                ardea_circuit::UnitaryGate::new(complex_matrix(&matrix)?, Some(name.to_owned()))?;
            return Ok(Some(gate.into()));
        }
        if op.hasattr("to_instruction")? {
            let instruction = op.call_method0("to_instruction")?;
            return self.nested(|reader| reader.gate(&instruction, name));
        }
        if !op.is_instance(&self.classes.gate)? {
            let message = format!(
                "the operation '{name}' ({}) has no definition, matrix or counterpart",
                type_name(op)
            );
            return Err(Error::Conversion(message));
        }
        let angles: Vec<Angle> = op
            .getattr("params")?
            .try_iter()?
            .map(|param| read_angle(&param?))
            .collect::<Result<_>>()?;
        let definition = GateDefinition {
            name: name.to_owned(),
            num_qubits: op.getattr("num_qubits")?.extract()?,
            params: (0..angles.len())
                .map(|i| Symbol::new(&format!("p{i}")))
                .collect(),
            body: None,
        };
        Ok(Some(Operation::call(&Arc::new(definition), angles)?))
    }

    /// Puts the definition of something that is not a gate in its place.
    fn inline(
        &mut self,
        out: &mut Circuit,
        op: &Bound<'py, PyAny>,
        qubits: &[Qubit],
        clbits: &[Clbit],
    ) -> Result<()> {
        let definition = op.getattr("definition")?;
        let body = self.nested(|reader| reader.circuit(&definition))?;
        out.append(&body, qubits, clbits)?;
        Ok(())
    }

    /// Runs `read` one level deeper.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::Conversion(format!(
                "definitions nest deeper than {MAX_DEPTH} levels"
            )));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }
}

/// A standard gate by Qiskit's name; none when the name means something else here.
fn standard(name: &str, num_qubits: usize, params: &Bound<'_, PyAny>) -> Result<Option<Operation>> {
    let gate = match (name, num_qubits) {
        ("mcx", 4) => Some(Gate::C3X),
        ("mcx", 5) => Some(Gate::C4X),
        _ => Gate::from_name(name),
    };
    let Some(gate) = gate.filter(|gate| gate.num_qubits() == num_qubits) else {
        return Ok(None);
    };
    if gate.num_angles() == 0 {
        return Ok(Some(Operation::Gate(gate)));
    }
    let angles: Vec<Angle> = params
        .try_iter()?
        .map(|param| read_angle(&param?))
        .collect::<Result<_>>()?;
    Ok(Some(Operation::gate(gate, &angles)?))
}

/// What each control must read, from `ctrl_state`, whose bit i belongs to control i.
fn control_state(op: &Bound<'_, PyAny>) -> Result<Vec<bool>> {
    let count: usize = op.getattr("num_ctrl_qubits")?.extract()?;
    let digits: String = op
        .getattr("ctrl_state")?
        .call_method1("__format__", ("b",))?
        .extract()?;
    let digits: Vec<bool> = digits.chars().rev().map(|digit| digit == '1').collect();
    Ok((0..count)
        .map(|i| digits.get(i).copied().unwrap_or(false))
        .collect())
}

fn read_delay(op: &Bound<'_, PyAny>) -> Result<Operation> {
    let duration = op.getattr("duration")?;
    let Ok(value) = duration.extract::<f64>() else {
        return Err(Error::Conversion(format!(
            "the delay {duration} is not a number"
        )));
    };
    delay(value, &op.getattr("unit")?.extract::<String>()?)
}

/// Registers in the order of the bits. Bits without a register, or whose registers overlap, get one of their own.
fn add_registers(
    circuit: &Bound<'_, PyAny>,
    kind: &str,
    add: &mut dyn FnMut(&str, usize) -> Result<()>,
) -> Result<()> {
    let bits: Vec<Bound<'_, PyAny>> = circuit
        .getattr(kind)?
        .try_iter()?
        .collect::<PyResult<_>>()?;
    let (mut start, mut loose, mut number) = (0, 0, 0);
    let mut flush =
        |loose: &mut usize, add: &mut dyn FnMut(&str, usize) -> Result<()>| -> Result<()> {
            if *loose > 0 {
                let letter = if kind == "qubits" { "q" } else { "c" };
                add(&format!("loose_{letter}{number}"), *loose)?;
                number += 1;
                *loose = 0;
            }
            Ok(())
        };
    while start < bits.len() {
        match whole_register(circuit, &bits, start)? {
            Some((name, size)) => {
                flush(&mut loose, add)?;
                add(&name, size)?;
                start += size;
            }
            None => {
                loose += 1;
                start += 1;
            }
        }
    }
    flush(&mut loose, add)
}

/// The register whose bits are `bits[start..]`, all of them in order.
fn whole_register(
    circuit: &Bound<'_, PyAny>,
    bits: &[Bound<'_, PyAny>],
    start: usize,
) -> Result<Option<(String, usize)>> {
    let registers = circuit
        .call_method1("find_bit", (&bits[start],))?
        .getattr("registers")?;
    for entry in registers.try_iter()? {
        let (register, index): (Bound<'_, PyAny>, usize) = entry?.extract()?;
        let size = register.len()?;
        if index != 0 || start + size > bits.len() {
            continue;
        }
        let mut same = true;
        for (i, bit) in register.try_iter()?.enumerate() {
            same = same && bit?.eq(&bits[start + i])?;
        }
        if same {
            return Ok(Some((register.getattr("name")?.extract()?, size)));
        }
    }
    Ok(None)
}
