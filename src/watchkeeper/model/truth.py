"""Truth: when the outcome of a prediction is known, and what its absence means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property

from watchkeeper.errors import ModelError
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.model.span import microseconds_of
from watchkeeper.model.validation import class_of

__all__ = ["Truth", "truth_of"]


@dataclass(frozen=True)
class Truth:
    """How long the outcome of a prediction may take.

    Parameters
    ----------
    within : the time after the event by which it is known, "90d"
    absent : what it was where nothing came by then: a loan without a default was repaid

    Raises
    ------
    ModelError
        where ``within`` is no time, or ``absent`` is there without it

    >>> Truth("90d", absent=0).within_us == 90 * 86_400_000_000
    True
    """

    within: str | None = None
    absent: object = None

    def __post_init__(self) -> None:
        if self.absent is not None:
            object.__setattr__(self, "absent", class_of("truth: absent", self.absent))
            if self.within is None:
                raise ModelError(
                    "truth: absent needs within, the time after which no outcome will come: "
                    f"{{within: 90d, absent: {self.absent!r}}}"
                )
        _ = self.within_us  # raises where it is no time

    @cached_property
    def within_us(self) -> int | None:
        """Microseconds, or None where outcomes may come at any time."""
        return None if self.within is None else microseconds_of("truth: within", self.within)


def truth_of(value: object) -> Truth | None:
    """A truth, from what a person wrote."""
    if value is None or isinstance(value, Truth):
        return value
    if not isinstance(value, Mapping):
        raise ModelError(f"truth: a mapping such as {{within: 90d, absent: 0}} is needed, got {value!r}")
    known = [f.name for f in fields(Truth)]
    for name in value:
        if name not in known:
            hint = did_you_mean(str(name), known) or ";"
            raise ModelError(f"truth: unknown key {name!r}{hint} valid are {', '.join(known)}")
    return Truth(**value) if any(v is not None for v in value.values()) else None
