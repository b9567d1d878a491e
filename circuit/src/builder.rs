//! Builder methods in Qiskit's style: one per standard gate, and the non-unitary operations.

use std::sync::Arc;

use nalgebra::DMatrix;

use crate::control_flow::{IfElse, WhileLoop};
use crate::{
    Angle, C64, Circuit, CircuitError, Clbit, Expr, Gate, GateDefinition, Operation, Qubit,
    TimeUnit,
};

/// One method per gate: `name(angles..., qubits...)`.
macro_rules! gate_methods {
    ($($method:ident, $gate:ident, [$($angle:ident),*], [$($qubit:ident),+];)*) => {
        impl Circuit {
            $(
                #[doc = concat!("Appends the gate [`Gate::", stringify!($gate), "`]; angles in radians, then qubits.")]
                ///
                /// # Errors
                /// When a qubit is out of range or repeated, or an angle is not finite.
                #[allow(clippy::too_many_arguments, reason = "Qiskit's signatures")]
                pub fn $method(&mut self $(, $angle: impl Into<Angle>)* $(, $qubit: usize)+) -> Result<&mut Self, CircuitError> {
                    self.gate(Gate::$gate, &[$($angle.into()),*], &[$($qubit),+])
                }
            )*
        }
    };
}

gate_methods! {
    id, I, [], [qubit];
    x, X, [], [qubit];
    y, Y, [], [qubit];
    z, Z, [], [qubit];
    h, H, [], [qubit];
    s, S, [], [qubit];
    sdg, Sdg, [], [qubit];
    t, T, [], [qubit];
    tdg, Tdg, [], [qubit];
    sx, SX, [], [qubit];
    sxdg, SXdg, [], [qubit];
    p, P, [lambda], [qubit];
    rx, RX, [theta], [qubit];
    ry, RY, [theta], [qubit];
    rz, RZ, [lambda], [qubit];
    r, R, [theta, phi], [qubit];
    u, U, [theta, phi, lambda], [qubit];
    cx, CX, [], [control, target];
    cy, CY, [], [control, target];
    cz, CZ, [], [control, target];
    ch, CH, [], [control, target];
    cs, CS, [], [control, target];
    csdg, CSdg, [], [control, target];
    csx, CSX, [], [control, target];
    cp, CP, [lambda], [control, target];
    crx, CRX, [theta], [control, target];
    cry, CRY, [theta], [control, target];
    crz, CRZ, [lambda], [control, target];
    cu, CU, [theta, phi, lambda, gamma], [control, target];
    swap, Swap, [], [a, b];
    iswap, ISwap, [], [a, b];
    dcx, DCX, [], [a, b];
    ecr, ECR, [], [a, b];
    rxx, RXX, [theta], [a, b];
    ryy, RYY, [theta], [a, b];
    rzz, RZZ, [theta], [a, b];
    rzx, RZX, [theta], [a, b];
    xx_minus_yy, XXMinusYY, [theta, beta], [a, b];
    xx_plus_yy, XXPlusYY, [theta, beta], [a, b];
    ccx, CCX, [], [a, b, target];
    ccz, CCZ, [], [a, b, target];
    cswap, CSwap, [], [control, a, b];
    rccx, RCCX, [], [a, b, target];
    c3x, C3X, [], [a, b, c, target];
    c3sx, C3SX, [], [a, b, c, target];
    rcccx, RC3X, [], [a, b, c, target];
    c4x, C4X, [], [a, b, c, d, target];
}

impl Circuit {
    /// Appends the standard gate `gate`.
    ///
    /// # Errors
    /// When the number of angles or qubits is wrong, a qubit is out of range or repeated, or an
    /// angle is not finite.
    pub fn gate(
        &mut self,
        gate: Gate,
        angles: &[Angle],
        qubits: &[usize],
    ) -> Result<&mut Self, CircuitError> {
        self.push(Operation::gate(gate, angles)?, &to_qubits(qubits)?)
    }

    /// Appends X on `target` controlled by all of `controls`.
    ///
    /// # Errors
    /// When a qubit is out of range or repeated.
    pub fn mcx(&mut self, controls: &[usize], target: usize) -> Result<&mut Self, CircuitError> {
        self.controlled_gate(Operation::Gate(Gate::X), controls, target)
    }

    /// Appends a phase of `lambda` radians on the state in which `controls` and `target` are all 1.
    ///
    /// # Errors
    /// When a qubit is out of range or repeated, or the angle is not finite.
    pub fn mcp(
        &mut self,
        lambda: impl Into<Angle>,
        controls: &[usize],
        target: usize,
    ) -> Result<&mut Self, CircuitError> {
        self.controlled_gate(
            Operation::gate(Gate::P, &[lambda.into()])?,
            controls,
            target,
        )
    }

