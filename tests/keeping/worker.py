"""A process that keeps a workspace: says that it is ready, waits for a line, works, says how much CPU time that took.

Usage: python -m tests.keeping.worker FOLDER WORK

The line may say after how many seconds of CPU time it is to be killed: what else the machine does has no part in them.
"""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Callable

from tests.keeping.build import NOW
from watchkeeper.keeping import compact, forget, retain
from watchkeeper.running import run
from watchkeeper.workspace import Workspace

WORK: dict[str, Callable[[Workspace], object]] = {
    "compact": lambda workspace: compact(workspace, hours=0),
    "compact gently": compact,
    "retain": lambda workspace: retain(workspace, 5, now=NOW),
    "forget": lambda workspace: forget(workspace, subject="person-3"),
    "run": lambda workspace: run(workspace, now=NOW),
}

if __name__ == "__main__":
    with Workspace.open(sys.argv[1]) as workspace:
        _ = workspace.state.last_batch()
        print("ready", flush=True)
        seconds = float(sys.stdin.readline() or 0)
        began = time.process_time()
        signal.setitimer(
            signal.ITIMER_PROF, seconds
        )  # nobody handles its signal: the process ends where it stands
        WORK[sys.argv[2]](workspace)
        signal.setitimer(signal.ITIMER_PROF, 0)
        print("done", time.process_time() - began, flush=True)
