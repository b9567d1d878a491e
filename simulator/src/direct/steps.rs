//! From matrices to the kernels' steps: which index bits are lanes of a vector and which number the vectors.

use ardea_circuit::C64;
use nalgebra::{Matrix2, Matrix4};

use super::gates::{Block, FLIP, Form, IDENTITY, entries};
use crate::kernels::{Real, Steps, Where};

/// The place of a qubit in the index of an amplitude.
#[derive(Clone, Copy)]
enum Place {
    /// A bit of the lane, as a power of two.
    Lane(usize),
    /// A bit of the vector's number, as a power of two.
    Vector(u16),
}

fn place<T: Real>(steps: &Steps<T>, qubit: usize) -> Place {
    match (qubit as u32).checked_sub(steps.lane_bits()) {
        None => Place::Lane(1 << qubit),
        Some(bit) => Place::Vector(1 << bit),
    }
}

/// Adds a matrix on one qubit.
pub(super) fn push_one<T: Real>(steps: &mut Steps<T>, qubit: usize, matrix: &Matrix2<C64>) {
    let block = entries(matrix);
    match place(steps, qubit) {
        Place::Lane(bit) => lane_block(steps, Where::EVERYWHERE, bit, |_| block),
        Place::Vector(bit) => vector_block(steps, Where::EVERYWHERE, bit, bit, &block),
    }
}

/// Adds a matrix on two qubits, the lower of which has index bit 0, by its form.
pub(super) fn push_two<T: Real>(
    steps: &mut Steps<T>,
    low: usize,
    high: usize,
    matrix: &Matrix4<C64>,
    form: &Form,
) {
    let places = (place(steps, low), place(steps, high));
    match form {
        Form::Diagonal(factors) => diagonal(steps, places, factors),
        Form::Pairs { flip, blocks } => pairs(steps, places, *flip, blocks),
        Form::Dense => {
            let entry = |row, column| matrix[(row, column)];
            match places {
                (Place::Lane(low), Place::Lane(high)) => steps.dense_lanes(low, high, entry),
                (Place::Lane(low), Place::Vector(high)) => steps.dense_both(low, high, entry),
                (Place::Vector(low), Place::Vector(high)) => steps.dense_vectors(low, high, entry),
                (Place::Vector(_), Place::Lane(_)) => unreachable!("the lower qubit comes first"),
            }
        }
    }
}

fn bit(index: usize, mask: usize) -> usize {
    usize::from(index & mask != 0)
}

fn diagonal<T: Real>(steps: &mut Steps<T>, places: (Place, Place), factors: &[C64; 4]) {
    match places {
        (Place::Lane(low), Place::Lane(high)) => {
            steps.scale_lanes(Where::EVERYWHERE, |j| {
                factors[bit(j, low) + 2 * bit(j, high)]
            });
        }
        (Place::Lane(low), Place::Vector(high)) => {
            for value in [false, true] {
                let pair = &factors[2 * usize::from(value)..][..2];
                if pair != [C64::ONE; 2] {
                    let places = Where::EVERYWHERE.and(high, value);
                    steps.scale_lanes(places, |j| pair[bit(j, low)]);
                }
            }
        }
        (Place::Vector(low), Place::Vector(high)) => {
            for (i, &factor) in factors.iter().enumerate() {
                if factor != C64::ONE {
                    let places = Where::EVERYWHERE.and(low, i & 1 == 1).and(high, i & 2 == 2);
                    steps.scale(places, factor);
                }
            }
        }
        (Place::Vector(_), Place::Lane(_)) => unreachable!("the lower qubit comes first"),
    }
}

