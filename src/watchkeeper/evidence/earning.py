"""Earning: from what is read of each window to the evidence of each series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence.change import Change
from watchkeeper.evidence.far import far
from watchkeeper.evidence.natural import Seasons, whitened, without_seasons
from watchkeeper.evidence.ranks import Ranks
from watchkeeper.evidence.starts import start_weights
from watchkeeper.evidence.student import Student

__all__ = ["FAR", "LEAST_EXCHANGEABLE", "LEAST_INDEPENDENT", "LEAST_ROWS", "Earned", "Readings", "earn"]

Floats = NDArray[np.float64]

LEAST_EXCHANGEABLE = 30  # reference windows: with fewer, ranks take too many windows to tell anything
LEAST_INDEPENDENT = 4
LEAST_ROWS = 30  # a window with fewer says too little to count
CLOSED = 3.0  # nats by which a change that has ended explains the windows better than one that goes on
FAR = 0.25  # of a series' share of alpha, for breaks that one window tells


@dataclass(frozen=True)
class Readings:
    """One series as it enters its evidence: a few numbers for each window.

    Attributes
    ----------
    values : (P, G + T) reference windows first; NaN where there is none
    rows : (G + T,) rows behind each window
    unit : (P,) sampling variance of a value that rests on a single row; of n rows it is unit / n
    weights : (P,) share of each part in the series' evidence, summing to 1
    by_rank : values of no known distribution, judged by their ranks even where windows are independent
    places : (K, G + T) where a window lies, by any of which it may be far from all others; default: its first value
    """

    values: Floats
    rows: Floats
    unit: Floats
    weights: Floats
    reference: int
    by_rank: bool = False
    places: Floats | None = None

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(G + T,) windows that count."""
        return np.asarray(np.isfinite(self.values).all(axis=0) & (self.rows >= LEAST_ROWS))

    @cached_property
    def varies(self) -> bool:
        """Whether any two windows that count differ: nothing can be learned of what is always the same."""
        values = self.values[:, self.known]
        return bool((values != values[:, :1]).any())

    @property
    def references(self) -> int:
        """How many windows of the reference count."""
        return int(self.known[: self.reference].sum())

    def needed(self, independent: bool) -> int:
        """How many windows what is normal has to be known from."""
        return LEAST_INDEPENDENT if independent and not self.by_rank else LEAST_EXCHANGEABLE

    def enough(self, independent: bool) -> bool:
        """Whether its reference has windows enough to earn evidence by."""
        return self.references >= self.needed(independent)

    def without(self, windows: NDArray[np.bool_]) -> Readings:
        """Without these (T,) watched windows."""
        if not windows.any():
            return self
        rows = self.rows.copy()
        rows[self.reference :][windows] = 0.0
        return replace(self, rows=rows)

    def variances(self, references: int) -> Floats:
        """(P, G + T) what a window's value varies by: chance, and how much more the reference's differ (by moments).

        Parameters
        ----------
        references : how many of the windows that count are known to be normal
        """
        chance = self.unit[:, None] / np.maximum(self.rows, 1.0)
        own = self.known & (np.cumsum(self.known) <= references)
        between = self.values[:, own].var(axis=1, ddof=1) - chance[:, own].mean(axis=1)
        return np.asarray(np.maximum(between, 0.0)[:, None] + chance)


@dataclass(frozen=True)
class Earned:
    """The evidence of one series.

    Attributes
    ----------
    log : (T,) log E in nats; NaN in windows that do not count, and where it was not asked for
    tested : (T,) windows that count
    learned : (T,) the first windows, where they help a reference of few to say what is normal
    needed : log E from which on it alarms
    alarm : (T,) where it has earned an alarm
    far : (T,) where a window alarms alone, by its distance from all before it
    seasons : whose means were taken off: "weekday", "hour"
    whitened : whether autocorrelation was taken off, approximately
    """

    log: Floats
    needed: float
    alarm: NDArray[np.bool_]
    far: NDArray[np.bool_]
    tested: NDArray[np.bool_]
    learned: NDArray[np.bool_]
    seasons: tuple[str, ...]
    whitened: bool
    _change: Change = field(repr=False)
    _rows: slice = field(repr=False)
    _weights: Floats = field(repr=False)

    def posterior(self, window: int) -> Floats:
        """(T,) probability that a change began at each window, seen from position ``window``; 0 after it."""
        t = self._counted(window)
        weighted = self._factors[:t, t - 1] * start_weights(t)
        out = np.zeros(len(self.log))
        out[self._known[:t]] = weighted / weighted.sum()
        return out

    def closed(self, window: int) -> bool:
        """Whether the change has ended by then: one that ended earlier explains the windows far better."""
        t = self._counted(window)
        factors = np.log(self._factors[:t, :t])
        start = int(np.argmax(factors[:, t - 1] + np.log(start_weights(t))))
        return bool(factors[start, start:].max() - factors[start, t - 1] > CLOSED)

    @cached_property
    def _known(self) -> NDArray[np.intp]:
        return np.flatnonzero(self.tested)

    def _counted(self, window: int) -> int:
        """How many windows count up to this position."""
        return int(np.searchsorted(self._known, window, side="right"))

    @cached_property
    def _factors(self) -> Floats:
        """(T', T') Bayes factor of a change that began at each window, seen from each window; 0 before it."""
        size = len(self._known)
        out = np.zeros((size, size))
        for t in range(1, size + 1):
            out[:t, t - 1] = self._weights @ self._change.factors(t, self._rows)
        return np.maximum(out, np.finfo(float).tiny)


