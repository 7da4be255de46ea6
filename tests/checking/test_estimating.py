"""Performance before the truth, within a check."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, roc_auc_score

import watchkeeper as wk
from watchkeeper.estimation import Sampler, Sampling
from watchkeeper.metrics import BY_TASK, ESTIMATED, METRICS, is_estimated
from watchkeeper.model import Model

DAYS = 10
ROWS = 2_000  # of a day
BINARY = Model(
    name="m", task="binary", timestamp="time", window="1d", outcome="y", prediction="said", score="score"
)
REGRESSION = Model(name="m", task="regression", timestamp="time", window="1d", outcome="y", prediction="said")


def times(start: str, rows: int = DAYS * ROWS, days: int = DAYS) -> np.ndarray[Any, Any]:
    seconds = np.arange(rows) * days * 86_400 // rows
    return (np.datetime64(start) + seconds.astype("timedelta64[s]")).astype("datetime64[us]")


def binary(seed: int, start: str, shift: float = 0.0) -> pa.Table:
    """The score knows x0 alone; what happens depends on x1, too."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(DAYS * ROWS, 3))
    x[:, 1] += shift
    chance = 1 / (1 + np.exp(-(1.2 * x[:, 0] + 1.2 * x[:, 1])))
    score = 1 / (1 + np.exp(-1.2 * x[:, 0]))
    happened = (random.random(len(x)) < chance).astype(np.int64)
    columns = {f"x{i}": x[:, i] for i in range(3)}
    return pa.table(
        {
            "time": times(start),
            "score": score,
            "said": (score >= 0.5).astype(np.int64),
            "y": happened,
            **columns,
        }
    )


def regression(seed: int, start: str, shift: float = 0.0) -> pa.Table:
    """Errors grow with x0."""
    random = np.random.default_rng(seed)
    x = random.uniform(0, 2, size=(DAYS * ROWS, 2))
    x[:, 0] = np.clip(x[:, 0] + shift, 0, 2)
    y = 3 * x[:, 1] + random.normal(size=len(x)) * (0.2 + x[:, 0])
    return pa.table({"time": times(start), "said": 3 * x[:, 1], "y": y, "x0": x[:, 0], "x1": x[:, 1]})


def series(result: wk.Result, metric: str) -> dict[str, np.ndarray[Any, Any]]:
    table = result.metrics.filter(pa.compute.equal(result.metrics["metric"], metric))
    return {name: table[name].to_numpy() for name in ("value", "low", "high", "count")}


def estimated_in(result: wk.Result) -> set[str]:
    return {name for name in result.metrics["metric"].to_pylist() if is_estimated(name)}


@pytest.fixture(scope="module")
def checked() -> tuple[wk.Result, pa.Table]:
    """Without outcomes, and the rows with them."""
    rows = binary(2, "2026-02-01", shift=0.6)
    return wk.check(rows.drop_columns(["y"]), binary(1, "2026-01-01"), BINARY), rows


@pytest.mark.parametrize(
    ("metric", "measure", "by"), [("accuracy", accuracy_score, "said"), ("roc_auc", roc_auc_score, "score")]
)
def test_estimates_hold_what_the_hidden_outcomes_give(
    checked: tuple[wk.Result, pa.Table], metric: str, measure: Any, by: str
) -> None:
    result, rows = checked
    found = series(result, ESTIMATED + metric)
    parts = [rows.slice(day * ROWS, ROWS) for day in range(DAYS)]
    true = np.array([measure(part["y"].to_numpy(), part[by].to_numpy()) for part in parts])
    assert (found["count"] == ROWS).all()
    assert abs((found["value"] - true).mean()) < 0.012
    assert ((found["low"] <= true) & (true <= found["high"])).sum() >= DAYS - 1
    assert (found["high"] - found["low"]).max() < 0.1


