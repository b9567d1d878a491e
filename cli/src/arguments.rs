//! The command line's grammar; the doc comments are its help.

mod execute;
mod simulation;

pub(crate) use execute::ExecuteCommand;
pub(crate) use simulation::{NoiseKind, Noisy, NoisyEngine, Resources};

use ardea::Method;
use std::path::PathBuf;
use std::time::Duration;

use ardea::Meaning;
use ardea::compiler::{Aim, Decoupling, Effort, Level, Preserve, ScheduleMode};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// A quantum circuit compiler and state-vector simulator.
///
/// Circuits are OpenQASM 2 or 3 files; '-' stands for standard input or output. Qubit 0 is the least significant bit
/// and the rightmost character of a bit string, as in Qiskit.
#[derive(Debug, Parser)]
#[command(name = "ardea", version, propagate_version = true, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXAMPLES: &str = "\
Examples:
  ardea compile circuit.qasm -o compiled.qasm --target boston -O3 --report report.json
  ardea run circuit.qasm --shots 1000
  ardea execute circuit.qasm --target boston --shots 4000
  ardea convert circuit.qasm --format qasm3 -o circuit3.qasm
  ardea hubbard --sites 60 --steps 30 --target boston -o hubbard.qasm
  ardea targets boston
  ardea verify circuit.qasm compiled.qasm --layout report.json

Exit codes: 0 all went well, 1 a problem in the input, 2 wrong usage.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compile a circuit for a device.
    Compile(CompileCommand),
    /// Simulate a circuit: counts, amplitudes, expectation values.
    Run(RunCommand),
    /// Compile, suppress errors, run with a device's noise (or hand over to hardware) and mitigate, in one call.
    Execute(ExecuteCommand),
    /// Rewrite a circuit as OpenQASM 2 or 3.
    Convert(ConvertCommand),
    /// Read files and report every problem with its place.
    Check(CheckCommand),
    /// Show a circuit's registers, counts and depths, or draw it.
    Info(InfoCommand),
    /// List the bundled devices, or show one.
    Targets(TargetsCommand),
    /// Build, compile and write the Fermi-Hubbard benchmark circuit.
    Hubbard(HubbardCommand),
    /// Check whether two circuits mean the same, for instance a circuit and what a compiler made of it.
    Verify(VerifyCommand),
}

/// How files are read.
#[derive(Debug, Args)]
pub(crate) struct Reading {
    /// Also look for included files in this folder (may be given several times).
    #[arg(short = 'I', long = "include", value_name = "FOLDER")]
    pub(crate) include: Vec<PathBuf>,
    /// Accept only what the OpenQASM 2 paper defines: no gates beyond its qelib1.inc.
    #[arg(long)]
    pub(crate) strict: bool,
}

/// How circuits are written.
#[derive(Debug, Args)]
pub(crate) struct Writing {
    /// Output file; '-' writes to standard output.
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    pub(crate) output: PathBuf,
    /// Language of the output.
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    pub(crate) format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// OpenQASM 2 where it can express the circuit (no control flow, delays or symbols), otherwise OpenQASM 3.
    Auto,
    /// OpenQASM 2.
    Qasm2,
    /// OpenQASM 3; compiled circuits name the device's qubits ($0, $1, ...), as IBM's service expects.
    Qasm3,
}

