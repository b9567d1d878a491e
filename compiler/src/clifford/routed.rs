//! Clifford blocks of a routed circuit written with fewer two-qubit gates on the couplings that are there.
//!
//! ```text
//! before                                    after, on a line of three
//! swap q[0], q[1];  cx q[1], q[2];          cx q[0], q[1];  cx q[1], q[2];
//! swap q[0], q[1];  h q[2];  ...            h q[2];  ...
//! ```
//!
//! The router's swaps are Clifford gates too, so a block is seldom the best way over the couplings of its own wires.
//! Where only gates on single qubits come before a block, its inputs may start on other wires, and where only such come
//! after it, its outputs may end on others; the layout follows. Elsewhere every wire keeps its place. A block on wires
//! that are still in |0> only has to prepare a state, unless the operator itself is asked for.

use ardea_circuit::{Circuit, Instruction, Operation, Qubit};
use ardea_device::Target;

use super::block::{Block, Replacement, Untouched};
use super::collect::{Piece, pieces};
use super::on_graph::Couplings;
use super::reduction::Synthesised;
use super::search::{self, Freedom};
use crate::settled::Marker;
use crate::{Change, CompileError, Context, Pass, Properties};

/// Replaces Clifford blocks of a routed circuit by cheaper ones on the same qubits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResynthesizeRoutedClifford {
    /// How often each block is tried.
    pub tries: usize,
}

/// Blocks on more wires are left alone: they would take seconds.
const MAX_WIRES: usize = 200;
/// Circuits of more two-qubit gates are left alone: a try takes a tenth of a millisecond for each of them.
const MAX_TWO_QUBIT: usize = 50_000;

impl Pass for ResynthesizeRoutedClifford {
    fn name(&self) -> &'static str {
        "resynthesize-routed-clifford"
    }

    fn requires(&self) -> Properties {
        Properties::MAPPED | Properties::ROUTED
    }

    fn invalidates(&self) -> Properties {
        Properties::BASIS | Properties::SCHEDULED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        if circuit.two_qubit_count() > MAX_TWO_QUBIT {
            return Ok(Change::Unchanged);
        }
        let pieces = pieces(circuit);
        let mut surroundings = Surroundings::of(circuit);
        let mut untouched = Untouched::at_start(circuit, context.options.preserve);
        let mut out = Output::new(circuit.num_qubits());
        let mut change = Change::Unchanged;
        for piece in &pieces {
            let members = match piece {
                Piece::Single(position) => std::slice::from_ref(position),
                Piece::Block(members) => {
                    surroundings.enter(circuit, members);
                    let freedom = surroundings.freedom(circuit, members, context);
                    surroundings.leave(circuit, members);
                    let found = self.cheaper(circuit, members, context, freedom, &untouched);
                    if let Some(found) = found {
                        untouched.touch(circuit, members);
                        out.phase += found.phase;
                        out.write(&found.block, &found.new);
                        change = Change::Changed;
                        continue;
                    }
                    members
                }
            };
            untouched.touch(circuit, members);
            if let Piece::Single(_) = piece {
                surroundings.enter(circuit, members);
                surroundings.leave(circuit, members);
            }
            for &position in members {
                out.copy(&circuit.instructions()[position]);
            }
        }
        if change.is_changed() {
            let mut new = circuit.same_shape();
            new.add_global_phase(circuit.global_phase().clone());
            new.add_global_phase(out.phase);
            new.reserve(out.instructions.len());
            out.instructions.into_iter().for_each(|i| new.push_valid(i));
            *circuit = new;
            context.permute_first(&out.first);
            context.permute_last(&out.wires);
        }
        Ok(change)
    }
}

