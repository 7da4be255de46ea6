"""The logger where the system is not POSIX: no fork, no flock, no folder that can be opened, no uname, no /proc."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

ELSEWHERE = """
import builtins, errno, fcntl, os, sys, types
import numpy  # that of Windows asks for no uname

def locking(descriptor, mode, count, flock=fcntl.flock, how=fcntl.LOCK_EX | fcntl.LOCK_NB):
    assert (mode, count) == (3, 1)
    try:
        flock(descriptor, how)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied") from None

if LOCKS:
    sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_NBLCK=3)
for module in ("fcntl", "resource", "pwd", "grp"):
    sys.modules[module] = None
for name in ("register_at_fork", "fork", "uname", "sysconf", "getuid", "geteuid", "sched_getaffinity", "O_CLOEXEC",
             "O_DIRECTORY"):
    delattr(os, name)
os.O_BINARY, os.O_NOINHERIT = 0, 0

def opened(path, flags, *rest, open=os.open, **more):
    if not isinstance(path, int) and os.path.isdir(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))
    return open(path, flags, *rest, **more)

def synced(descriptor, fsync=os.fsync, fcntl=fcntl.fcntl):
    if fcntl(descriptor, 3) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "Bad file descriptor")
    fsync(descriptor)

def read(path, *rest, open=builtins.open, **more):
    if str(path).startswith("/proc"):
        raise FileNotFoundError(errno.ENOENT, "No such file or directory", str(path))
    return open(path, *rest, **more)

def linked(*_, **__):
    raise OSError(errno.EPERM, "no links here")

os.O_ACCMODE = 3
os.open, os.fsync, os.link, builtins.open = opened, synced, linked, read
"""


def elsewhere(folder: Path, program: str, locks: bool = True) -> subprocess.CompletedProcess[str]:
    """Run it in a Python that has what Windows has, and print what went wrong."""
    text = f"LOCKS = {locks}\n{ELSEWHERE}\nFOLDER = {str(folder)!r}\n{textwrap.dedent(program)}"
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=120)


def test_what_is_logged_is_on_disk(tmp_path: Path) -> None:
    done = elsewhere(
        tmp_path / "ws",
        """
        import watchkeeper as wk
        from watchkeeper.wal import read_segment, request_rotation, segments

        log = wk.Logger(FOLDER, model="m")
        log.prediction(id="a", features={"x": 1.0, "text": "a\\nb"}, score=0.5)
        with log.job("nightly"):
            pass
        assert log.flush(), log.dropped
        assert not log.dropped
        (segment,) = segments(FOLDER + "/wal", take_open=True)
        assert segment.state == "living", segment
        assert segments(FOLDER + "/wal") == []
        assert request_rotation(FOLDER + "/wal")
        (segment,) = segments(FOLDER + "/wal")
        assert segment.state == "closed", segment
        print(sorted(block.kind for block in read_segment(segment.path)))
        log.close()
        """,
    )
    assert done.returncode == 0, done.stderr
    assert "'job'" in done.stdout
    assert "'prediction'" in done.stdout


def test_what_a_process_left_that_was_killed_is_taken(tmp_path: Path) -> None:
    killed = elsewhere(
        tmp_path / "ws",
        """
        import signal
        import watchkeeper as wk

        log = wk.Logger(FOLDER, model="m")
        log.prediction(id="a", features={"x": 1.0}, score=0.5)
        assert log.flush()
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    )
    assert killed.returncode == -9, killed.stderr
    done = elsewhere(
        tmp_path / "ws",
        """
        from watchkeeper.wal import read_segment, remove, segments

        (segment,) = segments(FOLDER + "/wal")
        print(segment.state, sum(len(block.rows) for block in read_segment(segment.path)))
        remove([segment])
        print(os.listdir(FOLDER + "/wal"))
        """,
    )
    assert done.stdout == "left 1\n[]\n", done.stderr


def test_a_secret_is_made_where_nothing_can_be_linked(tmp_path: Path) -> None:
    (tmp_path / "ws" / "models").mkdir(parents=True)
    (tmp_path / "ws" / "models" / "m.yaml").write_text("name: m\nhash: [id]\n")
    done = elsewhere(
        tmp_path / "ws",
        """
        import watchkeeper as wk

        with wk.Logger(FOLDER, model="m") as log:
            log.prediction(id="somebody", features={"x": 1.0}, score=0.5)
        """,
    )
    assert done.returncode == 0, done.stderr
    assert len((tmp_path / "ws" / "secret").read_text().strip()) == 64
    assert b"somebody" not in b"".join(path.read_bytes() for path in (tmp_path / "ws" / "wal").rglob("*.wal"))


def test_a_system_without_locks_is_told(tmp_path: Path) -> None:
    program = """
    import watchkeeper as wk
    try:
        wk.Logger(FOLDER, model="m")
    except wk.WorkspaceError as error:
        print(error)
    """
    done = elsewhere(tmp_path / "ws", program, locks=False)
    assert "needs a system that locks files" in done.stdout, done.stderr
