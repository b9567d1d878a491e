//! The mapping as passes of a pipeline.

use ardea_circuit::{Circuit, Layout, Qubit};
use ardea_device::Target;

use super::calibration::{Demand, device_graph};
use super::embed::Interactions;
use super::graph::NONE;
use super::{CommutingGates, Form, InputSwaps, MappingOptions, Placement, map, replace};
use crate::schedule::waits;
use crate::{Aim, Change, CompileError, Context, Level, Pass, Properties};

/// Times as many trials where success counts: its estimate scatters more than the number of gates.
const SUCCESS_TRIALS: usize = 2;

/// Places the circuit on the device and routes it.
///
/// The options' own initial layout, seed and number of trials take precedence over these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map {
    /// How hard to search.
    pub options: MappingOptions,
}

impl Map {
    /// The mapping of a level: in order at level 0, more and longer trials with every level.
    #[must_use]
    pub fn at_level(level: Level) -> Self {
        let base = MappingOptions::default();
        let options = match level {
            Level::O0 => MappingOptions {
                trials: 1,
                rounds: 0,
                search: 0,
                placement: Placement::InOrder,
                input_swaps: InputSwaps::Keep,
                commuting_gates: CommutingGates::KeepOrder,
                ..base
            },
            Level::O1 => MappingOptions {
                trials: 4,
                rounds: 1,
                search: 100,
                commuting_gates: CommutingGates::KeepOrder,
                ..base
            },
            Level::O2 => base,
            Level::O3 => MappingOptions { rounds: 3, ..base },
        };
        Map { options }
    }

    /// A mapping that tells what a thorough one may come to.
    #[must_use]
    pub fn quick() -> Self {
        let options = MappingOptions {
            trials: 4,
            rounds: 1,
            search: 50,
            ..MappingOptions::default()
        };
        Map { options }
    }
}

impl Pass for Map {
    fn name(&self) -> &'static str {
        "map"
    }

    fn requires(&self) -> Properties {
        Properties::MAX_TWO_QUBIT
    }

    fn establishes(&self) -> Properties {
        Properties::MAPPED | Properties::ROUTED
    }

    fn invalidates(&self) -> Properties {
        Properties::BASIS | Properties::SCHEDULED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        let mut options = self.options.clone();
        options.seed = context.seed;
        options.gate_set = context.options.gate_set;
        options.aim = context.options.aim;
        options.hint.clone_from(&context.place_hint);
        options.form = context.routing.map(|routing| routing.form);
        if options.aim == Aim::Success {
            options.trials *= SUCCESS_TRIALS;
        }
        if let Some(trials) = context.options.trials {
            options.trials = trials;
        }
        if let Some(qubits) = &context.options.initial_layout {
            options.placement = Placement::Given(wires_of(qubits, circuit, context)?);
        }
        let mapped = map(circuit, context.target, &options)?;
        let before = context.current_layout();
        let follow = |wires: &[Qubit], to: &[Qubit]| wires.iter().map(|w| to[w.index()]).collect();
        context.layout = Some(Layout {
            initial: follow(&before.initial, &mapped.layout.initial),
            last: follow(&before.last, &mapped.layout.last),
        });
        context.routing = Some(Routing {
            swaps: mapped.swaps,
            form: mapped.form,
        });
        *circuit = mapped.circuit;
        Ok(Change::Changed)
    }
}

/// What came out of a mapping; a later one of the same circuit need not find out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Routing {
    /// Swaps added.
    pub(crate) swaps: usize,
    /// The form of the circuit that was best.
    pub(crate) form: Form,
}

/// The layout asked for speaks of input qubits; earlier passes may have renamed the wires they start on.
fn wires_of(
    qubits: &[Qubit],
    circuit: &Circuit,
    context: &Context<'_>,
) -> Result<Vec<Qubit>, CompileError> {
    let start = context.current_layout().initial;
    if qubits.len() != start.len() || start.len() != circuit.num_qubits() {
        let reason = format!(
            "it names {} qubits and the circuit has {}",
            qubits.len(),
            start.len()
        );
        return Err(CompileError::InvalidLayout { reason });
    }
    let mut wires = vec![Qubit::new(0); circuit.num_qubits()];
    for (wire, &qubit) in start.iter().zip(qubits) {
        wires[wire.index()] = qubit;
    }
    Ok(wires)
}

/// Moves a routed circuit as a whole to the best-calibrated place with the same couplings.
///
/// Leaves a layout that the user asked for alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImproveLayout {
    /// Placements tried, in units of a thousand.
    pub search: usize,
}

impl Pass for ImproveLayout {
    fn name(&self) -> &'static str {
        "improve-layout"
    }

    fn requires(&self) -> Properties {
        Properties::MAPPED | Properties::ROUTED
    }

    fn invalidates(&self) -> Properties {
        Properties::SCHEDULED
    }

    fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        if context.options.initial_layout.is_some() {
            return Ok(Change::Unchanged);
        }
        let graph = device_graph(context.target, Demand::of_written(circuit));
        if graph.is_uniform() {
            return Ok(Change::Unchanged);
        }
        let mut pattern = Interactions::of_routed(circuit);
        if context.properties.contains(Properties::BASIS) {
            pattern.waits = waits(circuit, context.target)?;
        }
        let identity: Vec<u32> = (0..circuit.num_qubits() as u32)
            .map(|q| if pattern.active[q as usize] { q } else { NONE })
            .collect();
        let before = pattern.cost(&graph, &identity);
        let found = replace::best_place(
            &pattern,
            &graph,
            Some(identity),
            self.search * 1000,
            context.seed,
        );
        let Some(place) = found.filter(|place| pattern.cost(&graph, place) < before) else {
            return Ok(Change::Unchanged);
        };
        let wires = replace::permutation(&place);
        let here: Vec<Qubit> = (0..circuit.num_qubits()).map(Qubit::new).collect();
        if !is_supported_there(circuit, context.target, &here, &wires) {
            return Ok(Change::Unchanged);
        }
        *circuit = circuit.remapped(circuit.num_qubits(), |q| wires[q.index()])?;
        context.place(&wires);
        Ok(Change::Changed)
    }
}

/// Whether every gate that the target has where it is now is also there where it would go: devices
/// may have gates in one direction only.
fn is_supported_there(circuit: &Circuit, target: &Target, here: &[Qubit], there: &[Qubit]) -> bool {
    circuit.instructions().iter().all(|instruction| {
        let at = |wires: &[Qubit]| instruction.qubits.map(|q| wires[q.index()]);
        let (here, there) = (at(here), at(there));
        let bodies = instruction.operation.bodies();
        let mut inner = bodies.iter();
        inner.all(|body| is_supported_there(body, target, &here, &there))
            && instruction
                .operation
                .as_gate()
                .is_none_or(|gate| target.supports(gate, &there) || !target.supports(gate, &here))
    })
}
