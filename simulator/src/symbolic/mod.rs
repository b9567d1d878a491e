//! Families of circuits: one circuit with symbols, planned once and run at many values, with gradients.
//!
//! Gates are gathered in blocks of a few qubits ([`blocks`]) by a structure that does not depend on the values. For each
//! setting of the symbols only the small matrices are made anew ([`leaves`], [`local`]); then the blocks run forwards
//! ([`forward`]) or, for gradients, backwards ([`reverse`]). Derivatives of gates come from their matrices ([`slope`]),
//! those of angles from their expressions ([`form`]).

mod blocks;
mod form;
mod forward;
mod leaves;
mod local;
mod reverse;
mod slope;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use ardea_circuit::{Angle, Bindings, Circuit, CircuitError, Operation, SparsePauliSum, Symbol};
use rayon::prelude::*;

use crate::checkpoint;
use crate::counts::Counts;
use crate::engine::{Active, SMALL, active_qubits, check_unitary, simulate, terminal_measurements};
use crate::error::SimulatorError;
use crate::kernels::{MAX_DENSE, Real, Width};
use crate::memory;
use crate::operator::Operator;
use crate::options::SimOptions;
use crate::plan::Fusion;
use crate::pool;
use crate::state::StateVector;
use blocks::{Block, Run};
use form::{Form, Values};
use leaves::Leaf;
use local::Dressed;

/// Bytes beside two states: sums of overlaps, tiles.
const WORKING: u64 = 64 << 20;

/// An expectation value and its derivatives.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient {
    /// The expectation value.
    pub value: f64,
    /// Its derivative by each symbol of the circuit, sorted by name.
    pub derivatives: Vec<(Symbol, f64)>,
}

/// The expectation value of `operator` in the state that `circuit` makes, and its derivative by every symbol of the
/// circuit at the values in `bindings`.
///
/// The adjoint method (Jones and Gacon 2020, arXiv:2009.02823): the time is that of a few runs, whatever the number of
/// symbols, and the memory that of two states. A symbol may occur in any number of angles, linearly or within
/// functions. For many settings of the same circuit, [`Family::gradients`] plans it only once.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use ardea_circuit::{Angle, Bindings, Circuit, SparsePauliSum, Symbol};
/// use ardea_simulator::{SimOptions, gradient};
///
/// let mut circuit = Circuit::new(1, 0);
/// circuit.rx(Angle::symbol("t") * 2.0, 0)?;
/// let z = SparsePauliSum::from_labels(&[("Z", 1.0)])?;
/// let at = Bindings::from([(Symbol::new("t"), Angle::from(0.3))]);
/// let found = gradient::<f64>(&circuit, &z, &at, &SimOptions::default())?;
/// assert!((found.value - 0.6f64.cos()).abs() < 1e-12);
/// assert!((found.derivatives[0].1 + 2.0 * 0.6f64.sin()).abs() < 1e-12);
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`crate::statevector`]; also [`SimulatorError::BadArgument`] for an operator that is not Hermitian or too wide, or
/// an angle without a finite derivative, and [`SimulatorError::UnboundSymbols`] for a symbol without a number.
pub fn gradient<T: Real>(
    circuit: &Circuit,
    operator: &SparsePauliSum,
    bindings: &Bindings,
    options: &SimOptions,
) -> Result<Gradient, SimulatorError> {
    let family = Family::new(circuit, options)?;
    let row = family.row(bindings)?;
    let mut found = family.gradients::<T>(operator, &[row])?;
    Ok(found.swap_remove(0))
}

/// All circuits that one circuit with symbols stands for, planned together.
///
/// A setting of the symbols is a row of numbers in the order of [`Family::symbols`]. Rows of small circuits are spread
/// over the threads. What is found for a row depends neither on the other rows nor on the number of threads.
#[derive(Debug)]
pub struct Family {
    circuit: Circuit,
    options: SimOptions,
    symbols: Vec<Symbol>,
    numbers: BTreeMap<Symbol, usize>,
    active: Active,
    width: Width,
    /// Whether some angle is not linear in the symbols.
    general: bool,
    /// Gates with measurements at most at the end; other circuits are run one by one.
    straight: bool,
    structure: Structure,
}

/// What is planned once.
#[derive(Debug, Default)]
struct Structure {
    leaves: Vec<Leaf>,
    phase: f64,
    phases: Vec<Form>,
    blocks: Vec<Block>,
    forwards: Vec<Run>,
    backwards: Vec<Run>,
}

