//! The native half of the Python package `ardea`: the module `ardea._ardea`.
//!
//! Each function takes its arguments, calls a crate of the workspace, and converts the result. What the boundary adds
//! is in [`errors`] (exceptions, panics), [`calls`] (the interpreter's lock, Ctrl-C, forks) and [`arguments`]
//! (validation). [`qiskit`] converts circuits from and to Qiskit, which is only imported when asked for.

mod arguments;
mod builder;
mod calls;
mod circuit;
mod compile;
mod control_flow;
mod errors;
mod execute;
mod expression;
mod family;
mod gate;
mod instruction;
mod kept;
mod models;
mod noise;
mod parameter;
mod pauli;
mod qasm;
mod qiskit;
mod simulate;
mod state;
mod target;
mod verify;

use pyo3::prelude::*;

#[pymodule]
fn _ardea(module: &Bound<'_, PyModule>) -> PyResult<()> {
    errors::install_panic_hook();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<circuit::PyCircuit>()?;
    module.add_class::<instruction::PyInstruction>()?;
    module.add_class::<gate::PyGate>()?;
    module.add_class::<parameter::PyParameterExpression>()?;
    module.add_class::<parameter::PyParameter>()?;
    module.add_class::<expression::PyExpr>()?;
    module.add_class::<target::PyTarget>()?;
    module.add_class::<compile::PyCompileResult>()?;
    module.add_class::<verify::PyVerifyResult>()?;
    module.add_class::<state::PyStateVector>()?;
    module.add_class::<pauli::PyPauliSum>()?;
    module.add_class::<family::PyFamily>()?;
    module.add_class::<noise::PyNoiseModel>()?;
    module.add_class::<execute::PyExperiment>()?;
    module.add_class::<models::PyFermiHubbard>()?;
    module.add_class::<models::PyTrotterCircuit>()?;
    module.add_class::<models::PyCorrelations>()?;
    module.add_function(wrap_pyfunction!(compile::compile_python, module)?)?;
    module.add_function(wrap_pyfunction!(verify::verify, module)?)?;
    module.add_function(wrap_pyfunction!(simulate::run, module)?)?;
    module.add_function(wrap_pyfunction!(noise::run_noisy, module)?)?;
    module.add_function(wrap_pyfunction!(noise::density_matrix_python, module)?)?;
    module.add_function(wrap_pyfunction!(execute::prepare_execution, module)?)?;
    module.add_function(wrap_pyfunction!(execute::mitigate_readout, module)?)?;
    module.add_function(wrap_pyfunction!(execute::twirl, module)?)?;
    module.add_function(wrap_pyfunction!(execute::fold, module)?)?;
    module.add_function(wrap_pyfunction!(execute::extrapolate, module)?)?;
    module.add_function(wrap_pyfunction!(simulate::expectation_python, module)?)?;
    module.add_function(wrap_pyfunction!(simulate::statevector_python, module)?)?;
    module.setattr("_panic", wrap_pyfunction!(errors::panic_for_tests, module)?)?;
    Ok(())
}
