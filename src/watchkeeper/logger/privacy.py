"""What must not leave the process: fields that are dropped, fields that are hashed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from watchkeeper.errors import WorkspaceError
from watchkeeper.logger.values import text
from watchkeeper.wal import file_name

if TYPE_CHECKING:
    from watchkeeper.model import Model

__all__ = ["Privacy", "privacy_of", "secret_of"]

LENGTH = 32  # hexadecimal digits, 128 bits: no two persons become one
VARIABLE = "WATCHKEEPER_SECRET"


@dataclass(frozen=True)
class Privacy:
    """Fields that are dropped and fields that are hashed: features by name, and ``id`` and ``subject``.

    >>> privacy = Privacy(frozenset(["name"]), frozenset(["id"]), b"secret")
    >>> privacy.features({"name": "Ada", "age": 36})
    {'age': 36}
    >>> privacy.field("id", "UA-1545")
    'c0d3e8775754e9114d0eabc9db747034'
    """

    dropped: frozenset[str]
    hashed: frozenset[str]
    secret: bytes

    def features(self, features: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: value for name, value in features.items() if name not in self.dropped}
        for name in self.hashed.intersection(kept):
            kept[name] = self._digest(kept[name])
        return kept

    def field(self, name: str, value: Any) -> Any:
        if name in self.dropped:
            return None
        return self._digest(value) if name in self.hashed else value

    def _digest(self, value: Any) -> str | None:
        """HMAC-SHA256 of the text; a missing value stays missing."""
        import hmac  # loads OpenSSL

        said = text(value)
        return None if said is None else hmac.digest(self.secret, said.encode(), "sha256").hex()[:LENGTH]


def privacy_of(folder: Path, name: str) -> Privacy | None:
    """What a model's file says of ``drop`` and ``hash``; None: nothing.

    Raises
    ------
    ModelError
        where that file is wrong
    """
    model = _model(folder / "models", name)
    if model is None:
        return None
    dropped, hashed = (_fields(model, getattr(model, key, None) or ()) for key in ("drop", "hash"))
    if not (dropped or hashed):
        return None
    return Privacy(dropped, hashed, secret_of(folder) if hashed else b"")


def _model(folder: Path, name: str) -> Model | None:
    """The model of this name, in the file that is called after it or in another one."""
    expected = folder / f"{file_name(name)}.yaml"
    others = sorted(path for path in folder.glob("*.yaml") if path != expected)
    for path in (*([expected] if expected.exists() else []), *others):
        from watchkeeper.model import Model

        found = Model.load(path)
        if found.name == name:
            return found
    return None


def _fields(model: Any, names: Any) -> frozenset[str]:
    """Columns, and the logger's own names of those that are the model's id and subject."""
    roles = {getattr(model, role): role for role in ("id", "subject") if getattr(model, role)}
    return frozenset(names) | {roles[name] for name in names if name in roles}


def secret_of(folder: Path) -> bytes:
    """The key of the hashes: the environment's, else the workspace's, which is made when it is first needed."""
    if given := os.environ.get(VARIABLE):
        return given.encode()
    path = folder / "secret"
    try:
        if not path.exists():
            _make(path)
        return path.read_bytes().strip()
    except OSError as error:
        raise WorkspaceError(
            f"{path}: the secret that hashes cannot be read or made ({error.strerror}); "
            f"set {VARIABLE}, or let this process read the file"
        ) from error


def _make(path: Path) -> None:
    """Whole or not at all, and the same one for all of several processes that start at once."""
    draft = path.with_name(f".secret-{os.urandom(4).hex()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(os.urandom(32).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    except OSError:  # a file system without links
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
