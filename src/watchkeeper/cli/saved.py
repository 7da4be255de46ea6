"""Saved numbers: the result that a ``metrics.parquet`` was written from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from watchkeeper.errors import SourceError, WatchkeeperError

if TYPE_CHECKING:
    from watchkeeper.result import Result

__all__ = ["read"]


def read(path: Path) -> Result:
    """The numbers of a saved check with their verdicts; not its profiles.

    Raises
    ------
    SourceError
        where there is no such file, it is no Parquet, or it holds no metrics
    """
    import pyarrow as pa
    from pyarrow import parquet

    from watchkeeper.result import Result

    if not path.exists():
        raise SourceError(
            f"{path} is not there; `watchkeeper check CURRENT --output {path}` writes it, "
            "and --current checks data directly"
        )
    try:
        table = parquet.read_table(path)
    except pa.ArrowInvalid as error:
        raise SourceError(f"{path} is not a Parquet file of metrics: {error}") from error
    try:
        return Result.from_metrics(table)
    except WatchkeeperError as error:
        raise SourceError(f"{path}: {error}") from error
