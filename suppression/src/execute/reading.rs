//! What was read of one part of a program, ready for any number of observables.

use std::collections::BTreeMap;

use ardea_circuit::{Circuit, Clbit, Qubit};
use ardea_simulator::Counts;

use super::values::{Dependence, Mitigation, Value, found_errors};
use crate::error::SuppressionError;
use crate::readout::{
    Batches, BitErrors, DiagonalObservable, Inversion, InversionOptions, Quasi, ReadoutErrors,
    Trex, unread_qubits,
};

/// The counts of one basis at one strength of the noise, and how misreading is taken out of them.
pub(super) struct Reading<'a> {
    batches: &'a Batches,
    method: Method<'a>,
}

enum Method<'a> {
    AsRead,
    Inversion {
        inversion: Box<Inversion<'a>>,
        /// The qubit that each bit is measured from.
        measured: Vec<Option<Qubit>>,
        /// The fraction of shots in which each bit was inverted by the twirl.
        flipped: Vec<f64>,
    },
    Trex(Trex<'a>),
}

impl<'a> Reading<'a> {
    /// The counts of versions of `circuit`, of which the fractions `flipped` were read behind an X, bit by bit.
    pub(super) fn new(
        batches: &'a Batches,
        circuit: &Circuit,
        flipped: Vec<f64>,
        mitigation: Option<&'a Mitigation>,
        notes: &mut Vec<String>,
    ) -> Result<Self, SuppressionError> {
        let method = match mitigation {
            None => Method::AsRead,
            Some(Mitigation::Inversion { errors, options }) => {
                Method::inversion(batches, circuit, flipped, (errors, options), notes)?
            }
            Some(Mitigation::Trex { zero, places }) => Method::trex(circuit, zero, places),
        };
        Ok(Self { batches, method })
    }

    /// All counts, with the bits of the twirl put right.
    pub(super) fn counts(&self) -> &Counts {
        self.batches.counts()
    }

    /// The distribution without misreading, where it is inverted.
    pub(super) fn quasi(&self) -> Result<Option<Quasi>, SuppressionError> {
        match &self.method {
            Method::Inversion { inversion, .. } => inversion.quasi().map(Some),
            Method::AsRead | Method::Trex(_) => Ok(None),
        }
    }

    /// The value of an observable: as read, and mitigated.
    pub(super) fn values(
        &self,
        observable: &DiagonalObservable,
        notes: &mut Vec<String>,
    ) -> Result<(Value, Value), SuppressionError> {
        let raw = Value::of(observable.mean(self.batches));
        let value = match &self.method {
            Method::AsRead => raw.clone(),
            Method::Inversion {
                inversion,
                measured,
                flipped,
            } => {
                let inverted = inversion.inverted(self.batches, observable)?;
                Value {
                    own: inverted.value,
                    by_calibration: Dependence::on_rates(measured, flipped, &inverted.by_errors),
                }
            }
            Method::Trex(trex) => match trex.scaled(self.batches, observable) {
                Ok(scaled) => Value {
                    own: scaled.value,
                    by_calibration: Dependence::on_parities(scaled.of_calibration),
                },
                Err(SuppressionError::WrongCounts { what }) => {
                    notes.push(format!("{what}; the value was left as it was read"));
                    raw.clone()
                }
                Err(error) => return Err(error),
            },
        };
        Ok((raw, value))
    }
}

impl<'a> Method<'a> {
    fn inversion(
        batches: &'a Batches,
        circuit: &Circuit,
        flipped: Vec<f64>,
        (errors, options): (&ReadoutErrors, &InversionOptions),
        notes: &mut Vec<String>,
    ) -> Result<Self, SuppressionError> {
        let measured = unread_qubits(circuit);
        let of_bits = found_errors(errors, &measured).into_iter().zip(&flipped);
        let mixed: Vec<BitErrors> = of_bits
            .enumerate()
            .map(|(bit, (errors, flipped))| undoable(bit, errors.twirled(*flipped), notes))
            .collect();
        Ok(Self::Inversion {
            inversion: Box::new(Inversion::new(batches.counts(), &mixed, options)?),
            measured,
            flipped,
        })
    }

    fn trex(circuit: &Circuit, zero: &'a Batches, places: &BTreeMap<Qubit, Clbit>) -> Self {
        let measured = unread_qubits(circuit);
        let pairs = measured.iter().enumerate().filter_map(|(bit, qubit)| {
            let place = places.get(qubit.as_ref()?)?;
            Some((Clbit::new(bit), *place))
        });
        Self::Trex(Trex::new(zero, pairs))
    }
}

/// The errors of a bit, or none where they cannot be undone.
fn undoable(bit: usize, errors: BitErrors, notes: &mut Vec<String>) -> BitErrors {
    if errors.one_of_zero < 0.5 && errors.zero_of_one < 0.5 {
        return errors;
    }
    notes.push(format!(
        "bit {bit} is misread half of the time or more, which cannot be undone: it was left as it was read"
    ));
    BitErrors::default()
}
