//! The arguments of `ardea execute`.

use std::path::PathBuf;

use ardea::compiler::Level;
use ardea::suppression::Suppress;
use clap::Args;

use super::{Noisy, Reading, Resources, spelled};

/// Compiles circuits, suppresses errors, runs them with the noise of the device, takes readout errors out and says what each
/// stage did. With --hand-over it stops at the circuits, for hardware, and --collect goes on from their counts.
#[derive(Debug, Args)]
#[command(
    mut_group("Noisy", |group| group.conflicts_with_all(["hand_over", "collect"])),
    mut_arg("memory", |arg| arg.conflicts_with_all(["hand_over", "collect"]))
)]
pub(crate) struct ExecuteCommand {
    /// OpenQASM files; '-' reads standard input.
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// The device, as for 'ardea compile'.
    #[arg(short, long, default_value = "boston")]
    pub(crate) target: String,
    /// Shots of each circuit; with observables, of each basis and each strength of the noise.
    #[arg(short, long, default_value_t = 4096, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) shots: u64,
    /// Seed of everything that is random.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// What to do about errors: auto, none, or what runs, as in dd=xy4,twirl=all,versions=16,readout=trex,zne=linear,
    /// scales=1:2:3. A list that begins with auto changes single stages: auto,dd=none. Details (versions, calibration,
    /// scales, folding) switch no stage on.
    #[arg(long, value_name = "STAGES", default_value = "auto", value_parser = stages)]
    pub(crate) suppress: Suppress,
    /// An observable that is estimated instead of counts, for instance "0.5*ZZI - XIX" (may be given several times).
    #[arg(long, value_name = "PAULIS", allow_hyphen_values = true)]
    pub(crate) expect: Vec<String>,
    /// Values for symbols in radians, such as theta=0.3 or theta=pi/2 (may be given several times).
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// How hard to compile.
    #[arg(short = 'O', long = "level", value_name = "LEVEL", default_value = "2", value_parser = spelled::<Level>)]
    pub(crate) level: Level,
    /// Also use the device's rx and rzz of any angle.
    #[arg(long)]
    pub(crate) fractional: bool,
    /// The circuits are compiled for the device already.
    #[arg(long, conflicts_with_all = ["level", "fractional"])]
    pub(crate) compiled: bool,
    #[command(flatten)]
    pub(crate) noisy: Noisy,
    #[command(flatten)]
    pub(crate) resources: Resources,
    /// Write the circuits as OpenQASM 3 into this folder instead of running them, with experiment.json, which says how
    /// often each runs and where its counts go.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) hand_over: Option<PathBuf>,
    /// Make results of the counts in FOLDER/counts.json, a list of one object such as {"010": 17} for each circuit handed
    /// over. All other arguments must be those of --hand-over.
    #[arg(long, value_name = "FOLDER", conflicts_with = "hand_over")]
    pub(crate) collect: Option<PathBuf>,
    /// Write what was done, by circuit and stage, as JSON.
    #[arg(long, value_name = "REPORT.json")]
    pub(crate) report: Option<PathBuf>,
    /// Write pictures into this folder: error_map.svg (the device and the qubits chosen), timeline.svg (of the first
    /// version), stages.svg (what each stage is predicted to gain); for several circuits with their numbers.
    #[arg(long, value_name = "FOLDER")]
    pub(crate) figures: Option<PathBuf>,
    /// Print JSON.
    #[arg(long, conflicts_with = "hand_over")]
    pub(crate) json: bool,
    /// Output file; '-' writes to standard output.
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

fn stages(text: &str) -> Result<Suppress, String> {
    Suppress::from_text(text).map_err(|error| error.to_string())
}
