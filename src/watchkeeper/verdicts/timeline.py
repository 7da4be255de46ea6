"""Timeline: all windows since the reference, among which those that are judged now lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import Readings, Seasons
from watchkeeper.metrics import Estimate, Series
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.verdicts.windows import Windows

__all__ = ["Kept", "Key", "Stretch", "Timeline", "key_of"]

Floats = NDArray[np.float64]
Key = tuple[str, str | None, str | None, str | None]


def key_of(series: Series) -> Key:
    """What tells a series from all others: metric, column, segmentation, segment."""
    return series.metric.name, series.column, series.segment_by, series.segment


def error_of(estimate: Estimate) -> Floats:
    """(W,) standard error that a 95 % interval says."""
    return np.asarray((estimate.high - estimate.low) / (2 * normal_score(0.95)))


@dataclass(frozen=True)
class Kept:
    """What windows of a series counted as when they were judged: later rows and truth change what is shown, not this.

    Attributes
    ----------
    value : (T,) the number itself; NaN where there is none
    rows : (T,)
    error : (T,) standard error of the value by chance; NaN where it has no interval
    values : (P, T) as in ``Readings``
    places : (K, T)
    counted : (T,) the windows that this is known of
    """

    value: Floats
    rows: Floats
    error: Floats
    values: Floats
    places: Floats
    counted: NDArray[np.bool_]

    @classmethod
    def of(cls, series: Series, where: NDArray[np.intp], new: NDArray[np.bool_], size: int) -> Kept:
        """What (W,) windows of a series, ``where`` among ``size``, count as; only the ``new`` ones."""
        readings = series.readings
        kept = cls.empty(
            size,
            0 if readings is None else len(readings.values),
            0 if readings is None or readings.places is None else len(readings.places),
        )
        at = where[new]
        kept.counted[at] = True
        kept.value[at] = series.estimate.value[new]
        kept.rows[at] = series.estimate.count[new]
        kept.error[at] = error_of(series.estimate)[new]
        if readings is not None:
            own = slice(readings.reference, None)
            kept.rows[at] = readings.rows[own][new]
            kept.values[:, at] = readings.values[:, own][:, new]
            if readings.places is not None:
                kept.places[:, at] = readings.places[:, own][:, new]
        return kept

    @classmethod
    def empty(cls, size: int, parts: int, places: int) -> Kept:
        """Of windows that have not counted."""
        return cls(
            np.full(size, np.nan), np.zeros(size), np.full(size, np.nan), np.full((parts, size), np.nan),
            np.full((places, size), np.nan), np.zeros(size, dtype=bool),
        )  # fmt: skip

    def or_else(self, other: Kept) -> Kept:
        """With what the other has of windows that have not counted here."""
        if other.values.shape[0] != self.values.shape[0]:
            return other
        mine = self.counted
        return Kept(
            np.where(mine, self.value, other.value),
            np.where(mine, self.rows, other.rows),
            np.where(mine, self.error, other.error),
            np.where(mine, self.values, other.values),
            np.where(mine, self.places, other.places),
            mine | other.counted,
        )

    def with_numbers(self, other: Kept) -> Kept:
        """With the numbers alone of windows that have counted there and not here: against another reference."""
        mine = self.counted
        return replace(
            self,
            value=np.where(mine, self.value, other.value),
            rows=np.where(mine, self.rows, other.rows),
            error=np.where(mine, self.error, other.error),
            counted=mine | other.counted,
        )


@dataclass(frozen=True)
class Stretch:
    """Windows in a row that are compared alike.

    Attributes
    ----------
    first, last : positions in the timeline; the last one excluded, None: to its end
    epoch : position of the first window since the change that was acknowledged last
    share : of alpha, that this epoch has
    settling : whether it is not known yet what is normal since then: only bands and breaks are judged
    """

    first: int = 0
    last: int | None = None
    epoch: int = 0
    share: float = 1.0
    settling: bool = False

    def outside(self, windows: int) -> NDArray[np.bool_]:
        """(T,) windows of the timeline that are compared otherwise."""
        out = np.ones(windows, dtype=bool)
        out[self.first : self.last] = False
        return out


@dataclass(frozen=True)
class Timeline:
    """All windows since the reference.

    Attributes
    ----------
    windows : T of them
    positions : (W,) which of them are judged now
    seasons : for each season which one each window of the reference, then each of these, lies in
    kept : what those counted as that were judged before
    learns : whether they are compared with a reference that stays; bands add up without any
    stretch : those among them that are compared as the judged ones are; bands add up over all
    """

    windows: Windows
    positions: NDArray[np.intp]
    seasons: Seasons = field(default_factory=dict)
    kept: Mapping[Key, Kept] = field(default_factory=dict)
    learns: bool = True
    stretch: Stretch = Stretch()

    @classmethod
    def of(cls, windows: Windows, seasons: Seasons) -> Timeline:
        """Where all of them are judged now."""
        return cls(windows, np.arange(windows.count), seasons)

    def counts(self, series: Series, withheld: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
        """(T,) value, rows and standard error of the windows that count; NaN and no rows in others."""
        value, error = np.full((2, self.windows.count), np.nan)
        rows = np.zeros(self.windows.count)
        at = self.positions[~withheld]
        value[at] = series.estimate.value[~withheld]
        rows[at] = series.estimate.count[~withheld]
        error[at] = error_of(series.estimate)[~withheld]
        kept = self.kept.get(key_of(series))
        if kept is None:
            return value, rows, error
        before = ((kept.value, value), (kept.rows, rows), (kept.error, error))
        value, rows, error = (np.where(kept.counted, then, now) for then, now in before)
        return value, rows, error

    def value(self, series: Series) -> Floats:
        """(T,) the number in each window; NaN in one that was not judged before nor is now."""
        out = np.full(self.windows.count, np.nan)
        out[self.positions] = series.estimate.value
        kept = self.kept.get(key_of(series))
        return out if kept is None else np.where(kept.counted, kept.value, out)

    def readings(self, series: Series) -> Readings | None:
        """Of the reference's windows, then of all these: a window that has counted counts as it did, one that is
        compared otherwise not at all.

        None for what is compared with a reference of its own, whose windows are others.
        """
        now = series.readings
        if now is None or series.against is not None or not self.learns:
            return None
        size = now.reference + self.windows.count
        where = np.concatenate([np.arange(now.reference), now.reference + self.positions])
        kept = self.kept.get(key_of(series))
        usable = kept is not None and kept.values.shape[0] == now.values.shape[0]

        def spread(part: Floats, before: Floats | None, empty: float) -> Floats:
            out = np.full((*part.shape[:-1], size), empty)
            out[..., where] = part
            if usable and kept is not None and before is not None:
                known = np.flatnonzero(kept.counted)
                out[..., now.reference + known] = before[..., known]
            return out

        places = (
            None if now.places is None else spread(now.places, None if kept is None else kept.places, np.nan)
        )
        every = replace(
            now,
            values=spread(now.values, None if kept is None else kept.values, np.nan),
            rows=spread(now.rows, None if kept is None else kept.rows, 0.0),
            places=places,
        )
        return every.without(self.stretch.outside(self.windows.count))
