//! Writes runs of gates anew from their Pauli rotations.
//!
//! ```text
//! before:  a ladder of cx, rz, and the ladder back, for each of many products of Paulis
//! after:   a network in which each rotation is about one qubit's Pauli, and each cx serves several of them
//! ```
//!
//! A run of gates becomes rotations and a Clifford ([`super::program`]), equal rotations are merged, and a network is
//! searched in several manners ([`super::network`]); the one that needs the fewest two-qubit gates, counted after runs
//! on a pair are written in their least number, is taken. The Clifford's permutation is left to the layout.
//!
//! On a device's graph ([`Reach::Coupled`]) only pairs on edges of a small connected piece of the graph are
//! entangled, so that no swap is needed afterwards.

use std::collections::BTreeSet;
use std::sync::Arc;

use ardea_circuit::{Angle, Circuit, Gate, Instruction, Operation, Pauli, Qubit};
use ardea_device::Target;
use rayon::prelude::*;
use smallvec::SmallVec;

use super::fragments::{Part, parts};
use super::metric::MAX_TABLE_QUBITS;
use super::narrow::{MAX_QUBITS, Narrow, ones};
use super::network::{Network, Step, Taste, synthesise};
use super::parity::{self, Beam};
use super::placement::{Placing, placings};
use super::program::{Program, Rotation, eighths};
use super::turns::{Turn, operations};
use crate::translate::count_after_merging;
use crate::{Change, CompileError, Context, Effort, Level, Pass, Properties};

/// Which pairs of qubits may be entangled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// All: what the result costs on the device is left to routing.
    #[default]
    Free,
    /// Those on edges of a connected piece of the device, as large as the run of gates is wide.
    Coupled,
}

/// Writes runs of gates anew from their Pauli rotations.
#[derive(Clone, Copy, Debug)]
pub struct ResynthesizePaulis {
    /// Which pairs of qubits may be entangled.
    pub reach: Reach,
    /// How many searches are tried.
    pub level: Level,
}

impl Pass for ResynthesizePaulis {
    fn name(&self) -> &'static str {
        match self.reach {
            Reach::Free => "resynthesize-paulis",
            Reach::Coupled => "resynthesize-paulis-coupled",
        }
    }

    fn requires(&self) -> Properties {
        Properties::MAX_TWO_QUBIT
    }

    fn invalidates(&self) -> Properties {
        Properties::BASIS | Properties::ROUTED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let mut writer = Writer {
            out: circuit.same_shape(),
            wires: (0..circuit.num_qubits()).map(Qubit::new).collect(),
            change: Change::Unchanged,
        };
        writer.out.add_global_phase(circuit.global_phase().clone());
        for part in parts(circuit) {
            match part {
                Part::Other(instructions) => {
                    instructions.iter().for_each(|i| writer.keep(i));
                }
                Part::Gates(instructions) => {
                    for piece in pieces(&instructions, circuit.num_qubits()) {
                        self.rewrite(&piece, context, &mut writer)?;
                    }
                }
            }
        }
        if writer.change.is_changed() {
            *circuit = writer.out;
            context.permute_last(&writer.wires);
        }
        Ok(writer.change)
    }
}

