//! Mapping: from the circuit's qubits to the device's.
//!
//! A circuit that fits the coupling map as it is gets the best-calibrated place for it, and no swap
//! at all (`embed`, `chain`). Any other circuit is routed in many seeded trials (`route`): a
//! first guess (`layout`) is improved by routing the circuit forwards and backwards, then the
//! circuit is routed for good. The trial with the fewest two-qubit gates *after synthesis* wins
//! (`absorb`), calibrated errors decide between equals, and at last the routed circuit as a whole
//! moves to the best isomorphic place on the device (`replace`).
//!
//! Trials run in parallel and are compared in their order, so the result depends on the seed alone.

pub(crate) mod absorb;
pub(crate) mod axis;
mod calibration;
pub(crate) mod chain;
pub(crate) mod check;
pub(crate) mod embed;
pub(crate) mod emit;
pub(crate) mod frontier;
pub(crate) mod graph;
pub(crate) mod layout;
mod line;
pub(crate) mod passes;
pub(crate) mod plan;
mod portfolio;
pub(crate) mod program;
pub(crate) mod relabel;
pub(crate) mod replace;
pub(crate) mod route;
mod selection;
mod trials;

pub(crate) use calibration::cost_of;
pub use check::check_routed;
pub(crate) use passes::Routing;
pub use passes::{ImproveLayout, Map};

use ardea_circuit::{Circuit, Layout, Qubit};
use ardea_device::Target;

use crate::{Aim, CompileError, GateSet};
use calibration::{Demand, device_graph, judge};
use embed::Interactions;
use graph::{DeviceGraph, NONE};
use layout::Misfit;
use plan::{GateOrder, Plan};
use route::{Routed, Step};
use trials::{Starts, Trials};

/// Where the wires start.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Placement {
    /// The best that can be found.
    #[default]
    Search,
    /// Wire `i` on the `i`-th live qubit, where the device is connected enough for that.
    InOrder,
    /// Wire `i` on the `i`-th of these qubits.
    Given(Vec<Qubit>),
}

/// What becomes of swaps in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum InputSwaps {
    /// They are gates like any other.
    Keep,
    /// They only rename wires, which the final layout tells.
    #[default]
    Rename,
}

/// Whether gates that commute may pass each other while routing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum CommutingGates {
    /// Gates that share a qubit keep their order.
    KeepOrder,
    /// Both orders are tried, as written and free, and the better result kept.
    #[default]
    MayReorder,
}

/// One of the forms in which a circuit can be routed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Form {
    /// What became of swaps in the input.
    pub input_swaps: InputSwaps,
    /// Whether gates that commute passed each other.
    pub commuting_gates: CommutingGates,
}

/// How hard to search; [`MappingOptions::default`] is what level 2 uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MappingOptions {
    /// Seed of every random choice.
    pub seed: u64,
    /// Layouts tried, each from its own first guess; at least one.
    pub trials: usize,
    /// Times each layout is improved by routing forwards and backwards.
    pub rounds: usize,
    /// Placements tried in the search for an embedding without swaps, in units of a thousand.
    pub search: usize,
    /// Where the wires start.
    pub placement: Placement,
    /// What becomes of swaps in the input.
    pub input_swaps: InputSwaps,
    /// Whether gates that commute may pass each other.
    pub commuting_gates: CommutingGates,
    /// The only form tried, where it is known which is best; within what the two options above allow.
    pub form: Option<Form>,
    /// The gates that blocks will be written with, which decide what each costs on each edge.
    pub gate_set: GateSet,
    /// What makes one routing better than another.
    pub aim: Aim,
    /// A qubit for each wire that may do without swaps, where one is known; looked at before others are searched.
    pub hint: Option<Vec<Option<Qubit>>>,
}

impl Default for MappingOptions {
    fn default() -> Self {
        MappingOptions {
            seed: 0,
            trials: 16,
            rounds: 2,
            search: 200,
            placement: Placement::Search,
            input_swaps: InputSwaps::Rename,
            commuting_gates: CommutingGates::MayReorder,
            form: None,
            gate_set: GateSet::Standard,
            aim: Aim::Gates,
            hint: None,
        }
    }
}

/// A circuit on the device's qubits.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// As many qubits as the target; every two-qubit gate is on a live coupled pair.
    pub circuit: Circuit,
    /// Qubit of each wire before the first and after the last instruction.
    pub layout: Layout,
    /// Swaps added.
    pub swaps: usize,
    /// Two-qubit gates after block synthesis, as estimated.
    pub two_qubit_gates: usize,
    /// The form that was best.
    pub form: Form,
}

/// Places and routes a circuit whose gates act on at most two qubits.
///
/// # Errors
/// When the circuit does not fit on the target's working qubits, when a given layout does not
/// fit, or when a gate acts on more than two qubits.
pub fn map(
    circuit: &Circuit,
    target: &Target,
    options: &MappingOptions,
) -> Result<Mapped, CompileError> {
    let graph = device_graph(target, Demand::of_logical(circuit, options.gate_set))
        .judged(judge(target, options.aim));
    map_onto(circuit, &graph, target.name(), options)
}

