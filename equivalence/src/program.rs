//! A circuit as every method reads it: unitary steps on wires, what each wire starts as, and what is looked at.
//!
//! Measurement, reset and conditions are deferred: a measured value that is used again is copied onto a fresh wire in
//! |0> by a CX, a reset puts a fresh wire in the qubit's place, and a condition is a control on the wire of its bit. What
//! is left is one unitary, of which some wires are read entirely, some only in the computational basis, and some not.
//! Definitions are followed down to gates on one and two qubits; neighbouring gates on one qubit become one matrix.

use std::sync::Arc;

use ardea_circuit::{C64, Circuit, Expr, Gate, Layout, Operation};
use nalgebra::{DMatrix, Matrix2};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::Meaning;
use crate::known::{self, Reduced, State};
use crate::pauli::Letter;

/// More operations than this are not unrolled.
const MAX_OPERATIONS: usize = 20_000_000;
/// Circuits that act on more qubits than this are not checked.
pub(crate) const MAX_WIRES: usize = 8_192;
/// Definitions and bodies nested deeper than this are not followed.
const MAX_DEPTH: usize = 64;
/// Conditions on more bits than this are not followed.
const MAX_CONDITION_BITS: usize = 6;

/// One unitary step.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Any gate on one wire.
    One(usize, Matrix2<C64>),
    /// Controlled X: control, target.
    Cx(usize, usize),
    /// Controlled Z.
    Cz(usize, usize),
    /// Exchange.
    Swap(usize, usize),
    /// `exp(-i angle/2 P Q)` for a letter on each wire.
    Rotation([Letter; 2], [usize; 2], f64),
    /// A matrix on two to ten wires, the first the least significant.
    Dense(Arc<DMatrix<C64>>, SmallVec<[usize; 4]>),
}

impl Step {
    /// The wires it acts on.
    pub(crate) fn wires(&self) -> SmallVec<[usize; 4]> {
        match self {
            Self::One(a, _) => SmallVec::from_slice(&[*a]),
            Self::Cx(a, b) | Self::Cz(a, b) | Self::Swap(a, b) => SmallVec::from_slice(&[*a, *b]),
            Self::Rotation(_, wires, _) => SmallVec::from_slice(wires),
            Self::Dense(_, wires) => wires.clone(),
        }
    }

    /// The step as an operation on its wires.
    pub(crate) fn operation(&self) -> Operation {
        match self {
            Self::One(_, matrix) => unitary(DMatrix::from_iterator(2, 2, matrix.iter().copied())),
            Self::Cx(..) => Operation::Gate(Gate::CX),
            Self::Cz(..) => Operation::Gate(Gate::CZ),
            Self::Swap(..) => Operation::Gate(Gate::Swap),
            Self::Rotation([Letter::X, Letter::X], _, angle) => {
                Operation::Rotation(Gate::RXX, *angle)
            }
            Self::Rotation([Letter::Y, Letter::Y], _, angle) => {
                Operation::Rotation(Gate::RYY, *angle)
            }
            Self::Rotation([Letter::Z, Letter::X], _, angle) => {
                Operation::Rotation(Gate::RZX, *angle)
            }
            Self::Rotation(_, _, angle) => Operation::Rotation(Gate::RZZ, *angle),
            Self::Dense(matrix, _) => unitary(matrix.as_ref().clone()),
        }
    }

    /// The step's matrix on its wires, the first the least significant.
    pub(crate) fn matrix(&self) -> DMatrix<C64> {
        match self {
            Self::Dense(matrix, _) => matrix.as_ref().clone(),
            Self::One(_, matrix) => DMatrix::from_iterator(2, 2, matrix.iter().copied()),
            step => step
                .operation()
                .matrix()
                .expect("standard gates with numbers have matrices"),
        }
    }
}

