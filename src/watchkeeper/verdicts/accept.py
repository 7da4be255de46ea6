"""Accept: ready-made numbers, judged by the model's bands or by the verdicts that they bring."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.metrics import METRICS, Series
from watchkeeper.model import Model
from watchkeeper.verdicts.judge import judge
from watchkeeper.verdicts.readymade import read
from watchkeeper.verdicts.sentences import subject_of
from watchkeeper.verdicts.timeline import Timeline
from watchkeeper.verdicts.verdict import Judgement
from watchkeeper.verdicts.windows import Windows
from watchkeeper.verdicts.wording import write, write_band

__all__ = ["accept"]

Floats = NDArray[np.float64]
Given = tuple[NDArray[np.object_], Floats, Floats]


def accept(table: pa.Table, model: Model | None) -> tuple[Model, list[Judgement], Windows, tuple[str, ...]]:
    """The model (a nameless one where there is none), judgements, windows and notes of a table of numbers."""
    model = Model(name=_model_name(table)) if model is None else model
    ready = read(table, model)
    model.check_metrics([*METRICS, *(s.metric.name for s in ready.series)])
    judged = judge(ready.series, model, ready.windows, timeline=Timeline.of(ready.windows, {}))
    judgements = [
        _brought(judgement, given) if judgement.rule == "none" and given is not None else judgement
        for judgement, given in zip(judged, ready.given, strict=True)
    ]
    return model, judgements, ready.windows, ready.notes


def _model_name(table: pa.Table) -> str:
    names = table["model"].unique().drop_null().to_pylist() if "model" in table.column_names else []
    return str(names[0]) if len(names) == 1 else "metrics"


def _brought(judgement: Judgement, given: Given) -> Judgement:
    """The verdicts that the table brought, where the model has nothing to judge by."""
    verdict, low, high = given
    if not np.isin(verdict.astype(str), ("ok", "alarm", "unclear", "no_data")).any():
        return judgement
    telling = np.flatnonzero((verdict == "alarm") | (verdict == "unclear"))
    sentences = {int(i): _sentence(judgement.series, int(i), float(low[i]), float(high[i])) for i in telling}
    return replace(judgement, verdict=verdict, band_low=low, band_high=high, sentences=sentences, rule="band")


def _sentence(series: Series, position: int, low: float, high: float) -> str:
    """For a verdict whose reasons were not saved: the number and its edges."""
    unit = series.metric.unit
    value = write(float(series.estimate.value[position]), unit)
    return f"{subject_of(series)} is {value}; its edges are {write_band(low, high, unit)}."
