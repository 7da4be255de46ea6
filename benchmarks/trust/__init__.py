"""Trust: whether what is told before and beside the truth can be relied on."""
