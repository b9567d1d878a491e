//! Our circuit to a Qiskit circuit: registers, gates, definitions.

use std::collections::BTreeMap;

use ardea_circuit::{Angle, Circuit, Gate, Instruction, Operation, TimeUnit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};

use super::angles::Parameters;
use super::import;
use super::layout::write_layout;
use crate::circuit::matrix_to_python;
use crate::errors::{Error, Result};

/// Writes a `QuantumCircuit`.
pub(super) fn write<'py>(
    py: Python<'py>,
    circuit: &Circuit,
    parameters: &[Bound<'py, PyAny>],
) -> Result<Bound<'py, PyAny>> {
    let mut writer = Writer::new(py, parameters)?;
    let out = writer.circuit(circuit)?;
    if let Some(layout) = circuit.layout() {
        write_layout(&out, layout, circuit.num_qubits())?;
    }
    Ok(out)
}

/// What stays the same while a circuit is written.
pub(super) struct Writer<'py> {
    pub(super) py: Python<'py>,
    pub(super) module: Bound<'py, PyModule>,
    library: Bound<'py, PyModule>,
    instruction: Bound<'py, PyAny>,
    pub(super) parameters: Parameters<'py>,
    /// Gate classes, and for gates without angles the one object that all their uses share.
    classes: BTreeMap<Gate, Bound<'py, PyAny>>,
    objects: BTreeMap<Gate, Bound<'py, PyAny>>,
}

/// The Qiskit circuit being written, with its bits at hand.
pub(super) struct Wires<'py> {
    pub(super) circuit: Bound<'py, PyAny>,
    pub(super) qubits: Vec<Bound<'py, PyAny>>,
    /// By the position of the outermost circuit; none where a body does not use the bit.
    pub(super) clbits: Vec<Option<Bound<'py, PyAny>>>,
    /// The outermost circuit's registers, in the order of ours.
    pub(super) cregs: Vec<Bound<'py, PyAny>>,
}

