OPENQASM 3.0;
include "stdgates.inc";

// A pair of qubits that is entangled by as much as theta says: ardea run rotated.qasm --set theta=pi/3
input angle theta;
qubit[2] q;
bit[2] c;

ry(theta) q[0];
cx q[0], q[1];
c = measure q;
