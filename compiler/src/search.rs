//! Several ways from the same start, the best result kept.
//!
//! No single list of passes is best for every circuit, and routing depends on luck. A way is what is done to a circuit
//! before it is routed; what follows is the same for all. Routing well takes most of the time, and most ways can be told
//! to lead nowhere from a quick one. So a stage goes all its ways with the quick routing and only the best few, those of
//! earlier stages among them, with the thorough one; [`Effort`](crate::Effort) says how often these run again from
//! other seeds. The stages of lower levels come first, unchanged, and what they found bounds what is kept, so a higher
//! level is never worse.
//!
//! "Best" weighs two things. Fewer two-qubit gates is the aim; but among results whose number differs by less than
//! calibration data can tell apart, the likeliest to succeed is worth more. Only results that are best in one of the
//! two senses are held in memory, and ties go to the earlier run, so neither the number of threads nor their timing
//! shows in the result.
//!
//! By [`Aim::Success`] the estimated loss of success takes the place of the number of gates throughout.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ardea_circuit::Circuit;
use rayon::prelude::*;

use crate::mapping::Routing;
use crate::report::Figures;
use crate::schedule::estimate;
use crate::{Aim, CompileError, CompileOptions, Context, Effort, PassRecord, Pipeline};

/// Parts in which the loss of success, -log of it, is counted where it is what is to be small.
const LOSS_UNITS: f64 = 1e6;
/// Results with at most one part in this many more two-qubit gates than the fewest may win by their success.
const GATE_WINDOW: usize = 50;
/// Ways that a quick routing left with at most one part in this many more gates than the fewest are routed again.
const FINALIST_WINDOW: usize = 10;
/// A start of more instructions than this is compiled in one way only: trying others would double the wait.
const LONG: usize = 200_000;
/// Instructions that all ways of a stage may start from together; of longer circuits only the first ways are tried.
const WAYS_INSTRUCTIONS: usize = 300_000;
/// Instructions that all runs from other seeds may start from together; shorter circuits get more of them.
const RESTART_INSTRUCTIONS: usize = 20_000;

/// Lists of passes in stages, and how often the best of them run again.
pub(crate) struct Search {
    /// A later stage never makes the result of an earlier one worse.
    pub(crate) stages: Vec<Stage>,
    /// Runs from other seeds after each stage, for each way that was routed thoroughly.
    pub(crate) restarts: usize,
}

/// Ways that run from the same start.
pub(crate) struct Stage {
    /// What is done before routing, each from the search's start.
    pub(crate) ways: Vec<Pipeline>,
    /// From there to the device's gates, to see what a way is worth.
    pub(crate) quick: Pipeline,
    /// The same for the best ways.
    pub(crate) thorough: Pipeline,
    /// How many ways are routed thoroughly.
    pub(crate) finalists: usize,
    /// What goes on from the best result so far.
    pub(crate) polish: Pipeline,
}

/// A circuit at the end of a way, not routed yet.
struct Start<'a, 't> {
    way: &'a Pipeline,
    circuit: Circuit,
    context: Context<'t>,
    /// What quick routing made of it.
    quick: Option<Score>,
}

impl Search {
    /// Leaves the best result in `circuit` and `context`, and says how good it is.
    ///
    /// # Errors
    /// The first error of any run.
    pub(crate) fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Score, CompileError> {
        let start = Instant::now();
        if let Some((way, rest)) = self.only_way(circuit) {
            let length = circuit.len();
            way.run(circuit, context)?;
            rest.run(circuit, context)?;
            context.notes.extend(one_way_only(length, context.options));
            context.records.push(summary(circuit, 1, start));
            // Two results of a long circuit differ by more gates than calibration could weigh up.
            return Ok(Score {
                index: 0,
                cost: circuit.two_qubit_count(),
                log_success: 0.0,
            });
        }
        let mut kept = Kept::default();
        let mut runs = 0;
        let mut starts: Vec<Start<'_, '_>> = Vec::new();
        for stage in &self.stages {
            let once = stage
                .ways
                .len()
                .min(WAYS_INSTRUCTIONS / circuit.len().max(1));
            let new = starts_of(&stage.ways[..once.max(1)], runs, circuit, context)?;
            runs += new.len();
            starts.extend(new);
            // One way alone need not be compared with any.
            if starts.len() > 1 {
                let jobs: Vec<Job<'_, '_>> = starts
                    .iter()
                    .enumerate()
                    .filter(|(_, start)| start.quick.is_none())
                    .map(|(place, start)| Job::new(runs + place, &stage.quick, start))
                    .collect();
                let scores = kept.run(&jobs)?;
                runs += starts.len();
                let unknown = starts.iter_mut().filter(|start| start.quick.is_none());
                for (start, (score, routing)) in unknown.zip(scores) {
                    start.quick = Some(score);
                    start.context.routing = routing;
                }
            }
            let finalists = best_of(&starts, stage.finalists);
            let promising = finalists
                .iter()
                .filter(|&&place| is_promising(place, &starts));
            let jobs: Vec<Job<'_, '_>> = promising
                .map(|&place| Job::new(runs + place, &stage.thorough, &starts[place]))
                .collect();
            kept.run(&jobs)?;
            runs += starts.len();
            let restarts = finalists.len() * self.restarts_of(circuit);
            let ways: Vec<&Pipeline> = finalists.iter().map(|&place| starts[place].way).collect();
            kept.run_again(
                &ways,
                &stage.thorough,
                runs..runs + restarts,
                circuit,
                context,
            )?;
            runs += restarts;
            kept.polish(runs, &stage.polish)?;
            runs += 1;
            kept.close_stage();
        }
        let best = kept.take().ok_or_else(nothing_tried)?;
        *circuit = best.circuit;
        context.layout = best.context.layout;
        context.properties = best.context.properties;
        context.records.extend(best.context.records);
        context.records.push(summary(circuit, runs, start));
        Ok(best.score)
    }

