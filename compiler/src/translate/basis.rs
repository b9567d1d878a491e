//! What a target offers, in the terms that synthesis asks for: gates of one qubit, gates of each pair and their costs.

use ardea_circuit::{Gate, Qubit};
use ardea_device::Target;

use crate::synthesis::euler::OneQubitBasis;
use crate::synthesis::two_qubit::{Maximal, TwoQubitBasis};
use crate::{CompileError, Context, GateSet, Properties};

/// Whether the qubits of a circuit are those of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wiring {
    /// They are: a two-qubit gate is available only where the target has it.
    Physical,
    /// They are not yet placed: every pair is taken to have the target's usual gate.
    Logical,
}

/// The native gates of a target under a choice of gate set.
#[derive(Clone, Debug)]
pub struct NativeBasis<'t> {
    target: &'t Target,
    wiring: Wiring,
    one_qubit: OneQubitGates,
    two_qubit: Vec<Gate>,
    rzz: bool,
}

/// How one-qubit gates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OneQubitGates {
    pub(crate) basis: OneQubitBasis,
    pub(crate) has_sx: bool,
    pub(crate) has_x: bool,
    /// `u` or `u3`, when gates are written with it.
    pub(crate) general: Gate,
}

/// A cost for a gate that is said to have no error, so that fewer gates still count as better.
const LEAST_COST: f64 = 1e-6;

impl<'t> NativeBasis<'t> {
    /// The native gates for the circuit that `context` is about.
    ///
    /// # Errors
    /// [`CompileError::UnsupportedOperation`] when the target's one-qubit gates are not of a kind known here.
    pub fn of(context: &Context<'t>) -> Result<Self, CompileError> {
        let wiring = if context.properties.contains(Properties::MAPPED) {
            Wiring::Physical
        } else {
            Wiring::Logical
        };
        Self::new(context.target, context.options.gate_set, wiring)
    }

    /// The native gates of `target`.
    ///
    /// # Errors
    /// As [`NativeBasis::of`].
    pub fn new(
        target: &'t Target,
        gate_set: GateSet,
        wiring: Wiring,
    ) -> Result<Self, CompileError> {
        let fractional: &[Gate] = if gate_set == GateSet::Fractional {
            target.fractional_gates()
        } else {
            &[]
        };
        let has = |gate: Gate| target.basis().contains(&gate) || fractional.contains(&gate);
        let two_qubit = [Gate::CZ, Gate::CX, Gate::ECR]
            .into_iter()
            .filter(|&gate| has(gate))
            .collect();
        let one_qubit = one_qubit_gates(target, has)?;
        Ok(Self {
            target,
            wiring,
            one_qubit,
            two_qubit,
            rzz: has(Gate::RZZ),
        })
    }

    /// How one-qubit gates are written.
    #[must_use]
    pub fn one_qubit(&self) -> OneQubitBasis {
        self.one_qubit.basis
    }

    pub(crate) fn one_qubit_gates(&self) -> OneQubitGates {
        self.one_qubit
    }

    /// Whether instructions of this gate may appear in the output at all.
    #[must_use]
    pub fn offers(&self, gate: Gate) -> bool {
        match gate.num_qubits() {
            1 => match self.one_qubit.basis {
                OneQubitBasis::RzSx => {
                    gate == Gate::RZ || gate == Gate::SX || gate == Gate::X && self.one_qubit.has_x
                }
                OneQubitBasis::RzRx => {
                    matches!(gate, Gate::RZ | Gate::RX)
                        || gate == Gate::SX && self.one_qubit.has_sx
                        || gate == Gate::X && self.one_qubit.has_x
                }
                OneQubitBasis::U => gate == self.one_qubit.general,
            },
            2 => self.two_qubit.contains(&gate) || gate == Gate::RZZ && self.rzz,
            _ => false,
        }
    }

    /// Whether these qubits of the target run this gate in this order.
    #[must_use]
    pub fn runs(&self, gate: Gate, qubits: &[Qubit]) -> bool {
        // One-qubit gates are found on every live qubit; where a placement uses a dead one, that is not repaired here.
        qubits.len() == 1 || self.target.supports(gate, qubits)
    }

    /// Whether the circuit's qubits are the target's.
    #[must_use]
    pub fn wiring(&self) -> Wiring {
        self.wiring
    }

    /// What the pair offers, with the first qubit as qubit 0.
    ///
    /// # Errors
    /// [`CompileError::UnsupportedOperation`] when it offers no two-qubit gate.
    pub fn pair(&self, first: Qubit, second: Qubit) -> Result<TwoQubitBasis, CompileError> {
        let offer = match self.wiring {
            Wiring::Logical => TwoQubitBasis {
                maximal: self.two_qubit.first().map(|&gate| (maximal(gate, 0), 1.0)),
                rzz: self.rzz.then_some(1.0),
            },
            Wiring::Physical => TwoQubitBasis {
                maximal: self.best_maximal(first, second),
                rzz: if self.rzz {
                    self.cost(Gate::RZZ, &[first, second])
                } else {
                    None
                },
            },
        };
        if offer.maximal.is_none() && offer.rzz.is_none() {
            return Err(self.no_gate(first, second));
        }
        Ok(offer)
    }

    fn best_maximal(&self, first: Qubit, second: Qubit) -> Option<(Maximal, f64)> {
        let mut best: Option<(Maximal, f64)> = None;
        for &gate in &self.two_qubit {
            for (place, qubits) in [[first, second], [second, first]].into_iter().enumerate() {
                if let Some(cost) = self.cost(gate, &qubits)
                    && best.is_none_or(|(_, least)| cost < least)
                {
                    best = Some((maximal(gate, place), cost));
                }
            }
        }
        best
    }

    fn cost(&self, gate: Gate, qubits: &[Qubit]) -> Option<f64> {
        if !self.target.supports(gate, qubits) {
            return None;
        }
        let error = self.target.instruction(gate, qubits)?.error;
        Some(-(1.0 - error.clamp(0.0, 0.999)).ln() + LEAST_COST)
    }

    fn no_gate(&self, first: Qubit, second: Qubit) -> CompileError {
        CompileError::UnsupportedOperation {
            operation: format!("a gate on {first} and {second}"),
            reason: format!(
                "target '{}' has no working cz, cx, ecr or rzz there; route the circuit first",
                self.target.name()
            ),
        }
    }
}

fn maximal(gate: Gate, first: usize) -> Maximal {
    match gate {
        Gate::CX => Maximal::Cx { control: first },
        Gate::ECR => Maximal::Ecr { first },
        _ => Maximal::Cz,
    }
}

fn one_qubit_gates(
    target: &Target,
    has: impl Fn(Gate) -> bool,
) -> Result<OneQubitGates, CompileError> {
    let (has_sx, has_x) = (has(Gate::SX), has(Gate::X));
    let general = if has(Gate::U) || !has(Gate::U3) {
        Gate::U
    } else {
        Gate::U3
    };
    let basis = if has(Gate::RZ) && has(Gate::RX) {
        OneQubitBasis::RzRx
    } else if has(Gate::RZ) && has_sx {
        OneQubitBasis::RzSx
    } else if has(general) {
        OneQubitBasis::U
    } else {
        let names: Vec<&str> = target.basis().iter().map(|gate| gate.name()).collect();
        return Err(CompileError::UnsupportedOperation {
            operation: "one-qubit gates".into(),
            reason: format!(
                "target '{}' offers {}; it needs rz with sx, rz with rx, or u",
                target.name(),
                names.join(", ")
            ),
        });
    };
    Ok(OneQubitGates {
        basis,
        has_sx,
        has_x,
        general,
    })
}
