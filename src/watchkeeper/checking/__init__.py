"""Check: the main job, from rows to a result."""

from watchkeeper.checking.job import Progress, check

__all__ = ["Progress", "check"]
