//! The simulator's layers apart: kernels in a tile, plans, whole runs, sampling.
//!
//! Kernels are reached through circuits of one repeated gate without fusion; divide by the gates for the cost of one.

use std::f64::consts::PI;
use std::hint::black_box;

use ardea_circuit::{Angle, Bindings, Circuit, Gate, Operation, Qubit, SparsePauliSum};
use ardea_simulator::{
    Fusion, Real, SimOptions, StateVector, gradient, plan, simulate, statevector,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

/// Qubits of a state that is one tile.
const TILE: usize = 14;

/// Gates in a kernel benchmark.
const GATES: usize = 64;

fn repeated(gate: Gate, angles: &[f64], qubits: &[usize]) -> Circuit {
    let mut circuit = Circuit::new(TILE, 0);
    let operation = Operation::with_values(gate, angles).expect("the gate has its angles");
    let qubits: Vec<Qubit> = qubits.iter().map(|&qubit| Qubit::new(qubit)).collect();
    (0..TILE).for_each(|qubit| {
        circuit.h(qubit).expect("the qubit exists");
    });
    for _ in 0..GATES {
        circuit
            .push(operation.clone(), &qubits)
            .expect("the qubits exist");
    }
    circuit
}

fn qft(qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(qubits, 0);
    for i in (0..qubits).rev() {
        circuit.ry(0.3 + i as f64, i).expect("the qubit exists");
    }
    for i in (0..qubits).rev() {
        circuit.h(i).expect("the qubit exists");
        for j in (0..i).rev() {
            circuit
                .cp(PI / (1u64 << (i - j)) as f64, j, i)
                .expect("the qubits exist");
        }
    }
    for i in 0..qubits / 2 {
        circuit.swap(i, qubits - 1 - i).expect("the qubits exist");
    }
    circuit
}

/// Layers of the Fermi-Hubbard chain: hops, then interactions.
fn hubbard(qubits: usize, steps: usize) -> Circuit {
    let mut circuit = Circuit::new(qubits, 0);
    let sites = qubits / 2;
    let build = |circuit: &mut Circuit| -> Result<(), ardea_circuit::CircuitError> {
        for site in (0..sites).step_by(2) {
            circuit.x(site)?;
        }
        for _ in 0..steps {
            for start in [0, 1] {
                for spin in [0, sites] {
                    for site in (start..sites - 1).step_by(2) {
                        circuit.rxx(-0.1, spin + site, spin + site + 1)?.ryy(
                            -0.1,
                            spin + site,
                            spin + site + 1,
                        )?;
                    }
                }
            }
            for site in 0..sites {
                circuit
                    .rzz(0.2, site, sites + site)?
                    .rz(-0.13, site)?
                    .rz(-0.11, sites + site)?;
            }
        }
        Ok(())
    };
    build(&mut circuit).expect("the qubits exist");
    circuit
}

fn kernels_in_a_tile_of_14_qubits(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("kernel_14_qubits_64_gates");
    group.throughput(Throughput::Elements((GATES << TILE) as u64));
    let unfused = SimOptions {
        fusion: Fusion::Off,
        threads: Some(1),
        ..SimOptions::default()
    };
    let cases: [(&str, Circuit); 8] = [
        ("dense_1_high", repeated(Gate::RX, &[0.3], &[9])),
        ("dense_1_lane", repeated(Gate::RX, &[0.3], &[1])),
        ("dense_2_high", repeated(Gate::RXX, &[0.3], &[9, 6])),
        ("dense_2_lane", repeated(Gate::RXX, &[0.3], &[0, 2])),
        ("diagonal_2", repeated(Gate::RZZ, &[0.3], &[9, 6])),
        ("permutation_2", repeated(Gate::Swap, &[], &[9, 6])),
        ("controlled_1_high", repeated(Gate::CRX, &[0.3], &[9, 6])),
        ("controlled_1_lane", repeated(Gate::CRX, &[0.3], &[1, 6])),
    ];
    for (name, circuit) in &cases {
        group.bench_function(format!("{name}_f64"), |b| {
            b.iter(|| statevector::<f64>(black_box(circuit), &unfused).expect("the circuit runs"));
        });
        group.bench_function(format!("{name}_f32"), |b| {
            b.iter(|| statevector::<f32>(black_box(circuit), &unfused).expect("the circuit runs"));
        });
    }
    group.finish();
}

fn plans(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("plan");
    for (name, circuit) in [
        ("qft_22_qubits", qft(22)),
        ("hubbard_22_qubits_10_steps", hubbard(22, 10)),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| {
                plan(black_box(&circuit), &SimOptions::default()).expect("the circuit has a plan")
            });
        });
    }
    group.finish();
}

