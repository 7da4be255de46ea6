"""LogHandler: predictions out of the log lines that a service writes already."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any, Protocol, cast

from watchkeeper.errors import WatchkeeperError
from watchkeeper.logger.logger import Logger
from watchkeeper.logger.times import micros
from watchkeeper.wal import FIELDS

__all__ = ["LogHandler", "Pattern"]

TAKEN = {kind: set(fields) | {"features"} for kind, fields in FIELDS.items()} | {
    "error": {"version", "error", "seconds"}, "release": {"version", "trained_at"}
}  # fmt: skip


class Pattern(Protocol):
    """Reads records out of a line."""

    def match(self, text: str, /) -> list[tuple[str, dict[str, Any]]] | None:
        """(kind, arguments of the logger's method) for each record; None: the line has none."""


class LogHandler(logging.Handler):
    """Records what a pattern finds in log lines.

    Parameters
    ----------
    log : the logger
    pattern : the name of one in the workspace's patterns, or an object with
        ``match(text) -> list[(kind, arguments)] | None``
    level : of the records that are looked at

    Raises
    ------
    WatchkeeperError
        where there is no such pattern

    >>> class Answer:
    ...     def match(self, text):
    ...         name, _, said = text.partition(" answered ")
    ...         return [("prediction", {"id": name, "prediction": said})] if said else None
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Logger(folder) as log:
    ...     logging.getLogger("predictions").addHandler(LogHandler(log, Answer()))
    ...     logging.getLogger("predictions").warning("UA-1545 answered late")
    """

    def __init__(self, log: Logger, pattern: str | Pattern, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self._log = log
        self._pattern = _named(log, pattern) if isinstance(pattern, str) else pattern
        if not hasattr(self._pattern, "match"):
            raise WatchkeeperError(
                f"pattern: a name or an object with match(text) is needed, got {pattern!r}"
            )
        self._methods: dict[str, Callable[..., object]] = {
            "prediction": log.prediction, "outcome": log.outcome, "error": log.error, "metric": log.metric,
            "release": log.version,
        }  # fmt: skip

    def emit(self, record: logging.LogRecord) -> None:
        if record.name == "watchkeeper":  # our own warnings, where this hangs on the root logger
            return
        try:
            said: str | None = None  # the id of the line's prediction, which its outcome shares
            for kind, arguments in self._pattern.match(record.getMessage()) or ():
                given = {key: value for key, value in arguments.items() if key in TAKEN[kind]}
                if kind == "outcome" and given.get("id") is None:
                    given["id"] = said
                made = self._record(kind, given, record.created)
                said = made if kind == "prediction" else said
        except Exception as error:
            self._log.fault("line", error)

    def _record(self, kind: str, given: dict[str, Any], created: float) -> Any:
        if kind in ("prediction", "metric", "job") and given.get("timestamp") is None:
            given["timestamp"] = created
        if kind == "outcome" and given.get("timestamp") is None and given.get("known_at") is None:
            given["known_at"] = created
        if kind == "job":
            return self._log.finished(
                (micros(given["timestamp"]), *(given.get(name) for name in FIELDS["job"][1:]))
            )
        return self._methods[kind](**given)


def _named(log: Logger, name: str) -> Pattern:
    lines = import_module("watchkeeper.lines")  # loads Arrow: only for those who name a pattern
    patterns = lines.load_patterns(log.folder)
    if name not in patterns:
        valid = ", ".join(sorted(patterns)) or "none yet"
        raise WatchkeeperError(f"pattern: {name!r} is not in {log.folder}; there are: {valid}")
    return cast(Pattern, patterns[name])
