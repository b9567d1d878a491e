//! Windows of three qubits rewritten with fewer two-qubit gates, by numerical search.
//!
//! Routing brings the same three qubits together for a while: a gate, a swap beside it, the next gate. Two-qubit
//! resynthesis sees only pairs; this pass gathers runs on three qubits and lets
//! [`synthesis::network`](crate::synthesis) leave out gates. It is slow (milliseconds for every gate tried) and only
//! worth it where time was granted, so the number of fits is bounded; the longest windows come first.

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;
use rayon::prelude::*;

use crate::synthesis::euler::Euler;
use crate::synthesis::network::Network;
use crate::synthesis::two_qubit::{Step, with_cz};
use crate::synthesis::weyl::Weyl;
use crate::{Change, CompileError, Context, GateSet, Pass, Properties};

mod gather;

use gather::{Window, gather};

/// Fewest two-qubit gates in a window worth a search: fewer on three qubits are rarely too many.
const FEWEST: usize = 4;
/// Fits tried for each two-qubit gate of a window.
const FITS_PER_GATE: usize = 4;

/// Leaves out two-qubit gates of three-qubit windows where numerical search finds the same operator with fewer.
///
/// Only for targets whose two-qubit gate is equivalent to `cz`, and only with the standard gate set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortenWindows {
    /// Fits over all windows; each takes some milliseconds.
    pub fits: usize,
}

impl Pass for ShortenWindows {
    fn name(&self) -> &'static str {
        "shorten-windows"
    }

    fn invalidates(&self) -> Properties {
        Properties::BASIS | Properties::SCHEDULED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        if context.options.gate_set == GateSet::Fractional {
            return Ok(Change::Unchanged);
        }
        let windows = gather(circuit);
        let shorter = self.shorten(circuit, &windows, context);
        if shorter.iter().all(Option::is_none) {
            return Ok(Change::Unchanged);
        }
        *circuit = rewrite(circuit, &windows, &shorter)?;
        Ok(Change::Changed)
    }
}

impl ShortenWindows {
    /// A shorter network for each window that has one.
    fn shorten(
        &self,
        circuit: &Circuit,
        windows: &[Window],
        context: &Context<'_>,
    ) -> Vec<Option<Network>> {
        let mut order: Vec<usize> = (0..windows.len())
            .filter(|&index| windows[index].num_two_qubit >= FEWEST)
            .collect();
        order.sort_by_key(|&index| (usize::MAX - windows[index].num_two_qubit, index));
        let mut left = self.fits;
        let jobs: Vec<(usize, usize)> = order
            .into_iter()
            .map_while(|index| {
                let fits = left.min(FITS_PER_GATE * windows[index].num_two_qubit);
                left -= fits;
                (fits > 0).then_some((index, fits))
            })
            .collect();
        let found: Vec<(usize, Option<Network>)> = jobs
            .into_par_iter()
            .map(|(index, fits)| {
                let window = &windows[index];
                let shorter = network(circuit, window).and_then(|network| {
                    let random = &mut Pcg64Mcg::seed_from_u64(context.trial_seed(index));
                    network.shortened(fits, random)
                });
                let pays = |network: &Network| network.len() < window.num_two_qubit;
                (index, shorter.filter(pays))
            })
            .collect();
        let mut shorter: Vec<Option<Network>> = windows.iter().map(|_| None).collect();
        for (index, network) in found {
            shorter[index] = network;
        }
        shorter
    }
}

/// The window's instructions as a network; `None` where a matrix is missing.
fn network(circuit: &Circuit, window: &Window) -> Option<Network> {
    let mut out = Network::new();
    for &place in &window.members {
        let instruction = &circuit.instructions()[place];
        let wire = |qubit: Qubit| window.qubits.iter().position(|&q| q == qubit);
        match instruction.qubits[..] {
            [qubit] => out.push_local(wire(qubit)?, &instruction.operation.matrix1()?),
            [first, second] => {
                let pair = [wire(first)?, wire(second)?];
                let gate = with_cz(&Weyl::of(&instruction.operation.matrix2()?));
                out.add_phase(gate.phase);
                for step in &gate.steps {
                    match step {
                        Step::Local { qubit, matrix } => out.push_local(pair[*qubit], matrix),
                        Step::Entangle(_) => out.push_cz(pair),
                    }
                }
            }
            _ => return None,
        }
    }
    Some(out)
}

/// The circuit with the windows that have a shorter network replaced by it.
///
/// Every window, shortened or not, stands where its first instruction stood: between its members there is nothing that
/// one of them waits for, except for members of windows that stand before it.
fn rewrite(
    circuit: &Circuit,
    windows: &[Window],
    shorter: &[Option<Network>],
) -> Result<Circuit, CompileError> {
    let mut window_at: Vec<Option<usize>> = vec![None; circuit.len()];
    let mut is_member = vec![false; circuit.len()];
    for (index, window) in windows.iter().enumerate() {
        window_at[window.members[0]] = Some(index);
        for &place in &window.members {
            is_member[place] = true;
        }
    }
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    out.reserve(circuit.len());
    for (place, instruction) in circuit.instructions().iter().enumerate() {
        if let Some(index) = window_at[place] {
            let window = &windows[index];
            match &shorter[index] {
                Some(network) => write(network, &window.qubits, &mut out)?,
                None => keep(circuit, window, &mut out),
            }
        } else if !is_member[place] {
            out.push_valid(instruction.clone());
        }
    }
    Ok(out)
}

fn keep(circuit: &Circuit, window: &Window, out: &mut Circuit) {
    for &place in &window.members {
        out.push_valid(circuit.instructions()[place].clone());
    }
}

fn write(network: &Network, qubits: &[Qubit; 3], out: &mut Circuit) -> Result<(), CompileError> {
    let mut phase = network.phase();
    let mut local = |out: &mut Circuit, wire: usize, matrix| {
        let Euler {
            theta,
            phi,
            lambda,
            phase: extra,
        } = Euler::of(matrix);
        phase += extra;
        let operation = Operation::with_values(Gate::U, &[theta, phi, lambda])?;
        out.push_valid(Instruction {
            operation,
            qubits: [qubits[wire]].into_iter().collect(),
        });
        Ok::<_, CompileError>(())
    };
    for (wire, matrix) in network.first().iter().enumerate() {
        local(out, wire, matrix)?;
    }
    for (index, &pair) in network.pairs().iter().enumerate() {
        out.push_valid(Instruction {
            operation: Operation::Gate(Gate::CZ),
            qubits: pair.iter().map(|&wire| qubits[wire]).collect(),
        });
        for (&wire, matrix) in pair.iter().zip(network.after(index)) {
            local(out, wire, matrix)?;
        }
    }
    out.add_global_phase(phase);
    Ok(())
}

#[cfg(test)]
mod tests;
