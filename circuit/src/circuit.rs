//! The circuit: one owning, flat list of instructions over qubits and classical bits.

use std::collections::BTreeSet;

use crate::{Angle, Bindings, CircuitError, Clbit, Gate, Layout, Operation, Qubit, Qubits, Symbol};

/// The most qubits, and the most classical bits, that a circuit may have.
pub const MAX_BITS: usize = 1 << 26;

/// An operation on qubits, in 32 bytes.
#[derive(Clone, PartialEq, Debug)]
pub struct Instruction {
    /// What is done.
    pub operation: Operation,
    /// On which qubits, in the operation's order.
    pub qubits: Qubits,
}

/// A named run of consecutive bits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Register {
    /// The register's name.
    pub name: String,
    /// The index of its first bit in the circuit.
    pub start: usize,
    /// How many bits it holds.
    pub size: usize,
}

impl Register {
    /// The circuit-wide indices of the register's bits.
    pub fn range(&self) -> std::ops::Range<usize> {
        self.start..self.start + self.size
    }
}

/// A quantum circuit. Qubit 0 is the least significant bit; angles are radians.
///
/// Every instruction was validated when it was pushed: its qubits exist and are distinct, its
/// angles are finite. Builder methods in Qiskit's style (`h`, `cx`, `rz`, ...) return the circuit
/// again, so they chain with `?`:
///
/// ```
/// # fn main() -> Result<(), ardea_circuit::CircuitError> {
/// use ardea_circuit::Circuit;
/// let mut bell = Circuit::new(2, 2);
/// bell.h(0)?.cx(0, 1)?.measure(0, 0)?.measure(1, 1)?;
/// assert_eq!(bell.depth(), 3);
/// # Ok(()) }
/// ```
#[derive(Clone, PartialEq, Debug)]
pub struct Circuit {
    name: Option<String>,
    num_qubits: usize,
    num_clbits: usize,
    qregs: Vec<Register>,
    cregs: Vec<Register>,
    global_phase: Angle,
    instructions: Vec<Instruction>,
    layout: Option<Layout>,
}

impl Default for Circuit {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl Circuit {
    /// An empty circuit with registers `q` and `c` (left out when they would be empty).
    pub fn new(num_qubits: usize, num_clbits: usize) -> Self {
        let register = |name: &str, size: usize| {
            (size > 0)
                .then(|| Register {
                    name: name.into(),
                    start: 0,
                    size,
                })
                .into_iter()
                .collect()
        };
        Self {
            name: None,
            num_qubits,
            num_clbits,
            qregs: register("q", num_qubits),
            cregs: register("c", num_clbits),
            global_phase: Angle::ZERO,
            instructions: Vec::new(),
            layout: None,
        }
    }

    /// An empty circuit with the same bits, registers, name and layout and no global phase: what a
    /// pass starts its output from.
    pub fn same_shape(&self) -> Self {
        Self {
            global_phase: Angle::ZERO,
            instructions: Vec::new(),
            ..self.clone_header()
        }
    }

    /// An empty circuit on `num_qubits` qubits in one register `q`, with this circuit's classical
    /// registers and name: what a mapping onto physical qubits starts from.
    pub fn same_clbits(&self, num_qubits: usize) -> Self {
        let header = self.clone_header();
        Self {
            layout: None,
            cregs: header.cregs,
            name: header.name,
            num_clbits: self.num_clbits,
            ..Self::new(num_qubits, 0)
        }
    }

    fn clone_header(&self) -> Self {
        Self {
            name: self.name.clone(),
            num_qubits: self.num_qubits,
            num_clbits: self.num_clbits,
            qregs: self.qregs.clone(),
            cregs: self.cregs.clone(),
            global_phase: Angle::ZERO,
            instructions: Vec::new(),
            layout: self.layout.clone(),
        }
    }

    /// The circuit's name, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Names the circuit.
    pub fn set_name(&mut self, name: impl Into<String>) {
        self.name = Some(name.into());
    }

    /// How many qubits there are.
    #[inline]
    pub fn num_qubits(&self) -> usize {
        self.num_qubits
    }

    /// How many classical bits there are.
    #[inline]
    pub fn num_clbits(&self) -> usize {
        self.num_clbits
    }

    /// The quantum registers; together they name a prefix of the qubits, in order.
    pub fn qregs(&self) -> &[Register] {
        &self.qregs
    }

    /// The classical registers, in order.
    pub fn cregs(&self) -> &[Register] {
        &self.cregs
    }

