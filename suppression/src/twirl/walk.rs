//! One walk over a circuit that writes a version of it.
//!
//! For each wire the walk keeps the one-qubit gates that are not written yet, as their product and as they stood. Paulis
//! are multiplied into the product. What a Pauli was multiplied into is written anew, with as few pulses as it needs;
//! other runs are written as they stood, so that every bit of an angle survives.

use ardea_circuit::{C64, Circuit, Clbit, Instruction, Operation, Qubit};
use ardea_compiler::translate::Emitter;
use nalgebra::Matrix2;
use rand::RngExt;
use rand_pcg::Pcg64;
use smallvec::SmallVec;

use super::group::{Index, pauli};
use super::measured::Twirlable;
use super::{Flips, Randomisation, Twirler};

/// One-qubit gates of a wire that are not written yet.
#[derive(Default)]
struct Run {
    /// As they stood.
    gates: SmallVec<[Operation; 4]>,
    /// Their product with the Paulis of the twirl; `None` until there is one.
    dressed: Option<Matrix2<C64>>,
    /// Whether gates of the circuit are in the product.
    has_gates: bool,
}

impl Run {
    fn push(&mut self, operation: &Operation) {
        self.has_gates = true;
        match (&mut self.dressed, operation.matrix1()) {
            (Some(product), Some(matrix)) => *product = matrix * *product,
            _ => self.gates.push(operation.clone()),
        }
    }

    fn multiply(&mut self, index: Index) {
        if index == 0 {
            return;
        }
        let product = self.dressed.take().unwrap_or_else(|| {
            self.gates
                .iter()
                .fold(Matrix2::identity(), |product, gate| {
                    gate.matrix1().map_or(product, |matrix| matrix * product)
                })
        });
        self.dressed = Some(pauli(index) * product);
    }
}

/// The walk over a circuit, or over a body inside one.
pub(super) struct Walk<'a, 't, 'r> {
    twirler: &'a Twirler<'t>,
    random: &'r mut Pcg64,
    runs: Vec<Run>,
    out: Emitter<'a, 't>,
}

impl<'a, 't, 'r> Walk<'a, 't, 'r> {
    pub(super) fn new(twirler: &'a Twirler<'t>, random: &'r mut Pcg64) -> Self {
        Self::over(twirler, twirler.circuit, random)
    }

    fn over(twirler: &'a Twirler<'t>, circuit: &Circuit, random: &'r mut Pcg64) -> Self {
        let mut out = circuit.same_shape();
        out.add_global_phase(circuit.global_phase().clone());
        out.reserve(2 * circuit.len());
        Self {
            twirler,
            random,
            runs: (0..circuit.num_qubits()).map(|_| Run::default()).collect(),
            out: Emitter::new(&twirler.basis, out, None),
        }
    }

    /// The whole circuit, the measurements at these positions inverted.
    pub(super) fn randomised(mut self, flipped: &[usize]) -> Randomisation {
        let (circuit, twirlable) = (self.twirler.circuit, &self.twirler.twirlable);
        let bits = flipped
            .iter()
            .filter_map(|&position| bit_at(circuit, position))
            .collect();
        for (position, instruction) in circuit.instructions().iter().enumerate() {
            self.flip_before(position, twirlable, flipped);
            self.take(circuit, instruction);
            if let Some(measurement) = twirlable.measurements.get(&position)
                && measurement.is_reused
                && flipped.binary_search(&position).is_ok()
            {
                self.runs[measurement.qubit.index()].multiply(1);
            }
        }
        Randomisation {
            circuit: self.finish(),
            flips: Flips::new(bits),
        }
    }

    fn flip_before(&mut self, position: usize, twirlable: &Twirlable, flipped: &[usize]) {
        for measured in twirlable.before.get(&position).into_iter().flatten() {
            if flipped.binary_search(measured).is_ok() {
                let qubit = twirlable.measurements[measured].qubit;
                self.runs[qubit.index()].multiply(1);
            }
        }
    }

    fn take(&mut self, circuit: &Circuit, instruction: &Instruction) {
        let (operation, qubits) = (&instruction.operation, &instruction.qubits);
        if operation.matrix1().is_some() {
            return self.runs[qubits[0].index()].push(operation);
        }
        let twirler = self.twirler;
        if let Some(group) = twirler.group(operation) {
            let member = group[self.random.random_range(0..group.len())];
            for (place, &qubit) in qubits.iter().enumerate() {
                self.runs[qubit.index()].multiply(member.before[place]);
                self.write(qubit);
            }
            self.out.keep(instruction.clone());
            for (place, &qubit) in qubits.iter().enumerate() {
                self.runs[qubit.index()].multiply(member.after[place]);
            }
            if member.is_negative {
                self.out.phase(std::f64::consts::PI);
            }
            return;
        }
        // A barrier holds the circuit's own gates; Paulis that no gate stands beside yet pass it and merge behind it.
        let is_barrier = matches!(operation, Operation::Barrier);
        for &qubit in circuit.fenced_qubits(instruction).iter() {
            if !is_barrier || self.runs[qubit.index()].has_gates {
                self.write(qubit);
            }
        }
        let operation = self.with_bodies(operation);
        self.out.keep(Instruction {
            operation,
            qubits: qubits.clone(),
        });
    }

    fn with_bodies(&mut self, operation: &Operation) -> Operation {
        let twirler = self.twirler;
        let mapped = operation.try_map_bodies(|body| {
            let mut inner = Walk::over(twirler, body, self.random);
            for instruction in body.instructions() {
                inner.take(body, instruction);
            }
            Ok::<_, std::convert::Infallible>(inner.finish())
        });
        let Ok(mapped) = mapped;
        mapped
    }

    /// Writes what is left of a wire.
    fn write(&mut self, qubit: Qubit) {
        let run = std::mem::take(&mut self.runs[qubit.index()]);
        if let Some(product) = run.dressed {
            return self.out.one(qubit, &product);
        }
        for operation in run.gates {
            self.out.keep(Instruction {
                operation,
                qubits: [qubit].into(),
            });
        }
    }

    fn finish(mut self) -> Circuit {
        for qubit in (0..self.runs.len()).map(Qubit::new) {
            self.write(qubit);
        }
        self.out.finish()
    }
}

fn bit_at(circuit: &Circuit, position: usize) -> Option<Clbit> {
    match circuit.instructions()[position].operation {
        Operation::Measure(bit) => Some(bit),
        _ => None,
    }
}