def test_without_outcomes_nothing_is_judged_and_the_report_draws_estimates(
    checked: tuple[wk.Result, pa.Table], tmp_path: Path
) -> None:
    result, _ = checked
    assert estimated_in(result) == {ESTIMATED + name for name in BY_TASK["binary"]}
    assert not [j for j in result.judgements if is_estimated(j.series.metric.name) and j.rule != "none"]
    assert not np.isfinite(series(result, "accuracy")["value"].astype(float)).any()
    page = result.save(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Estimated accuracy" in page
    assert "No outcome is known yet" in page


def test_truth_and_estimate_stand_side_by_side(tmp_path: Path) -> None:
    rows = binary(3, "2026-02-01")
    late = np.arange(len(rows)) >= (DAYS - 1) * ROWS  # of the last day no outcome is known yet
    waiting = rows.set_column(rows.column_names.index("y"), "y", pa.array(rows["y"].to_numpy(), mask=late))
    result = wk.check(waiting, binary(1, "2026-01-01"), BINARY)
    said, true = series(result, "estimated_accuracy"), series(result, "accuracy")
    assert len(said["value"]) == len(true["value"]) == DAYS
    held = (said["low"] <= true["value"]) & (true["value"] <= said["high"])
    assert held[:-1].sum() >= DAYS - 2
    page = result.save(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "estimated before the truth" in page
    assert "Estimated accuracy" not in page
    drawn = str(result.plot("accuracy").to_dict())
    assert "long dashes: estimated before the truth" in drawn


def test_what_is_known_is_not_estimated() -> None:
    assert not estimated_in(wk.check(binary(3, "2026-02-01"), binary(1, "2026-01-01"), BINARY))


def test_a_band_judges_an_estimate() -> None:
    rows = binary(2, "2026-02-01").drop_columns(["y"])
    for band, verdict in ((">= 0.9", "alarm"), (">= 0.5", "ok")):
        model = Model(**{**BINARY.to_dict(), "bands": {"estimated_accuracy": band}})
        result = wk.check(rows, binary(1, "2026-01-01"), model)
        (judged,) = [j for j in result.judgements if j.series.metric.name == "estimated_accuracy"]
        assert set(judged.verdict) == {verdict}


def test_regression() -> None:
    rows = regression(2, "2026-02-01", shift=0.5)
    result = wk.check(rows.drop_columns(["y"]), regression(1, "2026-01-01"), REGRESSION)
    found = series(result, "estimated_mean_absolute_error")
    errors = np.abs(rows["said"].to_numpy() - rows["y"].to_numpy()).reshape(DAYS, ROWS).mean(axis=1)
    before = np.abs(np.subtract(*(regression(1, "2026-01-01")[c].to_numpy() for c in ("said", "y")))).mean()
    assert abs(found["value"].mean() - errors.mean()) < 0.3 * abs(errors.mean() - before)
    assert ((found["low"] <= errors) & (errors <= found["high"])).sum() >= DAYS - 1
    assert estimated_in(result) == {ESTIMATED + name for name in BY_TASK["regression"]}


@pytest.mark.parametrize("without", ["score", "outcome", "reference", "task"])
def test_what_tells_nothing_beforehand_has_no_estimates(without: str) -> None:
    keys = BINARY.to_dict()
    if without == "task":
        keys = {k: v for k, v in keys.items() if k in ("name", "timestamp", "window")}
    elif without != "reference":
        keys.pop(without)
    rows, before = binary(2, "2026-02-01"), binary(1, "2026-01-01")
    if without == "outcome":
        rows, before = rows.drop_columns(["y"]), before.drop_columns(["y"])
    result = wk.check(rows, None if without == "reference" else before, Model(**keys))
    assert not estimated_in(result)


def test_the_first_days_teach_the_rest() -> None:
    rows = binary(1, "2026-01-01")
    unknown = np.arange(len(rows)) >= 5 * ROWS
    y = pa.array(rows["y"].to_numpy(), mask=unknown)
    rows = rows.set_column(rows.schema.get_field_index("y"), "y", y)
    by_time = wk.check(rows, "first 5d", BINARY)
    split = wk.check(rows.slice(5 * ROWS), rows.slice(0, 5 * ROWS), BINARY)
    found, alike = (series(result, "estimated_accuracy") for result in (by_time, split))
    assert len(found["value"]) == 5
    np.testing.assert_allclose(found["value"], alike["value"], atol=0.01)
    assert len(series(wk.check(rows, "first 10000 rows", BINARY), "estimated_accuracy")["value"]) == 5


def test_a_note_names_the_windows_beyond_the_reference_and_the_feature() -> None:
    rows = binary(2, "2026-02-01").drop_columns(["y"])
    moved = rows["x2"].to_numpy().copy()
    moved[3 * ROWS : 5 * ROWS] += 8.0
    rows = rows.set_column(rows.schema.get_field_index("x2"), "x2", pa.array(moved))
    (note,) = [n for n in wk.check(rows, binary(1, "2026-01-01"), BINARY).notes if "extrapolation" in n]
    assert "on 4 February 2026 and on 5 February 2026" in note
    assert "by x2" in note


def test_a_small_reference_is_no_reason_to_warn() -> None:
    before, rows = (
        binary(1, "2026-01-01").take(pa.array(np.arange(0, DAYS * ROWS, 40))),
        binary(2, "2026-02-01"),
    )
    notes = wk.check(rows.drop_columns(["y"]), before, BINARY).notes
    assert not [n for n in notes if "extrapolation" in n]


def test_any_number_of_processes_finds_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchkeeper.sources.local.LARGE", 1)
    random = np.random.default_rng(5)
    n = 400_000
    for name, start in (("reference", "2026-01-01"), ("current", "2026-02-01")):
        x = random.normal(size=n)
        score = 1 / (1 + np.exp(-x))
        y = (random.random(n) < score).astype(np.int64)
        order = random.permutation(n)
        known = pa.array(y, mask=np.zeros(n, bool) if name == "reference" else random.random(n) < 0.5)
        columns = {
            "time": times(start, n)[order],
            "x": x,
            "score": score,
            "said": (score >= 0.5) * 1,
            "y": known,
        }
        pq.write_table(pa.table(columns), tmp_path / f"{name}.parquet", row_group_size=100_000)
    found = []
    for processes in ("1", "3"):
        monkeypatch.setenv("WATCHKEEPER_PROCESSES", processes)
        found.append(wk.check(str(tmp_path / "current.parquet"), str(tmp_path / "reference.parquet"), BINARY))
    assert estimated_in(found[0])
    assert found[0].metrics.equals(found[1].metrics)


def test_a_sampler_can_be_sent_to_another_process() -> None:
    import pickle

    from watchkeeper import sources
    from watchkeeper.profiles import plan_of, profile_and, profile_of

    rows = sources.open_rows(binary(1, "2026-01-01"), BINARY, "rows")
    plan = plan_of(BINARY, sources.sample(rows).table)
    taker = pickle.loads(pickle.dumps(Sampling(plan, (Sampler(60_000, whole=True), Sampler(500)))))
    profile, taken = profile_and(rows, plan, taker)
    assert taken is not None
    assert profile.everything.rows.sum() == profile_of(rows, plan).everything.rows.sum() == DAYS * ROWS
    assert [len(part) for part in taken.parts] == [DAYS * ROWS, DAYS * 500]


def test_every_estimate_is_in_the_registry() -> None:
    for task, names in BY_TASK.items():
        for name in names:
            metric = METRICS[ESTIMATED + name]
            assert task in metric.tasks
            assert metric.unit == METRICS[name].unit
            assert metric.source
