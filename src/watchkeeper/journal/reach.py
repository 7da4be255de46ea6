"""Reach: what is said where the journal goes away while it is read or written.

Whatever was under way is repeated by the next command: batches and runs are written down before they are begun, a table
changes in one commit, and segments stay until their batch is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from watchkeeper.errors import SourceError, WorkspaceError
from watchkeeper.journal.object_store import is_remote, unreachable
from watchkeeper.journal.table import REPEAT

if TYPE_CHECKING:
    from watchkeeper.workspace import Workspace

__all__ = ["in_reach"]

STORE = re.compile(r"Generic \w+ error|Error performing [A-Z]+ ")  # of an object store, whoever was told
AWAY = re.compile(
    r"No such file|No files found|Cannot open file|not connected|Stale file|Input/output error|Permission denied"
    r"|os error \d"
)


@contextmanager
def in_reach(workspace: Workspace) -> Iterator[None]:
    """Say in one message that the journal went away, instead of what delta-rs, DuckDB or Arrow say.

    Raises
    ------
    WorkspaceError
        names the place, the cause and what to do; of an object store without a secret
    """
    try:
        yield
    except _errors() as error:
        cause = error.__context__ if isinstance(error, SourceError) else error
        lost = _lost(workspace, cause) if isinstance(cause, _errors()) else None
        if lost is None:
            raise
        raise lost from None


def _errors() -> tuple[type[Exception], ...]:
    """What whoever reads and writes may raise; its libraries are heavy, and loaded where something was raised."""
    import duckdb
    from deltalake.exceptions import DeltaError

    return OSError, SourceError, DeltaError, duckdb.Error, pa.ArrowException


def _lost(workspace: Workspace, cause: Exception) -> WorkspaceError | None:
    """None where the cause lies elsewhere."""
    url, text = workspace.journal_url, str(cause)
    if is_remote(url):
        told = STORE.search(text)
        return None if told is None else unreachable(url, workspace.storage_options, text[told.start() :])
    folder = Path(url.removeprefix("file://"))
    if folder.is_dir() and not (str(folder) in text and AWAY.search(text)):
        return None
    said = cause.strerror if isinstance(cause, OSError) and cause.strerror else text.splitlines()[0]
    return WorkspaceError(
        f"{url}: the journal cannot be read or written any more: {said.rstrip('.')}; {REPEAT}"
    )
