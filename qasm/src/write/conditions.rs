//! Classical expressions as text.

use ardea_circuit::{BinaryOp, Clbit, Expr};

use super::{BitNames, Writer};

impl BitNames {
    /// The register that these bits are, if they are one.
    fn register(&self, bits: &[Clbit]) -> Option<&(String, usize, usize)> {
        let first = bits.first()?.index();
        self.registers.iter().find(|(_, start, size)| {
            *start == first
                && *size == bits.len()
                && bits.iter().enumerate().all(|(i, b)| b.index() == start + i)
        })
    }

    /// The bits as slices of registers, in order.
    pub(super) fn runs(&self, bits: &[u32]) -> Vec<String> {
        let mut parts = Vec::new();
        let mut at = 0;
        while at < bits.len() {
            let first = bits[at] as usize;
            let found = self
                .registers
                .iter()
                .find(|(_, start, size)| (*start..start + size).contains(&first));
            let Some((name, start, size)) = found else {
                break;
            };
            let mut length = 1;
            while at + length < bits.len()
                && bits[at + length] as usize == first + length
                && first + length < start + size
            {
                length += 1;
            }
            parts.push(format!(
                "{name}[{}:{}]",
                first - start,
                first - start + length - 1
            ));
            at += length;
        }
        parts
    }
}

/// `register == constant`, or a test of the only bit of a register: its name, first bit, size, value.
pub(super) fn register_condition(
    names: &BitNames,
    condition: &Expr,
) -> Option<(String, usize, usize, u64)> {
    let (bits, value): (Vec<Clbit>, u64) = match condition {
        Expr::Bit(bit) => (vec![*bit], 1),
        Expr::Not(inner) => match &**inner {
            Expr::Bit(bit) => (vec![*bit], 0),
            _ => return None,
        },
        Expr::Binary(BinaryOp::Equal, left, right) => match (&**left, &**right) {
            (Expr::Register(bits), Expr::Constant(value))
            | (Expr::Constant(value), Expr::Register(bits)) => (bits.clone(), number(value)?),
            (Expr::Bit(bit), Expr::Constant(value)) | (Expr::Constant(value), Expr::Bit(bit)) => {
                (vec![*bit], number(value)?)
            }
            _ => return None,
        },
        _ => return None,
    };
    names
        .register(&bits)
        .map(|(name, start, size)| (name.clone(), *start, *size, value))
}

fn number(bits: &[bool]) -> Option<u64> {
    let high = bits.iter().rposition(|&b| b).map_or(0, |i| i + 1);
    (high <= 64).then(|| {
        bits.iter()
            .take(high)
            .enumerate()
            .map(|(i, &b)| u64::from(b) << i)
            .sum()
    })
}

impl Writer<'_> {
    /// The expression as OpenQASM 3 text.
    pub(super) fn expr(&mut self, expr: &Expr) -> String {
        match expr {
            Expr::Bit(bit) => self.bits.bits[bit.index()].clone(),
            Expr::Register(bits) => self.register_text(bits),
            Expr::Constant(value) => match (&value[..], number(value)) {
                ([single], _) => single.to_string(),
                (_, Some(number)) => number.to_string(),
                _ => format!(
                    "\"{}\"",
                    value
                        .iter()
                        .rev()
                        .map(|&b| if b { '1' } else { '0' })
                        .collect::<String>()
                ),
            },
            Expr::Not(inner) => format!("!{}", self.operand(inner)),
            Expr::Complement(inner) => format!("~{}", self.operand(inner)),
            Expr::Binary(op, left, right) => {
                let (a, b) = (
                    self.operand_beside(left, right),
                    self.operand_beside(right, left),
                );
                format!("{a} {} {b}", op.symbol())
            }
        }
    }

    fn operand(&mut self, expr: &Expr) -> String {
        let text = self.expr(expr);
        if matches!(expr, Expr::Binary(..)) {
            format!("({text})")
        } else {
            text
        }
    }

    /// A constant beside a register is a number, beside a bit a truth value.
    fn operand_beside(&mut self, expr: &Expr, other: &Expr) -> String {
        match (expr, other) {
            (Expr::Constant(value), Expr::Register(_) | Expr::Complement(_))
                if value.len() == 1 =>
            {
                u8::from(value[0]).to_string()
            }
            (Expr::Constant(value), Expr::Bit(_)) if number(value).is_some_and(|n| n < 2) => {
                value.contains(&true).to_string()
            }
            _ => self.operand(expr),
        }
    }

    fn register_text(&mut self, bits: &[Clbit]) -> String {
        if let Some((name, _, _)) = self.bits.register(bits) {
            return name.clone();
        }
        let key: Vec<u32> = bits.iter().map(|b| b.index() as u32).collect();
        if let [single] = &self.bits.runs(&key)[..] {
            return single.clone();
        }
        if let Some(name) = self.aliases.get(&key) {
            return name.clone();
        }
        let name = self.names.take("bits");
        self.aliases.insert(key, name.clone());
        name
    }
}