    /// Adds a quantum register and returns it.
    ///
    /// # Errors
    /// [`CircuitError::DuplicateRegister`], [`CircuitError::TooManyBits`].
    pub fn add_qreg(&mut self, name: &str, size: usize) -> Result<&Register, CircuitError> {
        self.check_register(name, self.num_qubits, size)?;
        self.qregs.push(Register {
            name: name.into(),
            start: self.num_qubits,
            size,
        });
        self.num_qubits += size;
        Ok(&self.qregs[self.qregs.len() - 1])
    }

    /// Adds a classical register and returns it.
    ///
    /// # Errors
    /// [`CircuitError::DuplicateRegister`], [`CircuitError::TooManyBits`].
    pub fn add_creg(&mut self, name: &str, size: usize) -> Result<&Register, CircuitError> {
        self.check_register(name, self.num_clbits, size)?;
        self.cregs.push(Register {
            name: name.into(),
            start: self.num_clbits,
            size,
        });
        self.num_clbits += size;
        Ok(&self.cregs[self.cregs.len() - 1])
    }

    fn check_register(&self, name: &str, present: usize, size: usize) -> Result<(), CircuitError> {
        if self
            .qregs
            .iter()
            .chain(&self.cregs)
            .any(|register| register.name == name)
        {
            return Err(CircuitError::DuplicateRegister(name.into()));
        }
        let requested = present.saturating_add(size);
        if requested > MAX_BITS {
            return Err(CircuitError::TooManyBits {
                requested,
                limit: MAX_BITS,
            });
        }
        Ok(())
    }

    /// The instructions in order.
    #[inline]
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// The instructions, taken out of the circuit.
    pub fn into_instructions(self) -> Vec<Instruction> {
        self.instructions
    }

    /// Takes out all instructions in order; the room for them stays.
    pub fn drain(&mut self) -> std::vec::Drain<'_, Instruction> {
        self.instructions.drain(..)
    }

