from __future__ import annotations

from pathlib import Path

import pytest

BAND = ("--band", "accuracy >= 0.88")
MAGIC = {"png": b"\x89PNG", "svg": b"<svg", "pdf": b"%PDF", "html": b"<!DOCTYPE html>"}


@pytest.fixture
def saved(run, bad) -> None:
    assert run("check", bad, *BAND, "--output", "metrics.parquet").status == 1


@pytest.mark.usefixtures("saved")
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_saved_numbers_become_a_picture(run, tmp_path: Path, ending: str) -> None:
    done = run("plot", "accuracy", "precision", "recall", "--ylim", "0.3", "1", "-o", f"out.{ending}")
    assert done.status == 0, done.err
    assert done.out == f"wrote out.{ending}\n"
    assert (tmp_path / f"out.{ending}").read_bytes().startswith(MAGIC[ending])


@pytest.mark.usefixtures("saved")
def test_the_alarms_and_the_band_are_in_the_picture(run, tmp_path: Path) -> None:
    assert run("plot", "accuracy", "-o", "out.svg").status == 0
    picture = (tmp_path / "out.svg").read_text(encoding="utf-8")
    assert "band" in picture
    assert "alarm" in picture


def test_data_become_a_picture(run, good, tmp_path: Path) -> None:
    done = run("plot", "accuracy", "--current", good, "-o", "out.svg", "--title", "How right is it?")
    assert done.status == 0, done.err
    assert "How right is it?" in (tmp_path / "out.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("accuracy", "-o", "out.svg"), "metrics.parquet is not there"),
        (("accuracy", "-o", "out.svg", "--metrics", "bad.parquet"), "bad.parquet"),
        (("accuracy", "-o", "out.svg", "--metrics", "text.parquet"), "text.parquet is not a Parquet file"),
        (("accuracy", "-o", "out.svg", "--metrics", "a", "--current", "b"), "--current"),
        (("accuracy", "-o", "out.svg", "--reference", "b"), "--current"),
        (("acuracy", "-o", "out.svg", "--current", "good.csv"), "did you mean 'accuracy'"),
        (("accuracy", "-o", "out.xyz", "--current", "good.csv"), "xyz"),
        (("accuracy",), "--output"),
    ],
)
def test_a_mistake_is_one_message(
    run, good, bad, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    (tmp_path / "text.parquet").write_text("no parquet")
    done = run("plot", *arguments)
    assert done.status == 2
    assert done.err.startswith("watchkeeper: ")
    assert said in done.err
    assert not (tmp_path / "out.svg").exists()