fn pairs<T: Real>(steps: &mut Steps<T>, places: (Place, Place), flip: usize, blocks: &[Block; 2]) {
    match (places, flip) {
        ((Place::Lane(low), Place::Lane(high)), 1) => {
            lane_block(steps, Where::EVERYWHERE, low, |j| blocks[bit(j, high)]);
        }
        ((Place::Lane(low), Place::Lane(high)), 2) => {
            lane_block(steps, Where::EVERYWHERE, high, |j| blocks[bit(j, low)]);
        }
        ((Place::Lane(low), Place::Lane(high)), _) => {
            // The pair of a lane: that of 00 and 11, or that of 01 (first) and 10.
            let which = |j: usize| bit(j, low) ^ bit(j, high);
            lane_pairs(steps, Where::EVERYWHERE, low | high, |j| {
                (blocks[which(j)], bit(j, high))
            });
        }
        ((Place::Lane(low), Place::Vector(high)), 1) => {
            for value in [false, true] {
                let block = blocks[usize::from(value)];
                if block != IDENTITY {
                    lane_block(steps, Where::EVERYWHERE.and(high, value), low, |_| block);
                }
            }
        }
        ((Place::Lane(low), Place::Vector(high)), 2) => {
            steps.mix_lanes(Where::zero(high), high, 0, |j| blocks[bit(j, low)]);
        }
        ((Place::Lane(low), Place::Vector(high)), _) => {
            steps.mix_lanes(Where::zero(high), high, low, |j| {
                // Lane j of the first vector is the first of its pair; that of the second is the second of the other.
                let (own, other) = (blocks[bit(j, low)], blocks[1 - bit(j, low)]);
                [own[0], own[1], other[2], other[3]]
            });
        }
        ((Place::Vector(low), Place::Vector(high)), 1) => {
            for value in [false, true] {
                let places = Where::EVERYWHERE.and(high, value);
                vector_block(steps, places, low, low, &blocks[usize::from(value)]);
            }
        }
        ((Place::Vector(low), Place::Vector(high)), 2) => {
            for value in [false, true] {
                let places = Where::EVERYWHERE.and(low, value);
                vector_block(steps, places, high, high, &blocks[usize::from(value)]);
            }
        }
        ((Place::Vector(low), Place::Vector(high)), _) => {
            for value in [false, true] {
                let places = Where::EVERYWHERE.and(low, value);
                vector_block(steps, places, high, low | high, &blocks[usize::from(value)]);
            }
        }
        ((Place::Vector(_), Place::Lane(_)), _) => unreachable!("the lower qubit comes first"),
    }
}

/// A matrix on a bit of the lanes, for each lane.
fn lane_block<T: Real>(
    steps: &mut Steps<T>,
    places: Where,
    mask: usize,
    block: impl Fn(usize) -> Block,
) {
    lane_pairs(steps, places, mask, |j| (block(j), bit(j, mask)));
}

/// A matrix on the pairs of lanes whose numbers differ by `across`, with the row of each lane.
fn lane_pairs<T: Real>(
    steps: &mut Steps<T>,
    places: Where,
    across: usize,
    row: impl Fn(usize) -> (Block, usize),
) {
    let lanes = 0..1usize << steps.lane_bits();
    let all = |kind: fn(&Block) -> bool| lanes.clone().all(|j| kind(&row(j).0));
    if all(|block| *block == IDENTITY) {
        // Nothing to do.
    } else if all(is_diagonal) {
        steps.scale_lanes(places, |j| {
            let (block, row) = row(j);
            block[3 * row]
        });
    } else if all(|block| *block == IDENTITY || *block == FLIP) {
        steps.permute(places, |j| if row(j).0 == FLIP { j ^ across } else { j });
    } else {
        steps.lanes_with(places, across, |j| {
            let (block, row) = row(j);
            [block[3 * row], block[1 + row]]
        });
    }
}

/// A matrix on the pairs of vectors whose numbers differ by `flip`; the first of a pair has `bit` at 0.
fn vector_block<T: Real>(steps: &mut Steps<T>, places: Where, bit: u16, flip: u16, block: &Block) {
    if *block == IDENTITY {
        return;
    }
    let first = places.and(bit, false);
    if is_diagonal(block) {
        let second = Where {
            fixed: first.fixed,
            value: first.value ^ flip & first.fixed,
        };
        for (places, factor) in [(first, block[0]), (second, block[3])] {
            if factor != C64::ONE {
                steps.scale(places, factor);
            }
        }
    } else if *block == FLIP {
        steps.exchange(first, flip);
    } else {
        steps.mix(first, flip, *block);
    }
}

fn is_diagonal(block: &Block) -> bool {
    block[1] == C64::ZERO && block[2] == C64::ZERO
}
