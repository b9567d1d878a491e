//! The four levels as lists of passes, and the compilation that runs them.
//!
//! Levels 2 and 3 go several ways from the same start and keep the best result. Level 3 begins with all that level 2
//! does, so it is never worse.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use ardea_circuit::{Circuit, Layout, Qubit};
use ardea_device::Target;

use crate::along_line::PhasesAlongLine;
use crate::clifford::{ResynthesizeClifford, ResynthesizeRoutedClifford};
use crate::fan_out::GrowFanOuts;
use crate::mapping::{ImproveLayout, Map};
use crate::optimise::{
    Blocks, CancelCommuting, DeferMeasurements, DropSmallRotations, RemoveIdentities,
    RemoveUnobserved, SimplifyKnownStates,
};
use crate::pauli::{FoldPhases, Reach, ResynthesizePaulis};
use crate::relative_phase::PairToffolis;
use crate::report::Figures;
use crate::schedule::{Decouple, Schedule, estimate};
use crate::search::{Search, Stage};
use crate::translate::{
    ConsolidateBlocks, ResynthesizeTwoQubit, ShortenWindows, TranslateAndMerge, TranslateToBasis,
    Unroll,
};
use crate::verify::{self, Placed, Verdict};
use crate::{
    Aim, CompileError, CompileOptions, Context, Decoupling, Effort, GateSet, Level, Pipeline,
    Report, Verification,
};

/// A compiled circuit with all that is known about it.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// On the device's qubits and in its gates; carries its layout too.
    pub circuit: Circuit,
    /// For each input qubit, its physical qubit before the first and after the last instruction.
    pub layout: Layout,
    /// The figures of the result, and what each pass did.
    pub report: Report,
}

/// Compiles a circuit for a device.
///
/// The result means the same as the input in the sense of [`CompileOptions::preserve`], its global phase included, and
/// holds only instructions that the device runs in working order. Symbols stay symbolic: bind them before or after.
///
/// # Errors
/// When the circuit does not fit the device or holds something that cannot be compiled; see [`CompileError`].
pub fn compile(
    circuit: &Circuit,
    target: &Target,
    options: &CompileOptions,
) -> Result<Compiled, CompileError> {
    compile_until(circuit, target, options, &Arc::default())
}

/// [`compile`], which ends before its next pass once another thread has set `stop`.
///
/// # Errors
/// As [`compile`], and [`CompileError::Stopped`].
pub fn compile_until(
    circuit: &Circuit,
    target: &Target,
    options: &CompileOptions,
    stop: &Arc<AtomicBool>,
) -> Result<Compiled, CompileError> {
    let start = Instant::now();
    options.check()?;
    let mut context = Context::new(target, options, circuit.num_qubits());
    context.stop = Some(Arc::clone(stop));
    let mut out = circuit.clone();
    out.set_layout(None);
    match options.level {
        Level::O0 | Level::O1 => {
            list_of(options.level).run(&mut out, &mut context)?;
        }
        Level::O2 | Level::O3 => {
            prepare().run(&mut out, &mut context)?;
            let plain = CompileOptions {
                gate_set: GateSet::Standard,
                ..options.clone()
            };
            let other = (options.gate_set != plain.gate_set)
                .then(|| (out.clone(), with_options(&context, &plain)));
            let score = search(options).run(&mut out, &mut context)?;
            // Gates of any angle may be used; where they gain nothing, they need not be.
            if let Some((mut circuit, mut other)) = other
                && search(&plain).run(&mut circuit, &mut other)?.beats(&score)
            {
                out = circuit;
                context.layout = other.layout;
                context.properties = other.properties;
                context.records = other.records;
            }
        }
    }
    if let Some(note) = no_choice(options) {
        context.notes.push(note);
    }
    timing(options).run(&mut out, &mut context)?;
    verify::check_legal(&out, target, options.gate_set)?;
    let layout = context.current_layout();
    if options.verification == Verification::EachPass {
        check_whole(circuit, &out, &layout, options)?;
    }
    out.set_layout(Some(layout.clone()));
    let report = report(&out, &layout, context, start)?;
    Ok(Compiled {
        circuit: out,
        layout,
        report,
    })
}

