//! Which bases observables are measured in.
//!
//! Strings that agree on every qubit where both act are measured together: each qubit is turned so that its operator
//! becomes Z. Strings join the first group that they fit, in the order in which they come.

use std::collections::BTreeMap;

use ardea_circuit::{C64, Circuit, Clbit, Operation, Pauli, PauliString, Qubit, SparsePauliSum};
use nalgebra::Matrix2;

use crate::error::SuppressionError;

/// Strings that are measured together.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Basis {
    /// The operator that each qubit of the program is measured in; the k-th is read into the k-th bit of the group.
    pub(super) operators: BTreeMap<Qubit, Pauli>,
}

/// A coefficient, and the bits of the group whose parity gives the sign.
pub(super) type Term = (f64, Vec<usize>);

/// Observables cut into what each basis tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bases {
    pub(super) bases: Vec<Basis>,
    /// For each observable and each basis the terms.
    pub(super) terms: Vec<Vec<Vec<Term>>>,
    /// The multiple of the identity in each observable.
    pub(super) constants: Vec<f64>,
}

impl Bases {
    /// # Errors
    /// [`SuppressionError::BadOption`] for observables of another width or with complex coefficients.
    pub(super) fn of(
        observables: &[SparsePauliSum],
        num_qubits: usize,
    ) -> Result<Self, SuppressionError> {
        let mut out = Self::default();
        let mut places: Vec<Vec<(usize, f64, &PauliString)>> = Vec::new();
        for observable in observables {
            check(observable, num_qubits)?;
            let mut constant = 0.0;
            let mut placed = Vec::new();
            for (string, coefficient) in observable.terms() {
                if string.weight() == 0 {
                    constant += coefficient.re;
                } else {
                    placed.push((out.place(string), coefficient.re, string));
                }
            }
            places.push(placed);
            out.constants.push(constant);
        }
        // Bits are numbered once a group is complete.
        for placed in places {
            let mut by_basis = vec![Vec::new(); out.bases.len()];
            for (basis, coefficient, string) in placed {
                let operators = &out.bases[basis].operators;
                let bit = |qubit: Qubit| operators.keys().position(|&other| other == qubit);
                let bits = string
                    .support()
                    .filter_map(|(qubit, _)| bit(qubit))
                    .collect();
                by_basis[basis].push((coefficient, bits));
            }
            out.terms.push(by_basis);
        }
        Ok(out)
    }

    fn place(&mut self, string: &PauliString) -> usize {
        let fits = |basis: &Basis| {
            let same = |(qubit, pauli)| *basis.operators.get(&qubit).unwrap_or(&pauli) == pauli;
            string.support().all(same)
        };
        let place = self.bases.iter().position(fits).unwrap_or_else(|| {
            self.bases.push(Basis::default());
            self.bases.len() - 1
        });
        self.bases[place].operators.extend(string.support());
        place
    }
}

fn check(observable: &SparsePauliSum, num_qubits: usize) -> Result<(), SuppressionError> {
    let what = if observable.num_qubits() != num_qubits {
        format!(
            "an observable on {} qubits does not fit a circuit of {num_qubits}",
            observable.num_qubits()
        )
    } else if !observable.is_hermitian() {
        "an observable must have real coefficients".to_owned()
    } else {
        return Ok(());
    };
    Err(SuppressionError::BadOption { what })
}

/// What turns an operator into Z.
pub(super) fn turn(pauli: Pauli) -> Option<Matrix2<C64>> {
    let r = std::f64::consts::FRAC_1_SQRT_2;
    let (one, i) = (C64::new(r, 0.0), C64::new(0.0, r));
    match pauli {
        Pauli::X => Some(Matrix2::new(one, one, one, -one)),
        // H S†
        Pauli::Y => Some(Matrix2::new(one, -i, one, i)),
        Pauli::I | Pauli::Z => None,
    }
}

/// The circuit without measurements that end it: on a qubit that nothing follows, into a bit that nothing reads.
pub(super) fn without_final_measurements(circuit: &Circuit) -> Circuit {
    let mut is_read = vec![false; circuit.num_clbits()];
    for bit in circuit
        .instructions()
        .iter()
        .flat_map(|i| i.operation.clbits_read())
    {
        is_read[bit.index()] = true;
    }
    let is_final = |bit: Clbit| !is_read[bit.index()];
    let mut is_used = vec![false; circuit.num_qubits()];
    let mut kept = Vec::with_capacity(circuit.len());
    for instruction in circuit.instructions().iter().rev() {
        let operation = &instruction.operation;
        match operation {
            Operation::Measure(bit)
                if is_final(*bit) && !is_used[instruction.qubits[0].index()] =>
            {
                continue;
            }
            operation if operation.is_directive() => {}
            _ => instruction
                .qubits
                .iter()
                .for_each(|q| is_used[q.index()] = true),
        }
        kept.push(instruction.clone());
    }
    let mut out = circuit.same_shape();
    out.add_global_phase(circuit.global_phase().clone());
    kept.into_iter()
        .rev()
        .for_each(|instruction| out.push_valid(instruction));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ardea_circuit::Gate;

    #[test]
    fn strings_that_agree_share_a_basis() {
        let first = SparsePauliSum::from_labels(&[("ZZI", 1.0), ("IIX", 0.5), ("XXI", 2.0)]);
        let second = SparsePauliSum::from_labels(&[("III", 3.0), ("ZIX", -1.0)]);
        let bases = Bases::of(&[first.unwrap(), second.unwrap()], 3).unwrap();
        assert_eq!(bases.bases.len(), 2);
        assert_eq!(bases.constants, [0.0, 3.0]);
        assert_eq!(bases.terms[0][0], [(1.0, vec![1, 2]), (0.5, vec![0])]);
        assert_eq!(bases.terms[0][1], [(2.0, vec![0, 1])]);
        assert_eq!(bases.terms[1], [vec![(-1.0, vec![0, 2])], vec![]]);
        let wide = SparsePauliSum::from_labels(&[("ZZ", 1.0)]).unwrap();
        assert!(Bases::of(&[wide], 3).is_err());
    }

    #[test]
    fn turns_make_the_operator_z() {
        let z = Gate::Z.matrix1(&[]).unwrap();
        for (pauli, gate) in [(Pauli::X, Gate::X), (Pauli::Y, Gate::Y)] {
            let turn = turn(pauli).unwrap();
            let back = turn.adjoint() * z * turn;
            assert!((back - gate.matrix1(&[]).unwrap()).norm() < 1e-12);
        }
    }

    #[test]
    fn only_measurements_at_the_end_are_left_out() {
        let mut circuit = Circuit::new(2, 2);
        circuit
            .measure(0, 0)
            .unwrap()
            .x(0)
            .unwrap()
            .measure(1, 1)
            .unwrap();
        circuit.barrier(&[0, 1]).unwrap();
        let rest = without_final_measurements(&circuit);
        let names: Vec<String> = rest
            .instructions()
            .iter()
            .map(|i| i.operation.name())
            .collect();
        assert_eq!(names, ["measure", "x", "barrier"]);
    }
}
