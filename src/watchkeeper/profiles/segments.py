"""Segments: which value of a segmentation each row has."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from watchkeeper.model import CROSS, Bins, Part, Where
from watchkeeper.profiles.columns import positions_among
from watchkeeper.profiles.plan import Segmentation

__all__ = ["MISSING", "OTHER", "part_labels", "segment_codes", "segment_labels"]

MISSING = "missing"
OTHER = "other"


def segment_codes(segmentation: Segmentation, batch: pa.RecordBatch) -> NDArray[np.int64]:
    """(n,) position of each row's value among ``segmentation.values``; what has no cell of its own is "other"."""
    parts = [part_labels(part, batch) for part in segmentation.parts]
    named = tuple(value for value in segmentation.values if value != OTHER)
    codes = positions_among(parts[0], named) if len(parts) == 1 else _crossed(parts, named)
    other = segmentation.values.index(OTHER)
    place = np.append(np.delete(np.arange(len(segmentation.values)), other), [other, other])
    return place[codes]  # the last two: a value of no cell of its own, and none


def segment_labels(segmentation: Segmentation, batch: pa.RecordBatch, rows: NDArray[np.intp]) -> pa.Array:
    """The segmentation's value in each of these rows, as text, whether it has cells or not."""
    if not rows.size:
        return pa.array([], pa.string())
    chosen = pa.array(rows)
    labels = [part_labels(part, batch).take(chosen).cast(pa.string()) for part in segmentation.parts]
    return pc.binary_join_element_wise(*labels, CROSS) if len(labels) > 1 else labels[0]


def _crossed(parts: list[pa.DictionaryArray], values: tuple[str, ...]) -> NDArray[np.int64]:
    """Join the distinct combinations alone: there are few, however many rows."""
    sizes = [len(part.dictionary) for part in parts]
    code = np.zeros(len(parts[0]), dtype=np.int64)
    for part, size in zip(parts, sizes, strict=True):
        code = code * size + part.indices.to_numpy(zero_copy_only=False)
    distinct, inverse = np.unique(code, return_inverse=True)
    names, rest = [], distinct
    for part, size in zip(reversed(parts), reversed(sizes), strict=True):
        names.append(part.dictionary.take(pa.array(rest % size)))
        rest = rest // size
    joined = pc.binary_join_element_wise(*[n.cast(pa.string()) for n in reversed(names)], CROSS)
    return positions_among(joined, values)[inverse]


def part_labels(part: Part, batch: pa.RecordBatch) -> pa.DictionaryArray:
    """(n,) labels of one part of a segmentation, without nulls."""
    if isinstance(part, Where):
        flags = pc.fill_null(batch.column(f"where:{part.name}"), False)
        index = np.where(flags.to_numpy(zero_copy_only=False), 0, 1).astype(np.int32)
        return pa.DictionaryArray.from_arrays(pa.array(index), pa.array(list(part.labels)))
    if isinstance(part, Bins):
        values = batch.column(part.column).cast(pa.float64()).to_numpy(zero_copy_only=False)
        index = np.searchsorted(np.array(part.edges, dtype=np.float64), values, side="right").astype(np.int32)
        index[np.isnan(values)] = len(part.edges) + 1
        return pa.DictionaryArray.from_arrays(pa.array(index), pa.array([*part.labels, MISSING]))
    return _texts(batch.column(part))


def _texts(array: pa.Array) -> pa.DictionaryArray:
    """Any column as dictionary-encoded text; numbers as people write them (1, not 1.0; 0, not -0)."""
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    words = encoded.dictionary
    if pa.types.is_floating(words.type):
        words = pa.array(
            [None if v is None or v != v else f"{v + 0.0:.15g}" for v in words.to_pylist()], pa.string()
        )
    words = pa.concat_arrays([pc.fill_null(words.cast(pa.string()), MISSING), pa.array([MISSING])])
    indices = pc.fill_null(encoded.indices.cast(pa.int32()), len(words) - 1)
    return pa.DictionaryArray.from_arrays(indices, words)
