//! Diagonals merged into tables of many qubits.
//!
//! A diagonal of ten qubits costs one pass like a diagonal of one, so runs of diagonals are collected into as few
//! tables as possible, moving each past everything it commutes with.

use num_complex::Complex64;

use super::classify::smaller_diagonal;
use super::cost::CostModel;
use super::fuse::{Item, Passed};
use crate::kernels::Shape;

/// Most qubits of a merged table; its 2^k entries should stay in the first-level cache.
const MAX_TABLE: u32 = 10;

/// How far back a diagonal looks for a table to join.
const WINDOW: usize = 512;

/// Merges diagonals into tables.
pub(super) fn merge_diagonals(items: Vec<Item>, costs: &CostModel) -> Vec<Item> {
    let mut slots: Vec<Slot> = Vec::new();
    for item in items {
        let home = if item.is_diagonal() {
            find_table(&slots, &item)
        } else {
            None
        };
        match home {
            Some(i) => slots[i].add(item),
            None => slots.push(Slot {
                support: item.support,
                members: vec![item],
            }),
        }
    }
    slots.into_iter().map(|slot| slot.settle(costs)).collect()
}

struct Slot {
    members: Vec<Item>,
    support: u64,
}

impl Slot {
    fn add(&mut self, item: Item) {
        self.support |= item.support;
        self.members.push(item);
    }

    fn settle(mut self, costs: &CostModel) -> Item {
        if self.members.len() == 1 {
            return self.members.remove(0);
        }
        let qubits: Vec<u32> = (0..64)
            .filter(|qubit| self.support >> qubit & 1 == 1)
            .collect();
        let mut table = vec![Complex64::ONE; 1 << qubits.len()];
        for member in &self.members {
            multiply(&mut table, &qubits, &member.shape);
        }
        Item::new(smaller_diagonal(&qubits, table), costs)
    }
}

/// The reachable table that grows least.
fn find_table(slots: &[Slot], item: &Item) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    let mut passed = Passed::default();
    for (i, slot) in slots.iter().enumerate().rev().take(WINDOW) {
        let diagonal = slot.members[0].is_diagonal();
        let together = (slot.support | item.support).count_ones();
        if diagonal && together <= MAX_TABLE {
            let growth = together - slot.support.count_ones();
            if best.is_none_or(|(least, _)| growth < least) {
                best = Some((growth, i));
            }
        }
        if !diagonal {
            passed.add(slot.support, slot.members[0].mixed);
            if !passed.commutes(item.support, 0) {
                break;
            }
        }
    }
    best.map(|(_, i)| i)
}

fn multiply(table: &mut [Complex64], qubits: &[u32], shape: &Shape) {
    let Shape::Diagonal {
        qubits: factor_qubits,
        table: factor,
    } = shape
    else {
        unreachable!("only diagonals are merged")
    };
    let bits: Vec<usize> = factor_qubits
        .iter()
        .map(|qubit| {
            qubits
                .iter()
                .position(|q| q == qubit)
                .expect("the table holds the factor's qubits")
        })
        .collect();
    for (i, entry) in table.iter_mut().enumerate() {
        *entry *= factor[bits
            .iter()
            .enumerate()
            .map(|(j, &bit)| (i >> bit & 1) << j)
            .sum::<usize>()];
    }
}
