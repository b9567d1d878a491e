//! A timeline as a picture: one row for each qubit that does anything, time from left to right.
//!
//! ```text
//!     0                                        470 ns
//! q0  sCCC-------x--------------x-------CCCMMMMMMMMMM
//! q1  .CCCssssssssssssssssssssssssssssssCCCMMMMMMMMMM
//! ```
//!
//! Decoupling pulses are told from other flips by what stands beside them on their qubit: a wait on either side, or
//! another pulse. Instructions without duration are left out of text and are thin strokes in a drawing.

mod svg;
mod text;

use ardea_circuit::{Circuit, Gate, Instruction, Operation};

use super::timeline::Timeline;

impl Timeline {
    /// The timeline in text, at most so many columns wide (and at most 10,000): `.` before the first gate, `-` other
    /// waits, `x` decoupling pulses, `s` gates on one qubit, `C` on two, `M` measurement, `R` reset, `B` control flow.
    ///
    /// `circuit` is the one that the timeline is of, with or without its waits as delays.
    pub fn to_text(&self, circuit: &Circuit, columns: usize) -> String {
        text::draw(&Picture::of(circuit, self), columns)
    }

    /// The timeline as a drawing in SVG, waits, pulses, gates and measurements each in their colour, with what an
    /// instruction is and when it starts under the pointer.
    ///
    /// `circuit` is the one that the timeline is of, with or without its waits as delays.
    pub fn to_svg(&self, circuit: &Circuit) -> String {
        svg::draw(&Picture::of(circuit, self))
    }
}

/// What an instruction looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pulse,
    OneQubit,
    TwoQubit,
    Measure,
    Reset,
    ControlFlow,
    Virtual,
}

/// An instruction in the picture.
struct Mark {
    start: u64,
    ticks: u64,
    kind: Kind,
    name: String,
    /// Rows, lowest first.
    rows: Vec<usize>,
}

/// All that both drawings need.
struct Picture {
    /// The qubit of each row.
    qubits: Vec<usize>,
    marks: Vec<Mark>,
    /// When each row's first instruction that takes time starts and its last one ends.
    spans: Vec<(u64, u64)>,
    total: u64,
    tick: f64,
}

impl Picture {
    fn of(circuit: &Circuit, timeline: &Timeline) -> Self {
        let mut row_of = vec![None; circuit.num_qubits()];
        let acts = circuit
            .instructions()
            .iter()
            .filter(|instruction| is_drawn(instruction));
        acts.flat_map(|instruction| instruction.qubits.iter())
            .for_each(|qubit| row_of[qubit.index()] = Some(0));
        let qubits: Vec<usize> = (0..row_of.len())
            .filter(|&qubit| row_of[qubit].is_some())
            .collect();
        for (row, &qubit) in qubits.iter().enumerate() {
            row_of[qubit] = Some(row);
        }
        let pulses = pulses(circuit);
        let mut picture = Picture {
            spans: vec![(u64::MAX, 0); qubits.len()],
            qubits,
            marks: Vec::new(),
            total: timeline.total(),
            tick: timeline.tick_s(),
        };
        let times = timeline.starts().iter().zip(timeline.durations());
        for ((instruction, (&start, &ticks)), is_pulse) in
            circuit.instructions().iter().zip(times).zip(pulses)
        {
            if !is_drawn(instruction) {
                continue;
            }
            let mut rows: Vec<usize> = instruction
                .qubits
                .iter()
                .filter_map(|qubit| row_of[qubit.index()])
                .collect();
            rows.sort_unstable();
            let kind = kind(instruction, ticks, is_pulse);
            if kind != Kind::Virtual {
                for &row in &rows {
                    let (first, last) = &mut picture.spans[row];
                    *first = start.min(*first);
                    *last = (start + ticks).max(*last);
                }
            }
            picture.marks.push(Mark {
                start,
                ticks,
                kind,
                name: instruction.operation.name(),
                rows,
            });
        }
        picture
    }
}

fn is_drawn(instruction: &Instruction) -> bool {
    !matches!(
        instruction.operation,
        Operation::Delay(..) | Operation::Barrier
    ) && !instruction.qubits.is_empty()
}

fn kind(instruction: &Instruction, ticks: u64, is_pulse: bool) -> Kind {
    match &instruction.operation {
        Operation::Measure(_) => Kind::Measure,
        Operation::Reset => Kind::Reset,
        operation if operation.is_control_flow() => Kind::ControlFlow,
        _ if is_pulse => Kind::Pulse,
        _ if ticks == 0 => Kind::Virtual,
        _ if instruction.qubits.len() == 1 => Kind::OneQubit,
        _ => Kind::TwoQubit,
    }
}

/// For each instruction whether it is a flip between waits. Turns about Z that belong to a pulse do not separate it
/// from its wait.
fn pulses(circuit: &Circuit) -> Vec<bool> {
    let mut of_qubit: Vec<Vec<usize>> = vec![Vec::new(); circuit.num_qubits()];
    let mut found = vec![false; circuit.len()];
    for (index, instruction) in circuit.instructions().iter().enumerate() {
        let is_turn = instruction.operation.as_gate() == Some(Gate::RZ);
        for qubit in instruction.qubits.iter().filter(|_| !is_turn) {
            of_qubit[qubit.index()].push(index);
        }
    }
    let at = |index: usize| &circuit.instructions()[index].operation;
    let is_wait = |index: usize| matches!(at(index), Operation::Delay(..));
    let is_flip = |index: usize| {
        matches!(
            at(index).as_gate(),
            Some(Gate::X | Gate::Y | Gate::U | Gate::U3)
        )
    };
    for row in of_qubit {
        for (place, &index) in row.iter().enumerate() {
            let beside = [place.checked_sub(1), Some(place + 1)];
            let beside = beside.map(|place| {
                place
                    .and_then(|place| row.get(place))
                    .is_some_and(|&other| is_wait(other))
            });
            // The last pulse of a sequence may stand at the very end of its window.
            let follows_pulse = place >= 2 && found[row[place - 2]];
            found[index] = is_flip(index) && beside[0] && (beside[1] || follows_pulse);
        }
    }
    found
}

#[cfg(test)]
mod tests;
