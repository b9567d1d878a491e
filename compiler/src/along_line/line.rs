//! A line of qubits, each of which holds its own value or the parity of it and a neighbour's.

use ardea_circuit::{C64, Circuit, Gate, Instruction, Operation, Qubit};
use nalgebra::Matrix2;

use super::stars::{Act, Star, Stars};
use crate::synthesis::euler::Euler;

/// How a hub meets its partners.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Walk {
    /// It walks through them and stays behind the last.
    Through,
    /// It walks on through all that have something before them, so that the order on the line stays simple.
    ToTheEnd,
    /// Its parity walks to the last and back again.
    Back,
}

/// How a line is walked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub(super) walk: Walk,
    /// Whether parities are laid out to the line's end at once, or only as far as needed.
    pub(super) whole: bool,
}

/// What a place holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    /// The value of the wire that is there.
    Own,
    /// That value and, added to it, the value of the wire one place before.
    WithPrevious,
    /// That value and, added to it, the value of the wire one place after.
    WithNext,
}

/// Which way along the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

impl Way {
    fn from(self, place: usize, steps: usize) -> usize {
        match self {
            Self::Up => place + steps,
            Self::Down => place - steps,
        }
    }

    /// What places hold that are tied to the one before them on this way.
    fn behind(self) -> Holds {
        match self {
            Self::Up => Holds::WithPrevious,
            Self::Down => Holds::WithNext,
        }
    }
}

/// A line that is being written on.
pub(super) struct Line {
    manner: Manner,
    /// The wire of the written circuit at each place.
    wires: Vec<Qubit>,
    /// The wire of the circuit that is being read, by place.
    at: Vec<usize>,
    /// Its place, for those on the line.
    place: Vec<Option<usize>>,
    holds: Vec<Holds>,
    out: Circuit,
    cost: usize,
    limit: usize,
}

impl Line {
    /// A line for a circuit of the same shape, in the given order; gives up when it takes more than `limit` `cx`.
    pub(super) fn new(shape: &Circuit, order: &[usize], manner: Manner, limit: usize) -> Self {
        let mut place = vec![None; shape.num_qubits()];
        for (k, &wire) in order.iter().enumerate() {
            place[wire] = Some(k);
        }
        let mut out = shape.same_shape();
        out.add_global_phase(shape.global_phase().clone());
        Self {
            manner,
            wires: order.iter().map(|&wire| Qubit::new(wire)).collect(),
            at: order.to_vec(),
            place,
            holds: vec![Holds::Own; order.len()],
            out,
            cost: 0,
            limit,
        }
    }

    /// Writes everything: the number of `cx`, the circuit, and where each wire ends; none beyond the limit.
    pub(super) fn write(mut self, stars: &Stars) -> Option<(usize, Circuit, Vec<Qubit>)> {
        self.out.add_global_phase(stars.phase);
        self.gates(&stars.first);
        let last_uses = stars.last_uses();
        for (time, star) in stars.stars.iter().enumerate() {
            self.act(star);
            self.star(star, |wire| last_uses[wire] > time);
            if self.cost > self.limit {
                return None;
            }
        }
        (0..self.holds.len()).for_each(|place| self.make_own(place));
        self.gates(&stars.last);
        let ends = stars
            .values
            .iter()
            .map(|&value| self.wire_of(value))
            .collect();
        (self.cost <= self.limit).then_some((self.cost, self.out, ends))
    }

    /// The written wire that holds a wire of the circuit, once it holds it alone.
    fn wire_of(&self, wire: usize) -> Qubit {
        self.place[wire].map_or(Qubit::new(wire), |place| self.wires[place])
    }

    fn gates(&mut self, gates: &[Matrix2<C64>]) {
        for (wire, gate) in gates.iter().enumerate() {
            if *gate != Matrix2::identity() {
                self.gate(wire, gate);
            }
        }
    }

    fn gate(&mut self, wire: usize, gate: &Matrix2<C64>) {
        let Euler {
            theta,
            phi,
            lambda,
            phase,
        } = Euler::of(gate);
        self.out.add_global_phase(phase);
        self.push(
            Operation::Parametric(
                Gate::U,
                Box::new(vec![theta.into(), phi.into(), lambda.into()]),
            ),
            &[self.wire_of(wire)],
        );
    }

    fn push(&mut self, operation: Operation, qubits: &[Qubit]) {
        self.out.push_valid(Instruction {
            operation,
            qubits: qubits.into(),
        });
    }

    fn cx(&mut self, control: usize, target: usize) {
        self.cost += 1;
        let qubits = [self.wires[control], self.wires[target]];
        self.push(Operation::Gate(Gate::CX), &qubits);
    }

    fn act(&mut self, star: &Star) {
        match &star.act {
            Act::None => {}
            Act::Gate(gate) => {
                self.release(star.hub);
                self.gate(star.hub, gate);
            }
            Act::Kept(instructions, wires) => {
                wires.iter().for_each(|&wire| self.release(wire));
                for instruction in instructions {
                    let qubits = instruction.qubits.map(|q| self.wire_of(q.index()));
                    self.out.push_valid(Instruction {
                        operation: instruction.operation.clone(),
                        qubits,
                    });
                }
            }
        }
    }