impl ResynthesizeRoutedClifford {
    fn cheaper(
        &self,
        circuit: &Circuit,
        members: &[usize],
        context: &mut Context<'_>,
        freedom: Freedom,
        untouched: &Untouched,
    ) -> Option<Replacement> {
        let block = Block::of(circuit, members)?;
        // Two wires are for the Weyl decomposition.
        if block.wires.len() < 3 || block.wires.len() > MAX_WIRES {
            return None;
        }
        let before = block.cost().0;
        // Fewer gates would not even connect the wires.
        if before < block.wires.len() {
            return None;
        }
        let is_fresh = untouched.includes(&block.wires);
        let mut marker = Marker::default();
        marker.add((&block.wires, &block.gates, freedom, is_fresh, self.tries));
        let mark = marker.mark();
        if context.settled.contains(mark) {
            return None;
        }
        let couplings = couplings(&block.wires, context.target);
        if is_fresh && let Some((new, phase)) = block.prepared(&couplings, before) {
            return Some(Replacement { block, new, phase });
        }
        let found = search::on_couplings(
            &block.tableau(),
            &couplings,
            freedom,
            self.tries,
            context.seed,
            before,
        );
        let found = found
            .filter(|new| new.cost().0 < before)
            .and_then(|new| Some((block.phase_to(&new)?, new)));
        match found {
            Some((phase, new)) => Some(Replacement { block, new, phase }),
            None => {
                context.settled.insert(mark);
                None
            }
        }
    }
}

fn couplings(wires: &[Qubit], target: &Target) -> Couplings {
    let edges = wires.iter().enumerate().flat_map(|(place, &wire)| {
        let others = target.neighbours(wire).iter();
        others.filter_map(move |other| {
            let at = wires.binary_search(other).ok()?;
            (place < at).then_some((place, at))
        })
    });
    Couplings::new(wires.len(), edges)
}

/// Whether an instruction may go to another qubit without its neighbours.
fn is_local(instruction: &Instruction) -> bool {
    let single = instruction.qubits.len() == 1 && !instruction.operation.is_control_flow();
    single || instruction.operation == Operation::Barrier
}

/// What joins each wire to others, before and after the place that a sweep has come to.
struct Surroundings {
    before: Vec<usize>,
    after: Vec<usize>,
}

impl Surroundings {
    fn of(circuit: &Circuit) -> Self {
        let mut out = Self {
            before: vec![0; circuit.num_qubits()],
            after: vec![0; circuit.num_qubits()],
        };
        let joining = circuit.instructions().iter().filter(|i| !is_local(i));
        for qubit in joining.flat_map(|i| i.qubits.iter()) {
            out.after[qubit.index()] += 1;
        }
        out
    }

    /// The sweep comes to these instructions.
    fn enter(&mut self, circuit: &Circuit, members: &[usize]) {
        joined(circuit, members).for_each(|wire| self.after[wire] -= 1);
    }

    /// The sweep leaves these instructions behind.
    fn leave(&mut self, circuit: &Circuit, members: &[usize]) {
        joined(circuit, members).for_each(|wire| self.before[wire] += 1);
    }

    fn freedom(&self, circuit: &Circuit, members: &[usize], context: &Context<'_>) -> Freedom {
        let wires = || joined(circuit, members);
        Freedom {
            first: context.options.initial_layout.is_none()
                && wires().all(|wire| self.before[wire] == 0),
            last: wires().all(|wire| self.after[wire] == 0),
        }
    }
}

fn joined<'a>(circuit: &'a Circuit, members: &'a [usize]) -> impl Iterator<Item = usize> + 'a {
    let instructions = members.iter().map(|&p| &circuit.instructions()[p]);
    let joining = instructions.filter(|i| !is_local(i));
    joining.flat_map(|i| i.qubits.iter().map(|q| q.index()))
}

/// The circuit written so far.
struct Output {
    instructions: Vec<Instruction>,
    phase: f64,
    /// Where what started on each wire of the old circuit starts now.
    first: Vec<Qubit>,
    /// The wire that each wire of the old circuit is now.
    wires: Vec<Qubit>,
}

impl Output {
    fn new(num_qubits: usize) -> Self {
        let identity: Vec<Qubit> = (0..num_qubits).map(Qubit::new).collect();
        Self {
            instructions: Vec::new(),
            phase: 0.0,
            first: identity.clone(),
            wires: identity,
        }
    }

    fn copy(&mut self, instruction: &Instruction) {
        self.instructions.push(Instruction {
            operation: instruction.operation.clone(),
            qubits: instruction.qubits.map(|q| self.wires[q.index()]),
        });
    }

