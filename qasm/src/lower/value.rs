//! Values of OpenQASM 3 expressions: numbers known while reading, symbolic angles, and expressions
//! over measured bits that only the running circuit knows.

use ardea_circuit::{Angle, Expr as BitExpr, Function, TimeUnit};

use super::angle2::{apply, combine, real};
use super::classical;
use super::scope::{Entity, Variable};
use super::{Lowered, Lowering, silent, unsupported};
use crate::ast::{BinOp, Expr, ExprKind, Span, TypeKind, UnaryOp};
use crate::diagnostics::{Fault, Issue, fault};
use crate::parse::shorten;

/// The widest integer that is computed with.
pub(super) const MAX_INTEGER_BITS: u32 = 64;

#[derive(Clone, Debug)]
pub(super) enum Value {
    Int(i128),
    Bool(bool),
    /// A float or an angle, perhaps symbolic.
    Real(Angle),
    Duration(f64, TimeUnit),
    /// A bit string, least significant bit first.
    Bits(Vec<bool>),
    /// Known only when the circuit runs.
    Runtime(Runtime),
}

/// An expression over classical bits.
#[derive(Clone, Debug)]
pub(super) struct Runtime {
    pub(super) expr: BitExpr,
    pub(super) depth: usize,
    /// Whether the value is one bit (or a truth value) rather than a number.
    pub(super) boolean: bool,
    /// When remembered in a variable: the bits read, with how often each had been written.
    pub(super) writes: Vec<(u32, u32)>,
}

impl Value {
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Int(_) => "an integer",
            Self::Bool(_) => "a truth value",
            Self::Real(angle) if angle.is_symbolic() => "a symbolic angle",
            Self::Real(_) => "a real number",
            Self::Duration(..) => "a duration",
            Self::Bits(_) => "a bit string",
            Self::Runtime(_) => "a value known only when the circuit runs",
        }
    }
}

