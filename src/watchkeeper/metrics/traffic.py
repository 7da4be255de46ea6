"""Traffic: how the rows spread over the segments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from watchkeeper.metrics.estimate import Context, Estimate, Metric
from watchkeeper.metrics.intervals import wilson
from watchkeeper.metrics.share import ratio

__all__ = ["METRICS"]


def _segment_share(context: Context) -> Iterator[tuple[str | None, Estimate]]:
    if context.slice.segmentation is not None:
        rows, every = context.slice.rows, context.everything.rows
        low, high = wilson(rows, np.broadcast_to(every, rows.shape), context.confidence)
        yield None, Estimate(ratio(rows, every), low, high, np.broadcast_to(every, rows.shape))


METRICS = (
    Metric("segment_share", "traffic", "Share of all rows that lie in the segment, with Wilson's interval. "
           "Judged against its share in the reference, but for versions: a release is told in a note.",
           _segment_share, "none", "rate", 0.05),
)  # fmt: skip
