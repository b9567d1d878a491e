//! Devices made to order: a shape, uniform figures, and exceptions.
//!
//! Figures that are not set are the medians of a Heron r3 processor (ibm_boston, April 2026), so
//! that a generated device behaves like a real one; [`TargetBuilder::ideal`] sets all errors to
//! zero and coherence to unlimited.

use ardea_circuit::{Gate, Qubit};

use crate::description::{Description, GateTable, Role};
use crate::lattice::{Lattice, Shape};
use crate::{InstructionProperties, QubitProperties, Readout, Target, TargetError, Timing};

/// Builds a [`Target`] from a shape and uniform figures.
///
/// ```
/// use ardea_device::TargetBuilder;
///
/// let ladder = TargetBuilder::grid(2, 10)
///     .name("ladder")
///     .two_qubit_gates(2e-3, 80e-9)
///     .dead_edges(&[(3, 4)])
///     .build()?;
/// assert_eq!(ladder.edges().len(), 27);
/// # Ok::<(), ardea_device::TargetError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TargetBuilder {
    shape: Shape,
    name: Option<String>,
    basis: Vec<Gate>,
    fractional: Vec<Gate>,
    one_qubit: InstructionProperties,
    two_qubit: InstructionProperties,
    readout: InstructionProperties,
    reset: Option<InstructionProperties>,
    t1: Option<f64>,
    t2: Option<f64>,
    timing: Timing,
    zz: Option<f64>,
    pair_errors: Vec<(usize, usize, f64)>,
    qubit_errors: Vec<(usize, f64)>,
    dead_qubits: Vec<usize>,
}

impl TargetBuilder {
    /// Qubits in a row.
    pub fn line(num_qubits: usize) -> Self {
        Self::of(Shape::Line(num_qubits))
    }

    /// Qubits in a circle, at least three.
    pub fn ring(num_qubits: usize) -> Self {
        Self::of(Shape::Ring(num_qubits))
    }

    /// A square lattice, numbered row by row.
    pub fn grid(rows: usize, columns: usize) -> Self {
        Self::of(Shape::Grid(rows, columns))
    }

    /// The heavy-hex lattice of a code of odd distance: 19 qubits for 3, 57 for 5, 115 for 7.
    pub fn heavy_hex(distance: usize) -> Self {
        Self::of(Shape::HeavyHex(distance))
    }

    /// Every pair coupled.
    pub fn all_to_all(num_qubits: usize) -> Self {
        Self::of(Shape::AllToAll(num_qubits))
    }

    /// Any coupling graph, by its edges.
    pub fn from_edges(num_qubits: usize, edges: &[(usize, usize)]) -> Self {
        let edges = edges
            .iter()
            .map(|&(a, b)| (as_qubit(a), as_qubit(b)))
            .collect();
        Self::of(Shape::Edges(num_qubits, edges))
    }

    fn of(shape: Shape) -> Self {
        TargetBuilder {
            shape,
            name: None,
            basis: vec![Gate::CZ, Gate::I, Gate::RZ, Gate::SX, Gate::X],
            fractional: Vec::new(),
            one_qubit: InstructionProperties {
                error: 1.45e-4,
                duration: 32e-9,
            },
            two_qubit: InstructionProperties {
                error: 1.27e-3,
                duration: 68e-9,
            },
            readout: InstructionProperties {
                error: 5.1e-3,
                duration: 2.2e-6,
            },
            reset: Some(InstructionProperties {
                error: 0.0,
                duration: 2.4e-6,
            }),
            t1: Some(292e-6),
            t2: Some(353e-6),
            timing: Timing {
                dt: Some(4e-9),
                min_length: 2,
                ..Timing::default()
            },
            zz: None,
            pair_errors: Vec::new(),
            qubit_errors: Vec::new(),
            dead_qubits: Vec::new(),
        }
    }

    /// Sets the device's name; without it, the shape's, such as `grid:2x10`.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets the basis, which is `cz, id, rz, sx, x` otherwise. Gates that are diagonal and act on
    /// one qubit are taken to be virtual: without error or duration.
    pub fn basis(mut self, gates: &[Gate]) -> Self {
        self.basis = gates.to_vec();
        self
    }

