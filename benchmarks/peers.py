"""The peers on the same tables, each in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

from benchmarks.process import OURS, ROOT, Cost, run
from benchmarks.tables import Table, written

__all__ = ["PINS", "environment", "main", "run_peers"]

# As plainly installed, three of them fail at import on Python 3.11; these work.
PINS = {
    "watchkeeper": [str(ROOT)],
    "evidently": ["evidently==0.7.23", "pandas<3", "pyarrow"],
    "nannyml": ["nannyml==0.13.1", "statsmodels", "pandas<3"],
    "whylogs": ["whylogs==1.6.4", "pandas<3", "numpy<2", "pyarrow<17"],
}
QUIET = {
    "NML_DISABLE_USAGE_LOGGING": "1",
    "DO_NOT_TRACK": "1",
    "WHYLOGS_NO_ANALYTICS": "True",
}  # they phone home


def environment(peer: str, cache: Path) -> Path:
    """The python of a peer's environment, built at first use."""
    folder = cache / "environments" / peer
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PINS[peer]], check=True)
        (folder / "ready").touch()
    return python


def run_peers(cache: Path, small: bool) -> dict[str, Cost]:
    """One run of each, ours before and after them, on the same reference and current table."""
    rows = 100_000 if small else 1_000_000
    reference, current = (str(written(Table(rows, seed=seed), cache).resolve()) for seed in (0, 1))
    ours = [str(environment("watchkeeper", cache).absolute()), OURS[1], current, "--reference", reference]
    costs = {"Watchkeeper": run(ours)}
    for peer in [name for name in PINS if name != "watchkeeper"]:
        job = [str(environment(peer, cache).absolute()), str(ROOT / "benchmarks" / "jobs" / "peer_job.py")]
        try:
            costs[peer] = run([*job, peer, reference, current], **QUIET)
        except RuntimeError as error:
            print(f"{peer}: {error}", file=sys.stderr)
            continue
        print(f"{peer}\n{costs[peer].output}", flush=True)
    costs["Watchkeeper, again"] = run(ours)
    return costs


def run_table(costs: dict[str, Cost]) -> str:
    ours = min(cost.seconds for name, cost in costs.items() if name.startswith("Watchkeeper"))
    lines = ["| | seconds | × ours | peak MB |", "|---|---:|---:|---:|"]
    lines += [
        f"| {name} | {c.seconds:.2f} | {c.seconds / ours:.1f} | {c.memory:,.0f} |"
        for name, c in costs.items()
    ]
    return "\n".join(lines)


def main(cache: Path, small: bool) -> None:
    print(run_table(run_peers(cache, small)))
