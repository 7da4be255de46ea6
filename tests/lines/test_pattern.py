"""What a line says: the examples of real logs, and whatever hypothesis writes with a pattern."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.errors import ModelError
from watchkeeper.lines import BUILT_IN, Pattern, patterns_of
from watchkeeper.lines.pattern import TRIES
from watchkeeper.lines.template import Template
from watchkeeper.lines.times import microseconds, time_of_line

NOON = 1_691_140_550_000_000  # 2023-08-04 09:15:50
CONFIGURED = patterns_of(
    {
        "inst": "Inst. {id} - PredClass: {prediction}, RealClass: {actual}",
        "probabilities": "{timestamp} [DEBUG] Output prediction: [{score}]",
        "release": "[INFO] Model version {version} started",
        "stage": {"pattern": "{timestamp} stage {stage} took {seconds} s"},
        "failed": {"regex": r"^(?P<timestamp>\S+ \S+) \[ERROR\] (?P<error>.*)$"},
    }
)


def said(pattern: str | dict[str, Any], text: str, timezone: str = "UTC") -> Any:
    return Pattern.compile("p", pattern).match(text, timezone)


def test_inst_is_built_in() -> None:
    assert BUILT_IN["inst"].match("INFO:root:Inst. 3 - PredClass: 1, RealClass: 0") == [
        ("prediction", {"prediction": 1.0, "features": {}}),
        ("outcome", {"actual": 0.0, "known_at": None}),
    ]


def test_output_prediction_is_built_in() -> None:
    match = BUILT_IN["output_prediction"].match
    for score, expected in (
        ("[0.78]", 0.78),
        ("[0.1, 0.2, 0.7]", [0.1, 0.2, 0.7]),
        ("[0.1 0.9]", [0.1, 0.9]),
    ):
        fields = {"score": expected, "timestamp": NOON, "features": {}}
        assert match(f"2023-08-04 09:15:50 [DEBUG] Output prediction: {score}") == [("prediction", fields)]


def test_model_version_is_built_in() -> None:
    assert BUILT_IN["model_version"].match("[INFO] Model version 1.2.7 started") == [
        ("release", {"version": "1.2.7"})
    ]


def test_configured_patterns() -> None:
    assert CONFIGURED["inst"].match("Inst. 3 - PredClass: 1, RealClass: 0") == [
        ("prediction", {"id": "3", "prediction": 1.0, "features": {}}),
        ("outcome", {"id": "3", "actual": 0.0, "known_at": None}),
    ]
    assert CONFIGURED["probabilities"].match(
        "INFO:root:2023-08-04 09:15:50 [DEBUG] Output prediction: [0.78]"
    ) == [("prediction", {"timestamp": NOON, "score": 0.78, "features": {}})]
    assert CONFIGURED["stage"].match("2023-08-04 09:15:50,500 stage fit took 3 s") == [
        ("job", {"timestamp": NOON + 500_000, "name": "fit", "seconds": 3.0})
    ]
    assert CONFIGURED["failed"].match("2023-08-04 09:15:50 [ERROR] no such column") == [
        ("error", {"timestamp": NOON, "error": "no such column"})
    ]


def test_other_fields_are_features() -> None:
    assert said("carrier={carrier} hour={hour} late={prediction}", "carrier=UA hour=7 late=True") == [
        ("prediction", {"prediction": True, "features": {"carrier": "UA", "hour": 7.0}})
    ]


def test_kinds_follow_from_fields() -> None:
    assert said("{name}={value}", "INFO accuracy=0.91") == [("metric", {"name": "accuracy", "value": 0.91})]
    assert said("truth of {id}: {actual}", "2023-08-04 09:15:50 truth of a-7: yes") == [
        ("outcome", {"id": "a-7", "actual": "yes", "known_at": NOON})
    ]
    assert said("stage {stage} failed: {error}", "stage fit failed: no rows") == [
        ("job", {"name": "fit", "error": "no rows"})
    ]
    assert said("version {version} of {trained_at}", "version 3 of 2023-08-04 09:15:50 UTC") == [
        ("release", {"version": "3", "trained_at": NOON})
    ]


def test_constants() -> None:
    spec = {"pattern": "training took {seconds} s", "fields": {"stage": "training"}}
    assert said(spec, "training took 12.5 s") == [("job", {"name": "training", "seconds": 12.5})]


def test_a_truth_that_is_not_known_yet_is_no_outcome() -> None:
    found = BUILT_IN["inst"].match("Inst. 3 - PredClass: 1, RealClass: None")
    assert found == [("prediction", {"prediction": 1.0, "features": {}})]
    assert BUILT_IN["inst"].match("Inst. 3 - PredClass: None, RealClass: 0") is None


def test_a_value_that_does_not_fit_is_no_match() -> None:
    assert said("took {seconds} s in {stage}", "took ages s in fit") is None
    assert said("{timestamp} said {prediction}", "yesterday said 1") is None
    assert said("{timestamp} said {prediction}", "2023-02-30 08:00:00 said 1") is None
    assert said("[{score}]", "[high]") is None


def test_the_pattern_may_be_further_on() -> None:
    text = "Model version check: Model version 1.2.7 started"
    assert BUILT_IN["model_version"].match(text) == [("release", {"version": "1.2.7"})]


def test_a_time_may_hold_the_text_that_follows_it() -> None:
    expected = [("prediction", {"timestamp": NOON, "id": "17", "prediction": "no delay", "features": {}})]
    assert said("{timestamp} {id} {prediction}", "2023-08-04 09:15:50 17 no delay") == expected
    assert said("at {timestamp} {id} {prediction}", "x at 2023-08-04 09:15:50 17 no delay") == expected


def test_a_number_at_the_end_ends_where_it_ends() -> None:
    assert said("stage {stage} took {seconds}", "stage fit took 3.5 s in all")[0][1]["seconds"] == 3.5
    assert said("score {score}", "score 0.25 for 7")[0][1]["score"] == 0.25


def test_doubled_braces_are_text() -> None:
    fields = said('{{"id": "{id}", "p": {score}}}', '{"id": "a", "p": 0.5}')[0][1]
    assert fields == {"id": "a", "score": 0.5, "features": {}}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2023-08-04 09:15:50", NOON),
        ("2023-08-04T09:15:50Z", NOON),
        ("2023-08-04 09:15:50 UTC", NOON),
        ("2023/08/04 09:15:50", NOON),
        ("2023-08-04", NOON - (9 * 3_600 + 15 * 60 + 50) * 1_000_000),
        ("2023-08-04 09:15:50,5", NOON + 500_000),
        ("2023-08-04T09:15", NOON - 50_000_000),
        ("2023-08-04 09:15:50,123", NOON + 123_000),
        ("2023-08-04 09:15:50.000007", NOON + 7),
        ("2023-08-04T11:15:50+02:00", NOON),
        ("2023-08-04 11:15:50 +0200", NOON),
        ("04/Aug/2023:11:15:50 +0200", NOON),
        ("[2023-08-04 09:15:50]", NOON),
        ("1691140550", NOON),
        ("1691140550.5", NOON + 500_000),
        ("1691140550123", NOON + 123_000),
        ("1691140550000001", NOON + 1),
        ("1691140550000001999", NOON + 1),
    ],
)
def test_times(written: str, expected: int) -> None:
    assert said("{timestamp} said {prediction}", f"{written} said 1")[0][1]["timestamp"] == expected
    assert said("said {prediction} at {timestamp}", f"said 1 at {written}")[0][1]["timestamp"] == expected
    assert said("t={timestamp};p={prediction}", f"t={written};p=1")[0][1]["timestamp"] == expected


@pytest.mark.parametrize(
    "line", ["1 passenger", "2023-08-04 came late", "2023-02-30 08:00:00 x", "INFO 2023-08-04 09:15:50", ""]
)
def test_what_a_line_does_not_begin_with(line: str) -> None:
    assert time_of_line(line) is None


@pytest.mark.parametrize("fraction", ["", ",5", ",123", ".123456", ".123456789", ",123+00:00", " +0000", "Z"])
def test_what_a_line_begins_with(fraction: str) -> None:
    for line in (f"2023-08-04 09:15:50{fraction} x y", f"[2023-08-04 09:15:50{fraction}] x y"):
        time = time_of_line(line)
        assert time is not None
        assert time - time % 1_000_000 == NOON
        assert (time > NOON) == any(digit in fraction for digit in "15")


def test_times_without_an_offset_are_local() -> None:
    line = "2023-08-04 09:15:50 said 1"
    for pattern in ("{timestamp} said {prediction}", "said {prediction}"):
        assert said(pattern, line, "Europe/Berlin")[0][1]["timestamp"] == NOON - 2 * 3_600_000_000


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)))
def test_any_time(moment: datetime) -> None:
    expected = (moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    written = [moment.isoformat(sep) for sep in " T"] + [f"{moment.isoformat(' ')}+00:00"]
    assert {microseconds(text) for text in written} == {expected}
    assert {time_of_line(f"{text} [INFO] x") for text in written} == {expected}


numbers = st.floats(allow_nan=False, width=64)
words = st.text(st.sampled_from("abcdefghXYZé-_0123456789"), min_size=1, max_size=12).filter(
    lambda word: word.lower() not in {"none", "null", "nan"}
)
labels = words.filter(lambda word: not re.fullmatch(r"(?i)true|false|inf(inity)?|[-\d_.e]+", word))


@given(words, labels, st.one_of(numbers, labels), numbers, st.lists(numbers, min_size=2, max_size=5))
def test_what_is_written_is_read(
    id: str, label: str, feature: float | str, seconds: float, scores: list[float]
) -> None:
    line = f"INFO id <{id}> said <{label}> of <{feature}> in <{seconds}> s: {scores} end"
    pattern = "id <{id}> said <{prediction}> of <{x}> in <{seconds}> s: [{score}]"
    fields = said(pattern, line)[0][1]
    assert fields == {
        "id": id,
        "prediction": label,
        "features": {"x": feature},
        "seconds": seconds,
        "score": scores,
    }


@given(st.text(), st.sampled_from([*BUILT_IN.values(), *CONFIGURED.values()]))
def test_any_text_is_matched_or_not(text: str, pattern: Pattern) -> None:
    assert pattern.match(text) is None or pattern.kind == "error"


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("x {predicton}", "nothing comes of {predicton}; did you mean 'prediction'?"),
        ("x {label}", "did you mean 'prediction'?"),
        ("nothing", "it has no field, so that nothing comes of it"),
        ("{prediction}", "has no text that tells its lines from others"),
        ("x {prediction}{actual}", "nothing parts {prediction} from {actual}; write the text between"),
        ("x {prediction} {score}{id}", "nothing parts {score} from {id}"),
        ("x {score:.2f}", "{score:.2f} has a format; write {score}"),
        ("x {score!r}", "{score!r} has a format; write {score}"),
        ("x {} {score}", "{} has no name; write {_}"),
        ('{"id": {id}}', "a brace of the text twice: {{"),
        ("x {score", "a brace of the text twice: {{"),
        ("x {score} {score}", "{score} is there twice; write {_}"),
        ("it was {actual}", "{actual} alone belongs to no prediction; add {id}"),
        ("{prediction} known {known_at}", "add {actual}"),
        ("stage {stage} took {seconds} on {host}", "{host} has no place in a job, which has timestamp"),
        ({"regex": "(x"}, "'(x' is no regular expression: missing )"),
        ({"regex": "(?P<score>x)(?P<score>y)"}, "name each group once"),
        ({"regex": "abc"}, "it has no field"),
        ({"patern": "x {score}"}, "{'patern': 'x {score}'} is no pattern; valid are"),
        ({"pattern": "x {score}", "regex": "x"}, "is no pattern; valid are"),
        ({"pattern": 3}, "pattern is a text"),
        ({"timestamp": None}, "Quote a text that begins with a brace"),
        (["INFO"], "quote a text that begins with a bracket"),
        (None, "a pattern is a text, got None"),
        ({"pattern": "x {score}", "fields": {"score": 1}}, "{score} is there twice"),
    ],
)
def test_bad_patterns(spec: object, message: str) -> None:
    with pytest.raises(ModelError, match=r"^patterns: 'mine': ") as raised:
        Pattern.compile("mine", spec)
    assert message in str(raised.value)


ADVERSARIAL = [
    ("a {prediction} b {score} c {x} d", "a  b  c " * 100_000),
    ("a {prediction} b {score} c", "a " * 200_000 + " b x" + " b x c" * 100_000),
    ("{timestamp} stage {stage} took {seconds} s", " stage x took" * 50_000 + " s"),
    ("{timestamp} stage {stage} took {seconds} s", "2023-08-04 09:15:50 stage x took y s " * 20_000),
    ("{timestamp} x {score}", "1" * 500_000 + " x"),
    ("x {score}", "x " + "1 " * 250_000 + "z"),
    ("x {score}", "x " + "1," * 250_000),
    ("x {seconds} {score}", "x " + "1e" * 250_000),
    ("x {timestamp} b {score}", "x " + "2023-08-04 09:15:50 " * 25_000),
    ("x {prediction} aaaaab {id}", "x " + "a" * 500_000),
    ("{prediction} was said", " " * 500_000 + "was said"),
]


@pytest.mark.parametrize(("pattern", "line"), ADVERSARIAL)
def test_no_line_is_slow(pattern: str, line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At most TRIES passes over the line; backtracking, any of these would take hours."""
    passes = []
    spans = Template.spans

    def counted(self: Template, text: str, start: int = 0) -> Any:
        passes.append(start)
        return spans(self, text, start)

    monkeypatch.setattr(Template, "spans", counted)
    said(pattern, line)
    assert len(passes) <= len(TRIES)


@given(st.lists(st.sampled_from(["score", "timestamp", "prediction", "id"]), min_size=2, unique=True))
def test_every_choice_within_a_pass_is_final(fields: list[str]) -> None:
    """Each lazy quantifier is in an atomic group, each group followed by none but the next."""
    rest = Template.parse("a " + " b ".join(f"{{{field}}}" for field in fields) + " c").rest.pattern
    groups = re.findall(r"\(\?>.*?\.\*\?\)\\ [bc](?:\\ )?\)", rest)
    assert "".join(groups) == rest
    assert len(groups) == len(fields)
