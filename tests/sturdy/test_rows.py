"""Rows that are not what they should be: refused with one message, or counted and shown; never a traceback."""
# ruff: noqa: E501 -- one case is one line of the table

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.sturdy.harness import Case, Change, Told, by_files, by_frames
from watchkeeper import Bins, Where


def to(**columns: object) -> Change:
    """The rows with these values, each repeated as often as needed."""

    def change(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(
            **{n: np.resize(v, len(rows)) if isinstance(v, list) else v for n, v in columns.items()}
        )  # type: ignore[arg-type]

    return change


def without(*columns: str) -> Change:
    return lambda rows: rows.drop(columns=list(columns))


def named(**names: str) -> Change:
    return lambda rows: rows.rename(columns=names)


def later(**span: float) -> Change:
    return lambda rows: rows.assign(ts=rows.ts + pd.Timedelta(**span))  # type: ignore[arg-type]


def written(form: str) -> Change:
    return lambda rows: rows.assign(ts=rows.ts.dt.strftime(form))


def some(column: str, value: object, every: int = 4) -> Change:
    """One in ``every`` rows has this value."""
    return lambda rows: rows.assign(
        **{column: rows[column].astype(object).where(rows.index % every > 0, value).astype(str)}
    )


def both(case: str, change: Change, says: tuple[str, ...] = (), **more: object) -> Case:
    """The same is wrong with both sides."""
    return Case(case, says, change, change, **more)  # type: ignore[arg-type]


def zones(rows: pd.DataFrame) -> pd.DataFrame:
    ends = np.resize(["", "Z", "+02:00", "-0500"], len(rows))
    return rows.assign(ts=[t.isoformat() + end for t, end in zip(rows.ts, ends, strict=True)])


def empty(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[:0]


def one(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[:1]


def twice(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([rows, rows]).sample(frac=1, random_state=1)


def labels(rows: pd.DataFrame) -> pd.DataFrame:
    """A boolean outcome and predictions in words."""
    return rows.assign(actual=rows.actual == 1, predicted=np.where(rows.predicted == 1, "True", "False"))


def first_time(when: str) -> Change:
    return lambda rows: rows.assign(ts=[when, *rows.ts.dt.strftime("%Y-%m-%dT%H:%M:%S")[1:]])


ODD = [
    "a b", 'quote"d', "it's", "naïve 😀", "x; DROP TABLE rows; --", "a.b", "SELECT", "a,b", "*", "score ", "a[0]", "a × b",
    "<script>alert(1)</script>", "{{x}}", "{%", "line\nbreak", "window", "timestamp", "value", "metric", "segment", "column",
]  # fmt: skip
HUGE = [1e308, -1e308, 1e308, 5.0]
BROKEN = [float("nan"), float("inf"), float("-inf"), 1.0]


def odd_columns(rows: pd.DataFrame) -> pd.DataFrame:
    numbers = {f"{name}1": rows.age + 1 for name in ODD}
    return pd.concat([rows, pd.DataFrame({**dict.fromkeys(ODD, rows.country), **numbers})], axis=1)


def many_columns(rows: pd.DataFrame) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.concat([rows, pd.DataFrame(random.normal(size=(len(rows), 5_000))).add_prefix("x")], axis=1)


def distinct(count: int, **more: object) -> Change:
    return lambda rows: pd.concat([rows] * (count // len(rows) + 1), ignore_index=True)[:count].assign(
        id=range(count), country=[f"c{i}" for i in range(count)]
    )


CASES = [
    Case("nothing wrong", ("Accuracy",), status=0, only=("csv", "parquet")),
    Case("nothing wrong, regression", ("Mean absolute error",), status=0, task="regression", only=("csv", "parquet")),
    # columns
    Case("a feature is missing", ("age is gone: the reference has this column",), without("age"), status=1),
    Case("a feature is missing, regression", ("age is gone",), without("age"), status=1, task="regression"),
    Case("the score is missing", ("column 'score' is not in", "it has ts, id, age"), without("score"), status=2),
    Case("the score has another name", ("column 'score' is not in", "did you mean 'scor'?"), named(score="scor"), status=2),
    Case("the outcome is missing", ("None of the 180 current rows has an outcome in 'actual'",), without("actual"), status=0),
    Case("the outcome is missing, regression", ("None of the 180 current rows has an outcome",), without("actual"), task="regression"),
    Case("the reference has no outcome", ("None of the 240 reference rows has an outcome",), reference=without("actual")),
    Case("the reference has only features", ("it is taken as one window",), reference=lambda d: d[["age", "size", "country"]]),
    Case("the segments' column is missing", ("country is gone",), without("country"), status=1),
    Case("a new column", ("New columns, not watched: 'new one'",), to(**{"new one": 1.0})),
    Case("two columns of one name", ("two columns named 'age'; rename one of them",), lambda d: pd.concat([d, d[["age"]]], axis=1), status=2, only=("csv", "frame")),
    both("odd names", odd_columns),
    *(both(f"a role called {name}", named(score=name, country=name + "c", actual=name + "y"), keys={"score": name, "outcome": name + "y", "segments": [name + "c"]})
      for name in ('quote"d', "naïve 😀", "x; DROP TABLE rows; --", "a,b", "where:x", "a × b]")),
    both("names of our own", to(**{"where:x": 1.0, "misfit:age": "a", "kpi:k": 2.0}), ("'misfit:age'", "rename the column")),
    both("names that are numbers", named(age="5")),
    # types
    Case("text where numbers were", ("age: all rows are no numbers", "such as 'old'"), to(age="old"), status=1),
    Case("some text where numbers were", ("45 of the current rows or values set aside: column 'age' should hold numbers (such as 'old')",), some("age", "old")),
    Case("numbers where text was", ("country: all rows have a value that the reference never had",), to(country=7.5), status=1),
    Case("truth values where numbers were", ("age",), to(age=True), status=1),
    Case("dates where numbers were", ("age",), to(age=pd.Timestamp("2026-01-01")), status=1),
    both("lists", lambda d: d.assign(l=[[1, 2]] * len(d)), ("column 'l' holds list", "which is not watched"), only=("parquet", "frame")),
    both("integers at the limit", to(size=2**62)),
    both("decimal numbers", to(age=1.5)),
    both("categories written as numbers", to(country=[1, 2, 3])),
    # values
    Case("all missing", ("age: no row has a value",), to(age=np.nan), status=1),
    Case("all missing in the reference", ("The reference has no usable value in 'age': drift is not judged there",), reference=to(age=np.nan)),
    both("all missing in both", to(age=None), ("The reference has no usable value in 'age'",)),
    Case("empty text", ("country: no row has a value",), to(country=""), status=1),
    Case("all equal", ("age: all 60 values are equal",), to(age=3.0), status=1),
    both("all equal in both", to(age=3.0), status=0),
    Case("NaN and infinite", ("age: 50.0 % of the rows are infinite", "age: 25.0 % of the rows"), to(age=BROKEN), status=1),
    both("NaN and infinite in both", to(age=BROKEN)),
    Case("1e308", ("age: all rows lie outside of the reference's range",), to(age=HUGE[:3]), status=1),
    Case("1e308 in the reference", (), reference=to(age=HUGE)),
    both("1e308 in both", to(age=HUGE)),
    both("spread to 1e308", lambda d: d.assign(age=np.linspace(-1, 1, len(d)) * 1.7e308)),
    *(both(f"1e308 as {role}", to(**{role: HUGE}), task="regression") for role in ("predicted", "actual")),
    *(both(f"infinite {role}", to(**{role: BROKEN}), task="regression") for role in ("predicted", "actual")),
    *(both(f"constant {role}", to(**{role: 3.0}), task="regression") for role in ("predicted", "actual")),
    Case("text as outcome, regression", ("column 'actual' should hold numbers (such as 'x')",), to(actual="x"), status=1, task="regression"),
    both("text as prediction, regression", to(predicted="x"), ("column 'predicted' should hold numbers (such as 'x')", "performance cannot be measured"), task="regression"),
    # outcomes, predictions, scores
    Case("one class", ("actual: all 60 values are equal",), to(actual=1), status=1),
    both("one class in both", to(actual=1)),
    both("never the positive class", to(actual=0, predicted=0)),
    both("always one prediction", to(predicted=1)),
    both("one score", to(score=0.5)),
    Case("an unseen label", ("actual: 33.3 % of the rows have a value that the reference never had",), to(actual=[0, 1, 7]), status=1),
    Case("labels as text", (), lambda d: d.assign(actual=d.actual.astype(str)), status=0),
    Case("labels in other words", ("actual",), to(actual=["yes", "no"]), status=None),
    Case("three classes", ("task 'binary' needs two classes", "hold 3 ('0', '1', '7')", "set task: multiclass"), reference=to(actual=[0, 1, 7]), status=2),
    Case("a boolean outcome", (), lambda d: d.assign(actual=d.actual == 1), status=0),
    both("a boolean outcome and predictions in words", labels, status=0),
    Case("no outcome is known", ("None of the 180 current rows has an outcome in 'actual': performance cannot be measured",), to(actual=None)),
    both("no outcome is known at all", to(actual=None), ("None of the 240 reference rows has an outcome",)),
    Case("scores in percent", ("All current rows have no score from 0 to 1", "divide percentages by 100"), lambda d: d.assign(score=d.score * 50 + 2), status=1),
    both("scores below zero", lambda d: d.assign(score=-d.score), ("have no score from 0 to 1",)),
    Case("scores as words", ("score: all rows are no numbers",), to(score="high"), status=1),
    both("no score at all", to(score=np.nan), ("All reference rows have no score from 0 to 1",)),
    both("a score and no threshold", lambda d: d, ("Accuracy",), keys={"prediction": None}, only=("csv", "parquet")),
    # time
    both("no timestamp", without("ts"), ("1 window",), keys={"timestamp": None}),
    Case("the timestamp is missing", ("column 'ts' is not in",), without("ts"), status=2),
    Case("the reference has no timestamp", ("has no column 'ts': it is taken as one window",), reference=without("ts")),
    Case("no timestamp is understood", ("no row of", "180 × timestamp not understood (such as 'soon')"), to(ts="soon"), status=2),
    Case("no timestamp of the reference is understood", ("no row of", "240 × timestamp not understood"), reference=to(ts="soon"), status=2),
    Case("some timestamps are not understood", ("45 of the current rows or values set aside: timestamp not understood (such as 'soon')",), some("ts", "soon")),
    Case("no timestamp is known", ("no row of", "180 × timestamp missing"), to(ts=None), status=2),
    Case("some timestamps are missing", ("45 of the current rows or values set aside: timestamp missing",), lambda d: d.assign(ts=d.ts.where(d.index % 4 > 0))),
    Case("truth values as timestamp", ("column 'ts' of the current frame holds bool and cannot be the timestamp",), to(ts=True), status=2, only=("frame",)),
    Case("1e308 as timestamp", ("180 × timestamp not understood",), to(ts=1e308), status=2),
    both("mixed zones", zones),
    Case("all in the future", ("180 × timestamp in the future (such as '24",), later(days=365 * 400), status=2, only=("csv",)),
    Case("all soon", ("180 × timestamp in the future",), later(days=365 * 200), status=2),
    Case("the reference lies in the future", ("240 × timestamp in the future",), reference=later(days=365 * 200), status=2),
    both("before 1970", later(days=-365 * 80), status=0),
    Case("the year 1900", ("in 4 windows",), first_time("1900-01-01T00:00:00"), status=None),
    Case("the year 1", ("1 of the current rows or values set aside: timestamp not understood (such as '0001-",), first_time("0001-01-01T00:00:00")),
    both("the year 9999", first_time("9999-12-31T00:00:00"), ("1 of the current rows or values set aside: timestamp in the future (such as '9999-",)),
    both("day or month first", written("%d/%m/%Y %H:%M"), ("does not tell whether day or month is first; read as month/day",)),
    both("Unix seconds", lambda d: d.assign(ts=d.ts.astype("int64") // 10 ** (6 if d.ts.dt.unit == "us" else 9)), ("3 windows",)),
    both("the timestamp is a feature too", lambda d: d, keys={"features": ["ts", "age"]}),
    # rows
    Case("no rows", ("and no rows",), empty, status=2),
    Case("no rows in the reference", ("and no rows",), reference=empty, status=2),
    Case("one row", ("1 window",), one),
    both("one row in both", one),
    both("one row in both, regression", one, task="regression"),
    Case("one row and no reference", ("There is no reference",), one, None),
    Case("unsorted, and each row twice", ("id: 50.0 % of the rows repeat an id",), twice, status=1),
    Case("one id for all", ("id: 98.3 % of the rows repeat an id",), to(id=1), status=1),
    Case("no ids", (), to(id=None)),
    Case("a reference shorter than a window", (), reference=lambda d: d[:20], keys={"window": "1w"}),
    Case("a window for each row", ("180 windows",), keys={"window": "1 rows"}),
    Case("weights that are none", ("30 of the current rows or values set aside: weight missing", "weight negative"), to(w=[0, 1, -1, None, 2, 1e308]), to(w=1.0), keys={"weight": "w"}),
    Case("no usable weight", ("no row of", "180 × weight negative"), to(w=-1.0), to(w=1.0), 2, {"weight": "w"}),
    Case("weights in words", ("no row of", "such as 'heavy'"), to(w="heavy"), to(w=1.0), 2, {"weight": "w"}),
    Case("weights of zero", (), to(w=0.0), to(w=1.0), keys={"weight": "w"}),
    Case("a reference of more rows than there are", ("has 180 rows, so that its first 1,000 leave none to check",), reference=None, status=2, keys={"reference": "first 1000 rows"}),
    Case("a reference longer than the data", ("the data end before their first 4 weeks are over; take a shorter reference",), reference=None, status=2, keys={"reference": "first 4w"}),
    Case("a reference by a time that is not understood", ("'first 1 day' goes by time",), to(ts="soon"), None, 2, {"reference": "first 1d"}),
    # sizes
    Case("1,000 segment values", (), distinct(1_000), distinct(1_000), only=("frame",)),
    Case("100,000 categories", (), distinct(100_000), distinct(100_000), keys={"segments": None}, only=("frame",)),
    Case("5,000 columns", ("There is no reference",), many_columns, None, keys={"segments": None}, only=("frame",)),
    # the model
    Case("a segment that no row is in", (), keys={"segments": [Where("nobody", "age > 1000")]}),
    Case("a segment of a column that is not there", ("Where('nobody')", "there is no column 'agee'; did you mean 'age'?"), keys={"segments": [Where("nobody", "agee > 1")]}, status=2),
    Case("a condition that is no SQL", ("'age >' cannot be computed",), keys={"segments": [Where("nobody", "age >")]}, status=2),
    Case("bins of text", ("column 'country' should hold numbers",), keys={"segments": [Bins("country", [1, 2])]}),
    Case("a KPI of text", ("kpis: 'k': 'country' cannot be computed",), keys={"kpis": {"k": "sum(country)"}}, status=2),
    Case("a KPI that divides by zero", (), keys={"kpis": {"k": "sum(age / 0)"}}),
    Case("a band on a column that is not there", ("names the column 'agee', which is not watched; did you mean 'age'?",), keys={"bands": {"missing_rate(agee)": "<= .1"}}, status=2),
    Case("a band on a segment that is not there", ("is for 'xx', which is no value of 'country'",), keys={"bands": {"accuracy[country=xx]": ">= .1"}}, status=2),
    Case("a band by a short name", ("'mae' is not a metric; did you mean 'mean_absolute_error'?",), keys={"bands": {"mae": "<= 1"}}, status=2),
    Case("a band on a number that is told elsewhere", ("The band on 'xyzzy' judges nothing here",), keys={"bands": {"xyzzy": "<= 1"}}),
]  # fmt: skip

WAYS = [(case, way) for case in CASES for way in case.only]


@pytest.mark.parametrize(("case", "way"), WAYS, ids=[f"{case.id}-{way}" for case, way in WAYS])
def test_told(case: Case, way: str, tmp_path: Path) -> None:
    told: Callable[[], Told] = (
        (lambda: by_frames(case)) if way == "frame" else (lambda: by_files(case, way, tmp_path))
    )
    told().check(case.says, case.status)
