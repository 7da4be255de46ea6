"""The rows of whatever a model was asked about, and the answers it gave, without an import of any library."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["answers_of", "arguments_of", "ids_of", "rows_of", "scores_of"]


def rows_of(data: Any, names: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """Name → value for each row.

    Parameters
    ----------
    data : frame (pandas, polars, Arrow), array or list of rows, list of mappings; a mapping is one row
    names : of the columns of an array; default: x0, x1, …

    >>> list(rows_of([[1, 2], [3, 4]], ["a", "b"]))
    [{'a': 1, 'b': 2}, {'a': 3, 'b': 4}]
    """
    if isinstance(data, Mapping):
        yield dict(data)
        return
    columns = getattr(data, "column_names", None) or getattr(data, "columns", None)
    if columns is not None:
        yield from _of_frame(data, [str(c) for c in columns])
        return
    for row in _listed(data):
        if isinstance(row, Mapping):
            yield dict(row)
        else:
            values = row if isinstance(row, list | tuple) else [row]
            fitting = names if len(names) == len(values) else [f"x{i}" for i in range(len(values))]
            yield dict(zip(fitting, values, strict=True))


def _of_frame(data: Any, names: list[str]) -> Iterator[dict[str, Any]]:
    if hasattr(data, "iter_rows"):  # polars
        rows: Iterable[Sequence[Any]] = data.iter_rows()
    elif hasattr(data, "iloc"):  # pandas
        rows = zip(*(data.iloc[:, i].tolist() for i in range(len(names))), strict=True)
    else:  # Arrow
        rows = zip(*(column.to_pylist() for column in data.columns), strict=True)
    return (dict(zip(names, row, strict=True)) for row in rows)


def ids_of(data: Any) -> list[Any] | None:
    """The index of a pandas frame, unless it only counts."""
    index = getattr(data, "index", None)
    if index is None or not hasattr(data, "iloc") or type(index).__name__ == "RangeIndex":
        return None
    return list(index)


def arguments_of(function: Callable[..., Any], args: tuple[Any, ...], given: dict[str, Any]) -> Any:
    """What a call is about: its only argument, or all of them by name."""
    if len(args) == 1 and not given:
        return args[0]
    try:
        return dict(inspect.signature(function).bind(*args, **given).arguments)
    except (TypeError, ValueError):
        return {**{f"x{i}": value for i, value in enumerate(args)}, **given}


def answers_of(answer: Any, count: int) -> list[Any]:
    """One answer for each row.

    Raises
    ------
    ValueError
        where there are more or fewer
    """
    found = _listed(answer)
    if len(found) != count:
        raise ValueError(f"{count} rows were given, but the answers are not as many", len(found))
    return found


def scores_of(answer: Any, classes: Sequence[Any], positive: Any) -> tuple[Any, Any]:
    """(prediction, score) of one row's probabilities.

    >>> scores_of([0.2, 0.8], [0, 1], None), scores_of([0.2, 0.7, 0.1], ["a", "b", "c"], None)
    ((None, 0.8), ('b', {'a': 0.2, 'b': 0.7, 'c': 0.1}))
    """
    if not isinstance(answer, list | tuple):
        return None, answer
    names = list(classes) if len(classes) == len(answer) else list(range(len(answer)))
    if len(answer) <= 2:  # the model's threshold decides which label that is
        return None, answer[names.index(positive) if positive in names else -1]
    return names[max(range(len(answer)), key=answer.__getitem__)], dict(zip(names, answer, strict=True))


def _listed(data: Any) -> list[Any]:
    for method in ("tolist", "to_list", "to_pylist"):  # NumPy and pandas, polars, Arrow
        if hasattr(data, method):
            data = getattr(data, method)()
            break
    return list(data) if isinstance(data, list | tuple) else [data]
