"""Templates: literal text with ``{fields}``, found within a line in a time linear in its length.

A field is the text up to the next literal's first occurrence. No choice is ever taken back, so that no line can make
the search slow.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import Formatter

from watchkeeper.errors import ModelError
from watchkeeper.lines.times import WRITTEN, first_time

__all__ = ["IGNORED", "Expression", "Spans", "Template"]

IGNORED = "_"
NAME = re.compile(r"[^\W\d][\w .-]*")
TIMES = {"timestamp", "known_at", "trained_at"}
Spans = tuple[Sequence[str], int]  # (the text of each field, where to look for another match; -1: nowhere)


@dataclass(frozen=True)
class Template:
    """A pattern of literals and fields, in turn.

    Attributes
    ----------
    fields : their names in the order of the line, ``_`` included
    needle : the longest literal: a line without it cannot match
    anchor : the first literal
    rest : what comes after it, each field and the literal after it in an atomic group
    first, last : whether a field comes before the anchor, or after the last literal
    timed : whether the field before the anchor is a time, which may hold the anchor's text
    """

    fields: tuple[str, ...]
    needle: str
    anchor: str
    rest: re.Pattern[str]
    first: bool
    last: bool
    timed: bool

    @classmethod
    def parse(cls, text: str) -> Template:
        """
        >>> Template.parse("{timestamp} stage {stage} took {seconds} s").fields
        ('timestamp', 'stage', 'seconds')

        Raises
        ------
        ModelError
            where a placeholder is not understood, or nothing tells where one ends
        """
        parts = _parts(text)
        fields = tuple(field for _, field in parts if field is not None)
        literals = [literal for literal, _ in parts]
        if parts[-1][1] is not None:
            literals.append("")
        first, last = not literals[0], not literals[-1]
        if not any(literals):
            raise ModelError(f"{text!r} has no text that tells its lines from others; write some around")
        inner = literals[first : len(literals) - last]
        if not all(inner):
            place = fields[literals.index("", 1) - 1 :][:2]
            raise ModelError(f"nothing parts {{{place[0]}}} from {{{place[1]}}}; write the text between them")
        rest = _rest(fields[first:], inner[1:])
        timed = first and fields[0] in TIMES
        return cls(fields, max(inner, key=len), inner[0], rest, first, last, timed)

    def spans(self, text: str, start: int = 0) -> Spans | None:
        """The text of each field, of the first match from ``start`` on.

        >>> Template.parse("Inst. {_} - PredClass: {prediction}").spans("INFO:root:Inst. 3 - PredClass: 1")
        (('3', '1'), 11)
        """
        if self.timed:
            start = first_time(text, start)
            if start < 0:
                return None
        at = text.find(self.anchor, start)
        found = self.rest.match(text, at + len(self.anchor)) if at >= 0 else None
        if found is None:
            return None
        return ((text[:at], *found.groups()) if self.first else found.groups()), at + 1


def _rest(fields: Sequence[str], gaps: Sequence[str]) -> re.Pattern[str]:
    """Atomic groups: where a literal was found, it is not looked for again, whatever follows.

    >>> _rest(["score", "seconds"], [" in "]).pattern
    '(?>(.*?)\\\\ in\\\\ )(.*)'
    """
    text = [rf"(?>({f'(?:{WRITTEN})?+' * (field in TIMES)}.*?){re.escape(gap)})"
            for field, gap in zip(fields, gaps, strict=False)]  # fmt: skip
    return re.compile("".join([*text, "(.*)" * (len(fields) > len(gaps))]), re.DOTALL)


def _parts(text: str) -> list[tuple[str, str | None]]:
    """(literal, the field after it or None) in turn."""
    try:
        parsed = list(Formatter().parse(text))
    except ValueError as error:
        raise ModelError(
            f"{text!r}: {error}; a field is written {{score}}, a brace of the text twice: {{{{"
        ) from None
    parts: list[tuple[str, str | None]] = []
    for literal, field, form, conversion in parsed:
        if field is not None:
            _named(text, field, f"{'!' + conversion if conversion else ''}{':' + form if form else ''}")
        if parts and parts[-1][1] is None:  # the parser stops at each doubled brace
            literal = parts.pop()[0] + literal
        parts.append((literal, field))
    return parts or [("", None)]


def _named(text: str, field: str, rest: str) -> None:
    if not field:
        raise ModelError(f"{text!r}: {{}} has no name; write {{_}} for text that is to be ignored")
    if rest and NAME.fullmatch(field):
        raise ModelError(f"{text!r}: {{{field}{rest}}} has a format; write {{{field}}}")
    if not NAME.fullmatch(field):
        raise ModelError(
            f"{text!r}: {{{field}{rest}}} is no field; one is written {{score}}, a brace of the text twice: {{{{"
        )


@dataclass(frozen=True)
class Expression:
    """A regular expression whose named groups are the fields."""

    regex: re.Pattern[str]

    first = last = False
    needle = ""

    @classmethod
    def parse(cls, text: str) -> Expression:
        try:
            return cls(re.compile(text))
        except (re.error, RecursionError, OverflowError) as error:
            raise ModelError(f"{text!r} is no regular expression: {error}{_fix(str(error))}") from None

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(self.regex.groupindex)

    def spans(self, text: str, start: int = 0) -> Spans | None:
        found = self.regex.search(text, start)
        return ([found[name] or "" for name in self.regex.groupindex], -1) if found else None


def _fix(reason: str) -> str:
    if reason.startswith("redefinition"):
        return "; name each group once, and group what is to be ignored as (?:...)"
    return (
        "; a field is a named group such as (?P<score>[0-9.]+), a sign of the text has a backslash before it"
    )