impl Family {
    /// Plans `circuit`; `options` hold for all of its runs.
    ///
    /// # Errors
    /// [`SimulatorError::OutOfMemory`], [`SimulatorError::BadInitialState`], and errors of operations without a matrix
    /// or definition.
    pub fn new(circuit: &Circuit, options: &SimOptions) -> Result<Self, SimulatorError> {
        checkpoint::refuse(options, "a family of circuits")?;
        let symbols: Vec<Symbol> = circuit.symbols().into_iter().collect();
        let numbers = symbols
            .iter()
            .cloned()
            .enumerate()
            .map(|(number, symbol)| (symbol, number))
            .collect();
        let active = active_qubits(circuit, options)?;
        memory::check::<f32>(active.qubits.len(), 1, 0, options.memory_cap)?;
        let terminal = terminal_measurements(circuit);
        let gate = |operation: &Operation| operation.is_unitary() || operation.is_directive();
        let straight = circuit
            .instructions()
            .iter()
            .zip(&terminal)
            .all(|(instruction, terminal)| *terminal || gate(&instruction.operation));
        let mut family = Self {
            circuit: circuit.clone(),
            options: options.clone(),
            general: false,
            straight,
            symbols,
            numbers,
            active,
            width: options.width.unwrap_or_else(Width::detect),
            structure: Structure::default(),
        };
        if straight {
            family.general = true; // until the angles have been seen
            // Values without any special relation: what is zero here is zero everywhere.
            let generic: Vec<f64> = (0..family.symbols.len())
                .map(|i| 0.1 + 0.8 * ((i + 1) as f64 * 0.618_033_988_749_895).fract())
                .collect();
            // Outside the domain of some function: the first row's own values will do.
            family.structure = family.planned(&generic).unwrap_or_default();
            family.general = family.structure.leaves.is_empty()
                || family.structure.leaves.iter().any(Leaf::is_general)
                || family.structure.phases.iter().any(Form::is_general);
        }
        Ok(family)
    }

    /// The symbols, sorted by name: the order of the numbers in a row.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    /// Qubits of the circuit, idle ones included.
    pub fn num_qubits(&self) -> usize {
        self.circuit.num_qubits()
    }

    /// The row that gives every symbol its value in `bindings`.
    ///
    /// # Errors
    /// [`SimulatorError::UnboundSymbols`] for symbols without a number, [`CircuitError::UnknownSymbol`] for bindings of
    /// symbols that the circuit does not have.
    pub fn row(&self, bindings: &Bindings) -> Result<Vec<f64>, SimulatorError> {
        if let Some(unknown) = bindings.keys().find(|s| !self.numbers.contains_key(s)) {
            return Err(CircuitError::unknown_symbol(unknown, &self.symbols).into());
        }
        let value = |symbol| bindings.get(symbol).and_then(Angle::value);
        let missing: Vec<String> = self
            .symbols
            .iter()
            .filter(|symbol| value(symbol).is_none())
            .map(|symbol| symbol.name().to_owned())
            .collect();
        if !missing.is_empty() {
            return Err(SimulatorError::UnboundSymbols { names: missing });
        }
        Ok(self.symbols.iter().filter_map(value).collect())
    }

    /// The state of each row.
    ///
    /// # Errors
    /// As [`crate::statevector`]; also [`SimulatorError::BadArgument`] for rows of another length or with numbers that
    /// are not finite.
    pub fn states<T: Real>(
        &self,
        rows: &[Vec<f64>],
    ) -> Result<Vec<StateVector<T>>, SimulatorError> {
        check_unitary(&self.circuit, "a state vector")?;
        self.check(rows)?;
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        memory::check::<T>(self.qubits(), count, WORKING, self.options.memory_cap)?;
        self.for_each_row(rows, |row| self.state::<T>(row))
    }

    /// For each row the expectation value of each operator.
    ///
    /// # Errors
    /// As [`Family::states`], and [`SimulatorError::BadArgument`] for operators with more qubits than the circuit.
    pub fn expectations<T: Real>(
        &self,
        operators: &[SparsePauliSum],
        rows: &[Vec<f64>],
    ) -> Result<Vec<Vec<num_complex::Complex64>>, SimulatorError> {
        check_unitary(&self.circuit, "an expectation value")?;
        self.check(rows)?;
        operators.iter().try_for_each(|sum| self.check_width(sum))?;
        self.check_memory::<T>(1)?;
        let prepared: Vec<(Operator, bool)> = operators
            .iter()
            .map(|sum| (self.operator(sum), sum.is_hermitian()))
            .collect();
        self.for_each_row(rows, |row| {
            let state = self.state::<T>(row)?;
            let value = |(operator, hermitian): &(Operator, bool)| {
                let (value, _) = operator.moments(state.amplitudes());
                if *hermitian { value.re.into() } else { value }
            };
            Ok(prepared.iter().map(value).collect())
        })
    }

