//! The engines beside the state vector, and runs so short that what is around them counts.
//!
//! Narrow circuits (up to 13 qubits without a plan, see `simulator/src/direct/`), stabilizer states, the sector of a
//! number of particles, free fermions, and noise on density matrices, trajectories and stabilizer states.

use std::hint::black_box;

use ardea::circuit::random::{random_circuit, random_qubits};
use ardea::models::{
    CircuitOptions, Formula, GateStyle, Occupation, Order, Readout, Start, TimeGrid,
    trotter_circuit,
};
use ardea::noise::{Engine, NoiseModel, NoiseOptions, RunOptions, run};
use ardea::{Circuit, FermiHubbard, Gate, Method, SimOptions, Target, simulate, statevector};
use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use rand::SeedableRng;
use rand_pcg::Pcg64Mcg;

fn narrow_runs(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("narrow");
    let options = SimOptions {
        threads: Some(1),
        ..SimOptions::default()
    };
    for qubits in [4, 8, 10, 12, 14] {
        let mut random = Pcg64Mcg::seed_from_u64(qubits as u64);
        let gates = [Gate::H, Gate::RZ, Gate::RX, Gate::CX, Gate::CP, Gate::RZZ];
        let circuit = random_circuit(&mut random, qubits, 200, &gates);
        group.bench_with_input(
            BenchmarkId::new("200_gates_f64", qubits),
            &circuit,
            |b, circuit| {
                b.iter(|| statevector::<f64>(black_box(circuit), &options).expect("it runs"));
            },
        );
        group.bench_with_input(
            BenchmarkId::new("200_gates_f32", qubits),
            &circuit,
            |b, circuit| {
                b.iter(|| statevector::<f32>(black_box(circuit), &options).expect("it runs"));
            },
        );
    }
    group.finish();
}

/// Layers of random Clifford gates, measured at the end.
fn clifford(qubits: usize, layers: usize) -> Circuit {
    let mut random = Pcg64Mcg::seed_from_u64(3);
    let mut circuit = Circuit::new(qubits, qubits);
    for _ in 0..layers {
        (0..qubits).for_each(|qubit| {
            circuit.h(qubit).expect("the qubit exists");
            circuit.s(qubit).expect("the qubit exists");
        });
        for _ in 0..qubits / 2 {
            let pair = random_qubits(&mut random, qubits, 2);
            circuit
                .cx(pair[0].index(), pair[1].index())
                .expect("the qubits exist");
        }
    }
    (0..qubits).for_each(|qubit| {
        circuit.measure(qubit, qubit).expect("the bits exist");
    });
    circuit
}

fn hubbard(sites: usize, interaction: f64, steps: usize) -> Circuit {
    let model = FermiHubbard::chain(sites, 1.0, interaction).expect("a chain");
    let options = CircuitOptions {
        start: Start::Prepared(Occupation::neel(sites)),
        readout: Readout::Measured,
        style: GateStyle::Terms,
    };
    let grid = TimeGrid { dt: 0.2, steps };
    let trotter = trotter_circuit(&model, Formula::Mirrored, grid, Order::Blocked, &options);
    trotter.expect("a circuit").circuit
}

fn other_engines(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("engine");
    group.sample_size(10);
    for (name, method, circuit) in [
        (
            "stabilizer_300_qubits",
            Method::Stabilizer,
            clifford(300, 10),
        ),
        ("sector_16_qubits", Method::Sector, hubbard(8, 4.0, 5)),
        (
            "free_fermion_60_qubits",
            Method::FreeFermion,
            hubbard(30, 0.0, 5),
        ),
    ] {
        let options = SimOptions {
            method,
            ..SimOptions::with_shots(1000)
        };
        group.bench_function(name, |b| {
            b.iter(|| simulate::<f64>(black_box(&circuit), &options).expect("it runs"));
        });
    }
    group.finish();
}

fn noisy_engines(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("noise_1000_shots");
    group.sample_size(10);
    let target = Target::line(12).expect("a line");
    let model = NoiseModel::from_target(&target, &NoiseOptions::markovian()).expect("its noise");
    for (name, qubits, engine) in [
        ("density_6_qubits", 6, Engine::Density),
        ("trajectories_12_qubits", 12, Engine::Trajectories),
        ("stabilizer_12_qubits", 12, Engine::Stabilizer),
    ] {
        let mut circuit = Circuit::new(12, qubits);
        for _ in 0..4 {
            for qubit in 0..qubits {
                circuit.sx(qubit).expect("the qubit exists");
            }
            for qubit in 0..qubits - 1 {
                circuit.cz(qubit, qubit + 1).expect("the qubits exist");
            }
        }
        (0..qubits).for_each(|qubit| {
            circuit.measure(qubit, qubit).expect("the bits exist");
        });
        let options = RunOptions {
            engine,
            ..RunOptions::with_shots(1000)
        };
        group.bench_function(name, |b| {
            b.iter(|| run(black_box(&circuit), &model, &[], &options).expect("it runs"));
        });
    }
    group.finish();
}

criterion_group!(benches, narrow_runs, other_engines, noisy_engines);
criterion_main!(benches);