    /// Offers gates beside the basis, for compilations that ask for fractional gates.
    pub fn fractional(mut self, gates: &[Gate]) -> Self {
        self.fractional = gates.to_vec();
        self
    }

    /// Sets error and duration (seconds) of gates on one qubit that are not virtual.
    pub fn one_qubit_gates(mut self, error: f64, duration: f64) -> Self {
        self.one_qubit = InstructionProperties { error, duration };
        self
    }

    /// Sets error and duration (seconds) of gates on two qubits.
    pub fn two_qubit_gates(mut self, error: f64, duration: f64) -> Self {
        self.two_qubit = InstructionProperties { error, duration };
        self
    }

    /// Sets error and duration (seconds) of measurements.
    pub fn readout(mut self, error: f64, duration: f64) -> Self {
        self.readout = InstructionProperties { error, duration };
        self
    }

    /// Sets error and duration (seconds) of resets.
    pub fn reset(mut self, error: f64, duration: f64) -> Self {
        self.reset = Some(InstructionProperties { error, duration });
        self
    }

    /// Makes a device that cannot reset a qubit.
    pub fn without_reset(mut self) -> Self {
        self.reset = None;
        self
    }

    /// Sets T1 and T2 in seconds.
    pub fn coherence(mut self, t1: f64, t2: f64) -> Self {
        (self.t1, self.t2) = (Some(t1), Some(t2));
        self
    }

    /// Sets the clock.
    pub fn timing(mut self, timing: Timing) -> Self {
        self.timing = timing;
        self
    }

    /// Sets the always-on ZZ rate in hertz of every edge.
    pub fn zz_rate(mut self, hertz: f64) -> Self {
        self.zz = Some(hertz);
        self
    }

    /// Sets every error to zero and coherence to unlimited. Durations stay.
    pub fn ideal(mut self) -> Self {
        for figure in [&mut self.one_qubit, &mut self.two_qubit, &mut self.readout] {
            figure.error = 0.0;
        }
        if let Some(reset) = &mut self.reset {
            reset.error = 0.0;
        }
        (self.t1, self.t2, self.zz) = (None, None, None);
        self
    }

    /// Sets the error of the two-qubit gates of one edge, in both directions.
    pub fn edge_error(mut self, a: usize, b: usize, error: f64) -> Self {
        self.pair_errors.push((a, b, error));
        self
    }

    /// Sets the error of the gates on one qubit that are not virtual.
    pub fn qubit_error(mut self, qubit: usize, error: f64) -> Self {
        self.qubit_errors.push((qubit, error));
        self
    }

    /// Marks qubits as out of order.
    pub fn dead_qubits(mut self, qubits: &[usize]) -> Self {
        self.dead_qubits.extend_from_slice(qubits);
        self
    }

    /// Marks edges as out of order.
    pub fn dead_edges(mut self, edges: &[(usize, usize)]) -> Self {
        self.pair_errors
            .extend(edges.iter().map(|&(a, b)| (a, b, 1.0)));
        self
    }

    /// Checks what was asked for and makes the device.
    pub fn build(self) -> Result<Target, TargetError> {
        let lattice = self.shape.expand()?;
        let num_qubits = lattice.num_qubits;
        self.check_exceptions(&lattice)?;
        let mut gates = Vec::new();
        for (list, role) in [
            (&self.basis, Role::Standard),
            (&self.fractional, Role::Fractional),
        ] {
            for &gate in list {
                if !gates.iter().any(|table: &GateTable| table.gate == gate) {
                    gates.push(self.table(gate, role, &lattice)?);
                }
            }
        }
        let zz = self.zz.map(|rate| {
            let pair = |&(a, b): &(usize, usize)| (a.min(b) as u32, a.max(b) as u32, rate);
            lattice.edges.iter().map(pair).collect()
        });
        Target::new(Description {
            name: self.name.clone().unwrap_or_else(|| self.shape.name()),
            source: "generated".to_owned(),
            calibrated: None,
            timing: self.timing,
            qubits: (0..num_qubits).map(|q| self.qubit(q)).collect(),
            gates,
            unsupported: Vec::new(),
            resets: vec![self.reset; num_qubits],
            zz: zz.unwrap_or_default(),
            coordinates: lattice.coordinates,
        })
    }

