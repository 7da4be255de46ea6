"""Counted: what each window counted as when it was judged, so that later rows and truth do not move the evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.journal.journal import Journal
from watchkeeper.journal.table import Table
from watchkeeper.metrics import Series
from watchkeeper.verdicts import Kept, key_of

__all__ = ["Counted"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
EVERY = slice(None)
Layout = list[tuple[str, str | None, str | None, str | None, int, int]]


@dataclass(frozen=True)
class Counted:
    """The windows of one model that have counted against one reference.

    A row holds one window: the numbers of all series after each other, as its ``layout`` says: of each the value, its
    rows, its standard error, what entered the evidence (P numbers), where it lies (K). Numbers that rest on truth count
    later than others, so they have a row of their own (``kind``).

    Attributes
    ----------
    reference : what tells this reference, and the plan, from all others
    """

    journal: Journal
    reference: str

    @property
    def _table(self) -> Table:
        return self.journal.tables["counted"]

    def starts(self, kind: str) -> Ints:
        """Starts of the windows that have counted."""
        sql = f"SELECT DISTINCT window_start FROM counted WHERE kind = '{kind}' AND reference = $r"
        return np.asarray(self._rows(sql)["window_start"].to_numpy(), dtype=np.int64)

    def put(self, kind: str, series: Iterable[Series], positions: Mapping[int, int], run: int) -> None:
        """Keep windows that have not counted before.

        Parameters
        ----------
        positions : position in the series → start of the window
        """
        layout: Layout = []
        parts: list[Floats] = []
        where = np.array(list(positions), dtype=np.intp)
        for s in series:
            size = len(s.estimate.value)
            kept = Kept.of(s, np.arange(size), np.isin(np.arange(size), where), size)
            layout.append((*key_of(s), len(kept.values), len(kept.places)))
            rows = np.concatenate(
                [kept.value[None], kept.rows[None], kept.error[None], kept.values, kept.places]
            )
            parts.append(rows[:, where])
        if not positions:
            return
        numbers = (
            np.concatenate(parts).T if parts else np.empty((len(where), 0))
        )  # it has counted all the same
        width = numbers.shape[1]
        offsets = pa.array(np.arange(len(where) + 1) * width, pa.int64())
        self._table.append(
            pa.table({
                "window_start": pa.array(list(positions.values()), pa.int64()),
                "run": pa.repeat(pa.scalar(run, pa.int64()), len(where)),
                "reference": pa.repeat(self.reference, len(where)),
                "kind": pa.repeat(kind, len(where)),
                "layout": pa.repeat(json.dumps(layout), len(where)),
                "numbers": pa.LargeListArray.from_arrays(offsets, pa.array(numbers.ravel())),
            })
        )  # fmt: skip

    def get(
        self, starts: Ints, some: slice = EVERY
    ) -> dict[tuple[str, str | None, str | None, str | None], Kept]:
        """By series, what windows that start here counted as; of each the first time counts.

        Parameters
        ----------
        some : which of these
        """
        once = "QUALIFY row_number() OVER (PARTITION BY window_start, kind ORDER BY run) = 1"
        rows = self._rows(f"SELECT window_start, layout, numbers FROM counted WHERE reference = $r {once}")
        kept: dict[tuple[str, str | None, str | None, str | None], Kept] = {}
        at = rows["window_start"].to_numpy()
        place = np.searchsorted(starts, at)
        known = (
            (place < len(starts)) & (starts[np.minimum(place, len(starts) - 1)] == at)
            if len(starts)
            else at < at
        )
        first, last, _ = some.indices(len(starts))
        known &= (place >= first) & (place < last)
        layouts = rows["layout"].combine_chunks().dictionary_encode()
        for code, text in enumerate(layouts.dictionary.to_pylist()):
            if text == "[]":
                continue
            chosen = np.flatnonzero((layouts.indices.to_numpy() == code) & known)
            if len(chosen):
                flat = rows["numbers"].take(pa.array(chosen)).combine_chunks().flatten().to_numpy()
                _fill(kept, json.loads(text), flat.reshape(len(chosen), -1).T, place[chosen], len(starts))
        return kept

    def _rows(self, sql: str) -> pa.Table:
        if not self.journal.view("counted", self._table):
            names = ("window_start", "layout", "numbers")
            kinds = (pa.int64(), pa.string(), pa.large_list(pa.float64()))
            return pa.table({name: pa.array([], kind) for name, kind in zip(names, kinds, strict=True)})
        return self.journal.rows(sql, {"r": self.reference})


def _fill(
    kept: dict[tuple[str, str | None, str | None, str | None], Kept],
    layout: Layout,
    numbers: Floats,
    place: NDArray[np.intp],
    size: int,
) -> None:
    row = 0
    for *key, parts, places in layout:
        end = row + 3 + parts + places
        name = (str(key[0]), key[1], key[2], key[3])
        if name not in kept or kept[name].values.shape[0] != parts:
            kept[name] = Kept.empty(size, parts, places)
        one, block = kept[name], numbers[row:end]
        one.counted[place] = True
        one.value[place], one.rows[place], one.error[place] = block[:3]
        one.values[:, place], one.places[:, place] = block[3 : 3 + parts], block[3 + parts :]
        row = end
