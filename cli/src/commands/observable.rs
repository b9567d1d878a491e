//! Observables, as they are written on a command line.

use anyhow::Result;
use ardea::{C64, PauliString, SparsePauliSum};

use super::Usage;

/// Reads a sum of Pauli strings such as `0.5*ZZI - XIX`.
pub(crate) fn parse(text: &str) -> Result<SparsePauliSum> {
    let wrong = |why: String| {
        Usage(format!(
            "observable '{text}': {why}; write for instance \"0.5*ZZI - XIX\""
        ))
    };
    let mut sum: Option<SparsePauliSum> = None;
    for (sign, term) in signed_terms(text) {
        let (factor, label) = match term.split_once('*') {
            Some((factor, label)) => {
                let value = factor
                    .trim()
                    .parse::<f64>()
                    .map_err(|_| wrong(format!("'{}' is not a number", factor.trim())))?;
                (value, label.trim())
            }
            None => (1.0, term),
        };
        if label.is_empty() {
            return Err(wrong("a term without letters".into()).into());
        }
        let string = PauliString::from_label(label).map_err(|error| wrong(error.to_string()))?;
        let sum = sum.get_or_insert_with(|| SparsePauliSum::zero(string.num_qubits()));
        sum.push(string, C64::from(sign * factor))
            .map_err(|error| wrong(error.to_string()))?;
    }
    Ok(sum.ok_or_else(|| wrong("it has no terms".into()))?)
}

/// Splits at the signs between terms; a sign inside an exponent (`1e-3`) is none.
fn signed_terms(text: &str) -> Vec<(f64, &str)> {
    let mut terms = Vec::new();
    let (mut sign, mut start) = (1.0, 0);
    let bytes = text.as_bytes();
    for (place, &byte) in bytes.iter().enumerate() {
        let in_exponent = place > 0 && matches!(bytes[place - 1], b'e' | b'E');
        if !matches!(byte, b'+' | b'-') || in_exponent {
            continue;
        }
        let term = text[start..place].trim();
        if !term.is_empty() {
            terms.push((sign, term));
            sign = 1.0;
        }
        sign *= if byte == b'-' { -1.0 } else { 1.0 };
        start = place + 1;
    }
    terms.push((sign, text[start..].trim()));
    terms
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observables_read_as_they_are_written() {
        let expected =
            SparsePauliSum::from_labels(&[("ZZI", 0.5), ("XIX", -1.0), ("III", 1e-3)]).unwrap();
        assert_eq!(parse("0.5*ZZI - XIX + 1e-3*III").unwrap(), expected);
        assert_eq!(
            parse("-XIX").unwrap(),
            SparsePauliSum::from_labels(&[("XIX", -1.0)]).unwrap()
        );
    }

    #[test]
    fn mistakes_in_observables_are_named() {
        for (text, part) in [
            ("ZQ", "'Q'"),
            ("a*ZZ", "'a'"),
            ("ZZ + Z", "qubits"),
            ("", "without letters"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(part), "{message}");
        }
    }
}
