"""A journal in an object store, by a real HTTP server that speaks S3."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import watchkeeper as wk
from tests.conftest import free_port
from tests.keeping.build import DAY, NOW, START, built, moment
from watchkeeper.keeping import compact, forget, retain, status
from watchkeeper.running import history, run
from watchkeeper.workspace import Workspace

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(shutil.which("moto_server") is None, reason='needs it: pipx install "moto[server]"'),
]
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
def server() -> Iterator[str]:
    """The address of an empty store with one bucket; a process of its own, as delta-rs may hold the interpreter."""
    port = free_port()
    command = ["moto_server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        bucket = urllib.request.Request(f"http://127.0.0.1:{port}/bucket", method="PUT")
        urllib.request.urlopen(bucket).close()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
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
