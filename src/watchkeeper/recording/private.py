"""Private: what must not be recorded as it is, of whole columns; one value at a time it is the logger's."""

from __future__ import annotations

import pyarrow as pa

from watchkeeper.logger.privacy import Privacy

__all__ = ["hashed", "kept"]


def kept(privacy: Privacy | None, name: str) -> bool:
    """Whether a column is recorded at all."""
    return privacy is None or name not in privacy.dropped


def hashed(privacy: Privacy | None, name: str, array: pa.Array) -> pa.Array:
    """A column as it is recorded; each distinct value is hashed once.

    >>> privacy = Privacy(frozenset(), frozenset(["id"]), b"secret")
    >>> hashed(privacy, "id", pa.array(["UA-1545", None])).to_pylist()
    ['c0d3e8775754e9114d0eabc9db747034', None]
    """
    if privacy is None or name not in privacy.hashed:
        return array
    encoded = array if pa.types.is_dictionary(array.type) else array.dictionary_encode()
    words = [privacy.field(name, value) for value in encoded.dictionary.to_pylist()]
    return pa.array(words, pa.string()).take(encoded.indices)
