"""Sentences: why a number alarms, or is unclear, in words that a person can act on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import Located
from watchkeeper.metrics import METRICS, Series
from watchkeeper.metrics.intervals.tails import normal_score
from watchkeeper.model import Band
from watchkeeper.verdicts.bands import by_value, edges_of, false_alarm_rate
from watchkeeper.verdicts.breaks import expected_rate
from watchkeeper.verdicts.earned import Trial
from watchkeeper.verdicts.natural import natural_range
from watchkeeper.verdicts.timeline import Timeline
from watchkeeper.verdicts.windows import Windows
from watchkeeper.verdicts.wording import (
    name_of,
    title_of,
    write,
    write_band,
    write_difference,
    write_interval,
)

__all__ = [
    "BREAKS",
    "Evidence",
    "band_sentence",
    "break_sentence",
    "expected_sentence",
    "learned_sentence",
    "place_of",
    "subject_of",
]

BREAKS = {  # what a share of the rows does, and where to look
    "missing_rate": ("have no value", "Look at where this column is filled."),
    "nan_rate": ("are NaN", "Look at the computation of this column: a division by zero, a failed join?"),
    "infinite_rate": ("are infinite", "Look at the computation of this column: an overflow?"),
    "retyped_rate": ("are no numbers", "Its type changed: write numbers, as the reference does."),
    "new_category_rate": ("have a value that the reference never had", "New categories, or another spelling?"),
    "other_rate": ("have none of the reference's 256 commonest values", "New values, or another spelling?"),
    "out_of_range_rate": ("lie outside of the reference's range", "Another unit, or values new to the model?"),
    "edge_rate": ("lie at the edge of the reference's range", "Are values cut off there?"),
    "stuck_rate": ("repeat one value too long", "Is a sensor stuck, or an old value carried forward?"),
    "duplicate_id_rate": ("repeat an id", "Are rows delivered twice?"),
    "invalid_score_rate": ("have a score outside of [0, 1], or none", "Look at what the model returns."),
}  # fmt: skip


def place_of(series: Series) -> str:
    """The segment in brackets, or nothing: " (carrier UA)"."""
    if series.segment is None:
        return ""
    named = series.segment_by is None or series.segment_by in series.segment
    return f" ({series.segment})" if named else f" ({series.segment_by} {series.segment})"


def subject_of(series: Series) -> str:
    """What a sentence is about, at its beginning: "Accuracy (carrier UA)", "visib: missing rate"."""
    metric, column = series.metric, series.column
    if column is None:
        return title_of(metric.name) + place_of(series)
    if metric.family in ("performance", "calibration"):
        return f"{title_of(metric.name)} of class {column}{place_of(series)}"
    return f"{column}{place_of(series)}: {name_of(metric.name)}"


def band_sentence(
    series: Series,
    band: Band,
    alarm: bool,
    position: int,
    windows: Windows,
    evidence: tuple[NDArray[np.float64], float] | None = None,
) -> str:
    """Why a number alarms, or is unclear, by the user's band.

    Parameters
    ----------
    evidence : (W,) log E, and how much of it an alarm takes; None where each window is judged by itself
    """
    unit, value = series.metric.unit, float(series.estimate.value[position])
    lowest, highest = edges_of(band)
    wanted = write_band(lowest, highest, unit)
    start = (
        f"{subject_of(series)} is {write(value, unit)}{_worth(series, position)}{_when(windows, position)}"
    )
    if not alarm:
        side = "inside" if lowest <= value <= highest else "outside"
        across = bool(series.estimate.high[position] >= lowest and series.estimate.low[position] <= highest)
        edge = ", and the interval reaches across its edge" if across else ""
        more = _so_far(evidence, position) if side == "outside" else ""
        return f"{start}. That is {side} your band of {wanted}{edge}.{more}"
    side = "below" if value < lowest else "above"
    return f"{start}, {side} your band of {wanted}.{_alone(series, band, position)}"


def _so_far(evidence: tuple[NDArray[np.float64], float] | None, position: int) -> str:
    """How much evidence has come together; nothing where each window is judged by itself."""
    if evidence is None or np.isnan(evidence[0][position]):
        return ""
    return f" The evidence so far is {_odds(evidence[0][position])}, an alarm takes {_odds(evidence[1])}."


def expected_sentence(series: Series, expected: float, alarm: bool, position: int, windows: Windows) -> str:
    """Why a number alarms, or is unclear, by the value that the user expects."""
    unit, value = series.metric.unit, float(series.estimate.value[position])
    start = (
        f"{subject_of(series)} is {write(value, unit)}{_worth(series, position)}{_when(windows, position)}"
    )
    if not alarm:
        return f"{start}; you expect {write(expected, unit)}, which the interval still holds."
    side = "less" if value < expected else "more"
    difference = write_difference(value - expected, unit)
    return f"{start}, {difference} {side} than the {write(expected, unit)} that you expect."


def break_sentence(series: Series, position: int, windows: Windows) -> str:
    """What broke, in how many rows, what the reference had, and where to look."""
    estimate, when = series.estimate, _when(windows, position)
    column = f"{series.column or 'The rows'}{place_of(series)}"
    count = int(estimate.count[position])
    if series.metric.name == "constant":
        text = f"{column}: all {count:,} values are equal{when}; in {_reference(series)} they differ."
        return f"{text} Is a default filled in, or is it stuck?"
    value, before = float(estimate.value[position]), expected_rate(series)
    predicate, advice = BREAKS.get(
        series.metric.name, (f"count as {name_of(series.metric.name)}", "Look at this column.")
    )
    share = "all rows" if value == 1 else f"{write(value, 'rate')} of the rows"
    what = f"{share} {predicate}"
    if value == 1 and series.metric.name == "missing_rate":
        what = "no row has a value"
    rows = f"{round(value * count):,} of {count:,}"
    return f"{column}: {what}{when} ({rows}); in {_reference(series)} {_seen(series, before)}. {advice}"


def learned_sentence(series: Series, alarm: bool, position: int, windows: Windows) -> str:
    """How a number departs from the reference."""
    say = _moved if series.estimate.bias is None else _distance
    text = say(series, position, windows)
    if alarm:
        return f"{text}."
    return f"{text}. Alone this is remarkable, not among all numbers that are judged at once."


@dataclass(frozen=True)
class Evidence:
    """Says what evidence that adds up over windows has shown."""

    series: Series
    trial: Trial
    windows: Windows
    timeline: Timeline

    def sentence(self, position: int, alarm: bool) -> str:
        """Why it alarms; or that a change is small or one window remarkable, and what would make an alarm of it."""
        if not alarm:
            return self._small(position) if position in self.trial.changes else self._spike(position)
        if position not in self.trial.kinds:  # by the window alone
            return learned_sentence(self.series, alarm, position, self.windows)
        if self.trial.kinds[position] == "break":
            return f"{self._window(position)}. That is so far from every window before that once is enough."
        return f"{self._change(position)}. {self._earned()}"

    def _small(self, position: int) -> str:
        """Of what would alarm, were it larger."""
        lasts = self.trial.earned.alarm[self.timeline.positions[position]]
        text = self._change(position) if lasts else self._window(position)
        least = write_difference(self.trial.least, self.series.metric.unit)
        return f"{text}. It is certain, but smaller than the {least} that you want to be told of."

    def _spike(self, position: int) -> str:
        so_far = _odds(self.trial.earned.log[self.timeline.positions[position]])
        needed = _odds(self.trial.earned.needed)
        return (
            f"{self._window(position)}. One such window may be chance: it becomes an alarm if it lasts"
            f" (evidence {so_far}, an alarm takes {needed})."
        )

    def _change(self, position: int) -> str:
        change = self.trial.changes[position]
        since = f"{self._verb(change)} {self._since(change)}"
        return f"{subject_of_change(self.series)} {since}{self._how(position, change)}"

    def _window(self, position: int) -> str:
        say = _moved if self.series.estimate.bias is None else _distance
        return say(self.series, position, self.windows)

    def _verb(self, change: Located) -> str:
        slowly = " little by little" if change.kind == "trend" else ""
        if self.series.estimate.bias is not None:
            return f"has been distributed differently{slowly}"
        return f"has {'fallen' if change.size < 0 else 'risen'}{slowly}"

    def _since(self, change: Located) -> str:
        windows = self.timeline.windows
        start = windows.since(change.start)
        if change.earliest == change.latest:
            return f"since {start}"
        first, last = (windows.since(i) for i in (change.earliest, change.latest))
        return f"since about {start} (between {first} and {last})"

    def _how(self, position: int, change: Located) -> str:
        series, unit = self.series, self.series.metric.unit
        value = float(series.estimate.value[position])
        if series.estimate.bias is not None:
            chance = write(float(series.estimate.bias[position]), unit)
            return f": {name_of(series.metric.name)} is now {write(value, unit)}, where chance gives {chance}"
        size = write_difference(change.size, unit)
        least, most = sorted((abs(change.low), abs(change.high)))
        span = f"{write_difference(least, unit)} to {write_difference(most, unit)}"
        span = span.replace(" points to", " to") if unit == "rate" else span
        certain = f" ({span})" if change.low * change.high > 0 else ""
        side = "less" if change.size < 0 else "more"
        return f": by {size}{certain} {side} than before, to {write(value, unit)} now"

    def _earned(self) -> str:
        often = _rounded(float(np.exp(min(self.trial.earned.needed, 60.0))))
        return f"Of models of which nothing changes, one in {often} ever shows as much."


def subject_of_change(series: Series) -> str:
    """What has changed, at the beginning of a sentence: a column for its distribution, else the number."""
    if series.estimate.bias is None:
        return subject_of(series)
    return f"{series.column or 'The traffic'}{place_of(series)}"


def _rounded(number: float) -> str:
    """Two digits: "4,300"."""
    digits = max(0, int(np.log10(max(number, 1.0))) - 1)
    return f"{round(number / 10**digits) * 10**digits:,}"


def _odds(log: float) -> str:
    return f"{np.exp(np.clip(log, -9, 60)):,.0f} : 1" if log >= 0 else f"{np.exp(max(log, -9)):.2f} : 1"


def _moved(series: Series, position: int, windows: Windows) -> str:
    assert series.reference is not None
    unit, value, before = (
        series.metric.unit,
        float(series.estimate.value[position]),
        series.reference.value[0],
    )
    text = f"{subject_of(series)} {'fell' if value < before else 'rose'} to {write(value, unit)}"
    text += f"{_worth(series, position)}{_when(windows, position)}"
    return f"{text}; it was {write(float(before), unit)} in {_reference(series)}{_beyond(series, value)}"


def _reference(series: Series) -> str:
    """What the reference is called, with its name where it is the segment's own."""
    return "the reference" if series.against is None else f"its own reference ({series.against})"