impl ResynthesizePaulis {
    /// Writes a run of gates whose qubits are connected by it.
    fn rewrite(
        &self,
        piece: &Piece,
        context: &Context<'_>,
        writer: &mut Writer,
    ) -> Result<(), CompileError> {
        let keep = |writer: &mut Writer| piece.instructions.iter().for_each(|i| writer.keep(i));
        let num_qubits = piece.qubits.len();
        if !(2..=MAX_QUBITS).contains(&num_qubits) {
            keep(writer);
            return Ok(());
        }
        let local = |q: Qubit| piece.qubits.binary_search(&q).unwrap_or(0);
        let Some(program) = Program::of(&piece.instructions, num_qubits, local) else {
            keep(writer);
            return Ok(());
        };
        let searches = self.searches(&program, context);
        let candidates: Vec<Option<(usize, Circuit, Vec<usize>)>> = searches
            .par_iter()
            .map(|(placing, manner)| candidate(&program, placing, *manner))
            .collect();
        let best = candidates
            .into_iter()
            .flatten()
            .min_by_key(|(cost, ..)| *cost);
        let Some((cost, network, place)) = best else {
            keep(writer);
            return Ok(());
        };
        if self.reach == Reach::Free && cost >= cost_of(piece)? {
            keep(writer);
            return Ok(());
        }
        writer.change = Change::Changed;
        let wires: Vec<Qubit> = piece
            .qubits
            .iter()
            .map(|q| writer.wires[q.index()])
            .collect();
        writer.out.add_global_phase(network.global_phase().clone());
        for instruction in network.instructions() {
            writer.out.push_valid(Instruction {
                operation: instruction.operation.clone(),
                qubits: instruction.qubits.map(|q| wires[q.index()]),
            });
        }
        for (q, &place) in piece.qubits.iter().zip(&place) {
            writer.wires[q.index()] = wires[place];
        }
        Ok(())
    }

    /// What to start from, and in which manner: every manner without chance, then with it while the budget lasts.
    fn searches(&self, program: &Program, context: &Context<'_>) -> Vec<(Arc<Placing>, Manner)> {
        let manners = manners(self.reach);
        let (budget, most) = budget(self.level);
        let price = program.rotations.len() * program.num_qubits.pow(2);
        let affordable = budget / price.max(1);
        let count = affordable.clamp(1, most);
        let placings = match self.reach {
            Reach::Free => vec![Placing::free(program.num_qubits)],
            Reach::Coupled if program.num_qubits > MAX_TABLE_QUBITS => Vec::new(),
            Reach::Coupled => placings(program, context, count.div_ceil(3)),
        };
        let placings: Vec<Arc<Placing>> = placings.into_iter().map(Arc::new).collect();
        let all = placings.len() * manners.len();
        let beams = match self.reach {
            Reach::Free => beams(self.level, context),
            Reach::Coupled => Vec::new(),
        };
        let greedy = (0..if all == 0 { 0 } else { count }).map(|index| {
            let mut taste = manners[index / placings.len() % manners.len()];
            if index >= all {
                taste.noise = NOISE[index % NOISE.len()];
                taste.seed = context.trial_seed(index);
            }
            (
                Arc::clone(&placings[index % placings.len()]),
                Manner::Greedy(taste),
            )
        });
        let beams = beams
            .into_iter()
            .map(|beam| (Arc::clone(&placings[0]), Manner::Beam(beam)));
        beams.chain(greedy).collect()
    }
}

/// How a network is searched.
#[derive(Clone, Copy, Debug)]
enum Manner {
    Greedy(Taste),
    /// For rotations about parities.
    Beam(Beam),
}

/// The searches among sequences of `cx`, tried on every run of gates that has rotations about parities only.
///
/// Where routing follows, it costs more than a longer search gains, which is then only for those who grant the time.
fn beams(level: Level, context: &Context<'_>) -> Vec<Beam> {
    let (budget, most) = match level {
        Level::O3 if context.options.effort > Effort::Normal || is_complete(context.target) => {
            (150_000_000, 192)
        }
        Level::O3 => return Vec::new(),
        _ => (20_000_000, 64),
    };
    [0.3, 1.0]
        .into_iter()
        .enumerate()
        .map(|(index, outputs)| Beam {
            budget,
            most,
            outputs,
            seed: context.trial_seed(index),
        })
        .collect()
}

/// Whether all qubits are coupled, so that nothing is ever routed.
fn is_complete(target: &Target) -> bool {
    let qubits = target.num_qubits();
    target.edges().count() == qubits * qubits.saturating_sub(1) / 2
}

/// What all searches of a run may take together, and how many there are at most. A search takes about its rotations
/// times the pairs of qubits.
fn budget(level: Level) -> (usize, usize) {
    match level {
        Level::O3 => (1_500_000, 48),
        _ => (600_000, 16),
    }
}

