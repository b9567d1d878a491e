//! The verdict of small groups of wires: what a compiler does is local, so the two circuits are never far apart.
//!
//! Both circuits are performed a little at a time. Between them stands a residue R with `B so far = R . A so far`, kept as
//! a product of small matrices, each from some wires of A to as many wires of B: a gate of B multiplies its matrix from
//! the left, a gate of A from the right with its inverse. A gate across two groups merges them; then every gate of either
//! circuit that fits inside is performed, and wires that separate again are split off, wherever they are by now: a swap
//! is only another pairing. Among the merges that are possible one is chosen that splits again completely, if any does.
//! A wire that only B has starts in |0> and is no column of any matrix; it may split off as a state of its own.
//! At the end each output must stand alone and unchanged. Blocks that were resynthesised and routed pass at any width.

use std::collections::BTreeSet;

use ardea_circuit::C64;
use ardea_circuit::matrix::apply_to_rows;
use nalgebra::DMatrix;
use rustc_hash::FxHashMap;

use crate::compare::{Decision, Pair};
use crate::program::{Program, Role, Start, Step};
use crate::report::Method;
use crate::split::{SPLIT, factor};

/// Groups of more wires than this are not formed.
const LARGEST: usize = 7;
/// Merges looked at before the best so far is taken.
const MOST_TRIALS: usize = 300;

/// Compares by clusters.
pub(crate) fn decide(pair: &Pair<'_>) -> Decision {
    match Residue::new(pair).and_then(Residue::run) {
        Ok(error) if error <= pair.tolerance => Decision::Equal {
            method: Method::Clusters,
            detail: "every group of wires came out the same".to_owned(),
            distance: error,
            phase: None,
        },
        Ok(error) => Decision::Undecided(format!(
            "every group of wires came out the same, but only up to {error:.1e} in all"
        )),
        Err(reason) => Decision::Undecided(reason),
    }
}

/// Wires of A and as many of B, and the matrix from the ones to the others.
#[derive(Clone, Debug)]
struct Cluster {
    wires: [Vec<usize>; 2],
    matrix: DMatrix<C64>,
}

/// The steps of one circuit as they come to each wire.
struct Queue {
    steps: Vec<Step>,
    /// For each wire its steps in order.
    of: Vec<Vec<usize>>,
    roles: Vec<Role>,
    /// Wires that are |0> all the time.
    idle: Vec<bool>,
}

/// How many steps of each wire have been performed.
type Done = [Vec<usize>; 2];

struct Residue {
    queues: [Queue; 2],
    done: Done,
    clusters: Vec<Option<Cluster>>,
    /// The cluster of each wire.
    home: [Vec<usize>; 2],
    error: f64,
    left: usize,
}

/// What became of a merge.
struct Trial {
    merged: Vec<usize>,
    parts: Vec<Cluster>,
    done: FxHashMap<(usize, usize), usize>,
    error: f64,
    performed: usize,
}

impl Trial {
    /// Smaller is better: the work of what is left together, then the fewer wires touched.
    fn cost(&self) -> usize {
        self.parts
            .iter()
            .map(|part| part.wires[1].len())
            .filter(|&size| size > 1)
            .map(|size| 1 << (2 * size))
            .sum()
    }
}

