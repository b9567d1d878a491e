//! Numbers as text that reads back to the same bits.

use std::f64::consts::PI;
use std::fmt::Write as _;

use ardea_circuit::{Angle, Atom, Function, Opaque, Symbol};

use super::Dialect;

/// Denominators of the fractions of pi that are written as such.
const DENOMINATORS: [u32; 12] = [1, 2, 3, 4, 6, 8, 12, 16, 32, 64, 128, 256];
/// Largest numerator of such a fraction.
const MAX_NUMERATOR: f64 = 64.0;

/// The shortest decimal number that reads back to `value`, with a decimal point as OpenQASM 2 needs it.
pub(super) fn real(value: f64) -> String {
    let text = format!("{value:?}");
    match text.find('e') {
        Some(e) if !text.contains('.') => format!("{}.0{}", &text[..e], &text[e..]),
        _ => text,
    }
}

/// `value` as a fraction of pi where that reads back to the same bits, otherwise as [`real`].
pub(super) fn angle_value(value: f64) -> String {
    pi_fraction(value).unwrap_or_else(|| real(value))
}

fn pi_fraction(value: f64) -> Option<String> {
    let magnitude = value.abs();
    if !(1e-3..=MAX_NUMERATOR * PI + 1.0).contains(&magnitude) {
        return None;
    }
    DENOMINATORS.iter().find_map(|&denominator| {
        let numerator = (magnitude * f64::from(denominator) / PI).round();
        // Exactly what a reader computes for `n*pi/d`, from the left.
        let reread = numerator * PI / f64::from(denominator);
        if !(1.0..=MAX_NUMERATOR).contains(&numerator) || reread.to_bits() != magnitude.to_bits() {
            return None;
        }
        let sign = if value < 0.0 { "-" } else { "" };
        let factor = if numerator == 1.0 {
            String::new()
        } else {
            format!("{numerator}*")
        };
        let divisor = if denominator == 1 {
            String::new()
        } else {
            format!("/{denominator}")
        };
        Some(format!("{sign}{factor}pi{divisor}"))
    })
}

/// An angle, symbols written as `name` says.
pub(super) fn angle(angle: &Angle, dialect: Dialect, name: &dyn Fn(&Symbol) -> String) -> String {
    let Some(form) = angle.linear_form() else {
        return angle_value(angle.value().unwrap_or_default());
    };
    let mut text = String::new();
    for (atom, coefficient) in form.terms() {
        let negative = coefficient.is_sign_negative();
        text.push_str(match (text.is_empty(), negative) {
            (true, false) => "",
            (true, true) => "-",
            (false, false) => " + ",
            (false, true) => " - ",
        });
        if coefficient.abs() != 1.0 {
            let _ = write!(text, "{}*", angle_value(coefficient.abs()));
        }
        match atom {
            Atom::Symbol(symbol) => text.push_str(&name(symbol)),
            Atom::Opaque(inner) => text.push_str(&opaque(inner, dialect, name)),
        }
    }
    let constant = form.constant();
    if constant != 0.0 {
        let sign = if constant < 0.0 { "-" } else { "+" };
        let _ = write!(text, " {sign} {}", angle_value(constant.abs()));
    }
    text
}

fn opaque(inner: &Opaque, dialect: Dialect, name: &dyn Fn(&Symbol) -> String) -> String {
    let parts: Vec<String> = inner
        .arguments
        .iter()
        .map(|a| angle(a, dialect, name))
        .collect();
    let operator = match inner.function {
        Function::Product => "*",
        Function::Quotient => "/",
        Function::Power if dialect == Dialect::Two => "^",
        Function::Power => "**",
        function => return format!("{}({})", function_name(function, dialect), parts.join(", ")),
    };
    format!(
        "(({}){operator}({}))",
        parts[0],
        parts.get(1).map_or("1", String::as_str)
    )
}

fn function_name(function: Function, dialect: Dialect) -> &'static str {
    match (function, dialect) {
        (Function::Ln, Dialect::Two) => "ln",
        (Function::Asin, Dialect::Two) => "asin",
        (Function::Acos, Dialect::Two) => "acos",
        (Function::Atan, Dialect::Two) => "atan",
        (function, _) => function.name(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_of_pi_are_written_when_the_bits_agree() {
        assert_eq!(angle_value(PI), "pi");
        assert_eq!(angle_value(-PI / 2.0), "-pi/2");
        assert_eq!(angle_value(3.0 * PI / 4.0), "3*pi/4");
        assert_eq!(angle_value(PI + 1e-15), "3.141592653589794");
        assert_eq!(angle_value(0.0), "0.0");
        assert_eq!(angle_value(-0.0), "-0.0");
    }

    #[test]
    fn reals_have_a_point() {
        assert_eq!(real(1e-7), "1.0e-7");
        assert_eq!(real(1.5e300), "1.5e300");
        assert_eq!(real(2.0), "2.0");
    }
}
