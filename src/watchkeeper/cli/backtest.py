"""``watchkeeper backtest``: what rules would have told of history."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from watchkeeper.cli.options import bands, debug, reference, workspace
from watchkeeper.cli.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from watchkeeper.backtesting import Backtest, Replay, Told

__all__ = ["backtest"]

FILE = click.Path(dir_okay=False, path_type=Path)
MOST = 12  # rows of a table: several of them are read one after the other
HEADS = ("", "kind", "first told", "windows", "now", "than current")


@click.command()
@click.argument("what", nargs=-1, metavar="[MODEL | CURRENT...]")
@workspace
@reference
@click.option("--config", "-c", type=FILE, metavar="FILE", help="The model of CURRENT.")
@click.option(
    "--alpha", "alphas", type=float, multiple=True, metavar="NUMBER",
    help="What if alpha were this? Default: a tenth, and ten times. May be given again.",
)  # fmt: skip
@click.option(
    "--band", "rules", multiple=True, metavar="RULE",
    help='What if this were a band, "accuracy >= 0.9"? May be given again.',
)  # fmt: skip
@click.option(
    "--output", "-o", type=FILE, metavar="FILE", help="Write what would be told: .parquet, .csv or .json."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text.")
@debug
@click.pass_context
def backtest(
    context: click.Context,
    what: tuple[str, ...],
    folder: Path,
    reference: str | None,
    config: Path | None,
    alphas: tuple[float, ...],
    rules: tuple[str, ...],
    output: Path | None,
    as_json: bool,
) -> int:
    """Say what the rules would have told of history, and what others would.

    Of a MODEL of a workspace every window that runs have computed is judged again; of CURRENT, files as `check` takes
    them, every window. First by the current rules, then by each --alpha and each --band in their place. Nothing is
    changed.

    \b
    Examples:
      watchkeeper backtest --workspace monitoring churn
      watchkeeper backtest --band "accuracy >= 0.9" --band "recall >= 0.7" --alpha 0.001
      watchkeeper backtest "logs/2026-*.csv" --reference "first 4w" --config models/churn.yaml

    Exit status: 0 whatever would have been told, 2 it could not run.
    """
    from watchkeeper.backtesting import backtest as replay
    from watchkeeper.cli.assumed import looked_at, model_for

    place = context.get_parameter_source("folder") is not click.core.ParameterSource.DEFAULT
    of_files = reference is not None or config is not None or (not place and _are_files(what))
    _check(what, of_files, place)
    others = [bands([rule]) for rule in rules]
    assumed = None
    with Progress() as progress:
        if of_files:
            paths = what[0] if len(what) == 1 else list(what)
            model, assumed = model_for(looked_at(paths, reference), config, {})
            found = replay(
                paths, model, reference=reference, alpha=alphas or None, bands=others, progress=progress
            )
        else:
            name = what[0] if what else None
            found = replay(folder, name, alpha=alphas or None, bands=others, progress=progress)
    if output is not None:
        found.save(output)
    if as_json:
        click.echo(found.to_json())
    else:
        _show(found, assumed, output)
    return 0


def _are_files(what: Sequence[str]) -> bool:
    """Whether it is files that are named, not a model of the workspace in this folder."""
    from glob import has_magic

    return any(has_magic(name) or Path(name).is_file() for name in what)


def _check(what: Sequence[str], of_files: bool, place: bool) -> None:
    if of_files and place:
        raise click.UsageError(
            "a model of a workspace has its reference and its configuration; leave out --workspace to judge files"
        )
    if of_files and not what:
        raise click.UsageError(
            "--reference and --config are for files; name them: watchkeeper backtest CURRENT"
        )
    if not of_files and len(what) > 1:
        raise click.UsageError(
            f"one model at a time; got {' '.join(what)} (files are judged with --reference or --config)"
        )


def _show(found: Backtest, assumed: str | None, output: Path | None) -> None:
    from watchkeeper.cli.summary import line, new_console

    console = new_console()
    if assumed:
        line(console, assumed, "dim")
    line(console, found.sentence, "bold")
    _rows(console, found.current.told, found)
    for replay in found.variants:
        _variant(console, replay, found)
    for note in found.notes:
        line(console, f"note: {note}", "dim", above=note is found.notes[0])
    if output is not None:
        line(console, f"told: {output}", above=True)


def _variant(console: Console, replay: Replay, found: Backtest) -> None:
    """Only what is different: the rest is in the table of the current rules."""
    from watchkeeper.cli.summary import line

    line(console, f"{replay.name[:1].upper()}{replay.name[1:]}: {replay.sentence}", above=True)
    _rows(console, [told for told in (*replay.told, *replay.missed) if told.change != "same"], found)


def _rows(console: Console, rows: Sequence[Told], found: Backtest) -> None:
    from watchkeeper.cli.summary import line

    if rows:
        console.print()
        console.print(_table(rows[:MOST], found))
    if len(rows) > MOST:
        line(console, f"and {len(rows) - MOST:,} more; --json and --output have all", "dim")


def _table(rows: Sequence[Told], found: Backtest) -> Table:
    from rich.table import Table

    compared = any(told.change for told in rows)
    shown = Table(box=None, pad_edge=False, header_style="dim")
    for head in HEADS[: 6 if compared else 5]:
        shown.add_column(head, justify="right" if head == "windows" else "left", no_wrap=head != "")
    for told in rows:
        cells = _cells(told, found)
        shown.add_row(*(cells if compared else cells[:5]), style="dim" if told.change == "not here" else None)
    return shown


def _cells(told: Told, found: Backtest) -> tuple[str, ...]:
    if told.change == "not here":
        return told.what, "", "", "", "", "not told"
    kind = told.kind or ("band" if told.rule == "band" else "difference")
    now = "goes on" if told.ongoing else "over"
    return told.what, kind, _first(told, found), f"{told.windows:,}", now, _change(told)


def _first(told: Told, found: Backtest) -> str:
    """The date, with the time where windows are shorter than a day."""
    from zoneinfo import ZoneInfo

    if told.first_start is None:
        return told.first
    local = told.first_start.astimezone(ZoneInfo(found.model.timezone))
    return (
        f"{local:%Y-%m-%d %H:%M}"
        if found.model.parsed_window.unit in ("hour", "minute")
        else f"{local:%Y-%m-%d}"
    )


def _change(told: Told) -> str:
    if told.change in ("earlier", "later") and told.later is not None:
        return f"{abs(told.later):,} {told.change}"
    return told.change or ""
