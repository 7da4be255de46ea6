"""Notes on the errors of a regression: where they are too large to add up, and where squares of them tell little."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Context
from watchkeeper.metrics.error_sizes import heavy_tails
from watchkeeper.profiles import Profile

__all__ = ["notes_of_errors"]

Truth = NDArray[np.bool_]


def notes_of_errors(current: Profile, reference: Profile | None) -> Iterator[str]:
    """What to know before reading the metrics of a regression."""
    yield from _too_large(current)
    yield from _tails(current, reference)


def _too_large(profile: Profile) -> Iterator[str]:
    found = profile.everything.residuals
    if found is None:
        return
    limit = "more than a number can hold (1.8e308)"
    sums, squares = ~np.isfinite(found.absolute), ~np.isfinite(found.squares)
    if sums.any():
        where = f"{_rows(profile, sums)} rows{_windows(sums)}"
        yield f"The errors of {where} add up to {limit}: mean_absolute_error and what rests on it are empty there."
    only = squares & ~sums
    if only.any():
        where = f"{_rows(profile, only)} rows{_windows(only)}"
        yield (
            f"The squared errors of {where} add up to {limit}: root_mean_squared_error and r2 are empty there, and"
            " mean_absolute_error has no interval."
        )


def _tails(current: Profile, reference: Profile | None) -> Iterator[str]:
    every, before = current.everything, None if reference is None else reference.total().everything
    with np.errstate(over="ignore", invalid="ignore"):
        heavy = heavy_tails(Context(current.plan, every, every, before, before))
    if not heavy.any():
        return
    if before is None:
        worth = "cover the true value less often than they say (measured: 77 to 95 in 100)"
    else:
        worth = "follow the reference's tails and are wide"
    yield (
        f"The errors have heavy tails{_windows(heavy)} (kurtosis above 8; normal errors have 3): a few rows decide"
        f" root_mean_squared_error, mean_squared_error and r2, and their 95 % intervals {worth}. Rather go by"
        " median_absolute_error and mean_absolute_error."
    )


def _rows(profile: Profile, chosen: Truth) -> str:
    return f"{int(profile.everything.rows[chosen].sum()):,}"


def _windows(chosen: Truth) -> str:
    if chosen.size == 1:
        return ""
    return f" in {int(chosen.sum()):,} of {chosen.size:,} windows"
