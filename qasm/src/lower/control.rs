//! Control flow: what only the running circuit decides becomes an operation with bodies, what is known
//! while reading is decided now, and loops are written out only where their variable must be a number.

use ardea_circuit::{
    Circuit, Expr as BitExpr, ForLoop, ForValues, IfElse, Operation, Qubit, Switch, SwitchCase,
    Symbol, WhileLoop,
};
use rustc_hash::FxHashSet;

use super::classical::Decision;
use super::operands::clbits;
use super::scope::{Entity, Variable};
use super::value::Value;
use super::{Loop, Lowered, Lowering, circuit_fault, unsupported};
use crate::ast::{
    self, BinOp, Conditioned, Expr, ExprKind, If, Modifier, Operand, Span, Stmt, StmtKind, TypeKind,
};
use crate::diagnostics::{Issue, fault};
use crate::options::{Limit, Limits};

impl Lowering<'_> {
    /// OpenQASM 2: every element of the operation gets the condition for itself, as in Qiskit.
    pub(super) fn conditioned(&mut self, conditioned: &Conditioned<'_>, span: Span) -> Lowered<()> {
        let register = self.bits(&conditioned.register)?;
        if register.scalar {
            return Err(
                Issue::new("a condition compares a whole register with a number")
                    .hint("write `if (c == 1)` with the name of a classical register")
                    .at(conditioned.register.span()),
            );
        }
        let constant = decimal_bits(conditioned.value, register.len()).ok_or_else(|| {
            fault(
                conditioned.value_span,
                "the number is too large to be compared with",
            )
        })?;
        let condition = BitExpr::Binary(
            ardea_circuit::BinaryOp::Equal,
            Box::new(BitExpr::Register(clbits(&register))),
            Box::new(BitExpr::Constant(constant)),
        );
        let body = self.body(|this| this.statement(&conditioned.body))?;
        for instruction in body.into_instructions() {
            let mut one = self.empty_body();
            one.push_valid(instruction);
            self.branch(condition.clone(), one, None, span)?;
        }
        Ok(())
    }

    pub(super) fn if_else(&mut self, branches: &If<'_>, span: Span) -> Lowered<()> {
        let mut arms: Vec<(BitExpr, Circuit)> = Vec::new();
        let mut otherwise = None;
        let mut decided = false;
        for (condition, body) in &branches.arms {
            match self.condition(condition)? {
                Decision::Known(false) => {}
                Decision::Known(true) if arms.is_empty() => return self.block(body),
                Decision::Known(true) => {
                    otherwise = Some(self.branch_body(body, arms.len(), span)?);
                    decided = true;
                    break;
                }
                Decision::Open(condition) => {
                    let body = self.branch_body(body, arms.len(), span)?;
                    arms.push((condition, body));
                }
            }
        }
        if !decided && let Some(body) = &branches.otherwise {
            if arms.is_empty() {
                return self.block(body);
            }
            otherwise = Some(self.branch_body(body, arms.len(), span)?);
        }
        // `else if` is an `if` in the else body: built from the last to the first.
        while let Some((condition, body)) = arms.pop() {
            if arms.is_empty() {
                return self.branch(condition, body, otherwise, span);
            }
            let outer = std::mem::replace(&mut self.circuit, body.same_shape());
            let outcome = self.branch(condition, body, otherwise.take(), span);
            otherwise = Some(std::mem::replace(&mut self.circuit, outer));
            outcome?;
        }
        Ok(())
    }

    /// The body of arm number `place`, which lies so many `else` deep.
    fn branch_body(&mut self, body: &[Stmt<'_>], place: usize, span: Span) -> Lowered<Circuit> {
        self.level += place;
        let outcome = if self.level >= Limits::MAX_NESTING {
            Err(Issue::over(Limit::Nesting, Limits::MAX_NESTING as u64).at(span))
        } else {
            self.body(|this| this.block(body))
        };
        self.level -= place;
        outcome
    }

    fn branch(
        &mut self,
        condition: BitExpr,
        then_body: Circuit,
        else_body: Option<Circuit>,
        span: Span,
    ) -> Lowered<()> {
        let qubits = used_qubits([Some(&then_body), else_body.as_ref()].into_iter().flatten());
        let then_body = local(&then_body, &qubits, span)?;
        let else_body = else_body
            .map(|body| local(&body, &qubits, span))
            .transpose()?;
        self.emit(
            Operation::IfElse(Box::new(IfElse {
                condition,
                then_body,
                else_body,
            })),
            &qubits,
            1,
            span,
        )
    }

    pub(super) fn while_loop(
        &mut self,
        condition: &Expr<'_>,
        body: &[Stmt<'_>],
        span: Span,
    ) -> Lowered<()> {
        self.refuse_in_gate(span)?;
        let uses = self.remembered_uses.borrow().len();
        let condition = match self.condition(condition)? {
            Decision::Known(false) => return Ok(()),
            Decision::Known(true) => BitExpr::Constant(vec![true]),
            Decision::Open(condition) => condition,
        };
        let body = self.loop_body(uses, |this| this.block(body))?;
        let qubits = used_qubits([&body].into_iter());
        let body = local(&body, &qubits, span)?;
        self.emit(
            Operation::While(Box::new(WhileLoop { condition, body })),
            &qubits,
            1,
            span,
        )
    }

    pub(super) fn for_loop(&mut self, for_loop: &ast::For<'_>, span: Span) -> Lowered<()> {
        if !matches!(for_loop.ty.kind, TypeKind::Int | TypeKind::Uint) {
            return Err(unsupported(
                for_loop.ty.span,
                &format!("a loop over values of type `{}`", for_loop.ty.kind.name()),
            ));
        }
        let width = self.type_width(&for_loop.ty)?;
        let values = self.loop_values(&for_loop.set)?;
        if let Some(value) = ends(&values)
            .into_iter()
            .find(|&v| !super::value::fits(v.into(), for_loop.ty.kind, width.unwrap_or(64)))
        {
            return Err(fault(
                for_loop.set.span,
                format!("{value} does not fit the type of the loop variable"),
            ));
        }
        let name = for_loop.name.name;
        if self.scopes.in_gate()
            || for_loop
                .body
                .iter()
                .any(|s| statement_needs_number(s, name))
        {
            return self.written_out(for_loop, width, &values, span);
        }
        let symbol = self.fresh_symbol(name);
        let uses = self.remembered_uses.borrow().len();
        let outcome = self.loop_body(uses, |this| {
            this.scopes.open();
            this.scopes
                .declare(name, Entity::Symbolic(Symbol::new(&symbol).into()));
            let outcome = this.block(&for_loop.body);
            this.scopes.close();
            outcome
        });
        self.symbols.remove(&symbol);
        let body = outcome?;
        let symbol = Symbol::new(&symbol);
        let variable = body.symbols().contains(&symbol).then_some(symbol);
        let qubits = used_qubits([&body].into_iter());
        let body = local(&body, &qubits, span)?;
        self.emit(
            Operation::For(Box::new(ForLoop {
                variable,
                values,
                body,
            })),
            &qubits,
            1,
            span,
        )
    }

    fn written_out(
        &mut self,
        for_loop: &ast::For<'_>,
        width: Option<u32>,
        values: &ForValues,
        span: Span,
    ) -> Lowered<()> {
        self.loops.push(Loop::Unrolled);
        let mut outcome = Ok(());
        for value in values.iter() {
            outcome = self.step(span).and_then(|()| {
                self.scopes.open();
                let value = Some(Value::Int(value.into()));
                let variable = Variable {
                    ty: for_loop.ty.kind,
                    width,
                    constant: true,
                    value,
                    level: self.level,
                };
                self.scopes
                    .declare(for_loop.name.name, Entity::Variable(variable));
                let outcome = self.block(&for_loop.body);
                self.scopes.close();
                outcome
            });
            if outcome.is_err() {
                break;
            }
        }
        self.loops.pop();
        outcome
    }

    fn loop_values(&self, set: &Expr<'_>) -> Lowered<ForValues> {
        let number = |expr: &Expr<'_>| {
            let value = self.integer(expr)?;
            i64::try_from(value).map_err(|_| fault(expr.span, "the number is too large for a loop"))
        };
        match &set.kind {
            ExprKind::Range(range) => {
                let (Some(start), Some(stop)) = (&range.start, &range.stop) else {
                    return Err(fault(
                        set.span,
                        "the range of a loop needs a start and an end",
                    ));
                };
                let step = range.step.as_ref().map_or(Ok(1), number)?;
                if step == 0 {
                    return Err(fault(set.span, "the step of a range must not be zero"));
                }
                Ok(ForValues::Range {
                    start: number(start)?,
                    stop: number(stop)?,
                    step,
                })
            }
            ExprKind::Set(members) => members
                .iter()
                .map(number)
                .collect::<Lowered<_>>()
                .map(ForValues::List),
            _ => Err(Issue::new("this loop is not over a range or a list")
                .hint("write `for int i in [0:3]` or `in {1, 5}`")
                .at(set.span)),
        }
    }

    pub(super) fn switch(&mut self, switch: &ast::Switch<'_>, span: Span) -> Lowered<()> {
        let subject = self.value(&switch.subject)?;
        let mut labels = FxHashSet::default();
        let mut cases: Vec<(Option<Vec<u64>>, &[Stmt<'_>])> = Vec::new();
        for (values, body) in &switch.cases {
            let values = match values {
                None => None,
                Some(values) => {
                    let numbers: Vec<u64> = values
                        .iter()
                        .map(|v| self.case_label(v))
                        .collect::<Lowered<_>>()?;
                    if let Some(repeated) = numbers.iter().find(|&&n| !labels.insert(n)) {
                        return Err(fault(
                            switch.subject.span,
                            format!("the case {repeated} is listed twice"),
                        ));
                    }
                    Some(numbers)
                }
            };
            cases.push((values, body));
        }
        let subject = match subject {
            Value::Runtime(runtime) => runtime.expr,
            Value::Int(value) => {
                let chosen = cases.iter().find(|(values, _)| {
                    values
                        .as_ref()
                        .is_none_or(|values| values.iter().any(|&label| i128::from(label) == value))
                });
                return chosen.map_or(Ok(()), |(_, body)| self.block(body));
            }
            other => {
                return Err(fault(
                    switch.subject.span,
                    format!("`switch` needs an integer, not {}", other.describe()),
                ));
            }
        };
        let mut bodies = Vec::new();
        for (_, body) in &cases {
            bodies.push(self.body(|this| this.block(body))?);
        }
        let qubits = used_qubits(bodies.iter());
        let mut switch_cases = Vec::new();
        for ((values, _), body) in cases.into_iter().zip(&bodies) {
            switch_cases.push(SwitchCase {
                values: values.unwrap_or_default(),
                body: local(body, &qubits, span)?,
            });
        }
        if switch_cases.is_empty() {
            return Ok(());
        }
        self.emit(
            Operation::Switch(Box::new(Switch {
                subject,
                cases: switch_cases,
            })),
            &qubits,
            1,
            span,
        )
    }

    fn case_label(&self, expr: &Expr<'_>) -> Lowered<u64> {
        let value = match self.value(expr)? {
            Value::Bits(bits) if bits.len() <= 64 => bits
                .iter()
                .enumerate()
                .map(|(i, &b)| i128::from(b) << i)
                .sum(),
            Value::Int(value) => value,
            other => {
                return Err(fault(
                    expr.span,
                    format!("a case needs a constant integer, not {}", other.describe()),
                ));
            }
        };
        u64::try_from(value).map_err(|_| {
            fault(
                expr.span,
                "a case must not be negative: registers are unsigned",
            )
        })
    }

    pub(super) fn leave_loop(&mut self, operation: Operation, span: Span) -> Lowered<()> {
        match self.loops.last() {
            None => Err(fault(span, "there is no loop here to leave or continue")),
            Some(Loop::Unrolled) => Err(Issue::new(
                "a loop whose variable is used as a number cannot be left early",
            )
            .hint("such a loop is written out; use its variable in angles only")
            .at(span)),
            Some(Loop::Kept) => self.emit(operation, &[], 1, span),
        }
    }

    /// A body of a loop of the circuit. A value remembered before the loop from bits that the loop
    /// measures again would be out of date in the next round.
    fn loop_body(
        &mut self,
        uses: usize,
        lower: impl FnOnce(&mut Self) -> Lowered<()>,
    ) -> Lowered<Circuit> {
        self.loops.push(Loop::Kept);
        let outcome = self.body(lower);
        self.loops.pop();
        let level = self.level;
        let writes = &self.clbit_writes;
        let uses = self.remembered_uses.get_mut().split_off(uses);
        let stale = uses
            .iter()
            .find(|u| u.level <= level && writes.get(&u.bit).copied().unwrap_or(0) != u.count);
        if let Some(stale) = stale {
            return Err(Issue::new(
                "a value computed before the loop reads bits that the loop measures again",
            )
            .hint("a circuit has no classical memory besides its bits: use the bits themselves")
            .at(stale.span));
        }
        self.remembered_uses.get_mut().extend(uses);
        outcome
    }

    /// What `lower` emits, in a body as wide as the circuit.
    fn body(&mut self, lower: impl FnOnce(&mut Self) -> Lowered<()>) -> Lowered<Circuit> {
        if self.scopes.in_gate() {
            return Err(fault(
                Span::default(),
                "a gate cannot depend on measured bits",
            ));
        }
        let body = self.empty_body();
        let outer = std::mem::replace(&mut self.circuit, body);
        self.level += 1;
        let outcome = lower(self);
        self.level -= 1;
        let body = std::mem::replace(&mut self.circuit, outer);
        outcome.map(|()| body)
    }

    fn empty_body(&self) -> Circuit {
        Circuit::new(self.circuit.num_qubits(), self.circuit.num_clbits())
    }

    fn refuse_in_gate(&self, span: Span) -> Lowered<()> {
        if self.scopes.in_gate() {
            Err(unsupported(span, "`while` in a gate"))
        } else {
            Ok(())
        }
    }

    fn fresh_symbol(&mut self, name: &str) -> String {
        let mut symbol = name.to_owned();
        let mut number = 0;
        while !self.symbols.insert(symbol.clone()) {
            number += 1;
            symbol = format!("{name}_{number}");
        }
        symbol
    }

    fn step(&mut self, span: Span) -> Lowered<()> {
        self.steps += 1;
        let limit = self.options.limits.instructions;
        if self.steps > limit {
            Err(Issue::over(Limit::Instructions, limit).at(span))
        } else {
            Ok(())
        }
    }
}

/// The qubits on which anything happens, sorted.
fn used_qubits<'a>(bodies: impl Iterator<Item = &'a Circuit>) -> Vec<Qubit> {
    let mut qubits: Vec<Qubit> = bodies
        .flat_map(|body| {
            body.instructions()
                .iter()
                .flat_map(|i| i.qubits.iter().copied())
        })
        .collect();
    qubits.sort_unstable();
    qubits.dedup();
    qubits
}

/// The body with its qubits numbered by their place in `qubits`.
fn local(body: &Circuit, qubits: &[Qubit], span: Span) -> Lowered<Circuit> {
    let place = |q: Qubit| Qubit::new(qubits.binary_search(&q).unwrap_or(0));
    body.remapped(qubits.len(), place)
        .map_err(|error| circuit_fault(span, error))
}

fn ends(values: &ForValues) -> Vec<i64> {
    match values {
        ForValues::Range { start, stop, .. } if values.count() > 0 => vec![*start, *stop],
        ForValues::Range { .. } => vec![],
        ForValues::List(list) => list.clone(),
    }
}

/// A decimal number as bits, least significant first; `None` when it is out of reach. Numbers that a
/// register of `width` bits cannot hold keep a bit beyond it, so that they compare unequal.
fn decimal_bits(digits: &str, width: usize) -> Option<Vec<bool>> {
    const MOST_DIGITS: usize = 2000;
    let digits = digits.trim_start_matches('0');
    if digits.len() > width / 3 + 2 {
        // More than 2^width: any number with only the bit beyond the register set will do.
        return Some((0..=width).map(|i| i == width).collect());
    }
    if digits.len() > MOST_DIGITS {
        return None;
    }
    let mut decimal: Vec<u8> = digits.bytes().map(|b| b - b'0').collect();
    let mut bits = Vec::new();
    while !decimal.is_empty() {
        let mut carry = 0;
        for digit in &mut decimal {
            let value = carry * 10 + *digit;
            *digit = value / 2;
            carry = value % 2;
        }
        bits.push(carry == 1);
        let zeros = decimal.iter().take_while(|&&d| d == 0).count();
        decimal.drain(..zeros);
    }
    if bits.is_empty() {
        bits.push(false);
    }
    Some(bits)
}

/// Whether a loop over `name` must be written out for this statement: the variable is used elsewhere
/// than in angles, or in an angle with integer arithmetic.
fn statement_needs_number(statement: &Stmt<'_>, name: &str) -> bool {
    let all = |body: &[Stmt<'_>]| body.iter().any(|s| statement_needs_number(s, name));
    let operand =
        |operand: &Operand<'_>| matches!(operand, Operand::Other(expr) if mentions(expr, name));
    let expr = |e: &Expr<'_>| mentions(e, name);
    match &statement.kind {
        StmtKind::Call(call) => {
            let modifier = |m: &Modifier<'_>| match m {
                Modifier::Inv => false,
                Modifier::Pow(e) => expr(e),
                Modifier::Ctrl(e, _) | Modifier::Negctrl(e, _) => e.as_ref().is_some_and(expr),
            };
            let integer_angle = |e: &Expr<'_>| expr(e) && has_integer_arithmetic(e);
            call.operands.iter().any(operand)
                || call.modifiers.iter().any(modifier)
                || call
                    .params
                    .as_deref()
                    .unwrap_or(&[])
                    .iter()
                    .any(integer_angle)
        }
        StmtKind::Measure(a, b) => operand(a) || b.as_ref().is_some_and(operand),
        StmtKind::Reset(a) => operand(a),
        StmtKind::Barrier(operands) => operands.iter().any(operand),
        StmtKind::Delay(duration, operands) => expr(duration) || operands.iter().any(operand),
        StmtKind::If(branches) => {
            branches
                .arms
                .iter()
                .any(|(condition, body)| expr(condition) || all(body))
                || branches.otherwise.as_deref().is_some_and(all)
        }
        StmtKind::For(inner) => expr(&inner.set) || all(&inner.body),
        StmtKind::While(condition, body) => expr(condition) || all(body),
        StmtKind::Switch(switch) => {
            expr(&switch.subject) || switch.cases.iter().any(|(_, body)| all(body))
        }
        StmtKind::Block(body) | StmtKind::Box(None, body) => all(body),
        StmtKind::Box(Some(duration), body) => expr(duration) || all(body),
        StmtKind::Classical(declaration) => declaration.init.as_ref().is_some_and(expr),
        StmtKind::Alias(_, value) | StmtKind::Expression(value) => expr(value),
        StmtKind::Assign(target, _, value) => operand(target) || expr(value),
        _ => false,
    }
}

fn mentions(expr: &Expr<'_>, name: &str) -> bool {
    any(expr, &|e| matches!(e.kind, ExprKind::Name(n) if n == name))
}

fn has_integer_arithmetic(expr: &Expr<'_>) -> bool {
    any(expr, &|e| match &e.kind {
        ExprKind::Chain(_, rest) => rest
            .iter()
            .any(|(op, _)| !matches!(op, BinOp::Add | BinOp::Subtract | BinOp::Multiply)),
        ExprKind::Power(..) | ExprKind::Cast(..) | ExprKind::Index(..) => true,
        ExprKind::Call(name, _) => matches!(name.name, "mod" | "floor" | "ceiling" | "pow"),
        _ => false,
    })
}

pub(super) fn any(expr: &Expr<'_>, test: &impl Fn(&Expr<'_>) -> bool) -> bool {
    if test(expr) {
        return true;
    }
    match &expr.kind {
        ExprKind::Unary(_, inner)
        | ExprKind::Paren(inner)
        | ExprKind::Cast(_, inner)
        | ExprKind::Measure(inner) => any(inner, test),
        ExprKind::Chain(first, rest) => any(first, test) || rest.iter().any(|(_, e)| any(e, test)),
        ExprKind::Power(a, b) => any(a, test) || any(b, test),
        ExprKind::Call(_, items) | ExprKind::Set(items) => items.iter().any(|e| any(e, test)),
        ExprKind::Index(base, items) => any(base, test) || items.iter().any(|e| any(e, test)),
        ExprKind::Range(range) => [&range.start, &range.step, &range.stop]
            .into_iter()
            .flatten()
            .any(|e| any(e, test)),
        _ => false,
    }
}
