//! The mirrored circuit on a line of qubits, without strings and without gates between distant
//! qubits.
//!
//! The modes start in the order dn0 up0 up1 dn1 dn2 up2 ...: both spins of a site are neighbours,
//! and on every bond so are the modes of one spin. Layer A hops on those bonds. Layer F applies the
//! interaction on each site and exchanges its two modes as fermions, which makes neighbours of the
//! other modes of every bond, for layer B. Since F undoes its own exchange, odd steps run B F A,
//! and the hop layers at the seams merge: for L sites and n steps, 3 L n + 2 (L - 1) (n + 1) cz at
//! two-qubit depth 3 n + 2 (n + 1).

use super::writer::GateWriter;
use super::{CircuitOptions, TrotterCircuit};
use crate::error::ModelError;
use crate::hubbard::FermiHubbard;
use crate::mode::{ModeMap, Order};
use crate::trotter::{Formula, Term, TimeGrid};

/// The circuit of [`Formula::Mirrored`] on a line of qubits; every two-qubit gate acts on
/// neighbours.
///
/// After an odd number of steps the two modes of each site have changed places, as the result's
/// `last` says.
///
/// ```
/// use ardea_models::{CircuitOptions, FermiHubbard, Mode, Occupation, Readout, Start, TimeGrid, mirrored_line_circuit};
///
/// let model = FermiHubbard::chain(60, 1.0, -2.0)?;
/// let options = CircuitOptions {
///     start: Start::Simplified(Occupation::neel(60)),
///     readout: Readout::Measured,
///     ..CircuitOptions::default()
/// };
/// let line = mirrored_line_circuit(&model, TimeGrid { dt: 0.2, steps: 1 }, &options)?;
/// assert_eq!(line.initial.position(Mode::down(0)), 0);
/// assert_eq!(line.last.position(Mode::down(0)), 1);
/// # Ok::<(), ardea_models::ModelError>(())
/// ```
pub fn mirrored_line_circuit(
    model: &FermiHubbard,
    grid: TimeGrid,
    options: &CircuitOptions,
) -> Result<TrotterCircuit, ModelError> {
    if !model.lattice().is_chain() {
        return Err(ModelError::NeedsChain {
            what: "the mirrored line circuit",
        });
    }
    let mut writer = GateWriter::new(ModeMap::new(Order::ZigZag, model.num_sites()), options)?;
    for layer in Formula::Mirrored.layers(model, grid)? {
        for term in layer.terms {
            let [a, b] = term.modes().map(|mode| writer.map.position(mode));
            assert_eq!(
                a.abs_diff(b),
                1,
                "the exchanges bring the modes of every term together"
            );
            match term {
                Term::Hop { .. } => writer.hop(a, b, -model.hopping() * layer.duration)?,
                Term::OnSite { .. } => {
                    writer.exchange(a, b, -model.interaction() * layer.duration)?
                }
            }
        }
    }
    writer.finish(options.readout)
}
