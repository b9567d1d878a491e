//! A circuit as straight code with jumps.
//!
//! Runs of gates become plans; measurements, resets and control flow become instructions of a small machine. Where shots
//! part at a measurement, each part goes on from the same instruction with its own copy of the machine's few
//! registers, so branches need no recursion and no second pass over the circuit.
//!
//! Measurements that nothing follows are set apart: their outcomes are drawn from the final state.

use ardea_circuit::{
    Angle, Bindings, Circuit, Clbit, Expr, ForLoop, IfElse, Instruction, Operation, Switch,
    WhileLoop,
};

use super::active::Active;
use crate::error::SimulatorError;
use crate::options::SimOptions;
use crate::plan::{Lowered, MAX_DEPTH, Plan, phase_of};

/// Most instructions that loops over values may unroll to.
const MAX_UNROLLED: usize = 1 << 22;

/// One instruction.
#[derive(Debug, Clone)]
pub(crate) enum Code {
    /// Applies the plan of this number.
    Gates(usize),
    /// Measures a qubit of the state (an idle qubit gives 0), called `wire` in the circuit.
    Measure {
        qubit: Option<u32>,
        wire: usize,
        bit: Clbit,
    },
    /// Returns a qubit to |0>.
    Reset { qubit: u32 },
    /// Goes to the instruction.
    Jump(usize),
    /// Goes to the instruction when the condition is false.
    JumpUnless(Expr, usize),
    /// Goes to the instruction of the first case that matches, or to the last one.
    Select(Box<Switch>, Vec<usize>),
    /// Starts counting the rounds of a loop.
    EnterLoop,
    /// Goes to the instruction when the loop has made this many rounds; else counts one more.
    NextRound { rounds: u64, exit: usize },
    /// Counts one more round, whose number is limited.
    CountRound,
    /// Ends the innermost loop's count.
    LeaveLoop,
}

/// A measurement of the final state.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading {
    /// The qubit of the state; an idle qubit is 0.
    pub(crate) qubit: Option<u32>,
    /// The qubit of the circuit.
    pub(crate) wire: usize,
    pub(crate) bit: Clbit,
}

impl Reading {
    /// The bit that a basis state gives.
    pub(crate) fn of(&self, basis: u64) -> bool {
        self.qubit.is_some_and(|qubit| basis >> qubit & 1 == 1)
    }
}

/// How an engine keeps the gates between two other instructions while a circuit is compiled.
pub(crate) trait GateRun {
    /// What the run becomes when it is complete.
    type Done;

    /// Adds a gate on `qubits` (numbers of the state); `position` names the instruction in errors.
    fn push(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        position: usize,
    ) -> Result<(), SimulatorError>;

    /// Takes a measurement or reset into the run where the engine can; else it becomes an instruction.
    fn absorb(&mut self, _operation: &Operation, _qubit: u32) -> bool {
        false
    }

    /// Adds a global phase in radians.
    fn add_phase(&mut self, phase: f64);

    /// About how many gates there are.
    fn len(&self) -> usize;

    /// The complete run on a state of so many qubits, none when it does nothing; the next run starts empty.
    fn finish(
        &mut self,
        qubits: usize,
        options: &SimOptions,
    ) -> Result<Option<Self::Done>, SimulatorError>;
}

impl GateRun for Lowered {
    type Done = Plan;

    fn push(
        &mut self,
        operation: &Operation,
        qubits: &[u32],
        position: usize,
    ) -> Result<(), SimulatorError> {
        Self::push(self, operation, qubits, position)
    }

    fn add_phase(&mut self, phase: f64) {
        self.phase += phase;
    }

    fn len(&self) -> usize {
        self.shapes.len()
    }

    fn finish(
        &mut self,
        qubits: usize,
        options: &SimOptions,
    ) -> Result<Option<Plan>, SimulatorError> {
        let run = std::mem::take(self);
        if run.shapes.is_empty() && run.phase == 0.0 {
            return Ok(None);
        }
        let plan = Plan::new(run, qubits, options.fusion)?;
        Ok((plan.num_steps() > 0).then_some(plan))
    }
}

