//! Product formulas, as layers of terms: the common source of the circuits and of their exact
//! references.
//!
//! A layer is a set of terms that act on different modes, all for the same duration. Equal layers
//! that meet are merged into one with the sum of their durations, which is where the mirrored
//! formula gains: its steps run A F B and B F A in turn (A and B together hold every hop once, F
//! the on-site terms), so each hop layer at a seam is shared by two steps.

use crate::error::{ModelError, finite};
use crate::hubbard::FermiHubbard;
use crate::lattice::Bond;
use crate::mode::{Mode, Spin};

/// How a step of time is split into layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Formula {
    /// Hops layer by layer, then the on-site terms; error of first order in the step.
    FirstOrder,
    /// The symmetric (Strang) splitting; error of second order in the step.
    SecondOrder,
    /// A F B on even steps and B F A on odd ones, with A the hops of spin up on even bonds and of
    /// spin down on odd bonds; symmetric over pairs of steps. Open chains only.
    Mirrored,
}

/// Equal steps of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeGrid {
    /// The duration of one step.
    pub dt: f64,
    /// The number of steps.
    pub steps: usize,
}

impl TimeGrid {
    /// The time at the end of the last step.
    pub fn total(&self) -> f64 {
        self.dt * self.steps as f64
    }
}

/// One exponential of a product formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// The hop of one spin along one bond.
    Hop {
        /// The bond.
        bond: Bond,
        /// The spin that hops.
        spin: Spin,
    },
    /// The interaction on one site.
    OnSite {
        /// The site.
        site: usize,
    },
}

impl Term {
    /// The two modes on which the term acts.
    pub fn modes(self) -> [Mode; 2] {
        match self {
            Self::Hop { bond, spin } => [Mode { site: bond.a, spin }, Mode { site: bond.b, spin }],
            Self::OnSite { site } => [Mode::up(site), Mode::down(site)],
        }
    }
}

/// Terms on different modes, evolved for the same duration.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    /// The terms.
    pub terms: Vec<Term>,
    /// For how long each of them acts.
    pub duration: f64,
}

impl Formula {
    /// The layers of the whole evolution, first to act first.
    pub fn layers(self, model: &FermiHubbard, grid: TimeGrid) -> Result<Vec<Layer>, ModelError> {
        let dt = finite("the time step dt", grid.dt)?;
        check_length(model, grid.steps)?;
        let mut layers = Vec::new();
        for step in 0..grid.steps {
            for (terms, fraction) in self.step(model, step)? {
                append_or_merge(&mut layers, terms, fraction * dt);
            }
        }
        Ok(layers)
    }

    /// The layers of one step with their share of the time step.
    fn step(self, model: &FermiHubbard, step: usize) -> Result<Vec<(Vec<Term>, f64)>, ModelError> {
        Ok(match self {
            Self::FirstOrder => {
                let mut layers: Vec<_> = hop_layers(model)
                    .into_iter()
                    .map(|terms| (terms, 1.0))
                    .collect();
                layers.push((on_site(model), 1.0));
                layers
            }
            Self::SecondOrder => {
                let half: Vec<_> = hop_layers(model)
                    .into_iter()
                    .map(|terms| (terms, 0.5))
                    .collect();
                let back = half.iter().rev().cloned();
                half.iter()
                    .cloned()
                    .chain([(on_site(model), 1.0)])
                    .chain(back)
                    .collect()
            }
            Self::Mirrored => {
                if !model.lattice().is_chain() {
                    return Err(ModelError::NeedsChain {
                        what: "the mirrored formula",
                    });
                }
                let spins = if step.is_multiple_of(2) {
                    Spin::BOTH
                } else {
                    [Spin::Down, Spin::Up]
                };
                let [first, last] = spins.map(|spin| staggered_hops(model, spin));
                vec![(first, 1.0), (on_site(model), 1.0), (last, 1.0)]
            }
        })
    }
}