    fn table(&self, gate: Gate, role: Role, lattice: &Lattice) -> Result<GateTable, TargetError> {
        let n = lattice.num_qubits;
        let mut table = GateTable::empty(gate, role, n)?;
        if gate.num_qubits() == 1 {
            for qubit in 0..n {
                let mut properties = self.one_qubit;
                if let Some((_, error)) = self.qubit_errors.iter().rfind(|(q, _)| *q == qubit) {
                    properties.error = *error;
                }
                if gate.is_diagonal() {
                    properties = InstructionProperties {
                        error: 0.0,
                        duration: 0.0,
                    };
                }
                table.insert(&[qubit], n, properties)?;
            }
            return Ok(table);
        }
        for &(a, b) in &lattice.edges {
            table.insert(&[a, b], n, self.two_qubit)?;
            table.insert(&[b, a], n, self.two_qubit)?;
        }
        for &(a, b, error) in &self.pair_errors {
            let properties = InstructionProperties {
                error,
                ..self.two_qubit
            };
            table.insert(&[a, b], n, properties)?;
            table.insert(&[b, a], n, properties)?;
        }
        Ok(table)
    }

    fn qubit(&self, index: usize) -> QubitProperties {
        QubitProperties {
            t1: self.t1,
            t2: self.t2,
            frequency: None,
            anharmonicity: None,
            readout: Readout {
                error: self.readout.error,
                prob_meas1_prep0: None,
                prob_meas0_prep1: None,
                duration: self.readout.duration,
            },
            operational: !self.dead_qubits.contains(&index),
        }
    }

    /// An exception for something that is not there is a slip of the pen.
    fn check_exceptions(&self, lattice: &Lattice) -> Result<(), TargetError> {
        let num_qubits = lattice.num_qubits;
        let named = self
            .dead_qubits
            .iter()
            .chain(self.qubit_errors.iter().map(|(q, _)| q));
        if let Some(&qubit) = named.into_iter().find(|&&q| q >= num_qubits) {
            let what = "a list of qubits".to_owned();
            return Err(TargetError::NoSuchQubit {
                what,
                qubit,
                num_qubits,
            });
        }
        let is_edge = |a, b| lattice.edges.iter().any(|&e| e == (a, b) || e == (b, a));
        match self.pair_errors.iter().find(|&&(a, b, _)| !is_edge(a, b)) {
            None => Ok(()),
            Some((a, b, _)) => Err(TargetError::BadValue {
                what: "an edge with an error of its own".to_owned(),
                value: format!("({a}, {b})"),
                expected: "an edge of this shape",
            }),
        }
    }
}

/// Indices beyond any device are kept out of range, not wrapped into it.
fn as_qubit(index: usize) -> Qubit {
    Qubit::new(index.min(u32::MAX as usize))
}

impl Target {
    /// Qubits in a row, with the figures that [`TargetBuilder`] starts from.
    pub fn line(num_qubits: usize) -> Result<Target, TargetError> {
        TargetBuilder::line(num_qubits).build()
    }

    /// Qubits in a circle; see [`TargetBuilder::ring`].
    pub fn ring(num_qubits: usize) -> Result<Target, TargetError> {
        TargetBuilder::ring(num_qubits).build()
    }

    /// A square lattice; see [`TargetBuilder::grid`].
    pub fn grid(rows: usize, columns: usize) -> Result<Target, TargetError> {
        TargetBuilder::grid(rows, columns).build()
    }

    /// A heavy-hex lattice; see [`TargetBuilder::heavy_hex`].
    pub fn heavy_hex(distance: usize) -> Result<Target, TargetError> {
        TargetBuilder::heavy_hex(distance).build()
    }

