from __future__ import annotations

import io
import json
from pathlib import Path

from pyarrow import parquet

from watchkeeper import Model, backtest
from watchkeeper.backtesting.result import TOLD

MODEL = Model(
    name="m", task="binary", timestamp="timestamp", score="score", threshold=0.5, outcome="actual",
    features=["age"], bands={"accuracy": ">= 0.5"},
)  # fmt: skip


def test_what_a_band_would_have_told_comes_first_in_one_sentence(run, bad) -> None:
    MODEL.save("m.yaml")
    done = run("backtest", bad, "--config", "m.yaml", "--band", "accuracy >= 0.88", "--alpha", "0.001")
    assert done.status == 0
    lines = done.out.splitlines()
    assert lines[0] == "Over 10 days the current rules would have told nothing."
    assert "Alpha 0.001: nothing; the same at the same time." in lines
    assert any(
        line.startswith("Band accuracy >= 0.88: 1 thing in 1 incident, first 22 March") for line in lines
    )
    row = next(line for line in lines if line.startswith("Accuracy"))
    assert row.split() == ["Accuracy", "band", "2026-03-22", "10", "goes", "on", "only", "here"]


def test_a_drop_is_told_against_a_reference_and_the_status_is_0(run, good, bad) -> None:
    done = run("backtest", bad, "--reference", good)
    assert done.status == 0
    assert done.out.startswith("assumed: binary")
    assert "than current" not in done.out.split("Alpha")[0]
    assert "Alpha 0.001: " in done.out
    assert "Alpha 0.1: " in done.out


def test_json_and_a_file(run, bad) -> None:
    MODEL.save("m.yaml")
    done = run(
        "backtest", bad, "-c", "m.yaml", "--band", "accuracy >= 0.88", "--json", "-o", "out/told.parquet"
    )
    found = json.loads(done.out)
    assert [rules["name"] for rules in found["rules"]][-1] == "band accuracy >= 0.88"
    assert found["rules"][-1]["told"][0]["change"] == "only here"
    assert parquet.read_table("out/told.parquet").schema.equals(TOLD)


def test_it_fits_a_terminal(good, monkeypatch, tmp_path: Path) -> None:
    from rich.console import Console

    from watchkeeper.cli import summary
    from watchkeeper.cli.backtest import _show

    screen = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=80, highlight=False)
    monkeypatch.setattr(summary, "new_console", lambda: screen)
    _show(backtest(good, MODEL, bands={"accuracy": ">= 0.95"}), None, tmp_path / "told.parquet")
    text = screen.file.getvalue()
    assert "…" not in text
    assert "than current" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_mistakes_are_usage_errors(run, bad) -> None:
    for given, message in [
        ((), "is no workspace: it has neither"),
        (("churn",), "is no workspace: it has neither"),
        ((bad, "--workspace", ".", "--config", "m.yaml"), "leave out --workspace to judge files"),
        (("--reference", bad), "--reference and --config are for files; name them"),
        (("a", "b"), "one model at a time; got a b"),
        ((bad, "--band", "accuracy"), "is not a metric and its limits"),
        ((bad, "--band", "accurracy >= 0.9"), "did you mean 'accuracy'"),
        ((bad, "--alpha", "2"), "alpha: 2.0 is not a number between 0 and 1"),
    ]:
        done = run("backtest", *given)
        assert done.status == 2, given
        assert message in done.err, given
