"""Summary: all verdicts in one word and one sentence."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from watchkeeper.verdicts.finding import Finding, find
from watchkeeper.verdicts.verdict import Judgement, Outcome
from watchkeeper.verdicts.windows import Windows

__all__ = ["overall", "summarise"]


def overall(judgements: Sequence[Judgement]) -> Outcome:
    """The worst verdict: "alarm" where anything alarms, else "unclear", "ok", or "no_data"."""
    outcomes: tuple[Outcome, ...] = ("alarm", "unclear", "ok")
    for outcome in outcomes:
        if any((j.verdict == outcome).any() for j in judgements if j.rule != "none"):
            return outcome
    return "no_data"


def summarise(judgements: Sequence[Judgement], findings: Sequence[Finding], windows: Windows) -> str:
    """The verdict in one sentence, the worst first."""
    judged = [j for j in judgements if j.rule != "none"]
    if findings:
        return f"{_share(_where(judged, 'alarm', windows), _seen(judged, windows))}: {_named(findings)}."
    unclear = find(judged, windows, "unclear")
    if unclear:
        share = _share(_where(judged, "unclear", windows), _seen(judged, windows), "unclear")
        return f"Nothing alarms; {share[0].lower()}{share[1:]}: {_named(unclear)}."
    if any((j.verdict == "ok").any() for j in judged):
        seen = _count(_seen(judged, windows), "window")
        return f"Nothing alarms: {_count(len(judged), 'number')} judged in {seen}."
    if judged:
        return "No verdict: no window holds enough rows to judge."
    return "No verdict: there is neither a band nor a reference to judge by."


def _where(judged: Sequence[Judgement], outcome: str, windows: Windows) -> int:
    """In how many windows at least one number has this verdict."""
    some: NDArray[np.bool_] = np.zeros(windows.count, dtype=bool)
    for judgement in judged:
        some |= judgement.verdict == outcome
    return int(some.sum())


def _seen(judged: Sequence[Judgement], windows: Windows) -> int:
    """In how many windows anything was judged."""
    some: NDArray[np.bool_] = np.zeros(windows.count, dtype=bool)
    for judgement in judged:
        for outcome in ("ok", "unclear", "alarm"):
            some |= judgement.verdict == outcome
    return int(some.sum())


def _share(some: int, of: int, outcome: str = "alarm") -> str:
    if of == 1:
        return "It alarms" if outcome == "alarm" else "It is unclear"
    verbs = ("alarms", "alarm") if outcome == "alarm" else ("is unclear", "are unclear")
    verb = verbs[0] if some == 1 else verbs[1]
    return f"{some:,} of {of:,} windows {verb}"


def _named(findings: Sequence[Finding]) -> str:
    """The worst, and how many others: it has to be read at a glance."""
    worst, rest = findings[0], len(findings) - 1
    alike = f", as in {_count(len(worst.alike), 'other column')}," if worst.alike else ""
    named = f"{worst.clause}{alike} {worst.when}".strip()
    return f"{named}; and {_count(rest, 'other finding')}" if rest else named


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
