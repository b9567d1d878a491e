//! The syntax tree of OpenQASM 2 and 3, one for both, every node with its place in the source.
//!
//! Statements are handed over one at a time, so a long flat program is never a tree in memory. Chains
//! of operators of one precedence are flat lists ([`ExprKind::Chain`]): a sum of 100,000 terms is not
//! 100,000 levels deep. Names borrow the source text.

use smallvec::SmallVec;

/// A half-open range of bytes in one source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Span {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

/// A name with its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ident<'s> {
    pub(crate) name: &'s str,
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
pub(crate) struct Expr<'s> {
    pub(crate) kind: ExprKind<'s>,
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum ExprKind<'s> {
    /// Digits of a decimal integer.
    Integer(&'s str),
    /// Hexadecimal, octal or binary, with its prefix.
    RadixInteger(&'s str),
    Real(&'s str),
    Imaginary,
    /// Number and unit.
    Timing(&'s str),
    /// The characters between the quotes.
    Bitstring(&'s str),
    Bool(bool),
    Pi,
    Name(&'s str),
    /// A physical qubit; the digits after `$`.
    Hardware(&'s str),
    Unary(UnaryOp, Box<Expr<'s>>),
    /// `first op1 second op2 third ...`, all operators of one precedence, grouped from the left.
    Chain(Box<Expr<'s>>, Vec<(BinOp, Expr<'s>)>),
    /// The only operator that groups from the right.
    Power(Box<Expr<'s>>, Box<Expr<'s>>),
    Call(Ident<'s>, Vec<Expr<'s>>),
    Index(Box<Expr<'s>>, Vec<Expr<'s>>),
    Cast(Box<Type<'s>>, Box<Expr<'s>>),
    /// `{a, b, c}`
    Set(Vec<Expr<'s>>),
    /// `start : step : stop`
    Range(Box<RangeExpr<'s>>),
    Measure(Box<Expr<'s>>),
    Paren(Box<Expr<'s>>),
    /// `durationof({ ... })`
    Durationof,
}

#[derive(Debug, Clone)]
pub(crate) struct RangeExpr<'s> {
    pub(crate) start: Option<Expr<'s>>,
    pub(crate) step: Option<Expr<'s>>,
    pub(crate) stop: Option<Expr<'s>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UnaryOp {
    Minus,
    Plus,
    Not,
    Complement,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BinOp {
    Concat,
    Or,
    And,
    BitOr,
    BitXor,
    BitAnd,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    ShiftLeft,
    ShiftRight,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Debug, Clone)]
pub(crate) struct Type<'s> {
    pub(crate) kind: TypeKind,
    /// The designator in brackets.
    pub(crate) size: Option<Expr<'s>>,
    pub(crate) span: Span,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypeKind {
    Bit,
    Bool,
    Int,
    Uint,
    Float,
    Angle,
    Complex,
    Duration,
    Stretch,
    Array,
}

impl TypeKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bit => "bit",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Float => "float",
            Self::Angle => "angle",
            Self::Complex => "complex",
            Self::Duration => "duration",
            Self::Stretch => "stretch",
            Self::Array => "array",
        }
    }
}

/// A qubit or bit operand. The first two cases are nearly all there is in long programs.
#[derive(Debug, Clone)]
pub(crate) enum Operand<'s> {
    Whole(Ident<'s>),
    /// `name[digits]` with the span of the whole.
    Element(Ident<'s>, &'s str, Span),
    /// The digits after `$`.
    Hardware(&'s str, Span),
    Other(Box<Expr<'s>>),
}

impl Operand<'_> {
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Whole(ident) => ident.span,
            Self::Element(_, _, span) | Self::Hardware(_, span) => *span,
            Self::Other(expr) => expr.span,
        }
    }
}

pub(crate) type Operands<'s> = SmallVec<[Operand<'s>; 2]>;

#[derive(Debug, Clone)]
pub(crate) enum Modifier<'s> {
    Inv,
    Pow(Expr<'s>),
    Ctrl(Option<Expr<'s>>, Span),
    Negctrl(Option<Expr<'s>>, Span),
}

#[derive(Debug, Clone)]
pub(crate) struct GateCall<'s> {
    pub(crate) modifiers: Vec<Modifier<'s>>,
    /// `gphase` for the built-in phase.
    pub(crate) name: Ident<'s>,
    /// `None` when there were no parentheses at all.
    pub(crate) params: Option<Vec<Expr<'s>>>,
    /// `gate[duration]`
    pub(crate) duration: Option<Expr<'s>>,
    pub(crate) operands: Operands<'s>,
}

#[derive(Debug, Clone)]
pub(crate) struct GateDef<'s> {
    pub(crate) name: Ident<'s>,
    pub(crate) params: Vec<Ident<'s>>,
    pub(crate) qubits: Vec<Ident<'s>>,
    pub(crate) body: Vec<Stmt<'s>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Stmt<'s> {
    pub(crate) kind: StmtKind<'s>,
    pub(crate) span: Span,
}

#[derive(Debug, Clone)]
pub(crate) enum StmtKind<'s> {
    Include(&'s str, Span),
    /// `qreg q[n];` in either language and `qubit[n] q;`
    Qubits(Ident<'s>, Option<Expr<'s>>),
    /// `creg c[n];`
    Creg(Ident<'s>, Option<Expr<'s>>),
    Classical(Box<Declaration<'s>>),
    Io(Io, Type<'s>, Ident<'s>),
    Gate(Box<GateDef<'s>>),
    /// Name, number of parameters, number of qubits.
    Opaque(Ident<'s>, Vec<Ident<'s>>, Vec<Ident<'s>>),
    Call(GateCall<'s>),
    Measure(Operand<'s>, Option<Operand<'s>>),
    Reset(Operand<'s>),
    Barrier(Operands<'s>),
    Delay(Expr<'s>, Operands<'s>),
    /// OpenQASM 2: `if (register == value) operation`
    Conditioned(Box<Conditioned<'s>>),
    If(Box<If<'s>>),
    For(Box<For<'s>>),
    While(Expr<'s>, Vec<Stmt<'s>>),
    Switch(Box<Switch<'s>>),
    Break,
    Continue,
    End,
    Alias(Ident<'s>, Expr<'s>),
    /// Target, operator (`=`, `+=`, ...), value.
    Assign(Operand<'s>, &'s str, Expr<'s>),
    Expression(Expr<'s>),
    Block(Vec<Stmt<'s>>),
    Box(Option<Expr<'s>>, Vec<Stmt<'s>>),
    /// An annotation or pragma: what it is called.
    Directive(&'static str),
    /// Well-formed, but not something that a circuit can hold: what it is called.
    Unsupported(&'static str),
    Empty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Io {
    Input,
    Output,
}

#[derive(Debug, Clone)]
pub(crate) struct Declaration<'s> {
    pub(crate) constant: bool,
    pub(crate) ty: Type<'s>,
    pub(crate) name: Ident<'s>,
    pub(crate) init: Option<Expr<'s>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Conditioned<'s> {
    pub(crate) register: Operand<'s>,
    pub(crate) value: &'s str,
    pub(crate) value_span: Span,
    pub(crate) body: Stmt<'s>,
}

/// `if (a) {} else if (b) {} else {}`: the chain is a list, not a nest.
#[derive(Debug, Clone)]
pub(crate) struct If<'s> {
    pub(crate) arms: Vec<(Expr<'s>, Vec<Stmt<'s>>)>,
    pub(crate) otherwise: Option<Vec<Stmt<'s>>>,
}

#[derive(Debug, Clone)]
pub(crate) struct For<'s> {
    pub(crate) ty: Type<'s>,
    pub(crate) name: Ident<'s>,
    pub(crate) set: Expr<'s>,
    pub(crate) body: Vec<Stmt<'s>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Switch<'s> {
    pub(crate) subject: Expr<'s>,
    /// Labels and body; `None` for `default`.
    pub(crate) cases: Vec<(Option<Vec<Expr<'s>>>, Vec<Stmt<'s>>)>,
}