impl Lowering<'_> {
    /// The angle that an expression of either language gives.
    pub(super) fn angle(&self, expr: &Expr<'_>) -> Lowered<Angle> {
        if self.dialect != crate::parse::Dialect::Three {
            return self.angle2(expr);
        }
        match self.value_as_angle(expr)? {
            Value::Int(value) => Ok(Angle::Value(value as f64)),
            Value::Real(angle) => Ok(angle),
            other => Err(fault(
                expr.span,
                format!("an angle is needed here, not {}", other.describe()),
            )),
        }
    }

    /// As [`Lowering::value`], but an integer division that loses its remainder is an error: in an
    /// angle it is nearly always meant as a division of real numbers.
    fn value_as_angle(&self, expr: &Expr<'_>) -> Lowered<Value> {
        match &expr.kind {
            ExprKind::Paren(inner) => self.value_as_angle(inner),
            ExprKind::Unary(UnaryOp::Minus, operand) => {
                negate(self.value_as_angle(operand)?, expr.span)
            }
            ExprKind::Chain(first, rest) => {
                let mut left = self.value_as_angle(first)?;
                for (op, operand) in rest {
                    let right = self.value_as_angle(operand)?;
                    if let (BinOp::Divide, Value::Int(a), Value::Int(b)) = (op, &left, &right)
                        && *b != 0
                        && a.checked_rem(*b) != Some(0)
                    {
                        return Err(Issue::new(format!(
                            "`{a} / {b}` divides integers: its remainder would be lost"
                        ))
                        .hint(format!("write `{a}.0 / {b}`"))
                        .at(expr.span));
                    }
                    left = binary(*op, left, right, expr.span, operand.span)?;
                }
                Ok(left)
            }
            _ => self.value(expr),
        }
    }

    pub(super) fn value(&self, expr: &Expr<'_>) -> Lowered<Value> {
        let span = expr.span;
        match &expr.kind {
            ExprKind::Integer(digits) => integer(digits, 10, span),
            ExprKind::RadixInteger(text) => {
                let radix = match text.as_bytes()[1] {
                    b'x' | b'X' => 16,
                    b'b' | b'B' => 2,
                    _ => 8,
                };
                integer(&text[2..], radix, span)
            }
            ExprKind::Real(text) => Ok(Value::Real(Angle::Value(real(text, span)?))),
            ExprKind::Pi => match self.scopes.get("pi") {
                Some(Entity::Symbolic(angle)) => Ok(Value::Real(angle.clone())),
                _ => Ok(Value::Real(Angle::Value(std::f64::consts::PI))),
            },
            ExprKind::Bool(value) => Ok(Value::Bool(*value)),
            ExprKind::Timing(text) => duration(text, span),
            ExprKind::Bitstring(digits) => {
                let kept = digits.bytes().rev().filter(|b| *b != b'_');
                Ok(Value::Bits(kept.map(|b| b == b'1').collect()))
            }
            ExprKind::Imaginary => Err(unsupported(span, "a complex number")),
            ExprKind::Durationof => Err(unsupported(span, "`durationof`")),
            ExprKind::Range(_) | ExprKind::Set(_) => Err(fault(
                span,
                "a single value is needed here, not a range or set",
            )),
            ExprKind::Measure(_) => Err(Issue::new(
                "a measurement cannot stand inside an expression",
            )
            .hint("assign it to a bit first: `c = measure q;`")
            .at(span)),
            ExprKind::Hardware(_) => Err(fault(span, "a value is needed here, not a qubit")),
            ExprKind::Paren(inner) => self.value(inner),
            ExprKind::Name(name) => self.named_value(name, span),
            ExprKind::Unary(op, operand) => self.unary(*op, operand, span),
            ExprKind::Power(base, exponent) => {
                power(self.value(base)?, self.value(exponent)?, span)
            }
            ExprKind::Chain(first, rest) => self.chain(first, rest, span),
            ExprKind::Call(name, arguments) => self.call_function(*name, arguments, span),
            ExprKind::Cast(ty, inner) => {
                let value = self.value(inner)?;
                let width = self.type_width(ty)?;
                self.convert(
                    value,
                    ty.kind,
                    width,
                    span,
                    super::functions::Conversion::Explicit,
                )
            }
            ExprKind::Index(base, _) => self.indexed_value(expr, base),
        }
    }

    fn named_value(&self, name: &str, span: Span) -> Lowered<Value> {
        match self.scopes.get(name) {
            Some(Entity::Variable(variable)) => self.variable_value(name, variable, span),
            Some(Entity::Symbolic(angle)) => Ok(Value::Real(angle.clone())),
            Some(Entity::Bits(wires)) => Ok(Value::Runtime(classical::read(wires))),
            Some(Entity::Poison) => Err(silent(span)),
            Some(entity) => Err(fault(
                span,
                format!("`{}` is {}, not a value", shorten(name), entity.describe()),
            )),
            None => match name {
                "π" => Ok(Value::Real(Angle::Value(std::f64::consts::PI))),
                "tau" | "τ" => Ok(Value::Real(Angle::Value(std::f64::consts::TAU))),
                "euler" | "ℇ" => Ok(Value::Real(Angle::Value(std::f64::consts::E))),
                _ => Err(self.unknown_name(name, span)),
            },
        }
    }

    fn variable_value(&self, name: &str, variable: &Variable, span: Span) -> Lowered<Value> {
        let value = variable.value.clone().ok_or_else(|| {
            let what = format!("`{}` has no value that is known here", shorten(name));
            Issue::new(what)
                .hint("give the variable a value where it is declared")
                .at(span)
        })?;
        if let Value::Runtime(runtime) = &value
            && runtime
                .writes
                .iter()
                .any(|(bit, count)| self.clbit_writes.get(bit).copied().unwrap_or(0) != *count)
        {
            return Err(Issue::new(format!(
                "bits that `{}` was computed from have been measured again",
                shorten(name)
            ))
            .hint("a circuit has no classical memory besides its bits: compute the value again")
            .at(span));
        }
        if let Value::Runtime(runtime) = &value {
            let level = variable.level;
            let uses = runtime
                .writes
                .iter()
                .map(|&(bit, count)| super::RememberedUse {
                    bit,
                    count,
                    level,
                    span,
                });
            self.remembered_uses.borrow_mut().extend(uses);
        }
        Ok(value)
    }

    fn indexed_value(&self, expr: &Expr<'_>, base: &Expr<'_>) -> Lowered<Value> {
        if let ExprKind::Name(name) = base.kind
            && let Some(Entity::Variable(variable)) = self.scopes.get(name)
        {
            let what = format!("indexing into {} `{}`", variable.ty.name(), shorten(name));
            return Err(unsupported(expr.span, &what));
        }
        let wires = self.wires_of(expr, super::operands::Kind::Classical)?;
        Ok(Value::Runtime(classical::read(&wires)))
    }

    fn unary(&self, op: UnaryOp, operand: &Expr<'_>, span: Span) -> Lowered<Value> {
        let value = self.value(operand)?;
        match (op, value) {
            (UnaryOp::Plus, value) => Ok(value),
            (UnaryOp::Minus, value) => negate(value, span),
            (UnaryOp::Not, Value::Bool(value)) => Ok(Value::Bool(!value)),
            (UnaryOp::Not, Value::Int(value)) => Ok(Value::Bool(value == 0)),
            (UnaryOp::Not, Value::Bits(bits)) => Ok(Value::Bool(!bits.contains(&true))),
            (UnaryOp::Not, Value::Runtime(inner)) => {
                classical::not(inner, span).map(Value::Runtime)
            }
            (UnaryOp::Complement, Value::Bits(bits)) => {
                Ok(Value::Bits(bits.iter().map(|b| !b).collect()))
            }
            (UnaryOp::Complement, Value::Bool(value)) => Ok(Value::Bool(!value)),
            (UnaryOp::Complement, Value::Runtime(inner)) => {
                classical::complement(inner, span).map(Value::Runtime)
            }
            (_, other) => Err(fault(
                span,
                format!("this operator does not apply to {}", other.describe()),
            )),
        }
    }

    fn chain(&self, first: &Expr<'_>, rest: &[(BinOp, Expr<'_>)], span: Span) -> Lowered<Value> {
        let op = rest[0].0;
        let same = matches!(
            op,
            BinOp::And | BinOp::Or | BinOp::BitAnd | BinOp::BitOr | BinOp::BitXor
        );
        if same && rest.len() > 2 {
            // A long chain of one associative operator is built as a balanced tree: shallow.
            let mut values: Vec<Value> = Vec::with_capacity(rest.len() + 1);
            values.push(self.value(first)?);
            for (_, operand) in rest {
                values.push(self.value(operand)?);
            }
            return balanced(op, values, span);
        }
        let mut left = self.value(first)?;
        for (op, operand) in rest {
            left = binary(*op, left, self.value(operand)?, span, operand.span)?;
        }
        Ok(left)
    }
}

