"""Checks of what a person wrote into a model: each returns the value in one form, or says what is wrong."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo, available_timezones

from watchkeeper.errors import ModelError
from watchkeeper.model.band import Band
from watchkeeper.model.band_key import BandKey
from watchkeeper.model.nearest import did_you_mean, one_of

__all__ = [
    "bands", "choice", "class_of", "column", "columns", "effects", "name", "numbers", "score", "share", "task",
    "text_or_path", "texts", "timezone",
]  # fmt: skip

TASKS = ("binary", "multiclass", "regression")
UNSUPPORTED = re.compile(r"rank|recommend|retriev|forecast|time.?series", re.IGNORECASE)
TASK_SYNONYMS = {
    "binary_classification": "binary", "multiclass_classification": "multiclass", "multi-class": "multiclass",
    "multi_class": "multiclass", "regressor": "regression",
}  # fmt: skip
CLASSIFICATION = re.compile(r"classif(ication|ier|y)", re.IGNORECASE)


def column(key: str, value: object) -> str | None:
    """A column's name or None."""
    if value is None or (isinstance(value, str) and value):
        return None if value is None else str(value)
    raise ModelError(f"{key}: a column's name is needed, got {value!r}")


def columns(key: str, value: object) -> tuple[str, ...] | None:
    """Columns' names, each once, or None."""
    if value is None:
        return None
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ModelError(f"{key}: a list of columns is needed, got {value!r}")
    names = tuple(column(key, v) or "" for v in value)
    if "" in names:
        raise ModelError(f"{key}: a column's name is needed, got None")
    if twice := {n for n in names if names.count(n) > 1} if len(set(names)) < len(names) else set():
        raise ModelError(f"{key}: {min(twice)!r} is named twice")
    return names


def name(key: str, value: object) -> str:
    """A name that can also name a file."""
    if not isinstance(value, str) or not value.strip():
        raise ModelError(f"{key}: text is needed, got {value!r}")
    if re.search(r"[/\\\x00-\x1f]", value) or value.startswith(".") or len(value) > 200:
        raise ModelError(f"{key}: {value!r} cannot name a file; leave out slashes and a leading dot")
    return str(value)


def choice(key: str, value: object, valid: Sequence[str]) -> str:
    """One of a few words."""
    if isinstance(value, str) and value in valid:
        return value
    hint = did_you_mean(str(value), valid)
    raise ModelError(f"{key}: {value!r} is not known{hint or ';'} valid are {one_of(valid)}")


def task(key: str, value: object) -> str | None:
    """A task, or None; those that other tools have are refused by name."""
    if value is None or (isinstance(value, str) and value in TASKS):
        return value
    if isinstance(value, str) and UNSUPPORTED.search(value):
        raise ModelError(
            f"{key}: {value!r} is not supported yet; supported are {one_of(TASKS)}. "
            "Without a task, the features' quality and drift are watched"
        )
    if isinstance(value, str) and CLASSIFICATION.fullmatch(value):
        raise ModelError(f"{key}: {value!r} is either 'binary' (two classes) or 'multiclass' (more)")
    hint = did_you_mean(str(value), TASKS, TASK_SYNONYMS)
    raise ModelError(f"{key}: {value!r} is not a task{hint or ';'} valid are {one_of(TASKS)}, or None")


def timezone(key: str, value: object) -> str:
    """The name of a zone that this machine knows."""
    try:
        if isinstance(value, str) and value:
            ZoneInfo(value)
            return value
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError; a folder's name an OSError
        pass
    hint = did_you_mean(str(value), available_timezones())
    raise ModelError(
        f"{key}: {value!r} is not a time zone{hint or ';'} names look like 'UTC' or 'Europe/Berlin'"
    )


def number(key: str, value: object) -> float:
    """A finite number."""
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, bool) or not isinstance(plain, int | float) or not math.isfinite(plain):
        raise ModelError(f"{key}: a number is needed, got {value!r}")
    return plain


