//! The gate methods of `ardea.Circuit`, in Qiskit's names and argument order.

use ardea_circuit::{Circuit, Clbit, Gate, Operation, TimeUnit};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::arguments::{AngleArgument, Positions, broadcast, complex_matrix, qubits};
use crate::circuit::{PyCircuit, control_state};
use crate::errors::{Error, Result, guarded};

macro_rules! gate_methods {
    ($($method:ident, $gate:ident, [$($angle:ident),*], [$($qubit:ident),+], $doc:literal;)*) => {
        #[pymethods]
        impl PyCircuit {
            $(
                #[doc = $doc]
                #[allow(clippy::too_many_arguments, reason = "Qiskit's signatures")]
                fn $method<'py>(
                    mut slf: PyRefMut<'py, Self>
                    $(, $angle: AngleArgument)*
                    $(, $qubit: Positions)+
                ) -> Result<PyRefMut<'py, Self>> {
                    let angles = [$($angle.0),*];
                    let operation = Operation::gate(Gate::$gate, &angles)?;
                    slf.apply(&operation, &[$($qubit),+])?;
                    Ok(slf)
                }
            )*
        }
    };
}

gate_methods! {
    id, I, [], [qubit], "The identity: idles for the time of a gate.";
    x, X, [], [qubit], "Pauli X: flips the qubit.";
    y, Y, [], [qubit], "Pauli Y.";
    z, Z, [], [qubit], "Pauli Z: the phase -1 on 1.";
    h, H, [], [qubit], "Hadamard.";
    s, S, [], [qubit], "The phase i on 1.";
    sdg, Sdg, [], [qubit], "The phase -i on 1.";
    t, T, [], [qubit], "The phase exp(i pi/4) on 1.";
    tdg, Tdg, [], [qubit], "The phase exp(-i pi/4) on 1.";
    sx, SX, [], [qubit], "Square root of X.";
    sxdg, SXdg, [], [qubit], "Inverse square root of X.";
    p, P, [theta], [qubit], "The phase exp(i theta) on 1.";
    rx, RX, [theta], [qubit], "exp(-i theta X / 2).";
    ry, RY, [theta], [qubit], "exp(-i theta Y / 2).";
    rz, RZ, [phi], [qubit], "exp(-i phi Z / 2).";
    r, R, [theta, phi], [qubit], "exp(-i theta (cos(phi) X + sin(phi) Y) / 2).";
    u, U, [theta, phi, lam], [qubit], "The general rotation of one qubit.";
    cx, CX, [], [control_qubit, target_qubit], "Controlled X.";
    cy, CY, [], [control_qubit, target_qubit], "Controlled Y.";
    cz, CZ, [], [control_qubit, target_qubit], "Controlled Z.";
    ch, CH, [], [control_qubit, target_qubit], "Controlled Hadamard.";
    cs, CS, [], [control_qubit, target_qubit], "Controlled S.";
    csdg, CSdg, [], [control_qubit, target_qubit], "Controlled inverse of S.";
    csx, CSX, [], [control_qubit, target_qubit], "Controlled square root of X.";
    cp, CP, [theta], [control_qubit, target_qubit], "The phase exp(i theta) on 11.";
    crx, CRX, [theta], [control_qubit, target_qubit], "Controlled rx.";
    cry, CRY, [theta], [control_qubit, target_qubit], "Controlled ry.";
    crz, CRZ, [theta], [control_qubit, target_qubit], "Controlled rz.";
    cu, CU, [theta, phi, lam, gamma], [control_qubit, target_qubit], "Controlled u with the phase gamma.";
    swap, Swap, [], [qubit1, qubit2], "Exchanges two qubits.";
    iswap, ISwap, [], [qubit1, qubit2], "Exchanges two qubits with the phase i on 01 and 10.";
    dcx, DCX, [], [qubit1, qubit2], "Two cx, the second the other way round.";
    ecr, ECR, [], [qubit1, qubit2], "Echoed cross resonance.";
    rxx, RXX, [theta], [qubit1, qubit2], "exp(-i theta XX / 2).";
    ryy, RYY, [theta], [qubit1, qubit2], "exp(-i theta YY / 2).";
    rzz, RZZ, [theta], [qubit1, qubit2], "exp(-i theta ZZ / 2).";
    rzx, RZX, [theta], [qubit1, qubit2], "exp(-i theta X Z / 2), Z on the first qubit.";
    xx_minus_yy, XXMinusYY, [theta, beta], [qubit1, qubit2], "exp(-i theta (XX - YY) / 4), turned by beta.";
    xx_plus_yy, XXPlusYY, [theta, beta], [qubit1, qubit2], "exp(-i theta (XX + YY) / 4), turned by beta.";
    ccx, CCX, [], [control_qubit1, control_qubit2, target_qubit], "Toffoli.";
    ccz, CCZ, [], [control_qubit1, control_qubit2, target_qubit], "Z under two controls.";
    cswap, CSwap, [], [control_qubit, target_qubit1, target_qubit2], "Fredkin.";
    rccx, RCCX, [], [control_qubit1, control_qubit2, target_qubit], "Toffoli up to relative phases.";
    c3sx, C3SX, [], [control_qubit1, control_qubit2, control_qubit3, target_qubit], "Square root of X under three controls.";
    rcccx, RC3X, [], [control_qubit1, control_qubit2, control_qubit3, target_qubit], "X under three controls up to relative phases.";
}

