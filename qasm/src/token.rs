//! The words of OpenQASM 2 and 3, found by a [`logos`] lexer.
//!
//! One lexer serves both languages. It knows the keywords of OpenQASM 3; the parser of OpenQASM 2 asks
//! [`Token::is_word2`] and takes the words that are only reserved in version 3 as identifiers.
//! A number that runs into letters (`1.0abc`) is one [`Token::BadNumber`], not a number and a name.

use logos::Logos;

/// Kind of one word of the source; its text is found through its span.
#[derive(Logos, Clone, Copy, Debug, PartialEq, Eq)]
#[logos(skip r"[ \t\r\n\f]+")]
#[logos(skip(r"//[^\r\n]*", allow_greedy = true))]
pub(crate) enum Token {
    #[regex(r"/\*([^*]|\*+[^*/])*\*+/")]
    BlockComment,
    #[token("OPENQASM")]
    OpenQasm,
    #[token("include")]
    Include,
    #[token("qreg")]
    Qreg,
    #[token("creg")]
    Creg,
    #[token("gate")]
    Gate,
    #[token("opaque")]
    Opaque,
    #[token("measure")]
    Measure,
    #[token("reset")]
    Reset,
    #[token("barrier")]
    Barrier,
    #[token("if")]
    If,
    #[token("pi")]
    Pi,
    // Reserved in OpenQASM 3 only.
    #[token("qubit")]
    Qubit,
    #[token("bit")]
    Bit,
    #[token("bool")]
    Bool,
    #[token("int")]
    Int,
    #[token("uint")]
    Uint,
    #[token("float")]
    Float,
    #[token("angle")]
    Angle,
    #[token("complex")]
    Complex,
    #[token("array")]
    Array,
    #[token("duration")]
    Duration,
    #[token("stretch")]
    Stretch,
    #[token("const")]
    Const,
    #[token("mutable")]
    Mutable,
    #[token("readonly")]
    Readonly,
    #[token("input")]
    Input,
    #[token("output")]
    Output,
    #[token("let")]
    Let,
    #[token("gphase")]
    Gphase,
    #[token("ctrl")]
    Ctrl,
    #[token("negctrl")]
    Negctrl,
    #[token("inv")]
    Inv,
    #[token("pow")]
    Pow,
    #[token("delay")]
    Delay,
    #[token("else")]
    Else,
    #[token("for")]
    For,
    #[token("in")]
    In,
    #[token("while")]
    While,
    #[token("switch")]
    Switch,
    #[token("case")]
    Case,
    #[token("default")]
    Default,
    #[token("break")]
    Break,
    #[token("continue")]
    Continue,
    #[token("end")]
    End,
    #[token("return")]
    Return,
    #[token("def")]
    Def,
    #[token("extern")]
    Extern,
    #[token("box")]
    BoxWord,
    #[token("cal")]
    Cal,
    #[token("defcal")]
    Defcal,
    #[token("defcalgrammar")]
    Defcalgrammar,
    #[token("durationof")]
    Durationof,
    #[token("nop")]
    Nop,
    #[token("true")]
    True,
    #[token("false")]
    False,
    #[token("void")]
    Void,
    #[token("pragma")]
    #[token("#pragma")]
    Pragma,
    // Words and literals.
    #[regex(r"[a-zA-Z_][a-zA-Z0-9_]*", priority = 1)]
    Ident,
    #[regex(r"[\p{L}\p{Nl}_][\p{L}\p{Nl}_0-9]*", priority = 0)]
    UnicodeIdent,
    #[regex(r"\$[0-9]+")]
    Hardware,
    #[regex(r"[0-9](_?[0-9])*", priority = 6)]
    Integer,
    #[regex(
        r"0[xX][0-9a-fA-F](_?[0-9a-fA-F])*|0[bB][01](_?[01])*|0o[0-7](_?[0-7])*",
        priority = 6
    )]
    RadixInteger,
    #[regex(
        r"(([0-9](_?[0-9])*)?\.[0-9](_?[0-9])*|[0-9](_?[0-9])*\.)([eE][+-]?[0-9](_?[0-9])*)?|[0-9](_?[0-9])*[eE][+-]?[0-9](_?[0-9])*",
        priority = 6
    )]
    Real,
    #[regex(
        r"((([0-9](_?[0-9])*)?\.[0-9](_?[0-9])*|[0-9](_?[0-9])*\.)([eE][+-]?[0-9](_?[0-9])*)?|[0-9](_?[0-9])*([eE][+-]?[0-9](_?[0-9])*)?)[ \t]*(dt|ns|us|µs|μs|ms|s)",
        priority = 7
    )]
    Timing,
    #[regex(
        r"((([0-9](_?[0-9])*)?\.[0-9](_?[0-9])*|[0-9](_?[0-9])*\.)([eE][+-]?[0-9](_?[0-9])*)?|[0-9](_?[0-9])*([eE][+-]?[0-9](_?[0-9])*)?)[ \t]*im",
        priority = 7
    )]
    Imaginary,
    #[regex(
        r"[0-9][0-9a-zA-Z_]*(\.[0-9a-zA-Z_]*)?|\.[0-9][0-9a-zA-Z_]*",
        priority = 2
    )]
    BadNumber,
    #[regex(r#""[^"\r\n\t]*""#)]
    #[regex(r"'[^'\r\n\t]*'")]
    String,
    // Punctuation.
    #[token("[")]
    LBracket,
    #[token("]")]
    RBracket,
    #[token("{")]
    LBrace,
    #[token("}")]
    RBrace,
    #[token("(")]
    LParen,
    #[token(")")]
    RParen,
    #[token(":")]
    Colon,
    #[token(";")]
    Semicolon,
    #[token(",")]
    Comma,
    #[token(".")]
    Dot,
    #[token("=")]
    Equals,
    #[token("->")]
    Arrow,
    #[token("+")]
    Plus,
    #[token("++")]
    DoublePlus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("**")]
    DoubleStar,
    #[token("/")]
    Slash,
    #[token("%")]
    Percent,
    #[token("|")]
    Pipe,
    #[token("||")]
    DoublePipe,
    #[token("&")]
    Ampersand,
    #[token("&&")]
    DoubleAmpersand,
    #[token("^")]
    Caret,
    #[token("@")]
    At,
    #[token("~")]
    Tilde,
    #[token("!")]
    Bang,
    #[token("==")]
    EqualsEquals,
    #[token("!=")]
    BangEquals,
    #[token("<")]
    Less,
    #[token(">")]
    Greater,
    #[token("<=")]
    LessEquals,
    #[token(">=")]
    GreaterEquals,
    #[token("<<")]
    ShiftLeft,
    #[token(">>")]
    ShiftRight,
    #[token("+=")]
    #[token("-=")]
    #[token("*=")]
    #[token("/=")]
    #[token("&=")]
    #[token("|=")]
    #[token("~=")]
    #[token("^=")]
    #[token("<<=")]
    #[token(">>=")]
    #[token("%=")]
    #[token("**=")]
    CompoundAssign,
    /// Text that starts no word of the language.
    Unknown,
    /// The end of the file.
    Eof,
}