/// Circuits of more instructions are routed in one order only.
const LONG: usize = 300_000;
/// Couplings whose cost is so many times the median are left out of routing: one gate on them costs
/// more than the swaps around them.
const OUTLIER: f64 = 15.0;

/// The device with all its couplings, for circuits that fit without swaps, and without the worst
/// of them, for those that are routed.
struct Device<'a> {
    whole: &'a DeviceGraph,
    calm: &'a DeviceGraph,
}

pub(crate) fn map_onto(
    circuit: &Circuit,
    graph: &DeviceGraph,
    name: &str,
    options: &MappingOptions,
) -> Result<Mapped, CompileError> {
    let calm = graph.without_outliers(OUTLIER);
    let device = Device {
        whole: graph,
        calm: calm.as_ref().unwrap_or(graph),
    };
    let may = |swaps: InputSwaps| options.form.is_none_or(|form| form.input_swaps == swaps);
    let renamed = (options.input_swaps == InputSwaps::Rename && may(InputSwaps::Rename))
        .then(|| relabel::rename_swaps(circuit))
        .flatten();
    let Some((without, moved)) = renamed else {
        return Ok(best_order(circuit, &device, name, options)?.1);
    };
    let (solution, mut mapped) = best_order(&without, &device, name, options)?;
    let last = std::mem::take(&mut mapped.layout.last);
    mapped.layout.last = moved.iter().map(|&wire| last[wire as usize]).collect();
    mapped.form.input_swaps = InputSwaps::Rename;
    if solution.swaps() == 0 || circuit.len() > LONG || !may(InputSwaps::Keep) {
        return Ok(mapped);
    }
    // Names may be exchanged across the whole device, where a swap as written stays in place.
    let (kept, as_written) = best_order(circuit, &device, name, options)?;
    if kept.routed.is_better_than(&solution.routed) {
        return Ok(as_written);
    }
    Ok(mapped)
}

/// The better of routing the gates in the order as written and with those exchanged that commute.
fn best_order(
    circuit: &Circuit,
    device: &Device<'_>,
    name: &str,
    options: &MappingOptions,
) -> Result<(Solution, Mapped), CompileError> {
    let may_reorder =
        options.commuting_gates == CommutingGates::MayReorder && circuit.len() <= LONG;
    let orders = match options.form.filter(|_| may_reorder) {
        Some(form) if form.commuting_gates == CommutingGates::MayReorder => {
            &[GateOrder::Commuting][..]
        }
        None if may_reorder => &[GateOrder::Written, GateOrder::Commuting],
        _ => &[GateOrder::Written],
    };
    let mut best: Option<(Solution, Plan, GateOrder)> = None;
    for &order in orders {
        let plan = Plan::of(circuit, order)?;
        if best
            .as_ref()
            .is_some_and(|(_, before, _)| before.program == plan.program)
        {
            break;
        }
        let solution = solve(circuit, &plan, device, name, options)?;
        let is_final = solution.swaps() == 0;
        if best
            .as_ref()
            .is_none_or(|(best, ..)| solution.routed.is_better_than(&best.routed))
        {
            best = Some((solution, plan, order));
        }
        if is_final {
            break;
        }
    }
    let Some((solution, plan, order)) = best else {
        return Err(CompileError::Internal {
            place: "mapping",
            detail: "nothing was tried".into(),
        });
    };
    let mut mapped = write(circuit, &plan, device.whole, &solution)?;
    if order == GateOrder::Commuting {
        mapped.form.commuting_gates = CommutingGates::MayReorder;
    }
    Ok((solution, mapped))
}

fn write(
    circuit: &Circuit,
    plan: &Plan,
    graph: &DeviceGraph,
    solution: &Solution,
) -> Result<Mapped, CompileError> {
    let qubits = |list: &[u32]| {
        list.iter()
            .copied()
            .map(Qubit::from)
            .collect::<Vec<Qubit>>()
    };
    Ok(Mapped {
        circuit: emit::emit(circuit, plan, graph, &solution.start, &solution.routed)?,
        layout: Layout {
            initial: qubits(&solution.start),
            last: qubits(&solution.routed.last),
        },
        swaps: solution.swaps(),
        two_qubit_gates: usize::try_from(solution.routed.gates).unwrap_or(0),
        form: Form {
            input_swaps: InputSwaps::Keep,
            commuting_gates: CommutingGates::KeepOrder,
        },
    })
}

/// A layout and the routing from it.
struct Solution {
    start: Vec<u32>,
    routed: Routed,
}

impl Solution {
    fn swaps(&self) -> usize {
        self.routed
            .steps
            .iter()
            .filter(|step| matches!(step, Step::Swap(..)))
            .count()
    }
}

