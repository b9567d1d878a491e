//! Which qubits and bits an operand means.

use ardea_circuit::{Clbit, Qubit};

use super::scope::{Entity, Wires};
use super::value::Value;
use super::{Lowered, Lowering, QubitKind, silent};
use crate::ast::{BinOp, Expr, ExprKind, Operand, RangeExpr, Span};
use crate::diagnostics::{Fault, Issue, fault};
use crate::options::Limit;
use crate::parse::shorten;

/// Whether qubits or classical bits are meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Quantum,
    Classical,
}

impl Kind {
    fn of(entity: &Entity) -> Option<(Self, &Wires)> {
        match entity {
            Entity::Qubits(wires) => Some((Self::Quantum, wires)),
            Entity::Bits(wires) => Some((Self::Classical, wires)),
            _ => None,
        }
    }

    fn needed(self) -> &'static str {
        match self {
            Self::Quantum => "a qubit or quantum register",
            Self::Classical => "a bit or classical register",
        }
    }
}

impl Lowering<'_> {
    pub(super) fn qubits(&self, operand: &Operand<'_>) -> Lowered<Wires> {
        self.wires(operand, Kind::Quantum)
    }

    pub(super) fn bits(&self, operand: &Operand<'_>) -> Lowered<Wires> {
        self.wires(operand, Kind::Classical)
    }

    #[inline]
    fn wires(&self, operand: &Operand<'_>, kind: Kind) -> Lowered<Wires> {
        match operand {
            Operand::Element(name, digits, span) => {
                let register = self.named_wires(name.name, name.span, kind)?;
                element(name.name, register, digits, *span)
            }
            Operand::Whole(name) => self.named_wires(name.name, name.span, kind).cloned(),
            Operand::Hardware(digits, span) if kind == Kind::Quantum => {
                self.hardware(digits, *span)
            }
            Operand::Hardware(_, span) => Err(fault(
                *span,
                format!("{} is needed, not a physical qubit", kind.needed()),
            )),
            Operand::Other(expr) => self.wires_of(expr, kind),
        }
    }

    fn named_wires(&self, name: &str, span: Span, kind: Kind) -> Lowered<&Wires> {
        match self.scopes.get(name) {
            Some(Entity::Poison) => Err(silent(span)),
            Some(entity) => match Kind::of(entity) {
                Some((found, wires)) if found == kind => Ok(wires),
                _ => Err(fault(
                    span,
                    format!(
                        "`{}` is {}, not {}",
                        shorten(name),
                        entity.describe(),
                        kind.needed()
                    ),
                )),
            },
            None => Err(self.unknown_name(name, span)),
        }
    }

    pub(super) fn hardware(&self, digits: &str, span: Span) -> Lowered<Wires> {
        if self.qubits == QubitKind::Declared {
            return Err(Issue::new(format!(
                "`${}` is used beside declared qubits",
                shorten(digits)
            ))
            .hint("a program names its qubits either by registers or by `$n`")
            .at(span));
        }
        if self.scopes.in_gate() {
            return Err(fault(
                span,
                "a gate acts on its own qubits only, not on physical ones",
            ));
        }
        match digits.parse::<usize>() {
            Ok(index) if index < self.circuit.num_qubits() => Ok(Wires::one(index)),
            _ => Err(Issue::over(Limit::Qubits, self.options.limits.qubits as u64).at(span)),
        }
    }

    /// The qubits or bits that an expression with ranges, sets, negative indices or `++` means.
    pub(super) fn wires_of(&self, expr: &Expr<'_>, kind: Kind) -> Lowered<Wires> {
        match &expr.kind {
            ExprKind::Name(name) => self.named_wires(name, expr.span, kind).cloned(),
            ExprKind::Hardware(digits) if kind == Kind::Quantum => self.hardware(digits, expr.span),
            ExprKind::Paren(inner) => self.wires_of(inner, kind),
            ExprKind::Index(base, items) => {
                let register = self.wires_of(base, kind)?;
                self.indexed(&register, items, expr.span)
            }
            ExprKind::Chain(first, rest) if rest.iter().all(|(op, _)| *op == BinOp::Concat) => {
                let mut joined: Vec<u32> = Vec::new();
                for part in std::iter::once(&**first).chain(rest.iter().map(|(_, part)| part)) {
                    joined.extend(self.wires_of(part, kind)?.iter().map(|i| i as u32));
                    self.check_length(joined.len(), part.span)?;
                }
                Ok(Wires::listed(joined))
            }
            _ => Err(fault(
                expr.span,
                format!("{} is needed here", kind.needed()),
            )),
        }
    }

    fn indexed(&self, register: &Wires, items: &[Expr<'_>], span: Span) -> Lowered<Wires> {
        if register.scalar {
            return Err(fault(span, "a single bit has no elements"));
        }
        let [item] = items else {
            return Err(fault(span, "a register has one index only"));
        };
        match &item.kind {
            ExprKind::Range(range) => {
                let chosen = self.range_positions(range, register.len(), item.span)?;
                Ok(Wires::listed(
                    chosen.into_iter().map(|i| register.get(i) as u32).collect(),
                ))
            }
            ExprKind::Set(members) => {
                let chosen: Lowered<Vec<u32>> = members
                    .iter()
                    .map(|member| Ok(register.get(self.position(member, register.len())?) as u32))
                    .collect();
                chosen.map(Wires::listed)
            }
            _ => Ok(Wires::one(
                register.get(self.position(item, register.len())?),
            )),
        }
    }

    /// A constant index; negative ones count from the end.
    fn position(&self, expr: &Expr<'_>, len: usize) -> Lowered<usize> {
        let index = self.integer(expr)?;
        let from_start = if index < 0 {
            index + len as i128
        } else {
            index
        };
        if from_start < 0 || from_start >= len as i128 {
            return Err(out_of_range(
                &index.to_string(),
                "the register",
                len,
                expr.span,
            ));
        }
        Ok(from_start as usize)
    }

    /// Positions that `start:step:stop` chooses; both ends belong to it.
    fn range_positions(
        &self,
        range: &RangeExpr<'_>,
        len: usize,
        span: Span,
    ) -> Lowered<Vec<usize>> {
        let step = range.step.as_ref().map_or(Ok(1), |e| self.integer(e))?;
        if step == 0 {
            return Err(fault(span, "the step of a range must not be zero"));
        }
        let end = |expr: &Option<Expr<'_>>, absent: usize| {
            expr.as_ref().map_or(Ok(absent), |e| self.position(e, len))
        };
        let last = len.saturating_sub(1);
        let (first_default, last_default) = if step > 0 { (0, last) } else { (last, 0) };
        let (start, stop) = (
            end(&range.start, first_default)?,
            end(&range.stop, last_default)?,
        );
        let mut positions = Vec::new();
        let mut at = start as i128;
        while if step > 0 {
            at <= stop as i128
        } else {
            at >= stop as i128
        } {
            positions.push(at as usize);
            at += step;
        }
        Ok(positions)
    }

    fn check_length(&self, len: usize, span: Span) -> Lowered<()> {
        let limit = self.options.limits.qubits.max(self.options.limits.clbits);
        if len > limit {
            Err(Issue::over(Limit::Qubits, limit as u64).at(span))
        } else {
            Ok(())
        }
    }

    /// A constant integer.
    pub(super) fn integer(&self, expr: &Expr<'_>) -> Lowered<i128> {
        match self.value(expr)? {
            Value::Int(value) => Ok(value),
            other => Err(fault(
                expr.span,
                format!(
                    "a constant integer is needed here, not {}",
                    other.describe()
                ),
            )),
        }
    }

    pub(super) fn unknown_name(&self, name: &str, span: Span) -> Fault {
        let issue = Issue::new(format!("`{}` is not defined", shorten(name)));
        match self.similar_name(name) {
            Some(similar) => issue.hint(format!("did you mean `{similar}`?")),
            None => issue.hint("names must be declared before they are used"),
        }
        .at(span)
    }

    fn similar_name(&self, name: &str) -> Option<String> {
        const MOST_NAMES: usize = 2000;
        let candidates = self.scopes.names().take(MOST_NAMES).map(|(known, _)| known);
        closest(name, candidates).map(str::to_owned)
    }
}

