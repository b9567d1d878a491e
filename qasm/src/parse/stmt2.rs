//! Statements of OpenQASM 2.

use super::{Parsed, Parser};
use crate::ast::{Conditioned, GateCall, GateDef, Ident, Operands, Stmt, StmtKind};
use crate::diagnostics::{Issue, fault};
use crate::token::Token;

impl<'s> Parser<'s> {
    pub(super) fn statement2(&mut self) -> Parsed<Stmt<'s>> {
        let start = self.span;
        let kind = match self.token {
            Token::Include => self.include()?,
            Token::Qreg => {
                let (name, size) = self.register2()?;
                StmtKind::Qubits(name, Some(size))
            }
            Token::Creg => {
                let (name, size) = self.register2()?;
                StmtKind::Creg(name, Some(size))
            }
            Token::Gate => self.gate2()?,
            Token::Opaque => self.opaque2()?,
            Token::If => self.conditioned2()?,
            Token::Barrier => self.barrier2()?,
            Token::Semicolon if self.dialect.is_strict2() => {
                return Err(fault(
                    start,
                    "empty statements are not part of OpenQASM 2.0",
                ));
            }
            Token::Semicolon => {
                self.bump();
                StmtKind::Empty
            }
            _ => self.operation2()?,
        };
        Ok(Stmt {
            kind,
            span: self.since(start),
        })
    }

    /// A statement that `if` may stand before.
    fn operation2(&mut self) -> Parsed<StmtKind<'s>> {
        match self.token {
            Token::Measure => {
                self.bump();
                let qubit = self.operand()?;
                self.expect(Token::Arrow, "`->`")?;
                let bit = self.operand()?;
                self.expect(Token::Semicolon, "`;`")?;
                Ok(StmtKind::Measure(qubit, Some(bit)))
            }
            Token::Reset => {
                self.bump();
                let qubit = self.operand()?;
                self.expect(Token::Semicolon, "`;`")?;
                Ok(StmtKind::Reset(qubit))
            }
            _ if self.is_word() => self.call2().map(StmtKind::Call),
            Token::OpenQasm => Err(fault(
                self.span,
                "the version line may only stand at the start of the file",
            )),
            _ => Err(self.expected("a statement")),
        }
    }

    fn register2(&mut self) -> Parsed<(Ident<'s>, crate::ast::Expr<'s>)> {
        self.bump();
        let name = self.name2("a name for the register")?;
        self.expect(Token::LBracket, "`[` and the size of the register")?;
        if self.token != Token::Integer {
            return Err(self.expected("an integer size"));
        }
        let size = self.expression()?;
        self.expect(Token::RBracket, "`]`")?;
        self.expect(Token::Semicolon, "`;`")?;
        Ok((name, size))
    }

    /// A name being declared: it begins with a small letter.
    fn name2(&mut self, what: &str) -> Parsed<Ident<'s>> {
        let ident = self.ident(what)?;
        if self.dialect.is_strict2() && !ident.name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return Err(
                Issue::new(format!("`{}` is not a name in OpenQASM 2.0", ident.name))
                    .hint("names begin with a small letter")
                    .at(ident.span),
            );
        }
        Ok(ident)
    }

    fn call2(&mut self) -> Parsed<GateCall<'s>> {
        let name = self.ident("a gate")?;
        let params = if self.eat(Token::LParen) {
            Some(self.list_until(Token::RParen, "`,` or `)`", Self::expression)?)
        } else {
            None
        };
        let operands = self.operands()?;
        self.expect(Token::Semicolon, "`;`")?;
        Ok(GateCall {
            modifiers: Vec::new(),
            name,
            params,
            duration: None,
            operands,
        })
    }

    fn barrier2(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        let bare = self.token == Token::Semicolon;
        if bare && self.dialect.is_strict2() {
            return Err(fault(
                self.span,
                "a barrier needs at least one qubit or register in OpenQASM 2.0",
            ));
        }
        let operands = if bare {
            Operands::new()
        } else {
            self.operands()?
        };
        self.expect(Token::Semicolon, "`;`")?;
        Ok(StmtKind::Barrier(operands))
    }

    fn conditioned2(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        self.expect(Token::LParen, "`(`")?;
        let register = self.operand()?;
        self.expect(Token::EqualsEquals, "`==`")?;
        let value_span = self.expect(Token::Integer, "an integer")?;
        self.expect(Token::RParen, "`)`")?;
        let start = self.span;
        let kind = self.operation2()?;
        let body = Stmt {
            kind,
            span: self.since(start),
        };
        Ok(StmtKind::Conditioned(Box::new(Conditioned {
            register,
            value: self.text(value_span),
            value_span,
            body,
        })))
    }

    fn opaque2(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        let (name, params, qubits) = self.signature2()?;
        self.expect(Token::Semicolon, "`;`")?;
        Ok(StmtKind::Opaque(name, params, qubits))
    }

    fn gate2(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        let (name, params, qubits) = self.signature2()?;
        self.expect(Token::LBrace, "`{` and the body of the gate")?;
        let mut body = Vec::new();
        while !self.eat(Token::RBrace) {
            let start = self.span;
            let kind = match self.token {
                Token::Barrier => self.barrier2()?,
                Token::Semicolon if !self.dialect.is_strict2() => {
                    self.bump();
                    continue;
                }
                _ if self.is_word() => StmtKind::Call(self.call2()?),
                _ => return Err(self.expected("a gate, a barrier or `}`")),
            };
            body.push(Stmt {
                kind,
                span: self.since(start),
            });
        }
        Ok(StmtKind::Gate(Box::new(GateDef {
            name,
            params,
            qubits,
            body,
        })))
    }

    fn signature2(&mut self) -> Parsed<(Ident<'s>, Vec<Ident<'s>>, Vec<Ident<'s>>)> {
        let name = self.name2("a name for the gate")?;
        let params = if self.eat(Token::LParen) {
            self.list_until(Token::RParen, "`,` or `)`", |p| p.name2("a parameter"))?
        } else {
            Vec::new()
        };
        let mut qubits = vec![self.name2("a qubit of the gate")?];
        while self.eat(Token::Comma) {
            if matches!(self.token, Token::LBrace | Token::Semicolon) && !self.dialect.is_strict2()
            {
                break;
            }
            qubits.push(self.name2("a qubit of the gate")?);
        }
        Ok((name, params, qubits))
    }
}
