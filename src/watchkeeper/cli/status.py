"""``watchkeeper status``: how things stand with each model."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from watchkeeper.cli.acknowledge import one_line
from watchkeeper.cli.amounts import ago, lasting, size
from watchkeeper.cli.options import debug, workspace

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from watchkeeper.keeping import Status
    from watchkeeper.state import Acknowledgement

__all__ = ["status"]

BAR = 20  # characters
STYLES = {"ok": "green", "alarm": "bold red", "unclear": "yellow", "no_data": "dim"}


@click.command()
@workspace
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
@debug
def status(folder: Path, as_json: bool) -> int:
    """Say what was recorded, what waits, and what could not be used.

    For each model: when it predicted last and how often, how much truth has come and how late, what waits in the
    write-ahead log and for a run, what was dropped, torn, corrupt, unmatched, contradictory, and why. Nothing is
    changed.

    \b
    Examples:
      watchkeeper status
      watchkeeper status --workspace monitoring --json
    """
    from watchkeeper.keeping import status as statuses
    from watchkeeper.workspace import Workspace

    now = time.time_ns() // 1000
    with Workspace.open(folder) as opened:
        found = statuses(opened, now)
    if as_json:
        click.echo(json.dumps([as_object(one) for one in found], ensure_ascii=False, indent=2))
    else:
        _show(found, now)
    return 0


def as_object(status: Status) -> dict[str, Any]:
    """A status as JSON has it; times are µs since 1970 UTC."""
    run = status.run
    return {
        "model": status.model, "last_prediction": status.last, "predictions_per_hour": status.rate,
        "predictions": status.rows, "outcomes": status.outcomes, "truth_share": status.share,
        "truth_by_age": [
            {"age": a.age, "predictions": a.predictions, "known": a.known, "share": a.share} for a in status.truth
        ],
        "truth_delay_median": status.late, "truth_delay_p95": status.very_late,
        "waiting": {
            "segments": status.waiting.segments, "bytes": status.waiting.size, "oldest": status.waiting.oldest,
        },
        "not_yet_run": status.new,
        "counts": [
            {"kind": c.kind, "reason": c.reason, "count": c.count, "example": c.example} for c in status.counts
        ],
        "last_run": None if run is None else {
            "number": run.number, "began_at": run.began_at.isoformat(), "outcome": run.outcome,
            "finished_at": None if run.finished_at is None else run.finished_at.isoformat(),
        },
        "forgotten": status.forgotten, "disk": status.disk, "acknowledged": _plain(status.acknowledged),
    }  # fmt: skip


def _plain(made: Acknowledgement | None) -> dict[str, Any] | None:
    if made is None:
        return None
    return {
        "number": made.number, "begin": made.begin, "made_at": made.made_at.isoformat(), "by": made.made_by,
        "note": made.note,
    }  # fmt: skip


def _show(found: list[Status], now: int) -> None:
    from watchkeeper.cli.summary import line, new_console

    console = new_console()
    if not found:
        line(console, "Nothing was recorded yet: wk.Logger and 'watchkeeper log FILE' do so.")
    for one in found:
        _one(console, one, now, above=one is not found[0])


def _one(console: Console, status: Status, now: int, *, above: bool) -> None:
    from watchkeeper.cli.summary import line

    line(console, status.model or "(no model)", "bold", above=above)
    console.print(_grid(_rows(status, now)))
    if len(status.truth) > 1:
        console.print(_ages(status))
    if status.counts:
        console.print(_counts(status))


def _rows(status: Status, now: int) -> Iterator[tuple[str, str]]:
    if status.model:
        yield "last prediction", _last(status, now)
        yield (
            "predictions",
            f"{status.rows:,}" + (f", {size(sum(status.disk.values()))} on disk" if status.disk else ""),
        )
        yield "truth", _truth(status)
    if status.waiting.segments or status.new:
        yield "waiting", _waiting(status, now)
    if status.model:
        yield "last run", _run(status, now)
    if status.acknowledged is not None:
        yield "acknowledged", one_line(status.acknowledged)
    if status.forgotten:
        yield "forgotten", f"{status.forgotten:,} time{'s' * (status.forgotten != 1)}"


def _last(status: Status, now: int) -> str:
    if status.last is None:
        return "none"
    return f"{ago(status.last, now)}, {status.rate:,.0f} an hour over the last day"


def _truth(status: Status) -> str:
    if not status.outcomes:
        return "no outcome was recorded"
    share = "" if status.share is None else f"{status.share:.1%} of the predictions have an outcome"
    if status.late is None or status.very_late is None:
        return f"{status.outcomes:,} outcomes; {share or 'none met a prediction yet'}"
    return f"{share}; half came within {lasting(status.late)}, 95 % within {lasting(status.very_late)}"


def _waiting(status: Status, now: int) -> str:
    parts, wal = [], status.waiting
    if wal.segments:
        oldest = "" if wal.oldest is None else f", the oldest written {ago(wal.oldest, now)}"
        parts.append(f"{wal.segments:,} segment{'s' * (wal.segments != 1)} of {size(wal.size)}{oldest}")
    if status.new:
        parts.append(f"{status.new:,} rows that no run has looked at")
    return "; ".join(parts)


def _run(status: Status, now: int) -> str:
    run = status.run
    if run is None:
        return "none; 'watchkeeper run' computes and judges"
    began = ago(int(run.began_at.timestamp() * 1e6), now)
    return f"{run.outcome or 'at work, or ended early'}, {began} (number {run.number})"


def _grid(rows: Iterator[tuple[str, str]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", min_width=17)
    grid.add_column()
    for name, said in rows:
        style = STYLES.get(said.split(",")[0], "") if name == "last run" else ""
        grid.add_row(f"  {name}", Text(said, style=style))
    return grid


def _ages(status: Status) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", min_width=17)
    grid.add_column(justify="right")
    grid.add_column(style="cyan")
    grid.add_column(style="dim")
    for ages in status.truth:
        share = ages.share or 0.0
        full = round(share * BAR)
        of = f"of {ages.predictions:,}"
        grid.add_row(f"    {ages.age}", f"{share:.0%}", "━" * full + "╌" * (BAR - full), of)
    return grid


def _counts(status: Status) -> Table:
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="yellow", min_width=17)
    grid.add_column(style="yellow", justify="right")
    grid.add_column()
    for count in status.counts:
        example = f" (such as {count.example})" if count.example else ""
        grid.add_row(f"  {count.kind}", f"{count.count:,}", f"{count.reason}{example}")
    return grid
