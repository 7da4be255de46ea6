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
    yield _page(commands, "watchkeeper", None)
    top = click.Context(commands, info_name="watchkeeper", terminal_width=WIDTH)
    for name in sorted(commands.commands):
        yield _page(commands.commands[name], name, top)


def _page(command: click.Command, name: str, parent: click.Context | None) -> str:
    context = click.Context(
        command, info_name=name, parent=parent, terminal_width=WIDTH, max_content_width=WIDTH
    )
    return f"\n## {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
