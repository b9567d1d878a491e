//! What is kept of a circuit between its simulations.
//!
//! To run a circuit of a few qubits takes microseconds, to read its gates takes longer. So a circuit that is simulated
//! keeps its gates in the form in which they run. They are read with little effort the first time, when it may be
//! the only one, and once more with all effort when it was not; the second reading is kept where it runs faster, and rounds
//! differently in the last digits. An edit of the circuit drops what was kept; and what
//! was kept belongs to one version of the circuit, by its address, so it can never be taken for another's.

use std::sync::{Arc, Mutex, PoisonError};

use ardea_circuit::Circuit;
use ardea_simulator::{BriefCircuit, Effort, Real};

/// A circuit's gates in the form in which they run. At most a few megabytes, and none for long or wide circuits.
#[derive(Default)]
pub(crate) struct Kept(Mutex<Option<Entry>>);

/// What belongs to one version of a circuit.
pub(crate) struct Entry {
    /// Held, so that no other circuit can have its address.
    circuit: Arc<Circuit>,
    double: Slot<f64>,
    single: Slot<f32>,
}

/// Runs after which a circuit will probably go on to be run, so often that it pays to read it again: with more qubits a
/// run gains less beside what the reading takes.
fn often(qubits: usize) -> usize {
    if qubits <= 8 { 4 } else { 32 }
}

/// A second reading must save so much of the work: its estimate is no better than that.
const WORTH: f64 = 0.9;

/// What is kept in one precision, and how often it was run.
pub(crate) struct Slot<T: Real>(Option<(Arc<BriefCircuit<T>>, usize)>);

/// A precision with a place of its own.
pub(crate) trait Precise: Real {
    fn slot(entry: &mut Entry) -> &mut Slot<Self>;
}

impl Precise for f64 {
    fn slot(entry: &mut Entry) -> &mut Slot<Self> {
        &mut entry.double
    }
}

impl Precise for f32 {
    fn slot(entry: &mut Entry) -> &mut Slot<Self> {
        &mut entry.single
    }
}

impl Kept {
    /// Drops everything.
    pub(crate) fn clear(&mut self) {
        *self.0.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The gates of `circuit`, ready to run; `None` where it is not brief.
    pub(crate) fn ready<T: Precise>(&self, circuit: &Arc<Circuit>) -> Option<Arc<BriefCircuit<T>>> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = kept.as_mut()
            && Arc::ptr_eq(&entry.circuit, circuit)
            && let Slot(Some((ready, runs))) = T::slot(entry)
        {
            if *runs == often(ready.num_active_qubits())
                && let Some(better) = BriefCircuit::read(circuit, Effort::Often)
                && better.work() < WORTH * ready.work()
            {
                *ready = Arc::new(better);
            }
            *runs = runs.saturating_add(1);
            return Some(Arc::clone(ready));
        }
        let ready = Arc::new(BriefCircuit::read(circuit, Effort::Once)?);
        let entry = match kept.as_mut() {
            Some(entry) if Arc::ptr_eq(&entry.circuit, circuit) => entry,
            _ => kept.insert(Entry {
                circuit: Arc::clone(circuit),
                double: Slot(None),
                single: Slot(None),
            }),
        };
        *T::slot(entry) = Slot(Some((Arc::clone(&ready), 1)));
        Some(ready)
    }
}
