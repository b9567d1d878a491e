//! States in files that numpy reads and writes (`.npy`).
//!
//! The format is a short text header padded to 64 bytes, then the numbers as they lie in memory (NEP 1, numpy's
//! `numpy.lib.format`, version 1.0). It is written by hand: the header is one line, and the amplitudes stream through a
//! buffer of fixed size, so that a state of half the memory can be saved.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use num_complex::{Complex, Complex64};

use crate::error::SimulatorError;
use crate::kernels::Real;
use crate::memory;
use crate::state::StateVector;

const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// Longest header that is read.
const MAX_HEADER: usize = 1 << 16;

/// Amplitudes that are converted at a time.
const CHUNK: usize = 1 << 14;

impl<T: Real> StateVector<T> {
    /// Writes the amplitudes of all qubits, idle ones included, as `numpy.load` reads them: one axis of 2^n complex
    /// numbers of this precision. An existing file is replaced only when everything was written.
    ///
    /// # Errors
    /// [`SimulatorError::File`], or [`SimulatorError::BadArgument`] for a state of more than 60 qubits.
    pub fn save_npy(&self, path: impl AsRef<Path>) -> Result<(), SimulatorError> {
        let path = path.as_ref();
        let Some(len) = 1u64
            .checked_shl(self.num_qubits() as u32)
            .filter(|_| self.num_qubits() <= 60)
        else {
            let what = format!("a state of {} qubits fits in no file", self.num_qubits());
            return Err(SimulatorError::BadArgument { what });
        };
        replace(path, |file| {
            let descr = if size_of::<T>() == 8 { "<c16" } else { "<c8" };
            write_header(file, descr, len)?;
            if self.is_full() {
                return write_numbers(file, self.amplitudes());
            }
            let mut chunk = Vec::with_capacity(CHUNK);
            for index in 0..len {
                chunk.push(self.amplitude(u128::from(index)));
                if chunk.len() == CHUNK || index + 1 == len {
                    write_numbers(file, &chunk)?;
                    chunk.clear();
                }
            }
            Ok(())
        })
    }

    /// Reads a state that [`StateVector::save_npy`] or `numpy.save` wrote: 2^n complex numbers in either precision, with
    /// norm 1.
    ///
    /// # Errors
    /// [`SimulatorError::File`], [`SimulatorError::OutOfMemory`] before anything is allocated, or
    /// [`SimulatorError::BadInitialState`] for what is no state.
    pub fn load_npy(path: impl AsRef<Path>) -> Result<Self, SimulatorError> {
        let path = path.as_ref();
        let failed = |source| file_error("read", path, source);
        let bad = |problem: String| SimulatorError::BadInitialState {
            problem: format!("in {} {problem}", path.display()),
        };
        let file = File::open(path).map_err(failed)?;
        let size = file.metadata().map_err(failed)?.len();
        let mut file = BufReader::with_capacity(1 << 20, file);
        let (header, start) = read_header(&mut file).map_err(failed)?;
        let (bytes, len) = parse_header(&header).map_err(bad)?;
        if !len.is_power_of_two() {
            return Err(bad(format!(
                "has {len} amplitudes, which is no power of two"
            )));
        }
        if len
            .checked_mul(bytes)
            .and_then(|data| data.checked_add(start))
            != Some(size)
        {
            return Err(bad(format!(
                "should have {len} numbers of {bytes} bytes behind its header, but the file has {size} bytes"
            )));
        }
        memory::check::<T>(len.trailing_zeros() as usize, 1, 0, None)?;
        let mut state = Self::zero(len.trailing_zeros() as usize)?;
        let mut raw = vec![0u8; CHUNK * bytes as usize];
        for part in state.amplitudes_mut().chunks_mut(CHUNK) {
            let raw = &mut raw[..part.len() * bytes as usize];
            file.read_exact(raw).map_err(failed)?;
            for (to, from) in part.iter_mut().zip(raw.chunks_exact(bytes as usize)) {
                let z = number(from);
                *to = Complex::new(T::from_f64(z.re), T::from_f64(z.im));
            }
        }
        if bytes == 8 && size_of::<T>() == 8 {
            state.rescale(1e-4); // rounded when it was saved
        }
        state.checked()
    }
}

