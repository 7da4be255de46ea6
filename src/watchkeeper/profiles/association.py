"""Association: how much the model seems to lean on each feature, from data alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.model import Label, Model, label_of
from watchkeeper.profiles.columns import positions_among
from watchkeeper.profiles.plan import COARSE, Column, NumberColumn

__all__ = ["association"]


def association(
    columns: Sequence[Column], batch: pa.RecordBatch, model: Model, classes: tuple[Label, ...]
) -> dict[str, float]:
    """Correlation ratio η² of what the model said given each feature's bins, summing to one over the features.

    The user's own ``importance`` comes first. Without a score, prediction or outcome all features weigh alike.

    References
    ----------
    K. Pearson, "On the general theory of skew correlation and non-linear regression", 1905.
    """
    features = [c for c in columns if c.role == "feature"]
    given = model.importance
    target = _target(batch, model, classes)
    raw = {}
    for column in features:
        if column.name in given:
            raw[column.name] = float(given[column.name])
        elif target is not None:
            raw[column.name] = _ratio(_codes(column, batch), target)
    total = sum(raw.values())
    if not total > 0:
        return {c.name: 1.0 / len(features) for c in features}
    return {name: value / total for name, value in raw.items()}


def _target(batch: pa.RecordBatch, model: Model, classes: tuple[Label, ...]) -> NDArray[np.float64] | None:
    names = set(batch.schema.names)
    score = model.score if isinstance(model.score, str) else next(iter(model.score_columns.values()), None)
    for name in (score, model.prediction, model.outcome):
        if name is None or name not in names:
            continue
        array = batch.column(name)
        if pa.types.is_floating(array.type):
            values: NDArray[np.float64] = array.to_numpy(zero_copy_only=False)
            return values
        if classes:
            words = array.cast(pa.string()).to_pylist()
            return np.array([np.nan if w is None else float(label_of(w) == classes[-1]) for w in words])
    return None


def _codes(column: Column, batch: pa.RecordBatch) -> NDArray[np.int64]:
    array = batch.column(column.name)
    if not isinstance(column, NumberColumn):
        return positions_among(array, column.values) + 1
    values = array.to_numpy(zero_copy_only=False)
    finite = np.isfinite(values)
    codes = np.full(len(values), COARSE, dtype=np.int64)
    codes[finite] = column.coarse[column.grid.index(values[finite])]
    return codes


def _ratio(codes: NDArray[np.int64], target: NDArray[np.float64]) -> float:
    """Between-group sum of squares over the total, less what chance alone would explain."""
    known = np.isfinite(target)
    codes, target = (codes, target) if known.all() else (codes[known], target[known])
    counts = np.bincount(codes)
    n, groups = len(target), np.count_nonzero(counts)
    if n <= groups or groups < 2:
        return 0.0
    with np.errstate(all="ignore"):
        away = target - target.mean()
        total = float(away @ away)
        sums = np.bincount(codes, weights=away)
        between = float((sums**2 / np.maximum(counts, 1)).sum())
        ratio = between / total - (groups - 1) / (n - 1) if total > 0 else 0.0
    return max(ratio, 0.0) if np.isfinite(ratio) else 0.0