    /// The way that a long circuit goes, in place: nothing is copied and nothing compared.
    fn only_way(&self, circuit: &Circuit) -> Option<(&Pipeline, &Pipeline)> {
        let stage = self.stages.first().filter(|_| circuit.len() > LONG)?;
        Some((stage.ways.first()?, &stage.thorough))
    }

    fn restarts_of(&self, circuit: &Circuit) -> usize {
        let long = self.restarts * RESTART_INSTRUCTIONS / circuit.len().max(1);
        self.restarts.min(long)
    }
}

/// What is to be said of a circuit that went one way although it was to be chosen among several.
fn one_way_only(length: usize, options: &CompileOptions) -> Option<String> {
    let is_usual = options.aim == Aim::Gates && options.effort == Effort::Normal;
    (!is_usual).then(|| {
        format!(
            "aim and effort had no effect: a circuit of {length} instructions, more than {LONG}, is compiled in one way"
        )
    })
}

/// Goes the ways up to routing; those that do not apply are left out.
fn starts_of<'a, 't>(
    ways: &'a [Pipeline],
    first: usize,
    circuit: &Circuit,
    context: &Context<'t>,
) -> Result<Vec<Start<'a, 't>>, CompileError> {
    let starts: Vec<Result<Option<Start<'a, 't>>, CompileError>> = ways
        .par_iter()
        .enumerate()
        .map(|(index, way)| start_of(way, seed_of(first + index, context), circuit, context))
        .collect();
    let starts: Result<Vec<Option<Start<'a, 't>>>, CompileError> = starts.into_iter().collect();
    Ok(starts?.into_iter().flatten().collect())
}

fn start_of<'a, 't>(
    way: &'a Pipeline,
    seed: u64,
    circuit: &Circuit,
    context: &Context<'t>,
) -> Result<Option<Start<'a, 't>>, CompileError> {
    let (mut circuit, mut context) = (circuit.clone(), context.fork(seed));
    way.run(&mut circuit, &mut context)?;
    let applies = !context.stopped;
    Ok(applies.then_some(Start {
        way,
        circuit,
        context,
        quick: None,
    }))
}

/// The first run of all has the seed that was asked for.
fn seed_of(index: usize, context: &Context<'_>) -> u64 {
    if index == 0 {
        context.seed
    } else {
        context.trial_seed(index)
    }
}

/// From one start to the device's gates; the index seeds it and breaks ties.
struct Job<'a, 't> {
    index: usize,
    rest: &'a Pipeline,
    circuit: &'a Circuit,
    context: &'a Context<'t>,
}

impl<'a, 't> Job<'a, 't> {
    fn new(index: usize, rest: &'a Pipeline, start: &'a Start<'_, 't>) -> Self {
        Self {
            index,
            rest,
            circuit: &start.circuit,
            context: &start.context,
        }
    }

    fn run(&self) -> Result<Candidate<'t>, CompileError> {
        let mut out = self.circuit.clone();
        let mut context = self.context.fork(self.context.trial_seed(self.index));
        context.records.clone_from(&self.context.records);
        self.rest.run(&mut out, &mut context)?;
        let estimate = estimate(&out, context.target)?;
        let log_success = estimate.log_success_gates + estimate.log_success_idle;
        let score = Score {
            index: self.index,
            cost: match context.options.aim {
                Aim::Gates => out.two_qubit_count(),
                Aim::Success => (-log_success * LOSS_UNITS).round() as usize,
            },
            log_success,
        };
        Ok(Candidate {
            circuit: out,
            context,
            score,
        })
    }
}

