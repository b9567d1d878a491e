//! The diagonal of a cross matrix, on any number of qubits.
//!
//! For each value of the qubits above the lanes the products of both states are summed in one vector; its lanes then go
//! to the entries that they belong to. Qubits outside the tile choose a part of the entries.

use num_complex::Complex64;

use super::{assert_size, stored};
use crate::kernels::Real;
use crate::kernels::dispatch::Width;
use crate::kernels::groups::Groups;
use crate::kernels::simd::{Kernel, Simd};
use crate::kernels::tile::{Tile, TileLayout};

#[derive(Debug)]
pub(super) struct Diagonal {
    groups: Groups,
    bits: u32,
    pub(super) len: usize,
    /// For each value of the qubits above the lanes in the tile: the first vector, and the index it contributes.
    rows: Vec<(usize, usize)>,
    /// For each lane the index that it contributes.
    lane_index: Vec<usize>,
    /// For each qubit outside: its bit in the state's index, and in the sums' index.
    outside: Vec<(u32, usize)>,
    lanes: usize,
}

impl Diagonal {
    pub(super) fn prepare(qubits: &[u32], layout: &TileLayout, lanes: usize) -> Self {
        let lane_bits = lanes.trailing_zeros();
        let (mut lane, mut inside, mut outside) = (vec![], vec![], vec![]);
        for (bit, &qubit) in qubits.iter().enumerate() {
            match layout.position(qubit) {
                None => outside.push((qubit, bit)),
                Some(position) if position < lane_bits => lane.push((bit, position)),
                Some(position) => inside.push((bit, position - lane_bits)),
            }
        }
        let spread = |value: usize, list: &[(usize, u32)]| {
            list.iter()
                .enumerate()
                .fold((0usize, 0usize), |(at, index), (i, &(bit, position))| {
                    let on = value >> i & 1;
                    (at | on << position, index | on << bit)
                })
        };
        let zeros: Vec<u32> = inside.iter().map(|&(_, position)| position).collect();
        Self {
            groups: Groups::new(layout.bits - lane_bits, &zeros, &[]),
            bits: layout.bits,
            len: 1 << qubits.len(),
            rows: (0..1usize << inside.len())
                .map(|value| spread(value, &inside))
                .collect(),
            lane_index: (0..lanes)
                .map(|number| {
                    lane.iter().fold(0, |index, &(bit, position)| {
                        index | (number >> position & 1) << bit
                    })
                })
                .collect(),
            outside,
            lanes,
        }
    }

    pub(super) fn add<T: Real>(
        &self,
        width: Width,
        ket: &Tile<T>,
        bra: &Tile<T>,
        base: usize,
        sums: &mut [Complex64],
    ) {
        assert_size(ket, self.bits);
        assert_size(bra, self.bits);
        let part = self
            .outside
            .iter()
            .fold(0, |index, &(qubit, bit)| index | (base >> qubit & 1) << bit);
        T::dispatch(
            width,
            AddDiagonal {
                diagonal: self,
                ket,
                bra,
                part,
                sums,
            },
        );
    }
}

struct AddDiagonal<'a, T: Real> {
    diagonal: &'a Diagonal,
    ket: &'a Tile<T>,
    bra: &'a Tile<T>,
    /// What the qubits outside contribute to the index.
    part: usize,
    sums: &'a mut [Complex64],
}

impl<T: Real> Kernel<T> for AddDiagonal<'_, T> {
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            diagonal,
            ket,
            bra,
            part,
            sums,
        } = self;
        assert!(S::LANES == diagonal.lanes);
        let (ar, ai) = (ket.re.as_ptr(), ket.im.as_ptr());
        let (br, bi) = (bra.re.as_ptr(), bra.im.as_ptr());
        let zero = simd.splat(T::ZERO);
        for &(offset, row) in &diagonal.rows {
            let (mut re, mut im) = (zero, zero);
            for i in 0..diagonal.groups.count {
                let start = diagonal.groups.start(i) + offset;
                for vector in start..start + diagonal.groups.run {
                    let at = vector * S::LANES;
                    // SAFETY: as in `AddCross`.
                    unsafe {
                        let (yr, yi) = (simd.load(ar.add(at)), simd.load(ai.add(at)));
                        let (xr, xi) = (simd.load(br.add(at)), simd.load(bi.add(at)));
                        re = simd.mul_add(yr, xr, re);
                        re = simd.mul_add(yi, xi, re);
                        im = simd.mul_add(yi, xr, im);
                        im = simd.neg_mul_add(yr, xi, im);
                    }
                }
            }
            let (x, y) = stored(simd, re, im);
            for (lane, index) in diagonal.lane_index.iter().enumerate() {
                sums[part | row | index] += Complex64::new(x[lane].as_f64(), y[lane].as_f64());
            }
        }
    }
}
