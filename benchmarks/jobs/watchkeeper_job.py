"""Our job: watchkeeper_job.py CURRENT [--reference FILE] [--segments a,b] [--window 1d]. Prints ``total SECONDS``."""

from __future__ import annotations

import argparse
import time

import watchkeeper as wk

parser = argparse.ArgumentParser()
parser.add_argument("current")
parser.add_argument("--reference")
parser.add_argument("--segments", default="")
parser.add_argument("--window", default="1d")
given = parser.parse_args()

start = time.perf_counter()
model = wk.Model(
    name="benchmark", task="binary", timestamp="ts", prediction="pred", score="score", outcome="label", positive=1,
    segments=[s for s in given.segments.split(",") if s], window=given.window,
)  # fmt: skip
result = wk.check(given.current, given.reference, model)
print(f"{result.metrics.num_rows} numbers, {result.verdict}")
print(f"total {time.perf_counter() - start:.3f}")
