"""Outcomes of measurements, and the function that produces them."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from ardea import _ardea


def fresh_seed() -> int:
    """A seed from the operating system, for callers that gave none."""
    return secrets.randbits(63)


class Counts(dict[str, int]):
    """How often each outcome occurred, by bit string.

    A bit string lists the classical registers from last to first with spaces between them, and in each register the
    highest bit first, as Qiskit does: the rightmost character is classical bit 0.
    """

    seed: int | None
    """Seed of the run: give it to :func:`run` again for the same counts."""
    memory: list[str] | None
    """The outcome of each shot in order, when the run was asked to keep them."""
    method: str | None
    """The engine that ran."""
    reason: str | None
    """Why it was chosen, where the choice was automatic and fell on another one than the state vector."""

    def __init__(
        self, counts: Mapping[str, int] | Iterable[tuple[str, int]] = (), *, seed: int | None = None,
        memory: list[str] | None = None, method: str | None = None, reason: str | None = None,
    ) -> None:
        super().__init__(counts)
        self.seed = seed
        self.memory = memory
        self.method = method
        self.reason = reason

    @property
    def shots(self) -> int:
        """Number of shots."""
        return sum(self.values())

    def probabilities(self) -> dict[str, float]:
        """The share of each outcome."""
        shots = self.shots
        return {outcome: times / shots for outcome, times in self.items()}

    def most_frequent(self) -> str:
        """The outcome that occurred most often; of several, the first in order."""
        if not self:
            raise ValueError("there are no outcomes")
        return min(self, key=lambda outcome: (-self[outcome], outcome))

    def marginal(self, bits: Iterable[int]) -> Counts:
        """The counts of some classical bits, whatever the others were; the first bit listed becomes bit 0."""
        positions = list(bits)
        out: dict[str, int] = {}
        for outcome, times in self.items():
            digits = outcome.replace(" ", "")[::-1]
            if any(not 0 <= position < len(digits) for position in positions):
                raise ValueError(f"there are {len(digits)} classical bits, counted from 0; asked for {positions}")
            short = "".join(digits[position] for position in reversed(positions))
            out[short] = out.get(short, 0) + times
        return Counts(sorted(out.items()), seed=self.seed)

    def marginal_of_register(self, circuit: _ardea.Circuit, register: str) -> Counts:
        """The counts of one classical register of the circuit that was run, whatever the others were."""
        for name, start, size in circuit.cregs:
            if name == register:
                return self.marginal(range(start, start + size))
        raise ValueError(f"the circuit has no classical register {register!r}")

    def expectation_z(self, bits: Iterable[int]) -> float:
        """The average of the product of Z on the qubits measured into these bits: +1 for 0, -1 for 1."""
        counts = self.marginal(bits)
        total = sum(-times if outcome.count("1") % 2 else times for outcome, times in counts.items())
        return total / self.shots

    def __repr__(self) -> str:
        return f"Counts({dict.__repr__(self)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (dict(self), self.seed, self.memory, self.method, self.reason)


def _restore(
    counts: dict[str, int], seed: int | None, memory: list[str] | None, method: str | None = None,
    reason: str | None = None,
) -> Counts:
    return Counts(counts, seed=seed, memory=memory, method=method, reason=reason)


def run(
    circuit: _ardea.Circuit,
    shots: int = 1024,
    *,
    seed: int | None = None,
    method: str = "automatic",
    precision: str = "double",
    threads: int | None = None,
    memory_limit: int | None = None,
    memory: bool = False,
    max_iterations: int = 1_000_000,
    initial_state: Any = None,
    checkpoint: str | os.PathLike[str] | None = None,
    checkpoint_every: float = 60.0,
    noise: _ardea.NoiseModel | None = None,
    draws: int | None = None,
) -> Counts:
    """Simulates a circuit and counts the outcomes of its classical bits.

    Measurements at the end are sampled from the final state; measurements, resets and conditions in between make the
    shots take different courses. Qubits that the circuit never touches take no memory. Ctrl-C ends a long run.

    Args:
        circuit: What to run; all its parameters must have values.
        shots: How often it is measured.
        seed: Of the random outcomes; the same seed gives the same counts on any number of threads. A fresh one when
            not given, kept in ``Counts.seed``.
        method: The engine: ``"statevector"`` for any circuit, ``"stabilizer"`` for Clifford circuits of thousands of
            qubits, ``"sector"`` for circuits that conserve numbers of particles (ones), ``"free_fermion"`` for matchgates
            on neighbours of a line, or ``"automatic"``, which takes the state vector unless another one can run the
            circuit and clearly wins. What ran is in ``Counts.method``, and why in ``Counts.reason``.
        precision: ``"double"`` or ``"single"``, of the amplitudes.
        threads: Number of threads; one per processor when not given.
        memory_limit: Bytes that states may take at most, beside what the machine allows.
        memory: Whether the outcome of each shot is kept, in ``Counts.memory``.
        max_iterations: How often any one loop of the circuit may run.
        initial_state: Amplitudes to start from instead of 0...0, ``2**num_qubits`` of them.
        checkpoint: A file that keeps the state of a long run. A run that was broken off goes on from it when it is
            called again with the same arguments (give the seed), and ends with the same counts; when done, it removes
            the file. Not for circuits that measure in their middle.
        checkpoint_every: Seconds between two writings of that file at least.
        noise: A :class:`NoiseModel`; the circuit is then on the device's qubits and gates, as :func:`compile` leaves it,
            and the methods are ``"density_matrix"``, ``"trajectories"``, ``"automatic"`` and, for Clifford circuits of any
            width with the noise as random Paulis (an approximation), ``"stabilizer"``.
        draws: How often the slow parameters of the noise are drawn, the shots divided among the draws; 32 when not
            given, and as many as shots for one draw per shot.

    Raises:
        SimulationError: When an engine chosen by name cannot run the circuit, naming the first instruction in its way.
        OutOfMemoryError: Before anything is allocated, naming what is needed and what is there.
    """
    chosen = fresh_seed() if seed is None else seed
    if isinstance(noise, str):
        raise TypeError(f"noise is a NoiseModel, such as ardea.NoiseModel.from_target({noise!r}), not a string")
    if noise is not None:
        if precision != "double" or initial_state is not None or checkpoint is not None:
            raise ValueError("a noisy run is in double precision, starts from 0...0 and keeps no checkpoint")
        counts, each_shot, used, _ = _ardea.run_noisy(
            circuit, noise, shots, [], seed=chosen, method=method, draws=draws, threads=threads,
            memory_limit=memory_limit, each_shot=memory, max_iterations=max_iterations,
        )
        return Counts(counts, seed=chosen, memory=each_shot, method=used)
    if draws is not None:
        raise ValueError("draws are of the parameters of a noise model; give one with noise=")
    counts, each_shot, used, reason = _ardea.run(
        circuit, shots, seed=chosen, method=method, precision=precision, threads=threads, memory_limit=memory_limit, each_shot=memory,
        max_iterations=max_iterations, initial_state=initial_state, checkpoint=checkpoint,
        checkpoint_every=checkpoint_every,
    )
    return Counts(counts, seed=chosen, memory=each_shot, method=used, reason=reason)


def noisy_expectation(
    circuit: _ardea.Circuit,
    operator: _ardea.PauliSum,
    noise: _ardea.NoiseModel,
    *,
    shots: int = 1024,
    seed: int | None = None,
    method: str = "automatic",
    draws: int | None = None,
    threads: int | None = None,
    memory_limit: int | None = None,
) -> tuple[float, float]:
    """The expectation value of an operator under noise before the final measurements, and its standard error.

    Args:
        circuit: On the device's qubits and gates.
        operator: A Hermitian :class:`PauliSum`.
        noise: What noise does.
        shots: Number of trajectories; on a density matrix the value is exact but for the draws, and 0 will do.
        seed: Of the trajectories and draws; a fresh one when not given.
        method: ``"density_matrix"``, ``"trajectories"`` or ``"automatic"``.
        draws: How often the slow parameters of the noise are drawn; 32 when not given.
        threads: Number of threads; one per processor when not given.
        memory_limit: Bytes that states may take at most, beside what the machine allows.
    """
    chosen = fresh_seed() if seed is None else seed
    _, _, _, values = _ardea.run_noisy(
        circuit, noise, shots, [operator], seed=chosen, method=method, draws=draws, threads=threads,
        memory_limit=memory_limit,
    )
    return values[0]
