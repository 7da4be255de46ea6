"""The page on logging does what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import run_page
from tests.logger.conftest import read


def test_logging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    page, _ = run_page("docs/logging.md")
    page["model"]._log.close()
    assert {r["id"] for r in read(Path("monitoring"))} == {"UA-1545", "UA-1", "UA-2"}
    assert page["log"].dropped == {}
    for kind in ("outcome", "error", "metric", "release", "job"):
        assert len(read(Path("monitoring"), kind)) == 1