    /// The counts of each row: of `shots` shots, row i with the seed `seed` + i. They are what [`simulate`] counts for
    /// the row, up to rounding of the amplitudes.
    ///
    /// # Errors
    /// As [`simulate`], and for rows as [`Family::states`].
    pub fn counts<T: Real>(
        &self,
        rows: &[Vec<f64>],
        shots: u64,
        seed: u64,
    ) -> Result<Vec<Counts>, SimulatorError> {
        self.check(rows)?;
        self.check_memory::<T>(1)?;
        let numbered: Vec<usize> = (0..rows.len()).collect();
        self.for_each(&numbered, |&i| {
            let seed = seed.wrapping_add(i as u64);
            if self.straight && self.is_small() {
                let state = self.state::<T>(&rows[i])?;
                return forward::counts(&self.circuit, &state, shots, seed);
            }
            let options = SimOptions {
                shots,
                seed,
                ..self.options.clone()
            };
            Ok(simulate::<T>(&self.bound(&rows[i])?, &options)?.counts)
        })
    }

    /// For each row the expectation value of `operator` and its derivatives, as [`gradient`].
    ///
    /// # Errors
    /// As [`gradient`], and for rows as [`Family::states`].
    pub fn gradients<T: Real>(
        &self,
        operator: &SparsePauliSum,
        rows: &[Vec<f64>],
    ) -> Result<Vec<Gradient>, SimulatorError> {
        check_unitary(&self.circuit, "a gradient")?;
        self.check(rows)?;
        self.check_width(operator)?;
        if !operator.is_hermitian() {
            let what = "the operator is not Hermitian, so its expectation value is not a real function to \
                        differentiate; take the gradients of its Hermitian parts";
            return Err(SimulatorError::BadArgument {
                what: what.to_owned(),
            });
        }
        self.check_memory::<T>(2)?;
        let prepared = self.operator(operator);
        self.for_each_row(rows, |row| {
            let state = self.state::<T>(row)?;
            let (value, slopes) = self.with_structure(row, true, |structure, dressed| {
                reverse::gradient(self, structure, dressed, state, &prepared)
            })?;
            Ok(Gradient {
                value,
                derivatives: self.symbols.iter().cloned().zip(slopes).collect(),
            })
        })
    }

    fn qubits(&self) -> usize {
        self.active.qubits.len()
    }

    fn is_small(&self) -> bool {
        self.qubits() <= SMALL
    }

    fn operator(&self, sum: &SparsePauliSum) -> Operator {
        Operator::new(sum, |qubit| self.active.number(qubit.index()), self.width)
    }

    /// The circuit at one setting.
    fn bound(&self, row: &[f64]) -> Result<Circuit, SimulatorError> {
        Ok(self.circuit.bind(&self.bindings(row))?)
    }

    fn bindings(&self, row: &[f64]) -> Bindings {
        let values = row.iter().map(|&value| Angle::Value(value));
        self.symbols.iter().cloned().zip(values).collect()
    }