impl PyCircuit {
    /// Appends `operation` once for each entry of the arguments' lists.
    pub(crate) fn apply(&mut self, operation: &Operation, arguments: &[Positions]) -> Result<()> {
        let all_single = arguments
            .iter()
            .all(|argument| matches!(argument, Positions::One(_)));
        let rows = if all_single {
            None
        } else {
            Some(broadcast(&operation.name(), arguments)?)
        };
        let circuit = self.edit();
        guarded(|| {
            let Some(rows) = rows else {
                let row: Vec<usize> = arguments.iter().map(first).collect();
                circuit.push(operation.clone(), &qubits(&row))?;
                return Ok(());
            };
            append_rows(circuit, rows.iter().map(|row| (operation.clone(), row)))
        })
    }
}

fn first(argument: &Positions) -> usize {
    match argument {
        Positions::One(index) => *index,
        Positions::Many(list) => list[0],
    }
}

/// Appends all or, when one of them does not fit, none.
fn append_rows<'a>(
    circuit: &mut Circuit,
    rows: impl Iterator<Item = (Operation, &'a Vec<usize>)>,
) -> Result<()> {
    let mut added = circuit.same_shape();
    for (operation, row) in rows {
        added.push(operation, &qubits(row))?;
    }
    circuit.extend(&added);
    Ok(())
}