/// The operation of a matrix that was a gate's; a product of many may have drifted a little from unitarity.
fn unitary(matrix: DMatrix<C64>) -> Operation {
    Operation::unitary(matrix.clone()).unwrap_or_else(|_| {
        let svd = matrix.svd(true, true);
        let nearest = svd.u.zip(svd.v_t).map(|(u, v)| u * v);
        nearest
            .and_then(|matrix| Operation::unitary(matrix).ok())
            .unwrap_or(Operation::Barrier)
    })
}

/// What a wire holds before the first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    /// Any state: an input.
    Free,
    /// |0>.
    Zero,
}

/// One wire.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire {
    /// Its place in the numbering that both circuits share.
    pub(crate) column: usize,
    /// What it starts as.
    pub(crate) start: Start,
}

/// What becomes of a wire, and which part of it is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Holds this output (by its position among the inputs that take part).
    Output(usize),
    /// Holds this output, which was measured last: only its basis state is compared.
    Measured(usize),
    /// Holds the value of this classical bit and nothing else.
    Bit(usize),
    /// Must be |0> again.
    Spare,
    /// Is not looked at.
    Lost,
}

/// A circuit ready to be compared.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) steps: Vec<Step>,
    pub(crate) wires: Vec<Wire>,
    /// What becomes of each wire.
    pub(crate) roles: Vec<Role>,
    /// The wire that holds each classical bit at the end; bits never written have none and are 0.
    pub(crate) bits: Vec<Option<usize>>,
    /// The global phase, as far as it is outside the steps.
    pub(crate) phase: f64,
    /// How far the steps may be from the circuit on the states that wires start in.
    pub(crate) error: f64,
}

/// Where a column comes from: the same source has the same column in both circuits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    Input(usize),
    Measurement(usize, usize),
    Reset(usize),
    Spare(usize),
}

/// The columns of Pauli strings, shared by both circuits.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    places: FxHashMap<Source, usize>,
    sources: Vec<Source>,
}

impl Columns {
    fn of(&mut self, source: Source) -> usize {
        let next = self.sources.len();
        let place = *self.places.entry(source).or_insert(next);
        if place == next {
            self.sources.push(source);
        }
        place
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.sources.len()
    }
}

/// A circuit, where its inputs are, and which of them take part.
pub(crate) struct Placed<'a> {
    pub(crate) circuit: &'a Circuit,
    pub(crate) layout: &'a Layout,
    /// The inputs that either circuit acts on or moves, ascending.
    pub(crate) inputs: &'a [usize],
    pub(crate) meaning: Meaning,
}

/// The qubits that something other than a barrier or delay acts on.
pub(crate) fn touched(circuit: &Circuit) -> Vec<bool> {
    let mut out = vec![false; circuit.num_qubits()];
    for instruction in circuit.instructions() {
        if !instruction.operation.is_directive() {
            for qubit in instruction.qubits.iter() {
                out[qubit.index()] = true;
            }
        }
    }
    out
}

/// Lowers a circuit, or says why that is not possible.
pub(crate) fn lower(placed: &Placed<'_>, columns: &mut Columns) -> Result<Program, String> {
    let circuit = placed.circuit;
    let zero_inputs = placed.meaning != Meaning::Unitary;
    let mut lowering = Lowering {
        columns,
        program: Program {
            steps: Vec::with_capacity(circuit.len()),
            wires: Vec::new(),
            roles: Vec::new(),
            bits: vec![None; circuit.num_clbits()],
            phase: 0.0,
            error: 0.0,
        },
        pending: Vec::new(),
        at: vec![None; circuit.num_qubits()],
        writes: FxHashMap::default(),
        resets: 0,
        met: 0,
        fresh: Vec::new(),
        final_measurements: final_measurements(circuit),
        measured: FxHashMap::default(),
        states: Vec::new(),
        // For operators the circuits stay as they are: what they do to a spare wire in |1> helps to see what they do.
        follows_states: zero_inputs,
    };
    for (position, &input) in placed.inputs.iter().enumerate() {
        let start = if zero_inputs {
            Start::Zero
        } else {
            Start::Free
        };
        let wire = lowering.add_wire(Source::Input(position), start)?;
        let qubit = placed.layout.initial[input];
        lowering.at[qubit.index()] = Some(wire);
    }
    for &input in placed.inputs {
        lowering.wire_of(placed.layout.last[input].index())?;
    }
    lowering.block(circuit, None, &[], 0)?;
    Ok(lowering.finish(placed))
}

