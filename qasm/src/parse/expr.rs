//! Expressions: precedence climbing that keeps chains of one precedence flat.

use super::{Dialect, Parsed, Parser, shorten};
use crate::ast::{BinOp, Expr, ExprKind, Ident, RangeExpr, Type, TypeKind, UnaryOp};
use crate::diagnostics::{Issue, fault};
use crate::token::Token;

impl<'s> Parser<'s> {
    pub(super) fn expression(&mut self) -> Parsed<Expr<'s>> {
        self.binary(2)
    }

    /// An expression and nothing after it.
    pub(crate) fn only_expression(&mut self) -> Parsed<Expr<'s>> {
        let expression = self.expression()?;
        match self.token {
            Token::Eof => Ok(expression),
            _ => Err(self.expected("the end of the expression")),
        }
    }

    /// An expression in which `++` joins registers, too.
    pub(super) fn alias_expression(&mut self) -> Parsed<Expr<'s>> {
        self.binary(1)
    }

    fn binary(&mut self, min: u8) -> Parsed<Expr<'s>> {
        self.enter()?;
        let mut left = self.unary()?;
        while let Some((_, level)) = self.operator().filter(|&(_, level)| level >= min) {
            let mut rest = Vec::new();
            while let Some((op, _)) = self.operator().filter(|&(_, other)| other == level) {
                self.bump();
                rest.push((op, self.binary(level + 1)?));
            }
            let span = self.since(left.span);
            left = Expr {
                kind: ExprKind::Chain(Box::new(left), rest),
                span,
            };
        }
        self.leave();
        Ok(left)
    }

    /// The binary operator looked at, with its precedence.
    fn operator(&self) -> Option<(BinOp, u8)> {
        let found = match self.token {
            Token::Plus => (BinOp::Add, 10),
            Token::Minus => (BinOp::Subtract, 10),
            Token::Star => (BinOp::Multiply, 11),
            Token::Slash => (BinOp::Divide, 11),
            _ if self.dialect != Dialect::Three => return None,
            Token::DoublePlus => (BinOp::Concat, 1),
            Token::DoublePipe => (BinOp::Or, 2),
            Token::DoubleAmpersand => (BinOp::And, 3),
            Token::Pipe => (BinOp::BitOr, 4),
            Token::Caret => (BinOp::BitXor, 5),
            Token::Ampersand => (BinOp::BitAnd, 6),
            Token::EqualsEquals => (BinOp::Equal, 7),
            Token::BangEquals => (BinOp::NotEqual, 7),
            Token::Less => (BinOp::Less, 8),
            Token::LessEquals => (BinOp::LessEqual, 8),
            Token::Greater => (BinOp::Greater, 8),
            Token::GreaterEquals => (BinOp::GreaterEqual, 8),
            Token::ShiftLeft => (BinOp::ShiftLeft, 9),
            Token::ShiftRight => (BinOp::ShiftRight, 9),
            Token::Percent => (BinOp::Remainder, 11),
            _ => return None,
        };
        Some(found)
    }

    fn unary(&mut self) -> Parsed<Expr<'s>> {
        let start = self.span;
        let op = match (self.token, self.dialect) {
            (Token::Minus, _) => UnaryOp::Minus,
            (Token::Plus, Dialect::Two(_)) => UnaryOp::Plus,
            (Token::Bang, Dialect::Three) => UnaryOp::Not,
            (Token::Tilde, Dialect::Three) => UnaryOp::Complement,
            _ => return self.power(),
        };
        self.enter()?;
        self.bump();
        let operand = self.unary()?;
        self.leave();
        Ok(Expr {
            kind: ExprKind::Unary(op, Box::new(operand)),
            span: self.since(start),
        })
    }

    /// Powers bind tighter than a sign on their left and group from the right.
    fn power(&mut self) -> Parsed<Expr<'s>> {
        let base = self.postfix()?;
        let word = if self.dialect == Dialect::Three {
            Token::DoubleStar
        } else {
            Token::Caret
        };
        if !self.eat(word) {
            return Ok(base);
        }
        self.enter()?;
        let exponent = self.unary()?;
        self.leave();
        let span = self.since(base.span);
        Ok(Expr {
            kind: ExprKind::Power(Box::new(base), Box::new(exponent)),
            span,
        })
    }

    /// A primary expression followed by any number of `[...]`.
    pub(super) fn postfix(&mut self) -> Parsed<Expr<'s>> {
        let mut base = self.primary()?;
        let mut indices = 0;
        while self.token == Token::LBracket && self.dialect == Dialect::Three {
            self.enter()?;
            indices += 1;
            self.bump();
            let items = self.list_until(Token::RBracket, "`,` or `]`", Self::index_item)?;
            let span = self.since(base.span);
            if items.is_empty() {
                return Err(fault(span, "an index is missing between `[` and `]`"));
            }
            base = Expr {
                kind: ExprKind::Index(Box::new(base), items),
                span,
            };
        }
        for _ in 0..indices {
            self.leave();
        }
        Ok(base)
    }

    /// One index, or a range.
    pub(super) fn index_item(&mut self) -> Parsed<Expr<'s>> {
        let start_span = self.span;
        let start = if self.token == Token::Colon {
            None
        } else {
            Some(self.expression()?)
        };
        if self.token != Token::Colon {
            return start.ok_or_else(|| self.expected("an index"));
        }
        self.bump();
        let second = self.range_part()?;
        let (step, stop) = if self.eat(Token::Colon) {
            (second, self.range_part()?)
        } else {
            (None, second)
        };
        let span = self.since(start_span);
        Ok(Expr {
            kind: ExprKind::Range(Box::new(RangeExpr { start, step, stop })),
            span,
        })
    }

    fn range_part(&mut self) -> Parsed<Option<Expr<'s>>> {
        let ends = matches!(self.token, Token::Colon | Token::RBracket | Token::Comma);
        if ends {
            Ok(None)
        } else {
            self.expression().map(Some)
        }
    }

    fn primary(&mut self) -> Parsed<Expr<'s>> {
        let start = self.span;
        let version3 = self.dialect == Dialect::Three;
        let kind = match self.token {
            Token::Integer => ExprKind::Integer(self.literal()),
            Token::Real => {
                let text = self.literal();
                if self.dialect.is_strict2() && !text.contains('.') {
                    return Err(
                        Issue::new("a real number needs a decimal point in OpenQASM 2.0").at(start),
                    );
                }
                ExprKind::Real(text)
            }
            Token::Pi => {
                self.bump();
                ExprKind::Pi
            }
            Token::LParen => {
                self.bump();
                if self.token == Token::RParen {
                    return Err(fault(
                        self.span,
                        "an operand is missing between the parentheses",
                    ));
                }
                let inner = self.expression()?;
                self.expect(Token::RParen, "`)`")?;
                ExprKind::Paren(Box::new(inner))
            }
            _ if !version3 => self.name_or_call()?,
            Token::RadixInteger => ExprKind::RadixInteger(self.literal()),
            Token::Timing => ExprKind::Timing(self.literal()),
            Token::Imaginary => {
                self.bump();
                ExprKind::Imaginary
            }
            Token::Hardware => ExprKind::Hardware(&self.literal()[1..]),
            Token::String => self.bitstring()?,
            Token::True | Token::False => ExprKind::Bool(self.literal() == "true"),
            Token::LBrace => {
                self.bump();
                ExprKind::Set(self.list_until(Token::RBrace, "`,` or `}`", Self::index_item)?)
            }
            Token::Measure => {
                self.bump();
                ExprKind::Measure(Box::new(self.postfix()?))
            }
            Token::Pow => {
                let name = self.take();
                self.arguments(Ident {
                    name: self.text(name),
                    span: name,
                })?
            }
            Token::Durationof => {
                self.bump();
                self.expect(Token::LParen, "`(`")?;
                self.block()?;
                self.expect(Token::RParen, "`)`")?;
                ExprKind::Durationof
            }
            token if type_kind(token).is_some() => {
                let ty = self.scalar_type()?;
                self.expect(Token::LParen, "`(` of a conversion")?;
                let inner = self.expression()?;
                self.expect(Token::RParen, "`)`")?;
                ExprKind::Cast(Box::new(ty), Box::new(inner))
            }
            _ => self.name_or_call()?,
        };
        Ok(Expr {
            kind,
            span: self.since(start),
        })
    }

    fn literal(&mut self) -> &'s str {
        let span = self.take();
        self.text(span)
    }

    fn bitstring(&mut self) -> Parsed<ExprKind<'s>> {
        let span = self.take();
        let quoted = self.text(span);
        let inner = &quoted[1..quoted.len() - 1];
        let digits = inner.bytes().all(|b| matches!(b, b'0' | b'1' | b'_'));
        if !digits
            || inner.is_empty()
            || inner.starts_with('_')
            || inner.ends_with('_')
            || !quoted.starts_with('"')
        {
            return Err(
                Issue::new(format!("`{}` is not a bit string", shorten(quoted)))
                    .hint("write zeros and ones, as in \"0110\"")
                    .at(span),
            );
        }
        Ok(ExprKind::Bitstring(inner))
    }

    fn name_or_call(&mut self) -> Parsed<ExprKind<'s>> {
        if !self.is_word() {
            return Err(self.expected("an expression"));
        }
        let span = self.take();
        let name = Ident {
            name: self.text(span),
            span,
        };
        if self.token == Token::LParen {
            self.arguments(name)
        } else {
            Ok(ExprKind::Name(name.name))
        }
    }

    fn arguments(&mut self, name: Ident<'s>) -> Parsed<ExprKind<'s>> {
        self.expect(Token::LParen, "`(`")?;
        let arguments = self.list_until(Token::RParen, "`,` or `)`", Self::expression)?;
        Ok(ExprKind::Call(name, arguments))
    }

    /// A type with its designator: `int[32]`, `complex[float[64]]`, `array[int[8], 2, 3]`.
    pub(super) fn scalar_type(&mut self) -> Parsed<Type<'s>> {
        let start = self.span;
        let Some(kind) = type_kind(self.token) else {
            return Err(self.expected("a type"));
        };
        self.bump();
        let mut size = None;
        if self.token == Token::LBracket {
            self.enter()?;
            self.bump();
            match kind {
                TypeKind::Complex => drop(self.scalar_type()?),
                TypeKind::Array => {
                    self.scalar_type()?;
                    while self.eat(Token::Comma) {
                        self.array_dimension()?;
                    }
                }
                TypeKind::Bool | TypeKind::Duration | TypeKind::Stretch => {
                    return Err(fault(self.span, format!("`{}` has no size", kind.name())));
                }
                _ => size = Some(self.expression()?),
            }
            self.expect(Token::RBracket, "`]`")?;
            self.leave();
        } else if kind == TypeKind::Array {
            return Err(self.expected("`[` with the element type and sizes of the array"));
        }
        Ok(Type {
            kind,
            size,
            span: self.since(start),
        })
    }

    /// A length, or `#dim = n` as it stands in the arguments of subroutines.
    fn array_dimension(&mut self) -> Parsed<()> {
        if self.token == Token::Unknown && self.text(self.span) == "#" {
            self.bump();
            if !self.is_word() || self.text(self.span) != "dim" {
                return Err(self.expected("`dim`"));
            }
            self.bump();
            self.expect(Token::Equals, "`=`")?;
        }
        self.expression().map(drop)
    }

    /// `[size]` when there is one.
    pub(super) fn designator(&mut self) -> Parsed<Option<Expr<'s>>> {
        if !self.eat(Token::LBracket) {
            return Ok(None);
        }
        let size = self.expression()?;
        self.expect(Token::RBracket, "`]`")?;
        Ok(Some(size))
    }
}

/// The type that a word names.
pub(super) fn type_kind(token: Token) -> Option<TypeKind> {
    Some(match token {
        Token::Bit => TypeKind::Bit,
        Token::Bool => TypeKind::Bool,
        Token::Int => TypeKind::Int,
        Token::Uint => TypeKind::Uint,
        Token::Float => TypeKind::Float,
        Token::Angle => TypeKind::Angle,
        Token::Complex => TypeKind::Complex,
        Token::Duration => TypeKind::Duration,
        Token::Stretch => TypeKind::Stretch,
        Token::Array => TypeKind::Array,
        _ => return None,
    })
}
