//! Angles as functions of numbered symbols: their values and, by the chain rule, their derivatives.

use std::collections::BTreeMap;

use ardea_circuit::{Angle, Atom, Bindings, Function, Opaque, Symbol};

use crate::error::SimulatorError;

/// Values for all symbols of a circuit, in the order of their names.
#[derive(Debug)]
pub(super) struct Values<'a> {
    pub(super) numbers: &'a [f64],
    /// The same by name, for angles that are not linear.
    pub(super) bindings: Option<Bindings>,
}

/// Numbers of symbols with a factor or derivative for each.
pub(super) type Terms = Vec<(usize, f64)>;

/// An angle over numbered symbols.
#[derive(Debug)]
pub(super) enum Form {
    /// A constant plus factors times symbols.
    Linear(f64, Terms),
    /// Anything else.
    General(Angle, BTreeMap<Symbol, usize>),
}

impl Form {
    /// `angle` with the numbers in `symbols`, which holds all of its symbols.
    pub(super) fn of(angle: &Angle, symbols: &BTreeMap<Symbol, usize>) -> Self {
        let Some(form) = angle.linear_form() else {
            return Self::Linear(angle.value().unwrap_or(0.0), vec![]);
        };
        let terms: Option<Terms> = form
            .terms()
            .iter()
            .map(|(atom, factor)| match atom {
                Atom::Symbol(symbol) => Some((*symbols.get(symbol)?, *factor)),
                Atom::Opaque(_) => None,
            })
            .collect();
        match terms {
            Some(terms) => Self::Linear(form.constant(), terms),
            None => Self::General(angle.clone(), symbols.clone()),
        }
    }

    /// Whether the angle depends on a symbol.
    pub(super) fn is_symbolic(&self) -> bool {
        !matches!(self, Self::Linear(_, terms) if terms.is_empty())
    }

    /// Whether the angle is not linear in the symbols.
    pub(super) fn is_general(&self) -> bool {
        matches!(self, Self::General(..))
    }

    /// The angle's value in radians.
    pub(super) fn value(&self, values: &Values<'_>) -> Result<f64, SimulatorError> {
        match self {
            Self::Linear(constant, terms) => {
                Ok(terms.iter().fold(*constant, |sum, &(symbol, factor)| {
                    sum + values.numbers[symbol] * factor
                }))
            }
            Self::General(angle, _) => {
                let bound = angle.bind(bindings_of(values))?;
                bound.value().ok_or_else(|| unbound(&bound))
            }
        }
    }

    /// The angle's derivatives, by numbers of symbols.
    pub(super) fn slopes(&self, values: &Values<'_>) -> Result<Terms, SimulatorError> {
        match self {
            Self::Linear(_, terms) => Ok(terms.clone()),
            Self::General(angle, symbols) => Ok(derivatives(angle, bindings_of(values))?
                .into_iter()
                .filter_map(|(symbol, slope)| Some((*symbols.get(&symbol)?, slope)))
                .collect()),
        }
    }
}

fn bindings_of<'a>(values: &'a Values<'_>) -> &'a Bindings {
    static NONE: Bindings = Bindings::new();
    values.bindings.as_ref().unwrap_or(&NONE)
}

/// The derivative of `angle` by every symbol in it, at the values in `bindings`.
fn derivatives(
    angle: &Angle,
    bindings: &Bindings,
) -> Result<BTreeMap<Symbol, f64>, SimulatorError> {
    let mut out = BTreeMap::new();
    add(angle, 1.0, bindings, &mut out)?;
    match out.iter().find(|(_, slope)| !slope.is_finite()) {
        None => Ok(out),
        Some((symbol, _)) => Err(SimulatorError::BadArgument {
            what: format!(
                "the angle {angle} has no finite derivative by {symbol} at the given values; choose others"
            ),
        }),
    }
}

