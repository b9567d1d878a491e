//! Recursive descent over the words of one source file.
//!
//! The parser looks one word ahead, hands out one statement at a time ([`Parser::statement`]) and goes
//! on after an error at the next statement ([`Parser::recover`]). Every recursion is counted against
//! the nesting limit; chains of operators and `else if` are loops.

mod expr;
mod stmt2;
mod stmt3;
#[cfg(test)]
mod tests;

use logos::{Lexer, Logos};

use crate::ast::{Ident, Operand, Operands, Span, Stmt, StmtKind};
use crate::diagnostics::{Fault, Issue, fault};
use crate::options::{Limit, Limits, OpenQasm2};
use crate::token::Token;

pub(crate) type Parsed<T> = Result<T, Fault>;

/// Which language a file is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Two(OpenQasm2),
    Three,
}

impl Dialect {
    pub(crate) fn is_strict2(self) -> bool {
        self == Self::Two(OpenQasm2::Strict)
    }
}

#[derive(Clone)]
pub(crate) struct Parser<'s> {
    lexer: Lexer<'s, Token>,
    /// The word looked at, not yet taken.
    token: Token,
    span: Span,
    /// End of the word taken last.
    previous: u32,
    dialect: Dialect,
    depth: usize,
    max_depth: usize,
}

impl<'s> Parser<'s> {
    /// A parser at the start of `text`, which must be shorter than 4 GiB.
    pub(crate) fn new(text: &'s str, dialect: Dialect, limits: &Limits) -> Self {
        let mut parser = Self {
            lexer: Token::lexer(text),
            token: Token::Eof,
            span: Span::default(),
            previous: 0,
            dialect,
            depth: 0,
            max_depth: limits.nesting.min(Limits::MAX_NESTING),
        };
        parser.bump();
        parser
    }

    /// Reads `OPENQASM version;` if the file begins with it, and settles the language: by the version,
    /// otherwise by the first word that only one of the languages has.
    pub(crate) fn header(&mut self, openqasm2: OpenQasm2) -> Parsed<Dialect> {
        if self.token != Token::OpenQasm {
            self.dialect = if speaks_version3(self.lexer.source()) {
                Dialect::Three
            } else {
                Dialect::Two(openqasm2)
            };
            if self.dialect.is_strict2() {
                return Err(Issue::new("the first statement must be `OPENQASM 2.0;`")
                    .hint("add the version line, or read with the legacy options")
                    .at(self.span));
            }
            return Ok(self.dialect);
        }
        self.bump();
        let (version, span) = (self.text(self.span), self.span);
        if !matches!(self.token, Token::Real | Token::Integer) {
            return Err(self.expected("a version such as 2.0 or 3.0"));
        }
        self.dialect = match version {
            "2.0" => Dialect::Two(openqasm2),
            "2" if openqasm2 == OpenQasm2::Legacy => Dialect::Two(openqasm2),
            "3" | "3.0" | "3.1" => Dialect::Three,
            _ => {
                return Err(Issue::new(format!(
                    "OpenQASM version {} is not known",
                    shorten(version)
                ))
                .hint("this reader knows 2.0, 3.0 and 3.1")
                .at(span));
            }
        };
        self.bump();
        self.expect(Token::Semicolon, "`;` after the version")?;
        Ok(self.dialect)
    }

    /// The version line that an included file may have; it must agree with the file that includes it.
    pub(crate) fn header_included(&mut self, outer: Dialect) -> Parsed<Dialect> {
        self.dialect = outer;
        if self.token != Token::OpenQasm {
            return Ok(outer);
        }
        let (start, openqasm2) = (
            self.span,
            match outer {
                Dialect::Two(kind) => kind,
                Dialect::Three => OpenQasm2::Legacy,
            },
        );
        let found = self.header(openqasm2)?;
        if found != outer {
            return Err(fault(
                start,
                "the included file is in another version of OpenQASM",
            ));
        }
        Ok(found)
    }

