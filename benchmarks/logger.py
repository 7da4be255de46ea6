"""What logging costs the service that logs, and how much it takes: 20 features a prediction.

call        one call, at 1,000 a second and one after the other, against ``logging.info`` of the same into a file
sustained   100,000 a second for a minute from one thread, each one on disk at the end; memory meanwhile
together    four processes at once, read back
killed      processes killed at any moment: what was acknowledged is there, nothing twice
"""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from watchkeeper.logger import Logger
from watchkeeper.logger.usage import memory
from watchkeeper.wal import Damage, read_segment, segments

Row = dict[str, float | str]
now = time.perf_counter_ns


def rows(count: int = 500) -> list[Row]:
    """15 numbers and 5 categories each."""
    rng = random.Random(0)
    return [
        {f"amount_{i}": rng.gauss(0, 1) for i in range(15)}
        | {f"segment_{i}": f"v{rng.randrange(20)}" for i in range(5)}
        for _ in range(count)
    ]


def main(cache: Path, small: bool) -> None:
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        call(Path(folder), 20_000 if small else 200_000)
        sustained(Path(folder), 100_000, 6 if small else 60)
        together(Path(folder), 4, 50_000 if small else 500_000)
        killed(Path(folder), 30 if small else 300)


def call(folder: Path, count: int) -> None:
    features = rows()
    print("| one call | median µs | 99 % | 99.9 % | most |\n|---|---:|---:|---:|---:|")
    with Logger(folder / "call", "m") as log:

        def ours(i: int) -> None:
            log.prediction(
                id=f"id-{i}", features=features[i % 500], prediction=1, score=0.83, version="1.2.7"
            )

        middle = _line("at 1,000 a second", _timed(ours, min(count, 10_000), 1_000))
        _line("one after the other", _timed(ours, count))
    plain = logging.getLogger("benchmarks.logger")
    plain.setLevel(logging.INFO)
    plain.propagate = False
    handler = logging.FileHandler(folder / "plain.log")
    plain.addHandler(handler)

    def theirs(i: int) -> None:
        plain.info("prediction %s %s %s %s %s", f"id-{i}", features[i % 500], 1, 0.83, "1.2.7")

    other = _line("logging.info, at 1,000 a second", _timed(theirs, min(count, 10_000), 1_000))
    _line("logging.info, one after the other", _timed(theirs, count // 4))
    handler.close()
    print(
        f"\nat 1,000 a second: {middle / other:.2f} of logging.info; not logged: {log.dropped or 'nothing'}\n"
    )


def _timed(record: Callable[[int], None], count: int, rate: int = 0) -> list[int]:
    """Nanoseconds of each call; paced where there is a rate."""
    took, start = [], now()
    for i in range(count):
        if rate:
            _until(start + i * 1_000_000_000 // rate)
        begin = now()
        record(i)
        took.append(now() - begin)
    return sorted(took)


def _until(moment: int) -> None:
    left = moment - now()
    if left > 0:
        time.sleep(left / 1e9)


def _line(name: str, took: list[int]) -> float:
    at = [took[int(len(took) * share)] / 1000 for share in (0.5, 0.99, 0.999)]
    print(f"| {name} | {at[0]:.2f} | {at[1]:.1f} | {at[2]:.0f} | {took[-1] / 1000:.0f} |", flush=True)
    return at[0]


def sustained(folder: Path, rate: int, seconds: int) -> None:
    features, resident, took = rows(), [], []
    start, cpu = now(), time.process_time()
    with Logger(folder / "sustained", "m") as log:
        for tick in range(seconds * 1_000):
            _until(start + tick * 1_000_000)
            for i in range(tick * rate // 1_000, (tick + 1) * rate // 1_000):
                begin = now()
                log.prediction(
                    id=f"id-{i}", features=features[i % 500], prediction=1, score=0.83, version="1.2.7"
                )
                if i % 10 == 0:
                    took.append(now() - begin)
            if tick % 1_000 == 999:
                resident.append((memory() or 0) >> 20)
        offered = (now() - start) / 1e9
        safe = log.flush(60)
        durable = (now() - start) / 1e9
    busy = time.process_time() - cpu
    print(
        f"sustained: {rate * seconds:,} predictions in {offered:.1f} s ({rate * seconds / offered:,.0f} a second),"
    )
    print(
        f"  on disk after {durable:.1f} s: {safe}; not logged: {log.dropped or 'nothing'}; CPU {busy / offered:.0%}"
    )
    print(f"  memory {resident[0]} MB after a second, {resident[-1]} MB at the end, most {max(resident)} MB")
    took.sort()
    print(
        f"  a call: median {took[len(took) // 2] / 1000:.2f} µs, 99 % {took[len(took) * 99 // 100] / 1000:.1f} µs"
    )
    _told(folder / "sustained", rate * seconds)


def _told(folder: Path, expected: int) -> None:
    damage, start = Damage(), now()
    count, distinct = 0, set()
    for key in _ids(folder, damage):
        count += 1
        distinct.add(key)
    size = sum(segment.size for segment in segments(folder / "wal"))
    took = (now() - start) / 1e9
    each = size / max(count, 1)
    print(f"  read back {count:,} of {expected:,}, {count - len(distinct)} twice; {damage}")
    print(f"  {each:.0f} bytes a prediction; {count / took:,.0f} read a second\n", flush=True)


def _ids(folder: Path, damage: Damage) -> Iterator[str]:
    for segment in segments(folder / "wal"):
        for block in read_segment(segment.path, damage):
            if block.kind == "prediction":
                yield from (row[0] for row in block.rows)


CHILD = """
import sys
from benchmarks.logger import rows
from watchkeeper.logger import Logger
features, count, name = rows(), int(sys.argv[2]), sys.argv[3]
with Logger(sys.argv[1], "m") as log:
    for i in range(count):
        log.prediction(id=f"{name}-{i}", features=features[i % 500], prediction=1, score=0.83)
        if i % 500 == 499 and len(sys.argv) > 4 and log.flush():
            print(i, flush=True)
    assert log.flush() and not log.dropped, log.dropped
"""


def _child(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def together(folder: Path, processes: int, count: int) -> None:
    start = now()
    children = [_child(folder / "together", count, f"p{n}") for n in range(processes)]
    status = [child.wait() for child in children]
    took = (now() - start) / 1e9
    print(
        f"together: {processes} processes, {count:,} predictions each, in {took:.1f} s; exit status {status}"
    )
    _told(folder / "together", processes * count)


def killed(folder: Path, times: int) -> None:
    """Kill processes at random; every id that one has said to be safe must be there, none twice."""
    rng, lost, twice, safe = random.Random(1), 0, 0, 0
    for n in range(times):
        workspace = folder / f"killed-{n}"
        child = _child(workspace, 10_000_000, "k", "tell")
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(rng.uniform(0, 0.2))
        os.kill(child.pid, signal.SIGKILL)
        acknowledged = max([499, *(int(line) for line in child.stdout if line.endswith("\n"))])
        child.wait()
        found = list(_ids(workspace, Damage()))
        twice += len(found) - len(set(found))
        lost += len({f"k-{i}" for i in range(acknowledged + 1)} - set(found))
        safe += acknowledged + 1
    print(
        f"killed: {times} processes; of {safe:,} acknowledged predictions {lost} lost, {twice} of all twice"
    )
