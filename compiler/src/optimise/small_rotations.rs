//! Drops rotations so small that no device could tell.
//!
//! ```text
//! before                   after
//! cp(pi/2^30) q[0], q[30];
//! h q[1];                  h q[1];
//! ```
//!
//! The one pass that approximates: a rotation goes when its average gate fidelity with doing nothing (Horodecki et al.,
//! 1999, quant-ph/9807091; Nielsen, 2002, quant-ph/0205035) is within [`CompileOptions::approximation`] of one. The
//! default, 1e-12, is what Qiskit drops too: phases below 2.6e-6 rad, a billionth of the error of a two-qubit gate. It
//! is what bounds the reach of a Fourier transform to 20 qubits (Coppersmith, 1994, quant-ph/0201067).
//!
//! [`CompileOptions::approximation`]: crate::CompileOptions::approximation

use ardea_circuit::{Angle, C64, Circuit, Operation};

use super::bodies::in_every_body;
use super::rotation::Rotation;
use crate::{Change, CompileError, Context, Pass};

/// Removes rotations that are within [`CompileOptions::approximation`](crate::CompileOptions::approximation) of doing
/// nothing; see the [module](self).
#[derive(Clone, Copy, Debug, Default)]
pub struct DropSmallRotations;

impl Pass for DropSmallRotations {
    fn name(&self) -> &'static str {
        "drop-small-rotations"
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let most = context.options.approximation;
        in_every_body(circuit, &|circuit: &mut Circuit| drop_small(circuit, most))
    }
}

fn drop_small(circuit: &mut Circuit, most: f64) -> Result<Change, CompileError> {
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    for instruction in circuit.instructions() {
        match small(&instruction.operation, most) {
            Some(phase) => out.add_global_phase(phase),
            None => out.push_valid(instruction.clone()),
        }
    }
    if out.len() == circuit.len() {
        return Ok(Change::Unchanged);
    }
    *circuit = out;
    Ok(Change::Changed)
}

/// The global phase that is left of a rotation whose infidelity is below `most`.
fn small(operation: &Operation, most: f64) -> Option<Angle> {
    let rotation = Rotation::of(operation)?;
    rotation.angle.value()?;
    let reduced = rotation.reduced()?;
    let trace: C64 = match &reduced.operation {
        None => return Some(reduced.phase),
        Some(rest) if rest.num_qubits() == Some(1) => rest.matrix1()?.trace() / 2.0,
        Some(rest) => rest.matrix2()?.trace() / 4.0,
    };
    let size = if operation.num_qubits() == Some(1) {
        2.0
    } else {
        4.0
    };
    // 1 - (d + |tr|^2) / (d (d + 1)) with tr = d t.
    let infidelity = size * (1.0 - trace.norm_sqr()) / (size + 1.0);
    (infidelity < most).then(|| reduced.phase + trace.arg().into())
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Circuit;
    use ardea_device::Target;

    use super::*;
    use crate::CompileOptions;

    fn dropped(circuit: &Circuit, approximation: f64) -> Circuit {
        let target = Target::line(circuit.num_qubits()).unwrap();
        let options = CompileOptions {
            approximation,
            ..CompileOptions::default()
        };
        let mut context = Context::new(&target, &options, circuit.num_qubits());
        let mut out = circuit.clone();
        DropSmallRotations.run(&mut out, &mut context).unwrap();
        out
    }

    #[test]
    fn what_is_dropped_is_what_qiskit_drops() {
        // The angles at which Qiskit 2.6 begins to drop: sqrt(1e-12 / 0.15), sqrt(1e-12 * 6), sqrt(1e-12 * 5).
        for (angle, kept) in [(2.55e-6, 0), (2.61e-6, 1)] {
            let mut circuit = Circuit::new(2, 0);
            circuit.cp(angle, 0, 1).unwrap();
            assert_eq!(dropped(&circuit, 1e-12).len(), kept, "cp({angle})");
        }
        for (angle, kept) in [(2.42e-6, 0), (2.48e-6, 1)] {
            let mut circuit = Circuit::new(2, 0);
            circuit.rz(angle, 0).unwrap();
            assert_eq!(dropped(&circuit, 1e-12).len(), kept, "rz({angle})");
        }
        for (angle, kept) in [(2.20e-6, 0), (2.27e-6, 1)] {
            let mut circuit = Circuit::new(2, 0);
            circuit.rzz(angle, 0, 1).unwrap();
            assert_eq!(dropped(&circuit, 1e-12).len(), kept, "rzz({angle})");
        }
    }

    #[test]
    fn nothing_is_dropped_where_nothing_may_be_lost() {
        let mut circuit = Circuit::new(2, 0);
        circuit
            .cp(1e-7, 0, 1)
            .unwrap()
            .rx(-1e-7, 0)
            .unwrap()
            .h(1)
            .unwrap();
        assert_eq!(dropped(&circuit, 0.0), circuit);
    }

    #[test]
    fn the_phase_of_what_is_dropped_is_kept() {
        let mut circuit = Circuit::new(2, 0);
        circuit.cp(1e-3, 0, 1).unwrap().p(-2e-3, 0).unwrap();
        let out = dropped(&circuit, 1e-3);
        assert!(out.is_empty());
        let phase = out.global_phase().value().unwrap();
        assert!((phase - (0.25e-3 - 1e-3)).abs() < 1e-8, "{phase}");
    }
}