fn solve(
    circuit: &Circuit,
    plan: &Plan,
    device: &Device<'_>,
    name: &str,
    options: &MappingOptions,
) -> Result<Solution, CompileError> {
    let pattern = plan.interactions(circuit);
    let from = |graph: &DeviceGraph, mut starts: Starts| {
        for start in &mut starts.layouts {
            if !layout::complete(graph, start) {
                let (needed, available) = (circuit.num_qubits(), graph.num_qubits());
                return Err(misfit_error(Misfit::TooMany { needed, available }, name));
            }
        }
        let trials = Trials::new(graph, &plan.program, &pattern, options);
        let (start, routed) = trials.route_from_any(starts);
        Ok(Solution { start, routed })
    };
    let whole = device.whole;
    if let Placement::Given(qubits) = &options.placement {
        let start = given(circuit, &pattern, whole, qubits)?;
        return from(device.calm, Starts::only(start));
    }
    let shares = layout::share_out(&pattern, whole).map_err(|misfit| misfit_error(misfit, name))?;
    let place = match options.placement {
        Placement::InOrder => in_order(circuit.num_qubits(), &pattern, whole),
        _ => embedding(&pattern, whole, options),
    };
    match place {
        Some(place) => from(whole, Starts::only(place)),
        None => {
            let trials = Trials::new(device.calm, &plan.program, &pattern, options);
            let mut best = from(device.calm, trials.best_layouts(&shares))?;
            if trials.may_follow_a_line(&best.start)
                && let Some(line) = line::line_for(device.calm, &plan.program, &pattern)
            {
                let along = from(&line.graph, Starts::only(line.start))?;
                if along.routed.is_better_than(&best.routed) {
                    best = along;
                }
            }
            Ok(best)
        }
    }
}

/// The best place without swaps, if one is found.
fn embedding(
    pattern: &Interactions,
    graph: &DeviceGraph,
    options: &MappingOptions,
) -> Option<Vec<u32>> {
    let hint = options
        .hint
        .as_ref()
        .and_then(|hint| hinted(pattern, graph, hint));
    if hint.is_none() && (options.search == 0 || embed::cannot_embed(pattern, graph)) {
        return None;
    }
    replace::best_place(pattern, graph, hint, options.search * 1000, options.seed)
}

/// The place that a pass suggests, where it does without swaps.
fn hinted(pattern: &Interactions, graph: &DeviceGraph, hint: &[Option<Qubit>]) -> Option<Vec<u32>> {
    let number = |qubit: &Option<Qubit>| qubit.map_or(NONE, |qubit| qubit.index() as u32);
    let mut place: Vec<u32> = hint.iter().map(number).collect();
    let fits = place.len() == pattern.num_wires()
        && replace::place_lone(pattern, graph, &mut place)
        && pattern.cost(graph, &place).is_finite();
    fits.then_some(place)
}

/// Wire `i` on the `i`-th live qubit, unless that puts interacting wires on separate components.
fn in_order(wires: usize, pattern: &Interactions, graph: &DeviceGraph) -> Option<Vec<u32>> {
    let mut place = vec![NONE; wires];
    layout::complete(graph, &mut place).then_some(())?;
    fits(pattern, graph, &place).then_some(place)
}

fn fits(pattern: &Interactions, graph: &DeviceGraph, place: &[u32]) -> bool {
    let live = (0..place.len()).all(|w| !pattern.active[w] || graph.is_live(place[w]));
    live && pattern
        .pairs()
        .all(|(a, b, _)| graph.component(place[a as usize]) == graph.component(place[b as usize]))
}

fn given(
    circuit: &Circuit,
    pattern: &Interactions,
    graph: &DeviceGraph,
    qubits: &[Qubit],
) -> Result<Vec<u32>, CompileError> {
    let refuse = |reason: String| Err(CompileError::InvalidLayout { reason });
    if qubits.len() != circuit.num_qubits() {
        return refuse(format!(
            "it names {} qubits and the circuit has {}",
            qubits.len(),
            circuit.num_qubits()
        ));
    }
    let mut taken = vec![false; graph.num_qubits()];
    for (wire, qubit) in qubits.iter().enumerate() {
        let Some(slot) = taken.get_mut(qubit.index()) else {
            return refuse(format!(
                "qubit {wire} is placed on {}, but the device has {} qubits",
                qubit.index(),
                graph.num_qubits()
            ));
        };
        if std::mem::replace(slot, true) {
            return refuse(format!("two qubits are placed on {}", qubit.index()));
        }
        if pattern.active[wire] && !graph.is_live(qubit.index() as u32) {
            return refuse(format!(
                "qubit {wire} is placed on {}, which is out of order; choose another",
                qubit.index()
            ));
        }
    }
    let start: Vec<u32> = qubits.iter().map(|q| q.index() as u32).collect();
    let apart = pattern.pairs().find(|&(a, b, _)| {
        graph.component(start[a as usize]) != graph.component(start[b as usize])
    });
    if let Some((a, b, _)) = apart {
        return refuse(format!(
            "qubits {a} and {b} interact, but no path of working couplings joins {} and {}",
            start[a as usize], start[b as usize]
        ));
    }
    Ok(start)
}

fn misfit_error(misfit: Misfit, target: &str) -> CompileError {
    let target = target.to_owned();
    match misfit {
        Misfit::TooMany { needed, available } => CompileError::TooManyQubits {
            needed,
            available,
            target,
        },
        Misfit::Apart { needed, largest } => CompileError::Disconnected {
            needed,
            largest,
            target,
        },
    }
}

#[cfg(test)]
mod tests;
