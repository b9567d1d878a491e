"""What long calls do to the rest of the process: Ctrl-C, other threads, forks."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest

import ardea
from ardea import _ardea
from circuits import random_circuit

SLOW = """
    import ardea, signal, sys, time
    # A process that a shell starts in the background inherits that it ignores Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path.insert(0, {tests!r})
    from circuits import random_circuit
    circuit = random_circuit(1, 22, 4000, ["h", "rx", "cx", "u", "rzz"])
"""


def interrupt(body):
    """Runs code that prints `ready`, sends it Ctrl-C, and returns its output and the seconds it took to react."""
    code = textwrap.dedent(SLOW.format(tests=os.path.dirname(__file__))) + textwrap.dedent(body)
    child = subprocess.Popen([sys.executable, "-u", "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline().strip() == "ready"
        time.sleep(0.7)
        sent = time.perf_counter()
        child.send_signal(signal.SIGINT)
        line = child.stdout.readline().strip()
        seconds = time.perf_counter() - sent
        rest = child.stdout.read()
        child.wait(timeout=60)
        return line, seconds, rest
    finally:
        child.kill()
        child.wait()


@pytest.mark.parametrize("call", [
    "ardea.statevector(circuit)",
    "ardea.run(circuit, 0)",
    "ardea.compile([random_circuit(i, 40, 3000) for i in range(20)], 'boston', level=3, verify='off')",
    "ardea.prepare([random_circuit(i, 40, 3000) for i in range(20)], 'boston', level=3,"
    " observables=ardea.PauliSum.from_list([('Z' * 40, 1.0)]))",
])
def test_ctrl_c_ends_a_long_call_and_the_process_goes_on(call):
    line, seconds, rest = interrupt(f"""
        print("ready")
        try:
            {call}
            print("ended by itself")
        except KeyboardInterrupt:
            print("interrupted")
        print(ardea.run(ardea.Circuit(1, 1).x(0).measure(0, 0), 3))
        sys.stdout.flush()
    """)
    assert line == "interrupted"
    # Seconds, not the minutes that the call would take; with room for a machine that is busy and an extension in debug mode.
    assert seconds < 8, f"{seconds:.2f} s"
    assert "{'1': 3}" in rest


def test_other_threads_run_during_a_long_call():
    circuit = random_circuit(2, 20, 400, ["h", "rx", "cx", "u", "rzz"])
    ticks, done = 0, threading.Event()

    def work():
        ardea.statevector(circuit)
        done.set()

    thread = threading.Thread(target=work)
    start = time.perf_counter()
    thread.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    seconds = time.perf_counter() - start
    thread.join()
    assert ticks > 20 * seconds, f"{ticks} ticks in {seconds:.2f} s"


def test_a_circuit_may_change_while_it_runs():
    circuit = random_circuit(2, 18, 300)
    expected = ardea.statevector(circuit).numpy()
    results = []
    thread = threading.Thread(target=lambda: results.append(ardea.statevector(circuit)))
    thread.start()
    time.sleep(0.02)
    circuit.x(0)
    thread.join()
    changed = ardea.statevector(circuit).numpy()
    # Whichever came first, the call saw the circuit as a whole.
    assert any(abs(results[0].numpy() - state).max() < 1e-12 for state in (expected, changed))
    assert len(circuit) == 301


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:This process")
def test_a_fork_after_use_works():
    circuit = random_circuit(4, 16, 100)
    expected = ardea.statevector(circuit)
    ardea.compile(circuit, "grid:4x4", level=2, verify="off")
    # Large enough for several threads to fill it.
    amplitudes = np.full(2**19, 2**-9.5)
    ardea.StateVector.from_numpy(amplitudes)
    bell = ardea.Circuit(2, 2).h(0).cx(0, 1).measure([0, 1], [0, 1])
    noise = ardea.NoiseModel.from_target("line:2")
    everything = lambda: (
        ardea.StateVector.from_numpy(amplitudes).num_qubits,
        sum(ardea.run(ardea.compile(bell, "line:2").circuit, shots=64, seed=1, noise=noise).values()),
        len(ardea.mitigate_readout({"00": 9, "01": 1}, [(0.1, 0.1), (0.1, 0.1)])),
    )
    at_home = everything()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        outcome = b"0"
        try:
            same = ardea.statevector(circuit).fidelity(expected) > 1 - 1e-9
            compiled = ardea.compile(circuit, "grid:4x4", level=2, verify="off")
            model = ardea.FermiHubbard(4).exact(0.3)
            done = same and len(compiled.circuit) and model.sites == 4 and everything() == at_home
            outcome = b"1" if done else b"2"
        finally:
            os.write(writer, outcome)
            os._exit(0)
    deadline = time.time() + 60
    while time.time() < deadline and os.waitpid(child, os.WNOHANG) == (0, 0):
        time.sleep(0.02)
    else:
        if time.time() >= deadline:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            pytest.fail("the child hangs")
    assert os.read(reader, 1) == b"1"


def test_compilation_does_not_depend_on_the_number_of_threads():
    circuit = random_circuit(6, 8, 60)
    results = [ardea.compile(circuit, "grid:3x3", level=level, seed=5, threads=threads).circuit
               for level in (1, 3) for threads in (1, 2)]
    assert results[0] == results[1] and results[2] == results[3]


@pytest.mark.parametrize("on_worker", [False, True])
def test_panics_are_exceptions_of_our_own(on_worker, capfd):
    with pytest.raises(ardea.InternalError, match="the qubit fell off.*report"):
        _ardea._panic(on_worker)
    assert capfd.readouterr().err == ""
    assert issubclass(ardea.InternalError, Exception)
    assert ardea.run(ardea.Circuit(1, 1).x(0).measure(0, 0), 1) == {"1": 1}
