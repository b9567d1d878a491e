//! Circuits as text: one line per qubit, time from left to right.
//!
//! ```text
//! q0: ─[H]──●───────
//!           │
//! q1: ─────[X]─[M]──
//!               ║
//! c:  ══════════0═══
//! ```
//!
//! Instructions go into the leftmost column in which every line between their first and last is
//! free. Lines longer than the width are continued below, as Qiskit does.

use std::fmt::Write;

use crate::{Circuit, Gate, Instruction, Operation, TimeUnit};

/// How a circuit is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DrawOptions {
    /// Characters per line before the drawing is continued below; at least 40 are used.
    pub width: usize,
    /// Instructions beyond this many are not drawn; the last line says how many are left out.
    pub max_instructions: usize,
    /// Which qubits get a line.
    pub idle: IdleWires,
}

/// Whether qubits that no instruction touches get a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdleWires {
    /// They do.
    Shown,
    /// They do not.
    Hidden,
}

impl Default for DrawOptions {
    fn default() -> Self {
        Self {
            width: 100,
            max_instructions: 2000,
            idle: IdleWires::Shown,
        }
    }
}

impl Circuit {
    /// The circuit as text, 100 characters wide.
    pub fn draw(&self) -> String {
        self.draw_with(&DrawOptions::default())
    }

    /// The circuit as text.
    pub fn draw_with(&self, options: &DrawOptions) -> String {
        let mut drawing = Drawing::new(self, options.idle);
        for instruction in self.instructions().iter().take(options.max_instructions) {
            drawing.place(instruction);
        }
        let mut text = drawing.render(options.width.max(40));
        if self.len() > options.max_instructions {
            let _ = writeln!(
                text,
                "... and {} more instructions",
                self.len() - options.max_instructions
            );
        }
        if !self.global_phase().is_zero() {
            let _ = writeln!(text, "global phase: {}", self.global_phase());
        }
        text
    }
}

/// What one instruction puts on one line.
struct Mark {
    row: usize,
    text: String,
}

struct Column {
    marks: Vec<Mark>,
    /// Lines joined by a stroke below them, with the stroke.
    strokes: Vec<(usize, char)>,
}

struct Drawing {
    labels: Vec<String>,
    /// The line of each qubit, if it has one.
    rows: Vec<Option<usize>>,
    num_quantum: usize,
    /// For each classical bit, its register's line and its place in the register.
    bits: Vec<(usize, usize)>,
    columns: Vec<Column>,
    /// The first free column of each line.
    free: Vec<usize>,
}

impl Drawing {
    fn new(circuit: &Circuit, idle: IdleWires) -> Self {
        let mut used = vec![idle == IdleWires::Shown; circuit.num_qubits()];
        for instruction in circuit.instructions() {
            instruction
                .qubits
                .iter()
                .for_each(|q| used[q.index()] = true);
        }
        let mut labels = Vec::new();
        let mut rows = vec![None; circuit.num_qubits()];
        for (qubit, row) in rows.iter_mut().enumerate().filter(|(q, _)| used[*q]) {
            *row = Some(labels.len());
            labels.push(qubit_label(circuit, qubit));
        }
        let num_quantum = labels.len();
        let mut bits = vec![(num_quantum, 0); circuit.num_clbits()];
        for register in circuit.cregs() {
            for (place, bit) in register.range().enumerate() {
                bits[bit] = (labels.len(), place);
            }
            labels.push(format!("{}: ", register.name));
        }
        Self {
            free: vec![0; labels.len()],
            labels,
            rows,
            num_quantum,
            bits,
            columns: Vec::new(),
        }
    }

    fn place(&mut self, instruction: &Instruction) {
        let texts = symbols(instruction);
        let mut marks: Vec<Mark> = instruction
            .qubits
            .iter()
            .zip(texts)
            .filter_map(|(q, text)| self.rows[q.index()].map(|row| Mark { row, text }))
            .collect();
        let quantum_last = marks.iter().map(|m| m.row).max();
        let joined = !instruction.operation.is_directive();
        for (row, text) in self.classical_marks(&instruction.operation) {
            marks.push(Mark { row, text });
        }
        let (Some(first), Some(last)) = (
            marks.iter().map(|m| m.row).min(),
            marks.iter().map(|m| m.row).max(),
        ) else {
            return;
        };
        let rows = if joined {
            first..=last
        } else {
            first..=quantum_last.unwrap_or(last)
        };
        let column = rows.clone().map(|row| self.free[row]).max().unwrap_or(0);
        while self.columns.len() <= column {
            self.columns.push(Column {
                marks: Vec::new(),
                strokes: Vec::new(),
            });
        }
        rows.for_each(|row| self.free[row] = column + 1);
        let strokes = (first..last).map(|row| {
            (
                row,
                if Some(row) >= quantum_last {
                    '║'
                } else {
                    '│'
                },
            )
        });
        if joined {
            self.columns[column].strokes.extend(strokes);
        }
        self.columns[column].marks.extend(marks);
    }

