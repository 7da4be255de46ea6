"""Earning: from what is read of each window to the evidence of each series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence.course import Epoch, Form, Parts, follow
from watchkeeper.evidence.far import far
from watchkeeper.evidence.located import Located, locate
from watchkeeper.evidence.natural import Seasons, whitened, without_seasons
from watchkeeper.evidence.ranks import Ranks
from watchkeeper.evidence.readings import Readings
from watchkeeper.evidence.student import Student

__all__ = ["FAR", "Earned", "earn"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.intp]

FAR = 0.25  # of a series' share of alpha, for breaks that one window tells


@dataclass(frozen=True)
class Earned:
    """The evidence of one series.

    Attributes
    ----------
    log : (T,) log E in nats; NaN in windows that do not count, and where it was not asked for
    tested : (T,) windows that count
    learned : (T,) the first windows, where they help a reference of few to say what is normal
    needed : log E from which on it alarms
    alarm : (T,) from where it has earned an alarm until the change has ended; False where it was not asked for
    far : (T,) where a window alarms alone, by its distance from all before it
    seasons : whose means were taken off: "weekday", "hour"
    whitened : whether autocorrelation was taken off, approximately
    """

    log: Floats
    needed: float
    alarm: Flags
    far: Flags
    tested: Flags
    learned: Flags
    seasons: tuple[str, ...]
    whitened: bool
    _course: tuple[Epoch, ...] = field(repr=False)

    @property
    def ever(self) -> bool:
        """Whether it has alarmed in any window up to the last that was asked for, asked for or not."""
        return bool(self.far.any()) or any(epoch.told is not None for epoch in self._course)

    def located(self, windows: Ints, value: Floats, reference: Floats) -> list[Located]:
        """The change that is seen from each of these positions, ascending: of windows that alarm.

        Parameters
        ----------
        value : (T,) the number itself in each window
        reference : its values in the windows of the reference
        """
        out: list[Located] = []
        for epoch, own in self._epochs(windows):
            places = self._places(epoch)
            before = np.concatenate([reference, value[self._known[epoch.normal]]])
            for some, posterior in epoch.posteriors(own):
                upto = places[: posterior.shape[1]]
                out += locate(posterior, some, value[upto], before, upto)
        return out

    def _epochs(self, windows: Ints) -> Iterator[tuple[Epoch, Ints]]:
        """Each epoch that some of these positions lie in, and which of its windows they are."""
        counted = np.searchsorted(self._known, windows)
        for epoch in self._course:
            own = counted[(counted >= epoch.begin) & (counted < epoch.end)] - epoch.begin
            if len(own):
                yield epoch, own

    def _places(self, epoch: Epoch) -> Ints:
        return self._known[epoch.begin : epoch.end]

    @cached_property
    def _known(self) -> Ints:
        return np.flatnonzero(self.tested)


def earn(
    readings: Sequence[Readings],
    alphas: Sequence[float],
    independent: bool = False,
    seasons: Seasons | None = None,
    at: Ints | None = None,
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
    readings: Sequence[Readings], alphas: Floats, independent: bool, seasons: Seasons, at: Ints | None
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
    distant = _far(found, [v[:1] for v in spread], first.known, references, of_seasons, alphas)
    form: Form = Student if independent and not first.by_rank else Ranks
    values = _stacked([r.values for r in readings], spread, first.known, references)
    values, used = without_seasons(values, references, of_seasons, by_rank=form is Ranks)
    values, white = whitened(values, references)
    asked = np.flatnonzero(watched) if at is None else at[watched[at]]
    seen = np.cumsum(watched, dtype=np.intp)[asked]
    values = values[:, : references + int(seen.max(initial=0))]
    followed = np.count_nonzero(distant[:, seen - 1], axis=1) > 0
    told = _tell(readings, alphas, values, references, form, seen, followed)
    row = 0
    for r, far_, (log_, alarm_, needed, course) in zip(readings, distant, told, strict=True):
        log, alarm, alone = np.full(len(watched), np.nan), *np.zeros((2, len(watched)), dtype=bool)
        log[asked], alarm[asked], alone[watched] = log_, alarm_, far_
        taken = bool(white[row : row + len(r.weights)].any())
        yield Earned(log, needed, alarm, alone, watched, learned, used, taken, course)
        row += len(r.weights)


def _tell(
    readings: Sequence[Readings],
    alphas: Floats,
    values: Floats,
    references: int,
    form: Form,
    seen: Ints,
    followed: Flags,
) -> Iterator[tuple[Floats, Flags, float, tuple[Epoch, ...]]]:
    """Of each series log E and alarms in the windows that are asked for, what an alarm takes, and its epochs.

    Only what may have alarmed by then, or is to be followed all the same, is computed in the windows between.

    Parameters
    ----------
    values : (P, G + T) all parts of all series
    seen : which of the T windows are asked for, from 1
    """
    change = form(values, references)
    logs, most = change.log_evidence(seen.tolist()), change.ceiling()
    row = 0
    for r, alpha, follow_ in zip(readings, alphas.tolist(), followed.tolist(), strict=True):
        rows, needed = slice(row, row + len(r.weights)), -float(np.log((1 - FAR) * alpha))
        parts, row = Parts(change, rows, r.weights), rows.stop
        log, alarm = parts.mixed(logs[rows]), np.zeros(len(seen), dtype=bool)
        course: tuple[Epoch, ...] = ()
        if follow_ or parts.mixed(most[rows, None])[0] >= needed:
            every = log if len(seen) == change.windows else parts.log_evidence()
            course = tuple(follow(parts, every, needed, values[rows], references, form))
            log = np.concatenate([epoch.log for epoch in course])[seen - 1]
            alarm = np.concatenate([epoch.alarm for epoch in course])[seen - 1]
        yield log, alarm, needed, course


def _far(
    places: Sequence[Floats],
    variances: Sequence[Floats],
    known: Flags,
    references: int,
    seasons: Seasons,
    alphas: Floats,
) -> Flags:
    """(S, T) where a window of a series alarms alone, by any of its places."""
    sizes = [len(p) for p in places]
    shared = np.repeat(FAR * alphas / sizes, sizes)
    values, _ = without_seasons(_stacked(places, variances, known, references), references, seasons)
    starts = np.cumsum([0, *sizes[:-1]])
    return np.logical_or.reduceat(far(values, references, shared), starts, axis=0)


def _stacked(values: Sequence[Floats], variances: Sequence[Floats], known: Flags, references: int) -> Floats:
    return np.concatenate([_scaled(v, c, known, references) for v, c in zip(values, variances, strict=True)])


def _scaled(values: Floats, variances: Floats, known: Flags, references: int) -> Floats:
    """(P, N) the windows that count, less the mean of the first ones, in units of what each varies by."""
    values, variances = values[:, known], variances[:, known]
    mean = values[:, :references].mean(axis=1, keepdims=True)
    return np.asarray((values - mean) / np.sqrt(np.where(variances > 0, variances, 1.0)))
