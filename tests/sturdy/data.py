"""Small logs of predictions: four days to learn from, three to check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["BINARY", "REGRESSION", "log"]

ROWS = 60  # a day
BINARY: Mapping[str, Any] = {
    "name": "m", "task": "binary", "timestamp": "ts", "id": "id", "score": "score", "prediction": "predicted",
    "outcome": "actual", "segments": ["country"], "bands": {"accuracy": ">= 0.2"},
}  # fmt: skip
REGRESSION: Mapping[str, Any] = {
    "name": "m", "task": "regression", "timestamp": "ts", "id": "id", "prediction": "predicted", "outcome": "actual",
    "segments": ["country"], "bands": {"mean_absolute_error": "<= 1000"},
}  # fmt: skip


def log(task: str = "binary", days: int = 3, first: str = "2026-03-05", seed: int = 1) -> pd.DataFrame:
    """``days`` × ``ROWS`` predictions, nine in ten right."""
    random = np.random.default_rng(seed)
    rows = days * ROWS
    age = random.normal(40, 10, rows)
    frame = pd.DataFrame(
        {
            "ts": pd.date_range(first, periods=rows, freq=pd.Timedelta(days=1) / ROWS),
            "id": np.arange(rows) + 1_000 * seed,
            "age": age,
            "size": random.integers(1, 50, rows),
            "country": random.choice(["de", "fr", "it"], rows),
        }
    )
    if task == "regression":
        actual = 2 * age + random.normal(0, 3, rows)
        return frame.assign(predicted=actual + random.normal(0, 2, rows), actual=actual)
    actual = random.integers(0, 2, rows)
    predicted = np.where(random.random(rows) < 0.9, actual, 1 - actual)
    score = np.where(predicted == 1, random.uniform(0.5, 1, rows), random.uniform(0, 0.5, rows))
    return frame.assign(score=score, predicted=predicted, actual=actual)
