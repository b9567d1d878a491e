//! A pipeline: a list of passes that reads top to bottom, with loops to a fixed point.
//!
//! The order is checked before anything runs: each pass says what it needs and what it leaves, and a list in which a
//! need is not met is refused. While it runs, every pass is timed under its own name, and with
//! [`Verification::EachPass`] the circuit after each pass is compared with the one before it.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Instant;

use ardea_circuit::Circuit;

use crate::report::Figures;
use crate::{Change, CompileError, Context, Pass, PassRecord, Properties, Verification, verify};

/// A loop that still changes something after this many rounds is cut off: every pass in one makes the circuit smaller
/// or leaves it, so a longer run would be a pair of passes that undo each other.
const MAX_ROUNDS: usize = 16;
/// Instructions that the rounds of a loop may walk over together, after the first: of a very long circuit the later
/// rounds gain next to nothing.
const LOOP_INSTRUCTIONS: usize = 3_000_000;

enum Step {
    Pass(Box<dyn Pass>),
    RepeatUntilStable(Pipeline),
    RepeatWhileChanged(Box<dyn Pass>, Pipeline),
    StopUnlessChanged(Box<dyn Pass>),
}

/// A readable list of passes.
///
/// ```text
/// Pipeline::new("light")
///     .then(RemoveIdentities)
///     .repeat_until_stable(Pipeline::new("cancel").then(CancelCommuting).then(RemoveIdentities))
/// ```
pub struct Pipeline {
    name: String,
    steps: Vec<Step>,
}

