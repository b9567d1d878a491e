//! Which actions share a block, and which blocks share a sweep.
//!
//! One cross matrix of a block's qubits answers for every angle in the block, and one matrix undoes all its gates: so a
//! block costs the same however many gates and angles it has. Blocks grow as in the simulator's fusion, from one
//! qubit to five, each time only where the cost model finds that cheaper; runs of diagonals share a table.

use super::leaves::{Action, Leaf, MAX_TABLE};
use crate::kernels::MAX_DENSE;

/// How far back an action looks for a block to join; bounds the time for long circuits.
const WINDOW: usize = 96;

/// Cost of applying a dense matrix by number of qubits, of a diagonal and of a permutation, in units of one another.
const DENSE: [f64; 6] = [160.0, 500.0, 880.0, 1700.0, 3100.0, 6800.0];
const DIAGONAL: f64 = 450.0;
const PERMUTATION: f64 = 400.0;

/// Sums that the overlaps of one sweep may have.
const MAX_SUMS: usize = 1 << 15;

/// Tile qubits: two tiles, one of each state, share the second-level cache.
const TILE: u32 = 13;

/// Lowest qubits of every tile.
const LOW: u32 = 6;

/// Actions that are treated as one.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Numbers of the actions, in program order.
    pub(super) members: Vec<usize>,
    pub(super) support: u64,
    pub(super) mixed: u64,
    pub(super) kind: Kind,
    /// Whether a member has a symbolic angle.
    pub(super) sloped: bool,
    cost: f64,
}

/// The form of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Only diagonals.
    Diagonal,
    /// A matrix.
    Matrix,
    /// A single wide action.
    Wide,
}

/// Blocks that share a sweep, in the order in which the pass meets them.
#[derive(Debug)]
pub(super) struct Run {
    /// Tile qubits, as a mask.
    pub(super) inside: u64,
    /// Numbers of blocks.
    pub(super) blocks: Vec<usize>,
}

impl Block {
    fn of(number: usize, leaf: &Leaf) -> Self {
        let kind = match leaf.action {
            Action::Diagonal(_) => Kind::Diagonal,
            Action::Matrix(_) => Kind::Matrix,
            Action::Wide(_) => Kind::Wide,
        };
        let mut block = Self {
            members: vec![number],
            support: leaf.support,
            mixed: leaf.mixed,
            kind,
            sloped: leaf.is_symbolic(),
            cost: 0.0,
        };
        block.cost = if is_permutation(leaf) {
            2.0 * PERMUTATION
        } else {
            block.estimate()
        };
        block
    }

    /// Both states are changed once, and overlaps cost as much as a change.
    fn estimate(&self) -> f64 {
        let one = match self.kind {
            Kind::Diagonal => DIAGONAL,
            _ => DENSE[(self.support.count_ones() as usize).min(MAX_DENSE)],
        };
        one * if self.sloped { 3.0 } else { 2.0 }
    }

    fn joined(parts: &[Self]) -> Self {
        let diagonal = parts.iter().all(|part| part.kind == Kind::Diagonal);
        let mut block = Self {
            members: parts.iter().flat_map(|part| part.members.clone()).collect(),
            support: parts.iter().fold(0, |mask, part| mask | part.support),
            mixed: parts.iter().fold(0, |mask, part| mask | part.mixed),
            kind: if diagonal {
                Kind::Diagonal
            } else {
                Kind::Matrix
            },
            sloped: parts.iter().any(|part| part.sloped),
            cost: 0.0,
        };
        block.cost = block.estimate();
        block
    }

    /// Qubits of the block, ascending: bit i of its matrix index belongs to entry i.
    pub(super) fn qubits(&self) -> Vec<u32> {
        (0..64).filter(|q| self.support >> q & 1 == 1).collect()
    }

    /// Qubits that must lie inside the tile: a matrix is dense on all of its qubits.
    fn inside(&self) -> u64 {
        match self.kind {
            Kind::Diagonal => 0,
            Kind::Matrix => self.support,
            Kind::Wide => self.mixed,
        }
    }

