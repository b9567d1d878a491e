"""The large inputs that lie beside a checkout: real circuits, compiled and checked by a program that is not ours."""

import json
import subprocess
import sys

import pytest

import ardea

# Circuits small enough to be checked by simulation, and quick: the whole set takes a good deal longer.
CIRCUITS = [
    "adder__adder_n10", "adder__qcla_adder_10", "bv__bv_n19", "grover__grover_5", "multiplier__multiplier_n15",
    "qaoa__qaoa12", "reversible__barenco_tof_5", "vqe__vqc_n15",
]


@pytest.mark.parametrize("name", CIRCUITS)
@pytest.mark.parametrize("level", [1, 3])
def test_compiled_circuits_pass_the_independent_check(shared, tmp_path, name, level):
    pytest.importorskip("qiskit_aer")
    source = shared / "circuits" / f"{name}.qasm"
    result = ardea.compile(ardea.Circuit.from_qasm_file(source), "boston", level=level, verify="off")
    compiled, report = tmp_path / "compiled.qasm", tmp_path / "report.json"
    compiled.write_text(result.circuit.to_qasm3(hardware_qubits=True))
    report.write_text(result.report_json)
    check = [sys.executable, str(shared / "compilebench" / "check.py"), str(source), str(compiled),
             "--report", str(report), "--device", "boston"]
    outcome = subprocess.run(check, capture_output=True, text=True, timeout=300)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    json.loads(outcome.stdout.strip().splitlines()[-1])


def test_every_shared_circuit_is_read(shared):
    for path in sorted((shared / "circuits").glob("*.qasm")):
        circuit = ardea.Circuit.from_qasm_file(path)
        assert len(circuit) > 0, path.name