/// A compiled circuit; its runs of gates are plans, or what else an engine makes of them ([`GateRun`]).
#[derive(Debug)]
pub(crate) struct Program<P = Plan> {
    pub(crate) code: Vec<Code>,
    pub(crate) plans: Vec<P>,
    /// Measurements of the final state, in program order.
    pub(crate) terminal: Vec<Reading>,
}

impl<P> Program<P> {
    /// Compiles `circuit` for the qubits in `active`.
    pub(crate) fn compile<G: GateRun<Done = P> + Default>(
        circuit: &Circuit,
        active: &Active,
        options: &SimOptions,
    ) -> Result<Self, SimulatorError> {
        Self::compile_into(G::default(), circuit, active, options)
    }

    /// Compiles `circuit` for the qubits in `active`; `run` takes the gates.
    pub(crate) fn compile_into<G: GateRun<Done = P>>(
        run: G,
        circuit: &Circuit,
        active: &Active,
        options: &SimOptions,
    ) -> Result<Self, SimulatorError> {
        let terminal = terminal_measurements(circuit);
        let mut compiler = Compiler::<G> {
            active,
            options,
            program: Self {
                code: vec![],
                plans: vec![],
                terminal: vec![],
            },
            pending: run,
            loops: vec![],
        };
        let qubits: Vec<usize> = (0..circuit.num_qubits()).collect();
        compiler.body(circuit, &qubits, &terminal, 0)?;
        compiler.flush()?;
        let mut program = compiler.program;
        program.terminal = readings(circuit, active, &terminal);
        Ok(program)
    }

    /// The final measurements of `circuit` alone.
    pub(crate) fn of_readings(circuit: &Circuit, active: &Active) -> Self {
        Self {
            code: vec![],
            plans: vec![],
            terminal: readings(circuit, active, &terminal_measurements(circuit)),
        }
    }

    /// Whether a run of the program can have more than one course.
    pub(crate) fn branches(&self) -> bool {
        self.code
            .iter()
            .any(|code| matches!(code, Code::Measure { .. } | Code::Reset { .. }))
    }
}

struct Compiler<'a, G: GateRun> {
    active: &'a Active,
    options: &'a SimOptions,
    program: Program<G::Done>,
    /// Gates since the last other instruction.
    pending: G,
    loops: Vec<LoopLabels>,
}

/// Jumps of the innermost loop that wait for their target.
#[derive(Default)]
struct LoopLabels {
    breaks: Vec<usize>,
    continues: Vec<usize>,
}