/// Refuses sequences of more terms than could be stored or run.
fn check_length(model: &FermiHubbard, steps: usize) -> Result<(), ModelError> {
    let terms_a_step = 4 * model.lattice().bonds().len() + model.num_sites();
    match terms_a_step.checked_mul(steps) {
        Some(terms) if u32::try_from(terms).is_ok() => Ok(()),
        _ => Err(ModelError::TooLarge {
            what: "the number of terms of the product formula",
        }),
    }
}

/// Adds a layer, or lengthens the previous one when it has the same terms.
fn append_or_merge(layers: &mut Vec<Layer>, terms: Vec<Term>, duration: f64) {
    match layers.last_mut() {
        Some(last) if last.terms == terms => last.duration += duration,
        _ => layers.push(Layer { terms, duration }),
    }
}

/// Hops of both spins, one layer for each layer of bonds.
fn hop_layers(model: &FermiHubbard) -> Vec<Vec<Term>> {
    let both = |bonds: Vec<Bond>| {
        Spin::BOTH
            .iter()
            .flat_map(|&spin| bonds.iter().map(move |&bond| Term::Hop { bond, spin }))
            .collect()
    };
    model
        .lattice()
        .bond_layers()
        .into_iter()
        .map(both)
        .collect()
}

/// Hops of `spin` on even bonds and of the opposite spin on odd bonds of a chain.
fn staggered_hops(model: &FermiHubbard, spin: Spin) -> Vec<Term> {
    let spin_of = |bond: &Bond| {
        if bond.a.is_multiple_of(2) {
            spin
        } else {
            spin.opposite()
        }
    };
    model
        .lattice()
        .bonds()
        .iter()
        .map(|bond| Term::Hop {
            bond: *bond,
            spin: spin_of(bond),
        })
        .collect()
}

fn on_site(model: &FermiHubbard) -> Vec<Term> {
    (0..model.num_sites())
        .map(|site| Term::OnSite { site })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layers(formula: Formula, steps: usize) -> Vec<Layer> {
        let model = FermiHubbard::chain(6, 1.0, -2.0).unwrap();
        formula.layers(&model, TimeGrid { dt: 0.2, steps }).unwrap()
    }

    #[test]
    fn mirrored_steps_share_the_hop_layer_at_each_seam() {
        let layers = layers(Formula::Mirrored, 3);
        let durations: Vec<f64> = layers.iter().map(|layer| layer.duration).collect();
        assert_eq!(durations, [0.2, 0.2, 0.4, 0.2, 0.4, 0.2, 0.2]);
        assert_eq!(layers[0].terms, layers[4].terms);
        assert_ne!(layers[0].terms, layers[2].terms);
    }

    #[test]
    fn every_term_acts_for_the_total_time() {
        for formula in [Formula::FirstOrder, Formula::SecondOrder, Formula::Mirrored] {
            let mut seen: Vec<(Term, f64)> = Vec::new();
            for layer in layers(formula, 4) {
                for term in layer.terms {
                    match seen.iter_mut().find(|(other, _)| *other == term) {
                        Some((_, total)) => *total += layer.duration,
                        None => seen.push((term, layer.duration)),
                    }
                }
            }
            assert_eq!(seen.len(), 2 * 5 + 6, "{formula:?}");
            assert!(
                seen.iter().all(|(_, total)| (total - 0.8).abs() < 1e-12),
                "{formula:?}"
            );
        }
    }

    #[test]
    fn the_mirrored_formula_refuses_other_lattices() {
        let ring = crate::Lattice::from_bonds(3, &[(0, 1), (1, 2), (0, 2)]).unwrap();
        let model = FermiHubbard::on(ring, 1.0, 0.0).unwrap();
        let grid = TimeGrid { dt: 0.1, steps: 1 };
        assert!(matches!(
            Formula::Mirrored.layers(&model, grid),
            Err(ModelError::NeedsChain { .. })
        ));
        assert_eq!(Formula::FirstOrder.layers(&model, grid).unwrap().len(), 4);
    }
}
