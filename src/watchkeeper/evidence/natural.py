"""Natural: what of a series' ups and downs recurs, weekday after weekday or from one window to the next."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

__all__ = ["Seasons", "whitened", "without_seasons"]

Floats = NDArray[np.float64]
Seasons = Mapping[str, NDArray[np.int64]]

LEAST_RECURRENCES = 8  # of each weekday (or hour) in the reference, before its mean is taken off


def without_seasons(
    values: Floats, reference: int, seasons: Seasons, by_rank: bool = False
) -> tuple[Floats, tuple[str, ...]]:
    """(S, G + T) values less the reference's mean of their season, and which seasons those were.

    Parameters
    ----------
    values : reference windows first, finite
    reference : G
    seasons : for each season ("weekday") which one (0, 1, …) each of the G + T windows lies in; one that the
        reference holds less than 8 times of any kind is left alone
    by_rank : whether only the order of what is left counts

    Notes
    -----
    A reference window is compared with the mean of the *others* of its season, as a watched one is: otherwise the
    reference would look calmer than what follows it. By rank all windows of a season are compared with one mean: a
    little calmer moves no rank to one side, but of values that are nearly equal (a weekday that is all of a window or
    none of it) those of the reference would all lie on the same side of those that follow.
    """
    used = tuple(name for name, kind in seasons.items() if _recurs(kind, reference))
    for name in used:
        values = _without(values, reference, seasons[name], by_rank)
    return values, used


def whitened(values: Floats, reference: int) -> tuple[Floats, NDArray[np.bool_]]:
    """(S, G + T) values with the lag-1 autocorrelation taken off where there is any, and (S,) where there was.

    Autocorrelation ρ above 1/√G is taken off by x_i − min(ρ + 1/√G, 0.95) x_{i−1}: ρ is estimated too small in a finite
    reference. The first window, which none comes before, stays as it is. This is approximate: measured, not proven.
    """
    centred = values - values[:, :reference].mean(axis=1, keepdims=True)
    before, after = centred[:, : reference - 1], centred[:, 1:reference]
    square = (centred[:, :reference] ** 2).sum(axis=1)
    rho = np.where(square > 0, (before * after).sum(axis=1) / np.where(square > 0, square, 1.0), 0.0)
    error = 1.0 / np.sqrt(reference)
    chosen = rho > error
    taken = np.where(chosen, np.minimum(rho + error, 0.95), 0.0)[:, None]
    out = values.copy()
    out[:, 1:] -= taken * centred[:, :-1]
    return out, chosen


def _recurs(kind: NDArray[np.int64], reference: int) -> bool:
    counts = np.bincount(kind[:reference], minlength=int(kind.max(initial=0)) + 1)
    present = np.bincount(kind, minlength=len(counts)) > 0
    return bool(np.count_nonzero(present) > 1 and counts[present].min() >= LEAST_RECURRENCES)


def _without(values: Floats, reference: int, kind: NDArray[np.int64], itself: bool) -> Floats:
    """Less the mean of the reference's windows of the same kind, with or without the window itself among them."""
    own = kind[:reference]
    count = np.bincount(own, minlength=int(kind.max()) + 1).astype(np.float64)
    member = (own[:, None] == np.arange(len(count))).astype(np.float64)
    total = values[:, :reference] @ member  # (S, kinds)
    out: Floats = values - (total / np.maximum(count, 1))[:, kind]
    if not itself:
        out[:, :reference] *= (count / np.maximum(count - 1, 1))[own]
    return out
