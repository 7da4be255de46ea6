"""Trust: what the verdicts promise, simulated. Seeds are fixed; ``python -m benchmarks.trust`` writes the tables."""