    /// How many instructions there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.instructions.len()
    }

    /// Whether there are no instructions.
    pub fn is_empty(&self) -> bool {
        self.instructions.is_empty()
    }

    /// The phase in radians by which the whole circuit multiplies the state.
    #[inline]
    pub fn global_phase(&self) -> &Angle {
        &self.global_phase
    }

    /// Adds `phase` radians to the global phase.
    pub fn add_global_phase(&mut self, phase: impl Into<Angle>) {
        self.global_phase = std::mem::replace(&mut self.global_phase, Angle::ZERO) + phase.into();
    }

    /// Where the input's qubits are, when the circuit is a compiled one.
    pub fn layout(&self) -> Option<&Layout> {
        self.layout.as_ref()
    }

    /// Records (or clears) where the input's qubits are.
    pub fn set_layout(&mut self, layout: Option<Layout>) {
        self.layout = layout;
    }

    /// Makes room for `additional` more instructions.
    pub fn reserve(&mut self, additional: usize) {
        self.instructions.reserve(additional);
    }

    /// Appends `operation` on `qubits`. A global phase is added to the circuit's own.
    ///
    /// # Errors
    /// When a qubit or classical bit is out of range or repeated, the number of qubits or angles
    /// is wrong, or an angle is not finite; the circuit is then unchanged.
    pub fn push(
        &mut self,
        operation: Operation,
        qubits: &[Qubit],
    ) -> Result<&mut Self, CircuitError> {
        self.check(&operation, qubits)?;
        self.store(Instruction {
            operation,
            qubits: qubits.into(),
        });
        Ok(self)
    }

    /// Appends an instruction; as [`Circuit::push`].
    ///
    /// # Errors
    /// As [`Circuit::push`].
    pub fn push_instruction(
        &mut self,
        instruction: Instruction,
    ) -> Result<&mut Self, CircuitError> {
        self.check(&instruction.operation, &instruction.qubits)?;
        self.store(instruction);
        Ok(self)
    }

    /// Appends an instruction that is known to be valid here, for instance one taken from a circuit
    /// of the same shape. Checked in debug builds only.
    ///
    /// # Panics
    /// In debug builds, when the instruction is not valid.
    #[inline]
    pub fn push_valid(&mut self, instruction: Instruction) {
        debug_assert_eq!(
            self.check(&instruction.operation, &instruction.qubits),
            Ok(())
        );
        self.store(instruction);
    }

    /// Appends all of `other`, qubit by qubit and bit by bit, with its global phase. Symbols and
    /// registers are left alone.
    ///
    /// # Panics
    /// In debug builds, when `other` has more bits than this circuit.
    pub fn extend(&mut self, other: &Circuit) {
        debug_assert!(other.num_qubits <= self.num_qubits && other.num_clbits <= self.num_clbits);
        self.instructions.extend_from_slice(&other.instructions);
        self.add_global_phase(other.global_phase.clone());
    }

    /// Removes all instructions and the global phase.
    pub fn clear(&mut self) {
        self.instructions.clear();
        self.global_phase = Angle::ZERO;
    }

    fn store(&mut self, instruction: Instruction) {
        // A phase has no qubits, so as an instruction it would belong to no wire.
        if instruction.operation.as_gate() == Some(Gate::GlobalPhase) {
            let (_, angles) = instruction
                .operation
                .standard()
                .expect("a gate is a standard operation");
            self.add_global_phase(angles.to_vec()[0].clone());
        } else {
            self.instructions.push(instruction);
        }
    }

    fn check(&self, operation: &Operation, qubits: &[Qubit]) -> Result<(), CircuitError> {
        let name = || operation.name();
        if let Some(expected) = operation.num_qubits()
            && expected != qubits.len()
        {
            return Err(CircuitError::WrongQubitCount {
                operation: name(),
                expected,
                given: qubits.len(),
            });
        }
        if let Some(&qubit) = qubits.iter().find(|q| q.index() >= self.num_qubits) {
            return Err(CircuitError::QubitOutOfRange {
                operation: name(),
                qubit,
                num_qubits: self.num_qubits,
            });
        }
        if let Some(qubit) = first_repeated(qubits) {
            return Err(CircuitError::DuplicateQubit {
                operation: name(),
                qubit,
            });
        }
        match operation {
            Operation::Gate(gate) if gate.num_angles() != 0 => Err(CircuitError::WrongAngleCount {
                operation: name(),
                expected: gate.num_angles(),
                given: 0,
            }),
            Operation::Rotation(gate, _) if gate.num_angles() != 1 => {
                Err(CircuitError::WrongAngleCount {
                    operation: name(),
                    expected: gate.num_angles(),
                    given: 1,
                })
            }
            Operation::Rotation(_, value) | Operation::Delay(_, value) if !value.is_finite() => {
                Err(CircuitError::NotFinite {
                    operation: name(),
                    value: *value,
                })
            }
            Operation::Parametric(gate, angles) => Operation::gate(*gate, angles).map(|_| ()),
            Operation::Delay(_, duration) if *duration < 0.0 => {
                Err(CircuitError::NegativeDuration(*duration))
            }
            Operation::Measure(clbit) => self.check_clbit(operation, *clbit),
            Operation::IfElse(_)
            | Operation::Switch(_)
            | Operation::For(_)
            | Operation::While(_) => self.check_bodies(operation, qubits.len()),
            _ => Ok(()),
        }
    }

    fn check_clbit(&self, operation: &Operation, clbit: Clbit) -> Result<(), CircuitError> {
        if clbit.index() < self.num_clbits {
            return Ok(());
        }
        Err(CircuitError::ClbitOutOfRange {
            operation: operation.name(),
            clbit,
            num_clbits: self.num_clbits,
        })
    }

    fn check_bodies(&self, operation: &Operation, num_qubits: usize) -> Result<(), CircuitError> {
        if let Some(body) = operation
            .bodies()
            .iter()
            .find(|body| body.num_qubits != num_qubits)
        {
            return Err(CircuitError::WrongQubitCount {
                operation: format!("a body of {}", operation.name()),
                expected: body.num_qubits,
                given: num_qubits,
            });
        }
        for clbit in operation
            .clbits_read()
            .into_iter()
            .chain(operation.clbits_written())
        {
            self.check_clbit(operation, clbit)?;
        }
        Ok(())
    }

    /// Adds every free symbol of the circuit to `symbols`.
    pub fn collect_symbols(&self, symbols: &mut BTreeSet<Symbol>) {
        self.global_phase.collect_symbols(symbols);
        self.instructions
            .iter()
            .for_each(|i| i.operation.collect_symbols(symbols));
    }

    /// Whether anything in it writes a classical bit: without, there is nothing to count.
    pub fn writes_clbits(&self) -> bool {
        let mut all = self.instructions.iter();
        all.any(|i| !i.operation.clbits_written().is_empty())
    }

    /// The circuit's free symbols, sorted by name.
    pub fn symbols(&self) -> BTreeSet<Symbol> {
        let mut symbols = BTreeSet::new();
        self.collect_symbols(&mut symbols);
        symbols
    }

    /// Whether any angle holds a symbol.
    pub fn is_symbolic(&self) -> bool {
        self.global_phase.is_symbolic()
            || self.instructions.iter().any(|i| i.operation.is_symbolic())
    }

    /// The circuit with values put in for symbols; symbols that get none stay symbolic.
    ///
    /// # Errors
    /// [`CircuitError::UnknownSymbol`] for a symbol the circuit does not have,
    /// [`CircuitError::Undefined`] or [`CircuitError::NotFinite`] for an angle without a finite value.
    pub fn bind(&self, bindings: &Bindings) -> Result<Self, CircuitError> {
        let symbols = self.symbols();
        if let Some(unknown) = bindings.keys().find(|symbol| !symbols.contains(symbol)) {
            return Err(CircuitError::unknown_symbol(unknown, &symbols));
        }
        if let Some((symbol, _)) = bindings
            .iter()
            .find(|(_, angle)| angle.value().is_some_and(|v| !v.is_finite()))
        {
            return Err(CircuitError::Undefined(symbol.name().into()));
        }
        self.substitute(bindings)
    }

    /// As [`Circuit::bind`], but bindings for unknown symbols are allowed.
    ///
    /// # Errors
    /// [`CircuitError::Undefined`] for an angle without a finite value.
    pub fn substitute(&self, bindings: &Bindings) -> Result<Self, CircuitError> {
        let mut out = self.same_shape();
        out.add_global_phase(self.global_phase.bind(bindings)?);
        out.instructions.reserve(self.instructions.len());
        for instruction in &self.instructions {
            let operation = instruction.operation.bind(bindings)?;
            out.instructions.push(Instruction {
                operation,
                qubits: instruction.qubits.clone(),
            });
        }
        Ok(out)
    }

    /// Whether the circuit is a unitary: gates, barriers and delays only.
    pub fn is_unitary(&self) -> bool {
        self.instructions
            .iter()
            .all(|i| i.operation.is_unitary() || i.operation.is_directive())
    }
}

