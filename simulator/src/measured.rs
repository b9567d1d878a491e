//! Rates of the machine that are measured once.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use crate::error::SimulatorError;

/// What was measured so far, by what it depends on.
pub(crate) struct Measured<K>(Mutex<BTreeMap<K, f64>>);

impl<K: Ord> Measured<K> {
    pub(crate) const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The rate for `key`, measured if it has not been.
    pub(crate) fn get(
        &self,
        key: K,
        measure: impl FnOnce() -> Result<f64, SimulatorError>,
    ) -> Result<f64, SimulatorError> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&rate) = known().get(&key) {
            return Ok(rate);
        }
        // Not under the lock: a thread that waits for a pool may take up other work, which may come here.
        let rate = measure()?;
        known().insert(key, rate);
        Ok(rate)
    }
}
