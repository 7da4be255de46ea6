"""The base installation stays small."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement

LIMIT = 550e6  # bytes as the wheels hold them, without bytecode


def closure(name: str, found: set[str]) -> set[str]:
    """The package and all that it needs without extras."""
    if name in found:
        return found
    found.add(name)
    for text in distribution(name).requires or ():
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            closure(requirement.name.lower().replace("_", "-"), found)
    return found


def size(name: str) -> int:
    files = distribution(name).files or []
    return sum(file.size or 0 for file in files if file.suffix != ".pyc")


def test_the_base_installation_is_below_its_limit() -> None:
    try:
        names = closure("watchkeeper", set()) - {"watchkeeper"}
    except PackageNotFoundError as missing:
        pytest.fail(f"{missing} is not installed; `make test` installs everything")
    assert {"pyarrow", "duckdb", "scipy"} <= names
    assert "pandas" not in names
    total = sum(size(name) for name in names)
    assert 200e6 < total < LIMIT, {name: size(name) for name in names}
