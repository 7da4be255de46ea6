"""The recipes do what they say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.docs.pages import ROOT, run_line, run_page

TESTED = {"twelve-weeks.md", "csv.md", "iris.md", "predictions-log.md", "breast-cancer.md"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_each_recipe_is_tested() -> None:
    assert {path.name for path in (ROOT / "docs" / "recipes").glob("*.md")} == TESTED


def test_twelve_weeks(folder: Path) -> None:
    page, statuses = run_page("docs/recipes/twelve-weeks.md")
    last_four = [page["MONDAY"] + timedelta(weeks=week) for week in (8, 9, 10, 11)]
    for result in (page["result"], page["ready"]):
        alarms = result.alarms.to_pylist()
        assert {alarm["metric"] for alarm in alarms} == {"accuracy"}
        assert sorted(alarm["window_start"] for alarm in alarms) == last_four
    rows = page["result"].metrics.to_pylist()
    for name in ("accuracy", "precision", "recall"):
        measured = [row["value"] for row in rows if row["metric"] == name and row["segment"] is None]
        assert np.abs(np.subtract(measured, page[name.upper()])).max() <= 0.001
    accuracy = [row for row in rows if row["metric"] == "accuracy"]
    assert [row["verdict"] for row in accuracy] == ["ok"] * 8 + ["alarm"] * 4
    assert [row["count"] for row in accuracy] == [5_000] * 12
    assert page["axes"].get_ylim() == (0.8, 1.0)
    assert statuses == [0]
    assert all(
        (folder / f"twelve-weeks.{ending}").stat().st_size > 1_000 for ending in ("html", "svg", "png")
    )
    page["plt"].close("all")


def test_csv(folder: Path) -> None:
    page, statuses = run_page("docs/recipes/csv.md")
    assert statuses[0] == 1
    assert statuses[1] in (0, 1)
    alarms = {row["metric"] for row in page["result"].alarms.to_pylist()}
    assert alarms == {"accuracy"}
    assert page["result"].alarms["window_start"][0].as_py().month in (5, 6)
    assert (folder / "report.html").stat().st_size > 10_000


def test_iris(capsys: pytest.CaptureFixture[str]) -> None:
    from sklearn.metrics import accuracy_score, precision_score, recall_score

    page, _ = run_page("docs/recipes/iris.md")
    now, before = page["numbers"], page["before"]
    for rows, table in ((now, page["current"]), (before, page["reference"])):
        species, predicted = table["species"].to_pylist(), table["predicted"].to_pylist()
        assert rows["accuracy"]["value"] == pytest.approx(accuracy_score(species, predicted), abs=1e-9)
        for name, score in (("precision_macro", precision_score), ("recall_macro", recall_score)):
            expected = score(species, predicted, average="macro")
            assert rows[name]["value"] == pytest.approx(expected, abs=1e-9)
    assert f"{before['accuracy']['value']:.3f}, {now['accuracy']['value']:.3f}" == "0.900, 0.833"
    assert now["accuracy"]["low"] < before["accuracy"]["value"] < now["accuracy"]["high"]
    assert page["result"].verdict != "alarm"
    assert "precision_macro: " in capsys.readouterr().out


def test_predictions_log(capsys: pytest.CaptureFixture[str]) -> None:
    page, statuses = run_page("docs/recipes/predictions-log.md")
    assert statuses == [0, 0, 0, 0]
    assert page["measured"] == [pytest.approx(page["accuracy"], abs=1e-12)]
    said = capsys.readouterr().out
    assert "500 predictions, 500 outcomes" in said
    assert "digits: nothing new" in said
    assert "Nothing new: nothing was computed, nothing judged." in said
    again = run_line("watchkeeper run --workspace monitoring")
    assert again == 0
    assert "2 records came in from the loggers." in capsys.readouterr().out


def test_breast_cancer() -> None:
    from sklearn.metrics import accuracy_score, roc_auc_score

    page, _ = run_page("docs/recipes/breast-cancer.md")
    assert page["run"].verdict in ("ok", "unclear")
    result, later = page["run"].steps[0].result, page["later"]
    assert result.alarms.num_rows == 0
    numbers = {row["metric"]: row for row in result.metrics.to_pylist() if row["segment"] is None}
    scores = page["classifier"].predict_proba(page["rows"].iloc[later])[:, 1]
    actual = page["malignant"].iloc[later]
    assert numbers["accuracy"]["value"] == pytest.approx(accuracy_score(actual, scores >= 0.5), abs=1e-9)
    assert numbers["roc_auc"]["value"] == pytest.approx(roc_auc_score(actual, scores), abs=1e-4)
    assert numbers["accuracy"]["count"] == len(later) == 200


def test_readme(folder: Path) -> None:
    page, _ = run_page("README.md")
    assert page["result"].verdict == "alarm"
    assert (folder / "report.html").exists()