impl Residue {
    fn new(pair: &Pair<'_>) -> Result<Self, String> {
        let programs = [&pair.before, &pair.after];
        let mut at: [FxHashMap<usize, usize>; 2] = Default::default();
        let mut queues = programs.map(Queue::new);
        for (at, program) in at.iter_mut().zip(programs) {
            at.extend(
                program
                    .wires
                    .iter()
                    .enumerate()
                    .map(|(wire, own)| (own.column, wire)),
            );
        }
        let columns: BTreeSet<usize> = at.iter().flat_map(|side| side.keys().copied()).collect();
        let mut clusters = Vec::with_capacity(columns.len());
        let mut home = queues
            .each_ref()
            .map(|queue| vec![usize::MAX; queue.of.len()]);
        for column in columns {
            let place = clusters.len();
            let a = at[0].get(&column).copied();
            let b = match at[1].get(&column) {
                Some(&wire) => wire,
                // A wire that only A has is |0> in B all the time.
                None => {
                    home[1].push(usize::MAX);
                    queues[1].add_idle()
                }
            };
            home[1][b] = place;
            a.into_iter().for_each(|wire| home[0][wire] = place);
            clusters.push(Some(Cluster {
                wires: [a.into_iter().collect(), vec![b]],
                matrix: DMatrix::identity(2, if a.is_some() { 2 } else { 1 }),
            }));
        }
        let left = queues.iter().map(|queue| queue.steps.len()).sum();
        Ok(Self {
            done: queues.each_ref().map(|queue| vec![0; queue.of.len()]),
            queues,
            clusters,
            home,
            error: 0.0,
            left,
        })
    }

    fn run(mut self) -> Result<f64, String> {
        for cluster in 0..self.clusters.len() {
            let trial = self.attempt(&[cluster])?;
            self.accept(trial);
        }
        let mut next = 0;
        while self.left > 0 {
            let trial = self.choose(&mut next)?;
            self.accept(trial);
        }
        self.compare_ends()?;
        Ok(self.error)
    }

    /// The merge that leaves least together; looks from place `next` on, so that no region waits for ever.
    fn choose(&self, next: &mut usize) -> Result<Trial, String> {
        let count = self.clusters.len();
        let mut best: Option<Trial> = None;
        let mut tried: BTreeSet<Vec<usize>> = BTreeSet::new();
        for offset in 0..count {
            let place = (*next + offset) % count;
            let Some(cluster) = &self.clusters[place] else {
                continue;
            };
            for merged in self.merges(cluster) {
                if tried.len() >= MOST_TRIALS && best.is_some() {
                    break;
                }
                if !tried.insert(merged.clone()) {
                    continue;
                }
                let Ok(trial) = self.attempt(&merged) else {
                    continue;
                };
                if trial.cost() == 0 && trial.performed > 0 {
                    *next = place;
                    return Ok(trial);
                }
                if best.as_ref().is_none_or(|best| trial.cost() < best.cost()) {
                    best = Some(trial);
                }
            }
        }
        best.ok_or_else(|| {
            format!(
                "{} steps are left, and every next one joins more than {LARGEST} wires",
                self.left
            )
        })
    }

    /// The groups that a next step of this one joins, this one among them.
    fn merges(&self, cluster: &Cluster) -> Vec<Vec<usize>> {
        let mut out = Vec::new();
        for side in 0..2 {
            for &wire in &cluster.wires[side] {
                let Some(step) = self.next_step(side, wire, &self.done[side]) else {
                    continue;
                };
                let mut merged: Vec<usize> = self.queues[side].steps[step]
                    .wires()
                    .iter()
                    .map(|&wire| self.home[side][wire])
                    .collect();
                merged.sort_unstable();
                merged.dedup();
                out.push(merged);
            }
        }
        out
    }

    /// The next step of a wire if nothing on its other wires comes before it.
    fn next_step(&self, side: usize, wire: usize, done: &[usize]) -> Option<usize> {
        let queue = &self.queues[side];
        let &step = queue.of[wire].get(done[wire])?;
        let all_wait = queue.steps[step]
            .wires()
            .iter()
            .all(|&other| queue.of[other].get(done[other]) == Some(&step));
        all_wait.then_some(step)
    }

