"""Infer: from data to a model."""

from __future__ import annotations

import os
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


def infer(data: Data, name: str | None = None) -> Inference:
    """Guess a model from the first rows of a file or frame.

    Parameters
    ----------
    data : path, glob or any frame
    name : default: the file's name without its endings

    Raises
    ------
    SourceError
        where the data cannot be read
    """
    table = data.slice(0, LOOKED) if isinstance(data, pa.Table) else _head(data)
    path = Path(data) if isinstance(data, str | os.PathLike) else None
    stem = path.name.split(".")[0].strip("*?[] ") if path else ""
    return infer_table(table, name or stem or "model", source=path.name if path else "")


def _head(data: Data) -> pa.Table:
    from watchkeeper.sources import head

    return head(data, LOOKED)


def infer_table(table: pa.Table, name: str = "model", source: str = "") -> Inference:
    """Guess a model from a table; pure.

    >>> table = pa.table({"prediction": [0.2, 0.9, 0.4, 0.7], "actual": [0, 1, 0, 1]})
    >>> inference = infer_table(table)
    >>> inference.model.task, inference.model.score, inference.model.outcome
    ('binary', 'prediction', 'actual')
    """
    guess = Guess(facts_of(table))
    for step in (guess_time, guess_said, guess_ids, guess_weight, guess_features, advise):
        step(guess)
    guess_window(guess, partial=table.num_rows >= LOOKED)
    shape = f"{table.num_rows:,} rows × {table.num_columns:,} columns"
    return Inference(
        Model.from_dict({"name": name, **guess.keys}),
        guess.reasons,
        guess.suggestions,
        guess.excluded,
        tuple(guess.warnings),
        f"{shape} of {source}" if source else shape,
    )
