//! Which vectors of a tile a matrix mixes with which, and by what numbers.
//!
//! Targets above the lanes select among 2^h vectors (rows); targets inside a vector select lanes. Write a lane
//! target's source as its own value XOR a mask m: then for output vector r
//!
//! ```text
//! out[r] = sum over c, m of  A[r][c][m] * permute(in[c], lane XOR m)
//! ```
//!
//! where A[r][c][m] is a vector of matrix entries, one per lane. Rows that never mix fall into pieces of their own: a
//! hop of a fermion touches two rows of four, a control half of all, an identity none. Terms that are zero in every
//! lane are dropped. Where each term is real or imaginary as a whole, the parts of the amplitudes do not mix either
//! (up to which part goes where), and a piece costs half the multiplications: so with real rotations, X rotations
//! and hops, and with products of these.

use num_complex::Complex64;

use super::buffer::Buffer;
use super::real::Real;
use super::sweep::Bits;
use crate::error::SimulatorError;

/// Rows that a piece may have; other numbers are reached by joining pieces.
const SIZES: [usize; 8] = [1, 2, 3, 4, 6, 8, 16, 32];

/// Rows whose sums are kept in registers at one time.
pub(super) const BLOCK: usize = 8;

/// One input of a piece: a vector, permuted, with its parts in one order or the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Vector, relative to the first of a group.
    pub(super) offset: usize,
    /// Which permutation of the lanes.
    pub(super) mask: usize,
    /// Whether the imaginary part is its first part.
    pub(super) crossed: bool,
}

/// Rows that mix with each other and with no others.
#[derive(Debug)]
pub(super) struct Piece<T> {
    /// Vectors, relative to the first of a group, and whether their first part is the imaginary one.
    pub(super) rows: Vec<(usize, bool)>,
    pub(super) columns: Vec<Column>,
    /// Numbers in the order in which the kernel reads them (blocks of rows, columns, rows): of each term real part,
    /// imaginary part and their sum, or the factors of the first and of the second part where those do not mix.
    pub(super) entries: Buffer<T>,
    /// Whether first and second parts do not mix.
    pub(super) apart: bool,
    /// Whether an entry is one number for all lanes.
    pub(super) splat: bool,
}

impl<T> Piece<T> {
    /// Numbers of a term.
    pub(super) fn parts(&self) -> usize {
        numbers(self.apart)
    }
}

fn numbers(apart: bool) -> usize {
    if apart { 2 } else { 3 }
}

/// The pieces of a matrix; none where it is the identity.
pub(super) fn pieces<T: Real>(
    bits: &Bits,
    targets: usize,
    matrix: &[Complex64],
    lanes: usize,
) -> Result<Vec<Piece<T>>, SimulatorError> {
    let terms = Terms::of(bits, targets, matrix, lanes);
    let offsets = bits.offsets();
    terms
        .components()
        .into_iter()
        .filter(|rows| !terms.is_identity(rows))
        .map(|rows| piece(&terms, &rows, &offsets))
        .collect()
}

/// All terms A[r][c][m], each a vector of one entry per lane.
struct Terms {
    rows: usize,
    masks: usize,
    lanes: usize,
    entries: Vec<Complex64>,
}

impl Terms {
    fn of(bits: &Bits, targets: usize, matrix: &[Complex64], lanes: usize) -> Self {
        let (rows, masks) = (1usize << bits.high.len(), 1usize << bits.lane.len());
        let plain = masks == 1 && bits.lane_controls.is_empty();
        let lanes = if plain { 1 } else { lanes };
        let mut entries = Vec::with_capacity(rows * rows * masks * lanes);
        for row in 0..rows {
            for column in 0..rows {
                for mask in 0..masks {
                    entries.extend(
                        (0..lanes).map(|lane| bits.entry(matrix, targets, row, column, mask, lane)),
                    );
                }
            }
        }
        Self {
            rows,
            masks,
            lanes,
            entries,
        }
    }

    fn term(&self, row: usize, column: usize, mask: usize) -> &[Complex64] {
        let start = ((row * self.rows + column) * self.masks + mask) * self.lanes;
        &self.entries[start..start + self.lanes]
    }

    fn is_zero(&self, row: usize, column: usize, mask: usize) -> bool {
        self.term(row, column, mask)
            .iter()
            .all(|&entry| entry == Complex64::ZERO)
    }

    /// The term's kind: `Some(false)` real, `Some(true)` imaginary, in all lanes.
    fn imaginary(&self, row: usize, column: usize, mask: usize) -> Option<bool> {
        let term = self.term(row, column, mask);
        if term.iter().all(|entry| entry.im == 0.0) {
            Some(false)
        } else if term.iter().all(|entry| entry.re == 0.0) {
            Some(true)
        } else {
            None
        }
    }

    /// Whether a single row stays as it is.
    fn is_identity(&self, rows: &[usize]) -> bool {
        let &[row] = rows else { return false };
        self.term(row, row, 0)
            .iter()
            .all(|&entry| entry == Complex64::ONE)
            && (1..self.masks).all(|mask| self.is_zero(row, row, mask))
    }