def _beyond(series: Series, value: float) -> str:
    """How far beyond the reference's own windows."""
    natural = natural_range(series)
    if natural is None:
        return ""
    past = natural[0] - value if value < natural[0] else value - natural[1]
    span = write_interval(*natural, series.metric.unit)
    return f" ({span} in its windows: this is {write_difference(past, series.metric.unit)} beyond them)"


def _distance(series: Series, position: int, windows: Windows) -> str:
    estimate, unit, natural = series.estimate, series.metric.unit, natural_range(series)
    assert estimate.bias is not None
    start = f"{series.column or 'The traffic'}{place_of(series)} is distributed differently"
    start += "" if series.against is None else f" than in {_reference(series)}"
    value, chance = (write(float(numbers[position]), unit) for numbers in (estimate.value, estimate.bias))
    seen = f", and the reference's own windows at most {write(natural[1], unit)}" if natural else ""
    measured = f"{name_of(series.metric.name)} {value}{_worth(series, position)}"
    return f"{start}{_when(windows, position)}: {measured}; chance alone gives {chance}{seen}"


def _worth(series: Series, position: int) -> str:
    """The interval and the rows that a value rests on, in brackets."""
    estimate = series.estimate
    low, high, count = (
        float(estimate.low[position]),
        float(estimate.high[position]),
        int(estimate.count[position]),
    )
    # ready-made numbers may come without their rows, and of an extreme nobody asks of how many
    known = count >= 0 and series.metric.unit not in ("count", "bytes") and not _is_extreme(series)
    rows = [f"{count:,} {_noun(series)}{'' if count == 1 else 's'}"] if known else []
    if low < high:
        rows = [f"95 % interval {write_interval(low, high, series.metric.unit)}", *rows]
    return f" ({', '.join(rows)})" if rows else ""


