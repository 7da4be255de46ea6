"""Connections to DuckDB."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
from watchkeeper.sources.engine import reader, scratch
for connection in (reader(), scratch(), scratch("Europe/Berlin")):
    print(connection.execute("SELECT current_setting('enable_progress_bar')").fetchone()[0])
"""


def test_no_progress_bar_of_its_own_is_drawn_into_a_shell() -> None:
    """Which a program without a file is to DuckDB."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"] * 3
