//! A circuit as Pauli rotations followed by a Clifford operation.
//!
//! Reading the circuit from its start, Clifford gates are collected in a frame and everything else becomes rotations
//! `exp(-i angle/2 P)` with `P` seen through the frame, so that in the end `U = C r_m ... r_2 r_1`. Rotations are kept in
//! layers: each stands in the first layer after the last one that holds a rotation it does not commute with. Two of the
//! same `P` in one layer merge, and a multiple of pi/2 among the angles moves into the frame, past everything that
//! stands there already. Exchanging gates that commute, folding phases and routing by swaps all leave the layers alone.

use std::f64::consts::{FRAC_PI_2, FRAC_PI_4};

use ardea_circuit::C64;
use nalgebra::Matrix2;

use crate::pauli::{Letter, Pauli};
use crate::program::{Program, Role, Start, Step};

/// Angles are reduced to a window that has no common angle at its ends: pi/4 and -pi/4 must come out the same way
/// whatever their rounding.
const WINDOW_SHIFT: f64 = 0.02;

/// `exp(-i angle/2 pauli)`, the string having a positive sign.
#[derive(Clone, Debug)]
pub(crate) struct Rotation {
    pub(crate) pauli: Pauli,
    pub(crate) angle: f64,
}

/// Something that is compared, as the operator at the start that it corresponds to.
#[derive(Clone, Debug)]
pub(crate) struct Observable {
    pub(crate) what: Observed,
    pub(crate) pauli: Pauli,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Observed {
    /// X of an output.
    OutputX(usize),
    /// Z of an output.
    OutputZ(usize),
    /// A classical bit.
    Bit(usize),
    /// Z of a spare wire, which must be +1.
    Spare(usize),
}

/// Rotations, then a Clifford operation that is known by what it does to what is looked at.
#[derive(Clone, Debug)]
pub(crate) struct RotationForm {
    /// In the order of time, layer by layer.
    pub(crate) rotations: Vec<Rotation>,
    pub(crate) observables: Vec<Observable>,
    /// How far the form may be from the circuit in operator norm: angles that were rounded.
    pub(crate) error: f64,
}

/// Limits and tolerances of the form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rounding {
    /// Angles closer to a multiple of pi/2 than this are taken to be it.
    pub(crate) angle: f64,
    /// More rotations than this are not kept.
    pub(crate) most: usize,
}

/// The form of a circuit, or why it has none.
pub(crate) fn rotation_form(
    program: &Program,
    columns: usize,
    rounding: Rounding,
) -> Result<RotationForm, String> {
    let mut builder = Builder::new(program, columns, rounding);
    for step in &program.steps {
        builder.step(step)?;
    }
    Ok(builder.finish(program))
}

struct Builder {
    x: Vec<Pauli>,
    z: Vec<Pauli>,
    layers: Layers,
    rounding: Rounding,
    error: f64,
}

