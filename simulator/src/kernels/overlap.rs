//! Overlaps of two tiles, resolved by the values of a few qubits.
//!
//! For states a (ket) and b (bra) and some qubits, the cross matrix is
//!
//! ```text
//! R[i][j] = sum over the values r of the other qubits of  a(i, r) conj(b(j, r))
//! ```
//!
//! so that `<b|G|a>` is the trace of G R for every G on those qubits: one pass over the tiles answers for all of them.
//! Where only diagonal G are asked for, the diagonal of R does, on any number of qubits.
//!
//! Lane targets work as in the dense kernel: the bra's vector is permuted by each mask m, and lane l of the sum of
//! a times conj(permuted b) belongs to the entry whose column differs from its row by m in the lane targets.

mod diagonal;

use num_complex::Complex64;

use super::dispatch::Width;
use super::groups::Groups;
use super::real::Real;
use super::simd::{Kernel, MAX_LANES, Simd};
use super::sweep::{Bits, Outside};
use super::tile::{Tile, TileLayout};
use diagonal::Diagonal;

/// Marks lanes that a control rules out.
const NONE: u32 = u32::MAX;

/// An overlap made ready for one layout and vector width.
#[derive(Debug)]
pub(crate) struct Overlap(Kind);

#[derive(Debug)]
enum Kind {
    Matrix(Cross),
    Diagonal(Diagonal),
}

impl Overlap {
    /// The cross matrix of `targets`, row-major, restricted to where the controls hold. Targets lie inside the tile.
    pub(crate) fn of_matrix(
        targets: &[u32],
        controls: &[(u32, bool)],
        layout: &TileLayout,
        lanes: usize,
    ) -> Self {
        Self(Kind::Matrix(Cross::prepare(
            targets, controls, layout, lanes,
        )))
    }

    /// The diagonal of the cross matrix of `qubits`, which may lie anywhere.
    pub(crate) fn of_diagonal(qubits: &[u32], layout: &TileLayout, lanes: usize) -> Self {
        Self(Kind::Diagonal(Diagonal::prepare(qubits, layout, lanes)))
    }

    /// Number of sums.
    pub(crate) fn len(&self) -> usize {
        match &self.0 {
            Kind::Matrix(cross) => cross.side * cross.side,
            Kind::Diagonal(diagonal) => diagonal.len,
        }
    }

    /// Adds what the tiles at `base` contribute to the sums.
    pub(super) fn add<T: Real>(
        &self,
        width: Width,
        ket: &Tile<T>,
        bra: &Tile<T>,
        base: usize,
        sums: &mut [Complex64],
    ) {
        assert!(sums.len() == self.len());
        match &self.0 {
            Kind::Matrix(cross) if cross.outside.holds(base) => cross.add(width, ket, bra, sums),
            Kind::Matrix(_) => {}
            Kind::Diagonal(diagonal) => diagonal.add(width, ket, bra, base, sums),
        }
    }
}

fn assert_size<T: Real>(tile: &Tile<T>, bits: u32) {
    assert!(tile.re.len() >= 1 << bits && tile.im.len() >= 1 << bits);
}

#[derive(Debug)]
struct Cross {
    outside: Outside,
    groups: Groups,
    bits: u32,
    side: usize,
    /// Vectors that belong together, relative to the first of a group.
    offsets: Vec<usize>,
    /// For each mask m: the source lanes of the permutation.
    permutations: Vec<[u8; MAX_LANES]>,
    /// For each vector of the ket, then for each vector and mask of the bra, and each lane: the matrix index.
    rows: Vec<u32>,
    columns: Vec<u32>,
    /// Whether all lanes of a vector have the same matrix index.
    uniform: bool,
    lanes: usize,
}

impl Cross {
    fn prepare(
        targets: &[u32],
        controls: &[(u32, bool)],
        layout: &TileLayout,
        lanes: usize,
    ) -> Self {
        assert!(!targets.is_empty());
        let bits = Bits::of(targets, controls, layout, lanes);
        let (high, masks) = (1usize << bits.high.len(), 1usize << bits.lane.len());
        let permutations: Vec<[u8; MAX_LANES]> =
            (0..masks).map(|mask| bits.xor_lanes(mask)).collect();
        let mut rows = Vec::with_capacity(high * lanes);
        let mut columns = Vec::with_capacity(high * masks * lanes);
        for vector in 0..high {
            rows.extend((0..lanes).map(|lane| {
                if bits.controlled(lane) {
                    bits.index(vector, lane) as u32
                } else {
                    NONE
                }
            }));
            for permutation in &permutations {
                columns.extend(
                    (0..lanes)
                        .map(|lane| bits.index(vector, usize::from(permutation[lane])) as u32),
                );
            }
        }
        Self {
            outside: bits.outside,
            groups: bits.groups(layout, lanes),
            bits: layout.bits,
            side: 1 << targets.len(),
            offsets: bits.offsets(),
            uniform: masks == 1 && bits.lane_controls.is_empty(),
            permutations,
            rows,
            columns,
            lanes,
        }
    }

    fn add<T: Real>(&self, width: Width, ket: &Tile<T>, bra: &Tile<T>, sums: &mut [Complex64]) {
        assert_size(ket, self.bits);
        assert_size(bra, self.bits);
        macro_rules! run {
            ($block:literal, $permuted:literal) => {
                T::dispatch(
                    width,
                    AddCross::<T, $block, $permuted> {
                        cross: self,
                        ket,
                        bra,
                        sums,
                    },
                )
            };
        }
        match (self.offsets.len(), self.permutations.len() > 1) {
            (1, _) => run!(1, true),
            (2, true) => run!(2, true),
            (2, false) => run!(2, false),
            (_, true) => run!(4, true),
            (_, false) => run!(4, false),
        }
    }

