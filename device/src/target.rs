//! [`Target`]: a device as the compiler sees it.
//!
//! The figures come from a [`Description`]; here they are made quick to ask for, and what follows
//! from them is derived once: which qubits and edges are live, neighbour lists, and, when first
//! asked for, hop distances.
//!
//! An edge is *dead* when any instruction that a compiler might emit on it is out of order, in
//! either direction, or when one of its qubits is dead. A qubit is dead when the device says so,
//! when one of its single-qubit basis gates is missing or out of order, or when its readout is no
//! better than a coin. Fractional gates do not count: where `rzz` is out of order, `cz` may be
//! fine; ask [`Target::supports`].

use std::sync::OnceLock;

use ardea_circuit::{Gate, Qubit};
use petgraph::graph::{NodeIndex, UnGraph};
use rustc_hash::FxHashMap;

use crate::description::{Description, GateTable, MAX_QUBITS, Places, Role, non_negative};
use crate::{
    BROKEN_ERROR, DistanceMatrix, InstructionProperties, QubitProperties, TargetError, Timing,
};

/// A quantum device: its gates, figures, clock and coupling.
#[derive(Clone, Debug)]
pub struct Target {
    description: Description,
    basis: Vec<Gate>,
    fractional: Vec<Gate>,
    /// Position in `description.gates` plus one of each gate, 0 for gates that are not there.
    slots: Vec<u8>,
    /// By table: the gate's matrix does not change when its two qubits are swapped.
    symmetric: Vec<bool>,
    live: Vec<bool>,
    live_edges: Vec<(Qubit, Qubit)>,
    dead_edges: Vec<(Qubit, Qubit)>,
    neighbours: Vec<Vec<Qubit>>,
    coupling: UnGraph<Qubit, ()>,
    zz: FxHashMap<(u32, u32), f64>,
    distances: OnceLock<DistanceMatrix>,
}

impl Target {
    /// The device's name, as its files give it.
    pub fn name(&self) -> &str {
        &self.description.name
    }

    /// Where the figures come from, in words.
    pub fn source(&self) -> &str {
        &self.description.source
    }

    /// When the device was calibrated, as its file says.
    pub fn calibrated(&self) -> Option<&str> {
        self.description.calibrated.as_deref()
    }

    /// Number of qubits, dead ones included.
    pub fn num_qubits(&self) -> usize {
        self.description.qubits.len()
    }

