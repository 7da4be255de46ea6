"""The code blocks of a page of documentation, as a reader would run them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.cli import main

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(python|bash)\n(.*?)^```$", re.M | re.S)


def run_page(page: str) -> tuple[dict[str, Any], list[int]]:
    """Run the blocks of a page one after the other in the working folder.

    Returns what the Python blocks have defined, and the exit status of each `watchkeeper` in a bash block.
    """
    names: dict[str, Any] = {"__name__": "page"}
    statuses: list[int] = []
    blocks = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    assert blocks, f"{page} has no code"
    for language, code in blocks:
        if language == "python":
            exec(compile(code, page, "exec"), names)
        else:
            statuses += [run_line(line) for line in code.splitlines() if line.startswith("watchkeeper ")]
    return names, statuses


def run_line(line: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(shlex.split(line)[1:])
    assert isinstance(left.value.code, int)
    return left.value.code
