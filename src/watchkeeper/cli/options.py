"""What several commands ask for: the data, and the corrections to what is known or assumed of the model."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

__all__ = [
    "bands", "corrections", "data", "debug", "given", "label", "reference", "segment", "window", "workspace",
]  # fmt: skip

Command = TypeVar("Command", bound=Callable[..., Any])

NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
SHARE = rf"{NUMBER}(?:\s*%)?"
BAND = re.compile(
    rf"^(?P<key>.+?)\s*(?P<band>(?:>=|<=|>|<|≥|≤)\s*{SHARE}|(?:\s(?:between\s+)?){SHARE}\s*(?:\.\.|\sand\s)\s*{SHARE})$"
)
CROSSED = re.compile(r"\s+[×x]\s+")

debug = click.option("--debug", is_flag=True, expose_value=False, help="Show the traceback of an error.")
data = click.argument("current", nargs=-1, required=True)
reference = click.option(
    "--reference", "-r", metavar="REF", help='What is normal: a file, a glob, or "first 4w" of CURRENT.'
)
workspace = click.option(
    "--workspace", "-w", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path(), metavar="DIR",
    help="The workspace; default: this folder.",
)  # fmt: skip

OPTIONS = (
    click.option("--name", help="Name of the model."),
    click.option(
        "--task", type=click.Choice(["binary", "multiclass", "regression"]), help="What it predicts."
    ),
    click.option("--timestamp", metavar="COLUMN", help="When it predicted."),
    click.option("--prediction", metavar="COLUMN", help="The label or value it predicted."),
    click.option("--score", metavar="COLUMN", help="The probability it gave."),
    click.option("--outcome", metavar="COLUMN", help="What really happened."),
    click.option("--positive", metavar="CLASS", help="The class that is looked for."),
    click.option("--threshold", type=float, help="Score from which on the positive class is predicted."),
    click.option("--window", metavar="LENGTH", help='"1h", "1d", "1w", "1mo", "1000 rows" or "none".'),
    click.option(
        "--segment", "segments", multiple=True, metavar="COLUMN", help='Also by this; "a × b" crosses two.'
    ),
    click.option(
        "--band", "bands", multiple=True, metavar="RULE", help='Where a metric may be: "accuracy >= 0.88".'
    ),
    click.option("--timezone", metavar="ZONE", help='Zone whose midnights part the days: "Europe/Berlin".'),
)


def corrections(command: Command) -> Command:
    """Add the options that correct single keys of the model; given ones alone reach ``model_for``."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def bands(rules: Sequence[str]) -> dict[str, str]:
    """The rules of ``--band`` as the model's ``bands``.

    >>> bands(["accuracy >= 88 %", "recall[carrier=UA]>=.8", "brier_score between 0.1 and 0.2"])
    {'accuracy': '>= 88 %', 'recall[carrier=UA]': '>=.8', 'brier_score': 'between 0.1 and 0.2'}
    """
    matches = {rule: BAND.match(rule.strip()) for rule in rules}
    for rule, match in matches.items():
        if match is None:
            raise click.BadParameter(
                f"--band {rule!r} is not a metric and its limits; write it like "
                '"accuracy >= 0.88", "missing_rate(visib) <= 0.02" or "positive_rate 0.1 .. 0.3"'
            )
    return {match["key"].strip(): match["band"].strip() for match in matches.values() if match}


def segment(text: str) -> str | list[str]:
    """A column, or crossed columns.

    >>> segment("origin"), segment("origin × carrier")
    ('origin', ['origin', 'carrier'])
    """
    parts = CROSSED.split(text)
    return parts if len(parts) > 1 else text


def window(text: str) -> str | None:
    """The length of a window; "none" is one window of everything."""
    return None if text.lower() == "none" else text


def label(text: str) -> object:
    """A class as a configuration would read it: a number, a truth value, or text.

    >>> label("1"), label("true"), label("- 50000.")
    (1.0, True, '- 50000.')
    """
    if re.fullmatch(NUMBER, text):
        return float(text)
    return {"true": True, "false": False}.get(text.lower(), text)


def given(options: Mapping[str, Any]) -> dict[str, Any]:
    """The model's keys that the command line sets, in the types that the model takes."""
    keys = {key: value for key, value in options.items() if value not in (None, ())}
    if "bands" in keys:
        keys["bands"] = bands(keys["bands"])
    if "segments" in keys:
        keys["segments"] = [segment(text) for text in keys["segments"]]
    if "window" in keys:
        keys["window"] = window(keys["window"])
    if "positive" in keys:
        keys["positive"] = label(keys["positive"])
    return keys
