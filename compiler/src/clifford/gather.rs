//! Gathering the images of one generator pair on one qubit, along a tree of couplings.
//!
//! Leaves first, every subtree hands what it holds of the pair to its parent. What the images restricted to a subtree
//! are decides how little can be left: where they anticommute, or are not independent, one qubit; where they commute and
//! are independent, two, so besides a vertex one of its children may keep something. The least number of gates for each
//! of these ends follows from those of the parts, as in any dynamic programming over a tree, with the tables of
//! [`Distances`] for the few qubits around a vertex. It is the least under the rule that no more than one child waits.

use super::pair::{Axis, Distances, FAR, PairType};
use super::symplectic::{Step, Symplectic};

/// A tree as its edges from child to parent, every child after its own children.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) root: usize,
    pub(crate) edges: Vec<(usize, usize)>,
}

/// Entries further than this above the cheapest are dropped: three gates exchange two qubits.
const SLACK: u16 = 3;
const NOBODY: u32 = u32::MAX;

/// A way for a vertex to end, once some of its subtrees are gathered.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The child that still holds something, and what.
    waiting: u32,
    held: u8,
    /// What the vertex holds.
    own: u8,
    cost: u16,
    /// The entries of parent and child that it comes from, and the end of the window's table.
    parent: u16,
    child: u16,
    end: u8,
}

/// A subtree handed to its parent.
#[derive(Clone, Copy, Debug)]
struct Merge {
    child: usize,
    parent: usize,
    child_list: u32,
    parent_list: u32,
    list: u32,
}

/// The work space of the dynamic programme, kept from one run to the next.
#[derive(Default)]
pub(crate) struct Gatherer {
    lists: Vec<Vec<Entry>>,
    used: usize,
    merges: Vec<Merge>,
    current: Vec<u32>,
    index: Index,
}

impl Gatherer {
    /// The least number of gates that gather the pair `input` on the root of `tree`; none when no way is found.
    ///
    /// `types` are those of the pair's images.
    pub(crate) fn cost(&mut self, types: &[PairType], tree: &Tree) -> Option<u32> {
        let (_, cost) = self.plan(types, tree)?;
        Some(u32::from(cost))
    }

    /// Gathers the pair `input` on the root of `tree` with the least number of gates, and appends them to `steps`.
    pub(crate) fn gather(
        &mut self,
        matrix: &mut Symplectic,
        input: usize,
        tree: &Tree,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        let (last, _) = self.plan(&matrix.types(input), tree)?;
        let mut chosen = vec![0u16; self.used];
        if let Some(merge) = self.merges.last() {
            chosen[merge.list as usize] = last;
        }
        for merge in self.merges.iter().rev() {
            let entry = self.lists[merge.list as usize][usize::from(chosen[merge.list as usize])];
            chosen[merge.parent_list as usize] = entry.parent;
            chosen[merge.child_list as usize] = entry.child;
        }
        for merge in &self.merges {
            let entry = self.lists[merge.list as usize][usize::from(chosen[merge.list as usize])];
            let parent = self.lists[merge.parent_list as usize][usize::from(entry.parent)];
            let child = self.lists[merge.child_list as usize][usize::from(entry.child)];
            let window = Window::of(merge, &parent, &child);
            window.play(usize::from(entry.end), matrix, input, steps)?;
        }
        Some(())
    }

    /// The index of the best entry of the root, and its cost.
    fn plan(&mut self, types: &[PairType], tree: &Tree) -> Option<(u16, u16)> {
        self.used = 0;
        self.merges.clear();
        self.current.clear();
        self.current.resize(types.len(), NOBODY);
        for &(child, parent) in &tree.edges {
            let child_list = self.list_of(child, types);
            if matches!(
                self.lists[child_list as usize][..],
                [Entry {
                    held: 0,
                    own: 0,
                    ..
                }]
            ) {
                continue;
            }
            let parent_list = self.list_of(parent, types);
            let list = self.fresh();
            let merge = Merge {
                child,
                parent,
                child_list,
                parent_list,
                list,
            };
            self.merge(&merge);
            if self.lists[list as usize].is_empty() {
                return None;
            }
            self.merges.push(merge);
            self.current[parent] = list;
        }
        let list = self.list_of(tree.root, types);
        let entries = self.lists[list as usize].iter().enumerate();
        entries
            .filter(|(_, entry)| entry.held == 0 && entry.own == PairType::BOTH.0)
            .map(|(index, entry)| (index as u16, entry.cost))
            .min_by_key(|&(index, cost)| (cost, index))
    }

    fn fresh(&mut self) -> u32 {
        if self.used == self.lists.len() {
            self.lists.push(Vec::new());
        }
        self.lists[self.used].clear();
        self.used += 1;
        (self.used - 1) as u32
    }

    fn list_of(&mut self, vertex: usize, types: &[PairType]) -> u32 {
        if self.current[vertex] == NOBODY {
            let list = self.fresh();
            self.lists[list as usize].push(Entry {
                waiting: NOBODY,
                held: 0,
                own: types[vertex].0,
                cost: 0,
                parent: 0,
                child: 0,
                end: 0,
            });
            self.current[vertex] = list;
        }
        self.current[vertex]
    }