/// Writes a file under another name and renames it when it is complete.
pub(crate) fn replace(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), SimulatorError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.part", std::process::id()));
    let temporary = path.with_file_name(name);
    let attempt = || -> std::io::Result<()> {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(&temporary)?);
        write(&mut file)?;
        let file = file
            .into_inner()
            .map_err(std::io::IntoInnerError::into_error)?;
        file.sync_all()?;
        std::fs::rename(&temporary, path)
    };
    attempt().map_err(|source| {
        // The reason for the failure is what counts, not whether the rest could be removed.
        drop(std::fs::remove_file(&temporary));
        file_error("write", path, source)
    })
}

pub(crate) fn file_error(
    doing: &'static str,
    path: &Path,
    cause: std::io::Error,
) -> SimulatorError {
    SimulatorError::File {
        doing,
        path: path.to_owned(),
        cause,
    }
}

fn write_header(file: &mut impl Write, descr: &str, len: u64) -> std::io::Result<()> {
    let text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({len},), }}");
    let total = (MAGIC.len() + 4 + text.len() + 1).next_multiple_of(64);
    let padded = total - MAGIC.len() - 4;
    file.write_all(MAGIC)?;
    file.write_all(&[1, 0])?;
    file.write_all(&(padded as u16).to_le_bytes())?;
    write!(file, "{text:width$}", width = padded - 1)?;
    file.write_all(b"\n")
}

pub(crate) fn write_numbers<T: Real>(
    file: &mut impl Write,
    numbers: &[Complex<T>],
) -> std::io::Result<()> {
    let mut raw = Vec::with_capacity(CHUNK * 2 * size_of::<T>());
    for chunk in numbers.chunks(CHUNK) {
        raw.clear();
        for z in chunk {
            for x in [z.re.as_f64(), z.im.as_f64()] {
                if size_of::<T>() == 8 {
                    raw.extend_from_slice(&x.to_le_bytes());
                } else {
                    raw.extend_from_slice(&(x as f32).to_le_bytes());
                }
            }
        }
        file.write_all(&raw)?;
    }
    Ok(())
}

/// A complex number of 8 or 16 bytes.
pub(crate) fn number(raw: &[u8]) -> Complex64 {
    let (re, im) = raw.split_at(raw.len() / 2);
    let real = |raw: &[u8]| match *raw {
        [a, b, c, d] => f64::from(f32::from_le_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => f64::from_le_bytes([a, b, c, d, e, f, g, h]),
        _ => f64::NAN,
    };
    Complex64::new(real(re), real(im))
}

/// The header's text and the place where the numbers start.
fn read_header(file: &mut impl Read) -> std::io::Result<(String, u64)> {
    let bad = |what| std::io::Error::new(std::io::ErrorKind::InvalidData, what);
    let mut start = [0u8; 8];
    file.read_exact(&mut start)?;
    if &start[..6] != MAGIC {
        return Err(bad("it is no .npy file"));
    }
    let wide = match start[6] {
        1 => false,
        2 | 3 => true,
        _ => return Err(bad("its version of the .npy format is not known")),
    };
    let mut length = [0u8; 4];
    file.read_exact(&mut length[..if wide { 4 } else { 2 }])?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_HEADER {
        return Err(bad("its header is too long"));
    }
    let mut text = vec![0u8; length];
    file.read_exact(&mut text)?;
    let text = String::from_utf8(text).map_err(|_| bad("its header is not text"))?;
    Ok((text, 8 + if wide { 4 } else { 2 } + length as u64))
}

/// Bytes of a number and how many there are.
fn parse_header(text: &str) -> Result<(u64, u64), String> {
    let after = |key: &str| {
        text.split_once(&format!("'{key}':"))
            .map(|(_, rest)| rest.trim_start())
            .ok_or_else(|| format!("has no '{key}' in its header"))
    };
    let descr = after("descr")?;
    let bytes = if descr.starts_with("'<c16'") {
        16
    } else if descr.starts_with("'<c8'") {
        8
    } else {
        let found: String = descr.chars().take_while(|&c| c != ',').collect();
        return Err(format!(
            "has numbers of type {found}; complex64 ('<c8') and complex128 ('<c16') are read"
        ));
    };
    let shape = after("shape")?;
    let inner = shape
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(')'))
        .map(|(inner, _)| inner)
        .ok_or("has no shape in its header")?;
    let axes: Vec<&str> = inner
        .split(',')
        .map(str::trim)
        .filter(|axis| !axis.is_empty())
        .collect();
    match axes[..] {
        [axis] => match axis.parse::<u64>() {
            Ok(len) => Ok((bytes, len)),
            Err(_) => Err(format!("has the shape ({inner})")),
        },
        _ => Err(format!("has the shape ({inner}); a state has one axis")),
    }
}