/// What levels that go one way make of options that choose among several.
fn no_choice(options: &CompileOptions) -> Option<String> {
    let mut without_effect = Vec::new();
    if options.aim != Aim::Gates {
        without_effect.push("the aim");
    }
    if options.effort != Effort::Normal {
        without_effect.push("the effort");
    }
    let is_light = options.level < Level::O2;
    (is_light && !without_effect.is_empty()).then(|| {
        let level = options.level;
        format!(
            "{} had no effect: level {level} goes one way, and levels 2 and 3 choose among several",
            without_effect.join(" and ")
        )
    })
}

fn with_options<'t>(context: &Context<'t>, options: &'t CompileOptions) -> Context<'t> {
    let mut context = Context {
        records: context.records.clone(),
        ..context.fork(context.seed)
    };
    context.options = options;
    context
}

/// The list of passes behind a level; for levels 2 and 3 the first of those they try.
#[must_use]
pub fn list_of(level: Level) -> Pipeline {
    match level {
        Level::O0 => as_it_is(),
        Level::O1 => light(),
        Level::O2 | Level::O3 => prepare()
            .then_all(by_blocks())
            .then_all(routed(Map::at_level(level), 4)),
    }
}

/// Level 0: nothing is removed.
fn as_it_is() -> Pipeline {
    Pipeline::new("as it is")
        .then(Unroll)
        .then(Map::at_level(Level::O0))
        .then(DeferMeasurements)
        .then(TranslateToBasis)
}

/// Level 1: every clean-up once, and a quick routing.
fn light() -> Pipeline {
    Pipeline::new("light")
        .then_all(clean())
        .then(Unroll)
        .then(DropSmallRotations)
        .then_all(clean())
        .then(Map::at_level(Level::O1))
        .then(DeferMeasurements)
        .then(ResynthesizeTwoQubit)
        .then(CancelCommuting)
        .then(TranslateAndMerge)
}

/// Levels 2 and 3, first: clean-ups to a fixed point, on the gates as they are and on one and two qubits.
fn prepare() -> Pipeline {
    Pipeline::new("prepare")
        .repeat_until_stable(clean())
        .then(PairToffolis)
        .then(Unroll)
        .repeat_until_stable(clean().then(FoldPhases).then(DropSmallRotations))
}

/// What a level tries from there. A level's stages begin with those of the level below, so it is never worse.
fn search(options: &CompileOptions) -> Search {
    let levels = [Level::O2, Level::O3];
    let stages = levels
        .into_iter()
        .filter(|&level| level <= options.level)
        .map(|level| stage(level, options.effort));
    Search {
        stages: stages.collect(),
        restarts: options.effort.runs() - 1,
    }
}

fn stage(level: Level, effort: Effort) -> Stage {
    let finalists = match (level, effort) {
        (Level::O3, Effort::Normal) => 1,
        (_, Effort::Normal) => 2,
        _ => 3,
    };
    // More time is for what level 3 does, before the same is done from other seeds.
    let depth = if effort == Effort::Normal {
        level
    } else {
        Level::O3
    };
    Stage {
        ways: ways(level, depth),
        quick: routed(Map::quick(), 1),
        thorough: routed(Map::at_level(depth), 4),
        finalists,
        polish: polish(level, effort),
    }
}

/// Level 3 has what level 2 has, since its stages come after those of level 2, and these.
fn ways(level: Level, depth: Level) -> Vec<Pipeline> {
    if level == Level::O3 {
        return vec![
            resynthesised_first(),
            by_paulis(depth, Reach::Free),
            by_paulis(depth, Reach::Coupled),
        ];
    }
    vec![
        by_blocks(),
        by_gates(),
        by_paulis(depth, Reach::Free),
        by_paulis(depth, Reach::Coupled),
        by_cliffords(),
        by_line(),
        by_fan_outs(),
    ]
}

/// What follows every way. Each Clifford block of the routed circuit is written anew in as many `tries`.
fn routed(map: Map, tries: usize) -> Pipeline {
    Pipeline::new("routed").then(map).then_all(finish(tries))
}

