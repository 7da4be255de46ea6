"""Worker: what runs in the other processes of a crew."""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress
from importlib.abc import MetaPathFinder
from typing import BinaryIO

__all__ = ["main"]


def main() -> None:
    """Answer every (function, item) on standard input with (True, result) or (False, error), until it ends."""
    sys.meta_path.insert(0, _WithoutPandas())
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not end up among the answers
    with suppress(EOFError, BrokenPipeError):
        _serve(sys.stdin.buffer, answers)
    os._exit(0)  # nobody waits for the answers any more


class _WithoutPandas(MetaPathFinder):
    """PyArrow imports pandas where it can, for half a second, and nothing here needs it."""

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == "pandas":
            raise ModuleNotFoundError("pandas is left out of worker processes", name=fullname)


def _serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    import watchkeeper.sources  # noqa: F401  # while the other side is still at its own preparations

    _answer(answers, "ready")
    while True:
        function, item = pickle.load(jobs)
        try:
            answer = True, function(item)
        except Exception as error:
            answer = False, error
        _answer(answers, answer)


def _answer(answers: BinaryIO, message: object) -> None:
    try:
        written = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # an exception that cannot be pickled
        written = pickle.dumps((False, RuntimeError(f"{message!r:.300} ({error})")))
    answers.write(written)
    answers.flush()
