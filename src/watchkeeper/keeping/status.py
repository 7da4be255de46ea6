"""Status: what a workspace has of each model, read from its tables, its state and its write-ahead log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from watchkeeper.journal import Journal, in_reach, orphans
from watchkeeper.journal.rewriting import live_files
from watchkeeper.journal.table import Table
from watchkeeper.keeping.chosen import chosen
from watchkeeper.keeping.statuses import Ages, Status, Waiting
from watchkeeper.state import Count, Run
from watchkeeper.wal import Segment, first_model, segments
from watchkeeper.workspace import Workspace

__all__ = ["status"]

DAY = 86_400_000_000  # µs
AGES = (("up to a day", 1), ("a week", 7), ("30 days", 30), ("90 days", 90), ("older", 10**6))
"""(in words, days): outcomes come after hours where people click, after a quarter where they repay."""
ORPHANS = "outcomes of predictions that nobody recorded; they wait"

TRUTH = """
SELECT DISTINCT id, timestamp FROM truth_so_far
QUALIFY row_number() OVER (PARTITION BY id, timestamp, known_at, outcome_batch ORDER BY batch DESC, withdrawn) = 1
    AND NOT withdrawn
"""
BY_AGE = """
SELECT {age} AS age, count(*), count(t.id) FROM prediction p
LEFT JOIN ({truth}) t ON t.id = p.id AND t.timestamp = p.timestamp GROUP BY age
"""
DELAYS = """
SELECT quantile_disc(late, [0.5, 0.95]) FROM (
    SELECT epoch_us(known_at) - epoch_us(timestamp) AS late FROM truth_so_far WHERE NOT withdrawn)
"""


def status(workspace: Workspace, now: int) -> list[Status]:
    """How things stand with each model, by name; nothing is changed.

    Parameters
    ----------
    now : µs since 1970 UTC
    """
    waiting = _waiting(workspace)
    names = sorted({*chosen(workspace), *(name for name in waiting if name)})
    with in_reach(workspace):
        found = [_of_model(workspace, name, waiting.get(name, Waiting()), now) for name in names]
    nobody = Status("", waiting=waiting.get("", Waiting()), counts=tuple(workspace.state.counts("")))
    return [*found, nobody] if nobody.counts or nobody.waiting.segments else found


def _of_model(workspace: Workspace, name: str, waiting: Waiting, now: int) -> Status:
    state, journal = workspace.state, Journal.of(workspace, name)
    done, forgotten = state.progress(name), state.fact(name, "forgotten")
    late = _delays(journal)
    return Status(
        name, _last(journal, now), _rate(journal, now), _count(journal.predictions), _count(journal.outcomes),
        _by_age(journal, now), *late, waiting,
        sum(_new(journal, table, done) for table in (journal.predictions, journal.outcomes)),
        (*state.counts(name), *_orphans(journal, name, done)), _run(workspace, name),
        len(forgotten) if isinstance(forgotten, list) else 0,
        {key: size for key, table in journal.tables.items() if (size := disk(table))},
        next((a for a in reversed(state.acknowledgements(name)) if a.holds), None),
    )  # fmt: skip


def _waiting(workspace: Workspace) -> dict[str, Waiting]:
    """By the model of each segment's first record: a logger writes of one."""
    found: dict[str, Waiting] = {}
    for segment in segments(workspace.wal, take_open=True):
        name = first_model(segment.path) or ""
        found[name] = found.get(name, Waiting()) + Waiting(1, segment.size, _written(segment))
    return found


def _written(segment: Segment) -> int | None:
    try:
        return segment.path.stat().st_mtime_ns // 1000
    except OSError:  # closed, or moved, meanwhile
        return None


def _last(journal: Journal, now: int) -> int | None:
    """Of the predictions that do not lie ahead of the clock."""
    table = journal.predictions
    if not journal.view("prediction", table):
        return None
    found = journal.row(
        "SELECT max(epoch_us(timestamp)) FROM prediction WHERE epoch_us(timestamp) <= $now", {"now": now}
    )
    return None if found is None else found[0]


def _rate(journal: Journal, now: int) -> float:
    table = journal.predictions
    if not journal.view("recent", table, table.files(now - DAY, now + 1)):
        return 0.0
    sql = "SELECT count(*) FROM recent WHERE epoch_us(timestamp) > $after AND epoch_us(timestamp) <= $now"
    found = journal.row(sql, {"after": now - DAY, "now": now})
    return 0.0 if found is None else found[0] / 24


def _count(table: Table) -> int:
    return sum(file.rows for file in live_files(table))


def _by_age(journal: Journal, now: int) -> tuple[Ages, ...]:
    if not journal.view("prediction", journal.predictions):
        return ()
    truth = (
        TRUTH
        if journal.view("truth_so_far", journal.truth)
        else "SELECT NULL AS id, NULL::TIMESTAMPTZ AS timestamp"
    )
    steps = " ".join(
        f"WHEN epoch_us(p.timestamp) > {now - days * DAY} THEN {i}" for i, (_, days) in enumerate(AGES)
    )
    sql = BY_AGE.format(age=f"CASE {steps} ELSE {len(AGES) - 1} END", truth=truth)
    counts = {age: (rows, known) for age, rows, known in journal.connection.execute(sql).fetchall()}
    return tuple(Ages(words, *counts[i]) for i, (words, _) in enumerate(AGES) if i in counts)


def _delays(journal: Journal) -> tuple[int | None, int | None]:
    if not journal.view("truth_so_far", journal.truth):
        return None, None
    found = journal.row(DELAYS)
    return (None, None) if found is None or found[0] is None else (found[0][0], found[0][1])


def _new(journal: Journal, table: Table, done: int) -> int:
    if not journal.view("new_rows", table, table.files(after=done)):
        return 0
    found = journal.row("SELECT count(*) FROM new_rows WHERE batch > $done", {"done": done})
    return 0 if found is None else int(found[0])


def _orphans(journal: Journal, name: str, done: int) -> Sequence[Count]:
    count, examples = orphans(journal, done)
    return [Count(name, "orphan", ORPHANS, count, ", ".join(examples))] if count else []


def _run(workspace: Workspace, name: str) -> Run | None:
    return next((run for run in workspace.state.runs() if name in run.models or run.outcome is None), None)


def disk(table: Table) -> int:
    """Bytes of a table, the files included that it no longer names; in an object store, of its live files."""
    if "://" in table.url:
        return sum(file.size for file in live_files(table))
    return sum(path.stat().st_size for path in Path(table.url).rglob("*") if path.is_file())