impl Pipeline {
    /// An empty pipeline.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            steps: Vec::new(),
        }
    }

    /// The name given at construction.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds a pass.
    #[must_use]
    pub fn then(mut self, pass: impl Pass + 'static) -> Self {
        self.steps.push(Step::Pass(Box::new(pass)));
        self
    }

    /// Adds a pass without whose change the rest is not worth running: the pipeline stops there, and says so in
    /// [`Context::stopped`].
    #[must_use]
    pub fn only_if_changed_by(mut self, pass: impl Pass + 'static) -> Self {
        self.steps.push(Step::StopUnlessChanged(Box::new(pass)));
        self
    }

    /// Adds every step of another pipeline.
    #[must_use]
    pub fn then_all(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        self
    }

    /// Adds a loop that runs `body` until no pass in it changes the circuit.
    #[must_use]
    pub fn repeat_until_stable(mut self, body: Self) -> Self {
        self.steps.push(Step::RepeatUntilStable(body));
        self
    }

    /// Adds a loop of `pass` and then `body`, until neither changes the circuit. `body` is taken to have nothing to do
    /// at first, so where `pass` changes nothing the loop ends at once.
    #[must_use]
    pub fn repeat_while_changed_by(mut self, pass: impl Pass + 'static, body: Self) -> Self {
        self.steps
            .push(Step::RepeatWhileChanged(Box::new(pass), body));
        self
    }

    /// The facts that hold after the pipeline when `start` held before.
    ///
    /// # Errors
    /// [`CompileError::PassOrder`] when a pass's needs are not met where it stands.
    pub fn check(&self, start: Properties) -> Result<Properties, CompileError> {
        let mut held = start;
        for step in &self.steps {
            held = match step {
                Step::Pass(pass) | Step::StopUnlessChanged(pass) => {
                    self.after(pass.as_ref(), held)?
                }
                Step::RepeatUntilStable(body) => {
                    // The second round starts from what the first one left.
                    let once = body.check(held)?;
                    body.check(once)?
                }
                Step::RepeatWhileChanged(pass, body) => {
                    let once = body.check(self.after(pass.as_ref(), held)?)?;
                    body.check(self.after(pass.as_ref(), once)?)?
                }
            };
        }
        Ok(held)
    }

    fn after(&self, pass: &dyn Pass, held: Properties) -> Result<Properties, CompileError> {
        let missing = pass.requires().without(held);
        if !missing.is_empty() {
            return Err(CompileError::PassOrder {
                pipeline: self.name.clone(),
                pass: pass.name(),
                missing: missing.to_string(),
            });
        }
        Ok(held.without(pass.invalidates()).with(pass.establishes()))
    }

    /// Runs every step on `circuit`.
    ///
    /// # Errors
    /// [`CompileError::PassOrder`] before anything runs, or the first error of a pass.
    pub fn run(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
    ) -> Result<Change, CompileError> {
        self.check(context.properties)?;
        let mut figures = Figures::of(circuit);
        self.run_steps(circuit, context, &mut figures)
    }

    fn run_steps(
        &self,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
        figures: &mut Figures,
    ) -> Result<Change, CompileError> {
        let mut change = Change::Unchanged;
        for step in &self.steps {
            change = change.or(match step {
                Step::Pass(pass) => self.run_pass(pass.as_ref(), circuit, context, figures)?,
                Step::RepeatUntilStable(body) => {
                    run_rounds(circuit, |circuit| body.run_steps(circuit, context, figures))?
                }
                Step::RepeatWhileChanged(pass, body) => {
                    let mut rest = Change::Unchanged;
                    run_rounds(circuit, |circuit| {
                        let made = self.run_pass(pass.as_ref(), circuit, context, figures)?;
                        if made.is_changed() || rest.is_changed() {
                            rest = body.run_steps(circuit, context, figures)?;
                        }
                        Ok(made.or(rest))
                    })?
                }
                Step::StopUnlessChanged(pass) => {
                    let made = self.run_pass(pass.as_ref(), circuit, context, figures)?;
                    if !made.is_changed() {
                        context.stopped = true;
                        return Ok(change);
                    }
                    made
                }
            });
        }
        Ok(change)
    }

    fn run_pass(
        &self,
        pass: &dyn Pass,
        circuit: &mut Circuit,
        context: &mut Context<'_>,
        figures: &mut Figures,
    ) -> Result<Change, CompileError> {
        let held = self.after(pass, context.properties)?;
        if let Some(stop) = &context.stop
            && stop.load(Ordering::Relaxed)
        {
            return Err(CompileError::Stopped);
        }
        let before = match context.options.verification {
            Verification::EachPass => verify::snapshot(circuit, context),
            Verification::Off => None,
        };
        let start = Instant::now();
        let change = pass.run(circuit, context)?;
        let seconds = start.elapsed().as_secs_f64();
        context.properties = held;
        if change.is_changed() {
            *figures = Figures::of(circuit);
        }
        context.records.push(PassRecord {
            name: pass.name().to_owned(),
            seconds,
            two_qubit_gates: figures.two_qubit_gates,
            two_qubit_depth: figures.two_qubit_depth,
            depth: figures.depth,
        });
        if let Some(before) = before {
            before
                .compare(circuit, context)
                .map_err(|difference| CompileError::Miscompiled {
                    pass: pass.name(),
                    difference,
                })?;
        }
        Ok(change)
    }
}

/// Rounds until one changes nothing.
fn run_rounds(
    circuit: &mut Circuit,
    mut round: impl FnMut(&mut Circuit) -> Result<Change, CompileError>,
) -> Result<Change, CompileError> {
    let mut change = Change::Unchanged;
    let mut walked = 0;
    for number in 0..MAX_ROUNDS {
        walked += circuit.len();
        if number > 0 && walked > LOOP_INSTRUCTIONS {
            break;
        }
        let made = round(circuit)?;
        change = change.or(made);
        if !made.is_changed() {
            break;
        }
    }
    Ok(change)
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:", self.name)?;
        for step in &self.steps {
            match step {
                Step::Pass(pass) => writeln!(f, "  {}", pass.name())?,
                Step::StopUnlessChanged(pass) => writeln!(f, "  {}, or stop", pass.name())?,
                Step::RepeatUntilStable(body) => writeln!(f, "  until stable: {}", listed(body))?,
                Step::RepeatWhileChanged(pass, body) => {
                    writeln!(f, "  while {} changes it: {}", pass.name(), listed(body))?;
                }
            }
        }
        Ok(())
    }
}

/// The steps of a loop in one line.
fn listed(body: &Pipeline) -> String {
    let text = body.to_string();
    let names: Vec<&str> = text.lines().skip(1).map(str::trim).collect();
    names.join(", ")
}