/// What compile and hubbard share.
#[derive(Debug, Args)]
pub(crate) struct Compiling {
    /// The device: a bundled one (see 'ardea targets'), IBM's two calibration files as CONF.json,PROPS.json, a device
    /// file of Ardea's, or line:N, ring:N, grid:RxC, heavy_hex:D, all_to_all:N.
    #[arg(short, long, default_value = "boston")]
    pub(crate) target: String,
    /// How hard to try, from 0 (translate only) to 3 (several methods, the best result is kept).
    #[arg(short = 'O', long = "level", value_name = "LEVEL", default_value = "2", value_parser = spelled::<Level>)]
    pub(crate) level: Level,
    /// How long levels 2 and 3 search: normal (the default), high (about ten times as long) or max (a hundred times).
    #[arg(long, value_parser = spelled::<Effort>)]
    pub(crate) effort: Option<Effort>,
    /// What levels 2 and 3 choose their result by: gates (fewest two-qubit gates, the default) or success (the estimated
    /// success, waiting included).
    #[arg(long, value_parser = spelled::<Aim>)]
    pub(crate) aim: Option<Aim>,
    /// Drop rotations whose average gate infidelity against doing nothing is below this; 0 drops none.
    #[arg(long, value_name = "INFIDELITY", default_value_t = 1e-12)]
    pub(crate) approximation: f64,
    /// Seed of every random choice; the same seed gives the same output.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// What must survive: counts (the distribution of the classical bits), state (the final state from |0...0>) or
    /// unitary (the operator).
    #[arg(long, default_value = "counts", value_parser = spelled::<Preserve>)]
    pub(crate) preserve: Preserve,
    /// Also use the device's rx and rzz of any angle.
    #[arg(long)]
    pub(crate) fractional: bool,
    /// Dynamical decoupling in idle windows: none, staggered (what suits each window and its neighbours, by the device's
    /// figures), xx, xpxm, xy4, xy8, cpmg, udd or walsh.
    #[arg(long, value_name = "SEQUENCE", default_value = "none", value_parser = spelled::<Decoupling>)]
    pub(crate) dd: Decoupling,
    /// Write idle time as delays, operations as late (alap) or as soon (asap) as possible, or where waits cost
    /// least (least-loss).
    #[arg(long, value_name = "MODE", value_parser = spelled::<ScheduleMode>)]
    pub(crate) schedule: Option<ScheduleMode>,
    /// The physical qubit of each of the circuit's qubits, separated by commas; the compiler chooses otherwise.
    #[arg(long, value_name = "Q0,Q1,...", value_delimiter = ',')]
    pub(crate) initial_layout: Option<Vec<u32>>,
    /// Number of layout and routing trials; the level has its own number.
    #[arg(long, value_parser = at_least_one)]
    pub(crate) trials: Option<usize>,
    /// Write what was done, per pass, as JSON.
    #[arg(long, value_name = "REPORT.json")]
    pub(crate) report: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CompileCommand {
    /// OpenQASM file; '-' reads standard input.
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) compiling: Compiling,
    /// Check the result against the input, whatever its width, before it is written; see 'ardea verify --help'. The
    /// verdict goes to standard error and into the report; 'different' writes nothing and ends with exit code 1.
    #[arg(long)]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) writing: Writing,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
#[command(mut_group("Noisy", |group| group.requires("noise")))]
pub(crate) struct RunCommand {
    /// OpenQASM file; '-' reads standard input.
    pub(crate) input: PathBuf,
    /// How often to measure; by default 1024 when the circuit measures, otherwise the final state is printed.
    #[arg(short, long)]
    pub(crate) shots: Option<u64>,
    /// Seed of the measurement outcomes.
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
    /// Engine: statevector, stabilizer, sector (numbers of ones that are conserved), free_fermion, or
    /// automatic, which takes the state vector, or another one where the circuit allows it and it clearly wins.
    #[arg(long, value_parser = method, default_value = "automatic")]
    pub(crate) method: Method,
    /// Precision of the amplitudes.
    #[arg(long, value_enum, default_value_t = Precision::F64)]
    pub(crate) precision: Precision,
    #[command(flatten)]
    pub(crate) resources: Resources,
    /// An observable whose expectation value is printed, for instance "0.5*ZZI - XIX"; the rightmost letter belongs to
    /// qubit 0 (may be given several times).
    #[arg(long, value_name = "PAULIS", allow_hyphen_values = true)]
    pub(crate) expect: Vec<String>,
    /// Values for symbols in radians, such as theta=0.3 or theta=pi/2 (may be given several times).
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
    /// A .npy file with the state to start from, 2^n complex numbers, as --save-state or numpy.save writes it.
    #[arg(long, value_name = "FILE.npy")]
    pub(crate) initial_state: Option<PathBuf>,
    /// Write the final state's amplitudes to a .npy file, which numpy.load reads.
    #[arg(long, value_name = "FILE.npy")]
    pub(crate) save_state: Option<PathBuf>,
    /// Keep the state of a long run in this file. The same command goes on from it after it was broken off, and ends
    /// with the same result; the file is removed when the run is done.
    #[arg(long, value_name = "FILE")]
    pub(crate) checkpoint: Option<PathBuf>,
    /// Seconds between two writings of the checkpoint at least.
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds, requires = "checkpoint")]
    pub(crate) every: Duration,
    /// Run with the noise of this device, on its own qubits and gates; see 'ardea compile --target' for the names.
    #[arg(long, value_name = "DEVICE", conflicts_with_all = ["plan", "precision", "method", "initial_state", "save_state", "checkpoint"])]
    pub(crate) noise: Option<String>,
    #[command(flatten)]
    pub(crate) noisy: Noisy,
    /// Print the plan (steps, sweeps through memory, estimated time) and stop.
    #[arg(long)]
    pub(crate) plan: bool,
    /// Say on standard error how the run went: engine, sweeps, time, and which parts of the machine's memory bandwidth
    /// and of its multiplications it used.
    #[arg(long, conflicts_with_all = ["noise", "plan"])]
    pub(crate) profile: bool,
    /// How many amplitudes to print, the largest first.
    #[arg(long, default_value_t = 32)]
    pub(crate) amplitudes: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Output file; '-' writes to standard output.
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Precision {
    /// Single precision: half the memory.
    F32,
    /// Double precision.
    F64,
}