fn add(
    angle: &Angle,
    factor: f64,
    bindings: &Bindings,
    out: &mut BTreeMap<Symbol, f64>,
) -> Result<(), SimulatorError> {
    let Some(form) = angle.linear_form() else {
        return Ok(());
    };
    for (atom, coefficient) in form.terms() {
        let factor = factor * coefficient;
        match atom {
            Atom::Symbol(symbol) => *out.entry(symbol.clone()).or_default() += factor,
            Atom::Opaque(opaque) => {
                for (argument, slope) in opaque.arguments.iter().zip(slopes(opaque, bindings)?) {
                    if argument.is_symbolic() {
                        add(argument, factor * slope, bindings, out)?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// The derivative of a function by each of its arguments.
fn slopes(opaque: &Opaque, bindings: &Bindings) -> Result<Vec<f64>, SimulatorError> {
    let values: Vec<f64> = opaque
        .arguments
        .iter()
        .map(|argument| {
            let bound = argument.bind(bindings)?;
            bound.value().ok_or_else(|| unbound(&bound))
        })
        .collect::<Result<_, _>>()?;
    let x = values[0];
    Ok(match (opaque.function, values.get(1)) {
        (Function::Product, Some(&y)) => vec![y, x],
        (Function::Quotient, Some(&y)) => vec![1.0 / y, -x / (y * y)],
        (Function::Power, Some(&y)) => vec![y * x.powf(y - 1.0), x.powf(y) * x.ln()],
        (Function::Sin, _) => vec![x.cos()],
        (Function::Cos, _) => vec![-x.sin()],
        (Function::Tan, _) => vec![1.0 / (x.cos() * x.cos())],
        (Function::Asin, _) => vec![1.0 / (1.0 - x * x).sqrt()],
        (Function::Acos, _) => vec![-1.0 / (1.0 - x * x).sqrt()],
        (Function::Atan, _) => vec![1.0 / (1.0 + x * x)],
        (Function::Exp, _) => vec![x.exp()],
        (Function::Ln, _) => vec![1.0 / x],
        (Function::Sqrt, _) => vec![0.5 / x.sqrt()],
        // At 0 the absolute value has no slope; the mean of both sides is as good as any.
        (Function::Abs, _) => vec![if x == 0.0 { 0.0 } else { x.signum() }],
        (Function::Product | Function::Quotient | Function::Power, None) => vec![f64::NAN],
    })
}

fn unbound(angle: &Angle) -> SimulatorError {
    let mut symbols = std::collections::BTreeSet::new();
    angle.collect_symbols(&mut symbols);
    SimulatorError::UnboundSymbols {
        names: symbols
            .iter()
            .map(|symbol| symbol.name().to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bindings(values: &[(&str, f64)]) -> Bindings {
        values
            .iter()
            .map(|&(name, value)| (Symbol::new(name), Angle::Value(value)))
            .collect()
    }

    #[test]
    fn every_function_has_the_slope_of_its_finite_difference() {
        let (a, b) = (Angle::symbol("a"), Angle::symbol("b"));
        let apply = |function, arguments: &[Angle]| Angle::apply(function, arguments).unwrap();
        let mut angles = vec![
            a.clone() * 2.0 - b.clone() * 0.5 + Angle::from(1.0),
            apply(Function::Product, &[a.clone(), b.clone()]) * 3.0 + a.clone(),
            apply(Function::Quotient, &[a.clone(), b.clone()]),
            apply(Function::Power, &[a.clone(), b.clone()]),
            apply(Function::Power, &[a.clone(), Angle::from(3.0)]),
        ];
        for function in [
            Function::Sin,
            Function::Cos,
            Function::Tan,
            Function::Asin,
            Function::Acos,
            Function::Atan,
            Function::Exp,
            Function::Ln,
            Function::Sqrt,
            Function::Abs,
        ] {
            angles.push(apply(function, &[a.clone() * 0.5 + b.clone() * 0.25]));
        }
        let (x, y, step) = (0.7, 0.4, 1e-6);
        let value = |angle: &Angle, x: f64, y: f64| {
            let bound = angle.bind(&bindings(&[("a", x), ("b", y)])).unwrap();
            bound.value().unwrap()
        };
        for angle in angles {
            let found = derivatives(&angle, &bindings(&[("a", x), ("b", y)])).unwrap();
            let by_a = (value(&angle, x + step, y) - value(&angle, x - step, y)) / (2.0 * step);
            let by_b = (value(&angle, x, y + step) - value(&angle, x, y - step)) / (2.0 * step);
            for (name, expected) in [("a", by_a), ("b", by_b)] {
                let found = found.get(&Symbol::new(name)).copied().unwrap_or(0.0);
                assert!((found - expected).abs() < 1e-8, "{angle} by {name}");
            }
        }
    }

    #[test]
    fn a_slope_that_is_not_finite_is_an_error() {
        let root = Angle::apply(Function::Sqrt, &[Angle::symbol("a")]).unwrap();
        assert!(derivatives(&root, &bindings(&[("a", 0.0)])).is_err());
    }
}