    /// Joins groups, performs all that fits inside and splits what separates.
    fn attempt(&self, merged: &[usize]) -> Result<Trial, String> {
        let mut joined: Option<Cluster> = None;
        for &place in merged {
            let own = self.clusters[place].as_ref().ok_or("a group is gone")?;
            let size =
                joined.as_ref().map_or(0, |joined| joined.wires[1].len()) + own.wires[1].len();
            if size > LARGEST {
                return Err(format!("more than {LARGEST} wires would have to be joined"));
            }
            joined = Some(match joined {
                None => own.clone(),
                Some(before) => before.joined(own),
            });
        }
        let mut cluster = joined.ok_or("nothing to join")?;
        let mut done: FxHashMap<(usize, usize), usize> = FxHashMap::default();
        let mut performed = 0;
        loop {
            let mut moved = false;
            for side in 0..2 {
                for place in 0..cluster.wires[side].len() {
                    let wire = cluster.wires[side][place];
                    while let Some((step, places)) = self.fitting_step(side, wire, &cluster, &done)
                    {
                        cluster.perform(side, &self.queues[side].steps[step], &places);
                        for wire in self.queues[side].steps[step].wires() {
                            *done.entry((side, wire)).or_insert(self.done[side][wire]) += 1;
                        }
                        performed += 1;
                        moved = true;
                    }
                }
            }
            if !moved {
                break;
            }
        }
        let mut error = 0.0;
        let mut parts = Vec::new();
        while let Some((single, rest, residual)) = cluster.split() {
            error += residual;
            parts.push(single);
            cluster = rest;
        }
        parts.push(cluster);
        Ok(Trial {
            merged: merged.to_vec(),
            parts,
            done,
            error,
            performed,
        })
    }

    /// The next step on a wire when it lies inside the cluster, and the places of its wires there.
    fn fitting_step(
        &self,
        side: usize,
        wire: usize,
        cluster: &Cluster,
        done: &FxHashMap<(usize, usize), usize>,
    ) -> Option<(usize, Vec<usize>)> {
        let queue = &self.queues[side];
        let at = |wire: usize| {
            done.get(&(side, wire))
                .copied()
                .unwrap_or(self.done[side][wire])
        };
        let &step = queue.of[wire].get(at(wire))?;
        let mut places = Vec::with_capacity(2);
        for other in queue.steps[step].wires() {
            if queue.of[other].get(at(other)) != Some(&step) {
                return None;
            }
            places.push(cluster.wires[side].iter().position(|&own| own == other)?);
        }
        Some((step, places))
    }

    fn accept(&mut self, trial: Trial) {
        let mut free = trial.merged;
        for &place in &free {
            self.clusters[place] = None;
        }
        for part in trial.parts {
            let place = free.pop().unwrap_or(self.clusters.len());
            if place == self.clusters.len() {
                self.clusters.push(None);
            }
            for side in 0..2 {
                part.wires[side]
                    .iter()
                    .for_each(|&wire| self.home[side][wire] = place);
            }
            self.clusters[place] = Some(part);
        }
        for ((side, wire), count) in trial.done {
            self.done[side][wire] = count;
        }
        self.left -= trial.performed;
        self.error += trial.error;
    }

    /// Whether every output stands alone and unchanged.
    fn compare_ends(&mut self) -> Result<(), String> {
        let clusters = std::mem::take(&mut self.clusters);
        for cluster in clusters.into_iter().flatten() {
            let off_by = self.ends_off(&cluster)?;
            if off_by > SPLIT {
                return Err(format!("a wire comes out differently, by {off_by:.1e}"));
            }
            self.error += off_by;
        }
        Ok(())
    }

    /// How far a group is from what its wires have to be at the end.
    fn ends_off(&self, cluster: &Cluster) -> Result<f64, String> {
        let roles = [0, 1].map(|side| {
            let own = |&wire: &usize| self.queues[side].roles[wire];
            cluster.wires[side].iter().map(own).collect::<Vec<Role>>()
        });
        let matrix = &cluster.matrix;
        if roles.iter().flatten().all(|role| *role == Role::Lost) {
            return Ok(0.0);
        }
        match (&roles[0][..], &roles[1][..]) {
            ([], [Role::Spare]) => Ok(matrix[(1, 0)].norm()),
            ([Role::Spare], [Role::Spare]) if self.queues[1].idle[cluster.wires[1][0]] => {
                Ok(matrix[(1, 0)].norm())
            }
            ([Role::Output(i)], [Role::Output(j)]) if i == j => {
                let off = matrix[(0, 1)].norm().max(matrix[(1, 0)].norm());
                Ok(off.max((matrix[(0, 0)] - matrix[(1, 1)]).norm()))
            }
            (before, after) => measured_off(matrix, before, after).ok_or_else(|| match after {
                [_] => "an output ends in a place of another kind".to_owned(),
                wires => format!("{} wires are still joined at the end", wires.len()),
            }),
        }
    }
}