#[derive(Debug, Args)]
pub(crate) struct ConvertCommand {
    /// OpenQASM file; '-' reads standard input.
    pub(crate) input: PathBuf,
    #[command(flatten)]
    pub(crate) writing: Writing,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct CheckCommand {
    /// OpenQASM files; '-' reads standard input.
    #[arg(required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct InfoCommand {
    /// OpenQASM file; '-' reads standard input.
    pub(crate) input: PathBuf,
    /// Draw the circuit.
    #[arg(long)]
    pub(crate) draw: bool,
    /// Characters per line of the drawing.
    #[arg(long, default_value_t = 100)]
    pub(crate) width: usize,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

#[derive(Debug, Args)]
pub(crate) struct TargetsCommand {
    /// The device to show, in any of the forms that --target takes.
    pub(crate) target: Option<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

/// Compares two circuits and prints a verdict: equal (proven), probably equal (agreed on random inputs), different (with a
/// witness) or unknown. Exit codes: 0 equal or probably equal, 1 different or unknown, 2 wrong usage.
#[derive(Debug, Args)]
pub(crate) struct VerifyCommand {
    /// The first circuit, OpenQASM; '-' reads standard input.
    pub(crate) before: PathBuf,
    /// The second, for instance compiled from the first.
    pub(crate) after: PathBuf,
    /// Where the first circuit's qubits are in the second: a report of 'ardea compile --report'. Otherwise the layout
    /// lines ('// i', '// o') of the second file say so, and without them each qubit is in its own place.
    #[arg(long, value_name = "REPORT.json")]
    pub(crate) layout: Option<PathBuf>,
    /// What must agree: counts (the distribution of the classical bits), state (the final state from |0...0>) or unitary
    /// (the operator). By default what the report given with --layout says, otherwise unitary.
    #[arg(long, value_name = "MEANING", value_parser = meaning)]
    pub(crate) preserve: Option<Meaning>,
    #[command(flatten)]
    pub(crate) checking: Checking,
    /// Write the verdict as JSON: method, confidence, distance, witness, every attempt, seconds.
    #[arg(long, value_name = "REPORT.json")]
    pub(crate) report: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) reading: Reading,
}

/// How hard a check tries.
#[derive(Debug, Args)]
pub(crate) struct Checking {
    /// Circuits closer than this count as equal; at least 1e-12, below which there is only rounding.
    #[arg(long, value_name = "DISTANCE", default_value_t = 1e-5, value_parser = tolerance)]
    pub(crate) tolerance: f64,
    /// Rotations by at most this angle may be missing from either circuit; the verdict states what they come to. `compile`
    /// drops those of up to 2.6e-6 unless told otherwise (--approximation).
    #[arg(long, value_name = "RADIANS", default_value_t = 0.0)]
    pub(crate) negligible: f64,
    /// Random inputs that are simulated where nothing else decides.
    #[arg(long, value_name = "COUNT", default_value_t = 4, value_parser = at_least_one)]
    pub(crate) stimuli: usize,
    /// Memory that simulated states may take at most, for instance 512MiB or 8GiB.
    #[arg(long, value_name = "SIZE", value_parser = bytes)]
    pub(crate) memory: Option<u64>,
    /// Seed of the random inputs.
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    pub(crate) check_seed: u64,
}

/// Builds the mirrored Trotter circuit of the open Fermi-Hubbard chain on a line of qubits (two per site, hopping 1,
/// half-filled Neel start), compiles it and writes it.
#[derive(Debug, Args)]
pub(crate) struct HubbardCommand {
    /// Sites of the chain; the circuit has two qubits per site.
    #[arg(long, default_value_t = 60)]
    pub(crate) sites: usize,
    /// Trotter steps.
    #[arg(long, default_value_t = 30)]
    pub(crate) steps: usize,
    /// On-site interaction, in units of the hopping.
    #[arg(short, long, default_value_t = -2.0, allow_hyphen_values = true)]
    pub(crate) u: f64,
    /// Time step, in units of the inverse hopping.
    #[arg(long, default_value_t = 0.2, allow_hyphen_values = true)]
    pub(crate) dt: f64,
    /// Leave the measurement of all modes (registers 'up' and 'down') out.
    #[arg(long)]
    pub(crate) no_measure: bool,
    /// Leave out the preparation of the Neel state: the bare evolution. Give --preserve unitary with it, or the empty
    /// start state, on which no fermion hops, removes every gate.
    #[arg(long)]
    pub(crate) unprepared: bool,
    #[command(flatten)]
    pub(crate) compiling: Compiling,
    /// Output file; '-' writes to standard output. Without it only the figures are printed.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Language of the output.
    #[arg(long, value_enum, default_value_t = Format::Auto)]
    pub(crate) format: Format,
}

/// Reads an option by the compiler's own spelling.
fn spelled<T: std::str::FromStr<Err = ardea::CompileError>>(text: &str) -> Result<T, String> {
    text.parse()
        .map_err(|error: ardea::CompileError| error.to_string())
}

fn meaning(text: &str) -> Result<Meaning, String> {
    text.parse()
        .map_err(|error: ardea::EquivalenceError| error.to_string())
}

fn method(text: &str) -> Result<Method, String> {
    let names = Method::ALL.map(Method::name);
    Method::from_name(text).ok_or_else(|| {
        format!(
            "there is no engine of this name; choose one of {}",
            names.join(", ")
        )
    })
}

/// Reads a count that cannot be zero.
fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("write a whole number of at least 1".to_owned()),
        Ok(count) => Ok(count),
    }
}