#[cfg(test)]
mod tests {
    use ardea_circuit::Circuit;

    use super::*;

    fn folder(name: &str) -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("ardea-npy-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        folder
    }

    fn some_state<T: Real>() -> StateVector<T> {
        let mut circuit = Circuit::new(6, 0);
        for qubit in [0, 2, 3, 5] {
            circuit
                .ry(0.3 + qubit as f64, qubit)
                .unwrap()
                .rz(0.9, qubit)
                .unwrap();
        }
        circuit.cx(0, 5).unwrap();
        StateVector::from_amplitudes(
            crate::engine::statevector::<T>(&circuit, &crate::SimOptions::default())
                .unwrap()
                .into_full()
                .unwrap()
                .amplitudes(),
        )
        .unwrap()
    }

    #[test]
    fn a_saved_state_is_loaded_bit_for_bit() {
        let folder = folder("round");
        let path = folder.join("state.npy");
        let double = some_state::<f64>();
        double.save_npy(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().len(), 128 + 64 * 16);
        let again = StateVector::<f64>::load_npy(&path).unwrap();
        assert_eq!(again.amplitudes(), double.amplitudes());
        let single = some_state::<f32>();
        single.save_npy(&path).unwrap();
        let again = StateVector::<f32>::load_npy(&path).unwrap();
        assert_eq!(again.amplitudes(), single.amplitudes());
        let widened = StateVector::<f64>::load_npy(&path).unwrap();
        assert!((widened.norm() - 1.0).abs() < 1e-14);
        assert!((widened.inner_product(&double).unwrap() - 1.0).norm() < 1e-6);
        assert_eq!(
            std::fs::read_dir(&folder).unwrap().count(),
            1,
            "no rest stays"
        );
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn files_that_hold_no_state_are_refused_with_the_reason() {
        let folder = folder("bad");
        let path = folder.join("bad.npy");
        let load = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            StateVector::<f64>::load_npy(&path).unwrap_err().to_string()
        };
        let with_header = |text: &str, data: usize| {
            let mut bytes = MAGIC.to_vec();
            bytes.extend_from_slice(&[1, 0]);
            bytes.extend_from_slice(&(text.len() as u16).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
            bytes.resize(bytes.len() + data, 0);
            bytes
        };
        assert!(load(b"hello").contains("bad.npy"));
        assert!(load(b"\x93NUMPY\x09\x00").contains("version"));
        for (text, data, reason) in [
            ("{'descr': '<f8', 'shape': (4,), }", 32, "'<f8'"),
            ("{'descr': '<c16', 'shape': (2, 2), }", 64, "one axis"),
            ("{'descr': '<c16', 'shape': (3,), }", 48, "power of two"),
            ("{'descr': '<c16', 'shape': (4,), }", 60, "bytes"),
            ("{'descr': '<c16', 'shape': (4,), }", 64, "norm"),
            (
                "{'descr': '<c16', 'shape': (1152921504606846976,), }",
                64,
                "bytes",
            ),
            ("{'shape': (4,), }", 64, "descr"),
        ] {
            let message = load(&with_header(text, data));
            assert!(message.contains(reason), "{text}: {message}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
