"""watch: a model that records its own predictions."""

from __future__ import annotations

import inspect
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from watchkeeper.errors import WatchkeeperError
from watchkeeper.logger.logger import Logger
from watchkeeper.logger.rows import answers_of, arguments_of, ids_of, rows_of, scores_of

__all__ = ["Watched", "watch"]

METHODS = ("predict", "predict_proba", "__call__")


def watch(
    model: Any,
    log: Logger,
    *,
    version: str | None = None,
    features: Sequence[str] = (),
    positive: object = None,
    methods: Sequence[str] = METHODS,
) -> Watched:
    """Let ``predict``, ``predict_proba`` and calls of a model record themselves; all else is the model's.

    Each row is one prediction: its id from ``ids=`` in the call, or the index of a pandas frame unless that only
    counts, else a new one; ``seconds`` is how long the call took. A call that raises is recorded as an error, too.

    Parameters
    ----------
    model : estimator or any callable, ``async`` ones too
    log : the logger
    version : of the model
    features : names of the columns of arrays; default: the estimator's ``feature_names_in_``, or x0, x1, …
    positive : class whose probability is the score; default: the last one of two
    methods : those that record; where a service calls both ``predict`` and ``predict_proba`` for one
        request, name one of them

    Raises
    ------
    WatchkeeperError
        where the model has nothing to record

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Logger(folder) as log:
    ...     late = watch(lambda rows: [row["dep_hour"] > 17 for row in rows], log)
    ...     late([{"dep_hour": 5}, {"dep_hour": 19}], ids=["UA-1", "UA-2"])
    [False, True]
    """
    if not isinstance(log, Logger):
        raise WatchkeeperError(f"log: a Logger is needed, got {log!r}; watch(model, log)")
    found = [m for m in methods if m in METHODS and hasattr(model, m)]
    if not found:
        raise WatchkeeperError(
            f"methods: {model!r:.100} has none of {', '.join(methods)}; valid are {', '.join(METHODS)}"
        )
    return Watched(model, log, version, tuple(features), positive, tuple(found))


class Watched:
    """A model that records what it predicts; made by ``watch``."""

    def __init__(
        self,
        model: Any,
        log: Logger,
        version: str | None,
        features: tuple[str, ...],
        positive: object,
        methods: tuple[str, ...],
    ) -> None:
        self._model, self._log, self._version = model, log, version
        self._features, self._positive, self._methods = features, positive, methods

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = getattr(self._model, name)
        return self._recording(name, found) if name in self._methods else found

    def __call__(self, *args: Any, **given: Any) -> Any:
        if "__call__" in self._methods:
            return self._recording("__call__", self._model)(*args, **given)
        return self._model(*args, **given)

    def __repr__(self) -> str:
        return f"watch({self._model!r})"

    def _recording(self, name: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, ids: Iterable[Any] | None = None, **given: Any) -> Any:
            data = (
                arguments_of(method, args, given) if name == "__call__" else (*args, *given.values(), None)[0]
            )
            start = time.perf_counter()
            try:
                answer = method(*args, **given)
            except Exception as error:
                self._log.error(error, self._version, time.perf_counter() - start)
                raise
            if inspect.isawaitable(answer):
                return self._awaited(answer, name, data, ids, start)
            self._note(name, data, ids, answer, time.perf_counter() - start)
            return answer

        return call

    async def _awaited(self, answer: Awaitable[Any], name: str, data: Any, ids: Any, start: float) -> Any:
        try:
            result = await answer
        except Exception as error:
            self._log.error(error, self._version, time.perf_counter() - start)
            raise
        self._note(name, data, ids, result, time.perf_counter() - start)
        return result

    def _note(self, name: str, data: Any, ids: Any, answer: Any, seconds: float) -> None:
        """Record each row; whatever goes wrong here is not the service's."""
        try:
            rows = list(rows_of(data, self._names()))
            answers = answers_of(answer, len(rows))
            given = ids_of(data) if ids is None else [ids] if isinstance(ids, str) else list(ids)
            if given is not None and len(given) != len(rows):
                raise ValueError(f"{len(rows)} rows were given, but the ids are not as many", len(given))
            for row, said, key in zip(rows, answers, given or [None] * len(rows), strict=True):
                label, score = self._meant(name, said)
                self._log.prediction(
                    id=key,
                    features=row,
                    prediction=label,
                    score=score,
                    version=self._version,
                    seconds=seconds,
                )
        except Exception as error:
            self._log.fault("watch", error)

    def _meant(self, name: str, said: Any) -> tuple[Any, Any]:
        if name != "predict_proba":
            return said, None
        return scores_of(said, _list(getattr(self._model, "classes_", ())), self._positive)

    def _names(self) -> Sequence[str]:
        return self._features or [str(n) for n in _list(getattr(self._model, "feature_names_in_", ()))]


def _list(values: Any) -> list[Any]:
    return list(values.tolist() if hasattr(values, "tolist") else values)
