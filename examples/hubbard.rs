//! A Fermi-Hubbard chain from the Hamiltonian to measured densities and an honest score.
//! Run with `cargo run --release --example hubbard`.

#![allow(clippy::print_stdout, reason = "an example shows its results")]

use std::error::Error;

use ardea::models::{
    CircuitOptions, Correlations, Formula, Occupation, Readout, Score, SectorState, Start,
    TimeGrid, TrotterCircuit, mirrored_line_circuit,
};
use ardea::{CompileOptions, FermiHubbard, SimOptions, Target, compile, simulate};

const SITES: usize = 8;
const SHOTS: u64 = 20_000;

/// The measured line circuit that starts in the Neel state.
fn quench(model: &FermiHubbard, grid: TimeGrid) -> Result<TrotterCircuit, Box<dyn Error>> {
    let options = CircuitOptions {
        start: Start::Simplified(Occupation::neel(model.num_sites())),
        readout: Readout::Measured,
        ..CircuitOptions::default()
    };
    Ok(mirrored_line_circuit(model, grid, &options)?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let model = FermiHubbard::chain(SITES, 1.0, -2.0)?;
    let target = Target::bundled("boston")?;
    let start = Occupation::neel(SITES);
    println!(
        "{SITES} sites, U = {}, start {start}, compiled for {}",
        model.interaction(),
        target.name()
    );

    for steps in [5, 10, 20] {
        let grid = TimeGrid { dt: 0.2, steps };
        let compiled = compile(
            &quench(&model, grid)?.circuit,
            &target,
            &CompileOptions::default(),
        )?;
        let counts = simulate::<f64>(&compiled.circuit, &SimOptions::with_shots(SHOTS))?.counts;
        // The classical registers name the modes, so the layout needs no undoing here.
        let measured = Correlations::from_counts(SITES, counts.to_map())?;

        let mut trotterised = SectorState::new(&model, &start)?;
        trotterised.evolve_trotterised(Formula::Mirrored, grid)?;
        let mut exact = SectorState::new(&model, &start)?;
        exact.evolve(grid.total())?;

        println!(
            "\nt = {:.1}: {} cz at depth {}",
            grid.total(),
            compiled.report.two_qubit_gates,
            compiled.report.two_qubit_depth
        );
        println!("charge   {:.3?}", measured.charge());
        println!("spin     {:.3?}", measured.spin());
        println!("doublons {:.3?}", measured.doublons());
        println!(
            "{}",
            Score::new(
                &measured,
                &trotterised.correlations(),
                &exact.correlations()
            )?
        );
    }

    // The size of the experiment: 120 qubits, too many to simulate, quick to compile.
    let model = FermiHubbard::chain(60, 1.0, -2.0)?;
    let line = quench(&model, TimeGrid { dt: 0.2, steps: 30 })?;
    let report = compile(&line.circuit, &target, &CompileOptions::default())?.report;
    println!(
        "\n60 sites, 30 steps: {} cz at depth {}, {:.0} us, compiled in {:.1} s",
        report.two_qubit_gates,
        report.two_qubit_depth,
        report.duration_s * 1e6,
        report.seconds,
    );
    Ok(())
}
