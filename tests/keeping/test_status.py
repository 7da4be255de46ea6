"""Status: what a workspace has, and what it could not use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import watchkeeper as wk
from tests.keeping.build import DAY, NOW, START, built, moment
from watchkeeper.cli import main
from watchkeeper.journal import move
from watchkeeper.keeping import Status, forget, status
from watchkeeper.running import run
from watchkeeper.workspace import Workspace


def one(folder: Path, now: int = NOW) -> Status:
    with Workspace.open(folder) as workspace:
        return next(found for found in status(workspace, now) if found.model == "m")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(tmp_path_factory.mktemp("status") / "ws")


def test_what_was_recorded(folder: Path) -> None:
    found = one(folder)
    assert (found.rows, found.rate) == (360, 30 / 24)
    assert found.last is not None
    assert NOW - DAY < found.last < NOW
    assert [a.age for a in found.truth] == ["up to a day", "a week", "30 days"]
    assert [a.predictions for a in found.truth] == [30, 180, 150]
    assert found.share is not None
    assert 0.7 < found.share < 0.9
    assert found.late is not None
    assert found.very_late is not None
    assert 0 < found.late < found.very_late
    assert found.disk["predictions"] > 0
    assert found.run is not None
    assert found.run.models == {"m": found.run.models["m"]}
    assert (found.new, found.waiting.segments) == (0, 0)


def test_what_waits(tmp_path: Path) -> None:
    folder = built(tmp_path / "ws", days=2)
    with wk.Logger(folder, model="m") as log, wk.Logger(folder, model="other") as another:
        for i in range(10):
            log.prediction(id=f"n-{i}", score=0.5, timestamp=moment(NOW))
        another.metric("accuracy", 0.9)
        log.flush()
        another.flush()
        found = one(folder)
        assert (found.waiting.segments, found.new) == (1, 60 + len(_outcomes(folder)))
        assert found.waiting.size > 100
        assert found.waiting.oldest is not None
        with Workspace.open(folder) as workspace:
            assert [s.model for s in status(workspace, NOW)] == ["m", "other"]
            move(workspace)
            assert one(folder).new == 70 + len(_outcomes(folder))
            run(workspace, now=NOW)
        assert one(folder).new == 0


def _outcomes(folder: Path) -> list[object]:
    from tests.keeping.build import rows_of

    return list(rows_of(folder, "outcomes"))


def test_what_could_not_be_used(tmp_path: Path) -> None:
    folder = built(tmp_path / "ws", days=4)
    with wk.Logger(folder, model="m") as log:
        log.prediction(id="twice", score=0.1, timestamp=moment(START), features={"size": 1.0})
        log.prediction(id="twice", score=0.2, timestamp=moment(START), features={"size": 1.0})
        log.prediction(id="same", score=0.1, timestamp=moment(START), seconds=1.0)
        log.prediction(id="same", score=0.1, timestamp=moment(START), seconds=2.0)
        log.prediction(id="odd", score=0.2, timestamp=moment(START), features={"size": "wide"})
        log.outcome("nobody", 1, known_at=moment(START))
        log.outcome(["no", "id"], 1)
    (folder / "wal" / "strange").mkdir()
    (folder / "wal" / "strange" / "00000001.wal").write_bytes(b"no segment at all, but some bytes")
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
        found = status(workspace, NOW)
    counts = {count.kind: (count.count, count.example) for count in found[0].counts}
    assert counts["conflict"] == (1, "twice")
    assert counts["orphan"] == (1, "nobody")
    assert counts["misfit"] == (1, '"wide"')
    assert counts["dropped"][0] == 1
    assert [(c.kind, c.count) for c in found[1].counts] == [("corrupt", 1), ("torn", 1)]
    assert found[1].model == ""


def test_an_empty_workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Workspace.open(tmp_path, create=True).close()
    with pytest.raises(SystemExit, match="0"):
        main(["status", "--workspace", str(tmp_path)])
    assert "Nothing was recorded yet" in capsys.readouterr().out


def test_on_the_command_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Workspace.open(folder) as workspace:
        forget(workspace, id="nobody")
    with pytest.raises(SystemExit, match="0"):
        main(["status", "--workspace", str(folder)])
    said = capsys.readouterr().out
    for words in (
        "last prediction",
        "360",
        "have an outcome; half came within",
        "number 4",
        "forgotten",
        "1 time",
    ):
        assert words in said
    with pytest.raises(SystemExit, match="0"):
        main(["status", "--workspace", str(folder), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (found[0]["model"], found[0]["predictions"], found[0]["not_yet_run"]) == ("m", 360, 0)


@pytest.mark.parametrize(
    ("arguments", "status_", "says"),
    [
        (["compact", "--keep", "0"], 0, "became"),
        (["retain", "--days", "5", "--dry-run"], 0, "would go"),
        (["retain", "--days", "0"], 2, "0 is not in the range"),
        (["retain", "--days", "x"], 2, "not a valid integer"),
        (["forget"], 2, "give --id or --subject"),
        (["forget", "--id", "a", "--subject", "b"], 2, "give --id or --subject"),
        (["forget", "--id", "order-3"], 0, "1 of predictions removed"),
        (["forget", "--id", "order-3"], 0, "Nothing was found"),
        (["retain", "--days", "36500"], 0, "Nothing is older than 36,500 days"),
        (["compact", "--model", "n"], 2, "there is no model 'n'"),
    ],
)
def test_the_other_commands(
    folder: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], status_: int, says: str
) -> None:
    with pytest.raises(SystemExit, match=str(status_)):
        main([arguments[0], "--workspace", str(folder), *arguments[1:]])
    said = capsys.readouterr()
    assert says in said.out + said.err
