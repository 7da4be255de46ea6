"""Result: what a check found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from watchkeeper.errors import ColumnError, SourceError

if TYPE_CHECKING:
    from watchkeeper.explaining import Why
    from watchkeeper.model import Model
    from watchkeeper.profiles import Profile
    from watchkeeper.verdicts import Finding, Judgement, Windows

__all__ = ["METRICS", "Result", "write_table"]

FIELDS: list[tuple[str, pa.DataType]] = [
    ("model", pa.string()),
    ("window_start", pa.timestamp("us", "UTC")),
    ("window_end", pa.timestamp("us", "UTC")),
    ("segment_by", pa.string()),
    ("segment", pa.string()),
    ("column", pa.string()),
    ("metric", pa.string()),
    ("value", pa.float64()),
    ("low", pa.float64()),
    ("high", pa.float64()),
    ("count", pa.int64()),
    ("band_low", pa.float64()),
    ("band_high", pa.float64()),
    ("evidence", pa.float64()),
    ("verdict", pa.string()),
]
METRICS = pa.schema(FIELDS)
OFTEN = 0.4
JSON_ROWS = 65_536  # written at once, so that a long table never stands in memory as Python objects
UNJUDGED = "There is no reference: only your bands are judged, every other number is shown without a verdict."
ADVICE = (
    "To have them judged, give a reference (a file, or the beginning of these data: 'first 4w', 'first 1000 rows'), or"
    " a band: 'accuracy >= 0.88'."
)
NATURE_UNKNOWN = (
    "The reference is a single window: how much windows differ by nature is not known, and some alarms may be no more"
    " than that."
)


@dataclass(frozen=True, repr=False)
class Result:
    """What a check found.

    Attributes
    ----------
    metrics : one row per number, schema ``METRICS``
    alarms : the alarming rows of ``metrics``, worst first, with a column ``sentence``
    verdict : "alarm" where anything alarms, else "unclear", "ok", or "no_data"
    sentence : the verdict in one sentence
    notes : what a person should know of the input (rows set aside, guesses), one sentence each
    current, reference : the profiles behind it, None from ready-made numbers
    judgements : every series with its verdicts, as ``metrics`` holds them in rows
    findings : all alarms, one finding for each series, worst first
    acknowledged : since when another normal holds, which a person acknowledged, and by what part of alpha; "" for none
    windows : which times, or rows, the windows of ``judgements`` are
    why : of each performance metric that alarms over all rows, what made it worse
    """

    model: Model
    metrics: pa.Table
    alarms: pa.Table
    verdict: str
    sentence: str
    notes: tuple[str, ...] = ()
    current: Profile | None = None
    reference: Profile | None = None
    judgements: tuple[Judgement, ...] = field(default=())
    findings: tuple[Finding, ...] = ()
    windows: Windows | None = None
    why: tuple[Why, ...] = ()
    acknowledged: str = ""

    @classmethod
    def build(
        cls,
        model: Model,
        judgements: Sequence[Judgement],
        windows: Windows | int | tuple[Any, Any] | None = None,
        notes: Sequence[str] = (),
        current: Profile | None = None,
        reference: Profile | None = None,
    ) -> Result:
        """Put the judgements together.

        Parameters
        ----------
        windows : as ``verdicts.judge`` takes them; starts and ends are µs since 1970 UTC (row positions where the
            model's window is a number of rows); None is a single window
        """
        from watchkeeper.verdicts import Windows, find, overall, summarise
        from watchkeeper.verdicts.table import alarm_table, metric_table

        spans = Windows.of(windows, model)
        table = metric_table(judgements, spans, model.name, METRICS)
        findings = find(judgements, spans)
        return cls(
            model=model,
            metrics=table,
            alarms=alarm_table(table, judgements, spans),
            verdict=overall(judgements),
            sentence=summarise(judgements, findings, spans),
            notes=tuple(dict.fromkeys((*notes, *_limits(judgements, reference)))),
            current=current,
            reference=reference,
            judgements=tuple(judgements),
            findings=findings,
            windows=spans,
        )

    @classmethod
    def from_metrics(cls, table: Any, model: Model | None = None) -> Result:
        """Judge, draw and report numbers that somebody else computed.

        Parameters
        ----------
        table : any frame, Arrow table or dict of lists. Long: columns ``metric`` and ``value``, and where known
            ``window_start`` (or ``timestamp``, ``date``, ...), ``window_end``, ``low``, ``high``, ``count``,
            ``column``, ``segment_by``, ``segment``. Wide: a time column and one column for each metric, named as
            the metric or as a band's key; ``accuracy_low``, ``accuracy_high``, ``accuracy_count`` beside ``accuracy``
        model : its ``bands`` and ``expected`` judge; None: only verdicts that the table itself has (saved metrics)

        Raises
        ------
        ColumnError
            where the table holds no metric, or two values for one window
        ModelError
            where a band names a metric that neither the table nor Watchkeeper has

        Examples
        --------
        >>> from watchkeeper.model import Model
        >>> table = {"date": ["2024-01-01", "2024-01-08"], "accuracy": [0.91, 0.86]}
        >>> result = Result.from_metrics(table, Model(bands={"accuracy": ">= 0.88"}))
        >>> result.sentence
        '1 of 2 windows alarms: accuracy is below 88 % in the week of 8 January 2024.'
        """
        from watchkeeper.verdicts.accept import accept

        model, judgements, windows, notes = accept(_arrow(table), model)
        return cls.build(model, judgements, windows, notes)

    def save(self, path: str | PathLike[str]) -> Path:
        """Write the report (``.html``) or the metrics (``.parquet``, ``.csv``, ``.json``) and give the path.

        Raises
        ------
        SourceError
            for another ending
        """
        target = Path(path)
        if target.suffix.lower() in (".html", ".htm"):
            from watchkeeper.reports import write_report

            write_report(self, target)
        else:
            write_table(self.metrics, target, (".html",))
        return target

    def plot(
        self, *metrics: str, ylim: tuple[float, float] | None = None, ax: Any = None, **options: Any
    ) -> Any:
        """Draw metrics over the windows: an Altair chart, or on the matplotlib axes ``ax``."""
        from watchkeeper.charts import plot

        return plot(self, metrics, ylim=ylim, ax=ax, **options)

    def worst(self, count: int = 10) -> tuple[Finding, ...]:
        """The worst findings, at most ``count``."""
        return self.findings[:count]

    def report_text(self, count: int = 10) -> str:
        """Verdict, the worst findings and the notes as plain text."""
        lines = [self.sentence]
        lines += [f"  - {finding.sentence}" for finding in self.worst(count)]
        if len(self.findings) > count:
            lines.append(f"  - and {len(self.findings) - count:,} more")
        lines += [f"  {why.sentence}" for why in self.why]
        lines += [f"  Note: {note}" for note in self.notes]
        return "\n".join(lines)

    @cached_property
    def budget(self) -> pa.Table:
        """How ``alpha`` is shared: one row for each series that may alarm by it, the greatest weight first.

        Columns ``metric, column, segment_by, segment, weight`` (together at most 1), ``evidence`` (in the last window
        that counts; null where nothing adds up, or not yet since a change was acknowledged) and ``needed`` (what an
        alarm takes; after an acknowledged change that is more).
        """
        rows = [
            (j.series.metric.name, j.series.column, j.series.segment_by, j.series.segment, j.weight,
             _last(j.evidence) if np.isfinite(j.needed) else None,
             float(np.exp(min(j.needed, 600.0))) if j.evidence is not None and np.isfinite(j.needed) else None)
            for j in sorted(self.judgements, key=lambda j: -j.weight) if j.weight > 0 or j.evidence is not None
        ]  # fmt: skip
        names = ("metric", "column", "segment_by", "segment", "weight", "evidence", "needed")
        kinds = (*(pa.string() for _ in range(4)), *(pa.float64() for _ in range(3)))
        columns = zip(*rows, strict=True) if rows else ((),) * len(names)
        arrays = [pa.array(list(values), kind) for values, kind in zip(columns, kinds, strict=True)]
        return pa.table(dict(zip(names, arrays, strict=True)))

    @cached_property
    def unclear(self) -> tuple[Finding, ...]:
        """Like ``findings``, of what is unclear."""
        from watchkeeper.verdicts import Windows, find

        return find(self.judgements, self.windows or Windows.of(1), "unclear")

    def __repr__(self) -> str:
        rows = f"{self.metrics.num_rows:,} numbers, {self.alarms.num_rows:,} alarms"
        return f"<Result {self.model.name!r} {self.verdict}: {self.sentence} ({rows})>"

    def _repr_html_(self) -> str:
        from watchkeeper.reports import summary_html

        return str(summary_html(self))


def _limits(judgements: Sequence[Judgement], reference: Profile | None) -> tuple[str, ...]:
    """What could not be judged, or only with less to go by."""
    from watchkeeper.verdicts.natural import natural_range

    if reference is None and all(j.series.reference is None for j in judgements):
        return (UNJUDGED,) if any(j.rule == "band" for j in judgements) else (f"{UNJUDGED} {ADVICE}",)
    learned = [j.series for j in judgements if j.rule in ("evidence", "learned")]
    notes = (NATURE_UNKNOWN,) if learned and all(natural_range(s) is None for s in learned) else ()
    return (*notes, *_taken_off(judgements))


def _taken_off(judgements: Sequence[Judgement]) -> Iterator[str]:
    """What was done to the windows before evidence was taken of them, and what could not be."""
    seasons = [name for name in ("weekday", "hour") if any(name in j.taken_off for j in judgements)]
    if seasons:
        yield f"What recurs by {' and by '.join(seasons)} in the reference is taken for normal."
    alike = sum("autocorrelation" in j.taken_off for j in judgements)
    if alike > OFTEN * sum(j.rule == "evidence" for j in judgements):  # by chance one in six
        yield (
            f"In {alike:,} series windows resemble the one before: that was taken off, which is approximate, so that"
            " their alarms promise a little less."
        )
    if any(kind in ("shift", "trend") for j in judgements for kind in j.kinds.values()):
        yield "A season of the year that the reference has not seen counts as a change."


def _last(evidence: NDArray[np.float64] | None) -> float | None:
    """In the last window that counts."""
    if evidence is None or np.isnan(evidence).all():
        return None
    return float(evidence[np.isfinite(evidence)][-1])


def _arrow(table: Any) -> pa.Table:
    """Any frame as an Arrow table."""
    if isinstance(table, pa.Table):
        return table
    if isinstance(table, dict):
        return _from_dict(table)
    if type(getattr(table, "index", None)).__name__ == "DatetimeIndex":
        table = table.rename_axis(table.index.name or "timestamp").reset_index()
    import narwhals as nw

    try:
        frame = nw.from_native(table)
    except TypeError:
        kind = type(table).__name__
        raise ColumnError(
            f"metrics cannot be a {kind}; valid are frames, Arrow tables and dicts of lists"
        ) from None
    eager = frame.collect("pyarrow") if isinstance(frame, nw.LazyFrame) else frame
    return eager.to_arrow()


def _from_dict(columns: dict[str, Any]) -> pa.Table:
    try:
        return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise ColumnError(f"the dict of lists is no table: {error}") from None


def write_table(table: pa.Table, path: Path, others: tuple[str, ...] = ()) -> None:
    """Write a table by the ending of the path.

    Parameters
    ----------
    others : endings that the caller knows beside these
    """
    ending = path.suffix.lower()
    if ending not in (".parquet", ".csv", ".json"):
        valid = ", ".join((*others, ".parquet", ".csv"))
        raise SourceError(f"cannot save to {path.name!r}: valid endings are {valid} and .json")
    path.parent.mkdir(parents=True, exist_ok=True)
    if ending == ".parquet":
        from pyarrow import parquet

        parquet.write_table(table, path, compression="zstd")
    elif ending == ".csv":
        from pyarrow import csv

        csv.write_csv(table, path)
    else:
        _write_json(_with_iso_times(table), path)


def _write_json(table: pa.Table, path: Path) -> None:
    """A list of one object per row; what is not finite is null."""
    with path.open("w", encoding="utf-8") as file:
        separator = "[\n"
        for batch in _with_null_for_infinite(table).to_batches(max_chunksize=JSON_ROWS):
            for row in batch.to_pylist():
                file.write(separator + json.dumps(row, ensure_ascii=False, allow_nan=False))
                separator = ",\n"
        file.write("[]\n" if table.num_rows == 0 else "\n]\n")


def _with_null_for_infinite(table: pa.Table) -> pa.Table:
    """JSON has no infinity: an end without a limit is null there."""
    import pyarrow.compute as pc

    for i, column in enumerate(table.schema):
        if pa.types.is_floating(column.type):
            known = pc.if_else(pc.is_finite(table[i]), table[i], pa.scalar(None, column.type))
            table = table.set_column(i, column.name, known)
    return table


def _with_iso_times(table: pa.Table) -> pa.Table:
    import pyarrow.compute as pc

    for i, column in enumerate(table.schema):
        if pa.types.is_timestamp(column.type):
            table = table.set_column(i, column.name, pc.strftime(table[i], "%Y-%m-%dT%H:%M:%SZ"))
    return table
