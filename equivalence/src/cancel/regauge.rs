//! Clifford operations that the states at the seam do not notice: where only |0...0> has to agree, B may be changed by
//! them so that its fronts become those of A.

use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

use crate::cancel::{Seam, key};
use crate::pauli::Pauli;
use crate::rotations::quarters_of;

/// Fronts of each side that are tried.
const MOST_REGAUGED: usize = 10;

/// Quarter turns of B that make one of its fronts equal to one of A.
struct Gauge {
    turns: Vec<(Pauli, i64)>,
    a: usize,
    b: usize,
}

impl Seam {
    /// Makes a front of B equal to one of A by a Clifford operation that does nothing to the states that are possible at
    /// the seam: circuits that only agree on |0...0> differ by such operations, a CX controlled by |0> for instance.
    pub(super) fn match_regauged(&mut self, fronts: &[Vec<usize>; 2]) -> bool {
        if self.known.is_empty() {
            return false;
        }
        let mut best: Option<((usize, Reverse<u32>), Gauge)> = None;
        let [before, after] = &self.sides;
        for &a in fronts[0]
            .iter()
            .filter(|&&a| !self.known.survive(&before.at(a).pauli))
            .take(MOST_REGAUGED)
        {
            let own = before.at(a);
            let mut later = self.known.clone();
            later.keep(&own.pauli);
            let reduced = |mut pauli: Pauli| {
                later.reduce(&mut pauli);
                key(&pauli)
            };
            let wanted: FxHashSet<_> = fronts[0]
                .iter()
                .map(|&other| reduced(before.at(other).pauli.clone()))
                .collect();
            let outcomes: FxHashMap<_, _> = before
                .observables
                .iter()
                .map(|seen| (seen.what, reduced(seen.pauli.clone())))
                .collect();
            let mut candidates: Vec<(u32, usize)> = fronts[1]
                .iter()
                .filter(|&&b| self.sign_between(own.angle, after.at(b).angle).is_some())
                .map(|&b| (after.at(b).pauli.letters_apart(&own.pauli), b))
                .collect();
            candidates.sort_unstable();
            for (apart, b) in candidates.into_iter().take(MOST_REGAUGED) {
                let Some(gauge) = self.gauge(a, b) else {
                    continue;
                };
                let turned = |pauli: &Pauli| {
                    let mut pauli = pauli.clone();
                    gauge
                        .turns
                        .iter()
                        .for_each(|(by, quarters)| pauli.rotate(by, *quarters));
                    reduced(pauli)
                };
                let met = fronts[1]
                    .iter()
                    .filter(|&&other| wanted.contains(&turned(&after.at(other).pauli)));
                // Circuits may be symmetric, but what is looked at tells their qubits apart.
                let seen = after
                    .observables
                    .iter()
                    .filter(|seen| outcomes.get(&seen.what) == Some(&turned(&seen.pauli)));
                let rank = (met.count() + seen.count(), Reverse(apart));
                if best.as_ref().is_none_or(|(most, _)| rank > *most) {
                    best = Some((rank, gauge));
                }
            }
        }
        let Some((_, gauge)) = best else { return false };
        for (by, quarters) in &gauge.turns {
            self.turn_rest(1, by, *quarters);
        }
        self.join((1, gauge.b), (0, gauge.a))
    }

    /// The sign that a string must get for its angle to be another one.
    fn sign_between(&self, angle: f64, other: f64) -> Option<f64> {
        let close = |x: f64| (x - angle).abs() < 10.0 * self.rounding.angle;
        if close(other) {
            Some(1.0)
        } else {
            close(quarters_of(-other).1).then_some(-1.0)
        }
    }

    /// What turns front `b` of B into front `a` of A, if that can be done without touching the states at the seam.
    ///
    /// With a known product Z that crosses both strings `r` and `s`, "apply `r s` where Z is -1" does nothing to those
    /// states and takes `s` to `r` on them. Such a controlled Pauli operation Q is a product of quarter turns about Z, Q
    /// and Z Q; where r and s do not commute, a phase of i where Z is -1 takes the first of them away.
    fn gauge(&self, a: usize, b: usize) -> Option<Gauge> {
        let (own, other) = (self.sides[0].at(a), self.sides[1].at(b));
        let sign = self.sign_between(own.angle, other.angle)?;
        let product = self.known.crossing_both(&own.pauli, &other.pauli)?;
        let commute = own.pauli.commutes(&other.pauli);
        let mut between = own.pauli.clone();
        between.multiply(&other.pauli, u8::from(!commute));
        let mut both = product.clone();
        both.multiply(&between, 0);
        let mut turns = vec![(between, -1), (both, 1)];
        if commute {
            turns.push((product.clone(), -1));
        }
        let mut turned = other.pauli.clone();
        turns
            .iter()
            .for_each(|(by, quarters)| turned.rotate(by, *quarters));
        turned.multiply(&own.pauli, 0);
        let minus = self.known.value(&turned)? == 2;
        if minus != (sign < 0.0) {
            turns.push((product, 2));
        }
        Some(Gauge { turns, a, b })
    }
}
