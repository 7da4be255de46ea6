"""KPI expressions: an aggregate over an expression of columns."""

from __future__ import annotations

import re
from typing import Literal

from watchkeeper.errors import ModelError
from watchkeeper.model.nearest import did_you_mean

__all__ = ["Aggregate", "kpi_of", "mentions"]

Aggregate = Literal["sum", "mean"]
CALL = re.compile(r"\s*(\w+)\s*\((.*)\)\s*", re.DOTALL)
SYNONYMS = {"avg": "mean", "average": "mean", "total": "sum"}


def kpi_of(name: str, text: object) -> tuple[Aggregate, str]:
    """(aggregate, expression) of ``sum(expression)`` or ``mean(expression)``.

    Raises
    ------
    ModelError
        where the text is neither

    >>> kpi_of("revenue", "sum(price * (1 - discount))")
    ('sum', 'price * (1 - discount)')
    """
    found = CALL.fullmatch(text) if isinstance(text, str) else None
    if found is None or not found[2].strip() or not _closed(found[2]):
        raise ModelError(
            f"kpis: {name!r} is {text!r}; write 'sum(expression)' or 'mean(expression)' over columns"
        )
    if found[1].lower() == "sum":
        return "sum", found[2].strip()
    if found[1].lower() == "mean":
        return "mean", found[2].strip()
    hint = did_you_mean(found[1], ("sum", "mean"), SYNONYMS)
    raise ModelError(f"kpis: {name!r} aggregates by {found[1]!r}; valid are 'sum' and 'mean'{hint}")


def mentions(expression: str, column: str) -> bool:
    """Whether an SQL expression reads a column, quoted or bare.

    >>> mentions("price * (actual = 1)", "actual"), mentions("'actual'", "actual")
    (True, False)
    """
    code = re.sub(r"'[^']*'", "", expression)
    return re.search(rf'(?<!\w)"?{re.escape(column)}"?(?!\w)', code, re.IGNORECASE) is not None


def _closed(expression: str) -> bool:
    """Whether no parenthesis closes before it opens, quoted text apart: not in ``sum(a) + sum(b)``."""
    depth = 0
    for character in re.sub(r"'[^']*'|\"[^\"]*\"", "", expression):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            return False
    return depth == 0
