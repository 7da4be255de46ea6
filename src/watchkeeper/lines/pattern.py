"""Patterns: what a line of a text log says, as records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from watchkeeper.errors import ModelError
from watchkeeper.lines.kinds import Kind, kind_of
from watchkeeper.lines.template import IGNORED, Expression, Template
from watchkeeper.lines.times import time_of_line
from watchkeeper.lines.values import READERS, Reader, reader_of

__all__ = ["Fields", "Pattern", "Record"]

Fields = dict[str, object]
Record = tuple[str, Fields]  # (kind, its fields)
Slot = tuple[int, str, Reader]  # (which of the pattern's fields, its name, how it is read)

TRIES = range(8)  # places of a line at which a pattern is tried: so many times its length bounds the work
VALID = "valid are a text such as \"PredClass: {prediction}\", {pattern: '...'} and {regex: '...'}"


@dataclass(frozen=True)
class Pattern:
    """A named pattern.

    Attributes
    ----------
    kind : of the record that a line gives
    needle : text that every matching line holds; empty where none is known
    constants : fields that every line has, from ``fields:``
    """

    name: str
    kind: str
    needle: str
    constants: Mapping[str, object]
    _finder: Template | Expression = field(repr=False)
    _slots: tuple[Slot, ...] = field(repr=False)
    _features: tuple[str, ...] = field(repr=False)
    _timed: bool = field(repr=False)

    @classmethod
    def compile(cls, name: str, spec: object) -> Pattern:
        """The pattern that a text with ``{fields}``, or a mapping of ``pattern`` or ``regex``, describes.

        >>> Pattern.compile("stage", "stage {stage} took {seconds} s").match("INFO stage fit took 3.5 s")
        [('job', {'seconds': 3.5, 'name': 'fit'})]

        Raises
        ------
        ModelError
            naming the pattern, what came and the fix
        """
        try:
            finder, constants = _finder(spec)
            return _compiled(name, finder, constants)
        except ModelError as error:
            raise ModelError(f"patterns: {name!r}: {error}") from None

    def match(self, text: str, timezone: str = "UTC") -> list[Record] | None:
        """What a line says, as (kind, fields) pairs; None where the pattern is not in it.

        Times are µs since 1970 UTC; one that the line begins with counts where the pattern has none. A line
        whose values do not fit their fields (``took ages s``), or that lacks all that matter, does not match.

        >>> Pattern.compile("p", "Output: [{score}]").match("1970-01-01 00:00:01 Output: [0.78]")
        [('prediction', {'score': 0.78, 'timestamp': 1000000, 'features': {}})]
        """
        at = 0
        for _ in TRIES:
            found = self._finder.spans(text, at)
            if found is None:
                return None
            try:
                values = self._read(found[0], timezone)
            except ValueError:  # a value that does not fit: perhaps the pattern is further on
                at = found[1]
                if at < 0:
                    return None
                continue
            if not self._timed and (time := time_of_line(text, timezone)) is not None:
                values["timestamp"] = time
            return self._prediction(values) if self.kind == "prediction" else self._records(values)
        return None

    def _read(self, spans: Sequence[str], timezone: str) -> Fields:
        values: Fields = {name: read(spans[place], timezone) for place, name, read in self._slots}
        if self.constants:
            values.update(self.constants)
        return values

    def _records(self, values: Fields) -> list[Record] | None:
        if self.kind == "outcome":
            return self._outcome(values)
        if self.kind == "job":
            values["name"] = values.pop("stage")
        known = values.get("name", values.get("error", values.get("version")))
        return None if known is None else [(self.kind, values)]

    def _prediction(self, values: Fields) -> list[Record] | None:
        if values.get("prediction") is None and values.get("score") is None:
            return None
        values["features"] = {name: values.pop(name) for name in self._features} if self._features else {}
        if "actual" not in values:
            return [("prediction", values)]
        actual, time = values.pop("actual"), values.get("timestamp")
        outcome: Fields = {"actual": actual, "known_at": values.pop("known_at", time)}
        if actual is None:  # "RealClass: None": not known yet
            return [("prediction", values)]
        outcome.update((name, values[name]) for name in ("id", "timestamp") if name in values)
        return [("prediction", values), ("outcome", outcome)]

    def _outcome(self, values: Fields) -> list[Record] | None:
        """The time of a line that tells an outcome alone is when that became known."""
        if values["actual"] is None or values["id"] is None:
            return None
        if "known_at" not in values:
            values["known_at"] = values.pop("timestamp", None)
        return [("outcome", values)]


def _compiled(name: str, finder: Template | Expression, constants: Fields) -> Pattern:
    fields = [field for field in finder.fields if field != IGNORED]
    everything = [*fields, *constants]
    for twice in everything:
        if everything.count(twice) > 1:
            raise ModelError(f"{{{twice}}} is there twice; write {{_}} where it is to be ignored")
    kind = kind_of(everything)
    if "known_at" in everything and "actual" not in everything:
        raise ModelError("{known_at} says when the truth became known; add {actual}")
    typed = {field: READERS[kind.type_of(field)](str(value), "UTC") for field, value in constants.items()}
    features = tuple(field for field in everything if field not in kind.types)
    timed = "timestamp" in everything
    return Pattern(name, kind.name, finder.needle, typed, finder, _slots(finder, kind), features, timed)


def _slots(finder: Template | Expression, kind: Kind) -> tuple[Slot, ...]:
    end = len(finder.fields) - 1
    return tuple(
        (place, name, reader_of(kind.type_of(name), finder.first and not place, finder.last and place == end))
        for place, name in enumerate(finder.fields)
        if name != IGNORED
    )


def _finder(spec: object) -> tuple[Template | Expression, Fields]:
    if isinstance(spec, str):
        return Template.parse(spec), {}
    if not isinstance(spec, Mapping):
        raise ModelError(f"a pattern is a text, got {_came(spec)}; {VALID}")
    keys = {str(key): value for key, value in spec.items()}
    ways = [key for key in ("pattern", "regex") if key in keys]
    rest = [key for key in keys if key not in ("pattern", "regex", "fields")]
    if len(ways) != 1 or rest:
        raise ModelError(f"{_came(spec)} is no pattern; {VALID}. Quote a text that begins with a brace")
    text, constants = keys[ways[0]], keys.get("fields") or {}
    if not isinstance(text, str) or not isinstance(constants, Mapping):
        raise ModelError(f"{_came(spec)} is no pattern; {ways[0]} is a text, fields a mapping; {VALID}")
    parse = Template.parse if ways[0] == "pattern" else Expression.parse
    return parse(text), {str(key): value for key, value in constants.items()}


def _came(spec: object) -> str:
    """
    >>> _came(["INFO"]), _came({"timestamp": None})
    ("['INFO']; quote a text that begins with a bracket", '{timestamp}')
    """
    if isinstance(spec, Mapping) and all(value is None for value in spec.values()):
        return f"{{{', '.join(map(str, spec))}}}"
    plain = dict(spec) if isinstance(spec, Mapping) else spec
    hint = "; quote a text that begins with a bracket" if isinstance(spec, list) else ""
    return f"{str(plain)[:60]}{hint}"
