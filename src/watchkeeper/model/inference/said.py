"""Said and happened: which columns hold prediction, score and outcome, and which task that makes."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from watchkeeper.model.inference.fact import Fact
from watchkeeper.model.inference.guess import Guess
from watchkeeper.model.inference.names import rank, score_class, stem
from watchkeeper.model.label import Label, label_name
from watchkeeper.model.model import Model
from watchkeeper.model.positive import positive_of

__all__ = ["guess_said"]

MOST_CLASSES = 100
FEW_WHOLE = 20  # whole numbers with at most so many values are rather classes than amounts


def guess_said(guess: Guess) -> None:
    """Set ``outcome``, ``prediction``, ``score``, ``task``, ``positive`` and ``threshold``."""
    said = _given(guess, "prediction") or _best(guess, "prediction")
    happened = _given(guess, "outcome") or _outcome(guess, said)
    if happened:
        guess.take("outcome", *happened)
    outcome = guess.fact("outcome")
    group = _score_group(guess, outcome or (said[0] if said else None))
    score = _given(guess, "score") or (None if group else _best_score(guess, said))
    task, why = _task(said[0] if said else None, outcome, bool(score), len(group))
    if "task" in guess.given:
        task = str(guess.given["task"])
    if said and task == "binary" and not score and not group and said[0].shares:
        score, said = (said[0], f"called {said[0].name!r}, but {_range(said[0])}: probabilities"), None
    if task is None:
        guess.suggest("task", "binary | multiclass | regression", why)
        return
    guess.set("task", task, why)
    if said:
        _take_prediction(guess, task, *said)
    if task == "binary":
        _binary(guess, score, group)
    elif group and task == "multiclass":
        guess.set("score", group, "a probability for each class, adding up to 1")
        guess.taken.update(group.values())
    elif score:
        guess.excluded[score[0].name] = "one probability only; a multiclass score is one for each class"


def _given(guess: Guess, role: str) -> tuple[Fact, str] | None:
    fact = guess.fixed(role)
    return (fact, "given") if fact else None


def _best(guess: Guess, role: str) -> tuple[Fact, str] | None:
    """The column whose name fits a role best."""
    ranked = [(r, i, f) for i, f in enumerate(guess.candidates) if (r := rank(role, f.key)) is not None]
    usable = [e for e in ranked if e[2].kind in ("number", "boolean", "text") and not _more(e[2], role)]
    return (min(usable)[2], "its name says so") if usable else None


def _more(fact: Fact, role: str) -> bool:
    """Whether the name fits another role better."""
    return role == "prediction" and rank("score", fact.key) is not None and fact.shares


def _best_score(guess: Guess, said: tuple[Fact, str] | None) -> tuple[Fact, str] | None:
    ranked = [
        (r, i, f)
        for i, f in enumerate(guess.candidates)
        if (r := rank("score", f.key)) is not None and f.shares and not (said and said[0] is f)
    ]
    return (min(ranked)[2], f"its name says so, and {_range(min(ranked)[2])}") if ranked else None


def _range(fact: Fact) -> str:
    return f"its values lie between {fact.finite.min():.2g} and {fact.finite.max():.2g}"


def _outcome(guess: Guess, said: tuple[Fact, str] | None) -> tuple[Fact, str] | None:
    scores = [f for f in guess.candidates if rank("score", f.key) is not None and f.shares]
    speakers = ([("prediction", said[0])] if said else []) + [("score", f) for f in scores]
    for role, speaker in speakers:
        about = stem(role, speaker.key)
        pair = next((f for f in guess.candidates if f.key == about and f is not speaker), None)
        if pair:
            return pair, f"what {speaker.name!r} predicts"
    amounts = said is not None and said[0].kind == "number" and not said[0].whole
    scored = bool(scores) or isinstance(guess.given.get("score"), str)
    classes = _labels(said[0]) if said else scored
    others = [f for f in guess.candidates if all(f is not speaker for _, speaker in speakers)]
    ranked = [(r, i, f) for i, f in enumerate(others) if (r := rank("outcome", f.key)) is not None]
    fits = [e for e in ranked if _can_happen(e[2], e[0], classes) and (e[0] < 300 or amounts)]
    return (min(fits)[2], "its name says so") if fits else None


def _labels(fact: Fact) -> bool:
    return fact.kind in ("text", "boolean") or 0 < fact.distinct <= 2


def _can_happen(fact: Fact, order: int, classes: bool) -> bool:
    """Whether a column that is called an outcome can be one; ``classes``: of a model that tells classes apart."""
    if classes and fact.kind == "number" and not (fact.whole and fact.distinct <= FEW_WHOLE):
        return False
    if fact.kind == "text":
        return fact.distinct <= MOST_CLASSES
    if order == 200:
        return fact.kind == "boolean" or (fact.kind == "number" and fact.distinct <= FEW_WHOLE)
    return fact.kind in ("number", "boolean")


def _score_group(guess: Guess, labelled: Fact | None) -> dict[Label, str]:
    """Class → column, where columns of probabilities are named after the classes and add up to 1."""
    given = guess.given.get("score")
    if given is not None:
        return dict(given) if isinstance(given, Mapping) else {}
    known = {label_name(c).lower(): c for c in labelled.classes} if labelled else {}
    for pattern in (0, 1):
        named = {f.name: c for f in guess.candidates if (c := score_class(pattern, f.name)) and _unit(f)}
        matched = {known.get(c.lower(), c): n for n, c in named.items() if not known or c.lower() in known}
        if len(matched) >= max(2, len(known)) and _add_up([guess.facts[n] for n in matched.values()]):
            return {_plain(c): n for c, n in matched.items()}
    return {}


def _unit(fact: Fact) -> bool:
    return fact.finite.size > 0 and bool(fact.finite.min() >= 0 and fact.finite.max() <= 1)


def _add_up(facts: list[Fact]) -> bool:
    total = sum((f.numbers for f in facts if f.numbers is not None), start=np.zeros(len(facts[0].array)))
    known = total[np.isfinite(total)]
    return known.size > 0 and float((np.abs(known - 1) < 0.02).mean()) > 0.95


def _plain(label: Label) -> Label:
    """0.0 as 0, so that YAML reads well; "0" as 0, since a name cannot tell."""
    if isinstance(label, str):
        return int(label) if label.isdigit() else label
    return int(label) if label == int(label) else label


def _task(said: Fact | None, outcome: Fact | None, scored: bool, group: int) -> tuple[str | None, str]:
    """(task or None, why)."""
    judged = outcome if outcome is not None and outcome.known else said
    if scored and (judged is None or judged.distinct <= 2 or (judged is said and judged.shares)):
        return "binary", "one score in [0, 1]"
    if group > 2:
        return "multiclass", f"a score for each of {group} classes"
    if judged is None:
        return None, "no column is a prediction, a score or an outcome: data quality and drift are watched"
    if judged is said and judged.shares:
        return "binary", f"{judged.name!r} looks like a probability"
    return _by_values(judged, said)


def _by_values(judged: Fact, said: Fact | None) -> tuple[str | None, str]:
    classes = ", ".join(repr(c) if isinstance(c, str) else label_name(c) for c in list(judged.classes)[:4])
    fraction = said is not None and said.kind == "number" and not said.whole and not said.shares
    if judged.classes and set(judged.classes) <= {0.0, 1.0}:
        return "binary", f"{judged.name!r} is {' or '.join(sorted(label_name(c) for c in judged.classes))}"
    if judged.distinct == 2 and not fraction:
        return "binary", f"{judged.name!r} has two values: {classes}"
    if judged.kind == "text" and 2 < judged.distinct <= MOST_CLASSES:
        return (
            "multiclass",
            f"{judged.name!r} has {judged.distinct} classes: {classes}{', ...' * (judged.distinct > 4)}",
        )
    if judged.kind == "number" and judged.whole and 2 < judged.distinct <= FEW_WHOLE and not fraction:
        return (
            "multiclass",
            f"{judged.name!r} has {judged.distinct} whole values; if it is an amount: regression",
        )
    if judged.kind == "number" and judged.distinct > 1:
        return "regression", f"{judged.name!r} holds {judged.distinct:,} different numbers"
    return (
        None,
        f"{judged.name!r} has too {'few' if judged.distinct < 2 else 'many'} different values for a task",
    )


def _take_prediction(guess: Guess, task: str, fact: Fact, reason: str) -> None:
    outcome = guess.fact("outcome")
    if task in ("binary", "multiclass") and fact.kind == "number" and not fact.whole:
        guess.excluded[fact.name] = "holds numbers that are neither a label nor a probability"
        guess.warnings.append(
            f"{fact.name!r} is neither a label nor a probability: {_range(fact)}; log one of them"
        )
        return
    guess.take("prediction", fact, reason)
    both = task != "regression" and outcome is not None and outcome.classes and fact.classes
    if both and outcome and set(outcome.classes).isdisjoint(fact.classes):
        guess.warnings.append(
            f"{fact.name!r} says {_some(fact)}, {outcome.name!r} says {_some(outcome)}: they never agree"
        )


def _some(fact: Fact) -> str:
    return ", ".join(repr(c) if isinstance(c, str) else label_name(c) for c in list(fact.classes)[:3])


def _binary(guess: Guess, score: tuple[Fact, str] | None, group: dict[Label, str]) -> None:
    outcome = guess.fact("outcome") or guess.fact("prediction")
    counts = dict(outcome.classes) if outcome else {}
    if len(counts) <= 2:
        positive, why = positive_of(counts, Model())
        guess.set("positive", _written(positive), why)
        if len(group) == 2:
            chosen = {label_name(c): n for c, n in group.items()}.get(label_name(positive))
            if chosen:
                score = guess.facts[chosen], f"the probability of the positive class, {positive!r}"
            guess.excluded.update(
                {n: "one minus the score" for n in group.values() if n != chosen} if chosen else {}
            )
    if not score:
        guess.warnings.extend(_percentages(guess))
    if score:
        guess.take("score", *score)
        if "prediction" not in guess.keys:
            guess.set("threshold", 0.5, "only a score is logged; set what your service uses")


def _percentages(guess: Guess) -> list[str]:
    """Of columns that are called scores and hold too large numbers."""
    return [
        f"{f.name!r} is called a score, but {_range(f)}: if these are percentages, divide them by 100"
        for f in guess.candidates
        if rank("score", f.key) is not None
        and f.finite.size
        and f.finite.min() >= 0
        and 1 < f.finite.max() <= 100
    ]


def _written(label: Label) -> Label:
    return int(label) if not isinstance(label, str) and label == int(label) else label
