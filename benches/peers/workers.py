"""A process for every configuration: what ran before in the same one can slow a simulator down threefold (Qulacs).

Loading Cirq or PennyLane takes ten seconds, so it happens once for each simulator and number of threads: that process only
loads the library, and every job runs in a copy (fork) of it. No simulator starts a thread before its first run.
"""

import json
import os
import select
import signal
import subprocess
import sys
from functools import cache

import simulators

HERE = os.path.dirname(os.path.abspath(__file__))
#: Seconds that a library may take to load.
LOADING = 120


def measure(job, limit):
    """What `simulators.measure` gives for the job, or {'error': ...} after `limit` seconds or a crash."""
    loaded = start(job["simulator"], job["threads"])
    try:
        loaded.stdin.write(json.dumps({"job": job, "limit": limit}) + "\n")
        loaded.stdin.flush()
        ready, _, _ = select.select([loaded.stdout], [], [], LOADING + limit)
        answer = loaded.stdout.readline() if ready else ""
    except OSError:  # it ended when it was to load its library
        answer = ""
    if answer:
        return json.loads(answer)
    loaded.kill()
    return {"error": "the library cannot be loaded"}


@cache
def start(simulator, threads):
    """The process that loads the library; with one thread it stays on one core, whatever the library thinks of its setting."""
    command = [sys.executable, HERE, "--worker", "--simulators", f"ardea,{simulator}"]
    if threads == 1 and sys.platform == "linux":
        command = ["taskset", "-c", str(max(os.sched_getaffinity(0))), *command]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        env=simulators.environment(threads),
    )


def serve(simulator):
    """The loaded process: an answer for every job; what libraries print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    try:
        simulators.SIMULATORS[simulator].load()
        reason = None
    except Exception as error:  # whatever a library raises is this simulator's answer
        reason = described(error)
    for line in sys.stdin:
        asked = json.loads(line)
        print(reason or in_a_copy(asked["job"], asked["limit"]), file=answers, flush=True)


def in_a_copy(job, limit):
    """The answer (JSON) of a copy of this process, which ends with it."""
    result, inlet = os.pipe()
    copy = os.fork()
    if copy == 0:
        try:
            os.close(result)
            try:
                answer = json.dumps(simulators.measure(job))
            except Exception as error:
                answer = described(error)
            with os.fdopen(inlet, "w") as out:
                out.write(answer)
        finally:  # whatever happens, the copy never goes on as the process that it was copied from
            os._exit(0)
    os.close(inlet)
    ready, _, _ = select.select([result], [], [], limit)
    answer = os.fdopen(result).read() if ready else ""
    os.kill(copy, signal.SIGKILL)
    _, status = os.waitpid(copy, 0)
    if answer:
        return answer
    ended = f"ended with {os.waitstatus_to_exitcode(status)}" if ready else f"took longer than {limit:g} s"
    return json.dumps({"error": ended})


def described(error):
    return json.dumps({"error": f"{type(error).__name__}: {error}"[:80]})
