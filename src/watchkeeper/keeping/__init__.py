"""Keeping: what a workspace has, and how it stays small, and forgets."""

from watchkeeper.keeping.compacting import Kept, compact
from watchkeeper.keeping.forgetting import Forgotten, forget
from watchkeeper.keeping.retaining import Expired, retain
from watchkeeper.keeping.status import status
from watchkeeper.keeping.statuses import Ages, Status, Waiting

__all__ = [
    "Ages", "Expired", "Forgotten", "Kept", "Status", "Waiting", "compact", "forget", "retain", "status",
]  # fmt: skip
