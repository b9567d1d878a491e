"""Physical models in one call."""

from __future__ import annotations

from ardea._ardea import Circuit, FermiHubbard


def hubbard(
    sites: int,
    steps: int,
    *,
    u: float = -2.0,
    dt: float = 0.2,
    t: float = 1.0,
    method: str = "mirrored",
    start: str | None = "neel",
    measure: bool = True,
) -> Circuit:
    """The Trotter circuit of a Fermi-Hubbard chain, two qubits for each site.

    See :meth:`FermiHubbard.circuit` for the options, and :class:`FermiHubbard` for the operators and exact answers.
    """
    model = FermiHubbard(sites, t=t, u=u)
    return model.circuit(steps, dt, method=method, start=start, measure=measure).circuit
