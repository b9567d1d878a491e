//! 8x8 complex matrices as plain arrays of numbers, in loops over eight entries that compilers turn into vector code.

use num_complex::Complex64 as C64;

use super::WIRES;

/// Rows and columns.
pub(crate) const SIZE: usize = 1 << WIRES;

/// A 2x2 matrix by rows.
pub(crate) type Local = [[C64; 2]; 2];

type Rows = [[f64; SIZE]; SIZE];

/// An operator on three wires by rows, wire 0 the least significant bit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Operator {
    pub(crate) re: Rows,
    pub(crate) im: Rows,
}

impl Operator {
    const ZERO: Self = Self {
        re: [[0.0; SIZE]; SIZE],
        im: [[0.0; SIZE]; SIZE],
    };

    /// A multiple of the identity.
    #[inline(always)]
    pub(crate) fn scalar(value: C64) -> Self {
        let mut out = Self::ZERO;
        for index in 0..SIZE {
            out.re[index][index] = value.re;
            out.im[index][index] = value.im;
        }
        out
    }

    /// The entry in a row and column.
    pub(crate) fn entry(&self, row: usize, column: usize) -> C64 {
        C64::new(self.re[row][column], self.im[row][column])
    }

    /// Complex conjugate, not transposed.
    #[inline(always)]
    pub(crate) fn conjugate(mut self) -> Self {
        for entry in self.im.as_flattened_mut() {
            *entry = -*entry;
        }
        self
    }

    pub(crate) fn transposed(&self) -> Self {
        let mut out = Self::ZERO;
        for row in 0..SIZE {
            for column in 0..SIZE {
                out.re[column][row] = self.re[row][column];
                out.im[column][row] = self.im[row][column];
            }
        }
        out
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut out = Self::ZERO;
        for row in 0..SIZE {
            for inner in 0..SIZE {
                let factor = self.entry(row, inner);
                for column in 0..SIZE {
                    let (re, im) = (other.re[inner][column], other.im[inner][column]);
                    out.re[row][column] += factor.re * re - factor.im * im;
                    out.im[row][column] += factor.re * im + factor.im * re;
                }
            }
        }
        out
    }

    /// The largest difference between entries.
    pub(crate) fn distance(&self, other: &Self) -> f64 {
        let places = (0..SIZE * SIZE).map(|place| (place / SIZE, place % SIZE));
        places
            .map(|(row, column)| (self.entry(row, column) - other.entry(row, column)).norm())
            .fold(0.0, f64::max)
    }

    /// `tr(self^dagger other)`.
    #[inline(always)]
    pub(crate) fn inner(&self, other: &Self) -> C64 {
        let (mut re, mut im) = ([0.0; SIZE], [0.0; SIZE]);
        for row in 0..SIZE {
            for lane in 0..SIZE {
                let (a, b) = (self.re[row][lane], self.im[row][lane]);
                let (c, d) = (other.re[row][lane], other.im[row][lane]);
                re[lane] += a * c + b * d;
                im[lane] += a * d - b * c;
            }
        }
        C64::new(re.iter().sum(), im.iter().sum())
    }

    /// Multiplies from the left with a gate on one wire.
    #[inline(always)]
    pub(crate) fn apply(&mut self, wire: usize, gate: &Local) {
        let bit = 1 << wire;
        let [[a, b], [c, d]] = *gate;
        for half in 0..SIZE / 2 {
            // A zero is put in at the wire's place among the other bits.
            let low = ((half >> wire) << (wire + 1)) | (half & (bit - 1));
            let high = low | bit;
            let (x_re, x_im) = (self.re[low], self.im[low]);
            let (y_re, y_im) = (self.re[high], self.im[high]);
            for lane in 0..SIZE {
                self.re[low][lane] =
                    a.re * x_re[lane] - a.im * x_im[lane] + b.re * y_re[lane] - b.im * y_im[lane];
                self.im[low][lane] =
                    a.re * x_im[lane] + a.im * x_re[lane] + b.re * y_im[lane] + b.im * y_re[lane];
                self.re[high][lane] =
                    c.re * x_re[lane] - c.im * x_im[lane] + d.re * y_re[lane] - d.im * y_im[lane];
                self.im[high][lane] =
                    c.re * x_im[lane] + c.im * x_re[lane] + d.re * y_im[lane] + d.im * y_re[lane];
            }
        }
    }

    /// Multiplies from the left with a `cz`.
    #[inline(always)]
    pub(crate) fn apply_cz(&mut self, [a, b]: [usize; 2]) {
        let both = (1 << a) | (1 << b);
        for row in 0..SIZE {
            if row & both == both {
                for lane in 0..SIZE {
                    self.re[row][lane] = -self.re[row][lane];
                    self.im[row][lane] = -self.im[row][lane];
                }
            }
        }
    }

    /// What a gate on one wire sees between `self` and the transpose of what comes after: with `T = other^t`,
    /// `out[a][b]` is the sum of `(self T)[(b, rest), (a, rest)]` over the other wires' bits.
    #[inline(always)]
    pub(crate) fn seen_by(&self, wire: usize, other: &Self) -> Local {
        let bit = 1 << wire;
        let mut out = [[C64::new(0.0, 0.0); 2]; 2];
        for (a, row) in out.iter_mut().enumerate() {
            for (b, entry) in row.iter_mut().enumerate() {
                let (mut re, mut im) = ([0.0; SIZE], [0.0; SIZE]);
                for half in 0..SIZE / 2 {
                    let low = ((half >> wire) << (wire + 1)) | (half & (bit - 1));
                    let (from, to) = (low | (b * bit), low | (a * bit));
                    for lane in 0..SIZE {
                        let (p, q) = (self.re[from][lane], self.im[from][lane]);
                        let (r, s) = (other.re[to][lane], other.im[to][lane]);
                        re[lane] += p * r - q * s;
                        im[lane] += p * s + q * r;
                    }
                }
                *entry = C64::new(re.iter().sum(), im.iter().sum());
            }
        }
        out
    }
}
