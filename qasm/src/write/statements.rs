//! Instructions as statements.

use std::fmt::Write as _;

use ardea_circuit::{Circuit, ForValues, Gate, IfElse, Operation, Qubit, TimeUnit};

use super::{Dialect, Place, WriteError, Writer, number};
use crate::options::GlobalPhase;

const INDENT: &str = "  ";

impl Writer<'_> {
    pub(super) fn instruction(
        &mut self,
        out: &mut String,
        operation: &Operation,
        qubits: &[Qubit],
        place: &Place<'_>,
    ) -> Result<(), WriteError> {
        match operation {
            Operation::Measure(bit) => {
                let (qubit, bit) = (
                    &place.qubits[qubits[0].index()],
                    self.bits.bits[bit.index()].clone(),
                );
                match self.dialect {
                    Dialect::Two => {
                        statement(out, place, format_args!("measure {qubit} -> {bit};"))
                    }
                    Dialect::Three => {
                        statement(out, place, format_args!("{bit} = measure {qubit};"))
                    }
                }
            }
            Operation::Reset => statement(
                out,
                place,
                format_args!("reset {};", place.qubits[qubits[0].index()]),
            ),
            Operation::Barrier => {
                if qubits.is_empty() {
                    return Ok(());
                }
                let list = operands(qubits, place);
                // OpenQASM 2 cannot put a condition on a barrier, and it does no harm without.
                let place = if self.dialect == Dialect::Two && !place.in_gate {
                    &Place {
                        prefix: String::new(),
                        ..place.clone()
                    }
                } else {
                    place
                };
                statement(out, place, format_args!("barrier {list};"));
            }
            Operation::Delay(unit, duration) => self.delay(out, *unit, *duration, qubits, place)?,
            Operation::IfElse(branches) => self.if_else(out, branches, qubits, place)?,
            Operation::Switch(_)
            | Operation::For(_)
            | Operation::While(_)
            | Operation::Break
            | Operation::Continue
                if self.dialect == Dialect::Two =>
            {
                return Err(WriteError::NotInVersion2(format!("`{}`", operation.name())));
            }
            Operation::While(op) => {
                let condition = self.expr(&op.condition);
                statement(out, place, format_args!("while ({condition}) {{"));
                self.body(out, &op.body, qubits, place)?;
                statement(out, place, format_args!("}}"));
            }
            Operation::For(op) => {
                let name = self
                    .names
                    .take(op.variable.as_ref().map_or("i", |v| v.name()));
                let set = match &op.values {
                    ForValues::Range {
                        start,
                        stop,
                        step: 1,
                    } => format!("[{start}:{stop}]"),
                    ForValues::Range { start, stop, step } => format!("[{start}:{step}:{stop}]"),
                    ForValues::List(values) => format!(
                        "{{{}}}",
                        values
                            .iter()
                            .map(i64::to_string)
                            .collect::<Vec<_>>()
                            .join(", ")
                    ),
                };
                let mut symbols = place.symbols.clone();
                symbols.extend(op.variable.iter().map(|v| (v.clone(), name.clone())));
                statement(out, place, format_args!("for int {name} in {set} {{"));
                self.body(
                    out,
                    &op.body,
                    qubits,
                    &Place {
                        symbols: &symbols,
                        ..place.clone()
                    },
                )?;
                statement(out, place, format_args!("}}"));
            }
            Operation::Switch(op) => {
                let subject = self.expr(&op.subject);
                statement(out, place, format_args!("switch (uint({subject})) {{"));
                let inner = Place {
                    prefix: format!("{}{INDENT}", place.prefix),
                    ..place.clone()
                };
                for case in &op.cases {
                    if case.values.is_empty() {
                        statement(out, &inner, format_args!("default {{"));
                    } else {
                        let labels: Vec<String> = case.values.iter().map(u64::to_string).collect();
                        statement(out, &inner, format_args!("case {} {{", labels.join(", ")));
                    }
                    self.body(out, &case.body, qubits, &inner)?;
                    statement(out, &inner, format_args!("}}"));
                    if case.values.is_empty() {
                        break; // No later case can be reached, and the language allows none.
                    }
                }
                statement(out, place, format_args!("}}"));
            }
            Operation::Gate(gate) => self.plain_gate(out, *gate, None, qubits, place)?,
            Operation::Rotation(gate, angle) => {
                self.plain_gate(out, *gate, Some(*angle), qubits, place)?;
            }
            Operation::Break => statement(out, place, format_args!("break;")),
            Operation::Continue => statement(out, place, format_args!("continue;")),
            _ => self.gate(out, operation, qubits, place)?,
        }
        Ok(())
    }

    fn delay(
        &mut self,
        out: &mut String,
        unit: TimeUnit,
        duration: f64,
        qubits: &[Qubit],
        place: &Place<'_>,
    ) -> Result<(), WriteError> {
        let qubit = &place.qubits[qubits[0].index()];
        if self.dialect == Dialect::Two {
            if unit != TimeUnit::Dt || duration.fract() != 0.0 {
                let unit = if unit == TimeUnit::Dt { "dt" } else { "s" };
                return Err(WriteError::Delay(format!(
                    "{}{unit}",
                    number::real(duration)
                )));
            }
            let name = self.delay_gate();
            statement(out, place, format_args!("{name}({duration}) {qubit};"));
        } else {
            statement(
                out,
                place,
                format_args!("delay[{}] {qubit};", duration_text(unit, duration)),
            );
        }
        Ok(())
    }

    fn if_else(
        &mut self,
        out: &mut String,
        branches: &IfElse,
        qubits: &[Qubit],
        place: &Place<'_>,
    ) -> Result<(), WriteError> {
        if self.dialect == Dialect::Two {
            return self.conditioned(out, branches, qubits, place);
        }
        let condition = self.expr(&branches.condition);
        statement(out, place, format_args!("if ({condition}) {{"));
        self.body(out, &branches.then_body, qubits, place)?;
        if let Some(otherwise) = &branches.else_body {
            statement(out, place, format_args!("}} else {{"));
            self.body(out, otherwise, qubits, place)?;
        }
        statement(out, place, format_args!("}}"));
        Ok(())
    }

    fn body(
        &mut self,
        out: &mut String,
        body: &Circuit,
        qubits: &[Qubit],
        place: &Place<'_>,
    ) -> Result<(), WriteError> {
        const MAX_DEPTH: usize = 256;
        if place.depth >= MAX_DEPTH {
            return Err(WriteError::TooDeep(MAX_DEPTH));
        }
        let names: Vec<String> = qubits
            .iter()
            .map(|q| place.qubits[q.index()].clone())
            .collect();
        let inner = Place {
            qubits: &names,
            prefix: format!("{}{INDENT}", place.prefix),
            depth: place.depth + 1,
            ..place.clone()
        };
        if self.options.global_phase == GlobalPhase::Keep && !body.global_phase().is_zero() {
            let phase = self.angle(body.global_phase(), &inner);
            statement(out, &inner, format_args!("gphase({phase});"));
        }
        for instruction in body.instructions() {
            self.instruction(out, &instruction.operation, &instruction.qubits, &inner)?;
        }
        Ok(())
    }

    /// OpenQASM 2: every operation of the body under the condition for itself, which is the same as
    /// long as no earlier one writes the register.
    fn conditioned(
        &mut self,
        out: &mut String,
        branches: &IfElse,
        qubits: &[Qubit],
        place: &Place<'_>,
    ) -> Result<(), WriteError> {
        let cannot = |what: &str| WriteError::NotInVersion2(what.to_owned());
        if !place.prefix.is_empty() {
            return Err(cannot("a condition inside a condition"));
        }
        let Some((name, start, size, value)) = self.register_condition(&branches.condition) else {
            return Err(cannot("a condition other than `register == number`"));
        };
        let names: Vec<String> = qubits
            .iter()
            .map(|q| place.qubits[q.index()].clone())
            .collect();
        let mut writes = false;
        let other = match (&branches.else_body, size, value) {
            (None, _, _) => None,
            (Some(body), 1, 0 | 1) => Some((body, 1 - value)),
            _ => return Err(cannot("an `else` of a condition on several bits")),
        };
        for (body, value) in std::iter::once((&branches.then_body, value)).chain(other) {
            for instruction in body.instructions() {
                if writes {
                    return Err(cannot(
                        "a conditional body that goes on after it has measured into the register of its condition",
                    ));
                }
                let operation = &instruction.operation;
                if operation.is_control_flow() {
                    return Err(cannot("control flow inside a condition"));
                }
                let inner = Place {
                    qubits: &names,
                    prefix: format!("if ({name} == {value}) "),
                    depth: 1,
                    ..place.clone()
                };
                self.instruction(out, operation, &instruction.qubits, &inner)?;
                writes |= operation
                    .clbits_written()
                    .iter()
                    .any(|b| (start..start + size).contains(&b.index()));
            }
        }
        Ok(())
    }

    /// One line calling a gate.
    pub(super) fn call_line(
        out: &mut String,
        name: &str,
        params: &[String],
        qubits: &[Qubit],
        place: &Place<'_>,
    ) {
        out.push_str(&place.prefix);
        out.push_str(name);
        if !params.is_empty() {
            let _ = write!(out, "({})", params.join(", "));
        }
        for (i, qubit) in qubits.iter().enumerate() {
            out.push_str(if i == 0 { " " } else { ", " });
            out.push_str(&place.qubits[qubit.index()]);
        }
        out.push_str(";\n");
    }

    /// A phase of a circuit or gate body.
    pub(super) fn phase_line(
        &self,
        out: &mut String,
        phase: &ardea_circuit::Angle,
        place: &Place<'_>,
    ) {
        if self.dialect == Dialect::Three && !phase.is_zero() {
            statement(
                out,
                place,
                format_args!(
                    "{}({});",
                    Gate::GlobalPhase.aliases()[0],
                    self.angle(phase, place)
                ),
            );
        }
    }
}

