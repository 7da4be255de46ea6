"""Table: judgements as the tidy Arrow table that people and other tools read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.verdicts.finding import beyond, rank
from watchkeeper.verdicts.verdict import Judgement
from watchkeeper.verdicts.windows import Windows

__all__ = ["alarm_table", "metric_table"]

Floats = NDArray[np.float64]


def metric_table(
    judgements: Sequence[Judgement], windows: Windows, model: str, schema: pa.Schema
) -> pa.Table:
    """One row per number, series after series, windows in their order."""
    series = [j.series for j in judgements]
    width, rows = windows.count, len(judgements) * windows.count
    nothing = np.full(width, np.nan)
    starts, ends = _times(windows, len(judgements))
    columns = {
        "model": pa.array([model], pa.string()).take(np.zeros(rows, dtype=np.int32)),
        "window_start": starts,
        "window_end": ends,
        "segment_by": _repeated([s.segment_by for s in series], width),
        "segment": _repeated([s.segment for s in series], width),
        "column": _repeated([s.column for s in series], width),
        "metric": _repeated([s.metric.name for s in series], width),
        "value": _floats(judgements, lambda j: j.series.estimate.value),
        "low": _floats(judgements, lambda j: j.series.estimate.low),
        "high": _floats(judgements, lambda j: j.series.estimate.high),
        "count": _counts(judgements),
        "band_low": _floats(judgements, lambda j: j.band_low),
        "band_high": _floats(judgements, lambda j: j.band_high),
        "evidence": _floats(judgements, lambda j: nothing if j.evidence is None else j.evidence),
        "verdict": _verdicts(judgements),
    }
    return pa.table([columns[name] for name in schema.names], schema=schema)


def alarm_table(metrics: pa.Table, judgements: Sequence[Judgement], windows: Windows) -> pa.Table:
    """The alarming rows of ``metrics``, worst first, with their sentences: what the user banded, then breaks, then
    performance, then the rest; within each by the distance beyond the band in half-widths of the interval.
    """
    rows, ranks, distances, sentences = [], [], [], []
    for position, judgement in enumerate(judgements):
        alarms = (
            np.flatnonzero(judgement.verdict == "alarm") if judgement.rule != "none" else np.empty(0, np.intp)
        )
        if len(alarms):
            rows.append(position * windows.count + alarms)
            ranks.append(np.full(len(alarms), rank(judgement)))
            distances.append(beyond(judgement, alarms))
            sentences += [judgement.sentences[int(i)] for i in alarms]
    if not rows:
        return metrics.slice(0, 0).append_column("sentence", pa.array([], pa.string()))
    order = np.lexsort((-np.concatenate(distances), np.concatenate(ranks)))
    table = metrics.take(np.concatenate(rows)[order])
    return table.append_column("sentence", pa.array(sentences, pa.string()).take(order))


def _times(windows: Windows, repeats: int) -> tuple[pa.Array[Any], pa.Array[Any]]:
    """Both ends of the windows, once for each series; null where windows are no times."""
    kind = pa.timestamp("us", "UTC")
    if windows.kind != "time" or windows.starts is None or windows.ends is None:
        nothing = pa.nulls(repeats * windows.count, kind)
        return nothing, nothing
    return tuple(pa.array(np.tile(edge, repeats)).cast(kind) for edge in (windows.starts, windows.ends))


def _repeated(values: Sequence[str | None], width: int) -> pa.Array[Any]:
    """Each value ``width`` times."""
    indices = np.repeat(np.arange(len(values), dtype=np.int32), width)
    return pa.array(values, pa.string()).take(indices)


def _floats(judgements: Sequence[Judgement], part: Callable[[Judgement], Floats]) -> pa.Array[Any]:
    """One number per series and window, null where it is NaN."""
    parts = [part(j) for j in judgements]
    return pa.array(np.concatenate(parts) if parts else np.empty(0), pa.float64(), from_pandas=True)


def _counts(judgements: Sequence[Judgement]) -> pa.Array[Any]:
    """Rows, null where they are not known."""
    parts = [j.series.estimate.count for j in judgements]
    counts = np.concatenate(parts).astype(np.int64) if parts else np.empty(0, np.int64)
    return pa.array(counts, pa.int64(), mask=counts < 0)


def _verdicts(judgements: Sequence[Judgement]) -> pa.Array[Any]:
    parts = [j.verdict for j in judgements]
    return pa.array(np.concatenate(parts) if parts else np.empty(0, object), pa.string(), from_pandas=True)
