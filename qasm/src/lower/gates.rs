//! Gate calls with broadcasting, and gate definitions.

use std::sync::Arc;

use ardea_circuit::{Angle, Circuit, Gate, GateDefinition, Operation, Qubit, Symbol, TimeUnit};
use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use super::library::{QELIB1, QELIB1_ADDED, STDGATES, header_gate, legacy_gate};
use super::operands::{closest, qubit};
use super::scope::{Entity, GateEntity, GateTarget, Wires};
use super::{Lowered, Lowering, circuit_fault, silent, unsupported};
use crate::ast::{GateCall, GateDef, Ident, Span};
use crate::diagnostics::{Fault, Issue, fault};
use crate::options::{Limit, Limits, OpenQasm2};
use crate::parse::{Dialect, shorten};

/// Definitions that expand to more than this are not compared with the standard gate of their name.
const MAX_RECOGNISED_COST: u64 = 500;

pub(super) type OperandWires = SmallVec<[Wires; 3]>;

impl Lowering<'_> {
    /// Makes the gates of a standard header known.
    pub(super) fn declare_header(&mut self, names: &[&str], span: Span) -> Lowered<()> {
        for name in names {
            match self.scopes.local(name) {
                // Including a header twice does no harm in OpenQASM 2, and programs do it.
                Some(Entity::Gate(gate))
                    if self.is_legacy()
                        && matches!(gate.target, GateTarget::Standard(known) if Gate::from_name(name) == Some(known)) =>
                    {}
                Some(entity) => {
                    let what = format!(
                        "the included file defines the gate `{name}`, but `{name}` is {} already",
                        entity.describe()
                    );
                    return Err(fault(span, what));
                }
                None => {
                    if let Some(gate) = header_gate(name) {
                        self.scopes.declare_global(name, Entity::Gate(gate));
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn call(&mut self, call: &GateCall<'_>, span: Span) -> Lowered<()> {
        if let Some(duration) = &call.duration {
            return Err(unsupported(duration.span, "a gate with a duration"));
        }
        if call.name.name == "gphase" && self.dialect == Dialect::Three {
            return self.call_phase(call, span);
        }
        let gate = self.gate(call.name)?;
        let angles = self.angles(call, &gate)?;
        let operands: OperandWires = call
            .operands
            .iter()
            .map(|o| self.qubits(o))
            .collect::<Lowered<_>>()?;
        let expected = self.num_qubits_of(&gate, &operands, call)?;
        if operands.len() != expected {
            let name = shorten(call.name.name);
            return Err(fault(
                span,
                format!(
                    "`{name}` acts on {}, {} given",
                    count(expected, "qubit"),
                    operands.len()
                ),
            ));
        }
        let (operation, cost) = self.operation(&gate, &angles, call, span)?;
        self.note_depth(&gate, span)?;
        self.broadcast(operation, &operands, cost, span)
    }

    /// `gphase`: without controls it belongs to the whole circuit or gate.
    fn call_phase(&mut self, call: &GateCall<'_>, span: Span) -> Lowered<()> {
        let gate = GateEntity {
            num_qubits: 0,
            ..GateEntity::standard(Gate::GlobalPhase)
        };
        let angles = self.angles(call, &gate)?;
        let operands: OperandWires = call
            .operands
            .iter()
            .map(|o| self.qubits(o))
            .collect::<Lowered<_>>()?;
        let expected = self.num_qubits_of(&gate, &operands, call)?;
        if operands.len() != expected {
            return Err(fault(
                span,
                format!(
                    "`gphase` with these modifiers acts on {}, {} given",
                    count(expected, "qubit"),
                    operands.len()
                ),
            ));
        }
        let (operation, cost) = self.operation(&gate, &angles, call, span)?;
        if operands.is_empty() {
            self.emit(operation, &[], cost, span)
        } else {
            self.broadcast(operation, &operands, cost, span)
        }
    }

    fn angles(&self, call: &GateCall<'_>, gate: &GateEntity) -> Lowered<SmallVec<[Angle; 4]>> {
        let params = call.params.as_deref().unwrap_or(&[]);
        if params.len() != gate.num_params {
            let name = shorten(call.name.name);
            let what = format!(
                "`{name}` takes {}, {} given",
                count(gate.num_params, "parameter"),
                params.len()
            );
            return Err(fault(call.name.span, what));
        }
        params.iter().map(|param| self.angle(param)).collect()
    }

    /// The operation called, with its modifiers and the number of gates it expands to.
    fn operation(
        &mut self,
        gate: &GateEntity,
        angles: &[Angle],
        call: &GateCall<'_>,
        span: Span,
    ) -> Lowered<(Operation, u64)> {
        let base =
            match &gate.target {
                GateTarget::Standard(Gate::I) => Ok(Operation::Gate(Gate::I)),
                GateTarget::Standard(standard) => match angles {
                    [] => Ok(Operation::Gate(*standard)),
                    [Angle::Value(value)] => Operation::with_values(*standard, &[*value]),
                    _ => Operation::gate(*standard, angles),
                },
                GateTarget::Defined(definition) => Operation::call(definition, angles.to_vec()),
                GateTarget::Delay => match angles {
                    [Angle::Value(cycles)] if *cycles >= 0.0 => {
                        Ok(Operation::Delay(TimeUnit::Dt, *cycles))
                    }
                    _ => {
                        return Err(fault(
                            span,
                            "a delay needs a number of clock cycles, zero or more",
                        ));
                    }
                },
                GateTarget::MultiControlledX => Operation::Gate(Gate::X)
                    .controlled(&vec![true; call.operands.len().saturating_sub(1)]),
            };
        let base = base.map_err(|error| circuit_fault(span, error))?;
        if call.modifiers.is_empty() {
            Ok((base, gate.cost))
        } else {
            self.modified(base, gate.cost, call, span)
        }
    }

    /// Appends the operation once for each element of its registers.
    pub(super) fn broadcast(
        &mut self,
        operation: Operation,
        operands: &[Wires],
        cost: u64,
        span: Span,
    ) -> Lowered<()> {
        if operands.iter().all(|wires| wires.scalar) {
            let qubits: SmallVec<[Qubit; 4]> =
                operands.iter().map(|wires| qubit(wires, 0)).collect();
            return self.emit(operation, &qubits, cost, span);
        }
        let mut lengths = operands.iter().filter(|w| !w.scalar).map(Wires::len);
        let length = lengths.next().unwrap_or(1);
        if let Some(other) = lengths.find(|&other| other != length) {
            return Err(Issue::new(format!(
                "registers of sizes {length} and {other} are used together"
            ))
            .hint("a gate on registers is applied element by element: they must have one size")
            .at(span));
        }
        self.circuit.reserve(length.min(1 << 16));
        for element in 0..length {
            let at = |wires: &Wires| qubit(wires, if wires.scalar { 0 } else { element });
            let qubits: SmallVec<[Qubit; 4]> = operands.iter().map(at).collect();
            self.emit(operation.clone(), &qubits, cost, span)?;
        }
        Ok(())
    }

    fn gate(&mut self, name: Ident<'_>) -> Lowered<GateEntity> {
        match self.scopes.get(name.name) {
            Some(Entity::Gate(gate)) => return Ok(gate.clone()),
            Some(Entity::Poison) => return Err(silent(name.span)),
            Some(entity) => {
                // A gate's parameters do not hide gates of the same name.
                if let (Entity::Symbolic(_), Some(Entity::Gate(gate))) =
                    (entity, self.scopes.global(name.name))
                {
                    return Ok(gate.clone());
                }
                return Err(fault(
                    name.span,
                    format!(
                        "`{}` is {}, not a gate",
                        shorten(name.name),
                        entity.describe()
                    ),
                ));
            }
            None => {}
        }
        let known = match self.dialect {
            Dialect::Two(OpenQasm2::Legacy) => legacy_gate(name.name, self.header_included),
            // Beyond the header, as compilers write them for devices.
            Dialect::Three if self.header_included => legacy_gate(name.name, true),
            _ => None,
        };
        if let Some(gate) = known {
            // Remembered for speed; a definition of the program may still replace it.
            self.scopes
                .declare_global(name.name, Entity::Gate(gate.clone()));
            return Ok(gate);
        }
        Err(self.unknown_gate(name))
    }

    fn unknown_gate(&self, name: Ident<'_>) -> Fault {
        let issue = Issue::new(format!("the gate `{}` is not defined", shorten(name.name)));
        let header = if self.dialect == Dialect::Three {
            "stdgates.inc"
        } else {
            "qelib1.inc"
        };
        let in_header = match self.dialect {
            Dialect::Three => STDGATES.contains(&name.name),
            Dialect::Two(_) => QELIB1.contains(&name.name) || QELIB1_ADDED.contains(&name.name),
        };
        if in_header && !self.header_included {
            return issue
                .hint(format!("add `include \"{header}\";`"))
                .at(name.span);
        }
        if Gate::from_name(name.name).is_some() {
            return issue
                .hint(format!(
                    "it is not in `{header}`: define it with `gate {} ...`",
                    name.name
                ))
                .at(name.span);
        }
        let hint = match self.similar_gate(name.name) {
            Some(similar) if self.header_included || self.scopes.get(similar).is_some() => {
                format!("did you mean `{similar}`?")
            }
            Some(similar) => format!("did you mean `{similar}`? add `include \"{header}\";`"),
            None => "define it with `gate` before it is used".to_owned(),
        };
        issue.hint(hint).at(name.span)
    }

    /// A gate of the program or of a standard header that `name` may be meant for.
    fn similar_gate(&self, name: &str) -> Option<&str> {
        const MOST_NAMES: usize = 2000;
        let is_gate = |entity: &Entity| matches!(entity, Entity::Gate(_));
        let names = self.scopes.names().take(MOST_NAMES);
        let own = names.filter_map(|(known, entity)| is_gate(entity).then_some(known));
        let header: &[&[&str]] = match self.dialect {
            Dialect::Three => &[&STDGATES],
            Dialect::Two(OpenQasm2::Strict) => &[&QELIB1],
            Dialect::Two(OpenQasm2::Legacy) => &[&QELIB1, &QELIB1_ADDED],
        };
        closest(name, own.chain(header.iter().copied().flatten().copied()))
    }

    /// While a gate is being defined: how deep its definition nests.
    fn note_depth(&mut self, gate: &GateEntity, span: Span) -> Lowered<()> {
        if gate.depth == 0 || !self.scopes.in_gate() {
            return Ok(());
        }
        let allowed = self
            .options
            .limits
            .definition_depth
            .min(Limits::MAX_NESTING);
        if gate.depth >= allowed {
            return Err(Issue::over(Limit::DefinitionDepth, allowed as u64).at(span));
        }
        self.body_depth = self.body_depth.max(gate.depth);
        Ok(())
    }

    /// `gate name(params) qubits { body }`
    pub(super) fn define_gate(&mut self, def: &GateDef<'_>, span: Span) -> Lowered<()> {
        if !self.scopes.is_global() {
            return Err(fault(span, "gates can only be defined at the top level"));
        }
        self.check_new_gate(def.name)?;
        let outcome = check_distinct(def).and_then(|()| self.gate_body(def));
        let entity = match outcome {
            Ok(gate) => Entity::Gate(gate),
            Err(error) => {
                self.scopes.declare(def.name.name, Entity::Poison);
                return Err(error);
            }
        };
        self.scopes.declare(def.name.name, entity);
        Ok(())
    }

    pub(super) fn check_new_gate(&self, name: Ident<'_>) -> Lowered<()> {
        match self.scopes.local(name.name) {
            None => Ok(()),
            Some(Entity::Gate(gate)) if gate.replaceable => Ok(()),
            Some(entity) => Err(already_defined(name, entity)),
        }
    }

    fn gate_body(&mut self, def: &GateDef<'_>) -> Lowered<GateEntity> {
        let params: Vec<Symbol> = def.params.iter().map(|p| Symbol::new(p.name)).collect();
        let body = Circuit::new(def.qubits.len(), 0);
        let outer = std::mem::replace(&mut self.circuit, body);
        let outer_work = std::mem::replace(&mut self.work, 0);
        let outer_loops = std::mem::take(&mut self.loops);
        self.body_depth = 0;
        self.scopes.open_gate();
        for (param, symbol) in def.params.iter().zip(&params) {
            self.scopes
                .declare(param.name, Entity::Symbolic(symbol.clone().into()));
        }
        for (place, name) in def.qubits.iter().enumerate() {
            self.scopes
                .declare(name.name, Entity::Qubits(Wires::one(place)));
        }
        let outcome = def
            .body
            .iter()
            .try_for_each(|statement| self.statement(statement));
        self.scopes.close();
        self.loops = outer_loops;
        let cost = std::mem::replace(&mut self.work, outer_work).max(1);
        let body = std::mem::replace(&mut self.circuit, outer);
        outcome?;
        let (name, num_params, num_qubits) =
            (def.name.name.to_owned(), params.len(), def.qubits.len());
        let definition = Arc::new(GateDefinition {
            name,
            num_qubits,
            params,
            body: Some(body),
        });
        let depth = self.body_depth + 1;
        let gate = GateEntity {
            target: GateTarget::Defined(definition),
            num_params,
            num_qubits,
            cost,
            depth,
            replaceable: false,
        };
        Ok(recognised(gate))
    }

    /// `opaque name(params) qubits;`
    pub(super) fn declare_opaque(
        &mut self,
        name: Ident<'_>,
        params: &[Ident<'_>],
        qubits: &[Ident<'_>],
    ) -> Lowered<()> {
        self.check_new_gate(name)?;
        check_distinct(&GateDef {
            name,
            params: params.to_vec(),
            qubits: qubits.to_vec(),
            body: Vec::new(),
        })?;
        if self.is_legacy() && name.name == "delay" && params.len() == 1 && qubits.len() == 1 {
            // How Qiskit writes delays in clock cycles.
            let gate = GateEntity {
                target: GateTarget::Delay,
                num_params: 1,
                num_qubits: 1,
                cost: 1,
                depth: 0,
                replaceable: false,
            };
            self.scopes.declare(name.name, Entity::Gate(gate));
            return Ok(());
        }
        let params: Vec<Symbol> = params.iter().map(|p| Symbol::new(p.name)).collect();
        let (num_params, num_qubits) = (params.len(), qubits.len());
        let definition = Arc::new(GateDefinition {
            name: name.name.to_owned(),
            num_qubits,
            params,
            body: None,
        });
        let gate = GateEntity {
            target: GateTarget::Defined(definition),
            num_params,
            num_qubits,
            cost: 1,
            depth: 1,
            replaceable: false,
        };
        self.scopes.declare(name.name, Entity::Gate(gate));
        Ok(())
    }
}

/// A definition that is exactly the standard gate of its name, phase included, is taken as that gate:
/// programs carry definitions of gates that their header lacks.
fn recognised(gate: GateEntity) -> GateEntity {
    let GateTarget::Defined(definition) = &gate.target else {
        return gate;
    };
    match Gate::from_name(&definition.name) {
        Some(standard)
            if gate.cost <= MAX_RECOGNISED_COST && equals_standard(definition, standard) =>
        {
            GateEntity::standard(standard)
        }
        _ => gate,
    }
}

fn equals_standard(definition: &Arc<GateDefinition>, standard: Gate) -> bool {
    const TOLERANCE: f64 = 1e-12;
    if standard.num_qubits() != definition.num_qubits
        || standard.num_angles() != definition.params.len()
    {
        return false;
    }
    // Gates are analytic in their angles: two generic points decide.
    [
        [0.7318, -1.2467, 2.1943, 0.3571],
        [-2.6031, 0.9127, -0.4483, 1.7719],
    ]
    .iter()
    .all(|point| {
        let values = &point[..standard.num_angles()];
        let angles = values.iter().map(|&v| Angle::Value(v)).collect();
        let matrix = Operation::call(definition, angles).and_then(|call| call.matrix());
        matrix.is_ok_and(|found| {
            (found - standard.matrix(values))
                .iter()
                .all(|entry| entry.norm() < TOLERANCE)
        })
    })
}

fn check_distinct(def: &GateDef<'_>) -> Lowered<()> {
    let mut seen = FxHashSet::default();
    for name in def.params.iter().chain(&def.qubits) {
        if !seen.insert(name.name) {
            let what = format!(
                "`{}` is used twice among the parameters and qubits of `{}`",
                shorten(name.name),
                shorten(def.name.name)
            );
            return Err(fault(name.span, what));
        }
    }
    Ok(())
}

pub(super) fn already_defined(name: Ident<'_>, entity: &Entity) -> Fault {
    if matches!(entity, Entity::Poison) {
        return silent(name.span);
    }
    Issue::new(format!(
        "`{}` is already defined as {}",
        shorten(name.name),
        entity.describe()
    ))
    .hint("choose another name")
    .at(name.span)
}

/// `1 qubit`, `2 qubits`.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
