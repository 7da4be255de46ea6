"""The reference of the command line, as ``docs/cli.md`` shows it."""

from __future__ import annotations

from collections.abc import Iterator

import click

__all__ = ["reference"]

HEAD = """# Command line

<!-- Generated from the code by `make docs`. -->

Nothing listens on a network, sends telemetry or asks questions; what is printed reads well in a log.
`--debug` shows the traceback of an error. `NO_COLOR=1` turns colours off.
"""
WIDTH = 100


def reference(commands: click.Group) -> str:
    """Every command with its help, in Markdown."""
    return HEAD + "".join(_pages(commands))


def _pages(commands: click.Group) -> Iterator[str]:
    top = _context(commands, "watchkeeper", None)
    yield _page(top)
    for name in sorted(commands.commands):
        yield _page(_context(commands.commands[name], name, top))


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    settings = command.context_settings
    return click.Context(
        command, parent, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, **settings
    )


def _page(context: click.Context) -> str:
    return f"\n## {context.command_path}\n\n```text\n{context.get_help()}\n```\n"