/// Two-qubit blocks are gathered before routing, which then knows what a swap beside each costs.
fn by_blocks() -> Pipeline {
    Pipeline::new("by blocks").then_all(shrink_edges())
}

/// Gates are routed one by one, which leaves the router free to exchange those that commute.
fn by_gates() -> Pipeline {
    Pipeline::new("by gates")
}

/// Runs of gates are written anew from their Pauli rotations before routing.
fn by_paulis(level: Level, reach: Reach) -> Pipeline {
    let name = match reach {
        Reach::Free => "by Pauli rotations",
        Reach::Coupled => "by Pauli rotations on couplings",
    };
    Pipeline::new(name)
        .only_if_changed_by(ResynthesizePaulis { reach, level })
        .then_all(clean())
        .then_all(by_blocks())
}

/// Blocks are written anew before routing, which lets more gates meet and cancel.
fn resynthesised_first() -> Pipeline {
    Pipeline::new("resynthesised first")
        .repeat_until_stable(
            Pipeline::new("blocks")
                .then(ResynthesizeTwoQubit)
                .then_all(clean()),
        )
        .then_all(by_blocks())
}

/// Clifford blocks are written anew before routing.
fn by_cliffords() -> Pipeline {
    Pipeline::new("by Clifford blocks")
        .only_if_changed_by(ResynthesizeClifford { tries: 16 })
        .then_all(clean())
}

/// Phases between many pairs are written for a line of qubits, which then needs no routing.
fn by_line() -> Pipeline {
    Pipeline::new("by phases along a line")
        .only_if_changed_by(PhasesAlongLine)
        .then_all(clean())
        .then_all(by_blocks())
}

/// Copies of one bit are made along a tree of the device.
fn by_fan_outs() -> Pipeline {
    Pipeline::new("by fan-outs")
        .only_if_changed_by(GrowFanOuts)
        .then_all(by_blocks())
}

/// Removal of whatever does nothing, on logical or routed circuits.
fn clean() -> Pipeline {
    Pipeline::new("clean")
        .then(RemoveIdentities)
        .then(SimplifyKnownStates::default())
        .then(CancelCommuting)
        .then(RemoveUnobserved::default())
}

/// Gathered blocks at the edges of the circuit take the least that their start or end asks for.
fn shrink_edges() -> Pipeline {
    Pipeline::new("shrink edges")
        .then(ConsolidateBlocks)
        .then(SimplifyKnownStates {
            blocks: Blocks::AnyGate,
        })
        .then(RemoveUnobserved {
            blocks: Blocks::AnyGate,
        })
}

/// From a routed circuit to the device's gates.
fn finish(tries: usize) -> Pipeline {
    Pipeline::new("finish")
        .then(DeferMeasurements)
        .then_all(shrink_edges())
        .repeat_until_stable(
            Pipeline::new("blocks")
                .then(ResynthesizeTwoQubit)
                .then_all(clean()),
        )
        .repeat_while_changed_by(
            ResynthesizeRoutedClifford { tries },
            Pipeline::new("clifford blocks")
                .then(ResynthesizeTwoQubit)
                .then_all(clean()),
        )
        .then(TranslateAndMerge)
        .then(ImproveLayout { search: 20 })
}

/// Numerical search on the best result.
fn polish(level: Level, effort: Effort) -> Pipeline {
    let fits = match (level, effort) {
        (_, Effort::Max) => 40_000,
        (_, Effort::High) => 10_000,
        (Level::O3, Effort::Normal) => 600,
        (_, Effort::Normal) => 400,
    };
    // What level 2 ended with stays a candidate at level 3, and has been moved around already.
    let search = if level == Level::O3 { 40 } else { 160 };
    Pipeline::new("polish")
        .repeat_until_stable(
            Pipeline::new("windows")
                .then(ShortenWindows { fits })
                .then(ResynthesizeTwoQubit)
                .then_all(clean()),
        )
        .then(TranslateAndMerge)
        .then(ImproveLayout { search })
}

/// Explicit idle time, where it is asked for.
fn timing(options: &CompileOptions) -> Pipeline {
    let pipeline = Pipeline::new("timing");
    if options.schedule.is_none() && options.decoupling == Decoupling::None {
        return pipeline;
    }
    pipeline.then(Schedule).then(Decouple)
}

