"""The nearest valid word, for messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["did_you_mean", "meant", "nearest", "one_of"]

ALIKE = 0.6  # difflib's own cutoff: one wrong letter in three
SLIP = (
    0.77  # slips of metrics' names are above, names that people give their own (gpu_memory, churn_rate) below
)


def nearest(word: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str | None:
    """The known word that was probably meant, or None.

    >>> nearest("Treshold", ["threshold", "task"])
    'threshold'
    """
    from difflib import get_close_matches

    synonym = (synonyms or {}).get(word.lower())
    if synonym is not None:
        return synonym
    lowered = {k.lower(): k for k in known}
    found = get_close_matches(word.lower(), lowered, n=1, cutoff=ALIKE)
    return lowered[found[0]] if found else None


def meant(word: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> bool:
    """Whether a word is so like a known one that it is a slip, and no name of its own.

    >>> [meant(word, ["memory", "accuracy"]) for word in ("acuracy", "acc", "gpu_memory", "queue_length")]
    [True, True, False, False]
    """
    from difflib import get_close_matches

    names, lowered = [k.lower() for k in known], word.lower()
    short = any(name.startswith(lowered) for name in names)
    return short or lowered in (synonyms or {}) or bool(get_close_matches(lowered, names, n=1, cutoff=SLIP))


def did_you_mean(word: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str:
    """A clause to append to a message: ``; did you mean 'threshold'?``, or nothing.

    >>> did_you_mean("baseline", ["reference"], {"baseline": "reference"})
    "; did you mean 'reference'?"
    """
    found = nearest(word, known, synonyms)
    return f"; did you mean {found!r}?" if found else ""


def one_of(words: Iterable[str]) -> str:
    """
    >>> one_of(["binary", "multiclass", "regression"])
    "'binary', 'multiclass' or 'regression'"
    """
    quoted = [repr(w) for w in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
