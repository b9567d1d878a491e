//! Classical expressions over measured bits: the conditions of control flow.
//!
//! Every value is a list of bits, least significant first, so registers of any width compare
//! without overflow. A shorter value is extended with zeros.

use std::cmp::Ordering;

use crate::Clbit;

/// How deep a classical expression may nest; readers and bindings enforce it.
pub const MAX_EXPR_DEPTH: usize = 128;

/// A classical expression; true when any of its value's bits is set.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub enum Expr {
    /// One classical bit.
    Bit(Clbit),
    /// Several bits read as an unsigned number, least significant first.
    Register(Vec<Clbit>),
    /// A constant, least significant bit first.
    Constant(Vec<bool>),
    /// Logical negation: one bit, true when the operand is zero.
    Not(Box<Expr>),
    /// Bitwise complement within the operand's own width.
    Complement(Box<Expr>),
    /// Two operands and what to do with them.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
}

/// Binary operations of classical expressions.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum BinaryOp {
    /// Bitwise and.
    BitAnd,
    /// Bitwise or.
    BitOr,
    /// Bitwise exclusive or.
    BitXor,
    /// Logical and.
    And,
    /// Logical or.
    Or,
    /// Equal.
    Equal,
    /// Not equal.
    NotEqual,
    /// Less, unsigned.
    Less,
    /// Less or equal, unsigned.
    LessEqual,
    /// Greater, unsigned.
    Greater,
    /// Greater or equal, unsigned.
    GreaterEqual,
}

impl BinaryOp {
    /// The operator in OpenQASM 3.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::BitAnd => "&",
            Self::BitOr => "|",
            Self::BitXor => "^",
            Self::And => "&&",
            Self::Or => "||",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }
}

impl Expr {
    /// `bit == value` as a condition.
    pub fn bit_is(bit: Clbit, value: bool) -> Self {
        if value {
            Self::Bit(bit)
        } else {
            Self::Not(Box::new(Self::Bit(bit)))
        }
    }

    /// `register == value`, the register least significant bit first.
    pub fn register_is(register: Vec<Clbit>, value: u64) -> Self {
        Self::Binary(
            BinaryOp::Equal,
            Box::new(Self::Register(register)),
            Box::new(Self::number(value)),
        )
    }

    /// The constant `value`.
    pub fn number(value: u64) -> Self {
        let width = (64 - value.leading_zeros()).max(1);
        Self::Constant((0..width).map(|bit| value >> bit & 1 == 1).collect())
    }

    /// The value, given what each classical bit holds.
    pub fn evaluate(&self, read: &impl Fn(Clbit) -> bool) -> Vec<bool> {
        match self {
            Self::Bit(bit) => vec![read(*bit)],
            Self::Register(bits) => bits.iter().map(|&bit| read(bit)).collect(),
            Self::Constant(bits) => bits.clone(),
            Self::Not(operand) => vec![!operand.is_true(read)],
            Self::Complement(operand) => operand.evaluate(read).iter().map(|bit| !bit).collect(),
            Self::Binary(op, left, right) => {
                op.combine(&left.evaluate(read), &right.evaluate(read))
            }
        }
    }

    /// Whether the value is not zero.
    pub fn is_true(&self, read: &impl Fn(Clbit) -> bool) -> bool {
        self.evaluate(read).contains(&true)
    }

    /// Every classical bit the expression reads, in order of appearance (repeats possible).
    pub fn bits(&self) -> Vec<Clbit> {
        match self {
            Self::Bit(bit) => vec![*bit],
            Self::Register(bits) => bits.clone(),
            Self::Constant(_) => vec![],
            Self::Not(operand) | Self::Complement(operand) => operand.bits(),
            Self::Binary(_, left, right) => left.bits().into_iter().chain(right.bits()).collect(),
        }
    }

    /// The same expression reading `map(bit)` for every bit.
    pub fn map_bits(&self, map: &mut impl FnMut(Clbit) -> Clbit) -> Self {
        match self {
            Self::Bit(bit) => Self::Bit(map(*bit)),
            Self::Register(bits) => Self::Register(bits.iter().map(|&bit| map(bit)).collect()),
            Self::Constant(bits) => Self::Constant(bits.clone()),
            Self::Not(operand) => Self::Not(Box::new(operand.map_bits(map))),
            Self::Complement(operand) => Self::Complement(Box::new(operand.map_bits(map))),
            Self::Binary(op, left, right) => Self::Binary(
                *op,
                Box::new(left.map_bits(map)),
                Box::new(right.map_bits(map)),
            ),
        }
    }
}

impl BinaryOp {
    fn combine(self, a: &[bool], b: &[bool]) -> Vec<bool> {
        let bitwise = |op: fn(bool, bool) -> bool| -> Vec<bool> {
            (0..a.len().max(b.len()))
                .map(|i| op(bit_at(a, i), bit_at(b, i)))
                .collect()
        };
        let (any_a, any_b) = (a.contains(&true), b.contains(&true));
        match self {
            Self::BitAnd => bitwise(|x, y| x & y),
            Self::BitOr => bitwise(|x, y| x | y),
            Self::BitXor => bitwise(|x, y| x ^ y),
            Self::And => vec![any_a && any_b],
            Self::Or => vec![any_a || any_b],
            Self::Equal => vec![compare(a, b).is_eq()],
            Self::NotEqual => vec![compare(a, b).is_ne()],
            Self::Less => vec![compare(a, b).is_lt()],
            Self::LessEqual => vec![compare(a, b).is_le()],
            Self::Greater => vec![compare(a, b).is_gt()],
            Self::GreaterEqual => vec![compare(a, b).is_ge()],
        }
    }
}

fn bit_at(bits: &[bool], i: usize) -> bool {
    bits.get(i).copied().unwrap_or(false)
}

fn compare(a: &[bool], b: &[bool]) -> Ordering {
    (0..a.len().max(b.len()))
        .rev()
        .map(|i| bit_at(a, i).cmp(&bit_at(b, i)))
        .find(|o| o.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_agree_with_integers_of_different_widths() {
        for a in 0..9u64 {
            for b in 0..9u64 {
                let check = |op, expected| {
                    let expr =
                        Expr::Binary(op, Box::new(Expr::number(a)), Box::new(Expr::number(b)));
                    assert_eq!(expr.is_true(&|_| false), expected, "{a} {op:?} {b}");
                };
                check(BinaryOp::Equal, a == b);
                check(BinaryOp::Less, a < b);
                check(BinaryOp::GreaterEqual, a >= b);
                check(BinaryOp::BitAnd, a & b != 0);
                check(BinaryOp::BitXor, a ^ b != 0);
            }
        }
    }

    #[test]
    fn a_register_reads_its_first_bit_as_the_least_significant() {
        let register = vec![Clbit::new(2), Clbit::new(0)];
        let condition = Expr::register_is(register, 2);
        assert!(condition.is_true(&|bit| bit.index() == 0));
        assert!(!condition.is_true(&|bit| bit.index() == 2));
    }
}
