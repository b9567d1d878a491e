//! A circuit with its noise put where the schedule has it.
//!
//! Instructions are visited in the order of their midpoints. Before each, its qubits relax for the time that they
//! waited; behind each stands its gate noise. Coherent terms run on all the time: the phases of detunings and of ZZ
//! commute with everything diagonal, so they are added up and written down only in front of what does not commute, as
//! they stand at the middle of that gate. An X halfway through a wait therefore undoes them: this is the echo that
//! decoupling lives on. A pair feels no ZZ during its own gate, whose calibration contains it, and a qubit in |0> that
//! nothing has touched yet takes part in nothing.
//!
//! Approximations, on purpose: relaxation of a wait acts at its end; inside a body qubits feel ZZ only with each other;
//! all rounds of a loop see the detuning of the first; a qubit that was measured for good is left alone.

use std::collections::BTreeMap;

use ardea_circuit::{Circuit, Gate, Instruction, Operation, Qubit};
use ardea_simulator::{Channel, Channels, NoisyCircuit};

use crate::error::NoiseError;
use crate::model::NoiseModel;
use crate::slow::SlowDraw;
use crate::timeline::timeline;
use crate::walk::Walk;

/// Waits shorter than this, in seconds, are rounding of the schedule.
const INSTANT: f64 = 1e-15;

/// Phases smaller than this, in radians, are left out.
const NO_PHASE: f64 = 1e-12;

/// The noisy form of `circuit` for one draw of the slow parameters.
pub(crate) fn dress(
    model: &NoiseModel,
    circuit: &Circuit,
    slow: &SlowDraw,
) -> Result<NoisyCircuit, NoiseError> {
    if let Some(target) = model.target()
        && circuit.num_qubits() > target.num_qubits()
    {
        return Err(NoiseError::TooManyQubits {
            needed: circuit.num_qubits(),
            available: target.num_qubits(),
            target: target.name().to_owned(),
        });
    }
    let mut dresser = Dresser {
        model,
        slow,
        channels: Channels::new(),
        gates: BTreeMap::new(),
        waits: BTreeMap::new(),
    };
    let wires: Vec<Qubit> = (0..circuit.num_qubits()).map(Qubit::new).collect();
    let asleep = vec![false; circuit.num_qubits()];
    let place = Place {
        wires: &wires,
        start: 0.0,
        until: None,
        depth: 0,
    };
    let (dressed, _) = dresser.body(circuit, &place, asleep)?;
    let mut noisy = NoisyCircuit::new(dressed, dresser.channels)?;
    for &qubit in &wires {
        if let Some(confusion) = model.readout(qubit) {
            noisy = noisy.with_readout(qubit, confusion)?;
        }
    }
    Ok(noisy)
}

/// A gate by name and the device's qubits.
type GateKey = (String, Vec<usize>);

/// Channels of a gate with the places of the gate's qubits that they act on.
type Behind = Vec<(Operation, Vec<usize>)>;

struct Dresser<'a> {
    model: &'a NoiseModel,
    slow: &'a SlowDraw,
    channels: Channels,
    /// Channels that were made already, so that a circuit of many gates has few.
    gates: BTreeMap<GateKey, Behind>,
    waits: BTreeMap<(usize, u64), Option<Operation>>,
}

/// Where and when a body runs.
struct Place<'a> {
    /// The device's qubit of each of the body's.
    wires: &'a [Qubit],
    /// Seconds since the start of the circuit.
    start: f64,
    /// How long the body's qubits are taken, where that is longer than the body.
    until: Option<f64>,
    depth: usize,
}

