"""Rows of the reliability curve and the confusion matrix, from the profiles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from watchkeeper.charts.definition import Row

if TYPE_CHECKING:
    from watchkeeper.profiles import Confusion, Slice

__all__ = ["MOST_CLASSES", "confusion_rows", "reliability_rows"]

MOST_CLASSES = 12  # of a confusion matrix that can still be read


def reliability_rows(current: Slice, reference: Slice | None = None) -> list[Row]:
    """A row for each bin of the score that holds any rows, over all windows together."""
    return [*_curve("reference", reference), *_curve("current", current)]


def _curve(who: str, cells: Slice | None) -> list[Row]:
    from watchkeeper.metrics.calibration import reliability

    found = None if cells is None else reliability(cells)
    if found is None:
        return []
    fields = {"p": found.score, "v": found.rate, "lo": found.low, "hi": found.high, "n": found.count}
    columns = {name: np.asarray(values, dtype=float)[0, 0] for name, values in fields.items()}
    seen = np.flatnonzero(columns["n"] > 0)
    return [{"who": who, **{name: float(values[i]) for name, values in columns.items()}} for i in seen]


def confusion_rows(confusion: Confusion, names: Sequence[str]) -> list[Row]:
    """A row for each pair of outcome and prediction; empty where there are too many classes to read.

    Labels outside the known classes get a row and a column of their own where they occur.
    """
    if confusion.matrix is None or len(names) > MOST_CLASSES:
        return []
    matrix = np.asarray(confusion.matrix, dtype=float).sum(axis=(0, 1))
    unknown = matrix[-1].sum() + matrix[:, -1].sum() > 0
    labels = [*names, "(others)"] if unknown else list(names)
    rows: list[Row] = []
    for i, true in enumerate(labels):
        of_outcome = matrix[i].sum()
        for j, said in enumerate(labels):
            share = float(matrix[i, j] / of_outcome) if of_outcome else 0.0
            label = f"{matrix[i, j]:,.0f}" if len(labels) > 6 else f"{matrix[i, j]:,.0f} ({share:.0%})"
            rows.append(
                {"true": true, "said": said, "n": float(matrix[i, j]), "share": share, "label": label}
            )
    return rows
