"""Two at once, full and read-only disks, clocks and states that go back: one message, and the next run is right."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import watchkeeper as wk
from tests.keeping.build import DAY, DAYS, NOW, START, built, moment, rows_of
from tests.running.workspaces import numbers, profile_of_everything, same_profile, whole
from watchkeeper.journal import move
from watchkeeper.journal.table import Table
from watchkeeper.keeping import status
from watchkeeper.running import run
from watchkeeper.workspace import Workspace

pytestmark = pytest.mark.timeout(240)
ROOT = Path(__file__).parents[2]


def logged(folder: Path, name: str, count: int, day: int = 2) -> None:
    """So many more predictions of one day, on disk."""
    with wk.Logger(folder, model="m") as log:
        for i in range(count):
            features = {"size": i / count, "place": "ab"[i % 2], "who": "person-1"}
            log.prediction(
                id=f"{name}-{i}", features=features, score=i / count, timestamp=moment(START + day * DAY + i)
            )


def command(*arguments: object) -> subprocess.Popen[str]:
    program = "from watchkeeper.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def mounted(place: Path, *options: str) -> None:
    if os.geteuid() or shutil.which("mount") is None:
        pytest.skip("mounting needs root")
    done = subprocess.run(["mount", *options, place], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 8 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted(place, "-t", "tmpfs", "-o", "size=8m", "tmpfs")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def filled(disk: Path, left: int) -> Path:
    """A file that takes all but so many bytes."""
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free
    ballast.write_bytes(bytes(max(free - left, 0)))
    return ballast


def is_right(folder: Path, place: Path, rows: int, now: int = NOW) -> None:
    """As many predictions as were recorded, each once, and profiles as one run of everything makes them."""
    counts = Counter((row["id"], row["timestamp"]) for row in rows_of(folder))
    assert len(counts) == rows
    assert set(counts.values()) == {1}
    place.mkdir()
    same_profile(profile_of_everything(folder), whole(folder, place, now))


def test_two_runs_at_once(tmp_path: Path) -> None:
    folder = built(tmp_path / "ws", rows=10, every=DAYS)
    logged(folder, "new", 20_000)
    both = [command("run", "--workspace", folder) for _ in range(2)]
    said = [process.communicate(timeout=200) for process in both]
    for process, (_, error) in zip(both, said, strict=True):
        assert process.returncode in (0, 1), error
    assert sum("20,000 records came in" in out for out, _ in said) == 1
    assert sum("Nothing new" in out for out, _ in said) == 1
    with Workspace.open(folder) as workspace:
        assert run(workspace).idle
    is_right(folder, tmp_path / "whole", 120 + 20_000)


def test_a_run_says_who_is_at_work(tmp_path: Path) -> None:
    folder = built(tmp_path / "ws", days=2, rows=5)
    logged(folder, "new", 1)
    said = rf"-{os.getpid()}-\w+ holds the lease 'mover' since"
    with Workspace.open(folder) as workspace, workspace.state.lease("mover"):  # noqa: SIM117
        with pytest.raises(wk.WorkspaceError, match=said):
            move(workspace, wait=0)


@pytest.mark.parametrize("left", [0, 8_192, 40_960, 98_304, 131_072, 163_840, 262_144])
def test_a_full_disk(small_disk: Path, tmp_path: Path, left: int) -> None:
    folder = built(small_disk / "ws", days=4, rows=10, every=4)
    logged(folder, "new", 500)
    ballast = filled(small_disk, left)
    process = command("run", "--workspace", folder)
    _, error = process.communicate(timeout=200)
    assert process.returncode == 2
    assert error.startswith("watchkeeper: ")
    assert len(error.splitlines()) == 1
    said = error.lower().replace(str(small_disk).lower(), "")  # whose name has the word, too
    assert any(words in said for words in ("the disk is full: 0.", "is the disk full?", "no space left")), (
        error
    )
    ballast.unlink()
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
        assert run(workspace, now=NOW).idle
    is_right(folder, tmp_path / "whole", 40 + 500)


def test_a_read_only_workspace(tmp_path: Path) -> None:
    folder = built(tmp_path / "ws", days=4, rows=10, every=4)
    logged(folder, "new", 50)
    mounted(folder, "--bind", str(folder))
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        process = command("run", "--workspace", folder)
        _, error = process.communicate(timeout=200)
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
    assert process.returncode == 2
    assert len(error.splitlines()) == 1
    assert error.startswith(f"watchkeeper: state {folder}/state.db: ")
    assert "give this user the right to write there" in error
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
    is_right(folder, tmp_path / "whole", 40 + 50)


def test_a_clock_that_goes_back(tmp_path: Path) -> None:
    folder = built(tmp_path / "ws", days=8, rows=10, every=8)
    with Workspace.open(folder) as workspace:
        assert run(workspace, now=START + 8 * DAY).idle
        logged(folder, "new", 30, day=5)
        early = run(workspace, now=START + 3 * DAY)
        assert early.verdict in ("ok", "alarm", "unclear", "no_data")
        assert run(workspace, now=START + 3 * DAY).idle
        run(workspace, now=START + 9 * DAY)
        assert run(workspace, now=START + 9 * DAY).idle
    assert numbers(folder, "row_count")[START + 5 * DAY] == 40
    judged = Counter((v["run"], v["window_start"], v["segment_by"], v["segment"], v["column"], v["metric"])
                     for v in rows_of(folder, "verdicts"))  # fmt: skip
    assert set(judged.values()) == {1}
    is_right(folder, tmp_path / "whole", 80 + 30, START + 9 * DAY)


class Killed(BaseException):
    """Ends a process where it stands."""


def _killed(segments: list[object]) -> None:
    if segments:
        raise Killed


def remove_state(folder: Path) -> None:
    for path in folder.glob("state.db*"):
        path.unlink()


@pytest.mark.parametrize("restored", [False, True])
def test_a_state_that_was_lost_or_is_an_older_copy(tmp_path: Path, restored: bool) -> None:
    folder = built(tmp_path / "ws", days=3, rows=10, every=3)
    shutil.copy(folder / "state.db", tmp_path / "old.db")
    for number in range(3):
        logged(folder, f"later-{number}", 10, day=number)
        with Workspace.open(folder) as workspace:
            run(workspace, now=NOW)
    remove_state(folder)
    if restored:
        shutil.copy(tmp_path / "old.db", folder / "state.db")
    logged(folder, "new", 20)
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
        assert run(workspace, now=NOW).idle
    assert numbers(folder, "row_count")[START + 2 * DAY] == 10 + 10 + 20
    is_right(folder, tmp_path / "whole", 30 + 30 + 20)


@pytest.mark.parametrize("restored", [False, True])
def test_a_lost_state_and_nothing_new(tmp_path: Path, restored: bool) -> None:
    folder = built(tmp_path / "ws", days=3, rows=10, every=3)
    shutil.copy(folder / "state.db", tmp_path / "old.db")
    logged(folder, "later", 10)
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
    remove_state(folder)
    if restored:
        shutil.copy(tmp_path / "old.db", folder / "state.db")
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
    assert numbers(folder, "row_count")[START + 2 * DAY] == 20
    is_right(folder, tmp_path / "whole", 40)


def test_a_mover_that_is_killed_before_it_removes_what_it_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = built(tmp_path / "ws", days=3, rows=10, every=3)
    logged(folder, "new", 10)
    with monkeypatch.context() as patched, Workspace.open(folder) as workspace:
        patched.setattr("watchkeeper.journal.mover.remove", _killed)
        with pytest.raises(Killed):
            move(workspace)
    assert list((folder / "wal").glob("*/*.wal"))
    with Workspace.open(folder) as workspace:
        assert run(workspace, now=NOW).moved.total == 0
    assert not list((folder / "wal").glob("*/*.wal"))
    is_right(folder, tmp_path / "whole", 30 + 10)


def test_a_corrupt_segment_is_counted_and_shown(tmp_path: Path) -> None:
    folder = built(tmp_path / "ws", days=2, rows=10, every=2)
    for name in ("a", "b"):
        logged(folder, name, 5)
    first, *_ = sorted((folder / "wal").glob("*/*.wal"))
    content = bytearray(first.read_bytes())
    content[-10] ^= 0xFF
    first.write_bytes(content)
    with Workspace.open(folder) as workspace:
        assert run(workspace, now=NOW).moved.damaged == 1
        (count,) = [c for s in status(workspace, NOW) for c in s.counts if c.kind == "corrupt"]
    assert count.count == 1
    assert first.name in count.example
    out, _ = command("status", "--workspace", folder).communicate(timeout=100)
    assert "records whose checksum differs" in " ".join(out.split())
    is_right(folder, tmp_path / "whole", 20 + 5)


@pytest.mark.parametrize("killed_at", ["first table", "batch's end", "removal"])
def test_a_state_that_was_removed_while_a_batch_was_under_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, killed_at: str
) -> None:
    folder = built(tmp_path / "ws", days=3, rows=10, every=3)
    with wk.Logger(folder, model="m") as log:
        for i in range(20):
            at = START + 2 * DAY + i
            log.prediction(id=f"new-{i}", features={"size": i / 20, "place": "a", "who": "x"}, score=i / 20,
                           timestamp=moment(at), subject="x")  # fmt: skip
            log.outcome(f"new-{i}", i % 2, known_at=moment(at + DAY))
        log.error("no answer")
    with monkeypatch.context() as patched, Workspace.open(folder) as workspace:
        patched.setattr(*_killer(killed_at))
        with pytest.raises(Killed):
            move(workspace)
    assert list((folder / "wal").glob("*/*.wal"))
    remove_state(folder)
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
        assert run(workspace, now=NOW).idle
    assert not list((folder / "wal").glob("*/*.wal"))
    assert len(rows_of(folder, "events")) == 1
    told = Counter((row["id"], row["known_at"]) for row in rows_of(folder, "outcomes"))
    assert set(told.values()) == {1}
    assert {f"new-{i}" for i in range(20)} <= {name for name, _ in told}
    is_right(folder, tmp_path / "whole", 30 + 20)


def _killer(moment: str) -> tuple[str, object]:
    """What to put in whose place, so that a mover dies at that moment."""
    append = Table.append

    def after_the_first(self: Table, rows: object, batch: int | None = None) -> bool:
        append(self, rows, batch)
        raise Killed

    return {
        "first table": ("watchkeeper.journal.table.Table.append", after_the_first),
        "batch's end": ("watchkeeper.state.state.State.finish_batch", lambda *_: _killed([1])),
        "removal": ("watchkeeper.journal.mover.remove", _killed),
    }[moment]


def test_a_state_that_was_removed_before_any_model_was_described(tmp_path: Path) -> None:
    for number in range(2):
        logged(tmp_path / "ws", f"rows-{number}", 10)
        with Workspace.open(tmp_path / "ws") as workspace:
            assert move(workspace).total == 10
        remove_state(tmp_path / "ws")
    assert len(rows_of(tmp_path / "ws")) == 20


def test_what_somebody_else_wrote_where_the_last_batch_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "ws"
    logged(folder, "new", 3)
    (folder / "wal" / "batch").write_text("{}")
    with Workspace.open(folder) as workspace:
        with pytest.raises(wk.WorkspaceError, match="wal/batch: not what Watchkeeper wrote there"):
            move(workspace)
        (folder / "wal" / "batch").unlink()
        assert move(workspace).total == 3
