"""Writes the pages that derive from the code; with --check, says whether they are current instead.

Usage: python docs/generate.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent


def cli() -> str:
    from watchkeeper.cli import commands
    from watchkeeper.cli.reference import reference

    return reference(commands)


def configuration() -> str:
    from watchkeeper.model import reference

    return reference()


def metrics() -> str:
    from watchkeeper.metrics import reference

    return reference()


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": cli,
    "configuration.md": configuration,
    "metrics.md": metrics,
}


def stale() -> list[str]:
    """The pages that differ from what the code says now."""
    return [
        name
        for name, page in PAGES.items()
        if not (HERE / name).exists() or (HERE / name).read_text(encoding="utf-8") != page()
    ]


def main(arguments: list[str]) -> int:
    old = stale()
    if arguments == ["--check"]:
        for name in old:
            print(f"docs/{name} is older than the code; `make docs` writes it anew", file=sys.stderr)
        return int(bool(old))
    for name in old:
        (HERE / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"wrote docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