fn statement(out: &mut String, place: &Place<'_>, text: std::fmt::Arguments<'_>) {
    let _ = writeln!(out, "{}{text}", place.prefix);
}

fn operands(qubits: &[Qubit], place: &Place<'_>) -> String {
    let names: Vec<&str> = qubits
        .iter()
        .map(|q| place.qubits[q.index()].as_str())
        .collect();
    names.join(", ")
}

/// A duration that reads back to the same bits, in nanoseconds where that is possible.
fn duration_text(unit: TimeUnit, duration: f64) -> String {
    if unit == TimeUnit::Dt {
        return if duration.fract() == 0.0 && duration < 1e15 {
            format!("{duration}dt")
        } else {
            format!("{}dt", number::real(duration))
        };
    }
    for (divisor, suffix) in [(1e9, "ns"), (1e6, "us"), (1e3, "ms")] {
        let scaled = duration * divisor;
        // A product may be off by one in the last place: its neighbours are tried, too.
        for candidate in [scaled.round(), scaled, scaled.next_up(), scaled.next_down()] {
            if candidate / divisor == duration && candidate.is_finite() {
                return format!("{}{suffix}", number::real(candidate));
            }
        }
    }
    format!("{}s", number::real(duration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_back_to_the_same_bits() {
        assert_eq!(duration_text(TimeUnit::Seconds, 100e-9), "100.0ns");
        assert_eq!(duration_text(TimeUnit::Dt, 16.0), "16dt");
        let mut seed = 1u64;
        for _ in 0..1000 {
            seed = seed
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let duration = (seed >> 11) as f64 * 1e-25;
            let text = duration_text(TimeUnit::Seconds, duration);
            let (number, divisor) = match text.strip_suffix("ns") {
                Some(number) => (number, 1e9),
                None => match text.strip_suffix("us") {
                    Some(number) => (number, 1e6),
                    None => match text.strip_suffix("ms") {
                        Some(number) => (number, 1e3),
                        None => (text.trim_end_matches('s'), 1.0),
                    },
                },
            };
            assert_eq!(number.parse::<f64>().unwrap() / divisor, duration, "{text}");
        }
    }
}