impl<G: GateRun> Compiler<'_, G> {
    /// Compiles a body on the circuit's `qubits`, leaving out the instructions marked in `skip`.
    fn body(
        &mut self,
        body: &Circuit,
        qubits: &[usize],
        skip: &[bool],
        depth: usize,
    ) -> Result<(), SimulatorError> {
        self.pending.add_phase(phase_of(body)?);
        for (position, instruction) in body.instructions().iter().enumerate() {
            if skip.get(position) == Some(&true) {
                continue;
            }
            let on: Vec<usize> = instruction
                .qubits
                .iter()
                .map(|qubit| qubits[qubit.index()])
                .collect();
            let operation = &instruction.operation;
            if operation.is_control_flow() && depth >= MAX_DEPTH {
                return Err(SimulatorError::TooDeep {
                    name: operation.name(),
                    limit: MAX_DEPTH,
                });
            }
            self.instruction(operation, &on, position, depth)
                .map_err(|error| {
                    if depth == 0 {
                        error.at(position)
                    } else {
                        error
                    }
                })?;
        }
        Ok(())
    }

    fn instruction(
        &mut self,
        operation: &Operation,
        on: &[usize],
        position: usize,
        depth: usize,
    ) -> Result<(), SimulatorError> {
        match operation {
            Operation::Measure(bit) => {
                let (wire, bit) = (on[0], *bit);
                let qubit = self.active.number(wire);
                if qubit.is_some_and(|qubit| self.pending.absorb(operation, qubit)) {
                    return Ok(());
                }
                self.emit(Code::Measure { qubit, wire, bit }).map(drop)
            }
            Operation::Reset => {
                let Some(qubit) = self.active.number(on[0]) else {
                    return Ok(());
                };
                if self.pending.absorb(operation, qubit) {
                    return Ok(());
                }
                self.emit(Code::Reset { qubit }).map(drop)
            }
            Operation::IfElse(inner) => self.if_else(inner, on, depth),
            Operation::Switch(inner) => self.switch(inner, on, depth),
            Operation::For(inner) => self.for_loop(inner, on, depth),
            Operation::While(inner) => self.while_loop(inner, on, depth),
            Operation::Break | Operation::Continue => self.leave_or_repeat(operation),
            gate => self.gate(gate, on, position),
        }
    }

    fn gate(
        &mut self,
        gate: &Operation,
        qubits: &[usize],
        position: usize,
    ) -> Result<(), SimulatorError> {
        let numbers: Option<Vec<u32>> = qubits
            .iter()
            .map(|&qubit| self.active.number(qubit))
            .collect();
        match numbers {
            Some(numbers) => self.pending.push(gate, &numbers, position),
            None => Ok(()), // only barriers, delays and identities touch an idle qubit
        }
    }

    fn if_else(
        &mut self,
        inner: &IfElse,
        qubits: &[usize],
        depth: usize,
    ) -> Result<(), SimulatorError> {
        let test = self.emit(Code::JumpUnless(inner.condition.clone(), 0))?;
        self.body(&inner.then_body, qubits, &[], depth + 1)?;
        if let Some(otherwise) = &inner.else_body {
            let skip = self.emit(Code::Jump(0))?;
            self.land(test)?;
            self.body(otherwise, qubits, &[], depth + 1)?;
            self.land(skip)
        } else {
            self.land(test)
        }
    }

    fn switch(
        &mut self,
        inner: &Switch,
        qubits: &[usize],
        depth: usize,
    ) -> Result<(), SimulatorError> {
        let select = self.emit(Code::Select(Box::new(inner.clone()), vec![]))?;
        let (mut starts, mut ends) = (vec![], vec![]);
        for case in &inner.cases {
            starts.push(self.here()?);
            self.body(&case.body, qubits, &[], depth + 1)?;
            ends.push(self.emit(Code::Jump(0))?);
        }
        starts.push(self.here()?);
        if let Code::Select(_, targets) = &mut self.program.code[select] {
            *targets = starts;
        }
        ends.into_iter().try_for_each(|end| self.land(end))
    }

    fn for_loop(
        &mut self,
        inner: &ForLoop,
        qubits: &[usize],
        depth: usize,
    ) -> Result<(), SimulatorError> {
        let limit = self.options.max_iterations;
        let rounds = u64::try_from(inner.values.count()).unwrap_or(u64::MAX);
        if rounds > limit {
            return Err(SimulatorError::TooManyIterations { limit });
        }
        self.emit(Code::EnterLoop)?;
        self.loops.push(LoopLabels::default());
        let Some(variable) = inner.variable.as_ref().filter(|_| inner.body.is_symbolic()) else {
            let start = self.emit(Code::NextRound { rounds, exit: 0 })?;
            self.body(&inner.body, qubits, &[], depth + 1)?;
            self.land_continues(start)?;
            self.emit(Code::Jump(start))?;
            self.land(start)?;
            return self.end_loop();
        };
        for value in inner.values.iter() {
            let bindings: Bindings = [(variable.clone(), Angle::Value(value as f64))].into();
            self.body(&inner.body.substitute(&bindings)?, qubits, &[], depth + 1)?;
            let next = self.here()?;
            self.land_continues(next)?;
            if self.program.code.len() + self.pending.len() > MAX_UNROLLED {
                return Err(SimulatorError::TooManyIterations {
                    limit: MAX_UNROLLED as u64,
                });
            }
        }
        self.end_loop()
    }

    fn while_loop(
        &mut self,
        inner: &WhileLoop,
        qubits: &[usize],
        depth: usize,
    ) -> Result<(), SimulatorError> {
        self.emit(Code::EnterLoop)?;
        self.loops.push(LoopLabels::default());
        let start = self.emit(Code::JumpUnless(inner.condition.clone(), 0))?;
        self.emit(Code::CountRound)?;
        self.body(&inner.body, qubits, &[], depth + 1)?;
        self.land_continues(start)?;
        self.emit(Code::Jump(start))?;
        self.land(start)?;
        self.end_loop()
    }

    fn leave_or_repeat(&mut self, operation: &Operation) -> Result<(), SimulatorError> {
        let jump = self.emit(Code::Jump(0))?;
        let name = operation.name();
        let Some(labels) = self.loops.last_mut() else {
            return Err(SimulatorError::BadArgument {
                what: format!("{name} stands outside of any loop; remove it"),
            });
        };
        match operation {
            Operation::Break => labels.breaks.push(jump),
            _ => labels.continues.push(jump),
        }
        Ok(())
    }

    fn land_continues(&mut self, target: usize) -> Result<(), SimulatorError> {
        self.flush()?;
        let continues = self
            .loops
            .last_mut()
            .map(|labels| std::mem::take(&mut labels.continues))
            .unwrap_or_default();
        for jump in continues {
            self.program.code[jump] = Code::Jump(target);
        }
        Ok(())
    }

    fn end_loop(&mut self) -> Result<(), SimulatorError> {
        let labels = self.loops.pop().unwrap_or_default();
        for jump in labels.breaks {
            self.land(jump)?;
        }
        self.emit(Code::LeaveLoop)?;
        Ok(())
    }

    /// Points the jump at `from` to the next instruction.
    fn land(&mut self, from: usize) -> Result<(), SimulatorError> {
        let here = self.here()?;
        match &mut self.program.code[from] {
            Code::Jump(target)
            | Code::JumpUnless(_, target)
            | Code::NextRound { exit: target, .. } => *target = here,
            other => unreachable!("{other:?} does not jump"),
        }
        Ok(())
    }

    fn here(&mut self) -> Result<usize, SimulatorError> {
        self.flush()?;
        Ok(self.program.code.len())
    }

    fn emit(&mut self, code: Code) -> Result<usize, SimulatorError> {
        let at = self.here()?;
        self.program.code.push(code);
        Ok(at)
    }

    /// Plans the gates collected so far.
    fn flush(&mut self) -> Result<(), SimulatorError> {
        let qubits = self.active.qubits.len();
        if let Some(plan) = self.pending.finish(qubits, self.options)? {
            self.program
                .code
                .push(Code::Gates(self.program.plans.len()));
            self.program.plans.push(plan);
        }
        Ok(())
    }
}