fn check_whole(
    before: &Circuit,
    after: &Circuit,
    layout: &Layout,
    options: &CompileOptions,
) -> Result<(), CompileError> {
    let trivial = Layout::trivial(before.num_qubits());
    let before = Placed {
        circuit: before,
        layout: &trivial,
    };
    match verify::compare(
        before,
        Placed {
            circuit: after,
            layout,
        },
        options.preserve,
    ) {
        Verdict::Different(difference) => Err(CompileError::Miscompiled {
            pass: "compile",
            difference,
        }),
        Verdict::Equal | Verdict::NotChecked => Ok(()),
    }
}

fn report(
    circuit: &Circuit,
    layout: &Layout,
    context: Context<'_>,
    start: Instant,
) -> Result<Report, CompileError> {
    let figures = Figures::of(circuit);
    let estimate = estimate(circuit, context.target)?;
    let indices = |qubits: &[Qubit]| qubits.iter().map(|q| q.index()).collect();
    Ok(Report {
        target: context.target.name().to_owned(),
        level: context.options.level,
        seed: context.options.seed,
        preserve: context.options.preserve,
        gate_set: context.options.gate_set,
        initial_layout: indices(&layout.initial),
        final_layout: indices(&layout.last),
        two_qubit_gates: figures.two_qubit_gates,
        two_qubit_depth: figures.two_qubit_depth,
        depth: figures.depth,
        operations: circuit.count_ops(),
        duration_s: estimate.duration_s,
        estimated_success_probability: estimate.success_probability,
        log_success: estimate.log_success_gates,
        seconds: start.elapsed().as_secs_f64(),
        passes: context.records,
        notes: context.notes,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use ardea_circuit::Gate;
    use ardea_circuit::random::random_circuit;
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    #[test]
    fn a_compilation_stops_when_it_is_asked_to() {
        let mut circuit = Circuit::new(2, 0);
        circuit.cx(0, 1).unwrap();
        let target = Target::line(2).unwrap();
        for &level in Level::ALL {
            let options = CompileOptions::at_level(level);
            let stop = Arc::new(AtomicBool::new(false));
            assert!(compile_until(&circuit, &target, &options, &stop).is_ok());
            stop.store(true, Ordering::Relaxed);
            let stopped = compile_until(&circuit, &target, &options, &stop);
            assert_eq!(stopped.unwrap_err(), CompileError::Stopped);
        }
    }

    #[test]
    fn options_without_effect_are_in_the_report() {
        let mut circuit = Circuit::new(2, 0);
        circuit.cx(0, 1).unwrap();
        let target = Target::line(2).unwrap();
        let notes = |level, aim, effort| {
            let options = CompileOptions {
                aim,
                effort,
                ..CompileOptions::at_level(level)
            };
            compile(&circuit, &target, &options).unwrap().report.notes
        };
        let both = notes(Level::O1, Aim::Success, Effort::High);
        assert!(
            both[0].contains("the aim and the effort had no effect"),
            "{both:?}"
        );
        assert!(notes(Level::O1, Aim::Gates, Effort::Normal).is_empty());
        assert!(notes(Level::O2, Aim::Success, Effort::Normal).is_empty());
    }

    #[test]
    fn fractional_gates_never_cost_a_gate() {
        let target = Target::bundled("boston").unwrap();
        let mut gained = 0;
        for seed in 0..12 {
            let mut rng = Pcg64Mcg::seed_from_u64(seed);
            let circuit = random_circuit(&mut rng, 3, 8, &Gate::ALL);
            let count = |gate_set| {
                let options = CompileOptions {
                    gate_set,
                    preserve: crate::Preserve::Unitary,
                    verification: Verification::Off,
                    ..CompileOptions::default()
                };
                compile(&circuit, &target, &options).unwrap().report
            };
            let (plain, fractional) = (count(GateSet::Standard), count(GateSet::Fractional));
            assert!(
                fractional.two_qubit_gates <= plain.two_qubit_gates,
                "{seed}"
            );
            gained += plain.two_qubit_gates - fractional.two_qubit_gates;
        }
        assert!(gained > 0);
    }
}
