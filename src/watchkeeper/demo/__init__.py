"""The demo: a year of flights out of New York, a classifier of delays, and what watching it shows."""

from watchkeeper.demo.run import Demo, run

__all__ = ["Demo", "run"]