fn balanced(op: BinOp, mut values: Vec<Value>, span: Span) -> Lowered<Value> {
    while values.len() > 1 {
        let mut next = Vec::with_capacity(values.len().div_ceil(2));
        let mut items = values.into_iter();
        while let Some(left) = items.next() {
            next.push(match items.next() {
                Some(right) => binary(op, left, right, span, span)?,
                None => left,
            });
        }
        values = next;
    }
    values
        .pop()
        .ok_or_else(|| fault(span, "an operand is missing"))
}

fn negate(value: Value, span: Span) -> Lowered<Value> {
    match value {
        Value::Int(value) => checked(value.checked_neg(), span),
        Value::Real(angle) => Ok(Value::Real(-angle)),
        Value::Duration(time, unit) => Ok(Value::Duration(-time, unit)),
        other => Err(fault(span, format!("{} has no negative", other.describe()))),
    }
}

/// `left op right` for a compound assignment.
pub(super) fn operate(op: BinOp, left: Value, right: Value, span: Span) -> Lowered<Value> {
    binary(op, left, right, span, span)
}

fn binary(op: BinOp, left: Value, right: Value, span: Span, operand: Span) -> Lowered<Value> {
    match (left, right) {
        (Value::Runtime(left), right) => {
            classical::binary(op, left, classical::lift(right, operand)?, span).map(Value::Runtime)
        }
        (left, Value::Runtime(right)) => {
            classical::binary(op, classical::lift(left, span)?, right, span).map(Value::Runtime)
        }
        (Value::Int(a), Value::Int(b)) => integers(op, a, b, span, operand),
        (Value::Duration(a, unit), Value::Duration(b, other)) if unit == other => {
            durations(op, a, b, unit, span)
        }
        (Value::Duration(..), Value::Duration(..)) => Err(fault(
            span,
            "durations in `dt` and in seconds cannot be combined without knowing the device",
        )),
        (Value::Duration(time, unit), right) => scale(op, time, unit, right, span, operand),
        (left, Value::Duration(time, unit)) if op == BinOp::Multiply => {
            scale(op, time, unit, left, span, operand)
        }
        (Value::Bits(a), Value::Bits(b)) => bit_strings(op, &a, &b, span),
        (left, right) => {
            if matches!(op, BinOp::And | BinOp::Or) {
                let (a, b) = (truth(&left, span)?, truth(&right, span)?);
                return Ok(Value::Bool(if op == BinOp::And { a && b } else { a || b }));
            }
            if let (Value::Bool(a), Value::Bool(b)) = (&left, &right) {
                return booleans(op, *a, *b, span);
            }
            let (left, right) = (as_real(left, span)?, as_real(right, operand)?);
            reals(op, left, right, span, operand)
        }
    }
}

