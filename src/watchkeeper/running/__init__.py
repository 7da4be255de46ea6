"""Running: everything new in a workspace, brought into profiles and verdicts."""

from watchkeeper.running.acknowledging import acknowledge, acknowledgements, undo_acknowledgement
from watchkeeper.running.job import Run, preview, run
from watchkeeper.running.step import Step
from watchkeeper.running.stored import history

__all__ = [
    "Run", "Step", "acknowledge", "acknowledgements", "history", "preview", "run", "undo_acknowledgement",
]  # fmt: skip
