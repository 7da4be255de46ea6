"""Begun: which batch was begun last, told beside the segments, for a state that is lost while it is under way.

The tables know the batch's number and the state which segments it is made of. Without the latter the segments would be
taken for new ones and brought in once more, under a number that no table has.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from watchkeeper.errors import WorkspaceError
from watchkeeper.state import Batch
from watchkeeper.workspace import Workspace
from watchkeeper.workspace.once import put

__all__ = ["begin", "unknown"]

FILE = "batch"  # in ``wal``


def begin(workspace: Workspace, segments: Sequence[str], above: int) -> int:
    """Begin a batch, in the state and beside the segments; gives its number. The caller holds the mover's lease.

    Parameters
    ----------
    above : the last batch that the tables hold
    """
    number = workspace.state.begin_batch(segments, above=above)
    put(workspace.wal / FILE, msgspec.json.encode(Batch(number, tuple(segments))).decode())
    return number


def unknown(workspace: Workspace) -> Batch | None:
    """The batch that was begun last where the state knows nothing of it; it is open from then on, under its number."""
    told = _read(workspace.wal / FILE)
    if told is None or told.number <= workspace.state.last_batch():
        return None
    return Batch(workspace.state.begin_batch(told.segments, above=told.number - 1), told.segments)


def _read(path: Path) -> Batch | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=Batch)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise WorkspaceError(
            f"{path}: not what Watchkeeper wrote there ({error}); remove it where the state is in order"
        ) from None
