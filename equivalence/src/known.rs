//! Gates on wires whose state is known become smaller gates: controls that are certain go, or the gate does; a target that
//! the gate leaves alone turns it into phases of its controls; gates that do not entangle known wires become gates on
//! each. Compilers do the same, so that what is left of two circuits that only share their action on |0...0> looks alike.

use ardea_circuit::{C64, Gate, Operation};
use nalgebra::{Matrix2, Vector2};
use smallvec::SmallVec;

use crate::pauli::Letter;
use crate::program::Step;

/// A state counts as a basis state, and a vector as unchanged, within this.
const CLOSE: f64 = 1e-9;

/// The state of one wire, when it has one of its own.
pub(crate) type State = Option<Vector2<C64>>;

/// |0>.
pub(crate) fn zero() -> Vector2<C64> {
    Vector2::new(C64::from(1.0), C64::from(0.0))
}

/// What a gate comes to on the known states of its wires.
pub(crate) enum Reduced {
    /// It stays what it is.
    Same,
    /// It does nothing but turn the phase.
    Phase(f64),
    /// A phase under control of the wires at these places, which must hold these values.
    ControlledPhase(f64, SmallVec<[(usize, bool); 4]>),
    /// Another operation on the wires at these places.
    Other(Operation, SmallVec<[usize; 4]>),
    /// A gate on each of two wires.
    Separate([Matrix2<C64>; 2]),
}

/// Whether the state is |0> or |1>, and how far it is off.
fn basis(state: &State) -> Option<(bool, f64)> {
    let state = state.as_ref()?;
    let (zero, one) = (state[0].norm(), state[1].norm());
    if one < CLOSE {
        Some((false, one))
    } else if zero < CLOSE {
        Some((true, zero))
    } else {
        None
    }
}

/// The phase by which a matrix multiplies a state that it leaves alone.
fn eigenphase(matrix: &Matrix2<C64>, state: &State) -> Option<(f64, f64)> {
    let state = state.as_ref()?;
    let image = matrix * state;
    let overlap = state.dotc(&image);
    let off = (image - state * overlap).norm();
    (off < CLOSE).then(|| (overlap.arg(), off))
}

/// Reduces a gate on wires in these states; also how far the result may be off.
pub(crate) fn reduce(operation: &Operation, states: &[State]) -> (Reduced, f64) {
    if states.iter().all(Option::is_none) {
        return (Reduced::Same, 0.0);
    }
    controls_of(operation)
        .and_then(|(state, base)| reduce_controlled(&state, &base, states))
        .or_else(|| reduce_rotation(operation, states))
        .or_else(|| separate(operation, states))
        .unwrap_or((Reduced::Same, 0.0))
}

/// The values that the controls must hold, and what is controlled.
fn controls_of(operation: &Operation) -> Option<(Vec<bool>, Operation)> {
    if let Operation::Controlled(op) = operation {
        return Some((op.state.clone(), op.base.clone()));
    }
    let (gate, angles) = operation.standard()?;
    let (count, base) = gate.controls()?;
    let base = Operation::gate(base, &angles.to_vec()).ok()?;
    Some((vec![true; count], base))
}

fn reduce_controlled(state: &[bool], base: &Operation, states: &[State]) -> Option<(Reduced, f64)> {
    let mut error = 0.0;
    let mut left: SmallVec<[usize; 4]> = SmallVec::new();
    for (place, &wanted) in state.iter().enumerate() {
        match basis(&states[place]) {
            Some((value, off)) => {
                error += 2.0 * off;
                if value != wanted {
                    return Some((Reduced::Phase(0.0), error));
                }
            }
            None => left.push(place),
        }
    }
    if let (1, Some(matrix)) = (states.len() - state.len(), base.matrix1())
        && let Some((phase, off)) = eigenphase(&matrix, &states[state.len()])
    {
        let controls = left.iter().map(|&place| (place, state[place])).collect();
        return Some((Reduced::ControlledPhase(phase, controls), error + 2.0 * off));
    }
    if left.len() == state.len() {
        return None;
    }
    let kept: Vec<bool> = left.iter().map(|&place| state[place]).collect();
    let operation = base.controlled(&kept).ok()?;
    left.extend(state.len()..states.len());
    Some((Reduced::Other(operation, left), error))
}

