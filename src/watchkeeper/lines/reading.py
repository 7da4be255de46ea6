"""Reading a text log: batches of records, and what became of each line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from watchkeeper.errors import ModelError
from watchkeeper.lines.cutting import Block, cut
from watchkeeper.lines.opening import fingerprint, is_beginning, open_at
from watchkeeper.lines.pattern import Pattern, Record

__all__ = ["Reading", "read_lines"]

EXAMPLES = 3
EXAMPLE_LENGTH = 200  # characters
IDENTIFIED = {"prediction", "outcome"}  # the kinds that have an id


@dataclass
class Reading:
    """Batches of records, and what became of each line so far.

    After each batch, ``offset`` is where the next one begins: what has been stored up to there need not be read
    again.

    Attributes
    ----------
    name : what ids begin with: ``<name>:<offset of the line>``
    offset : bytes (decompressed) up to the end of the last line that was read
    lines : how many there were: by pattern, unmatched, blank and too long
    by_pattern : lines that each pattern matched
    unmatched : lines that none did, with the first ``examples``
    not_utf8 : lines with bytes that are not UTF-8; these became U+FFFD
    too_long : lines of more than 1 MB, which were skipped
    anew : whether it starts at the beginning, because the file is not the one that was read before
    notes : what a person should know, one sentence each
    head : how the file begins, for the next reading's ``head``
    """

    path: Path
    patterns: Mapping[str, Pattern]
    name: str
    timezone: str = "UTC"
    final: bool = False
    offset: int = 0
    lines: int = 0
    by_pattern: dict[str, int] = field(default_factory=dict)
    unmatched: int = 0
    examples: list[str] = field(default_factory=list)
    blank: int = 0
    not_utf8: int = 0
    too_long: int = 0
    anew: bool = False
    notes: list[str] = field(default_factory=list)
    head: str = ""

    def __iter__(self) -> Iterator[list[Record]]:
        """From ``offset`` to the end of the file as it is then.

        Raises
        ------
        SourceError
            where the file cannot be decompressed further
        """
        stream = open_at(self.path, self.offset)
        if stream is None:  # truncated since read_lines looked
            return
        try:
            self.head = fingerprint(self.path)
            for block in cut(stream, self.path, self.final):
                records = self._records(block)
                self.offset += block.size
                if records:
                    yield records
        finally:
            stream.close()

    def _records(self, block: Block) -> list[Record]:
        self.lines += block.count
        self.too_long += block.too_long
        self.not_utf8 += block.not_utf8
        records: list[Record] = []
        start, timezone = self.offset + block.skipped, self.timezone
        tried = [(pattern.needle, pattern.match, name) for name, pattern in self.patterns.items()]
        for text, size in zip(block.texts, block.sizes(), strict=True):
            for needle, match, name in tried:  # whether a text holds the needle costs a tenth of a match
                if needle in text and (found := match(text, timezone)) is not None:
                    self.by_pattern[name] += 1
                    self._identify(found, start)
                    records += found
                    break
            else:
                self._set_aside(text)
            start += size + 1
        return records

    def _identify(self, found: list[Record], start: int) -> None:
        for kind, fields in found:
            if kind in IDENTIFIED and fields.get("id") is None:
                fields["id"] = f"{self.name}:{start}"
            if "timestamp" not in fields:
                fields["timestamp"] = None

    def _set_aside(self, text: str) -> None:
        if not text or text.isspace():
            self.blank += 1
            return
        self.unmatched += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(text[:EXAMPLE_LENGTH])


def read_lines(
    path: str | os.PathLike[str],
    patterns: Mapping[str, Pattern],
    offset: int = 0,
    timezone: str = "UTC",
    *,
    final: bool = False,
    name: str | None = None,
    head: str = "",
) -> Reading:
    """Read a text log from where an earlier reading stopped.

    Parameters
    ----------
    path : a text file, plain, .gz or .zst
    patterns : tried in this order; the first that matches a line has it
    offset : ``offset`` of the reading before: bytes, of a compressed file those of its content
    timezone : of times without an offset
    final : whether a last line without its newline is read; else it is left for the next time
    name : what ids begin with; None: the file's name
    head : ``head`` of the reading before: tells a file that was rotated from one that has grown

    Returns
    -------
    Reading
        an iterator of batches of ``(kind, fields)``. Each record has a ``timestamp`` (µs since 1970 UTC, or None),
        each prediction and outcome an ``id``: the line's own, else the file's name and the line's offset.

    Raises
    ------
    SourceError
        for a file that cannot be read
    ModelError
        for an unknown time zone

    >>> from pathlib import Path; from tempfile import mkdtemp
    >>> log = Path(mkdtemp()) / "app.log"
    >>> _ = log.write_text("loaded\\nINFO:root:Inst. 0 - PredClass: 1, RealClass: 0\\n")
    >>> from watchkeeper.lines import BUILT_IN
    >>> reading = read_lines(log, BUILT_IN)
    >>> [[kind for kind, _ in batch] for batch in reading], reading.lines, reading.unmatched
    ([['prediction', 'outcome']], 2, 1)
    """
    file = Path(path)
    try:
        ZoneInfo(timezone)
    except (KeyError, ValueError, OSError, TypeError):
        raise ModelError(
            f"timezone: {timezone!r} is not a time zone; names look like 'UTC' or 'Europe/Berlin'"
        ) from None
    if offset < 0:
        raise ModelError(f"offset: {offset} is before the beginning; give 0 or an earlier reading's offset")
    reading = Reading(file, patterns, file.name if name is None else name, timezone, final, offset)
    reading.head = head
    reading.by_pattern = dict.fromkeys(patterns, 0)
    _checked(reading, head)
    return reading


def _checked(reading: Reading, head: str) -> None:
    """Start anew where the file is not the one that was read before."""
    path, offset = reading.path, reading.offset
    replaced = offset > 0 and not is_beginning(path, head)
    stream = None if replaced else open_at(path, offset)
    if stream is not None:
        stream.close()
        return
    found = "it begins otherwise than before" if replaced else f"it is shorter than {offset} bytes"
    reading.notes.append(f"{path.name} was truncated or rotated ({found}): read from its beginning")
    reading.anew, reading.offset = True, 0
