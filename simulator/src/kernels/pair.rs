//! One sweep over two states at once: the reverse pass of the adjoint method.
//!
//! Every pair of tiles is gathered once; each step first adds to its overlaps and then applies its operation to both
//! tiles. The sums are made per task, and tasks are cut by the number of tiles only and added in order, so they do not
//! depend on the threads.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use num_complex::{Complex, Complex64};
use rayon::prelude::*;

use super::buffer::Shared;
use super::dispatch::Width;
use super::overlap::Overlap;
use super::per_thread::PerThread;
use super::real::Real;
use super::sweep::TileOperation;
use super::tile::{Gather, Scatter, Tile, TileLayout};
use crate::error::SimulatorError;

/// Most tasks, and with them sets of sums, of one sweep.
pub(crate) const MAX_TASKS: usize = 64;

/// What is done at one place of the reverse pass: overlaps are measured, then both states are changed.
pub(crate) struct PairStep<T: Real> {
    pub(crate) overlap: Option<Overlap>,
    pub(crate) operation: Option<TileOperation<T>>,
}

/// Steps that share a sweep.
pub(crate) struct PairSweep<T: Real> {
    pub(crate) layout: TileLayout,
    pub(crate) steps: Vec<PairStep<T>>,
}

impl<T: Real> PairSweep<T> {
    fn num_sums(&self) -> usize {
        self.steps
            .iter()
            .filter_map(|step| step.overlap.as_ref())
            .map(Overlap::len)
            .sum()
    }

    fn changes(&self) -> bool {
        self.steps.iter().any(|step| step.operation.is_some())
    }
}

/// The working memory of the threads: a tile of each state.
pub(crate) struct PairSweeper<T: Real> {
    width: Width,
    tiles: PerThread<(Tile<T>, Tile<T>)>,
}

impl<T: Real> PairSweeper<T> {
    /// Working memory for pairs of tiles of up to `2^bits` amplitudes, one where there is one pair, else as many as the
    /// current pool has threads.
    pub(crate) fn new(bits: u32, width: Width, pairs: usize) -> Result<Self, SimulatorError> {
        let bits = bits.max(width.lanes::<T>().trailing_zeros());
        let tiles = PerThread::new(pairs, || Ok((Tile::new(bits)?, Tile::new(bits)?)))?;
        Ok(Self { width, tiles })
    }

