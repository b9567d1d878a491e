//! Angles: numbers, or linear forms over symbols that keep circuits symbolic through compilation.
//!
//! A symbolic angle is kept in one canonical form, `constant + sum(coefficient * atom)` with the
//! atoms sorted, so `rz(a)` followed by `rz(-a)` is seen to cancel. What is not linear (`sin(a)`,
//! `a * b`) is an opaque atom: equal expressions still cancel, nothing else is simplified.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};
use std::sync::Arc;

use crate::CircuitError;

/// How many products and functions of symbols one angle may hold. The tree's size is what counts,
/// not its depth: shared sub-expressions could otherwise make evaluation exponential.
pub const MAX_ANGLE_SIZE: usize = 1000;

/// A named parameter without a value. Two symbols are the same when their names are.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Symbol(Arc<str>);

impl Symbol {
    /// The symbol called `name`.
    pub fn new(name: &str) -> Self {
        Self(Arc::from(name))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Values for symbols: numbers (radians), or other angles when substituting into a definition.
pub type Bindings = BTreeMap<Symbol, Angle>;

/// An angle in radians: a finite number, or a linear form over symbols.
#[derive(Clone, PartialEq, Debug)]
pub enum Angle {
    /// A number.
    Value(f64),
    /// A symbolic expression with at least one atom.
    Linear(Arc<LinearForm>),
}

/// `constant + sum(coefficient * atom)`, atoms sorted and distinct, coefficients not zero.
#[derive(Clone, PartialEq, Debug)]
pub struct LinearForm {
    constant: f64,
    terms: Vec<(Atom, f64)>,
}

/// What a linear form is linear in.
#[derive(Clone, PartialEq, Debug)]
pub enum Atom {
    /// A parameter.
    Symbol(Symbol),
    /// A product, quotient, power or function of other angles, left as it is.
    Opaque(Arc<Opaque>),
}

/// A non-linear expression.
#[derive(Clone, PartialEq, Debug)]
pub struct Opaque {
    /// What is computed.
    pub function: Function,
    /// From what: one angle for functions, two for products, quotients and powers.
    pub arguments: Vec<Angle>,
    size: usize,
}

/// The non-linear operations OpenQASM and Qiskit allow in an angle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum Function {
    /// `a * b`
    Product,
    /// `a / b`
    Quotient,
    /// `a ** b`
    Power,
    /// Sine.
    Sin,
    /// Cosine.
    Cos,
    /// Tangent.
    Tan,
    /// Inverse sine.
    Asin,
    /// Inverse cosine.
    Acos,
    /// Inverse tangent.
    Atan,
    /// Exponential.
    Exp,
    /// Natural logarithm.
    Ln,
    /// Square root.
    Sqrt,
    /// Absolute value.
    Abs,
}

impl Function {
    /// The function's OpenQASM 3 name or operator.
    pub fn name(self) -> &'static str {
        match self {
            Self::Product => "*",
            Self::Quotient => "/",
            Self::Power => "**",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tan => "tan",
            Self::Asin => "arcsin",
            Self::Acos => "arccos",
            Self::Atan => "arctan",
            Self::Exp => "exp",
            Self::Ln => "log",
            Self::Sqrt => "sqrt",
            Self::Abs => "abs",
        }
    }

    fn evaluate(self, x: &[f64]) -> f64 {
        match self {
            Self::Product => x[0] * x[1],
            Self::Quotient => x[0] / x[1],
            Self::Power => x[0].powf(x[1]),
            Self::Sin => x[0].sin(),
            Self::Cos => x[0].cos(),
            Self::Tan => x[0].tan(),
            Self::Asin => x[0].asin(),
            Self::Acos => x[0].acos(),
            Self::Atan => x[0].atan(),
            Self::Exp => x[0].exp(),
            Self::Ln => x[0].ln(),
            Self::Sqrt => x[0].sqrt(),
            Self::Abs => x[0].abs(),
        }
    }
}

impl Angle {
    /// The angle zero.
    pub const ZERO: Self = Self::Value(0.0);

    /// The symbolic angle `name`.
    pub fn symbol(name: &str) -> Self {
        Self::from(Symbol::new(name))
    }

