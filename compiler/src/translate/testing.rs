//! Shared material of the translation tests: targets of every kind, and what it takes to run one pass.

use ardea_circuit::{Bindings, Circuit, Gate, Instruction, Operation};
use ardea_device::{Target, TargetBuilder};
use nalgebra::DMatrix;

use crate::{CompileOptions, Context, GateSet, Pass, Properties};

/// A target with the gate set to compile for.
pub(super) struct Setting {
    pub(super) target: Target,
    pub(super) gate_set: GateSet,
    pub(super) mapped: bool,
}

impl Setting {
    pub(super) fn new(gates: &[Gate], fractional: &[Gate], mapped: bool) -> Self {
        let builder = TargetBuilder::all_to_all(6)
            .basis(gates)
            .fractional(fractional);
        let gate_set = if fractional.is_empty() {
            GateSet::Standard
        } else {
            GateSet::Fractional
        };
        Self {
            target: builder.build().expect("a valid target"),
            gate_set,
            mapped,
        }
    }

    /// Every kind of basis that is known.
    pub(super) fn all() -> Vec<Self> {
        use Gate::{CX, CZ, ECR, RX, RZ, RZZ, SX, U, X};
        vec![
            Self::new(&[CZ, RZ, SX, X], &[], false),
            Self::new(&[CZ, RZ, SX, X], &[], true),
            Self::new(&[CZ, RZ, SX, X], &[RX, RZZ], true),
            Self::new(&[CX, RZ, SX, X], &[], true),
            Self::new(&[ECR, RZ, SX, X], &[], true),
            Self::new(&[CX, U], &[], true),
            Self::new(&[RZZ, RZ, RX], &[], true),
            Self::new(&[CZ, RZ, SX], &[], true),
        ]
    }

    /// The circuit after the passes.
    pub(super) fn run(&self, passes: &[&dyn Pass], circuit: &Circuit) -> Circuit {
        let options = CompileOptions {
            gate_set: self.gate_set,
            ..CompileOptions::default()
        };
        let mut context = Context::new(&self.target, &options, circuit.num_qubits());
        if self.mapped {
            context.properties = Properties::MAPPED;
        }
        let mut circuit = circuit.clone();
        for pass in passes {
            pass.run(&mut circuit, &mut context)
                .unwrap_or_else(|error| panic!("{}: {error}", pass.name()));
        }
        circuit
    }

    /// Asserts that only native gates are left.
    pub(super) fn check_native(&self, circuit: &Circuit) {
        let allowed = |gate: Gate| {
            self.target.basis().contains(&gate) || self.target.fractional_gates().contains(&gate)
        };
        for Instruction { operation, .. } in circuit.instructions() {
            match operation.as_gate() {
                Some(gate) => assert!(allowed(gate), "{gate} is not native"),
                None if operation.is_control_flow() => operation
                    .bodies()
                    .iter()
                    .for_each(|body| self.check_native(body)),
                None => assert!(
                    !operation.is_unitary(),
                    "{} is not native",
                    operation.name()
                ),
            }
            if let Operation::Rotation(Gate::RZZ, angle) = operation {
                assert!(
                    *angle > 0.0 && *angle <= std::f64::consts::FRAC_PI_2,
                    "rzz({angle})"
                );
            }
        }
    }
}

/// The largest difference of two circuits' matrices, global phase included.
pub(super) fn difference(a: &Circuit, b: &Circuit) -> f64 {
    let matrix = |circuit: &Circuit| -> DMatrix<ardea_circuit::C64> {
        circuit.to_matrix().expect("a unitary circuit")
    };
    matrix(a)
        .iter()
        .zip(matrix(b).iter())
        .map(|(x, y)| (x - y).norm())
        .fold(0.0, f64::max)
}

/// The circuit with values for those of the symbols that it has.
pub(super) fn bound(circuit: &Circuit, bindings: &Bindings) -> Circuit {
    let symbols = circuit.symbols();
    let present = bindings
        .iter()
        .filter(|(symbol, _)| symbols.contains(symbol));
    circuit
        .bind(
            &present
                .map(|(symbol, angle)| (symbol.clone(), angle.clone()))
                .collect(),
        )
        .expect("finite angles")
}

/// How many instructions of a gate there are.
pub(super) fn count(circuit: &Circuit, gate: Gate) -> usize {
    circuit
        .instructions()
        .iter()
        .filter(|instruction| instruction.operation.as_gate() == Some(gate))
        .count()
}
