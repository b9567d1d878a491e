//! What each candidate swap would bring.
//!
//! The effect of each swap is kept in flat arrays, one entry per edge, and after a swap only the
//! edges around the two moved wires and their partners are computed again.

use rand::RngExt;
use rand_pcg::Pcg64Mcg;
use smallvec::SmallVec;

use super::super::graph::{APART, DeviceGraph, NONE};
use super::super::program::{Kind, Program};
use super::Weights;
use super::router::Router;

#[derive(Clone)]
pub(super) struct Scores {
    /// Partners of each wire in the lookahead, with their weights.
    far: Vec<SmallVec<[(u32, f32); 4]>>,
    far_wires: Vec<u32>,
    /// The lookahead before, empty but while the next one is collected.
    far_before: Vec<SmallVec<[(u32, f32); 4]>>,
    far_wires_before: Vec<u32>,
    /// What each hop distance counts for.
    length: Vec<f32>,
    /// Per edge: change of the weighted distances and the price; infinite where it is no candidate.
    change: Vec<f32>,
    noise: Vec<f32>,
    dirty: Vec<u32>,
    is_dirty: Vec<bool>,
    edge_stamp: Vec<u32>,
    stamp: u32,
    /// Penalty of each qubit whose wire has moved since the last progress.
    recent: Vec<f32>,
    touched: Vec<u32>,
    /// Layer of each block in the queue of the lookahead.
    layers: Vec<u32>,
}

impl Scores {
    pub(super) fn new(graph: &DeviceGraph, program: &Program, weights: Weights) -> Self {
        let (n, wires, edges) = (graph.num_qubits(), program.num_wires(), graph.edges().len());
        let mut scores = Scores {
            far: vec![SmallVec::new(); wires],
            far_wires: Vec::new(),
            far_before: vec![SmallVec::new(); wires],
            far_wires_before: Vec::new(),
            length: Vec::new(),
            change: vec![f32::INFINITY; edges],
            noise: Vec::new(),
            dirty: Vec::new(),
            is_dirty: vec![false; n],
            edge_stamp: vec![0; edges],
            stamp: 0,
            recent: vec![0.0; n],
            touched: Vec::new(),
            layers: Vec::new(),
        };
        scores.set_weights(graph, weights);
        scores
    }

    pub(super) fn set_weights(&mut self, graph: &DeviceGraph, weights: Weights) {
        let mean = graph.mean_edge_cost();
        let noise = |e: usize| (graph.edge_cost(e as u32) / mean - 1.0) as f32 * weights.noise;
        self.noise = (0..graph.edges().len()).map(noise).collect();
        self.length = lengths(graph.diameter(), weights.bend);
    }

    pub(super) fn mark(&mut self, qubit: u32) {
        if !self.is_dirty[qubit as usize] {
            self.is_dirty[qubit as usize] = true;
            self.dirty.push(qubit);
        }
    }

    /// Makes moving these qubits' wires again less attractive for a while.
    pub(super) fn moved(&mut self, p: u32, q: u32, penalty: f32) {
        self.recent[p as usize] += penalty;
        self.recent[q as usize] += penalty;
    }

    pub(super) fn forget_moves(&mut self) {
        self.recent.fill(0.0);
    }

    /// Marks the wires whose lookahead is another than before: most keep theirs from one block to the next.
    fn mark_changed(&mut self, qubit_of: &[u32]) {
        let (now, before) = (
            std::mem::take(&mut self.far_wires),
            std::mem::take(&mut self.far_wires_before),
        );
        for &wire in now.iter().chain(&before) {
            if self.far[wire as usize] != self.far_before[wire as usize] {
                self.mark(qubit_of[wire as usize]);
            }
        }
        for &wire in &before {
            self.far_before[wire as usize].clear();
        }
        self.far_wires = now;
        self.far_wires_before = before;
        self.far_wires_before.clear();
    }

    pub(super) fn far_partners(&self, wire: u32) -> usize {
        self.far[wire as usize].len()
    }

    pub(super) fn far_partner(&self, wire: u32, index: usize) -> u32 {
        self.far[wire as usize][index].0
    }
}

/// What each hop distance counts for, from 0 to the diameter.
fn lengths(diameter: u16, bend: f32) -> Vec<f32> {
    let mut lengths = vec![0.0, 0.0];
    let (mut sum, mut hop) = (0.0, 1.0);
    for _ in 2..=diameter.max(1) {
        sum += hop;
        hop *= bend;
        lengths.push(sum);
    }
    lengths
}

