"""Files: how far a growing file was read."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from watchkeeper.state.clock import now
from watchkeeper.state.database import Database
from watchkeeper.state.tables import files

__all__ = ["Files", "StoredFile", "put_file"]


@dataclass(frozen=True)
class StoredFile:
    """A file as it was when it was read last.

    Attributes
    ----------
    offset : bytes that were read, up to the end of the last whole line
    size : bytes that it had
    fingerprint : of its first bytes: tells a file that grew from another one of the same name
    """

    path: str
    offset: int
    size: int
    fingerprint: str


class Files(Database):
    """The files that a state knows."""

    def file(self, path: str) -> StoredFile | None:
        """The file as it was read last, or None."""
        query = select(files.c.offset, files.c.size, files.c.fingerprint).where(files.c.path == path)
        with self.reading() as connection:
            found = connection.execute(query).one_or_none()
        return None if found is None else StoredFile(path, found.offset, found.size, found.fingerprint)

    def set_file(self, path: str, offset: int, size: int, fingerprint: str) -> None:
        """Remember how far a file was read; ``finish_batch`` does so together with its rows."""
        with self.writing() as connection:
            put_file(connection, StoredFile(path, offset, size, fingerprint), now(connection))


def put_file(connection: Connection, file: StoredFile, at: int) -> None:
    """Remember a file within a transaction of somebody else."""
    connection.execute(delete(files).where(files.c.path == file.path))
    values = {"offset": file.offset, "size": file.size, "fingerprint": file.fingerprint}
    connection.execute(insert(files).values(path=file.path, set_at=at, **values))
