//! A circuit as one-qubit gates and, after each, the phases that only became possible by it.
//!
//! Phases commute with each other, so each may move to the front until it meets a gate on one of its two qubits that
//! does not let it pass. The one met first is the phase's *hub*: right after a gate on the hub all phases wait that
//! belong to it, a star of pairs around one qubit.

use std::collections::BTreeMap;
use std::f64::consts::FRAC_1_SQRT_2;

use ardea_circuit::{C64, Circuit, Instruction, Qubit};
use nalgebra::{Matrix2, Matrix4};
use rustc_hash::FxHashMap;

use crate::CompileError;
use crate::synthesis::TOLERANCE;
use crate::synthesis::weyl::Weyl;
use crate::translate::{Block, Item, for_each_item};

/// What happens at a star's time before its phases.
pub(super) enum Act {
    /// Nothing.
    None,
    /// A gate on the hub.
    Gate(Matrix2<C64>),
    /// Instructions that are kept as they are, and the wires on which they hold everything in order.
    Kept(Vec<Instruction>, Vec<usize>),
}

/// An act, and the phases that wait for its hub.
pub(super) struct Star {
    pub(super) act: Act,
    pub(super) hub: usize,
    /// For each partner the angle of `exp(-i angle/2 ZZ)`.
    pub(super) partners: BTreeMap<usize, f64>,
}

/// The whole circuit: what each wire starts with, then one star after the other, then what each wire ends with.
pub(super) struct Stars {
    pub(super) first: Vec<Matrix2<C64>>,
    pub(super) stars: Vec<Star>,
    pub(super) last: Vec<Matrix2<C64>>,
    /// Global phase in radians, besides the circuit's own.
    pub(super) phase: f64,
    /// How many pairs of hub and partner there are.
    pub(super) num_pairs: usize,
    /// The wire whose value each wire ends with: swaps are followed, not written.
    pub(super) values: Vec<usize>,
}

impl Stars {
    /// None when a gate has no matrix.
    pub(super) fn of(circuit: &Circuit) -> Option<Self> {
        let num_qubits = circuit.num_qubits();
        let mut reader = Reader {
            first: vec![Matrix2::identity(); num_qubits],
            local: vec![Matrix2::identity(); num_qubits],
            early: vec![None; num_qubits],
            late: vec![None; num_qubits],
            starts: Vec::new(),
            stars: Vec::new(),
            phase: 0.0,
            values: (0..num_qubits).collect(),
        };
        let mut readable = true;
        let walked = for_each_item(circuit, |item| {
            match item {
                Item::Block(block) => readable &= reader.block(block).is_some(),
                Item::Single(instruction) => reader.single(circuit, instruction),
            }
            Ok::<_, CompileError>(())
        });
        (readable && walked.is_ok()).then(|| reader.finish())
    }

    /// The wires with phases between them, sorted.
    pub(super) fn wires_in_pairs(&self) -> Vec<usize> {
        let mut paired = vec![false; self.first.len()];
        for star in self.stars.iter().filter(|star| !star.partners.is_empty()) {
            paired[star.hub] = true;
            star.partners.keys().for_each(|&wire| paired[wire] = true);
        }
        (0..paired.len()).filter(|&wire| paired[wire]).collect()
    }

    /// Orders of the wires on a line that are worth trying: as they are in use for the last time, as they are
    /// hubs for the first time with those that never are at either end, and as they are numbered.
    pub(super) fn orders(&self) -> Vec<Vec<usize>> {
        let wires = self.wires_in_pairs();
        let mut first: FxHashMap<usize, usize> = FxHashMap::default();
        for (time, star) in self.stars.iter().enumerate() {
            if !star.partners.is_empty() {
                first.entry(star.hub).or_insert(time + 1);
            }
        }
        let uses = self.last_uses();
        let mut done = wires.clone();
        done.sort_by_key(|&wire| (uses[wire], self.stars[uses[wire]].hub != wire, wire));
        let mut orders = vec![done];
        for never in [usize::MAX, 0] {
            let mut by_hub = wires.clone();
            by_hub.sort_by_key(|wire| (first.get(wire).copied().unwrap_or(never), *wire));
            orders.push(by_hub);
        }
        orders.push(wires);
        orders.dedup();
        orders
    }

    /// For each wire the last star that it takes part in.
    pub(super) fn last_uses(&self) -> Vec<usize> {
        let mut last = vec![0; self.first.len()];
        for (time, star) in self.stars.iter().enumerate() {
            for &wire in star.partners.keys().chain([&star.hub]) {
                if !star.partners.is_empty() {
                    last[wire] = time;
                }
            }
        }
        last
    }
}

struct Reader {
    first: Vec<Matrix2<C64>>,
    /// The product of the gates on a wire since its last star, which let phases pass.
    local: Vec<Matrix2<C64>>,
    /// For a wire that met anything yet, its star before all gates.
    early: Vec<Option<usize>>,
    /// The last star that a gate on the wire began.
    late: Vec<Option<usize>>,
    starts: Vec<Star>,
    stars: Vec<Star>,
    phase: f64,
    /// The wire whose value each wire of the circuit has now.
    values: Vec<usize>,
}

impl Reader {
    fn single(&mut self, circuit: &Circuit, instruction: &Instruction) {
        if let ([qubit], true) = (&*instruction.qubits, instruction.operation.is_unitary())
            && let Some(matrix) = instruction.operation.matrix1()
        {
            let local = &mut self.local[self.values[qubit.index()]];
            *local = matrix * *local;
            return;
        }
        let fenced = circuit.fenced_qubits(instruction);
        let wires = fenced.iter().map(|qubit| qubit.index()).collect();
        self.keep([instruction].into_iter(), wires);
    }

