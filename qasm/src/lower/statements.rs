//! Statements other than control flow.

use ardea_circuit::{Angle, Clbit, Operation, Qubit};

use super::functions::Conversion;
use super::gates::already_defined;
use super::operands::{Kind, qubit};
use super::scope::{Entity, GateEntity, Variable, Wires};
use super::value::Value;
use super::{Lowered, Lowering, QubitKind, circuit_fault, unsupported};
use crate::ast::{
    BinOp, Declaration, Expr, ExprKind, Ident, Io, Operand, Span, Stmt, StmtKind, Type, TypeKind,
};
use crate::diagnostics::{Issue, fault};
use crate::options::{Directives, Limit};
use crate::parse::{Dialect, shorten};

/// More registers than this are refused: looking for clashing names takes time in proportion.
const MAX_REGISTERS: usize = 1 << 14;

impl Lowering<'_> {
    pub(super) fn statement(&mut self, statement: &Stmt<'_>) -> Lowered<()> {
        let span = statement.span;
        match &statement.kind {
            StmtKind::Call(call) => self.call(call, span),
            StmtKind::Measure(qubit, Some(bit)) => self.measure(qubit, bit, span),
            StmtKind::Measure(_, None) => Err(Issue::new("a measurement must be stored in a bit")
                .hint("write `c[0] = measure q[0];`")
                .at(span)),
            StmtKind::Qubits(name, size) => self.declare_qubits(*name, size.as_ref(), span),
            StmtKind::Creg(name, size) => self.declare_bits(*name, size.as_ref(), span),
            StmtKind::Include(path, place) => self.include(path, *place),
            StmtKind::Gate(def) => self.define_gate(def, span),
            StmtKind::Opaque(name, params, qubits) => self.declare_opaque(*name, params, qubits),
            StmtKind::Conditioned(conditioned) => self.conditioned(conditioned, span),
            StmtKind::Barrier(operands) => self.barrier(operands, span),
            StmtKind::Reset(operand) => self.reset(operand, span),
            StmtKind::Delay(duration, operands) => self.delay(duration, operands, span),
            StmtKind::Classical(declaration) => self.declare_classical(declaration, span),
            StmtKind::Io(io, ty, name) => self.declare_io(*io, ty, *name, span),
            StmtKind::Alias(name, value) => self.alias(*name, value),
            StmtKind::Assign(target, op, value) => self.assign(target, op, value, span),
            StmtKind::If(branches) => self.if_else(branches, span),
            StmtKind::For(for_loop) => self.for_loop(for_loop, span),
            StmtKind::While(condition, body) => self.while_loop(condition, body, span),
            StmtKind::Switch(switch) => self.switch(switch, span),
            StmtKind::Break => self.leave_loop(Operation::Break, span),
            StmtKind::Continue => self.leave_loop(Operation::Continue, span),
            StmtKind::End => self.end(span),
            StmtKind::Block(body) => self.block(body),
            StmtKind::Box(None, body) => self.block(body),
            StmtKind::Box(Some(duration), _) => Err(unsupported(duration.span, "a box with a duration")),
            StmtKind::Expression(expr) => self.expression_statement(expr),
            StmtKind::Directive(what) => match self.options.directives {
                Directives::Ignore => Ok(()),
                Directives::Refuse => Err(Issue::new(format!("this {what} is not understood"))
                    .hint("it may change what the program means; read with `Directives::Ignore` to skip it")
                    .at(span)),
            },
            StmtKind::Unsupported(what) => Err(unsupported(span, what)),
            StmtKind::Empty => Ok(()),
        }
    }

    /// A value that nothing is done with: it only has to make sense.
    fn expression_statement(&self, expr: &Expr<'_>) -> Lowered<()> {
        self.value(expr).map(drop)
    }

    /// The gates that exist before anything is included.
    pub(super) fn declare_builtin_gates(&mut self) {
        self.scopes.declare(
            "U",
            Entity::Gate(GateEntity::standard(ardea_circuit::Gate::U)),
        );
        if self.dialect != Dialect::Three {
            self.scopes.declare(
                "CX",
                Entity::Gate(GateEntity::standard(ardea_circuit::Gate::CX)),
            );
        }
    }

    fn check_new(&self, name: Ident<'_>) -> Lowered<()> {
        match self.scopes.local(name.name) {
            None => Ok(()),
            Some(Entity::Gate(gate)) if gate.replaceable => Ok(()),
            Some(entity) => Err(already_defined(name, entity)),
        }
    }

    fn declare_qubits(
        &mut self,
        name: Ident<'_>,
        size: Option<&Expr<'_>>,
        span: Span,
    ) -> Lowered<()> {
        if !self.scopes.is_global() || self.level > 0 {
            return Err(fault(span, "qubits can only be declared at the top level"));
        }
        self.check_new(name)?;
        if self.qubits == QubitKind::Undecided && self.circuit.num_qubits() > 0 {
            // The file names physical qubits: room was made for them before its statements.
            return Err(
                Issue::new("qubits are declared beside physical qubits `$n`")
                    .hint("a program names its qubits either by registers or by `$n`")
                    .at(span),
            );
        }
        let (present, limit) = (self.circuit.num_qubits(), self.options.limits.qubits);
        let size = self.register_size(name, size, present, limit, Limit::Qubits)?;
        self.qubits = QubitKind::Declared;
        let length = size.unwrap_or(1);
        self.circuit
            .add_qreg(name.name, length)
            .map_err(|e| circuit_fault(name.span, e))?;
        self.scopes.declare(
            name.name,
            Entity::Qubits(Wires::range(present, length, size.is_none())),
        );
        Ok(())
    }

    fn declare_bits(
        &mut self,
        name: Ident<'_>,
        size: Option<&Expr<'_>>,
        span: Span,
    ) -> Lowered<()> {
        if !self.scopes.is_global() || self.level > 0 {
            return Err(Issue::new("bits can only be declared at the top level")
                .hint("move the declaration out of the block")
                .at(span));
        }
        self.check_new(name)?;
        let (present, limit) = (self.circuit.num_clbits(), self.options.limits.clbits);
        let size = self.register_size(name, size, present, limit, Limit::Clbits)?;
        let length = size.unwrap_or(1);
        self.circuit
            .add_creg(name.name, length)
            .map_err(|e| circuit_fault(name.span, e))?;
        self.scopes.declare(
            name.name,
            Entity::Bits(Wires::range(present, length, size.is_none())),
        );
        Ok(())
    }

    /// The declared size; `None` for a single bit. On an error the name is quiet from then on.
    fn register_size(
        &mut self,
        name: Ident<'_>,
        size: Option<&Expr<'_>>,
        present: usize,
        limit: usize,
        which: Limit,
    ) -> Lowered<Option<usize>> {
        let outcome = match size {
            None => Ok(None),
            Some(expr) => self.checked_size(expr, limit, which).map(Some),
        };
        let fits = |size: &Option<usize>| present.saturating_add(size.unwrap_or(1)) <= limit;
        let outcome = match outcome {
            Ok(size) if !fits(&size) => Err(Issue::over(which, limit as u64).at(name.span)),
            Ok(_) if self.circuit.qregs().len() + self.circuit.cregs().len() >= MAX_REGISTERS => {
                Err(fault(
                    name.span,
                    format!("the number of registers exceeds the limit of {MAX_REGISTERS}"),
                ))
            }
            other => other,
        };
        if outcome.is_err() {
            self.scopes.declare(name.name, Entity::Poison);
        }
        outcome
    }

    fn checked_size(&self, expr: &Expr<'_>, limit: usize, which: Limit) -> Lowered<usize> {
        if let ExprKind::Integer(digits) = expr.kind
            && digits.replace('_', "").parse::<usize>().is_err()
        {
            return Err(Issue::over(which, limit as u64).at(expr.span));
        }
        self.check_constant(expr)?;
        match self.integer(expr)? {
            size if size < i128::from(self.dialect.is_strict2()) => Err(fault(
                expr.span,
                format!("a register cannot have {size} elements"),
            )),
            size => Ok(usize::try_from(size).unwrap_or(usize::MAX)),
        }
    }

    fn measure(&mut self, source: &Operand<'_>, target: &Operand<'_>, span: Span) -> Lowered<()> {
        let (qubits, bits) = (self.qubits(source)?, self.bits(target)?);
        self.measure_wires(&qubits, &bits, span)
    }

    fn measure_wires(&mut self, qubits: &Wires, bits: &Wires, span: Span) -> Lowered<()> {
        if self.scopes.in_gate() {
            return Err(fault(span, "a gate cannot measure"));
        }
        let alike = qubits.scalar == bits.scalar || self.dialect == Dialect::Three;
        if qubits.len() != bits.len() || !alike {
            return Err(Issue::new(format!(
                "{} qubits are measured into {} bits",
                qubits.len(),
                bits.len()
            ))
            .hint("a register is measured into a register of the same size, a qubit into a bit")
            .at(span));
        }
        for (place, bit) in bits.iter().enumerate() {
            self.emit(
                Operation::Measure(Clbit::new(bit)),
                &[qubit(qubits, place)],
                1,
                span,
            )?;
            *self.clbit_writes.entry(bit as u32).or_insert(0) += 1;
        }
        Ok(())
    }

    fn reset(&mut self, operand: &Operand<'_>, span: Span) -> Lowered<()> {
        if self.scopes.in_gate() {
            return Err(fault(span, "a gate cannot reset"));
        }
        let wires = self.qubits(operand)?;
        self.broadcast(Operation::Reset, &[wires], 1, span)
    }

    fn barrier(&mut self, operands: &[Operand<'_>], span: Span) -> Lowered<()> {
        let qubits = self.listed_qubits(operands)?;
        if qubits.is_empty() {
            return Ok(());
        }
        self.emit(Operation::Barrier, &qubits, 1, span)
    }

    /// All qubits of the operands, each once; every qubit when there are no operands.
    fn listed_qubits(&self, operands: &[Operand<'_>]) -> Lowered<Vec<Qubit>> {
        if operands.is_empty() {
            return Ok((0..self.circuit.num_qubits()).map(Qubit::new).collect());
        }
        let mut qubits = Vec::new();
        let mut seen = rustc_hash::FxHashSet::default();
        for operand in operands {
            let wires = self.qubits(operand)?;
            qubits.extend(wires.iter().filter(|&q| seen.insert(q)).map(Qubit::new));
        }
        Ok(qubits)
    }

    fn delay(&mut self, duration: &Expr<'_>, operands: &[Operand<'_>], span: Span) -> Lowered<()> {
        let Value::Duration(time, unit) = self.value(duration)? else {
            return Err(Issue::new("a delay needs a duration")
                .hint("write for instance `delay[100ns] q[0];`")
                .at(duration.span));
        };
        if time < 0.0 || !time.is_finite() {
            return Err(fault(duration.span, format!("a delay cannot last {time}")));
        }
        for qubit in self.listed_qubits(operands)? {
            self.emit(Operation::Delay(unit, time), &[qubit], 1, span)?;
        }
        Ok(())
    }

    fn declare_classical(&mut self, declaration: &Declaration<'_>, span: Span) -> Lowered<()> {
        let (ty, name) = (&declaration.ty, declaration.name);
        if ty.kind == TypeKind::Bit && !declaration.constant && !self.scopes.in_gate() {
            self.declare_bits(name, ty.size.as_ref(), span)?;
            return match &declaration.init {
                None => Ok(()),
                Some(init) => self.initial_bits(name, init, span),
            };
        }
        self.check_new(name)?;
        let outcome = self.variable(declaration);
        let entity = match outcome {
            Ok(variable) => Entity::Variable(variable),
            Err(error) => {
                self.scopes.declare(name.name, Entity::Poison);
                return Err(error);
            }
        };
        self.scopes.declare(name.name, entity);
        Ok(())
    }

    fn variable(&self, declaration: &Declaration<'_>) -> Lowered<Variable> {
        let ty = &declaration.ty;
        if matches!(
            ty.kind,
            TypeKind::Array | TypeKind::Complex | TypeKind::Stretch
        ) {
            return Err(unsupported(
                ty.span,
                &format!("the type `{}`", ty.kind.name()),
            ));
        }
        let width = self.type_width(ty)?;
        let value = match &declaration.init {
            None => None,
            Some(init) => {
                if declaration.constant {
                    self.check_constant(init)?;
                }
                let value = self.value(init)?;
                let value = self.convert(value, ty.kind, width, init.span, Conversion::Implied)?;
                if declaration.constant && matches!(value, Value::Runtime(_)) {
                    return Err(fault(
                        init.span,
                        "a constant cannot depend on measured bits",
                    ));
                }
                Some(self.remembered(value))
            }
        };
        Ok(Variable {
            ty: ty.kind,
            width,
            constant: declaration.constant,
            value,
            level: self.level,
        })
    }

    /// Constants and sizes are made of constants.
    fn check_constant(&self, expr: &Expr<'_>) -> Lowered<()> {
        let varies = |e: &Expr<'_>| match e.kind {
            ExprKind::Name(name) => {
                matches!(self.scopes.get(name), Some(Entity::Variable(v)) if !v.constant)
            }
            _ => false,
        };
        if super::control::any(expr, &varies) {
            return Err(Issue::new("a constant is needed here, not a variable")
                .hint("declare the variable with `const`")
                .at(expr.span));
        }
        Ok(())
    }

    fn initial_bits(&mut self, name: Ident<'_>, init: &Expr<'_>, span: Span) -> Lowered<()> {
        if let ExprKind::Measure(source) = &init.kind {
            let qubits = self.wires_of(source, Kind::Quantum)?;
            let bits = self.bits(&Operand::Whole(name))?;
            return self.measure_wires(&qubits, &bits, span);
        }
        let zero = match self.value(init)? {
            Value::Int(value) => value == 0,
            Value::Bool(value) => !value,
            Value::Bits(bits) => !bits.contains(&true),
            _ => false,
        };
        if zero {
            Ok(())
        } else {
            Err(bits_are_measured(init.span))
        }
    }

    fn declare_io(&mut self, io: Io, ty: &Type<'_>, name: Ident<'_>, span: Span) -> Lowered<()> {
        match (io, ty.kind) {
            (Io::Output, TypeKind::Bit) => self.declare_bits(name, ty.size.as_ref(), span),
            (Io::Input, kind) if kind.is_real() && self.scopes.is_global() => {
                self.check_new(name)?;
                self.type_width(ty)?;
                self.symbols.insert(name.name.to_owned());
                self.scopes
                    .declare(name.name, Entity::Symbolic(Angle::symbol(name.name)));
                Ok(())
            }
            (Io::Input, _) => Err(unsupported(
                span,
                &format!("an input of type `{}`", ty.kind.name()),
            )),
            (Io::Output, _) => Err(unsupported(
                span,
                &format!("an output of type `{}`", ty.kind.name()),
            )),
        }
    }

    fn alias(&mut self, name: Ident<'_>, value: &Expr<'_>) -> Lowered<()> {
        if self
            .scopes
            .local(name.name)
            .is_none_or(|e| !matches!(e, Entity::Qubits(_) | Entity::Bits(_)))
        {
            self.check_new(name)?;
        } else {
            return self.check_new(name);
        }
        let kind = match first_name(value).and_then(|n| self.scopes.get(n)) {
            Some(Entity::Bits(_)) => Kind::Classical,
            _ => Kind::Quantum,
        };
        let outcome = self.wires_of(value, kind);
        let entity = match (&outcome, kind) {
            (Err(_), _) => Entity::Poison,
            (Ok(wires), Kind::Quantum) => Entity::Qubits(wires.clone()),
            (Ok(wires), Kind::Classical) => Entity::Bits(wires.clone()),
        };
        self.scopes.declare(name.name, entity);
        outcome.map(drop)
    }

    fn assign(
        &mut self,
        target: &Operand<'_>,
        op: &str,
        value: &Expr<'_>,
        span: Span,
    ) -> Lowered<()> {
        if let ExprKind::Measure(source) = &value.kind {
            if op != "=" {
                return Err(fault(
                    span,
                    "the result of a measurement is stored with `=`",
                ));
            }
            let (qubits, bits) = (self.wires_of(source, Kind::Quantum)?, self.bits(target)?);
            return self.measure_wires(&qubits, &bits, span);
        }
        let name = match target {
            Operand::Whole(name) => *name,
            _ => {
                self.bits(target)?;
                return Err(bits_are_measured(span));
            }
        };
        let old = match self.scopes.get(name.name) {
            Some(Entity::Variable(variable)) => variable.clone(),
            Some(Entity::Bits(_)) => return Err(bits_are_measured(span)),
            Some(Entity::Poison) => return Err(super::silent(span)),
            Some(entity) => {
                return Err(fault(
                    span,
                    format!(
                        "`{}` is {} and cannot be assigned to",
                        shorten(name.name),
                        entity.describe()
                    ),
                ));
            }
            None => return Err(self.unknown_name(name.name, name.span)),
        };
        if old.constant {
            return Err(fault(
                span,
                format!(
                    "`{}` is a constant and cannot be assigned to",
                    shorten(name.name)
                ),
            ));
        }
        if old.level != self.level {
            return Err(Issue::new(format!(
                "`{}` is assigned to inside control flow that only the running circuit decides",
                shorten(name.name)
            ))
            .hint("a circuit has no classical variables besides its bits")
            .at(span));
        }
        let mut new = self.value(value)?;
        if op != "=" {
            let current = old
                .value
                .clone()
                .ok_or_else(|| fault(span, format!("`{}` has no value yet", shorten(name.name))))?;
            let op =
                compound(op).ok_or_else(|| unsupported(span, &format!("the assignment `{op}`")))?;
            new = super::value::operate(op, current, new, span)?;
        }
        let converted = self.convert(new, old.ty, old.width, value.span, Conversion::Implied)?;
        let remembered = self.remembered(converted);
        if let Some(Entity::Variable(variable)) = self.scopes.get_mut(name.name) {
            variable.value = Some(remembered);
        }
        Ok(())
    }

    fn end(&mut self, span: Span) -> Lowered<()> {
        if self.level > 0 || self.scopes.in_gate() {
            return Err(unsupported(span, "`end` inside control flow"));
        }
        self.ended = true;
        Ok(())
    }
}

fn bits_are_measured(span: Span) -> crate::diagnostics::Fault {
    Issue::new("bits of a circuit change by measurement only")
        .hint("write `c[0] = measure q[0];`")
        .at(span)
}

fn compound(op: &str) -> Option<BinOp> {
    Some(match op {
        "+=" => BinOp::Add,
        "-=" => BinOp::Subtract,
        "*=" => BinOp::Multiply,
        "/=" => BinOp::Divide,
        "%=" => BinOp::Remainder,
        "&=" => BinOp::BitAnd,
        "|=" => BinOp::BitOr,
        "^=" => BinOp::BitXor,
        "<<=" => BinOp::ShiftLeft,
        ">>=" => BinOp::ShiftRight,
        _ => return None,
    })
}

/// The leftmost name of an expression of registers.
fn first_name<'s>(expr: &Expr<'s>) -> Option<&'s str> {
    let mut at = expr;
    loop {
        match &at.kind {
            ExprKind::Name(name) => return Some(name),
            ExprKind::Paren(inner) | ExprKind::Index(inner, _) => at = inner,
            ExprKind::Chain(first, _) => at = first,
            _ => return None,
        }
    }
}