fn readings(circuit: &Circuit, active: &Active, terminal: &[bool]) -> Vec<Reading> {
    let instructions = circuit.instructions().iter().zip(terminal);
    let reading = |(instruction, &terminal): (&Instruction, &bool)| match instruction.operation {
        Operation::Measure(bit) if terminal => {
            let wire = instruction.qubits[0].index();
            let qubit = active.number(wire);
            Some(Reading { qubit, wire, bit })
        }
        _ => None,
    };
    instructions.filter_map(reading).collect()
}

/// For each instruction whether it is a measurement that can wait until the end: nothing later acts on its qubit, reads its
/// bit, or writes the bit before the end.
pub(crate) fn terminal_measurements(circuit: &Circuit) -> Vec<bool> {
    let mut busy_qubits = vec![false; circuit.num_qubits()];
    let mut busy_bits = vec![false; circuit.num_clbits()];
    let mut terminal = vec![false; circuit.len()];
    for (i, instruction) in circuit.instructions().iter().enumerate().rev() {
        let operation = &instruction.operation;
        if operation.is_directive() {
            continue;
        }
        if let Operation::Measure(bit) = operation
            && !busy_qubits[instruction.qubits[0].index()]
            && !busy_bits[bit.index()]
        {
            terminal[i] = true;
            continue;
        }
        instruction
            .qubits
            .iter()
            .for_each(|qubit| busy_qubits[qubit.index()] = true);
        if operation.is_unitary() {
            continue;
        }
        operation
            .clbits_read()
            .iter()
            .chain(&operation.clbits_written())
            .for_each(|bit| busy_bits[bit.index()] = true);
    }
    terminal
}
