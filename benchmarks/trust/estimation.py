"""Estimation: performance before the truth, beside NannyML's CBPE and DLE, in one run.

python -m benchmarks.trust.estimation [CACHE [--again]]      writes docs/estimation-measured.md
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

import watchkeeper as wk
from benchmarks.peers import QUIET, environment
from benchmarks.process import ROOT, run
from benchmarks.trust.sets import write_sets
from watchkeeper import sources
from watchkeeper.estimation import REFERENCE_ROWS, Estimator, sample_of
from watchkeeper.estimation.binary import Binary
from watchkeeper.estimation.expected import CELLS, CURVES, Window
from watchkeeper.metrics import measure
from watchkeeper.profiles import plan_of, profile_of

PAGE = ROOT / "docs" / "estimation-measured.md"
NAMES = {
    "binary": {"roc_auc": "roc_auc", "accuracy": "accuracy", "f1": "f1"},
    "multiclass": {"roc_auc_macro": "roc_auc", "accuracy": "accuracy", "f1_macro": "f1"},
    "regression": {
        "mean_absolute_error": "mae", "root_mean_squared_error": "rmse", "mean_absolute_percentage_error": "mape",
    },
}  # fmt: skip
"""Our metrics and theirs."""


@dataclass(frozen=True)
class Row:
    """One metric on one set: mean absolute errors against what was realised, and what the intervals held."""

    name: str
    windows: str
    metric: str
    ours: float
    theirs: float
    floor: float  # mean absolute error of one who knows every row's probability
    covered: float
    theirs_covered: float
    warned: float

    @property
    def ratio(self) -> float:
        return self.ours / self.theirs


def measured(folder: Path, name: str) -> tuple[list[Row], float]:
    """Rows of one set, and the seconds that fit and estimate took."""
    frame = pd.read_parquet(folder / "sets" / f"{name}.parquet")
    size = int(frame["size"].iloc[0])
    scores = {c[6:]: c for c in frame if c.startswith("score_")}
    task = "multiclass" if scores else "binary" if "score" in frame else "regression"
    features = [c for c in frame if c not in ("prediction", "outcome", "part", "size") and c[:5] != "score"]
    roles = {"score": scores} if scores else {"score": "score", "positive": 1} if task == "binary" else {}
    model = wk.Model(
        name=name, task=task, prediction="prediction", outcome="outcome", features=features,
        window=f"{size} rows", **roles,
    )  # fmt: skip
    reference, analysis = (
        pa.Table.from_pandas(
            frame[frame["part"] == part].drop(columns=["part", "size"]), preserve_index=False
        )
        for part in ("reference", "analysis")
    )
    before = sources.open_rows(reference, model, "reference")
    plan = plan_of(model, sources.sample(before).table)
    rows = sources.open_rows(analysis, model, "current", kinds=plan.kinds)
    profile, sample = profile_of(rows, plan), sample_of(rows, plan)
    learned = sample_of(before, plan, REFERENCE_ROWS, whole=True)
    assert learned is not None
    assert sample is not None
    normal = profile_of(before, plan)
    start = time.perf_counter()
    fit = Estimator.fit(normal, learned)
    assert fit is not None
    found = fit.estimate(profile, sample)
    seconds = time.perf_counter() - start
    warned = float(fit.support(profile, sample).warned.mean())
    realised = {s.metric.name: s.estimate.value for s in measure(profile) if s.column is None}
    floor = _floor(fit, frame, size) if task == "binary" else {}
    peer = pd.read_parquet(folder / "nannyml" / f"{name}.parquet")
    table = []
    for ours, theirs in NAMES[task].items():
        truth, e = realised[ours], found[ours]
        value, low, high = (peer[theirs + end].to_numpy()[: len(truth)] for end in ("", "_low", "_high"))
        table.append(Row(
            name, f"{len(truth)} × {size:,}", ours, np.abs(e.value - truth).mean(), np.abs(value - truth).mean(),
            floor.get(ours, np.nan), ((truth >= e.low) & (truth <= e.high)).mean(),
            ((truth >= low) & (truth <= high)).mean(), warned,
        ))  # fmt: skip
    return table, seconds


def _floor(fit: Estimator, frame: pd.DataFrame, size: int) -> dict[str, float]:
    """By metric: 0.8 standard deviations of what is realised around its expectation, outcomes being chance."""
    assert isinstance(fit.parts, Binary)
    rows = frame[frame["part"] == "analysis"]
    found = {}
    for name in NAMES["binary"]:
        spread = []
        for start in range(0, len(rows), size):
            part = rows.iloc[start : start + size].sort_values("score")
            score, said = part["score"].to_numpy(float), part["prediction"].to_numpy(float)
            window = Window(score, np.ones(len(part)), fit.parts.calibrator(score), said)
            expected = window.of_cells(CELLS[name]) if name in CELLS else CURVES[name](window)
            spread.append(np.sqrt(expected.variance))
        found[name] = 0.8 * float(np.mean(spread))
    return found


def page(table: list[Row]) -> str:
    parts = [INTRODUCTION]
    for title, chosen in (
        ("## Published sets and flights", [r for r in table if not r.name.startswith("shift_")]),
        ("## Simulated covariate shift", [r for r in table if r.name.startswith("shift_")]),
    ):
        parts += [title, "", HEAD, *(_line(r) for r in chosen), "", _summary(chosen), ""]
    return "\n".join(parts)


def _line(r: Row) -> str:
    unit = 1 if r.metric == "mean_absolute_error" or r.metric == "root_mean_squared_error" else 100
    numbers = " | ".join(f"{unit * x:.3f}" if np.isfinite(x) else "" for x in (r.ours, r.theirs, r.floor))
    return (
        f"| {r.name.removeprefix('shift_')} | {r.windows} | `{r.metric}` | {numbers} | {r.ratio:.3f}"
        f" | {r.covered:.0%} | {r.theirs_covered:.0%} | {r.warned:.0%} |"
    )


def _summary(rows: list[Row]) -> str:
    ratios, covered = np.array([r.ratio for r in rows]), np.array([r.covered for r in rows])
    return (
        f"Geometric mean of the ratios {np.exp(np.log(ratios).mean()):.2f}, greatest {ratios.max():.3f}."
        f" Intervals hold {covered.mean():.0%} of the windows on average, at least 90 % in"
        f" {(covered >= 0.9).sum()} of {len(rows)} rows (theirs: {np.mean([r.theirs_covered for r in rows]):.0%},"
        f" {sum(r.theirs_covered >= 0.9 for r in rows)})."
    )


INTRODUCTION = """# Estimation, measured

