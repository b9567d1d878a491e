"""One circuit with parameters at many values: sweeps and gradients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ardea import _ardea
from ardea.counts import Counts, fresh_seed


def sweep(
    circuit: _ardea.Circuit,
    values: ArrayLike,
    *,
    operator: _ardea.PauliSum | Sequence[_ardea.PauliSum] | None = None,
    shots: int | None = None,
    seed: int | None = None,
    precision: str = "double",
    threads: int | None = None,
    memory_limit: int | None = None,
    initial_state: Any = None,
) -> Any:
    """Runs a circuit with parameters at many values; up to 14 qubits it is planned only once.

    Small circuits run one row of values on each thread. A row's result depends neither on the other rows nor on the
    number of threads.

    Args:
        circuit: A circuit with parameters.
        values: An array with a row for each run and a column for each of ``circuit.parameters``.
        operator: Asks for expectation values: of one operator, or of each of several.
        shots: Asks for counts, of this many shots in each row.
        seed: Of the outcomes; row ``i`` has ``seed + i``. A fresh one when not given.
        precision: ``"double"`` or ``"single"``, of the amplitudes.
        threads: Number of threads; one per processor when not given.
        memory_limit: Bytes that states may take at most, beside what the machine allows.
        initial_state: Amplitudes to start from instead of 0...0, ``2**num_qubits`` of them.

    Returns:
        With an operator, an array of one number a row (real for a Hermitian operator), or with several operators of
        one row of numbers a row; with shots, a list of :class:`Counts`; with neither, an array of the final states'
        amplitudes, a row each.
    """
    if operator is not None and shots is not None:
        raise ValueError("ask for expectation values (operator) or for counts (shots), not for both at once")
    family = _ardea.Family(
        circuit, precision=precision, threads=threads, memory_limit=memory_limit, initial_state=initial_state,
    )
    rows = _rows(values, len(family.parameters))
    if shots is not None:
        chosen = fresh_seed() if seed is None else seed
        found = family.counts(rows, shots, chosen)
        return [Counts(counts, seed=(chosen + i) % 2**64) for i, counts in enumerate(found)]
    if operator is None:
        return family.states(rows)
    operators = [operator] if isinstance(operator, _ardea.PauliSum) else list(operator)
    table = family.expectations(operators, rows)
    if all(one.is_hermitian for one in operators):
        table = np.ascontiguousarray(table.real)
    return table[:, 0] if isinstance(operator, _ardea.PauliSum) else table


def gradient(
    circuit: _ardea.Circuit,
    operator: _ardea.PauliSum,
    values: Mapping[Any, float] | Iterable[float],
    *,
    precision: str = "double",
    threads: int | None = None,
    memory_limit: int | None = None,
    initial_state: Any = None,
) -> tuple[float, NDArray[np.float64]]:
    """The expectation value of an operator, and its derivative by every parameter of a circuit.

    The adjoint method (Jones and Gacon 2020, arXiv:2009.02823): the time of a few runs, whatever the number of
    parameters, and the memory of two states. For many calls with the same circuit, keep a :class:`Family` and call
    its ``gradients``.

    Args:
        circuit: A circuit of gates with parameters.
        operator: A Hermitian operator.
        values: A mapping from parameters (or their names) to numbers, or numbers in the order of
            ``circuit.parameters``.
        precision: ``"double"`` or ``"single"``, of the amplitudes.
        threads: Number of threads; one per processor when not given.
        memory_limit: Bytes that states may take at most, beside what the machine allows.
        initial_state: Amplitudes to start from instead of 0...0, ``2**num_qubits`` of them.

    Returns:
        The value, and an array of derivatives in the order of ``circuit.parameters``.
    """
    family = _ardea.Family(
        circuit, precision=precision, threads=threads, memory_limit=memory_limit, initial_state=initial_state,
    )
    if isinstance(values, Mapping):
        values = _in_order(values, [parameter.name for parameter in family.parameters])
    found, slopes = family.gradients(operator, _rows([list(values)], len(family.parameters)))
    return float(found[0]), slopes[0]


def _in_order(values: Mapping[Any, float], names: list[str]) -> list[float]:
    given = {getattr(key, "name", key): value for key, value in values.items()}
    missing = [name for name in names if name not in given]
    unknown = [name for name in given if name not in names]
    if missing or unknown:
        problem = f"no value for {missing}" if missing else f"the circuit has no parameter {unknown}"
        raise ValueError(problem)
    return [given[name] for name in names]


def _rows(values: ArrayLike, width: int) -> NDArray[np.float64]:
    rows = np.ascontiguousarray(values, dtype=np.float64)
    if rows.ndim == 1 and rows.size == 0:
        rows = rows.reshape(0, width)
    if rows.ndim != 2 or rows.shape[1] != width:
        raise ValueError(f"values must have one column for each of {width} parameters; their shape is {rows.shape}")
    return rows
