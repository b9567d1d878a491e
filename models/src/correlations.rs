//! Occupation numbers and their products, `<n_a>` and `<n_a n_b>`, from whichever source: shots of
//! a circuit, a state vector, or an exact reference. Everything that experiments report (charge,
//! spin, doublons, correlations) follows.

use nalgebra::DMatrix;
use num_complex::Complex64;

use crate::error::ModelError;
use crate::mode::{Mode, ModeMap, Spin};

/// The averages of all occupation numbers and of all their pairwise products.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlations {
    sites: usize,
    /// `<n_a n_b>` by blocked mode index; since n_a n_a = n_a, the densities are the diagonal.
    products: DMatrix<f64>,
}

impl Correlations {
    /// Averages over measured bit strings with their counts.
    ///
    /// The strings are written with the highest classical bit first, as is usual for counts, and
    /// classical bits are numbered like [`Mode::index`]: all ups, then all downs, which is how this
    /// crate's circuits measure. Spaces between registers are ignored.
    pub fn from_counts<S: AsRef<str>>(
        sites: usize,
        counts: impl IntoIterator<Item = (S, u64)>,
    ) -> Result<Self, ModelError> {
        let mut sum = Accumulator::new(sites);
        for (outcome, count) in counts {
            sum.add(&full_modes(outcome.as_ref(), 2 * sites)?, count as f64);
        }
        sum.finish()
    }

    /// Averages over a state vector whose qubits hold the modes of `map`, qubit 0 the least
    /// significant bit.
    pub fn from_amplitudes(map: &ModeMap, amplitudes: &[Complex64]) -> Result<Self, ModelError> {
        Self::from_weights(
            map,
            amplitudes.len(),
            amplitudes.iter().map(Complex64::norm_sqr),
        )
    }

    /// Averages over the probabilities of all basis states of the qubits of `map`.
    pub fn from_probabilities(map: &ModeMap, probabilities: &[f64]) -> Result<Self, ModelError> {
        Self::from_weights(map, probabilities.len(), probabilities.iter().copied())
    }

    fn from_weights(
        map: &ModeMap,
        given: usize,
        weights: impl Iterator<Item = f64>,
    ) -> Result<Self, ModelError> {
        let expected = u32::try_from(map.num_qubits())
            .ok()
            .and_then(|bits| 1usize.checked_shl(bits));
        let expected = expected.ok_or(ModelError::TooLarge {
            what: "the number of basis states",
        })?;
        if given != expected {
            return Err(ModelError::WrongLength {
                what: "the state vector",
                given,
                expected,
            });
        }
        let sites = map.num_sites();
        let index_of: Vec<usize> = map.modes().iter().map(|mode| mode.index(sites)).collect();
        let mut sum = Accumulator::new(sites);
        let mut full = Vec::with_capacity(index_of.len());
        for (state, weight) in weights.enumerate() {
            if weight != 0.0 {
                full.clear();
                full.extend(
                    index_of
                        .iter()
                        .enumerate()
                        .filter(|(qubit, _)| state >> qubit & 1 == 1)
                        .map(|(_, &i)| i),
                );
                sum.add(&full, weight);
            }
        }
        sum.finish()
    }

    /// From a matrix of products in blocked mode order, as the exact references compute it.
    pub(crate) fn from_products(sites: usize, products: DMatrix<f64>) -> Self {
        Self { sites, products }
    }

    /// The number of sites.
    pub fn num_sites(&self) -> usize {
        self.sites
    }

    /// `<n_a n_b>`.
    ///
    /// # Panics
    ///
    /// If a mode is not on the lattice.
    pub fn product(&self, a: Mode, b: Mode) -> f64 {
        assert!(
            a.site < self.sites && b.site < self.sites,
            "{a:?} or {b:?} is not on the lattice"
        );
        self.products[(a.index(self.sites), b.index(self.sites))]
    }

    /// `<n_a n_b>` - `<n_a>` `<n_b>`.
    ///
    /// # Panics
    ///
    /// If a mode is not on the lattice.
    pub fn connected(&self, a: Mode, b: Mode) -> f64 {
        self.product(a, b) - self.density(a) * self.density(b)
    }

    /// `<n>` of one mode.
    ///
    /// # Panics
    ///
    /// If the mode is not on the lattice.
    pub fn density(&self, mode: Mode) -> f64 {
        self.product(mode, mode)
    }

    /// `<n>` of all modes in blocked order: the ups by site, then the downs.
    pub fn densities(&self) -> Vec<f64> {
        Mode::all(self.sites)
            .map(|mode| self.density(mode))
            .collect()
    }

    /// The densities of one spin by site.
    pub fn spin_densities(&self, spin: Spin) -> Vec<f64> {
        (0..self.sites)
            .map(|site| self.density(Mode { site, spin }))
            .collect()
    }

