"""Budget: how the probability of a false alarm in a model's life is shared among the series that may alarm."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from watchkeeper.metrics import Series
from watchkeeper.model import Model

__all__ = ["SHARES", "weights_of"]

# of alpha, before those of the groups that a model has are made to sum to 1
SHARES = {"performance": 0.5, "drift": 0.4, "quality": 0.1, "service": 0.1}
GROUPS = {"calibration": "performance", "value": "performance", "traffic": "quality"}
PRIMARY = ("accuracy", "mean_absolute_error")  # the first of them that is judged
RARE_PRIMARY = "average_precision"  # of rare positives, where accuracy says little


def weights_of(series: Sequence[Series], model: Model) -> list[float]:
    """The weight of each judged series, together 1.

    Performance has half, its primary metric as much as all other metrics together; drift four tenths, by the features'
    importance; data quality a tenth; the service, where it is watched, as much as quality. What a model has
    none of goes to the others. A metric that is judged in segments as well keeps half, the segments share the other.
    The model's ``budget`` changes the shares of groups, and by a key such as ``recall[carrier=UA]`` those of series.
    """
    groups: dict[str, list[int]] = defaultdict(list)
    for i, s in enumerate(series):
        groups[group_of(s)].append(i)
    shares = {name: _share(name, model) for name in groups}
    total = sum(shares.values())
    weights = [0.0] * len(series)
    for name, members in groups.items():
        parts = _within(name, [series[i] for i in members], model)
        for i, part in zip(members, parts, strict=True):
            weights[i] = shares[name] / total * part
    return weights


def group_of(series: Series) -> str:
    """Which share of the budget a series draws on.

    >>> from watchkeeper.metrics import METRICS
    >>> sorted({GROUPS.get(m.family, m.family) for m in METRICS.values()})
    ['drift', 'performance', 'quality', 'service']
    """
    return GROUPS.get(series.metric.family, series.metric.family)


def _share(group: str, model: Model) -> float:
    return float(model.budget.get(group, SHARES[group]))


def _within(group: str, series: Sequence[Series], model: Model) -> list[float]:
    """Shares of the series of one group, together 1."""
    of_metric: dict[tuple[str, str | None], float] = {}
    for s in series:
        of_metric[s.metric.name, s.column] = _importance(s, model) if group == "drift" else 1.0
    if group == "performance" and len(of_metric) > 1:
        primary = _primary([name for name, _ in of_metric])
        for key in of_metric:
            of_metric[key] = float(len(of_metric) - 1) if key[0] == primary else 1.0
    parts = [
        p * of_metric[s.metric.name, s.column] for p, s in zip(_in_segments(series), series, strict=True)
    ]
    parts = [p * _asked(s, model) for p, s in zip(parts, series, strict=True)]
    total = sum(parts)
    return [p / total if total > 0 else 0.0 for p in parts]


def _primary(names: Sequence[str]) -> str:
    if RARE_PRIMARY in names:
        return RARE_PRIMARY
    return next((name for name in PRIMARY if name in names), names[0])


def _importance(series: Series, model: Model) -> float:
    """Of the feature; the prediction, the outcome and what features do together count as one on average."""
    if not model.importance:
        return 1.0
    known = model.importance
    average = sum(known.values()) / len(known)
    if series.column is None or series.column in (model.prediction, model.score, model.outcome):
        return average
    return float(known.get(series.column, 0.0))


def _in_segments(series: Sequence[Series]) -> list[float]:
    """What each has of its metric's share: all rows half of it where there are segments, which share the other."""
    count: dict[tuple[str, str | None], int] = defaultdict(int)
    whole: set[tuple[str, str | None]] = set()
    for s in series:
        key = (s.metric.name, s.column)
        count[key] += s.segment_by is not None
        if s.segment_by is None:
            whole.add(key)
    out = []
    for s in series:
        key = (s.metric.name, s.column)
        half = 0.5 if count[key] and key in whole else 1.0
        out.append(half if s.segment_by is None else half / count[key])
    return out


def _asked(series: Series, model: Model) -> float:
    """What the model's budget says of this series."""
    return model.budget_for(series.metric.name, series.column, series.segment_by, series.segment)
