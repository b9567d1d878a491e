//! The layout of a compiled circuit: Qiskit's `TranspileLayout` and ours.

use ardea_circuit::{Layout, Qubit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::import;
use crate::errors::Result;

/// The layout that Qiskit's transpiler left on a circuit.
pub(super) fn read_layout(circuit: &Bound<'_, PyAny>) -> Result<Option<Layout>> {
    let layout = circuit.getattr("layout")?;
    if layout.is_none() {
        return Ok(None);
    }
    let list = |method: &str| -> Result<Vec<Qubit>> {
        let options = PyDict::new(circuit.py());
        options.set_item("filter_ancillas", true)?;
        let list: Vec<usize> = layout.call_method(method, (), Some(&options))?.extract()?;
        Ok(list.into_iter().map(Qubit::new).collect())
    };
    Ok(Some(Layout {
        initial: list("initial_index_layout")?,
        last: list("final_index_layout")?,
    }))
}

/// Puts a layout on a Qiskit circuit: the input's qubits in a register `q`, spare ones in `ancilla`.
///
/// Spare qubits need a place at the end too; those left over are handed out in order, staying where they are when
/// they can.
pub(super) fn write_layout(
    circuit: &Bound<'_, PyAny>,
    layout: &Layout,
    num_qubits: usize,
) -> Result<()> {
    let py = circuit.py();
    let module = import(py, "qiskit.circuit")?;
    let input = module
        .getattr("QuantumRegister")?
        .call1((layout.initial.len(), "q"))?;
    let spare = module
        .getattr("AncillaRegister")?
        .call1((num_qubits - layout.initial.len(), "ancilla"))?;
    let bits = PyList::empty(py);
    for register in [&input, &spare] {
        for bit in register.try_iter()? {
            bits.append(bit?)?;
        }
    }
    let class = import(py, "qiskit.transpiler")?.getattr("Layout")?;
    let (first, last) = completed(layout, num_qubits);
    let (positions, initial, moved) = (PyDict::new(py), PyDict::new(py), PyDict::new(py));
    let wires = circuit.getattr("qubits")?;
    for (index, bit) in bits.iter().enumerate() {
        positions.set_item(&bit, index)?;
        initial.set_item(&bit, first[index])?;
        moved.set_item(wires.get_item(first[index])?, last[index])?;
    }
    let transpiled = import(py, "qiskit.transpiler.layout")?
        .getattr("TranspileLayout")?
        .call1((
            class.call1((initial,))?,
            positions,
            class.call1((moved,))?,
            layout.initial.len(),
            wires,
        ))?;
    circuit.setattr("_layout", transpiled)?;
    Ok(())
}

/// Initial and final positions of the input's qubits, then of the spare ones.
fn completed(layout: &Layout, num_qubits: usize) -> (Vec<usize>, Vec<usize>) {
    let positions = |list: &[Qubit]| list.iter().map(|qubit| qubit.index()).collect::<Vec<_>>();
    let (mut first, mut last) = (positions(&layout.initial), positions(&layout.last));
    let free = |taken: &[usize]| {
        (0..num_qubits)
            .filter(|q| !taken.contains(q))
            .collect::<Vec<_>>()
    };
    let spare = free(&first);
    let mut places = free(&last);
    first.extend(&spare);
    let stays: Vec<Option<usize>> = spare
        .iter()
        .map(|qubit| {
            places
                .iter()
                .position(|place| place == qubit)
                .map(|position| places.remove(position))
        })
        .collect();
    let mut rest = places.into_iter();
    last.extend(
        stays
            .into_iter()
            .filter_map(|place| place.or_else(|| rest.next())),
    );
    (first, last)
}
