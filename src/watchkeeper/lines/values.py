"""Values as log lines write them: numbers, flags, labels, scores; and what stands for a missing one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from watchkeeper.lines import times

__all__ = ["READERS", "Reader", "Value", "reader_of", "value_of"]

Value = float | str | list[float] | None
Reader = Callable[[str, str], Value]  # (the text between two literals, the timezone) → the value

EXACT = 2**53  # beyond it, neighbouring integers are one float64: they stay text
ABSENT = {"", "none", "null", "nan"}  # what Python, JSON and NumPy print for "not known"
FLAGS = {"true": True, "false": False}
NUMBER = r"[-+]?(?:\d++(?:\.\d*+)?+|\.\d++)(?:[eE][-+]?\d++)?+"  # possessive: read once, never again
FIRST_NUMBER = re.compile(NUMBER)
SCORES = re.compile(rf"[\[(\s]*+(?:{NUMBER})(?:(?:\s*+,\s*+|\s++)(?:{NUMBER}))*+[\])]*+")
BETWEEN = re.compile(r"[,\s]+")


def value_of(text: str, timezone: str = "") -> Value:
    """A number as float, true and false as bool, else text; None for what is missing.

    >>> value_of("3"), value_of("True"), value_of("Iris setosa"), value_of("None"), value_of("1_000")
    (3.0, True, 'Iris setosa', None, '1_000')
    """
    try:
        number = float(text)
    except ValueError:
        word = text.strip()
        lower = word.lower()
        return None if lower in ABSENT else FLAGS.get(lower, word)
    if -EXACT <= number <= EXACT and "_" not in text:
        return number
    return _odd(number, text.strip())


def _odd(number: float, text: str) -> Value:
    """
    >>> _odd(math.nan, "nan"), _odd(1e300, "1e300"), _odd(2.0**60, "1152921504606846976"), _odd(12.0, "1_2")
    (None, 1e+300, '1152921504606846976', '1_2')
    """
    if math.isnan(number):
        return None
    return text if "_" in text or text.lstrip("+-").isdecimal() else number


def number_of(text: str, timezone: str = "") -> Value:
    """
    >>> number_of("12.5 "), number_of("nan"), number_of("None")
    (12.5, None, None)
    """
    try:
        number = float(text)
    except ValueError:
        if text.strip().lower() in ABSENT:
            return None
        raise
    if "_" in text:
        raise ValueError(text)
    return None if math.isnan(number) else number


def scores_of(text: str, timezone: str = "") -> Value:
    """One number, or the list of them.

    >>> scores_of("0.78"), scores_of("0.1, 0.2, 0.7"), scores_of("[0.25 0.75]")
    (0.78, [0.1, 0.2, 0.7], [0.25, 0.75])
    """
    if "," not in text and " " not in text:
        return number_of(text.strip("[]()"))
    parts = BETWEEN.split(text.strip("[]() \t"))
    if len(parts) == 1:
        return number_of(parts[0])
    numbers = [float(part) for part in parts]
    if any(map(math.isnan, numbers)) or "_" in text:
        raise ValueError(text)
    return numbers


def text_of(text: str, timezone: str = "") -> Value:
    word = text.strip()
    return None if word.lower() in ABSENT else word


def word_of(text: str, timezone: str = "") -> Value:
    if len(text.split()) > 1:
        raise ValueError(text)
    return text_of(text)


def time_of(text: str, timezone: str) -> Value:
    return times.microseconds(text, timezone)


def _time_at_the_end(text: str, timezone: str) -> Value:
    try:
        return times.microseconds(text, timezone)  # most lines begin with it
    except ValueError:
        return times.microseconds(times.last_time(text), timezone)


def _last_word(text: str) -> str:
    return text.split()[-1] if text and not text.isspace() else ""


def _first_word(text: str) -> str:
    return text.split(None, 1)[0] if text and not text.isspace() else ""


def _first_number(text: str) -> str:
    found = FIRST_NUMBER.match(text.lstrip())
    return found[0] if found else text


def _first_scores(text: str) -> str:
    found = SCORES.match(text)
    return found[0] if found else text


def _first_time(text: str) -> str:
    return times.beginning(text.lstrip(" [("))


READERS: dict[str, Reader] = {
    "value": value_of, "number": number_of, "scores": scores_of, "word": word_of, "text": text_of,
    "sentence": text_of, "time": time_of,
}  # fmt: skip
# A placeholder at an end of the pattern has no literal on that side: it takes what its type lets it take.
AT_THE_BEGINNING: dict[str, Callable[[str], str]] = {
    "value": _last_word, "number": _last_word, "scores": _last_word, "word": _last_word, "text": _last_word,
}  # fmt: skip
AT_THE_END: dict[str, Callable[[str], str]] = {
    "number": _first_number, "scores": _first_scores, "word": _first_word, "time": _first_time,
}  # fmt: skip


def reader_of(type_: str, first: bool = False, last: bool = False) -> Reader:
    """How to read a placeholder of a type, where it is the pattern's first or last part.

    >>> reader_of("number", last=True)("12.5 s in all", "UTC")
    12.5
    """
    if first and type_ == "time":
        return _time_at_the_end
    read = READERS[type_]
    trim = AT_THE_BEGINNING.get(type_) if first else AT_THE_END.get(type_) if last else None
    if trim is None:
        return read
    return lambda text, timezone: read(trim(text), timezone)