/// The first of the names, by the alphabet, that `name` may be meant for.
pub(super) fn closest<'n>(
    name: &str,
    candidates: impl Iterator<Item = &'n str>,
) -> Option<&'n str> {
    let close = |known: &&str| known.len() < 20 && name.len() < 20 && is_close(name, known);
    candidates.filter(close).min()
}

/// `register[digits]`.
#[inline]
fn element(name: &str, register: &Wires, digits: &str, span: Span) -> Lowered<Wires> {
    if register.scalar {
        return Err(fault(
            span,
            format!("`{}` is a single bit and has no elements", shorten(name)),
        ));
    }
    let index = if digits.contains('_') {
        digits.replace('_', "").parse::<usize>()
    } else {
        digits.parse::<usize>()
    };
    match index {
        Ok(index) if index < register.len() => Ok(Wires::one(register.get(index))),
        _ => Err(out_of_range(
            digits,
            &format!("`{}`", shorten(name)),
            register.len(),
            span,
        )),
    }
}

fn out_of_range(index: &str, name: &str, len: usize, span: Span) -> Fault {
    Issue::new(format!(
        "index {} is out of range for {name} of size {len}",
        shorten(index)
    ))
    .hint(match len {
        0 => "it has no elements".to_owned(),
        _ => format!("valid indices are 0 to {}", len - 1),
    })
    .at(span)
}

/// One letter added, dropped or changed, or only case differs.
fn is_close(a: &str, b: &str) -> bool {
    if a.eq_ignore_ascii_case(b) {
        return true;
    }
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let same_end = a
        .iter()
        .rev()
        .zip(b.iter().rev())
        .take_while(|(x, y)| x == y)
        .count();
    let longest = a.len().max(b.len());
    let differ = longest.saturating_sub(same_start + same_end);
    let exchanged = || {
        let at = same_start;
        a.len() == b.len() && differ == 2 && (a[at], a[at + 1]) == (b[at + 1], b[at])
    };
    longest > 2 && a.len().abs_diff(b.len()) <= 1 && (differ <= 1 || exchanged())
}

pub(super) fn qubit(wires: &Wires, index: usize) -> Qubit {
    Qubit::new(wires.get(index))
}

pub(super) fn clbits(wires: &Wires) -> Vec<Clbit> {
    wires.iter().map(Clbit::new).collect()
}
