"""Sources: files, frames and Spark clusters as streams of prepared rows."""

from watchkeeper.sources.crew import crew
from watchkeeper.sources.kinds import Kind, natural_kinds
from watchkeeper.sources.local import LocalRows, SourceRows
from watchkeeper.sources.opening import head, open_rows, split
from watchkeeper.sources.sampling import Sample, sample

__all__ = [
    "Kind",
    "LocalRows",
    "Sample",
    "SourceRows",
    "crew",
    "head",
    "natural_kinds",
    "open_rows",
    "sample",
    "split",
]
