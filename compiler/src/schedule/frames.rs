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

/// A stretch of more segments is cut before its next gate: each part is balanced by itself, which balances the whole,
/// and the time for choosing pulses grows with the number of windows and not with its square.
const MOST_SEGMENTS: usize = 128;

/// Consecutive segments between two gates that turn Z into something else. Never empty.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub(super) segments: Vec<Segment>,
    /// The rate per tick at which Z is forgotten, by relaxation and by the errors of the gates that are there before
    /// any pulse is chosen; those are taken as spread evenly.
    pub(super) fading: f64,
}

/// What makes a qubit forget its Z.
pub(super) struct Unrest<F> {
    /// Rate of relaxation of each qubit while no gate runs, per tick; what it does during a gate is in the gate's error.
    pub(super) relaxation: Vec<f64>,
    /// The share of the expectation of Z that the error of an instruction takes from each of its qubits.
    pub(super) of_gate: F,
}

impl Stretch {
    pub(super) fn start(&self) -> u64 {
        self.segments[0].start
    }

    pub(super) fn end(&self) -> u64 {
        self.segments[self.segments.len() - 1].end
    }
}

/// The stretches of each qubit while it is awake, in order of time.
pub(super) fn stretches(
    circuit: &Circuit,
    timeline: &Timeline,
    mut awake: Awake,
    unrest: &Unrest<impl Fn(&Instruction) -> f64>,
) -> Vec<Vec<Stretch>> {
    let mut tracks: Vec<Track> = unrest
        .relaxation
        .iter()
        .map(|&rate| Track::new(rate))
        .collect();
    let times = timeline.starts().iter().zip(timeline.durations());
    for (instruction, (&start, &ticks)) in circuit.instructions().iter().zip(times) {
        let effect = Effect::of(instruction);
        let of_gate = match effect {
            Effect::Keep | Effect::Flip => (unrest.of_gate)(instruction),
            Effect::Wait | Effect::Turn => 0.0,
        };
        for &qubit in instruction.qubits.iter() {
            let track = &mut tracks[qubit.index()];
            if awake.is(qubit) {
                track.push(start, true);
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
                track.unrest += of_gate;
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
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// See [`Unrest`].
    relaxation: f64,
    /// The sum over the gates so far.
    unrest: f64,
}

impl Track {
    fn new(relaxation: f64) -> Self {
        Track {
            done: Vec::new(),
            running: Vec::new(),
            sign: 1.0,
            now: 0,
            relaxation,
            unrest: 0.0,
        }
    }

    fn run(&mut self, until: u64) {
        let is_after_wait = self.running.last().is_some_and(|last| last.is_idle);
        if self.running.len() >= MOST_SEGMENTS && is_after_wait && until > self.now {
            self.cut();
        }
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
        self.cut();
        self.sign = 1.0;
    }

    /// Ends a stretch; the next goes on with the same sign.
    fn cut(&mut self) {
        let segments = std::mem::take(&mut self.running);
        let unrest = std::mem::take(&mut self.unrest);
        let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
            return;
        };
        let ticks = (last.end - first.start) as f64;
        let idle = segments.iter().filter(|segment| segment.is_idle);
        let idle: u64 = idle.map(|segment| segment.end - segment.start).sum();
        let fading = (unrest + self.relaxation * idle as f64) / ticks;
        self.done.push(Stretch { segments, fading });
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::{Clock, Wires};
    use super::super::fixtures::line;
    use super::super::timeline::place;
    use super::*;
    use crate::ScheduleMode;

    /// The stretches of qubit 0 of a line of two, where every operation takes a thousandth of Z.
    fn of_first(circuit: &Circuit) -> Vec<Stretch> {
        let target = line(2);
        let clock = Clock::new(&target, ScheduleMode::Asap);
        let timeline = place(circuit, &Wires::of_device(), &clock, 0).unwrap();
        let unrest = Unrest {
            relaxation: vec![0.0; 2],
            of_gate: |_: &Instruction| 1e-3,
        };
        stretches(circuit, &timeline, Awake::none(2), &unrest).swap_remove(0)
    }

    /// An `sx` on both qubits, and this often a wait of both and a `cz`.
    fn rounds(count: usize) -> Circuit {
        let mut circuit = Circuit::new(2, 1);
        circuit.sx(0).unwrap().sx(1).unwrap();
        for _ in 0..count {
            circuit.delay(100e-9, 0).unwrap().cz(0, 1).unwrap();
        }
        circuit
    }

    #[test]
    fn long_stretches_are_cut_between_a_wait_and_a_gate() {
        let whole = of_first(&rounds(MOST_SEGMENTS / 2 - 1));
        assert_eq!(whole.len(), 1);
        let parts = of_first(&rounds(2 * MOST_SEGMENTS));
        assert_eq!(parts.len(), 4);
        for (part, next) in parts.iter().zip(&parts[1..]) {
            assert_eq!(part.end(), next.start());
            assert!(part.segments.last().unwrap().is_idle && !next.segments[0].is_idle);
            assert!(part.segments.len() <= MOST_SEGMENTS + 1);
        }
    }

    #[test]
    fn only_the_gates_of_a_stretch_make_it_forget() {
        let of = |circuit: &Circuit| of_first(circuit)[0].fading;
        let mut circuit = rounds(3);
        let fading = of(&circuit);
        approx::assert_relative_eq!(fading, 3e-3 / (3.0 * 130.0));
        circuit.sx(0).unwrap();
        assert_eq!(of(&circuit), fading);
        let mut measured = rounds(3);
        measured.measure(0, 0).unwrap();
        assert_eq!(of(&measured), fading);
    }
}