    /// Makes a wire's place hold its value alone, and no other place hold it.
    fn release(&mut self, wire: usize) {
        let Some(place) = self.place[wire] else {
            return;
        };
        self.make_own(place);
        for way in [Way::Up, Way::Down] {
            if let Some(next) = self.next(place, way)
                && self.holds[next] == way.behind()
            {
                self.make_own(next);
            }
        }
    }

    fn next(&self, place: usize, way: Way) -> Option<usize> {
        match way {
            Way::Up => Some(place + 1).filter(|&next| next < self.holds.len()),
            Way::Down => place.checked_sub(1),
        }
    }

    /// Takes its neighbour's value out of a place, which begins where the chain of neighbours ends.
    fn make_own(&mut self, place: usize) {
        let tied = self.holds[place];
        let way = match tied {
            Holds::Own => return,
            Holds::WithPrevious => Way::Down,
            Holds::WithNext => Way::Up,
        };
        // Two neighbours never hold the same parity, so the chain ends at a value alone.
        let mut steps = 1;
        while self.holds[way.from(place, steps)] == tied {
            steps += 1;
        }
        for step in (0..steps).rev() {
            let target = way.from(place, step);
            self.cx(way.from(place, step + 1), target);
            self.holds[target] = Holds::Own;
        }
    }

    /// Gives a star's hub its phases with all partners.
    fn star(&mut self, star: &Star, in_use: impl Fn(usize) -> bool) {
        let Some(place) = self.place[star.hub] else {
            return;
        };
        let reach = |way: Way| {
            let partners = star.partners.keys().filter_map(|&wire| self.place[wire]);
            partners
                .map(|other| match way {
                    Way::Up => other.saturating_sub(place),
                    Way::Down => place.saturating_sub(other),
                })
                .max()
                .unwrap_or(0)
        };
        let (up, down) = (reach(Way::Up), reach(Way::Down));
        let (near, far) = if up > down {
            ((Way::Down, down), (Way::Up, up))
        } else {
            ((Way::Up, up), (Way::Down, down))
        };
        self.back(star, place, near);
        match self.manner.walk {
            Walk::Through => self.through(star, place, far),
            Walk::ToTheEnd => {
                let steps = self.on_to_the_end(place, far, in_use);
                self.through(star, place, (far.0, steps));
            }
            Walk::Back => self.back(star, place, far),
        }
    }

    /// How far a hub gets that walks on past its last partner, through wires that are in use.
    fn on_to_the_end(
        &self,
        place: usize,
        (way, steps): (Way, usize),
        in_use: impl Fn(usize) -> bool,
    ) -> usize {
        let mut steps = steps;
        while steps > 0
            && let Some(next) = self.next(way.from(place, steps), way)
            && in_use(self.at[next])
        {
            steps += 1;
        }
        steps
    }

    /// The hub's parity with each wire on the way in turn, and back.
    fn back(&mut self, star: &Star, place: usize, (way, steps): (Way, usize)) {
        self.lay_out(place, way, steps);
        for step in 1..=steps {
            self.meet(star, place, way, step);
        }
        for step in (1..=steps).rev() {
            self.cx(way.from(place, step - 1), way.from(place, step));
        }
    }

    /// The hub walks past each wire on the way.
    fn through(&mut self, star: &Star, place: usize, (way, steps): (Way, usize)) {
        if steps == 0 {
            return;
        }
        self.lay_out(place, way, steps);
        for step in 1..=steps {
            self.meet(star, place, way, step);
            // What is left behind is the parity of the two wires last passed, one place back.
            self.cx(way.from(place, step), way.from(place, step - 1));
        }
        for step in 1..=steps {
            self.at
                .swap(way.from(place, step - 1), way.from(place, step));
            self.holds[way.from(place, step)] = way.behind();
        }
        let last = way.from(place, steps);
        for k in place.min(last)..=place.max(last) {
            self.place[self.at[k]] = Some(k);
        }
        if let Some(next) = self.next(last, way)
            && self.holds[next] == way.behind()
        {
            self.cx(last, next);
        }
    }

    /// One step on: the parity of the hub and the wire there, and its phase.
    fn meet(&mut self, star: &Star, place: usize, way: Way, step: usize) {
        let target = way.from(place, step);
        self.cx(way.from(place, step - 1), target);
        if let Some(&angle) = star.partners.get(&self.at[target]) {
            self.push(Operation::Rotation(Gate::RZ, angle), &[self.wires[target]]);
        }
    }

    /// Makes the hub's place and the next hold their values, and those that follow parities with the one before.
    fn lay_out(&mut self, place: usize, way: Way, steps: usize) {
        if steps == 0 {
            return;
        }
        let hub = self.at[place];
        self.release(hub);
        let behind = match way {
            Way::Up => Way::Down,
            Way::Down => Way::Up,
        };
        self.make_own(way.from(place, 1));
        let mut end = steps;
        if self.manner.whole {
            while self.next(way.from(place, end), way).is_some() {
                end += 1;
            }
        }
        for step in 2..=end {
            if self.holds[way.from(place, step)] == behind.behind() {
                self.make_own(way.from(place, step));
            }
        }
        for step in (2..=end).rev() {
            let (before, target) = (way.from(place, step - 1), way.from(place, step));
            if self.holds[target] == Holds::Own {
                self.make_own(before);
                self.cx(before, target);
                self.holds[target] = way.behind();
            }
        }
    }
}
