"""Pictures: what evidence does on a stream without change, after a shift, and after one odd day."""

from __future__ import annotations

from pathlib import Path

import altair as alt
import numpy as np
import pyarrow as pa

from watchkeeper.evidence import Readings, earn

PAGE = Path(__file__).parents[2] / "docs" / "images" / "evidence.png"
REFERENCE, DAYS, WEIGHT = 100, 60, 0.02
CASES = {  # which days are moved, and by how many standard deviations of a day
    "nothing changes": (slice(0), 0.0),
    "one odd day": (slice(20, 21), 6.0),
    "a shift that lasts": (slice(20, None), 2.5),
}
INK, QUIET, ALARM = "#1f2933", "#7b8794", "#c0392b"


def streams() -> pa.Table:
    """Day by day the number that is watched and its evidence."""
    rng = np.random.default_rng(18)
    parts = []
    for name, (where, size) in CASES.items():
        values = rng.normal(size=REFERENCE + DAYS)
        values[REFERENCE:][where] += size
        readings = Readings(values[None], np.full(len(values), 1000.0), np.zeros(1), np.ones(1), REFERENCE)
        (earned,) = earn([readings], [0.01 * WEIGHT])
        assert earned is not None
        told = earned.alarm
        parts.append(
            pa.table({
                "case": [name] * DAYS, "day": np.arange(1, DAYS + 1), "value": values[REFERENCE:],
                "evidence": np.exp(np.minimum(earned.log, 23.0)), "told": told,
            })
        )  # fmt: skip
    return pa.concat_tables(parts)


def picture() -> alt.VConcatChart:
    """The number above, its evidence below, a column for each case."""
    table = streams()
    day = alt.X("day:Q", title=None, axis=alt.Axis(grid=False, tickCount=4))
    colour = alt.condition("datum.told", alt.value(ALARM), alt.value(QUIET))
    line = alt.Chart(pa.table({"needed": [1 / (0.75 * 0.01 * WEIGHT)]})).mark_rule(
        color=ALARM, strokeDash=[4, 3]
    )
    columns = []
    for i, name in enumerate(CASES):
        base = alt.Chart(table.filter(pa.compute.equal(table["case"], name)))
        value = base.mark_point(filled=True, size=22, opacity=1).encode(
            day, alt.Y("value:Q", title="the number, by day" if not i else None, scale=alt.Scale(domain=[-4, 8])),
            color=colour,
        )  # fmt: skip
        scale = alt.Scale(type="log", domain=[0.1, 1e10], clamp=True)
        axis = alt.Axis(values=[1, 1e3, 1e6, 1e9], format="~s", grid=True)
        earned = base.mark_line(color=INK).encode(
            day.copy(), alt.Y("evidence:Q", title="evidence" if not i else None, scale=scale, axis=axis)
        )
        rule = line.encode(alt.Y("needed:Q", scale=scale))
        columns.append(
            alt.vconcat(value.properties(width=230, height=130, title=name),
                        (earned + rule).properties(width=230, height=130))
        )  # fmt: skip
    return alt.hconcat(*columns).configure(font="sans-serif").configure_view(stroke=None)


def main() -> None:
    picture().save(PAGE, scale_factor=2)


if __name__ == "__main__":
    main()
