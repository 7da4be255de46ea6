"""Pages that derive from the code are current, and nothing of the command line is undocumented."""

from __future__ import annotations

import runpy
from pathlib import Path

import click
import pytest

from watchkeeper.cli import commands

DOCS = Path(__file__).parents[2] / "docs"
OPTIONS = [
    (name, option)
    for name, command in commands.commands.items()
    for parameter in command.params
    for option in parameter.opts
    if isinstance(parameter, click.Option)
]


def test_generated_pages_are_current() -> None:
    assert runpy.run_path(str(DOCS / "generate.py"))["stale"]() == []


@pytest.mark.parametrize("name", sorted(commands.commands))
def test_each_command_has_a_section_and_a_summary(name: str) -> None:
    assert f"\n## watchkeeper {name}\n" in (DOCS / "cli.md").read_text(encoding="utf-8")
    assert commands.commands[name].get_short_help_str()


@pytest.mark.parametrize(("name", "option"), OPTIONS)
def test_each_option_is_documented(name: str, option: str) -> None:
    page = (DOCS / "cli.md").read_text(encoding="utf-8")
    section = page.split(f"\n## watchkeeper {name}\n")[1].split("\n## ")[0]
    assert f"{option} " in section or f"{option}," in section
    parameter = next(p for p in commands.commands[name].params if option in p.opts)
    assert isinstance(parameter, click.Option)
    assert parameter.help