    /// Runs the sweep over both states and returns the sums of its overlaps, in the order of the steps; stops between
    /// tiles when `interrupt` is set.
    pub(crate) fn sweep(
        &self,
        ket: &mut [Complex<T>],
        bra: &mut [Complex<T>],
        sweep: &PairSweep<T>,
        interrupt: Option<&AtomicBool>,
    ) -> Result<Vec<Complex64>, SimulatorError> {
        let layout = &sweep.layout;
        let len = 1usize << layout.state_qubits;
        assert!(
            ket.len() == len && bra.len() == len,
            "the layout is of another state"
        );
        let (ket, bra) = (Shared(ket.as_mut_ptr()), Shared(bra.as_mut_ptr()));
        let (count, changes) = (sweep.num_sums(), sweep.changes());
        let tasks = layout.tiles(!0).min(MAX_TASKS);
        let share = layout.tiles(!0) / tasks; // both are powers of two
        let run = |task: usize| -> Result<Vec<Complex64>, SimulatorError> {
            let mut pair = self.tiles.own();
            let (ket_tile, bra_tile) = &mut *pair;
            let mut sums = vec![Complex64::ZERO; count];
            let tiles: Range<usize> = task * share..(task + 1) * share;
            for i in tiles {
                if interrupt.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                    return Err(SimulatorError::Interrupted);
                }
                let base = layout.base(i, !0);
                // SAFETY: both states have 2^state_qubits amplitudes, as asserted, and are borrowed exclusively until
                // the sweep ends; tiles are disjoint and each is visited by one task only.
                unsafe {
                    T::dispatch(
                        self.width,
                        Gather::new(layout, ket.get(), base, !0, ket_tile),
                    );
                    T::dispatch(
                        self.width,
                        Gather::new(layout, bra.get(), base, !0, bra_tile),
                    );
                }
                self.steps(sweep, ket_tile, bra_tile, base, &mut sums);
                if changes {
                    // SAFETY: as above.
                    unsafe {
                        T::dispatch(
                            self.width,
                            Scatter::new(layout, ket.get(), base, !0, ket_tile),
                        );
                        T::dispatch(
                            self.width,
                            Scatter::new(layout, bra.get(), base, !0, bra_tile),
                        );
                    }
                }
            }
            Ok(sums)
        };
        let parts: Vec<Vec<Complex64>> = if tasks == 1 || self.tiles.is_single() {
            (0..tasks).map(run).collect::<Result<_, _>>()?
        } else {
            (0..tasks)
                .into_par_iter()
                .map(run)
                .collect::<Result<_, _>>()?
        };
        let mut total = vec![Complex64::ZERO; count];
        for part in parts {
            total
                .iter_mut()
                .zip(part)
                .for_each(|(to, from)| *to += from);
        }
        Ok(total)
    }

    fn steps(
        &self,
        sweep: &PairSweep<T>,
        ket: &mut Tile<T>,
        bra: &mut Tile<T>,
        base: usize,
        sums: &mut [Complex64],
    ) {
        let mut rest = sums;
        for step in &sweep.steps {
            if let Some(overlap) = &step.overlap {
                let (own, others) = rest.split_at_mut(overlap.len());
                overlap.add(self.width, ket, bra, base, own);
                rest = others;
            }
            if let Some(operation) = &step.operation {
                for tile in [&mut *ket, &mut *bra] {
                    operation.apply(self.width, &mut tile.part(0, sweep.layout.bits()), base);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use crate::under_miri::sampled;

    fn random_state(qubits: u32, seed: u64) -> Vec<Complex64> {
        let random = Random::new(seed);
        (0..1u64 << qubits)
            .map(|i| Complex64::new(random.uniform(i, 0) - 0.5, random.uniform(i, 1) - 0.5))
            .collect()
    }

    fn pick(index: usize, qubits: &[u32]) -> usize {
        qubits
            .iter()
            .enumerate()
            .map(|(i, &q)| (index >> q & 1) << i)
            .sum()
    }

    /// The cross matrix, one pair of amplitudes at a time.
    fn expected(
        ket: &[Complex64],
        bra: &[Complex64],
        targets: &[u32],
        controls: &[(u32, bool)],
    ) -> Vec<Complex64> {
        let side = 1 << targets.len();
        let mask = targets.iter().fold(0usize, |mask, q| mask | 1 << q);
        let mut out = vec![Complex64::ZERO; side * side];
        for (i, a) in ket.iter().enumerate() {
            if controls.iter().any(|&(q, v)| (i >> q & 1 == 1) != v) {
                continue;
            }
            for j in 0..side {
                let other = targets
                    .iter()
                    .enumerate()
                    .fold(i & !mask, |index, (k, &q)| index | (j >> k & 1) << q);
                out[pick(i, targets) * side + j] += a * bra[other].conj();
            }
        }
        out
    }

    fn overlaps<T: Real>(
        overlap: impl Fn(&TileLayout, usize) -> Overlap,
        qubits: u32,
        inside: u64,
        width: Width,
    ) -> Vec<Complex64> {
        let narrow = |z: &Complex64| Complex::new(T::from_f64(z.re), T::from_f64(z.im));
        let mut ket: Vec<Complex<T>> = random_state(qubits, 1).iter().map(narrow).collect();
        let mut bra: Vec<Complex<T>> = random_state(qubits, 2).iter().map(narrow).collect();
        let lanes = width.lanes::<T>();
        let layout = TileLayout::new(qubits, inside, lanes);
        let steps = vec![PairStep {
            overlap: Some(overlap(&layout, lanes)),
            operation: None,
        }];
        let sweeper = PairSweeper::new(layout.bits, width, 4).unwrap();
        sweeper
            .sweep(&mut ket, &mut bra, &PairSweep { layout, steps }, None)
            .unwrap()
    }

    fn check(
        overlap: impl Fn(&TileLayout, usize) -> Overlap,
        expected: &[Complex64],
        qubits: u32,
        mixed: u64,
        what: &str,
    ) {
        for width in Width::available() {
            for inside in [(1 << qubits) - 1, 0b1111 | mixed] {
                let double = overlaps::<f64>(&overlap, qubits, inside, width);
                let single = overlaps::<f32>(&overlap, qubits, inside, width);
                for (found, tolerance) in [(double, 1e-12), (single, 2e-5)] {
                    assert_eq!(found.len(), expected.len());
                    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
                        assert!(
                            (found - expected).norm() < tolerance,
                            "{what}, {width}, tile {inside:b}, entry {i}: {found} instead of {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn cross_matrices_are_right_at_every_set_of_qubits() {
        let qubits = 7;
        let (ket, bra) = (random_state(qubits, 1), random_state(qubits, 2));
        for mask in sampled((1u64..1 << qubits).collect()) {
            let mut targets: Vec<u32> = (0..qubits).filter(|q| mask >> q & 1 == 1).collect();
            if targets.len() > 5 {
                continue;
            }
            if mask % 3 == 0 {
                targets.reverse();
            }
            let expected = expected(&ket, &bra, &targets, &[]);
            let make =
                |layout: &TileLayout, lanes| Overlap::of_matrix(&targets, &[], layout, lanes);
            check(make, &expected, qubits, mask, &format!("{targets:?}"));
        }
    }

    #[test]
    fn controls_restrict_a_cross_matrix_wherever_they_are() {
        let qubits = 7;
        let (ket, bra) = (random_state(qubits, 1), random_state(qubits, 2));
        let pairs =
            (0..qubits).flat_map(|target| (0..qubits).map(move |control| (target, control)));
        let pairs = pairs.filter(|(target, control)| target != control);
        for (target, control) in sampled(pairs.collect()) {
            let other = (0..qubits).find(|&q| q != target && q != control).unwrap();
            let controls = [(control, control % 2 == 0), (other, true)];
            let expected = expected(&ket, &bra, &[target], &controls);
            let make = |layout: &TileLayout, lanes| {
                Overlap::of_matrix(&[target], &controls, layout, lanes)
            };
            check(
                make,
                &expected,
                qubits,
                1 << target,
                &format!("{target} under {controls:?}"),
            );
        }
    }

    #[test]
    fn diagonals_of_cross_matrices_are_right_at_every_set_of_qubits() {
        let qubits = 7;
        let (ket, bra) = (random_state(qubits, 1), random_state(qubits, 2));
        for mask in sampled((0u64..1 << qubits).collect()) {
            let mut list: Vec<u32> = (0..qubits).filter(|q| mask >> q & 1 == 1).collect();
            if mask % 2 == 0 {
                list.reverse();
            }
            let mut expected = vec![Complex64::ZERO; 1 << list.len()];
            for (i, a) in ket.iter().enumerate() {
                expected[pick(i, &list)] += a * bra[i].conj();
            }
            let make = |layout: &TileLayout, lanes| Overlap::of_diagonal(&list, layout, lanes);
            check(make, &expected, qubits, 0, &format!("{list:?}"));
        }
    }
}