def share(key: str, value: object, *, closed: bool) -> float:
    """A number in [0, 1], or strictly inside."""
    plain = number(key, value)
    if 0 < plain < 1 or (closed and 0 <= plain <= 1):
        return plain
    valid = "from 0 to 1" if closed else "between 0 and 1, both excluded"
    hint = f"; did you mean {plain / 100:g}?" if 1 < plain < 100 else ""
    raise ModelError(f"{key}: {value!r} is not a number {valid}{hint}")


def mapping(key: str, value: object) -> dict[object, object]:
    if isinstance(value, Mapping):
        return dict(value)
    hint = "; write {accuracy: '>= 0.88'}" if key == "bands" else ""
    raise ModelError(f"{key}: a mapping of names is needed, got {value!r}{hint}")


def numbers(key: str, value: object, valid: Sequence[str] = (), least: float = -math.inf) -> dict[str, float]:
    """Names with numbers; the names among ``valid`` where that is given."""
    given = texts(key, value)
    for name_ in given:
        if valid and name_ not in valid:
            raise ModelError(
                f"{key}: {name_!r} is not known{did_you_mean(name_, valid) or ';'} valid are {one_of(valid)}"
            )
    result = {n: number(f"{key}: {n!r}", v) for n, v in given.items()}
    for name_, plain in result.items():
        if plain < least:
            raise ModelError(f"{key}: {name_!r} is {plain!r}; {least:g} or more is needed")
    return result


def texts(key: str, value: object) -> dict[str, object]:
    """A mapping whose keys are names."""
    given = mapping(key, value)
    for name_ in given:
        if not isinstance(name_, str) or not name_.strip():
            raise ModelError(f"{key}: a name is needed, got {name_!r}")
    return {str(n): v for n, v in given.items()}


def bands(key: str, value: object) -> dict[str, Band]:
    """Band keys in one spelling, with their bands."""
    result: dict[str, Band] = {}
    for text, band in texts(key, value).items():
        canonical = str(BandKey.parse(text))
        if canonical in result:
            raise ModelError(f"{key}: {text!r} is given twice")
        try:
            result[canonical] = band if isinstance(band, Band) else Band(band)  # type: ignore[arg-type]
        except ModelError as error:
            raise ModelError(f"{key}: {text!r}: {str(error).removeprefix('bands: ')}") from None
    return result


def effects(key: str, value: object) -> dict[str, float]:
    """Band keys in one spelling, with sizes of zero or more."""
    result: dict[str, float] = {}
    for text, size in numbers(key, value, least=0.0).items():
        try:
            canonical = str(BandKey.parse(text))
        except ModelError as error:
            raise ModelError(f"{key}: {str(error).removeprefix('bands: ')}") from None
        if canonical in result:
            raise ModelError(f"{key}: {text!r} is given twice")
        result[canonical] = size
    return result


def score(key: str, value: object) -> str | dict[object, str] | None:
    """A column, or classes with their columns."""
    if not isinstance(value, Mapping):
        return column(key, value)
    if len(value) < 2:
        raise ModelError(f"{key}: a mapping gives each class its column, got {dict(value)!r}")
    names = {class_of(key, c): column(f"{key}: {c!r}", v) or "" for c, v in value.items()}
    if len(set(names.values())) < len(names) or "" in names.values():
        raise ModelError(f"{key}: each class needs a column of its own, got {dict(value)!r}")
    return names


def class_of(key: str, value: object) -> object:
    """A class as YAML can hold it: NumPy's and pyarrow's scalars become Python's."""
    plain = value
    for unwrap in ("as_py", "item"):
        plain = getattr(plain, unwrap)() if hasattr(plain, unwrap) else plain
    if isinstance(plain, str | bool | int | float) and plain == plain:
        return plain
    from watchkeeper.model.label import label_of

    try:
        return label_of(plain)
    except ModelError as error:
        raise ModelError(f"{key}: {error}") from None


def text_or_path(key: str, value: object) -> str:
    """Text; a path becomes text."""
    if isinstance(value, str | os.PathLike) and str(value).strip():
        return os.fspath(value) if isinstance(value, str) else str(os.fspath(value))
    raise ModelError(
        f"{key}: a path, 'first 4w', 'first 1000 rows', 'previous 4w' or 'same window last year' is needed, "
        f"got {type(value).__name__}; data itself goes to check(current, reference, model)"
    )