#[pymethods]
impl PyCircuit {
    /// X under any number of controls.
    ///
    /// Args:
    ///     control_qubits: The controls.
    ///     target_qubit: The target.
    ///     state: What each control must read; all True when not given.
    #[pyo3(signature = (control_qubits, target_qubit, *, state = None))]
    fn mcx<'py>(
        mut slf: PyRefMut<'py, Self>,
        control_qubits: Positions,
        target_qubit: Positions,
        state: Option<Vec<bool>>,
    ) -> Result<PyRefMut<'py, Self>> {
        slf.controlled(
            Operation::Gate(Gate::X),
            control_qubits,
            target_qubit,
            state,
        )?;
        Ok(slf)
    }

    /// The phase exp(i lam) under any number of controls.
    #[pyo3(signature = (lam, control_qubits, target_qubit, *, state = None))]
    fn mcp<'py>(
        mut slf: PyRefMut<'py, Self>,
        lam: AngleArgument,
        control_qubits: Positions,
        target_qubit: Positions,
        state: Option<Vec<bool>>,
    ) -> Result<PyRefMut<'py, Self>> {
        slf.controlled(
            Operation::gate(Gate::P, &[lam.0])?,
            control_qubits,
            target_qubit,
            state,
        )?;
        Ok(slf)
    }

    /// Appends a gate by name, for instance ``gate("rx", [0.3], [2])``.
    fn gate<'py>(
        mut slf: PyRefMut<'py, Self>,
        name: &str,
        angles: Vec<AngleArgument>,
        qubits: Vec<Positions>,
    ) -> Result<PyRefMut<'py, Self>> {
        let operation = named_operation(name, angles)?;
        slf.apply(&operation, &qubits)?;
        Ok(slf)
    }

    /// A unitary matrix as a gate; the first qubit is the least significant bit of its index.
    ///
    /// Args:
    ///     matrix: A square array of size 2, 4, 8, ..., unitary to 1e-10.
    ///     qubits: The qubits it acts on.
    ///     label: Name shown in drawings.
    #[pyo3(signature = (matrix, qubits, *, label = None))]
    fn unitary<'py>(
        mut slf: PyRefMut<'py, Self>,
        matrix: &Bound<'py, PyAny>,
        qubits: Positions,
        label: Option<String>,
    ) -> Result<PyRefMut<'py, Self>> {
        let matrix = complex_matrix(matrix)?;
        let operation = guarded(|| {
            Ok(Operation::from(ardea_circuit::UnitaryGate::new(
                matrix, label,
            )?))
        })?;
        let list: Vec<Positions> = qubits.into_vec().into_iter().map(Positions::One).collect();
        slf.apply(&operation, &list)?;
        Ok(slf)
    }

    /// Adds to the global phase, in radians.
    fn add_global_phase<'py>(
        mut slf: PyRefMut<'py, Self>,
        phase: AngleArgument,
    ) -> Result<PyRefMut<'py, Self>> {
        let phase = phase.0.checked()?;
        slf.edit().add_global_phase(phase);
        Ok(slf)
    }

    /// Measures qubits into classical bits.
    fn measure<'py>(
        mut slf: PyRefMut<'py, Self>,
        qubit: Positions,
        clbit: Positions,
    ) -> Result<PyRefMut<'py, Self>> {
        let rows = broadcast("measure", &[qubit, clbit])?;
        let rows: Vec<(Clbit, Vec<usize>)> = rows
            .into_iter()
            .map(|row| (Clbit::new(row[1]), vec![row[0]]))
            .collect();
        let circuit = slf.edit();
        guarded(|| {
            append_rows(
                circuit,
                rows.iter()
                    .map(|(clbit, row)| (Operation::Measure(*clbit), row)),
            )
        })?;
        Ok(slf)
    }

    /// Adds a classical register ``meas`` and measures every qubit into it, behind a barrier.
    fn measure_all<'py>(mut slf: PyRefMut<'py, Self>) -> Result<PyRefMut<'py, Self>> {
        slf.edit().measure_all()?;
        Ok(slf)
    }

    /// Returns qubits to 0.
    fn reset<'py>(mut slf: PyRefMut<'py, Self>, qubit: Positions) -> Result<PyRefMut<'py, Self>> {
        slf.apply(&Operation::Reset, &[qubit])?;
        Ok(slf)
    }

    /// A barrier on the given qubits, or on all: nothing is moved across it.
    #[pyo3(signature = (*qubits))]
    fn barrier<'py>(
        mut slf: PyRefMut<'py, Self>,
        qubits: Vec<Positions>,
    ) -> Result<PyRefMut<'py, Self>> {
        let list: Vec<usize> = qubits.into_iter().flat_map(Positions::into_vec).collect();
        slf.edit().barrier(&list)?;
        Ok(slf)
    }

    /// Idle time.
    ///
    /// Args:
    ///     duration: How long.
    ///     qubit: Where.
    ///     unit: ``"s"``, ``"ms"``, ``"us"``, ``"ns"``, ``"ps"``, or ``"dt"`` for cycles of the device's clock.
    #[pyo3(signature = (duration, qubit, unit = "s"))]
    fn delay<'py>(
        mut slf: PyRefMut<'py, Self>,
        duration: f64,
        qubit: Positions,
        unit: &str,
    ) -> Result<PyRefMut<'py, Self>> {
        slf.apply(&delay(duration, unit)?, &[qubit])?;
        Ok(slf)
    }
}

impl PyCircuit {
    fn controlled(
        &mut self,
        base: Operation,
        controls: Positions,
        target: Positions,
        state: Option<Vec<bool>>,
    ) -> Result<()> {
        let controls = controls.into_vec();
        let state = control_state(controls.len(), state)?;
        let operation = guarded(|| Ok(base.controlled(&state)?))?;
        let arguments: Vec<Positions> = controls
            .into_iter()
            .map(Positions::One)
            .chain([target])
            .collect();
        self.apply(&operation, &arguments)
    }
}

/// A delay in any of the usual units.
pub(crate) fn delay(duration: f64, unit: &str) -> Result<Operation> {
    let (unit, factor) = match unit {
        "dt" => (TimeUnit::Dt, 1.0),
        "s" => (TimeUnit::Seconds, 1.0),
        "ms" => (TimeUnit::Seconds, 1e-3),
        "us" | "µs" => (TimeUnit::Seconds, 1e-6),
        "ns" => (TimeUnit::Seconds, 1e-9),
        "ps" => (TimeUnit::Seconds, 1e-12),
        _ => {
            let message = format!("unit '{unit}' is not one of s, ms, us, ns, ps, dt");
            return Err(PyValueError::new_err(message).into());
        }
    };
    Ok(Operation::Delay(unit, duration * factor))
}

/// A standard gate by its name.
pub(crate) fn named_operation(name: &str, angles: Vec<AngleArgument>) -> Result<Operation> {
    let gate = Gate::from_name(name).ok_or_else(|| {
        let names: Vec<&str> = Gate::ALL.iter().map(|gate| gate.name()).collect();
        Error::Value(format!(
            "there is no gate '{name}'; the gates are {}",
            names.join(", ")
        ))
    })?;
    let angles: Vec<_> = angles.into_iter().map(|angle| angle.0).collect();
    Ok(Operation::gate(gate, &angles)?)
}
