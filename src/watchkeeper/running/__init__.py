"""Running: everything new in a workspace, brought into profiles and verdicts."""

from watchkeeper.running.run import Run, run
from watchkeeper.running.step import Step

__all__ = ["Run", "Step", "run"]
