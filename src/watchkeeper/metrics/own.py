"""Own: segments that are compared with a reference of their own instead of the model's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from watchkeeper.metrics.estimate import Metric, Series
from watchkeeper.metrics.measure import measure
from watchkeeper.metrics.registry import OF_ALL_ROWS
from watchkeeper.profiles import Profile

__all__ = ["Own", "with_own"]

Only = Callable[[Metric, str | None], bool]


@dataclass(frozen=True)
class Own:
    """A reference of some segments alone.

    Attributes
    ----------
    name : as sentences call it: "v2.parquet", "first 4w"
    profile : under the plan of the current rows; None: there is nothing to compare with yet
    cells : (segmentation, value) of each of these segments
    """

    name: str
    profile: Profile | None
    cells: frozenset[tuple[str | None, str | None]]


def with_own(
    series: Iterable[Series],
    current: Profile,
    own: Sequence[Own],
    confidence: float = 0.95,
    only: Only | None = None,
    beside: bool = True,
) -> list[Series]:
    """The series, those of some segments measured against their own references.

    What sets a segment against the other rows, its share and its difference to the rest, stays as it was.

    Parameters
    ----------
    series : as ``measure`` gives them of ``current`` with the other arguments
    """
    found = {_key(s): s for s in series}
    for one in own:
        mine = {_key(s): s for s in _measured(current, one, confidence, only, beside)}
        gone = [k for k, s in found.items() if _is_of(one, s) and k not in mine]
        found = {k: s for k, s in found.items() if k not in gone} | mine
    return list(found.values())


def _measured(
    current: Profile, own: Own, confidence: float, only: Only | None, beside: bool
) -> Iterable[Series]:
    segmentations = {by for by, _ in own.cells}

    def wanted(metric: Metric, by: str | None) -> bool:
        return by in segmentations and metric.name not in OF_ALL_ROWS and (only is None or only(metric, by))

    found = measure(current, own.profile, confidence, wanted, beside, own=True)
    return (replace(s, against=own.name) for s in found if _is_of(own, s))


def _is_of(own: Own, series: Series) -> bool:
    return (series.segment_by, series.segment) in own.cells and series.metric.name not in OF_ALL_ROWS


def _key(series: Series) -> tuple[str, str | None, str | None, str | None]:
    return series.metric.name, series.column, series.segment_by, series.segment