fn runs<T: Real>(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group(format!("run_{}", std::any::type_name::<T>()));
    group.sample_size(10);
    for qubits in [10, 16, 20] {
        for (name, circuit) in [
            ("qft", qft(qubits)),
            ("hubbard_10_steps", hubbard(qubits, 10)),
        ] {
            group.bench_with_input(
                BenchmarkId::new(name, format!("{qubits}_qubits")),
                &circuit,
                |b, circuit| {
                    b.iter(|| {
                        statevector::<T>(circuit, &SimOptions::default()).expect("the circuit runs")
                    });
                },
            );
        }
    }
    group.finish();
}

fn sampling_and_expectation(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("readout_20_qubits");
    group.sample_size(10);
    let mut circuit = qft(20);
    let state = StateVector::<f64>::from_circuit(&circuit).expect("the circuit runs");
    group.bench_function("million_shots", |b| {
        b.iter(|| state.sample(1_000_000, 1).unwrap())
    });
    let labels = [
        "ZZIIIIIIIIIIIIIIIIII",
        "XXIIIIIIIIIIIIIIIIII",
        "YIIIIYIIIIIIIIIIIIII",
    ]
    .map(|label| (label, 1.0));
    let operator =
        ardea_circuit::SparsePauliSum::from_labels(&labels).expect("the labels are Paulis");
    group.bench_function("expectation_of_3_strings", |b| {
        b.iter(|| state.expectation(&operator).expect("the operator fits"));
    });
    circuit.add_creg("c", 20).expect("the name is free");
    (0..20).for_each(|qubit| {
        circuit.measure(qubit, qubit).expect("the bits exist");
    });
    group.bench_function("run_and_million_shots", |b| {
        b.iter(|| {
            simulate::<f64>(&circuit, &SimOptions::with_shots(1_000_000)).expect("the circuit runs")
        });
    });
    group.finish();
}

/// Ten layers of ry, rz and a ring of cx: 400 parameters on 20 qubits, and the energy of an Ising chain.
fn ansatz(qubits: usize, layers: usize) -> (Circuit, Bindings, SparsePauliSum) {
    let mut circuit = Circuit::new(qubits, 0);
    for layer in 0..layers {
        for qubit in 0..qubits {
            for (axis, gate) in [("y", Gate::RY), ("z", Gate::RZ)] {
                let angle = Angle::symbol(&format!("{axis}{layer}_{qubit}"));
                let rotation = Operation::gate(gate, &[angle]).expect("one angle");
                circuit
                    .push(rotation, &[Qubit::new(qubit)])
                    .expect("the qubit exists");
            }
        }
        for qubit in 0..qubits {
            circuit
                .cx(qubit, (qubit + 1) % qubits)
                .expect("the qubits exist");
        }
    }
    let bindings = circuit
        .symbols()
        .into_iter()
        .enumerate()
        .map(|(i, symbol)| (symbol, Angle::from(0.1 + 0.37 * i as f64 % 3.0)))
        .collect();
    let label = |at: &dyn Fn(usize) -> char| (0..qubits).rev().map(at).collect::<String>();
    let terms: Vec<(String, f64)> = (0..qubits - 1)
        .map(|i| {
            (
                label(&|q| if q == i || q == i + 1 { 'Z' } else { 'I' }),
                1.0,
            )
        })
        .chain((0..qubits).map(|i| (label(&|q| if q == i { 'X' } else { 'I' }), 0.7)))
        .collect();
    let terms: Vec<(&str, f64)> = terms.iter().map(|(text, c)| (text.as_str(), *c)).collect();
    let energy = SparsePauliSum::from_labels(&terms).expect("the labels are Paulis");
    (circuit, bindings, energy)
}

fn gradients<T: Real>(criterion: &mut Criterion) {
    let name = format!(
        "ansatz_400_parameters_20_qubits_{}",
        std::any::type_name::<T>()
    );
    let mut group = criterion.benchmark_group(name);
    group.sample_size(10);
    let (circuit, bindings, energy) = ansatz(20, 10);
    let options = SimOptions::default();
    let bound = circuit.bind(&bindings).expect("all symbols have values");
    group.bench_function("run", |b| {
        b.iter(|| statevector::<T>(&bound, &options).expect("the circuit runs"));
    });
    let state = statevector::<T>(&bound, &options).expect("the circuit runs");
    group.bench_function("expectation", |b| {
        b.iter(|| state.expectation(&energy).expect("the operator fits"));
    });
    group.bench_function("gradient", |b| {
        b.iter(|| gradient::<T>(&circuit, &energy, &bindings, &options).expect("it has one"));
    });
    group.finish();
}

criterion_group!(
    benches,
    kernels_in_a_tile_of_14_qubits,
    plans,
    runs::<f64>,
    runs::<f32>,
    sampling_and_expectation,
    gradients::<f64>,
    gradients::<f32>
);
criterion_main!(benches);