def _noun(series: Series) -> str:
    """What a number rests on."""
    name = series.metric.name
    if series.metric.family != "service":
        return "row"
    if name.startswith("job_"):
        return "run"
    return {"cpu": "sample", "dropped_rate": "record"}.get(name, "request" if name in METRICS else "row")


def _is_extreme(series: Series) -> bool:
    return series.metric.name in ("job_duration", "model_age")


def _when(windows: Windows, position: int) -> str:
    phrase = windows.phrase(position)
    return f" {phrase}" if phrase else ""


def _seen(series: Series, before: float) -> str:
    most = "at most " if natural_range(series) else ""
    return "none" if before == 0 else f"{most}{write(before, 'rate')}"


def _alone(series: Series, band: Band, position: int) -> str:
    """Where the value alone decided, how often that is a false alarm."""
    if not by_value(series, band)[position]:
        return ""
    estimate = series.estimate
    half = float(estimate.high[position] - estimate.low[position]) / 2
    if np.isnan(half) and series.metric.family == "service":
        return ""  # what a process used and how long a job took is known, not estimated
    if np.isnan(half):
        return " It has no interval and is judged by its value alone."
    often = round(100 * false_alarm_rate(series, band, position))
    margin = write_difference(half * normal_score(0.98) / normal_score(0.95), series.metric.unit)
    return (
        " It is judged by its value alone: a model exactly on the edge would alarm in"
        f" {often} of 100 such windows, one that is {margin} better in 1 of 100."
    )
