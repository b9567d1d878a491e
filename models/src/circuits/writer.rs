//! Writes the gates of fermionic evolution, using what is known about the qubits.
//!
//! As long as a mode is certainly full or certainly empty, its qubit stays in |0> and the occupation
//! is only remembered. Gates on such qubits shrink: a controlled phase becomes a phase of the other
//! qubit or nothing, a hop between a full and an empty mode needs one cx instead of two, and an
//! exchange moves the one unknown qubit by two cx, or only exchanges what is remembered. An x makes
//! the occupation real when the qubit is first needed.

use std::f64::consts::{FRAC_PI_2, PI};

use ardea_circuit::{Circuit, Clbit, Gate, Operation, Qubit};

use super::{CircuitOptions, GateStyle, Readout, Start, TrotterCircuit};
use crate::error::ModelError;
use crate::mode::{Mode, ModeMap};

/// A circuit in the making.
pub(super) struct GateWriter {
    circuit: Circuit,
    style: GateStyle,
    initial: ModeMap,
    /// Which qubit holds which mode at this point.
    pub(super) map: ModeMap,
    /// The occupations that are certain, of qubits that are still in |0>.
    known: Vec<Option<bool>>,
}

impl GateWriter {
    /// A circuit that starts as the options say, with the modes held as `map` says.
    pub(super) fn new(map: ModeMap, options: &CircuitOptions) -> Result<Self, ModelError> {
        let occupation = options.start.occupation();
        if let Some(occupation) = occupation {
            occupation.check_sites(map.num_sites())?;
        }
        let full = |mode: &Mode| occupation.map(|occupation| occupation.is_full(*mode));
        let known = map.modes().iter().map(full).collect();
        let circuit = Circuit::new(map.num_qubits(), 0);
        let mut writer = Self {
            circuit,
            style: options.style,
            initial: map.clone(),
            map,
            known,
        };
        if matches!(options.start, Start::Prepared(_)) {
            writer.forget_all()?;
        }
        Ok(writer)
    }

    /// exp(-i angle (c+_a c_b + h.c.)) of neighbouring modes.
    pub(super) fn hop(&mut self, a: usize, b: usize, angle: f64) -> Result<(), ModelError> {
        match (self.known[a], self.known[b]) {
            (Some(x), Some(y)) if x == y => Ok(()),
            (Some(a_full), Some(_)) if a_full => self.spread(a, b, angle),
            (Some(_), Some(_)) => self.spread(b, a, angle),
            _ => {
                self.forget(a)?;
                self.forget(b)?;
                match self.style {
                    GateStyle::Terms => self.push(Gate::XXPlusYY, &[2.0 * angle, 0.0], &[a, b]),
                    GateStyle::Paulis => {
                        self.push(Gate::RXX, &[angle], &[a, b])?;
                        self.push(Gate::RYY, &[angle], &[a, b])
                    }
                }
            }
        }
    }

    /// Turns the states in which both qubits are 1 by a phase.
    pub(super) fn phase(&mut self, a: usize, b: usize, angle: f64) -> Result<(), ModelError> {
        if angle == 0.0 {
            return Ok(());
        }
        match (self.known[a], self.known[b]) {
            (Some(false), _) | (_, Some(false)) => Ok(()),
            (Some(true), Some(true)) => {
                self.circuit.add_global_phase(angle);
                Ok(())
            }
            (Some(true), None) => self.push(Gate::P, &[angle], &[b]),
            (None, Some(true)) => self.push(Gate::P, &[angle], &[a]),
            (None, None) if angle == PI => self.push(Gate::CZ, &[], &[a, b]),
            (None, None) => match self.style {
                GateStyle::Terms => self.push(Gate::CP, &[angle], &[a, b]),
                GateStyle::Paulis => {
                    self.circuit.add_global_phase(angle / 4.0);
                    self.push(Gate::RZ, &[angle / 2.0], &[a])?;
                    self.push(Gate::RZ, &[angle / 2.0], &[b])?;
                    self.push(Gate::RZZ, &[-angle / 2.0], &[a, b])
                }
            },
        }
    }

    /// Exchanges two fermionic modes on neighbouring qubits, after turning the states in which both
    /// are full.
    ///
    /// The exchange of fermions is swap and cz, or iswap and sdg; the phase and it are three cz once
    /// compiled as one block, and two without the phase. It is written as iswap because a bare swap
    /// invites compilers to rename qubits instead, which would tear the line apart.
    pub(super) fn exchange(&mut self, a: usize, b: usize, angle: f64) -> Result<(), ModelError> {
        match (self.known[a], self.known[b]) {
            (None, None) => {
                self.phase(a, b, angle)?;
                self.push(Gate::ISwap, &[], &[a, b])?;
                self.push(Gate::Sdg, &[], &[a])?;
                self.push(Gate::Sdg, &[], &[b])?;
            }
            (a_full, b_full) => {
                self.phase(a, b, angle + PI)?;
                if a_full.is_none() {
                    self.shift(a, b)?;
                } else if b_full.is_none() {
                    self.shift(b, a)?;
                }
            }
        }
        self.known.swap(a, b);
        self.map.swap(a, b);
        Ok(())
    }

    /// Writes what is still only known, and the readout.
    pub(super) fn finish(mut self, readout: Readout) -> Result<TrotterCircuit, ModelError> {
        self.forget_all()?;
        if readout == Readout::Measured {
            self.measure()?;
        }
        Ok(TrotterCircuit {
            circuit: self.circuit,
            initial: self.initial,
            last: self.map,
        })
    }

    /// A hop from a mode that is certainly full to one that is certainly empty: one cx.
    fn spread(&mut self, full: usize, empty: usize, angle: f64) -> Result<(), ModelError> {
        self.push(Gate::RY, &[2.0 * angle], &[empty])?;
        self.push(Gate::P, &[-FRAC_PI_2], &[empty])?;
        self.forget(full)?;
        self.forget(empty)?;
        self.push(Gate::CX, &[], &[empty, full])
    }

    /// Moves a state to a qubit in |0>, leaving |0> behind.
    fn shift(&mut self, from: usize, to: usize) -> Result<(), ModelError> {
        self.push(Gate::CX, &[], &[from, to])?;
        self.push(Gate::CX, &[], &[to, from])
    }

    /// Makes a remembered occupation real.
    fn forget(&mut self, qubit: usize) -> Result<(), ModelError> {
        match self.known[qubit].take() {
            Some(true) => self.push(Gate::X, &[], &[qubit]),
            _ => Ok(()),
        }
    }

    fn forget_all(&mut self) -> Result<(), ModelError> {
        (0..self.known.len()).try_for_each(|qubit| self.forget(qubit))
    }

    fn measure(&mut self) -> Result<(), ModelError> {
        let sites = self.map.num_sites();
        self.circuit.add_creg("up", sites)?;
        self.circuit.add_creg("down", sites)?;
        for (qubit, mode) in self.map.modes().iter().enumerate() {
            let clbit = Clbit::new(mode.index(sites));
            self.circuit
                .push(Operation::Measure(clbit), &[Qubit::new(qubit)])?;
        }
        Ok(())
    }

    fn push(&mut self, gate: Gate, angles: &[f64], qubits: &[usize]) -> Result<(), ModelError> {
        let qubits: Vec<Qubit> = qubits.iter().map(|&qubit| Qubit::new(qubit)).collect();
        self.circuit
            .push(Operation::with_values(gate, angles)?, &qubits)?;
        Ok(())
    }
}
