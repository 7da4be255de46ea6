"""Trust: what the verdicts promise, simulated. Seeds are fixed; each module prints its tables."""
