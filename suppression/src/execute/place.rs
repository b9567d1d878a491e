//! A circuit onto the device, and the circuits that measure what is asked for.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ardea_circuit::{Circuit, Clbit, Layout, Operation, Qubit};
use ardea_compiler::translate::{Emitter, MergeOneQubit, NativeBasis, Wiring};
use ardea_compiler::{
    CompileError, CompileOptions, Context, Decoupling, GateSet, Level, Pass, Preserve, Properties,
    Report as CompileReport, Verification, compile_until,
};
use ardea_device::Target;

use super::bases::{Bases, Basis, turn, without_final_measurements};
use super::options::{Compilation, ExecuteOptions};
use super::report::StageReport;
use super::timing::log_success;
use crate::error::{SuppressionError, bad_option};

/// Circuits longer than this are not compiled a second time to see what the compiler gained.
const LONGEST_COMPARED: usize = 20_000;

/// A circuit on the device.
pub(super) struct Placed {
    pub(super) circuit: Circuit,
    pub(super) layout: Layout,
    gate_set: GateSet,
    pub(super) report: Option<CompileReport>,
    pub(super) stage: StageReport,
}

/// A circuit that measures, and what its bits mean.
pub(super) struct Measuring {
    pub(super) circuit: Circuit,
    /// The bit into which the group's first operator is read; the others follow.
    pub(super) first_bit: usize,
}

/// Compiles the circuit, where that is asked for.
pub(super) fn placed(
    circuit: &Circuit,
    target: &Target,
    options: &ExecuteOptions,
    stop: &Arc<AtomicBool>,
) -> Result<Placed, SuppressionError> {
    let wanted = if options.observables.is_empty() {
        circuit.clone()
    } else {
        without_final_measurements(circuit)
    };
    let Compilation::With(given) = &options.compilation else {
        return already_placed(wanted, target);
    };
    if given.decoupling != Decoupling::None || given.schedule.is_some() {
        return bad_option(
            "decoupling and schedule are stages of an execution: choose them there (suppress=\"dd=xy4,schedule=alap\") and leave \
             them out of the options of the compilation",
        );
    }
    // What is measured is not in the circuit yet.
    let keeps_more = given.preserve == Preserve::Counts && !options.observables.is_empty();
    let compile_options = CompileOptions {
        seed: options.seed,
        preserve: if keeps_more {
            Preserve::State
        } else {
            given.preserve
        },
        ..(**given).clone()
    };
    let compiled = compile_until(&wanted, target, &compile_options, stop)?;
    let after = log_success(&compiled.circuit, target)?;
    let before = if compile_options.level > Level::O1 && wanted.len() <= LONGEST_COMPARED {
        let plain = CompileOptions {
            level: Level::O1,
            verification: Verification::Off,
            ..compile_options.clone()
        };
        let plain = compile_until(&wanted, target, &plain, stop)?;
        Some(log_success(&plain.circuit, target)?.exp())
    } else {
        None
    };
    let stage = StageReport {
        stage: "compilation",
        is_on: true,
        is_automatic: false,
        detail: format!(
            "level {} with calibrated errors{}: {} two-qubit gates at depth {}{}",
            compile_options.level,
            if before.is_some() {
                " (before: level 1)"
            } else {
                ""
            },
            compiled.report.two_qubit_gates,
            compiled.report.two_qubit_depth,
            if keeps_more {
                "; the state is kept, not just the counts, for the observables"
            } else {
                ""
            }
        ),
        success_before: before,
        success_after: Some(after.exp()),
    };
    Ok(Placed {
        circuit: compiled.circuit,
        layout: compiled.layout,
        gate_set: compile_options.gate_set,
        report: Some(compiled.report),
        stage,
    })
}

fn already_placed(circuit: Circuit, target: &Target) -> Result<Placed, SuppressionError> {
    if circuit.num_qubits() > target.num_qubits() {
        return bad_option(format!(
            "the circuit has {} qubits and '{}' has {}; let it be compiled",
            circuit.num_qubits(),
            target.name(),
            target.num_qubits()
        ));
    }
    if let Err(error) = ardea_compiler::verify::check_legal(&circuit, target, GateSet::Fractional) {
        // Whoever said that it was compiled is told what is not, not that the compiler erred.
        let fault = match error {
            CompileError::Internal { detail, .. } => detail,
            other => other.to_string(),
        };
        return bad_option(format!(
            "the circuit is not in the gates of '{}' and on its couplings: {fault}; let it be compiled",
            target.name()
        ));
    }
    let success = log_success(&circuit, target)?;
    let stage = StageReport {
        stage: "compilation",
        is_on: false,
        is_automatic: false,
        detail: "the circuit is on the device's qubits already".to_owned(),
        success_before: None,
        success_after: Some(success.exp()),
    };
    Ok(Placed {
        layout: circuit
            .layout()
            .cloned()
            .unwrap_or_else(|| Layout::trivial(circuit.num_qubits())),
        circuit,
        gate_set: GateSet::Standard,
        report: None,
        stage,
    })
}

/// The circuits that run for a placed one: itself, or one for each basis.
pub(super) fn measuring(
    placed: &Placed,
    bases: &Bases,
    target: &Target,
) -> Result<Vec<Measuring>, SuppressionError> {
    if !bases.bases.is_empty() {
        let one = |basis| in_basis(placed, basis, target);
        return bases.bases.iter().map(one).collect();
    }
    if !placed.circuit.writes_clbits() {
        return bad_option(
            "the circuit measures nothing and no observable asks for a measurement; add one of them",
        );
    }
    Ok(vec![Measuring {
        circuit: placed.circuit.clone(),
        first_bit: 0,
    }])
}

fn in_basis(
    placed: &Placed,
    basis: &Basis,
    target: &Target,
) -> Result<Measuring, SuppressionError> {
    let mut shape = placed.circuit.clone();
    let first_bit = shape.num_clbits();
    let taken = |name: &str| {
        let registers = shape.cregs().iter().chain(shape.qregs());
        registers.into_iter().any(|register| register.name == name)
    };
    let mut name = "observable".to_owned();
    while taken(&name) {
        name.push('_');
    }
    shape.add_creg(&name, basis.operators.len())?;
    let native = NativeBasis::new(target, placed.gate_set, Wiring::Physical)?;
    let wire = |qubit: &Qubit| placed.layout.last[qubit.index()];
    let mut turned = Emitter::new(&native, shape, None);
    for (qubit, &pauli) in &basis.operators {
        if let Some(matrix) = turn(pauli) {
            turned.one(wire(qubit), &matrix);
        }
    }
    let mut circuit = turned.finish();
    let options = CompileOptions {
        gate_set: placed.gate_set,
        verification: Verification::Off,
        ..CompileOptions::default()
    };
    let mut context = Context::new(target, &options, circuit.num_qubits());
    context.properties = Properties::MAPPED | Properties::ROUTED | Properties::BASIS;
    MergeOneQubit.run(&mut circuit, &mut context)?;
    for (place, qubit) in basis.operators.keys().enumerate() {
        let bit = Clbit::new(first_bit + place);
        circuit.push(Operation::Measure(bit), &[wire(qubit)])?;
    }
    Ok(Measuring { circuit, first_bit })
}
