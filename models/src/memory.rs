//! Asks whether a large allocation will fit before it is made.

use crate::error::ModelError;

/// Refuses an allocation beyond what the system says is available; systems that do not say accept
/// everything.
pub(crate) fn check(needed: u64) -> Result<(), ModelError> {
    match available() {
        Some(available) if needed > available => Err(ModelError::Memory { needed, available }),
        _ => Ok(()),
    }
}

/// Bytes that can be allocated without swapping, where the system tells.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_impossible_requests_are_refused() {
        assert!(check(1 << 10).is_ok());
        if available().is_some() {
            assert!(matches!(
                check(u64::MAX),
                Err(ModelError::Memory {
                    needed: u64::MAX,
                    ..
                })
            ));
        }
    }
}
