//! How far a network with given angles is from an operator, with the gradient, and the last Newton steps.
//!
//! The distance is `1 - |tr(V^dagger U)| / 8`, blind to the global phase. Its gradient costs about two products of the
//! network: with `A` the gates before a local gate `G` and `W = V^dagger` times those after, the trace is
//! `tr(G A W)`, linear in `G`, so the part of `A W` that `G` sees (2x2) gives all three derivatives.

use nalgebra::{DMatrix, DVector};
use num_complex::Complex64;

use super::WIRES;

type C64 = Complex64;

const SIZE: usize = 1 << WIRES;
const ZERO: C64 = C64::new(0.0, 0.0);
const ONE: C64 = C64::new(1.0, 0.0);

/// An 8x8 matrix by rows.
pub(crate) type Operator = [[C64; SIZE]; SIZE];
type Local = [[C64; 2]; 2];

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
        let mut out = scalar(C64::cis(self.phase));
        for element in elements(&self.pairs) {
            match element {
                Element::Local(index, wire) => {
                    left(&mut out, wire, &local(&self.angles[3 * index..]))
                }
                Element::Cz(pair) => left_cz(&mut out, pair),
            }
        }
        out
    }

    /// Newton steps (Gauss-Newton, damped) from a near solution to rounding error; the global phase, if it gets there.
    pub(crate) fn polish(&mut self, goal: &Operator, exact: f64) -> Option<f64> {
        const STEPS: usize = 6;
        self.phase = 0.0;
        for _ in 0..STEPS {
            self.phase = 0.0;
            let product = self.operator();
            self.phase = -trace_against(goal, &product).arg();
            let turn = C64::cis(self.phase);
            let worst = (0..SIZE)
                .flat_map(|row| (0..SIZE).map(move |column| (row, column)))
                .map(|(row, column)| (turn * product[row][column] - goal[row][column]).norm())
                .fold(0.0, f64::max);
            if worst < exact {
                return Some(self.phase);
            }
            self.newton_step(goal)?;
        }
        None
    }

    /// One step on the entries of `e^{i phase} U - V`, the phase among the unknowns.
    fn newton_step(&mut self, goal: &Operator) -> Option<()> {
        let list: Vec<Element> = elements(&self.pairs).collect();
        let turn = C64::cis(self.phase);
        // Products of the gates up to and from each place.
        let mut before = Vec::with_capacity(list.len() + 1);
        let mut product = scalar(turn);
        for &element in &list {
            before.push(product);
            self.apply_left(element, &mut product);
        }
        let mut columns = DMatrix::<f64>::zeros(2 * SIZE * SIZE, self.angles.len() + 1);
        let mut after = scalar(ONE);
        for (place, &element) in list.iter().enumerate().rev() {
            if let Element::Local(index, wire) = element {
                for (angle, slope) in slopes(&self.angles[3 * index..]).iter().enumerate() {
                    let mut inner = before[place];
                    left(&mut inner, wire, slope);
                    write_column(&mut columns, 3 * index + angle, &multiply(&after, &inner));
                }
            }
            self.apply_right(element, &mut after);
        }
        let phase_column = self.angles.len();
        let turned = product.map(|row| row.map(|entry| C64::i() * entry));
        write_column(&mut columns, phase_column, &turned);
        let mut residual = DVector::<f64>::zeros(2 * SIZE * SIZE);
        for row in 0..SIZE {
            for column in 0..SIZE {
                let difference = goal[row][column] - product[row][column];
                residual[2 * (SIZE * row + column)] = difference.re;
                residual[2 * (SIZE * row + column) + 1] = difference.im;
            }
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

    fn apply_left(&self, element: Element, matrix: &mut Operator) {
        match element {
            Element::Local(index, wire) => left(matrix, wire, &local(&self.angles[3 * index..])),
            Element::Cz(pair) => left_cz(matrix, pair),
        }
    }

    fn apply_right(&self, element: Element, matrix: &mut Operator) {
        match element {
            Element::Local(index, wire) => right(matrix, wire, &local(&self.angles[3 * index..])),
            Element::Cz(pair) => right_cz(matrix, pair),
        }
    }
}

/// Memory that evaluations of one network reuse.
pub(crate) struct Scratch {
    before: Vec<Operator>,
    gates: Vec<Local>,
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
    pub(crate) fn distance(
        &mut self,
        pairs: &[[usize; 2]],
        angles: &[f64],
        goal: &Operator,
        slope: &mut [f64],
    ) -> f64 {
        self.gates.clear();
        self.gates.extend(angles.chunks_exact(3).map(local));
        self.before.clear();
        let mut product = scalar(ONE);
        for element in elements(pairs) {
            match element {
                Element::Local(index, wire) => {
                    self.before.push(product);
                    left(&mut product, wire, &self.gates[index]);
                }
                Element::Cz(pair) => left_cz(&mut product, pair),
            }
        }
        let trace = trace_against(goal, &product);
        let length = trace.norm();
        // At a trace of zero every direction is as good; any phase will do.
        let unit = if length > 0.0 {
            trace.conj() / length
        } else {
            ONE
        };
        let mut rest = adjoint(goal);
        for element in elements(pairs).rev() {
            match element {
                Element::Local(index, wire) => {
                    let seen = seen_by(wire, &self.before[index], &rest);
                    for (angle, change) in slopes(&angles[3 * index..]).iter().enumerate() {
                        let mut sum = ZERO;
                        for row in 0..2 {
                            for column in 0..2 {
                                sum += seen[row][column] * change[row][column];
                            }
                        }
                        slope[3 * index + angle] = -(unit * sum).re / SIZE as f64;
                    }
                    right(&mut rest, wire, &self.gates[index]);
                }
                Element::Cz(pair) => right_cz(&mut rest, pair),
            }
        }
        1.0 - length / SIZE as f64
    }
}

/// `out[a][b]` is the sum of `(A W)[(b, rest), (a, rest)]` over the other wires' bits.
fn seen_by(wire: usize, before: &Operator, rest: &Operator) -> Local {
    let bit = 1 << wire;
    let mut out = [[ZERO; 2]; 2];
    for others in (0..SIZE).filter(|index| index & bit == 0) {
        for (a, row) in out.iter_mut().enumerate() {
            for (b, entry) in row.iter_mut().enumerate() {
                let (from, to) = (others | (b * bit), others | (a * bit));
                for inner in 0..SIZE {
                    *entry += before[from][inner] * rest[inner][to];
                }
            }
        }
    }
    out
}

/// `U(theta, phi, lambda)`.
fn local(angles: &[f64]) -> Local {
    let (sine, cosine) = (angles[0] / 2.0).sin_cos();
    let (phi, lambda) = (C64::cis(angles[1]), C64::cis(angles[2]));
    [
        [cosine.into(), -lambda * sine],
        [phi * sine, phi * lambda * cosine],
    ]
}

/// Its derivatives by the three angles.
fn slopes(angles: &[f64]) -> [Local; 3] {
    let (sine, cosine) = (angles[0] / 2.0).sin_cos();
    let (phi, lambda) = (C64::cis(angles[1]), C64::cis(angles[2]));
    let (both, i) = (phi * lambda, C64::i());
    [
        [
            [(-sine / 2.0).into(), -lambda * (cosine / 2.0)],
            [phi * (cosine / 2.0), both * (-sine / 2.0)],
        ],
        [[ZERO, ZERO], [i * phi * sine, i * both * cosine]],
        [[ZERO, -i * lambda * sine], [ZERO, i * both * cosine]],
    ]
}

fn scalar(value: C64) -> Operator {
    let mut out = [[ZERO; SIZE]; SIZE];
    for (index, row) in out.iter_mut().enumerate() {
        row[index] = value;
    }
    out
}

fn adjoint(matrix: &Operator) -> Operator {
    let mut out = [[ZERO; SIZE]; SIZE];
    for (row, entries) in matrix.iter().enumerate() {
        for (column, entry) in entries.iter().enumerate() {
            out[column][row] = entry.conj();
        }
    }
    out
}

fn multiply(a: &Operator, b: &Operator) -> Operator {
    let mut out = [[ZERO; SIZE]; SIZE];
    for (row, entries) in a.iter().enumerate() {
        for (inner, &factor) in entries.iter().enumerate() {
            for column in 0..SIZE {
                out[row][column] += factor * b[inner][column];
            }
        }
    }
    out
}

/// `tr(V^dagger U)`.
fn trace_against(goal: &Operator, product: &Operator) -> C64 {
    let rows = goal.iter().zip(product);
    rows.flat_map(|(v, u)| v.iter().zip(u))
        .map(|(v, u)| v.conj() * u)
        .sum()
}

/// `G M`, with `G` on one wire.
fn left(matrix: &mut Operator, wire: usize, gate: &Local) {
    let bit = 1 << wire;
    for low in (0..SIZE).filter(|index| index & bit == 0) {
        for column in 0..SIZE {
            let (x, y) = (matrix[low][column], matrix[low | bit][column]);
            matrix[low][column] = gate[0][0] * x + gate[0][1] * y;
            matrix[low | bit][column] = gate[1][0] * x + gate[1][1] * y;
        }
    }
}

/// `M G`.
fn right(matrix: &mut Operator, wire: usize, gate: &Local) {
    let bit = 1 << wire;
    for row in matrix.iter_mut() {
        for low in (0..SIZE).filter(|index| index & bit == 0) {
            let (x, y) = (row[low], row[low | bit]);
            row[low] = x * gate[0][0] + y * gate[1][0];
            row[low | bit] = x * gate[0][1] + y * gate[1][1];
        }
    }
}

fn left_cz(matrix: &mut Operator, [a, b]: [usize; 2]) {
    let both = (1 << a) | (1 << b);
    for (index, row) in matrix.iter_mut().enumerate() {
        if index & both == both {
            row.iter_mut().for_each(|entry| *entry = -*entry);
        }
    }
}

fn right_cz(matrix: &mut Operator, [a, b]: [usize; 2]) {
    let both = (1 << a) | (1 << b);
    for row in matrix.iter_mut() {
        for (index, entry) in row.iter_mut().enumerate() {
            if index & both == both {
                *entry = -*entry;
            }
        }
    }
}

fn write_column(columns: &mut DMatrix<f64>, index: usize, entries: &Operator) {
    for (place, entry) in entries.iter().flatten().enumerate() {
        columns[(2 * place, index)] = entry.re;
        columns[(2 * place + 1, index)] = entry.im;
    }
}