    /// The next statement, or `None` at the end of the file.
    pub(crate) fn statement(&mut self) -> Parsed<Option<Stmt<'s>>> {
        if self.token == Token::Eof {
            return Ok(None);
        }
        match self.dialect {
            Dialect::Two(_) => self.statement2().map(Some),
            Dialect::Three => self.statement3().map(Some),
        }
    }

    /// After an error: skips to the start of what looks like the next statement.
    pub(crate) fn recover(&mut self) {
        self.depth = 0;
        let mut braces = 0usize;
        loop {
            match self.token {
                Token::Eof => return,
                Token::Semicolon if braces == 0 => {
                    self.bump();
                    if self.token != Token::RBrace {
                        return;
                    }
                }
                Token::LBrace => {
                    braces += 1;
                    self.bump();
                }
                Token::RBrace => {
                    braces = braces.saturating_sub(1);
                    self.bump();
                    if braces == 0 && self.token != Token::RBrace {
                        return;
                    }
                }
                _ => self.bump(),
            }
        }
    }

    pub(crate) fn text(&self, span: Span) -> &'s str {
        &self.lexer.source()[span.start as usize..span.end as usize]
    }

    fn bump(&mut self) {
        self.previous = self.span.end;
        loop {
            let token = match self.lexer.next() {
                Some(Ok(token)) => token,
                Some(Err(())) => Token::Unknown,
                None => Token::Eof,
            };
            let range = self.lexer.span();
            self.span = Span {
                start: range.start as u32,
                end: range.end as u32,
            };
            if token == Token::BlockComment && !self.dialect.is_strict2() {
                continue;
            }
            self.token = token;
            return;
        }
    }

    fn take(&mut self) -> Span {
        let span = self.span;
        self.bump();
        span
    }

    fn eat(&mut self, token: Token) -> bool {
        let found = self.token == token;
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, token: Token, what: &str) -> Parsed<Span> {
        if self.token == token {
            Ok(self.take())
        } else {
            Err(self.expected(what))
        }
    }

    /// From `start` to the end of the last word taken.
    fn since(&self, start: Span) -> Span {
        Span {
            start: start.start,
            end: self.previous.max(start.start),
        }
    }

    /// The fault that `what` should stand where something else is.
    fn expected(&self, what: &str) -> Fault {
        let found = self.text(self.span);
        let issue = match self.token {
            Token::Eof => Issue::new(format!("the file ends where {what} is needed")),
            Token::BadNumber => Issue::new(format!("`{}` is not a number", shorten(found)))
                .hint("a number must not run into a name; an exponent needs digits"),
            Token::BlockComment => {
                Issue::new("block comments are not part of OpenQASM 2.0").hint("use `//`")
            }
            Token::Slash if self.lexer.source()[self.span.start as usize..].starts_with("/*") => {
                Issue::new("the comment is never closed").hint("end it with `*/`")
            }
            Token::Unknown => unknown_word(found),
            _ => Issue::new(format!("expected {what}, found `{}`", shorten(found))),
        };
        issue.at(self.span)
    }

    /// Counts one level of recursion; [`Parser::leave`] gives it back.
    fn enter(&mut self) -> Parsed<()> {
        if self.depth >= self.max_depth {
            return Err(Issue::over(Limit::Nesting, self.max_depth as u64).at(self.span));
        }
        self.depth += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn is_word(&self) -> bool {
        match self.dialect {
            Dialect::Two(_) => self.token.is_word2(),
            Dialect::Three => self.token.is_word3(),
        }
    }

    fn ident(&mut self, what: &str) -> Parsed<Ident<'s>> {
        if self.is_word() {
            let span = self.take();
            return Ok(Ident {
                name: self.text(span),
                span,
            });
        }
        if self.token == Token::UnicodeIdent {
            return Err(Issue::new(format!(
                "`{}` is not a name in OpenQASM 2",
                shorten(self.text(self.span))
            ))
            .hint("names are made of ASCII letters, digits and `_`")
            .at(self.span));
        }
        if self.token.is_keyword() {
            let word = self.text(self.span);
            return Err(
                Issue::new(format!("expected {what}, found the reserved word `{word}`"))
                    .at(self.span),
            );
        }
        Err(self.expected(what))
    }

    /// `item, item, ...` up to `end`, which is taken. May be empty.
    fn list_until<T>(
        &mut self,
        end: Token,
        what: &str,
        item: impl Fn(&mut Self) -> Parsed<T>,
    ) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        while !self.eat(end) {
            items.push(item(self)?);
            if self.eat(Token::Comma) {
                if self.token == end && self.dialect.is_strict2() {
                    return Err(fault(
                        self.span,
                        "a trailing comma is not part of OpenQASM 2.0",
                    ));
                }
                continue;
            }
            self.expect(end, what)?;
            break;
        }
        Ok(items)
    }

    /// Qubits or bits separated by commas, at least one, up to a `;` that is left standing.
    fn operands(&mut self) -> Parsed<Operands<'s>> {
        let mut operands = Operands::new();
        loop {
            operands.push(self.operand()?);
            if !self.eat(Token::Comma) {
                return Ok(operands);
            }
            if self.token == Token::Semicolon && !self.dialect.is_strict2() {
                return Ok(operands);
            }
        }
    }

    fn operand(&mut self) -> Parsed<Operand<'s>> {
        if self.token == Token::Hardware && self.dialect == Dialect::Three {
            let span = self.take();
            return Ok(Operand::Hardware(&self.text(span)[1..], span));
        }
        let before = (self.dialect == Dialect::Three).then(|| self.clone());
        let ident = self.ident("a qubit or register")?;
        if self.token != Token::LBracket {
            return Ok(Operand::Whole(ident));
        }
        self.bump();
        if self.token == Token::Integer {
            let digits = self.take();
            if self.token == Token::RBracket {
                self.bump();
                if self.token != Token::LBracket {
                    return Ok(Operand::Element(
                        ident,
                        self.text(digits),
                        self.since(ident.span),
                    ));
                }
            }
        }
        match before {
            None => Err(self.expected("an integer index and `]`")),
            Some(before) => {
                *self = before;
                Ok(Operand::Other(Box::new(self.postfix()?)))
            }
        }
    }

    fn include(&mut self) -> Parsed<StmtKind<'s>> {
        self.bump();
        let span = self.span;
        if self.token == Token::Unknown && self.text(span).starts_with(['"', '\'']) {
            return Err(fault(
                span,
                "the file name is not closed by a quotation mark",
            ));
        }
        self.expect(Token::String, "a file name in quotation marks")?;
        let quoted = self.text(span);
        if self.dialect.is_strict2() && quoted.starts_with('\'') {
            return Err(fault(span, "file names stand in double quotation marks"));
        }
        self.expect(Token::Semicolon, "`;`")?;
        Ok(StmtKind::Include(&quoted[1..quoted.len() - 1], span))
    }

    /// Skips the rest of the line on which the word looked at stands.
    fn skip_line(&mut self) {
        let rest = &self.lexer.source()[self.span.end as usize..];
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let already = self.lexer.span().end - self.span.end as usize;
        self.lexer.bump(length - already);
        self.bump();
    }
}