    fn controlled_gate(
        &mut self,
        base: Operation,
        controls: &[usize],
        target: usize,
    ) -> Result<&mut Self, CircuitError> {
        let operation = if controls.is_empty() {
            base
        } else {
            base.controlled(&vec![true; controls.len()])?
        };
        let qubits = to_qubits(&[controls, &[target]].concat())?;
        self.push(operation, &qubits)
    }

    /// Appends a matrix as a gate; the first qubit is the least significant index bit.
    ///
    /// # Errors
    /// When the matrix is not unitary (tolerance 1e-10) or the qubits do not fit.
    pub fn unitary(
        &mut self,
        matrix: DMatrix<C64>,
        qubits: &[usize],
    ) -> Result<&mut Self, CircuitError> {
        self.push(Operation::unitary(matrix)?, &to_qubits(qubits)?)
    }

    /// Appends a call of a user-defined gate.
    ///
    /// # Errors
    /// When the number of angles or qubits is wrong, or a qubit is out of range or repeated.
    pub fn call(
        &mut self,
        definition: &Arc<GateDefinition>,
        angles: &[Angle],
        qubits: &[usize],
    ) -> Result<&mut Self, CircuitError> {
        self.push(
            Operation::call(definition, angles.to_vec())?,
            &to_qubits(qubits)?,
        )
    }

    /// Measures `qubit` into `clbit`.
    ///
    /// # Errors
    /// When either is out of range.
    pub fn measure(&mut self, qubit: usize, clbit: usize) -> Result<&mut Self, CircuitError> {
        let clbit = to_index(clbit).map(Clbit::from)?;
        self.push(Operation::Measure(clbit), &to_qubits(&[qubit])?)
    }

    /// Measures every qubit into a new register `meas`, after a barrier, as Qiskit's `measure_all`.
    ///
    /// # Errors
    /// When a register `meas` exists already.
    pub fn measure_all(&mut self) -> Result<&mut Self, CircuitError> {
        let start = self.add_creg("meas", self.num_qubits())?.start;
        self.barrier(&[])?;
        for qubit in 0..self.num_qubits() {
            self.measure(qubit, start + qubit)?;
        }
        Ok(self)
    }

    /// Returns `qubit` to |0>.
    ///
    /// # Errors
    /// When the qubit is out of range.
    pub fn reset(&mut self, qubit: usize) -> Result<&mut Self, CircuitError> {
        self.push(Operation::Reset, &to_qubits(&[qubit])?)
    }

    /// Lets nothing move across on `qubits`; on all qubits when the list is empty.
    ///
    /// # Errors
    /// When a qubit is out of range or repeated.
    pub fn barrier(&mut self, qubits: &[usize]) -> Result<&mut Self, CircuitError> {
        let all: Vec<usize> = (0..self.num_qubits()).collect();
        let qubits = to_qubits(if qubits.is_empty() { &all } else { qubits })?;
        if qubits.is_empty() {
            Ok(self)
        } else {
            self.push(Operation::Barrier, &qubits)
        }
    }

    /// Lets `qubit` idle for `seconds`.
    ///
    /// # Errors
    /// When the duration is negative or not finite, or the qubit is out of range.
    pub fn delay(&mut self, seconds: f64, qubit: usize) -> Result<&mut Self, CircuitError> {
        self.push(
            Operation::Delay(TimeUnit::Seconds, seconds),
            &to_qubits(&[qubit])?,
        )
    }

    /// Runs `then_body` on `qubits` when `condition` holds, otherwise `else_body`. The bodies'
    /// qubits are positions in `qubits`; their classical bits are this circuit's.
    ///
    /// # Errors
    /// When a body has another number of qubits, or a bit is out of range.
    pub fn if_else(
        &mut self,
        condition: Expr,
        then_body: Circuit,
        else_body: Option<Circuit>,
        qubits: &[usize],
    ) -> Result<&mut Self, CircuitError> {
        self.push(
            Operation::IfElse(Box::new(IfElse {
                condition,
                then_body,
                else_body,
            })),
            &to_qubits(qubits)?,
        )
    }

    /// Repeats `body` on `qubits` while `condition` holds.
    ///
    /// # Errors
    /// When the body has another number of qubits, or a bit is out of range.
    pub fn while_loop(
        &mut self,
        condition: Expr,
        body: Circuit,
        qubits: &[usize],
    ) -> Result<&mut Self, CircuitError> {
        self.push(
            Operation::While(Box::new(WhileLoop { condition, body })),
            &to_qubits(qubits)?,
        )
    }
}

fn to_index(position: usize) -> Result<u32, CircuitError> {
    u32::try_from(position).map_err(|_| CircuitError::TooManyBits {
        requested: position,
        limit: crate::MAX_BITS,
    })
}

fn to_qubits(positions: &[usize]) -> Result<Vec<Qubit>, CircuitError> {
    positions
        .iter()
        .map(|&q| to_index(q).map(Qubit::from))
        .collect()
}
