"""Benchmarks: whole processes measured in one run, printed as ratios. `python -m benchmarks` says what there is."""
