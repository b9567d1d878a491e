//! Where the amplitudes of a sector lie.
//!
//! The qubits are split into *inner* and *outer* ones. All states with the same outer bits lie together, in a row, in the
//! order of their inner bits; rows are in the order of their outer bits. The inner qubits are the largest conserved group
//! when there are others to make rows of, and else the lower part of the only group: then rows differ in length, and a
//! particle that leaves the outer part makes a row for one more inside.

use ardea_circuit::C64;

use super::combinations::{Ranks, choose, sets};
use super::steps::Steps;
use super::{Step, moves};
use crate::error::SimulatorError;

/// Qubits that a layout can rank.
const WIDEST: usize = 128;

/// Rows that are worth having before a group is split, so that threads have something to share.
const FEW_ROWS: u128 = 32;

/// The conserved groups of a circuit.
pub(super) struct Shape {
    /// Groups in which particles have a choice, each with its qubits ascending.
    pub(super) groups: Vec<Group>,
}

/// Qubits that share a number of ones.
pub(super) struct Group {
    pub(super) qubits: Vec<u32>,
    pub(super) ones: usize,
}

impl Shape {
    /// The groups that the steps connect, with the ones of the start.
    pub(super) fn of(steps: &Steps) -> Self {
        let mut parent: Vec<usize> = (0..steps.start.len()).collect();
        for [a, b] in steps.list.iter().filter_map(moves) {
            let (a, b) = (root(&mut parent, a as usize), root(&mut parent, b as usize));
            parent[a.max(b)] = a.min(b);
        }
        let mut groups: Vec<Group> = Vec::new();
        let mut number = vec![None; parent.len()];
        for qubit in 0..parent.len() {
            let root = root(&mut parent, qubit);
            let place = *number[root].get_or_insert_with(|| {
                groups.push(Group {
                    qubits: vec![],
                    ones: 0,
                });
                groups.len() - 1
            });
            groups[place].qubits.push(qubit as u32);
            groups[place].ones += usize::from(steps.start[qubit]);
        }
        groups.retain(|group| group.ones > 0 && group.ones < group.qubits.len());
        Self { groups }
    }

    /// Basis states, `None` when they are more than a number can tell.
    pub(super) fn dimension(&self) -> Option<u128> {
        self.groups.iter().try_fold(1u128, |product, group| {
            product.checked_mul(choose(group.qubits.len(), group.ones)?)
        })
    }

    /// Bytes of the amplitudes and of the tables beside them; `None` when that overflows or cannot be laid out.
    pub(super) fn bytes(&self) -> Option<u128> {
        let wide: usize = self.groups.iter().map(|group| group.qubits.len()).sum();
        if wide > WIDEST {
            return None;
        }
        let dimension = self.dimension()?;
        let plan = Split::of(self);
        let inner: u128 = plan.inner_tables()?;
        let rows = plan.rows()?;
        // Amplitudes, rows with their tasks, and combinations with the lists of partners of a run of steps.
        dimension
            .checked_mul(16)?
            .checked_add(rows.checked_mul(size_of::<Row>() as u128 + 64)?)?
            .checked_add(inner.checked_mul(16 * 8)?)
    }
}

fn root(parent: &mut [usize], mut node: usize) -> usize {
    while parent[node] != node {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    node
}

/// Which qubits are inner.
struct Split<'a> {
    /// The group with inner qubits, and how many of its qubits (the lowest) are.
    inner: Option<(&'a Group, usize)>,
    outer: Vec<&'a Group>,
}

impl<'a> Split<'a> {
    fn of(shape: &'a Shape) -> Self {
        let size = |group: &Group| choose(group.qubits.len(), group.ones).unwrap_or(u128::MAX);
        let Some(largest) = (0..shape.groups.len()).max_by_key(|&i| size(&shape.groups[i])) else {
            return Self {
                inner: None,
                outer: vec![],
            };
        };
        let group = &shape.groups[largest];
        let outer: Vec<&Group> = (0..shape.groups.len())
            .filter(|&i| i != largest)
            .map(|i| &shape.groups[i])
            .collect();
        let rows = outer
            .iter()
            .fold(1u128, |rows, group| rows.saturating_mul(size(group)));
        let width = group.qubits.len();
        let cut = if rows < FEW_ROWS {
            (width / 2).min(8)
        } else {
            0
        };
        Self {
            inner: Some((group, width - cut)),
            outer,
        }
    }

    /// Combinations of the inner qubits that occur.
    fn inner_tables(&self) -> Option<u128> {
        let Some((group, width)) = self.inner else {
            return Some(1);
        };
        let cut = group.qubits.len() - width;
        (0..=cut.min(group.ones)).try_fold(0u128, |sum, above| {
            let here = choose(width, group.ones - above)?;
            (here < 1 << 32).then_some(())?; // ranks of a row are 32 bits
            sum.checked_add(here)
        })
    }

    fn rows(&self) -> Option<u128> {
        let rows = self.outer.iter().try_fold(1u128, |rows, group| {
            rows.checked_mul(choose(group.qubits.len(), group.ones)?)
        })?;
        let cut = self
            .inner
            .map_or(0, |(group, width)| group.qubits.len() - width);
        rows.checked_mul(1 << cut)
    }
}

/// Amplitudes with the same outer bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) outer: u128,
    /// Ones among the inner bits.
    pub(super) ones: usize,
    pub(super) offset: usize,
    pub(super) len: usize,
}