pub(super) fn truth(value: &Value, span: Span) -> Lowered<bool> {
    match value {
        Value::Bool(value) => Ok(*value),
        Value::Int(value) => Ok(*value != 0),
        Value::Bits(bits) => Ok(bits.contains(&true)),
        other => Err(fault(
            span,
            format!("a truth value is needed here, not {}", other.describe()),
        )),
    }
}

fn as_real(value: Value, span: Span) -> Lowered<Angle> {
    match value {
        Value::Int(value) => Ok(Angle::Value(value as f64)),
        Value::Real(angle) => Ok(angle),
        other => Err(fault(
            span,
            format!("a number is needed here, not {}", other.describe()),
        )),
    }
}

fn reals(op: BinOp, left: Angle, right: Angle, span: Span, operand: Span) -> Lowered<Value> {
    if matches!(
        op,
        BinOp::Add | BinOp::Subtract | BinOp::Multiply | BinOp::Divide
    ) {
        return combine(op, left, right, span, operand).map(Value::Real);
    }
    let (Some(a), Some(b)) = (left.value(), right.value()) else {
        return Err(fault(
            span,
            "symbolic angles can only be added, multiplied, divided and put into functions",
        ));
    };
    let result = match op {
        BinOp::Equal => a == b,
        BinOp::NotEqual => a != b,
        BinOp::Less => a < b,
        BinOp::LessEqual => a <= b,
        BinOp::Greater => a > b,
        BinOp::GreaterEqual => a >= b,
        BinOp::Remainder if b != 0.0 => return Ok(Value::Real(Angle::Value(a % b))),
        _ => return Err(fault(span, "this operator does not apply to real numbers")),
    };
    Ok(Value::Bool(result))
}

fn booleans(op: BinOp, a: bool, b: bool, span: Span) -> Lowered<Value> {
    Ok(Value::Bool(match op {
        BinOp::BitAnd => a & b,
        BinOp::BitOr => a | b,
        BinOp::BitXor | BinOp::NotEqual => a ^ b,
        BinOp::Equal => a == b,
        _ => return Err(fault(span, "this operator does not apply to truth values")),
    }))
}

fn bit_strings(op: BinOp, a: &[bool], b: &[bool], span: Span) -> Lowered<Value> {
    if a.len() != b.len() {
        return Err(fault(
            span,
            format!(
                "bit strings of {} and {} bits do not fit together",
                a.len(),
                b.len()
            ),
        ));
    }
    let merge =
        |f: fn(bool, bool) -> bool| Value::Bits(a.iter().zip(b).map(|(&x, &y)| f(x, y)).collect());
    Ok(match op {
        BinOp::BitAnd => merge(|x, y| x & y),
        BinOp::BitOr => merge(|x, y| x | y),
        BinOp::BitXor => merge(|x, y| x ^ y),
        BinOp::Equal => Value::Bool(a == b),
        BinOp::NotEqual => Value::Bool(a != b),
        _ => return Err(fault(span, "this operator does not apply to bit strings")),
    })
}

fn integers(op: BinOp, a: i128, b: i128, span: Span, operand: Span) -> Lowered<Value> {
    let shift = || u32::try_from(b).ok().filter(|&b| b < 127);
    let result = match op {
        BinOp::Add => a.checked_add(b),
        BinOp::Subtract => a.checked_sub(b),
        BinOp::Multiply => a.checked_mul(b),
        BinOp::Divide | BinOp::Remainder if b == 0 => {
            return Err(fault(operand, "division by zero"));
        }
        BinOp::Divide if (a < 0) != (b < 0) && a.checked_rem(b) != Some(0) => {
            // Languages disagree whether -1 / 2 is 0 or -1.
            return Err(fault(
                span,
                "a negative integer is divided with a remainder; use real numbers",
            ));
        }
        BinOp::Divide => a.checked_div(b),
        BinOp::Remainder => a.checked_rem(b),
        BinOp::ShiftLeft => shift().and_then(|s| a.checked_mul(1i128 << s)),
        BinOp::ShiftRight => shift().map(|s| a >> s),
        BinOp::BitAnd => Some(a & b),
        BinOp::BitOr => Some(a | b),
        BinOp::BitXor => Some(a ^ b),
        BinOp::Concat => return Err(fault(span, "`++` joins registers only")),
        _ => {
            return Ok(Value::Bool(match op {
                BinOp::And => a != 0 && b != 0,
                BinOp::Or => a != 0 || b != 0,
                BinOp::Equal => a == b,
                BinOp::NotEqual => a != b,
                BinOp::Less => a < b,
                BinOp::LessEqual => a <= b,
                BinOp::Greater => a > b,
                _ => a >= b,
            }));
        }
    };
    checked(result, span)
}