    fn num_sums(&self) -> usize {
        match self.kind {
            _ if !self.sloped => 0,
            Kind::Diagonal => 1 << self.support.count_ones(),
            Kind::Matrix => 1 << (2 * self.support.count_ones()),
            Kind::Wide => 16,
        }
    }
}

fn is_permutation(leaf: &Leaf) -> bool {
    match &leaf.action {
        Action::Matrix(entries) => {
            !leaf.is_symbolic()
                && entries
                    .iter()
                    .all(|e| *e == ardea_circuit::C64::ZERO || *e == ardea_circuit::C64::ONE)
        }
        _ => false,
    }
}

/// Groups the actions into blocks of at most `widest` qubits (diagonals of at most [`MAX_TABLE`]).
pub(super) fn group(leaves: &[Leaf], widest: usize) -> Vec<Block> {
    let mut blocks: Vec<Block> = leaves
        .iter()
        .enumerate()
        .map(|(number, leaf)| Block::of(number, leaf))
        .collect();
    for width in 1..=widest {
        blocks = fuse(blocks, width as u32);
    }
    merge_diagonals(blocks)
}

/// What has been passed over, as one thing to commute with.
#[derive(Debug, Clone, Copy, Default)]
struct Passed {
    support: u64,
    mixed: u64,
}

impl Passed {
    fn add(&mut self, support: u64, mixed: u64) {
        self.support |= support;
        self.mixed |= mixed;
    }

    fn commutes(self, support: u64, mixed: u64) -> bool {
        self.support & support & (self.mixed | mixed) == 0
    }
}

#[derive(Debug, Default)]
struct Group {
    parts: Vec<Block>,
    support: u64,
    mixed: u64,
    closed: bool,
}

impl Group {
    fn push(&mut self, block: Block) {
        self.support |= block.support;
        self.mixed |= block.mixed;
        self.parts.push(block);
    }

    fn settle(self) -> Vec<Block> {
        if self.parts.len() < 2 {
            return self.parts;
        }
        let apart: f64 = self.parts.iter().map(|part| part.cost).sum();
        let joined = Block::joined(&self.parts);
        if joined.cost < apart {
            vec![joined]
        } else {
            self.parts
        }
    }
}

fn fuse(blocks: Vec<Block>, width: u32) -> Vec<Block> {
    let mut groups: Vec<Group> = Vec::new();
    for block in blocks {
        let closed = block.kind == Kind::Wide || block.support.count_ones() > width;
        let home = if closed {
            None
        } else {
            find_home(&groups, &block, width)
        };
        let home = home.unwrap_or_else(|| {
            groups.push(Group {
                closed,
                ..Group::default()
            });
            groups.len() - 1
        });
        groups[home].push(block);
        if !closed {
            draw_in_earlier(&mut groups, home, width);
        }
    }
    groups.into_iter().flat_map(Group::settle).collect()
}

/// The group that `block` can join: reachable past what it commutes with, and not too wide afterwards.
fn find_home(groups: &[Group], block: &Block, width: u32) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    for (i, group) in groups.iter().enumerate().rev().take(WINDOW) {
        let together = (group.support | block.support).count_ones();
        if group.support & block.support != 0 && !group.closed && together <= width {
            let growth = together - group.support.count_ones();
            if best.is_none_or(|(least, _)| growth < least) {
                best = Some((growth, i));
            }
        }
        let passed = Passed {
            support: group.support,
            mixed: group.mixed,
        };
        if !passed.commutes(block.support, block.mixed) {
            break;
        }
    }
    best.map(|(_, i)| i)
}

