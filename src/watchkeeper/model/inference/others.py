"""The other roles: id, subject, version, weight; and which columns are features."""

from __future__ import annotations

import re

from watchkeeper.model.inference.fact import Fact
from watchkeeper.model.inference.guess import Guess
from watchkeeper.model.inference.names import rank
from watchkeeper.model.label import label_name

__all__ = ["guess_features", "guess_ids", "guess_weight"]

MOST_VERSIONS = 50
MOST_LISTED = 60  # columns


def guess_ids(guess: Guess) -> None:
    """Set ``id``, ``subject`` and ``version``."""
    ids = [
        (r, i, f)
        for i, f in enumerate(guess.candidates)
        if (r := rank("id", f.key)) is not None and _identifies(f)
    ]
    for _, _, fact in sorted(ids)[:1]:
        if "id" not in guess.given:
            guess.take("id", fact, "every value occurs once")
    for role, reason in (("subject", "one value can have several rows"), ("version", "its name says so")):
        named = guess.free if role == "subject" else guess.candidates  # whom it is about may be an input
        ranked = [(r, i, f) for i, f in enumerate(named) if (r := rank(role, f.key)) is not None]
        for _, _, fact in sorted(ranked)[:1]:
            fits = fact.kind in ("text", "number") and (role != "version" or fact.distinct <= MOST_VERSIONS)
            if fits and role not in guess.given:
                guess.take(role, fact, reason)


def _identifies(fact: Fact) -> bool:
    return fact.unique and (fact.kind == "text" or fact.whole)


def guess_weight(guess: Guess) -> None:
    """Set ``weight`` where the name leaves no doubt; else suggest it."""
    for fact in guess.candidates:
        positive = fact.kind == "number" and fact.finite.size > 0 and fact.finite.min() >= 0
        if (
            positive
            and rank("weight", fact.key) is not None
            and "weight" not in {**guess.keys, **guess.given}
        ):
            guess.take("weight", fact, "its name says so, and no value is negative")
    for fact in guess.candidates:
        if (
            "weight" not in {**guess.keys, **guess.given}
            and fact.kind == "number"
            and rank("maybe_weight", fact.key) is not None
        ):
            guess.suggest("weight", fact.name, f"if {fact.name!r} says how much a row counts")


def guess_features(guess: Guess) -> None:
    """Set ``features`` where some column is none; else every column without a role is one."""
    for fact in guess.free:
        if guess.inputs and fact.name not in guess.inputs:
            guess.taken.add(fact.name)
        elif reason := _no_feature(fact) or ("timestamp" in guess.keys and _calendar(fact)):
            guess.excluded[fact.name] = reason
    names = [f.name for f in guess.free]
    left_out = guess.excluded.keys() & (guess.inputs or guess.excluded.keys())
    if left_out:
        guess.set("features", names, f"every column without a role but {len(left_out)}:")
    elif 0 < len(names) <= MOST_LISTED:
        guess.suggest("features", names, "without this key every column without a role is one")
    elif names:
        guess.reasons["features"] = f"features: every column without a role, {len(names):,} of them"


def _calendar(fact: Fact) -> str | None:
    named = fact.key in ("year", "quarter", "month", "week", "day", "day_of_year", "week_of_year")
    return "follows the calendar: its distribution always changes" if named and fact.whole else None


def _no_feature(fact: Fact) -> str | None:
    if rank("part", fact.key) is not None and fact.distinct <= 20:
        return "names the part of the data that a row belongs to"
    if re.fullmatch(r"__index_level_\d+__", fact.name):
        return "the index of a pandas frame"
    if fact.known == 0:
        return "has no value"
    if fact.constant:
        return f"always the same here: {label_name(next(iter(fact.classes), str(fact.array[0])))}"
    if fact.kind == "other":
        return f"a {fact.array.type} is neither number nor category"
    if fact.kind == "text" and fact.known > 20 and fact.distinct > 0.95 * fact.known:
        return "text that hardly ever repeats: there is no distribution to compare"
    if rank("id", fact.key) is not None and _identifies(fact) and fact.known > 20:
        return "another identifier: every value occurs once"
    return None
