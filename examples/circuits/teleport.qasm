OPENQASM 3.0;
include "stdgates.inc";
// Teleports RY(1) |0> from the first to the last qubit, then undoes it: 'out' always reads 0.
qubit[3] q;
bit[2] bell;
bit out;
ry(1.0) q[0];
h q[1];
cx q[1], q[2];
cx q[0], q[1];
h q[0];
bell[0] = measure q[0];
bell[1] = measure q[1];
if (bell[1] == true) {
  x q[2];
}
if (bell[0] == true) {
  z q[2];
}
ry(-1.0) q[2];
out = measure q[2];
