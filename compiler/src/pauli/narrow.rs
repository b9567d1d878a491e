//! Pauli operators on at most 64 qubits, and what a two-qubit Clifford gate does to them.

use ardea_circuit::Pauli;

use super::row::Row;

/// The most qubits a [`Narrow`] operator acts on.
pub(super) const MAX_QUBITS: usize = 64;

/// `i^phase X^x Z^z`, all X before all Z.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Narrow {
    pub(super) x: u64,
    pub(super) z: u64,
    /// Power of i, in 0..4.
    phase: u8,
}

impl Narrow {
    pub(super) const IDENTITY: Self = Self {
        x: 0,
        z: 0,
        phase: 0,
    };

    /// The operator of a row on at most 64 qubits.
    pub(super) fn of(row: &Row) -> Self {
        let (x, z) = row.narrow();
        Self::hermitian(x, z, row.is_negative())
    }

    /// Plus or minus the tensor product of X, Y and Z that the bits say.
    pub(super) fn hermitian(x: u64, z: u64, negative: bool) -> Self {
        Self {
            x,
            z,
            phase: (((x & z).count_ones() % 4) as u8 + 2 * u8::from(negative)) % 4,
        }
    }

    /// One Pauli on one qubit.
    pub(super) fn single(qubit: usize, pauli: Pauli) -> Self {
        let (x, z) = bits(pauli);
        Self::hermitian(x << qubit, z << qubit, false)
    }

    pub(super) fn support(&self) -> u64 {
        self.x | self.z
    }

    pub(super) fn is_negative(&self) -> bool {
        (u32::from(self.phase) + 4 - (self.x & self.z).count_ones() % 4) % 4 == 2
    }

    /// The operator on one qubit.
    pub(super) fn at(&self, qubit: usize) -> Pauli {
        match (self.x >> qubit & 1, self.z >> qubit & 1) {
            (0, 0) => Pauli::I,
            (1, 0) => Pauli::X,
            (0, _) => Pauli::Z,
            _ => Pauli::Y,
        }
    }

    pub(super) fn anticommutes(&self, other: &Self) -> bool {
        ((self.x & other.z) ^ (self.z & other.x)).count_ones() % 2 == 1
    }

    /// `self <- i^power * self`
    pub(super) fn turn_phase(&mut self, power: u8) {
        self.phase = (self.phase + power) % 4;
    }

    /// `self <- self * other`
    pub(super) fn multiply(&mut self, other: &Self) {
        let crossings = (self.z & other.x).count_ones();
        self.phase = (self.phase + other.phase + 2 * (crossings % 2) as u8) % 4;
        self.x ^= other.x;
        self.z ^= other.z;
    }

    /// `self <- R^-1 self R` for `R = exp(-i quarters (pi/4) axis)`.
    pub(super) fn conjugate_by_turn(&mut self, axis: &Self, quarters: u8) {
        if quarters == 0 || !self.anticommutes(axis) {
            return;
        }
        if quarters == 2 {
            self.phase = (self.phase + 2) % 4;
            return;
        }
        self.multiply(axis);
        self.phase = (self.phase + if quarters == 1 { 3 } else { 1 }) % 4;
    }

    /// `self <- G self G` for the entangling gate `G`; says whether anything changed.
    #[inline]
    pub(super) fn conjugate_by(&mut self, gate: &Entangle) -> bool {
        let (a, b) = (gate.first.meets(self), gate.second.meets(self));
        // G = (1 + A + B - A B) / 2: what anticommutes with A picks up B, and the other way round.
        if a {
            self.multiply(&gate.second.operator);
        }
        if b {
            self.multiply(&gate.first.operator);
        }
        // With both, `P B A = P A B` has the wrong sign.
        if a && b {
            self.phase = (self.phase + 2) % 4;
        }
        a || b
    }
}

/// The positions of the bits that are set, from the lowest.
pub(super) fn ones(mask: u64) -> impl Iterator<Item = usize> + Clone {
    let mut left = mask;
    std::iter::from_fn(move || {
        (left != 0).then(|| {
            let lowest = left.trailing_zeros() as usize;
            left &= left - 1;
            lowest
        })
    })
}

fn bits(pauli: Pauli) -> (u64, u64) {
    match pauli {
        Pauli::I => (0, 0),
        Pauli::X => (1, 0),
        Pauli::Y => (1, 1),
        Pauli::Z => (0, 1),
    }
}

/// `exp(i pi/4 (1 - A)(1 - B))` for one Pauli A on one qubit and B on another: `cz` for two Z, `cx` for Z and X, and
/// so on. Its own inverse.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) struct Entangle {
    pub(super) qubits: [usize; 2],
    pub(super) paulis: [Pauli; 2],
    first: Side,
    second: Side,
}

/// One of the two Paulis of an entangling gate.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Side {
    operator: Narrow,
}

impl Side {
    fn new(qubit: usize, pauli: Pauli) -> Self {
        Self {
            operator: Narrow::single(qubit, pauli),
        }
    }

    /// Whether an operator anticommutes with it: one bit decides.
    #[inline]
    fn meets(&self, other: &Narrow) -> bool {
        ((other.x & self.operator.z) != 0) != ((other.z & self.operator.x) != 0)
    }
}

impl Entangle {
    /// The gate with these two Paulis on these two qubits.
    pub(super) fn new(qubits: [usize; 2], paulis: [Pauli; 2]) -> Self {
        Self {
            qubits,
            paulis,
            first: Side::new(qubits[0], paulis[0]),
            second: Side::new(qubits[1], paulis[1]),
        }
    }

    /// The support of an operator after the gate, when the gate changes the operator.
    #[inline]
    pub(super) fn moved_support(&self, operator: &Narrow) -> Option<u64> {
        let (a, b) = (self.first.meets(operator), self.second.meets(operator));
        if !(a || b) {
            return None;
        }
        let (mut x, mut z) = (operator.x, operator.z);
        if a {
            x ^= self.second.operator.x;
            z ^= self.second.operator.z;
        }
        if b {
            x ^= self.first.operator.x;
            z ^= self.first.operator.z;
        }
        Some(x | z)
    }
}