impl<'py> Writer<'py> {
    fn new(py: Python<'py>, parameters: &[Bound<'py, PyAny>]) -> Result<Self> {
        let module = import(py, "qiskit.circuit")?;
        Ok(Self {
            py,
            library: import(py, "qiskit.circuit.library")?,
            instruction: module.getattr("CircuitInstruction")?,
            parameters: Parameters::new(&module, parameters)?,
            module,
            classes: BTreeMap::new(),
            objects: BTreeMap::new(),
        })
    }

    /// A circuit with registers of its own.
    fn circuit(&mut self, circuit: &Circuit) -> Result<Bound<'py, PyAny>> {
        let options = PyDict::new(self.py);
        if let Some(name) = circuit.name() {
            options.set_item("name", name)?;
        }
        let out = self
            .module
            .getattr("QuantumCircuit")?
            .call((), Some(&options))?;
        let mut cregs = Vec::new();
        for register in circuit.qregs() {
            let register = self
                .module
                .getattr("QuantumRegister")?
                .call1((register.size, &register.name))?;
            out.call_method1("add_register", (register,))?;
        }
        for register in circuit.cregs() {
            let register = self
                .module
                .getattr("ClassicalRegister")?
                .call1((register.size, &register.name))?;
            out.call_method1("add_register", (&register,))?;
            cregs.push(register);
        }
        self.add_missing(&out, "qubits", "Qubit", circuit.num_qubits())?;
        self.add_missing(&out, "clbits", "Clbit", circuit.num_clbits())?;
        let list = |kind: &str| out.getattr(kind)?.try_iter()?.collect::<PyResult<Vec<_>>>();
        let wires = Wires {
            qubits: list("qubits")?,
            clbits: list("clbits")?.into_iter().map(Some).collect(),
            circuit: out.clone(),
            cregs,
        };
        self.fill(&wires, circuit, circuit)?;
        Ok(out)
    }

    fn add_missing(
        &self,
        out: &Bound<'py, PyAny>,
        kind: &str,
        class: &str,
        wanted: usize,
    ) -> Result<()> {
        let present = out.getattr(kind)?.len()?;
        for _ in present..wanted {
            let bit = self.module.getattr(class)?.call0()?;
            out.call_method1("add_bits", (PyList::new(self.py, [bit])?,))?;
        }
        Ok(())
    }

    /// Appends the instructions and the global phase of `circuit`, whose registers are those of `outer`.
    pub(super) fn fill(
        &mut self,
        wires: &Wires<'py>,
        circuit: &Circuit,
        outer: &Circuit,
    ) -> Result<()> {
        wires.circuit.setattr(
            "global_phase",
            self.parameters.write_angle(circuit.global_phase())?,
        )?;
        let append = wires.circuit.getattr("_append")?;
        for instruction in circuit.instructions() {
            self.append(&append, wires, instruction, outer)?;
        }
        Ok(())
    }

    fn append(
        &mut self,
        append: &Bound<'py, PyAny>,
        wires: &Wires<'py>,
        instruction: &Instruction,
        outer: &Circuit,
    ) -> Result<()> {
        let qubits = PyTuple::new(
            self.py,
            instruction
                .qubits
                .iter()
                .map(|qubit| &wires.qubits[qubit.index()]),
        )?;
        let (operation, clbits) = match &instruction.operation {
            Operation::Measure(bit) => {
                let bit = wires.clbits[bit.index()].as_ref();
                let bit = bit.ok_or_else(|| {
                    Error::Internal("a body measures into a bit it does not list".into())
                })?;
                (
                    self.library.getattr("Measure")?.call0()?,
                    PyTuple::new(self.py, [bit])?,
                )
            }
            operation if operation.is_control_flow() => {
                self.control_flow(wires, instruction, outer)?
            }
            Operation::Break => return self.jump(append, wires, "BreakLoopOp"),
            Operation::Continue => return self.jump(append, wires, "ContinueLoopOp"),
            operation => (
                self.operation(operation, instruction.qubits.len())?,
                PyTuple::empty(self.py),
            ),
        };
        append.call1((self.instruction.call1((operation, qubits, clbits))?,))?;
        Ok(())
    }

    /// A jump belongs to all bits of its body.
    fn jump(&self, append: &Bound<'py, PyAny>, wires: &Wires<'py>, class: &str) -> Result<()> {
        let clbits: Vec<&Bound<'py, PyAny>> = wires.clbits.iter().flatten().collect();
        let op = self
            .module
            .getattr(class)?
            .call1((wires.qubits.len(), clbits.len()))?;
        let (qubits, clbits) = (
            PyTuple::new(self.py, &wires.qubits)?,
            PyTuple::new(self.py, clbits)?,
        );
        append.call1((self.instruction.call1((op, qubits, clbits))?,))?;
        Ok(())
    }

    /// An operation that neither reads nor writes classical bits.
    fn operation(&mut self, operation: &Operation, num_qubits: usize) -> Result<Bound<'py, PyAny>> {
        match operation {
            Operation::Gate(gate) => self.constant(*gate),
            Operation::Rotation(gate, angle) => Ok(self.class(*gate)?.call1((*angle,))?),
            Operation::Parametric(gate, angles) => {
                let angles = self.write_angles(angles)?;
                Ok(self.class(*gate)?.call1(PyTuple::new(self.py, angles)?)?)
            }
            Operation::Unitary(gate) => {
                let matrix = matrix_to_python(self.py, gate.matrix().clone());
                let options = PyDict::new(self.py);
                options.set_item("label", gate.label())?;
                Ok(self
                    .library
                    .getattr("UnitaryGate")?
                    .call((matrix,), Some(&options))?)
            }
            Operation::Controlled(op) => {
                let base_qubits = op.base.num_qubits().unwrap_or_default();
                let base = self.operation(&op.base, base_qubits)?;
                let state: String = op
                    .state
                    .iter()
                    .rev()
                    .map(|&on| if on { '1' } else { '0' })
                    .collect();
                let options = PyDict::new(self.py);
                options.set_item("ctrl_state", state)?;
                // Qiskit would otherwise choose by the kind of gate, and says so in a warning.
                options.set_item("annotated", false)?;
                Ok(base.call_method("control", (op.state.len(),), Some(&options))?)
            }
            Operation::Call(call) => {
                let angles = PyList::new(self.py, self.write_angles(&call.angles)?)?;
                let gate = self.module.getattr("Gate")?.call1((
                    &call.definition.name,
                    call.definition.num_qubits,
                    angles,
                ))?;
                if call.definition.body.is_some() {
                    gate.setattr("definition", self.circuit(&operation.definition()?)?)?;
                }
                Ok(gate)
            }
            Operation::Reset => Ok(self.library.getattr("Reset")?.call0()?),
            Operation::Barrier => Ok(self.library.getattr("Barrier")?.call1((num_qubits,))?),
            Operation::Delay(TimeUnit::Seconds, duration) => {
                Ok(self.module.getattr("Delay")?.call1((*duration, "s"))?)
            }
            Operation::Delay(TimeUnit::Dt, duration) if duration.fract() == 0.0 => Ok(self
                .module
                .getattr("Delay")?
                .call1((*duration as i64, "dt"))?),
            other => Err(Error::Conversion(format!(
                "'{}' has no counterpart in Qiskit",
                other.name()
            ))),
        }
    }

    fn write_angles(&self, angles: &[Angle]) -> Result<Vec<Bound<'py, PyAny>>> {
        angles
            .iter()
            .map(|angle| self.parameters.write_angle(angle))
            .collect()
    }

    fn constant(&mut self, gate: Gate) -> Result<Bound<'py, PyAny>> {
        if let Some(object) = self.objects.get(&gate) {
            return Ok(object.clone());
        }
        let object = self.class(gate)?.call0()?;
        self.objects.insert(gate, object.clone());
        Ok(object)
    }

    fn class(&mut self, gate: Gate) -> Result<Bound<'py, PyAny>> {
        if let Some(class) = self.classes.get(&gate) {
            return Ok(class.clone());
        }
        let class = self.library.getattr(class_name(gate))?;
        self.classes.insert(gate, class.clone());
        Ok(class)
    }
}

