"""Slips: what a person most likely did not mean, told before or beside the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from watchkeeper.errors import ColumnError, ModelError
from watchkeeper.metrics import METRICS
from watchkeeper.model import Model
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.profiles import Profile

__all__ = ["check_outcome", "check_shares", "times_in_doubt"]

ABOVE_ONE = frozenset(
    {"mean_absolute_percentage_error"}
)  # errors may be larger than what they are a share of
YEAR_1971 = 31_536_000_000_000  # µs since 1970


def check_shares(model: Model) -> None:
    """Raise ModelError for a band or an expected value of a share that lies above 1: nothing could ever meet it, or
    everything would.

    >>> check_shares(Model(bands={"accuracy": ">= 80"}))
    Traceback (most recent call last):
    watchkeeper.errors.ModelError: bands: 'accuracy' is at most 1, and '>= 80' is beyond; did you mean 80 %?
    """
    for key, band in model.parsed_bands.items():
        edge = max((e for e in (band.low, band.high) if np.isfinite(e)), default=0.0)
        _check_share("bands", key.metric, edge, str(band))
    for metric, value in model.expected.items():
        _check_share("expected", metric, value, f"{value:g}")


def _check_share(key: str, metric: str, edge: float, said: str) -> None:
    if metric in METRICS and METRICS[metric].unit == "rate" and metric not in ABOVE_ONE and edge > 1:
        hint = f"; did you mean {edge:g} %?" if edge <= 100 else ""
        raise ModelError(f"{key}: {metric!r} is at most 1, and {said!r} is beyond{hint}")


def check_outcome(outcome: str, known: Iterable[str], current: str, reference: str | None) -> None:
    """Raise ColumnError for an outcome that no source has, where a column is called nearly so. Without one, outcomes
    may still come.
    """
    hint = did_you_mean(outcome, known)
    if hint:
        where = f"is not in {current}" if reference is None else f"is neither in {current} nor in {reference}"
        raise ColumnError(f"column {outcome!r} {where}{hint} Leave outcome out until one is known")


def times_in_doubt(current: Profile, reference: Profile | None) -> Iterator[str]:
    """Numbers that were read as seconds since 1970 and are none, and a reference that comes after the current rows."""
    model = current.plan.model
    if model.timestamp is None or model.parsed_window.kind != "time" or not len(current.windows):
        return
    last = int(current.windows[-1])
    if 0 <= last < YEAR_1971:
        yield (
            f"All times in {model.timestamp!r} lie in 1970: numbers are read as Unix time, and these hardly are; "
            "write dates, such as 2026-01-31."
        )
    elif reference is not None and len(reference.windows) and _is_before(last, reference):
        yield "The current rows end before the reference begins: are the two the wrong way round?"


def _is_before(last: int, reference: Profile) -> bool:
    """Whether the last current window is at most the reference's first of several."""
    return last <= int(reference.windows[0]) and last < int(reference.windows[-1])
