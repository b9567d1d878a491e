//! Expectation values with their gradients, by the adjoint method.
//!
//! For E = `<psi|O|psi>` and psi = U_n ... U_1 |0>, the derivative by an angle of U_k is twice the real part of
//! `<lambda_k| (dU_k) U_k† |psi_k>`, where psi_k is the state behind U_k and lambda_k is O psi taken back to the same
//! place. So one run forwards and one backwards, on two states, give all derivatives, whatever their number
//! (Jones and Gacon 2020, arXiv:2009.02823).
//!
//! Here the backward pass goes block by block and tile by tile. Gates are gathered in blocks of up to five qubits; in
//! each tile of both states a block first adds to its cross matrix, which answers for every angle in the block
//! ([`local`]), and is then undone by one matrix. A gradient thus costs about four runs of the fused circuit, and as
//! many sweeps through memory as a run on two states. Derivatives of gates come from their matrices ([`slope`]),
//! those of angles from their expressions ([`chain`]).

mod blocks;
mod chain;
mod leaves;
mod local;
mod slope;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ardea_circuit::{Bindings, Circuit, SparsePauliSum, Symbol};
use rayon::prelude::*;

use crate::engine::{active_qubits, check_unitary, statevector};
use crate::error::SimulatorError;
use crate::kernels::{
    Buffer, MAX_DENSE, Overlap, PairStep, PairSweep, PairSweeper, Real, TileLayout, Width, prepare,
};
use crate::memory;
use crate::operator::Operator;
use crate::options::SimOptions;
use crate::plan::Fusion;
use crate::pool;
use blocks::{Block, Kind, Run};
use leaves::Leaf;

/// Bytes beside the two states: sums of overlaps, tiles.
const WORKING: u64 = 64 << 20;

/// An expectation value and its derivatives.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// The expectation value.
    pub value: f64,
    /// Its derivative by each symbol of the circuit, sorted by name.
    pub derivatives: Vec<(Symbol, f64)>,
}

/// The expectation value of `operator` in the state that `circuit` makes, and its derivative by every symbol of the
/// circuit at the values in `bindings`.
///
/// The adjoint method (Jones and Gacon 2020, arXiv:2009.02823): the time is that of a few runs, whatever the number of
/// symbols, and the memory that of two states. A symbol may occur in any number of angles, linearly or within
/// functions.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use ardea_circuit::{Angle, Bindings, Circuit, SparsePauliSum, Symbol};
/// use ardea_simulator::{SimOptions, gradient};
///
/// let mut circuit = Circuit::new(1, 0);
/// circuit.rx(Angle::symbol("t") * 2.0, 0)?;
/// let z = SparsePauliSum::from_labels(&[("Z", 1.0)])?;
/// let at = Bindings::from([(Symbol::new("t"), Angle::from(0.3))]);
/// let found = gradient::<f64>(&circuit, &z, &at, &SimOptions::default())?;
/// assert!((found.value - 0.6f64.cos()).abs() < 1e-12);
/// assert!((found.derivatives[0].1 + 2.0 * 0.6f64.sin()).abs() < 1e-12);
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`statevector`]; also [`SimulatorError::BadArgument`] for an operator that is not Hermitian or too wide, for a
/// symbol without a number, or an angle without a finite derivative.
pub fn gradient<T: Real>(
    circuit: &Circuit,
    operator: &SparsePauliSum,
    bindings: &Bindings,
    options: &SimOptions,
) -> Result<Gradient, SimulatorError> {
    check_unitary(circuit, "a gradient")?;
    check_operator(circuit, operator)?;
    let bound = circuit.bind(bindings)?;
    let symbols: BTreeMap<Symbol, usize> = circuit
        .symbols()
        .into_iter()
        .enumerate()
        .map(|(number, symbol)| (symbol, number))
        .collect();
    let active = active_qubits(&bound, options)?;
    memory::check::<T>(active.qubits.len(), 2, WORKING, options.memory_cap)?;
    let work = || -> Result<Gradient, SimulatorError> {
        let psi = statevector::<T>(&bound, options)?;
        let width = options.width.unwrap_or_else(Width::detect);
        let observable = Operator::new(operator, &psi, width);
        let leaves = leaves::leaves(circuit, &active, bindings, &symbols)?;
        let mut ket = psi.into_amplitudes();
        let mut bra = Buffer::zeroed(ket.len(), "the adjoint state")?;
        let value = observable.apply(&ket, &mut bra).re;
        let widest = match options.fusion {
            Fusion::Off => 1,
            Fusion::UpTo(widest) => widest.clamp(1, MAX_DENSE),
            Fusion::Automatic => MAX_DENSE,
        };
        let reverse = Reverse {
            blocks: blocks::group(&leaves, widest),
            leaves,
            qubits: active.qubits.len() as u32,
            width,
            options,
        };
        let slopes = reverse.run(&mut ket, &mut bra, symbols.len())?;
        Ok(Gradient {
            value,
            derivatives: symbols.into_keys().zip(slopes).collect(),
        })
    };
    pool::run_on(options.threads, work)?
}

