"""A journal that goes away while it is read or written: one message, nothing lost, and the same call finishes later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import watchkeeper as wk
from tests.journal.conftest import Wire
from tests.keeping.build import DAY, NOW, START, built, moment
from watchkeeper.errors import WorkspaceError
from watchkeeper.journal import Journal
from watchkeeper.journal.table import Table
from watchkeeper.keeping import compact, forget, retain, status
from watchkeeper.running import history, run
from watchkeeper.workspace import Workspace

pytestmark = pytest.mark.timeout(600)
SETTINGS = """
journal: s3://bucket/away
storage:
  endpoint_url: {url}
  allow_http: true
  access_key_id: somebody
  secret_access_key: ${{S3_SECRET}}
  region: us-east-1
  max_retries: "1"
  retry_timeout: 1s
"""
FIRST = 13  # requests that come through before the second cut; then more than twice as many each time
Do = Callable[[Workspace], object]
READING: dict[str, Do] = {
    "history": lambda workspace: history(workspace, now=NOW),
    "status": lambda workspace: status(workspace, NOW),
}
WRITING: dict[str, Do] = {
    "run": lambda workspace: run(workspace, now=NOW),
    "compact": lambda workspace: compact(workspace, hours=0),
    "forget": lambda workspace: forget(workspace, subject="person-3"),
    "retain": lambda workspace: retain(workspace, 9, now=NOW),
}


def recorded(folder: Path) -> None:
    """One more day, that nobody has moved."""
    with wk.Logger(folder, model="m") as log:
        for i in range(20):
            features = {"size": i / 20, "place": "c", "who": "person-7"}
            at = START + 4 * DAY + i
            log.prediction(
                id=f"more-{i}", features=features, score=i / 20, timestamp=moment(at), subject="person-7"
            )
            log.outcome(f"more-{i}", i % 2, known_at=moment(at + DAY))


def contents(folder: Path) -> object:
    """What runs say of it, and how much of it there is."""
    with Workspace.open(folder) as workspace:
        (found,) = status(workspace, NOW)
        metrics = history(workspace, now=NOW).metrics.to_pylist()
        journal = Journal.of(workspace, "m")
        journal.view("every", journal.predictions)
        rows = journal.rows("SELECT id, timestamp, score FROM every ORDER BY id, timestamp").to_pylist()
    return found.rows, found.outcomes, found.truth, found.late, metrics, rows


def attempt(folder: Path, do: Do) -> str:
    """What is said; "" where all went well."""
    try:
        with Workspace.open(folder) as workspace:
            do(workspace)
    except WorkspaceError as error:
        return str(error)
    return ""


def test_an_object_store(wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_SECRET", "secret")
    stored = tmp_path / "stored"
    stored.mkdir()
    (stored / "watchkeeper.yaml").write_text(SETTINGS.format(url=wire.url))
    local = built(tmp_path / "local", days=4, rows=10, every=2)
    built(stored, days=4, rows=10, every=2)
    for folder in (local, stored):
        recorded(folder)
    for name, do in {**WRITING, **READING}.items():
        said = list(_cut(stored, wire, do))
        assert len(said) > 1, name
        for text in said:
            assert text.startswith("s3://bucket/away"), text
            assert "the object store of the journal cannot be used: " in text
            assert f"({wire.url}); check endpoint_url under storage: in watchkeeper.yaml" in text
            assert text.endswith("then repeat: nothing is lost")
            assert "secret" not in text
            assert "\n" not in text
        assert attempt(local, do) == ""
        assert contents(stored) == contents(local), name


def _cut(folder: Path, wire: Wire, do: Do) -> Iterator[str]:
    """What is said of a wire that is cut ever later, until nothing is."""
    requests = 0
    while True:
        wire.cut(requests)
        said = attempt(folder, do)
        wire.mend()
        if not said:
            return
        yield said
        requests = 4 * requests + FIRST


@contextmanager
def _away(monkeypatch: pytest.MonkeyPatch, journal: Path, steps: int) -> Iterator[None]:
    """The folder is not there after so many steps: before a table is opened, or between that and a read."""
    opened, relation = Table.opened, Table.relation
    elsewhere, left = journal.with_name("elsewhere"), [steps]

    def step() -> None:
        left[0] -= 1
        if left[0] == 0:
            journal.rename(elsewhere)

    def opened_away(table: Table) -> Any:
        step()
        return opened(table)

    def related_away(table: Table, *arguments: Any) -> Any:
        found = relation(table, *arguments)
        step()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Table, "opened", opened_away)
        patch.setattr(Table, "relation", related_away)
        yield
    if elsewhere.exists():
        assert not journal.exists(), "a new journal was begun in place of the one that went away"
        elsewhere.rename(journal)


@pytest.mark.parametrize(
    ("name", "stride"), [*((name, 19) for name in WRITING), *((name, 3) for name in READING)]
)
def test_a_folder(name: str, stride: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    do = {**WRITING, **READING}[name]
    there, other = (built(tmp_path / part / "workspace", days=4, rows=10, every=2) for part in ("a", "b"))
    for folder in (there, other):
        recorded(folder)
        if name != "run":
            assert attempt(folder, WRITING["run"]) == ""
    said = []
    for steps in range(1, 400, stride):
        with _away(monkeypatch, there / "journal", steps):
            text = attempt(there, do)
        if not text:
            break
        said.append(text)
    assert len(said) > 1
    for text in said:
        assert str(there / "journal") in text
        assert text.endswith("then repeat: nothing is lost")
        assert "\n" not in text
    assert attempt(other, do) == ""
    assert contents(there) == contents(other)


@pytest.mark.parametrize("name", [*WRITING, *READING])
def test_a_folder_that_is_not_mounted(name: str, tmp_path: Path) -> None:
    folder = built(tmp_path / "workspace", days=2, rows=10, every=2)
    recorded(folder)
    (folder / "journal").rename(tmp_path / "elsewhere")
    (folder / "journal").mkdir()
    text = attempt(folder, {**WRITING, **READING}[name])
    assert text.startswith(
        f"{folder / 'journal' / 'm'}: this part of the journal was there, and is not any more"
    )
    assert list((folder / "journal").iterdir()) == []
    assert list((folder / "wal").rglob("*.wal"))
