//! The images of one generator pair, qubit by qubit, up to one-qubit Clifford gates.
//!
//! On one qubit the images of X and Z of an input are two Paulis (p, q). Gates on that qubit alone take them to any
//! other two with the same relations, so only five *types* differ: both trivial; p alone, q alone, or both equal
//! (rank one); and two different Paulis (rank two). What one controlled Pauli gate can do to the types of two qubits is
//! a small table, and so is the least number of gates between any two settings of a few qubits in a row.

use std::sync::OnceLock;

/// X, Y or Z, as x + 2 z.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Axis(u8);

impl Axis {
    pub(crate) const X: Axis = Axis(1);
    pub(crate) const Z: Axis = Axis(2);
    pub(crate) const Y: Axis = Axis(3);
    pub(crate) const ALL: [Axis; 3] = [Axis::X, Axis::Z, Axis::Y];

    /// The bits of images that do not commute with this Pauli.
    #[inline]
    pub(crate) fn clash(self, x: u64, z: u64) -> u64 {
        match self {
            Axis::X => z,
            Axis::Z => x,
            _ => x ^ z,
        }
    }

    /// Multiplies the images in `which` by this Pauli.
    #[inline]
    pub(crate) fn multiply(self, images: &mut [u64; 4], part: usize, which: u64) {
        if self.0 & 1 == 1 {
            images[part] ^= which;
        }
        if self.0 & 2 == 2 {
            images[part + 1] ^= which;
        }
    }

    /// The Pauli given as x + 2 z, unless it is the identity.
    pub(crate) fn of_bits(bits: u8) -> Option<Self> {
        (1..4).contains(&bits).then_some(Self(bits))
    }

    /// x + 2 z.
    pub(crate) fn bits(self) -> u8 {
        self.0
    }

    /// Whether it does not commute with a Pauli given as x + 2 z.
    pub(crate) fn clashes(self, pauli: u8) -> bool {
        pauli != 0 && pauli != self.0
    }

    /// What a controlled Pauli gate with `self` on one qubit and `other` on another does to a pair of images there.
    #[inline]
    pub(crate) fn turn(self, at_a: (u8, u8), other: Axis, at_b: (u8, u8)) -> ((u8, u8), (u8, u8)) {
        let by = |axis: Axis, clash: bool| if clash { axis.0 } else { 0 };
        (
            (
                at_a.0 ^ by(self, other.clashes(at_b.0)),
                at_a.1 ^ by(self, other.clashes(at_b.1)),
            ),
            (
                at_b.0 ^ by(other, self.clashes(at_a.0)),
                at_b.1 ^ by(other, self.clashes(at_a.1)),
            ),
        )
    }
}

/// Two Paulis on one qubit, up to one-qubit gates.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PairType(pub(crate) u8);

impl PairType {
    /// Neither acts here.
    pub(crate) const NONE: PairType = PairType(0);
    /// Two different Paulis.
    pub(crate) const BOTH: PairType = PairType(4);

    /// The type of Paulis given as x + 2 z.
    #[inline]
    pub(crate) fn of(p: u8, q: u8) -> Self {
        const TYPES: [u8; 16] = [0, 1, 1, 1, 2, 3, 4, 4, 2, 4, 3, 4, 2, 4, 4, 3];
        PairType(TYPES[usize::from(p | q << 2)])
    }

    /// Some Paulis of this type.
    fn example(self) -> (u8, u8) {
        [(0, 0), (1, 0), (0, 1), (1, 1), (1, 2)][usize::from(self.0)]
    }
}

/// Type by type, what one gate on two qubits may make of `first * 5 + second`.
fn moves() -> &'static [Vec<u8>; 25] {
    static TABLE: OnceLock<[Vec<u8>; 25]> = OnceLock::new();
    TABLE.get_or_init(|| {
        std::array::from_fn(|state| {
            let first = PairType((state / 5) as u8).example();
            let second = PairType((state % 5) as u8).example();
            let mut reached: Vec<u8> = Vec::new();
            for s in Axis::ALL {
                for t in Axis::ALL {
                    let (a, b) = s.turn(first, t, second);
                    let next = PairType::of(a.0, a.1).0 * 5 + PairType::of(b.0, b.1).0;
                    if usize::from(next) != state && !reached.contains(&next) {
                        reached.push(next);
                    }
                }
            }
            reached
        })
    })
}

/// The least number of gates between settings of the types of `width` qubits in a row, for some settings to end in.
///
/// A setting is a number with one digit to base five per qubit, the first qubit the most significant.
pub(crate) struct Distances {
    pub(crate) width: usize,
    /// The settings to end in.
    pub(crate) ends: Vec<u16>,
    /// One row per setting, one entry per end.
    table: Vec<u8>,
}

/// No sequence of gates leads there.
pub(crate) const FAR: u8 = u8::MAX;

