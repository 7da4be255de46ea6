"""Logger: what a service tells of its model."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, Any

from watchkeeper.logger.folder import bounds, prepared
from watchkeeper.logger.job import Job, error_text
from watchkeeper.logger.packing import encoded
from watchkeeper.logger.queue import Call, Made
from watchkeeper.logger.recorder import Recorder
from watchkeeper.logger.sampling import checked_rate, keeps
from watchkeeper.logger.times import micros
from watchkeeper.logger.values import id_text, number, scores, text

if TYPE_CHECKING:
    from watchkeeper.logger.privacy import Privacy

__all__ = ["Logger"]

ROWS = 500_000  # five seconds at 100,000 a second
BYTES = 256 << 20
EXIT = 5.0  # seconds


class Logger(Recorder):
    """Records what a model predicts and what happens, and never harms the service it sits in.

    Every method returns at once and raises nothing: a record that cannot be made or kept is counted, by reason, in
    ``dropped``, in the log itself and in one warning a minute of the logger ``watchkeeper``. A thread brings
    the records onto the disk every 50 ms; they are safe when ``flush`` says so. A process that forks goes on, and its
    children begin logs of their own.

    Parameters
    ----------
    workspace : folder; made where it is missing
    model : whose predictions these are; where ``models/<model>.yaml`` has ``drop`` or ``hash``, these apply before
        anything leaves the process
    sample : share of the ids that is kept, the same for predictions and outcomes; weights make up for it
    queue_rows, queue_bytes : what may wait for the disk; beyond that the newest records are dropped
    exit_seconds : how long the end of the process may take to write what waits

    Raises
    ------
    WatchkeeperError
        where the folder cannot be written, or an argument is wrong

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder, Logger(folder, model="flight-delay") as log:
    ...     log.prediction(id="UA-1545", features={"dep_hour": 5, "carrier": "UA"}, prediction=1, score=0.83)
    ...     log.outcome(id="UA-1545", actual=0)
    ...     log.flush()
    'UA-1545'
    True
    """

    def __init__(
        self,
        workspace: str | PathLike[str],
        model: str = "model",
        *,
        sample: float = 1.0,
        queue_rows: int = ROWS,
        queue_bytes: int = BYTES,
        exit_seconds: float = EXIT,
    ) -> None:
        folder, model = prepared(workspace, model)
        self._rate = checked_rate(sample)
        self._privacy = _privacy_of(folder, model)
        self._version: str | None = None
        super().__init__(folder, model, bounds(queue_rows, queue_bytes), exit_seconds, self._privacy is None)

    def prediction(
        self,
        *,
        id: object = None,
        features: Mapping[str, Any] | None = None,
        prediction: Any = None,
        score: Any = None,
        version: str | None = None,
        timestamp: Any = None,
        seconds: float | None = None,
        weight: float | None = None,
        subject: object = None,
    ) -> str:
        """Record a prediction.

        Parameters
        ----------
        id : by which its outcome will name it; None: a new one
        features : name → value; copied
        prediction : label or value
        score : probability of the positive class, or {class: probability}
        version : of the model; None: what ``version`` told last
        timestamp : of the event; None: now. Datetimes (without a zone: UTC), ISO text, seconds or
            milliseconds since 1970
        seconds : how long the answer took
        weight : how much it counts
        subject : whom it is about

        Returns
        -------
        the id as text; "" where the record was dropped before it had one
        """
        key = ""
        try:
            worker = self._worker or self._begin()
            key = (id if id.__class__ is str else id_text(id)) or worker.new_id()
            if version is None:
                version = self._version
            copied = dict(features) if features else {}
            call = (
                self,
                key,
                time_ns(),
                copied,
                prediction,
                score,
                version,
                timestamp,
                seconds,
                weight,
                subject,
            )
            waiting = worker.waiting
            if len(waiting) < worker.soon:
                waiting.append(call)
            else:
                worker.put(call)
        except Exception as error:
            self.fault("prediction", error)
        return key

    def made(self, call: Call) -> Made | None:
        """The row of a call of ``prediction``; None where it is not kept."""
        _, key, now, features, prediction, score, version, timestamp, seconds, weight, subject = call
        try:
            if self._rate < 1.0:
                if not keeps(key, self._rate):
                    return None
                weight = (number("weight", 1.0 if weight is None else weight) or 0.0) / self._rate
            if self._privacy is not None:
                features = self._privacy.features(features)
                key, subject = self._privacy.field("id", key), self._privacy.field("subject", subject)
            now //= 1000
            row = (
                key,
                now if timestamp is None else micros(timestamp),
                version if version is None else text(version),
                prediction,
                score if score is None or score.__class__ is float else scores(score),
                seconds if seconds is None or seconds.__class__ is float else number("seconds", seconds),
                weight if weight is None or weight.__class__ is float else number("weight", weight),
                None if subject is None else text(subject),
                now,
                *features.values(),
            )
            return tuple(features), encoded(row)
        except Exception as error:
            self.fault("prediction", error)
            return None

    def outcome(self, id: object, actual: Any, timestamp: Any = None, known_at: Any = None) -> None:
        """Record what really happened.

        Parameters
        ----------
        id : of the prediction
        actual : class or value
        timestamp : of the event; helps where an id is used more than once
        known_at : when it became known; None: now
        """
        try:
            key = id_text(id if self._privacy is None else self._privacy.field("id", id))
            if key is None:
                raise ValueError("the id of the prediction is missing")
            if self._rate == 1.0 or keeps(key, self._rate):
                now, known = time_ns() // 1000, micros(known_at, "known_at")
                row = (key, micros(timestamp), actual, now if known is None else known, now)
                self._record("outcome", row)
        except Exception as error:
            self.fault("outcome", error)

    def error(
        self, error: BaseException | str, version: str | None = None, seconds: float | None = None
    ) -> None:
        """Record a request that failed; the text is kept as it is, so keep persons out of your exceptions."""
        try:
            said = self._version if version is None else text(version)
            row = (time_ns() // 1000, said, error_text(error), number("seconds", seconds))
            self._record("error", row)
        except Exception as fault:
            self.fault("error", fault)

    def version(self, version: str, trained_at: Any = None) -> None:
        """Record a release; predictions and errors that name no version are this one's from now on."""
        try:
            name = text(version)
            if name is None:
                raise ValueError("the version is missing")
            self._version = name
            self._record("release", (time_ns() // 1000, name, micros(trained_at, "trained_at")))
        except Exception as error:
            self.fault("release", error)

    def metric(
        self,
        name: str,
        value: float,
        count: int | None = None,
        low: float | None = None,
        high: float | None = None,
        timestamp: Any = None,
    ) -> None:
        """Record a number that somebody else computed, with its 95 % interval and on how many rows it stands."""
        try:
            said = text(name)
            if said is None or number("value", value) is None:
                raise ValueError("a name and a value are needed")
            when = time_ns() // 1000 if timestamp is None else micros(timestamp)
            numbers = (
                number(*pair) for pair in (("value", value), ("low", low), ("high", high), ("count", count))
            )
            self._record("metric", (when, said, *numbers))
        except Exception as error:
            self.fault("metric", error)

    def job(self, name: str) -> Job:
        """A batch job, recorded when it ends: how long it took, its memory and CPU, its rows, its error.

        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder, Logger(folder) as log:
        ...     with log.job("nightly") as job:
        ...         job.rows = 1_000
        """
        return Job(self, name)

    def follow(self, job: Job, running: bool = True) -> None:
        """Let the worker look at a job's memory while it runs."""
        try:
            jobs = (self._worker or self._begin()).jobs
            jobs.add(job) if running else jobs.discard(job)
        except Exception as error:
            self.fault("job", error)

    def finished(self, row: tuple[Any, ...]) -> None:
        """Record a job that has ended."""
        try:
            self._record("job", row)
        except Exception as error:
            self.fault("job", error)


def _privacy_of(folder: Path, model: str) -> Privacy | None:
    """What must not leave the process; only a file of a model says so."""
    if not any((folder / "models").glob("*.yaml")):
        return None
    from watchkeeper.logger.privacy import privacy_of

    return privacy_of(folder, model)
