"""A process for every configuration: what ran before in the same one can slow a simulator down threefold (Qulacs)."""

import json
import os
import select
import subprocess
import sys

import simulators

HERE = os.path.dirname(os.path.abspath(__file__))


def measure(job, limit):
    """What `simulators.measure` gives for the job, or {'error': ...} after `limit` seconds or a crash."""
    worker = start(job["threads"])
    try:
        worker.stdin.write(json.dumps(job) + "\n")
        worker.stdin.close()
        ready, _, _ = select.select([worker.stdout], [], [], limit)
        answer = worker.stdout.readline() if ready else ""
    except OSError:  # it died before it read the job
        ready, answer = True, ""
    worker.kill()
    code = worker.wait()
    if answer:
        return json.loads(answer)
    return {"error": f"ended with {code}" if ready else f"took longer than {limit:g} s"}


def start(threads):
    """A worker; with one thread it stays on one core, whatever the library thinks of its setting."""
    command = [sys.executable, HERE, "--worker"]
    if threads == 1 and sys.platform == "linux":
        command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=simulators.environment(threads),
    )


def serve():
    """The worker's side: one job, one answer; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        answer = simulators.measure(json.loads(sys.stdin.readline()))
    except Exception as error:  # whatever a library raises is this simulator's answer
        answer = {"error": f"{type(error).__name__}: {error}"[:80]}
    print(json.dumps(answer), file=answers, flush=True)
