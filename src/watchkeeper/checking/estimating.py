"""Estimating: performance before the truth, as series beside what is realised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np

from watchkeeper.estimation import Estimator, Sample, Support
from watchkeeper.metrics import ESTIMATED, METRICS, Series, measure
from watchkeeper.profiles import Profile
from watchkeeper.verdicts import Windows
from watchkeeper.verdicts.wording import listing

__all__ = ["estimated_of", "is_known", "notes_of_support"]

KNOWN = 0.99  # of the rows have an outcome: nothing is left to estimate

PART = 3  # one row in so many of a window is looked at: of what outcomes leave to chance, that adds little
LEAST = 1_000  # or so many
LISTED = 3  # windows, and features, named in one sentence


def is_known(profile: Profile) -> bool:
    """Whether nearly every row of every window has its outcome."""
    coverage = measure(profile, only=lambda m, by: m.name == "outcome_coverage" and by is None)
    values = np.concatenate([s.estimate.value for s in coverage]) if coverage else np.zeros(1)
    return bool(np.nanmin(values, initial=1.0) >= KNOWN)


def estimated_of(
    current: Profile, estimator: Estimator, samples: Sample, windows: Windows
) -> tuple[list[Series], tuple[str, ...]]:
    """``estimated_<metric>`` of all rows over the windows of ``current`` that have a sample; and what to note."""
    rows = np.maximum(current.everything.rows[:, 0] // PART, LEAST)
    samples = samples.thinned(dict(zip(current.windows.tolist(), rows.tolist(), strict=True)))
    support = estimator.support(current, samples)
    others = ~np.isin(current.windows, samples.window)
    found = estimator.estimate(current, samples, support=support)
    series = [
        Series(METRICS[ESTIMATED + name], None, None, None, estimate.without(others))
        for name, estimate in found.items()
        if np.isfinite(estimate.value[~others]).any()
    ]
    return series, tuple(notes_of_support(support, windows)) if series else ()


def notes_of_support(support: Support, windows: Windows) -> Iterator[str]:
    """Where estimates are extrapolation, in one sentence: which windows, how many of their rows, by which features."""
    where = [int(w) for w in np.flatnonzero(support.warned)]
    if not where:
        return
    most = f"{100 * support.outside[where].max():.0f} %"
    share = most if len(where) == 1 else f"up to {most}"
    columns = Counter(column for w in where if (column := support.column[w]) is not None)
    by = listing([column for column, _ in columns.most_common(LISTED)])
    yield (
        f"Estimated performance{_when(where, windows)} is extrapolation: {share} of the rows lie where the reference"
        f" has none{f', most of them by {by}' if by else ''}."
    )


def _when(where: list[int], windows: Windows) -> str:
    """As "on 10 July 2013"; or for many windows how many and from when to when."""
    phrases = [phrase for w in where[:LISTED] if (phrase := windows.phrase(w))]
    if not phrases:
        return ""
    if len(where) <= LISTED:
        return f" {listing(phrases)}"
    first, last = windows.since(where[0]), windows.phrase(where[-1])
    return f" in {len(where):,} of {windows.count:,} windows, the first since {first}, the last {last},"
