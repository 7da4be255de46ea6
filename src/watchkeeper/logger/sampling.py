"""Sampling by id: an id is in or out, whoever asks, so that an outcome finds its prediction."""

from __future__ import annotations

from watchkeeper.errors import WatchkeeperError

__all__ = ["checked_rate", "keeps"]


def keeps(key: str, rate: float) -> bool:
    """Whether the record of this id is kept where a share ``rate`` is.

    >>> sum(keeps(f"UA-{n}", 0.1) for n in range(10_000))
    1001
    """
    from hashlib import blake2b  # loads OpenSSL

    digest = blake2b(key.encode("utf-8", "replace"), digest_size=8, person=b"wk-sample").digest()
    return int.from_bytes(digest, "little") < rate * 2.0**64


def checked_rate(rate: object) -> float:
    """The share that is kept, above 0 and at most 1."""
    if isinstance(rate, int | float) and not isinstance(rate, bool) and 0 < rate <= 1:
        return float(rate)
    raise WatchkeeperError(
        f"sample: a share above 0 and at most 1 is needed, got {rate!r}; 0.1 keeps a tenth"
    )
