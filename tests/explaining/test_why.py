"""Why performance fell, on rows whose reason is known."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from benchmarks.trust import causes

import watchkeeper as wk
from watchkeeper.cli import main
from watchkeeper.explaining import Why
from watchkeeper.metrics import METRICS
from watchkeeper.recording import log_files

REGRESSION = wk.Model(
    name="price", task="regression", timestamp="time", window="1d", outcome="y", prediction="said",
    features=["size", "age", "kind"], windows="independent",
)  # fmt: skip
DAYS, DAY = 14, 1_000


@pytest.mark.parametrize("case", list(causes.CASES))
@pytest.mark.parametrize("seed", [100, 101])
def test_the_simulated_reason_is_the_one_that_is_given(case: str, seed: int) -> None:
    assert causes.told(case, seed) == tuple(sorted(causes.CASES[case][1]))


def prices(seed: int, first: str, **how: Any) -> pa.Table:
    """Errors are larger where ``size`` is; ``kind`` b may cost more than the model says."""
    rng = np.random.default_rng(seed)
    n = DAYS * DAY
    size = rng.gamma(2.0, 1.0, n) * how.get("larger", 1.0)
    age, kind = rng.uniform(0, 10, n), rng.choice(["a", "b", "c"], n, p=[0.6, 0.2, 0.2])
    y = 3 * size - 0.2 * age + rng.normal(size=n) * (0.3 + 0.4 * size)
    y += np.where(kind == "b", how.get("dearer", 0.0), 0.0)
    seen = np.where(rng.random(n) < how.get("missing", 0.0), np.nan, size)
    said = 3 * np.where(np.isnan(seen), 2.0, seen) - 0.2 * age
    times = np.datetime64(first) + (np.arange(n) * DAYS * 86_400 // n).astype("timedelta64[s]")
    return pa.table({
        "time": times.astype("datetime64[us]"), "said": said, "y": y, "size": pa.array(seen, from_pandas=True),
        "age": age, "kind": kind,
    })  # fmt: skip


def of(result: wk.Result, metric: str) -> Why:
    (found,) = [why for why in result.why if why.metric == metric]
    return found


@pytest.mark.parametrize(
    ("how", "names", "by"),
    [
        ({"larger": 1.5}, ["input shift"], "size"),
        ({"dearer": 3.0}, ["concept change"], "kind"),
        ({"missing": 0.2}, ["broken rows"], "size"),
    ],
)
def test_of_a_regression(how: dict[str, float], names: list[str], by: str) -> None:
    why = of(
        wk.check(prices(2, "2026-02-01", **how), prices(1, "2026-01-01"), REGRESSION), "mean_absolute_error"
    )
    assert [cause.name for cause in why.named] == names
    assert why.named[0].portions[0].by == by
    assert why.value > why.reference


def test_the_parts_add_up_and_the_worst_comes_first() -> None:
    how = {"larger": 1.3, "dearer": 2.0, "missing": 0.1}
    result = wk.check(prices(2, "2026-02-01", **how), prices(1, "2026-01-01"), REGRESSION)
    for why in result.why:
        effects = [cause.effect for cause in why.causes]
        assert sum(effects) == pytest.approx(why.value - why.reference, rel=1e-9)
        assert sum(cause.share for cause in why.causes) == pytest.approx(1.0)
        assert effects == sorted(effects, reverse=METRICS[why.metric].better == "low")
        assert all(cause.low <= cause.effect <= cause.high for cause in why.causes)


def test_the_loss_is_laid_at_the_range_and_the_segment_that_it_is_in() -> None:
    model = replace(REGRESSION, segments=("kind",))
    why = of(
        wk.check(prices(2, "2026-02-01", dearer=3.0), prices(1, "2026-01-01"), model), "mean_absolute_error"
    )
    (place, *_) = why.named[0].portions
    assert (place.by, place.value) == ("kind", "b")
    assert place.rows == pytest.approx(0.2, abs=0.02)
    assert place.loss > 0.9
    (segment, *_) = why.segments
    assert (segment.by, segment.value) == ("kind", "b")
    assert segment.loss > 0.9
    assert "most of all where kind is b" in why.sentence
    assert "By segment: kind b" in why.sentence


def test_a_feature_that_the_model_hardly_uses_ranks_below_one_that_it_leans_on() -> None:
    rng = np.random.default_rng(5)
    rows = causes.usual(rng, causes.DAYS * causes.DAY)
    moved = replace(rows, x=rows.x * np.array([0.5, 1.0, 1.0, 1.0]) + np.array([0.0, 0.0, 0.0, 3.0]))
    reference = causes.table_of(
        causes.usual(rng, causes.USUAL_DAYS * causes.USUAL_DAY), rng, causes.USUAL_DAYS, "2026-01-01"
    )
    result = wk.check(causes.table_of(moved, rng, causes.DAYS, "2026-03-01"), reference, causes.MODEL)
    (shift,) = of(result, "accuracy").named
    assert [portion.by for portion in shift.portions] == ["x0", "x3"]
    assert shift.portions[0].importance > 5 * shift.portions[1].importance


def test_nothing_is_explained_where_nothing_fell_or_nothing_is_known() -> None:
    same = wk.check(prices(2, "2026-02-01"), prices(1, "2026-01-01"), REGRESSION)
    assert not same.why
    blind = wk.check(
        prices(2, "2026-02-01", dearer=3.0).drop_columns(["y"]), prices(1, "2026-01-01"), REGRESSION
    )
    assert not blind.why
    few = prices(2, "2026-02-01", dearer=3.0).slice(0, 150)
    assert not wk.check(few, prices(1, "2026-01-01"), replace(REGRESSION, window=None)).why


def test_where_every_row_is_broken_that_is_the_reason() -> None:
    now = prices(2, "2026-02-01", missing=1.0)
    why = of(wk.check(now.drop_columns(["size"]), prices(1, "2026-01-01"), REGRESSION), "mean_absolute_error")
    assert [(cause.name, cause.share) for cause in why.named] == [("broken rows", 1.0)]
    assert "in 100 % of the rows size is missing" in why.sentence


def test_better_is_no_reason() -> None:
    better = prices(2, "2026-02-01", larger=0.5)
    model = replace(REGRESSION, bands={"mean_absolute_error": ">= 5"})
    result = wk.check(better, prices(1, "2026-01-01"), model)
    assert any(f.metric == "mean_absolute_error" for f in result.findings)
    assert not [why for why in result.why if why.metric == "mean_absolute_error"]


def test_reports_and_the_command_line_tell_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pq.write_table(prices(2, "2026-02-01", dearer=3.0), tmp_path / "now.parquet")
    pq.write_table(prices(1, "2026-01-01"), tmp_path / "before.parquet")
    REGRESSION.save(tmp_path / "model.yaml")
    names = [str(tmp_path / name) for name in ("now.parquet", "before.parquet", "model.yaml")]
    result = wk.check(*names)
    why = of(result, "mean_absolute_error")
    page = result.save(tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Why mean absolute error is worse" in page
    assert "Concept change" in page
    assert why.sentence in result.report_text()
    with pytest.raises(SystemExit) as ended:
        main(["check", names[0], "--reference", names[1], "--config", names[2], "--json"])
    assert ended.value.code == 1
    told = json.loads(capsys.readouterr().out)["why"]
    assert [reason["sentence"] for reason in told] == [reason.sentence for reason in result.why]
    assert told[0]["causes"][0]["portions"]


def logged(folder: Path, rows: pa.Table, model: wk.Model) -> Path:
    """A workspace with these rows."""
    rows = rows.append_column("id", pa.array([str(i) for i in range(rows.num_rows)]))
    pq.write_table(rows, folder / "rows.parquet")
    with wk.Workspace.open(folder / "monitoring", create=True) as opened:
        opened.save_model(replace(model, id="id"))
    log_files([str(folder / "rows.parquet")], folder / "monitoring", model.name)
    return folder / "monitoring"


def result_of(folder: Path, **keys: Any) -> wk.Result:
    (step,) = wk.run(folder, **keys).steps
    assert step.result is not None
    return step.result


def before_and_after() -> pa.Table:
    return pa.concat_tables([prices(1, "2026-01-01"), prices(2, "2026-01-15", dearer=3.0)])


def test_a_run_reads_the_rows_again(tmp_path: Path) -> None:
    folder = logged(tmp_path, before_and_after(), replace(REGRESSION, reference="first 2w"))
    why = of(result_of(folder), "mean_absolute_error")
    assert [cause.name for cause in why.named] == ["concept change"]
    assert (why.named[0].portions[0].by, why.named[0].portions[0].value) == ("kind", "b")


def test_a_run_against_a_file_and_with_versions_of_their_own_reference(tmp_path: Path) -> None:
    pq.write_table(prices(1, "2025-12-01"), tmp_path / "usual.parquet")
    rows = before_and_after()
    rows = rows.append_column("release", pa.array(["1"] * (DAYS * DAY) + ["2"] * (DAYS * DAY)))
    model = replace(
        REGRESSION, version="release",
        reference={"default": str(tmp_path / "usual.parquet"), "2": "first 1w"},
    )  # fmt: skip
    why = of(result_of(logged(tmp_path, rows, model)), "mean_absolute_error")
    assert [cause.name for cause in why.named] == ["concept change"]


def test_a_run_tells_performance_before_the_truth(tmp_path: Path) -> None:
    rows = pa.concat_tables([prices(1, "2026-01-01"), prices(2, "2026-01-15", larger=1.5)])
    late = (
        np.arange(rows.num_rows) >= rows.num_rows - 3 * DAY
    )  # of the last three days no outcome is known yet
    waiting = rows.set_column(2, "y", pa.array(rows["y"].to_numpy(), mask=late))
    model = replace(REGRESSION, reference="first 2w", truth={"within": "3d"})
    end = np.datetime64("2026-01-29T00:10", "us").astype(np.int64)
    result = result_of(logged(tmp_path, waiting, model), now=int(end))
    found = {
        j.series.metric.name: j.series.estimate for j in result.judgements if j.series.segment_by is None
    }
    told, true = found["estimated_mean_absolute_error"], found["mean_absolute_error"]
    assert np.isnan(told.value[:-3]).all()
    assert np.isfinite(told.value[-3:]).all()
    error = np.abs(rows["said"].to_numpy() - rows["y"].to_numpy())[-3 * DAY :].reshape(3, DAY).mean(axis=1)
    assert ((told.low[-3:] <= error) & (error <= told.high[-3:])).all()
    assert np.isfinite(true.value[:-3]).all()
