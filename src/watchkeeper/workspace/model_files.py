"""The models of a workspace, each a YAML file."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from watchkeeper.errors import WorkspaceError
from watchkeeper.model import Model
from watchkeeper.model.document import text_of
from watchkeeper.wal import file_name
from watchkeeper.workspace.once import put

__all__ = ["ModelFiles"]


class ModelFiles:
    """A folder of models; a file may be called otherwise than its model, whose ``name`` counts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def all(self) -> dict[str, Model]:
        """Name → model, by name."""
        found: dict[str, tuple[Path, Model]] = {}
        for path in self._paths():
            model = Model.load(path)
            if model.name in found:
                raise WorkspaceError(
                    f"{path}: {found[model.name][0].name} is of the model {model.name!r} too; "
                    "give one of them another 'name'"
                )
            found[model.name] = path, model
        return {name: found[name][1] for name in sorted(found)}

    def find(self, name: str) -> tuple[Path, Model] | None:
        """The file of a model, first where it is expected: what is wrong in others' files does not matter then."""
        expected = self._path(name)
        others = (path for path in self._paths() if path != expected)
        for path in (*([expected] if expected.exists() else []), *others):
            model = Model.load(path)
            if model.name == name:
                return path, model
        return None

    def save(self, model: Model, text: str | None) -> Path:
        """Write a model into its file, wherever that is."""
        found = self.find(model.name)
        path = self._path(model.name) if found is None else found[0]
        if found is None and path.exists():  # "Flight" and "flight" are one file on macOS and Windows
            raise WorkspaceError(
                f"{path} is of the model {Model.load(path).name!r}; {model.name!r} needs another name, or that file one"
            )
        written = text_of(model) if text is None else text
        if text is not None and _model(text) != model:
            raise WorkspaceError(
                f"{path}: the text describes another model than {model.name!r}; nothing was written"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        put(path, written)
        return path

    def _path(self, name: str) -> Path:
        return self.folder / f"{file_name(name)}.yaml"

    def _paths(self) -> list[Path]:
        return sorted(p for p in self.folder.glob("*.yaml") if not p.name.startswith("."))


def _model(text: str) -> Model:
    with TemporaryDirectory() as folder:
        path = Path(folder, "model.yaml")
        path.write_text(text, encoding="utf-8")
        return Model.load(os.fspath(path))
