"""The demo: a year of flights out of New York, a classifier of delays, and what watching it shows."""

from watchkeeper.demo.delays import Demo, run

__all__ = ["Demo", "run"]
