"""Private: what must not be recorded as it is."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

import pyarrow as pa

from watchkeeper.model import Model

__all__ = ["Private"]

DIGITS = 32  # of the hexadecimal digest that are kept: 128 bits


@dataclass(frozen=True)
class Private:
    """Fields that are dropped, or hashed with a secret, before they are recorded."""

    drop: frozenset[str] = frozenset()
    hash: frozenset[str] = frozenset()
    secret: bytes = b""

    @classmethod
    def of(cls, model: Model, secret: bytes) -> Private:
        return cls(frozenset(model.drop), frozenset(model.hash), secret)

    def kept(self, name: str) -> bool:
        """Whether a field is recorded at all."""
        return name not in self.drop

    def hashed(self, name: str, array: pa.Array) -> pa.Array:
        """A column as it is recorded."""
        if name not in self.hash:
            return array
        text = (
            array.cast(pa.string()) if not pa.types.is_dictionary(array.type) else array.dictionary_decode()
        )
        encoded = text.dictionary_encode()
        words = [None if w is None else self.word(w) for w in encoded.dictionary.to_pylist()]
        return pa.array(words, pa.string()).take(encoded.indices)

    def word(self, text: str) -> str:
        """HMAC-SHA256 of a value, 32 hexadecimal digits.

        >>> Private(secret=b"s").word("a") == Private(secret=b"s").word("a") != Private(secret=b"t").word("a")
        True
        """
        return hmac.new(self.secret, text.encode(), hashlib.sha256).hexdigest()[:DIGITS]
