"""A PostgreSQL server of the tests' own, from the binaries that Debian installs."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

INSTALLED = Path("/usr/lib/postgresql")
USER = "postgres"  # the server refuses to run as root


def binaries() -> Path:
    found = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda p: int(p.parts[-3]))
    if not found:
        pytest.skip(f"no PostgreSQL in {INSTALLED}; apt-get install postgresql")
    return found[-1].parent


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def run(program: Path, *arguments: str) -> None:
    as_user = ["runuser", "-u", USER, "--"] if os.geteuid() == 0 else []
    # not captured through a pipe: the server would keep it open
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [*as_user, str(program), *arguments], stdout=said, stderr=said, stdin=subprocess.DEVNULL, cwd="/"
        )
        said.seek(0)
        assert done.returncode == 0, said.read().decode()


@contextmanager
def server() -> Iterator[str]:
    """Gives the URL of an empty server, which is gone afterwards."""
    where = binaries()
    folder = Path(tempfile.mkdtemp(prefix="wk-pg-"))  # short: the path of a socket has at most 107 bytes
    if os.geteuid() == 0:
        owner = pwd.getpwnam(USER)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    data, port = str(folder / "data"), free_port()
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off -c max_connections=50"
    try:
        run(where / "initdb", "-D", data, "-U", USER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        run(where / "pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        try:
            yield f"postgresql://{USER}@127.0.0.1:{port}/postgres"
        finally:
            run(where / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
