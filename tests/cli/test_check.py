from __future__ import annotations

import json
from pathlib import Path

import pytest
from pyarrow import parquet

from watchkeeper.result import METRICS

ROLES = ("--timestamp", "timestamp", "--score", "score", "--outcome", "actual", "--threshold", "0.5")


def test_nothing_alarms(run, good) -> None:
    done = run("check", good, *ROLES, "--band", "accuracy >= 0.7")
    assert done.status == 0
    assert "Nothing alarms" in done.out
    assert done.err == ""


def test_a_band_of_the_command_line_judges_or_is_refused(run, good) -> None:
    done = run("check", good, *ROLES, "--band", "queue_length <= 12")
    assert done.status == 2
    assert "bands: 'queue_length' is not a metric; docs/metrics.md lists them" in done.err


def test_a_broken_band_alarms(run, bad) -> None:
    done = run("check", bad, *ROLES, "--band", "accuracy >= 0.88")
    assert done.status == 1
    assert "ALARM" in done.out
    assert "accuracy" in done.out.lower()


def test_against_a_reference(run, good, bad) -> None:
    done = run("check", bad, "--reference", good, *ROLES)
    assert done.status == 1
    assert "reference" in done.out


def test_the_verdict_comes_first_and_the_assumptions_before_it_in_one_line(run, bad) -> None:
    lines = run("check", bad, "--band", "accuracy >= 0.88").out.splitlines()
    assert lines[0].startswith("assumed: binary")
    assert lines[1].startswith("ALARM")


def test_output_reads_well_in_a_log(run, bad) -> None:
    out = run("check", bad, *ROLES, "--band", "accuracy >= 0.88").out
    assert "\x1b" not in out
    assert not set("│┃━─┏┓└┘╭╮") & set(out)
    assert max(map(len, out.splitlines())) < 400


def test_on_a_terminal_sentences_hang_beside_their_numbers_and_the_width_is_kept(bad, monkeypatch) -> None:
    import io

    from rich.console import Console

    from watchkeeper import Model, check
    from watchkeeper.cli import summary

    model = Model(task="binary", timestamp="timestamp", score="score", threshold=0.5, outcome="actual",
                  bands={"accuracy": ">= 0.88"})  # fmt: skip
    screen = Console(file=io.StringIO(), force_terminal=True, color_system=None, width=60, highlight=False)
    monkeypatch.setattr(summary, "new_console", lambda: screen)
    summary.show(check(bad, model=model), {})
    lines = screen.file.getvalue().splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("  1  "))
    assert lines[first + 1].startswith("     ")
    assert max(len(line.rstrip()) for line in lines[: first + 3]) <= 60


def test_files_are_written_and_named(run, bad, tmp_path: Path) -> None:
    done = run("check", bad, *ROLES, "--output", "out/metrics.parquet", "--report", "out/report.html")
    table = parquet.read_table(tmp_path / "out/metrics.parquet")
    assert table.schema.names == METRICS.names
    assert table.num_rows > 0
    assert (tmp_path / "out/report.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")
    assert "out/metrics.parquet" in done.out
    assert "out/report.html" in done.out


def test_json_is_one_object_and_nothing_else(run, bad) -> None:
    done = run("check", bad, *ROLES, "--band", "accuracy >= 0.88", "--json")
    found = json.loads(done.out)
    assert done.status == 1
    assert found["verdict"] == "alarm"
    assert found["findings"][0]["metric"] == "accuracy"
    assert found["findings"][0]["band_low"] == 0.88


def test_options_correct_a_configuration(run, bad, tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(
        "name: churn\ntask: binary\ntimestamp: timestamp\nscore: score\nthreshold: 0.5\noutcome: actual\n"
        "bands:\n  accuracy: '>= 0.5'\n"
    )
    assert run("check", bad, "--config", "model.yaml").status == 0
    done = run("check", bad, "--config", "model.yaml", "--band", "accuracy >= 0.88", "--json")
    assert done.status == 1
    assert json.loads(done.out)["model"] == "churn"


def test_segments_are_judged_by_their_bands(run, bad) -> None:
    done = run(
        "check", bad, *ROLES, "--segment", "country", "--band", "accuracy[country=de] >= 0.88", "--json"
    )
    assert {f["segment"] for f in json.loads(done.out)["findings"]} == {"de"}


def test_the_first_weeks_can_be_the_reference(run, good) -> None:
    done = run("check", good, *ROLES, "--reference", "first 2w")
    assert done.status == 0, done.out + done.err


def test_several_files_are_one(run, good, bad, tmp_path: Path) -> None:
    parts = (tmp_path / "a.parquet", tmp_path / "b.parquet")
    table = parquet.read_table(bad)
    parquet.write_table(table.slice(0, 1000), parts[0])
    parquet.write_table(table.slice(1000), parts[1])
    whole = json.loads(run("check", bad, *ROLES, "--band", "accuracy >= 0.88", "--json").out)
    split = json.loads(run("check", *parts, *ROLES, "--band", "accuracy >= 0.88", "--json").out)
    assert [f["value"] for f in split["findings"]] == [f["value"] for f in whole["findings"]]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.csv",), "nowhere.csv"),
        (("bad.parquet", "--reference", "nowhere.parquet"), "nowhere.parquet"),
        (("bad.parquet", "--config", "nowhere.yaml"), "nowhere.yaml"),
        (("bad.parquet", "--score", "scor"), "did you mean 'score'"),
        (("bad.parquet", "--band", "accuracy"), "accuracy >= 0.88"),
        (("bad.parquet", "--band", "acuracy >= 0.8"), "accuracy"),
        (("bad.parquet", "--threshold", "2"), "threshold"),
        (("bad.parquet", "--window", "1 fortnight"), "window"),
        (("bad.parquet", "--timezone", "Mars"), "Mars"),
        (("bad.parquet", "--task", "ranking"), "ranking"),
        (("bad.parquet", "--tresh", "1"), "--tresh"),
        ((), "CURRENT"),
    ],
)
def test_a_mistake_is_one_message(run, bad, arguments: tuple[str, ...], said: str) -> None:
    done = run("check", *arguments)
    assert done.status == 2
    assert done.out == ""
    assert done.err.startswith("watchkeeper: ")
    assert said in done.err
    assert "Traceback" not in done.err