impl Distances {
    /// Three in a row, the first cleared.
    pub(crate) fn of_three() -> &'static Self {
        static TABLE: OnceLock<Distances> = OnceLock::new();
        TABLE.get_or_init(|| Self::new(3, (0..25).collect()))
    }

    /// Four in a row, both outer ones cleared, or the last two.
    pub(crate) fn of_four() -> &'static Self {
        static TABLE: OnceLock<Distances> = OnceLock::new();
        TABLE.get_or_init(|| {
            // 0yx0, then xy00 with x > 0.
            let outer = (0..25).map(|inner| 5 * inner);
            Self::new(4, outer.chain((5..25).map(|high| 25 * high)).collect())
        })
    }

    fn new(width: usize, ends: Vec<u16>) -> Self {
        let size = 5usize.pow(width as u32);
        let mut table = vec![FAR; size * ends.len()];
        for (index, &end) in ends.iter().enumerate() {
            let at = |setting: u16| usize::from(setting) * ends.len() + index;
            table[at(end)] = 0;
            let mut front = vec![end];
            let mut steps = 0;
            while !front.is_empty() {
                steps += 1;
                let mut next = Vec::new();
                for &setting in &front {
                    for reached in neighbours(width, setting) {
                        if table[at(reached)] == FAR {
                            table[at(reached)] = steps;
                            next.push(reached);
                        }
                    }
                }
                front = next;
            }
        }
        Self { width, ends, table }
    }

    /// Gates from `setting` to the end of this index. (A gate undoes itself, so both directions cost the same.)
    #[inline]
    pub(crate) fn get(&self, setting: u16, end: usize) -> u8 {
        self.row(setting)[end]
    }

    /// Gates from `setting` to each of the ends.
    #[inline]
    pub(crate) fn row(&self, setting: u16) -> &[u8] {
        let start = usize::from(setting) * self.ends.len();
        &self.table[start..start + self.ends.len()]
    }
}

fn neighbours(width: usize, setting: u16) -> impl Iterator<Item = u16> {
    (0..width - 1).flat_map(move |place| {
        let unit = 5u16.pow((width - 2 - place) as u32);
        let two = setting / unit % 25;
        moves()[usize::from(two)]
            .iter()
            .map(move |&next| setting - two * unit + u16::from(next) * unit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_tell_paulis_apart_up_to_one_qubit_gates() {
        for p in 0..4u8 {
            for q in 0..4u8 {
                let expected = match (p, q) {
                    (0, 0) => 0,
                    (_, 0) => 1,
                    (0, _) => 2,
                    _ if p == q => 3,
                    _ => 4,
                };
                assert_eq!(PairType::of(p, q).0, expected);
            }
        }
    }

    #[test]
    fn what_a_gate_can_do_depends_on_the_types_alone() {
        for state in 0..25u8 {
            for p in 0..256u16 {
                let a = ((p & 3) as u8, (p >> 2 & 3) as u8);
                let b = ((p >> 4 & 3) as u8, (p >> 6 & 3) as u8);
                if PairType::of(a.0, a.1).0 * 5 + PairType::of(b.0, b.1).0 != state {
                    continue;
                }
                let mut reached: Vec<u8> = Vec::new();
                for s in Axis::ALL {
                    for t in Axis::ALL {
                        let (c, d) = s.turn(a, t, b);
                        reached.push(PairType::of(c.0, c.1).0 * 5 + PairType::of(d.0, d.1).0);
                        assert_eq!(s.turn(c, t, d), (a, b), "the gate undoes itself");
                    }
                }
                reached.retain(|&next| next != state);
                reached.sort_unstable();
                reached.dedup();
                let mut expected = moves()[usize::from(state)].clone();
                expected.sort_unstable();
                assert_eq!(reached, expected);
            }
        }
    }

    #[test]
    fn distances_agree_with_known_costs() {
        let three = Distances::of_three();
        let end = |setting: u16| three.ends.iter().position(|&e| e == setting).unwrap();
        // A qubit's whole content moves to an idle neighbour with three gates, half of it with two.
        assert_eq!(three.get(4 * 25, end(4 * 5)), 3);
        assert_eq!(three.get(25, end(5)), 2);
        // Equal single Paulis: one clears the other.
        assert_eq!(three.get(25 + 5, end(5)), 1);
        // Two commuting, independent Paulis cannot be put on one qubit.
        assert_eq!(three.get(25 + 2 * 5, end(5)), FAR);
        let four = Distances::of_four();
        assert_eq!(four.ends.len(), 25 + 20);
        assert!(four.ends.iter().all(|end| end % 5 == 0));
    }

    #[test]
    fn a_place_that_holds_nothing_is_of_no_help() {
        // A window may stand where its outer qubit does not exist, provided that no shortest way needs it.
        let (three, four) = (Distances::of_three(), Distances::of_four());
        let two = Distances::new(2, (0..25).collect());
        for setting in 0..25 {
            for end in 0..25 {
                assert_eq!(three.get(setting, end), two.get(setting, end));
            }
        }
        let all_of_three = Distances::new(3, (0..125).collect());
        for setting in 0..125 {
            for (index, &end) in four.ends.iter().enumerate() {
                let same = all_of_three.get(setting, usize::from(end / 5));
                assert_eq!(four.get(5 * setting, index), same);
            }
        }
    }
}