    fn merge(&mut self, merge: &Merge) {
        let mut out = std::mem::take(&mut self.lists[merge.list as usize]);
        self.index.clear();
        let (parents, children) = (
            &self.lists[merge.parent_list as usize],
            &self.lists[merge.child_list as usize],
        );
        let mut least = u16::MAX;
        for (p, parent) in parents.iter().enumerate() {
            for (c, child) in children.iter().enumerate() {
                let window = Window::of(merge, parent, child);
                let before = parent.cost + child.cost;
                for (end, &gates) in window.distances.row(window.setting).iter().enumerate() {
                    let cost = before.saturating_add(u16::from(gates));
                    if gates == FAR || cost > least.saturating_add(SLACK) {
                        continue;
                    }
                    least = least.min(cost);
                    let (waiting, held, own) = window.outcome(end);
                    let entry = Entry {
                        waiting,
                        held,
                        own,
                        cost,
                        parent: p as u16,
                        child: c as u16,
                        end: end as u8,
                    };
                    self.index.keep_cheapest(&mut out, entry);
                }
            }
        }
        out.retain(|entry| entry.cost <= least.saturating_add(SLACK));
        self.lists[merge.list as usize] = out;
    }
}

/// Where the entry of each outcome is in a list: one table per child that may wait.
#[derive(Default)]
struct Index {
    tables: Vec<(u32, [u16; 25])>,
}

impl Index {
    const NONE: u16 = u16::MAX;

    fn clear(&mut self) {
        self.tables.clear();
    }

    fn keep_cheapest(&mut self, list: &mut Vec<Entry>, entry: Entry) {
        let known = self
            .tables
            .iter()
            .position(|&(waiting, _)| waiting == entry.waiting);
        let table = known.unwrap_or_else(|| {
            self.tables.push((entry.waiting, [Self::NONE; 25]));
            self.tables.len() - 1
        });
        let place = &mut self.tables[table].1[usize::from(entry.held * 5 + entry.own)];
        if *place == Self::NONE {
            *place = list.len() as u16;
            list.push(entry);
        } else if entry.cost < list[usize::from(*place)].cost {
            list[usize::from(*place)] = entry;
        }
    }
}

/// The few qubits in a row that a merge works on: the child's waiting child (or nobody), the child, the parent, and the
/// parent's waiting child where there is one.
struct Window {
    /// From the parent's waiting child (where there is one) to the child's; or from the child's to the parent.
    vertices: [usize; 4],
    setting: u16,
    distances: &'static Distances,
}

impl Window {
    fn of(merge: &Merge, parent: &Entry, child: &Entry) -> Self {
        // Where nobody waits its place holds nothing, and no gate would bring anything there.
        let far = if child.held == 0 {
            merge.child
        } else {
            child.waiting as usize
        };
        let digit = u16::from;
        if parent.held == 0 {
            Self {
                vertices: [far, merge.child, merge.parent, merge.parent],
                setting: digit(child.held) * 25 + digit(child.own) * 5 + digit(parent.own),
                distances: Distances::of_three(),
            }
        } else {
            Self {
                vertices: [parent.waiting as usize, merge.parent, merge.child, far],
                setting: digit(parent.held) * 125
                    + digit(parent.own) * 25
                    + digit(child.own) * 5
                    + digit(child.held),
                distances: Distances::of_four(),
            }
        }
    }

    /// Who waits with what at an end, and what the parent holds.
    fn outcome(&self, end: usize) -> (u32, u8, u8) {
        let setting = self.distances.ends[end];
        let (vertex, held, own) = if self.distances.width == 3 {
            (self.vertices[1], setting / 5 % 5, setting % 5)
        } else if setting >= 125 {
            (self.vertices[0], setting / 125, setting / 25 % 5)
        } else {
            (self.vertices[2], setting / 5 % 5, setting / 25 % 5)
        };
        let waiting = if held == 0 { NOBODY } else { vertex as u32 };
        (waiting, held as u8, own as u8)
    }

    /// Applies gates that lead to an end.
    fn play(
        &self,
        end: usize,
        matrix: &mut Symplectic,
        input: usize,
        steps: &mut Vec<Step>,
    ) -> Option<()> {
        let mut setting = self.setting;
        while self.distances.get(setting, end) > 0 {
            let (step, next) = self.next(setting, end, matrix, input)?;
            matrix.apply(step);
            steps.push(step);
            setting = next;
        }
        Some(())
    }

    fn next(
        &self,
        setting: u16,
        end: usize,
        matrix: &Symplectic,
        input: usize,
    ) -> Option<(Step, u16)> {
        let width = self.distances.width;
        let wanted = self.distances.get(setting, end) - 1;
        // Of the gates that lead on, the one after which its qubits hold the least of all other inputs.
        let mut best: Option<(u32, Step, u16)> = None;
        for place in 0..width - 1 {
            let unit = 5u16.pow((width - 2 - place) as u32);
            let rest = setting - setting / unit % 25 * unit;
            let (a, b) = (self.vertices[place], self.vertices[place + 1]);
            if a == b {
                continue;
            }
            let (at_a, at_b) = (matrix.pair(input, a), matrix.pair(input, b));
            let before = matrix.load(a) + matrix.load(b);
            for s in Axis::ALL {
                for t in Axis::ALL {
                    let (next_a, next_b) = s.turn(at_a, t, at_b);
                    let two = u16::from(PairType::of(next_a.0, next_a.1).0) * 5
                        + u16::from(PairType::of(next_b.0, next_b.1).0);
                    let next = rest + two * unit;
                    if self.distances.get(next, end) != wanted {
                        continue;
                    }
                    let step = Step { a, s, b, t };
                    // Compared with other places, what counts is the change.
                    let load = LOAD + matrix.load_after(step) - before;
                    if best.is_none_or(|(least, ..)| load < least) {
                        best = Some((load, step, next));
                    }
                }
            }
        }
        best.map(|(_, step, next)| (step, next))
    }
}

/// More than the load of two qubits.
const LOAD: u32 = 1 << 24;
