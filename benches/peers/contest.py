"""Who is fastest on a circuit, size by size: the simulators take turns, and settings that fell behind go no further."""

import math
import statistics
from dataclasses import dataclass, field

import simulators
import workers

#: A run this long (seconds) is not repeated: what disturbs it is short beside it.
LONG = 4.0
#: How far the compared amplitudes of two simulators may be apart.
TOLERANCE = {"f32": 1e-3, "f64": 1e-9}
#: How much longer each qubit makes a run: twice the amplitudes, more gates, and less of it in the cache.
PER_QUBIT = 2.3


@dataclass
class Entrant:
    """A simulator with one of its settings."""

    name: str
    setting: dict
    #: Its last size and the median of its seconds there.
    at: int = 0
    seconds: float = math.nan

    def expected(self, n):
        """Seconds for n qubits by its last size; nan where it has run none."""
        return self.seconds * PER_QUBIT ** (n - self.at)


@dataclass
class Standing:
    """What is known of one circuit: each simulator's best run, and why the others have none."""

    best: dict = field(default_factory=dict)
    missing: dict = field(default_factory=dict)

    def ratios(self):
        """Seconds of each peer over Ardea's; empty where Ardea has none."""
        if "ardea" not in self.best:
            return {}
        own = self.best["ardea"]["seconds"]
        return {name: run["seconds"] / own for name, run in self.best.items() if name != "ardea"}


def distance(own, other):
    """How far two lists of amplitudes are apart, whatever the global phase, relative to the first."""
    own, other = ([complex(*z) for z in amplitudes] for amplitudes in (own, other))
    overlap = sum(b.conjugate() * a for a, b in zip(own, other))
    phase = overlap / abs(overlap) if overlap else 1.0
    apart = math.sqrt(sum(abs(a - phase * b) ** 2 for a, b in zip(own, other)))
    size = math.sqrt(sum(abs(a) ** 2 for a in own))
    return apart / size if size else apart


class Contest:
    """One family with one number of threads in one precision, from the smallest size up.

    Every setting of every simulator runs on the smallest circuit. A setting goes on to the next size while it takes at
    most `keep` times as long as the best one of the same peer, and a peer while it takes at most `drop` times as long
    as the fastest.
    """

    def __init__(self, options, family, threads, precision):
        self.options, self.family, self.threads, self.precision = options, family, threads, precision
        self.entrants, self.out = [], {}
        # Ardea first: its state is what the others are compared with.
        for name in sorted(options.simulators, key=lambda name: name != "ardea"):
            kind = simulators.SIMULATORS[name]
            if precision not in kind.precisions:
                continue
            settings = kind.settings[:1] if options.default_settings else kind.settings
            if options.once and name == "ardea":
                settings = [{"once": True}]
            self.entrants += [Entrant(name, setting) for setting in settings]

    def at(self, n):
        """Runs the circuit of n qubits with all who are left."""
        standing, own = Standing(missing=dict(self.out)), []
        runs = {id(entrant): [] for entrant in self.entrants}
        for turn in range(self.options.rounds):
            for entrant in list(self.entrants):
                times = runs[id(entrant)]
                expected = statistics.median(times) if times else entrant.expected(n)
                if turn > 0 and (expected > LONG or entrant.setting != standing.best[entrant.name]["setting"]):
                    continue
                if expected > self.options.limit:
                    self.leave(entrant, standing, f"would take {expected:.0f} s")
                    continue
                figures = workers.measure(self.job(entrant, n), self.options.limit)
                if "error" in figures:
                    self.leave(entrant, standing, figures["error"])
                    continue
                if entrant.name == "ardea":
                    own = figures["amplitudes"]
                elif distance(own, figures["amplitudes"]) > TOLERANCE[self.precision]:
                    self.leave(entrant, standing, f"another state with {entrant.setting}")
                    continue
                times += figures["times"]
                entrant.at, entrant.seconds = n, statistics.median(times)
                best = standing.best.get(entrant.name)
                if best is None or best["setting"] == entrant.setting or entrant.seconds < best["seconds"]:
                    standing.best[entrant.name] = {
                        "seconds": entrant.seconds, "setting": entrant.setting, "amplitudes": figures["amplitudes"],
                    }
        for name in standing.best:
            standing.missing.pop(name, None)
        self.drop_the_slow(standing)
        return standing

    def job(self, entrant, n):
        return {
            "simulator": entrant.name, "family": self.family, "n": n, "threads": self.threads,
            "precision": self.precision, "setting": entrant.setting, "most": 200,
        }

    def leave(self, entrant, standing, why):
        self.entrants.remove(entrant)
        self.out[entrant.name] = standing.missing[entrant.name] = why

    def drop_the_slow(self, standing):
        peers = {name: run["seconds"] for name, run in standing.best.items() if name != "ardea"}
        if not peers:
            return
        fastest = min(peers, key=peers.get)
        for name, seconds in peers.items():
            is_out = seconds > self.options.drop * peers[fastest]
            if is_out:
                self.out[name] = f"{seconds / peers[fastest]:.0f} times {fastest} with fewer qubits"
            self.entrants = [
                entrant for entrant in self.entrants
                if entrant.name != name or not is_out and entrant.seconds <= self.options.keep * seconds
            ]
