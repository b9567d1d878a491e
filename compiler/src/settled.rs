//! Blocks that cannot be written better, so that equal ones are not worked out again.
//!
//! A routed circuit holds the same block a thousand times (a swap on its own, say), and a loop to a fixed point meets
//! every block again in every round. A block is remembered by a hash of all that its rewriting depends on and nothing
//! else: if two different blocks ever met in one hash, the second would be left as it is, which is not wrong.

use std::hash::{Hash, Hasher};

use ardea_circuit::Operation;
use rustc_hash::{FxHashSet, FxHasher};

/// The blocks that were found to need what they have.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settled(FxHashSet<u64>);

impl Settled {
    pub(crate) fn contains(&self, mark: Mark) -> bool {
        self.0.contains(&mark.0)
    }

    pub(crate) fn insert(&mut self, mark: Mark) {
        self.0.insert(mark.0);
    }
}

/// What a block is remembered by.
#[derive(Clone, Copy)]
pub(crate) struct Mark(u64);

/// Makes a mark from all that a rewriting depends on.
#[derive(Default)]
pub(crate) struct Marker(FxHasher);

impl Marker {
    pub(crate) fn add(&mut self, fact: impl Hash) {
        fact.hash(&mut self.0);
    }

    /// None for operations of a kind that is seldom repeated, such as calls of user-defined gates.
    pub(crate) fn add_operation(&mut self, operation: &Operation) -> Option<()> {
        match operation {
            Operation::Gate(gate) => self.add(gate),
            Operation::Rotation(gate, angle) => self.add((gate, angle.to_bits())),
            Operation::Parametric(gate, angles) => {
                self.add(gate);
                for angle in angles.iter() {
                    self.add(angle.value()?.to_bits());
                }
            }
            Operation::Unitary(gate) => {
                for entry in gate.matrix().iter() {
                    self.add((entry.re.to_bits(), entry.im.to_bits()));
                }
            }
            _ => return None,
        }
        Some(())
    }

    pub(crate) fn mark(self) -> Mark {
        Mark(self.0.finish())
    }
}
