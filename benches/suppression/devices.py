"""The six devices: IBM's snapshots for Qiskit, the same figures for Ardea, and the noise that circuits run under."""

from __future__ import annotations

import functools
from typing import Any

import ardea

DEVICES = ("boston", "fez", "marrakesh", "kingston", "pittsburgh", "aachen")


@functools.cache
def backend(name: str) -> Any:
    """IBM's snapshot, as `qiskit-ibm-runtime` ships it."""
    from qiskit_ibm_runtime import fake_provider

    return getattr(fake_provider, "Fake" + name.capitalize())()


@functools.cache
def memoryless(name: str) -> ardea.NoiseModel:
    """What the calibration tells of: gate errors, relaxation of gates and waits, misreading."""
    return ardea.NoiseModel.from_target(name, zz=None, quasi_static=None, flicker=None, charge_parity=None)


@functools.cache
def with_memory(name: str, detuning: float = 1000.0) -> ardea.NoiseModel:
    """Every component, ZZ and slow detunings included, at its default strength; only readout is exact.

    Misreading is the same for every way of filling idle time, and would only blur the comparison. `detuning` is the
    standard deviation in hertz of the quasi-static one.
    """
    return ardea.NoiseModel.from_target(name, readout=False, quasi_static=detuning)


@functools.cache
def floor(name: str) -> ardea.NoiseModel:
    """The same without what decoupling can act on: gate errors and relaxation."""
    return ardea.NoiseModel.from_target(
        name, readout=False, zz=None, quasi_static=None, flicker=None, charge_parity=None,
    )
