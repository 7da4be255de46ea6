"""Leases: work that one process does at a time, whatever becomes of it."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from sqlalchemy import Row, delete, insert, select, update

from watchkeeper.errors import WorkspaceError
from watchkeeper.state.clock import moment, now
from watchkeeper.state.database import Database
from watchkeeper.state.tables import leases

__all__ = ["Lease", "Leases"]

POLL = 0.1  # seconds between two looks at a lease that somebody else holds


class Lease:
    """The right to do something, for as long as it is renewed; a thread does so in the background."""

    def __init__(self, database: Database, name: str, holder: str, seconds: float) -> None:
        self.name = name
        self.holder = holder
        self.seconds = seconds
        self._database = database
        self._done = threading.Event()

    def renew(self) -> None:
        """Hold on for another ``seconds``; call it before a step that nobody else may be taking too.

        Raises
        ------
        WorkspaceError
            where it was lost: this process stood still for longer than the lease lasts, and another took over
        """
        with self._database.writing() as connection:
            expires = now(connection) + int(self.seconds * 1e6)
            mine = (leases.c.name == self.name) & (leases.c.holder == self.holder)
            if connection.execute(update(leases).where(mine).values(expires=expires)).rowcount == 0:
                raise WorkspaceError(
                    f"state {self._database.name}: the lease {self.name!r} was lost, because this process did not "
                    f"renew it for {self.seconds:g} seconds, and another took over; repeat the command"
                )

    def release(self) -> None:
        """Let others have it at once."""
        mine = (leases.c.name == self.name) & (leases.c.holder == self.holder)
        with self._database.writing() as connection:
            connection.execute(delete(leases).where(mine))

    def _keep(self) -> None:
        while not self._done.wait(self.seconds / 3):
            try:
                self.renew()
            except WorkspaceError:  # the holder's own `renew` says so, or the database is back in time
                continue

    @contextmanager
    def _kept(self) -> Iterator[Lease]:
        keeper = threading.Thread(target=self._keep, name=f"lease {self.name}", daemon=True)
        keeper.start()
        try:
            yield self
        finally:
            self._done.set()
            keeper.join()
            self.release()


class Leases(Database):
    """The leases of a state."""

    @contextmanager
    def lease(self, name: str, seconds: float = 60.0, wait: float = 30.0) -> Iterator[Lease]:
        """Hold a lease within ``with``.

        Parameters
        ----------
        name : what is done by one process at a time
        seconds : after which others may take it over from a holder that does not renew it any more; from a process of
            this machine that has ended, they do so at once
        wait : seconds to wait for another holder

        Raises
        ------
        WorkspaceError
            where another still holds it after ``wait``; names the holder and since when
        """
        lease = Lease(self, name, f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}", seconds)
        deadline = time.monotonic() + wait
        while (other := self._taken(lease)) is not None:
            if time.monotonic() >= deadline:
                raise WorkspaceError(self._held(other))
            time.sleep(min(POLL, max(deadline - time.monotonic(), 0.001)))
        with lease._kept():
            yield lease

    def _taken(self, lease: Lease) -> Row[tuple[str, str, str, int, int, int]] | None:
        """Take it, or say who has it."""
        with self.writing() as connection:
            at = now(connection)
            found = connection.execute(select(leases).where(leases.c.name == lease.name)).one_or_none()
            if found is not None and found.expires > at and not _ended(found.place, found.pid):
                return found
            connection.execute(delete(leases).where(leases.c.name == lease.name))
            mine = {"name": lease.name, "holder": lease.holder, "place": _place(), "pid": os.getpid()}
            expires = at + int(lease.seconds * 1e6)
            connection.execute(insert(leases).values(**mine, since=at, expires=expires))
        return None

    def _held(self, other: Row[tuple[str, str, str, int, int, int]]) -> str:
        return (
            f"state {self.name}: {other.holder} holds the lease {other.name!r} since {_told(other.since)} and has "
            f"renewed it until {_told(other.expires)}; wait for it, or end it if it hangs"
        )


def _told(at: int) -> str:
    return f"{moment(at):%Y-%m-%d %H:%M:%S} UTC"


@cache
def _place() -> str:
    """Where process ids mean what they mean here: this boot of this machine, this container."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:  # not Linux
        return f"{socket.gethostname()} {uuid.getnode():x}"


def _ended(place: str, pid: int) -> bool:
    """Whether the holder is known to have ended: a process of this place that is not there any more."""
    if place != _place() or os.name != "posix":  # on Windows os.kill would end it
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # there, and somebody else's
        return False
    return False