    /// Adds the lanes of one sum to the entries that they belong to.
    #[inline(always)] // part of the kernel
    fn distribute<T: Real>(
        &self,
        row: usize,
        column: usize,
        re: &[T],
        im: &[T],
        sums: &mut [Complex64],
    ) {
        let lanes = self.lanes;
        let rows = &self.rows[row * lanes..(row + 1) * lanes];
        let columns = &self.columns[column * lanes..(column + 1) * lanes];
        if self.uniform {
            let sum = |x: &[T]| x[..lanes].iter().map(|x| x.as_f64()).sum::<f64>();
            sums[rows[0] as usize * self.side + columns[0] as usize] +=
                Complex64::new(sum(re), sum(im));
            return;
        }
        for lane in 0..lanes {
            if rows[lane] != NONE {
                sums[rows[lane] as usize * self.side + columns[lane] as usize] +=
                    Complex64::new(re[lane].as_f64(), im[lane].as_f64());
            }
        }
    }
}

/// One kernel: `BLOCK` vectors of the ket against two of the bra at a time, so that each load serves several products.
struct AddCross<'a, T: Real, const BLOCK: usize, const PERMUTED: bool> {
    cross: &'a Cross,
    ket: &'a Tile<T>,
    bra: &'a Tile<T>,
    sums: &'a mut [Complex64],
}

impl<T: Real, const BLOCK: usize, const PERMUTED: bool> Kernel<T>
    for AddCross<'_, T, BLOCK, PERMUTED>
{
    type Output = ();

    #[inline(always)] // required by `Kernel`
    fn run<S: Simd<T>>(self, simd: S) {
        let Self {
            cross,
            ket,
            bra,
            sums,
        } = self;
        assert!(S::LANES == cross.lanes && S::LANES <= MAX_LANES);
        let (ar, ai) = (ket.re.as_ptr(), ket.im.as_ptr());
        let (br, bi) = (bra.re.as_ptr(), bra.im.as_ptr());
        let (rows, masks) = (cross.offsets.len(), cross.permutations.len());
        assert!(rows.is_multiple_of(BLOCK) && (rows * masks).is_multiple_of(2));
        let zero = simd.splat(T::ZERO);
        for row in (0..rows).step_by(BLOCK) {
            let ket_at: [usize; BLOCK] = std::array::from_fn(|r| cross.offsets[row + r]);
            for column in (0..rows * masks).step_by(2) {
                let bra_at: [usize; 2] =
                    std::array::from_fn(|c| cross.offsets[(column + c) / masks]);
                let lanes: [S::Lanes; 2] = std::array::from_fn(|c| {
                    simd.lanes(&cross.permutations[(column + c) % masks][..S::LANES])
                });
                let mut re = [[zero; 2]; BLOCK];
                let mut im = [[zero; 2]; BLOCK];
                for i in 0..cross.groups.count {
                    let start = cross.groups.start(i);
                    for vector in start..start + cross.groups.run {
                        // SAFETY: `Groups` and `Bits::offsets` stay below 2^bits / LANES vectors (each sets bits of
                        // the vector index that the other leaves 0), and both tiles have 2^bits numbers (`add`).
                        unsafe {
                            let mut xr = [zero; 2];
                            let mut xi = [zero; 2];
                            for c in 0..2 {
                                let at = (vector + bra_at[c]) * S::LANES;
                                (xr[c], xi[c]) = (simd.load(br.add(at)), simd.load(bi.add(at)));
                                if PERMUTED {
                                    xr[c] = simd.permute(xr[c], lanes[c]);
                                    xi[c] = simd.permute(xi[c], lanes[c]);
                                }
                            }
                            for r in 0..BLOCK {
                                let at = (vector + ket_at[r]) * S::LANES;
                                let (yr, yi) = (simd.load(ar.add(at)), simd.load(ai.add(at)));
                                for c in 0..2 {
                                    re[r][c] = simd.mul_add(yr, xr[c], re[r][c]);
                                    re[r][c] = simd.mul_add(yi, xi[c], re[r][c]);
                                    im[r][c] = simd.mul_add(yi, xr[c], im[r][c]);
                                    im[r][c] = simd.neg_mul_add(yr, xi[c], im[r][c]);
                                }
                            }
                        }
                    }
                }
                for r in 0..BLOCK {
                    for c in 0..2 {
                        let (x, y) = stored(simd, re[r][c], im[r][c]);
                        cross.distribute(row + r, column + c, &x, &y, sums);
                    }
                }
            }
        }
    }
}

#[inline(always)] // part of the kernels
fn stored<T: Real, S: Simd<T>>(
    simd: S,
    re: S::Vector,
    im: S::Vector,
) -> ([T; MAX_LANES], [T; MAX_LANES]) {
    let (mut x, mut y) = ([T::ZERO; MAX_LANES], [T::ZERO; MAX_LANES]);
    assert!(S::LANES <= MAX_LANES);
    // SAFETY: both arrays hold at least LANES numbers, as just asserted.
    unsafe {
        simd.store(x.as_mut_ptr(), re);
        simd.store(y.as_mut_ptr(), im);
    }
    (x, y)
}