/// The name of a gate's class in Qiskit.
fn class_name(gate: Gate) -> &'static str {
    match gate {
        Gate::GlobalPhase => "GlobalPhaseGate",
        Gate::I => "IGate",
        Gate::X => "XGate",
        Gate::Y => "YGate",
        Gate::Z => "ZGate",
        Gate::H => "HGate",
        Gate::S => "SGate",
        Gate::Sdg => "SdgGate",
        Gate::T => "TGate",
        Gate::Tdg => "TdgGate",
        Gate::SX => "SXGate",
        Gate::SXdg => "SXdgGate",
        Gate::P => "PhaseGate",
        Gate::RX => "RXGate",
        Gate::RY => "RYGate",
        Gate::RZ => "RZGate",
        Gate::R => "RGate",
        Gate::U => "UGate",
        Gate::U1 => "U1Gate",
        Gate::U2 => "U2Gate",
        Gate::U3 => "U3Gate",
        Gate::CX => "CXGate",
        Gate::CY => "CYGate",
        Gate::CZ => "CZGate",
        Gate::CH => "CHGate",
        Gate::CS => "CSGate",
        Gate::CSdg => "CSdgGate",
        Gate::CSX => "CSXGate",
        Gate::CP => "CPhaseGate",
        Gate::CRX => "CRXGate",
        Gate::CRY => "CRYGate",
        Gate::CRZ => "CRZGate",
        Gate::CU => "CUGate",
        Gate::CU1 => "CU1Gate",
        Gate::CU3 => "CU3Gate",
        Gate::Swap => "SwapGate",
        Gate::ISwap => "iSwapGate",
        Gate::DCX => "DCXGate",
        Gate::ECR => "ECRGate",
        Gate::RXX => "RXXGate",
        Gate::RYY => "RYYGate",
        Gate::RZZ => "RZZGate",
        Gate::RZX => "RZXGate",
        Gate::XXMinusYY => "XXMinusYYGate",
        Gate::XXPlusYY => "XXPlusYYGate",
        Gate::CCX => "CCXGate",
        Gate::CCZ => "CCZGate",
        Gate::CSwap => "CSwapGate",
        Gate::RCCX => "RCCXGate",
        Gate::C3X => "C3XGate",
        Gate::C3SX => "C3SXGate",
        Gate::RC3X => "RC3XGate",
        Gate::C4X => "C4XGate",
    }
}