/// How much chance the searches after the first of each manner have, in turn: which does best differs by circuit.
const NOISE: [f64; 4] = [0.3, 0.6, 0.1, 1.0];

/// The manners of searching, the best first on its own: measured on Toffoli networks, arithmetic and UCCSD.
fn manners(reach: Reach) -> &'static [Taste] {
    const fn taste(discount: f64, clifford: f64, all_in_front: bool) -> Taste {
        Taste {
            discount,
            clifford,
            pairs_at_once: true,
            all_in_front,
            noise: 0.0,
            seed: 0,
        }
    }
    match reach {
        Reach::Free => {
            const FREE: [Taste; 4] = [
                taste(0.5, 0.5, false),
                taste(0.6, 2.0, false),
                taste(0.3, 1.0, true),
                taste(0.5, 1.0, false),
            ];
            &FREE
        }
        Reach::Coupled => {
            const COUPLED: [Taste; 3] = [
                taste(0.8, 0.7, false),
                taste(0.6, 0.7, false),
                taste(0.8, 0.0, false),
            ];
            &COUPLED
        }
    }
}

struct Writer {
    out: Circuit,
    /// The wire that holds what the input has on each wire.
    wires: Vec<Qubit>,
    change: Change,
}

impl Writer {
    fn keep(&mut self, instruction: &Instruction) {
        self.out.push_valid(Instruction {
            operation: instruction.operation.clone(),
            qubits: instruction.qubits.map(|q| self.wires[q.index()]),
        });
    }
}

/// Gates that share no qubit with the others of their part.
struct Piece {
    instructions: Vec<Instruction>,
    qubits: Vec<Qubit>,
}

/// The gates of a part by connected sets of qubits.
fn pieces(instructions: &[Instruction], num_qubits: usize) -> Vec<Piece> {
    let mut sets = petgraph::unionfind::UnionFind::<usize>::new(num_qubits);
    for instruction in instructions {
        if let [a, b] = instruction.qubits[..] {
            sets.union(a.index(), b.index());
        }
    }
    let mut number = vec![usize::MAX; num_qubits];
    let mut out: Vec<(Vec<Instruction>, BTreeSet<Qubit>)> = Vec::new();
    for instruction in instructions {
        let root = sets.find(instruction.qubits[0].index());
        if number[root] == usize::MAX {
            number[root] = out.len();
            out.push((Vec::new(), BTreeSet::new()));
        }
        let piece = &mut out[number[root]];
        piece.0.push(instruction.clone());
        piece.1.extend(instruction.qubits.iter().copied());
    }
    out.into_iter()
        .map(|(instructions, qubits)| Piece {
            instructions,
            qubits: qubits.into_iter().collect(),
        })
        .collect()
}

fn cost_of(piece: &Piece) -> Result<usize, CompileError> {
    let mut circuit = Circuit::new(piece.qubits.len(), 0);
    for instruction in &piece.instructions {
        let qubits = instruction
            .qubits
            .map(|q| Qubit::new(piece.qubits.binary_search(&q).unwrap_or(0)));
        circuit.push_instruction(Instruction {
            operation: instruction.operation.clone(),
            qubits,
        })?;
    }
    Ok(count_after_merging(&circuit))
}

/// A network with its cost, on the program's qubits, and where each qubit's content ends.
fn candidate(
    program: &Program,
    placing: &Placing,
    manner: Manner,
) -> Option<(usize, Circuit, Vec<usize>)> {
    let move_axis = |axis: &Narrow| placing.moved(axis);
    let rotations: Vec<Rotation> = program
        .rotations
        .iter()
        .map(|rotation| Rotation {
            axis: move_axis(&rotation.axis),
            angle: rotation.angle.clone(),
        })
        .collect();
    // The rows of node k are those of the qubit there.
    let rows: Vec<Narrow> = placing
        .qubits
        .iter()
        .flat_map(|&q| [program.rows[2 * q], program.rows[2 * q + 1]])
        .map(|row| move_axis(&row))
        .collect();
    let network = match manner {
        Manner::Greedy(taste) => synthesise(&rotations, &rows, &placing.metric, taste),
        Manner::Beam(beam) => parity::synthesise(&rotations, &rows, beam),
    }?;
    // Back to the program's qubits: node k is the wire of qubit `qubits[k]`.
    let mut place = vec![0; program.num_qubits];
    for (node, &at) in network.place.iter().enumerate() {
        place[placing.qubits[node]] = placing.qubits[at];
    }
    let circuit = written(program, &network, placing, &place)?;
    Some((count_after_merging(&circuit), circuit, place))
}

