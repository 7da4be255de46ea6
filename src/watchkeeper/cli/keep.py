"""``watchkeeper compact``, ``retain`` and ``forget``: a workspace stays small, and forgets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchkeeper.cli.amounts import size
from watchkeeper.cli.options import debug, workspace
from watchkeeper.cli.progress import Progress

if TYPE_CHECKING:
    from watchkeeper.keeping import Expired, Forgotten, Kept

__all__ = ["compact", "forget", "retain"]

model = click.option("--model", "name", metavar="NAME", help="Only of this model.")


@click.command()
@workspace
@model
@click.option(
    "--keep", "hours", type=click.IntRange(0, 8760), default=1, show_default=True, metavar="HOURS",
    help="How long files that were replaced stay for readers that began before.",
)  # fmt: skip
@debug
def compact(folder: Path, name: str | None, hours: int) -> int:
    """Make the journal small: few files, sorted and compressed.

    Small files of a date become one, profiles and verdicts that later runs superseded go, logs of tables are shortened.
    Loggers, runs and readers may go on meanwhile; what a run says afterwards is the same. Call it once a day.

    \b
    Examples:
      watchkeeper compact
      watchkeeper compact --model churn --keep 0
    """
    from watchkeeper.keeping import compact as compacted
    from watchkeeper.workspace import Workspace

    with Workspace.open(folder) as opened, Progress() as progress:
        found = compacted(opened, name, hours=hours, progress=progress)
    for kept in found:
        _compacted(kept)
    if not any(kept.compacted.files[0] for kept in found):
        click.echo("Nothing to compact: every date has one file.")
    elif hours:
        click.echo(f"What was replaced stays for {hours} h; 'compact' after that removes it.")
    return 0


def _compacted(kept: Kept) -> None:
    files, sizes = kept.compacted.files, kept.compacted.size
    if files[0]:
        before, after = f"{files[0]:,} files of {size(sizes[0])}", f"{files[1]:,} of {size(sizes[1])}"
        click.echo(f"{kept.model}, {kept.table}: {before} became {after}.")
    if kept.cleaned.files:
        click.echo(f"{kept.model}, {kept.table}: {kept.cleaned.files:,} old files were removed.")


@click.command()
@workspace
@model
@click.option(
    "--days", type=click.IntRange(1, 36_525), required=True, metavar="N", help="How many days are kept."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@debug
def retain(folder: Path, name: str | None, days: int, dry_run: bool) -> int:
    """Remove predictions, outcomes, truth and events older than N days.

    Whole dates (UTC) go, and no part of a window: it is computed from all of its rows, or from none. Profiles and
    verdicts stay, so that metrics and charts go further back than rows do. What is removed is off the disk when the
    command ends.

    \b
    Examples:
      watchkeeper retain --days 90 --dry-run
      watchkeeper retain --days 90
    """
    from watchkeeper.keeping import retain as retained
    from watchkeeper.workspace import Workspace

    with Workspace.open(folder) as opened:
        found = retained(opened, days, name, dry_run=dry_run)
    for one in found:
        _expired(one, "would go" if dry_run else "removed")
    if not found:
        click.echo(f"Nothing is older than {days:,} days.")
    return 0


def _expired(one: Expired, done: str) -> None:
    dates = one.old.dates
    if dates:
        span = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
        click.echo(
            f"{one.model}, {one.table}: {one.old.rows:,} rows of {span}, {size(one.old.size)}, {done}."
        )
    if one.late:
        click.echo(
            f"{one.model}, {one.table}: {one.late:,} that became known later, of predictions that go, {done}."
        )


@click.command()
@workspace
@model
@click.option("--id", "id_", metavar="ID", help="Of the predictions and outcomes that are to be forgotten.")
@click.option("--subject", metavar="SUBJECT", help="Whom the predictions are about.")
@debug
def forget(folder: Path, name: str | None, id_: str | None, subject: str | None) -> int:
    """Remove one person's rows for good.

    Predictions with their outcomes and truth, in the tables, their old files and logs, in what loggers wrote and nobody
    has moved yet, in the examples of what could not be used, and in backups of the state. Hashed ids and subjects are
    found by what the service knows. Profiles stay: they are counts. That somebody was forgotten is remembered, not who.

    \b
    Examples:
      watchkeeper forget --id UA-1545
      watchkeeper forget --subject 4711 --model churn
    """
    from watchkeeper.keeping import forget as forgotten
    from watchkeeper.workspace import Workspace

    if (id_ is None) == (subject is None):
        raise click.UsageError("give --id or --subject: whose rows are to be forgotten?")
    with Workspace.open(folder) as opened:
        done = forgotten(opened, id=id_, subject=subject, model=name)
    _forgotten(done)
    return 0


def _forgotten(done: Forgotten) -> None:
    for model, tables in done.rows.items():
        rows = ", ".join(f"{count:,} of {table}" for table, count in tables.items() if count)
        if rows:
            click.echo(f"{model}: {rows} removed.")
    if done.remembered:
        click.echo(f"{done.remembered:,} texts of the state and its backups were cleared.")
    if not (done.total or done.remembered):
        click.echo("Nothing was found; old files and logs were removed all the same.")
    for path in done.left:
        click.echo(f"note: {path} still names it; it is yours to change or remove.")
