from __future__ import annotations

import io
import sys

import pytest

from watchkeeper.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def work(progress: Progress) -> None:
    with progress:
        progress.stage("training")
        for done in (0, 500, 1000):
            progress("reading", done, 1000)


def test_a_log_stays_clean(capsys: pytest.CaptureFixture[str]) -> None:
    work(Progress())
    assert capsys.readouterr() == ("", "")


def test_each_stage_is_a_line_where_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    work(Progress(lines=True))
    assert capsys.readouterr() == ("", "training …\nreading …\n")


def test_a_terminal_shows_bars_and_keeps_stdout(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    work(Progress())
    assert "reading" in screen.getvalue()
    assert "100%" in screen.getvalue()
    assert capsys.readouterr().out == ""
