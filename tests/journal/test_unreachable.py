"""An object store that cannot be used: one message, soon, with the cause and the fix and without a secret."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import watchkeeper as wk
from tests.conftest import free_port
from watchkeeper.errors import WorkspaceError
from watchkeeper.journal import Journal, move
from watchkeeper.journal.object_store import reaching, storage_of
from watchkeeper.workspace import Workspace

SECRET = "hush-9f3c"
SETTINGS = """
journal: s3://bucket/journal
storage:
  endpoint_url: {url}
  allow_http: true
  access_key_id: somebody
  secret_access_key: {secret}
  region: us-east-1
"""
KEYS = {"region": "us-east-1", "access_key_id": "a", "secret_access_key": "b"}
ANSWERING = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(sys.argv[2]))
        self.send_header("Content-Length", str(len(sys.argv[3])))
        self.end_headers()
        self.wfile.write(sys.argv[3].encode())

    do_PUT = do_HEAD = do_GET

    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", int(sys.argv[1])), Answer).serve_forever()
"""


def answering(status: int, code: str, message: str) -> Iterator[str]:
    """A server, in a process of its own, since delta-rs holds the interpreter, that answers everything alike."""
    port = free_port()
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    process = subprocess.Popen([sys.executable, "-c", ANSWERING, str(port), str(status), body])
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def denying() -> Iterator[str]:
    yield from answering(403, "InvalidAccessKeyId", f"The key of {SECRET} is not known.")


@pytest.fixture
def lacking() -> Iterator[str]:
    yield from answering(404, "NoSuchBucket", "The specified bucket does not exist")


@pytest.fixture
def silent() -> Iterator[str]:
    """It takes connections and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def refused(folder: Path, url: str) -> str:
    """What is said of a workspace with something to move."""
    folder.mkdir()
    (folder / "watchkeeper.yaml").write_text(SETTINGS.format(url=url, secret=SECRET))
    with wk.Logger(folder, model="m") as log:
        log.prediction(id="a", features={"x": 1.0}, score=0.5)
    started = time.monotonic()
    with Workspace.open(folder) as workspace, pytest.raises(WorkspaceError) as error:
        move(workspace)
    assert time.monotonic() - started < 30
    assert list((folder / "wal").rglob("*.wal"))  # nothing is lost
    text = str(error.value)
    assert text.startswith("s3://bucket/journal")
    assert SECRET not in text
    assert "\n" not in text
    assert "\x1b" not in text
    return text


def test_nobody_listens(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    text = refused(tmp_path / "monitoring", url)
    assert f"Connection refused (os error 111) ({url})" in text
    assert "check endpoint_url under storage: in watchkeeper.yaml, or AWS_ENDPOINT_URL" in text


@pytest.mark.timeout(120)
def test_nobody_answers(tmp_path: Path, silent: str) -> None:
    text = refused(tmp_path / "monitoring", silent)
    assert f"operation timed out ({silent})" in text
    assert "AWS_ENDPOINT_URL" in text


def test_the_credentials_are_wrong(tmp_path: Path, denying: str) -> None:
    text = refused(tmp_path / "monitoring", denying)
    assert "403 Forbidden, InvalidAccessKeyId: The key of … is not known" in text
    assert (
        "check access_key_id and secret_access_key under storage: in watchkeeper.yaml, or AWS_ACCESS_KEY_ID"
        in text
    )


def test_there_is_no_such_bucket(tmp_path: Path, lacking: str) -> None:
    text = refused(tmp_path / "monitoring", lacking)
    assert "404 Not Found, NoSuchBucket: The specified bucket does not exist" in text
    assert "make the bucket, or correct journal: in watchkeeper.yaml" in text


def test_the_environment_counts_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    for key, value in (
        ("ENDPOINT_URL", url), ("ALLOW_HTTP", "true"), ("REGION", "us-east-1"), ("ACCESS_KEY_ID", "somebody"),
        ("SECRET_ACCESS_KEY", SECRET),
    ):  # fmt: skip
        monkeypatch.setenv(f"AWS_{key}", value)
    with pytest.raises(WorkspaceError, match="Connection refused"):
        Journal("s3://bucket/journal", "m").last_batch()


@pytest.mark.parametrize(
    ("url", "options", "said"),
    [
        ("s3://b/j", KEYS | {"endpoint_url": "http://127.0.0.1:9"},
         "write allow_http: true"),
        ("az://c/j", {}, "give account_name and account_key under storage"),
        ("s3://b/j", KEYS | {"timeout": "soon"}, 'parse "soon" as Duration'),
    ],
)  # fmt: skip
def test_what_is_set_wrongly(url: str, options: dict[str, str], said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        Journal(url, "m", options).last_batch()


def test_an_address_that_nobody_knows(tmp_path: Path) -> None:
    (tmp_path / "watchkeeper.yaml").write_text("journal: foo://bucket/journal\n")
    with wk.Logger(tmp_path, model="m") as log:
        log.prediction(id="a", features={"x": 1.0}, score=0.5)
    with Workspace.open(tmp_path) as workspace, pytest.raises(WorkspaceError, match="Unknown scheme: foo"):
        move(workspace)


def test_what_the_user_says_of_patience_goes_first() -> None:
    assert storage_of("s3://b/j", {"Retry_Timeout": "1s"}) == {"connect_timeout": "5s", "Retry_Timeout": "1s"}
    assert storage_of("/data/journal", {}) is None


def test_of_a_folder_the_error_stays() -> None:
    with pytest.raises(PermissionError), reaching("/data/journal", {}):
        raise PermissionError(13, "Permission denied")
