"""Processes that fork, end and are killed."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import watchkeeper as wk
from tests.logger.conftest import Read

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")


def run(program: str, folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", f"from watchkeeper.logger import Logger\n{program}", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def status(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_the_end_of_the_process_writes_what_waits(tmp_path: Path, read: Read) -> None:
    program = """
import sys
log = Logger(sys.argv[1])
for n in range(5_000):
    log.prediction(id=n, features={"x": n})
"""
    child = run(program, tmp_path)
    assert child.communicate()[1] == ""
    assert [r["id"] for r in read(tmp_path)] == [str(n) for n in range(5_000)]


def test_the_end_is_bounded_when_the_disk_refuses(tmp_path: Path) -> None:
    program = """
import os, sys, time
log = Logger(sys.argv[1], exit_seconds=0.5)
def refuse(*_): raise OSError(28, "No space left on device")
os.write = refuse
log.prediction(id=1)
time.sleep(0.2)
assert log.flush() is False
"""
    start = time.monotonic()
    child = run(program, tmp_path)
    said = child.communicate()[1]
    assert child.returncode == 0
    assert time.monotonic() - start < 8
    assert "the log cannot be written (disk: No space left on device); records wait in memory" in said
    assert "1 × disk: No space left on device at exit" in said


def test_a_forked_child_has_a_log_of_its_own(tmp_path: Path, read: Read) -> None:
    log = wk.Logger(tmp_path)
    for n in range(300):
        log.prediction(id=f"parent-{n}")
    child = os.fork()
    if child == 0:
        log.prediction(id="child")
        os._exit(0 if log.flush(10) and log.dropped == {} else 1)
    log.prediction(id="parent-300")
    assert status(child) == 0
    assert log.close()
    ids = [r["id"] for r in read(tmp_path)]
    assert sorted(ids) == sorted(["child", *(f"parent-{n}" for n in range(301))])
    assert len(list((tmp_path / "wal").iterdir())) == 2


def test_a_child_that_only_waits_does_not_keep_its_parents_lock(tmp_path: Path) -> None:
    from watchkeeper.wal import segments

    program = """
import os, sys, time
log = Logger(sys.argv[1])
log.prediction(id=1)
log.flush()
if os.fork() == 0:
    os.close(1); os.close(2)
    time.sleep(30)
    os._exit(0)
print("ready", flush=True)
time.sleep(30)
"""
    parent = run(program, tmp_path)
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    assert segments(tmp_path / "wal") == []
    os.kill(parent.pid, signal.SIGKILL)
    parent.communicate()
    assert [s.state for s in segments(tmp_path / "wal")] == ["left"]


def _serve(log: wk.Logger, name: str) -> None:
    for n in range(200):
        log.prediction(id=f"{name}-{n}")


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_multiprocessing_by_fork(tmp_path: Path, read: Read) -> None:
    log = wk.Logger(tmp_path)
    log.prediction(id="parent")
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_serve, args=(log, f"p{n}")) for n in range(3)]
    for child in children:
        child.start()
    for child in children:
        child.join()
        assert child.exitcode == 0
    log.close()
    assert len({r["id"] for r in read(tmp_path)}) == len(read(tmp_path)) == 601


def _record_for_ever(folder: Path, told: int) -> None:
    log = wk.Logger(folder)
    for n in range(10_000_000):
        log.prediction(id=n, features={"a": n * 0.5, "b": "text"})
        if n % 100 == 99 and log.flush():
            os.write(told, f"{n}\n".encode())


def test_a_killed_process_keeps_what_was_acknowledged(tmp_path: Path, read: Read) -> None:
    rng = random.Random(0)
    for number in range(20):
        folder, (hear, tell) = tmp_path / str(number), os.pipe()
        child = os.fork()
        if child == 0:
            try:
                _record_for_ever(folder, tell)
            finally:
                os._exit(1)
        os.close(tell)
        time.sleep(rng.uniform(0.05, 0.2))
        os.kill(child, signal.SIGKILL)
        assert status(child) == -signal.SIGKILL
        with open(hear) as lines:
            acknowledged = max((int(line) for line in lines), default=-1)
        ids = [int(r["id"]) for r in read(folder)]
        assert len(ids) == len(set(ids))
        assert set(range(acknowledged + 1)) <= set(ids)
