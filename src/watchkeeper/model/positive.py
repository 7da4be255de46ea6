"""Which of two classes is the positive one, and why."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from watchkeeper.errors import ModelError
from watchkeeper.model.label import Label, label_name, label_of

if TYPE_CHECKING:
    from watchkeeper.model.model import Model

__all__ = ["positive_of"]

# What a model is asked to find is positive: the event, also where it is bad news.
POSITIVE = """
accepted alarm anomalous anomaly approved attack bad bought canceled cancelled churn churned click
clicked converted dead deceased default defaulted defect defective delayed delinquent died disease
diseased employed event fail failed failure faulty fraud fraudulent high hit ill late left malicious
malignant outlier phishing pos positive purchased readmitted responded returned sick spam subscribed
survived t toxic true unsafe win won y yes
"""
NEGATIVE = """
active alive benign clean current f false genuine good ham healthy ignored inlier kept legit
legitimate lost low n neg negative no non-toxic none normal nothing ok okay on-time ontime paid pass
passed punctual rejected retained safe stay stayed unclicked unemployed well
"""
HAPPENED, DENIED = frozenset(POSITIVE.split()), frozenset(NEGATIVE.split())
DENIAL = re.compile(r"^(not|non|no|un)[ _-]")


def positive_of(classes: Mapping[Label, int] | Iterable[Label], model: Model) -> tuple[Label, str]:
    """The positive class and the reason for it.

    ``model.positive`` where it is set; else 1 of {0, 1} and of {-1, 1}; else the class whose word says that
    something happened (yes, true, churned, fraud, ...); else the rarer class.

    Parameters
    ----------
    classes : the classes of the outcome (and prediction), with their numbers of rows where known

    Raises
    ------
    ModelError
        where ``model.positive`` is not among two or more classes, or where it is not set and there are more
        than two

    >>> from watchkeeper.model import Model
    >>> positive_of({"no": 90, "yes": 10}, Model())
    ('yes', "'yes' says that something happened")
    >>> positive_of({"- 50000.": 90, "50000+.": 10}, Model())
    ('50000+.', "'50000+.' is the rarer class (10.0 % of the rows)")
    """
    counts = dict(classes) if isinstance(classes, Mapping) else dict.fromkeys(classes, 0)
    if model.positive is not None:
        return _explicit(label_of(model.positive), counts)
    if len(counts) > 2:
        raise ModelError(
            f"positive: the outcome has {len(counts)} classes ({_listed(counts)}); "
            "set positive to the one that counts as positive, or task: multiclass"
        )
    codes = {_code(c): c for c in counts}
    if set(codes) <= {0.0, 1.0} or set(codes) == {-1.0, 1.0}:
        other = next(iter(counts), 0.0)
        one: Label = "1" if isinstance(other, str) else 1.0
        seen = _listed(sorted(counts, key=_order)) or "no class seen"
        return codes.get(1.0, one), f"1 of {seen}: the usual code of the event"
    return _by_word(list(counts)) or _by_rarity(counts)


def _explicit(wanted: Label, counts: Mapping[Label, int]) -> tuple[Label, str]:
    same = [c for c in counts if label_name(c) == label_name(wanted)]  # "1" in YAML for a column of numbers
    if wanted in counts or (len(counts) < 2 and not same):
        return wanted, "set in the model"
    if same:
        return same[0], f"set in the model, as {wanted!r}"
    raise ModelError(
        f"positive: {_written(wanted)} is not a class of the outcome; its classes are {_listed(counts)}"
    )


def _code(label: Label) -> Label:
    """Text that is a number as that number."""
    try:
        return float(label)
    except ValueError:
        return label


def _by_word(classes: list[Label]) -> tuple[Label, str] | None:
    words = {c: str(label_name(c)).strip().lower() for c in classes}
    happened = [c for c in classes if words[c] in HAPPENED]
    denied = [c for c in classes if words[c] in DENIED or DENIAL.match(words[c])]
    if len(happened) == 1:
        return happened[0], f"{_written(happened[0])} says that something happened"
    if len(classes) == 2 and len(denied) == 1:
        other = next(c for c in classes if c not in denied)
        return other, f"{_written(denied[0])} says that nothing happened"
    return None


def _by_rarity(counts: Mapping[Label, int]) -> tuple[Label, str]:
    total = sum(counts.values())
    if len(counts) == 1:
        only = next(iter(counts))
        return only, f"{_written(only)} is the only class"
    rarer = min(counts, key=lambda c: (counts[c], _order(c)))
    if total == 0 or len(set(counts.values())) == 1:
        last = max(counts, key=_order)
        return last, f"{_written(last)} comes last in order, and neither class is rarer"
    return rarer, f"{_written(rarer)} is the rarer class ({counts[rarer] / total:.1%} of the rows)".replace(
        "%", " %"
    )


def _order(label: Label) -> tuple[bool, Label]:
    return isinstance(label, str), label


def _written(label: Label) -> str:
    return repr(label) if isinstance(label, str) else label_name(label)


def _listed(classes: Iterable[Label]) -> str:
    few = [_written(c) for c in classes]
    return ", ".join(few[:10]) + (f" and {len(few) - 10} more" if len(few) > 10 else "")
