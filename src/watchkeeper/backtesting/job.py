"""Backtest: history measured once, and judged by several sets of rules."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from watchkeeper.backtesting.replay import Replay
from watchkeeper.backtesting.result import Backtest
from watchkeeper.backtesting.told import Key, compared, first_alarms, missed, told_of
from watchkeeper.backtesting.variant import Alphas, Bands, Variant, variants_of
from watchkeeper.checking.job import Progress, case_of, described
from watchkeeper.errors import ModelError
from watchkeeper.model import Model
from watchkeeper.result import Result
from watchkeeper.verdicts import Judgement, Windows

if TYPE_CHECKING:
    from watchkeeper.workspace import Workspace

__all__ = ["backtest"]

JUDGED = ("ok", "unclear", "alarm")


def backtest(
    data: Any,
    model: Model | str | os.PathLike[str] | None = None,
    *,
    reference: Any = None,
    alpha: Alphas = None,
    bands: Bands = None,
    progress: Progress | None = None,
    now: int | None = None,
) -> Backtest:
    """Say what the current rules would have told of history and when, and how another alpha or band changes that.

    Everything is measured once. A verdict on a window uses nothing that came after it, so that judging all of them is
    what judging them one by one would have given. Nothing is changed.

    Parameters
    ----------
    data : a workspace or its folder, whose stored windows are judged; or rows, as ``check`` takes them
    model : of a workspace its name, default the only one; of rows a ``Model``, the path of its YAML file, or None
    reference : of rows, as ``check`` takes it; a workspace's model has its own
    alpha : one variant for each; default: a tenth of the current one, and ten times; () for none
    bands : one variant with these bands, ``{"accuracy": ">= 0.9"}``, in the place of those of the same key; or a list
        of such mappings, one variant for each
    now : µs since 1970 UTC. Default: the clock

    Raises
    ------
    WorkspaceError
        where nothing was computed yet, or the model is not there
    ModelError
        where alpha lies outside of (0, 1), or a band names a metric, column or segment that is not there
    WatchkeeperError
        as ``check``

    Examples
    --------
    >>> table = {"day": [f"2026-01-{d:02}" for d in range(1, 6) for _ in range(400)], "label": [0, 1] * 1000,
    ...          "said": [0, 1] * 600 + [0, 0, 0, 1] * 200}
    >>> model = Model(name="m", task="binary", timestamp="day", outcome="label", prediction="said",
    ...               bands={"accuracy": ">= 0.7"})
    >>> found = backtest(table, model, alpha=(), bands={"accuracy": ">= 0.9"})
    >>> found.sentence
    'Over 5 days the current rules would have told nothing.'
    >>> found.variants[0].name, found.variants[0].sentence
    ('band accuracy >= 0.9', '1 thing in 1 incident, first 4 January 2026; 1 only here.')
    """
    place = _workspace(data)
    if place is None:
        return _of_rows(data, reference, model, alpha, bands, progress, now)
    if reference is not None:
        raise ModelError("reference: a model of a workspace has its own; write it into the model's file")
    if model is not None and not isinstance(model, str):
        raise ModelError(f"model: of a workspace the name of a model is needed, got {model!r}")
    return _of_workspace(place, model, alpha, bands, progress, now)


class Judged(Protocol):
    """Something measured, to be judged by any rules."""

    def __call__(self, model: Model, /) -> Result: ...


def _workspace(data: Any) -> Any:
    """The workspace that is meant, or its folder; None where rows are."""
    if isinstance(data, str | os.PathLike):
        return data if Path(data).is_dir() else None
    return data if hasattr(data, "wal") and hasattr(data, "journal_url") else None


def _of_rows(
    data: Any,
    reference: Any,
    model: Model | str | os.PathLike[str] | None,
    alphas: Alphas,
    bands: Bands,
    progress: Progress | None,
    now: int | None,
) -> Backtest:
    given, notes = described(model, data, reference)
    variants = variants_of(given, alphas, bands)
    for variant in variants:
        variant.of(given)
        variant.check(given)
    case = case_of(data, reference, given, notes, progress=progress, now=now)
    return _replayed(case.conclude, given, variants)


def _of_workspace(
    place: Workspace | str | os.PathLike[str],
    name: str | None,
    alphas: Alphas,
    bands: Bands,
    progress: Progress | None,
    now: int | None,
) -> Backtest:
    from watchkeeper.running.stored import described, stored
    from watchkeeper.workspace import Workspace

    if not isinstance(place, Workspace):
        with Workspace.open(place) as opened:
            return _of_workspace(opened, name, alphas, bands, progress, now)
    given = described(place, name)
    variants = variants_of(given, alphas, bands)
    for variant in variants:
        variant.check(given, told=None)
    cases = stored(place, given, progress=progress, now=now)
    return _replayed(cases.result, cases.model, variants)


def _replayed(judged: Judged, model: Model, variants: Sequence[Variant]) -> Backtest:
    rules = [variant.of(model) for variant in variants]
    result = judged(model)
    measured = sorted({j.series.metric.name for j in result.judgements})
    for variant in variants:
        variant.check(model, told=measured)
    current = Replay(Variant(), model.alpha, _bands(model), told_of(result))
    firsts = first_alarms(result)
    notes = list(result.notes)
    replays = []
    for variant, changed in zip(variants, rules, strict=True):
        other = judged(changed)
        replays.append(_replay(variant, other, current, firsts))
        notes += [f"With {variant.name}: {note}" for note in other.notes if note not in result.notes]
    windows = result.windows or Windows.of(1)
    return Backtest(
        model, windows, _judged(result.judgements, windows), current, tuple(replays), tuple(notes)
    )


def _replay(variant: Variant, result: Result, current: Replay, firsts: dict[Key, int]) -> Replay:
    told = tuple(compared(one, firsts) for one in told_of(result))
    rules = result.model
    return Replay(variant, rules.alpha, _bands(rules), told, missed(current.told, first_alarms(result)))


def _bands(model: Model) -> dict[str, str]:
    return {key: str(band) for key, band in model.bands.items()}


def _judged(judgements: Sequence[Judgement], windows: Windows) -> int:
    """In how many windows there is any verdict."""
    some = np.zeros(windows.count, dtype=bool)
    for judgement in judgements:
        if judgement.rule != "none":
            some |= np.isin(judgement.verdict, JUDGED)
    return int(some.sum())
