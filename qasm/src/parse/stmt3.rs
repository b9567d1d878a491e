//! Statements of OpenQASM 3. The whole grammar is parsed; what a circuit cannot hold is named by
//! [`StmtKind::Unsupported`], so that the message can say what it is.

use super::expr::type_kind;
use super::{Parsed, Parser};
use crate::ast::{
    Declaration, Expr, ExprKind, For, GateCall, GateDef, Ident, If, Io, Modifier, Operand,
    Operands, Stmt, StmtKind, Switch, Type, TypeKind,
};
use crate::diagnostics::{Issue, fault};
use crate::token::Token;

impl<'s> Parser<'s> {
    pub(super) fn statement3(&mut self) -> Parsed<Stmt<'s>> {
        self.enter()?;
        let start = self.span;
        let kind = match self.token {
            Token::Gate => self.gate3()?,
            Token::If => self.if_statement()?,
            Token::For => self.for_statement()?,
            Token::While => self.while_statement()?,
            Token::Switch => self.switch_statement()?,
            Token::LBrace => StmtKind::Block(self.block()?),
            Token::BoxWord => self.box_statement()?,
            Token::Def => self.def_statement()?,
            Token::Cal | Token::Defcal => self.calibration()?,
            Token::Pragma => {
                self.skip_line();
                StmtKind::Directive("pragma")
            }
            Token::At => {
                self.bump();
                if !self.is_word() && !self.token.is_keyword() {
                    return Err(self.expected("the name of an annotation"));
                }
                self.skip_line();
                StmtKind::Directive("annotation")
            }
            _ => {
                let kind = self.simple_statement()?;
                self.expect(Token::Semicolon, "`;`")?;
                kind
            }
        };
        self.leave();
        Ok(Stmt {
            kind,
            span: self.since(start),
        })
    }

    pub(super) fn block(&mut self) -> Parsed<Vec<Stmt<'s>>> {
        self.expect(Token::LBrace, "`{`")?;
        let mut body = Vec::new();
        while !self.eat(Token::RBrace) {
            if self.token == Token::Eof {
                return Err(self.expected("`}`"));
            }
            body.push(self.statement3()?);
        }
        Ok(body)
    }

    /// A block, or one statement in place of it.
    fn body(&mut self) -> Parsed<Vec<Stmt<'s>>> {
        if self.token == Token::LBrace {
            self.block()
        } else {
            Ok(vec![self.statement3()?])
        }
    }

    /// A statement that ends with `;`, which is left standing.
    fn simple_statement(&mut self) -> Parsed<StmtKind<'s>> {
        match self.token {
            Token::Include => {
                self.bump();
                let span = self.expect(Token::String, "a file name in quotation marks")?;
                let quoted = self.text(span);
                Ok(StmtKind::Include(&quoted[1..quoted.len() - 1], span))
            }
            Token::Qreg | Token::Creg => {
                let is_quantum = self.token == Token::Qreg;
                self.bump();
                let name = self.ident("a name for the register")?;
                let size = self.designator()?;
                Ok(if is_quantum {
                    StmtKind::Qubits(name, size)
                } else {
                    StmtKind::Creg(name, size)
                })
            }
            Token::Qubit => {
                self.bump();
                let size = self.designator()?;
                let name = self.ident("a name for the qubits")?;
                Ok(StmtKind::Qubits(name, size))
            }
            Token::Const => {
                self.bump();
                self.declaration(true)
            }
            Token::Input | Token::Output => {
                let io = if self.token == Token::Input {
                    Io::Input
                } else {
                    Io::Output
                };
                self.bump();
                let ty = self.scalar_type()?;
                Ok(StmtKind::Io(io, ty, self.ident("a name")?))
            }
            Token::Let => {
                self.bump();
                let name = self.ident("a name")?;
                self.expect(Token::Equals, "`=`")?;
                Ok(StmtKind::Alias(name, self.alias_expression()?))
            }
            Token::Measure => {
                self.bump();
                let qubit = self.operand()?;
                let target = if self.eat(Token::Arrow) {
                    Some(self.operand()?)
                } else {
                    None
                };
                Ok(StmtKind::Measure(qubit, target))
            }
            Token::Reset => {
                self.bump();
                Ok(StmtKind::Reset(self.operand()?))
            }
            Token::Barrier => {
                self.bump();
                Ok(StmtKind::Barrier(self.operands_or_none()?))
            }
            Token::Nop => {
                self.bump();
                self.operands_or_none()?;
                Ok(StmtKind::Empty)
            }
            Token::Delay => {
                self.bump();
                let duration = self
                    .designator()?
                    .ok_or_else(|| self.expected("a duration in brackets"))?;
                Ok(StmtKind::Delay(duration, self.operands_or_none()?))
            }
            Token::Break => Ok(self.keyword(StmtKind::Break)),
            Token::Continue => Ok(self.keyword(StmtKind::Continue)),
            Token::End => Ok(self.keyword(StmtKind::End)),
            Token::Return => {
                self.bump();
                if self.token != Token::Semicolon {
                    self.alias_expression()?;
                }
                Ok(StmtKind::Unsupported("`return`"))
            }
            Token::Extern => self.extern_statement(),
            Token::Defcalgrammar => {
                self.bump();
                self.expect(Token::String, "the name of a calibration grammar")?;
                Ok(StmtKind::Unsupported("`defcalgrammar`"))
            }
            Token::Opaque => Err(Issue::new("`opaque` is not part of OpenQASM 3")
                .hint("define the gate with `gate`")
                .at(self.span)),
            Token::Ctrl | Token::Negctrl | Token::Inv | Token::Pow | Token::Gphase => {
                self.modified_call()
            }
            Token::OpenQasm => Err(fault(
                self.span,
                "the version line may only stand at the start of the file",
            )),
            token if type_kind(token).is_some() => self.declaration(false),
            _ => self.word_statement(),
        }
    }

    fn keyword(&mut self, kind: StmtKind<'s>) -> StmtKind<'s> {
        self.bump();
        kind
    }

    fn operands_or_none(&mut self) -> Parsed<Operands<'s>> {
        if self.token == Token::Semicolon {
            Ok(Operands::new())
        } else {
            self.operands()
        }
    }

    fn declaration(&mut self, constant: bool) -> Parsed<StmtKind<'s>> {
        let before = self.clone();
        let ty = self.scalar_type()?;
        if self.token == Token::LParen && !constant {
            *self = before;
            return Ok(StmtKind::Expression(self.expression()?));
        }
        let name = self.ident("a name")?;
        let init = if self.eat(Token::Equals) {
            Some(self.alias_expression()?)
        } else {
            None
        };
        if constant && init.is_none() {
            return Err(self.expected("`=` and the value of the constant"));
        }
        Ok(StmtKind::Classical(Box::new(Declaration {
            constant,
            ty,
            name,
            init,
        })))
    }

    /// A statement that begins with a name: a gate call, an assignment or an expression.
    fn word_statement(&mut self) -> Parsed<StmtKind<'s>> {
        if !self.is_word() {
            let expr = self.expression()?;
            return Ok(StmtKind::Expression(expr));
        }
        let before = self.clone();
        let name = self.ident("a statement")?;
        match self.token {
            Token::Ident | Token::UnicodeIdent | Token::Hardware => {
                let operands = self.operands()?;
                Ok(StmtKind::Call(GateCall {
                    modifiers: Vec::new(),
                    name,
                    params: None,
                    duration: None,
                    operands,
                }))
            }
            Token::Equals | Token::CompoundAssign => self.assignment(Operand::Whole(name)),
            Token::LParen => {
                let call = self.call_after(Vec::new(), name)?;
                if !call.operands.is_empty() {
                    return Ok(StmtKind::Call(call));
                }
                *self = before;
                Ok(StmtKind::Expression(self.expression()?))
            }
            Token::LBracket => {
                *self = before.clone();
                let target = self.operand()?;
                if matches!(self.token, Token::Equals | Token::CompoundAssign) {
                    return self.assignment(target);
                }
                *self = before;
                self.bump();
                if self.token == Token::LBracket {
                    let call = self.call_after(Vec::new(), name)?;
                    if call.operands.is_empty() {
                        return Err(self.expected("`=` or the qubits of a gate"));
                    }
                    return Ok(StmtKind::Call(call));
                }
                Ok(StmtKind::Expression(self.expression()?))
            }
            _ => {
                *self = before;
                Ok(StmtKind::Expression(self.expression()?))
            }
        }
    }

    fn assignment(&mut self, target: Operand<'s>) -> Parsed<StmtKind<'s>> {
        let op = self.take();
        Ok(StmtKind::Assign(
            target,
            self.text(op),
            self.alias_expression()?,
        ))
    }

    /// What follows the name of a gate; no operands when a `;` follows.
    fn call_after(
        &mut self,
        modifiers: Vec<Modifier<'s>>,
        name: Ident<'s>,
    ) -> Parsed<GateCall<'s>> {
        let params = if self.eat(Token::LParen) {
            Some(self.list_until(Token::RParen, "`,` or `)`", Self::expression)?)
        } else {
            None
        };
        let duration = self.designator()?;
        let operands = self.operands_or_none()?;
        Ok(GateCall {
            modifiers,
            name,
            params,
            duration,
            operands,
        })
    }

    fn modified_call(&mut self) -> Parsed<StmtKind<'s>> {
        let mut modifiers = Vec::new();
        loop {
            let (token, start) = (self.token, self.span);
            match token {
                Token::Inv => {
                    self.bump();
                    modifiers.push(Modifier::Inv);
                }
                Token::Pow | Token::Ctrl | Token::Negctrl => {
                    self.bump();
                    let argument = if self.eat(Token::LParen) {
                        let argument = self.expression()?;
                        self.expect(Token::RParen, "`)`")?;
                        Some(argument)
                    } else {
                        None
                    };
                    let span = self.since(start);
                    modifiers.push(match (token, argument) {
                        (Token::Pow, Some(exponent)) => Modifier::Pow(exponent),
                        (Token::Pow, None) => {
                            return Err(fault(span, "`pow` needs an exponent: `pow(0.5) @`"));
                        }
                        (Token::Ctrl, count) => Modifier::Ctrl(count, span),
                        (_, count) => Modifier::Negctrl(count, span),
                    });
                }
                Token::Gphase => {
                    let span = self.take();
                    let name = Ident {
                        name: self.text(span),
                        span,
                    };
                    if self.token != Token::LParen {
                        return Err(self.expected("`(` and the angle of the phase"));
                    }
                    return Ok(StmtKind::Call(self.call_after(modifiers, name)?));
                }
                _ => {
                    let name = self.ident("a gate")?;
                    let call = self.call_after(modifiers, name)?;
                    if call.operands.is_empty() {
                        return Err(self.expected("the qubits of the gate"));
                    }
                    return Ok(StmtKind::Call(call));
                }
            }
            self.expect(Token::At, "`@` after the modifier")?;
        }
    }

    fn gate3(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        let name = self.ident("a name for the gate")?;
        let params = if self.eat(Token::LParen) {
            self.list_until(Token::RParen, "`,` or `)`", Self::gate_parameter)?
        } else {
            Vec::new()
        };
        let mut qubits = Vec::new();
        while self.token != Token::LBrace {
            qubits.push(self.ident("a qubit of the gate")?);
            if !self.eat(Token::Comma) {
                break;
            }
        }
        let body = self.block()?;
        Ok(StmtKind::Gate(Box::new(GateDef {
            name,
            params,
            qubits,
            body,
        })))
    }

    /// The name of a gate's parameter, which may hide the built-in constant `pi`.
    fn gate_parameter(&mut self) -> Parsed<Ident<'s>> {
        if self.token != Token::Pi {
            return self.ident("a parameter");
        }
        let span = self.take();
        Ok(Ident {
            name: self.text(span),
            span,
        })
    }

    fn condition(&mut self) -> Parsed<Expr<'s>> {
        self.expect(Token::LParen, "`(`")?;
        let condition = self.expression()?;
        self.expect(Token::RParen, "`)`")?;
        Ok(condition)
    }

    fn if_statement(&mut self) -> Parsed<StmtKind<'s>> {
        let mut arms = Vec::new();
        let mut otherwise = None;
        loop {
            self.bump();
            let condition = self.condition()?;
            arms.push((condition, self.body()?));
            if !self.eat(Token::Else) {
                break;
            }
            if self.token != Token::If {
                otherwise = Some(self.body()?);
                break;
            }
        }
        Ok(StmtKind::If(Box::new(If { arms, otherwise })))
    }

    fn for_statement(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        let ty = self.scalar_type()?;
        let name = self.ident("a loop variable")?;
        self.expect(Token::In, "`in`")?;
        let set = if self.eat(Token::LBracket) {
            let range = self.index_item()?;
            self.expect(Token::RBracket, "`]`")?;
            if !matches!(range.kind, ExprKind::Range(_)) {
                return Err(fault(
                    range.span,
                    "a range is needed between the brackets: `[start:stop]` or `[start:step:stop]`",
                ));
            }
            range
        } else {
            self.expression()?
        };
        let body = self.body()?;
        Ok(StmtKind::For(Box::new(For {
            ty,
            name,
            set,
            body,
        })))
    }

    fn while_statement(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        let condition = self.condition()?;
        Ok(StmtKind::While(condition, self.body()?))
    }

    fn switch_statement(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        let subject = self.condition()?;
        self.expect(Token::LBrace, "`{` and the cases")?;
        let mut cases = Vec::new();
        while !self.eat(Token::RBrace) {
            if cases
                .last()
                .is_some_and(|(labels, _): &(Option<_>, _)| labels.is_none())
            {
                return Err(fault(self.span, "`default` must be the last case"));
            }
            if self.eat(Token::Default) {
                cases.push((None, self.block()?));
                continue;
            }
            self.expect(Token::Case, "`case`, `default` or `}`")?;
            let mut labels = vec![self.expression()?];
            while self.eat(Token::Comma) {
                labels.push(self.expression()?);
            }
            cases.push((Some(labels), self.block()?));
        }
        Ok(StmtKind::Switch(Box::new(Switch { subject, cases })))
    }

    fn box_statement(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        let duration = self.designator()?;
        Ok(StmtKind::Box(duration, self.block()?))
    }

    fn def_statement(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        self.ident("a name for the subroutine")?;
        self.expect(Token::LParen, "`(`")?;
        self.list_until(Token::RParen, "`,` or `)`", Self::def_argument)?;
        self.return_type()?;
        self.block()?;
        Ok(StmtKind::Unsupported("a `def` subroutine"))
    }

    fn def_argument(&mut self) -> Parsed<()> {
        match self.token {
            Token::Qubit => {
                self.bump();
                self.designator()?;
                self.ident("a name").map(drop)
            }
            Token::Qreg | Token::Creg => {
                self.bump();
                self.ident("a name")?;
                self.designator().map(drop)
            }
            _ => {
                if matches!(self.token, Token::Readonly | Token::Mutable) {
                    self.bump();
                }
                self.scalar_type()?;
                self.ident("a name").map(drop)
            }
        }
    }

    fn return_type(&mut self) -> Parsed<Option<Type<'s>>> {
        if self.eat(Token::Arrow) {
            self.scalar_type().map(Some)
        } else {
            Ok(None)
        }
    }

    fn extern_statement(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        self.ident("a name for the function")?;
        self.expect(Token::LParen, "`(`")?;
        self.list_until(Token::RParen, "`,` or `)`", |p| {
            if matches!(p.token, Token::Readonly | Token::Mutable) {
                p.bump();
            }
            if p.eat(Token::Creg) {
                p.designator().map(drop)
            } else {
                p.scalar_type().map(drop)
            }
        })?;
        self.return_type()?;
        Ok(StmtKind::Unsupported("an `extern` function"))
    }

    /// `cal` and `defcal` hold another language: only its braces are followed.
    fn calibration(&mut self) -> Parsed<StmtKind<'s>> {
        let name = if self.token == Token::Cal {
            "a `cal` block"
        } else {
            "a `defcal`"
        };
        while self.token != Token::LBrace {
            if matches!(self.token, Token::Eof | Token::Semicolon) {
                return Err(self.expected("`{`"));
            }
            self.bump();
        }
        let mut braces = 0usize;
        loop {
            match self.token {
                Token::LBrace => braces += 1,
                Token::RBrace => braces -= 1,
                Token::Eof => return Err(self.expected("`}`")),
                _ => {}
            }
            self.bump();
            if braces == 0 {
                return Ok(StmtKind::Unsupported(name));
            }
        }
    }
}

impl TypeKind {
    /// Whether values of the type are numbers that an angle can be computed from.
    pub(crate) fn is_real(self) -> bool {
        matches!(self, Self::Float | Self::Angle)
    }
}
