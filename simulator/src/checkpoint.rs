//! Long runs that can be broken off and taken up again.
//!
//! Between sweeps, at most every so many seconds, the state goes to a file, with the number of sweeps done and a
//! fingerprint of everything that decides the result: the plan with all its matrices, the measurements, shots, seed,
//! precision, vector unit and initial state. A run that finds its file goes on behind the last sweep in it and
//! ends with the same bits as one that was never broken off; a file of another run is refused. The file is replaced
//! by renaming, so a run killed while it writes leaves the previous one.

use std::fmt::{self, Write as _};
use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use num_complex::Complex;

use crate::error::SimulatorError;
use crate::kernels::Real;
use crate::npy::{file_error, number, replace, write_numbers};
use crate::options::SimOptions;

const MAGIC: &[u8; 16] = b"ardea-state-0001";

/// Bytes before the amplitudes: magic, fingerprint, sweeps, touched qubits, number of amplitudes.
const HEADER: u64 = 16 + 16 + 8 + 8 + 8;

/// Amplitudes that are read at a time.
const CHUNK: usize = 1 << 14;

/// Where a run keeps its state, and how often it writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The file. A run that finds it there goes on from it; it is removed when the run is done.
    pub path: PathBuf,
    /// Time that passes between two writings at least.
    pub every: Duration,
}

/// The checkpoints of one run.
#[derive(Debug)]
pub(crate) struct Keeper {
    checkpoint: Checkpoint,
    fingerprint: u128,
    resumed: Option<Resumed>,
    /// Sweeps that were met so far, done now or before.
    met: AtomicU64,
    written: Mutex<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Resumed {
    sweeps: u64,
    touched: u64,
}

/// Refuses options with a checkpoint, for what keeps none.
pub(crate) fn refuse(options: &SimOptions, what: &str) -> Result<(), SimulatorError> {
    match options.checkpoint {
        None => Ok(()),
        Some(_) => Err(SimulatorError::BadArgument {
            what: format!(
                "{what} keeps no checkpoints; leave the checkpoint out or run a single circuit on the state vector"
            ),
        }),
    }
}

impl Keeper {
    /// The keeper of the run of `program` (whose debugging text shows all that it does) with `options` in precision `T`
    /// on 2^`qubits` amplitudes, which goes on from the file if there is one.
    pub(crate) fn new<T: Real>(
        checkpoint: &Checkpoint,
        program: &dyn fmt::Debug,
        options: &SimOptions,
        width: &dyn fmt::Display,
        qubits: usize,
    ) -> Result<Self, SimulatorError> {
        let mut hash = Hash::default();
        // Writing to the hash cannot fail.
        let _ = write!(
            hash,
            "{} {} {width} {} {} {:?} {qubits} {program:?}",
            env!("CARGO_PKG_VERSION"),
            T::NAME,
            options.seed,
            options.shots,
            options.record,
        );
        for z in options.initial_state.iter().flat_map(|state| state.iter()) {
            hash.add(z.re.to_bits());
            hash.add(z.im.to_bits());
        }
        let mut keeper = Self {
            checkpoint: checkpoint.clone(),
            fingerprint: hash.0,
            resumed: None,
            met: AtomicU64::new(0),
            written: Mutex::new(Instant::now()),
        };
        match keeper.open::<T>(1 << qubits) {
            Ok((_, resumed)) => keeper.resumed = Some(resumed),
            Err(SimulatorError::File { cause, .. })
                if cause.kind() == std::io::ErrorKind::NotFound =>
            {
                keeper.find_folder()?;
            }
            Err(error) => return Err(error),
        }
        Ok(keeper)
    }

    /// Says so at once if the file cannot be made, not when it is due to be written.
    fn find_folder(&self) -> Result<(), SimulatorError> {
        let folder = self
            .path()
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let missing = |cause| file_error("write", self.path(), cause);
        folder.map_or(Ok(()), |folder| {
            fs::metadata(folder).map(drop).map_err(missing)
        })
    }

    /// Fills `state` from the file, if the run goes on from one, and returns the qubits that are not known to be |0>.
    pub(crate) fn resume<T: Real>(
        &self,
        state: &mut [Complex<T>],
    ) -> Result<Option<u64>, SimulatorError> {
        let Some(resumed) = self.resumed else {
            return Ok(None);
        };
        let (mut file, _) = self.open::<T>(state.len() as u64)?;
        let size = 2 * size_of::<T>();
        let mut raw = vec![0u8; CHUNK * size];
        for part in state.chunks_mut(CHUNK) {
            let raw = &mut raw[..part.len() * size];
            file.read_exact(raw)
                .map_err(|source| file_error("read", self.path(), source))?;
            for (to, from) in part.iter_mut().zip(raw.chunks_exact(size)) {
                let z = number(from);
                *to = Complex::new(T::from_f64(z.re), T::from_f64(z.im));
            }
        }
        Ok(Some(resumed.touched))
    }