    fn classical_marks(&self, operation: &Operation) -> Vec<(usize, String)> {
        let bits = match operation {
            Operation::Measure(bit) => vec![*bit],
            operation if operation.is_control_flow() => operation.clbits_read(),
            _ => vec![],
        };
        let mut marks: Vec<(usize, String)> = Vec::new();
        for bit in bits {
            let (row, place) = self.bits[bit.index()];
            match marks.iter_mut().find(|(r, _)| *r == row) {
                Some((_, text)) => *text = format!("{text},{place}"),
                None => marks.push((row, place.to_string())),
            }
        }
        marks
    }

    fn render(&self, width: usize) -> String {
        let label_width = self
            .labels
            .iter()
            .map(|l| l.chars().count())
            .max()
            .unwrap_or(0);
        let widths: Vec<usize> = self
            .columns
            .iter()
            .map(|c| {
                c.marks
                    .iter()
                    .map(|m| m.text.chars().count())
                    .max()
                    .unwrap_or(1)
            })
            .collect();
        let mut text = String::new();
        let mut start = 0;
        loop {
            let mut end = start;
            let mut used = label_width + 1;
            while end < self.columns.len() && (end == start || used + widths[end] < width) {
                used += widths[end] + 1;
                end += 1;
            }
            self.render_block(&mut text, start..end, &widths, label_width);
            if end == self.columns.len() {
                return text;
            }
            text.push('\n');
            start = end;
        }
    }

    fn render_block(
        &self,
        out: &mut String,
        block: std::ops::Range<usize>,
        widths: &[usize],
        label_width: usize,
    ) {
        for (row, label) in self.labels.iter().enumerate() {
            let line = if row < self.num_quantum { '─' } else { '═' };
            let mut wire = format!("{label:<label_width$}{line}");
            let mut below = " ".repeat(label_width + 1);
            for column in block.clone() {
                let width = widths[column];
                let mark = self.columns[column].marks.iter().find(|m| m.row == row);
                let crossing = self.columns[column]
                    .strokes
                    .iter()
                    .find(|(r, _)| *r == row || *r + 1 == row);
                let text = match mark {
                    Some(mark) => mark.text.clone(),
                    None if crossing.is_some() => match (line, crossing) {
                        ('─', Some((_, '│'))) => "┼".to_owned(),
                        ('─', _) => "╫".to_owned(),
                        _ => "╬".to_owned(),
                    },
                    None => line.to_string(),
                };
                let _ = write!(wire, "{}{line}", centred(&text, width, line));
                let stroke = self.columns[column]
                    .strokes
                    .iter()
                    .find(|(r, _)| *r == row)
                    .map_or(' ', |(_, s)| *s);
                let _ = write!(below, "{} ", centred(&stroke.to_string(), width, ' '));
            }
            out.push_str(&wire);
            out.push('\n');
            if below.trim().is_empty() {
                continue;
            }
            out.push_str(below.trim_end());
            out.push('\n');
        }
    }
}

fn qubit_label(circuit: &Circuit, qubit: usize) -> String {
    match circuit.qregs().iter().find(|r| r.range().contains(&qubit)) {
        Some(register) if circuit.qregs().len() > 1 => {
            format!("{}{}: ", register.name, qubit - register.start)
        }
        _ => format!("q{qubit}: "),
    }
}

fn centred(text: &str, width: usize, fill: char) -> String {
    let missing = width.saturating_sub(text.chars().count());
    let left = missing / 2;
    let side = |n: usize| std::iter::repeat_n(fill, n).collect::<String>();
    format!("{}{text}{}", side(left), side(missing - left))
}

