//! The plain Jordan-Wigner circuit: every mode stays on its qubit.
//!
//! A hop between modes that are not neighbours in the order carries a string of z over the modes
//! between, which cz gates wrap around the hop between the two ends: cz(m, b) turns x_b into z_m
//! x_b.

use std::f64::consts::PI;

use super::writer::GateWriter;
use super::{CircuitOptions, TrotterCircuit};
use crate::error::ModelError;
use crate::hubbard::FermiHubbard;
use crate::mode::{ModeMap, Order};
use crate::trotter::{Formula, Term, TimeGrid};

/// The circuit of a product formula with the modes in a fixed order.
///
/// ```
/// use ardea_models::{CircuitOptions, FermiHubbard, Formula, Order, TimeGrid, trotter_circuit};
///
/// let model = FermiHubbard::chain(4, 1.0, -2.0)?;
/// let grid = TimeGrid { dt: 0.2, steps: 3 };
/// let plain = trotter_circuit(&model, Formula::FirstOrder, grid, Order::Blocked, &CircuitOptions::default())?;
/// assert_eq!(plain.circuit.count_ops()["xx_plus_yy"], 3 * 2 * 3);
/// # Ok::<(), ardea_models::ModelError>(())
/// ```
pub fn trotter_circuit(
    model: &FermiHubbard,
    formula: Formula,
    grid: TimeGrid,
    order: Order,
    options: &CircuitOptions,
) -> Result<TrotterCircuit, ModelError> {
    let mut writer = GateWriter::new(ModeMap::new(order, model.num_sites()), options)?;
    for layer in formula.layers(model, grid)? {
        for term in layer.terms {
            let [a, b] = term.modes().map(|mode| writer.map.position(mode));
            match term {
                Term::Hop { .. } => {
                    hop_over_strings(&mut writer, a, b, -model.hopping() * layer.duration)?
                }
                Term::OnSite { .. } => writer.phase(a, b, -model.interaction() * layer.duration)?,
            }
        }
    }
    writer.finish(options.readout)
}

fn hop_over_strings(
    writer: &mut GateWriter,
    a: usize,
    b: usize,
    angle: f64,
) -> Result<(), ModelError> {
    let between = a.min(b) + 1..a.max(b);
    between
        .clone()
        .try_for_each(|middle| writer.phase(middle, b, PI))?;
    writer.hop(a, b, angle)?;
    between
        .rev()
        .try_for_each(|middle| writer.phase(middle, b, PI))
}
