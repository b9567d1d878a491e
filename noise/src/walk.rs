//! How far a body's noise has been written down.

use std::collections::BTreeMap;

use ardea_circuit::{Circuit, Qubit};

use crate::model::NoiseModel;

/// How far each qubit and pair of a body has been accounted for; times are seconds since the body's start.
pub(crate) struct Walk<'a> {
    pub(crate) out: Circuit,
    pub(crate) wires: &'a [Qubit],
    /// Start of the body since the start of the circuit.
    pub(crate) start: f64,
    pub(crate) awake: Vec<bool>,
    /// Until when relaxation is accounted for.
    pub(crate) relaxed: Vec<f64>,
    /// Until when detunings are.
    pub(crate) turned: Vec<f64>,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) pairs_of: Vec<Vec<usize>>,
}

pub(crate) struct Pair {
    pub(crate) qubits: [usize; 2],
    /// Hertz.
    pub(crate) rate: f64,
    /// Until when ZZ is accounted for.
    pub(crate) settled: f64,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(
        model: &NoiseModel,
        circuit: &Circuit,
        wires: &'a [Qubit],
        start: f64,
        awake: Vec<bool>,
    ) -> Self {
        let mut out = circuit.same_shape();
        out.add_global_phase(circuit.global_phase().clone());
        let count = circuit.num_qubits();
        let (mut pairs, mut pairs_of) = (vec![], vec![vec![]; count]);
        let of_wire: BTreeMap<Qubit, usize> = wires
            .iter()
            .enumerate()
            .map(|(i, &wire)| (wire, i))
            .collect();
        let target = model.target().filter(|_| model.options().zz.is_some());
        for (a, &wire) in wires.iter().enumerate() {
            for other in target.map_or(&[][..], |target| target.neighbours(wire)) {
                let Some(&b) = of_wire.get(other) else {
                    continue;
                };
                if a < b {
                    pairs_of[a].push(pairs.len());
                    pairs_of[b].push(pairs.len());
                    pairs.push(Pair {
                        qubits: [a, b],
                        rate: model.zz(wire.index(), other.index()),
                        settled: 0.0,
                    });
                }
            }
        }
        Self {
            out,
            wires,
            start,
            awake,
            relaxed: vec![0.0; count],
            turned: vec![0.0; count],
            pairs,
            pairs_of,
        }
    }

    pub(crate) fn pair(&mut self, a: usize, b: usize) -> Option<&mut Pair> {
        let found = self.pairs_of[a]
            .iter()
            .find(|&&i| self.pairs[i].qubits.contains(&b));
        found.copied().map(|i| &mut self.pairs[i])
    }

    /// The time up to `until` is accounted for elsewhere.
    pub(crate) fn skip_pair(&mut self, a: usize, b: usize, until: f64) {
        if let Some(pair) = self.pair(a, b) {
            pair.settled = pair.settled.max(until);
        }
    }

    /// The qubit is in |0> from `until` on.
    pub(crate) fn sleep(&mut self, qubit: usize, until: f64) {
        self.awake[qubit] = false;
        (self.relaxed[qubit], self.turned[qubit]) = (until, until);
    }
}