impl Router<'_> {
    /// Collects the lookahead: the next blocks behind the front, in order of depth.
    pub(super) fn look_ahead(&mut self) {
        let scores = &mut self.scores;
        std::mem::swap(&mut scores.far, &mut scores.far_before);
        std::mem::swap(&mut scores.far_wires, &mut scores.far_wires_before);
        scores.layers.clear();
        scores.layers.resize(self.front.len(), 0);
        self.queue.extend_from_slice(&self.front);
        let (mut next, mut found) = (0, 0);
        let (mut weight, mut weight_layer) = (self.weights.far, 1);
        while next < self.queue.len() && found < self.weights.lookahead {
            let layer = scores.layers[next];
            for &after in self.program.successors(self.queue[next]) {
                scores.touched.push(after);
                if self.waiting.less(self.program, after) > 0 {
                    continue;
                }
                self.queue.push(after);
                let Kind::Pair(a, b) = self.program.kind(after) else {
                    scores.layers.push(layer);
                    continue;
                };
                scores.layers.push(layer + 1);
                if layer + 1 > weight_layer {
                    weight *= self.weights.fade.powi((layer + 1 - weight_layer) as i32);
                    weight_layer = layer + 1;
                }
                found += 1;
                for (x, y) in [(a, b), (b, a)] {
                    scores.far[x as usize].push((y, weight));
                    scores.far_wires.push(x);
                }
            }
            next += 1;
        }
        for &node in &scores.touched {
            self.waiting.more(self.program, node);
        }
        scores.touched.clear();
        self.queue.clear();
        scores.mark_changed(&self.qubit_of);
    }

    /// Computes the candidates around dirty qubits again.
    pub(super) fn rescore(&mut self) {
        self.scores.stamp = self.scores.stamp.wrapping_add(1);
        let stamp = self.scores.stamp;
        let mut dirty = std::mem::take(&mut self.scores.dirty);
        for &qubit in &dirty {
            self.scores.is_dirty[qubit as usize] = false;
            for &edge in self.graph.incident(qubit) {
                if self.scores.edge_stamp[edge as usize] != stamp {
                    self.scores.edge_stamp[edge as usize] = stamp;
                    self.scores.change[edge as usize] = self.change_by(edge);
                }
            }
        }
        dirty.clear();
        self.scores.dirty = dirty;
    }

    fn change_by(&self, edge: u32) -> f32 {
        let (p, q) = self.graph.edges()[edge as usize];
        let (a, b) = (self.wire_at[p as usize], self.wire_at[q as usize]);
        let is_busy = |wire: u32| wire != NONE && !self.near[wire as usize].is_empty();
        let saving = self.tally.saving(p, q);
        if !is_busy(a) && !is_busy(b) && saving < 3 {
            return f32::INFINITY;
        }
        let (from_p, from_q) = (self.graph.distances_from(p), self.graph.distances_from(q));
        let length = &self.scores.length;
        let mut change = 0.0;
        for (wire, other, here, there) in [(a, q, from_p, from_q), (b, p, from_q, from_p)] {
            if wire == NONE {
                continue;
            }
            let gain = |partner: u32| {
                let at = self.qubit_of[partner as usize];
                if at == other {
                    0.0
                } else {
                    length[there[at as usize] as usize] - length[here[at as usize] as usize]
                }
            };
            for x in &self.near[wire as usize] {
                change += gain(x.0);
            }
            for &(partner, weight) in &self.scores.far[wire as usize] {
                change += weight * gain(partner);
            }
        }
        change - saving as f32 / 3.0 * self.weights.absorb + self.scores.noise[edge as usize]
    }

    /// The best candidate; ties are broken at random.
    pub(super) fn best_edge(&mut self, random: &mut Pcg64Mcg) -> Option<u32> {
        const TIE: f32 = 1e-4;
        let (mut best, mut chosen, mut ties) = (f32::INFINITY, None, 0);
        let recent = &self.scores.recent;
        for (edge, &(p, q)) in self.graph.edges().iter().enumerate() {
            let change = self.scores.change[edge];
            if change > best + TIE {
                continue;
            }
            let mut score = change + recent[p as usize].max(recent[q as usize]);
            if self.weights.jitter > 0.0 {
                score += self.weights.jitter * random.random::<f32>();
            }
            if score < best - TIE {
                best = score;
                chosen = Some(edge as u32);
                ties = 1;
            } else if score <= best + TIE && score < f32::INFINITY {
                ties += 1;
                if random.random_range(0..ties) == 0 {
                    chosen = Some(edge as u32);
                }
            }
        }
        chosen
    }

    /// Weighted hops that the front and the lookahead are still apart.
    pub(crate) fn hops_ahead(&self) -> f64 {
        let near = self.front_distance as f64 - self.front.len() as f64;
        let far: f64 = self
            .scores
            .far_wires
            .iter()
            .map(|&wire| self.far_hops(wire))
            .sum();
        // Each block of the lookahead was met from both of its wires, as often as it is listed.
        near + far
    }

    fn far_hops(&self, wire: u32) -> f64 {
        let list = &self.scores.far[wire as usize];
        let hops = list.iter().map(|&(partner, weight)| {
            let hops = self.wire_distance(wire, partner);
            if hops == i64::from(APART) {
                0.0
            } else {
                f64::from(weight) * (hops - 1) as f64
            }
        });
        // `far_wires` lists a wire once for each of its blocks.
        hops.sum::<f64>() / (2 * list.len().max(1)) as f64
    }
}
