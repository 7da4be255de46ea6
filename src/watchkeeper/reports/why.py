"""Why: what made performance worse, as bars."""

from __future__ import annotations

from dataclasses import dataclass

from watchkeeper.explaining import Cause, Why, said_of, where_of
from watchkeeper.metrics import METRICS, Unit
from watchkeeper.reports.dates import period_of
from watchkeeper.reports.scene import Scene
from watchkeeper.verdicts.wording import name_of, write, write_difference

__all__ = ["Explained", "explained"]


@dataclass(frozen=True)
class Reason:
    """One cause: its name, its effect with its interval, its share in percent, what it means."""

    name: str
    effect: str
    interval: str
    share: int
    named: bool
    said: str


@dataclass(frozen=True)
class Explained:
    """Why one metric is worse."""

    title: str
    span: str
    reasons: list[Reason]
    where: str


def explained(scene: Scene) -> list[Explained]:
    """One card for each metric that is explained, the worst first."""
    return [_explained(scene, why) for why in scene.result.why]


def _explained(scene: Scene, why: Why) -> Explained:
    unit = METRICS[why.metric].unit
    span = (
        f"{write(why.value, unit)} against {write(why.reference, unit)} in the reference,"
        f" {period_of(scene.windows, why.first_window, why.last_window)}; {why.rows:,} sampled rows"
    )
    reasons = [_reason(cause, unit) for cause in why.causes]
    return Explained(f"Why {name_of(why.metric)} is worse", span, reasons, where_of(why.segments))


def _reason(cause: Cause, unit: Unit) -> Reason:
    low, high = (_signed(end, unit).removesuffix(" points") for end in (cause.low, cause.high))
    name = cause.name[:1].upper() + cause.name[1:]
    effect = _signed(cause.effect, unit)
    return Reason(name, effect, f"{low} to {high}", round(100 * cause.share), cause.named, _said(cause))


def _said(cause: Cause) -> str:
    """A sentence on what it means; "" where it made nothing worse."""
    if cause.named:
        text = said_of(cause)
        return f"{text[:1].upper()}{text[1:]}."
    if cause.share <= 0:
        return ""
    return "Not told from chance." if cause.low <= 0 <= cause.high else "Too little to be a reason."


def _signed(value: float, unit: Unit) -> str:
    return f"{'−' if value < 0 else '+'}{write_difference(value, unit)}" if value else "0"