impl Token {
    /// Whether the word can name something in OpenQASM 2: identifiers, and words reserved in version 3 only.
    pub(crate) fn is_word2(self) -> bool {
        self == Token::Ident
            || (Token::Qubit as u8 <= self as u8 && (self as u8) < Token::Pragma as u8)
    }

    /// Whether the word can name something in OpenQASM 3.
    pub(crate) fn is_word3(self) -> bool {
        matches!(self, Token::Ident | Token::UnicodeIdent)
    }

    /// Whether the word is reserved in OpenQASM 3.
    pub(crate) fn is_keyword(self) -> bool {
        (self as u8) >= Token::OpenQasm as u8 && (self as u8) <= Token::Pragma as u8
    }
}

/// Whether OpenQASM 2 or 3 keeps this word for itself, so that no register or gate may bear it.
pub(crate) fn is_reserved(word: &str) -> bool {
    let mut lexer = Token::lexer(word);
    matches!(lexer.next(), Some(Ok(token)) if token.is_keyword() && lexer.remainder().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<Token> {
        Token::lexer(text)
            .map(|t| t.unwrap_or(Token::Unknown))
            .collect()
    }

    #[test]
    fn numbers_are_told_apart() {
        use Token::*;
        assert_eq!(
            kinds("1 1. .5 1e3 1.5e-3 1_000"),
            [Integer, Real, Real, Real, Real, Integer]
        );
        assert_eq!(
            kinds("100ns 1.5us 4dt 3 s 2im 0x1F 0b101"),
            [
                Timing,
                Timing,
                Timing,
                Timing,
                Imaginary,
                RadixInteger,
                RadixInteger
            ]
        );
        assert_eq!(
            kinds("1.0abc 1a 2.x 1e"),
            [BadNumber, BadNumber, BadNumber, BadNumber]
        );
    }

    #[test]
    fn comments_and_blanks_vanish() {
        assert_eq!(kinds("// all \u{202e} gone\r\n\t x"), [Token::Ident]);
        assert_eq!(
            kinds("/* a * b ** / c **/ x"),
            [Token::BlockComment, Token::Ident]
        );
        assert_eq!(kinds("/* open x")[0], Token::Slash);
    }

    #[test]
    fn every_keyword_is_reserved_and_names_are_not() {
        for word in ["gate", "qubit", "pragma", "OPENQASM", "pi", "void"] {
            assert!(is_reserved(word), "{word}");
        }
        for word in ["gates", "q", "PI", "u3", "", "stdgates", "a b"] {
            assert!(!is_reserved(word), "{word}");
        }
        assert!(Token::Ident.is_word2() && Token::Box_is_word2());
    }

    impl Token {
        #[expect(non_snake_case, reason = "names the token it is about")]
        fn Box_is_word2() -> bool {
            Token::BoxWord.is_word2() && !Token::Gate.is_word2() && !Token::Pi.is_word2()
        }
    }

    #[test]
    fn greek_letters_name_things() {
        assert_eq!(
            kinds("θ π_1 ab"),
            [Token::UnicodeIdent, Token::UnicodeIdent, Token::Ident]
        );
    }
}
