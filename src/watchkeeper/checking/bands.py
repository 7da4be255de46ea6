"""Bands that match nothing: a typing error must not look like a quiet night."""

from __future__ import annotations

from collections.abc import Iterable

from watchkeeper.errors import ModelError
from watchkeeper.metrics import METRICS, Series
from watchkeeper.model import BandKey, Model
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.profiles import Plan

__all__ = ["unmatched_bands"]


def unmatched_bands(model: Model, series: Iterable[Series], plan: Plan | None) -> tuple[str, ...]:
    """One note for each band that no number answers to.

    Raises
    ------
    ModelError
        where a band names a column, a segmentation or a segment's value that is not there
    """
    if not model.parsed_bands:
        return ()
    answered = {(s.metric.name, c, b, v) for s in series for c, b, v in _covers(s)}
    notes = []
    for key in model.parsed_bands:
        if (key.metric, key.column, key.segment_by, key.segment) in answered:
            continue
        if key.metric not in METRICS and key.metric not in model.kpis:
            notes.append(_told_elsewhere(f"The band on {str(key)!r}", key.metric))
            continue
        if plan is not None and not _is_of_service(key):
            _check_names(key, plan)
        notes.append(f"The band on {str(key)!r} judges nothing: these data have no {key.metric} there.")
    others = (m for m in model.expected if m not in METRICS and m not in model.kpis)
    notes += [
        _told_elsewhere(f"The expected {m!r}", m) for m in others if (m, None, None, None) not in answered
    ]
    return tuple(notes)


def _told_elsewhere(what: str, metric: str) -> str:
    """Of a number that only ``log.metric`` can tell, and did not."""
    hint = _hint(metric, METRICS).removeprefix("; ")
    return (
        f"{what} judges nothing here: Watchkeeper computes no {metric}, so that 'watchkeeper run' alone judges it, "
        f"where log.metric tells it{f' ({hint})' if hint else ''}."
    )


def _is_of_service(key: BandKey) -> bool:
    """Whether it names a job or a version: these come and go, so that none is a slip."""
    return key.metric in METRICS and METRICS[key.metric].family == "service"


def _covers(series: Series) -> Iterable[tuple[str | None, str | None, str | None]]:
    for column in {series.column, None}:
        for segment in {series.segment, None}:
            yield column, series.segment_by, segment


def _check_names(key: BandKey, plan: Plan) -> None:
    columns = [c.name for c in plan.columns]
    named = [*columns, *plan.class_names]
    if key.column is not None and key.column not in named and " × " not in key.column:
        raise ModelError(
            f"bands: {str(key)!r} names the column {key.column!r}, which is not watched{_hint(key.column, named)}"
        )
    if key.segment_by is None:
        return
    segmentations = {s.by: s for s in plan.segmentations}
    if key.segment_by not in segmentations:
        raise ModelError(
            f"bands: {str(key)!r} is for segments by {key.segment_by!r}, which the model does not have"
            f"{_hint(key.segment_by, segmentations) or '; add it to segments'}"
        )
    values = segmentations[key.segment_by].values
    if key.segment is not None and key.segment not in values:
        raise ModelError(
            f"bands: {str(key)!r} is for {key.segment!r}, which is no value of {key.segment_by!r} in the reference"
            f"{_hint(key.segment, values)}"
        )


def _hint(word: str, known: Iterable[str]) -> str:
    return did_you_mean(word, known)
