//! What a pass may look at besides the circuit, and what it may leave for later passes.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use ardea_circuit::{Layout, Qubit};
use ardea_device::Target;
use rustc_hash::FxHashSet;

use crate::mapping::Routing;
use crate::settled::Settled;
use crate::{CompileOptions, PassRecord, Properties};

/// The surroundings of one run of a pipeline.
pub struct Context<'t> {
    /// The device compiled for.
    pub target: &'t Target,
    /// What the caller asked for.
    pub options: &'t CompileOptions,
    /// Seed of every random choice; a trial mixes in its index with [`Context::trial_seed`].
    pub seed: u64,
    /// For each input qubit, the wire of the circuit that holds it before the first and after the last instruction.
    ///
    /// `None` means that wire k holds input qubit k throughout. A pass that relabels wires calls [`Context::place`];
    /// one that leaves a permutation undone at the end calls [`Context::permute_last`].
    pub layout: Option<Layout>,
    /// Number of qubits of the input circuit.
    pub num_inputs: usize,
    /// What is known to hold now; the pipeline keeps it.
    pub properties: Properties,
    /// Whether a pipeline stopped before its end, because a pass found nothing to do.
    pub stopped: bool,
    /// One record per pass run so far.
    pub records: Vec<PassRecord>,
    /// What a reader of the report should know.
    pub notes: Vec<String>,
    /// Fingerprints of windows that were searched in vain: see [`ShortenWindows`](crate::translate::ShortenWindows).
    pub hopeless_windows: FxHashSet<u64>,
    /// Set from outside, it ends the compilation before the next pass.
    pub stop: Option<Arc<AtomicBool>>,
    /// What is known from routing this circuit before.
    pub(crate) routing: Option<Routing>,
    /// Where a pass would put each wire, if nothing moves it; the mapper looks there first.
    pub(crate) place_hint: Option<Vec<Option<Qubit>>>,
    /// Blocks that need no second look.
    pub(crate) settled: Settled,
}

impl<'t> Context<'t> {
    /// The context at the start of compiling a circuit of `num_inputs` qubits.
    #[must_use]
    pub fn new(target: &'t Target, options: &'t CompileOptions, num_inputs: usize) -> Self {
        Self {
            target,
            options,
            seed: options.seed,
            layout: None,
            num_inputs,
            properties: Properties::NONE,
            stopped: false,
            records: Vec::new(),
            notes: Vec::new(),
            hopeless_windows: FxHashSet::default(),
            stop: None,
            routing: None,
            place_hint: None,
            settled: Settled::default(),
        }
    }

    /// A context that continues from this one's state with nothing recorded yet, for a trial.
    #[must_use]
    pub fn fork(&self, seed: u64) -> Self {
        Self {
            target: self.target,
            options: self.options,
            seed,
            layout: self.layout.clone(),
            num_inputs: self.num_inputs,
            properties: self.properties,
            stopped: false,
            records: Vec::new(),
            notes: Vec::new(),
            hopeless_windows: self.hopeless_windows.clone(),
            stop: self.stop.clone(),
            routing: self.routing,
            place_hint: self.place_hint.clone(),
            settled: Settled::default(),
        }
    }

    /// The layout so far, the identity when none was set.
    #[must_use]
    pub fn current_layout(&self) -> Layout {
        self.layout
            .clone()
            .unwrap_or_else(|| Layout::trivial(self.num_inputs))
    }

    /// Records that wire k of the circuit is now called `wires[k]`, from its first instruction to its last.
    pub fn place(&mut self, wires: &[Qubit]) {
        let mut layout = self.current_layout();
        for qubit in layout.initial.iter_mut().chain(layout.last.iter_mut()) {
            *qubit = wires[qubit.index()];
        }
        self.layout = Some(layout);
    }

    /// Records that what used to start on wire k now starts on wire `wires[k]`.
    pub fn permute_first(&mut self, wires: &[Qubit]) {
        let mut layout = self.current_layout();
        for qubit in &mut layout.initial {
            *qubit = wires[qubit.index()];
        }
        self.layout = Some(layout);
    }

    /// Records that what used to end on wire k now ends on wire `wires[k]`.
    pub fn permute_last(&mut self, wires: &[Qubit]) {
        let mut layout = self.current_layout();
        for qubit in &mut layout.last {
            *qubit = wires[qubit.index()];
        }
        self.layout = Some(layout);
    }

    /// Seed of trial number `index`: the same for the same seed and index, whichever thread runs it.
    #[must_use]
    pub fn trial_seed(&self, index: usize) -> u64 {
        // SplitMix64 (Steele, Lea, Flood 2014): neighbouring indices give unrelated seeds.
        let mut z = self
            .seed
            .wrapping_add((index as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}