/// For each instruction whether it is a measurement after which neither its qubit nor its bit is used again.
fn final_measurements(circuit: &Circuit) -> Vec<bool> {
    let mut qubit_used = vec![false; circuit.num_qubits()];
    let mut bit_used = vec![false; circuit.num_clbits()];
    let mut out = vec![false; circuit.len()];
    for (index, instruction) in circuit.instructions().iter().enumerate().rev() {
        let operation = &instruction.operation;
        if operation.is_directive() {
            continue;
        }
        if let Operation::Measure(bit) = operation {
            out[index] = !qubit_used[instruction.qubits[0].index()] && !bit_used[bit.index()];
            bit_used[bit.index()] = true;
        } else if operation.is_control_flow() {
            let bits = operation
                .clbits_read()
                .into_iter()
                .chain(operation.clbits_written());
            bits.for_each(|bit| bit_used[bit.index()] = true);
        }
        for qubit in instruction.qubits.iter() {
            qubit_used[qubit.index()] = true;
        }
    }
    out
}

/// A wire and the value it must hold.
type Control = (usize, bool);

struct Lowering<'c> {
    columns: &'c mut Columns,
    program: Program,
    /// The product of one-wire gates that is not yet a step, per wire.
    pending: Vec<Option<Matrix2<C64>>>,
    /// The wire of each qubit of the circuit.
    at: Vec<Option<usize>>,
    /// How often each bit was written onto a wire of its own.
    writes: FxHashMap<usize, usize>,
    resets: usize,
    /// Operations met so far, bodies and definitions unrolled.
    met: usize,
    /// Whether each wire is as it started, so that a reset of |0> is nothing.
    fresh: Vec<bool>,
    final_measurements: Vec<bool>,
    /// The bit of each qubit that was measured last.
    measured: FxHashMap<usize, usize>,
    /// The state of each wire, while it has one of its own.
    states: Vec<State>,
    follows_states: bool,
}