    /// The number, when the angle is one.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        match self {
            Self::Value(value) => Some(*value),
            Self::Linear(_) => None,
        }
    }

    /// Whether the angle is exactly the number zero.
    pub fn is_zero(&self) -> bool {
        self.value() == Some(0.0)
    }

    /// Whether the angle holds a symbol.
    #[inline]
    pub fn is_symbolic(&self) -> bool {
        matches!(self, Self::Linear(_))
    }

    /// The linear form, when the angle is symbolic.
    pub fn linear_form(&self) -> Option<&LinearForm> {
        match self {
            Self::Value(_) => None,
            Self::Linear(form) => Some(form),
        }
    }

    /// `function(arguments)`: computed when all arguments are numbers, otherwise an opaque atom.
    ///
    /// # Errors
    /// [`CircuitError::Undefined`] when a numeric result is not finite,
    /// [`CircuitError::TooComplex`] beyond [`MAX_ANGLE_SIZE`].
    pub fn apply(function: Function, arguments: &[Angle]) -> Result<Self, CircuitError> {
        match (function, arguments) {
            (Function::Product, [Self::Value(factor), other] | [other, Self::Value(factor)]) => {
                return (other.clone() * *factor).checked();
            }
            (Function::Quotient, [other, Self::Value(divisor)]) if *divisor != 0.0 => {
                return match other {
                    Self::Value(value) => Self::Value(value / divisor).checked(),
                    Self::Linear(_) => (other.clone() * (1.0 / divisor)).checked(),
                };
            }
            _ => {}
        }
        if let Some(values) = arguments
            .iter()
            .map(Angle::value)
            .collect::<Option<Vec<f64>>>()
        {
            return Self::Value(function.evaluate(&values)).checked();
        }
        let size = arguments
            .iter()
            .map(Angle::size)
            .fold(1, usize::saturating_add);
        if size > MAX_ANGLE_SIZE {
            return Err(CircuitError::TooComplex(MAX_ANGLE_SIZE));
        }
        let opaque = Opaque {
            function,
            arguments: arguments.to_vec(),
            size,
        };
        Ok(Self::from_terms(
            0.0,
            vec![(Atom::Opaque(Arc::new(opaque)), 1.0)],
        ))
    }

    /// The angle itself when every number in it is finite.
    ///
    /// # Errors
    /// [`CircuitError::Undefined`] otherwise.
    pub fn checked(self) -> Result<Self, CircuitError> {
        let finite = match &self {
            Self::Value(value) => value.is_finite(),
            Self::Linear(form) => {
                form.constant.is_finite() && form.terms.iter().all(|(_, k)| k.is_finite())
            }
        };
        if finite {
            Ok(self)
        } else {
            Err(CircuitError::Undefined(self.to_string()))
        }
    }

    /// Replaces symbols by their values; symbols without one stay.
    ///
    /// # Errors
    /// [`CircuitError::Undefined`] when the result is not finite (`log` of zero, say).
    pub fn bind(&self, bindings: &Bindings) -> Result<Self, CircuitError> {
        let Self::Linear(form) = self else {
            return Ok(self.clone());
        };
        let mut sum = Self::Value(form.constant);
        for (atom, coefficient) in &form.terms {
            let term = match atom {
                Atom::Symbol(symbol) => match bindings.get(symbol) {
                    Some(angle) => angle.clone(),
                    None => Self::from(symbol.clone()),
                },
                Atom::Opaque(opaque) => {
                    let arguments: Vec<Angle> = opaque
                        .arguments
                        .iter()
                        .map(|a| a.bind(bindings))
                        .collect::<Result<_, _>>()?;
                    Self::apply(opaque.function, &arguments)?
                }
            };
            sum = sum + term * *coefficient;
        }
        sum.checked()
    }

    /// Adds every symbol in the angle to `symbols`.
    pub fn collect_symbols(&self, symbols: &mut std::collections::BTreeSet<Symbol>) {
        let Self::Linear(form) = self else { return };
        for (atom, _) in &form.terms {
            match atom {
                Atom::Symbol(symbol) => {
                    symbols.insert(symbol.clone());
                }
                Atom::Opaque(opaque) => opaque
                    .arguments
                    .iter()
                    .for_each(|a| a.collect_symbols(symbols)),
            }
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Value(_) => 0,
            Self::Linear(form) => form
                .terms
                .iter()
                .map(|(atom, _)| atom.size())
                .fold(0, usize::saturating_add),
        }
    }

    fn parts(&self) -> (f64, &[(Atom, f64)]) {
        match self {
            Self::Value(value) => (*value, &[]),
            Self::Linear(form) => (form.constant, &form.terms),
        }
    }

    fn from_terms(constant: f64, terms: Vec<(Atom, f64)>) -> Self {
        if terms.is_empty() {
            Self::Value(constant)
        } else {
            Self::Linear(Arc::new(LinearForm { constant, terms }))
        }
    }
}

