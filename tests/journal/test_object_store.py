"""A journal in an object store, by a real HTTP server that speaks S3."""

from __future__ import annotations

from pathlib import Path

import pytest

import watchkeeper as wk
from tests.keeping.build import DAY, NOW, START, built, moment
from watchkeeper.errors import WorkspaceError
from watchkeeper.keeping import compact, forget, retain, status
from watchkeeper.running import history, run
from watchkeeper.workspace import Workspace

pytestmark = pytest.mark.timeout(400)
SETTINGS = """
journal: s3://bucket/journal
storage:
  endpoint_url: {url}
  allow_http: true
  access_key_id: somebody
  secret_access_key: ${{S3_SECRET}}
  region: us-east-1
"""


@pytest.fixture
def stored(server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("S3_SECRET", "secret")
    (tmp_path / "stored").mkdir()
    (tmp_path / "stored" / "watchkeeper.yaml").write_text(SETTINGS.format(url=server))
    return tmp_path / "stored"


def more(folder: Path) -> None:
    """One more day, and a run."""
    with wk.Logger(folder, model="m") as log:
        for i in range(20):
            features = {"size": i / 20, "place": "c", "who": "person-7"}
            at = START + 3 * DAY + i
            log.prediction(
                id=f"more-{i}", features=features, score=i / 20, timestamp=moment(at), subject="person-7"
            )
            log.outcome(f"more-{i}", i % 2, known_at=moment(at + DAY))
        log.flush()
    with Workspace.open(folder) as workspace:
        run(workspace, now=NOW)
        assert run(workspace, now=NOW).idle


def kept(folder: Path) -> list[object]:
    """What remains of it, after all that can be done to it."""
    found: list[object] = []
    with Workspace.open(folder) as workspace:
        (before,) = status(workspace, NOW)
        compact(workspace, hours=0)
        found.append(forget(workspace, subject="person-3").rows)
        retain(workspace, 9, now=NOW)
        (after,) = status(workspace, NOW)
    return [*found, *((s.rows, s.outcomes, s.truth, s.late) for s in (before, after))]


def test_it_is_as_a_local_one(stored: Path, tmp_path: Path) -> None:
    local = built(tmp_path / "local", days=6, rows=10)
    built(stored, days=6, rows=10)
    assert not (stored / "journal").exists()
    for folder in (local, stored):
        more(folder)
    assert history(stored, now=NOW).metrics.equals(history(local, now=NOW).metrics)
    assert kept(stored) == kept(local)
    assert history(stored, now=NOW).metrics.equals(history(local, now=NOW).metrics)


def test_wrong_credentials_and_a_bucket_that_is_not_there_are_told(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = stored / "watchkeeper.yaml"
    with wk.Logger(stored, model="m") as log:
        log.prediction(id="a", features={"size": 1.0}, score=0.5)
    settings.write_text(settings.read_text().replace("bucket/", "nowhere/"))
    with (
        Workspace.open(stored) as workspace,
        pytest.raises(WorkspaceError, match="404 Not Found, NoSuchBucket"),
    ):
        run(workspace)
    monkeypatch.setenv("S3_SECRET", "wrong-secret")
    with Workspace.open(stored) as workspace, pytest.raises(WorkspaceError, match="403 Forbidden") as error:
        run(workspace)
    assert "wrong-secret" not in str(error.value)
    assert "check access_key_id and secret_access_key" in str(error.value)