    /// The new block in place of the old one.
    fn write(&mut self, block: &Block, new: &Synthesised) {
        let is_moved = |wires: &[usize]| wires.iter().enumerate().any(|(a, &b)| a != b);
        if is_moved(&new.first) {
            // All that is on these wires so far is local and starts where they start.
            let mut to: Vec<Qubit> = (0..self.first.len()).map(Qubit::new).collect();
            for (input, &wire) in new.first.iter().enumerate() {
                to[block.wires[input].index()] = block.wires[wire];
            }
            for instruction in &mut self.instructions {
                instruction.qubits = instruction.qubits.map(|q| to[q.index()]);
            }
            self.first.iter_mut().for_each(|q| *q = to[q.index()]);
        }
        for gate in &new.gates {
            let (operation, qubits) = gate.to_operation();
            self.instructions.push(Instruction {
                operation,
                qubits: qubits.map(|q| block.wires[q.index()]),
            });
        }
        for (output, &wire) in new.last.iter().enumerate() {
            self.wires[block.wires[output].index()] = block.wires[wire];
        }
    }
}

#[cfg(test)]
mod tests {
    use ardea_circuit::random::{ProgramSize, random_circuit, random_program};
    use ardea_circuit::{Gate, Layout};
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;
    use crate::mapping::{Map, check_routed};
    use crate::translate::Unroll;
    use crate::verify::{Placed, Verdict, compare};
    use crate::{CompileOptions, Level, Preserve};

    /// Routes `circuit` on a line, runs the pass, and says whether it changed anything; the result is compared with the
    /// input.
    fn check(circuit: &Circuit, options: &CompileOptions) -> bool {
        let target = Target::line(5).unwrap();
        let mut context = Context::new(&target, options, circuit.num_qubits());
        let mut out = circuit.clone();
        Unroll.run(&mut out, &mut context).unwrap();
        Map::at_level(Level::O1)
            .run(&mut out, &mut context)
            .unwrap();
        let pass = ResynthesizeRoutedClifford { tries: 2 };
        let change = pass.run(&mut out, &mut context).unwrap();
        check_routed(&out, &target).unwrap();
        let verdict = compare(
            Placed {
                circuit,
                layout: &Layout::trivial(circuit.num_qubits()),
            },
            Placed {
                circuit: &out,
                layout: &context.current_layout(),
            },
            options.preserve,
        );
        assert!(
            !matches!(verdict, Verdict::Different(_)),
            "{verdict:?}\n{circuit:?}\nbecame\n{out:?}"
        );
        change.is_changed()
    }

    #[test]
    fn routed_programs_mean_the_same_and_stay_routed() {
        let size = ProgramSize {
            num_qubits: 4,
            num_clbits: 3,
            length: 14,
            nesting: 2,
        };
        for preserve in [Preserve::Unitary, Preserve::State, Preserve::Counts] {
            let options = CompileOptions {
                preserve,
                ..CompileOptions::default()
            };
            let mut changed = 0;
            for seed in 0..150 {
                let mut rng = Pcg64Mcg::seed_from_u64(seed);
                let circuit = match seed % 3 {
                    0 => random_program(&mut rng, size),
                    1 => random_circuit(&mut rng, 5, 25, &[Gate::CX, Gate::H, Gate::S, Gate::CZ]),
                    _ => random_circuit(
                        &mut rng,
                        5,
                        25,
                        &[Gate::CX, Gate::CX, Gate::CZ, Gate::H, Gate::Swap, Gate::T],
                    ),
                };
                changed += usize::from(check(&circuit, &options));
            }
            assert!(changed > 50, "{changed}");
        }
    }

    #[test]
    fn a_layout_that_was_asked_for_is_kept() {
        let layout: Vec<Qubit> = [3, 1, 4, 0, 2].into_iter().map(Qubit::new).collect();
        let options = CompileOptions {
            initial_layout: Some(layout.clone()),
            preserve: Preserve::Unitary,
            ..CompileOptions::default()
        };
        let mut changed = 0;
        for seed in 0..20 {
            let mut rng = Pcg64Mcg::seed_from_u64(seed);
            let circuit = random_circuit(&mut rng, 5, 40, &[Gate::CX, Gate::H, Gate::S]);
            changed += usize::from(check(&circuit, &options));
        }
        assert!(changed > 10, "{changed}");
    }
}
