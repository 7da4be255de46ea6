"""Lines: what text logs say, through named patterns. Needs the standard library alone until a .zst is opened."""

from watchkeeper.lines.configuration import BUILT_IN, load_patterns, pattern_named, patterns_of
from watchkeeper.lines.pattern import Fields, Pattern, Record
from watchkeeper.lines.reading import Reading, read_lines

__all__ = [
    "BUILT_IN", "Fields", "Pattern", "Reading", "Record", "load_patterns", "pattern_named", "patterns_of", "read_lines",
]  # fmt: skip