fn check_operator(circuit: &Circuit, operator: &SparsePauliSum) -> Result<(), SimulatorError> {
    let what = if operator.num_qubits() > circuit.num_qubits() {
        format!(
            "an operator on {} qubits does not act on a circuit of {}",
            operator.num_qubits(),
            circuit.num_qubits()
        )
    } else if !operator.is_hermitian() {
        "the operator is not Hermitian, so its expectation value is not a real function to differentiate; \
         take the gradients of its Hermitian parts"
            .to_owned()
    } else {
        return Ok(());
    };
    Err(SimulatorError::BadArgument { what })
}

/// The backward pass.
struct Reverse<'a> {
    leaves: Vec<Leaf>,
    blocks: Vec<Block>,
    qubits: u32,
    width: Width,
    options: &'a SimOptions,
}

impl Reverse<'_> {
    /// The derivatives by all symbols; the states are used up.
    fn run<T: Real>(
        &self,
        ket: &mut Buffer<num_complex::Complex<T>>,
        bra: &mut Buffer<num_complex::Complex<T>>,
        symbols: usize,
    ) -> Result<Vec<f64>, SimulatorError> {
        let mut gradient = vec![0.0; symbols];
        let runs = blocks::sweeps(&self.blocks, self.qubits);
        let largest = runs.iter().map(|run| run.inside.count_ones()).max();
        let sweeper = PairSweeper::<T>::new(largest.unwrap_or(0), self.width)?;
        for (number, run) in runs.iter().enumerate() {
            let last = number + 1 == runs.len();
            let sweep = self.prepare(run, last)?;
            let sums = sweeper.sweep(ket, bra, &sweep, self.options.interrupt.as_deref())?;
            self.collect(run, &sweep, &sums, &mut gradient);
            if let Some(progress) = &self.options.progress {
                progress.report((number + 1) as f64 / runs.len() as f64);
            }
        }
        Ok(gradient)
    }

    fn prepare<T: Real>(&self, run: &Run, last: bool) -> Result<PairSweep<T>, SimulatorError> {
        let lanes = self.width.lanes::<T>();
        let layout = TileLayout::new(self.qubits, run.inside, lanes);
        // Nothing is asked behind the last overlap of all.
        let asked = run.blocks.iter().rposition(|&i| self.blocks[i].sloped);
        let steps = run
            .blocks
            .par_iter()
            .enumerate()
            .map(|(place, &i)| {
                let block = &self.blocks[i];
                let undone = !last || asked.is_some_and(|asked| place < asked);
                Ok(PairStep {
                    overlap: block.sloped.then(|| self.overlap(block, &layout, lanes)),
                    operation: if undone {
                        let shape = local::undo(block, &self.leaves);
                        Some(prepare(&shape, &layout, self.width)?)
                    } else {
                        None
                    },
                })
            })
            .collect::<Result<_, SimulatorError>>()?;
        Ok(PairSweep { layout, steps })
    }

    fn overlap(&self, block: &Block, layout: &TileLayout, lanes: usize) -> Overlap {
        match block.kind {
            Kind::Diagonal => Overlap::of_diagonal(&block.qubits(), layout, lanes),
            Kind::Matrix => Overlap::of_matrix(&block.qubits(), &[], layout, lanes),
            Kind::Wide => {
                let leaf = &self.leaves[block.members[0]];
                let controls = match &leaf.action {
                    leaves::Action::Wide(crate::kernels::Shape::Dense { controls, .. }) => {
                        controls.as_slice()
                    }
                    _ => &[],
                };
                Overlap::of_matrix(&leaf.qubits, controls, layout, lanes)
            }
        }
    }

    /// Adds what the sums of a sweep say about its angles.
    fn collect<T: Real>(
        &self,
        run: &Run,
        sweep: &PairSweep<T>,
        sums: &[num_complex::Complex64],
        gradient: &mut [f64],
    ) {
        let mut jobs = Vec::new();
        let mut rest = sums;
        for (&i, step) in run.blocks.iter().zip(&sweep.steps) {
            if let Some(overlap) = &step.overlap {
                let (own, others) = rest.split_at(overlap.len());
                jobs.push((&self.blocks[i], own));
                rest = others;
            }
        }
        // Each block's share by itself, added in order: the same on any number of threads.
        let shares: Vec<Vec<(usize, f64)>> = jobs
            .par_iter()
            .map(|(block, own)| local::contributions(block, &self.leaves, own))
            .collect();
        for (symbol, share) in shares.into_iter().flatten() {
            gradient[symbol] += share;
        }
    }
}
