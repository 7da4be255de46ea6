"""The nearest valid word, for messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["did_you_mean", "nearest", "one_of"]

ALIKE = 0.6  # difflib's own cutoff: one wrong letter in three


def nearest(word: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str | None:
    """The known word that was probably meant, or None.

    >>> nearest("Treshold", ["threshold", "task"])
    'threshold'
    """
    from difflib import get_close_matches

    meant = (synonyms or {}).get(word.lower())
    if meant is not None:
        return meant
    lowered = {k.lower(): k for k in known}
    found = get_close_matches(word.lower(), lowered, n=1, cutoff=ALIKE)
    return lowered[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str], synonyms: Mapping[str, str] | None = None) -> str:
    """A clause to append to a message: ``; did you mean 'threshold'?``, or nothing.

    >>> did_you_mean("baseline", ["reference"], {"baseline": "reference"})
    "; did you mean 'reference'?"
    """
    meant = nearest(word, known, synonyms)
    return f"; did you mean {meant!r}?" if meant else ""


def one_of(words: Iterable[str]) -> str:
    """
    >>> one_of(["binary", "multiclass", "regression"])
    "'binary', 'multiclass' or 'regression'"
    """
    quoted = [repr(w) for w in words]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} or {quoted[-1]}"