/// The steps as gates, with the global phase.
fn written(
    program: &Program,
    network: &Network,
    placing: &Placing,
    place: &[usize],
) -> Option<Circuit> {
    let mut state = program.state.clone();
    let mut names = vec![0; place.len()];
    for (q, &at) in place.iter().enumerate() {
        names[at] = q;
    }
    for step in network.steps.iter().rev() {
        match step {
            Step::Rotate { .. } => {}
            Step::Entangle(gate) => state.entangle(gate, |node| names[placing.qubits[node]]),
            Step::Quarter {
                qubit,
                pauli,
                quarters,
            } => {
                let mut axis = Narrow::single(names[placing.qubits[*qubit]], *pauli);
                axis.turn_phase(2);
                state.turn(&axis, *quarters);
            }
        }
    }
    let mut out = Circuit::new(program.num_qubits, 0);
    out.add_global_phase(program.phase.clone() + eighths(state.phase()?).into());
    for step in &network.steps {
        write_step(step, placing, &mut out)?;
    }
    Some(out)
}

fn write_step(step: &Step, placing: &Placing, out: &mut Circuit) -> Option<()> {
    let mut push = |operation: Operation, node: usize| {
        out.push(operation, &[Qubit::new(placing.qubits[node])])
            .ok()
            .map(|_| ())
    };
    match step {
        Step::Entangle(gate) => {
            for (&node, &pauli) in gate.qubits.iter().zip(&gate.paulis) {
                if pauli == Pauli::Y {
                    push(Operation::Gate(Gate::Sdg), node)?;
                }
                if pauli != Pauli::Z {
                    push(Operation::Gate(Gate::H), node)?;
                }
            }
            let qubits = gate.qubits.map(|node| Qubit::new(placing.qubits[node]));
            out.push(Operation::Gate(Gate::CZ), &qubits).ok()?;
            for (&node, &pauli) in gate.qubits.iter().zip(&gate.paulis) {
                let qubit = [Qubit::new(placing.qubits[node])];
                if pauli != Pauli::Z {
                    out.push(Operation::Gate(Gate::H), &qubit).ok()?;
                }
                if pauli == Pauli::Y {
                    out.push(Operation::Gate(Gate::S), &qubit).ok()?;
                }
            }
            Some(())
        }
        Step::Rotate { axis, angle } => {
            let angle = if axis.is_negative() {
                -angle.clone()
            } else {
                angle.clone()
            };
            write_turn(axis, angle, placing, out)
        }
        Step::Quarter {
            qubit,
            pauli,
            quarters,
        } => {
            let angle = Angle::Value(f64::from(*quarters) * std::f64::consts::FRAC_PI_2);
            write_turn(&Narrow::single(*qubit, *pauli), angle, placing, out)
        }
    }
}

fn write_turn(axis: &Narrow, angle: Angle, placing: &Placing, out: &mut Circuit) -> Option<()> {
    let nodes: SmallVec<[usize; 2]> = ones(axis.support()).collect();
    let mut paulis = [Pauli::I; 2];
    for (pauli, &node) in paulis.iter_mut().zip(&nodes) {
        *pauli = axis.at(node);
    }
    for (operation, places) in operations(&Turn { paulis, angle }) {
        let qubits: SmallVec<[Qubit; 2]> = places
            .iter()
            .map(|&k| Qubit::new(placing.qubits[nodes[k]]))
            .collect();
        out.push(operation, &qubits).ok()?;
    }
    Some(())
}

#[cfg(test)]
mod tests;
