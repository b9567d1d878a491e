"""Compiles a small quantum Fourier transform for a real Heron calibration, and shows what each level makes of it."""

import math

import ardea

SIZE = 8
qft = ardea.Circuit(SIZE, SIZE)
qft.x(2).x(5)
for target in reversed(range(SIZE)):
    qft.h(target)
    for control in range(target):
        qft.cp(math.pi / 2 ** (target - control), control, target)
qft.measure(range(SIZE), range(SIZE))

boston = ardea.Target.bundled("boston")
print(f"{boston.name}: {boston.num_qubits} qubits, out of order: {boston.dead_qubits} and {boston.dead_edges}")
print("level  cz  depth(cz)  success  on qubits")
for level in range(4):
    result = ardea.compile(qft, boston, level=level, preserve="unitary", seed=1)
    report = result.report
    print(f"{level:>5} {report['two_qubit_gates']:>3} {report['two_qubit_depth']:>10}"
          f" {report['estimated_success_probability']:>8.3f}  {result.initial_layout}")

best = ardea.compile(qft, boston, level=3, dd="xy4", preserve="unitary", seed=1)
print(f"with decoupling: {best.report['duration_s'] * 1e6:.2f} microseconds, {best.circuit.count_ops()}")
text = best.circuit.to_qasm3(hardware_qubits=True, global_phase=False)
print(f"OpenQASM 3 for the device: {len(text.splitlines())} lines")
