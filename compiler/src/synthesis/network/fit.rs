//! How far a network with given angles is from an operator, with the gradient, and the last Newton steps.
//!
//! The distance is `1 - |tr(V^dagger U)| / 8`, blind to the global phase. Its gradient costs about two products of the
//! network: with `A` the gates before a local gate `G` and `W = V^dagger` times those after, the trace is
//! `tr(G A W)`, linear in `G`, so the part of `A W` that `G` sees (2x2) gives all three derivatives. `W` is kept
//! transposed, so that every product is one from the left, along rows.

use nalgebra::{DMatrix, DVector};
use num_complex::Complex64 as C64;

use super::WIRES;
use super::operator::{Local, Operator, SIZE};
use crate::synthesis::minimise::{Limits, minimise};

/// A network as numbers: three angles (of `U`) per local gate.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(crate) pairs: Vec<[usize; 2]>,
    pub(crate) angles: Vec<f64>,
    pub(crate) phase: f64,
}

/// A gate of a network in circuit order.
#[derive(Clone, Copy)]
enum Element {
    /// The local gate of this index, on this wire.
    Local(usize, usize),
    Cz([usize; 2]),
}

#[inline(always)]
fn elements(pairs: &[[usize; 2]]) -> impl DoubleEndedIterator<Item = Element> + '_ {
    let first = (0..WIRES).map(|wire| Element::Local(wire, wire));
    first.chain(pairs.iter().enumerate().flat_map(|(index, &pair)| {
        let local = WIRES + 2 * index;
        [
            Element::Cz(pair),
            Element::Local(local, pair[0]),
            Element::Local(local + 1, pair[1]),
        ]
    }))
}

impl Template {
    /// The product of all gates.
    pub(crate) fn operator(&self) -> Operator {
        let mut out = Operator::scalar(C64::cis(self.phase));
        for element in elements(&self.pairs) {
            self.apply(element, &mut out);
        }
        out
    }

    /// Moves the angles towards `goal` until the product is that operator up to a phase, or a minimum is reached; the
    /// distance that is left.
    pub(crate) fn approach(&mut self, goal: &Operator, limits: Limits) -> f64 {
        let mut scratch = Scratch::new(self);
        let (pairs, angles) = (&self.pairs, &mut self.angles);
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                minimise(angles, limits, |point, slope| {
                    scratch.distance(pairs, point, goal, slope)
                })
            },
        )
    }

    /// Newton steps (Gauss-Newton, damped) from a near solution to rounding error; the global phase, if it gets there.
    pub(crate) fn polish(&mut self, goal: &Operator, exact: f64) -> Option<f64> {
        const STEPS: usize = 8;
        for _ in 0..STEPS {
            self.phase = 0.0;
            self.phase = -goal.inner(&self.operator()).arg();
            let product = self.operator();
            if product.distance(goal) < exact {
                return Some(self.phase);
            }
            self.newton_step(goal)?;
        }
        None
    }

    /// One step on the entries of `e^{i phase} U - V`, the phase among the unknowns.
    fn newton_step(&mut self, goal: &Operator) -> Option<()> {
        let list: Vec<Element> = elements(&self.pairs).collect();
        // Products of the gates up to each place; those after it are kept transposed.
        let mut before = Vec::with_capacity(list.len());
        let mut product = Operator::scalar(C64::cis(self.phase));
        for &element in &list {
            before.push(product);
            self.apply(element, &mut product);
        }
        let mut columns = DMatrix::<f64>::zeros(2 * SIZE * SIZE, self.angles.len() + 1);
        let mut after = Operator::scalar(C64::new(1.0, 0.0));
        for (place, &element) in list.iter().enumerate().rev() {
            if let Element::Local(index, wire) = element {
                for (angle, slope) in Parts::of(&self.angles[3 * index..])
                    .slopes()
                    .iter()
                    .enumerate()
                {
                    let mut inner = before[place];
                    inner.apply(wire, slope);
                    let change = after.transposed().times(&inner);
                    write_column(&mut columns, 3 * index + angle, &change);
                }
            }
            self.apply_transposed(element, &mut after);
        }
        let turned = Operator {
            re: product.im.map(|row| row.map(|entry| -entry)),
            im: product.re,
        };
        write_column(&mut columns, self.angles.len(), &turned);
        let mut residual = DVector::<f64>::zeros(2 * SIZE * SIZE);
        for place in 0..SIZE * SIZE {
            let (row, column) = (place / SIZE, place % SIZE);
            let difference = goal.entry(row, column) - product.entry(row, column);
            residual[2 * place] = difference.re;
            residual[2 * place + 1] = difference.im;
        }
        let mut normal = columns.tr_mul(&columns);
        // There are more angles than an operator has, so the smallest step among equals is asked for.
        for index in 0..normal.nrows() {
            normal[(index, index)] += 1e-9;
        }
        let step = normal.cholesky()?.solve(&columns.tr_mul(&residual));
        for (angle, change) in self.angles.iter_mut().zip(step.iter()) {
            *angle += change;
        }
        Some(())
    }

    fn apply(&self, element: Element, matrix: &mut Operator) {
        match element {
            Element::Local(index, wire) => {
                matrix.apply(wire, &Parts::of(&self.angles[3 * index..]).gate())
            }
            Element::Cz(pair) => matrix.apply_cz(pair),
        }
    }

    /// On the transpose of what the element is multiplied to from the right.
    fn apply_transposed(&self, element: Element, matrix: &mut Operator) {
        match element {
            Element::Local(index, wire) => {
                matrix.apply(
                    wire,
                    &transposed(&Parts::of(&self.angles[3 * index..]).gate()),
                );
            }
            Element::Cz(pair) => matrix.apply_cz(pair),
        }
    }
}

