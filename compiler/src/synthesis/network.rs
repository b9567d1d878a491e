//! Networks of `cz` and one-qubit gates on three qubits, and their numerical shortening.
//!
//! A network is a list of pairs, one per `cz`, with a free one-qubit gate on every wire before the first and on both
//! wires after each. To shorten one, a `cz` is left out and all one-qubit gates are refitted until the product is the
//! old operator again, starting from where they were; as often as that succeeds. What is found is exact: a fit ends
//! with Newton steps that bring it to rounding error, or it is thrown away. The method is that of numerical synthesis by
//! instantiation (Davis et al. 2020, "QSearch", arXiv:1912.02727; Younis and Iancu 2022, gate deletion in BQSKit,
//! arXiv:2202.06459), kept to three qubits, where a fit takes milliseconds.

use nalgebra::Matrix2;
use num_complex::Complex64;
use rand::RngExt;
use rand_pcg::Pcg64Mcg;

use super::euler::Euler;
use super::minimise::Limits;

mod fit;
mod operator;

use fit::Template;
use operator::Operator;

/// Wires of a network.
pub(crate) const WIRES: usize = 3;
/// Operators that agree to this in every entry are the same.
const EXACT: f64 = 1e-11;
/// Of the search for a fit.
const LIMITS: Limits = Limits {
    solved: 1e-7,
    steps: 300,
    patience: 20,
};
/// Newton steps lead on from here.
const NEAR: f64 = 1e-5;
/// How far, in radians, the angles are shaken before each of the fits without a gate: the place where they are is often
/// a saddle from which no way leads down, and farther starts end in other minima.
const SHAKES: [f64; 2] = [0.3, 1.0];

/// `cz` gates on three wires with one-qubit gates between them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Network {
    /// The wires of each `cz`, first to act first.
    pairs: Vec<[usize; 2]>,
    /// One gate per wire before the first `cz`, then two after each, in the order of its pair.
    locals: Vec<Matrix2<Complex64>>,
    /// Global phase.
    phase: f64,
}

impl Network {
    /// The identity.
    pub(crate) fn new() -> Self {
        Self {
            pairs: Vec::new(),
            locals: vec![Matrix2::identity(); WIRES],
            phase: 0.0,
        }
    }

    /// Number of `cz`.
    pub(crate) fn len(&self) -> usize {
        self.pairs.len()
    }

    /// The wires of each `cz`.
    pub(crate) fn pairs(&self) -> &[[usize; 2]] {
        &self.pairs
    }

    /// Global phase, in radians.
    pub(crate) fn phase(&self) -> f64 {
        self.phase
    }

    /// Multiplies by `e^{i phase}`.
    pub(crate) fn add_phase(&mut self, phase: f64) {
        self.phase += phase;
    }

    /// The gates before the first `cz`, by wire.
    pub(crate) fn first(&self) -> &[Matrix2<Complex64>] {
        &self.locals[..WIRES]
    }

    /// The gates after the `cz` of this index, in the order of its pair.
    pub(crate) fn after(&self, index: usize) -> &[Matrix2<Complex64>] {
        &self.locals[WIRES + 2 * index..][..2]
    }

    /// Adds a one-qubit gate at the end.
    pub(crate) fn push_local(&mut self, wire: usize, matrix: &Matrix2<Complex64>) {
        let slot = self.last_local(wire, self.pairs.len());
        self.locals[slot] = matrix * self.locals[slot];
    }

    /// Adds a `cz` at the end.
    pub(crate) fn push_cz(&mut self, pair: [usize; 2]) {
        self.pairs.push(pair);
        self.locals.extend([Matrix2::identity(); 2]);
    }

    /// The same operator with as few `cz` as this method finds, or `None` when it finds no fewer.
    ///
    /// `fits` bounds the number of fits; the result depends on it and on the random numbers alone.
    pub(crate) fn shortened(&self, mut fits: usize, random: &mut Pcg64Mcg) -> Option<Self> {
        let goal = self.template().operator();
        let mut best = self.clone();
        let mut index = 0;
        while index < best.len() && fits > 0 {
            let start = best.without(index);
            let tries = fits.min(SHAKES.len());
            fits -= tries;
            let found = SHAKES[..tries]
                .iter()
                .find_map(|&shake| start.fitted(&goal, shake, random));
            match found {
                Some(shorter) => {
                    best = shorter;
                    index = index.saturating_sub(2);
                }
                None => index += 1,
            }
        }
        (best.len() < self.len()).then_some(best)
    }

    /// The largest difference between entries of the two operators, global phases included.
    pub(crate) fn distance(&self, other: &Self) -> f64 {
        self.template()
            .operator()
            .distance(&other.template().operator())
    }

    /// The place in `locals` of the last gate on a wire before the `cz` of index `before`.
    fn last_local(&self, wire: usize, before: usize) -> usize {
        let earlier = self.pairs[..before].iter().enumerate().rev();
        let mut on_wire = earlier.filter_map(|(index, pair)| {
            let side = pair.iter().position(|&w| w == wire)?;
            Some(WIRES + 2 * index + side)
        });
        on_wire.next().unwrap_or(wire)
    }

    /// Leaves out one `cz`; the gates after it join those before.
    fn without(&self, index: usize) -> Self {
        let mut out = self.clone();
        let pair = out.pairs[index];
        for (side, wire) in pair.into_iter().enumerate() {
            let into = self.last_local(wire, index);
            out.locals[into] = out.locals[WIRES + 2 * index + side] * out.locals[into];
        }
        out.pairs.remove(index);
        out.locals.drain(WIRES + 2 * index..WIRES + 2 * index + 2);
        out
    }

    /// One-qubit gates for these pairs with which the product is `goal`.
    fn fitted(&self, goal: &Operator, shake: f64, random: &mut Pcg64Mcg) -> Option<Self> {
        let mut template = self.template();
        for angle in &mut template.angles {
            *angle += random.random_range(-shake..shake);
        }
        if template.approach(goal, LIMITS) > NEAR {
            return None;
        }
        let phase = template.polish(goal, EXACT)?;
        Some(Self::of_template(&template, phase))
    }

    fn template(&self) -> Template {
        let mut phase = self.phase;
        let mut angles = Vec::with_capacity(3 * self.locals.len());
        for local in &self.locals {
            let euler = Euler::of(local);
            phase += euler.phase;
            angles.extend([euler.theta, euler.phi, euler.lambda]);
        }
        Template {
            pairs: self.pairs.clone(),
            angles,
            phase,
        }
    }

    fn of_template(template: &Template, phase: f64) -> Self {
        let locals = template.angles.chunks_exact(3).map(|angles| {
            let [theta, phi, lambda] = [angles[0], angles[1], angles[2]];
            Euler {
                theta,
                phi,
                lambda,
                phase: 0.0,
            }
            .matrix()
        });
        Self {
            pairs: template.pairs.clone(),
            locals: locals.collect(),
            phase,
        }
    }
}

#[cfg(test)]
mod tests;
