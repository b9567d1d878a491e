//! Fusion: fewer, larger matrices.
//!
//! Fusion climbs from one qubit to the widest allowed. At width k, neighbouring shapes that together touch at most k
//! qubits are grouped, moving past everything they commute with; a group becomes one matrix only where the cost model
//! says that this is cheaper than its parts, else the parts are handed on as they were. So every level can only
//! lower the estimated cost, and a larger limit never makes a worse plan.

use std::sync::Arc;

use super::classify::{classify, is_identity, product};
use super::cost::CostModel;
use super::extent::Extent;
use super::structure;
use crate::kernels::Shape;

/// How far back a shape looks for a group to join; bounds the planning time of long circuits.
const WINDOW: usize = 96;

/// A shape with what the planner asks of it again and again.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    /// Shared among the plans that are compared.
    pub(super) shape: Arc<Shape>,
    pub(super) extent: Extent,
    pub(super) cost: f64,
}

impl Item {
    pub(super) fn new(shape: Shape, costs: &CostModel) -> Self {
        Self {
            extent: Extent::of(&shape),
            cost: costs.of(&shape),
            shape: Arc::new(shape),
        }
    }
}

#[derive(Debug, Default)]
struct Group {
    members: Vec<Item>,
    extent: Extent,
    closed: bool,
}

/// Groups shapes that together touch at most `width` qubits; what was fused at the widths below goes in.
pub(super) fn fuse_at(items: Vec<Item>, width: u32, costs: &CostModel) -> Vec<Item> {
    let mut groups: Vec<Group> = Vec::new();
    for item in items {
        if item.extent.width() > width {
            groups.push(Group {
                extent: item.extent,
                members: vec![item],
                closed: true,
            });
            continue;
        }
        let home = find_home(&groups, item.extent, width).unwrap_or_else(|| {
            groups.push(Group::default());
            groups.len() - 1
        });
        groups[home].extent.add(item.extent);
        groups[home].members.push(item);
        draw_in_earlier(&mut groups, home, width);
    }
    groups
        .into_iter()
        .flat_map(|group| settle(group, costs))
        .collect()
}

/// The group that an item can join: reachable past what it commutes with, and not too wide afterwards.
fn find_home(groups: &[Group], item: Extent, width: u32) -> Option<usize> {
    let mut best: Option<(u32, usize)> = None;
    for (i, group) in groups.iter().enumerate().rev().take(WINDOW) {
        let shared = group.extent.support & item.support != 0 || item.support == 0;
        let together = group.extent.with(item).width();
        if shared && !group.closed && !group.members.is_empty() && together <= width {
            let growth = together - group.extent.width();
            if best.is_none_or(|(least, _)| growth < least) {
                best = Some((growth, i));
            }
        }
        if !group.extent.commutes(item) {
            break;
        }
    }
    best.map(|(_, i)| i)
}

/// Moves earlier groups forward into group `home`, where they overlap it, fit, and commute with what lies between.
fn draw_in_earlier(groups: &mut [Group], home: usize, width: u32) {
    let mut between = Extent::default();
    for i in (home.saturating_sub(WINDOW)..home).rev() {
        if between.blocks(groups[home].extent.support) {
            break; // what overlaps the group does not commute with what lies between
        }
        let (earlier, own) = (groups[i].extent, groups[home].extent);
        let fits = earlier.with(own).width() <= width && earlier.support & own.support != 0;
        if fits && !groups[i].closed && !groups[i].members.is_empty() && between.commutes(earlier) {
            let mut members = std::mem::take(&mut groups[i]).members;
            groups[home].extent.add(earlier);
            members.append(&mut groups[home].members);
            groups[home].members = members;
        } else {
            between.add(earlier);
        }
    }
}

/// One matrix where that is cheaper, else the members.
fn settle(group: Group, costs: &CostModel) -> Vec<Item> {
    let Group {
        members, extent, ..
    } = group;
    let apart: f64 = members.iter().map(|member| member.cost).sum();
    if members.len() < 2 {
        return members;
    }
    let qubits: Vec<u32> = (0..64)
        .filter(|qubit| extent.support >> qubit & 1 == 1)
        .collect();
    let shapes: Vec<&Shape> = members.iter().map(|member| &*member.shape).collect();
    let at_best = if extent.is_diagonal() {
        costs.diagonal
    } else if members
        .iter()
        .all(|member| matches!(*member.shape, Shape::Permutation { .. }))
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
