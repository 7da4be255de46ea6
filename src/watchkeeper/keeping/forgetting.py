"""Forget: one person out of a workspace, for good."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchkeeper.errors import WatchkeeperError, WorkspaceError
from watchkeeper.journal import Journal, Moved, Person, clean, forget_rows, in_reach, take_in
from watchkeeper.keeping.chosen import chosen
from watchkeeper.logger.privacy import Privacy, privacy_of
from watchkeeper.model import Model
from watchkeeper.wal import Block, read_segment, request_rotation, segments
from watchkeeper.workspace import Workspace

__all__ = ["Forgotten", "forget"]

PATIENCE = 10.0  # seconds in which a logger closes its segment; it looks every 50 ms
CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class Forgotten:
    """What was removed.

    Attributes
    ----------
    rows : model → table → rows removed; of events and verdicts, those whose texts were cleared
    remembered : values of the state, and of its backups, that named the person
    left : files that name the person still, and are the user's own to change
    """

    rows: dict[str, dict[str, int]]
    remembered: int = 0
    left: tuple[Path, ...] = ()

    @property
    def total(self) -> int:
        """Rows of all models and tables."""
        return sum(count for tables in self.rows.values() for count in tables.values())


def forget(
    workspace: Workspace,
    *,
    id: str | None = None,
    subject: str | None = None,
    model: str | None = None,
    now: int | None = None,
) -> Forgotten:
    """Remove the rows of a prediction's id, or of all predictions about a subject, with their outcomes.

    From the tables, their old files and their logs, from what waits in the write-ahead log, from the state and its
    backups; where ids or subjects are hashed, by their hash. Profiles stay: they are counts. That something was
    forgotten is remembered, not whom.

    Parameters
    ----------
    id, subject : one of them, as the service knows it
    model : only of this one; default: of all

    Raises
    ------
    WatchkeeperError
        where neither is given, or both
    WorkspaceError
        while a run, or another process that writes, is at work for long; or a logger that hangs holds such rows
    """
    if (id is None) == (subject is None) or not (id or subject):
        raise WatchkeeperError("give an id, or a subject: whose rows are to be forgotten?")
    role, name = ("id", str(id)) if subject is None else ("subject", subject)
    with workspace.state.lease("run", wait=PATIENCE * 3):
        hanging = _hanging(workspace)
        with workspace.state.lease("mover"), in_reach(workspace):
            take_in(workspace, Moved())
            names, rows, ids = {name}, {}, set[str]()
            for one in chosen(workspace, model):
                person = _person(workspace, one, role, name)
                names |= person.names
                rows[one], found = _forget(workspace, one, person)
                ids |= found
            _nothing_waits(hanging, names | ids)
            remembered = workspace.state.forget(names, ids)
            _remember(workspace, rows, time.time_ns() // 1000 if now is None else now)
    return Forgotten(rows, remembered, tuple(_naming(workspace, names)))


def _forget(workspace: Workspace, model: str, person: Person) -> tuple[dict[str, int], frozenset[str]]:
    journal = Journal.of(workspace, model)
    found = forget_rows(journal, person)
    for table in journal.tables.values():
        clean(table, hours=0)
    return found


def _person(workspace: Workspace, model: str, role: str, name: str) -> Person:
    """Under all names that the model's tables may have: it may have begun to hash, or ended to."""
    described = workspace.models().get(model)
    column = None if described is None else getattr(described, role)
    hashed = _hashed(workspace, model, described, role, name)
    return Person(role, frozenset({name, *hashed}), () if column is None else (column,))


def _hashed(workspace: Workspace, model: str, described: Model | None, role: str, name: str) -> Iterator[str]:
    privacy = None if described is None else privacy_of(workspace.folder, model)
    secrets = [] if privacy is None or not privacy.secret else [privacy.secret]
    if (workspace.folder / "secret").exists():
        secrets.append((workspace.folder / "secret").read_bytes().strip())
    for secret in dict.fromkeys(secrets):
        yield Privacy(frozenset(), frozenset([role]), secret).field(role, name)


def _hanging(workspace: Workspace) -> list[Path]:
    """Segments that a living logger was asked to close and did not."""
    before = {s.path for s in segments(workspace.wal, take_open=True) if s.state == "living"}
    request_rotation(workspace.wal, PATIENCE)
    return sorted(before & {s.path for s in segments(workspace.wal, take_open=True) if s.state == "living"})


def _nothing_waits(hanging: Sequence[Path], names: set[str]) -> None:
    """Raise where such a segment holds a row of the person."""
    for path in hanging:
        if any(_about(block, names) for block in read_segment(path)):
            raise WorkspaceError(
                f"{path}: its process did not close it within {PATIENCE:g} seconds, and it holds such rows; "
                "let that process go on, or end it, and repeat"
            )


def _about(block: Block, names: set[str]) -> bool:
    places = [block.fields.index(role) for role in ("id", "subject") if role in block.fields]
    return any(row[place] in names for row in block.rows for place in places)


def _remember(workspace: Workspace, rows: dict[str, dict[str, int]], now: int) -> None:
    for model, tables in rows.items():
        known = workspace.state.fact(model, "forgotten")
        entry = {"at": now, "rows": {table: count for table, count in tables.items() if count}}
        workspace.state.set_fact(model, "forgotten", [*(known if isinstance(known, list) else ()), entry])


def _naming(workspace: Workspace, names: set[str]) -> Iterator[Path]:
    """Files of the workspace that name the person still, outside of the tables: reports, configurations."""
    tables = Path(workspace.journal_url)
    for path in sorted(workspace.folder.rglob("*")):
        if path.is_file() and tables not in path.parents and _names(path, names):
            yield path


def _names(path: Path, names: set[str]) -> bool:
    wanted = [name.encode() for name in names]
    longest = max(map(len, wanted))
    try:
        with path.open("rb") as file:
            tail = b""
            while chunk := file.read(CHUNK):
                data = tail + chunk
                if any(name in data for name in wanted):
                    return True
                tail = data[-longest:]
    except OSError:
        return False
    return False
