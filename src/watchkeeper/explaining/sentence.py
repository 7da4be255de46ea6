"""Sentence: why a metric is worse, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from watchkeeper.explaining.why import Cause, Portion
from watchkeeper.metrics import Metric
from watchkeeper.verdicts.wording import name_of, write, write_difference

__all__ = ["sentence_of"]

NOTHING = "no single reason stands out from chance"


def sentence_of(
    metric: Metric, reference: float, value: float, causes: Sequence[Cause], segments: Sequence[Portion]
) -> str:
    """
    >>> from watchkeeper.metrics import METRICS
    >>> broken = Cause("broken rows", -0.03, -0.04, -0.02, 1.0, True, (Portion("age", "missing", 0.2, 1.0),))
    >>> sentence_of(METRICS["accuracy"], 0.93, 0.90, [broken], ())
    'Why accuracy is 3 points worse than in the reference: broken rows (100 %): age is missing in 20.0 % of the rows.'
    """
    reasons = [_reason(cause) for cause in causes if cause.named] or [NOTHING]
    where = _where(segments)
    return (
        f"Why {name_of(metric.name)} is {write_difference(value - reference, metric.unit)} worse than in the reference:"
        f" {'; '.join(reasons)}.{where}"
    )


def _reason(cause: Cause) -> str:
    head = f"{cause.name} ({100 * cause.share:.0f} %)"
    told = SAID[cause.name](cause.portions)
    return f"{head}: {told}" if told else head


def _broken(portions: Sequence[Portion]) -> str:
    told = [f"{p.by} is {p.value} in {write(p.rows, 'rate')} of the rows" for p in portions]
    return _listed(told)


def _moved(portions: Sequence[Portion]) -> str:
    if not portions:
        return "the rows are others than in the reference, and harder"
    return f"{_listed([p.by for p in portions])} moved, and the rows are harder"


def _changed(portions: Sequence[Portion]) -> str:
    told = "what follows from the inputs is no longer what it was"
    if not portions:
        return f"{told}, everywhere alike"
    p = portions[0]
    return f"{told}, most of all where {p.by} is {p.value} ({_part(p)})"


def _uncovered(portions: Sequence[Portion]) -> str:
    return "the rows whose outcome is known are harder than the others"


def _where(segments: Sequence[Portion]) -> str:
    if not segments:
        return ""
    told = [f"{p.by} {p.value} ({_part(p)})" for p in segments]
    return f" By segment: {_listed(told)}."


def _part(portion: Portion) -> str:
    loss = "all" if portion.loss >= 0.995 else f"{100 * portion.loss:.0f} %"
    return f"{loss} of the loss in {write(portion.rows, 'rate')} of the rows"


def _listed(parts: Sequence[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


SAID: dict[str, Callable[[Sequence[Portion]], str]] = {
    "broken rows": _broken, "input shift": _moved, "concept change": _changed, "label coverage": _uncovered,
}  # fmt: skip
