"""Streaming: batches of one good size, read ahead of the work on them."""

from __future__ import annotations

import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import pyarrow as pa

from watchkeeper.rows import BATCH_ROWS

__all__ = ["mapped", "prefetched", "resized"]

LEAST = BATCH_ROWS // 2
AHEAD = 2  # batches in waiting; each may be 100 MB wide
THREADS = min(
    4, os.cpu_count() or 1
)  # NumPy frees the interpreter only within its loops: more would wait for it

A = TypeVar("A")
B = TypeVar("B")


def resized(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of at most ``BATCH_ROWS``, small ones put together."""
    waiting: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        for start in range(0, batch.num_rows, BATCH_ROWS):
            part = batch.slice(start, BATCH_ROWS)
            if waiting and (size + part.num_rows > BATCH_ROWS or part.schema != waiting[0].schema):
                yield _joined(waiting)
                waiting, size = [], 0
            waiting.append(part)
            size += part.num_rows
            if size >= LEAST:
                yield _joined(waiting)
                waiting, size = [], 0
    if waiting:
        yield _joined(waiting)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    if len(batches) == 1:
        return batches[0]
    table = pa.Table.from_batches(batches).unify_dictionaries().combine_chunks()
    return table.to_batches()[0]


def mapped(
    function: Callable[[A], B], items: Iterable[A], threads: int = THREADS, ahead: int = THREADS
) -> Iterator[B]:
    """``map(function, items)`` in the same order by a few threads, at most so many items ahead."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[B]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(function, item))
                if len(waiting) > ahead:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def prefetched(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches, read by a thread while the caller works; errors are raised here."""
    ahead: queue.Queue[pa.RecordBatch | BaseException | None] = queue.Queue(AHEAD)
    over = threading.Event()

    def put(item: pa.RecordBatch | BaseException | None) -> None:
        while not over.is_set():
            try:
                ahead.put(item, timeout=0.1)
            except queue.Full:
                continue
            break

    def read() -> None:
        try:
            for batch in batches:
                put(batch)
                if over.is_set():
                    break
            put(None)
        except BaseException as error:  # handed to the caller's thread, which raises it
            put(error)

    thread = threading.Thread(target=read, name="watchkeeper-reader", daemon=True)
    thread.start()
    try:
        while (item := ahead.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        over.set()
        thread.join()
