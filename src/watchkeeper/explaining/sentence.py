"""Sentence: why a metric is worse, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from watchkeeper.explaining.why import Cause, Portion
from watchkeeper.metrics import Metric
from watchkeeper.verdicts.wording import listing, name_of, write, write_difference

__all__ = ["said_of", "sentence_of", "where_of"]

NOTHING = "no single reason stands out from chance"


def sentence_of(
    metric: Metric, reference: float, value: float, causes: Sequence[Cause], segments: Sequence[Portion]
) -> str:
    """
    >>> from watchkeeper.metrics import METRICS
    >>> broken = Cause("broken rows", -0.03, -0.04, -0.02, 1.0, True, (Portion("age", "missing", 0.2, 1.0),))
    >>> sentence_of(METRICS["accuracy"], 0.93, 0.90, [broken], ())
    'Why accuracy is 3 points worse than in the reference: broken rows (100 %): in 20.0 % of the rows age is missing.'
    """
    reasons = [_reason(cause) for cause in causes if cause.named] or [NOTHING]
    where = where_of(segments)
    return (
        f"Why {name_of(metric.name)} is {write_difference(value - reference, metric.unit)} worse than in the reference:"
        f" {'; '.join(reasons)}.{f' {where}' if where else ''}"
    )


def _reason(cause: Cause) -> str:
    return f"{cause.name} ({100 * cause.share:.0f} %): {said_of(cause)}"


def said_of(cause: Cause) -> str:
    """What a cause means, and where it sits."""
    return SAID[cause.name](cause.portions)


def _broken(portions: Sequence[Portion]) -> str:
    told = [f"in {write(p.rows, 'rate')} of the rows {p.by} is {p.value}" for p in portions]
    return listing(told)


def _moved(portions: Sequence[Portion]) -> str:
    if not portions:
        return "harder rows than in the reference"
    return f"harder rows, since {listing([p.by for p in portions])} moved"


def _changed(portions: Sequence[Portion]) -> str:
    told = "what follows from the inputs is no longer what it was"
    if not portions:
        return f"{told}, everywhere alike"
    p = portions[0]
    return f"{told}, most of all where {p.by} is {p.value} ({_part(p, 'that')})"


def _uncovered(portions: Sequence[Portion]) -> str:
    return "rows whose outcome is known are harder than the others"


def where_of(segments: Sequence[Portion]) -> str:
    """The segments that lose more than their share, as a sentence; "" where none does."""
    if not segments:
        return ""
    told = [f"{p.by} {p.value} ({_part(p, 'the loss')})" for p in segments]
    return f"By segment: {listing(told)}."


def _part(portion: Portion, whole: str) -> str:
    loss = "all" if portion.loss >= 0.995 else f"{100 * portion.loss:.0f} %"
    return f"{loss} of {whole} in {write(portion.rows, 'rate')} of the rows"


SAID: dict[str, Callable[[Sequence[Portion]], str]] = {
    "broken rows": _broken, "input shift": _moved, "concept change": _changed, "label coverage": _uncovered,
}  # fmt: skip
