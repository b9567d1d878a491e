//! The compiler: whole compilations at every level, and the reading and writing of OpenQASM.
//!
//! `cargo bench --bench compile`; names carry the size of the circuit.

use std::hint::black_box;

use ardea::models::{CircuitOptions, Occupation, Start, TimeGrid, mirrored_line_circuit};
use ardea::{
    Angle, Circuit, CompileOptions, FermiHubbard, Level, Target, compile, parse, to_qasm2,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn qft(num_qubits: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits, 0);
    for target in (0..num_qubits).rev() {
        circuit.h(target).expect("the qubit exists");
        for control in (0..target).rev() {
            let angle = std::f64::consts::PI / f64::from(1u32 << (target - control).min(30));
            circuit
                .cp(angle, control, target)
                .expect("the qubits exist");
        }
    }
    circuit
}

fn hubbard(sites: usize, steps: usize) -> Circuit {
    let model = FermiHubbard::chain(sites, 1.0, -2.0).expect("a chain");
    let options = CircuitOptions {
        start: Start::Prepared(Occupation::neel(sites)),
        ..CircuitOptions::default()
    };
    let line =
        mirrored_line_circuit(&model, TimeGrid { dt: 0.2, steps }, &options).expect("a circuit");
    line.circuit
}

/// A brickwork of two-qubit rotations with one symbol per layer.
fn symbolic(num_qubits: usize, layers: usize) -> Circuit {
    let mut circuit = Circuit::new(num_qubits, 0);
    for layer in 0..layers {
        let angle = Angle::symbol(&format!("a{layer}"));
        for qubit in 0..num_qubits {
            circuit.rx(angle.clone(), qubit).expect("the qubit exists");
        }
        for qubit in (layer % 2..num_qubits - 1).step_by(2) {
            circuit
                .rzz(angle.clone(), qubit, qubit + 1)
                .expect("the qubits exist");
        }
    }
    circuit
}

fn levels(criterion: &mut Criterion) {
    let boston = Target::bundled("boston").expect("a bundled device");
    for (name, circuit) in [
        ("qft_16q", qft(16)),
        ("hubbard_120q_4steps", hubbard(60, 4)),
        ("symbolic_100q_30", symbolic(100, 30)),
    ] {
        let mut group = criterion.benchmark_group(format!("compile/{name}"));
        group
            .sample_size(10)
            .throughput(Throughput::Elements(circuit.len() as u64));
        for level in [Level::O0, Level::O1, Level::O2, Level::O3] {
            let options = CompileOptions::at_level(level);
            group.bench_function(format!("O{level}"), |b| {
                b.iter(|| compile(black_box(&circuit), &boston, &options))
            });
        }
    }
}

fn openqasm(criterion: &mut Criterion) {
    let circuit = qft(100);
    let text = to_qasm2(&circuit, &ardea::WriteOptions::default()).expect("a plain circuit");
    let mut group = criterion.benchmark_group("openqasm/qft_100q");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("read", |b| {
        b.iter(|| parse(black_box(&text), &ardea::ReadOptions::default()))
    });
    group.bench_function("write", |b| {
        b.iter(|| to_qasm2(black_box(&circuit), &ardea::WriteOptions::default()))
    });
}

criterion_group!(benches, levels, openqasm);
criterion_main!(benches);