fn durations(op: BinOp, a: f64, b: f64, unit: TimeUnit, span: Span) -> Lowered<Value> {
    Ok(match op {
        BinOp::Add => Value::Duration(a + b, unit),
        BinOp::Subtract => Value::Duration(a - b, unit),
        BinOp::Divide if b != 0.0 => Value::Real(Angle::Value(a / b)),
        BinOp::Equal => Value::Bool(a == b),
        BinOp::NotEqual => Value::Bool(a != b),
        BinOp::Less => Value::Bool(a < b),
        BinOp::LessEqual => Value::Bool(a <= b),
        BinOp::Greater => Value::Bool(a > b),
        BinOp::GreaterEqual => Value::Bool(a >= b),
        _ => return Err(fault(span, "this operator does not apply to durations")),
    })
}

fn scale(
    op: BinOp,
    time: f64,
    unit: TimeUnit,
    factor: Value,
    span: Span,
    operand: Span,
) -> Lowered<Value> {
    let factor = as_real(factor, operand)?
        .value()
        .ok_or_else(|| unsupported(span, "a duration with a symbol"))?;
    match op {
        BinOp::Multiply => Ok(Value::Duration(time * factor, unit)),
        BinOp::Divide if factor != 0.0 => Ok(Value::Duration(time / factor, unit)),
        BinOp::Divide => Err(fault(operand, "division by zero")),
        _ => Err(fault(
            span,
            "a duration can be multiplied or divided by a number only",
        )),
    }
}

pub(super) fn power(base: Value, exponent: Value, span: Span) -> Lowered<Value> {
    if let (Value::Int(base), Value::Int(exponent)) = (&base, &exponent)
        && *exponent >= 0
    {
        let result = match base {
            0 | 1 => Some(if *exponent == 0 { 1 } else { *base }),
            _ => u32::try_from(*exponent)
                .ok()
                .filter(|&e| e < 128)
                .and_then(|e| base.checked_pow(e)),
        };
        return checked(result, span);
    }
    let arguments = [as_real(base, span)?, as_real(exponent, span)?];
    apply(Function::Power, &arguments, span).map(Value::Real)
}

fn checked(result: Option<i128>, span: Span) -> Lowered<Value> {
    match result {
        Some(value) if value.unsigned_abs() <= u64::MAX.into() => Ok(Value::Int(value)),
        _ => Err(too_wide(span)),
    }
}

fn too_wide(span: Span) -> Fault {
    fault(
        span,
        format!("the integer does not fit in the limit of {MAX_INTEGER_BITS} bits"),
    )
}

fn integer(digits: &str, radix: u32, span: Span) -> Lowered<Value> {
    let digits = digits.replace('_', "");
    checked(i128::from_str_radix(&digits, radix).ok(), span)
}

/// `100ns` in seconds, `16dt` in clock cycles.
fn duration(text: &str, span: Span) -> Lowered<Value> {
    let unit_start = text
        .find(|c: char| c.is_alphabetic() && !matches!(c, 'e' | 'E'))
        .unwrap_or(text.len());
    let number = real(text[..unit_start].trim(), span)?;
    // Dividing by an exact power of ten rounds once; multiplying by 1e-9 would round twice.
    let (divisor, unit) = match &text[unit_start..] {
        "dt" => (1.0, TimeUnit::Dt),
        "ns" => (1e9, TimeUnit::Seconds),
        "us" | "µs" | "μs" => (1e6, TimeUnit::Seconds),
        "ms" => (1e3, TimeUnit::Seconds),
        _ => (1.0, TimeUnit::Seconds),
    };
    Ok(Value::Duration(number / divisor, unit))
}

/// The type an integer must fit in.
pub(super) fn fits(value: i128, kind: TypeKind, width: u32) -> bool {
    match kind {
        TypeKind::Uint => value >= 0 && value < 1i128 << width,
        _ => value >= -(1i128 << (width - 1)) && value < 1i128 << (width - 1),
    }
}