/// A qubit that appears twice in the list, if there is one.
fn first_repeated(qubits: &[Qubit]) -> Option<Qubit> {
    if qubits.len() <= 8 {
        return (1..qubits.len())
            .find(|&i| qubits[..i].contains(&qubits[i]))
            .map(|i| qubits[i]);
    }
    let mut sorted = qubits.to_vec();
    sorted.sort_unstable();
    sorted
        .windows(2)
        .find(|pair| pair[0] == pair[1])
        .map(|pair| pair[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instruction_takes_thirty_two_bytes() {
        assert_eq!(size_of::<Instruction>(), 32);
    }

    #[test]
    fn invalid_instructions_are_refused_and_leave_the_circuit_alone() {
        let mut circuit = Circuit::new(2, 1);
        assert!(matches!(
            circuit.cx(0, 0),
            Err(CircuitError::DuplicateQubit { .. })
        ));
        assert!(matches!(
            circuit.h(2),
            Err(CircuitError::QubitOutOfRange { .. })
        ));
        assert!(matches!(
            circuit.measure(0, 1),
            Err(CircuitError::ClbitOutOfRange { .. })
        ));
        assert!(matches!(
            circuit.rx(f64::NAN, 0),
            Err(CircuitError::NotFinite { .. })
        ));
        assert!(matches!(
            circuit.delay(-1.0, 0),
            Err(CircuitError::NegativeDuration(_))
        ));
        assert!(circuit.is_empty());
    }

    #[test]
    fn a_pushed_global_phase_becomes_the_circuits_own() {
        let mut circuit = Circuit::new(1, 0);
        circuit
            .push(Operation::Rotation(Gate::GlobalPhase, 0.25), &[])
            .unwrap();
        circuit.add_global_phase(0.5);
        assert_eq!(
            (circuit.len(), circuit.global_phase().value()),
            (0, Some(0.75))
        );
    }

    #[test]
    fn binding_reaches_every_angle_and_refuses_strangers() {
        let mut circuit = Circuit::new(2, 0);
        circuit
            .rz(Angle::symbol("a"), 0)
            .unwrap()
            .cu(Angle::symbol("b"), 0.0, Angle::symbol("a") * 2.0, 0.0, 0, 1)
            .unwrap();
        circuit.add_global_phase(Angle::symbol("a"));
        let names: Vec<String> = circuit.symbols().iter().map(Symbol::to_string).collect();
        assert_eq!(names, ["a", "b"]);
        let bound = circuit
            .bind(
                &[
                    (Symbol::new("a"), 0.5.into()),
                    (Symbol::new("b"), 1.0.into()),
                ]
                .into(),
            )
            .unwrap();
        assert!(!bound.is_symbolic());
        assert_eq!(
            bound.instructions()[0].operation,
            Operation::Rotation(Gate::RZ, 0.5)
        );
        assert!(
            circuit
                .bind(&[(Symbol::new("z"), 1.0.into())].into())
                .is_err()
        );
    }
}