impl Builder {
    fn new(program: &Program, columns: usize, rounding: Rounding) -> Self {
        let wires = &program.wires;
        Self {
            x: wires
                .iter()
                .map(|wire| Pauli::x(columns, wire.column))
                .collect(),
            z: wires
                .iter()
                .map(|wire| Pauli::z(columns, wire.column))
                .collect(),
            layers: Layers::default(),
            rounding,
            error: program.error,
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match *step {
            Step::One(wire, ref matrix) => {
                let [first, middle, last] = euler(matrix);
                self.rotate(self.z[wire].clone(), first)?;
                self.rotate(self.letter(wire, Letter::Y), middle)?;
                self.rotate(self.z[wire].clone(), last)
            }
            Step::Cx(a, b) => {
                let (x, z) = (self.x[b].clone(), self.z[a].clone());
                self.x[a].multiply(&x, 0);
                self.z[b].multiply(&z, 0);
                Ok(())
            }
            Step::Cz(a, b) => {
                let (za, zb) = (self.z[a].clone(), self.z[b].clone());
                self.x[a].multiply(&zb, 0);
                self.x[b].multiply(&za, 0);
                Ok(())
            }
            Step::Swap(a, b) => {
                self.x.swap(a, b);
                self.z.swap(a, b);
                Ok(())
            }
            Step::Rotation(letters, wires, angle) => {
                let mut pauli = self.letter(wires[0], letters[0]);
                pauli.multiply(&self.letter(wires[1], letters[1]), 0);
                self.rotate(pauli, angle)
            }
            Step::Dense(_, ref wires) => Err(format!(
                "a matrix on {} qubits has no rotations written down for it",
                wires.len()
            )),
        }
    }

    fn letter(&self, wire: usize, letter: Letter) -> Pauli {
        match letter {
            Letter::X => self.x[wire].clone(),
            Letter::Z => self.z[wire].clone(),
            Letter::Y => {
                let mut y = self.x[wire].clone();
                y.multiply(&self.z[wire], 1);
                y
            }
        }
    }

    /// Applies `exp(-i angle/2 pauli)`.
    fn rotate(&mut self, mut pauli: Pauli, angle: f64) -> Result<(), String> {
        let mut angle = angle;
        if pauli.is_negative() {
            pauli.turn(2);
            angle = -angle;
        }
        let (quarters, rest) = self.split(angle);
        self.quarter_turns(&pauli, quarters);
        if rest == 0.0 {
            return Ok(());
        }
        let merged = self.layers.add(pauli, rest);
        let Some((pauli, place)) = merged else {
            if self.layers.count > self.rounding.most {
                return Err(format!("more than {} rotations", self.rounding.most));
            }
            return Ok(());
        };
        let (quarters, rest) = self.split(self.layers.angle(place));
        self.layers.set(place, rest);
        self.quarter_turns(&pauli, quarters);
        Ok(())
    }

    /// Whole quarter turns and the rest, which is 0 when it is small.
    fn split(&mut self, angle: f64) -> (i64, f64) {
        let (quarters, rest) = quarters_of(angle);
        if rest.abs() > self.rounding.angle {
            return (quarters, rest);
        }
        self.error += rest.abs() / 2.0;
        (quarters, 0.0)
    }

    /// Puts `exp(-i quarters pi/4 pauli)` before the frame. Whatever stands in the layers commutes with it.
    fn quarter_turns(&mut self, pauli: &Pauli, quarters: i64) {
        if quarters.rem_euclid(4) == 0 {
            return;
        }
        for row in self.x.iter_mut().chain(&mut self.z) {
            row.rotate(pauli, quarters);
        }
    }

    fn finish(self, program: &Program) -> RotationForm {
        let mut observables = Vec::new();
        let mut see = |what, pauli: &Pauli| {
            observables.push(Observable {
                what,
                pauli: pauli.clone(),
            })
        };
        let mut spares = 0;
        for (wire, role) in program.roles.iter().enumerate() {
            match *role {
                Role::Output(i) => {
                    see(Observed::OutputX(i), &self.x[wire]);
                    see(Observed::OutputZ(i), &self.z[wire]);
                }
                Role::Measured(i) => see(Observed::OutputZ(i), &self.z[wire]),
                Role::Spare => {
                    see(Observed::Spare(spares), &self.z[wire]);
                    spares += 1;
                }
                Role::Bit(_) | Role::Lost => {}
            }
        }
        for (bit, wire) in program.bits.iter().enumerate() {
            if let Some(wire) = *wire {
                see(Observed::Bit(bit), &self.z[wire]);
            }
        }
        observables.sort_by_key(|observable| observable.what);
        RotationForm {
            rotations: self.layers.settled(),
            observables,
            error: self.error,
        }
    }
}

/// The angle as whole quarter turns and a rest in the window.
pub(crate) fn quarters_of(angle: f64) -> (i64, f64) {
    let shifted = angle + FRAC_PI_4 - WINDOW_SHIFT;
    let quarters = (shifted / FRAC_PI_2).floor();
    // The window is (-pi/4 + shift, pi/4 + shift].
    let rest = angle - quarters * FRAC_PI_2;
    ((quarters.rem_euclid(4.0)) as i64, rest)
}

/// Angles `[first, middle, last]` in the order of time: `Rz(last) Ry(middle) Rz(first)` up to a phase.
pub(crate) fn euler(matrix: &Matrix2<C64>) -> [f64; 3] {
    let (a, b) = (matrix[(0, 0)], matrix[(1, 0)]);
    let middle = 2.0 * b.norm().atan2(a.norm());
    if b.norm() < 1e-12 {
        let d = matrix[(1, 1)];
        return [(d * a.conj()).arg(), 0.0, 0.0];
    }
    if a.norm() < 1e-12 {
        let c = -matrix[(0, 1)];
        // Only the difference of the outer angles counts when the middle one is pi.
        return [(c * b.conj()).arg(), middle, 0.0];
    }
    let sum = (matrix[(1, 1)] * a.conj()).arg();
    let last = (b * a.conj()).arg();
    [sum - last, middle, last]
}

/// Rotations in layers.
#[derive(Debug, Default)]
struct Layers {
    layers: Vec<Vec<Rotation>>,
    count: usize,
}

impl Layers {
    /// Adds a rotation; when one of the same string stands where it would go, the angles add up and its place is
    /// returned.
    fn add(&mut self, pauli: Pauli, angle: f64) -> Option<(Pauli, (usize, usize))> {
        let mut layer = self.layers.len();
        while layer > 0 {
            let below = &self.layers[layer - 1];
            let mut same = None;
            let mut blocked = false;
            for (place, other) in below.iter().enumerate() {
                if other.angle == 0.0 {
                    continue;
                }
                if !other.pauli.commutes(&pauli) {
                    blocked = true;
                    break;
                }
                if other.pauli == pauli {
                    same = Some(place);
                    break;
                }
            }
            if let Some(place) = same {
                self.layers[layer - 1][place].angle += angle;
                return Some((pauli, (layer - 1, place)));
            }
            if blocked {
                break;
            }
            layer -= 1;
        }
        if layer == self.layers.len() {
            self.layers.push(Vec::new());
        }
        self.layers[layer].push(Rotation { pauli, angle });
        self.count += 1;
        None
    }

    fn angle(&self, (layer, place): (usize, usize)) -> f64 {
        self.layers[layer][place].angle
    }

    /// Sets an angle; a rotation by nothing goes.
    fn set(&mut self, (layer, place): (usize, usize), angle: f64) {
        self.layers[layer][place].angle = angle;
        if angle == 0.0 {
            self.layers[layer].swap_remove(place);
            self.count -= 1;
            while self.layers.last().is_some_and(Vec::is_empty) {
                self.layers.pop();
            }
        }
    }

    fn settled(self) -> Vec<Rotation> {
        self.layers.into_iter().flatten().collect()
    }
}

/// Whether a wire starts in a state that is known.
pub(crate) fn starts_in_zero(program: &Program) -> impl Iterator<Item = usize> + '_ {
    let zero = program
        .wires
        .iter()
        .filter(|wire| wire.start == Start::Zero);
    zero.map(|wire| wire.column)
}
