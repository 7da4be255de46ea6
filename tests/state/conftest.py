"""Every test of the contract runs on both databases."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.state import postgresql
from watchkeeper.state import State


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgresql.server() as url:
        yield url


@pytest.fixture
def postgresql_url(server: str) -> str:
    """A schema that nothing is in yet."""
    return f"{server}?schema=test_{secrets.token_hex(6)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/state.db"
    found: str = request.getfixturevalue("postgresql_url")
    return found


@pytest.fixture
def state(url: str) -> Iterator[State]:
    with State.open(url) as opened:
        yield opened