impl Dresser<'_> {
    /// The noisy form of a body, and which of its qubits are awake behind it.
    fn body(
        &mut self,
        circuit: &Circuit,
        place: &Place<'_>,
        awake: Vec<bool>,
    ) -> Result<(Circuit, Vec<bool>), NoiseError> {
        let times = timeline(self.model, circuit, place.wires, place.depth)?;
        let mut order: Vec<usize> = (0..circuit.len()).collect();
        let middle = |i: usize| times.starts[i] + times.durations[i] / 2.0;
        // Instructions of no length between others share their middle; the sort is stable.
        order.sort_by(|&a, &b| middle(a).total_cmp(&middle(b)));
        let last = last_uses(circuit, place.depth);
        let mut walk = Walk::new(self.model, circuit, place.wires, place.start, awake);
        for i in order {
            let instruction = &circuit.instructions()[i];
            let span = (times.starts[i], times.starts[i] + times.durations[i]);
            self.instruction(&mut walk, instruction, span, last[i], place)?;
        }
        let end = place.until.unwrap_or(times.total);
        for qubit in 0..circuit.num_qubits() {
            self.wait(&mut walk, qubit, end)?;
            self.settle(&mut walk, qubit, end);
        }
        Ok((walk.out, walk.awake))
    }

    fn instruction(
        &mut self,
        walk: &mut Walk<'_>,
        instruction: &Instruction,
        (start, end): (f64, f64),
        is_last: bool,
        place: &Place<'_>,
    ) -> Result<(), NoiseError> {
        let operation = &instruction.operation;
        let qubits: Vec<usize> = instruction.qubits.iter().map(|q| q.index()).collect();
        match operation {
            Operation::Barrier | Operation::Delay(..) => walk.out.push_valid(instruction.clone()),
            Operation::Break | Operation::Continue => {
                for qubit in 0..walk.awake.len() {
                    self.wait(walk, qubit, start)?;
                    self.settle(walk, qubit, start);
                }
                walk.out.push_valid(instruction.clone());
            }
            Operation::Measure(_) => {
                for &qubit in &qubits {
                    self.wait(walk, qubit, start)?;
                    self.settle_pairs(walk, qubit, start);
                    walk.relaxed[qubit] = end;
                    walk.awake[qubit] &= !is_last;
                }
                walk.out.push_valid(instruction.clone());
            }
            Operation::Reset => {
                for &qubit in &qubits {
                    self.settle_pairs(walk, qubit, start);
                    walk.sleep(qubit, end);
                }
                walk.out.push_valid(instruction.clone());
            }
            operation if operation.is_control_flow() => {
                self.control_flow(walk, instruction, (start, end), place)?;
            }
            _ => self.gate(walk, instruction, &qubits, (start, end))?,
        }
        Ok(())
    }

    fn gate(
        &mut self,
        walk: &mut Walk<'_>,
        instruction: &Instruction,
        qubits: &[usize],
        (start, end): (f64, f64),
    ) -> Result<(), NoiseError> {
        for &qubit in qubits {
            self.wait(walk, qubit, start)?;
        }
        let virtual_gate = end <= start && qubits.len() < 2;
        if !is_diagonal(&instruction.operation) {
            // The pair's own gate contains its ZZ, so the pair is settled before and free again after it.
            for (i, &a) in qubits.iter().enumerate() {
                qubits[i + 1..]
                    .iter()
                    .for_each(|&b| self.settle_pair(walk, a, b, start));
            }
            for (i, &a) in qubits.iter().enumerate() {
                qubits[i + 1..]
                    .iter()
                    .for_each(|&b| walk.skip_pair(a, b, end));
            }
            for &qubit in qubits {
                self.settle(walk, qubit, (start + end) / 2.0);
            }
        } else {
            for (i, &a) in qubits.iter().enumerate() {
                for &b in &qubits[i + 1..] {
                    self.settle_pair(walk, a, b, start);
                    walk.skip_pair(a, b, end);
                }
            }
        }
        walk.out.push_valid(instruction.clone());
        for &qubit in qubits {
            walk.relaxed[qubit] = end;
            walk.awake[qubit] |= !virtual_gate || !is_diagonal(&instruction.operation);
        }
        let wires: Vec<Qubit> = qubits.iter().map(|&qubit| walk.wires[qubit]).collect();
        for (channel, places) in self.behind(&instruction.operation, &wires)? {
            let on: Vec<Qubit> = places.iter().map(|&i| Qubit::new(qubits[i])).collect();
            walk.out.push(channel, &on)?;
        }
        Ok(())
    }

    fn control_flow(
        &mut self,
        walk: &mut Walk<'_>,
        instruction: &Instruction,
        (start, end): (f64, f64),
        place: &Place<'_>,
    ) -> Result<(), NoiseError> {
        let qubits: Vec<usize> = instruction.qubits.iter().map(|q| q.index()).collect();
        for &qubit in &qubits {
            self.wait(walk, qubit, start)?;
            self.settle(walk, qubit, start);
        }
        let wires: Vec<Qubit> = qubits.iter().map(|&qubit| walk.wires[qubit]).collect();
        let operation = &instruction.operation;
        let again = matches!(operation, Operation::For(_) | Operation::While(_));
        let awake: Vec<bool> = qubits.iter().map(|&q| again || walk.awake[q]).collect();
        let inner = Place {
            wires: &wires,
            start: place.start + start,
            until: (!again).then_some(end - start),
            depth: place.depth + 1,
        };
        let mut after = awake.clone();
        let operation = operation.try_map_bodies(|body| {
            let (dressed, left) = self.body(body, &inner, awake.clone())?;
            after
                .iter_mut()
                .zip(left)
                .for_each(|(after, left)| *after |= left);
            Ok::<_, NoiseError>(dressed)
        })?;
        walk.out.push(operation, &instruction.qubits)?;
        for (i, &a) in qubits.iter().enumerate() {
            walk.awake[a] = after[i];
            (walk.relaxed[a], walk.turned[a]) = (end, end);
            qubits[i + 1..]
                .iter()
                .for_each(|&b| walk.skip_pair(a, b, end));
        }
        Ok(())
    }

    /// Lets a qubit relax for the time it has waited.
    fn wait(&mut self, walk: &mut Walk<'_>, qubit: usize, until: f64) -> Result<(), NoiseError> {
        let seconds = until - walk.relaxed[qubit];
        if seconds <= INSTANT {
            return Ok(());
        }
        walk.relaxed[qubit] = until;
        if !walk.awake[qubit] {
            return Ok(());
        }
        let wire = walk.wires[qubit].index();
        let key = (wire, seconds.to_bits());
        if !self.waits.contains_key(&key) {
            let channel = self.model.idle(wire, seconds)?;
            let operation = channel.map(|channel| self.channels.add("wait", channel));
            self.waits.insert(key, operation);
        }
        if let Some(Some(operation)) = self.waits.get(&key) {
            walk.out.push(operation.clone(), &[Qubit::new(qubit)])?;
        }
        Ok(())
    }

    /// Writes down all phases of a qubit up to a time.
    fn settle(&mut self, walk: &mut Walk<'_>, qubit: usize, until: f64) {
        let (from, wire) = (walk.turned[qubit], walk.wires[qubit].index());
        if until > from {
            walk.turned[qubit] = until;
            let phase = self.slow.phase(wire, walk.start + from, walk.start + until);
            if walk.awake[qubit] && phase.abs() > NO_PHASE {
                walk.out.push_valid(Instruction {
                    operation: Operation::Rotation(Gate::P, phase),
                    qubits: [Qubit::new(qubit)].into(),
                });
            }
        }
        self.settle_pairs(walk, qubit, until);
    }

    fn settle_pairs(&mut self, walk: &mut Walk<'_>, qubit: usize, until: f64) {
        for pair in walk.pairs_of[qubit].clone() {
            let [a, b] = walk.pairs[pair].qubits;
            self.settle_pair(walk, a, b, until);
        }
    }

    /// Writes down the ZZ phase of a pair up to a time.
    fn settle_pair(&mut self, walk: &mut Walk<'_>, a: usize, b: usize, until: f64) {
        let Some(pair) = walk.pair(a, b) else {
            return;
        };
        let seconds = until - pair.settled;
        if seconds <= 0.0 {
            return;
        }
        pair.settled = until;
        let phase = -std::f64::consts::TAU * pair.rate * seconds;
        if walk.awake[a] && walk.awake[b] && phase.abs() > NO_PHASE {
            walk.out.push_valid(Instruction {
                operation: Operation::Rotation(Gate::CP, phase),
                qubits: [Qubit::new(a), Qubit::new(b)].into(),
            });
        }
    }

    /// The channels behind a gate: depolarising, then relaxation, then the user's.
    fn behind(&mut self, operation: &Operation, wires: &[Qubit]) -> Result<Behind, NoiseError> {
        let key = (operation.name(), wires.iter().map(|q| q.index()).collect());
        if let Some(found) = self.gates.get(&key) {
            return Ok(found.clone());
        }
        let mut channels: Vec<(Channel, Vec<usize>)> = vec![];
        if let Some(gate) = operation.as_gate()
            && (1..=2).contains(&wires.len())
            && let Some(noise) = self.model.gate_noise(gate, wires)?
        {
            channels.extend(
                noise
                    .depolarizing
                    .map(|channel| (channel, (0..wires.len()).collect())),
            );
            let each = noise.relaxation.into_iter().enumerate();
            channels.extend(each.filter_map(|(i, channel)| Some((channel?, vec![i]))));
        }
        channels.extend(self.model.custom(&key.0, wires));
        let behind: Behind = channels
            .into_iter()
            .map(|(channel, places)| {
                (
                    self.channels.add(&format!("{}_noise", key.0), channel),
                    places,
                )
            })
            .collect();
        self.gates.insert(key, behind.clone());
        Ok(behind)
    }
}

/// For each instruction whether it is the last on its qubits, delays and barriers aside. In a body nothing is: what
/// follows the body is not known there.
fn last_uses(circuit: &Circuit, depth: usize) -> Vec<bool> {
    let mut used = vec![depth > 0; circuit.num_qubits()];
    let mut last = vec![false; circuit.len()];
    for (i, instruction) in circuit.instructions().iter().enumerate().rev() {
        if instruction.operation.is_directive() {
            continue;
        }
        last[i] = instruction.qubits.iter().all(|qubit| !used[qubit.index()]);
        instruction
            .qubits
            .iter()
            .for_each(|qubit| used[qubit.index()] = true);
    }
    last
}

fn is_diagonal(operation: &Operation) -> bool {
    operation.as_gate().is_some_and(Gate::is_diagonal)
}
