"""Names of files: safe on every file system, and different where the models' names are."""

from __future__ import annotations

from urllib.parse import quote

__all__ = ["CLOSED", "OPEN", "ROTATE", "file_name"]

OPEN, CLOSED = ".open", ".wal"
ROTATE = "rotate"  # the file in ``wal`` whose time of change asks every writer to close its segment
LONGEST = 200  # bytes: file systems take 255, and an ending comes behind


def file_name(name: str) -> str:
    """A model's name as that of a file or folder: other than letters, digits and ``_ . - ~``, percent-encoded.

    >>> file_name("flight-delay"), file_name("eu/price model"), file_name("..")
    ('flight-delay', 'eu%2Fprice%20model', '%2E.')
    """
    written = quote(name.encode("utf-8", "surrogatepass"), safe="")
    if written.startswith("."):
        written = f"%2E{written[1:]}"
    if len(written) <= LONGEST:
        return written
    from hashlib import blake2b  # loads OpenSSL

    digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    return f"{written[: LONGEST - len(digest) - 1]}~{digest}"
