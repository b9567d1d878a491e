//! Single-particle modes (a site and a spin) and which qubit holds each of them.
//!
//! The order of the qubits is also the order of the Jordan-Wigner strings, so a [`ModeMap`] is all
//! that the translation from fermions to qubits needs to know.

use ardea_circuit::Qubit;

use crate::error::ModelError;

/// The spin of a fermion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spin {
    /// Spin up.
    Up,
    /// Spin down.
    Down,
}

impl Spin {
    /// Both spins, up first.
    pub const BOTH: [Self; 2] = [Self::Up, Self::Down];

    /// The other spin.
    pub fn opposite(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
        }
    }
}

/// One fermionic mode: a spin on a site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mode {
    /// The site.
    pub site: usize,
    /// The spin.
    pub spin: Spin,
}

impl Mode {
    /// The spin-up mode of a site.
    pub fn up(site: usize) -> Self {
        Self {
            site,
            spin: Spin::Up,
        }
    }

    /// The spin-down mode of a site.
    pub fn down(site: usize) -> Self {
        Self {
            site,
            spin: Spin::Down,
        }
    }

    /// The index of the mode in blocked order: all ups, then all downs.
    ///
    /// Classical bits and correlation matrices use this numbering whatever the order of the qubits.
    pub fn index(self, sites: usize) -> usize {
        match self.spin {
            Spin::Up => self.site,
            Spin::Down => sites + self.site,
        }
    }

    /// All modes in blocked order.
    pub fn all(sites: usize) -> impl Iterator<Item = Self> {
        Spin::BOTH
            .into_iter()
            .flat_map(move |spin| (0..sites).map(move |site| Self { site, spin }))
    }
}

/// The usual ways to line up the modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Order {
    /// up0 up1 ... dn0 dn1 ...: hops along a chain need no strings, on-site terms are far apart.
    Blocked,
    /// up0 dn0 up1 dn1 ...: on-site terms are neighbours, every hop crosses one mode.
    Interleaved,
    /// dn0 up0 up1 dn1 dn2 up2 ...: on-site terms are neighbours, and on every bond so is one of
    /// the spins.
    ZigZag,
}

/// Which qubit holds which mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModeMap {
    /// By qubit.
    modes: Vec<Mode>,
    /// By blocked mode index.
    qubits: Vec<usize>,
}

impl ModeMap {
    /// One of the usual orders.
    pub fn new(order: Order, sites: usize) -> Self {
        let modes = match order {
            Order::Blocked => Mode::all(sites).collect(),
            Order::Interleaved => (0..sites)
                .flat_map(|site| [Mode::up(site), Mode::down(site)])
                .collect(),
            Order::ZigZag => (0..sites).flat_map(zigzag_pair).collect(),
        };
        Self::with_positions(modes)
    }

    /// A map from the list of modes, one for each qubit; every mode must appear once.
    pub fn from_modes(modes: Vec<Mode>) -> Result<Self, ModelError> {
        let sites = modes.len() / 2;
        let mut seen = vec![false; modes.len()];
        for mode in &modes {
            match seen.get_mut(mode.index(sites)) {
                Some(slot) if mode.site < sites && !*slot => *slot = true,
                _ => return Err(ModelError::InvalidModeMap { sites }),
            }
        }
        if modes.len() % 2 == 1 {
            return Err(ModelError::InvalidModeMap { sites });
        }
        Ok(Self::with_positions(modes))
    }

    fn with_positions(modes: Vec<Mode>) -> Self {
        let sites = modes.len() / 2;
        let mut qubits = vec![0; modes.len()];
        for (qubit, mode) in modes.iter().enumerate() {
            qubits[mode.index(sites)] = qubit;
        }
        Self { modes, qubits }
    }

    /// The number of sites.
    pub fn num_sites(&self) -> usize {
        self.modes.len() / 2
    }

    /// The number of qubits, one for each mode.
    pub fn num_qubits(&self) -> usize {
        self.modes.len()
    }

    /// The modes, one for each qubit.
    pub fn modes(&self) -> &[Mode] {
        &self.modes
    }

    /// The position of the qubit that holds a mode.
    ///
    /// # Panics
    ///
    /// If the site of the mode is not on the lattice.
    pub fn position(&self, mode: Mode) -> usize {
        let sites = self.num_sites();
        assert!(
            mode.site < sites,
            "site {} is not on the lattice of {sites} sites",
            mode.site
        );
        self.qubits[mode.index(sites)]
    }

    /// The qubit that holds a mode.
    ///
    /// # Panics
    ///
    /// If the site of the mode is not on the lattice.
    pub fn qubit(&self, mode: Mode) -> Qubit {
        Qubit::new(self.position(mode))
    }

    /// Exchanges the modes of two qubits.
    pub(crate) fn swap(&mut self, a: usize, b: usize) {
        self.modes.swap(a, b);
        let sites = self.num_sites();
        for qubit in [a, b] {
            self.qubits[self.modes[qubit].index(sites)] = qubit;
        }
    }
}

/// The two modes of a site on the zig-zag line: even sites start with down, odd ones with up.
fn zigzag_pair(site: usize) -> [Mode; 2] {
    if site.is_multiple_of(2) {
        [Mode::down(site), Mode::up(site)]
    } else {
        [Mode::up(site), Mode::down(site)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_invert_the_list_of_modes() {
        for order in [Order::Blocked, Order::Interleaved, Order::ZigZag] {
            let map = ModeMap::new(order, 5);
            for (qubit, &mode) in map.modes().iter().enumerate() {
                assert_eq!(map.position(mode), qubit);
            }
        }
    }

    #[test]
    fn the_zig_zag_line_puts_one_spin_of_each_bond_side_by_side() {
        let map = ModeMap::new(Order::ZigZag, 6);
        for a in 0..5 {
            let spin = if a % 2 == 0 { Spin::Up } else { Spin::Down };
            let near = map
                .position(Mode { site: a, spin })
                .abs_diff(map.position(Mode { site: a + 1, spin }));
            assert_eq!(near, 1);
        }
    }

    #[test]
    fn maps_with_missing_or_double_modes_are_refused() {
        assert!(ModeMap::from_modes(vec![Mode::up(0), Mode::up(0)]).is_err());
        assert!(ModeMap::from_modes(vec![Mode::up(0)]).is_err());
        assert!(ModeMap::from_modes(vec![Mode::up(1), Mode::down(0)]).is_err());
        assert!(ModeMap::from_modes(vec![Mode::down(0), Mode::up(0)]).is_ok());
    }
}
