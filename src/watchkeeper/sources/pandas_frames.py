"""pandas frames, and lists of Python's values, as Arrow."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.types as t

from watchkeeper.errors import SourceError
from watchkeeper.sources.reader import unique_columns

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["array_of", "table_of"]


def table_of(data: Any, name: str, wanted: Collection[str] = (), time: str | None = None) -> pa.Table:
    """A pandas frame as an Arrow table: NaN in it means missing, as everywhere in pandas.

    Columns of mixed types become text. An index serves as the column of its name where the model wants it.
    """
    import pandas as pd

    frame: pd.DataFrame = data.to_frame() if isinstance(data, pd.Series) else data
    names = [_flat(column) for column in frame.columns]
    unique_columns(name, names) if names else None
    columns = {n: array_of(frame.iloc[:, i]) for i, n in enumerate(names)}
    for level, array in _of_index(frame, wanted, time):
        columns.setdefault(level, array)
    if not columns:
        raise SourceError(f"{name} has no columns; give it at least one")
    return pa.table(columns)


def _flat(column: Any) -> str:
    return "_".join(str(part) for part in column) if isinstance(column, tuple) else str(column)


def _of_index(frame: pd.DataFrame, wanted: Collection[str], time: str | None) -> Iterator[tuple[str, Any]]:
    import pandas as pd

    for i, level in enumerate(frame.index.names):
        if level is not None and str(level) in wanted:
            yield str(level), array_of(frame.index.get_level_values(i).to_series())
    if time is not None and isinstance(frame.index, pd.DatetimeIndex) and frame.index.name is None:
        yield time, array_of(frame.index.to_series())


def array_of(values: Any) -> pa.Array | pa.ChunkedArray:
    """A column as Arrow; where its values are of several types, as text.

    >>> array_of([1, "a", 2.0, None]).to_pylist()
    ['1', 'a', '2', None]
    """
    from_pandas = hasattr(values, "dtype")
    try:
        array = pa.array(values, from_pandas=from_pandas and type(values).__module__.startswith("pandas"))
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([_text(v) for v in values], pa.string())
    return _one_clock(array, values)


def _one_clock(array: Any, values: Any) -> Any:
    """Arrow takes times without a zone for UTC where others in the column have one: as text both are kept."""
    plain = not hasattr(values, "dtype") or values.dtype == object
    if not (plain and t.is_timestamp(array.type)):
        return array
    zoned = {v.tzinfo is not None for v in values if isinstance(v, datetime) and v == v}
    return pa.array([_text(v) for v in values], pa.string()) if len(zoned) > 1 else array


def _text(value: Any) -> str | None:
    """As a person writes it; 1 and 1.0 alike."""
    if value is None or value is not value or (isinstance(value, float) and value != value):
        return None
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return f"{value:.15g}" if isinstance(value, float) else str(value)