/// A rotation about a product of two letters, one of which the wire's state is an eigenstate of.
fn reduce_rotation(operation: &Operation, states: &[State]) -> Option<(Reduced, f64)> {
    let (gate, angles) = operation.standard()?;
    let letters = match gate {
        Gate::RXX => [Letter::X, Letter::X],
        Gate::RYY => [Letter::Y, Letter::Y],
        Gate::RZZ => [Letter::Z, Letter::Z],
        Gate::RZX => [Letter::Z, Letter::X],
        _ => return None,
    };
    let angle = *angles.values()?.first()?;
    (0..2).find_map(|place| {
        let (phase, off) = eigenphase(&matrix_of(letters[place]), &states[place])?;
        let sign = phase.cos().signum();
        let gate = match letters[1 - place] {
            Letter::X => Gate::RX,
            Letter::Y => Gate::RY,
            Letter::Z => Gate::RZ,
        };
        let operation = Operation::with_values(gate, &[sign * angle]).ok()?;
        Some((
            Reduced::Other(operation, SmallVec::from_slice(&[1 - place])),
            2.0 * off,
        ))
    })
}

fn matrix_of(letter: Letter) -> Matrix2<C64> {
    let (o, l, i) = (C64::from(0.0), C64::from(1.0), C64::new(0.0, 1.0));
    match letter {
        Letter::X => Matrix2::new(o, l, l, o),
        Letter::Y => Matrix2::new(o, -i, i, o),
        Letter::Z => Matrix2::new(l, o, o, -l),
    }
}

/// Gates on each of two known wires that do what one gate on both does to them.
fn separate(operation: &Operation, states: &[State]) -> Option<(Reduced, f64)> {
    let [Some(first), Some(second)] = states else {
        return None;
    };
    if operation.as_gate() == Some(Gate::Swap) {
        return None;
    }
    let matrix = operation.matrix2()?;
    let before = nalgebra::Vector4::from_fn(|row, _| first[row & 1] * second[row >> 1]);
    let after = matrix * before;
    // after[first + 2 second] as a product.
    let largest = (0..4).max_by(|&x, &y| after[x].norm().total_cmp(&after[y].norm()))?;
    let a = Vector2::from_fn(|row, _| after[row | (largest & 2)]).normalize();
    let b = Vector2::from_fn(|row, _| {
        (0..2)
            .map(|bit| a[bit].conj() * after[bit | (row << 1)])
            .sum::<C64>()
    });
    let off: f64 = (0..4)
        .map(|row| (after[row] - a[row & 1] * b[row >> 1]).norm_sqr())
        .sum::<f64>()
        .sqrt();
    (off < CLOSE).then(|| {
        (
            Reduced::Separate([turning(first, &a), turning(second, &b)]),
            off,
        )
    })
}

/// A unitary that takes one state to another.
fn turning(from: &Vector2<C64>, to: &Vector2<C64>) -> Matrix2<C64> {
    let beside = |state: &Vector2<C64>| Vector2::new(-state[1].conj(), state[0].conj());
    to * from.adjoint() + beside(to) * beside(from).adjoint()
}

/// What a step leaves of the states of its wires: a wire that met another may be entangled with it.
pub(crate) fn after(step: &Step, states: &mut [State]) {
    match *step {
        Step::One(wire, ref matrix) => {
            states[wire] = states[wire].as_ref().map(|state| matrix * state);
        }
        Step::Swap(a, b) => states.swap(a, b),
        _ => step.wires().iter().for_each(|&wire| states[wire] = None),
    }
}
