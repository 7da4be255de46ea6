"""Mover: what loggers wrote, brought into the tables, exactly once.

A batch is written down before it is begun and struck off when it is done. In between each table is told the batch's
number with the rows, and knows it when it comes again: a mover that is killed anywhere is repeated by the next one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from watchkeeper.journal.begun import begin, unknown
from watchkeeper.journal.blocks import TABLE_OF, aligned, rows_of, widened
from watchkeeper.journal.journal import RECORDED, Journal
from watchkeeper.journal.reach import in_reach
from watchkeeper.journal.spool import SPOOL, Spooled, bring_spooled, tidy
from watchkeeper.journal.told import last_batch
from watchkeeper.state import Batch, Count
from watchkeeper.wal import Block, Damage, Segment, read_segment, remove, request_rotation, segments
from watchkeeper.workspace import Workspace

__all__ = ["Moved", "move", "repeat", "take_in"]

Progress = Callable[[str, int, int | None], None]
BATCH_BYTES = 128 * 2**20  # of segments at once: fewer commits, larger files
CHUNK_ROWS = 65_536  # that stand in memory as Python objects at once


@dataclass
class Moved:
    """What came in.

    Attributes
    ----------
    rows : (model, kind) → records
    damaged : segments of which not all could be read
    """

    rows: dict[tuple[str, str], int] = field(default_factory=lambda: defaultdict(int))
    damaged: int = 0

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def move(workspace: Workspace, *, progress: Progress | None = None, wait: float = 30.0) -> Moved:
    """Bring every segment that is complete into the tables; one mover at a time.

    Parameters
    ----------
    wait : seconds for another mover to end

    Raises
    ------
    WorkspaceError
        where another mover is at work for longer, or the workspace cannot be used
    """
    moved = Moved()
    request_rotation(workspace.wal)
    if workspace.state.open_batch() is None and not segments(workspace.wal):
        return moved
    with workspace.state.lease("mover", wait=wait), in_reach(workspace):
        take_in(workspace, moved, progress)
    return moved


def take_in(workspace: Workspace, moved: Moved, progress: Progress | None = None) -> None:
    """Bring what is complete into the tables. The caller holds the mover's lease."""
    repeat(workspace, moved)
    left = segments(workspace.wal)
    total = sum(s.size for s in left)
    for batch in _batches(left):
        number = begin(workspace, [_name(s) for s in batch], above=last_batch(workspace))
        _bring(workspace, number, batch, moved)
        if progress is not None:
            left = [s for s in left if s not in batch]
            progress("moving", total - sum(s.size for s in left), total)


def repeat(workspace: Workspace, moved: Moved | None = None) -> None:
    """Finish what a process that was killed has begun, whether the state knows it or not. The caller holds the mover's
    lease.
    """
    _remove_finished(workspace)
    moved = Moved() if moved is None else moved
    _bring_again(workspace, workspace.state.open_batch(), moved)
    _bring_again(workspace, unknown(workspace), moved)
    tidy(workspace)


def _bring_again(workspace: Workspace, batch: Batch | None, moved: Moved) -> None:
    """What is left of a batch; tables that have it already skip it."""
    if batch is None:
        return
    for name in batch.segments:
        if name.startswith(f"{SPOOL}/"):
            bring_spooled(workspace, Spooled.named(workspace, name), batch.number)
    there = {_name(s): s for s in segments(workspace.wal, take_open=True)}
    _bring(workspace, batch.number, [there[n] for n in batch.segments if n in there], moved)


def _remove_finished(workspace: Workspace) -> None:
    """Segments of the last batch that are there still: its mover was killed between the batch's end and theirs."""
    finished = set(workspace.state.last_segments())
    remove([s for s in segments(workspace.wal, take_open=True) if _name(s) in finished])


def _name(segment: Segment) -> str:
    return f"{segment.writer}/{segment.number}"


def _batches(left: Sequence[Segment]) -> Iterator[list[Segment]]:
    batch: list[Segment] = []
    for segment in left:
        if batch and sum(s.size for s in batch) + segment.size > BATCH_BYTES:
            yield batch
            batch = []
        batch.append(segment)
    if batch:
        yield batch


def _bring(workspace: Workspace, number: int, batch: Sequence[Segment], moved: Moved) -> None:
    counts = _Counts()
    journals: dict[str, Journal] = {}
    parts: dict[tuple[str, str], list[pa.Table]] = defaultdict(list)
    schemas: dict[tuple[str, str], pa.Schema] = {}
    for (model, name), blocks in _chunks(_blocks(batch, counts, moved)):
        journal = journals.setdefault(model, Journal.of(workspace, model))
        key = (model, name)
        known = schemas[key] if key in schemas else journal.tables[name].schema
        recorded = rows_of(blocks, known)
        counts.misfits(model, recorded.misfits, recorded.examples)
        schemas[key] = widened(known, recorded.rows.schema)
        parts[key].append(recorded.rows)
        for block in blocks:
            moved.rows[model, block.kind] += len(block.rows)
    for (model, name), tables in parts.items():
        rows = aligned(tables)
        rows = rows.append_column("batch", pa.repeat(pa.scalar(number, pa.int64()), rows.num_rows))
        journals[model].tables[name].append(rows, number)
    for model in journals:
        workspace.state.set_fact(model, RECORDED, number)
    workspace.state.finish_batch(number, counts.found)
    remove(batch)


def _blocks(batch: Sequence[Segment], counts: _Counts, moved: Moved) -> Iterator[Block]:
    for segment in batch:
        damage = Damage()
        for block in read_segment(segment.path, damage):
            if block.rows:
                counts.dropped(block)
                yield block
        if damage:
            moved.damaged += 1
            counts.damage(segment.path, damage)


def _chunks(blocks: Iterable[Block]) -> Iterator[tuple[tuple[str, str], list[Block]]]:
    """Blocks by model and table, some rows at once, in their order."""
    waiting: dict[tuple[str, str], list[Block]] = defaultdict(list)
    sizes: dict[tuple[str, str], int] = defaultdict(int)
    for block in blocks:
        key = (block.model, TABLE_OF[block.kind])
        waiting[key].append(block)
        sizes[key] += len(block.rows)
        if sizes[key] >= CHUNK_ROWS:
            yield key, waiting.pop(key)
            del sizes[key]
    yield from waiting.items()


class _Counts:
    """What to tell of a batch."""

    def __init__(self) -> None:
        self.found: list[Count] = []

    def misfits(self, model: str, counts: dict[str, int], examples: dict[str, str]) -> None:
        for column, count in counts.items():
            reason = f"values of {column!r} of another type than before"
            self.found.append(Count(model, "misfit", reason, count, example=examples[column]))

    def dropped(self, block: Block) -> None:
        if block.kind == "dropped":
            for _, reason, count in block.rows:
                self.found.append(Count(block.model, "dropped", str(reason), int(count)))

    def damage(self, path: Path, damage: Damage) -> None:
        where = f"{path.parent.name}/{path.name}"
        if damage.torn:
            self.found.append(Count("", "torn", "segments that end within a record", 1, example=where))
        if damage.corrupt:
            reason = "records whose checksum differs, or that are none"
            self.found.append(Count("", "corrupt", reason, damage.corrupt, example=f"{where}: {damage}"))
