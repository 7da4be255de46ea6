"""A wire between two ports that breaks after so many requests as a file says: ``wire.py FROM TO FILE``."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
from pathlib import Path

VERBS = (b"GET ", b"PUT ", b"POST ", b"HEAD ", b"DELETE ")


class Budget:
    """How many requests are left, counted down from what the file says whenever that is written anew."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, threading.Lock()
        self._written, self._left = 0, -1  # -1: no end

    def take(self) -> bool:
        with self._lock:
            written = self._path.stat().st_mtime_ns
            if written != self._written:
                self._written, self._left = written, int(self._path.read_text() or -1)
            if self._left > 0:
                self._left -= 1
                return True
            return self._left < 0


def carry(source: socket.socket, target: socket.socket, budget: Budget | None) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            if budget is not None and data.startswith(VERBS) and not budget.take():
                break
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def main(port: int, target: int, path: Path) -> None:
    budget = Budget(path)
    with socket.create_server(("127.0.0.1", port)) as listener:
        while True:
            near, _ = listener.accept()
            far = socket.create_connection(("127.0.0.1", target))
            threading.Thread(target=carry, args=(near, far, budget), daemon=True).start()
            threading.Thread(target=carry, args=(far, near, None), daemon=True).start()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
