//! The facts about a circuit that passes depend on, as a small bit set.

use std::fmt;
use std::ops::BitOr;

/// A set of facts that hold for a circuit.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Properties(u8);

impl Properties {
    /// The empty set.
    pub const NONE: Self = Self(0);
    /// No unitary operation acts on more than two qubits (barriers aside), control-flow bodies included.
    pub const MAX_TWO_QUBIT: Self = Self(1);
    /// Qubits are the device's own: as many as the target has, and [`Context::layout`](crate::Context::layout) is set.
    pub const MAPPED: Self = Self(1 << 1);
    /// Every two-qubit operation acts on a live coupled pair of the device.
    pub const ROUTED: Self = Self(1 << 2);
    /// Only instructions of the target's gate set remain.
    pub const BASIS: Self = Self(1 << 3);
    /// Idle time is explicit: every gap is a delay.
    pub const SCHEDULED: Self = Self(1 << 4);

    const NAMES: [(Self, &'static str); 5] = [
        (Self::MAX_TWO_QUBIT, "max-two-qubit"),
        (Self::MAPPED, "mapped"),
        (Self::ROUTED, "routed"),
        (Self::BASIS, "basis"),
        (Self::SCHEDULED, "scheduled"),
    ];

    /// Whether every fact of `other` is in this set.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The facts of either set.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The facts of this set that are not in `other`.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether no fact is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Properties {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

impl fmt::Display for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Self::NAMES
            .iter()
            .filter(|(fact, _)| self.contains(*fact))
            .map(|(_, name)| *name)
            .collect();
        f.write_str(if names.is_empty() { "nothing" } else { "" })?;
        f.write_str(&names.join(" + "))
    }
}

impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Properties({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::Properties;

    #[test]
    fn sets_add_and_remove_facts() {
        let both = Properties::MAPPED | Properties::ROUTED;
        assert!(both.contains(Properties::ROUTED));
        assert!(!both.without(Properties::ROUTED).contains(both));
        assert_eq!(both.to_string(), "mapped + routed");
        assert_eq!(Properties::NONE.to_string(), "nothing");
    }
}
