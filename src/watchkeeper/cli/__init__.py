"""The command line: ``watchkeeper init | check | plot | demo``."""

from watchkeeper.cli.main import commands, main

__all__ = ["commands", "main"]
