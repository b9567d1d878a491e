//! Built-in functions of OpenQASM 3 and conversions between its types.

use ardea_circuit::{Angle, BinaryOp, Expr as BitExpr, Function};

use super::angle2::apply;
use super::classical;
use super::scope::Entity;
use super::value::{MAX_INTEGER_BITS, Value, fits, power, truth};
use super::{Lowered, Lowering, unsupported};
use crate::ast::{Expr, Ident, Span, Type, TypeKind};
use crate::diagnostics::{Issue, fault};
use crate::parse::shorten;

/// Whether the program asked for a conversion or a declaration implies it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Conversion {
    Explicit,
    Implied,
}

impl Lowering<'_> {
    pub(super) fn call_function(
        &self,
        name: Ident<'_>,
        arguments: &[Expr<'_>],
        span: Span,
    ) -> Lowered<Value> {
        let function = match name.name {
            "sin" => Function::Sin,
            "cos" => Function::Cos,
            "tan" => Function::Tan,
            "arcsin" => Function::Asin,
            "arccos" => Function::Acos,
            "arctan" => Function::Atan,
            "exp" => Function::Exp,
            "log" => Function::Ln,
            "sqrt" => Function::Sqrt,
            "abs" => Function::Abs,
            "pow" | "mod" => {
                let [a, b] = arguments else {
                    return Err(wrong_count(name, 2, arguments.len(), span));
                };
                if name.name == "pow" {
                    return power(self.value(a)?, self.value(b)?, span);
                }
                return remainder(self.value(a)?, self.value(b)?, span);
            }
            "floor" | "ceiling" => {
                let [argument] = arguments else {
                    return Err(wrong_count(name, 1, arguments.len(), span));
                };
                let angle = self.angle(argument)?;
                let Some(value) = angle.value() else {
                    return Err(unsupported(span, "rounding a symbolic angle"));
                };
                return Ok(Value::Real(Angle::Value(if name.name == "floor" {
                    value.floor()
                } else {
                    value.ceil()
                })));
            }
            "popcount" | "rotl" | "rotr" | "sizeof" | "real" | "imag" => {
                return Err(unsupported(span, &format!("the function `{}`", name.name)));
            }
            other => {
                return Err(match self.scopes.get(other) {
                    Some(Entity::Gate(_)) => fault(
                        span,
                        format!("`{}` is a gate, not a function", shorten(other)),
                    ),
                    _ => Issue::new(format!("the function `{}` is not known", shorten(other)))
                        .hint("subroutines (`def`) and `extern` functions are not supported")
                        .at(name.span),
                });
            }
        };
        let [argument] = arguments else {
            return Err(wrong_count(name, 1, arguments.len(), span));
        };
        apply(function, &[self.angle(argument)?], span).map(Value::Real)
    }

    /// The number of bits in a type's designator.
    pub(super) fn type_width(&self, ty: &Type<'_>) -> Lowered<Option<u32>> {
        let Some(size) = &ty.size else {
            return Ok(None);
        };
        let width = self.integer(size)?;
        if width <= 0 {
            return Err(fault(
                size.span,
                format!("the size of `{}` must be positive", ty.kind.name()),
            ));
        }
        let limit = match ty.kind {
            TypeKind::Bit => self.options.limits.clbits as i128,
            _ => i128::from(MAX_INTEGER_BITS),
        };
        if width > limit {
            return Err(fault(
                size.span,
                format!(
                    "`{}` of {width} bits exceeds the limit of {limit} bits",
                    ty.kind.name()
                ),
            ));
        }
        Ok(Some(width as u32))
    }

    /// `value` as a value of the given type.
    pub(super) fn convert(
        &self,
        value: Value,
        kind: TypeKind,
        width: Option<u32>,
        span: Span,
        how: Conversion,
    ) -> Lowered<Value> {
        let described = value.describe();
        let refuse = || {
            fault(
                span,
                format!("{described} cannot be taken as `{}`", kind.name()),
            )
        };
        match (kind, value) {
            (TypeKind::Int | TypeKind::Uint, value) => {
                self.to_integer(value, kind, width.unwrap_or(MAX_INTEGER_BITS), span, how)
            }
            (TypeKind::Float | TypeKind::Angle, Value::Int(value)) => {
                Ok(Value::Real(Angle::Value(value as f64)))
            }
            (TypeKind::Float | TypeKind::Angle, value @ Value::Real(_)) => Ok(value),
            (TypeKind::Float, Value::Bool(value)) => {
                Ok(Value::Real(Angle::Value(f64::from(u8::from(value)))))
            }
            (TypeKind::Bool, Value::Runtime(inner)) if inner.boolean => Ok(Value::Runtime(inner)),
            (TypeKind::Bool, Value::Runtime(inner)) => {
                let zero = classical::lift(Value::Int(0), span)?;
                classical::binary(crate::ast::BinOp::NotEqual, inner, zero, span)
                    .map(Value::Runtime)
            }
            (TypeKind::Bool, Value::Real(angle)) => match angle.value() {
                Some(value) => Ok(Value::Bool(value != 0.0)),
                None => Err(refuse()),
            },
            (TypeKind::Bool, value @ (Value::Int(_) | Value::Bool(_) | Value::Bits(_))) => {
                truth(&value, span).map(Value::Bool)
            }
            (TypeKind::Bit, Value::Bits(bits)) if width.unwrap_or(1) as usize == bits.len() => {
                Ok(Value::Bits(bits))
            }
            (TypeKind::Bit, Value::Bits(bits)) => {
                let wanted = width.unwrap_or(1);
                Err(fault(
                    span,
                    format!(
                        "a bit string of {} bits does not fit `bit[{wanted}]`",
                        bits.len()
                    ),
                ))
            }
            (TypeKind::Bit, Value::Bool(value)) if width.unwrap_or(1) == 1 => {
                Ok(Value::Bits(vec![value]))
            }
            (TypeKind::Bit, Value::Int(value)) if value >= 0 => {
                let width = width.unwrap_or(1) as usize;
                if width < 128 && value >> width != 0 {
                    return Err(fault(span, format!("{value} does not fit in {width} bits")));
                }
                Ok(Value::Bits(
                    (0..width).map(|i| i < 128 && value >> i & 1 == 1).collect(),
                ))
            }
            (TypeKind::Duration, value @ Value::Duration(..)) => Ok(value),
            (TypeKind::Complex | TypeKind::Array | TypeKind::Stretch, _) => {
                Err(unsupported(span, &format!("the type `{}`", kind.name())))
            }
            _ => Err(refuse()),
        }
    }

    fn to_integer(
        &self,
        value: Value,
        kind: TypeKind,
        width: u32,
        span: Span,
        how: Conversion,
    ) -> Lowered<Value> {
        let number = match value {
            Value::Int(value) => value,
            Value::Bool(value) => i128::from(value),
            Value::Bits(bits) if bits.len() <= width as usize => bits
                .iter()
                .enumerate()
                .map(|(i, &bit)| i128::from(bit) << i)
                .sum(),
            Value::Real(angle) if how == Conversion::Explicit => match angle.value() {
                Some(value) if value.abs() < 1e18 => value.trunc() as i128,
                _ => return Err(fault(span, "the number is not a known integer")),
            },
            Value::Runtime(inner) => {
                // Bits are unsigned; as a signed number they need one bit more.
                let bits = match &inner.expr {
                    BitExpr::Register(bits) => bits.len(),
                    _ if inner.boolean => 1,
                    BitExpr::Binary(BinaryOp::BitAnd | BinaryOp::BitOr | BinaryOp::BitXor, ..)
                    | BitExpr::Complement(_) => inner.expr.bits().len(),
                    _ => MAX_INTEGER_BITS as usize,
                };
                let room = if kind == TypeKind::Uint {
                    width
                } else {
                    width - 1
                };
                if bits > room as usize {
                    return Err(fault(
                        span,
                        format!("{bits} bits do not fit in `{}[{width}]`", kind.name()),
                    ));
                }
                return Ok(Value::Runtime(inner));
            }
            other => {
                return Err(fault(
                    span,
                    format!("{} cannot be taken as `{}`", other.describe(), kind.name()),
                ));
            }
        };
        if !fits(number, kind, width) {
            return Err(fault(
                span,
                format!("{number} does not fit in `{}[{width}]`", kind.name()),
            ));
        }
        Ok(Value::Int(number))
    }
}

fn remainder(a: Value, b: Value, span: Span) -> Lowered<Value> {
    match (a, b) {
        (Value::Int(_), Value::Int(0)) => Err(fault(span, "division by zero")),
        (Value::Int(a), Value::Int(b)) => Ok(Value::Int(a.rem_euclid(b))),
        (Value::Real(Angle::Value(a)), Value::Real(Angle::Value(b))) if b != 0.0 => {
            Ok(Value::Real(Angle::Value(a.rem_euclid(b))))
        }
        _ => Err(fault(
            span,
            "`mod` needs two known numbers of one type, the second not zero",
        )),
    }
}

fn wrong_count(
    name: Ident<'_>,
    expected: usize,
    given: usize,
    span: Span,
) -> crate::diagnostics::Fault {
    fault(
        span,
        format!("`{}` takes {expected} arguments, {given} given", name.name),
    )
}
