"""The compact table under a verdict: what the model's main numbers are, were, and may be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from watchkeeper.metrics import Unit
from watchkeeper.verdicts import title_of, write, write_interval
from watchkeeper.verdicts.wording import write_band

if TYPE_CHECKING:
    from rich.table import Table

    from watchkeeper.verdicts import Judgement

__all__ = ["MOST", "chosen", "table"]

MOST = 12  # rows: what fits under the findings on a laptop's screen
BESIDE = (
    "accuracy", "majority_class_rate", "precision", "recall", "roc_auc", "f1_macro", "precision_macro", "recall_macro",
    "mean_absolute_error", "root_mean_squared_error", "r2", "positive_rate", "predicted_positive_rate",
    "error_rate", "latency_p95", "request_rate", "memory", "job_duration",
    "expected_calibration_error", "outcome_coverage", "outcome_delay_p50", "outcome_delay_p95", "row_count",
)  # fmt: skip
"""What a person asks for first, judged or not, in this order."""
HEADS = ("", "reference", "latest", "95 % interval", "lowest", "highest", "may be", "alarms")


def chosen(judgements: Sequence[Judgement]) -> list[Judgement]:
    """Numbers of all rows together that belong to no column, and of jobs: judged ones, KPIs, and ``BESIDE``."""
    every = [j for j in judgements if j.series.segment_by is None]
    whole = [j for j in every if j.series.column is None or j.series.metric.family == "service"]
    ranked = [(rank, j) for j in whole if (rank := _rank(j)) is not None and _known(j).size]
    return [judgement for _, judgement in sorted(ranked, key=lambda pair: pair[0])]


def table(judgements: Sequence[Judgement]) -> Table:
    """Them as a table, without columns that would be empty."""
    from rich.table import Table

    rows = [tuple(_cells(judgement)) for judgement in judgements]
    columns = [i for i in range(len(HEADS)) if i == 0 or any(row[i] for row in rows)]
    if all(len(j.series.estimate.value) == 1 for j in judgements):
        columns = [i for i in columns if HEADS[i] not in ("lowest", "highest")]
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for i in columns:
        shown.add_column(HEADS[i], justify="left" if i == 0 else "right", no_wrap=True)
    for row in rows:
        shown.add_row(*(row[i] for i in columns), style="red" if row[-1] else None)
    return shown


def _cells(judgement: Judgement) -> Iterator[str]:
    series, unit = judgement.series, judgement.series.metric.unit
    estimate, known = series.estimate, _known(judgement)
    latest = int(known[-1])
    yield title_of(series.metric.name) + (f" of {series.column}" if series.column else "")
    before = float("nan") if series.reference is None else float(series.reference.value[0])
    yield "" if np.isnan(before) else write(before, unit)
    yield write(float(estimate.value[latest]), unit)
    bounded = not np.isnan(estimate.low[latest] + estimate.high[latest])
    yield write_interval(float(estimate.low[latest]), float(estimate.high[latest]), unit) if bounded else ""
    yield write(float(estimate.value[known].min()), unit)
    yield write(float(estimate.value[known].max()), unit)
    yield _band(float(judgement.band_low[latest]), float(judgement.band_high[latest]), unit)
    alarms = int((judgement.verdict == "alarm").sum())
    yield f"{alarms:,} of {len(known):,}" if alarms else ""


def _band(low: float, high: float, unit: Unit) -> str:
    """Where the number may be; nothing where it may be anywhere, as a rate may between 0 and 1."""
    low = -np.inf if np.isnan(low) or (unit == "rate" and low <= 0) else low
    high = np.inf if np.isnan(high) or (unit == "rate" and high >= 1) else high
    return write_band(low, high, unit) if np.isfinite(low) or np.isfinite(high) else ""


def _known(judgement: Judgement) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Positions of windows that have a number."""
    return np.flatnonzero(~np.isnan(judgement.series.estimate.value))


def _rank(judgement: Judgement) -> int | None:
    """Place in the table, None for a number that is not in it."""
    metric = judgement.series.metric
    if metric.family == "drift":
        return None  # findings tell of it
    if judgement.rule != "none":
        return 0
    if metric.family == "value":
        return 1
    if judgement.series.column is not None and metric.name != "job_duration":
        return None
    return 2 + BESIDE.index(metric.name) if metric.name in BESIDE else None
