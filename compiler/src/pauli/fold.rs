//! Merges rotations that are the same once the Clifford gates between them are accounted for.
//!
//! ```text
//! before                          after
//! t q[1];                         s q[1];
//! cx q[0], q[1];                  cx q[0], q[1];
//! h q[0];                         h q[0];
//! h q[0];                         h q[0];
//! cx q[0], q[1];                  cx q[0], q[1];
//! t q[1];
//! ```
//!
//! With all Clifford gates pulled to the end of the circuit each rotation is about some Pauli operator on many qubits.
//! Two about the same operator add up when everything between them commutes with it, wherever in the circuit they
//! stand. Nothing else is touched: the gates on two qubits stay, and those that only carried a rotation which is gone
//! cancel in later passes. (Phase polynomials: Amy, Maslov, Mosca, 2014, arXiv:1303.2042; Nam et al., 2018,
//! arXiv:1710.07345; by Pauli operators across Hadamard gates: Zhang, Chen, 2019, arXiv:1903.12456.)
//!
//! A rotation that becomes a quarter turn is a Clifford gate from the next run on, so the pass belongs into a loop.
//!
//! Measurements let pass what commutes with the measured operator; barriers, resets, delays and control flow let pass
//! what does not act on their qubits.

use std::collections::VecDeque;

use ardea_circuit::{Angle, Circuit, Instruction, Operation, Qubit};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::row::{Frame, Row};
use super::turns::{Kind, Turns, operations, turns_of, wrapped};
use crate::optimise::in_every_body;
use crate::{Change, CompileError, Context, Pass, Properties};

/// How many operators back a partner may be: what keeps memory small and the pass linear.
const WINDOW: usize = 4096;

/// How many comparisons of operators a run may make in all.
const COMPARISONS: usize = 40_000_000;

/// Merges rotations about equal Pauli operators.
#[derive(Clone, Copy, Debug, Default)]
pub struct FoldPhases;

impl Pass for FoldPhases {
    fn name(&self) -> &'static str {
        "fold-phases"
    }

    /// A merged rotation may have an angle that the device does not take.
    fn invalidates(&self) -> Properties {
        Properties::BASIS
    }

    fn run(&self, circuit: &mut Circuit, _: &mut Context<'_>) -> Result<Change, CompileError> {
        in_every_body(circuit, &fold)
    }
}

fn fold(circuit: &mut Circuit) -> Result<Change, CompileError> {
    let mut walk = Walk::new(circuit.num_qubits());
    for (place, instruction) in circuit.instructions().iter().enumerate() {
        walk.add(place as u32, instruction);
    }
    if walk.edits.is_empty() {
        return Ok(Change::Unchanged);
    }
    *circuit = rewritten(circuit, &walk)?;
    Ok(Change::Changed)
}

/// A turn in the circuit: the place of its instruction, and its own place among the instruction's turns.
type Site = (u32, u8);

/// An operator that was met.
struct Met {
    row: Row,
    /// None for what only stands in the way.
    rotation: Option<Folded>,
}

/// A rotation with all that was merged into it.
struct Folded {
    site: Site,
    /// On how many qubits it acts where it stands.
    weight: usize,
    angle: Angle,
}

struct Walk {
    frame: Frame,
    /// The last operators met, oldest first.
    recent: VecDeque<Met>,
    /// How many were dropped from the front of `recent`.
    dropped: usize,
    /// The latest rotation about each operator, counted from the start of the circuit.
    latest: FxHashMap<SmallVec<[u64; 6]>, usize>,
    /// The new angle of each turn that was changed; zero for those that are gone.
    edits: FxHashMap<Site, Angle>,
    phase: Angle,
    comparisons: usize,
}

impl Walk {
    fn new(num_qubits: usize) -> Self {
        Self {
            frame: Frame::new(num_qubits),
            recent: VecDeque::new(),
            dropped: 0,
            latest: FxHashMap::default(),
            edits: FxHashMap::default(),
            phase: Angle::ZERO,
            comparisons: 0,
        }
    }

    fn add(&mut self, place: u32, instruction: &Instruction) {
        let Some(turns) = turns_of(&instruction.operation) else {
            return self.add_obstacle(instruction);
        };
        let movable = is_movable(&instruction.operation, &turns);
        for (k, turn) in turns.turns.iter().enumerate() {
            let paulis = &turn.paulis[..instruction.qubits.len()];
            match Kind::of(&turn.angle) {
                Kind::Clifford { quarters, .. } => {
                    self.frame
                        .append_turn(paulis, &instruction.qubits, quarters);
                }
                Kind::Rotation => {
                    let row = self.frame.image(paulis, &instruction.qubits);
                    let rotation = movable.then(|| Folded {
                        site: (place, k as u8),
                        weight: turn.weight(),
                        angle: turn.angle.clone(),
                    });
                    self.meet(Met { row, rotation });
                }
            }
        }
    }

