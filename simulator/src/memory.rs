//! Memory is asked for before it is taken.
//!
//! Every state is sized with checked arithmetic and compared with what the machine, the control group and the
//! user allow; only then is it allocated, and the allocation itself may still fail with an error instead of an
//! abort. A 100-qubit circuit therefore ends with a message that names both numbers.

use std::fs;

use crate::error::SimulatorError;
use crate::kernels::Real;

/// Memory that a run may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Available {
    /// Bytes.
    pub bytes: u128,
    /// Which limit this is, in words.
    pub limit: &'static str,
}

/// Memory that may be used now: the least of free memory, the control group's rest and `cap`.
pub fn available(cap: Option<u64>) -> Available {
    let mut least = Available {
        bytes: u128::MAX,
        limit: "no limit known",
    };
    let mut consider = |bytes: Option<u64>, limit| {
        if let Some(bytes) = bytes.map(u128::from).filter(|&bytes| bytes < least.bytes) {
            least = Available { bytes, limit };
        }
    };
    consider(free_memory(), "free memory");
    consider(cgroup_rest(), "the control group's limit");
    consider(cap, "the memory cap");
    least
}

/// Bytes of `states` states of `qubits` qubits, or `None` when that overflows.
pub(crate) fn state_bytes<T: Real>(qubits: usize, states: u32) -> Option<u128> {
    let amplitudes = 1u128
        .checked_shl(u32::try_from(qubits).ok()?)
        .filter(|_| qubits < 128)?;
    amplitudes
        .checked_mul(2 * size_of::<T>() as u128)?
        .checked_mul(u128::from(states))
}

/// Bytes for which the system is not asked: finding out takes longer than many a small circuit runs.
const NEGLIGIBLE: u128 = 16 << 20;

/// Checks that `states` states of `qubits` qubits plus `extra` bytes fit.
pub(crate) fn check<T: Real>(
    qubits: usize,
    states: u32,
    extra: u64,
    cap: Option<u64>,
) -> Result<(), SimulatorError> {
    let needed =
        state_bytes::<T>(qubits, states).and_then(|bytes| bytes.checked_add(u128::from(extra)));
    fits(needed, cap).map_err(|found| SimulatorError::OutOfMemory {
        qubits,
        precision: T::NAME,
        needed: needed.unwrap_or(u128::MAX),
        available: found.bytes,
        limit: found.limit,
    })
}

/// Checks that `needed` bytes (`None` when the number overflowed) for `what` fit.
pub(crate) fn check_bytes(
    what: impl FnOnce() -> String,
    needed: Option<u128>,
    cap: Option<u64>,
) -> Result<(), SimulatorError> {
    fits(needed, cap).map_err(|found| SimulatorError::TooLarge {
        what: what(),
        needed: needed.unwrap_or(u128::MAX),
        available: found.bytes,
        limit: found.limit,
    })
}

/// Whether `needed` bytes (`None` when the number overflowed) fit, or what there is, as far as it can be addressed.
fn fits(needed: Option<u128>, cap: Option<u64>) -> Result<(), Available> {
    let within_cap = |bytes| cap.is_none_or(|cap| bytes <= u128::from(cap));
    if needed.is_some_and(|bytes| bytes <= NEGLIGIBLE && within_cap(bytes)) {
        return Ok(());
    }
    let mut found = available(cap);
    found.bytes = found.bytes.min(isize::MAX as u128);
    match needed {
        Some(bytes) if bytes <= found.bytes => Ok(()),
        _ => Err(found),
    }
}

/// A number of bytes as people write it.
pub(crate) fn bytes_in_words(bytes: u128) -> String {
    const UNITS: [&str; 7] = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes == u128::MAX {
        return "more than 2^127 bytes".to_owned();
    }
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 {
        format!("{bytes} bytes")
    } else if value < 1e6 {
        format!("{value:.1} {}", UNITS[unit])
    } else {
        format!("{value:.1e} {}", UNITS[unit])
    }
}

fn free_memory() -> Option<u64> {
    parse_mem_available(&fs::read_to_string("/proc/meminfo").ok()?)
}

