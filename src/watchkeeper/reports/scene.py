"""Scene: what every section of a page looks at: the result, its lines, and the pictures collected so far."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from watchkeeper.charts.lines import Key, Line, Lines, Windows, lines_of, metrics_of
from watchkeeper.metrics import is_estimated, realised
from watchkeeper.reports.pictures import Pictures
from watchkeeper.reports.totals import Total, latest, totals
from watchkeeper.verdicts.wording import write, write_band, write_interval

if TYPE_CHECKING:
    from watchkeeper.metrics import Metric, Unit
    from watchkeeper.result import Result

__all__ = ["Scene", "State", "band_text", "figure", "state_of"]

State = str  # "alarm", "unclear", "ok", "none": a section's or a number's


@dataclass(frozen=True)
class Scene:
    """A result seen by a page."""

    result: Result
    lines: Lines
    pictures: Pictures

    @classmethod
    def of(cls, result: Result) -> Scene:
        lines = lines_of(result)
        return cls(result, lines, Pictures(lines.windows))

    @property
    def windows(self) -> Windows:
        return self.lines.windows

    @cached_property
    def metrics(self) -> dict[str, Metric]:
        return metrics_of(self.result)

    @cached_property
    def by_key(self) -> dict[Key, Line]:
        return {line.key: line for line in self.lines.lines}

    def family(self, metric: str) -> str:
        """A metric's family; numbers that somebody else computed count as performance."""
        return self.metrics[metric].family if metric in self.metrics else "performance"

    @cached_property
    def _told(self) -> set[Key]:
        return {(f.metric, f.column, f.segment_by, f.segment) for f in self.result.findings}

    @cached_property
    def broken(self) -> frozenset[str]:
        """Columns whose quality alarms."""
        return frozenset(x.column for x in self.whole("quality") if x.column is not None and x.alarms.any())

    def echo(self, line: Line) -> bool:
        """Whether a segment's line alarms only as the line of all rows does, so that no finding is made of it."""
        return bool(line.segment_by is not None and line.alarms.any() and line.key not in self._told)

    @cached_property
    def of_service(self) -> bool:
        """Whether all that there is was logged of a service, so that there are no rows."""
        lines = self.lines.lines
        return bool(lines) and all(self.family(x.metric) == "service" for x in lines)

    def better(self, metric: str) -> str:
        return self.metrics[metric].better if metric in self.metrics else "none"

    def whole(self, *families: str) -> list[Line]:
        """The lines of all rows together, of these families."""
        return [x for x in self.lines.lines if x.segment_by is None and self.family(x.metric) in families]

    @cached_property
    def before_truth(self) -> bool:
        """Whether performance is estimated and none of it realised yet."""
        known = {x.metric for x in self.whole("performance") if np.isfinite(x.value).any()}
        estimates = [name for name in known if is_estimated(name)]
        return bool(estimates) and not any(realised(name) in known for name in estimates)

    @cached_property
    def period(self) -> dict[Key, Total]:
        """Performance and value over the whole period; of other lines, and without a profile, the last window's."""
        return latest(self.lines) | self.exact

    @cached_property
    def exact(self) -> dict[Key, Total]:
        """Numbers of the whole period."""
        wanted = {n for n, m in self.metrics.items() if m.family in ("performance", "calibration", "value")}
        return totals(self.result, wanted | {"segment_share"})


def state_of(lines: list[Line]) -> State:
    """Alarm where any window alarms; unclear where a line's last judged window is; else as expected."""
    if any(line.alarms.any() for line in lines):
        return "alarm"
    last = {
        int(judged[-1])
        for line in lines
        if (judged := line.verdict[(line.verdict > 0) & (line.verdict < 4)]).size
    }
    return "unclear" if 2 in last else "ok" if last else "none"


def figure(total: Total | None, unit: Unit) -> tuple[str, str]:
    """A number and its interval in words; "–" where there is none."""
    if total is None or total.value != total.value:
        return "–", ""
    text = write(total.value, unit)
    if total.low != total.low:
        return text, ""
    return text, write_interval(total.low, total.high, unit)


def band_text(line: Line) -> str:
    """The band of a line's last judged window in words, or ""."""
    known = np.flatnonzero(np.isfinite(line.band_low) | np.isfinite(line.band_high))
    if not known.size:
        return ""
    i = int(known[-1])
    return write_band(float(line.band_low[i]), float(line.band_high[i]), line.unit)