/// Moves earlier groups forward into group `home`, where they overlap it, fit, and commute with what lies between.
fn draw_in_earlier(groups: &mut [Group], home: usize, width: u32) {
    let mut between = Passed::default();
    for i in (home.saturating_sub(WINDOW)..home).rev() {
        let (support, mixed) = (groups[i].support, groups[i].mixed);
        let fits = (support | groups[home].support).count_ones() <= width
            && support & groups[home].support != 0;
        if fits && !groups[i].closed && between.commutes(support, mixed) {
            let mut parts = std::mem::take(&mut groups[i]).parts;
            groups[home].support |= support;
            groups[home].mixed |= mixed;
            parts.append(&mut groups[home].parts);
            groups[home].parts = parts;
        } else {
            between.add(support, mixed);
        }
    }
}

/// Collects diagonals in tables, each moved past everything that it commutes with.
fn merge_diagonals(blocks: Vec<Block>) -> Vec<Block> {
    let mut slots: Vec<Group> = Vec::new();
    for block in blocks {
        let home = if block.kind == Kind::Diagonal {
            find_table(&slots, &block)
        } else {
            None
        };
        match home {
            Some(i) => slots[i].push(block),
            None => {
                let mut slot = Group::default();
                slot.push(block);
                slots.push(slot);
            }
        }
    }
    slots
        .into_iter()
        .map(|mut slot| match slot.parts.len() {
            1 => slot.parts.remove(0),
            _ => Block::joined(&slot.parts),
        })
        .collect()
}

/// The reachable table that grows least.
fn find_table(slots: &[Group], block: &Block) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    let mut passed = Passed::default();
    for (i, slot) in slots.iter().enumerate().rev().take(WINDOW) {
        if slot.parts[0].kind == Kind::Diagonal {
            let together = (slot.support | block.support).count_ones();
            let growth = together - slot.support.count_ones();
            if together <= MAX_TABLE as u32 && best.is_none_or(|(least, _)| growth < least) {
                best = Some((growth, i));
            }
        } else {
            passed.add(slot.support, slot.mixed);
            if !passed.commutes(block.support, 0) {
                break;
            }
        }
    }
    best.map(|(_, i)| i)
}

/// Splits the backward pass over `blocks` into sweeps on tiles of both states. What lies before the first symbolic angle
/// is left out: nothing is asked there.
pub(super) fn backwards(blocks: &[Block], qubits: u32) -> Vec<Run> {
    let first = blocks.iter().position(|block| block.sloped);
    let order = (first.unwrap_or(blocks.len())..blocks.len()).rev();
    sweeps(blocks, order.collect(), qubits, TILE)
}

/// Splits the forward pass into sweeps.
pub(super) fn forwards(blocks: &[Block], qubits: u32) -> Vec<Run> {
    sweeps(blocks, (0..blocks.len()).collect(), qubits, TILE + 1)
}

fn sweeps(blocks: &[Block], order: Vec<usize>, qubits: u32, tile: u32) -> Vec<Run> {
    let mut rest = order;
    let always = ones(LOW.min(qubits));
    let widest = rest
        .iter()
        .map(|&i| (blocks[i].inside() | always).count_ones())
        .max();
    let room = tile.min(qubits).max(widest.unwrap_or(0));
    let mut runs = Vec::new();
    while !rest.is_empty() {
        let (mut inside, mut sums) = (always, 0);
        let mut passed = Passed::default();
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        for (at, &i) in rest.iter().enumerate() {
            let block = &blocks[i];
            if sums > MAX_SUMS || left.len() >= 1024 {
                left.extend_from_slice(&rest[at..]);
                break;
            }
            let fits = (inside | block.inside()).count_ones() <= room;
            if fits && passed.commutes(block.support, block.mixed) {
                inside |= block.inside();
                sums += block.num_sums();
                taken.push(i);
            } else {
                passed.add(block.support, block.mixed);
                left.push(i);
            }
        }
        for qubit in 0..qubits {
            if inside.count_ones() < room {
                inside |= 1 << qubit;
            }
        }
        runs.push(Run {
            inside,
            blocks: taken,
        });
        rest = left;
    }
    runs
}

fn ones(count: u32) -> u64 {
    if count >= 64 {
        u64::MAX
    } else {
        (1 << count) - 1
    }
}
