"""The benchmarks' command line.

    python -m benchmarks peers        against Evidently, NannyML and whylogs, 1 M + 1 M rows (about 8 minutes)
    python -m benchmarks floor        10 M rows against a bare scan of the same file
    python -m benchmarks scaling      cost by rows, columns, windows and segments
    python -m benchmarks calm         false alarms on streams without drift, beside the peers' defaults
    python -m benchmarks increments   what a run costs when little is new, and how outcomes find their windows
    python -m benchmarks logger       what logging a prediction costs a service, and what survives it being killed
    python -m benchmarks journal      bytes of the journal, and what keeping it costs
    python -m benchmarks killed       300 processes killed at work, what a workspace holds then (10 minutes)
    python -m benchmarks.coverage     what the 95 % intervals cover, simulated
    python -m benchmarks.trust.estimation   performance before the truth, beside NannyML's estimates

Tables and the peers' environments are kept in a cache folder (``--cache``, default ``.benchmarks``).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import calm, floor, increments, journal, killed, logger, peers, scaling

JOBS = {
    "peers": peers.main,
    "floor": floor.main,
    "scaling": scaling.main,
    "calm": calm.main,
    "logger": logger.main,
    "increments": increments.main,
    "journal": journal.main,
    "killed": killed.main,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", usage=(__doc__ or "").replace("%", "%%"))
    parser.add_argument("job", nargs="*", default=["floor", "scaling"], metavar="|".join(JOBS))
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"))
    parser.add_argument("--small", action="store_true", help="a tenth of the rows, to try it out")
    given = parser.parse_args()
    given.cache.mkdir(parents=True, exist_ok=True)
    for job in given.job:
        JOBS[job](given.cache, given.small)


if __name__ == "__main__":
    sys.exit(main())
