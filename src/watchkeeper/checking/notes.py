"""Notes: what a person should know of the input, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from watchkeeper.errors import SourceError
from watchkeeper.profiles import Plan, Profile, Slice
from watchkeeper.profiles.segments import MISSING, OTHER
from watchkeeper.verdicts.learned import LEAST_ROWS

__all__ = ["check_usable", "listed", "new_segments", "not_in_reference", "notes_of", "released", "releases"]

LISTED = 12  # columns named in one sentence
FREQUENT = 0.01  # of the rows: a segment to be told of
TELLING = 0.05  # of a difference between mean scores
CERTAIN = 4.0  # standard errors
NONE = np.zeros(1, np.int64)


def notes_of(profile: Profile, which: str) -> tuple[str, ...]:
    """What was set aside, and what has no value at all.

    Parameters
    ----------
    which : "current" or "reference"
    """
    return (*_set_aside(profile, which), *_empty(profile, which), *_roles(profile, which))


def new_segments(current: Profile, reference: Profile) -> Iterator[str]:
    """Frequent values of segments that the reference lacks: they have no cells, as the plan is made from it."""
    rows = int(current.everything.rows.sum())
    for by, part in current.slices.items():
        before = reference.slices[by].unlisted
        if part.unlisted is None or before is None:
            continue
        counts = {
            v: int(n.sum()) for v, n in part.unlisted.rows.items() if not before.rows.get(v, NONE).any()
        }
        new = {value: n for value, n in counts.items() if n >= FREQUENT * rows}
        if new:
            named = ", ".join(f"{v} {n / rows:.1%}".replace("%", " %") for v, n in list(new.items())[:LISTED])
            more = f" and {len(new) - LISTED} more" if len(new) > LISTED else ""
            values = "1 value" if len(new) == 1 else f"{len(new)} values"
            yield f"{by}, under 'other': {values} that the reference lacks, {named}{more} of the rows."


def not_in_reference(current: Profile, reference: Profile) -> Iterator[str]:
    """Features that came later than the reference."""
    now, before = current.everything, reference.everything
    names = [c.name for c in current.plan.columns if c.role == "feature"]
    found = [n for n in names if _rows_with(now, n) and not _rows_with(before, n)]
    if found and before.rows.any():
        yield f"The reference has no value of {listed(found)}: drift is not judged there."


def releases(since: Mapping[str, str]) -> Iterator[str]:
    """Versions that are new, and since when each serves.

    >>> list(releases({"2": "4 January 2026"}))
    ['New version 2 serves since 4 January 2026.']
    """
    told = [f"{version} since {moment}" for version, moment in since.items()]
    if len(told) == 1:
        version, moment = next(iter(since.items()))
        yield f"New version {version} serves since {moment}."
    elif told:
        more = f" and {len(told) - LISTED:,} more" if len(told) > LISTED else ""
        yield f"New versions serve: {', '.join(told[:LISTED])}{more}."


def released(current: Profile, reference: Profile | None) -> dict[str, int]:
    """Version → position of the first window in which it serves, of those that did not serve before."""
    column = current.plan.model.version
    if column is None or column not in current.slices:
        return {}
    before = set() if reference is None else set(_served(reference.slices[column]))
    first = {version: int(np.argmax(rows > 0)) for version, rows in _served(current.slices[column]).items()}
    return {v: position for v, position in first.items() if v not in before and (before or position)}


def _served(part: Slice) -> dict[str, NDArray[np.int64]]:
    """Version → (W,) its rows, of those that have any."""
    every = {str(value): part.rows[:, i] for i, value in enumerate(part.values)}
    every |= {} if part.unlisted is None else part.unlisted.rows
    return {v: rows for v, rows in every.items() if rows.any() and v not in (MISSING, OTHER)}


def check_usable(profile: Profile, name: str) -> None:
    """Raise SourceError where no row is left, with what became of them."""
    if profile.everything.rows.any():
        return
    lost = "; ".join(
        f"{count:,} × {reason}{_example(profile, reason)}" for reason, count in _reasons(profile)
    )
    raise SourceError(f"no row of {name} can be used: {lost or 'none is left beside the reference'}")


def _reasons(profile: Profile) -> list[tuple[str, int]]:
    return sorted(profile.aside.counts.items(), key=lambda item: -item[1])


def _example(profile: Profile, reason: str) -> str:
    examples = profile.aside.examples
    return f" (such as {examples[reason]!r})" if reason in examples else ""


def _set_aside(profile: Profile, which: str) -> tuple[str, ...]:
    labels = _misfit_labels(profile)
    return tuple(
        f"{count:,} of the {which} rows or values set aside: {reason}{_example(profile, reason)}"
        f"{labels.get(reason, '')}."
        for reason, count in profile.aside.counts.items()
    )


def _misfit_labels(profile: Profile) -> dict[str, str]:
    """Reason → what to do, for labels that are text where the classes are numbers."""
    plan = profile.plan
    if plan.model.task not in ("binary", "multiclass"):
        return {}
    classes = listed(plan.class_names)
    advice = f"; the classes are {classes}: write its labels in the same way, until then they are left out"
    columns = (c for c in (plan.model.prediction, plan.model.outcome) if c is not None)
    return {f"column {c!r} should hold numbers": advice for c in columns}


def _empty(profile: Profile, which: str) -> Iterator[str]:
    """Columns with no usable value, or too few to compare with; in the current rows an alarm tells that already."""
    if which == "current":
        return
    every = profile.everything
    names = [n for n, s in every.numbers.items() if not s.valid.any()]
    names += [n for n, s in every.categories.items() if not s.counts.any()]
    found = [c.name for c in profile.plan.columns if c.name in names and c.role == "feature"]
    if found:
        yield f"The reference has no usable value in {listed(found)}: drift is not judged there."
    few = [c.name for c in profile.plan.columns if 0 < _rows_with(every, c.name) < LEAST_ROWS]
    if few:
        yield f"The reference has fewer than {LEAST_ROWS} values of {listed(few)}: drift is not judged there."


def _rows_with(every: Slice, column: str) -> int:
    """Rows with a value of a column; of weighted ones their part by weight."""
    numbers = every.numbers.get(column)
    valid = every.categories[column].counts if numbers is None else numbers.valid
    weight = float(every.weight.sum())
    return round(float(valid.sum()) / weight * int(every.rows.sum())) if weight > 0 else 0


def _roles(profile: Profile, which: str) -> Iterator[str]:
    """An outcome that nobody knows, and scores that are no probabilities."""
    model, every = profile.plan.model, profile.everything
    rows = int(every.rows.sum())
    if rows and not every.weight.any():
        yield f"All {rows:,} {which} rows have the weight 0 in {model.weight!r}: nothing can be measured."
        return
    known = every.confusion.outcomes.sum() if every.confusion is not None else None
    known = every.residuals.outcomes.sum() if every.residuals is not None else known
    if model.outcome is not None and known is not None and not known:
        yield f"None of the {rows:,} {which} rows has an outcome in {model.outcome!r}: performance cannot be measured."
    elif every.residuals is not None and not every.residuals.valid.any():
        yield f"None of the {rows:,} {which} rows has both a prediction and an outcome: performance cannot be measured."
    yield from _scores(profile, which)
    yield from _labelled_differ(profile, which)


def _labelled_differ(profile: Profile, which: str) -> Iterator[str]:
    """Truth that came for some rows alone, where the model thought otherwise of the rest: approved loans, say."""
    calibration = profile.everything.calibration
    if calibration is None or profile.plan.model.task != "binary":
        return
    known, open_ = float(calibration.counts.sum()), float(calibration.unlabelled.sum())
    if min(known, open_) < LEAST_ROWS:
        return
    means = float(calibration.scores.sum()) / known, float(calibration.unlabelled_scores.sum()) / open_
    difference = abs(means[0] - means[1])
    # a probability varies by at most m(1 - m): the test errs on the quiet side
    error = np.sqrt(means[0] * (1 - means[0]) / known + means[1] * (1 - means[1]) / open_)
    if difference >= TELLING and difference > CERTAIN * error:
        part = f"{known / (known + open_):.0%}".replace("%", " %")
        yield (
            f"Truth is known for {part} of the {which} rows, and these are not like the rest: their "
            f"mean score is {means[0]:.2f}, that of the others {means[1]:.2f}. Performance speaks of the former alone."
        )


def _scores(profile: Profile, which: str) -> Iterator[str]:
    calibration = profile.everything.calibration
    if calibration is None or not calibration.invalid.any():
        return
    invalid, weight = float(calibration.invalid.sum()), float(profile.everything.weight.sum())
    highest = max((_highest(profile, column) for column in _score_columns(profile.plan)), default=0.0)
    advice = "; divide percentages by 100" if 1.0 < highest <= 100.0 else ""
    amount = "All" if invalid >= weight else f"{invalid / weight:.1%} of the".replace("%", " %")
    yield f"{amount} {which} rows have no score from 0 to 1: ranking and calibration leave them out{advice}."


def _score_columns(plan: Plan) -> list[str]:
    return [c.name for c in plan.columns if c.role == "score"]


def _highest(profile: Profile, column: str) -> float:
    numbers = profile.everything.numbers.get(column)
    if numbers is None or numbers.maximum is None:
        return 0.0
    return float(np.max(numbers.maximum, initial=0.0))


def listed(columns: Sequence[str]) -> str:
    """Some names of columns, quoted; how many more where there are many."""
    more = f" and {len(columns) - LISTED:,} more" if len(columns) > LISTED else ""
    return ", ".join(repr(c) for c in columns[:LISTED]) + more
