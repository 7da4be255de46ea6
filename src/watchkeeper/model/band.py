"""Bands: where a metric may be, and which metric, column and segment each is for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

from watchkeeper.errors import ModelError
from watchkeeper.model.nearest import did_you_mean, one_of

__all__ = ["Band", "Judge"]

Judge = Literal["interval", "value"]

NUMBER = r"[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?:\s*%)?"
ONE_SIDED = re.compile(rf"(>=|<=|>|<)\s*({NUMBER})")
TWO_SIDED = re.compile(rf"(?:between\s+)?({NUMBER})\s*(?:\.\.|…|to|and)\s*({NUMBER})")
VALID = "write '>= 0.88', '<= 0.02' or '0.1 .. 0.3'"


@dataclass(frozen=True)
class Band:
    """Where a metric may be.

    Parameters
    ----------
    expr : ``">= 0.88"``, ``"<= 2 %"``, ``"0.1 .. 0.3"`` or ``"between 0.1 and 0.3"``; kept in one spelling
    judge : "interval" (default): alarm where the whole interval lies outside, ``unclear`` where it straddles;
        "value": alarm where the value itself does, for a contractual line

    Raises
    ------
    ModelError
        where the text is not a band, or its ends are the wrong way round

    >>> Band("between 0.1 and 0.3")
    Band(expr='0.1 .. 0.3', judge='interval')
    >>> Band("<= 2 %").low, Band("<= 2 %").high
    (-inf, 0.02)
    """

    expr: str
    judge: Judge = "interval"

    def __post_init__(self) -> None:
        if self.judge not in get_args(Judge):
            hint = did_you_mean(str(self.judge), get_args(Judge))
            raise ModelError(
                f"bands: judge {self.judge!r} is not known{hint} Valid: {one_of(get_args(Judge))}"
            )
        sign, numbers = _parse(self.expr)
        object.__setattr__(self, "expr", f"{sign} {numbers[0]}" if sign else f"{numbers[0]} .. {numbers[1]}")
        if self.low > self.high:
            raise ModelError(f"bands: {self.expr!r} has its lower end above its upper end; {VALID}")

    @cached_property
    def low(self) -> float:
        """The lower end; -inf where it is open."""
        sign, numbers = _parse(self.expr)
        return -math.inf if sign.startswith("<") else _number(numbers[0])

    @cached_property
    def high(self) -> float:
        """The upper end; inf where it is open."""
        sign, numbers = _parse(self.expr)
        return math.inf if sign.startswith(">") else _number(numbers[-1])

    def __str__(self) -> str:
        return self.expr


def _parse(expr: object) -> tuple[str, tuple[str, ...]]:
    """(sign or "", the numbers as they are written)."""
    if not isinstance(expr, str):
        raise ModelError(f"bands: {expr!r} does not say which side is good; {VALID}")
    text = expr.strip().replace("≥", ">=").replace("≤", "<=").replace("−", "-")
    if one := ONE_SIDED.fullmatch(text):
        return one[1], (one[2],)
    if two := TWO_SIDED.fullmatch(text):
        return "", (two[1], two[2])
    raise ModelError(f"bands: {expr!r} is not a band; {VALID}")


def _number(text: str) -> float:
    if text.endswith("%"):
        return float(text[:-1]) / 100
    return float(text)
