"""From circuits to mitigated results in one call, on the noise simulator or by way of hardware."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ardea import _ardea
from ardea.counts import Counts, fresh_seed


@dataclass(frozen=True)
class Expectation:
    """An expectation value after all stages."""

    value: float
    """The value."""
    error: float
    """Its standard error."""
    raw: tuple[float, float]
    """Value and error as the counts of the least folded circuits give them."""
    by_scale: list[tuple[float, float, float]]
    """After readout mitigation: strength of the noise, value, error."""
    chi_squared: float | None
    """How well the extrapolation goes through these values, ``None`` where there was none."""


@dataclass(frozen=True)
class ExecutionResult:
    """What became of one circuit."""

    counts: Counts | None
    """What was read, over all versions, with the bits of the twirl put right; ``None`` with observables."""
    quasi: dict[str, float] | None
    """The distribution without errors of readout; entries can be negative. ``None`` where readout was not mitigated."""
    probabilities: dict[str, float] | None
    """The nearest distribution, or the shares of the counts where readout was not mitigated."""
    expectations: list[Expectation]
    """One for each observable."""
    report: dict[str, Any]
    """The whole execution, stage by stage, with what each was predicted to gain."""

    def most_probable(self) -> str:
        """The outcome with the largest probability; of several, the first in order."""
        if not self.probabilities:
            raise ValueError("there are no outcomes")
        probabilities = self.probabilities
        return min(probabilities, key=lambda outcome: (-probabilities[outcome], outcome))


class Experiment:
    """Circuits ready to run, with all that is needed to make results of their counts.

    Made by :func:`prepare`. The same arguments and seed give the same experiment, so counts can be collected by another
    process, another day.
    """

    def __init__(self, native: _ardea.NativeExperiment, seed: int, single: bool) -> None:
        self._native = native
        self._single = single
        self.seed = seed

    @property
    def circuits(self) -> list[_ardea.Circuit]:
        """The circuits to run as they are, without further compilation."""
        return self._native.circuits

    @property
    def shots(self) -> list[int]:
        """How often each circuit runs."""
        return self._native.shots

    @property
    def inverted_bits(self) -> list[list[int]]:
        """The classical bits that each circuit reports inverted; :meth:`collect` puts them right."""
        return self._native.inverted_bits

    @property
    def report(self) -> dict[str, Any]:
        """The stages, and what each is predicted to gain."""
        report: dict[str, Any] = json.loads(self._native.report_json)
        return report

    def figures(self) -> dict[str, str]:
        """Pictures as SVG text, by name.

        ``error_map`` is the device with its errors and the qubits that the circuit uses, ``timeline`` when what happens
        in its first version, ``stages`` what each stage is predicted to gain. Of several circuits each has its own, with
        ``_`` and its number behind the name.
        """
        return self._native.figures()

    def run(
        self,
        noise: _ardea.NoiseModel | None = None,
        *,
        method: str = "automatic",
        draws: int | None = None,
        threads: int | None = None,
        memory_limit: int | None = None,
    ) -> Any:
        """Runs all circuits on the noise simulator; as :func:`execute` from there on.

        Args:
            noise: What noise does; all of the target's when not given.
            method: ``"density_matrix"``, ``"trajectories"``, ``"stabilizer"`` or ``"automatic"``.
            draws: How often slow parameters are drawn for the versions of a circuit together; 32 when not given.
            threads: Number of threads; one per processor when not given.
            memory_limit: Bytes that states may take at most, beside what the machine allows.
        """
        raw = self._native.run(noise, method=method, draws=draws, threads=threads, memory_limit=memory_limit)
        return self._results(raw)

    def collect(self, counts: Sequence[Mapping[str, int]]) -> Any:
        """Results from counts of :attr:`circuits` that ran elsewhere, as the device reported them.

        Args:
            counts: For each circuit, in their order, bit strings and how often each was read.
        """
        return self._results(self._native.collect([dict(one) for one in counts]))

    def _results(self, raw: Any) -> Any:
        programs, report_json = raw
        report = json.loads(report_json)
        results = []
        for counted, expectations in programs:
            counts, quasi, probabilities = (None, None, None) if counted is None else counted
            results.append(ExecutionResult(
                counts=None if counts is None else Counts(counts, seed=self.seed),
                quasi=quasi,
                probabilities=probabilities,
                expectations=[
                    Expectation(value[0], value[1], before, by_scale, chi_squared)
                    for value, before, by_scale, chi_squared in expectations
                ],
                report=report,
            ))
        return results[0] if self._single else results

    def __repr__(self) -> str:
        return f"<ardea.Experiment of {len(self.shots)} circuits>"

    def __str__(self) -> str:
        return self._native.report_text


def prepare(
    circuit: _ardea.Circuit | Iterable[_ardea.Circuit],
    target: _ardea.Target | str = "boston",
    *,
    shots: int = 4096,
    suppress: str | Mapping[str, Any] = "auto",
    observables: _ardea.PauliSum | Sequence[_ardea.PauliSum] = (),
    seed: int | None = None,
    level: int | None = None,
    fractional: bool = False,
    compiled: bool = False,
    threads: int | None = None,
) -> Experiment:
    """Compiles circuits and suppresses errors: everything of :func:`execute` before the circuits run.

    The arguments are those of :func:`execute`. Hand :attr:`Experiment.circuits` to hardware (``circuit.to_qasm3()``,
    ``circuit.to_qiskit()``), and the counts to :meth:`Experiment.collect`.
    """
    single = isinstance(circuit, _ardea.Circuit)
    circuits = [circuit] if isinstance(circuit, _ardea.Circuit) else list(circuit)
    wanted = [observables] if isinstance(observables, _ardea.PauliSum) else list(observables)
    if any(isinstance(observable, str) for observable in wanted):
        raise TypeError("observables are Pauli sums, such as ardea.PauliSum.from_list([('ZZ', 1.0)]), not strings")
    chosen = fresh_seed() if seed is None else seed
    native = _ardea.prepare_execution(
        circuits, target, shots, _stages(suppress), wanted, seed=chosen, level=level, fractional=fractional,
        compiled=compiled, threads=threads,
    )
    return Experiment(native, chosen, single)


def execute(
    circuit: _ardea.Circuit | Iterable[_ardea.Circuit],
    target: _ardea.Target | str = "boston",
    *,
    shots: int = 4096,
    suppress: str | Mapping[str, Any] = "auto",
    noise: _ardea.NoiseModel | None = None,
    observables: _ardea.PauliSum | Sequence[_ardea.PauliSum] = (),
    seed: int | None = None,
    level: int | None = None,
    fractional: bool = False,
    compiled: bool = False,
    method: str = "automatic",
    draws: int | None = None,
    threads: int | None = None,
    memory_limit: int | None = None,
) -> Any:
    """Compiles, suppresses errors, runs with the noise of the target, mitigates, and reports every stage.

    Args:
        circuit: A circuit or a list of them, with values for all parameters.
        target: A :class:`Target` or its name.
        shots: Shots of each circuit; with observables, of each basis and each strength of the noise.
        suppress: ``"auto"`` lets each stage decide, ``"none"`` runs none, a list such as ``"dd=xy4,twirl"`` runs what it
            names. A dictionary changes single stages of ``"auto"``: ``dict(dd="none", twirl="all", versions=16,
            readout="trex", zne="linear", scales=[1, 2, 3])``. Stages: ``schedule``, ``dd``, ``twirl`` (``gates``,
            ``measurements``, ``all``) with ``versions``, ``readout`` (``inversion``, ``trex``) with ``calibration`` (shots,
            or ``"target"``), ``zne`` (``linear``, ``quadratic``, ``richardson``, ``exponential``) with ``scales`` and
            ``folding`` (``gates``, ``global``). ``versions``, ``calibration``, ``scales`` and ``folding`` are details: they
            switch no stage on, and are refused where theirs does not run.
        noise: What noise does; all of the target's when not given.
        observables: What is estimated instead of counts, on the qubits of the circuit.
        seed: Of everything that is random; a fresh one when not given.
        level: How hard to compile, 0 to 3; 2 when not given.
        fractional: Whether the device's fractional gates may be used.
        compiled: Whether the circuits are on the device's qubits and in its gates already; then neither level nor
            fractional may be given.
        method: The noisy engine: ``"density_matrix"``, ``"trajectories"``, ``"automatic"``, or ``"stabilizer"`` for Clifford
            circuits of any width with the noise as random Paulis (an approximation).
        draws: How often slow parameters are drawn for the versions of a circuit together; 32 when not given.
        threads: Number of threads; one per processor when not given.
        memory_limit: Bytes that states may take at most, beside what the machine allows.

    Returns:
        An :class:`ExecutionResult`, or a list of them.

    >>> import ardea
    >>> bell = ardea.Circuit(2, 2).h(0).cx(0, 1).measure([0, 1], [0, 1])
    >>> result = ardea.execute(bell, "line:3", shots=1000, seed=1)
    >>> result.probabilities["00"] + result.probabilities["11"] > 0.95
    True
    """
    if draws is not None and draws < 1:
        # Found out before the circuits are compiled.
        raise ValueError(f"{draws} draws of the slow parameters are not possible; choose at least 1")
    experiment = prepare(
        circuit, target, shots=shots, suppress=suppress, observables=observables, seed=seed, level=level,
        fractional=fractional, compiled=compiled, threads=threads,
    )
    return experiment.run(noise, method=method, draws=draws, threads=threads, memory_limit=memory_limit)


def _stages(suppress: str | Mapping[str, Any]) -> str:
    """The stages in words; what a dictionary does not name decides for itself."""
    if isinstance(suppress, str):
        return suppress
    return ",".join(["auto", *(f"{stage}={_word(value)}" for stage, value in suppress.items())])


def _word(value: Any) -> str:
    if value is None or value is False:
        return "none"
    if value is True:
        return "on"
    if isinstance(value, (list, tuple)):
        return ":".join(str(item) for item in value)
    return str(value)
