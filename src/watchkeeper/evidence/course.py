"""Course: what becomes of one series, from each change that is told to the window by which it has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence.change import BLOCK, Departure
from watchkeeper.evidence.starts import start_weights

__all__ = ["ENDED", "Epoch", "Form", "Parts", "follow"]

Floats = NDArray[np.float64]
Ints = NDArray[np.intp]
Form = Callable[[Floats, int], Departure]  # evidence of (P, G + T) values, from window G on

ENDED = 7.0  # nats by which a change that has ended explains the windows better than one that goes on


@dataclass(frozen=True)
class Parts:
    """The parts of one series among others that are computed at once, and their shares in its evidence."""

    change: Departure
    rows: slice
    weights: Floats

    def log_evidence(self) -> Floats:
        """(T,) log E in nats."""
        return self.mixed(self.change.log_evidence(of=self.rows))

    def mixed(self, logs: Floats) -> Floats:
        """(t,) log of the mean of e^logs (P, t) over the parts."""
        return np.asarray(np.logaddexp.reduce(logs + np.log(self.weights)[:, None], axis=0))

    def lasting(self, start: int) -> Floats:
        """(T − start,) log of the factor of a change that began there, against what was normal before it."""
        return self.mixed(self.change.lasting(start, self.rows))

    def posterior(self, windows: Ints) -> Floats:
        """(m, t) probability of a start at each window, given that there is one, seen from these positions."""
        factors = self.change.factors(windows + 1, self.rows)
        known = np.arange(factors.shape[2]) <= windows[:, None]
        out = np.tensordot(self.weights, factors, 1) * start_weights(factors.shape[2])
        out = np.maximum(out, np.finfo(float).tiny * known)
        return np.asarray(out / out.sum(axis=1, keepdims=True))


@dataclass(frozen=True)
class Epoch:
    """Windows over which evidence adds up: up to the one by which a change that was told has ended.

    Attributes
    ----------
    begin : position of the first of its windows among those that count
    normal : positions of the windows before them that are as normal as the reference's
    log : (t,) log E of its windows in nats
    told : which of them is the first to alarm; None where none does
    start : where the change that is told there most probably began
    ended : which of them tells that it has ended, the last one; None while it goes on
    """

    begin: int
    normal: Ints
    log: Floats
    told: int | None
    start: int
    ended: int | None
    parts: Parts

    @classmethod
    def of(cls, parts: Parts, log: Floats, needed: float, begin: int, normal: Ints) -> Epoch:
        """The epoch that begins here, and ends where its change does."""
        reached = np.flatnonzero(log >= needed)
        if not len(reached):
            return cls(begin, normal, log, None, 0, None, parts)
        told = int(reached[0])
        start = int(np.argmax(parts.posterior(np.array([told]))))
        going = parts.lasting(start)
        over = np.flatnonzero((np.maximum.accumulate(going) - going > ENDED)[told + 1 - start :])
        if not len(over):
            return cls(begin, normal, log, told, start, None, parts)
        ended = told + 1 + int(over[0])
        return cls(begin, normal, log[: ended + 1], told, start, ended, parts)

    @property
    def end(self) -> int:
        """Position after its last window."""
        return self.begin + len(self.log)

    @property
    def alarm(self) -> NDArray[np.bool_]:
        """(t,) from the window that is told first until the change has ended."""
        out = np.zeros(len(self.log), dtype=bool)
        if self.told is not None:
            out[self.told : self.ended] = True
        return out

    def posteriors(self, windows: Ints) -> Iterator[tuple[Ints, Floats]]:
        """Some of these positions at a time, with the probability of a start at each up to the last of them."""
        step = max(1, BLOCK // (len(self.log) * len(self.parts.weights)))
        for first in range(0, len(windows), step):
            some = windows[first : first + step]
            yield some, self.parts.posterior(some)


def follow(
    parts: Parts, log: Floats, needed: float, values: Floats, reference: int, form: Form
) -> Iterator[Epoch]:
    """The epochs of one series: evidence begins anew after each change that has ended.

    The windows of that change are left out from then on; those before it are as normal as the reference's.

    Parameters
    ----------
    log : (T,) log E of all windows
    needed : log E from which on it alarms
    values : (P, G + T) of the parts, reference windows first, finite
    """
    epoch = Epoch.of(parts, log, needed, 0, np.empty(0, dtype=np.intp))
    yield epoch
    while epoch.ended is not None and reference + epoch.end < values.shape[1]:
        before = epoch.begin + np.arange(epoch.start)
        normal = np.concatenate([epoch.normal, before])
        later = np.arange(epoch.end, values.shape[1] - reference)
        columns = np.concatenate([np.arange(reference), reference + normal, reference + later])
        change = form(values[:, columns], reference + len(normal))
        parts = Parts(change, slice(None), parts.weights)
        epoch = Epoch.of(parts, parts.log_evidence(), needed, epoch.end, normal)
        yield epoch