    /// Counts one more sweep; whether it was done before the run was broken off.
    pub(crate) fn skips(&self) -> bool {
        let number = self.met.fetch_add(1, Ordering::Relaxed);
        self.resumed.is_some_and(|resumed| number < resumed.sweeps)
    }

    /// Writes the state behind the last sweep met, where it is time to.
    pub(crate) fn keep<T: Real>(
        &self,
        state: &[Complex<T>],
        touched: u64,
    ) -> Result<(), SimulatorError> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if written.elapsed() < self.checkpoint.every {
            return Ok(());
        }
        replace(self.path(), |file| {
            file.write_all(MAGIC)?;
            file.write_all(&self.fingerprint.to_le_bytes())?;
            file.write_all(&self.met.load(Ordering::Relaxed).to_le_bytes())?;
            file.write_all(&touched.to_le_bytes())?;
            file.write_all(&(state.len() as u64).to_le_bytes())?;
            write_numbers(file, state)
        })?;
        *written = Instant::now();
        Ok(())
    }

    /// Removes the file of a run that is done; why it stays, if it does.
    pub(crate) fn finish(&self) -> Option<String> {
        match std::fs::remove_file(self.path()) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Some(format!(
                "the checkpoint {} could not be removed ({error}); remove it before another run",
                self.path().display()
            )),
            _ => None,
        }
    }

    fn path(&self) -> &Path {
        &self.checkpoint.path
    }

    /// The file behind its header, where it belongs to this run.
    fn open<T: Real>(&self, len: u64) -> Result<(BufReader<File>, Resumed), SimulatorError> {
        let failed = |source| file_error("read", self.path(), source);
        let refused = |problem: &str| SimulatorError::BadCheckpoint {
            path: self.path().to_owned(),
            problem: problem.to_owned(),
        };
        let file = File::open(self.path()).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut file = BufReader::with_capacity(1 << 20, file);
        let mut start = [0u8; HEADER as usize];
        if size < HEADER {
            return Err(refused("is no checkpoint of Ardea"));
        }
        file.read_exact(&mut start).map_err(failed)?;
        let word = |at: usize| {
            let mut bytes = [0u8; 8];
            bytes.copy_from_slice(&start[at..at + 8]);
            u64::from_le_bytes(bytes)
        };
        if start[..16] != *MAGIC {
            return Err(refused("is no checkpoint of this version of Ardea"));
        }
        let fingerprint = u128::from(word(16)) | u128::from(word(24)) << 64;
        if fingerprint != self.fingerprint {
            return Err(refused(
                "belongs to another run: the circuit, seed, shots, precision, fusion, vector unit, initial state or \
                 version differ",
            ));
        }
        if word(48) != len || size != HEADER + len * 2 * size_of::<T>() as u64 {
            return Err(refused("is not complete"));
        }
        let resumed = Resumed {
            sweeps: word(32),
            touched: word(40),
        };
        Ok((file, resumed))
    }
}

/// FNV-1a on 128 bits (Fowler, Noll, Vo; RFC 9923), of text and numbers as they come.
struct Hash(u128);

impl Default for Hash {
    fn default() -> Self {
        Self(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d)
    }
}