    fn keep<'a>(
        &mut self,
        instructions: impl Iterator<Item = &'a Instruction>,
        mut wires: Vec<usize>,
    ) {
        let value = |q: Qubit| Qubit::new(self.values[q.index()]);
        let instructions = instructions
            .map(|instruction| Instruction {
                operation: instruction.operation.clone(),
                qubits: instruction.qubits.map(value),
            })
            .collect();
        wires.iter_mut().for_each(|wire| *wire = self.values[*wire]);
        for &wire in &wires {
            let local = std::mem::replace(&mut self.local[wire], Matrix2::identity());
            self.gate(wire, local);
            self.meet(wire);
        }
        let (hub, others) = match wires.split_first() {
            Some((&hub, others)) => (hub, others.to_vec()),
            None => (0, Vec::new()),
        };
        self.begin(hub, Act::Kept(instructions, wires));
        for wire in others {
            self.begin(wire, Act::None);
        }
    }

    fn block(&mut self, block: &Block<'_>) -> Option<()> {
        let matrix = block.matrix()?;
        let wires = block.qubits.map(|qubit| qubit.index());
        let mut weyl = Weyl::of(&matrix);
        let swapped = !is_phase(&weyl);
        if swapped {
            weyl = Weyl::of(&swap_after(&matrix));
        }
        if !is_phase(&weyl) {
            self.keep(block.members(), wires.to_vec());
            return Some(());
        }
        let wires = wires.map(|wire| self.values[wire]);
        if weyl.coordinates.a < TOLERANCE {
            // Its axis means nothing.
            for (side, &wire) in wires.iter().enumerate() {
                self.local[wire] = weyl.left[side] * weyl.right[side] * self.local[wire];
            }
            self.phase += weyl.phase;
            self.exchange(block, swapped);
            return Some(());
        }
        // exp(i a XX) between Hadamard gates is a phase.
        let half = C64::from(FRAC_1_SQRT_2);
        let h = Matrix2::new(half, half, half, -half);
        let mut angle = -2.0 * weyl.coordinates.a;
        for (side, &wire) in wires.iter().enumerate() {
            let mut before = h * weyl.right[side] * self.local[wire];
            match sign_passed(&before, angle) {
                Some(sign) => angle *= sign,
                None => {
                    self.gate(wire, before);
                    before = Matrix2::identity();
                }
            }
            self.meet(wire);
            self.local[wire] = weyl.left[side] * h * before;
        }
        self.phase += weyl.phase;
        self.add_pair(wires, angle);
        self.exchange(block, swapped);
        Some(())
    }

    fn exchange(&mut self, block: &Block<'_>, swapped: bool) {
        if swapped {
            let [a, b] = block.qubits.map(|qubit| qubit.index());
            self.values.swap(a, b);
        }
    }

    /// A gate that holds up phases.
    fn gate(&mut self, wire: usize, matrix: Matrix2<C64>) {
        if self.early[wire].is_none() {
            self.first[wire] = matrix;
        } else if matrix != Matrix2::identity() {
            self.begin(wire, Act::Gate(matrix));
        }
    }

    fn meet(&mut self, wire: usize) {
        if self.early[wire].is_none() {
            self.early[wire] = Some(self.starts.len());
            self.starts.push(Star {
                act: Act::None,
                hub: wire,
                partners: BTreeMap::new(),
            });
        }
    }

    fn begin(&mut self, hub: usize, act: Act) {
        if let Some(late) = self.late.get_mut(hub) {
            *late = Some(self.stars.len());
        }
        self.stars.push(Star {
            act,
            hub,
            partners: BTreeMap::new(),
        });
    }

    /// A phase goes to the wire with the later gate, or, where none had any, to that which met others first.
    fn add_pair(&mut self, [a, b]: [usize; 2], angle: f64) {
        let (star, partner) = match (self.late[a], self.late[b]) {
            (None, None) if self.early[a] < self.early[b] => (self.early[a], b),
            (None, None) => (self.early[b], a),
            (first, second) if first > second => (first, b),
            (_, second) => (second, a),
        };
        let stars = if self.late[a].or(self.late[b]).is_none() {
            &mut self.starts
        } else {
            &mut self.stars
        };
        if let Some(star) = star.and_then(|place| stars.get_mut(place)) {
            *star.partners.entry(partner).or_insert(0.0) += angle;
        }
    }

    fn finish(mut self) -> Stars {
        self.starts.append(&mut self.stars);
        Stars {
            num_pairs: self.starts.iter().map(|star| star.partners.len()).sum(),
            first: self.first,
            stars: self.starts,
            last: self.local,
            phase: self.phase,
            values: self.values,
        }
    }
}

/// Whether it is `exp(i a XX)` between gates on single qubits.
fn is_phase(weyl: &Weyl) -> bool {
    weyl.coordinates.b < TOLERANCE && weyl.coordinates.c.abs() < TOLERANCE
}

/// The block and then a SWAP.
fn swap_after(matrix: &Matrix4<C64>) -> Matrix4<C64> {
    let mut swapped = *matrix;
    swapped.swap_rows(1, 2);
    swapped
}

/// By what a phase of this angle is multiplied when it moves to before the gate; none if it may not.
fn sign_passed(gate: &Matrix2<C64>, angle: f64) -> Option<f64> {
    // What moving would change is the product of the two, and far below any angle that matters.
    let blocks = |entry: C64| entry.norm() * angle.abs() >= TOLERANCE || entry.norm() >= 1e-5;
    if !blocks(gate[(1, 0)]) {
        Some(1.0)
    } else if !blocks(gate[(0, 0)]) {
        Some(-1.0)
    } else {
        None
    }
}
