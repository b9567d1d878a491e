//! A circuit as every method reads it: unitary steps on wires, what each wire starts as, and what is looked at.
//!
//! Measurement, reset and conditions are deferred: a measured value that is used again is copied onto a fresh wire in
//! |0> by a CX, a reset puts a fresh wire in the qubit's place, and a condition is a control on the wire of its bit. What
//! is left is one unitary, of which some wires are read entirely, some only in the computational basis, and some not.
//! Definitions are followed down to gates on one and two qubits; neighbouring gates on one qubit become one matrix.

mod control;
mod gates;
mod step;

use ardea_circuit::{C64, Circuit, Layout, Operation};
use nalgebra::Matrix2;
use rustc_hash::FxHashMap;

use crate::Meaning;
use crate::known::{self, State};
pub(crate) use step::Step;

/// More operations than this are not unrolled.
const MAX_OPERATIONS: usize = 20_000_000;
/// Circuits that act on more qubits than this are not checked.
pub(crate) const MAX_WIRES: usize = 8_192;
/// Definitions and bodies nested deeper than this are not followed.
const MAX_DEPTH: usize = 64;

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

    fn count(&mut self) -> Result<(), String> {
        self.met += 1;
        if self.met > MAX_OPERATIONS {
            return Err(format!(
                "more than {MAX_OPERATIONS} operations when loops and definitions are unrolled"
            ));
        }
        Ok(())
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