    /// Every pair coupled; see [`TargetBuilder::all_to_all`].
    pub fn all_to_all(num_qubits: usize) -> Result<Target, TargetError> {
        TargetBuilder::all_to_all(num_qubits).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uniform_figures_reach_every_gate() {
        let target = TargetBuilder::line(3)
            .one_qubit_gates(1e-4, 20e-9)
            .two_qubit_gates(2e-3, 80e-9)
            .readout(0.01, 1e-6)
            .coherence(1e-4, 2e-4)
            .zz_rate(4e3)
            .build()
            .unwrap();
        let q = Qubit::new;
        let sx = target.instruction(Gate::SX, &[q(2)]).unwrap();
        assert_eq!((sx.error, sx.duration), (1e-4, 20e-9));
        let rz = target.instruction(Gate::RZ, &[q(0)]).unwrap();
        assert_eq!((rz.error, rz.duration), (0.0, 0.0));
        let cz = target.instruction(Gate::CZ, &[q(2), q(1)]).unwrap();
        assert_eq!((cz.error, cz.duration), (2e-3, 80e-9));
        assert_eq!(target.instruction(Gate::CZ, &[q(0), q(2)]), None);
        assert_eq!(target.measure(q(1)).duration, 1e-6);
        assert_eq!(target.qubit(q(1)).t2, Some(2e-4));
        assert_eq!(target.zz_rate(q(1), q(0)), Some(4e3));
        assert_eq!(target.zz_rate(q(2), q(0)), None);
    }

    #[test]
    fn dead_qubits_and_edges_leave_the_live_graph() {
        let q = Qubit::new;
        let target = TargetBuilder::grid(2, 3)
            .dead_qubits(&[2])
            .dead_edges(&[(4, 3)])
            .build();
        let target = target.unwrap();
        let edges = |list: &[(usize, usize)]| -> Vec<_> {
            list.iter().map(|&(a, b)| (q(a), q(b))).collect()
        };
        assert_eq!(
            target.edges().collect::<Vec<_>>(),
            edges(&[(0, 1), (0, 3), (1, 4), (4, 5)])
        );
        assert_eq!(
            target.dead_edges().collect::<Vec<_>>(),
            edges(&[(1, 2), (2, 5), (3, 4)])
        );
        assert_eq!(target.neighbours(q(2)), []);
        assert!(!target.supports(Gate::X, &[q(2)]) && target.supports(Gate::X, &[q(3)]));
        assert!(!target.supports(Gate::CZ, &[q(3), q(4)]));
        assert_eq!(target.distances().get(q(3), q(4)), 3);
        assert_eq!(target.components().len(), 1);
    }

    #[test]
    fn an_exception_for_what_is_not_there_is_refused() {
        assert!(
            TargetBuilder::line(3)
                .dead_edges(&[(0, 2)])
                .build()
                .is_err()
        );
        assert!(TargetBuilder::line(3).dead_qubits(&[3]).build().is_err());
        assert!(
            TargetBuilder::line(3)
                .one_qubit_gates(f64::NAN, 0.0)
                .build()
                .is_err()
        );
        assert!(
            TargetBuilder::line(3)
                .zz_rate(f64::INFINITY)
                .build()
                .is_err()
        );
        assert!(TargetBuilder::from_edges(2, &[(0, 0)]).build().is_err());
        assert!(
            TargetBuilder::from_edges(2, &[(0, usize::MAX)])
                .build()
                .is_err()
        );
        assert!(TargetBuilder::line(2).basis(&[Gate::CCX]).build().is_err());
    }

    #[test]
    fn an_ideal_device_has_no_errors() {
        let target = TargetBuilder::all_to_all(5).ideal().build().unwrap();
        let q = Qubit::new;
        assert_eq!(target.two_qubit_error(q(4), q(1)), Some(0.0));
        assert_eq!(target.measure(q(0)).error, 0.0);
        assert_eq!(target.qubit(q(0)).t1, None);
        assert_eq!(target.distances().diameter(), 1);
    }
}
