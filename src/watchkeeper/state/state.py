"""State: everything small and transactional of a workspace."""

from __future__ import annotations

import os
from types import TracebackType
from typing import Self

from watchkeeper.state.acknowledgements import Acknowledgements
from watchkeeper.state.batches import Batches
from watchkeeper.state.engines import engine_of
from watchkeeper.state.facts import Facts
from watchkeeper.state.forgetting import Forgetting
from watchkeeper.state.leases import Leases
from watchkeeper.state.migrations import migrate
from watchkeeper.state.plans import Plans
from watchkeeper.state.runs import Runs

__all__ = ["State"]


class State(Leases, Batches, Runs, Plans, Facts, Acknowledgements, Forgetting):
    """Leases, batches, runs, plans, counts, files, facts and acknowledgements, in one database that processes share.

    Every method is one short transaction, whole or not at all; writers wait for each other up to 30 seconds.

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with State.open(f"{folder.name}/state.db") as state:
    ...     state.count("flights", "misfit", "'fast' is not a number", 2, example="speed=fast")
    ...     [(found.reason, found.count) for found in state.counts("flights")]
    [("'fast' is not a number", 2)]
    >>> folder.cleanup()
    """

    @classmethod
    def open(cls, url: str | os.PathLike[str]) -> Self:
        """Open a state; its tables are made where there are none, and brought up to date after a backup.

        Parameters
        ----------
        url : a path or ``sqlite:///path``; or ``postgresql://user@host/database``, whose schema ``watchkeeper``
            (another by ``?schema=name``) takes the tables

        Raises
        ------
        WorkspaceError
            where it cannot be reached, is no state, or was made by a newer version
        DependencyError
            PostgreSQL without psycopg
        """
        state = cls(*engine_of(url))
        try:
            migrate(state)
        except BaseException:
            state.close()
            raise
        return state

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()
