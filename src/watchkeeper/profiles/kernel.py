"""The kernel: one prepared batch in, its profile out. Pure NumPy; every engine runs this and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.profiles import columns, outcomes
from watchkeeper.profiles.cells import Cells
from watchkeeper.profiles.plan import NumberColumn, Plan, Segmentation
from watchkeeper.profiles.profile import Profile, Slice
from watchkeeper.profiles.runs import Runs
from watchkeeper.profiles.segments import OTHER, segment_codes, segment_labels
from watchkeeper.profiles.sketch import Sketch, hash_values
from watchkeeper.profiles.summaries import Kpi, Moments
from watchkeeper.profiles.unlisted import Unlisted
from watchkeeper.rows import Aside, Chunk

__all__ = ["Kernel", "View"]

FUTURE = 5 * 60 * 1_000_000  # µs that a clock may be ahead before a timestamp counts as in the future


@dataclass
class Kernel:
    """Profiles chunks under one plan; picklable.

    Parameters
    ----------
    plan : what to count
    now : µs since 1970 UTC; rows more than five minutes later are counted and set aside
    """

    plan: Plan
    now: int
    _starts: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64), repr=False)

    def __call__(self, chunk: Chunk) -> Profile:
        return self.view(chunk).profile()

    def view(self, chunk: Chunk) -> View:
        """The chunk's rows in the order of their windows, for its profile and for what is taken beside it."""
        batch, windows, positions, aside = self.windows(chunk)
        return View(self.plan, batch, windows, positions, chunk.aside + aside)

    def windows(self, chunk: Chunk) -> tuple[pa.RecordBatch, NDArray[np.int64], NDArray[np.int64], Aside]:
        """The batch in the order of its windows, their starts, and each row's window among them."""
        model, batch, n = self.plan.model, chunk.batch, chunk.batch.num_rows
        window = model.parsed_window
        if window.kind == "rows":
            start = (chunk.offset + np.arange(n)) // window.count * window.count
            windows, positions = np.unique(start, return_inverse=True)
            return batch, windows, positions, Aside()
        if window.kind == "none" or model.timestamp is None or model.timestamp not in batch.schema.names:
            return batch, np.zeros(min(n, 1), np.int64), np.zeros(n, np.int64), Aside()
        stamps = batch.column(model.timestamp)
        batch, times, aside = self._timed(batch, stamps)
        if not times.size:
            return batch, np.empty(0, np.int64), np.empty(0, np.int64), aside
        first, last = int(times.min()), int(times.max())
        starts = self._boundaries(first, last)
        low, high = np.searchsorted(starts, [first, last], side="right") - 1
        if low == high:
            return batch, starts[low : low + 1], np.zeros(len(times), np.int64), aside
        found = np.searchsorted(starts, times, side="right") - 1
        if (np.diff(found) < 0).any():
            order = np.argsort(found, kind="stable")
            batch, found = batch.take(pa.array(order)), found[order]
        fresh = np.flatnonzero(np.diff(found, prepend=-1))
        positions = np.repeat(np.arange(len(fresh)), np.diff(fresh, append=len(found)))
        return batch, starts[found[fresh]], positions, aside

    def _timed(
        self, batch: pa.RecordBatch, stamps: pa.Array
    ) -> tuple[pa.RecordBatch, NDArray[np.int64], Aside]:
        """Without the rows that have no time or one in the future."""
        late = self.now + FUTURE
        times = stamps.view(pa.int64()).fill_null(late + 1).to_numpy(zero_copy_only=False)
        if not times.size or times.max() <= late:
            return batch, times, Aside()
        future = times > late
        ahead = int(future.sum()) - stamps.null_count
        aside = Aside({"timestamp in the future": ahead} if ahead else {})
        if ahead:
            example = stamps.filter(pa.array(future)).drop_null()[0].as_py().isoformat(sep=" ")
            aside = Aside(aside.counts, {"timestamp in the future": example})
        return batch.filter(pa.array(~future)), times[~future], aside

    def _boundaries(self, first: int, last: int) -> NDArray[np.int64]:
        """Starts of the windows from ``first`` to ``last``; computed once and widened when needed."""
        known = self._starts
        if not known.size or first < known[0] or last >= known[-1]:
            model = self.plan.model
            if known.size:
                first, last = min(first, int(known[0])), max(last, int(known[-1]))
            self._starts = model.parsed_window.starts(first, last, model.timezone)
        return self._starts


