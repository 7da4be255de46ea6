"""Joining: judgements of some windows each, as judgements of all windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from watchkeeper.metrics import Estimate
from watchkeeper.verdicts.verdict import Judgement, Kind

__all__ = ["joined"]

Ints = NDArray[np.intp]
Key = tuple[str, str | None, str | None, str | None]


def joined(parts: Sequence[tuple[Sequence[Judgement], Ints]], windows: int) -> list[Judgement]:
    """Window i of a part is window ``positions[i]`` of ``windows``.

    A series that a part does not have is empty there: count 0, no verdict. Of several references the last part's is
    kept beside the series: each window was judged against its own.
    """
    if len(parts) == 1 and len(parts[0][1]) == windows:
        return list(parts[0][0])
    found: dict[Key, list[tuple[Judgement, Ints]]] = {}
    for judgements, positions in parts:
        for judgement in judgements:
            found.setdefault(_key(judgement), []).append((judgement, positions))
    return [_one(pieces, windows) for pieces in found.values()]


def _key(judgement: Judgement) -> Key:
    series = judgement.series
    return series.metric.name, series.column, series.segment_by, series.segment


def _one(pieces: Sequence[tuple[Judgement, Ints]], windows: int) -> Judgement:
    last = pieces[-1][0]
    verdict = np.full(windows, None, dtype=object)
    low, high, evidence = (np.full(windows, np.nan) for _ in range(3))
    sentences: dict[int, str] = {}
    kinds: dict[int, Kind] = {}
    for judgement, positions in pieces:
        verdict[positions] = judgement.verdict
        low[positions], high[positions] = judgement.band_low, judgement.band_high
        if judgement.evidence is not None:
            evidence[positions] = judgement.evidence
        kinds |= {int(positions[i]): kind for i, kind in judgement.kinds.items()}
        sentences |= {int(positions[i]): text for i, text in judgement.sentences.items()}
    estimates = [(judgement.series.estimate, positions) for judgement, positions in pieces]
    series = replace(last.series, estimate=_estimate(estimates, windows), judged=None)
    rules = [j.rule for j, _ in pieces if j.rule != "none"]
    return replace(
        last,
        series=series,
        verdict=verdict,
        band_low=low,
        band_high=high,
        sentences=sentences,
        evidence=None if np.isnan(evidence).all() else evidence,
        kinds=kinds,
        rule=rules[-1] if rules else "none",
    )


def _estimate(parts: Sequence[tuple[Estimate, Ints]], windows: int) -> Estimate:
    arrays: dict[str, Any] = {}
    for field in fields(Estimate):
        if any(getattr(e, field.name) is None for e, _ in parts):
            arrays[field.name] = None
            continue
        kind = getattr(parts[0][0], field.name).dtype
        out = np.full(windows, 0 if field.name == "count" else np.nan, dtype=kind)
        for estimate, positions in parts:
            out[positions] = getattr(estimate, field.name)
        arrays[field.name] = out
    return Estimate(**arrays)