Written by `python -m benchmarks.trust.estimation`. For each set: the mean absolute error of the estimates against what
was realised when the outcomes came, ours beside NannyML 0.13.1 (CBPE, for regression DLE) on the same windows in the
same run; in points, for errors of prices in their unit. *Floor*: what one who knows each row's probability would err
by, because outcomes are chance (0.8 standard deviations): nothing gets far below. *Covered*: windows whose realised
value lay in the interval, nominal 95 % (NannyML's: three standard errors, 99.7 %). *Outside*: windows that carry the
warning that they lie outside the reference.

On flights, credit_card and the second halves of car_loan and commute the relation of features and outcome itself
seems to move: density ratios and trees that see each row's features are off there as well, and which method errs less
is luck. Much of housing lies outside its reference.
"""
HEAD = """| set | windows × rows | metric | ours | NannyML | floor | ratio | covered | NannyML's | outside |
|---|---|---|---:|---:|---:|---:|---:|---:|---:|"""


def main() -> None:
    cache = Path(sys.argv[1] if len(sys.argv) > 1 else ".benchmarks")
    folder = (cache / "estimation").resolve()
    for part in ("sets", "nannyml"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    peer = [
        str(environment("nannyml", cache).absolute()),
        str(ROOT / "benchmarks" / "jobs" / "estimation_job.py"),
    ]
    if "--again" not in sys.argv:  # the peer's part is there already
        run([*peer, "export", str(folder)], **QUIET)
        write_sets(folder)
        run([*peer, "estimate", str(folder)], **QUIET)
    table: list[Row] = []
    for path in sorted((folder / "sets").glob("*.parquet")):
        rows, seconds = measured(folder, path.stem)
        print(f"{path.stem}: {seconds:.1f} s", *(_line(r) for r in rows), sep="\n", flush=True)
        table += rows
    PAGE.write_text(page(table), encoding="utf-8")


if __name__ == "__main__":
    main()
