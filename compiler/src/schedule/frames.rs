//! The toggling frame of each qubit: how the sign of its Z goes, as far as it only changes its sign.
//!
//! A diagonal gate leaves Z as it is and a flip turns its sign; any other gate turns it into something else, and with
//! it a *stretch* ends. Within a stretch the phases that a slow field gives add up with their signs, and so do those
//! that the ZZ of two qubits gives while both are within one.

use ardea_circuit::{Circuit, Instruction, Operation};

use super::awake::Awake;
use super::fading::Fading;
use super::timeline::Timeline;

/// Ticks during which the sign is the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Segment {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) sign: f64,
    /// Whether no gate runs.
    pub(super) is_idle: bool,
}

/// Consecutive segments between two gates that turn Z into something else. Never empty.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) segments: Vec<Segment>,
    /// How much of Z the errors of its gates take: the sum over them of what each takes.
    pub(super) unrest: f64,
}

impl Stretch {
    pub(super) fn start(&self) -> u64 {
        self.segments[0].start
    }

    pub(super) fn end(&self) -> u64 {
        self.segments[self.segments.len() - 1].end
    }
}

/// The stretches of each qubit while it is awake, in order of time. `unrest` is the share of the expectation of Z that
/// the errors of an instruction take from each of its qubits.
pub(super) fn stretches(
    circuit: &Circuit,
    timeline: &Timeline,
    mut awake: Awake,
    unrest: impl Fn(&Instruction) -> f64,
) -> Vec<Vec<Stretch>> {
    let mut tracks = vec![Track::default(); circuit.num_qubits()];
    let times = timeline.starts().iter().zip(timeline.durations());
    for (instruction, (&start, &ticks)) in circuit.instructions().iter().zip(times) {
        let effect = Effect::of(instruction);
        let unrest = unrest(instruction);
        for &qubit in instruction.qubits.iter() {
            let track = &mut tracks[qubit.index()];
            if awake.is(qubit) {
                track.push(start, true);
                track.unrest += unrest;
                match effect {
                    Effect::Wait => track.push(start + ticks, true),
                    Effect::Keep => track.run(start + ticks),
                    Effect::Flip => {
                        track.run(start + ticks / 2);
                        track.sign = -track.sign;
                        track.run(start + ticks);
                    }
                    Effect::Turn => track.finish(),
                }
            }
            track.now = start + ticks;
        }
        awake.follow(instruction, ticks);
    }
    tracks
        .into_iter()
        .map(|mut track| {
            track.finish();
            track.done
        })
        .collect()
}

/// Ticks that two stretches have in common, without those in which both run a gate: their own, which contains its ZZ.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Common {
    /// Each tick counted with the product of the signs, as far as that is remembered: the root of the double integral
    /// of [`Fading`].
    pub(super) both: f64,
    /// Each counted with the sign of the first alone.
    pub(super) first: f64,
}

impl Common {
    /// `fading` is the rate per tick at which the product of the two Z is forgotten.
    pub(super) fn of(first: &[Segment], second: &[Segment], fading: f64) -> Self {
        let (mut i, mut j) = (0, 0);
        if let Some(start) = second.first().map(|segment| segment.start) {
            i = first.partition_point(|segment| segment.end <= start);
        }
        if let Some(start) = first.get(i).map(|segment| segment.start) {
            j = second.partition_point(|segment| segment.end <= start);
        }
        let (mut both, mut of_first) = (Fading::new(fading), 0.0);
        while let (Some(a), Some(b)) = (first.get(i), second.get(j)) {
            let (start, end) = (a.start.max(b.start), a.end.min(b.end));
            if start < end && (a.is_idle || b.is_idle) {
                both.add(start, end, a.sign * b.sign);
                of_first += (end - start) as f64 * a.sign;
            }
            if a.end <= b.end {
                i += 1;
            } else {
                j += 1;
            }
        }
        Common {
            both: both.total().sqrt(),
            first: of_first,
        }
    }
}

/// What an instruction does to the Z of its qubits.
#[derive(Clone, Copy)]
enum Effect {
    Wait,
    Keep,
    Flip,
    Turn,
}

impl Effect {
    fn of(instruction: &Instruction) -> Self {
        const TOLERANCE: f64 = 1e-9;
        match &instruction.operation {
            Operation::Delay(..) => Effect::Wait,
            Operation::Barrier => Effect::Keep,
            operation => match (operation.as_gate(), operation.matrix1()) {
                (Some(gate), _) if gate.is_diagonal() => Effect::Keep,
                (_, Some(matrix)) if matrix[(1, 0)].norm() < TOLERANCE => Effect::Keep,
                (_, Some(matrix)) if matrix[(0, 0)].norm() < TOLERANCE => Effect::Flip,
                _ => Effect::Turn,
            },
        }
    }
}

/// One qubit's stretches so far.
#[derive(Clone)]
struct Track {
    done: Vec<Stretch>,
    running: Vec<Segment>,
    sign: f64,
    now: u64,
    unrest: f64,
}

impl Default for Track {
    fn default() -> Self {
        Track {
            done: Vec::new(),
            running: Vec::new(),
            sign: 1.0,
            now: 0,
            unrest: 0.0,
        }
    }
}

impl Track {
    fn run(&mut self, until: u64) {
        self.push(until, false);
    }

    fn push(&mut self, end: u64, is_idle: bool) {
        if end <= self.now {
            return;
        }
        match self.running.last_mut() {
            Some(last) if last.is_idle == is_idle && last.sign == self.sign => last.end = end,
            _ => self.running.push(Segment {
                start: self.now,
                end,
                sign: self.sign,
                is_idle,
            }),
        }
        self.now = end;
    }

    fn finish(&mut self) {
        if !self.running.is_empty() {
            self.done.push(Stretch {
                segments: std::mem::take(&mut self.running),
                unrest: self.unrest,
            });
        }
        (self.sign, self.unrest) = (1.0, 0.0);
    }
}
