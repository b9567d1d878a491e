//! Physical models for Ardea: from a Hamiltonian to circuits, and to the exact answers that those circuits must give.
#![forbid(unsafe_code)]

mod correlations;
mod error;
pub mod exact;
mod fermion;
mod hubbard;
mod lattice;
mod memory;
mod mode;
mod occupation;
mod score;
#[cfg(test)]
mod testing;
mod trotter;

pub use correlations::Correlations;
pub use error::ModelError;
pub use fermion::{FermionOperator, FermionTerm, Ladder, LadderAction};
pub use hubbard::FermiHubbard;
pub use lattice::{Bond, Lattice};
pub use mode::{Mode, ModeMap, Order, Spin};
pub use occupation::Occupation;
pub use score::{Score, root_mean_square_error};
pub use trotter::{Formula, Layer, Term, TimeGrid};
