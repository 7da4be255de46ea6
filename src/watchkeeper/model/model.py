"""Model: what is watched."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Literal, TypeVar

from watchkeeper.errors import ModelError
from watchkeeper.model import validation
from watchkeeper.model.band import Band
from watchkeeper.model.band_key import BandKey
from watchkeeper.model.expression import Aggregate, kpi_of
from watchkeeper.model.keys import SYNONYMS
from watchkeeper.model.label import Label, label_of
from watchkeeper.model.nearest import did_you_mean
from watchkeeper.model.roles import check_names, check_together
from watchkeeper.model.segment import Segment, Split, split_of
from watchkeeper.model.span import ReferenceRule, microseconds_of
from watchkeeper.model.truth import Truth, truth_of
from watchkeeper.model.versions import DEFAULT, moment_of, references, trained
from watchkeeper.model.window import Window

if TYPE_CHECKING:
    from watchkeeper.model.inference import Data

__all__ = ["Model"]

CELLS = ("true_positive", "false_positive", "true_negative", "false_negative")
GROUPS = ("performance", "drift", "quality", "service")  # among which alpha is shared
T = TypeVar("T")


def _known_keys(cls: type[T]) -> type[T]:
    """Let an unknown key be a ModelError that names the right one, as it is in YAML."""
    construct = cls.__init__
    known = [f.name for f in fields(cls)]  # type: ignore[arg-type]

    @functools.wraps(construct)
    def init(self: T, /, *args: object, **given: object) -> None:
        if args:
            raise ModelError(
                f"{cls.__name__} takes keys by name only, such as name='flight-delay'; got {args[0]!r}"
            )
        for key in given:
            if key not in known:
                hint = did_you_mean(key, known, SYNONYMS)
                raise ModelError(f"unknown key {key!r}{hint or ';'} valid are {', '.join(known)}")
        construct(self, **given)

    type.__setattr__(cls, "__init__", init)
    return cls


@_known_keys
@dataclass(frozen=True, kw_only=True)
class Model:
    """What is watched: the roles of columns, and how to judge. Every role is optional.

    The same keys make a YAML file; ``docs/configuration.md`` has an example of each.

    Parameters
    ----------
    name : in results, and of the file
    task : "binary", "multiclass" or "regression"; None: data quality and drift of the features alone
    timestamp : column of when it happened; windows go by it
    id, version, weight, subject : columns of the prediction's id, the model's version, how much a row counts, and
        whom it is about
    timezone : whose midnights part the days, "Europe/Berlin"
    prediction : column of the label (classification) or value (regression) that the model said
    score : column of the probability of the positive class; multiclass: {class: column}
    threshold : makes a label of a score, where no label is logged: positive from it on
    outcome : column of what really happened; missing where it is not known yet
    positive : the class that is looked for; inferred where it is not set
    features : columns that are watched; None: every other column
    importance : {feature: how much the model relies on it}
    segments : parts of the rows: columns, ``Bins``, ``Where``, or lists of these, which are crossed
    window : what is judged at once: "1h", "6h", "1d", "1w", "1mo", "1000 rows"; None: all rows together
    reference : what "normal" is learned from, where ``check`` gets none: a path, "first 4w", "first 1000 rows";
        or of each version: {"2": "v2.parquet", "default": "first 4w"}
    bands : where a metric may be: {"accuracy": ">= 0.88", "missing_rate(x)": "<= 2 %", "recall[carrier=UA]": ">= 0.8"}
    costs : of a cell of the confusion matrix: {"false_negative": 12, "false_positive": 1}
    kpis : your own numbers: {"revenue": "sum(price)"}
    expected : what a metric should be: {"positive_rate": 0.2}
    alpha : how likely it may be that a model of which nothing changes ever alarms, all series together
    budget : how alpha is shared: by group ("performance", "drift", "quality", "service"), and how much more than
        others a series of a group gets: {"performance": 0.7, "recall[carrier=UA]": 3}
    least_effect : changes smaller than this are not told, in the metric's own unit: {"accuracy": 0.01}
    windows : "exchangeable", or "independent" where it is known that nothing but chance moves them
    truth : when outcomes are known, and what their absence means: ``Truth("90d", absent=0)``
    grace : how long after its end a window is still open: "1h"
    drop : columns that are never stored
    hash : columns of which only a keyed hash is stored
    trained : {version: when it was trained}

    Raises
    ------
    ModelError
        for whatever can be known to be wrong without data; the message names the key

    Examples
    --------
    >>> model = Model(name="flight-delay", task="binary", prediction="late", outcome="delayed",
    ...               segments=["carrier", ["origin", "carrier"]], bands={"accuracy": ">= 0.88"})
    >>> [split.by for split in model.segmentations]
    ['carrier', 'origin × carrier']
    >>> model.band_for("accuracy").low
    0.88
    >>> Model(treshold=0.5)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    watchkeeper.errors.ModelError: unknown key 'treshold'; did you mean 'threshold'? valid are name, task, ...
    """

    name: str = "model"
    task: Literal["binary", "multiclass", "regression"] | None = None
    timestamp: str | None = None
    id: str | None = None
    version: str | None = None
    weight: str | None = None
    subject: str | None = None
    timezone: str = "UTC"
    prediction: str | None = None
    score: str | Mapping[object, str] | None = None
    threshold: float | None = None
    outcome: str | None = None
    positive: object = None
    features: Sequence[str] | None = None
    importance: Mapping[str, float] = field(default_factory=dict)
    segments: Sequence[Segment] = ()
    window: str | None = "1d"
    reference: str | PathLike[str] | Mapping[str, str | PathLike[str]] | None = None
    bands: Mapping[str, Band | str] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)
    kpis: Mapping[str, str] = field(default_factory=dict)
    expected: Mapping[str, float] = field(default_factory=dict)
    alpha: float = 0.01
    budget: Mapping[str, float] = field(default_factory=dict)
    least_effect: Mapping[str, float] = field(default_factory=dict)
    windows: Literal["exchangeable", "independent"] = "exchangeable"
    truth: Truth | Mapping[str, object] | None = None
    grace: str | None = None
    drop: Sequence[str] = ()
    hash: Sequence[str] = ()
    trained: Mapping[str, str | date] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key, value in _checked(self).items():
            object.__setattr__(self, key, value)
        check_together(self)

    def __hash__(self) -> int:
        return hash((self.name, self.task, self.prediction, self.outcome, self.window))

    # what the keys mean

    @cached_property
    def segmentations(self) -> tuple[Split, ...]:
        """The segments, each as a ``Split`` with its parts and its name ``by``."""
        return tuple(split_of(s) for s in self.segments)

    @cached_property
    def version_segments(self) -> frozenset[str]:
        """The segmentations by the version, alone or crossed.

        >>> sorted(Model(version="v", segments=["v", "carrier", ["v", "carrier"]]).version_segments)
        ['v', 'v × carrier']
        """
        return frozenset(split.by for split in self.segmentations if self.version in split.parts)

    @cached_property
    def parsed_window(self) -> Window:
        return Window.parse(self.window)

    @cached_property
    def parsed_reference(self) -> ReferenceRule | None:
        """What "normal" is learned from where a version has nothing of its own."""
        rule = self.reference_for()
        return None if rule is None else ReferenceRule.parse(rule)

    def reference_for(self, version: str | None = None) -> str | None:
        """The reference of a version: its own, else the default one; a path or a rule.

        >>> model = Model(reference={"2": "v2.parquet", "default": "first 4w"})
        >>> model.reference_for("2"), model.reference_for("3")
        ('v2.parquet', 'first 4w')
        """
        if not isinstance(self.reference, Mapping):
            return None if self.reference is None else str(self.reference)
        found = self.reference.get(str(version), self.reference.get(DEFAULT))
        return None if found is None else str(found)

    @cached_property
    def own_references(self) -> dict[str, ReferenceRule]:
        """Version → what "normal" is learned from for it alone.

        >>> {v: r.kind for v, r in Model(reference={"2": "v2.parquet", "default": "first 4w"}).own_references.items()}
        {'2': 'path'}
        """
        given = self.reference if isinstance(self.reference, Mapping) else {}
        return {v: ReferenceRule.parse(str(rule)) for v, rule in given.items() if v != DEFAULT}

    @cached_property
    def parsed_truth(self) -> Truth | None:
        return truth_of(self.truth)

    @cached_property
    def parsed_trained(self) -> dict[str, datetime]:
        """Version → when it was trained, UTC."""
        return {version: moment_of(str(when), self.timezone) for version, when in self.trained.items()}

    @cached_property
    def grace_us(self) -> int:
        """Microseconds for which a window stays open after its end."""
        return 0 if self.grace is None else microseconds_of("grace", self.grace)

    @cached_property
    def parsed_kpis(self) -> dict[str, tuple[Aggregate, str]]:
        """Name → (aggregate, SQL expression)."""
        return {name: kpi_of(name, text) for name, text in self.kpis.items()}

    @cached_property
    def parsed_bands(self) -> dict[BandKey, Band]:
        return {BandKey.parse(k): b if isinstance(b, Band) else Band(b) for k, b in self.bands.items()}

    @cached_property
    def score_columns(self) -> dict[Label, str]:
        """Multiclass: class → column of its probability; empty where ``score`` is one column or none."""
        return {label_of(c): n for c, n in self.score.items()} if isinstance(self.score, Mapping) else {}

    @cached_property
    def roles(self) -> dict[str, str]:
        """Column → the key that names it (``score`` for each class's column); features apart."""
        single = ("timestamp", "id", "version", "weight", "subject", "prediction", "score", "outcome")
        named = {getattr(self, key): key for key in single if isinstance(getattr(self, key), str)}
        return named | dict.fromkeys(self.score_columns.values(), "score")

    def band_for(
        self,
        metric: str,
        column: str | None = None,
        segment_by: str | None = None,
        segment: str | None = None,
    ) -> Band | None:
        """The band that a number is judged by, or None: the nearest of those that cover it.

        A key without a column covers every column, one with ``[carrier]`` every value of that segment; a key
        without a segment covers all rows together and no segment.

        >>> bands = {"missing_rate": "<= 0.1", "missing_rate(visib)": "<= 0.02"}
        >>> model = Model(segments=["carrier"], bands=bands)
        >>> model.band_for("missing_rate", "visib").high, model.band_for("missing_rate", "temp").high
        (0.02, 0.1)
        >>> model.band_for("missing_rate", "visib", "carrier", "UA")
        """
        if not self.bands:  # asked of every number there is
            return None
        return BandKey(metric, column, segment_by, segment).nearest(self.parsed_bands)

    def budget_for(
        self,
        metric: str,
        column: str | None = None,
        segment_by: str | None = None,
        segment: str | None = None,
    ) -> float:
        """How much more than others of its group a series gets of alpha; 1 where the budget says nothing of it.

        >>> Model(budget={"performance": 0.7, "recall": 3}).budget_for("recall")
        3.0
        """
        found = BandKey(metric, column, segment_by, segment).nearest(self.parsed_budget)
        return 1.0 if found is None else found

    def least_effect_for(
        self,
        metric: str,
        column: str | None = None,
        segment_by: str | None = None,
        segment: str | None = None,
    ) -> float:
        """How large a change of a number has to be to be told; 0 where nothing is said of it.

        >>> Model(least_effect={"jensen_shannon": 0.05}).least_effect_for("jensen_shannon", "dep_hour")
        0.05
        """
        return BandKey(metric, column, segment_by, segment).nearest(self.parsed_least_effect) or 0.0

    @cached_property
    def parsed_least_effect(self) -> dict[BandKey, float]:
        return {BandKey.parse(key): float(size) for key, size in self.least_effect.items()}

    @cached_property
    def parsed_budget(self) -> dict[BandKey, float]:
        """What the budget says of series, not of groups."""
        return {BandKey.parse(key): float(share) for key, share in self.budget.items() if key not in GROUPS}

    def check_metrics(self, known: Iterable[str], *, told: bool = False) -> None:
        """Compare the metrics that ``bands``, ``expected``, ``budget`` and ``least_effect`` name with those there are.

        Parameters
        ----------
        told : whether ``log.metric`` may tell others, so that a name that is like none of them is no slip

        Raises
        ------
        ModelError
            names the first that is not known, and the nearest one; or a KPI that takes a metric's name
        """
        check_names(self, list(known), told)

    # files

    @classmethod
    def from_dict(cls, keys: Mapping[str, object]) -> Model:
        """The model that plain keys describe, as a YAML file holds them.

        >>> Model.from_dict({"segments": [{"bins": {"column": "age", "edges": [40]}}]}).segmentations[0].by
        'age'
        """
        from watchkeeper.model.document import model_of

        return model_of(keys)

    def to_dict(self) -> dict[str, object]:
        """Plain keys, without those at their default; ``from_dict`` gives an equal model."""
        from watchkeeper.model.document import dict_of

        return dict_of(self)

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Model:
        """Read a YAML file.

        Raises
        ------
        ModelError
            names the file, the line where that is known, and what is wrong
        """
        from watchkeeper.model.document import load

        return load(path)

    def save(self, path: str | PathLike[str]) -> None:
        """Write a YAML file (its folder is made where it is missing); ``load`` gives an equal model."""
        from watchkeeper.model.document import save

        save(self, path)

    @classmethod
    def infer(cls, reference: Data, name: str | None = None) -> Model:
        """Guess a model from data: roles, task, window. ``watchkeeper.model.infer`` also gives the reasons.

        Parameters
        ----------
        reference : path, glob or any frame
        name : default: the file's name
        """
        from watchkeeper.model.inference import infer

        return infer(reference, name).model


def _checked(model: Model) -> dict[str, object]:
    """Every field in its one form."""
    single = ("timestamp", "id", "version", "weight", "subject", "prediction", "outcome")
    if isinstance(model.segments, str | Mapping) or not isinstance(model.segments, Iterable):
        example = [model.segments] if isinstance(model.segments, str) else ["carrier"]
        raise ModelError(f"segments: a list is needed, got {model.segments!r}; write {example}")
    return {
        **{key: validation.column(key, getattr(model, key)) for key in single},
        "name": validation.name("name", model.name),
        "task": validation.task("task", model.task),
        "timezone": validation.timezone("timezone", model.timezone),
        "score": validation.score("score", model.score),
        "threshold": None
        if model.threshold is None
        else validation.share("threshold", model.threshold, closed=True),
        "positive": None if model.positive is None else validation.class_of("positive", model.positive),
        "features": validation.columns("features", model.features),
        "importance": validation.numbers("importance", model.importance, least=0.0),
        "segments": tuple(tuple(s) if isinstance(s, list) else s for s in model.segments),
        "reference": None if model.reference is None else references(model.reference),
        "bands": validation.bands("bands", model.bands),
        "costs": validation.numbers("costs", model.costs, CELLS),
        "kpis": validation.texts("kpis", model.kpis),
        "expected": validation.numbers("expected", model.expected),
        "alpha": validation.share("alpha", model.alpha, closed=False),
        "budget": validation.numbers("budget", model.budget, least=0.0),
        "least_effect": validation.effects("least_effect", model.least_effect),
        "windows": validation.choice("windows", model.windows, ("exchangeable", "independent")),
        "truth": truth_of(model.truth),
        "drop": validation.columns("drop", model.drop) or (),
        "hash": validation.columns("hash", model.hash) or (),
        "trained": trained(model.trained),
    }