    fn values<'a>(&self, row: &'a [f64]) -> Values<'a> {
        Values {
            numbers: row,
            bindings: self.general.then(|| self.bindings(row)),
        }
    }

    /// The structure as it is at the values of a row.
    fn planned(&self, row: &[f64]) -> Result<Structure, SimulatorError> {
        let values = self.values(row);
        let leaves = leaves::leaves(&self.circuit, &self.active, &values, &self.numbers)?;
        let qubits = self.qubits();
        // Larger blocks make larger matrices for each row: worth it only beside a larger state.
        let worthwhile = (qubits / 2).saturating_sub(1).clamp(1, MAX_DENSE);
        let widest = match self.options.fusion {
            Fusion::Off => 1,
            Fusion::Automatic => worthwhile,
            Fusion::UpTo(widest) => widest.clamp(1, worthwhile),
        };
        let blocks = blocks::group(&leaves.list, widest);
        Ok(Structure {
            forwards: blocks::forwards(&blocks, qubits as u32),
            backwards: blocks::backwards(&blocks, qubits as u32),
            blocks,
            leaves: leaves.list,
            phase: leaves.phase,
            phases: leaves.phases,
        })
    }

    /// Calls `work` with the structure and what its actions are at the values of a row. Where they do not have the form
    /// that was planned for, the row gets a structure of its own.
    fn with_structure<R>(
        &self,
        row: &[f64],
        slopes: bool,
        work: impl FnOnce(&Structure, &Dressed<'_>) -> Result<R, SimulatorError>,
    ) -> Result<R, SimulatorError> {
        let values = self.values(row);
        let planned = !self.structure.leaves.is_empty();
        if planned && let Some(dressed) = self.structure.dressed(&values, slopes)? {
            return work(&self.structure, &dressed);
        }
        let own = self.planned(row)?;
        let dressed = own.dressed(&values, slopes)?;
        match dressed {
            Some(dressed) => work(&own, &dressed),
            None => unreachable!("a structure fits the values that it was made with"),
        }
    }

    fn state<T: Real>(&self, row: &[f64]) -> Result<StateVector<T>, SimulatorError> {
        if self.is_small() {
            return self.with_structure(row, false, |structure, dressed| {
                forward::state(self, structure, dressed, &self.values(row))
            });
        }
        forward::large_state(&self.bound(row)?, &self.options)
    }

    fn for_each_row<R: Send>(
        &self,
        rows: &[Vec<f64>],
        work: impl Fn(&[f64]) -> Result<R, SimulatorError> + Sync + Send,
    ) -> Result<Vec<R>, SimulatorError> {
        self.for_each(rows, |row| work(row))
    }

    fn for_each<I: Sync, R: Send>(
        &self,
        items: &[I],
        work: impl Fn(&I) -> Result<R, SimulatorError> + Sync + Send,
    ) -> Result<Vec<R>, SimulatorError> {
        let stopped = |item: &I| match &self.options.interrupt {
            Some(flag) if flag.load(std::sync::atomic::Ordering::Relaxed) => {
                Err(SimulatorError::Interrupted)
            }
            _ => work(item),
        };
        pool::on_threads(self.options.threads, || {
            if self.is_small() && items.len() > 1 {
                items.par_iter().map(stopped).collect()
            } else {
                items.iter().map(stopped).collect()
            }
        })?
    }

    /// Checks that `states` states for each row that runs at the same time fit.
    fn check_memory<T: Real>(&self, states: u32) -> Result<(), SimulatorError> {
        let rows = if self.is_small() {
            u32::try_from(pool::resolve(self.options.threads)).unwrap_or(u32::MAX)
        } else {
            1
        };
        let states = states.saturating_mul(rows);
        memory::check::<T>(self.qubits(), states, WORKING, self.options.memory_cap)
    }

    fn check(&self, rows: &[Vec<f64>]) -> Result<(), SimulatorError> {
        for (number, row) in rows.iter().enumerate() {
            let what = if row.len() != self.symbols.len() {
                format!(
                    "row {number} has {} values for {} symbols",
                    row.len(),
                    self.symbols.len()
                )
            } else if let Some(i) = row.iter().position(|value| !value.is_finite()) {
                format!(
                    "the value of {} in row {number} is {}; it must be finite",
                    self.symbols[i], row[i]
                )
            } else {
                continue;
            };
            return Err(SimulatorError::BadArgument { what });
        }
        Ok(())
    }

    fn check_width(&self, operator: &SparsePauliSum) -> Result<(), SimulatorError> {
        if operator.num_qubits() <= self.circuit.num_qubits() {
            return Ok(());
        }
        let what = format!(
            "an operator on {} qubits does not act on a circuit of {}",
            operator.num_qubits(),
            self.circuit.num_qubits()
        );
        Err(SimulatorError::BadArgument { what })
    }
}

impl Structure {
    /// What the actions are at `values`, or `None` where one does not have the form that was planned for.
    fn dressed(
        &self,
        values: &Values<'_>,
        slopes: bool,
    ) -> Result<Option<Dressed<'_>>, SimulatorError> {
        let mut dressed = Dressed {
            leaves: &self.leaves,
            actions: Vec::with_capacity(self.leaves.len()),
            slopes: vec![],
        };
        for leaf in &self.leaves {
            match leaf.at(values)? {
                Some(action) => dressed.actions.push(action),
                None => return Ok(None),
            }
            if slopes {
                match leaf.slopes(values)? {
                    Some(own) => dressed.slopes.push(own),
                    None => return Ok(None),
                }
            }
        }
        Ok(Some(dressed))
    }
}