impl Lowering<'_> {
    fn add_wire(&mut self, source: Source, start: Start) -> Result<usize, String> {
        let wire = self.program.wires.len();
        if wire >= MAX_WIRES {
            return Err(format!("more than {MAX_WIRES} qubits take part"));
        }
        let column = self.columns.of(source);
        self.program.wires.push(Wire { column, start });
        self.program.roles.push(Role::Lost);
        self.pending.push(None);
        self.fresh.push(true);
        let known = self.follows_states && start == Start::Zero;
        self.states.push(known.then(known::zero));
        Ok(wire)
    }

    fn wire_of(&mut self, qubit: usize) -> Result<usize, String> {
        match self.at[qubit] {
            Some(wire) => Ok(wire),
            None => {
                let wire = self.add_wire(Source::Spare(qubit), Start::Zero)?;
                self.at[qubit] = Some(wire);
                Ok(wire)
            }
        }
    }

    fn block(
        &mut self,
        circuit: &Circuit,
        qubits: Option<&[usize]>,
        controls: &[Control],
        depth: usize,
    ) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("bodies nest deeper than {MAX_DEPTH} levels"));
        }
        for (index, instruction) in circuit.instructions().iter().enumerate() {
            let places: SmallVec<[usize; 4]> = instruction
                .qubits
                .iter()
                .map(|q| qubits.map_or(q.index(), |list| list[q.index()]))
                .collect();
            let is_last = qubits.is_none() && self.final_measurements[index];
            self.instruction(&instruction.operation, &places, controls, is_last, depth)?;
        }
        let phase = number(circuit.global_phase())?;
        self.phase(phase, controls)
    }

    fn phase(&mut self, phase: f64, controls: &[Control]) -> Result<(), String> {
        let Some(((wire, _), rest)) = controls.split_first() else {
            self.program.phase += phase;
            return Ok(());
        };
        if phase == 0.0 {
            return Ok(());
        }
        let on = controls[0].1;
        let operation = Operation::Rotation(Gate::P, phase);
        // P on a control that must be 0 is X P X.
        let flips = [
            Operation::Gate(Gate::X),
            operation,
            Operation::Gate(Gate::X),
        ];
        for operation in if on { &flips[1..2] } else { &flips[..] } {
            let rest = if operation.as_gate() == Some(Gate::X) {
                &[][..]
            } else {
                rest
            };
            self.gate(operation, &[*wire], rest, 0)?;
        }
        Ok(())
    }

    fn instruction(
        &mut self,
        operation: &Operation,
        places: &[usize],
        controls: &[Control],
        is_last: bool,
        depth: usize,
    ) -> Result<(), String> {
        match operation {
            Operation::Barrier | Operation::Delay(..) => Ok(()),
            Operation::Measure(bit) => {
                self.unconditional(controls, "a measurement")?;
                self.measure(places[0], bit.index(), is_last)
            }
            Operation::Reset => {
                self.unconditional(controls, "a reset")?;
                self.reset(places[0])
            }
            Operation::IfElse(op) => {
                self.choose(&op.condition, controls, |this, truth, controls| {
                    let body = if truth.contains(&true) {
                        Some(&op.then_body)
                    } else {
                        op.else_body.as_ref()
                    };
                    body.map_or(Ok(()), |body| {
                        this.block(body, Some(places), controls, depth + 1)
                    })
                })
            }
            Operation::Switch(op) => self.choose(&op.subject, controls, |this, value, controls| {
                op.select(value).map_or(Ok(()), |body| {
                    this.block(body, Some(places), controls, depth + 1)
                })
            }),
            Operation::For(op) => {
                if op
                    .body
                    .instructions()
                    .iter()
                    .any(|i| i.operation.leaves_loop())
                {
                    return Err("a loop is left early".to_owned());
                }
                for value in op.values.iter() {
                    let body = match &op.variable {
                        Some(variable) => {
                            let value = [(variable.clone(), (value as f64).into())].into();
                            op.body
                                .substitute(&value)
                                .map_err(|error| error.to_string())?
                        }
                        None => op.body.clone(),
                    };
                    self.block(&body, Some(places), controls, depth + 1)?;
                    // A body without instructions would never meet the limit otherwise.
                    self.count()?;
                }
                Ok(())
            }
            Operation::While(_) => Err("a loop runs while a measured value holds".to_owned()),
            Operation::Break | Operation::Continue => Err("a loop is left early".to_owned()),
            gate => {
                let wires = places
                    .iter()
                    .map(|&place| self.wire_of(place))
                    .collect::<Result<SmallVec<[usize; 4]>, _>>()?;
                self.gate(gate, &wires, controls, depth)
            }
        }
    }

    fn count(&mut self) -> Result<(), String> {
        self.met += 1;
        if self.met > MAX_OPERATIONS {
            return Err(format!(
                "more than {MAX_OPERATIONS} operations when loops and definitions are unrolled"
            ));
        }
        Ok(())
    }

    fn unconditional(&self, controls: &[Control], what: &str) -> Result<(), String> {
        if controls.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{what} happens under a condition on measured values"
        ))
    }

    /// Runs `body` once for each value that the bits of `condition` can have, under control of that value.
    fn choose(
        &mut self,
        condition: &Expr,
        controls: &[Control],
        body: impl Fn(&mut Self, &[bool], &[Control]) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut bits = condition.bits();
        bits.sort_unstable();
        bits.dedup();
        let wired: Vec<(usize, usize)> = bits
            .iter()
            .filter_map(|bit| Some((bit.index(), self.program.bits[bit.index()]?)))
            .collect();
        if wired.len() > MAX_CONDITION_BITS {
            return Err(format!(
                "a condition reads more than {MAX_CONDITION_BITS} measured bits"
            ));
        }
        for assignment in 0..1usize << wired.len() {
            let read = |bit: ardea_circuit::Clbit| {
                wired
                    .iter()
                    .position(|&(index, _)| index == bit.index())
                    .is_some_and(|place| assignment >> place & 1 == 1)
            };
            let value = condition.evaluate(&read);
            let mut all = controls.to_vec();
            let mut possible = true;
            for (place, &(_, wire)) in wired.iter().enumerate() {
                let on = assignment >> place & 1 == 1;
                match controls.iter().find(|control| control.0 == wire) {
                    Some(&(_, known)) => possible &= known == on,
                    None => all.push((wire, on)),
                }
            }
            if possible {
                body(self, &value, &all)?;
            }
        }
        Ok(())
    }

    fn measure(&mut self, qubit: usize, bit: usize, is_last: bool) -> Result<(), String> {
        let wire = self.wire_of(qubit)?;
        if is_last {
            self.measured.insert(wire, bit);
            self.program.bits[bit] = Some(wire);
            return Ok(());
        }
        let times = self.writes.entry(bit).or_insert(0);
        let source = Source::Measurement(bit, *times);
        *times += 1;
        let copy = self.add_wire(source, Start::Zero)?;
        self.program.bits[bit] = Some(copy);
        self.gate(&Operation::Gate(Gate::CX), &[wire, copy], &[], 0)
    }

    fn reset(&mut self, qubit: usize) -> Result<(), String> {
        let wire = self.wire_of(qubit)?;
        if self.fresh[wire] && self.program.wires[wire].start == Start::Zero {
            return Ok(());
        }
        let source = Source::Reset(self.resets);
        self.resets += 1;
        self.at[qubit] = Some(self.add_wire(source, Start::Zero)?);
        Ok(())
    }

    /// A unitary operation, followed down to steps.
    fn gate(
        &mut self,
        operation: &Operation,
        wires: &[usize],
        controls: &[Control],
        depth: usize,
    ) -> Result<(), String> {
        self.count()?;
        if depth > MAX_DEPTH {
            return Err(format!("definitions nest deeper than {MAX_DEPTH} levels"));
        }
        if !controls.is_empty() {
            let state: Vec<bool> = controls.iter().map(|control| control.1).collect();
            let controlled = operation
                .controlled(&state)
                .map_err(|error| error.to_string())?;
            let all: Vec<usize> = controls
                .iter()
                .map(|control| control.0)
                .chain(wires.iter().copied())
                .collect();
            return self.gate(&controlled, &all, &[], depth + 1);
        }
        if wires.len() == 1 {
            let matrix = operation.matrix().map_err(|error| error.to_string())?;
            return self.one(wires[0], Matrix2::from_iterator(matrix.iter().copied()));
        }
        let states: SmallVec<[State; 4]> = wires.iter().map(|&wire| self.states[wire]).collect();
        let (reduced, error) = known::reduce(operation, &states);
        self.program.error += error;
        let places = |list: &[usize]| {
            list.iter()
                .map(|&place| wires[place])
                .collect::<SmallVec<[usize; 4]>>()
        };
        match reduced {
            Reduced::Same => self.written_out(operation, wires, depth),
            Reduced::Phase(phase) => self.phase(phase, &[]),
            Reduced::ControlledPhase(phase, controls) => {
                let controls: Vec<Control> = controls
                    .iter()
                    .map(|&(place, on)| (wires[place], on))
                    .collect();
                self.phase(phase, &controls)
            }
            Reduced::Other(operation, list) => {
                self.gate(&operation, &places(&list), &[], depth + 1)
            }
            Reduced::Separate([first, second]) => {
                self.one(wires[0], first)?;
                self.one(wires[1], second)
            }
        }
    }

    /// A gate on several wires as steps.
    fn written_out(
        &mut self,
        operation: &Operation,
        wires: &[usize],
        depth: usize,
    ) -> Result<(), String> {
        if let Some(step) = named(operation, wires) {
            return self.push(step);
        }
        let definition = match operation {
            Operation::Unitary(_) => None,
            _ => operation.definition().ok(),
        };
        let Some(definition) = definition else {
            let matrix = operation.matrix().map_err(|error| error.to_string())?;
            return self.push(Step::Dense(Arc::new(matrix), wires.into()));
        };
        for inner in definition.instructions() {
            if inner.operation.is_directive() {
                continue;
            }
            let own: SmallVec<[usize; 4]> = inner.qubits.iter().map(|q| wires[q.index()]).collect();
            self.gate(&inner.operation, &own, &[], depth + 1)?;
        }
        self.program.phase += number(definition.global_phase())?;
        Ok(())
    }

    fn one(&mut self, wire: usize, matrix: Matrix2<C64>) -> Result<(), String> {
        self.fresh[wire] = false;
        known::after(&Step::One(wire, matrix), &mut self.states);
        let before = self.pending[wire].take();
        self.pending[wire] = Some(before.map_or(matrix, |before| matrix * before));
        Ok(())
    }

    fn push(&mut self, step: Step) -> Result<(), String> {
        for wire in step.wires() {
            self.flush(wire);
            self.fresh[wire] = false;
        }
        known::after(&step, &mut self.states);
        self.program.steps.push(step);
        Ok(())
    }

    fn flush(&mut self, wire: usize) {
        if let Some(matrix) = self.pending[wire].take() {
            self.program.steps.push(Step::One(wire, matrix));
        }
    }

    fn finish(mut self, placed: &Placed<'_>) -> Program {
        (0..self.pending.len()).for_each(|wire| self.flush(wire));
        let keeps_state = placed.meaning != Meaning::Counts;
        if keeps_state {
            for wire in self.at.iter().flatten() {
                self.program.roles[*wire] = Role::Spare;
            }
        }
        for (bit, wire) in self.program.bits.iter().enumerate() {
            if let Some(wire) = *wire {
                self.program.roles[wire] = Role::Bit(bit);
            }
        }
        if keeps_state {
            for (position, &input) in placed.inputs.iter().enumerate() {
                if let Some(wire) = self.at[placed.layout.last[input].index()] {
                    self.program.roles[wire] = match self.measured.get(&wire) {
                        Some(_) => Role::Measured(position),
                        None => Role::Output(position),
                    };
                }
            }
        }
        self.program
    }
}

/// The step of a gate that has one.
fn named(operation: &Operation, wires: &[usize]) -> Option<Step> {
    let (gate, angles) = operation.standard()?;
    let &[a, b] = wires else { return None };
    let rotation = |first, second| {
        let angle = angles.values()?[0];
        Some(Step::Rotation([first, second], [a, b], angle))
    };
    match gate {
        Gate::CX => Some(Step::Cx(a, b)),
        Gate::CZ => Some(Step::Cz(a, b)),
        Gate::Swap => Some(Step::Swap(a, b)),
        Gate::RXX => rotation(Letter::X, Letter::X),
        Gate::RYY => rotation(Letter::Y, Letter::Y),
        Gate::RZZ => rotation(Letter::Z, Letter::Z),
        Gate::RZX => rotation(Letter::Z, Letter::X),
        _ => None,
    }
}

fn number(angle: &ardea_circuit::Angle) -> Result<f64, String> {
    angle
        .value()
        .ok_or_else(|| "an angle has no number".to_owned())
}