/// How far a matrix is from phases of the basis states, when all its wires are measured, the same ones on both sides.
fn measured_off(matrix: &DMatrix<C64>, before: &[Role], after: &[Role]) -> Option<f64> {
    if before.len() != after.len() {
        return None;
    }
    let place = |role: &Role| {
        matches!(role, Role::Bit(_) | Role::Measured(_))
            .then(|| before.iter().position(|own| own == role))?
    };
    let places: Vec<usize> = after.iter().map(place).collect::<Option<_>>()?;
    let column = |row: usize| -> usize {
        places
            .iter()
            .enumerate()
            .map(|(bit, &place)| (row >> bit & 1) << place)
            .sum()
    };
    let off = (0..matrix.nrows()).flat_map(|row| {
        (0..matrix.ncols())
            .filter(move |&other| other != column(row))
            .map(move |other| matrix[(row, other)].norm_sqr())
    });
    Some(off.sum::<f64>().sqrt())
}

impl Queue {
    fn new(program: &Program) -> Self {
        let mut of = vec![Vec::new(); program.wires.len()];
        for (index, step) in program.steps.iter().enumerate() {
            for wire in step.wires() {
                of[wire].push(index);
            }
        }
        let idle = program
            .wires
            .iter()
            .zip(&of)
            .map(|(wire, steps)| wire.start == Start::Zero && steps.is_empty());
        Self {
            steps: program.steps.clone(),
            idle: idle.collect(),
            of,
            roles: program.roles.clone(),
        }
    }

    fn add_idle(&mut self) -> usize {
        self.of.push(Vec::new());
        self.roles.push(Role::Spare);
        self.idle.push(true);
        self.of.len() - 1
    }
}

impl Cluster {
    /// Both side by side: the other's wires come after the own ones.
    fn joined(&self, other: &Self) -> Self {
        let wires = [0, 1].map(|side| [&self.wires[side][..], &other.wires[side][..]].concat());
        Self {
            wires,
            matrix: other.matrix.kronecker(&self.matrix),
        }
    }

    /// Performs a step of A or B on these places.
    fn perform(&mut self, side: usize, step: &Step, places: &[usize]) {
        let gate = step.matrix();
        if side == 1 {
            apply_to_rows(&mut self.matrix, &gate, places);
        } else {
            // (M V^-1)^T = conj(V) M^T.
            let mut transposed = self.matrix.transpose();
            apply_to_rows(&mut transposed, &gate.map(|entry| entry.conj()), places);
            self.matrix = transposed.transpose();
        }
    }

    /// A wire of B, by itself or with one of A, that is a product with the rest: it, the rest, and how far the product is
    /// off.
    fn split(&self) -> Option<(Self, Self, f64)> {
        let [from, to] = [0, 1].map(|side| self.wires[side].len());
        if to < 2 {
            return None;
        }
        let alone = (from < to).then_some(None);
        for a in (0..from).map(Some).chain(alone) {
            for b in 0..to {
                if let Some((small, rest, residual)) = factor(&self.matrix, a, b, SPLIT) {
                    let without = |list: &[usize], place: usize| {
                        let mut list = list.to_vec();
                        list.remove(place);
                        list
                    };
                    let own = a.map(|a| self.wires[0][a]);
                    let single = Self {
                        wires: [own.into_iter().collect(), vec![self.wires[1][b]]],
                        matrix: small,
                    };
                    let others =
                        a.map_or_else(|| self.wires[0].clone(), |a| without(&self.wires[0], a));
                    let wires = [others, without(&self.wires[1], b)];
                    return Some((
                        single,
                        Self {
                            wires,
                            matrix: rest,
                        },
                        residual,
                    ));
                }
            }
        }
        None
    }
}