@dataclass
class View:
    """A batch under a plan, with what several summaries need computed once.

    Attributes
    ----------
    windows : (W,) starts, ascending
    positions : (n,) each row's window among them
    """

    plan: Plan
    batch: pa.RecordBatch
    windows: NDArray[np.int64]
    positions: NDArray[np.int64]
    aside: Aside = field(default_factory=Aside)
    _numbers: dict[str, columns.NumberValues] = field(default_factory=dict)
    _categories: dict[str, columns.CategoryCodes] = field(default_factory=dict)

    def profile(self) -> Profile:
        slices: dict[str | None, Slice] = {None: self.everything()}
        slices |= {s.by: self.segments(s) for s in self.plan.segmentations}
        return Profile(self.plan, self.windows, slices, self.aside)

    @cached_property
    def names(self) -> set[str]:
        return set(self.batch.schema.names)

    @cached_property
    def weight(self) -> NDArray[np.float64] | None:
        name = self.plan.model.weight
        return None if name is None else self.batch.column(name).to_numpy(zero_copy_only=False)

    @cached_property
    def truth(self) -> outcomes.Truth:
        return outcomes.Truth.of(self.plan, self.batch, self.names)

    def number(self, column: NumberColumn) -> columns.NumberValues:
        if column.name not in self._numbers:
            self._numbers[column.name] = columns.NumberValues.of(column, self.batch, self.names)
        return self._numbers[column.name]

    def category(self, name: str) -> columns.CategoryCodes:
        if name not in self._categories:
            column = self.plan.categories[name]
            codes = self.truth.codes(column.role) if column.role != "feature" else None
            self._categories[name] = columns.CategoryCodes.of(column, self.batch, self.names, codes)
        return self._categories[name]

    def everything(self) -> Slice:
        cells = Cells.sorted(self._shape(1), self.positions, self.weight)
        numbers = {name: self.number(column).full(cells) for name, column in self.plan.numbers.items()}
        runs = {name: Runs.count(cells, self.number(self.plan.numbers[name]).all) for name in self.plan.runs}
        return replace(
            self._slice(None, cells),
            numbers=numbers,
            runs=runs,
            moments=self._moments(cells),
            delays=self.truth.delays(cells),
            ids=self._ids(),
        )

    def segments(self, segmentation: Segmentation) -> Slice:
        codes = segment_codes(segmentation, self.batch)
        values = len(segmentation.values)
        cells = Cells(self._shape(values), self.weight, keys=self.positions * values + codes)
        by_cell = Cells.sorted(cells.shape, cells.key[cells.order], None) if self.plan.segment_runs else cells
        numbers = {name: self.number(column).coarse(cells) for name, column in self.plan.numbers.items()}
        runs = {
            name: Runs.count(by_cell, self.number(self.plan.numbers[name]).all[cells.order])
            for name in self.plan.segment_runs
        }
        other = np.flatnonzero(codes == segmentation.values.index(OTHER))
        labels = segment_labels(segmentation, self.batch, other)
        unlisted = Unlisted.count(len(self.windows), self.positions[other], labels)
        return replace(self._slice(segmentation, cells), numbers=numbers, runs=runs, unlisted=unlisted)

    def _shape(self, values: int) -> tuple[int, int]:
        return len(self.windows), values

    def _slice(self, segmentation: Segmentation | None, cells: Cells) -> Slice:
        """Summaries that all rows and segments have alike."""
        truth = self.truth
        weight = cells.count().astype(np.float64)
        return Slice(
            segmentation,
            rows=cells.rows,
            weight=weight,
            weight_squares=weight if cells.weight is None else cells.sum(cells.weight),
            categories={name: self.category(name).count(cells) for name in self.plan.categories},
            confusion=truth.confusion(cells),
            calibration=truth.calibration(cells),
            scores=truth.scores(cells),
            residuals=truth.residuals(cells),
            kpis={name: self._kpi(cells, name) for name in self.plan.model.kpis},
        )

    def _kpi(self, cells: Cells, name: str) -> Kpi:
        values = self.batch.column(f"kpi:{name}").to_numpy(zero_copy_only=False)
        usable = np.isfinite(values)
        part = cells.only(usable)
        values = values[usable]
        away = values - self.plan.kpi_centre(name)
        return Kpi(part.count(), part.sum(values), part.sum(away * away))

    def _moments(self, cells: Cells) -> Moments | None:
        names = self.plan.moments
        if not names:
            return None
        z = np.empty((len(names), self.batch.num_rows))
        for row, name in zip(z, names, strict=True):
            self.number(self.plan.numbers[name]).scale_into(row)
        weighted = z if cells.weight is None else z * cells.weight
        products = np.empty((len(self.windows), 1, len(names), len(names)))
        for i, (start, end) in enumerate(zip(cells.starts, cells.ends, strict=True)):
            products[i, 0] = weighted[:, start:end] @ z[:, start:end].T
        sums = (
            np.add.reduceat(weighted, cells.starts, axis=1).T[:, None, :]
            if len(cells.starts)
            else products[:, :, 0]
        )
        return Moments(cells.count().astype(np.float64), sums, products)

    def _ids(self) -> Sketch | None:
        name = self.plan.model.id
        if name is None or name not in self.names:
            return None
        ids = self.batch.column(name)
        known = ids.is_valid().to_numpy(zero_copy_only=False)
        ids = ids.drop_null() if ids.null_count else ids
        ids = ids.dictionary_decode() if pa.types.is_dictionary(ids.type) else ids
        return Sketch.count(len(self.windows), self.positions[known], hash_values(ids))
