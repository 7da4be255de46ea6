"""Check: the main job, from rows to a result."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import ModelError
from watchkeeper.metrics import METRICS, Series, measure
from watchkeeper.model import Inference, Model, infer
from watchkeeper.profiles import Plan, Profile, plan_of, profile_of
from watchkeeper.result import Result
from watchkeeper.verdicts import Windows, confidence_for, judge, with_judged

if TYPE_CHECKING:
    from watchkeeper.sources import Sample
    from watchkeeper.rows import Rows

__all__ = ["Progress", "check"]

Progress = Callable[[str, int, int | None], None]
Ints = NDArray[np.int64]

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
    ...               bands={"accuracy": ">= 0.95"})
    >>> check(table, model=model).verdict
    'unclear'
    """
    return _Check(progress or _silent, time.time_ns() // 1000 if now is None else now).run(current, reference, model)


def _silent(stage: str, done: int, total: int | None) -> None:
    pass


@dataclass(frozen=True)
class _Profiled:
    """What was read: profiles under one plan, and what a person should know of the input."""

    plan: Plan
    current: Profile
    reference: Profile | None
    absent: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass
class _Check:
    progress: Progress
    now: int

    def run(self, current: Any, reference: Any, model: Model | str | None) -> Result:
        chosen, notes = self._model(model, current, reference)
        read = self._read(current, chosen.reference if reference is None else reference, chosen)
        profile, windows, open_ = self._windows(read.current, read.plan.model)
        self.progress("measuring", 0, None)
        series = measure(profile, read.reference)
        series = self._judged(series, profile, read)
        _check_bands(chosen, series, read)
        self.progress("judging", 0, None)
        judgements = judge(series, read.plan.model, windows, read.absent)
        judgements = [replace(j, verdict=_unjudged(j.verdict, open_)) for j in judgements]
        if open_.any():
            notes += (f"The window {windows.phrase(int(np.argmax(open_)))} is still open: shown, not judged.",)
        every = (*notes, *read.notes, *read.plan.notes, *_set_aside(profile, "current"))
        if read.reference is not None:
            every += _set_aside(read.reference, "reference")
        return Result.build(read.plan.model, judgements, windows, every, profile, read.reference)

    def _model(self, model: Model | str | None, current: Any, reference: Any) -> tuple[Model, tuple[str, ...]]:
        """The model to watch by, and what was guessed."""
        if model is None:
            data = current if reference is None or _rule_of(reference) else reference
            guess: Inference = infer(data)
            return guess.model, (f"No model was given; guessed: {guess.summary}.",)
        chosen = model if isinstance(model, Model) else Model.load(model)
        chosen.check_metrics(METRICS)
        return chosen, ()

    def _read(self, current: Any, reference: Any, model: Model) -> _Profiled:
        from watchkeeper import sources

        rule = _rule_of(reference)
        if rule is not None and rule.kind in ("previous", "last_year"):
            raise ModelError(
                f"reference: {reference!r} needs the history of a workspace, and a check has only its files; "
                "give a path, or take the beginning of the data: 'first 4w'"
            )
        if rule is not None:
            return self._read_first(current, rule, model)
        if reference is None:
            rows = sources.open_rows(current, model, "current")
            sample = self._sample(rows)
            plan = plan_of(model, sample.table, _expected_windows(model, sample))
            return _Profiled(plan, self._profile(rows, plan, "reading current"), None, rows.absent, ())
        normal = sources.open_rows(reference, model, "reference", optional=True)
        sample = self._sample(normal)
        plan = plan_of(model, sample.table, _expected_windows(model, sample))
        rows = sources.open_rows(current, model, "current", kinds=plan.kinds)
        before = self._profile(normal, plan, "reading reference")
        return _Profiled(plan, self._profile(rows, plan, "reading current"), before, rows.absent, ())

    def _sample(self, rows: Rows) -> Sample:
        from watchkeeper import sources

        self.progress(f"sampling {rows.name}", 0, rows.count)
        return sources.sample(rows)

    def _profile(self, rows: Rows, plan: Plan, stage: str) -> Profile:
        rows.on_rows = lambda done: self.progress(stage, done, rows.count)
        return profile_of(rows, plan, self.now)

    def _read_first(self, data: Any, rule: ReferenceRule, model: Model) -> _Profiled:
        """The beginning of the data is the reference of the rest."""
        from watchkeeper import sources

        rows = sources.open_rows(data, model, "current")
        sample = self._sample(rows)
        if rule.unit == "row":
            head, rest = sources.split(rows, rule.count)
            plan = plan_of(model, self._sample(head).table, _expected_windows(model, sample))
            before, after = self._profile(head, plan, "reading reference"), self._profile(rest, plan, "reading current")
            return _Profiled(plan, after, before, rows.absent, ())
        end = _end_of_first(rule, model, sample)
        times = sample.table.column(str(model.timestamp)).cast(pa.int64()).to_numpy()
        plan = plan_of(model, sample.table.filter(pa.array(times < end)), _expected_windows(model, sample))
        whole = self._profile(rows, plan, "reading")
        early = whole.windows < end
        before, after = (whole.take(np.flatnonzero(chosen)) for chosen in (early, ~early))
        return _Profiled(plan, after, replace(before, aside=Aside()), rows.absent, ())

    def _windows(self, profile: Profile, model: Model) -> tuple[Profile, Windows, NDArray[np.bool_]]:
        """The profile with the windows that no row fell into, their times, and which are still open."""
        window, starts = model.parsed_window, profile.windows
        if window.kind == "rows":
            return profile, Windows.of((starts, starts + window.count), model), np.zeros(len(starts), dtype=bool)
        if window.kind == "none" or model.timestamp is None or not len(starts):
            return profile, Windows.of(len(starts), model), np.zeros(len(starts), dtype=bool)
        edges = window.starts(int(starts[0]), int(starts[-1]), model.timezone)
        if len(edges) - 1 - len(starts) > MOST_GAPS:
            ends = np.array([window.end(int(start), model.timezone) for start in starts])
            return profile, Windows.of((starts, ends), model), ends > self.now
        return profile.on(edges[:-1]), Windows.of((edges[:-1], edges[1:]), model), edges[1:] > self.now

    def _judged(self, series: list[Series], profile: Profile, read: _Profiled) -> list[Series]:
        """With the wider intervals by which what is learned from the reference is judged."""
        if read.reference is None:
            return series
        confidence = confidence_for(series, read.plan.model)
        wanted = {s.metric.name for s in series if judged_by_default(s)}
        return with_judged(series, measure(profile, read.reference, confidence, lambda m: m.name in wanted))


def _rule_of(reference: Any) -> ReferenceRule | None:
    """The rule that a text states; None for a path or a frame."""
    if not isinstance(reference, str):
        return None
    rule = ReferenceRule.parse(reference)
    return None if rule.kind == "path" else rule


def _expected_windows(model: Model, sample: Sample) -> int:
    window = model.parsed_window
    if window.kind == "rows":
        return max(1, -(-sample.rows // window.count))
    if window.kind == "none" or sample.first is None or sample.last is None:
        return 1
    return min(len(window.starts(sample.first, sample.last, model.timezone)) - 1, max(1, sample.rows))


def _end_of_first(rule: ReferenceRule, model: Model, sample: Sample) -> int:
    """Where the reference ends that begins with the data: a border between windows."""
    if model.timestamp is None or sample.first is None or sample.last is None:
        raise ModelError(f"reference: 'first {rule.count}{rule.unit}' needs a timestamp column; set timestamp, or a path")
    first = int(model.parsed_window.starts(sample.first, sample.first, model.timezone)[0])
    end = Window("time", rule.count, rule.unit).length_from(first, model.timezone)
    if end > sample.last:
        raise ModelError(
            f"reference: the data end before the first {rule.count} {rule.unit}{'s' * (rule.count > 1)} are over, "
            "so nothing is left to compare; take a shorter reference"
        )
    return end


def _unjudged(verdict: NDArray[np.object_], open_: NDArray[np.bool_]) -> NDArray[np.object_]:
    return np.where(open_, None, verdict) if open_.any() else verdict


def _set_aside(profile: Profile, which: str) -> tuple[str, ...]:
    aside = profile.aside
    return tuple(
        f"{count:,} rows or values of the {which} data set aside: {reason}"
        + (f" (such as {aside.examples[reason]!r})" if reason in aside.examples else "")
        + "."
        for reason, count in aside.counts.items()
    )