def earn(
    readings: Sequence[Readings],
    alphas: Sequence[float],
    independent: bool = False,
    seasons: Seasons | None = None,
    at: NDArray[np.intp] | None = None,
) -> list[Earned | None]:
    """The evidence of every series; None where there are too few windows, or all of them are equal.

    To a reference of few windows the first ones that are watched are added until they are enough.

    Parameters
    ----------
    alphas : probability that a series ever alarms while nothing changed; three quarters of it for its evidence, one for
        ``far``
    independent : whether windows are known to differ by chance alone
    seasons : for each season which one each of the G + T windows lies in
    at : positions of the watched windows at which it is asked for; default: all
    """
    earned: list[Earned | None] = [None] * len(readings)
    for members in _alike(readings, independent):
        chosen = [readings[i] for i in members]
        allowed = np.array([alphas[i] for i in members])
        together = _together(chosen, allowed, independent, seasons or {}, at)
        for i, found in zip(members, together, strict=True):
            earned[i] = found
    return earned


def _alike(readings: Sequence[Readings], independent: bool) -> Iterator[list[int]]:
    """Series whose windows count alike and that are judged by one form, so that they are computed at once."""
    groups: dict[tuple[bytes, int, bool], list[int]] = {}
    for i, r in enumerate(readings):
        if r.known.sum() > max(r.needed(independent), r.references) and r.varies:
            groups.setdefault((r.known.tobytes(), r.reference, r.by_rank), []).append(i)
    yield from groups.values()


def _together(
    readings: Sequence[Readings],
    alphas: Floats,
    independent: bool,
    seasons: Seasons,
    at: NDArray[np.intp] | None,
) -> Iterator[Earned]:
    first = readings[0]
    references = max(first.references, first.needed(independent))
    counting = np.cumsum(first.known)[first.reference :]
    learned = first.known[first.reference :] & (counting <= references)
    watched = first.known[first.reference :] & ~learned
    of_seasons = {name: kind[first.known] for name, kind in seasons.items()}
    # on one scale: windows of unlike size would be no more exchangeable, and a season's mean not theirs
    spread = [r.variances(references) for r in readings]
    found = [r.values[:1] if r.places is None else r.places for r in readings]
    values = np.concatenate(
        [_scaled(r.values, v, r.known, references) for r, v in zip(readings, spread, strict=True)]
    )
    places = np.concatenate(
        [_scaled(p, v[:1], first.known, references) for p, v in zip(found, spread, strict=True)]
    )
    shared = np.concatenate([np.full(len(p), FAR * a / len(p)) for p, a in zip(found, alphas, strict=True)])
    values, used = without_seasons(values, references, of_seasons)
    places, _ = without_seasons(places, references, of_seasons)
    values, white = whitened(values, references)
    student = independent and not first.by_rank
    change: Change = Student(values, references) if student else Ranks(values, references)
    asked = np.flatnonzero(watched) if at is None else at[watched[at]]
    logs = change.log_evidence(np.cumsum(watched)[asked].tolist())
    distant = far(places, references, shared)
    row = place = 0
    for i, r in enumerate(readings):
        rows = slice(row, row + len(r.weights))
        log, alone = np.full(len(watched), np.nan), np.zeros(len(watched), dtype=bool)
        log[asked] = np.logaddexp.reduce(logs[rows] + np.log(r.weights)[:, None], axis=0)
        alone[watched] = distant[place : place + len(found[i])].any(axis=0)
        needed = -float(np.log((1 - FAR) * alphas[i]))
        with np.errstate(invalid="ignore"):
            alarm = log >= needed
        yield Earned(
            log,
            needed,
            alarm,
            alone,
            watched,
            learned,
            used,
            bool(white[rows].any()),
            change,
            rows,
            r.weights,
        )
        row, place = rows.stop, place + len(found[i])


def _scaled(values: Floats, variances: Floats, known: NDArray[np.bool_], references: int) -> Floats:
    """(P, N) the windows that count, less the mean of the first ones, in units of what each varies by."""
    values, variances = values[:, known], variances[:, known]
    mean = values[:, :references].mean(axis=1, keepdims=True)
    return np.asarray((values - mean) / np.sqrt(np.where(variances > 0, variances, 1.0)))
