//! What names mean, scope by scope.

use std::sync::Arc;

use ardea_circuit::{Angle, Gate, GateDefinition};
use rustc_hash::FxHashMap;

use super::value::Value;
use crate::ast::TypeKind;

/// One or more qubits, or one or more classical bits, by position in the circuit.
#[derive(Clone, Debug)]
pub(super) struct Wires {
    list: WireList,
    /// Whether it is a single bit rather than a register that may have length one.
    pub(super) scalar: bool,
}

#[derive(Clone, Debug)]
enum WireList {
    Range { start: u32, len: u32 },
    Listed(Arc<[u32]>),
}

impl Wires {
    pub(super) fn range(start: usize, len: usize, scalar: bool) -> Self {
        Self {
            list: WireList::Range {
                start: start as u32,
                len: len as u32,
            },
            scalar,
        }
    }

    pub(super) fn one(position: usize) -> Self {
        Self::range(position, 1, true)
    }

    pub(super) fn listed(positions: Vec<u32>) -> Self {
        Self {
            list: WireList::Listed(positions.into()),
            scalar: false,
        }
    }

    pub(super) fn len(&self) -> usize {
        match &self.list {
            WireList::Range { len, .. } => *len as usize,
            WireList::Listed(list) => list.len(),
        }
    }

    /// The position of element `index`, which must be less than the length.
    pub(super) fn get(&self, index: usize) -> usize {
        match &self.list {
            WireList::Range { start, .. } => *start as usize + index,
            WireList::Listed(list) => list[index] as usize,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..self.len()).map(|i| self.get(i))
    }
}

/// A gate that can be called.
#[derive(Clone, Debug)]
pub(super) struct GateEntity {
    pub(super) target: GateTarget,
    pub(super) num_params: usize,
    pub(super) num_qubits: usize,
    /// Standard gates it expands to.
    pub(super) cost: u64,
    /// How deep its definition nests.
    pub(super) depth: usize,
    /// Whether the program may define a gate of this name over it.
    pub(super) replaceable: bool,
}

#[derive(Clone, Debug)]
pub(super) enum GateTarget {
    Standard(Gate),
    Defined(Arc<GateDefinition>),
    /// X under as many controls as there are further qubits.
    MultiControlledX,
    /// Idle time in clock cycles.
    Delay,
}

impl GateEntity {
    pub(super) fn standard(gate: Gate) -> Self {
        Self {
            target: GateTarget::Standard(gate),
            num_params: gate.num_angles(),
            num_qubits: gate.num_qubits(),
            cost: 1,
            depth: 0,
            replaceable: false,
        }
    }
}

/// A classical variable whose value is known while reading.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    pub(super) ty: TypeKind,
    pub(super) width: Option<u32>,
    pub(super) constant: bool,
    pub(super) value: Option<Value>,
    /// How deep in run-time control flow it was declared.
    pub(super) level: usize,
}

#[derive(Clone, Debug)]
pub(super) enum Entity {
    Qubits(Wires),
    Bits(Wires),
    Gate(GateEntity),
    Variable(Variable),
    /// A gate parameter, a program input or a loop variable that stays symbolic.
    Symbolic(Angle),
    /// Its declaration was wrong and has been reported: uses are not.
    Poison,
}

impl Entity {
    pub(super) fn describe(&self) -> &'static str {
        match self {
            Self::Qubits(wires) if wires.scalar => "a qubit",
            Self::Qubits(_) => "a quantum register",
            Self::Bits(wires) if wires.scalar => "a bit",
            Self::Bits(_) => "a classical register",
            Self::Gate(_) => "a gate",
            Self::Variable(variable) if variable.constant => "a constant",
            Self::Variable(_) => "a variable",
            Self::Symbolic(_) => "a parameter",
            Self::Poison => "something wrong",
        }
    }
}

/// A stack of scopes; a gate's scope hides what is not constant outside it.
#[derive(Debug)]
pub(super) struct Scopes {
    maps: Vec<FxHashMap<String, Entity>>,
    /// Position of the scope of the gate being defined.
    gate: Option<usize>,
}

impl Scopes {
    pub(super) fn new() -> Self {
        Self {
            maps: vec![FxHashMap::default()],
            gate: None,
        }
    }

    #[inline]
    pub(super) fn get(&self, name: &str) -> Option<&Entity> {
        if self.maps.len() == 1 {
            return self.maps[0].get(name);
        }
        let (place, entity) = self
            .maps
            .iter()
            .enumerate()
            .rev()
            .find_map(|(i, map)| map.get(name).map(|e| (i, e)))?;
        let visible = match (self.gate, entity) {
            (Some(gate), _) if place >= gate => true,
            (Some(_), Entity::Qubits(_) | Entity::Bits(_) | Entity::Symbolic(_)) => false,
            (Some(_), Entity::Variable(variable)) => variable.constant,
            _ => true,
        };
        visible.then_some(entity)
    }

    pub(super) fn get_mut(&mut self, name: &str) -> Option<&mut Entity> {
        self.maps.iter_mut().rev().find_map(|map| map.get_mut(name))
    }

    /// What the innermost scope says about `name`.
    pub(super) fn local(&self, name: &str) -> Option<&Entity> {
        self.maps.last().and_then(|map| map.get(name))
    }

    /// What the global scope says about `name`.
    pub(super) fn global(&self, name: &str) -> Option<&Entity> {
        self.maps[0].get(name)
    }

    pub(super) fn declare(&mut self, name: &str, entity: Entity) {
        self.maps
            .last_mut()
            .expect("there is always the global scope")
            .insert(name.to_owned(), entity);
    }

    pub(super) fn declare_global(&mut self, name: &str, entity: Entity) {
        self.maps[0].insert(name.to_owned(), entity);
    }

    pub(super) fn is_global(&self) -> bool {
        self.maps.len() == 1
    }

    pub(super) fn in_gate(&self) -> bool {
        self.gate.is_some()
    }

    pub(super) fn open(&mut self) {
        self.maps.push(FxHashMap::default());
    }

    pub(super) fn open_gate(&mut self) {
        self.gate = Some(self.maps.len());
        self.open();
    }

    pub(super) fn close(&mut self) {
        self.maps.pop();
        if self.gate == Some(self.maps.len()) {
            self.gate = None;
        }
    }

    /// Every visible name, for suggestions.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, &Entity)> {
        self.maps
            .iter()
            .flat_map(|map| map.iter().map(|(name, entity)| (name.as_str(), entity)))
    }
}
