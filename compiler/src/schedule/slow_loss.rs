//! What slow noise costs a circuit: of each stretch of each qubit, and of each pair of stretches of coupled qubits.

use std::f64::consts::PI;

use ardea_circuit::{Circuit, Instruction, Qubit};
use rustc_hash::FxHashMap;

use super::awake::Awake;
use super::clock::{Clock, Wires};
use super::estimate::calibrated;
use super::frames::{Common, Segment, Stretch, Unrest, stretches};
use super::slow_noise::SlowNoise;
use super::timeline::Timeline;

/// The toggling frames of all qubits of a circuit or body, and who is coupled to whom.
pub(super) struct Frames<'a> {
    /// Of each qubit, in order of time.
    pub(super) stretches: Vec<Vec<Stretch>>,
    /// Of each qubit those in the circuit, with the rate of the ZZ in hertz.
    neighbours: Vec<Vec<(usize, f64)>>,
    noise: &'a SlowNoise,
    tick: f64,
}

/// Which pairs count.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pairs {
    /// With every neighbour.
    All,
    /// With those of a higher number: over all qubits, each pair once.
    Once,
}

impl<'a> Frames<'a> {
    pub(super) fn new(
        circuit: &Circuit,
        wires: &Wires,
        timeline: &Timeline,
        awake: Awake,
        clock: &Clock<'_>,
        noise: &'a SlowNoise,
    ) -> Self {
        let name = |local: usize| wires.of(Qubit::new(local));
        let count = circuit.num_qubits();
        let local: FxHashMap<Qubit, usize> = (0..count).map(|q| (name(q), q)).collect();
        let neighbours_of = |qubit: usize| {
            let all = clock.target.neighbours(name(qubit)).iter();
            all.filter_map(|&other| {
                let rate = noise.zz_rate(clock.target, name(qubit), other);
                Some((*local.get(&other)?, rate))
            })
            .collect()
        };
        let relaxation = |qubit: usize| {
            let t1 = clock.target.qubit(name(qubit)).t1;
            t1.map_or(0.0, |t1| clock.tick / t1)
        };
        let unrest = Unrest {
            relaxation: (0..count).map(relaxation).collect(),
            of_gate: |instruction: &Instruction| {
                let found = calibrated(instruction, wires, clock.target);
                found.map_or(0.0, |found| lost_by(found.error, instruction.qubits.len()))
            },
        };
        Frames {
            stretches: stretches(circuit, timeline, awake, &unrest),
            neighbours: (0..count).map(neighbours_of).collect(),
            noise,
            tick: clock.tick,
        }
    }

    /// The negative logarithm of the fidelity that slow noise leaves.
    pub(super) fn loss(&self) -> f64 {
        let of_qubit = |(qubit, own): (usize, &Vec<Stretch>)| -> f64 {
            own.iter()
                .map(|stretch| self.loss_of(qubit, stretch, &stretch.segments, Pairs::Once))
                .sum()
        };
        self.stretches.iter().enumerate().map(of_qubit).sum()
    }

    /// The same of one stretch, if it consisted of these segments; `own` is the stretch as it stands, which says how
    /// fast its Z is forgotten.
    pub(super) fn loss_of(
        &self,
        qubit: usize,
        own: &Stretch,
        segments: &[Segment],
        pairs: Pairs,
    ) -> f64 {
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            return 0.0;
        };
        let (mut sum, mut turns) = (0.0, 0.0);
        for &(other, rate) in self.neighbours[qubit]
            .iter()
            .filter(|(_, rate)| *rate != 0.0)
        {
            let list = &self.stretches[other];
            let begin = list.partition_point(|stretch| stretch.end() <= first.start);
            let overlapping = list[begin..]
                .iter()
                .take_while(|stretch| stretch.start() < last.end);
            for stretch in overlapping {
                let fading = own.fading + stretch.fading;
                let common = Common::of(segments, &stretch.segments, fading);
                turns += rate * common.first * self.tick;
                if pairs == Pairs::All || other > qubit {
                    sum += SlowNoise::zz_loss(rate, common.both * self.tick);
                }
            }
        }
        sum + self.noise.phase_loss(segments, PI * turns, self.tick)
    }
}

/// The share of the expectation of Z that a gate with this average error takes from each qubit, if the error is
/// depolarising: of 3 Pauli operators 2 flip Z, of 15 on two qubits 8 do.
fn lost_by(error: f64, qubits: usize) -> f64 {
    match qubits {
        1 => 2.0 * error,
        2 => 4.0 / 3.0 * error,
        _ => 0.0,
    }
}
