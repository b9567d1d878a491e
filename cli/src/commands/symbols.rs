//! Values for symbols, as they are written on a command line.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use ardea::{Angle, Bindings, Circuit, Symbol};

use super::Usage;

/// Reads `NAME=VALUE` pairs; a value is a number of radians, or an expression such as `pi/2`.
pub(crate) fn parse(pairs: &[String]) -> Result<Bindings> {
    let read = |pair: &String| -> Result<(Symbol, Angle)> {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| Usage(format!("'{pair}' should be NAME=VALUE, in radians")))?;
        let angle = angle(value).map_err(|why| {
            let what = format!(
                "'{value}' in '{pair}' is neither a number nor an expression such as pi/2{why}"
            );
            Usage(what)
        })?;
        Ok((Symbol::new(name.trim()), angle))
    };
    let mut bindings = Bindings::new();
    for pair in pairs {
        let (symbol, angle) = read(pair)?;
        if bindings.insert(symbol, angle).is_some() {
            return Err(Usage(format!("'{pair}' sets its symbol a second time; keep one")).into());
        }
    }
    Ok(bindings)
}

/// Gives the circuits' symbols their values, all of them. Names that none uses may be given: an optimiser removes
/// symbols that have no effect, and the same values should fit every circuit of a family.
pub(crate) fn bind(circuits: &mut [Circuit], bindings: &Bindings) -> Result<()> {
    let mut unused: BTreeSet<&Symbol> = bindings.keys().collect();
    for circuit in circuits.iter_mut() {
        let symbols = circuit.symbols();
        let mut own = bindings.clone();
        own.retain(|symbol, _| symbols.contains(symbol));
        if !own.is_empty() {
            *circuit = circuit.bind(&own)?;
        }
        unused.retain(|symbol| !symbols.contains(symbol));
    }
    let left: BTreeSet<Symbol> = circuits.iter().flat_map(Circuit::symbols).collect();
    if !left.is_empty() {
        let names: Vec<&str> = left.iter().map(Symbol::name).collect();
        bail!(
            "the circuit has unbound symbols: {}; give each a value with --set NAME=VALUE",
            names.join(", ")
        );
    }
    for symbol in unused {
        eprintln!("warning: no angle depends on '{symbol}', so its value has no effect");
    }
    Ok(())
}

/// The angle, or what else there is to say about it.
fn angle(text: &str) -> Result<Angle, String> {
    if let Ok(value) = text.trim().parse::<f64>() {
        return match value.is_finite() {
            true => Ok(Angle::Value(value)),
            false => Err(String::new()),
        };
    }
    let value = ardea::parse_angle(text).map_err(|error| {
        let first = error.problems().first();
        first.map_or_else(String::new, |problem| match problem.hint() {
            Some(hint) => format!(" ({}; {hint})", problem.message()),
            None => format!(" ({})", problem.message()),
        })
    })?;
    Ok(Angle::Value(value))
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    #[test]
    fn a_symbol_has_one_value() {
        let pairs = |texts: [&str; 2]| texts.map(str::to_owned);
        assert_eq!(parse(&pairs(["a=1", "b=pi"])).unwrap().len(), 2);
        let error = parse(&pairs(["a=1", " a = 2"])).unwrap_err();
        assert!(error.to_string().contains("second time"), "{error}");
    }

    #[test]
    fn values_are_numbers_or_expressions() {
        for (text, value) in [
            ("0.5", 0.5),
            ("pi/2", PI / 2.0),
            (" -2 * pi ", -2.0 * PI),
            ("1e-3", 1e-3),
        ] {
            assert_eq!(angle(text).unwrap().value(), Some(value), "{text}");
        }
        for text in ["", "two", "nan", "inf", "1) q; rz(2", "1) q, q; //", "0, 1"] {
            assert!(angle(text).is_err(), "{text}");
        }
    }
}
