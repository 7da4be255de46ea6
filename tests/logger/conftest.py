"""What a logger has written, as dictionaries."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.wal import Damage, read_segment, segments

Read = Callable[..., list[dict[str, Any]]]


def read(folder: Path, kind: str = "prediction") -> list[dict[str, Any]]:
    """The records of one kind, a prediction's features apart; nothing may be damaged."""
    damage, found = Damage(), []
    for segment in segments(folder / "wal", take_open=True):
        for block in read_segment(segment.path, damage):
            fixed = len(block.fields) - len(block.features)
            for row in block.rows if block.kind == kind else ():
                record = dict(zip(block.fields[:fixed], row[:fixed], strict=True))
                if block.kind == "prediction":
                    record["features"] = dict(zip(block.features, row[fixed:], strict=True))
                found.append(record)
    assert not damage.corrupt
    return found


@pytest.fixture(name="read")
def _read() -> Read:
    return read
