//! Parameter expressions of OpenQASM 2: real numbers, gate parameters, and functions of them.

use ardea_circuit::{Angle, Function};

use super::scope::Entity;
use super::{Lowered, Lowering, circuit_fault, silent};
use crate::ast::{BinOp, Expr, ExprKind, Ident, Span, UnaryOp};
use crate::diagnostics::{Issue, fault};
use crate::parse::shorten;

/// How many different symbols and functions one sum may hold: adding terms takes time in proportion.
pub(super) const MAX_TERMS: usize = 1024;

impl Lowering<'_> {
    /// The value of a parameter; finite.
    pub(super) fn angle2(&self, expr: &Expr<'_>) -> Lowered<Angle> {
        match &expr.kind {
            ExprKind::Pi => Ok(Angle::Value(std::f64::consts::PI)),
            ExprKind::Integer(digits) | ExprKind::Real(digits) => {
                real(digits, expr.span).map(Angle::Value)
            }
            ExprKind::Paren(inner) => self.angle2(inner),
            ExprKind::Unary(UnaryOp::Plus, operand) => self.angle2(operand),
            ExprKind::Unary(_, operand) => Ok(-self.angle2(operand)?),
            ExprKind::Power(base, exponent) => apply(
                Function::Power,
                &[self.angle2(base)?, self.angle2(exponent)?],
                expr.span,
            ),
            ExprKind::Chain(first, rest) => {
                let mut sum = self.angle2(first)?;
                for (op, operand) in rest {
                    let right = self.angle2(operand)?;
                    sum = combine(*op, sum, right, expr.span, operand.span)?;
                }
                Ok(sum)
            }
            ExprKind::Name(name) => match self.scopes.get(name) {
                Some(Entity::Symbolic(angle)) => Ok(angle.clone()),
                Some(Entity::Poison) => Err(silent(expr.span)),
                Some(entity) => Err(fault(
                    expr.span,
                    format!(
                        "`{}` is {}, not a parameter",
                        shorten(name),
                        entity.describe()
                    ),
                )),
                None => Err(self.unknown_name(name, expr.span)),
            },
            ExprKind::Call(name, arguments) => self.function2(*name, arguments, expr.span),
            _ => Err(fault(
                expr.span,
                "a parameter is a real number or an expression of such",
            )),
        }
    }

    fn function2(&self, name: Ident<'_>, arguments: &[Expr<'_>], span: Span) -> Lowered<Angle> {
        let function = match name.name {
            "sin" => Function::Sin,
            "cos" => Function::Cos,
            "tan" => Function::Tan,
            "exp" => Function::Exp,
            "ln" => Function::Ln,
            "sqrt" => Function::Sqrt,
            "asin" | "arcsin" if self.is_legacy() => Function::Asin,
            "acos" | "arccos" if self.is_legacy() => Function::Acos,
            "atan" | "arctan" if self.is_legacy() => Function::Atan,
            _ => {
                return Err(Issue::new(format!(
                    "`{}` is not a function of OpenQASM 2",
                    shorten(name.name)
                ))
                .hint("there are sin, cos, tan, exp, ln and sqrt")
                .at(name.span));
            }
        };
        match arguments {
            [argument] => apply(function, &[self.angle2(argument)?], span),
            _ => Err(fault(
                span,
                format!(
                    "`{}` takes 1 argument, {} given",
                    name.name,
                    arguments.len()
                ),
            )),
        }
    }
}

/// `left op right` for the four basic operations.
pub(super) fn combine(
    op: BinOp,
    left: Angle,
    right: Angle,
    whole: Span,
    operand: Span,
) -> Lowered<Angle> {
    let result = match op {
        BinOp::Add => left + right,
        BinOp::Subtract => left - right,
        BinOp::Multiply => apply(Function::Product, &[left, right], whole)?,
        _ if right.is_zero() => return Err(fault(operand, "division by zero")),
        _ => apply(Function::Quotient, &[left, right], whole)?,
    };
    if result
        .linear_form()
        .is_some_and(|form| form.terms().len() > MAX_TERMS)
    {
        return Err(fault(
            whole,
            format!("a parameter may hold {MAX_TERMS} different terms at most"),
        ));
    }
    finite(result, whole)
}

pub(super) fn apply(function: Function, arguments: &[Angle], span: Span) -> Lowered<Angle> {
    let result = Angle::apply(function, arguments).map_err(|error| match arguments {
        [argument] if !argument.is_symbolic() => Issue::new(format!(
            "`{}` of {argument} is not a finite number",
            function.name()
        ))
        .at(span),
        _ if arguments.iter().all(|a| !a.is_symbolic()) => {
            fault(span, "the result is not a finite number")
        }
        _ => circuit_fault(span, error),
    })?;
    finite(result, span)
}

fn finite(angle: Angle, span: Span) -> Lowered<Angle> {
    angle
        .checked()
        .map_err(|_| fault(span, "the result is not a finite number"))
}

/// A literal; underscores are allowed for version 3.
pub(super) fn real(text: &str, span: Span) -> Lowered<f64> {
    let value = if text.contains('_') {
        text.replace('_', "").parse()
    } else {
        text.parse::<f64>()
    };
    match value {
        Ok(value) if value.is_finite() => Ok(value),
        _ => Err(fault(
            span,
            format!("`{}` is too large for a real number", shorten(text)),
        )),
    }
}
