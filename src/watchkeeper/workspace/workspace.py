"""Workspace: a folder, what lies where in it, and its models."""

from __future__ import annotations

import os
import secrets
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from watchkeeper.errors import WorkspaceError
from watchkeeper.model import Model
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.workspace.model_files import ModelFiles
from watchkeeper.workspace.once import put_once
from watchkeeper.workspace.settings import Settings, expanded, settings_of
from watchkeeper.workspace.template import IGNORED, SETTINGS

if TYPE_CHECKING:
    from watchkeeper.state import State

__all__ = ["Workspace"]

FILE = "watchkeeper.yaml"


class Workspace:
    """A folder that processes share.

    Attributes
    ----------
    folder : absolute
    settings : what ``watchkeeper.yaml`` says
    wal : where loggers write

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with Workspace.open(folder.name, create=True) as workspace:
    ...     _ = workspace.save_model(Model(name="flight-delay", window="1w"))
    ...     workspace.model("flight-delay").window, workspace.state.models()
    ('1w', [])
    >>> folder.cleanup()
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self.wal = folder / "wal"
        self._files = ModelFiles(folder / "models")

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder)!r})"

    @classmethod
    def open(cls, path: str | os.PathLike[str] = ".", create: bool = False) -> Self:
        """Open a workspace.

        Parameters
        ----------
        path : the folder
        create : make it where it is none, with a commented ``watchkeeper.yaml``

        Raises
        ------
        WorkspaceError
            where it is none, or its ``watchkeeper.yaml`` is wrong
        """
        folder = Path(os.path.abspath(path))
        if create:
            _create(folder)
        elif not (folder / FILE).exists() and not (folder / "wal").is_dir():
            raise WorkspaceError(_nothing(folder))
        return cls(folder, settings_of(folder / FILE))

    @cached_property
    def state(self) -> State:
        """Opened at first use."""
        from watchkeeper.state import State

        url = self._expanded("state", self.settings.state)
        if url.startswith("sqlite:///"):
            url = url.removeprefix("sqlite:///")
        return State.open(url if "://" in url else self.folder / url)

    @cached_property
    def journal_url(self) -> str:
        """Where the Delta tables lie: an absolute path, or a URL."""
        url = self._expanded("journal", self.settings.journal)
        return url if "://" in url else str(self.folder / url)

    @cached_property
    def storage_options(self) -> dict[str, str]:
        """What delta-rs needs to know of the object store."""
        return {k: self._expanded(f"storage: {k}", v) for k, v in self.settings.storage.items()}

    @cached_property
    def secret(self) -> bytes:
        """The key of hashed columns: ``WATCHKEEPER_SECRET``, else the file's, which is made at first use."""
        if given := os.environ.get("WATCHKEEPER_SECRET"):
            return given.encode()
        path = self.folder / "secret"
        put_once(path, secrets.token_hex(32) + "\n", 0o600)
        return path.read_bytes().strip()

    def models(self) -> dict[str, Model]:
        """Every model of ``models/``, by name.

        Raises
        ------
        ModelError
            names a file that is wrong
        WorkspaceError
            names two files of one name
        """
        return self._files.all()

    def model(self, name: str) -> Model:
        """The model of this name.

        Raises
        ------
        WorkspaceError
            where there is none; names the nearest one
        """
        found = self._files.find(name)
        if found is not None:
            return found[1]
        names = list(self.models())
        hint = did_you_mean(name, names) or (f"; there are {', '.join(names)}" if names else "")
        missing = (
            "" if names else "; write models/NAME.yaml ('watchkeeper init DATA' guesses one), or log to it"
        )
        raise WorkspaceError(f"{self.folder}: there is no model {name!r}{hint}{missing}")

    def model_text(self, name: str) -> str | None:
        """The file of a model as it is written; None where there is none."""
        found = self._files.find(name)
        return None if found is None else found[0].read_text(encoding="utf-8")

    def save_model(self, model: Model, text: str | None = None) -> Path:
        """Write a model's file, or replace it; gives its path.

        Parameters
        ----------
        text : its YAML with comments, where there is one

        Raises
        ------
        WorkspaceError
            where the text describes another model, or another one's file is in the way
        """
        return self._files.save(model, text)

    def close(self) -> None:
        """Close the state, where it was opened."""
        if "state" in self.__dict__:
            self.state.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _expanded(self, key: str, text: str) -> str:
        return expanded(self.folder / FILE, key, text)


def _nothing(folder: Path) -> str:
    found = "it has neither watchkeeper.yaml nor wal/" if folder.is_dir() else "there is no such folder"
    return (
        f"{folder} is no workspace: {found}; give --workspace DIR, or make one: "
        "'watchkeeper log FILE --workspace DIR' and wk.Logger do"
    )


def _create(folder: Path) -> None:
    try:
        for name in ("models", "wal"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        put_once(folder / FILE, SETTINGS)
        put_once(folder / ".gitignore", IGNORED)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise WorkspaceError(
            f"{folder}: no workspace can be made there ({reason}); give another --workspace"
        ) from None