fn parse_mem_available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find(|line| line.starts_with("MemAvailable:"))?;
    line.split_whitespace()
        .nth(1)?
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

/// What the process's control group (version 2, then 1) still grants: its limit less what is in use.
///
/// Every ancestor can set a limit, so the path is walked to the root. Inactive file cache counts as free, as it
/// does in MemAvailable.
fn cgroup_rest() -> Option<u64> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let (root, path, limit, usage) = cgroup_files(&groups)?;
    let mut least = None;
    let mut path = path.trim_end_matches('/');
    loop {
        let directory = format!("{root}{path}");
        if let Some(rest) = rest_of_group(&directory, limit, usage) {
            least = Some(least.map_or(rest, |least: u64| least.min(rest)));
        }
        match path.rfind('/') {
            Some(end) => path = &path[..end],
            None => return least,
        }
    }
}

fn cgroup_files(groups: &str) -> Option<(&'static str, &str, &'static str, &'static str)> {
    let version_1 = groups.lines().find_map(|line| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(':')?;
        controllers
            .split(',')
            .any(|name| name == "memory")
            .then_some(path)
    });
    if let Some(path) = version_1 {
        return Some((
            "/sys/fs/cgroup/memory",
            path,
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
        ));
    }
    let path = groups.lines().find_map(|line| line.strip_prefix("0::"))?;
    Some(("/sys/fs/cgroup", path, "memory.max", "memory.current"))
}

fn rest_of_group(directory: &str, limit: &str, usage: &str) -> Option<u64> {
    let read = |name: &str| fs::read_to_string(format!("{directory}/{name}")).ok();
    let limit = read(limit)?.trim().parse::<u64>().ok()?; // "max" is no number: no limit
    let used = read(usage)?.trim().parse::<u64>().ok()?;
    let cache = read("memory.stat")
        .and_then(|stat| {
            let line = stat.lines().find_map(|line| {
                line.strip_prefix("total_inactive_file ")
                    .or_else(|| line.strip_prefix("inactive_file "))
            })?;
            line.trim().parse::<u64>().ok()
        })
        .unwrap_or(0);
    Some(limit.saturating_sub(used.saturating_sub(cache)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_computed_without_overflow() {
        assert_eq!(state_bytes::<f64>(0, 1), Some(16));
        assert_eq!(state_bytes::<f32>(10, 2), Some(16 * 1024));
        assert_eq!(state_bytes::<f64>(64, 1), Some(1 << 68));
        assert_eq!(state_bytes::<f64>(127, 1), None);
        assert_eq!(state_bytes::<f64>(usize::MAX, 1), None);
    }

    #[test]
    fn states_that_do_not_fit_name_both_numbers() {
        for qubits in [34usize, 62, 64, 100, 128, 100_000] {
            let error = check::<f64>(qubits, 1, 0, Some(1 << 34))
                .unwrap_err()
                .to_string();
            assert!(error.contains(&format!("{qubits} qubits")), "{error}");
            assert!(error.contains("may be used"), "{error}");
        }
        let error = check::<f64>(34, 1, 0, Some(1 << 30))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("256.0 GiB")
                && error.contains("1.0 GiB")
                && error.contains("memory cap"),
            "{error}"
        );
    }

    #[test]
    fn small_states_fit() {
        check::<f64>(10, 1, 0, None).unwrap();
    }

    #[test]
    fn meminfo_is_read_in_kibibytes() {
        assert_eq!(
            parse_mem_available("MemTotal: 9 kB\nMemAvailable:   12 kB\n"),
            Some(12 * 1024)
        );
        assert_eq!(parse_mem_available("MemTotal: 9 kB\n"), None);
    }

    #[test]
    fn both_control_group_versions_are_found() {
        assert_eq!(cgroup_files("0::/a/b\n").unwrap().1, "/a/b");
        assert_eq!(
            cgroup_files("5:cpu:/x\n4:memory,foo:/m\n0::/a\n")
                .unwrap()
                .1,
            "/m"
        );
        assert!(cgroup_files("5:cpu:/x\n").is_none());
    }
}
