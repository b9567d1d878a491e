//! Several ways from the same start, the best result kept.
//!
//! No single list of passes is best for every circuit, and routing depends on luck. So the ways of a level all run, in
//! parallel; then the better half of them run again from other seeds, as often as [`Effort`](crate::Effort) allows. The
//! ways of lower levels come first and what they found bounds what is kept, so a higher level is never worse; and only
//! ways that were in the better half there are tried again with more trials, besides those that are new.
//!
//! "Best" weighs two things. Fewer two-qubit gates is the aim; but among results whose number differs by less than
//! calibration data can tell apart, the likeliest to succeed is worth more. Only results that are best in one of the
//! two senses are held in memory, and ties go to the earlier run, so neither the number of threads nor their timing
//! shows in the result.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use ardea_circuit::Circuit;
use rayon::prelude::*;

use crate::report::Figures;
use crate::schedule::estimate;
use crate::{CompileError, Context, PassRecord, Pipeline};

/// Results with at most one part in this many more two-qubit gates than the fewest may win by their success.
const GATE_WINDOW: usize = 50;
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
    /// Runs from other seeds after each stage, for each of its ways.
    pub(crate) restarts: usize,
}

/// Ways that run from the same start.
pub(crate) struct Stage {
    /// Each from the search's start.
    pub(crate) ways: Vec<Pipeline>,
    /// What goes on from the best result so far.
    pub(crate) polish: Pipeline,
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
        if let Some(only) = self.only_way(circuit) {
            only.run(circuit, context)?;
            context.records.push(summary(circuit, 1, start));
            // Two results of a long circuit differ by more gates than calibration could weigh up.
            return Ok(Score {
                index: 0,
                two_qubit_gates: circuit.two_qubit_count(),
                log_success: 0.0,
            });
        }
        let mut kept = Kept::default();
        let mut runs = 0;
        let mut given_up: Vec<&str> = Vec::new();
        for stage in &self.stages {
            let ways: Vec<&Pipeline> = stage
                .ways
                .iter()
                .filter(|way| !given_up.contains(&way.name()))
                .collect();
            let once = ways.len().min(WAYS_INSTRUCTIONS / circuit.len().max(1));
            let jobs: Vec<Job<'_>> = (0..once)
                .map(|way| Job::new(runs + way, ways[way]))
                .collect();
            let scores = kept.run(&jobs, circuit, context)?;
            runs += once;
            let better = better_half(&scores);
            given_up.extend(
                (0..once)
                    .filter(|way| !better.contains(way))
                    .map(|way| ways[way].name()),
            );
            let restarts = once * self.restarts_of(circuit);
            let again: Vec<usize> = better.iter().copied().cycle().take(restarts).collect();
            let jobs: Vec<Job<'_>> = again
                .iter()
                .enumerate()
                .map(|(index, &way)| Job::new(runs + index, ways[way]))
                .collect();
            kept.run(&jobs, circuit, context)?;
            runs += jobs.len();
            kept.polish(&Job::new(runs, &stage.polish))?;
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
    fn only_way(&self, circuit: &Circuit) -> Option<&Pipeline> {
        let first = self.stages.first()?;
        first.ways.first().filter(|_| circuit.len() > LONG)
    }

    fn restarts_of(&self, circuit: &Circuit) -> usize {
        let long = self.restarts * RESTART_INSTRUCTIONS / circuit.len().max(1);
        self.restarts.min(long)
    }
}

/// One run of one way; the index seeds it and breaks ties.
struct Job<'a> {
    index: usize,
    way: &'a Pipeline,
}

impl<'a> Job<'a> {
    fn new(index: usize, way: &'a Pipeline) -> Self {
        Self { index, way }
    }

    fn run<'t>(
        &self,
        circuit: &Circuit,
        context: &Context<'t>,
    ) -> Result<Option<Candidate<'t>>, CompileError> {
        let seed = if self.index == 0 {
            context.seed
        } else {
            context.trial_seed(self.index)
        };
        self.go_on(circuit.clone(), context.fork(seed))
    }

    fn go_on<'t>(
        &self,
        mut out: Circuit,
        mut context: Context<'t>,
    ) -> Result<Option<Candidate<'t>>, CompileError> {
        self.way.run(&mut out, &mut context)?;
        if context.stopped {
            return Ok(None);
        }
        let estimate = estimate(&out, context.target)?;
        let score = Score {
            index: self.index,
            two_qubit_gates: out.two_qubit_count(),
            log_success: estimate.log_success_gates + estimate.log_success_idle,
        };
        Ok(Some(Candidate {
            circuit: out,
            context,
            score,
        }))
    }
}