impl LinearForm {
    /// The part without symbols, in radians.
    pub fn constant(&self) -> f64 {
        self.constant
    }

    /// The atoms with their coefficients, sorted.
    pub fn terms(&self) -> &[(Atom, f64)] {
        &self.terms
    }
}

impl Atom {
    fn size(&self) -> usize {
        match self {
            Self::Symbol(_) => 0,
            Self::Opaque(opaque) => opaque.size,
        }
    }

    /// A total order: symbols by name first, then opaque expressions by their structure.
    fn order(&self, other: &Self) -> std::cmp::Ordering {
        match (self, other) {
            (Self::Symbol(a), Self::Symbol(b)) => a.cmp(b),
            (Self::Symbol(_), Self::Opaque(_)) => std::cmp::Ordering::Less,
            (Self::Opaque(_), Self::Symbol(_)) => std::cmp::Ordering::Greater,
            (Self::Opaque(a), Self::Opaque(b)) if Arc::ptr_eq(a, b) => std::cmp::Ordering::Equal,
            (Self::Opaque(a), Self::Opaque(b)) => a
                .function
                .cmp(&b.function)
                .then_with(|| a.arguments.len().cmp(&b.arguments.len()))
                .then_with(|| {
                    order_all(a.arguments.iter().zip(&b.arguments), |(x, y)| {
                        order_angles(x, y)
                    })
                }),
        }
    }
}

fn order_all<T>(
    items: impl Iterator<Item = T>,
    mut order: impl FnMut(T) -> std::cmp::Ordering,
) -> std::cmp::Ordering {
    items
        .map(&mut order)
        .find(|o| o.is_ne())
        .unwrap_or(std::cmp::Ordering::Equal)
}

fn order_angles(a: &Angle, b: &Angle) -> std::cmp::Ordering {
    let ((x, s), (y, t)) = (a.parts(), b.parts());
    x.total_cmp(&y)
        .then_with(|| s.len().cmp(&t.len()))
        .then_with(|| {
            order_all(s.iter().zip(t), |((p, k), (q, l))| {
                p.order(q).then_with(|| k.total_cmp(l))
            })
        })
}

impl From<f64> for Angle {
    fn from(value: f64) -> Self {
        Self::Value(value)
    }
}

impl From<Symbol> for Angle {
    fn from(symbol: Symbol) -> Self {
        Self::from_terms(0.0, vec![(Atom::Symbol(symbol), 1.0)])
    }
}

impl From<&Angle> for Angle {
    fn from(angle: &Angle) -> Self {
        angle.clone()
    }
}

impl Add for Angle {
    type Output = Angle;

    fn add(self, other: Angle) -> Angle {
        if let (Self::Value(a), Self::Value(b)) = (&self, &other) {
            return Self::Value(a + b);
        }
        let ((a, s), (b, t)) = (self.parts(), other.parts());
        let mut merged = Vec::with_capacity(s.len() + t.len());
        let (mut i, mut j) = (0, 0);
        while i < s.len() || j < t.len() {
            let side = match (s.get(i), t.get(j)) {
                (Some((p, _)), Some((q, _))) => p.order(q),
                (Some(_), None) => std::cmp::Ordering::Less,
                _ => std::cmp::Ordering::Greater,
            };
            match side {
                std::cmp::Ordering::Less => merged.push(s[i].clone()),
                std::cmp::Ordering::Greater => merged.push(t[j].clone()),
                std::cmp::Ordering::Equal => {
                    let coefficient = s[i].1 + t[j].1;
                    if coefficient != 0.0 {
                        merged.push((s[i].0.clone(), coefficient));
                    }
                }
            }
            i += usize::from(side.is_le());
            j += usize::from(side.is_ge());
        }
        Self::from_terms(a + b, merged)
    }
}

