"""Infer: from data to a model."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from pathlib import Path

import pyarrow as pa

from watchkeeper.model.inference.advice import advise
from watchkeeper.model.inference.fact import facts_of
from watchkeeper.model.inference.guess import Guess, Inference
from watchkeeper.model.inference.others import guess_features, guess_ids, guess_weight
from watchkeeper.model.inference.said import guess_said
from watchkeeper.model.inference.when import guess_time, guess_window
from watchkeeper.model.model import Model

__all__ = ["Data", "infer", "infer_table"]

LOOKED = 50_000  # rows: enough for every guess, read in a moment

Data = object  # a path, a glob, or any frame that watchkeeper.sources reads


def infer(data: Data, name: str | None = None, given: Mapping[str, object] | None = None) -> Inference:
    """Guess a model from the first rows of a file or frame.

    Parameters
    ----------
    data : path, glob or any frame
    name : default: the file's name without its endings
    given : keys of the model that are known: kept as they are, and the others build on them

    Raises
    ------
    SourceError
        where the data cannot be read
    ColumnError
        where ``given`` names a column that is not there
    """
    table = data.slice(0, LOOKED) if isinstance(data, pa.Table) else _head(data)
    first = data[0] if isinstance(data, list | tuple) and data else data
    path = Path(first) if isinstance(first, str | os.PathLike) else None
    stem = path.name.split(".")[0].strip("*?[] ") if path else ""
    return infer_table(table, name or stem or "model", source=path.name if path else "", given=given)


def _head(data: Data) -> pa.Table:
    from watchkeeper.sources import head

    return head(data, LOOKED)


def infer_table(
    table: pa.Table,
    name: str = "model",
    source: str = "",
    given: Mapping[str, object] | None = None,
    inputs: Collection[str] = (),
) -> Inference:
    """Guess a model from a table, as ``infer`` does; pure.

    Parameters
    ----------
    inputs : columns that are features, whatever they are called; where there are any, all features are among them

    >>> table = pa.table({"prediction": [0.2, 0.9, 0.4, 0.7], "actual": [0, 1, 0, 1]})
    >>> inference = infer_table(table)
    >>> inference.model.task, inference.model.score, inference.model.outcome
    ('binary', 'prediction', 'actual')
    """
    guess = Guess(facts_of(table), dict(given or {}), frozenset(inputs))
    for step in (guess_time, guess_said, guess_ids, guess_weight, guess_features, advise):
        step(guess)
    guess_window(guess, partial=table.num_rows >= LOOKED)
    fixed = {k: v for k, v in guess.given.items() if k != "prediction" or v != guess.keys.get("score")}
    first = "the first " if table.num_rows >= LOOKED else ""
    shape = f"{first}{table.num_rows:,} rows × {table.num_columns:,} columns"
    return Inference(
        Model.from_dict({"name": name, **guess.keys, **fixed}),
        guess.reasons,
        guess.suggestions,
        guess.excluded,
        tuple(guess.warnings),
        f"{shape} of {source}" if source else shape,
    )
