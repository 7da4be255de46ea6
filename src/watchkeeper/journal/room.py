"""Room: whether what is to be written fits on the disk, asked before it is begun.

delta-rs panics where the disk is full while it writes: nothing is lost by that, but its threads say so on stderr.
"""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa

from watchkeeper.errors import WorkspaceError
from watchkeeper.journal.object_store import is_remote

__all__ = ["room_for"]

BESIDE = 256 * 1024  # bytes of the table's log and of the state, generously
FILE, COLUMN = (
    4096,
    256,
)  # bytes of a file, and of a column in it, beside its values: measured on 3 to 500 columns
FULL = re.compile(
    rf"No space left|os error (?:{errno.ENOSPC}|112)\b|disk quota", re.IGNORECASE
)  # 112: Windows


@contextmanager
def room_for(url: str, rows: pa.Table) -> Iterator[None]:
    """Write these rows only where they fit, as they are in memory: on disk they are smaller, rarely as large.

    Raises
    ------
    WorkspaceError
        says how much is free and how much is needed, also where the disk fills up meanwhile
    """
    if is_remote(url):
        yield
        return
    needed = _needed(rows)
    if _free(url) < needed:
        raise _full(url, needed)
    from deltalake.exceptions import DeltaError

    try:
        yield
    except (OSError, DeltaError) as error:
        if FULL.search(str(error)):
            raise _full(url, needed) from None
        raise


def _needed(rows: pa.Table) -> int:
    """Bytes of the rows, and of the files that they go into: one for each date."""
    files = len(rows["date"].unique()) if "date" in rows.column_names else 1
    columns: int = sum(max(field.type.num_fields, 1) for field in rows.schema)
    return int(rows.nbytes) + files * (FILE + columns * COLUMN) + BESIDE


def _free(url: str) -> int:
    """Bytes where the folder is, or will be."""
    path = Path(url.removeprefix("file://")).absolute()
    while not path.exists() and path != path.parent:
        path = path.parent
    return shutil.disk_usage(path).free


def _full(url: str, needed: int) -> WorkspaceError:
    free, wanted = (f"{size / 1e6:,.2f} MB" for size in (_free(url), needed))
    return WorkspaceError(
        f"{url}: the disk is full: {free} are free, {wanted} are needed for what is to be written; make room and "
        "repeat: what was recorded is kept"
    )
