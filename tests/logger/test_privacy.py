"""What must not leave the process: dropped and hashed fields."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import watchkeeper as wk
from tests.logger.conftest import Read
from watchkeeper.logger.privacy import secret_of


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """One whose model, in a file called otherwise, drops the name, and hashes ids, subjects and the card."""
    model = wk.Model(
        name="m", id="flight_id", subject="person", drop=["name"], hash=["flight_id", "person", "card"]
    )
    model.save(tmp_path / "models" / "ours.yaml")
    return tmp_path


def test_nothing_private_reaches_the_disk(workspace: Path, read: Read) -> None:
    with wk.Logger(workspace, model="m") as log:
        for n in range(1_200):
            features = {"name": "Ada Lovelace", "card": "4111 1111", "age": 36, "gone": None}
            log.prediction(id=f"UA-{n}", features=features, subject="Ada Lovelace")
        log.prediction(id="missing", features={"card": None})
        log.outcome("UA-7", 1)
        log.prediction(id="UA-7", timestamp="Ada Lovelace")
        assert log.flush()
    found = read(workspace)
    assert set(found[0]["features"]) == {"card", "age", "gone"}
    assert len(found[0]["features"]["card"]) == 32
    assert found[-1]["features"] == {"card": None}
    assert len({r["subject"] for r in found[:1_200]}) == 1
    assert read(workspace, "outcome")[0]["id"] == found[7]["id"]
    written = b"".join(path.read_bytes() for path in (workspace / "wal").rglob("*.wal"))
    assert not any(word in written for word in (b"UA-", b"Ada", b"4111 1111"))


def test_warnings_show_no_values_then(workspace: Path, caplog: pytest.LogCaptureFixture) -> None:
    with wk.Logger(workspace, model="m") as log:
        log.prediction(timestamp="Ada Lovelace")
    assert "timestamp is not a time" in caplog.text
    assert "Ada" not in caplog.text


def test_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WATCHKEEPER_SECRET", raising=False)
    first = secret_of(tmp_path)
    assert len(first) == 64
    assert secret_of(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    monkeypatch.setenv("WATCHKEEPER_SECRET", "ours")
    assert secret_of(tmp_path) == b"ours"


def test_a_wrong_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "m.yaml").write_text("treshold: 0.5\n")
    with pytest.raises(wk.ModelError, match="threshold"):
        wk.Logger(tmp_path, model="m")