    /// Something that is not a gate on one or two qubits.
    fn add_obstacle(&mut self, instruction: &Instruction) {
        if instruction.operation.leaves_loop() {
            // What comes after may not happen: nothing merges across.
            self.dropped += self.recent.len();
            self.recent.clear();
            self.latest.clear();
            return;
        }
        let all: Vec<Qubit>;
        let qubits = match &instruction.operation {
            // Its order among everything is kept.
            Operation::Barrier if instruction.qubits.is_empty() => {
                all = (0..self.frame.rows().len() / 2).map(Qubit::new).collect();
                &all[..]
            }
            _ => &instruction.qubits[..],
        };
        for &qubit in qubits {
            let z = self.frame.z(qubit).clone();
            self.meet(Met {
                row: z,
                rotation: None,
            });
            if !matches!(instruction.operation, Operation::Measure(_)) {
                let x = self.frame.x(qubit).clone();
                self.meet(Met {
                    row: x,
                    rotation: None,
                });
            }
        }
    }

    /// Adds an operator to the list, or merges it with an equal one.
    fn meet(&mut self, mut met: Met) {
        if met.rotation.is_none() {
            return self.push(met);
        }
        if let Some(partner) = self.partner(&met.row) {
            let sign = if self.recent[partner].row.is_negative() == met.row.is_negative() {
                1.0
            } else {
                -1.0
            };
            let (Some(earlier), Some(later)) =
                (&mut self.recent[partner].rotation, &mut met.rotation)
            else {
                return self.push(met);
            };
            // Where it acts on fewer qubits, and the first of two alike.
            let stays = earlier.weight <= later.weight;
            let (kept, gone) = if stays {
                (earlier, later)
            } else {
                (later, earlier)
            };
            let (angle, phase) = wrapped(kept.angle.clone() + gone.angle.clone() * sign);
            self.phase = self.phase.clone() + phase.into();
            self.edits.insert(gone.site, Angle::ZERO);
            let vanishes = matches!(Kind::of(&angle), Kind::Clifford { quarters: 0, .. });
            if let Kind::Clifford { quarters: 0, phase } = Kind::of(&angle) {
                self.phase = self.phase.clone() + phase.into();
                self.edits.insert(kept.site, Angle::ZERO);
            } else {
                self.edits.insert(kept.site, angle.clone());
                kept.angle = angle;
            }
            if vanishes || !stays {
                self.recent[partner].rotation = None;
                self.latest.remove(self.recent[partner].row.bits());
                // What is gone stands in nobody's way.
                self.recent[partner].row.clear();
            }
            if vanishes || stays {
                return;
            }
        }
        self.push(met);
    }

    fn push(&mut self, met: Met) {
        if self.recent.len() == WINDOW
            && let Some(old) = self.recent.pop_front()
        {
            if self.latest.get(old.row.bits()) == Some(&self.dropped) {
                self.latest.remove(old.row.bits());
            }
            self.dropped += 1;
        }
        if met.rotation.is_some() {
            let key = SmallVec::from_slice(met.row.bits());
            self.latest.insert(key, self.dropped + self.recent.len());
        }
        self.recent.push_back(met);
    }

    /// The latest rotation about the same operator, when everything since commutes with it.
    fn partner(&mut self, row: &Row) -> Option<usize> {
        let place = self.latest.get(row.bits())?.checked_sub(self.dropped)?;
        let between = self.recent.len() - place;
        if self.comparisons + between > COMPARISONS {
            return None;
        }
        self.comparisons += between;
        let free = self
            .recent
            .range(place + 1..)
            .all(|met| !met.row.anticommutes(row));
        free.then_some(place)
    }
}

/// Whether the turns of an operation may be written one by one without more gates on two qubits than it is.
fn is_movable(operation: &Operation, turns: &Turns) -> bool {
    let pairs = turns.turns.iter().filter(|turn| turn.weight() == 2).count();
    pairs <= 1 && (operation.num_qubits() == Some(1) || operation.standard().is_some())
}

