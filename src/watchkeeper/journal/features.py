"""Features: how many values the journal has of some, when, and which."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.journal.journal import Journal
from watchkeeper.sources.engine import quoted_name, quoted_text

__all__ = ["feature_counts", "feature_times", "feature_values"]

Ints = NDArray[np.int64]


def feature_counts(journal: Journal, names: Sequence[str], now: int) -> dict[str, int]:
    """Feature → how many predictions until then, µs since 1970 UTC, have a value of its type."""
    if not names or not _see(journal):
        return dict.fromkeys(names, 0)
    counts = ", ".join(f"count({_value(name)})" for name in names)
    found = journal.row(f"SELECT {counts} FROM every_prediction WHERE epoch_us(timestamp) <= {now}")
    return dict(zip(names, found or (), strict=True))


def feature_times(journal: Journal, names: Sequence[str], now: int) -> Ints:
    """(n,) µs since 1970 UTC of the predictions until then that have any value of these, of their type or not."""
    if not names or not _see(journal):
        return np.zeros(0, dtype=np.int64)
    told = " OR ".join(
        f"{_value(name)} IS NOT NULL OR misfits[{quoted_text(name)}] IS NOT NULL" for name in names
    )
    sql = f"SELECT epoch_us(timestamp) AS us FROM every_prediction WHERE us <= {now} AND ({told})"
    found: Ints = journal.rows(sql)["us"].to_numpy()
    return found


def feature_values(journal: Journal, name: str, now: int, most: int) -> pa.Array:
    """Values of a feature until then, about ``most`` where there are more: float64 or string, without nulls."""
    count = feature_counts(journal, [name], now)[name]
    where = f"{_value(name)} IS NOT NULL AND epoch_us(timestamp) <= {now}"
    some = f" AND hash(id) % {-(-count // most)} = 0" if count > most else ""
    rows = journal.rows(f"SELECT {_value(name)} AS value FROM every_prediction WHERE {where}{some}")
    return rows["value"].combine_chunks()


def _see(journal: Journal) -> bool:
    return journal.view("every_prediction", journal.predictions)


def _value(name: str) -> str:
    return f"features.{quoted_name(name)}"