fn unknown_word(found: &str) -> Issue {
    match found.chars().next() {
        Some('"' | '\'') => Issue::new("the string is not closed on its line"),
        Some(c) if c.is_control() => Issue::new(format!(
            "the character U+{:04X} is not allowed here",
            c as u32
        )),
        Some(c) => Issue::new(format!("the character `{c}` is not allowed here")),
        None => Issue::new("something here is no word of OpenQASM"),
    }
}

/// Source text for a message: never longer than a line.
pub(crate) fn shorten(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

/// Whether the word is none of OpenQASM 2.
fn only_version3(token: Token) -> bool {
    use Token::*;
    matches!(
        token,
        Hardware
            | BlockComment
            | At
            | UnicodeIdent
            | RadixInteger
            | Timing
            | Imaginary
            | Colon
            | Equals
            | DoublePlus
            | DoubleStar
            | Percent
            | Pipe
            | DoublePipe
            | Ampersand
            | DoubleAmpersand
            | Tilde
            | Bang
            | BangEquals
            | Less
            | Greater
            | LessEquals
            | GreaterEquals
            | ShiftLeft
            | ShiftRight
            | CompoundAssign
    )
}

/// For files without a version line: whether the first telling word is one of OpenQASM 3.
fn speaks_version3(text: &str) -> bool {
    let mut lexer = Token::lexer(text);
    let mut at_start = true;
    while let Some(token) = lexer.next() {
        match token {
            Ok(Token::Qreg | Token::Creg | Token::Opaque) => return false,
            Ok(Token::String) if lexer.slice().contains("stdgates.inc") => return true,
            Ok(Token::String) if lexer.slice().contains("qelib1.inc") => return false,
            Ok(token) if at_start && token.is_keyword() && token.is_word2() => return true,
            Ok(Token::Minus | Token::LParen | Token::Integer | Token::Real) if at_start => {
                return true;
            }
            Ok(token) if only_version3(token) => return true,
            _ => {}
        }
        at_start = matches!(token, Ok(Token::Semicolon | Token::LBrace | Token::RBrace));
    }
    false
}
