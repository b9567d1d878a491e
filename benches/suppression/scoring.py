"""The chance that a compiled circuit runs without an error, by one formula for every compiler.

The product over gates and measurements of 1 - error, times exp(-t / (6 T1) - t / (3 T2)) for each qubit that waits for t
between its first gate and its last, each gate as late as possible. Errors, durations, T1 and T2 are Qiskit's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass
class Use:
    """When a qubit is used, in seconds before the end, and for how long altogether."""

    first: float = 0.0
    last: float | None = None
    busy: float = 0.0


def log_success(circuit: Any, backend: Any) -> float:
    """Natural logarithm of the chance; minus infinity for an instruction that the device does not have."""
    target, total = backend.target, 0.0
    free: dict[int, float] = {}
    uses: dict[int, Use] = {}
    for item in reversed(circuit.data):
        qubits = tuple(circuit.find_bit(qubit).index for qubit in item.qubits)
        name = item.operation.name
        if name == "barrier":
            level = max((free.get(qubit, 0.0) for qubit in qubits), default=0.0)
            free.update(dict.fromkeys(qubits, level))
            continue
        if name == "delay":
            free[qubits[0]] = free.get(qubits[0], 0.0) + seconds(item.operation, target)
            continue
        if not target.instruction_supported(name, qubits):
            return -math.inf
        found = target[name].get(qubits)
        error, duration = (found.error or 0.0, found.duration or 0.0) if found is not None else (0.0, 0.0)
        total += math.log(max(1e-300, 1.0 - error))
        start = max(free.get(qubit, 0.0) for qubit in qubits) + duration
        free.update(dict.fromkeys(qubits, start))
        if duration == 0.0:
            continue
        for qubit in qubits:
            use = uses.setdefault(qubit, Use())
            use.first = start
            use.busy += duration
            if use.last is None:
                use.last = start - duration
    for qubit, use in uses.items():
        waiting = max(0.0, use.first - (use.last or 0.0) - use.busy)
        properties = backend.target.qubit_properties[qubit]
        t1 = properties.t1 or math.inf
        t2 = min(properties.t2 or math.inf, 2 * t1)
        total -= waiting * (1 / (6 * t1) + 1 / (3 * t2))
    return total


def seconds(delay: Any, target: Any) -> float:
    scale = {"dt": target.dt, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}[delay.unit]
    return float(delay.duration) * float(scale)
