//! Fusion: fewer, larger matrices.
//!
//! Fusion climbs from one qubit to the widest allowed. At width k, neighbouring shapes that together touch at most k
//! qubits are grouped, moving past everything they commute with; a group becomes one matrix only where the cost model
//! says that this is cheaper than its parts, else the parts are handed on as they were. So every level can only
//! lower the estimated cost, and a larger limit never makes a worse plan.
//!
//! Two shapes commute when they share only qubits on which both are diagonal (a control is such a qubit).

use super::classify::{classify, is_identity, product};
use super::cost::CostModel;
use super::structure;
use crate::kernels::Shape;

/// How far back a shape looks for a group to join; bounds the planning time of long circuits.
const WINDOW: usize = 96;

/// A shape with what the planner asks of it again and again.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) shape: Shape,
    /// Qubits that take part.
    pub(crate) support: u64,
    /// Qubits on which it is not diagonal.
    pub(crate) mixed: u64,
    pub(crate) cost: f64,
}

impl Item {
    pub(crate) fn new(shape: Shape, costs: &CostModel) -> Self {
        Self {
            support: shape.support(),
            mixed: shape.mixed(),
            cost: costs.of(&shape),
            shape,
        }
    }

    pub(super) fn is_diagonal(&self) -> bool {
        self.mixed == 0
    }
}

/// The parts of a circuit that have been passed over, as one thing to commute with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Passed {
    support: u64,
    mixed: u64,
}

impl Passed {
    pub(super) fn add(&mut self, support: u64, mixed: u64) {
        self.support |= support;
        self.mixed |= mixed;
    }

    /// Whether nothing on the qubits of `mask` commutes with it any more.
    pub(super) fn blocks(self, mask: u64) -> bool {
        self.mixed & mask == mask && mask != 0
    }

    pub(super) fn commutes(self, support: u64, mixed: u64) -> bool {
        self.support & support & (self.mixed | mixed) == 0
    }
}

#[derive(Debug, Default)]
struct Group {
    members: Vec<Item>,
    support: u64,
    mixed: u64,
    closed: bool,
}

/// Groups shapes that together touch at most `width` qubits; what was fused at the widths below goes in.
pub(super) fn fuse_at(items: Vec<Item>, width: u32, costs: &CostModel) -> Vec<Item> {
    let mut groups: Vec<Group> = Vec::new();
    for item in items {
        if item.support.count_ones() > width {
            let (support, mixed) = (item.support, item.mixed);
            groups.push(Group {
                members: vec![item],
                support,
                mixed,
                closed: true,
            });
            continue;
        }
        let home = find_home(&groups, &item, width).unwrap_or_else(|| {
            groups.push(Group::default());
            groups.len() - 1
        });
        let group = &mut groups[home];
        group.support |= item.support;
        group.mixed |= item.mixed;
        group.members.push(item);
        draw_in_earlier(&mut groups, home, width);
    }
    groups
        .into_iter()
        .flat_map(|group| settle(group, costs))
        .collect()
}

/// The group that `item` can join: reachable past what it commutes with, and not too wide afterwards.
fn find_home(groups: &[Group], item: &Item, width: u32) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    for (i, group) in groups.iter().enumerate().rev().take(WINDOW) {
        let shared = group.support & item.support != 0 || item.support == 0;
        let together = (group.support | item.support).count_ones();
        if shared && !group.closed && !group.members.is_empty() && together <= width {
            let growth = together - group.support.count_ones();
            if best.is_none_or(|(least, _)| growth < least) {
                best = Some((growth, i));
            }
        }
        if !(Passed {
            support: group.support,
            mixed: group.mixed,
        })
        .commutes(item.support, item.mixed)
        {
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
        if fits
            && !groups[i].closed
            && !groups[i].members.is_empty()
            && between.commutes(support, mixed)
        {
            let mut members = std::mem::take(&mut groups[i]).members;
            groups[home].support |= support;
            groups[home].mixed |= mixed;
            members.append(&mut groups[home].members);
            groups[home].members = members;
        } else {
            between.add(support, mixed);
        }
    }
}

/// One matrix where that is cheaper, else the members.
fn settle(group: Group, costs: &CostModel) -> Vec<Item> {
    let Group {
        members, support, ..
    } = group;
    let apart: f64 = members.iter().map(|member| member.cost).sum();
    if members.len() < 2 {
        return members;
    }
    let qubits: Vec<u32> = (0..64).filter(|qubit| support >> qubit & 1 == 1).collect();
    let shapes: Vec<&Shape> = members.iter().map(|member| &member.shape).collect();
    let at_best = if members.iter().all(Item::is_diagonal) {
        costs.diagonal
    } else if members
        .iter()
        .all(|member| matches!(member.shape, Shape::Permutation { .. }))
    {
        costs.permutation * 0.25
    } else {
        costs.of_work(structure::at_least(&shapes, &qubits))
    };
    if at_best >= apart {
        return members;
    }
    let fused = classify(&qubits, &product(&shapes, &qubits));
    if is_identity(&fused) {
        return vec![];
    }
    let fused = Item::new(fused, costs);
    if fused.cost < apart {
        vec![fused]
    } else {
        members
    }
}