    /// All qubits, dead ones included.
    pub fn qubits(&self) -> impl ExactSizeIterator<Item = Qubit> + '_ {
        (0..self.num_qubits()).map(Qubit::new)
    }

    /// Where to draw each qubit: (column, row), where known.
    pub fn coordinates(&self) -> Option<&[(f64, f64)]> {
        self.description.coordinates.as_deref()
    }

    /// Calibration of one qubit.
    ///
    /// # Panics
    /// When the device has no such qubit.
    pub fn qubit(&self, qubit: Qubit) -> &QubitProperties {
        &self.description.qubits[qubit.index()]
    }

    /// True for a qubit that is fit for use. False for one that the device does not have.
    #[inline]
    pub fn is_live(&self, qubit: Qubit) -> bool {
        self.live.get(qubit.index()).copied().unwrap_or(false)
    }

    /// Qubits that are out of order, in order.
    pub fn dead_qubits(&self) -> impl Iterator<Item = Qubit> + '_ {
        self.qubits().filter(|&q| !self.is_live(q))
    }

    /// Live coupled pairs `(a, b)` with `a < b`, sorted.
    pub fn edges(&self) -> impl ExactSizeIterator<Item = (Qubit, Qubit)> + '_ {
        self.live_edges.iter().copied()
    }

    /// Coupled pairs `(a, b)` with `a < b` that are out of order, sorted.
    pub fn dead_edges(&self) -> impl ExactSizeIterator<Item = (Qubit, Qubit)> + '_ {
        self.dead_edges.iter().copied()
    }

    /// Qubits that share a live edge with `qubit`, sorted.
    #[inline]
    pub fn neighbours(&self, qubit: Qubit) -> &[Qubit] {
        self.neighbours
            .get(qubit.index())
            .map_or(&[], Vec::as_slice)
    }

    /// True when a live edge joins the two qubits, in whichever order.
    #[inline]
    pub fn are_coupled(&self, a: Qubit, b: Qubit) -> bool {
        self.neighbours(a).binary_search(&b).is_ok()
    }

    /// The graph of live edges; node indices are qubit indices, dead qubits have no edges.
    pub fn coupling(&self) -> &UnGraph<Qubit, ()> {
        &self.coupling
    }

    /// Hop distances over live edges, computed when first asked for.
    pub fn distances(&self) -> &DistanceMatrix {
        self.distances
            .get_or_init(|| DistanceMatrix::of(&self.neighbours))
    }

    /// Sets of live qubits that live edges hold together, the largest first (then by least qubit).
    pub fn components(&self) -> Vec<Vec<Qubit>> {
        let mut seen: Vec<bool> = self.live.iter().map(|&live| !live).collect();
        let mut components = Vec::new();
        for start in self.qubits() {
            if std::mem::replace(&mut seen[start.index()], true) {
                continue;
            }
            let mut component = vec![start];
            let mut next = 0;
            while next < component.len() {
                for &to in self.neighbours(component[next]) {
                    if !std::mem::replace(&mut seen[to.index()], true) {
                        component.push(to);
                    }
                }
                next += 1;
            }
            component.sort_unstable();
            components.push(component);
        }
        components.sort_by_key(|component| std::cmp::Reverse(component.len()));
        components
    }

    /// The gates that every compilation may use, in the device's order.
    pub fn basis(&self) -> &[Gate] {
        &self.basis
    }

    /// The gates of any angle that the device offers beside its basis (`rx`, `rzz`).
    pub fn fractional_gates(&self) -> &[Gate] {
        &self.fractional
    }

    /// True when the device offers fractional gates.
    pub fn has_fractional(&self) -> bool {
        !self.fractional.is_empty()
    }

    /// Instructions of the device that this program does not use, by name.
    pub fn unsupported(&self) -> &[String] {
        &self.description.unsupported
    }

    /// The first gate of two qubits in the basis.
    pub fn two_qubit_gate(&self) -> Option<Gate> {
        self.basis
            .iter()
            .copied()
            .find(|gate| gate.num_qubits() == 2)
    }

    /// True when the gate may be used on these qubits: the device lists it there (in this order,
    /// or in either for a symmetric gate), it is not out of order, and neither are the qubits.
    pub fn supports(&self, gate: Gate, qubits: &[Qubit]) -> bool {
        qubits.iter().all(|&q| self.is_live(q))
            && self
                .instruction(gate, qubits)
                .is_some_and(|found| !found.is_broken())
    }

    /// Figures of a gate on these qubits, whether in order or not; `None` where the device does
    /// not have it. A symmetric gate is found in either order.
    #[inline]
    pub fn instruction(&self, gate: Gate, qubits: &[Qubit]) -> Option<&InstructionProperties> {
        let slot = usize::from(self.slots[gate as usize]).checked_sub(1)?;
        match (&self.description.gates[slot].on, qubits) {
            (Places::One(by_qubit), &[q]) => by_qubit.get(q.index())?.as_ref(),
            (Places::Two(by_pair), &[a, b]) => {
                let (a, b) = (a.index() as u32, b.index() as u32);
                match by_pair.get(&(a, b)) {
                    None if self.symmetric[slot] => by_pair.get(&(b, a)),
                    found => found,
                }
            }
            _ => None,
        }
    }

    /// Error of the best two-qubit basis gate on a pair, at its worse direction; `None` where
    /// there is none.
    pub fn two_qubit_error(&self, a: Qubit, b: Qubit) -> Option<f64> {
        self.best_on_pair(a, b, |properties| properties.error)
    }

    /// Duration in seconds of the shortest two-qubit basis gate on a pair, at its longer
    /// direction; `None` where there is none.
    pub fn two_qubit_duration(&self, a: Qubit, b: Qubit) -> Option<f64> {
        self.best_on_pair(a, b, |properties| properties.duration)
    }

    /// Figures of the measurement of a qubit.
    ///
    /// # Panics
    /// When the device has no such qubit.
    pub fn measure(&self, qubit: Qubit) -> InstructionProperties {
        let readout = self.qubit(qubit).readout;
        InstructionProperties {
            error: readout.error,
            duration: readout.duration,
        }
    }

    /// Figures of the reset of a qubit; `None` where the device cannot reset it.
    pub fn reset(&self, qubit: Qubit) -> Option<InstructionProperties> {
        self.description
            .resets
            .get(qubit.index())
            .copied()
            .flatten()
    }

    /// The device's clock.
    pub fn timing(&self) -> &Timing {
        &self.description.timing
    }

    /// Rate in hertz of the always-on ZZ interaction of a coupled pair, in either order, with the
    /// sign that the device reports; `None` where it reports none.
    pub fn zz_rate(&self, a: Qubit, b: Qubit) -> Option<f64> {
        let (a, b) = (a.index() as u32, b.index() as u32);
        self.zz.get(&(a.min(b), a.max(b))).copied()
    }

    pub(crate) fn set_source(&mut self, source: String) {
        self.description.source = source;
    }

    pub(crate) fn description(&self) -> &Description {
        &self.description
    }

    fn best_on_pair(
        &self,
        a: Qubit,
        b: Qubit,
        figure: impl Fn(&InstructionProperties) -> f64,
    ) -> Option<f64> {
        let two_qubit = self.basis.iter().filter(|gate| gate.num_qubits() == 2);
        two_qubit
            .filter_map(|&gate| {
                let directions = [
                    self.instruction(gate, &[a, b]),
                    self.instruction(gate, &[b, a]),
                ];
                directions
                    .into_iter()
                    .flatten()
                    .map(&figure)
                    .reduce(f64::max)
            })
            .reduce(f64::min)
    }

    /// Checks a description and derives the rest.
    pub(crate) fn new(description: Description) -> Result<Target, TargetError> {
        check(&description)?;
        let with_role = |role| {
            let tables = description
                .gates
                .iter()
                .filter(move |table| table.role == role);
            tables.map(|table| table.gate).collect::<Vec<_>>()
        };
        let mut slots = vec![0; Gate::ALL.len()];
        for (slot, table) in description.gates.iter().enumerate() {
            slots[table.gate as usize] = slot as u8 + 1;
        }
        let live = live_qubits(&description);
        let (live_edges, dead_edges) = sort_edges(&description, &live);
        let mut neighbours = vec![Vec::new(); description.qubits.len()];
        for &(a, b) in &live_edges {
            neighbours[a.index()].push(b);
            neighbours[b.index()].push(a);
        }
        neighbours.iter_mut().for_each(|list| list.sort_unstable());
        Ok(Target {
            basis: with_role(Role::Standard),
            fractional: with_role(Role::Fractional),
            slots,
            symmetric: description
                .gates
                .iter()
                .map(|table| is_symmetric(table.gate))
                .collect(),
            coupling: graph(live.len(), &live_edges),
            zz: description
                .zz
                .iter()
                .map(|&(a, b, rate)| ((a.min(b), a.max(b)), rate))
                .collect(),
            live,
            live_edges,
            dead_edges,
            neighbours,
            distances: OnceLock::new(),
            description,
        })
    }
}