/// A way through the compiler and what came out of it.
struct Candidate<'t> {
    circuit: Circuit,
    context: Context<'t>,
    score: Score,
}

/// How good a result is, and what is known of its routing.
type Outcome = (Score, Option<Routing>);

/// How good a result is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Score {
    index: usize,
    /// What is to be small: two-qubit gates, or by [`Aim::Success`] the loss in parts.
    cost: usize,
    log_success: f64,
}

impl Score {
    /// Whether this is the better of the two, taken after the other.
    pub(crate) fn beats(&self, other: &Self) -> bool {
        let pair = [Self { index: 0, ..*other }, Self { index: 1, ..*self }];
        choose(&pair, usize::MAX) == Some(pair[1])
    }

    /// Whether nobody would take `other` who can have this.
    fn dominates(&self, other: &Self) -> bool {
        let as_good = self.cost <= other.cost && self.log_success >= other.log_success;
        let same = self.cost == other.cost && self.log_success == other.log_success;
        as_good && (!same || self.index < other.index)
    }
}

/// The candidates that no other dominates.
struct Kept<'t> {
    front: Mutex<Vec<Candidate<'t>>>,
    /// What the stages so far would have ended with: more gates are not accepted any more.
    most: usize,
}

impl Default for Kept<'_> {
    fn default() -> Self {
        Self {
            front: Mutex::default(),
            most: usize::MAX,
        }
    }
}

impl<'t> Kept<'t> {
    /// Runs all jobs; what came of them in their order.
    fn run(&self, jobs: &[Job<'_, 't>]) -> Result<Vec<Outcome>, CompileError> {
        let scores: Vec<Result<Outcome, CompileError>> =
            jobs.par_iter().map(|job| self.run_one(job)).collect();
        scores.into_iter().collect()
    }

    fn run_one(&self, job: &Job<'_, 't>) -> Result<Outcome, CompileError> {
        let candidate = job.run()?;
        let outcome = (candidate.score, candidate.context.routing);
        self.offer(candidate);
        Ok(outcome)
    }

    /// Runs whole ways in turn, each time from another seed.
    fn run_again(
        &self,
        ways: &[&Pipeline],
        rest: &Pipeline,
        indices: Range<usize>,
        circuit: &Circuit,
        context: &Context<'t>,
    ) -> Result<(), CompileError> {
        indices.into_par_iter().try_for_each(|index| {
            let way = ways[index % ways.len()];
            let start = start_of(way, context.trial_seed(index), circuit, context)?;
            start.map_or(Ok(()), |start| {
                self.run_one(&Job::new(index, rest, &start)).map(|_| ())
            })
        })
    }

    fn front(&self) -> MutexGuard<'_, Vec<Candidate<'t>>> {
        // A poisoned lock means that another run panicked; that panic is on its way to the caller already.
        self.front.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn offer(&self, candidate: Candidate<'t>) {
        let mut front = self.front();
        if !front
            .iter()
            .any(|other| other.score.dominates(&candidate.score))
        {
            front.retain(|other| !candidate.score.dominates(&other.score));
            front.push(candidate);
        }
    }

    fn scores(&self) -> Vec<Score> {
        let front = self.front();
        front.iter().map(|candidate| candidate.score).collect()
    }

    /// Goes on from the best result so far.
    fn polish(&self, index: usize, rest: &Pipeline) -> Result<(), CompileError> {
        let Some(best) = choose(&self.scores(), self.most) else {
            return Ok(());
        };
        let (circuit, context) = {
            let front = self.front();
            let Some(found) = front.iter().find(|candidate| candidate.score == best) else {
                return Ok(());
            };
            let mut context = found.context.fork(found.context.seed);
            context.records = found.context.records.clone();
            (found.circuit.clone(), context)
        };
        let job = Job {
            index,
            rest,
            circuit: &circuit,
            context: &context,
        };
        self.offer(job.run()?);
        Ok(())
    }

    fn close_stage(&mut self) {
        if let Some(best) = choose(&self.scores(), self.most) {
            self.most = best.cost;
        }
    }

    fn take(self) -> Option<Candidate<'t>> {
        let best = choose(&self.scores(), self.most)?;
        let front = self
            .front
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        front.into_iter().find(|candidate| candidate.score == best)
    }
}

/// The likeliest to succeed of those with about the fewest two-qubit gates, and no more than `most`.
fn choose(scores: &[Score], most: usize) -> Option<Score> {
    let fewest = scores.iter().map(|score| score.cost).min()?;
    let limit = most.min(fewest.saturating_add(fewest / GATE_WINDOW));
    let near = scores.iter().filter(|score| score.cost <= limit);
    near.copied().max_by(|a, b| {
        let by_success = a.log_success.total_cmp(&b.log_success);
        by_success
            .then(b.cost.cmp(&a.cost))
            .then(b.index.cmp(&a.index))
    })
}

