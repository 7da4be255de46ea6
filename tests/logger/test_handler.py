"""LogHandler: records out of log lines."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import watchkeeper as wk
from tests.logger.conftest import Read


class Lines:
    """A pattern as ``watchkeeper.lines`` makes them."""

    def match(self, text: str) -> list[tuple[str, dict[str, Any]]] | None:
        if found := re.fullmatch(r"(\S+) predicted (\S+) hour=(\d+)", text):
            return [
                ("prediction", {"id": found[1], "prediction": found[2], "features": {"hour": int(found[3])}})
            ]
        if found := re.fullmatch(r"(\S+) was (\S+)", text):
            return [("outcome", {"id": found[1], "actual": found[2]})]
        if text == "broken":
            raise RuntimeError("a broken pattern")
        return [("rumour", {})] if text == "rumour" else None


@pytest.fixture
def service() -> Iterator[logging.Logger]:
    found = logging.getLogger("tests.predictions")
    found.setLevel(logging.INFO)
    found.propagate = False
    yield found
    found.handlers.clear()


def test_lines_become_records(tmp_path: Path, read: Read, service: logging.Logger) -> None:
    with wk.Logger(tmp_path) as log:
        handler = wk.LogHandler(log, Lines())
        service.addHandler(handler)
        service.info("UA-%d predicted %s hour=%d", 7, "late", 5)
        service.info("UA-7 was late")
        service.info("nothing to see")
        service.info("broken")
        service.info("rumour")
        line = logging.LogRecord("tests", logging.INFO, "", 0, "%d", ("no number",), None)
        handler.handle(line)  # logging itself cannot make that line
    (prediction,) = read(tmp_path)
    assert (prediction["id"], prediction["prediction"], prediction["features"]) == (
        "UA-7",
        "late",
        {"hour": 5},
    )
    assert abs(prediction["timestamp"] - prediction["recorded_at"]) < 60e6
    assert [r["actual"] for r in read(tmp_path, "outcome")] == ["late"]
    assert log.dropped == {"line: RuntimeError": 1, "line: KeyError": 1, "line: TypeError": 1}


def test_our_own_warnings_are_no_lines(tmp_path: Path) -> None:
    with wk.Logger(tmp_path) as log:
        handler = wk.LogHandler(log, Lines())
        handler.handle(logging.LogRecord("watchkeeper", logging.WARNING, "", 0, "broken", None, None))
        assert log.dropped == {}


def test_what_is_no_pattern_is_told(tmp_path: Path) -> None:
    with wk.Logger(tmp_path) as log, pytest.raises(wk.WatchkeeperError, match="match\\(text\\) is needed"):
        wk.LogHandler(log, 5)  # type: ignore[arg-type]