    /// Rows that mix, in groups whose sizes the kernels know.
    fn components(&self) -> Vec<Vec<usize>> {
        let mut label: Vec<usize> = (0..self.rows).collect();
        for row in 0..self.rows {
            for column in 0..self.rows {
                if label[row] != label[column]
                    && (0..self.masks).any(|mask| !self.is_zero(row, column, mask))
                {
                    let (old, new) = (label[row].max(label[column]), label[row].min(label[column]));
                    label
                        .iter_mut()
                        .filter(|label| **label == old)
                        .for_each(|label| *label = new);
                }
            }
        }
        let mut components: Vec<Vec<usize>> = (0..self.rows)
            .map(|first| (0..self.rows).filter(|&row| label[row] == first).collect())
            .filter(|rows: &Vec<usize>| !rows.is_empty())
            .collect();
        components.sort_by_key(|rows| std::cmp::Reverse(rows.len()));
        let mut known = Vec::new();
        while !components.is_empty() {
            let mut rows = components.remove(0);
            while !SIZES.contains(&rows.len()) {
                // All rows together are a power of two, so there is another component to join.
                let missing = SIZES.iter().find(|&&size| size > rows.len());
                let fits = |other: &Vec<usize>| Some(rows.len() + other.len()) <= missing.copied();
                let other = components.iter().position(fits).unwrap_or(0);
                rows.extend(components.remove(other));
            }
            rows.sort_unstable();
            known.push(rows);
        }
        known
    }

    /// Whether the first part of each row, and of each permuted input, is the imaginary one, so that first parts mix
    /// with first parts only; `None` where they do not come apart.
    ///
    /// A real term asks that row, column and mask cross an even number of times, an imaginary one an odd number: a
    /// linear system over two elements.
    fn crossings(&self, rows: &[usize]) -> Option<Parities> {
        let mut system = Parities {
            equations: [(0, false); 64],
            solution: 0,
        };
        system.require(1 << MASKS, false);
        for &row in rows {
            for &column in rows {
                for mask in 0..self.masks {
                    if !self.is_zero(row, column, mask) {
                        let imaginary = self.imaginary(row, column, mask)?;
                        let unknowns = (1u64 << row) ^ (1 << column) ^ (1 << (MASKS + mask));
                        if !system.require(unknowns, imaginary) {
                            return None;
                        }
                    }
                }
            }
        }
        system.solve();
        Some(system)
    }
}

/// Unknown of the first mask; the rows are the unknowns before it.
const MASKS: usize = 32;

/// Equations over two elements, each with a leading unknown of its own.
struct Parities {
    /// Unknowns of the equation, and its value, by leading unknown.
    equations: [(u64, bool); 64],
    solution: u64,
}

impl Parities {
    /// Adds an equation; false where it contradicts the others.
    fn require(&mut self, mut unknowns: u64, mut value: bool) -> bool {
        while unknowns != 0 {
            let leading = unknowns.ilog2() as usize;
            let (known, parity) = self.equations[leading];
            if known == 0 {
                self.equations[leading] = (unknowns, value);
                return true;
            }
            unknowns ^= known;
            value ^= parity;
        }
        !value
    }

    /// Gives free unknowns the value 0 and the others what follows.
    fn solve(&mut self) {
        for (leading, &(unknowns, value)) in self.equations.iter().enumerate() {
            let below = unknowns & !(1 << leading) & self.solution;
            if unknowns != 0 && (below.count_ones() % 2 == 1) != value {
                self.solution |= 1 << leading;
            }
        }
    }

    fn row(&self, row: usize) -> bool {
        self.solution >> row & 1 == 1
    }

    fn mask(&self, mask: usize) -> bool {
        self.solution >> (MASKS + mask) & 1 == 1
    }
}

fn piece<T: Real>(
    terms: &Terms,
    rows: &[usize],
    offsets: &[usize],
) -> Result<Piece<T>, SimulatorError> {
    let crossings = terms.crossings(rows);
    let crossed_row = |row| crossings.as_ref().is_some_and(|known| known.row(row));
    let mut inputs = vec![];
    for &column in rows {
        for mask in 0..terms.masks {
            if rows.iter().any(|&row| !terms.is_zero(row, column, mask)) {
                inputs.push((column, mask));
            }
        }
    }
    let constant = |term: &[Complex64]| term.iter().all(|&entry| entry == term[0]);
    let splat = inputs.iter().all(|&(column, mask)| {
        mask == 0
            && rows
                .iter()
                .all(|&row| constant(terms.term(row, column, mask)))
    });
    let width = if splat { 1 } else { terms.lanes };
    let columns: Vec<Column> = inputs
        .iter()
        .map(|&(column, mask)| Column {
            offset: offsets[column],
            mask,
            crossed: crossings
                .as_ref()
                .is_some_and(|known| known.row(column) ^ known.mask(mask)),
        })
        .collect();
    let parts = numbers(crossings.is_some());
    let mut entries = Buffer::zeroed(
        rows.len() * columns.len() * parts * width,
        "the entries of a matrix",
    )?;
    let mut next = 0;
    for block in rows.chunks(BLOCK) {
        for (&(column, mask), input) in inputs.iter().zip(&columns) {
            for &row in block {
                let (to, from) = (crossed_row(row), input.crossed);
                for (lane, &entry) in terms.term(row, column, mask)[..width].iter().enumerate() {
                    let (first, second) = match (crossings.is_some(), to, from) {
                        (false, ..) => (entry.re, entry.im),
                        (true, false, false) | (true, true, true) => (entry.re, entry.re),
                        (true, false, true) => (-entry.im, entry.im),
                        (true, true, false) => (entry.im, -entry.im),
                    };
                    entries[next + lane] = T::from_f64(first);
                    entries[next + width + lane] = T::from_f64(second);
                    if parts == 3 {
                        entries[next + 2 * width + lane] = T::from_f64(first + second);
                    }
                }
                next += parts * width;
            }
        }
    }
    Ok(Piece {
        rows: rows
            .iter()
            .map(|&row| (offsets[row], crossed_row(row)))
            .collect(),
        columns,
        entries,
        apart: crossings.is_some(),
        splat,
    })
}
