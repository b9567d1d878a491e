"""The Fermi-Hubbard chain: from the model to a compiled circuit, and its answer beside the exact one."""

import ardea

# A chain small enough to simulate: the compiled circuit reproduces the exact Trotterised dynamics.
model = ardea.FermiHubbard(6, u=-2.0)
trotter = model.circuit(10, 0.2)
compiled = ardea.compile(trotter.circuit, "boston", level=2)
counts = ardea.run(compiled.circuit, shots=20_000, seed=1)
measured, exact = model.correlations(counts), model.trotterised(10, 0.2)
print("site  <n_up> compiled  exact Trotter  exact dynamics")
for site, row in enumerate(zip(measured.up, exact.up, model.exact(2.0).up)):
    print(f"{site:>4} {row[0]:>16.3f} {row[1]:>14.3f} {row[2]:>15.3f}")

# The size that is run on hardware: 60 sites on 120 qubits.
large = ardea.hubbard(60, 30, u=-2.0, dt=0.2)
result = ardea.compile(large, "boston", level=2)
report = result.report
print(f"60 sites, 30 steps, level 2: {report['two_qubit_gates']} two-qubit gates at depth {report['two_qubit_depth']},"
      f" compiled in {report['seconds']:.1f} s")
