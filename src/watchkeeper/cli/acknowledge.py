"""``watchkeeper acknowledge``: what changed is the new normal."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchkeeper.cli.options import debug, workspace

if TYPE_CHECKING:
    from watchkeeper.state import Acknowledgement

__all__ = ["acknowledge", "one_line"]


@click.command()
@click.argument("model")
@workspace
@click.option(
    "--at", metavar="DATE", help="Since when it is normal; default: since the last window that was judged."
)
@click.option("--by", metavar="NAME", help="Who says so; default: the user of this machine.")
@click.option("--note", metavar="TEXT", help="Why.")
@click.option("--list", "list_", is_flag=True, help="Only list what was acknowledged.")
@click.option("--undo", is_flag=True, help="Take back the last acknowledgement.")
@debug
def acknowledge(
    folder: Path, model: str, at: str | None, by: str | None, note: str | None, list_: bool, undo: bool
) -> int:
    """Say that what changed is the new normal of MODEL.

    Windows until then keep their verdicts. Those that follow are compared with each other: the first 30 (4 of windows
    that are independent) show what is normal now, and until then only your bands and breaks alarm. Your bands stay what
    they are. It is about the whole model, all features and metrics; and it repairs nothing.

    \b
    Examples:
      watchkeeper acknowledge churn --note "prices went up on 1 May"
      watchkeeper acknowledge churn --at 2026-05-03 --by ann
      watchkeeper acknowledge churn --list
      watchkeeper acknowledge churn --undo
    """
    from watchkeeper.running import acknowledge as acknowledged
    from watchkeeper.running import acknowledgements, undo_acknowledgement
    from watchkeeper.workspace import Workspace

    if (list_ and (undo or by)) or ((list_ or undo) and (at or note)):
        raise click.UsageError(
            "--list stands alone, and --undo takes --by only; the others are of an acknowledgement"
        )
    with Workspace.open(folder) as opened:
        if list_:
            _list(model, acknowledgements(opened, model))
        elif undo:
            undone = undo_acknowledgement(opened, model, by=by or _user())
            click.echo(
                f"{model}: undone: {one_line(undone)}. 'watchkeeper run' judges the windows since then again."
            )
        else:
            made = acknowledged(opened, model, at, by=by or _user(), note=note)
            click.echo(
                f"{model}: acknowledged: {one_line(made)}. 'watchkeeper run' compares anew from then on."
            )
    return 0


def one_line(made: Acknowledgement) -> str:
    """An acknowledgement in one line."""
    begin = datetime.fromtimestamp(made.begin / 1e6, UTC)
    moment = (
        f"{begin:%Y-%m-%d}" if begin == begin.replace(hour=0, minute=0) else f"{begin:%Y-%m-%d %H:%M} UTC"
    )
    by = f" by {made.made_by}" if made.made_by else ""
    note = f", “{made.note}”" if made.note else ""
    return f"normal since {moment}, said{by} on {made.made_at:%Y-%m-%d}{note}"


def _list(model: str, found: list[Acknowledgement]) -> None:
    if not found:
        click.echo(f"{model}: nothing was acknowledged.")
    for made in found:
        undone = ""
        if made.undone_at is not None:
            by = f" by {made.undone_by}" if made.undone_by else ""
            undone = f"; undone{by} on {made.undone_at:%Y-%m-%d}"
        click.echo(f"{made.number}. {one_line(made)}{undone}")


def _user() -> str | None:
    """Of this process; None where it has no name, as in some containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return None