/// Memory that evaluations of one network reuse.
pub(crate) struct Scratch {
    before: Vec<Operator>,
    gates: Vec<Parts>,
}

impl Scratch {
    pub(crate) fn new(template: &Template) -> Self {
        let gates = template.angles.len() / 3;
        Self {
            before: Vec::with_capacity(gates),
            gates: Vec::with_capacity(gates),
        }
    }

    /// `1 - |tr(V^dagger U)| / 8` at these angles, with its gradient.
    #[inline(always)]
    pub(crate) fn distance(
        &mut self,
        pairs: &[[usize; 2]],
        angles: &[f64],
        goal: &Operator,
        slope: &mut [f64],
    ) -> f64 {
        self.gates.clear();
        self.gates.extend(angles.chunks_exact(3).map(Parts::of));
        self.before.clear();
        let mut product = Operator::scalar(C64::new(1.0, 0.0));
        for element in elements(pairs) {
            match element {
                Element::Local(index, wire) => {
                    self.before.push(product);
                    product.apply(wire, &self.gates[index].gate());
                }
                Element::Cz(pair) => product.apply_cz(pair),
            }
        }
        let trace = goal.inner(&product);
        let length = trace.norm();
        // At a trace of zero every direction is as good; any phase will do.
        let unit = if length > 0.0 {
            trace.conj() / length
        } else {
            C64::new(1.0, 0.0)
        };
        // The transpose of V^dagger.
        let mut after = goal.conjugate();
        for element in elements(pairs).rev() {
            match element {
                Element::Local(index, wire) => {
                    let seen = self.before[index].seen_by(wire, &after);
                    for (angle, change) in self.gates[index].slopes().iter().enumerate() {
                        let mut sum = C64::new(0.0, 0.0);
                        for row in 0..2 {
                            for column in 0..2 {
                                sum += seen[row][column] * change[row][column];
                            }
                        }
                        slope[3 * index + angle] = -(unit * sum).re / SIZE as f64;
                    }
                    after.apply(wire, &transposed(&self.gates[index].gate()));
                }
                Element::Cz(pair) => after.apply_cz(pair),
            }
        }
        1.0 - length / SIZE as f64
    }
}

/// What a local gate and its derivatives are made of, computed once for both.
#[derive(Clone, Copy)]
struct Parts {
    sine: f64,
    cosine: f64,
    phi: C64,
    lambda: C64,
}

impl Parts {
    #[inline(always)]
    fn of(angles: &[f64]) -> Self {
        let (sine, cosine) = (angles[0] / 2.0).sin_cos();
        Self {
            sine,
            cosine,
            phi: C64::cis(angles[1]),
            lambda: C64::cis(angles[2]),
        }
    }

    /// `U(theta, phi, lambda)`.
    #[inline(always)]
    fn gate(self) -> Local {
        let Self {
            sine,
            cosine,
            phi,
            lambda,
        } = self;
        [
            [cosine.into(), -lambda * sine],
            [phi * sine, phi * lambda * cosine],
        ]
    }

    /// Its derivatives by the three angles.
    #[inline(always)]
    fn slopes(self) -> [Local; 3] {
        let Self {
            sine,
            cosine,
            phi,
            lambda,
        } = self;
        let (both, i, zero) = (phi * lambda, C64::i(), C64::new(0.0, 0.0));
        [
            [
                [(-sine / 2.0).into(), -lambda * (cosine / 2.0)],
                [phi * (cosine / 2.0), both * (-sine / 2.0)],
            ],
            [[zero, zero], [i * phi * sine, i * both * cosine]],
            [[zero, -i * lambda * sine], [zero, i * both * cosine]],
        ]
    }
}

#[inline(always)]
fn transposed(gate: &Local) -> Local {
    [[gate[0][0], gate[1][0]], [gate[0][1], gate[1][1]]]
}

fn write_column(columns: &mut DMatrix<f64>, index: usize, entries: &Operator) {
    for place in 0..SIZE * SIZE {
        let entry = entries.entry(place / SIZE, place % SIZE);
        columns[(2 * place, index)] = entry.re;
        columns[(2 * place + 1, index)] = entry.im;
    }
}
