"""Settings: what ``watchkeeper.yaml`` says."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

from watchkeeper.errors import WorkspaceError
from watchkeeper.model.nearest import did_you_mean

__all__ = ["Settings", "expanded", "settings_of"]

VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
SYNONYMS = {
    "database": "state",
    "db": "state",
    "tables": "journal",
    "storage_options": "storage",
    "lines": "patterns",
}


@dataclass(frozen=True)
class Settings:
    """The keys of ``watchkeeper.yaml``, as they are written.

    Attributes
    ----------
    state : path or URL of the state
    journal : path or URL of the journal
    storage : what the object store of the journal needs to know
    patterns : how text logs are read; ``lines`` knows what they mean
    """

    state: str = "state.db"
    journal: str = "journal"
    storage: Mapping[str, str] = field(default_factory=dict)
    patterns: Mapping[str, object] = field(default_factory=dict)


def settings_of(path: Path) -> Settings:
    """Read the file; one that is not there says nothing.

    Raises
    ------
    WorkspaceError
        names the file, the key, what came and what is valid
    """
    keys = _read(path)
    known = [f.name for f in fields(Settings)]
    for key in keys:
        if key not in known:
            hint = did_you_mean(str(key), known, SYNONYMS) or ";"
            raise WorkspaceError(f"{path}: unknown key {key!r}{hint} valid are {', '.join(known)}")
    given = {key: value for key, value in keys.items() if value is not None}
    texts = {key: _text(path, key, given[key]) for key in ("state", "journal") if key in given}
    storage = {str(k): _plain(path, f"storage: {k}", v) for k, v in _mapping(path, "storage", given).items()}
    return Settings(**texts, storage=storage, patterns=_mapping(path, "patterns", given))


def expanded(path: Path, key: str, text: str) -> str:
    """The text with environment variables in place of ``${NAME}``."""

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise WorkspaceError(
                f"{path}: {key}: the environment has no variable {found[1]!r}; set it, or write the value"
            )
        return os.environ[found[1]]

    return VARIABLE.sub(value, text)


def _read(path: Path) -> Mapping[object, object]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        keys = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise WorkspaceError(
            f"{path}: {(error.strerror or str(error)).lower()}; it must be a readable file"
        ) from None
    except UnicodeDecodeError as error:
        raise WorkspaceError(f"{path}: not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise WorkspaceError(
            f"{path}{f', line {mark.line + 1}' if mark else ''}: not YAML: {error.problem}"
        ) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise WorkspaceError(f"{path}: not YAML: {' '.join(str(error).split())[:200]}") from None
    if keys is not None and not isinstance(keys, Mapping):
        raise WorkspaceError(
            f"{path}: a mapping of keys such as 'state: state.db' is needed, got {type(keys).__name__}"
        )
    return keys or {}


def _mapping(path: Path, key: str, given: Mapping[object, object]) -> dict[str, object]:
    value = given.get(key, {})
    if not isinstance(value, Mapping):
        raise WorkspaceError(f"{path}: {key}: a mapping of names is needed, got {value!r}")
    return {str(k): v for k, v in value.items()}


def _text(path: Path, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WorkspaceError(f"{path}: {key}: a path or a URL is needed, got {value!r}")
    return value.strip()


def _plain(path: Path, key: str, value: object) -> str:
    """delta-rs takes text alone: true is "true"."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise WorkspaceError(f"{path}: {key}: text is needed, got {value!r}")
