//! Conditions over measured bits, from parsed expressions to [`ardea_circuit::Expr`].

use ardea_circuit::{BinaryOp, Clbit, Expr as BitExpr, MAX_EXPR_DEPTH};

use super::operands::clbits;
use super::scope::Wires;
use super::value::{Runtime, Value, truth};
use super::{Lowered, Lowering};
use crate::ast::{BinOp, Expr, Span};
use crate::diagnostics::{Issue, fault};

/// A condition, decided now or when the circuit runs.
pub(super) enum Decision {
    Known(bool),
    Open(BitExpr),
}

impl Lowering<'_> {
    pub(super) fn condition(&self, expr: &Expr<'_>) -> Lowered<Decision> {
        match self.value(expr)? {
            Value::Runtime(runtime) => Ok(Decision::Open(runtime.expr)),
            other => truth(&other, expr.span).map(Decision::Known),
        }
    }

    /// The value as it can be remembered: with a note of how often its bits had been written.
    pub(super) fn remembered(&self, value: Value) -> Value {
        match value {
            Value::Runtime(mut runtime) => {
                let count = |bit: &Clbit| {
                    self.clbit_writes
                        .get(&(bit.index() as u32))
                        .copied()
                        .unwrap_or(0)
                };
                runtime.writes = runtime
                    .expr
                    .bits()
                    .iter()
                    .map(|bit| (bit.index() as u32, count(bit)))
                    .collect();
                Value::Runtime(runtime)
            }
            other => other,
        }
    }
}

/// What classical bits hold.
pub(super) fn read(wires: &Wires) -> Runtime {
    let bits = clbits(wires);
    let expr = if wires.scalar {
        BitExpr::Bit(bits[0])
    } else {
        BitExpr::Register(bits)
    };
    Runtime {
        expr,
        depth: 1,
        boolean: wires.scalar,
        writes: Vec::new(),
    }
}

/// A known value beside one that is not.
pub(super) fn lift(value: Value, span: Span) -> Lowered<Runtime> {
    let (expr, boolean) = match value {
        Value::Runtime(runtime) => return Ok(runtime),
        Value::Bool(value) => (BitExpr::Constant(vec![value]), true),
        Value::Bits(bits) => (BitExpr::Constant(bits), false),
        Value::Int(value) => match u64::try_from(value) {
            Ok(value) => (BitExpr::number(value), false),
            Err(_) => {
                return Err(fault(
                    span,
                    "registers are unsigned: they cannot be compared with a negative number",
                ));
            }
        },
        other => {
            return Err(fault(
                span,
                format!("bits cannot be combined with {}", other.describe()),
            ));
        }
    };
    Ok(Runtime {
        expr,
        depth: 1,
        boolean,
        writes: Vec::new(),
    })
}

pub(super) fn not(inner: Runtime, span: Span) -> Lowered<Runtime> {
    nested(BitExpr::Not(Box::new(inner.expr)), inner.depth, true, span)
}

pub(super) fn complement(inner: Runtime, span: Span) -> Lowered<Runtime> {
    nested(
        BitExpr::Complement(Box::new(inner.expr)),
        inner.depth,
        inner.boolean,
        span,
    )
}

pub(super) fn binary(op: BinOp, left: Runtime, right: Runtime, span: Span) -> Lowered<Runtime> {
    let (op, boolean) = match op {
        BinOp::BitAnd => (BinaryOp::BitAnd, left.boolean && right.boolean),
        BinOp::BitOr => (BinaryOp::BitOr, left.boolean && right.boolean),
        BinOp::BitXor => (BinaryOp::BitXor, left.boolean && right.boolean),
        BinOp::And => (BinaryOp::And, true),
        BinOp::Or => (BinaryOp::Or, true),
        BinOp::Equal => (BinaryOp::Equal, true),
        BinOp::NotEqual => (BinaryOp::NotEqual, true),
        BinOp::Less => (BinaryOp::Less, true),
        BinOp::LessEqual => (BinaryOp::LessEqual, true),
        BinOp::Greater => (BinaryOp::Greater, true),
        BinOp::GreaterEqual => (BinaryOp::GreaterEqual, true),
        _ => {
            return Err(Issue::new("arithmetic and shifts of values known only when the circuit runs are not supported")
                .hint("conditions may compare bits and registers and join them by logic")
                .at(span));
        }
    };
    let depth = left.depth.max(right.depth);
    nested(
        BitExpr::Binary(op, Box::new(left.expr), Box::new(right.expr)),
        depth,
        boolean,
        span,
    )
}

fn nested(expr: BitExpr, inner: usize, boolean: bool, span: Span) -> Lowered<Runtime> {
    if inner >= MAX_EXPR_DEPTH {
        return Err(fault(
            span,
            format!("a condition may nest {MAX_EXPR_DEPTH} deep at most"),
        ));
    }
    Ok(Runtime {
        expr,
        depth: inner + 1,
        boolean,
        writes: Vec::new(),
    })
}
