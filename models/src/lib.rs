//! Physical models for Ardea: from a Hamiltonian to circuits, and to the exact answers that those
//! circuits must give.
//!
//! The road has four stations. [`FermiHubbard`] is the model on a [`Lattice`]. [`Formula`] splits
//! its evolution into layers of terms. [`trotter_circuit`] and [`mirrored_line_circuit`] write the
//! layers as gates. [`exact`] applies the same layers, or the exact evolution, to a wave function
//! that the circuit's outcome can be compared with, as [`Correlations`] and a [`Score`].
//!
//! ```
//! use ardea_models::{FermiHubbard, Formula, Mode, Occupation, SectorState, TimeGrid};
//!
//! let model = FermiHubbard::chain(8, 1.0, -2.0)?;
//! let mut state = SectorState::new(&model, &Occupation::neel(8))?;
//! state.evolve_trotterised(Formula::Mirrored, TimeGrid { dt: 0.2, steps: 5 })?;
//! assert!((state.density(Mode::up(4))? - 0.619282).abs() < 1e-6);
//! # Ok::<(), ardea_models::ModelError>(())
//! ```

#![forbid(unsafe_code)]

mod circuits;
mod correlations;
mod error;
pub mod exact;
mod fermion;
mod hubbard;
mod jordan_wigner;
mod lattice;
mod memory;
mod mode;
pub mod observables;
mod occupation;
mod score;
#[cfg(test)]
mod testing;
mod trotter;

pub use circuits::{
    CircuitOptions, GateStyle, Readout, Start, TrotterCircuit, mirrored_line_circuit,
    trotter_circuit,
};
pub use correlations::Correlations;
pub use error::ModelError;
pub use exact::{FreeFermions, Sector, SectorState};
pub use fermion::{FermionOperator, FermionTerm, Ladder, LadderAction};
pub use hubbard::FermiHubbard;
pub use jordan_wigner::jordan_wigner;
pub use lattice::{Bond, Lattice};
pub use mode::{Mode, ModeMap, Order, Spin};
pub use occupation::Occupation;
pub use score::{Score, root_mean_square_error};
pub use trotter::{Formula, Layer, Term, TimeGrid};
