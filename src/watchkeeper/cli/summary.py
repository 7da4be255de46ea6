"""What a check found, as text for a person and as JSON for a program."""

from __future__ import annotations

import json
import math
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watchkeeper.cli.table import MOST, chosen, table

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from watchkeeper.explaining import Why
    from watchkeeper.result import Result
    from watchkeeper.verdicts import Finding

__all__ = ["as_object", "line", "new_console", "show"]

FINDINGS = 10
REASONS = 2  # metrics of which it is told why they are worse; the report has all
STYLES = {"alarm": "bold red", "unclear": "bold yellow", "ok": "bold green", "no_data": "bold"}
WORDS = {"alarm": "ALARM", "unclear": "UNCLEAR", "ok": "OK", "no_data": "NO DATA"}
PIPED = 160  # characters of a line where nobody knows the reader's width: no table of ours is wider


def show(result: Result, files: Mapping[str, Path], assumed: str | None = None) -> None:
    """Print the verdict first, then the worst, a table, what to know of the input, and where files are."""
    console = new_console()
    if assumed:
        line(console, assumed, "dim")
    line(console, f"{WORDS[result.verdict]}  {result.sentence}", STYLES[result.verdict])
    _findings(console, result.findings)
    for why in result.why[:REASONS]:
        line(console, why.sentence, above=why is result.why[0])
    numbers = chosen(result.judgements)
    if numbers:
        console.print()
        console.print(table(numbers[:MOST]))
    for note in result.notes:
        line(console, f"note: {note}", "dim", above=note is result.notes[0])
    for name, path in files.items():
        line(console, f"{name}: {path}", above=name == next(iter(files)))


def as_object(result: Result, assumed: str | None, files: Mapping[str, Path]) -> str:
    """The same as one JSON object; numbers that are not finite are null."""
    found = {
        "model": result.model.name,
        "verdict": result.verdict,
        "sentence": result.sentence,
        "findings": [_plain(finding) for finding in result.findings],
        "why": [_reasons(why) for why in result.why],
        "notes": list(result.notes),
        "assumed": assumed,
        "files": {name: str(path) for name, path in files.items()},
    }
    return json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False)


def _findings(console: Console, findings: tuple[Finding, ...]) -> None:
    if not findings:
        return
    console.print()
    sentences = [finding.sentence for finding in findings[:FINDINGS]]
    if console.is_terminal:
        console.print(_hanging(sentences))
    else:
        for number, sentence in enumerate(sentences, start=1):
            line(console, f"{number:>3}  {sentence}")
    if len(findings) > FINDINGS:
        line(console, f"     and {len(findings) - FINDINGS:,} more", "dim")


def _hanging(sentences: Sequence[str]) -> Table:
    """A numbered list whose sentences are wrapped beside their numbers."""
    from rich.table import Table

    grid = Table.grid(padding=(0, 2))
    grid.add_column(justify="right", width=3)
    grid.add_column()
    for number, sentence in enumerate(sentences, start=1):
        grid.add_row(str(number), sentence)
    return grid


def _plain(finding: Finding) -> dict[str, Any]:
    keys = (
        "rule", "family", "metric", "column", "segment_by", "segment", "first_start", "last_start",
        "windows", "judged", "value", "low", "high", "count", "reference", "against", "band_low", "band_high",
        "ongoing", "kind", "sentence",
    )  # fmt: skip
    return {key: _json(getattr(finding, key)) for key in keys}


def _reasons(why: Why) -> dict[str, Any]:
    return {key: _json(value) for key, value in asdict(why).items()}


def _json(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_json(part) for part in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value.isoformat() if hasattr(value, "isoformat") else value


def new_console() -> Console:
    from rich.console import Console

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED
    return Console(width=width, highlight=False, markup=False, emoji=False)


def line(console: Console, text: str, style: str | None = None, *, above: bool = False) -> None:
    """One sentence: wrapped on a terminal, one line in a log."""
    if above:
        console.print()
    console.print(text, style=style, soft_wrap=not console.is_terminal)