/// Where an active qubit's bit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Inner(u32),
    Outer(u32),
    /// Nowhere: it never changes.
    Fixed(bool),
}

/// Some of the outer bits.
struct Part {
    shift: u32,
    width: usize,
    /// How many ones they may have.
    ones: Vec<usize>,
    /// Whether the inner bits have the rest of the same group's ones.
    shares: bool,
}

/// The amplitudes' places.
pub(super) struct Layout {
    pub(super) places: Vec<Place>,
    pub(super) inner_width: usize,
    pub(super) rows: Vec<Row>,
    /// For each number of inner ones the combinations of inner bits; empty where there is no such row.
    pub(super) combinations: Vec<Vec<u128>>,
    pub(super) ranks: Ranks,
}

impl Layout {
    /// Lays the sector out. The caller has checked that it fits.
    pub(super) fn new(shape: &Shape, start: &[bool]) -> Result<Self, SimulatorError> {
        let split = Split::of(shape);
        let mut places: Vec<Place> = start.iter().map(|&bit| Place::Fixed(bit)).collect();
        let (mut inner_width, mut outer_width) = (0, 0u32);
        let mut parts: Vec<Part> = Vec::new();
        let mut total = 0;
        let mut take_outer = |qubits: &[u32], ones: Vec<usize>, shares, places: &mut Vec<Place>| {
            parts.push(Part {
                shift: outer_width,
                width: qubits.len(),
                ones,
                shares,
            });
            for &qubit in qubits {
                places[qubit as usize] = Place::Outer(outer_width);
                outer_width += 1;
            }
        };
        if let Some((group, width)) = split.inner {
            inner_width = width;
            total = group.ones;
            for (bit, &qubit) in group.qubits[..width].iter().enumerate() {
                places[qubit as usize] = Place::Inner(bit as u32);
            }
            let above = &group.qubits[width..];
            let ones = (0..=above.len().min(total)).filter(|above| total - above <= width);
            take_outer(above, ones.collect(), true, &mut places);
        }
        for group in &split.outer {
            take_outer(&group.qubits, vec![group.ones], false, &mut places);
        }
        let mut outers: Vec<(u128, usize)> = vec![(0, total)];
        for part in parts {
            let mut next = Vec::new();
            for &count in &part.ones {
                let all = sets(part.width, count)?;
                let taken = if part.shares { count } else { 0 };
                for &(outer, left) in &outers {
                    next.extend(
                        all.iter()
                            .map(|&set| (outer | set << part.shift, left - taken)),
                    );
                }
            }
            outers = next;
        }
        outers.sort_unstable();
        let mut combinations = vec![vec![]; inner_width + 1];
        let mut rows = Vec::with_capacity(outers.len());
        let mut offset = 0;
        for (outer, ones) in outers {
            if combinations[ones].is_empty() {
                combinations[ones] = sets(inner_width, ones)?;
            }
            let len = combinations[ones].len();
            rows.push(Row {
                outer,
                ones,
                offset,
                len,
            });
            offset += len;
        }
        Ok(Self {
            places,
            inner_width,
            rows,
            combinations,
            ranks: Ranks::new(inner_width),
        })
    }

    /// Number of amplitudes.
    pub(super) fn dimension(&self) -> usize {
        self.rows.last().map_or(0, |row| row.offset + row.len)
    }

    /// The row with these outer bits.
    pub(super) fn row_of(&self, outer: u128) -> Option<usize> {
        self.rows.binary_search_by_key(&outer, |row| row.outer).ok()
    }

    /// The place of a basis state, given by the values of all active qubits.
    pub(super) fn index_of(&self, bits: &[bool]) -> usize {
        let (mut inner, mut outer) = (0u128, 0u128);
        for (place, &bit) in self.places.iter().zip(bits) {
            match *place {
                Place::Inner(at) => inner |= u128::from(bit) << at,
                Place::Outer(at) => outer |= u128::from(bit) << at,
                Place::Fixed(_) => {}
            }
        }
        let row = self.row_of(outer).map_or(0, |row| self.rows[row].offset);
        row + self.ranks.rank(inner) as usize
    }

    /// The bit of an active qubit in the basis state of these inner and outer bits.
    pub(super) fn bit(&self, qubit: usize, inner: u128, outer: u128) -> bool {
        match self.places[qubit] {
            Place::Inner(at) => inner >> at & 1 == 1,
            Place::Outer(at) => outer >> at & 1 == 1,
            Place::Fixed(bit) => bit,
        }
    }

    /// The amplitudes row by row.
    pub(super) fn split<'a>(&self, mut amplitudes: &'a mut [C64]) -> Vec<&'a mut [C64]> {
        self.rows
            .iter()
            .map(|row| {
                let (first, rest) = std::mem::take(&mut amplitudes).split_at_mut(row.len);
                amplitudes = rest;
                first
            })
            .collect()
    }
}

/// Whether a step acts on each row by itself.
pub(super) fn is_local(step: &Step, layout: &Layout) -> bool {
    match step {
        Step::Diagonal { .. } => true,
        Step::Mix { qubits, .. } => !qubits
            .iter()
            .any(|&qubit| matches!(layout.places[qubit as usize], Place::Outer(_))),
    }
}
