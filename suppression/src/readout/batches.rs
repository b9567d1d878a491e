//! Counts in batches, for error bars that hold all that scatters.
//!
//! Shots are not independent where something is drawn once for many of them: the Paulis and flips of a twirl, slow
//! parameters of the noise. What is drawn together is a batch, and the means of batches tell how much that scatters; from
//! few batches nothing can be told, and then the shots alone make the error bar.

use ardea_simulator::{Counts, Estimate, Outcome};

use crate::error::{SuppressionError, bad_option};

/// Batches from which their scatter is estimated.
const LEAST_BATCHES: usize = 8;

/// Counts of one circuit, with what of them was drawn together.
#[derive(Clone, Debug, PartialEq)]
pub struct Batches {
    all: Counts,
    batches: Vec<Counts>,
}

impl From<Counts> for Batches {
    /// Shots that have nothing in common.
    fn from(all: Counts) -> Self {
        Self {
            all,
            batches: vec![],
        }
    }
}

impl Batches {
    /// Counts of which each entry was drawn together.
    ///
    /// # Errors
    /// [`SuppressionError::BadOption`] for no counts at all, [`SuppressionError::Simulator`] for counts of different bits.
    pub fn new(batches: Vec<Counts>) -> Result<Self, SuppressionError> {
        let Some((first, others)) = batches.split_first() else {
            return bad_option("there are no counts");
        };
        let mut all = first.clone();
        for counts in others {
            all.try_merge(counts.clone())?;
        }
        Ok(Self { all, batches })
    }

    /// All counts together.
    pub fn counts(&self) -> &Counts {
        &self.all
    }

    /// The mean of a function of the outcome over all shots. Its standard error is the larger one of what the shots and
    /// what the batches show.
    pub fn mean(&self, value: impl Fn(&Outcome) -> f64) -> Estimate {
        let (mean, variance) = moments(&self.all, &value);
        let shots = self.all.shots().max(1) as f64;
        let of_shots = (variance / (shots - 1.0).max(1.0)).sqrt();
        Estimate {
            mean,
            error: of_shots.max(self.scatter(mean, value)),
        }
    }

    /// The standard error of the mean as the batches show it, 0 where there are too few.
    fn scatter(&self, mean: f64, value: impl Fn(&Outcome) -> f64) -> f64 {
        let batches: Vec<&Counts> = self.batches.iter().filter(|b| !b.is_empty()).collect();
        if batches.len() < LEAST_BATCHES {
            return 0.0;
        }
        let square = |counts: &&Counts| {
            let (own, _) = moments(counts, &value);
            counts.shots() as f64 * (own - mean).powi(2)
        };
        let variance = batches.iter().map(square).sum::<f64>() / self.all.shots() as f64;
        (variance / (batches.len() - 1) as f64).sqrt()
    }
}

/// Mean and variance over all shots.
fn moments(counts: &Counts, value: impl Fn(&Outcome) -> f64) -> (f64, f64) {
    let (mut shots, mut sum, mut squares) = (0u64, 0.0, 0.0);
    for (outcome, times) in counts.iter() {
        let value = value(outcome);
        shots += times;
        sum += times as f64 * value;
        squares += times as f64 * value * value;
    }
    let shots = shots.max(1) as f64;
    let mean = sum / shots;
    (mean, (squares / shots - mean * mean).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ardea_circuit::{Circuit, Clbit};

    fn counts(zeros: u64, ones: u64) -> Counts {
        Counts::from_texts(&Circuit::new(0, 1), [("0", zeros), ("1", ones)]).unwrap()
    }

    fn one(outcome: &Outcome) -> f64 {
        f64::from(u8::from(outcome.get(Clbit::new(0))))
    }

    #[test]
    fn batches_that_differ_more_than_their_shots_lengthen_the_error_bar() {
        let alike = Batches::new(vec![counts(50, 50); 10]).unwrap().mean(one);
        assert_eq!(alike.mean, 0.5);
        assert!((alike.error - (0.25f64 / 999.0).sqrt()).abs() < 1e-12);
        let drawn: Vec<Counts> = (0..10)
            .map(|k| counts(100 * (k % 2), 100 - 100 * (k % 2)))
            .collect();
        let found = Batches::new(drawn.clone()).unwrap().mean(one);
        // Ten coins.
        assert_eq!((found.mean, found.error), (0.5, (0.25f64 / 9.0).sqrt()));
        let few = Batches::new(drawn[..4].to_vec()).unwrap().mean(one);
        assert!((few.error - (0.25f64 / 399.0).sqrt()).abs() < 1e-12);
        assert!(Batches::new(vec![]).is_err());
    }
}