impl Mul<f64> for Angle {
    type Output = Angle;

    fn mul(self, factor: f64) -> Angle {
        match self {
            Self::Value(value) => Self::Value(value * factor),
            Self::Linear(_) if factor == 0.0 => Self::ZERO,
            Self::Linear(form) => Self::from_terms(
                form.constant * factor,
                form.terms
                    .iter()
                    .map(|(atom, k)| (atom.clone(), k * factor))
                    .collect(),
            ),
        }
    }
}

impl Neg for Angle {
    type Output = Angle;

    fn neg(self) -> Angle {
        self * -1.0
    }
}

impl Sub for Angle {
    type Output = Angle;

    fn sub(self, other: Angle) -> Angle {
        self + -other
    }
}

impl fmt::Display for Angle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (constant, terms) = self.parts();
        if terms.is_empty() {
            return write!(f, "{constant}");
        }
        let mut first = true;
        for (atom, coefficient) in terms {
            let sign = if *coefficient < 0.0 { "-" } else { "+" };
            match (first, sign) {
                (true, "-") => write!(f, "-")?,
                (true, _) => {}
                (false, _) => write!(f, " {sign} ")?,
            }
            first = false;
            if coefficient.abs() != 1.0 {
                write!(f, "{}*", coefficient.abs())?;
            }
            match atom {
                Atom::Symbol(symbol) => write!(f, "{symbol}")?,
                Atom::Opaque(opaque) => write!(f, "{opaque}")?,
            }
        }
        if constant != 0.0 {
            write!(
                f,
                " {} {}",
                if constant < 0.0 { "-" } else { "+" },
                constant.abs()
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Opaque {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.function, &self.arguments[..]) {
            (Function::Product | Function::Quotient | Function::Power, [a, b]) => {
                write!(f, "(({a}) {} ({b}))", self.function.name())
            }
            (function, arguments) => {
                write!(f, "{}(", function.name())?;
                for (i, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if i > 0 { ", " } else { "" })?;
                }
                write!(f, ")")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opposite_angles_cancel_to_the_number_zero() {
        let a = Angle::symbol("a");
        let sine = Angle::apply(Function::Sin, std::slice::from_ref(&a)).unwrap();
        let sum = a.clone() + sine.clone() * 2.0 + Angle::from(0.5);
        assert_eq!(sum.clone() - sum, Angle::ZERO);
        assert_eq!(sine.clone() + a.clone(), a + sine);
    }

    #[test]
    fn binding_evaluates_what_it_can() {
        let expression = Angle::apply(Function::Product, &[Angle::symbol("a"), Angle::symbol("b")])
            .unwrap()
            * 2.0
            + Angle::symbol("c");
        let half: Bindings = [(Symbol::new("a"), Angle::Value(3.0))].into();
        let full: Bindings = [("b", 5.0), ("c", -1.0)]
            .map(|(n, v)| (Symbol::new(n), Angle::Value(v)))
            .into();
        let partly = expression.bind(&half).unwrap();
        assert_eq!(partly.to_string(), "6*b + c");
        assert_eq!(partly.bind(&full).unwrap(), Angle::Value(29.0));
    }

    #[test]
    fn results_that_are_not_finite_are_errors() {
        let log = Angle::apply(Function::Ln, &[Angle::symbol("x")]).unwrap();
        assert!(log.bind(&[(Symbol::new("x"), Angle::ZERO)].into()).is_err());
        assert!(Angle::apply(Function::Quotient, &[Angle::Value(1.0), Angle::ZERO]).is_err());
    }

    #[test]
    fn expressions_are_bounded() {
        let mut angle = Angle::symbol("x");
        let outcome = (0..100_000).find_map(|_| {
            match Angle::apply(Function::Sin, std::slice::from_ref(&angle)) {
                Ok(next) => {
                    angle = next;
                    None
                }
                Err(error) => Some(error),
            }
        });
        assert_eq!(outcome, Some(CircuitError::TooComplex(MAX_ANGLE_SIZE)));
    }
}
