//! Where the particles live: sites, bonds between them, and bonds grouped into layers that act in
//! parallel.
//!
//! Only the open chain has its own constructor so far; any other lattice is a list of bonds, and
//! everything but the mirrored line circuit works on it.

use crate::error::ModelError;

/// Largest number of sites: the exact references hold one occupation per bit, circuits need two
/// qubits per site.
const MOST_SITES: usize = 1 << 20;

/// Two neighbouring sites, the lower index first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bond {
    /// The site with the lower index.
    pub a: usize,
    /// The site with the higher index.
    pub b: usize,
}

/// A set of sites and the bonds along which particles hop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lattice {
    sites: usize,
    bonds: Vec<Bond>,
}

impl Lattice {
    /// An open chain: bonds 0-1, 1-2, and so on.
    pub fn chain(sites: usize) -> Result<Self, ModelError> {
        check_size(sites)?;
        let bonds = (1..sites).map(|b| Bond { a: b - 1, b }).collect();
        Ok(Self { sites, bonds })
    }

    /// Any lattice, given by its bonds (in either direction, each once).
    pub fn from_bonds(sites: usize, bonds: &[(usize, usize)]) -> Result<Self, ModelError> {
        check_size(sites)?;
        let mut sorted = Vec::with_capacity(bonds.len());
        for &(a, b) in bonds {
            let site = a.max(b);
            if site >= sites {
                return Err(ModelError::SiteOutOfRange { site, sites });
            }
            if a == b {
                return Err(ModelError::InvalidBond {
                    a,
                    b,
                    problem: "a loop",
                });
            }
            sorted.push(Bond {
                a: a.min(b),
                b: site,
            });
        }
        sorted.sort_unstable();
        if let Some(pair) = sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(ModelError::InvalidBond {
                a: pair[0].a,
                b: pair[0].b,
                problem: "listed twice",
            });
        }
        Ok(Self {
            sites,
            bonds: sorted,
        })
    }

    /// The number of sites.
    pub fn num_sites(&self) -> usize {
        self.sites
    }

    /// All bonds, in ascending order.
    pub fn bonds(&self) -> &[Bond] {
        &self.bonds
    }

    /// Whether this is an open chain in the natural order of its sites.
    pub fn is_chain(&self) -> bool {
        self.bonds.len() + 1 == self.sites
            && self
                .bonds
                .iter()
                .enumerate()
                .all(|(i, bond)| bond.a == i && bond.b == i + 1)
    }

    /// The bonds in layers that touch every site at most once: on a chain the even bonds, then the
    /// odd ones.
    ///
    /// Each bond joins the first layer that is free at both ends, so a lattice of degree d needs at
    /// most 2 d - 1 layers.
    pub fn bond_layers(&self) -> Vec<Vec<Bond>> {
        let mut layers: Vec<Vec<Bond>> = Vec::new();
        let mut used: Vec<Vec<usize>> = vec![Vec::new(); self.sites];
        for &bond in &self.bonds {
            let mut layer = 0;
            while used[bond.a].contains(&layer) || used[bond.b].contains(&layer) {
                layer += 1;
            }
            if layer == layers.len() {
                layers.push(Vec::new());
            }
            layers[layer].push(bond);
            used[bond.a].push(layer);
            used[bond.b].push(layer);
        }
        layers
    }

    /// Accepts sites of this lattice only.
    pub(crate) fn check_site(&self, site: usize) -> Result<usize, ModelError> {
        if site < self.sites {
            Ok(site)
        } else {
            Err(ModelError::SiteOutOfRange {
                site,
                sites: self.sites,
            })
        }
    }
}

fn check_size(sites: usize) -> Result<(), ModelError> {
    if (1..=MOST_SITES).contains(&sites) {
        Ok(())
    } else {
        Err(ModelError::LatticeSize {
            sites,
            most: MOST_SITES,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_has_two_layers_of_bonds() {
        let layers = Lattice::chain(6).unwrap().bond_layers();
        let starts: Vec<Vec<usize>> = layers
            .iter()
            .map(|layer| layer.iter().map(|bond| bond.a).collect())
            .collect();
        assert_eq!(starts, [vec![0, 2, 4], vec![1, 3]]);
    }

    #[test]
    fn a_chain_is_recognised_however_it_is_given() {
        assert!(Lattice::chain(5).unwrap().is_chain());
        assert!(
            Lattice::from_bonds(3, &[(2, 1), (0, 1)])
                .unwrap()
                .is_chain()
        );
        assert!(
            !Lattice::from_bonds(3, &[(0, 1), (1, 2), (0, 2)])
                .unwrap()
                .is_chain()
        );
    }

    #[test]
    fn layers_never_touch_a_site_twice() {
        let ladder = [(0, 1), (2, 3), (4, 5), (0, 2), (2, 4), (1, 3), (3, 5)];
        let layers = Lattice::from_bonds(6, &ladder).unwrap().bond_layers();
        assert_eq!(layers.iter().map(Vec::len).sum::<usize>(), ladder.len());
        for layer in layers {
            let mut sites: Vec<usize> = layer.iter().flat_map(|bond| [bond.a, bond.b]).collect();
            sites.sort_unstable();
            assert!(sites.windows(2).all(|pair| pair[0] != pair[1]));
        }
    }

    #[test]
    fn malformed_lattices_are_refused() {
        assert!(matches!(
            Lattice::chain(0),
            Err(ModelError::LatticeSize { .. })
        ));
        assert!(matches!(
            Lattice::from_bonds(2, &[(0, 2)]),
            Err(ModelError::SiteOutOfRange { .. })
        ));
        assert!(matches!(
            Lattice::from_bonds(2, &[(1, 1)]),
            Err(ModelError::InvalidBond { .. })
        ));
        assert!(matches!(
            Lattice::from_bonds(2, &[(0, 1), (1, 0)]),
            Err(ModelError::InvalidBond { .. })
        ));
    }
}
