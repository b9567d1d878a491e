"""The smallest useful program: a Bell pair, drawn, simulated, exported."""

import ardea

bell = ardea.Circuit(2, 2).h(0).cx(0, 1).measure([0, 1], [0, 1])
print(bell)

counts = ardea.run(bell, shots=1000, seed=7)
print("counts:", dict(counts))

state = ardea.statevector(ardea.Circuit(2).h(0).cx(0, 1))
print("amplitudes:", state.numpy())
print(bell.to_qasm3())