    /// The charge n_up + n_down by site.
    pub fn charge(&self) -> Vec<f64> {
        (0..self.sites)
            .map(|site| self.density(Mode::up(site)) + self.density(Mode::down(site)))
            .collect()
    }

    /// The spin (n_up - n_down) / 2 by site.
    pub fn spin(&self) -> Vec<f64> {
        (0..self.sites)
            .map(|site| (self.density(Mode::up(site)) - self.density(Mode::down(site))) / 2.0)
            .collect()
    }

    /// The doublon density n_up n_down by site.
    pub fn doublons(&self) -> Vec<f64> {
        (0..self.sites)
            .map(|site| self.product(Mode::up(site), Mode::down(site)))
            .collect()
    }

    /// The doublon density averaged over the sites.
    pub fn mean_doublon(&self) -> f64 {
        self.doublons().iter().sum::<f64>() / self.sites as f64
    }
}

/// A weighted sum over basis states.
struct Accumulator {
    sites: usize,
    total: f64,
    products: DMatrix<f64>,
}

impl Accumulator {
    fn new(sites: usize) -> Self {
        Self {
            sites,
            total: 0.0,
            products: DMatrix::zeros(2 * sites, 2 * sites),
        }
    }

    /// Adds one basis state, given by the indices of its full modes.
    fn add(&mut self, full: &[usize], weight: f64) {
        self.total += weight;
        for &a in full {
            for &b in full {
                self.products[(a, b)] += weight;
            }
        }
    }

    fn finish(self) -> Result<Correlations, ModelError> {
        if !self.total.is_finite() || self.total <= 0.0 {
            return Err(ModelError::NoData { total: self.total });
        }
        Ok(Correlations {
            sites: self.sites,
            products: self.products / self.total,
        })
    }
}

/// The positions of the ones in a bit string whose last character is bit 0.
fn full_modes(outcome: &str, expected: usize) -> Result<Vec<usize>, ModelError> {
    let mut full = Vec::new();
    let mut given = 0;
    for character in outcome
        .chars()
        .rev()
        .filter(|character| !character.is_whitespace())
    {
        match character {
            '0' => {}
            '1' => full.push(given),
            _ => {
                return Err(ModelError::OutcomeCharacter {
                    outcome: outcome.to_owned(),
                });
            }
        }
        given += 1;
    }
    if given == expected {
        Ok(full)
    } else {
        Err(ModelError::WrongLength {
            what: "a measured outcome",
            given,
            expected,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mode::Order;

    #[test]
    fn counts_are_read_with_the_last_character_as_bit_zero() {
        // Two sites: bits 0, 1 are the ups, bits 2, 3 the downs.
        let correlations = Correlations::from_counts(2, [("01 01", 3), ("1000", 1)]).unwrap();
        assert_eq!(correlations.spin_densities(Spin::Up), [0.75, 0.0]);
        assert_eq!(correlations.spin_densities(Spin::Down), [0.75, 0.25]);
        assert_eq!(correlations.doublons(), [0.75, 0.0]);
        assert_eq!(correlations.mean_doublon(), 0.375);
        assert_eq!(correlations.charge(), [1.5, 0.25]);
        assert_eq!(correlations.spin(), [0.0, -0.125]);
    }

    #[test]
    fn amplitudes_are_read_through_the_mode_map() {
        let map = ModeMap::new(Order::ZigZag, 2); // dn0 up0 up1 dn1
        let mut amplitudes = vec![Complex64::ZERO; 16];
        amplitudes[0b0011] = Complex64::I * 0.6;
        amplitudes[0b1001] = Complex64::from(0.8);
        let correlations = Correlations::from_amplitudes(&map, &amplitudes).unwrap();
        assert!((correlations.density(Mode::down(0)) - 1.0).abs() < 1e-15);
        assert!((correlations.density(Mode::up(0)) - 0.36).abs() < 1e-15);
        assert!((correlations.connected(Mode::up(0), Mode::down(1)) + 0.36 * 0.64).abs() < 1e-15);
    }

    #[test]
    fn malformed_data_is_refused() {
        assert!(matches!(
            Correlations::from_counts(1, [("0", 1)]),
            Err(ModelError::WrongLength { .. })
        ));
        assert!(matches!(
            Correlations::from_counts(1, [("0x", 1)]),
            Err(ModelError::OutcomeCharacter { .. })
        ));
        assert!(matches!(
            Correlations::from_counts::<&str>(1, []),
            Err(ModelError::NoData { .. })
        ));
        let map = ModeMap::new(Order::Blocked, 1);
        assert!(matches!(
            Correlations::from_probabilities(&map, &[1.0]),
            Err(ModelError::WrongLength { .. })
        ));
    }
}
