"""Check: the main job, from rows to a result."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.checking.judging import Case, Progress, seasons_of
from watchkeeper.checking.notes import released, releases
from watchkeeper.checking.reading import Reader
from watchkeeper.checking.rules import rule_of
from watchkeeper.checking.slips import check_shares
from watchkeeper.errors import ModelError
from watchkeeper.metrics import METRICS
from watchkeeper.model import Model, infer
from watchkeeper.profiles import Profile
from watchkeeper.result import Result
from watchkeeper.verdicts import Timeline, Windows

__all__ = ["Progress", "case_of", "check", "described"]

MOST_GAPS = 10_000  # windows without rows that are shown; a gap of more is one wrong timestamp


def check(
    current: Any,
    reference: Any = None,
    model: Model | str | None = None,
    *,
    progress: Progress | None = None,
    now: int | None = None,
) -> Result:
    """Measure and judge what a model did, window by window and segment by segment.

    Parameters
    ----------
    current : a path, a glob or a list of paths (CSV, Parquet, JSON lines, compressed), or a frame: pandas, Polars,
        PyArrow, DuckDB, Spark
    reference : the same, of the time that "normal" is learned from; or a rule such as ``"first 4w"``. Default:
        what the model says. Without any, only the user's bands are judged
    model : a ``Model``, the path of its YAML file, or None: guessed from the data, and said in ``notes``
    progress : called with (stage, rows done, rows in total or None)
    now : µs since 1970 UTC; rows more than five minutes later are set aside. Default: the clock

    Raises
    ------
    WatchkeeperError
        for whatever a user can mend: a missing file or column, a wrong key; the message names the fix

    Examples
    --------
    >>> table = {"day": ["2026-01-01"] * 100, "label": [0, 1] * 50, "said": [0, 1] * 45 + [1, 0] * 5}
    >>> model = Model(name="m", task="binary", timestamp="day", outcome="label", prediction="said",
    ...               bands={"accuracy": ">= 0.92"})
    >>> check(table, model=model).verdict
    'unclear'
    """
    chosen, notes = described(model, current, reference)
    return case_of(current, reference, chosen, notes, progress=progress, now=now).conclude(chosen)


def described(
    model: Model | str | os.PathLike[str] | None, current: Any, reference: Any
) -> tuple[Model, tuple[str, ...]]:
    """The model to watch by, and what was guessed."""
    if model is None:
        guess = infer(current if reference is None or rule_of(reference) else reference)
        return guess.model, (f"No model was given; guessed: {guess.summary}.",)
    if not isinstance(model, Model | str | os.PathLike):
        raise ModelError(f"model: a Model or the path of its YAML file is needed, got {model!r}")
    chosen = model if isinstance(model, Model) else Model.load(model)
    chosen.check_metrics(METRICS, told=True)
    check_shares(chosen)
    return chosen, ()


def case_of(
    current: Any,
    reference: Any,
    model: Model,
    notes: tuple[str, ...] = (),
    *,
    progress: Progress | None = None,
    now: int | None = None,
) -> Case:
    """What ``check`` judges: rows as it takes them, counted.

    Parameters
    ----------
    notes : what to say first
    """
    from watchkeeper.sources import crew

    now = time.time_ns() // 1000 if now is None else now
    with crew():
        return _Check(progress or _silent, now).case(current, reference, model, notes)


def _silent(stage: str, done: int, total: int | None) -> None:
    pass


@dataclass
class _Check:
    progress: Progress
    now: int

    def case(self, current: Any, reference: Any, chosen: Model, notes: tuple[str, ...]) -> Case:
        read = Reader(chosen, self.progress, self.now).read(
            current, chosen.reference_for() if reference is None else reference
        )
        assert read.current is not None
        profile, windows, still_open = self._windows(read.current, chosen)
        notes += _gaps(profile, windows, chosen)
        new = released(profile, read.reference)
        notes += tuple(releases({version: windows.since(position) for version, position in new.items()}))
        if still_open.any():
            first, more = windows.phrase(int(np.argmax(still_open))), int(still_open.sum()) - 1
            which = f"{more + 1} windows from {first} on are" if more else f"window {first} is"
            notes += (f"The {which} still open: shown, not judged.",)
        read = replace(read, current=profile)
        timeline = Timeline.of(windows, seasons_of(chosen, read.reference, windows))
        return Case(read, windows, lambda _: still_open, notes, self.progress, timeline=timeline)

    def _windows(self, profile: Profile, model: Model) -> tuple[Profile, Windows, NDArray[np.bool_]]:
        """The profile with the windows that no row fell into, their times, and which are still open."""
        window, starts = model.parsed_window, profile.windows
        if window.kind == "rows":
            return (
                profile,
                Windows.of((starts, starts + window.count), model),
                np.zeros(len(starts), dtype=bool),
            )
        if window.kind == "none" or model.timestamp is None or not len(starts):
            return profile, Windows.of(len(starts), model), np.zeros(len(starts), dtype=bool)
        edges = window.starts(int(starts[0]), int(starts[-1]), model.timezone)
        if len(edges) - 1 - len(starts) > MOST_GAPS:
            ends = np.array([window.end(int(start), model.timezone) for start in starts])
            return profile, Windows.of((starts, ends), model), ends + model.grace_us > self.now
        still_open = edges[1:] + model.grace_us > self.now
        return profile.on(edges[:-1]), Windows.of((edges[:-1], edges[1:]), model), still_open


def _gaps(profile: Profile, windows: Windows, model: Model) -> tuple[str, ...]:
    """A note on the windows that no row fell into: nothing there can alarm but a band on their number."""
    counted = any(key.metric == "row_count" for key in model.parsed_bands)
    nothing = f"{'only their number' if counted else 'nothing'} is judged there."
    rows = profile.everything.rows.sum(axis=1)
    empty = np.flatnonzero(rows == 0)
    if not 0 < len(empty) < len(rows):
        return ()
    if len(empty) == 1:
        return (f"No rows {windows.phrase(int(empty[0]))}: {nothing}",)
    longest = max(np.split(empty, np.flatnonzero(np.diff(empty) > 1) + 1), key=len)
    return (
        f"No rows in {len(empty):,} of {len(rows):,} windows, {len(longest):,} in a row"
        f" since {windows.since(int(longest[0]))}: {nothing}",
    )