/// A distance above the rounding of the comparison itself.
fn tolerance(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(distance) if (1e-12..1.0).contains(&distance) => Ok(distance),
        _ => Err("write a number from 1e-12 to below 1".to_owned()),
    }
}

/// Reads a duration in seconds.
fn seconds(text: &str) -> Result<Duration, String> {
    let number: Option<f64> = text.parse().ok();
    number
        .and_then(|number| Duration::try_from_secs_f64(number).ok())
        .ok_or_else(|| "write a number of seconds, for instance 60".to_owned())
}

/// Reads a number of bytes with an optional unit.
fn bytes(text: &str) -> Result<u64, String> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let power = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kib" => 1,
        "m" | "mib" => 2,
        "g" | "gib" => 3,
        "t" | "tib" => 4,
        _ => {
            return Err(format!(
                "'{unit}' is not a unit; write bytes, KiB, MiB, GiB or TiB, for instance 8GiB"
            ));
        }
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "write a whole number, for instance 8GiB".to_owned())?;
    number
        .checked_mul(1 << (10 * power))
        .ok_or_else(|| "that is more than any machine has".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_grammar_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn options_of_the_noise_need_noise() {
        let read = |words: &[&str]| {
            let all = ["ardea", "run", "in.qasm"].iter().chain(words);
            Arguments::try_parse_from(all)
        };
        for options in [
            ["--draws", "3"],
            ["--noise-engine", "density"],
            ["--noise-kind", "calibrated"],
        ] {
            let message = read(&options).unwrap_err().to_string();
            assert!(message.contains("--noise <DEVICE>"), "{message}");
            assert!(read(&[&options[..], &["--noise", "fez"]].concat()).is_ok());
        }
        assert!(read(&["--threads", "2"]).is_ok());
    }

    #[test]
    fn what_runs_elsewhere_takes_no_options_of_the_simulation() {
        let read = |words: &[&str]| {
            let all = ["ardea", "execute", "in.qasm"].iter().chain(words);
            Arguments::try_parse_from(all)
        };
        for option in [
            ["--draws", "3"],
            ["--noise-engine", "density"],
            ["--noise-kind", "calibrated"],
            ["--memory", "1GiB"],
        ] {
            assert!(read(&option).is_ok());
            for elsewhere in ["--hand-over", "--collect"] {
                let refused = read(&[&option[..], &[elsewhere, "jobs"]].concat());
                assert!(refused.is_err(), "{option:?} {elsewhere}");
            }
        }
        assert!(read(&["--hand-over", "jobs", "--threads", "2"]).is_ok());
        assert!(read(&["--draws", "0"]).is_err());
    }

    #[test]
    fn sizes_read_with_units() {
        assert_eq!(bytes("8GiB"), Ok(8 << 30));
        assert_eq!(bytes("512 m"), Ok(512 << 20));
        assert!(bytes("many").is_err() && bytes("99999999TiB").is_err());
    }
}
