"""Advice: which metrics fit, which bands and segments may be worth setting."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from watchkeeper.model.inference.fact import Fact
from watchkeeper.model.inference.guess import Guess
from watchkeeper.model.inference.leak import leaks
from watchkeeper.model.inference.names import rank
from watchkeeper.model.label import label_name, label_of
from watchkeeper.model.segment import Bins

__all__ = ["advise"]

RARE = 0.1  # below, always saying no is right more than nine times in ten
MOST_SEGMENTS = 5
LEAST = 0.1  # a metric below says nothing worth a line
CUT = 0.5  # the threshold that is guessed where only a score is logged


def advise(guess: Guess) -> None:
    """Add reasons, suggestions and warnings about what to watch."""
    outcome = guess.fact("outcome")
    task = guess.keys.get("task")
    if task == "binary" and outcome and len(outcome.classes) == 2:
        _binary(guess, outcome)
    elif task == "multiclass" and outcome and outcome.classes:
        _multiclass(guess, outcome)
    elif task == "regression":
        _regression(guess, outcome)
    _segments(guess)
    if "timestamp" in guess.keys:
        guess.suggest(
            "reference", "first 4w", "what normal is learned from, where 'check' gets no --reference"
        )
    if outcome:
        guess.warnings.extend(leaks(guess.free, outcome))


def _binary(guess: Guess, outcome: Fact) -> None:
    positive = label_of(guess.keys["positive"])
    rate = outcome.classes.get(positive, 0) / outcome.known
    ranked = "average precision" if "score" in guess.keys else "precision"
    always = f"always saying {'no' if rate < 0.5 else 'yes'} would give {_rounded(max(rate, 1 - rate))}"
    if min(rate, 1 - rate) < RARE:
        watched = f"accuracy says little, watching recall and {ranked}"
        _suggest_band(guess, "recall", _recall(guess, outcome))
    else:
        watched = "watching accuracy, precision and recall"
        _suggest_band(guess, "accuracy", _accuracy(guess, outcome))
    if not {"prediction", "score"} & set(guess.keys):
        watched = f"once predictions are there, {watched}"
    guess.reasons["metrics"] = f"{_percent(rate)} positive: {watched}; {always}"
    guess.suggest(
        "expected", {"positive_rate": float(f"{rate:.2g}")}, "the share of positives that you count on"
    )
    guess.suggest("costs", {"false_negative": 10, "false_positive": 1}, "what a wrong answer costs")


def _multiclass(guess: Guess, outcome: Fact) -> None:
    largest, rows = next(iter(outcome.classes.items()))
    least = min(outcome.classes.values()) / outcome.known
    watched = "recall and precision of each class, f1_macro" if least < RARE else "accuracy, f1_macro"
    guess.reasons["metrics"] = (
        f"{len(outcome.classes)} classes, {_percent(rows / outcome.known)} are {label_name(largest)!r}: "
        f"watching {watched}; always saying {label_name(largest)!r} would give {_rounded(rows / outcome.known)}"
    )
    _suggest_band(guess, "accuracy", _accuracy(guess, outcome))


def _regression(guess: Guess, outcome: Fact | None) -> None:
    prediction = guess.fact("prediction")
    guess.reasons["metrics"] = "mean_absolute_error in the outcome's unit, mean_error for a bias to one side"
    if outcome is None or prediction is None or outcome.numbers is None or prediction.numbers is None:
        return
    with np.errstate(over="ignore", invalid="ignore"):
        errors = np.abs(prediction.numbers - outcome.numbers)
        known = errors[np.isfinite(errors)]
        mean = float(known.mean()) if known.size else np.inf
    if np.isfinite(1.2 * mean):
        guess.suggest(
            "bands",
            {"mean_absolute_error": f"<= {_plainly(mean * 1.2)}"},
            f"where a metric must stay; here it is {_plainly(mean)}",
        )


def _plainly(number: float) -> str:
    """To three digits, without an exponent where a person would write none.

    >>> _plainly(1014.2), _plainly(0.123456), _plainly(2.5e9)
    ('1010', '0.123', '2.5e+09')
    """
    rounded = float(f"{number:.3g}")
    return f"{rounded:.0f}" if 1e3 <= rounded < 1e7 else f"{rounded:g}"


def _suggest_band(guess: Guess, metric: str, value: float | None) -> None:
    if value is None or value < LEAST:
        guess.suggest("bands", {"missing_rate": "<= 0.05"}, "where a metric must stay, here of every column")
    else:
        low = np.floor(100 * max(value - 0.05, 0)) / 100
        guess.suggest("bands", {metric: f">= {low:g}"}, f"where a metric must stay; here it is {value:.3f}")


def _said(guess: Guess, outcome: Fact) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
    """(which rows are right, which are truly positive) among the rows with both known."""
    prediction, score = guess.fact("prediction"), guess.fact("score")
    truth = _labels(outcome)
    positive = guess.keys.get("positive")
    if prediction is not None:
        said = _labels(prediction)
        known = (said != "") & (truth != "")
    elif score is not None and score.numbers is not None and positive is not None:
        cut = guess.keys.get("threshold")
        said = np.where(
            score.numbers >= (cut if isinstance(cut, float) else CUT), label_name(label_of(positive)), ""
        )
        truth_positive = truth == label_name(label_of(positive))
        known = np.isfinite(score.numbers) & (truth != "")
        right = (said != "") == truth_positive
        return right[known], truth_positive[known]
    else:
        return None
    wanted = label_name(label_of(positive)) if positive is not None else ""
    return (said == truth)[known], (truth == wanted)[known]


def _labels(fact: Fact) -> NDArray[np.str_]:
    """(rows,) labels as text, "" where missing."""
    if fact.numbers is not None:
        return np.array(["" if v != v else f"{v:g}" for v in fact.numbers.tolist()], dtype=np.str_)
    return np.array([v or "" for v in fact.array.to_pylist()], dtype=np.str_)


def _accuracy(guess: Guess, outcome: Fact) -> float | None:
    said = _said(guess, outcome)
    return float(said[0].mean()) if said and said[0].size else None


def _recall(guess: Guess, outcome: Fact) -> float | None:
    said = _said(guess, outcome)
    return float(said[0][said[1]].mean()) if said and said[1].any() else None


def _segments(guess: Guess) -> None:
    """Suggest categories with few values, those that describe people first."""
    people = [f for f in guess.free if rank("person", f.key) is not None]
    few = [
        f for f in guess.free if f not in people and f.kind in ("text", "boolean") and 2 <= f.distinct <= 20
    ]
    chosen: list[object] = []
    for fact in people + few:
        if fact.kind == "number" and fact.distinct > 20:
            edges = sorted({float(f"{q:.2g}") for q in np.quantile(fact.finite, [0.25, 0.5, 0.75])})
            chosen.append(Bins(fact.name, edges))
        elif 2 <= fact.distinct <= 50:
            chosen.append(fact.name)
    if chosen:
        guess.suggest("segments", chosen[:MOST_SEGMENTS], "for whom, or where, may it be wrong?")


def _percent(share: float) -> str:
    return f"{100 * share:.2g} %" if 0.001 <= share < 0.995 else f"{100 * share:.3g} %"


def _rounded(share: float) -> str:
    return f"{share:.2f}" if share < 0.995 else f"{share:.4g}"