/// A way through the compiler and what came out of it.
struct Candidate<'t> {
    circuit: Circuit,
    context: Context<'t>,
    score: Score,
}

/// How good a result is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Score {
    index: usize,
    two_qubit_gates: usize,
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
        let as_good =
            self.two_qubit_gates <= other.two_qubit_gates && self.log_success >= other.log_success;
        let same =
            self.two_qubit_gates == other.two_qubit_gates && self.log_success == other.log_success;
        as_good && (!same || self.index < other.index)
    }
}

/// The candidates that no other dominates.
struct Kept<'t> {
    front: Mutex<Vec<Candidate<'t>>>,
    /// What the stages so far would have ended with: more gates are not accepted any more.
    most_gates: usize,
}

impl Default for Kept<'_> {
    fn default() -> Self {
        Self {
            front: Mutex::default(),
            most_gates: usize::MAX,
        }
    }
}

impl<'t> Kept<'t> {
    /// Runs all jobs; the scores in their order, none where a way did not apply.
    fn run(
        &self,
        jobs: &[Job<'_>],
        circuit: &Circuit,
        context: &Context<'t>,
    ) -> Result<Vec<Option<Score>>, CompileError> {
        let scores: Vec<Result<Option<Score>, CompileError>> = jobs
            .par_iter()
            .map(|job| {
                let candidate = job.run(circuit, context)?;
                let score = candidate.as_ref().map(|candidate| candidate.score);
                candidate.into_iter().for_each(|c| self.offer(c));
                Ok(score)
            })
            .collect();
        scores.into_iter().collect()
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
    fn polish(&self, job: &Job<'_>) -> Result<(), CompileError> {
        let Some(best) = choose(&self.scores(), self.most_gates) else {
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
        if let Some(candidate) = job.go_on(circuit, context)? {
            self.offer(candidate);
        }
        Ok(())
    }

    fn close_stage(&mut self) {
        if let Some(best) = choose(&self.scores(), self.most_gates) {
            self.most_gates = best.two_qubit_gates;
        }
    }

    fn take(self) -> Option<Candidate<'t>> {
        let best = choose(&self.scores(), self.most_gates)?;
        let front = self
            .front
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        front.into_iter().find(|candidate| candidate.score == best)
    }
}

/// The likeliest to succeed of those with about the fewest two-qubit gates, and no more than `most_gates`.
fn choose(scores: &[Score], most_gates: usize) -> Option<Score> {
    let fewest = scores.iter().map(|score| score.two_qubit_gates).min()?;
    let limit = most_gates.min(fewest + fewest / GATE_WINDOW);
    let near = scores.iter().filter(|score| score.two_qubit_gates <= limit);
    near.copied().max_by(|a, b| {
        let by_success = a.log_success.total_cmp(&b.log_success);
        by_success
            .then(b.two_qubit_gates.cmp(&a.two_qubit_gates))
            .then(b.index.cmp(&a.index))
    })
}

/// The ways worth running again, best first: the better half of those that applied.
fn better_half(scores: &[Option<Score>]) -> Vec<usize> {
    let mut order: Vec<(usize, Score)> = scores
        .iter()
        .enumerate()
        .filter_map(|(way, score)| Some((way, (*score)?)))
        .collect();
    order.sort_by(|(a, x), (b, y)| {
        let by_gates = x.two_qubit_gates.cmp(&y.two_qubit_gates);
        by_gates
            .then(y.log_success.total_cmp(&x.log_success))
            .then(a.cmp(b))
    });
    order.truncate(order.len().div_ceil(2));
    order.iter().map(|(way, _)| *way).collect()
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
    use super::*;

    fn score(index: usize, two_qubit_gates: usize, log_success: f64) -> Score {
        Score {
            index,
            two_qubit_gates,
            log_success,
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
    fn the_better_half_is_worth_running_again() {
        let scores = [score(0, 9, -1.0), score(1, 5, -1.0), score(2, 7, -1.0)].map(Some);
        assert_eq!(better_half(&scores), [1, 2]);
        assert_eq!(better_half(&[None, scores[0]]), [1]);
        assert_eq!(better_half(&[]), [] as [usize; 0]);
    }
}