impl Hash {
    fn add(&mut self, word: u64) {
        self.0 =
            (self.0 ^ u128::from(word)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
}

impl fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.bytes().for_each(|byte| self.add(u64::from(byte)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, AtomicUsize};

    use ardea_circuit::Circuit;

    use super::*;
    use crate::engine::simulate;
    use crate::options::Progress;

    /// A circuit of many sweeps: distant qubits are mixed again and again.
    fn long_circuit() -> Circuit {
        let mut circuit = Circuit::new(18, 18);
        for layer in 0..6 {
            for qubit in 0..18 {
                circuit
                    .ry(0.3 + 0.1 * (layer * qubit) as f64, qubit)
                    .unwrap();
                circuit.rz(0.7 - 0.05 * qubit as f64, qubit).unwrap();
            }
            for qubit in 0..18 {
                circuit.cx(qubit, (qubit + 7) % 18).unwrap();
            }
        }
        for qubit in 0..18 {
            circuit.measure(qubit, qubit).unwrap();
        }
        circuit
    }

    fn folder(name: &str) -> PathBuf {
        let name = format!("ardea-checkpoint-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn options(path: &Path) -> SimOptions {
        SimOptions {
            seed: 3,
            checkpoint: Some(Checkpoint {
                path: path.to_owned(),
                every: Duration::ZERO,
            }),
            ..SimOptions::with_shots(500)
        }
    }

    /// Options that break the run off behind `after` sweeps, and count the sweeps.
    fn breaking(options: &SimOptions, after: usize) -> (SimOptions, Arc<AtomicUsize>) {
        let (flag, sweeps) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicUsize::new(0)),
        );
        let (raise, count) = (Arc::clone(&flag), Arc::clone(&sweeps));
        let progress = Progress::new(move |_| {
            if count.fetch_add(1, Ordering::Relaxed) + 1 == after {
                raise.store(true, Ordering::Relaxed);
            }
        });
        let options = SimOptions {
            interrupt: Some(flag),
            progress: Some(progress),
            ..options.clone()
        };
        (options, sweeps)
    }

    fn a_broken_run_goes_on<T: Real>(name: &str) {
        let folder = folder(name);
        let path = folder.join("run.state");
        let circuit = long_circuit();
        let plain = SimOptions {
            checkpoint: None,
            ..options(&path)
        };
        let expected = simulate::<T>(&circuit, &plain).unwrap();
        let (first, _) = breaking(&options(&path), 2);
        let error = simulate::<T>(&circuit, &first).unwrap_err();
        assert!(matches!(error, SimulatorError::Interrupted));
        assert!(path.exists());
        let (second, sweeps) = breaking(&options(&path), usize::MAX);
        let found = simulate::<T>(&circuit, &second).unwrap();
        assert_eq!(sweeps.load(Ordering::Relaxed), expected.report.sweeps - 2);
        assert_eq!(
            found.state.unwrap().amplitudes(),
            expected.state.unwrap().amplitudes()
        );
        assert_eq!(found.counts, expected.counts);
        assert_eq!(
            std::fs::read_dir(&folder).unwrap().count(),
            0,
            "no file stays"
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_run_that_was_broken_off_ends_with_the_same_bits() {
        a_broken_run_goes_on::<f64>("double");
        a_broken_run_goes_on::<f32>("single");
    }

    #[test]
    fn a_folder_that_is_missing_is_told_before_the_run() {
        let path = folder("missing").join("none").join("run.state");
        let error = simulate::<f64>(&long_circuit(), &options(&path)).unwrap_err();
        assert!(matches!(error, SimulatorError::File { .. }), "{error}");
    }

    #[test]
    fn the_checkpoint_of_another_run_is_refused() {
        let folder = folder("other");
        let path = folder.join("run.state");
        let circuit = long_circuit();
        let (first, _) = breaking(&options(&path), 1);
        simulate::<f64>(&circuit, &first).unwrap_err();
        let mut other = circuit.clone();
        other.measure(0, 0).unwrap();
        let mut turned = Circuit::new(18, 18);
        turned.ry(1e-9, 0).unwrap();
        turned.compose(&circuit).unwrap();
        let message = |error: SimulatorError| error.to_string();
        let same = options(&path);
        let seed = SimOptions {
            seed: 4,
            ..same.clone()
        };
        for error in [
            message(simulate::<f64>(&turned, &same).unwrap_err()),
            message(simulate::<f32>(&circuit, &same).unwrap_err()),
            message(simulate::<f64>(&circuit, &seed).unwrap_err()),
        ] {
            assert!(error.contains("another run"), "{error}");
        }
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        let error = message(simulate::<f64>(&circuit, &same).unwrap_err());
        assert!(error.contains("not complete"), "{error}");
        std::fs::write(&path, b"something else").unwrap();
        let error = message(simulate::<f64>(&circuit, &same).unwrap_err());
        assert!(error.contains("no checkpoint"), "{error}");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_run_of_several_courses_keeps_no_checkpoint() {
        let mut circuit = Circuit::new(1, 1);
        circuit
            .h(0)
            .unwrap()
            .measure(0, 0)
            .unwrap()
            .t(0)
            .unwrap()
            .h(0)
            .unwrap();
        let options = options(Path::new("never-written.state"));
        let error = simulate::<f64>(&circuit, &options).unwrap_err().to_string();
        assert!(error.contains("checkpoint"), "{error}");
    }
}
