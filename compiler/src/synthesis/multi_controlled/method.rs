//! Which construction is shortest, and how many `cx` it takes at most.

/// How a multi-controlled X is written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum XMethod {
    /// A phase of pi between Hadamards; borrows nothing.
    Phase,
    /// A ladder over `n - 2` borrowed qubits.
    Ladder,
    /// Two halves around one borrowed qubit.
    Halves,
}

pub(super) fn x_method(controls: usize, borrowed: usize) -> XMethod {
    let by_phase = phase_cost(controls + 1);
    if controls < 4 || borrowed == 0 {
        XMethod::Phase
    } else if borrowed >= controls - 2 {
        if ladder_cost(controls) < by_phase {
            XMethod::Ladder
        } else {
            XMethod::Phase
        }
    } else if halves_cost(controls) < by_phase {
        XMethod::Halves
    } else {
        XMethod::Phase
    }
}

pub(super) fn first_half(controls: usize) -> usize {
    controls.div_ceil(2)
}

/// An upper bound on the `cx` of a multi-controlled X, `borrowed` many qubits being free.
pub(super) fn x_cost(controls: usize, borrowed: usize) -> usize {
    match x_method(controls, borrowed) {
        _ if controls < 2 => controls,
        XMethod::Phase => phase_cost(controls + 1),
        XMethod::Ladder => ladder_cost(controls),
        XMethod::Halves => halves_cost(controls),
    }
}

pub(super) fn ladder_cost(controls: usize) -> usize {
    8 * controls - 6
}

pub(super) fn halves_cost(controls: usize) -> usize {
    let first = first_half(controls);
    let joined = controls - first + 1;
    2 * (x_cost(first, joined) + x_cost(joined, first))
}

/// How a phase on many qubits is written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum PhaseMethod {
    Parities,
    Rotations,
    Roots,
}

/// The most qubits for which a parity network is considered; its size doubles with each.
const MAX_PARITIES: usize = 6;

pub(super) fn phase_method(qubits: usize) -> PhaseMethod {
    // Beyond this the ladder of roots is always shorter, and the sum over rotations need not be worked out.
    const ROOTS_FROM: usize = 12;
    if qubits <= MAX_PARITIES {
        PhaseMethod::Parities
    } else if qubits < ROOTS_FROM && rotations_cost(qubits) <= roots_cost(qubits) {
        PhaseMethod::Rotations
    } else {
        PhaseMethod::Roots
    }
}

pub(super) fn phase_cost(qubits: usize) -> usize {
    match phase_method(qubits) {
        PhaseMethod::Parities => (1 << qubits) - 2,
        PhaseMethod::Rotations => rotations_cost(qubits),
        PhaseMethod::Roots => roots_cost(qubits),
    }
}

pub(super) fn rotations_cost(qubits: usize) -> usize {
    rz_cost(qubits - 1) + phase_cost(qubits - 1)
}

pub(super) fn roots_cost(qubits: usize) -> usize {
    let controls = qubits - 1;
    4 * controls * (controls - 1) + 2
}

/// The most controls for which a rotation is written as a multiplexed one.
pub(super) const MAX_MULTIPLEXED: usize = 5;

pub(super) fn rz_cost(controls: usize) -> usize {
    if controls <= MAX_MULTIPLEXED {
        1 << controls
    } else {
        commutator_cost(controls)
    }
}

pub(super) fn commutator_cost(controls: usize) -> usize {
    let first = first_half(controls);
    2 * (x_cost(first, controls - first) + x_cost(controls - first, first))
}
