"""Simulated coverage of every interval on a published grid: ``python -m benchmarks.coverage``."""
