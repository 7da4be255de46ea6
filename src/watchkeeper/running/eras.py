"""Eras: the stretches of a model's life that are compared alike, since changes were acknowledged.

Epoch 0 is compared as the model's ``reference`` says, and has all of alpha. Epoch e = 1, 2, ... begins where the e-th
acknowledgement says, is compared with its own first windows, and has α / (e (e + 1)): all later epochs together have
another α. What was made and undone keeps its number, so that no part of alpha is ever given twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from watchkeeper.evidence import LEAST_EXCHANGEABLE, LEAST_INDEPENDENT
from watchkeeper.model import Model
from watchkeeper.running.touched import Spans
from watchkeeper.state import Acknowledgement
from watchkeeper.verdicts import Windows

__all__ = ["EVER", "Era", "Span", "eras_of", "holding", "parts_of_alpha", "said_of", "stays", "told"]

Ints = NDArray[np.int64]
Span = tuple[int, int]  # of the windows that start from the one up to the other; µs since 1970 UTC
EVER = 2**62  # µs: beyond every window
IDLE = "A reference that rolls along, or none, takes no acknowledgement: what was acknowledged does nothing."


@dataclass(frozen=True)
class Era:
    """Windows in a row that are compared alike.

    Attributes
    ----------
    begin, end : the windows that start from the one up to the other; µs since 1970 UTC
    began : where its epoch begins, µs since 1970 UTC
    acknowledged : by which the epoch began; None of epoch 0
    settling : whether they are the first of their epoch, of which what is normal is learned
    """

    begin: int
    end: int
    began: int = -EVER
    acknowledged: Acknowledgement | None = None
    settling: bool = False

    @property
    def share(self) -> float:
        """Of alpha."""
        return 1.0 / parts_of_alpha(0 if self.acknowledged is None else self.acknowledged.number)

    @property
    def normal(self) -> Span:
        """The windows of its own that a later epoch is compared with."""
        return self.began, self.begin

    def among(self, windows: Spans) -> slice:
        """Where these lie among all windows."""
        first, last = np.searchsorted(windows.starts, [self.begin, self.end])
        return slice(int(first), int(last))


def parts_of_alpha(epoch: int) -> int:
    """Into how many parts alpha is divided, of which an epoch has one.

    >>> [parts_of_alpha(epoch) for epoch in range(4)], round(sum(1 / parts_of_alpha(e) for e in range(1, 1000)), 3)
    ([1, 2, 6, 12], 0.999)
    """
    return epoch * (epoch + 1) or 1


def stays(model: Model) -> bool:
    """Whether windows are compared with a reference that stays, which an acknowledgement can replace."""
    rule = model.parsed_reference
    return rule is not None and rule.kind in ("first", "path")


def holding(made: Sequence[Acknowledgement], model: Model) -> list[Acknowledgement]:
    """Those that hold: not undone, and made of the reference that the model still has."""
    return [a for a in made if a.holds and stays(model) and a.reference == model.reference_for()]


def eras_of(
    made: Sequence[Acknowledgement], model: Model, starts: Ints, first: int = -EVER
) -> tuple[Era, ...]:
    """All eras, in their order.

    Parameters
    ----------
    made : every acknowledgement of the model
    starts : (W,) of the windows that there are, µs since 1970 UTC
    first : where what is compared with the model's reference begins
    """
    found = holding(made, model)
    borders = [*(a.begin for a in found), EVER]
    eras = [Era(first, borders[0])]
    least = _least(model)
    for a, end in zip(found, borders[1:], strict=True):
        own = starts[(starts >= a.begin) & (starts < end)]
        settled = end if len(own) < least else model.parsed_window.end(int(own[least - 1]), model.timezone)
        eras.append(Era(a.begin, settled, a.begin, a, settling=True))
        if settled < end:
            eras.append(Era(settled, end, a.begin, a))
    return tuple(eras)


def told(made: Sequence[Acknowledgement], eras: Sequence[Era], model: Model, starts: Ints) -> Iterator[str]:
    """What a person should know of what was acknowledged, one sentence each."""
    if not stays(model) and any(a.holds for a in made):
        yield IDLE
        return
    for a in made:
        if a.holds and a.reference != model.reference_for():
            yield (
                f"The change acknowledged since {_since(a.begin, model)} was one against {a.reference}: with another "
                "reference it counts no more."
            )
    last = eras[-1]
    if last.acknowledged is not None:
        yield _settling(last, model, starts) if last.settling else _settled(last, model)
        if last.acknowledged.begin < last.acknowledged.seen:
            yield (
                f"It was acknowledged when windows up to {_since(last.acknowledged.seen, model)} had been seen: where "
                f"its day was chosen by what these showed, false alarms are likelier than alpha says."
            )


def said_of(made: Acknowledgement, model: Model) -> str:
    """In a few words: "3 May 2026, by ann; alpha x 1/2 since"."""
    by = f", by {made.made_by}" if made.made_by else ""
    return f"{_since(made.begin, model)}{by}; alpha × 1/{parts_of_alpha(made.number)} since"


def _least(model: Model) -> int:
    """How many windows show what is normal."""
    return LEAST_INDEPENDENT if model.windows == "independent" else LEAST_EXCHANGEABLE


def _settled(era: Era, model: Model) -> str:
    assert era.acknowledged is not None
    began, settled = _since(era.began, model), _since(era.begin, model)
    return (
        f"Since the change acknowledged{_by(era.acknowledged)}, from {began} on, windows are compared with those of "
        f"{began} until {settled}; alarms since then share 1/{parts_of_alpha(era.acknowledged.number)} of alpha."
    )


def _settling(era: Era, model: Model, starts: Ints) -> str:
    assert era.acknowledged is not None
    least = _least(model)
    seen = int(((starts >= era.begin) & (starts < era.end)).sum())
    at = int(starts[-1]) if seen else era.begin
    for _ in range(least - seen + bool(seen)):
        at = model.parsed_window.end(at, model.timezone)
    began, earliest = _since(era.began, model), _since(at, model)
    return (
        f"Since the change acknowledged{_by(era.acknowledged)}, from {began} on, only your bands and breaks alarm, "
        f"until {least} windows show what is normal now; there are {seen}. Changes are judged again from {earliest} "
        f"on, or later where windows are missing, and share 1/{parts_of_alpha(era.acknowledged.number)} of alpha."
    )


def _by(made: Acknowledgement) -> str:
    by = f" by {made.made_by}" if made.made_by else ""
    return f"{by} (“{made.note}”)" if made.note else by


def _since(at: int, model: Model) -> str:
    edges = np.array([at]), np.array([model.parsed_window.end(at, model.timezone)])
    return Windows.of(edges, model).since(0)
