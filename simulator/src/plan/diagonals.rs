//! Diagonals merged into tables of many qubits.
//!
//! A diagonal of ten qubits costs one pass like a diagonal of one, so runs of diagonals are collected into as few
//! tables as possible, moving each past everything it commutes with. The tables themselves are made when a plan has
//! been chosen: what they cost is known without their entries.

use num_complex::Complex64;

use super::classify::smaller_diagonal;
use super::cost::CostModel;
use super::extent::Extent;
use super::fuse::Item;
use crate::kernels::Shape;

/// Most qubits of a merged table; its 2^k entries should stay in the first-level cache.
const MAX_TABLE: u32 = 10;

/// How far back a diagonal looks for a table to join.
const WINDOW: usize = 512;

/// Merges diagonals into tables.
pub(super) fn merge_diagonals(items: &[Item], costs: &CostModel) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::with_capacity(items.len());
    for item in items {
        let home = if item.extent.is_diagonal() {
            find_table(&steps, item.extent)
        } else {
            None
        };
        match home {
            Some(i) => steps[i].multiply(item.clone(), costs),
            None => steps.push(Step::from(item.clone())),
        }
    }
    steps
}

/// A step of a plan: one shape, or diagonals that are to become one table.
pub(super) struct Step {
    first: Item,
    more: Vec<Item>,
    pub(super) extent: Extent,
    pub(super) cost: f64,
}

impl From<Item> for Step {
    fn from(item: Item) -> Self {
        Self {
            extent: item.extent,
            cost: item.cost,
            first: item,
            more: vec![],
        }
    }
}

impl Step {
    fn multiply(&mut self, diagonal: Item, costs: &CostModel) {
        self.extent.add(diagonal.extent);
        self.cost = costs.of_diagonal();
        self.more.push(diagonal);
    }

    /// What it does to the state.
    pub(super) fn shape(&self) -> Shape {
        if self.more.is_empty() {
            return Shape::clone(&self.first.shape);
        }
        let qubits: Vec<u32> = (0..64)
            .filter(|qubit| self.extent.support >> qubit & 1 == 1)
            .collect();
        let mut factors: Vec<Factor> = std::iter::once(&self.first)
            .chain(&self.more)
            .map(|member| Factor::new(&member.shape, &qubits))
            .collect();
        factors.sort_by_key(|factor| factor.reach); // stable: rounding depends on the circuit alone
        let mut factors = factors.into_iter().peekable();
        // Qubit by qubit: what depends on the lowest ones only is multiplied while the table is small.
        let mut table = vec![Complex64::ONE];
        for reach in 0..=qubits.len() {
            if reach > 0 {
                table.extend_from_within(..);
            }
            while let Some(factor) = factors.next_if(|factor| factor.reach == reach) {
                factor.multiply(&mut table);
            }
        }
        smaller_diagonal(&qubits, table)
    }

    pub(super) fn into_item(self, costs: &CostModel) -> Item {
        if self.more.is_empty() {
            self.first
        } else {
            Item::new(self.shape(), costs)
        }
    }
}

/// The reachable table that grows least.
fn find_table(steps: &[Step], item: Extent) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    let mut passed = Extent::default();
    for (i, step) in steps.iter().enumerate().rev().take(WINDOW) {
        if step.extent.is_diagonal() {
            let together = step.extent.with(item).width();
            let growth = together - step.extent.width();
            if together <= MAX_TABLE && best.is_none_or(|(least, _)| growth < least) {
                best = Some((growth, i));
            }
        } else {
            passed.add(step.extent);
            if !passed.commutes(item) {
                break;
            }
        }
    }
    best.map(|(_, i)| i)
}

/// A diagonal that is multiplied into a table.
struct Factor<'a> {
    table: &'a [Complex64],
    /// The index bit in the large table of each of its own.
    bits: Vec<usize>,
    /// Lowest index bits of the large table that it depends on.
    reach: usize,
}

impl<'a> Factor<'a> {
    fn new(shape: &'a Shape, into: &[u32]) -> Self {
        let Shape::Diagonal { qubits, table } = shape else {
            unreachable!("only diagonals are merged")
        };
        let bit = |qubit: &u32| {
            let found = into.iter().position(|q| q == qubit);
            found.expect("the table holds the factor's qubits")
        };
        let bits: Vec<usize> = qubits.iter().map(bit).collect();
        Self {
            reach: bits.iter().map(|bit| bit + 1).max().unwrap_or(0),
            table,
            bits,
        }
    }

    fn multiply(&self, table: &mut [Complex64]) {
        for (i, entry) in table.iter_mut().enumerate() {
            let own = self.bits.iter().enumerate();
            *entry *= self.table[own.map(|(j, &bit)| (i >> bit & 1) << j).sum::<usize>()];
        }
    }
}
