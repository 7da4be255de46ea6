"""Evidence over a model's life: each window counts once, and runs day by day judge as one check of all of it does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

import watchkeeper as wk
from tests.running.workspaces import DAY, START

REFERENCE, DAYS, ROWS = 32, 46, 120
SHIFTED = 38  # the first day on which x lies higher
LEAKED = 58  # days until a leak of missing values shows beyond what the hours do


def rows(day: int, shift: float = 1.5) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1_000 + day)
    x = rng.normal(size=ROWS) + (shift if day >= SHIFTED else 0.0)
    label = rng.integers(0, 2, ROWS)
    said = np.where(rng.random(ROWS) < 0.9, label, 1 - label)
    at = START + day * DAY + np.arange(ROWS) * 60_000_000
    return {"x": x, "said": said, "label": label, "at": at}


def model(**keys: object) -> wk.Model:
    roles = {"timestamp": "ts", "id": "id", "prediction": "said", "outcome": "label", "positive": 1}
    return wk.Model(
        name="m", task="binary", features=["x"], **{"reference": f"first {REFERENCE}d", **roles, **keys}
    )


def logged(folder: Path, days: range, truth: bool = True) -> None:
    with wk.Logger(folder, model="m") as log:
        for day in days:
            of = rows(day)
            for i in range(ROWS):
                at = np.datetime64(int(of["at"][i]), "us")
                log.prediction(
                    id=f"{day}-{i}", features={"x": of["x"][i]}, prediction=int(of["said"][i]), timestamp=at
                )
                if truth:
                    log.outcome(id=f"{day}-{i}", actual=int(of["label"][i]), known_at=at)


def workspace(folder: Path, **keys: object) -> Path:
    with wk.Workspace.open(folder, create=True) as opened:
        opened.save_model(model(**keys))
    return folder


def drift(table: pa.Table) -> dict[int, tuple[float | None, str | None]]:
    """Day → evidence and verdict of the distribution of x."""
    whole = (
        (pc.field("metric") == "jensen_shannon") & (pc.field("column") == "x") & pc.field("segment").is_null()
    )
    found = table.filter(whole).to_pylist()
    return {
        round((r["window_start"].timestamp() * 1e6 - START) / DAY): (r["evidence"], r["verdict"])
        for r in found
    }


@pytest.fixture(scope="module")
def daily(
    tmp_path_factory: pytest.TempPathFactory,
) -> tuple[Path, dict[int, tuple[float | None, str | None]]]:
    """A workspace that was run every morning from the reference on, and what each run said of the day before."""
    folder = workspace(tmp_path_factory.mktemp("daily"))
    logged(folder, range(REFERENCE))
    said = {}
    for day in range(REFERENCE, DAYS):
        logged(folder, range(day, day + 1))
        run = wk.run(folder, now=START + (day + 1) * DAY + 60_000_000)
        result = run.steps[0].result
        assert result is not None
        said |= {d: v for d, v in drift(result.metrics).items() if d == day}
    return folder, said


def test_runs_day_by_day_judge_as_a_check_of_all_days_does(daily):
    _, said = daily
    every = [rows(day) for day in range(DAYS)]
    table = {
        "ts": np.concatenate([r["at"] for r in every]).astype("datetime64[us]"),
        "id": [f"{day}-{i}" for day in range(DAYS) for i in range(ROWS)],
        **{name: np.concatenate([r[name] for r in every]) for name in ("x", "said", "label")},
    }
    whole = drift(wk.check(pa.table(table), model=model()).metrics)
    assert sorted(said) == sorted(whole) == list(range(REFERENCE, DAYS))
    for day, (evidence, verdict) in whole.items():
        assert said[day][0] == pytest.approx(evidence, rel=0.05)  # their grids are made of different samples
        assert said[day][1] == verdict
    alarming = [day for day, (_, verdict) in said.items() if verdict == "alarm"]
    assert alarming
    assert SHIFTED <= alarming[0] <= SHIFTED + 7
    assert alarming == list(range(alarming[0], DAYS))


def missing(day: int) -> list[float | None]:
    """A feature that has no value in some hours of five rows, from ``SHIFTED`` on in more of them."""
    rng = np.random.default_rng(5_000 + day)
    out = np.repeat(rng.random(ROWS // 5) < (0.5 if day >= SHIFTED else 0.1), 5)
    return [None if gone else float(x) for gone, x in zip(out, rng.normal(size=ROWS), strict=True)]


def test_rates_in_bursts_add_up_over_runs_as_in_one_check(tmp_path):
    watched = wk.Model(name="m", timestamp="ts", id="id", features=["y"], reference=f"first {REFERENCE}d")
    folder = tmp_path / "workspace"
    with wk.Workspace.open(folder, create=True) as opened:
        opened.save_model(watched)
    said = {}
    for days in (range(REFERENCE), range(REFERENCE, 40), range(40, 43), range(43, LEAKED)):
        with wk.Logger(folder, model="m") as log:
            for day in days:
                for i, y in enumerate(missing(day)):
                    at = np.datetime64(int(rows(day)["at"][i]), "us")
                    log.prediction(id=f"{day}-{i}", features={"y": y}, timestamp=at)
        if days.start:
            result = wk.run(folder, now=START + days.stop * DAY + 60_000_000).steps[0].result
            assert result is not None
            said |= leak(result)
    table: dict[str, object] = {
        "ts": np.concatenate([rows(day)["at"] for day in range(LEAKED)]).astype("datetime64[us]"),
        "y": [y for day in range(LEAKED) for y in missing(day)],
    }
    table["id"] = [f"{day}-{i}" for day in range(LEAKED) for i in range(ROWS)]
    whole = wk.check(pa.table(table), model=watched)
    for column in (0, 1):  # evidence, verdict
        expected = {day: found[column] for day, found in leak(whole).items()}
        assert {day: found[column] for day, found in said.items()} == (
            pytest.approx(expected) if column == 0 else expected
        )
    assert "alarm" in {verdict for _, verdict in said.values()}


def leak(result: wk.Result) -> dict[int, tuple[float, str]]:
    """Day → evidence and verdict of the missing rate of y."""
    found = result.metrics.filter((pc.field("metric") == "missing_rate") & (pc.field("column") == "y"))
    return {
        round((r["window_start"].timestamp() * 1e6 - START) / DAY): (r["evidence"], r["verdict"])
        for r in found.to_pylist()
    }


def test_history_tells_the_start_and_agrees(daily):
    folder, said = daily
    result = wk.history(folder, "m", now=START + DAYS * DAY + 120_000_000)
    assert {d: v for d, (_, v) in drift(result.metrics).items()} == {d: v for d, (_, v) in said.items()}
    found = next(f for f in result.findings if f.metric == "jensen_shannon")
    assert found.kind in ("shift", "break")
    assert found.ongoing


def test_late_rows_change_what_is_shown_and_not_the_evidence(daily, tmp_path):
    folder, said = daily
    day = DAYS - 3
    with wk.Logger(folder, model="m") as log:
        for i in range(300):
            at = np.datetime64(START + day * DAY + i * 1_000, "us")
            log.prediction(id=f"late-{i}", features={"x": -5.0}, prediction=0, timestamp=at)
    run = wk.run(folder, now=START + DAYS * DAY + 240_000_000)
    result = run.steps[0].result
    assert result is not None
    shown = result.metrics.filter((pc.field("metric") == "row_count") & pc.field("segment").is_null())
    assert ROWS + 300 in shown["value"].to_pylist()
    assert drift(result.metrics)[day][0] == pytest.approx(said[day][0], rel=1e-9)


def test_another_reference_counts_all_windows_again(tmp_path):
    folder = workspace(tmp_path)
    logged(folder, range(DAYS), truth=False)
    now = START + DAYS * DAY + 60_000_000
    wk.run(folder, now=now)
    before = drift(wk.history(folder, "m", now=now).metrics)
    workspace(folder, reference="first 36d")
    run = wk.run(folder, now=now + 60_000_000)
    result = run.steps[0].result
    assert result is not None
    after = drift(result.metrics)
    assert sorted(after) == list(range(36, DAYS))
    assert after[DAYS - 1][0] != pytest.approx(before[DAYS - 1][0])
    assert after[DAYS - 1][0] is not None


@pytest.mark.parametrize("reference", [None, "previous 3d"])
def test_a_band_adds_up_over_runs_without_a_reference_that_stays(tmp_path, reference):
    folder = workspace(tmp_path, reference=reference, bands={"accuracy": ">= 0.95"})  # it is 0.9
    said = []
    for day in range(12):
        logged(folder, range(day, day + 1))
        result = wk.run(folder, now=START + (day + 1) * DAY + 60_000_000).steps[0].result
        if result is None:
            continue
        whole = (pc.field("metric") == "accuracy") & pc.field("segment").is_null()
        row = result.metrics.filter(whole).to_pylist()[-1]
        said.append((row["evidence"], row["verdict"]))
    evidence = [e for e, _ in said if e is not None]
    assert len(evidence) >= 10
    assert evidence[-1] > 100 > evidence[0]
    assert {v for _, v in said[-3:]} == {"alarm"}


def test_what_has_counted_is_not_judged_again(daily):
    folder, _ = daily
    logged(folder, range(DAYS, DAYS + 1))
    run = wk.run(folder, now=START + (DAYS + 1) * DAY + 300_000_000)
    assert run.steps[0].judged == 1
