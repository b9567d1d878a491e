//! From a routed program back to a circuit, on the device's qubits.
//!
//! Bodies of control flow are routed here, when their place is known: a body starts from the layout
//! at its instruction and takes back all its swaps before it ends, so that every branch, every
//! round of a loop and every way out of it leaves the same layout. The instruction then lists all
//! qubits that its bodies touch.

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit, Qubits};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

use super::graph::DeviceGraph;
use super::plan::{GateOrder, Plan};
use super::route::{Routed, Step, Weights, route};
use crate::CompileError;

/// Writes a routed circuit; `start` is the qubit of each wire at the beginning.
pub(crate) fn emit(
    circuit: &Circuit,
    plan: &Plan,
    graph: &DeviceGraph,
    start: &[u32],
    routed: &Routed,
) -> Result<Circuit, CompileError> {
    let mut writer = Writer::new(circuit, graph, start);
    writer.write(plan, routed)?;
    Ok(writer.out)
}

struct Writer<'a> {
    circuit: &'a Circuit,
    graph: &'a DeviceGraph,
    out: Circuit,
    qubit_of: Vec<u32>,
    wire_at: Vec<Option<u32>>,
    /// All swaps so far.
    swaps: Vec<(u32, u32)>,
}

impl<'a> Writer<'a> {
    fn new(circuit: &'a Circuit, graph: &'a DeviceGraph, start: &[u32]) -> Self {
        let mut out = circuit.same_clbits(graph.num_qubits());
        out.add_global_phase(circuit.global_phase().clone());
        out.reserve(circuit.len());
        let mut wire_at = vec![None; graph.num_qubits()];
        for (wire, &qubit) in start.iter().enumerate() {
            wire_at[qubit as usize] = Some(wire as u32);
        }
        Writer {
            circuit,
            graph,
            out,
            qubit_of: start.to_vec(),
            wire_at,
            swaps: Vec::new(),
        }
    }

    fn write(&mut self, plan: &Plan, routed: &Routed) -> Result<(), CompileError> {
        for step in &routed.steps {
            match *step {
                Step::Node(node) => plan.chain(node).try_for_each(|index| self.place(index))?,
                Step::Swap(p, q) => {
                    self.push_swap(p, q);
                    self.swaps.push((p, q));
                    self.exchange(p, q);
                }
            }
        }
        (0..self.circuit.num_qubits() as u32)
            .try_for_each(|wire| plan.rest(wire).try_for_each(|index| self.place(index)))
    }

    fn place(&mut self, index: u32) -> Result<(), CompileError> {
        let instruction = &self.circuit.instructions()[index as usize];
        if instruction.operation.leaves_loop() {
            // Wherever the jump goes, the layout there is the one at the loop's start.
            self.push_swaps_back();
            let now = std::mem::take(&mut self.qubit_of);
            self.qubit_of = before_swaps(&now, &self.swaps);
            self.push_operation(instruction)?;
            self.qubit_of = now;
            for i in 0..self.swaps.len() {
                self.push_swap(self.swaps[i].0, self.swaps[i].1);
            }
            return Ok(());
        }
        self.push_operation(instruction)
    }

    fn push_operation(&mut self, instruction: &Instruction) -> Result<(), CompileError> {
        let Instruction { operation, qubits } = instruction;
        if operation.is_control_flow() {
            return self.push_control_flow(instruction);
        }
        let qubits = qubits.map(|q| Qubit::from(self.qubit_of[q.index()]));
        self.out.push_valid(Instruction {
            operation: operation.clone(),
            qubits,
        });
        Ok(())
    }

    fn push_control_flow(&mut self, instruction: &Instruction) -> Result<(), CompileError> {
        let Instruction { operation, qubits } = instruction;
        let start: Vec<u32> = qubits.iter().map(|q| self.qubit_of[q.index()]).collect();
        let routed = operation.try_map_bodies(|body| route_body(body, self.graph, &start))?;
        let mut touched: Vec<u32> = start;
        for body in routed.bodies() {
            touched.extend(
                body.instructions()
                    .iter()
                    .flat_map(|i| i.qubits.iter())
                    .map(|q| q.index() as u32),
            );
        }
        touched.sort_unstable();
        touched.dedup();
        let mut local = vec![Qubit::new(0); self.graph.num_qubits()];
        for (position, &qubit) in touched.iter().enumerate() {
            local[qubit as usize] = Qubit::new(position);
        }
        let operation = routed
            .try_map_bodies(|body| body.remapped(touched.len(), |q| local[q.index()]))
            .map_err(CompileError::Circuit)?;
        let qubits: Qubits = touched.into_iter().map(Qubit::from).collect();
        self.out.push_valid(Instruction { operation, qubits });
        Ok(())
    }

    fn push_swap(&mut self, p: u32, q: u32) {
        let qubits = Qubits::from([Qubit::from(p), Qubit::from(q)]);
        self.out.push_valid(Instruction {
            operation: Operation::Gate(Gate::Swap),
            qubits,
        });
    }

    fn push_swaps_back(&mut self) {
        for i in (0..self.swaps.len()).rev() {
            self.push_swap(self.swaps[i].0, self.swaps[i].1);
        }
    }

    fn exchange(&mut self, p: u32, q: u32) {
        self.wire_at.swap(p as usize, q as usize);
        for qubit in [p, q] {
            if let Some(wire) = self.wire_at[qubit as usize] {
                self.qubit_of[wire as usize] = qubit;
            }
        }
    }
}

fn before_swaps(now: &[u32], swaps: &[(u32, u32)]) -> Vec<u32> {
    let back = |qubit: u32| {
        swaps.iter().rev().fold(qubit, |at, &(p, q)| match at {
            _ if at == p => q,
            _ if at == q => p,
            _ => at,
        })
    };
    now.iter().map(|&qubit| back(qubit)).collect()
}

/// A body on the device's qubits that ends in the layout it starts from.
fn route_body(body: &Circuit, graph: &DeviceGraph, start: &[u32]) -> Result<Circuit, CompileError> {
    let plan = Plan::of(body, GateOrder::Written)?;
    let mut random = Pcg64Mcg::seed_from_u64(0);
    let routed = route(graph, &plan.program, start, Weights::default(), &mut random);
    let mut writer = Writer::new(body, graph, start);
    writer.write(&plan, &routed)?;
    writer.push_swaps_back();
    Ok(writer.out)
}