fn check(description: &Description) -> Result<(), TargetError> {
    let num_qubits = description.qubits.len();
    if num_qubits == 0 || num_qubits > MAX_QUBITS {
        return Err(TargetError::BadSize {
            what: format!("{num_qubits} qubits"),
            reason: format!("a device has 1 to {MAX_QUBITS} qubits"),
        });
    }
    for (index, qubit) in description.qubits.iter().enumerate() {
        for (what, value) in [
            ("T1", qubit.t1),
            ("T2", qubit.t2),
            ("readout error", Some(qubit.readout.error)),
            ("readout duration", Some(qubit.readout.duration)),
            ("prob_meas1_prep0", qubit.readout.prob_meas1_prep0),
            ("prob_meas0_prep1", qubit.readout.prob_meas0_prep1),
        ] {
            non_negative(|| format!("{what} of qubit {index}"), value.unwrap_or(0.0))?;
        }
    }
    let timing = &description.timing;
    if timing.dt.is_some_and(|dt| !(dt.is_finite() && dt > 0.0)) {
        return Err(TargetError::BadValue {
            what: "dt".to_owned(),
            value: format!("{:?}", timing.dt),
            expected: "a positive number of seconds",
        });
    }
    for (what, value) in [
        ("granularity", timing.granularity),
        ("pulse_alignment", timing.pulse_alignment),
        ("acquire_alignment", timing.acquire_alignment),
    ] {
        if value == 0 {
            return Err(TargetError::BadValue {
                what: what.to_owned(),
                value: value.to_string(),
                expected: "a whole number of dt from 1 up",
            });
        }
    }
    for (index, table) in description.gates.iter().enumerate() {
        if description.gates[..index]
            .iter()
            .any(|earlier| earlier.gate == table.gate)
        {
            return Err(TargetError::BadGate {
                name: table.gate.name().to_owned(),
                reason: "it is listed twice".to_owned(),
            });
        }
    }
    for &(a, b, rate) in &description.zz {
        let what = || format!("the ZZ rate of ({a}, {b})");
        let qubit = a.max(b) as usize;
        if qubit >= num_qubits {
            return Err(TargetError::NoSuchQubit {
                what: what(),
                qubit,
                num_qubits,
            });
        }
        non_negative(what, rate.abs())?;
    }
    Ok(())
}

