"""The demo from end to end, as `make demo` runs it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyarrow import parquet

from watchkeeper import Model
from watchkeeper.demo import Demo, run

pytestmark = pytest.mark.timeout(600)  # it lives through nine months


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return run(tmp_path_factory.mktemp("demo"))


def test_it_finds_that_the_world_has_changed(demo: Demo) -> None:
    assert demo.result.verdict == "alarm"
    assert len(demo.result.findings) > 0


def test_every_file_is_there(demo: Demo) -> None:
    assert all(path.stat().st_size > 0 for path in demo.files.values())
    assert {path.name for path in demo.files.values()} == {
        "report.html", "metrics.parquet", "reference.parquet", "current.parquet", "flight-delay.yaml",
    }  # fmt: skip


def test_the_rest_of_the_year_is_checked_day_by_day(demo: Demo) -> None:
    days = {row["window_start"] for row in demo.result.metrics.select(["window_start"]).to_pylist()}
    assert len(days) == 275


def test_carriers_and_origins_are_watched(demo: Demo) -> None:
    assert {*demo.result.metrics["segment_by"].to_pylist()} == {None, "carrier", "origin"}


def test_the_numbers_are_those_of_scikit_learn(demo: Demo) -> None:
    from sklearn.metrics import accuracy_score, roc_auc_score

    rows = parquet.read_table(demo.files["current"]).to_pandas()
    rows = rows[rows["late"].notna()]
    days = rows["time_hour"].dt.tz_convert("America/New_York").dt.normalize()
    table = demo.result.metrics.to_pandas()
    table = table[table["segment_by"].isna() & table["column"].isna()].set_index(["metric", "window_start"])[
        "value"
    ]
    for day, part in list(rows.groupby(days))[::30]:
        start = day.tz_convert("UTC")
        called = part["probability"] >= demo.threshold
        assert table["accuracy", start] == pytest.approx(accuracy_score(part["late"], called), abs=1e-9)
        assert table["roc_auc", start] == pytest.approx(
            roc_auc_score(part["late"], part["probability"]), abs=1e-4
        )


def test_the_model_can_be_used_again(demo: Demo) -> None:
    model = Model.load(demo.files["model"])
    assert model.threshold == demo.result.model.threshold == demo.threshold
    assert model.segments == demo.result.model.segments


def test_the_stages_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import watchkeeper.demo.delays as module

    told: list[str] = []
    monkeypatch.setattr(module, "flights", lambda: (_ for _ in ()).throw(RuntimeError("enough")))
    with pytest.raises(RuntimeError, match="enough"):
        run(tmp_path, told.append)
    assert told == ["joining flights, weather and planes"]
