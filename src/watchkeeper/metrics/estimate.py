"""Estimate: a number with what it is worth; and Metric, what a number means."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import Readings
from watchkeeper.profiles import Plan, Slice

__all__ = ["Context", "Estimate", "Family", "Metric", "Series", "Unit"]

T = TypeVar("T")
Floats = NDArray[np.float64]
Unit = Literal["rate", "count", "number", "distance", "seconds", "bytes"]
Family = Literal["traffic", "quality", "drift", "performance", "calibration", "value", "service"]


@dataclass(frozen=True)
class Estimate:
    """Numbers over windows, each with its interval. All arrays have one shape, (W,) or (W, V).

    Attributes
    ----------
    value : NaN where it is undefined
    low, high : ends of the interval at the asked confidence; NaN where there is none
    count : int64, rows that the value rests on (rows, never weights)
    bias : what the value is expected to be where nothing changed (distances under the null), or None
    beyond : of the share of rows outside a range, the part that lies far outside, which no record explains; or None
    """

    value: Floats
    low: Floats
    high: Floats
    count: NDArray[np.int64]
    bias: Floats | None = None
    beyond: Floats | None = None

    def without(self, windows: NDArray[np.bool_]) -> Estimate:
        """Unknown in these (W,) windows."""
        value, low, high = (np.where(windows, np.nan, part) for part in (self.value, self.low, self.high))
        return replace(self, value=value, low=low, high=high, count=np.where(windows, 0, self.count))


@dataclass(frozen=True)
class Context:
    """What a metric may see: the slice in question, all rows, and both in the reference.

    ``reference`` and ``reference_everything`` have one window (the whole reference added up) and are None without
    a reference. ``reference_windows`` has the reference's own windows. ``confidence`` is that of the intervals.
    """

    plan: Plan
    slice: Slice
    everything: Slice
    reference: Slice | None
    reference_everything: Slice | None
    confidence: float = 0.95
    _found: dict[object, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, compute: Callable[..., T], *given: object) -> T:
        """``compute(context, *given)``, which several metrics share, by the first of them."""
        key = compute, given
        if key not in self._found:
            self._found[key] = compute(self, *given)
        return cast(T, self._found[key])


@dataclass(frozen=True)
class Metric:
    """What a number means. ``compute`` yields (column or None, Estimate of shape (W, V)) for each column it covers.

    Attributes
    ----------
    better : which direction is good, "none" for numbers that are only compared
    unit : how to write it: "rate" in percent, "count", "number" (target's or column's unit), "distance", "seconds",
        "bytes"
    effect : the smallest departure from the reference that is worth telling: absolute ("rate": 0.05), or relative
        to the reference's value where ``relative``
    tasks : model tasks it is for, empty: every one
    source : paper, standard or the function it equals
    """

    name: str
    family: Family
    summary: str
    compute: Callable[[Context], Iterable[tuple[str | None, Estimate]]]
    better: Literal["high", "low", "none"] = "none"
    unit: Unit = "number"
    effect: float | None = None
    relative: bool = False
    tasks: tuple[str, ...] = ()
    source: str = ""


@dataclass(frozen=True)
class Series:
    """One metric of one column in one segment over the windows.

    ``estimate`` arrays are (W,). ``reference`` is the same number on the whole reference (arrays of length 1) and
    ``reference_windows`` its values (Wr,) on the reference's own windows, where there are any. ``judged`` is
    the same estimate at the confidence at which it is judged, where it is judged against the reference. ``readings``
    are what enters its evidence, the reference's windows first, where it is judged by default. ``against`` names a
    reference that is the segment's own; None: the model's.
    """

    metric: Metric
    column: str | None
    segment_by: str | None
    segment: str | None
    estimate: Estimate
    reference: Estimate | None = None
    reference_windows: Floats | None = None
    judged: Estimate | None = None
    readings: Readings | None = None
    against: str | None = None