fn live_qubits(description: &Description) -> Vec<bool> {
    let mut live: Vec<bool> = description
        .qubits
        .iter()
        .map(|qubit| qubit.operational && qubit.readout.error < BROKEN_ERROR)
        .collect();
    // Nobody needs to emit an identity, so its error takes no qubit out of use.
    let needed = |table: &&GateTable| table.role == Role::Standard && table.gate != Gate::I;
    for table in description.gates.iter().filter(needed) {
        if let Places::One(by_qubit) = &table.on {
            for (live, properties) in live.iter_mut().zip(by_qubit) {
                *live &= properties.is_some_and(|properties| !properties.is_broken());
            }
        }
    }
    live
}

type Edges = Vec<(Qubit, Qubit)>;

/// All coupled pairs, live ones and dead ones, each sorted.
fn sort_edges(description: &Description, live: &[bool]) -> (Edges, Edges) {
    let mut usable: FxHashMap<(u32, u32), bool> = FxHashMap::default();
    for GateTable { role, on, .. } in &description.gates {
        let Places::Two(by_pair) = on else { continue };
        let mut this_gate: FxHashMap<(u32, u32), bool> = FxHashMap::default();
        for (&(a, b), properties) in by_pair {
            *this_gate.entry((a.min(b), a.max(b))).or_insert(true) &= !properties.is_broken();
        }
        for (pair, fine) in this_gate {
            *usable.entry(pair).or_insert(false) |= fine && *role == Role::Standard;
        }
    }
    let mut edges: Vec<_> = usable.into_iter().collect();
    edges.sort_unstable();
    let (alive, dead): (Vec<_>, Vec<_>) = edges
        .into_iter()
        .partition(|&((a, b), fine)| fine && live[a as usize] && live[b as usize]);
    let pairs = |list: Vec<((u32, u32), bool)>| {
        list.into_iter()
            .map(|((a, b), _)| (Qubit::from(a), Qubit::from(b)))
            .collect()
    };
    (pairs(alive), pairs(dead))
}

fn graph(num_qubits: usize, edges: &[(Qubit, Qubit)]) -> UnGraph<Qubit, ()> {
    let mut graph = UnGraph::with_capacity(num_qubits, edges.len());
    for index in 0..num_qubits {
        graph.add_node(Qubit::new(index));
    }
    for &(a, b) in edges {
        graph.add_edge(NodeIndex::new(a.index()), NodeIndex::new(b.index()), ());
    }
    graph
}

/// True when exchanging the gate's two qubits leaves its matrix as it is, tried at one angle.
fn is_symmetric(gate: Gate) -> bool {
    if gate.num_qubits() != 2 {
        return false;
    }
    let angles: Vec<f64> = (0..gate.num_angles())
        .map(|i| 0.3 + 0.4 * i as f64)
        .collect();
    let matrix = gate.matrix(&angles);
    let swapped = |index: usize| (index & 1) << 1 | index >> 1;
    (0..4).all(|row| {
        (0..4).all(|column| {
            (matrix[(row, column)] - matrix[(swapped(row), swapped(column))]).norm() < 1e-12
        })
    })
}

#[cfg(test)]
mod tests;
