"""Running: everything new in a workspace, brought into profiles and verdicts."""

from watchkeeper.running.run import Run, preview, run
from watchkeeper.running.step import Step

__all__ = ["Run", "Step", "preview", "run"]
