//! The backward pass: all derivatives of an expectation value, by the adjoint method.
//!
//! For E = `<psi|O|psi>` and psi = U_n ... U_1 |0>, the derivative by an angle of U_k is twice the real part of
//! `<lambda_k| (dU_k) U_k† |psi_k>`, where psi_k is the state behind U_k and lambda_k is O psi taken back to the same
//! place. So one run forwards and one backwards, on two states, give all derivatives, whatever their number
//! (Jones and Gacon 2020, arXiv:2009.02823).
//!
//! Here the backward pass goes block by block and tile by tile. In each tile of both states a block first adds to its
//! cross matrix, which answers for every angle in the block ([`super::local`]), and is then undone by one matrix. A
//! gradient thus costs about four runs of the fused circuit, and as many sweeps through memory as a run on two states.

use num_complex::{Complex, Complex64};
use rayon::prelude::*;

use super::blocks::{Block, Kind, Run};
use super::leaves::Action;
use super::local::{Dressed, adjoint, contributions, matrix_of};
use super::{Family, Structure};
use crate::error::SimulatorError;
use crate::kernels::{
    Buffer, Overlap, PairStep, PairSweep, PairSweeper, Real, Shape, TileLayout, prepare,
};
use crate::operator::Operator;
use crate::state::StateVector;

/// Blocks that one task prepares or evaluates.
const SHARE: usize = 8;

/// The expectation value of `operator` in `state`, which the dressed circuit made, and the derivatives by all symbols.
pub(super) fn gradient<T: Real>(
    family: &Family,
    structure: &Structure,
    dressed: &Dressed<'_>,
    state: StateVector<T>,
    operator: &Operator,
) -> Result<(f64, Vec<f64>), SimulatorError> {
    let mut ket = state.into_amplitudes();
    let mut bra = Buffer::zeroed(ket.len(), "the adjoint state")?;
    let value = operator.apply(&ket, &mut bra).re;
    let reverse = Reverse {
        family,
        structure,
        dressed,
    };
    Ok((value, reverse.run(&mut ket, &mut bra)?))
}

struct Reverse<'a> {
    family: &'a Family,
    structure: &'a Structure,
    dressed: &'a Dressed<'a>,
}

impl Reverse<'_> {
    /// The derivatives by all symbols; the states are used up.
    fn run<T: Real>(
        &self,
        ket: &mut Buffer<Complex<T>>,
        bra: &mut Buffer<Complex<T>>,
    ) -> Result<Vec<f64>, SimulatorError> {
        let mut gradient = vec![0.0; self.family.symbols.len()];
        let runs = &self.structure.backwards;
        let largest = runs.iter().map(|run| run.inside.count_ones()).max();
        let tiles = if self.family.is_small() {
            2
        } else {
            usize::MAX
        };
        let sweeper = PairSweeper::<T>::new(largest.unwrap_or(0), self.family.width, tiles)?;
        for (number, run) in runs.iter().enumerate() {
            let sweep = self.prepare(run, number + 1 == runs.len())?;
            let interrupt = self.family.options.interrupt.as_deref();
            let sums = sweeper.sweep(ket, bra, &sweep, interrupt)?;
            self.collect(run, &sweep, &sums, &mut gradient);
            if let Some(progress) = &self.family.options.progress {
                progress.report((number + 1) as f64 / runs.len() as f64);
            }
        }
        Ok(gradient)
    }

    fn prepare<T: Real>(&self, run: &Run, last: bool) -> Result<PairSweep<T>, SimulatorError> {
        let lanes = self.family.width.lanes::<T>();
        let layout = TileLayout::new(self.family.qubits() as u32, run.inside, lanes);
        let blocks = &self.structure.blocks;
        // Nothing is asked behind the last overlap of all.
        let asked = run.blocks.iter().rposition(|&i| blocks[i].sloped);
        let step = |(place, &i): (usize, &usize)| -> Result<PairStep<T>, SimulatorError> {
            let undone = !last || asked.is_some_and(|asked| place < asked);
            Ok(PairStep {
                overlap: blocks[i]
                    .sloped
                    .then(|| self.overlap(&blocks[i], &layout, lanes)),
                operation: if undone {
                    let shape = adjoint(&matrix_of(&blocks[i], self.dressed));
                    Some(prepare(&shape, &layout, self.family.width)?)
                } else {
                    None
                },
            })
        };
        let steps = run
            .blocks
            .par_iter()
            .enumerate()
            .with_min_len(SHARE)
            .map(step)
            .collect::<Result<_, SimulatorError>>()?;
        Ok(PairSweep { layout, steps })
    }

    fn overlap(&self, block: &Block, layout: &TileLayout, lanes: usize) -> Overlap {
        match block.kind {
            Kind::Diagonal => Overlap::of_diagonal(&block.qubits(), layout, lanes),
            Kind::Matrix => Overlap::of_matrix(&block.qubits(), &[], layout, lanes),
            Kind::Wide => {
                let member = block.members[0];
                let controls = match &*self.dressed.actions[member] {
                    Action::Wide(Shape::Dense { controls, .. }) => controls.as_slice(),
                    _ => &[],
                };
                let targets = &self.dressed.leaves[member].qubits;
                Overlap::of_matrix(targets, controls, layout, lanes)
            }
        }
    }

    /// Adds what the sums of a sweep say about its angles.
    fn collect<T: Real>(
        &self,
        run: &Run,
        sweep: &PairSweep<T>,
        sums: &[Complex64],
        gradient: &mut [f64],
    ) {
        let mut jobs = Vec::new();
        let mut rest = sums;
        for (&i, step) in run.blocks.iter().zip(&sweep.steps) {
            if let Some(overlap) = &step.overlap {
                let (own, others) = rest.split_at(overlap.len());
                jobs.push((&self.structure.blocks[i], own));
                rest = others;
            }
        }
        // Each block's share by itself, added in order: the same on any number of threads.
        let shares: Vec<Vec<(usize, f64)>> = jobs
            .par_iter()
            .with_min_len(SHARE)
            .map(|(block, own)| contributions(block, self.dressed, own))
            .collect();
        for (symbol, share) in shares.into_iter().flatten() {
            gradient[symbol] += share;
        }
    }
}
