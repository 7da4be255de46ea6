"""What became of recorded files, as text for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from watchkeeper.recording import Written

__all__ = ["show_written"]


def show_written(written: Written) -> None:
    """Say what was recorded, and what could not be."""
    rows = {name: count for name, count in written.rows.items() if count}
    said = ", ".join(f"{count:,} {name}" for name, count in rows.items()) or "nothing new"
    click.echo(f"{written.model}: {said}")
    for count in written.counts:
        example = f" (such as {count.example})" if count.example else ""
        click.echo(f"  {count.count:,} × {count.kind}: {count.reason}{example}")
    for note in written.notes:
        click.echo(f"  note: {note}")
