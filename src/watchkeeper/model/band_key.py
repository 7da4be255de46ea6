"""Band keys: ``recall[carrier=UA]``, which metric, column and segment a band is for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from watchkeeper.errors import ModelError

__all__ = ["METRIC_SYNONYMS", "BandKey"]

T = TypeVar("T")

MEANT = {
    "mean_absolute_error": "mae l1",
    "root_mean_squared_error": "rmse",
    "mean_squared_error": "mse l2",
    "mean_absolute_percentage_error": "mape",
    "mean_error": "me bias",
    "r2": "r_squared r2_score",
    "roc_auc": "auc auroc gini",
    "average_precision": "ap pr_auc auprc",
    "recall": "tpr sensitivity true_positive_rate",
    "specificity": "tnr true_negative_rate",
    "precision": "ppv",
    "matthews_corrcoef": "mcc",
    "expected_calibration_error": "ece",
    "brier_score": "brier",
    "f1": "f1_score",
    "population_stability_index": "psi",
    "jensen_shannon": "js jsd drift",
    "kolmogorov_smirnov": "ks",
    "missing_rate": "null_rate nulls missing missing_values",
    "row_count": "rows volume count",
    "duplicate_id_rate": "duplicates",
    "standard_deviation": "std stddev",
}
METRIC_SYNONYMS = {word: metric for metric, words in MEANT.items() for word in words.split()}

METRIC = re.compile(r"\s*([A-Za-z_]\w*)\s*")
FORM = "metric, metric(column), metric[segment=value] or metric(column)[segment=value]"
AWKWARD = re.compile(r'^\s|\s$|^"|[()\[\]=]|^$')


@dataclass(frozen=True)
class BandKey:
    """Which numbers a band is for.

    A name with brackets, equals signs or quotes in it can be put into double quotes, a quote inside doubled.

    Attributes
    ----------
    column : None: a metric without a column, or every column
    segment_by, segment : None, None: all rows together; segment None alone: every value of that segment

    >>> BandKey.parse("missing_rate(visib)[origin × carrier=JFK × UA]")
    BandKey(metric='missing_rate', column='visib', segment_by='origin × carrier', segment='JFK × UA')
    >>> BandKey.parse('mean("price (net)")').column
    'price (net)'
    """

    metric: str
    column: str | None = None
    segment_by: str | None = None
    segment: str | None = None

    @classmethod
    def parse(cls, text: str) -> BandKey:
        """Read ``metric``, ``metric(column)``, ``metric[segment=value]`` or both together.

        Raises
        ------
        ModelError
            where the text is none of these
        """
        found = METRIC.match(text) if isinstance(text, str) else None
        if found is None:
            raise ModelError(f"bands: {text!r} does not start with a metric's name; write {FORM}")
        rest = text[found.end() :].rstrip()
        column, rest = _column(rest, text)
        by, segment = _segment(rest, text)
        return cls(found[1], column, by, segment)

    def __str__(self) -> str:
        column = "" if self.column is None else f"({_quoted(self.column)})"
        if self.segment_by is None:
            return f"{self.metric}{column}"
        value = "" if self.segment is None else f"={_quoted(self.segment)}"
        return f"{self.metric}{column}[{_quoted(self.segment_by)}{value}]"

    def nearest(self, given: Mapping[BandKey, T]) -> T | None:
        """What is given for it, by the nearest of the keys that cover it."""
        return next((given[key] for key in self.widening() if key in given), None) if given else None

    def widening(self) -> Iterator[BandKey]:
        """Itself, then the keys that also cover it, nearest first; a key of all rows covers no segment."""
        yield self
        yield BandKey(self.metric, None, self.segment_by, self.segment)
        if self.segment is not None:
            yield BandKey(self.metric, self.column, self.segment_by)
            yield BandKey(self.metric, None, self.segment_by)


def _column(rest: str, text: str) -> tuple[str | None, str]:
    """(column, what follows it)."""
    if not rest.startswith("("):
        return None, rest
    if rest.startswith('("'):
        name, end = _unquote(rest, 1)
        if rest[end : end + 1] == ")":
            return name, rest[end + 1 :].strip()
    for end in (i for i, c in enumerate(rest) if c == ")"):
        inside, after = rest[1:end].strip(), rest[end + 1 :].strip()
        whole = inside.count("(") == inside.count(")")
        if inside and whole and (not after or (after[0] == "[" and after[-1] == "]")):
            return inside, after
    raise ModelError(f"bands: {text!r} has no column within its parentheses; write {FORM}")


def _segment(rest: str, text: str) -> tuple[str | None, str | None]:
    if not rest:
        return None, None
    if not (rest[0] == "[" and rest[-1] == "]" and rest[1:-1].strip()):
        raise ModelError(f"bands: {rest!r} in {text!r} is not a segment; write {FORM}")
    inside = rest[1:-1].strip()
    by, end = _unquote(inside, 0) if inside[0] == '"' else (inside.split("=", 1)[0].strip(), inside.find("="))
    after = inside[end:].strip() if end >= 0 else ""
    if not by or (after and after[0] != "="):
        raise ModelError(f"bands: {rest!r} in {text!r} is not a segment; write {FORM}")
    if not after:
        return by, None
    value = after[1:].strip()
    if value.startswith('"') and _unquote(value, 0)[1] == len(value):
        value = _unquote(value, 0)[0]
    return by, value


def _unquote(text: str, start: int) -> tuple[str, int]:
    """(the quoted name that starts here, the position after its closing quote); -1 where it never closes."""
    found = re.compile(r'"((?:[^"]|"")*)"').match(text, start)
    return (found[1].replace('""', '"'), found.end()) if found else ("", -1)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if AWKWARD.search(name) else name
