"""State: everything small and transactional of a workspace, in SQLite or PostgreSQL, for several processes at once."""

from __future__ import annotations

from importlib.util import find_spec

from watchkeeper.errors import DependencyError

if find_spec("sqlalchemy") is None:
    raise DependencyError('a workspace keeps its state by SQLAlchemy: pip install "watchkeeper[workspace]"')

from watchkeeper.state.acknowledgements import Acknowledgement
from watchkeeper.state.batches import Batch
from watchkeeper.state.counts import Count
from watchkeeper.state.files import StoredFile
from watchkeeper.state.leases import Lease
from watchkeeper.state.plans import StoredPlan
from watchkeeper.state.runs import Run
from watchkeeper.state.state import State

__all__ = ["Acknowledgement", "Batch", "Count", "Lease", "Run", "State", "StoredFile", "StoredPlan"]