fn rewritten(circuit: &Circuit, walk: &Walk) -> Result<Circuit, CompileError> {
    let mut changed: Vec<u32> = walk.edits.keys().map(|site| site.0).collect();
    changed.sort_unstable();
    changed.dedup();
    let mut changed = changed.into_iter().peekable();
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone() + walk.phase.clone());
    out.reserve(circuit.len());
    for (place, instruction) in circuit.instructions().iter().enumerate() {
        let place = place as u32;
        if changed.next_if_eq(&place).is_none() {
            out.push_valid(instruction.clone());
            continue;
        }
        let Some(turns) = turns_of(&instruction.operation) else {
            continue;
        };
        out.add_global_phase(turns.phase);
        for (k, mut turn) in turns.turns.into_iter().enumerate() {
            if let Some(angle) = walk.edits.get(&(place, k as u8)) {
                turn.angle = angle.clone();
            }
            if turn.angle.is_zero() {
                continue;
            }
            for (operation, places) in operations(&turn) {
                let qubits: SmallVec<[Qubit; 2]> =
                    places.iter().map(|&k| instruction.qubits[k]).collect();
                out.push(operation, &qubits)?;
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use ardea_circuit::{Gate, random::random_circuit};
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::Preserve;
    use crate::optimise::testing::check_on_random_programs;

    #[test]
    fn random_programs_keep_their_meaning() {
        let changed = check_on_random_programs(&FoldPhases, Preserve::Unitary, 300);
        assert!(changed > 60, "{changed}");
    }

    #[test]
    fn clifford_and_t_circuits_keep_their_operator() {
        let mut fewer = 0;
        for seed in 0..60 {
            let mut rng = Pcg64Mcg::seed_from_u64(seed);
            let gates = [
                Gate::H,
                Gate::CX,
                Gate::CX,
                Gate::T,
                Gate::Tdg,
                Gate::S,
                Gate::X,
                Gate::CZ,
            ];
            let before = random_circuit(&mut rng, 4, 60, &gates);
            let mut after = before.clone();
            while fold(&mut after).unwrap().is_changed() {}
            let distance = (before.to_matrix().unwrap() - after.to_matrix().unwrap()).norm();
            assert!(distance < 1e-9, "seed {seed}: {distance}");
            fewer += usize::from(after.len() < before.len());
        }
        assert!(fewer > 50, "{fewer}");
    }

    #[test]
    fn rotations_merge_across_gates_that_a_wire_by_wire_search_cannot_pass() {
        let mut circuit = Circuit::new(3, 0);
        let a = Angle::symbol("a");
        circuit.cx(0, 1).unwrap().rz(a.clone(), 1).unwrap();
        circuit.cx(0, 1).unwrap().h(2).unwrap().cx(2, 0).unwrap();
        // Now qubits 0 and 2 hold x0 + x2 and x2, so their sum with qubit 1 is the parity from before.
        circuit.cx(2, 1).unwrap().cx(0, 1).unwrap();
        circuit.rz(-a, 1).unwrap();
        fold(&mut circuit).unwrap();
        assert!(!circuit.is_symbolic());
        assert_eq!(circuit.count_ops().get("rz"), None);
    }

    #[test]
    fn long_circuits_take_linear_time_and_little_memory() {
        let mut rng = Pcg64Mcg::seed_from_u64(1);
        let gates = [Gate::H, Gate::CX, Gate::T, Gate::RZ, Gate::CX];
        let mut circuit = random_circuit(&mut rng, 100, 100_000, &gates);
        let mut walk = Walk::new(circuit.num_qubits());
        for (place, instruction) in circuit.instructions().iter().enumerate() {
            walk.add(place as u32, instruction);
        }
        assert!(walk.recent.len() <= WINDOW && walk.latest.len() <= WINDOW);
        assert!(fold(&mut circuit).unwrap().is_changed());
    }

    #[test]
    fn nothing_passes_a_reset_and_only_what_commutes_a_measurement() {
        let mut circuit = Circuit::new(1, 1);
        circuit.rz(0.3, 0).unwrap().measure(0, 0).unwrap();
        circuit.rz(0.4, 0).unwrap().reset(0).unwrap();
        circuit.rz(0.5, 0).unwrap().rx(0.5, 0).unwrap();
        circuit.measure(0, 0).unwrap().rx(0.6, 0).unwrap();
        fold(&mut circuit).unwrap();
        let ops = circuit.count_ops();
        assert_eq!((ops["rz"], ops["rx"]), (2, 2));
    }
}
