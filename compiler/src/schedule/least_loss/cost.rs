//! What a wait costs a qubit, by its length alone: the rest of the schedule is not known while it is being made.

use std::f64::consts::PI;

use ardea_circuit::{Circuit, Qubit};
use ardea_device::Target;

use super::super::clock::Clock;
use super::super::decouple::pulse_gate;
use super::super::estimate::{decay_rate, log_of_success};
use super::super::frames::Segment;
use super::super::slow_noise::SlowNoise;
use crate::CompileError;

/// Whether waits will be filled with pulses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Waits {
    /// They stay empty.
    Empty,
    /// Those that it pays for are filled.
    Decoupled,
}

/// Of each qubit.
pub(super) struct WaitCosts {
    qubits: Vec<WaitCost>,
    noise: SlowNoise,
    tick: f64,
}

struct WaitCost {
    /// Lost per tick.
    decay: f64,
    /// Of the pairs with neighbours that the circuit uses, in hertz.
    zz: Vec<f64>,
    pulses: Option<TwoPulses>,
}

/// The least that decouples.
struct TwoPulses {
    length: u64,
    /// Lost to both beyond the decay in the same time.
    loss: f64,
}

/// Windows shorter than this many pulses stay empty.
const LEAST_PULSES: u64 = 4;

impl WaitCosts {
    pub(super) fn new(
        circuit: &Circuit,
        clock: &Clock<'_>,
        noise: &SlowNoise,
        waits: Waits,
    ) -> Result<Self, CompileError> {
        let target = clock.target;
        let mut is_used = vec![false; target.num_qubits()];
        for instruction in circuit.instructions() {
            instruction
                .qubits
                .iter()
                .for_each(|qubit| is_used[qubit.index()] = true);
        }
        let cost_of = |qubit: Qubit| -> Result<WaitCost, CompileError> {
            let decay = decay_rate(target, qubit) * clock.tick;
            let neighbours = target.neighbours(qubit).iter();
            let used = neighbours.filter(|neighbour| is_used[neighbour.index()]);
            Ok(WaitCost {
                decay,
                zz: used
                    .map(|&other| noise.zz_rate(target, qubit, other))
                    .collect(),
                pulses: match waits {
                    Waits::Empty => None,
                    Waits::Decoupled => two_pulses(target, clock, qubit, decay)?,
                },
            })
        };
        let qubits = (0..circuit.num_qubits()).map(|index| cost_of(Qubit::new(index)));
        Ok(WaitCosts {
            qubits: qubits.collect::<Result<_, _>>()?,
            noise: *noise,
            tick: clock.tick,
        })
    }

    /// The negative logarithm of the fidelity left after waiting so many ticks.
    pub(super) fn of(&self, qubit: usize, ticks: u64) -> f64 {
        let cost = &self.qubits[qubit];
        if ticks == 0 {
            return 0.0;
        }
        let whole = |start, end, sign| Segment {
            start,
            end,
            sign,
            is_idle: true,
        };
        let seconds = ticks as f64 * self.tick;
        let shift = PI * seconds * cost.zz.iter().sum::<f64>();
        let mut slow = self
            .noise
            .phase_loss(&[whole(0, ticks, 1.0)], shift, self.tick);
        slow += cost
            .zz
            .iter()
            .map(|&rate| SlowNoise::zz_loss(rate, seconds))
            .sum::<f64>();
        if let Some(pulses) = cost
            .pulses
            .as_ref()
            .filter(|pulses| ticks >= LEAST_PULSES * pulses.length)
        {
            let (quarter, rest) = (ticks / 4, ticks - ticks / 4);
            let parts = [
                whole(0, quarter, 1.0),
                whole(quarter, rest, -1.0),
                whole(rest, ticks, 1.0),
            ];
            slow = slow.min(pulses.loss + self.noise.phase_loss(&parts, 0.0, self.tick));
        }
        slow + cost.decay * ticks as f64
    }
}

fn two_pulses(
    target: &Target,
    clock: &Clock<'_>,
    qubit: Qubit,
    decay: f64,
) -> Result<Option<TwoPulses>, CompileError> {
    let gate = pulse_gate(target)?;
    let Some(found) = target
        .instruction(gate, &[qubit])
        .filter(|found| !found.is_broken())
    else {
        return Ok(None);
    };
    let length = clock.ticks(found.duration)?;
    let each = -log_of_success(found.error) - decay * length as f64;
    Ok(Some(TwoPulses {
        length,
        loss: 2.0 * each.max(0.0),
    }))
}
