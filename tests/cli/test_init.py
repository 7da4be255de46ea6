from __future__ import annotations

from pathlib import Path

from watchkeeper import Model


def test_it_writes_a_model_that_checks(run, good, tmp_path: Path) -> None:
    done = run("init", good)
    assert done.status == 0
    path = tmp_path / "models" / "good.yaml"
    assert str(path.relative_to(tmp_path)) in done.out
    assert "#" in path.read_text(encoding="utf-8")
    model = Model.load(path)
    assert (model.task, model.score, model.outcome, model.timestamp) == (
        "binary",
        "score",
        "actual",
        "timestamp",
    )
    assert run("check", good, "--config", path).status in (0, 1)


def test_name_and_place_can_be_chosen(run, good, tmp_path: Path) -> None:
    assert run("init", good, "--name", "churn", "-o", "deep/churn.yaml").status == 0
    assert Model.load(tmp_path / "deep" / "churn.yaml").name == "churn"


def test_a_file_is_not_replaced_unasked(run, good, tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\n")
    done = run("init", good, "-o", path)
    assert done.status == 2
    assert "--force" in done.err
    assert path.read_text() == "name: mine\n"
    assert run("init", good, "-o", path, "--force").status == 0
    assert path.read_text() != "name: mine\n"


def test_a_missing_file_is_one_message(run) -> None:
    done = run("init", "nowhere.csv")
    assert done.status == 2
    assert done.err.startswith("watchkeeper: ")
    assert "nowhere.csv" in done.err