/// The starts that quick routing brought furthest, best first.
fn best_of(starts: &[Start<'_, '_>], count: usize) -> Vec<usize> {
    let scores: Vec<Option<Score>> = starts.iter().map(|start| start.quick).collect();
    in_order(&scores).into_iter().take(count).collect()
}

/// Whether thorough routing of a start may lead further than all the quick ones: where those brought it about as far as
/// any, and there are swaps to be saved.
fn is_promising(place: usize, starts: &[Start<'_, '_>]) -> bool {
    let cost = |start: &Start<'_, '_>| Some(start.quick?.cost);
    let fewest = starts.iter().filter_map(cost).min();
    let is_near = match (cost(&starts[place]), fewest) {
        (Some(cost), Some(fewest)) => cost <= fewest.saturating_add(fewest / FINALIST_WINDOW),
        _ => true,
    };
    let routing = starts[place].context.routing;
    is_near && routing.is_none_or(|routing| routing.swaps > 0)
}

/// Fewest gates first, then the likeliest to succeed; what was not scored comes last.
fn in_order(scores: &[Option<Score>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| match (&scores[a], &scores[b]) {
        (Some(x), Some(y)) => {
            let by_cost = x.cost.cmp(&y.cost);
            by_cost.then(y.log_success.total_cmp(&x.log_success))
        }
        (x, y) => y.is_some().cmp(&x.is_some()),
    });
    order
}

fn summary(circuit: &Circuit, runs: usize, start: Instant) -> PassRecord {
    let figures = Figures::of(circuit);
    PassRecord {
        name: format!("best-of-{runs}"),
        seconds: start.elapsed().as_secs_f64(),
        two_qubit_gates: figures.two_qubit_gates,
        two_qubit_depth: figures.two_qubit_depth,
        depth: figures.depth,
    }
}

fn nothing_tried() -> CompileError {
    CompileError::Internal {
        place: "search",
        detail: "no list to try".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Gate;
    use ardea_circuit::random::random_circuit;
    use rand::SeedableRng;
    use rand_pcg::Pcg64Mcg;

    use super::*;

    fn score(index: usize, cost: usize, log_success: f64) -> Score {
        Score {
            index,
            cost,
            log_success,
        }
    }

    #[test]
    fn a_circuit_that_goes_one_way_says_what_had_no_effect() {
        let usual = CompileOptions::default();
        assert_eq!(one_way_only(LONG + 1, &usual), None);
        let aimed = CompileOptions {
            aim: Aim::Success,
            ..usual
        };
        let note = one_way_only(LONG + 1, &aimed).unwrap();
        assert!(note.contains("aim") && note.contains("200001"), "{note}");
    }

    #[test]
    fn aiming_at_success_never_lowers_it() {
        let target = ardea_device::Target::bundled("fez").unwrap();
        for seed in 0..3 {
            let mut rng = Pcg64Mcg::seed_from_u64(seed);
            let circuit = random_circuit(&mut rng, 6, 60, &[Gate::U, Gate::CX, Gate::RZZ]);
            let success = |aim: Aim| {
                let options = crate::CompileOptions {
                    aim,
                    ..crate::CompileOptions::default()
                };
                let compiled = crate::compile(&circuit, &target, &options).unwrap();
                compiled.report.estimated_success_probability
            };
            // The polish that follows is another one, so a little may be lost.
            assert!(
                success(Aim::Success) >= 0.98 * success(Aim::Gates),
                "seed {seed}"
            );
        }
    }

    #[test]
    fn among_about_equal_counts_the_likeliest_to_succeed_is_chosen() {
        let scores = [
            score(0, 100, -3.0),
            score(1, 102, -1.0),
            score(2, 103, -0.5),
        ];
        assert_eq!(choose(&scores, usize::MAX), Some(scores[1]));
    }

    #[test]
    fn a_later_stage_does_not_add_gates() {
        let scores = [score(0, 100, -3.0), score(1, 102, -1.0)];
        assert_eq!(choose(&scores, 101), Some(scores[0]));
    }

    #[test]
    fn the_first_of_equals_is_kept() {
        let (first, second) = (score(0, 5, -1.0), score(1, 5, -1.0));
        assert!(first.dominates(&second) && !second.dominates(&first));
        assert_eq!(choose(&[second, first], usize::MAX), Some(first));
    }

    #[test]
    fn ways_are_ordered_by_gates_and_then_by_success() {
        let scores = [score(0, 7, -1.0), score(1, 5, -2.0), score(2, 5, -1.0)].map(Some);
        assert_eq!(in_order(&scores), [2, 1, 0]);
        assert_eq!(in_order(&[None, scores[0]]), [1, 0]);
        assert!(in_order(&[]).is_empty());
    }
}