/// The text on each of the instruction's qubits.
fn symbols(instruction: &Instruction) -> Vec<String> {
    let count = instruction.qubits.len();
    let operation = &instruction.operation;
    match operation {
        Operation::Measure(_) => vec!["[M]".into()],
        Operation::Reset => vec!["|0>".into()],
        Operation::Barrier => vec!["░".into(); count],
        Operation::Delay(unit, time) => {
            vec![format!(
                "[delay {time}{}]",
                if *unit == TimeUnit::Seconds {
                    "s"
                } else {
                    "dt"
                }
            )]
        }
        Operation::Controlled(op) => {
            let controls = op
                .state
                .iter()
                .map(|&on| if on { "●" } else { "○" }.to_owned());
            controls
                .chain(boxes(&op.base, count - op.state.len()))
                .collect()
        }
        _ => match operation.as_gate() {
            Some(Gate::Swap) => vec!["x".into(); 2],
            Some(gate) => match gate.controls() {
                Some((controls, base)) => {
                    let targets = match base {
                        Gate::Z | Gate::P | Gate::U1
                            if !operation.is_symbolic() && base == Gate::Z =>
                        {
                            vec!["●".into()]
                        }
                        Gate::Swap => vec!["x".into(); 2],
                        _ => vec![format!("[{}]", label(base.name(), operation)); 1],
                    };
                    std::iter::repeat_n("●".to_owned(), controls)
                        .chain(targets)
                        .collect()
                }
                None => boxes(operation, count),
            },
            None => boxes(operation, count),
        },
    }
}

/// A box on every qubit; several qubits are numbered, since their order matters.
fn boxes(operation: &Operation, count: usize) -> Vec<String> {
    let name = label(&operation.name(), operation);
    match count {
        1 => vec![format!("[{name}]")],
        _ if operation.as_gate().is_some_and(Gate::is_symmetric) => {
            vec![format!("[{name}]"); count]
        }
        _ => (0..count).map(|i| format!("[{name}:{i}]")).collect(),
    }
}

/// The name in capitals where it is short, followed by the angles.
fn label(name: &str, operation: &Operation) -> String {
    let name = if name.len() <= 4 {
        name.to_uppercase()
    } else {
        name.to_owned()
    };
    let angles = match operation {
        Operation::Call(call) => call.angles.clone(),
        _ => operation
            .standard()
            .map(|(_, angles)| angles.to_vec().into_vec())
            .unwrap_or_default(),
    };
    if angles.is_empty() {
        return name;
    }
    let shown: Vec<String> = angles
        .iter()
        .map(|a| a.value().map_or_else(|| a.to_string(), short))
        .collect();
    format!("{name}({})", shown.join(","))
}

/// An angle with at most four significant decimals, multiples of pi/8 as fractions.
fn short(value: f64) -> String {
    let eighths = value / std::f64::consts::FRAC_PI_8;
    if value == 0.0 || eighths.abs() > 64.0 || (eighths - eighths.round()).abs() > 1e-12 {
        return format!("{}", (value * 1e4).round() / 1e4);
    }
    let (mut top, mut bottom) = (eighths.round() as i64, 8i64);
    while top % 2 == 0 && bottom > 1 {
        (top, bottom) = (top / 2, bottom / 2);
    }
    let factor = match top {
        1 => String::new(),
        -1 => "-".into(),
        _ => top.to_string(),
    };
    if bottom == 1 {
        format!("{factor}π")
    } else {
        format!("{factor}π/{bottom}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bell_pair_looks_as_it_should() {
        let mut bell = Circuit::new(2, 2);
        bell.h(0)
            .unwrap()
            .cx(0, 1)
            .unwrap()
            .measure(0, 0)
            .unwrap()
            .measure(1, 1)
            .unwrap();
        let expected = "\
q0: ─[H]──●──[M]─────
          │   ║
q1: ─────[X]──╫──[M]─
              ║   ║
c:  ══════════0═══1══
";
        assert_eq!(bell.draw(), expected);
    }

    #[test]
    fn long_circuits_are_continued_below_and_counted() {
        let mut circuit = Circuit::new(1, 0);
        for _ in 0..50 {
            circuit.rz(std::f64::consts::FRAC_PI_2, 0).unwrap();
        }
        let text = circuit.draw_with(&DrawOptions {
            width: 60,
            max_instructions: 20,
            ..DrawOptions::default()
        });
        assert!(
            text.contains("[RZ(π/2)]") && text.contains("30 more"),
            "{text}"
        );
        assert!(
            text.lines().all(|line| line.chars().count() <= 60),
            "{text}"
        );
    }

    #[test]
    fn every_operation_can_be_drawn() {
        let mut rng = <rand_pcg::Pcg64Mcg as rand::SeedableRng>::seed_from_u64(1);
        let mut circuit = crate::random::random_circuit(&mut rng, 6, 200, &Gate::ALL);
        circuit
            .barrier(&[])
            .unwrap()
            .reset(1)
            .unwrap()
            .delay(1e-6, 2)
            .unwrap()
            .measure_all()
            .unwrap();
        let body = Circuit::new(2, 6);
        circuit
            .if_else(crate::Expr::Bit(crate::Clbit::new(3)), body, None, &[4, 1])
            .unwrap();
        assert!(circuit.draw().contains("if_else"));
    }
}
