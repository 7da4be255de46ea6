"""The tables of the state. Times are microseconds since 1970 UTC by the database's clock."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Dialect, Integer, MetaData, Table
from sqlalchemy import Text as PlainText
from sqlalchemy.types import TypeDecorator

__all__ = [
    "METADATA", "acknowledgements", "batches", "configurations", "counts", "facts", "files", "leases", "plans",
    "progress", "runs", "version",
]  # fmt: skip


class Text(TypeDecorator[str]):
    """Text that any database takes: a NUL and halves of surrogate pairs, which names of files and broken logs
    hold, are written as escapes."""

    impl = PlainText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        return value.encode("utf-8", "backslashreplace").decode("utf-8").replace("\x00", "\\x00")


METADATA = MetaData()


def _key(name: str) -> Column[str]:
    return Column(name, Text, primary_key=True)


def _number(name: str = "number") -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _text(name: str, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _time(name: str, nullable: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=nullable)


version = Table("version", METADATA, _number())
leases = Table(
    "leases", METADATA, _key("name"), _text("holder"), _text("place"), Column("pid", BigInteger, nullable=False),
    _time("since"), _time("expires"),
)  # fmt: skip
batches = Table(
    "batches", METADATA, _number(), _text("segments"), _time("began_at"), _time("finished_at", True)
)
runs = Table(
    "runs", METADATA, _number(), _text("started_by"), _time("began_at"), _time("finished_at", True),
    _text("models", True), _text("outcome", True),
)  # fmt: skip
progress = Table(
    "progress", METADATA, _key("model"), Column("batch", BigInteger, nullable=False), Column("run", Integer)
)
plans = Table("plans", METADATA, _key("model"), _number(), _time("made_at"), _text("text"))
configurations = Table("configurations", METADATA, _key("model"), _text("text"), _time("set_at"))
counts = Table(
    "counts", METADATA, _key("model"), _key("kind"), _key("reason"), Column("count", BigInteger, nullable=False),
    _text("example", True), _time("first_at"), _time("last_at"),
)  # fmt: skip
files = Table(
    "files", METADATA, _key("path"), Column("offset", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False), _text("fingerprint"), _time("set_at"),
)  # fmt: skip
facts = Table("facts", METADATA, _key("model"), _key("key"), _text("value"), _time("set_at"))
acknowledgements = Table(
    "acknowledgements", METADATA, _key("model"), _number(), _key("kind"), _time("made_at"), _text("made_by", True),
    _text("note", True), _time("begin", True), _time("seen", True), _text("reference", True),
)  # fmt: skip
