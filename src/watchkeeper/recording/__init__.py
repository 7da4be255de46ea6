"""Recording: files of predictions and outcomes into a workspace."""

from watchkeeper.recording.files import Written, log_files, outcome_files

__all__ = ["Written", "log_files", "outcome_files"]
